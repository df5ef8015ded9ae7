package enginetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// changing is a world of courses whose source says when each was changed.
func changing(t testing.TB, e engine, incremental string) *world {
	t.Helper()
	w := courses(t, e, retiring)
	w.exec(w.source, "ALTER TABLE src_course ADD changed "+e.types["tstz"])
	w.exec(w.source, "ALTER TABLE src_course ADD version "+e.types["int"])
	w.exec(w.source, "ALTER TABLE src_course ADD day "+e.types["date"])
	w.exec(w.source, "ALTER TABLE src_course ADD wall "+e.types["stamp"])
	w.edit("  lifecycle {", "  incremental {\n"+incremental+"\n  }\n  lifecycle {")
	return w
}

const sinceChanged = `    watermark = row.changed
    full_every = "24h"`

// at is a time of the source's clock, which no test lets be the client's.
func at(clock string) string { return "2026-08-15 " + clock + "Z" }

// change inserts or updates a record, at a time of the source's clock; "" for NULL.
func (w *world) change(code, title, clock string) {
	w.Helper()
	changed := "NULL"
	if clock != "" {
		changed = "'" + at(clock) + "'"
	}
	w.exec(w.source, fmt.Sprintf("DELETE FROM src_course WHERE code = '%s'", code))
	w.exec(w.source, fmt.Sprintf("INSERT INTO src_course (code, title, hours, changed) VALUES ('%s', '%s', 1, %s)", code, title, changed))
}

// full plans with --full.
func (w *world) full() *plan.Plan {
	w.Helper()
	opts := w.options()
	opts.Full = true
	p, err := plan.Make(w.Context(), w.load(), opts)
	w.must(err)
	w.now = w.now.Add(time.Minute)
	return p
}

// wantRead compares how much of the source the only sync's plan read: "partial" and the number of
// records, or "full: " and a part of the reason.
func (w *world) wantRead(p *plan.Plan, want string) {
	w.Helper()
	s := p.Syncs()[0]
	got := fmt.Sprintf("%s %d", s.Incremental.Mode, s.SourceRows)
	if reason, isFull := strings.CutPrefix(want, "full: "); isFull {
		if s.Incremental.Mode != register.ReadAll || !strings.Contains(s.Incremental.Why, reason) {
			w.Fatalf("the plan is %s because %q, want it full because %q", got, s.Incremental.Why, reason)
		}
		return
	}
	if got != want || s.Incremental.Why != "" {
		w.Fatalf("the plan is %s (since %s) because %q, want %s", got, s.Incremental.Since, s.Incremental.Why, want)
	}
}

// read plans, compares what was read and what is planned, and applies.
func (w *world) read(want, does string) {
	w.Helper()
	p := w.plan()
	w.wantRead(p, want)
	w.wantCounts(p, does)
	w.apply(p)
}

func (w *world) wantTitles(want ...string) {
	w.Helper()
	w.wantRowsOf("SELECT code, title, CASE WHEN gone_on IS NULL THEN '-' ELSE 'd' END FROM course ORDER BY code", want...)
}

func TestIncremental(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.change("A", "Algebra", "08:00:00")
		w.change("B", "Botany", "09:00:00")
		w.change("C", "Chemistry", "")
		w.read("full: no plan of the sync has been applied", "insert 3")
		// At 09:00 less ten minutes, and what has no time at all.
		w.read("partial 2", "nothing")

		w.change("D", "Drama", "09:30:00")
		w.change("A", "Analysis", "09:31:00")
		w.change("C", "Chemistry II", "")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'B'")
		w.read("partial 3", "insert 1, update 2")
		w.wantTitles("A|Analysis|-", "B|Botany|-", "C|Chemistry II|-", "D|Drama|-")

		// Nothing at all is no empty source, and what is gone waits for a full comparison.
		w.exec(w.source, "DELETE FROM src_course WHERE code <> 'D'")
		w.exec(w.source, "UPDATE src_course SET changed = '"+at("07:00:00")+"'")
		p := w.plan()
		w.wantRead(p, "partial 0")
		if p.Held() || p.Changes() {
			t.Fatalf("held %v, %s", p.Held(), counts(p))
		}
		w.apply(p)
		w.now = w.now.Add(24 * time.Hour)
		p = w.plan()
		w.wantRead(p, "full: full_every is 24h")
		w.wantCounts(p, "archive 3")
		w.apply(p)
		w.wantTitles("A|Analysis|d", "B|Botany|d", "C|Chemistry II|d", "D|Drama|-")

		// What is back is undeleted by either.
		w.change("A", "Again", "10:00:00")
		w.read("partial 2", "undelete 1")
		w.wantTitles("A|Again|-", "B|Botany|d", "C|Chemistry II|d", "D|Drama|-")
		if s := p.Syncs()[0].Incremental; s.FullOn.After(w.now) || !s.FullAfter.Equal(s.FullOn.Add(24*time.Hour)) {
			t.Errorf("full on %s, again after %s", s.FullOn, s.FullAfter)
		}
	})
}

// A full comparison finds the same watermark whether rows are decoded or not.
func TestWatermarkOfEitherPath(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		var marks []string
		for _, title := range []string{"row.title", "trim(row.title)"} {
			w := changing(t, e, sinceChanged)
			w.edit("title = row.title", "title = "+title)
			w.change("A", "Algebra", "08:00:00.25")
			w.change("B", "Botany", "")
			w.change("C", "Chemistry", "07:00:00")
			w.exec(w.source, "INSERT INTO src_course (code, title, hours, changed) VALUES ('X', 'Mistyped', 1, '2062-08-15 08:00:00Z')")
			p := w.plan()
			w.wantRead(p, "full: ")
			if s := p.Syncs()[0]; s.SourceRows != 4 || s.Incremental.FullRows != 4 {
				t.Errorf("%d of %d rows read, want 4", s.SourceRows, s.Incremental.FullRows)
			}
			marks = append(marks, p.Syncs()[0].Incremental.Kind+" "+p.Syncs()[0].Incremental.Watermark)
		}
		if want := "timestamp with time zone 2026-08-15 08:00:00.25Z"; marks[0] != want || marks[1] != want {
			t.Errorf("watermarks %q, want %q", marks, want)
		}
	})
}

// What commits late is seen within the overlap, what has the watermark's very time always.
func TestOverlap(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for name, c := range map[string]struct{ overlap, late, missed string }{
			"default": {"", "08:50:00", "08:49:59"},
			"none":    {`    overlap = "0s"`, "09:00:00", "08:59:59"},
		} {
			t.Run(name, func(t *testing.T) {
				w := changing(t, e, sinceChanged+"\n"+c.overlap)
				w.change("A", "Algebra", "09:00:00")
				w.read("full: ", "insert 1")
				w.change("L", "Late", c.late)
				w.change("M", "Missed", c.missed)
				w.read("partial 2", "insert 1")
				w.wantTitles("A|Algebra|-", "L|Late|-")
				p := w.full()
				w.wantRead(p, "full: --full")
				w.wantCounts(p, "insert 1")
			})
		}
	})
}

func TestWatermarkTypes(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, c := range []struct{ column, first, next, missed string }{
			{"version", "41", "41", "40"},
			{"day", "'2026-08-15'", "'2026-08-14'", "'2026-08-13'"},
			// An hour more than an instant: the clocks may have been put back.
			{"wall", "'2026-08-15 09:00:00'", "'2026-08-15 07:50:00'", "'2026-08-15 07:49:59'"},
		} {
			t.Run(c.column, func(t *testing.T) {
				w := changing(t, e, "    watermark = row."+strings.ToUpper(c.column))
				for code, v := range map[string]string{"A": c.first, "B": c.missed} {
					w.exec(w.source, fmt.Sprintf("INSERT INTO src_course (code, title, hours, %s) VALUES ('%s', 'x', 1, %s)", c.column, code, v))
				}
				w.read("full: ", "insert 2")
				for code, v := range map[string]string{"C": c.next, "D": c.missed} {
					w.exec(w.source, fmt.Sprintf("INSERT INTO src_course (code, title, hours, %s) VALUES ('%s', 'x', 1, %s)", c.column, code, v))
				}
				w.read("partial 2", "insert 1")
				w.wantTitles("A|x|-", "B|x|-", "C|x|-")
			})
		}
	})
}

// A query keeps its params, and its own clauses.
func TestIncrementalQuery(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.edit(`table = "src_course"`, `query = "SELECT code, title, hours, changed FROM src_course WHERE hours = :hours AND (title <> :not OR 1 = 0) ORDER BY code -- all"
    params = { hours = 1, not = "never" }`)
		w.change("A", "Algebra", "08:00:00")
		w.change("B", "Botany", "09:00:00")
		w.change("N", "never", "09:00:00")
		w.read("full: ", "insert 2")
		w.change("A", "Analysis", "09:01:00")
		w.change("N", "never", "09:02:00")
		w.read("partial 2", "update 1")
	})
}

// A watermark counts once its plan is applied, and only if that left nothing undone.
func TestWatermarkAdvances(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.change("A", "Algebra", "08:00:00")
		w.change("B", "Botany", "08:00:00")
		w.read("full: ", "insert 2")

		// Not applied.
		w.change("C", "Chemistry", "09:00:00")
		w.wantCounts(w.plan(), "insert 1")
		w.change("D", "Drama", "09:00:01")
		p := w.plan()
		w.wantRead(p, "partial 4")
		w.wantCounts(p, "insert 2")

		// Applied in vain.
		w.exec(w.dest, "INSERT INTO course (code, title, hours, origin) VALUES ('C', 'By hand', 1, 'OURS')")
		if _, err := w.tryApply(p); err == nil {
			t.Fatal("a stale plan was applied")
		}
		w.read("partial 4", "insert 1, update 1")
		w.read("partial 2", "nothing")

		// Two plans of one base: the later one applied first.
		w.change("A", "Analysis", "10:00:00")
		first := w.plan()
		w.change("B", "Biology", "11:00:00")
		second := w.plan()
		w.wantCounts(second, "update 2")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'D'")
		w.apply(first)
		if _, err := w.tryApply(second); err == nil {
			t.Fatal("a stale plan was applied")
		}
		w.read("partial 2", "update 1")
		first = w.plan()
		w.change("E", "Ethics", "12:00:00")
		second = w.plan()
		w.apply(first)
		w.apply(second)
		w.read("full: between the making and the applying of the last one", "archive 1")
	})
}

// Rejected, and then mended without touching the time: still seen, whether the plan was full or not.
func TestRejectedIsReadAgain(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.edit("  incremental {", "  assert \"taught\" {\n    condition = row.hours > 0\n    message   = \"no hours\"\n  }\n  incremental {")
		w.change("A", "Algebra", "08:00:00")
		w.change("B", "Botany", "09:00:00")
		w.exec(w.source, "UPDATE src_course SET hours = 0 WHERE code = 'A'")
		w.read("full: ", "insert 1")
		w.exec(w.source, "UPDATE src_course SET hours = 1")
		w.read("full: left something undone (1 rejected)", "insert 1")

		w.change("C", "Chemistry", "10:00:00")
		w.change("D", "Drama", "11:00:00")
		w.exec(w.source, "UPDATE src_course SET hours = 0 WHERE code = 'C'")
		w.read("partial 3", "insert 1")
		w.exec(w.source, "UPDATE src_course SET hours = 1")
		// From 09:00 on, as before.
		w.read("partial 3", "insert 1")
		w.read("partial 1", "nothing")
	})
}

// Whatever a full comparison is made for, what it rejects is read again; here a moved block asks for it.
func TestRejectedByAnyFullPlanIsReadAgain(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.edit("  incremental {", "  assert \"taught\" {\n    condition = row.hours > 0\n    message   = \"no hours\"\n  }\n  incremental {")
		w.write("main.hcl", string(w.load().Files["main.hcl"])+"\nmoved {\n  sync = sync.courses\n  from = \"B\"\n  to   = \"B2\"\n}\n")
		w.change("A", "Algebra", "08:00:00")
		w.change("B", "Botany", "07:00:00")
		w.change("Z", "Zoology", "12:00:00")
		w.read("full: no plan", "insert 3")
		// A changes, and is mended, without its time being touched.
		w.exec(w.source, "UPDATE src_course SET hours = 0, title = 'Analysis' WHERE code = 'A'")
		w.change("B2", "Botany", "12:00:01")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'B'")
		w.read("full: moved block", "rename 1")
		w.exec(w.source, "UPDATE src_course SET hours = 1")
		w.read("full: left something undone (1 rejected)", "update 1")
		w.wantTitles("A|Analysis|-", "B2|Botany|-", "Z|Zoology|-")
		w.read("partial 2", "nothing")
	})
}

// Another's key is ours when it is given up, without the record being touched.
func TestIgnoredIsReadAgain(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.change("A", "Algebra", "08:00:00")
		w.read("full: ", "insert 1")
		w.exec(w.dest, "INSERT INTO course (code, title, origin) VALUES ('H', 'By hand', 'HAND')")
		w.change("H", "Ours", "09:00:00")
		w.change("Z", "Zoology", "11:00:00")
		w.read("partial 3", "insert 1")
		w.exec(w.dest, "DELETE FROM course WHERE origin = 'HAND'")
		w.read("partial 3", "insert 1")
		w.read("partial 1", "nothing")
	})
}

func TestFullAgain(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.change("A", "Algebra", "08:00:00")
		w.read("full: ", "insert 1")
		text := string(w.load().Files["main.hcl"])

		// Another configuration may mean another thing by each record.
		w.edit("title = row.title", "title = upper(row.title)")
		w.read("full: the configuration", "update 1")
		w.write("main.hcl", text)
		w.read("full: the configuration", "update 1")
		w.read("partial 1", "nothing")

		// Applied in between, under another configuration that is gone again.
		w.edit("title = row.title", "title = upper(row.title)")
		other, edited := w.plan(), string(w.load().Files["main.hcl"])
		w.write("main.hcl", text)
		waiting := w.plan()
		w.write("main.hcl", edited)
		w.apply(other)
		w.write("main.hcl", text)
		w.apply(waiting)
		w.read("full: between the making", "update 1")

		// The column's type is another one.
		w.exec(w.source, "ALTER TABLE src_course DROP COLUMN changed")
		w.exec(w.source, "ALTER TABLE src_course ADD changed "+e.types["int"])
		w.read("full: not of the type", "nothing")
		w.read("full: found no watermark", "nothing")
		w.exec(w.source, "UPDATE src_course SET changed = 7")
		w.read("full: found no watermark", "nothing")
		w.read("partial 1", "nothing")

		// A machine whose clock was ahead must not put the next one off for ever.
		w.now = w.now.Add(-2 * time.Hour)
		if p := w.plan(); p.Syncs()[0].Incremental.Mode != register.ReadAll {
			t.Error("the last full comparison lies in the future, and that is no reason for another")
		}
	})
}

// A time far in the future, which somebody mistyped, hides nothing.
func TestWatermarkAhead(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.change("A", "Algebra", "08:00:00")
		w.change("X", "Mistyped", "08:00:00")
		w.exec(w.source, "UPDATE src_course SET changed = '2062-08-15 08:00:00Z' WHERE code = 'X'")
		w.read("full: ", "insert 2")
		w.change("A", "Analysis", "09:00:00")
		w.read("partial 2", "update 1")
	})
}

// What a partial plan does not see, it does not remove; a share of rejects is one of the whole source, and
// guards measure the next full comparison by the last one.
func TestGuardsOfPartialPlans(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.edit(`max_reject = "100%"`, "max_reject = \"30%\"\n    min_source_ratio = \"80%\"\n    min_source_rows = 4")
		for i, code := range []string{"A", "B", "C", "D", "E"} {
			w.change(code, "x", fmt.Sprintf("0%d:00:00", i+1))
		}
		w.read("full: ", "insert 5")
		w.change("E", "y", "09:00:00")
		p := w.plan()
		w.wantRead(p, "partial 1")
		if p.Held() {
			t.Fatalf("held: %s", p.Syncs()[0].Held)
		}
		w.apply(p)
		w.edit("  incremental {", "  assert \"taught\" {\n    condition = row.hours > 0\n    message   = \"no hours\"\n  }\n  incremental {")
		w.read("full: configuration", "nothing")
		w.change("E", "z", "10:00:00")
		w.exec(w.source, "UPDATE src_course SET hours = 0 WHERE code = 'E'")
		if p = w.plan(); p.Held() { // one of five
			t.Fatalf("held: %s", p.Syncs()[0].Held)
		}
		w.apply(p)
		w.exec(w.source, "DELETE FROM src_course WHERE code IN ('A', 'B')")
		if p = w.plan(); p.Held() {
			t.Fatalf("held: %s", p.Syncs()[0].Held)
		}
		if p = w.full(); !strings.Contains(p.Syncs()[0].Held, "the last applied plan's had 5") {
			t.Fatalf("held = %q", p.Syncs()[0].Held)
		}
	})
}

// A record whose key changed is new; its old row stays until a full comparison, and a moved block
// gets one.
func TestIncrementalKeyChange(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.change("A", "Algebra", "08:00:00")
		w.change("B", "Botany", "07:00:00")
		w.read("full: ", "insert 2")
		w.exec(w.source, "UPDATE src_course SET code = 'A2', changed = '"+at("09:00:00")+"' WHERE code = 'A'")
		p := w.plan()
		w.wantRead(p, "partial 1")
		w.wantCounts(p, "insert 1")
		w.wantCounts(w.full(), "insert 1, archive 1")

		text := string(w.load().Files["main.hcl"])
		moved := "\nmoved {\n  sync = sync.courses\n  from = %q\n  to   = %q\n}\n"
		w.write("main.hcl", text+fmt.Sprintf(moved, "A", "A2")+fmt.Sprintf(moved, "B", "B2"))
		w.read("full: configuration", "rename 1")
		// B is not moved yet, and only the whole source can tell when it is.
		w.read("full: moved block", "nothing")
		w.change("B2", "Botany", "10:00:00")
		w.planError("Record moved, but still there")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'B'")
		w.read("full: moved block", "rename 1")
		w.read("partial 1", "nothing")
		w.wantTitles("A2|Algebra|-", "B2|Botany|-")
	})
}

// Rows are purged by full comparisons only: a record that comes back must be seen first.
func TestIncrementalPurge(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.edit("on_missing = \"archive\"", "on_missing = \"archive\"\n    purge_after = \"1h\"")
		w.change("A", "Algebra", "08:00:00")
		w.change("B", "Botany", "08:00:00")
		w.read("full: ", "insert 2")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.apply(w.full())
		w.wantTitles("A|Algebra|d", "B|Botany|-")
		w.now = w.now.Add(2 * time.Hour)
		w.read("partial 1", "nothing")
		w.wantCounts(w.full(), "purge 1")
	})
}

// A parent that came later is found, and one that another row took the place of at the full comparison.
func TestIncrementalLookup(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.define("room", "id id", "code text NOT NULL UNIQUE")
		w.exec(w.dest, "ALTER TABLE course ADD room_id "+e.types["int"])
		w.exec(w.dest, "INSERT INTO room (id, code) VALUES (1, 'R1')")
		w.exec(w.source, "ALTER TABLE src_course ADD room "+e.types["text"])
		w.edit("hours = row.hours", "hours = row.hours\n    room_id = lookup(\"room\", \"id\", { code = row.room })")
		w.change("A", "Algebra", "08:00:00")
		w.exec(w.source, "UPDATE src_course SET room = 'R1'")
		w.read("full: ", "insert 1")
		w.change("B", "Botany", "09:00:00")
		w.exec(w.source, "UPDATE src_course SET room = 'R2' WHERE code = 'B'")
		w.change("C", "Chemistry", "12:00:00")
		w.read("partial 3", "insert 1")
		w.exec(w.dest, "INSERT INTO room (id, code) VALUES (2, 'R2')")
		w.read("partial 3", "insert 1")
		w.exec(w.dest, "UPDATE room SET code = 'R0' WHERE id = 1")
		w.exec(w.dest, "INSERT INTO room (id, code) VALUES (3, 'R1')")
		w.read("partial 1", "nothing")
		w.wantCounts(w.full(), "update 1")
	})
}

func TestIncrementalRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.change("A", "Algebra", "08:00:00")
		text := string(w.load().Files["main.hcl"])
		for incremental, want := range map[string]string{
			"    watermark = row.title":                        "Watermark cannot be compared",
			"    watermark = row.hours\n    overlap = \"10m\"": "Overlap does not fit",
			"    watermark = row.never":                        "Unknown source column",
		} {
			w.write("main.hcl", strings.Replace(text, sinceChanged, incremental, 1))
			w.planError(want)
		}
	})
}

// Parents cannot go before rows that only a full comparison removes: the plan says what helps.
func TestIncrementalBelowParents(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := chain(t, e)
		w.exec(w.source, "ALTER TABLE src_room ADD version "+e.types["int"])
		w.exec(w.source, "UPDATE src_room SET version = 5 WHERE building = 'B1'")
		w.exec(w.source, "UPDATE src_room SET version = 4 WHERE building = 'B2'")
		w.edit("  lifecycle {", "  incremental {\n    watermark = row.version\n  }\n  lifecycle {")
		w.apply(w.plan())
		w.exec(w.source, "DELETE FROM src_room WHERE building = 'B2'")
		w.exec(w.source, "DELETE FROM src_building WHERE code = 'B2'")
		p := w.plan()
		w.wantCounts(p, "delete 1")
		for _, s := range p.Syncs() {
			if s.Sync == "sync.building" && (!strings.HasSuffix(s.Blocked, "plan with --full if their rows are in the way") || plan.Liftable(&s) != "") {
				t.Errorf("blocked = %q, held = %q", s.Blocked, s.Held)
			}
		}
		if !p.Blocked() {
			t.Error("the plan is not held")
		}
		p = w.full()
		w.wantCounts(p, "delete 3")
		w.apply(p)
		w.wantRowsOf(chainState, "R1|B1|S1")
	})
}

// What a check finds among the staged rows, it finds again.
func TestCheckedIsReadAgain(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.write("check.hcl", `
check "untaught" {
  severity = "warning"
  sync     = sync.courses
  where    = row.hours == 0
  message  = "${row.code} has no hours"
}
`)
		w.change("A", "Algebra", "08:00:00")
		w.read("full: ", "insert 1")
		w.change("B", "Botany", "10:00:00")
		w.exec(w.source, "UPDATE src_course SET hours = 0 WHERE code = 'B'")
		w.read("partial 2", "insert 1")
		w.change("C", "Chemistry", "12:00:00")
		p := w.plan()
		w.wantRead(p, "partial 3")
		if n := p.Destinations[0].Checks[0].Findings; n != 1 {
			t.Errorf("the check found %d, want the one that is still there", n)
		}
		w.exec(w.source, "UPDATE src_course SET hours = 1")
		w.read("partial 3", "insert 1, update 1")
		w.read("partial 1", "nothing")
	})
}

// A time that is not shown stays in the register.
func TestSensitiveWatermark(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.edit(`sync "courses" {`, "sync \"courses\" {\n  sensitive = \"all\"")
		w.change("A", "Algebra", "08:00:00")
		w.read("full: ", "insert 1")
		w.change("A", "Algebra", "09:00:00")
		p := w.plan()
		w.wantRead(p, "partial 1")
		if i := p.Syncs()[0].Incremental; !i.Sensitive || i.Since != "" || i.Watermark != "" {
			t.Errorf("the plan shows %q and %q", i.Since, i.Watermark)
		}
		w.apply(p)
		w.read("partial 1", "nothing")
	})
}

// Whatever happens at the source, the destination has all changes after each apply, and no
// more than what the source had at the last full comparison besides.
func TestIncrementalModel(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		random := rand.New(rand.NewPCG(7, 1))
		w := changing(t, e, sinceChanged)
		live := map[string]string{}    // what the source has
		stays := map[string]string{}   // what it had not removed at the last full comparison
		clock := 8 * time.Hour         // the source's
		partial, applied := 0, 0       // plans
		w.change("0", "x", "08:00:00") // never an empty source
		live["0"], stays["0"] = "x", "x"
		for step := range 25 {
			for range random.IntN(4) {
				code := fmt.Sprint(random.IntN(9))
				switch random.IntN(4) {
				case 0:
					if code != "0" {
						w.exec(w.source, fmt.Sprintf("DELETE FROM src_course WHERE code = '%s'", code))
						delete(live, code)
					}
				default:
					clock += time.Duration(random.IntN(900)) * time.Second
					late := clock - time.Duration(random.IntN(600))*time.Second
					title := fmt.Sprint("t", step)
					w.change(code, title, (time.Time{}).Add(late).Format("15:04:05"))
					live[code] = title
				}
			}
			if random.IntN(6) == 0 {
				w.now = w.now.Add(12 * time.Hour)
			}
			p := w.plan()
			if random.IntN(4) == 0 {
				continue // not applied
			}
			w.apply(p)
			applied++
			maps.Copy(stays, live)
			if p.Syncs()[0].Partial() {
				partial++
			} else {
				stays = maps.Clone(live)
			}
			var want []string
			for code, title := range stays {
				want = append(want, code+"|"+title)
			}
			slices.Sort(want)
			w.wantRowsOf("SELECT code, title FROM course WHERE gone_on IS NULL ORDER BY code", want...)
		}
		if partial == 0 || partial == applied {
			t.Errorf("%d of %d plans were partial", partial, applied)
		}
	})
}

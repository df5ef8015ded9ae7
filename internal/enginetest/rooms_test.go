package enginetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// rooms is a world with one sync over a table of rooms, owned by origin.
func rooms(t testing.TB, e engine, lifecycle string) *world {
	w := newWorld(t, e)
	w.exec(w.source, "CREATE TABLE src (code "+e.types["text"]+", name "+e.types["text"]+", seats "+e.types["int"]+")")
	w.exec(w.dest, "CREATE TABLE room (code "+e.types["text"]+" PRIMARY KEY, name "+e.types["text"]+", seats "+e.types["int"]+
		", origin "+e.types["text"]+" NOT NULL, created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+")")
	w.write("main.hcl", `
sync "rooms" {
  source {
    from  = source.`+e.name+`.main
    table = "src"
  }
  destination {
    into  = destination.`+e.name+`.main
    table = "room"
    key   = ["code"]
    scope = { origin = "A" }
  }
  columns {
    code  = row.code
    name  = row.name
    seats = row.seats
  }
  lifecycle {
`+lifecycle+`
  }
}
`)
	return w
}

const archiving = `
    on_missing = "archive"
    archive    = { deleted_on = now() }
    stamps     = { created_on = "insert", updated_on = "update" }
`

func (w *world) room(code, name string, seats any) {
	w.Helper()
	w.exec(w.source, "INSERT INTO src VALUES ("+w.engine.param(1)+", "+w.engine.param(2)+", "+w.engine.param(3)+")", code, name, seats)
}

const roomState = "SELECT code, name, seats, origin, CASE WHEN created_on IS NULL THEN '-' ELSE 'c' END, CASE WHEN updated_on IS NULL THEN '-' ELSE 'u' END, CASE WHEN deleted_on IS NULL THEN '-' ELSE 'd' END FROM room ORDER BY code"

func (w *world) wantRooms(want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.rows(w.dest, roomState)); diff != "" {
		w.Fatalf("rooms (-want +got):\n%s", diff)
	}
}

// The five outcomes, one after another, over one row each.
func TestLife(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.room("R1", "One", 10)
		w.room("R2", "Two", nil)
		w.room("R3", "", 30)
		p := w.plan()
		w.wantCounts(p, "insert 3")
		w.wantRooms()
		w.apply(p)
		w.wantRooms("R1|One|10|A|c|-|-", "R2|Two|∅|A|c|-|-", "R3||30|A|c|-|-")
		w.settled()

		// NULL to a value and back, and empty text to NULL, are changes.
		w.exec(w.source, "UPDATE src SET seats = 20 WHERE code = 'R2'")
		w.exec(w.source, "UPDATE src SET name = NULL WHERE code = 'R3'")
		w.exec(w.source, "DELETE FROM src WHERE code = 'R1'")
		p = w.plan()
		w.wantCounts(p, "update 2, archive 1")
		w.apply(p)
		w.wantRooms("R1|One|10|A|c|-|d", "R2|Two|20|A|c|u|-", "R3|∅|30|A|c|u|-")
		w.settled()

		// Back again, and changed meanwhile: undeleting rewrites every column.
		w.room("R1", "Uno", 11)
		p = w.plan()
		w.wantCounts(p, "undelete 1")
		w.apply(p)
		w.wantRooms("R1|Uno|11|A|c|u|-", "R2|Two|20|A|c|u|-", "R3|∅|30|A|c|u|-")
		w.settled()
	})
}

func TestOnMissing(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for onMissing, want := range map[string]string{"keep": "nothing", "delete": "delete 1"} {
			t.Run(onMissing, func(t *testing.T) {
				w := rooms(t, e, `on_missing = "`+onMissing+`"`)
				w.room("R1", "One", 1)
				w.room("R2", "Two", 2)
				w.apply(w.plan())
				w.exec(w.source, "DELETE FROM src WHERE code = 'R2'")
				p := w.plan()
				w.wantCounts(p, want)
				if !p.Changes() {
					return
				}
				// What is deleted for good is kept whole in the register.
				before := w.rows(w.dest, `SELECT "before" FROM `+w.registerTable("operation")+" WHERE operation = 'delete'")
				for _, part := range []string{`"code"`, `"R2"`, `"origin"`, `"A"`, `"created_on"`, `"seats"`} {
					if !strings.Contains(before[0], part) {
						t.Errorf("before of a delete lacks %s: %s", part, before[0])
					}
				}
				w.apply(p)
				w.wantRooms("R1|One|1|A|-|-|-")
				w.settled()
			})
		}
	})
}

// A row of another origin is never read as ours, and its key is never taken over.
func TestOwnership(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.exec(w.dest, "INSERT INTO room (code, name, origin) VALUES ('R1', 'By hand', 'MANUAL'), ('R9', 'Other', 'B')")
		w.room("R1", "One", 1)
		w.room("R2", "Two", 2)
		p := w.plan()
		w.wantCounts(p, "insert 1")
		if got := p.Destinations[0].Notices; len(got) != 1 || got[0].Key[0].Text != "R1" || !strings.Contains(got[0].Detail, "MANUAL") {
			t.Errorf("notices = %+v, want R1 of MANUAL", got)
		}
		w.apply(p)
		w.wantRooms("R1|By hand|∅|MANUAL|-|-|-", "R2|Two|2|A|c|-|-", "R9|Other|∅|B|-|-|-")
	})
}

// Where the unique index includes the scope, the same key under another origin is
// another row.
func TestKeyWithinScope(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.exec(w.dest, "DROP TABLE room")
		w.exec(w.dest, "CREATE TABLE room (code "+e.types["text"]+" NOT NULL, name "+e.types["text"]+", seats "+e.types["int"]+", origin "+e.types["text"]+
			" NOT NULL, created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+", UNIQUE (origin, code))")
		w.exec(w.dest, "INSERT INTO room (code, name, origin) VALUES ('R1', 'By hand', 'MANUAL')")
		w.room("R1", "One", 1)
		p := w.plan()
		w.wantCounts(p, "insert 1")
		w.apply(p)
		if got := w.rows(w.dest, "SELECT count(*) FROM room WHERE code = 'R1'"); got[0] != "2" {
			t.Errorf("rows of R1: %v, want 2", got)
		}
		w.settled()
	})
}

func TestLifecycleLimits(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving+`
    ignore_changes = ["name"]
    operations     = ["insert", "update", "undelete"]
`)
		w.room("R1", "One", 1)
		w.room("R2", "Two", 2)
		w.apply(w.plan())
		w.exec(w.source, "UPDATE src SET name = 'Changed'")
		w.exec(w.source, "UPDATE src SET seats = 5 WHERE code = 'R1'")
		w.exec(w.source, "DELETE FROM src WHERE code = 'R2'")
		p := w.plan()
		w.wantCounts(p, "update 1")
		if got := p.Syncs()[0].Withheld; got[config.Archive] != 1 || len(got) != 1 {
			t.Errorf("withheld = %v, want one archive", got)
		}
		w.apply(p)
		w.wantRooms("R1|One|5|A|c|u|-", "R2|Two|2|A|c|-|-")
	})
}

// An empty source holds the plan wherever it could remove something.
func TestEmptySource(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		if p := w.plan(); p.Held() || p.Changes() {
			t.Fatal("an empty source over an empty scope is no change")
		}
		w.room("R1", "One", 1)
		w.apply(w.plan())
		w.exec(w.source, "DELETE FROM src")
		p := w.plan()
		if !p.Held() {
			t.Fatal("an empty source over a filled scope must be held")
		}
		_, err := w.tryApply(p)
		if _, ok := errors.AsType[*apply.HeldError](err); !ok {
			t.Fatalf("apply of a held plan: %v", err)
		}
		w.wantRooms("R1|One|1|A|c|-|-")
	})
}

func TestGuards(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		for _, code := range []string{"R1", "R2", "R3", "R4"} {
			w.room(code, "x", 1)
		}
		w.apply(w.plan())
		text := w.load().Files["main.hcl"]
		for _, test := range []struct {
			guard string
			held  bool
		}{
			{`max_delete = "25%"`, false},
			{`max_delete = "24%"`, true},
			{`max_delete = 0`, true},
			{`max_delete = 1`, false},
			{`max_update = 1`, true},
			{`max_update = "50%"`, false},
			{`max_insert = 0`, false},
			{`min_source_rows = 4`, true},
			{`min_source_rows = 3`, false},
		} {
			t.Run(test.guard, func(t *testing.T) {
				w.write("main.hcl", strings.Replace(string(text), "  lifecycle {", "  guard {\n    "+test.guard+"\n  }\n  lifecycle {", 1))
				w.exec(w.source, "DELETE FROM src WHERE code = 'R4'")
				w.exec(w.source, "UPDATE src SET seats = 2 WHERE code IN ('R1', 'R2')")
				if p := w.plan(); p.Held() != test.held {
					t.Errorf("held = %v, want %v (%+v)", p.Held(), test.held, p.Syncs())
				}
			})
		}
	})
}

// Staleness is precise: only what the plan touches counts.
func TestStale(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		setup := func(t *testing.T) (*world, *plan.Plan) {
			w := rooms(t, e, archiving)
			for _, code := range []string{"R1", "R2", "R3", "R4"} {
				w.room(code, "x", 1)
			}
			w.apply(w.plan())
			w.exec(w.source, "DELETE FROM src WHERE code = 'R3'")
			w.apply(w.plan())
			// R1 is updated, R2 archived, R3 undeleted, R4 untouched, R5 inserted.
			w.exec(w.source, "UPDATE src SET seats = 2 WHERE code = 'R1'")
			w.exec(w.source, "DELETE FROM src WHERE code = 'R2'")
			w.room("R3", "y", 3)
			w.room("R5", "z", 5)
			p := w.plan()
			w.wantCounts(p, "insert 1, update 1, archive 1, undelete 1")
			return w, p
		}
		for i, test := range []struct {
			name, change string
			key          string // "" where the plan must still be good
		}{
			{"untouched row", "UPDATE room SET name = 'else' WHERE code = 'R4'", ""},
			{"other origin", "INSERT INTO room (code, origin) VALUES ('Z1', 'B')", ""},
			{"updated row changed", "UPDATE room SET seats = 9 WHERE code = 'R1'", "R1"},
			{"updated row, another mapped column", "UPDATE room SET name = 'else' WHERE code = 'R1'", "R1"},
			{"updated row set to NULL", "UPDATE room SET name = NULL WHERE code = 'R1'", "R1"},
			{"updated row gone", "DELETE FROM room WHERE code = 'R1'", "R1"},
			{"updated row archived", "UPDATE room SET deleted_on = created_on WHERE code = 'R1'", "R1"},
			{"updated row given away", "UPDATE room SET origin = 'B' WHERE code = 'R1'", "R1"},
			{"archived row changed", "UPDATE room SET name = 'else' WHERE code = 'R2'", "R2"},
			{"archived row archived by another", "UPDATE room SET deleted_on = created_on WHERE code = 'R2'", "R2"},
			{"undeleted row undeleted by another", "UPDATE room SET deleted_on = NULL WHERE code = 'R3'", "R3"},
			{"inserted key taken", "INSERT INTO room (code, origin) VALUES ('R5', 'A')", "R5"},
			{"inserted key taken by another origin", "INSERT INTO room (code, origin) VALUES ('R5', 'B')", "R5"},
		} {
			if !e.takes(i) {
				continue
			}
			t.Run(test.name, func(t *testing.T) {
				w, p := setup(t)
				w.exec(w.dest, test.change)
				before := w.rows(w.dest, roomState)
				_, err := w.tryApply(p)
				if test.key == "" {
					w.must(err)
					return
				}
				var stale *apply.StaleError
				if !errors.As(err, &stale) || len(stale.Keys) != 1 || stale.Keys[0] != `"`+test.key+`"` {
					t.Fatalf("apply = %v, want a stale plan naming %s", err, test.key)
				}
				w.wantRooms(before...)
				if n := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("execution")); n[0] != "2" {
					t.Errorf("executions = %v, want the 2 from before", n)
				}
			})
		}
	})
}

func TestRefusedPlans(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		refused := func(t *testing.T, w *world, p *plan.Plan, want string) {
			t.Helper()
			before := w.rows(w.dest, roomState)
			_, err := w.tryApply(p)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Fatalf("apply = %v, want %q", err, want)
			}
			w.wantRooms(before...)
		}
		w := rooms(t, e, archiving)
		w.room("R1", "One", 1)

		p := w.plan()
		w.now = w.now.Add(72*time.Hour + time.Second)
		refused(t, w, p, "expired")

		p = w.plan()
		text := w.load().Files["main.hcl"]
		w.write("main.hcl", string(text)+"\n# another configuration\n")
		refused(t, w, p, "another configuration")
		w.write("main.hcl", string(text))

		p = w.plan()
		w.exec(w.dest, "UPDATE "+w.registerTable("operation")+" SET after = REPLACE(CAST(after AS "+e.types["cast"]+"), 'One', 'Two')"+map[string]string{"postgres": "::json"}[e.name])
		refused(t, w, p, "not those that were planned")

		p = w.plan()
		w.exec(w.dest, "UPDATE "+w.registerTable("operation")+" SET result = after WHERE plan_id = '"+p.ID+"'")
		refused(t, w, p, "have results")

		p = w.plan()
		w.exec(w.dest, "DELETE FROM "+w.registerTable("operation"))
		refused(t, w, p, "not those that were planned")

		p = w.plan()
		w.exec(w.dest, "DELETE FROM "+w.registerTable("plan"))
		refused(t, w, p, "does not hold it")

		p = w.plan()
		p.Destinations[0].Identity = "another"
		refused(t, w, p, "not the database")

		opts := w.options()
		opts.Speculative = true
		p, err := plan.Make(t.Context(), w.load(), opts)
		w.must(err)
		refused(t, w, p, "speculative")
		p.Speculative = false
		refused(t, w, p, "speculative")

		p = w.plan()
		w.apply(p)
		refused(t, w, p, "applied already")
	})
}

// Which apply came first is told by the register's times, also where a machine's clock is behind.
func TestAppliesInOrder(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		applied := "SELECT count(*), count(DISTINCT executed_on) FROM " + w.registerTable("execution")
		for n := range 3 {
			w.room(fmt.Sprint("R", n), "Room", n)
			w.apply(w.plan())
			w.now = w.now.Add(-time.Hour)
		}
		w.wantRows(applied, "3|3")
		w.wantRows("SELECT count(*) FROM "+w.registerTable("plan")+" AS p JOIN "+w.registerTable("execution")+" AS e ON e.plan_id = p.id JOIN "+w.registerTable("execution")+
			" AS earlier ON earlier.executed_on < e.executed_on", "3")
	})
}

// A plan's digest tells its effect: the same on a second plan, another when the data
// differ.
func TestDigest(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.room("R1", "One", 1)
		w.room("é", "É", 1)
		first, second := w.plan(), w.plan()
		if first.Destinations[0].Digest != second.Destinations[0].Digest {
			t.Error("two plans of equal effect have different digests")
		}
		w.exec(w.source, "UPDATE src SET seats = 2 WHERE code = 'R1'")
		if third := w.plan(); third.Destinations[0].Digest == first.Destinations[0].Digest {
			t.Error("plans of different effect have one digest")
		}
	})
}

package enginetest

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// beside plans the present configuration, and compares it with another one; change may change the options.
func (w *world) beside(base *config.Config, change ...func(*plan.Options)) (*plan.Plan, error) {
	w.Helper()
	o := w.options()
	o.CompareWith = &plan.Base{Config: base, Ref: "main", Commit: "c0ffee"}
	for _, set := range change {
		set(&o)
	}
	return plan.Make(w.Context(), w.load(), o)
}

// compared plans beside another configuration, and time passes.
func (w *world) compared(base *config.Config) *plan.Plan {
	w.Helper()
	p, err := w.beside(base)
	w.must(err)
	w.now = w.now.Add(time.Minute)
	if p.Comparison == nil {
		w.Fatal("the plan is compared with nothing")
	}
	if p.Comparison.Unavailable != "" {
		w.Fatalf("no comparison: %s", p.Comparison.Unavailable)
	}
	return p
}

// alike renders counts as counts does.
func alike(total map[config.Operation]int64) string {
	return counts(&plan.Plan{Destinations: []plan.Destination{{Syncs: []register.SyncSummary{{Counts: total}}}}})
}

// wantEffect compares what the change of configuration does: for each sync "presence sync: only what; gone what".
func (w *world) wantEffect(p *plan.Plan, want ...string) {
	w.Helper()
	var got []string
	for _, s := range p.Comparison.Syncs {
		name := string(s.Presence) + " " + s.Sync
		if s.Was != "" {
			name += " was " + s.Was
		}
		got = append(got, fmt.Sprintf("%s: only %s; gone %s", name, alike(s.Only), alike(s.Gone)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("the effect (-want +got):\n%s", diff)
	}
}

// wantBesides compares what else the change does: "address what: base -> head".
func (w *world) wantBesides(p *plan.Plan, want ...string) {
	w.Helper()
	var got []string
	for _, d := range p.Comparison.Besides {
		got = append(got, fmt.Sprintf("%s %s: %s -> %s", d.Address, d.What, d.Base, d.Head))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("what else differs (-want +got):\n%s", diff)
	}
}

// shownChanges renders an excerpt: operation, key, and the columns with their values after it.
func shownChanges(changes []plan.Change) []string {
	cell := func(c *plan.Cell) string {
		switch {
		case c == nil:
			return "-"
		case c.Sensitive:
			return "*"
		case c.Null:
			return "null"
		case c.Now:
			return "now"
		}
		return c.Text
	}
	var list []string
	for _, c := range changes {
		text := string(c.Operation)
		for _, key := range c.Key {
			text += " " + cell(&key)
		}
		for _, column := range c.Columns {
			if column.Changed && column.After != nil && !column.After.Now {
				text += " " + column.Column + "=" + cell(column.After)
			}
		}
		list = append(list, text)
	}
	return list
}

// night is a world of rooms of which last night R2 has changed, R3 has gone and R4 has come.
func night(t testing.TB, e engine) *world {
	t.Helper()
	w := rooms(t, e, archiving)
	w.room("R1", "One", 10)
	w.room("R2", "Two", 20)
	w.room("R3", "Three", 30)
	w.apply(w.plan())
	w.exec(w.source, "UPDATE src SET seats = 21 WHERE code = 'R2'")
	w.exec(w.source, "DELETE FROM src WHERE code = 'R3'")
	w.room("R4", "Four", 40)
	return w
}

// What only last night's data do is no part of what a change of a mapping does.
func TestCompareConfig(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := night(t, e)
		base := w.load()
		w.edit("name  = row.name", "name  = upper(row.name)")
		p := w.compared(base)
		w.wantCounts(p, "insert 1, update 2, archive 1")
		w.wantEffect(p, "both sync.rooms: only insert 1, update 2; gone insert 1, update 1")
		c := p.Comparison
		if c.Ref != "main" || c.Commit != "c0ffee" || c.ConfigDigest != base.Digest || c.PlanID == p.ID || c.PlanID == "" {
			t.Errorf("compared with %+v", c)
		}
		s := c.Syncs[0]
		if got := alike(s.Base) + " / " + alike(s.Head); got != "insert 1, update 1, archive 1 / insert 1, update 2, archive 1" {
			t.Errorf("planned: %s", got)
		}
		if diff := cmp.Diff([]string{"insert R4 code=R4 name=FOUR seats=40 origin=A deleted_on=null", "update R1 name=ONE", "update R2 name=TWO seats=21"}, shownChanges(s.OnlyExcerpt)); diff != "" {
			t.Errorf("only this configuration (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"insert R4 code=R4 name=Four seats=40 origin=A deleted_on=null", "update R2 seats=21"}, shownChanges(s.GoneExcerpt)); diff != "" {
			t.Errorf("only the other one (-want +got):\n%s", diff)
		}

		// Both plans are whole, and only this one can be applied.
		other, err := w.recall(c.PlanID)
		w.must(err)
		if !other.Speculative || other.ConfigDigest != base.Digest || other.GitCommit != "c0ffee" {
			t.Errorf("the other plan: %+v", other)
		}
		w.wantCounts(other, "insert 1, update 1, archive 1")
		if _, err := w.tryApply(other); err == nil || !strings.Contains(err.Error(), "speculative") {
			t.Errorf("the other plan is applied: %v", err)
		}
		if alone := w.plan(); alone.Destinations[0].Digest != p.Destinations[0].Digest || alone.Comparison != nil {
			t.Errorf("planned alone: digest %s, compared %s", alone.Destinations[0].Digest, p.Destinations[0].Digest)
		}
		w.apply(p)
		w.wantRooms("R1|ONE|10|A|c|u|-", "R2|TWO|21|A|c|u|-", "R3|Three|30|A|c|-|d", "R4|FOUR|40|A|c|-|-")
		w.settled()
		w.wantNoStages()
	})
}

// The same configuration has no effect, whatever the data do.
func TestCompareConfigWithItself(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := night(t, e)
		p := w.compared(w.load())
		w.wantCounts(p, "insert 1, update 1, archive 1")
		w.wantEffect(p)
		// A comparison that lists nothing has been made.
		if p.Comparison.PlanID == "" {
			t.Error("no other plan was made")
		}
	})
}

// Both configurations are planned on one state of a source that changes between the two.
func TestCompareConfigUnderWay(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, name := range []string{"row.name", "trim(row.name)"} { // copied, and decoded
			w := night(t, e)
			w.edit("name  = row.name", "name  = "+name)
			var once sync.Once
			p, err := w.beside(w.load(), func(o *plan.Options) {
				o.Parallelism = 1 // one is read behind the other
				o.Progress = func(p plan.Progress) {
					if p.Phase == plan.Staged {
						once.Do(func() {
							w.exec(w.source, "UPDATE src SET seats = seats + 1000")
							w.room("R5", "Five", 50)
						})
					}
				}
			})
			w.must(err)
			w.wantCounts(p, "insert 1, update 1, archive 1")
			w.wantEffect(p)
			if n := w.rows(w.source, "SELECT count(*) FROM src WHERE seats > 1000 OR code = 'R5'")[0]; n != "4" {
				t.Fatalf("%s rows of the source have changed", n)
			}
		}
	})
}

// What is written as it was has no effect, and neither has the order of the columns: only what becomes of a row counts.
func TestCompareConfigByEffect(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := night(t, e)
		w.exec(w.source, "UPDATE src SET name = 'Uno' WHERE code = 'R1'")
		w.exec(w.dest, "INSERT INTO room (code, name, seats, origin, deleted_on) VALUES ('R5', 'Five', 50, 'A', "+"'2026-01-01 00:00:00')")
		w.room("R5", "Five", 50)
		base := w.load()
		w.edit("name  = row.name\n    seats = row.seats", "seats = row.seats\n    name  = row.name")
		p := w.compared(base)
		w.wantCounts(p, "insert 1, update 2, archive 1, undelete 1")
		w.wantEffect(p)

		// Without the number of seats R1 is updated as before, R3 archived, and R5 undeleted; R2 is not touched.
		w.edit("seats = row.seats\n", "")
		p = w.compared(base)
		w.wantCounts(p, "insert 1, update 1, archive 1, undelete 1")
		w.wantEffect(p, "both sync.rooms: only insert 1; gone insert 1, update 1")
		s := p.Comparison.Syncs[0]
		if diff := cmp.Diff([]string{"insert R4 code=R4 name=Four seats=40 origin=A deleted_on=null", "update R2 seats=21"}, shownChanges(s.GoneExcerpt)); diff != "" {
			t.Errorf("only the other configuration (-want +got):\n%s", diff)
		}
		without := w.load()
		w.edit("name  = row.name", "name  = row.name\n    seats = row.seats")
		w.wantEffect(w.compared(without), "both sync.rooms: only insert 1, update 1; gone insert 1")

		// NULL is another effect than none.
		w.edit("seats = row.seats", "seats = row.seats == 10 ? null : row.seats")
		w.wantEffect(w.compared(without), "both sync.rooms: only insert 1, update 2; gone insert 1, update 1")
	})
}

// A sync of another name is the same one where it writes the same rows, and one of another table does other operations.
func TestCompareConfigOfOtherSyncs(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := night(t, e)
		base := w.load()
		w.edit(`sync "rooms"`, `sync "halls"`)
		p := w.compared(base)
		w.wantEffect(p)
		w.wantBesides(p, "sync.halls former: sync.rooms -> sync.halls")
		w.edit("name  = row.name", "name  = upper(row.name)")
		p = w.compared(base)
		w.wantEffect(p, "both sync.halls was sync.rooms: only insert 1, update 2; gone insert 1, update 1")
		w.wantBesides(p)
		w.edit("name  = upper(row.name)", "name  = row.name")

		// Of another scope it is another one, whose rows are others.
		w.edit(`origin = "A"`, `origin = "B"`)
		w.exec(w.dest, "UPDATE room SET origin = 'B' WHERE code = 'R3'")
		p = w.compared(base)
		w.wantEffect(p, "added sync.halls: only insert 1, archive 1; gone nothing", "removed sync.rooms: only nothing; gone insert 1, update 1")
		if s := p.Comparison.Syncs[1]; len(s.GoneExcerpt) != 2 || s.OnlyExcerpt != nil || s.Heirs != nil || s.Writes != nil || s.Wrote.Table != "room" {
			t.Errorf("removed: %+v", s)
		}
		w.exec(w.dest, "UPDATE room SET origin = 'A' WHERE code = 'R3'")

		// A larger one takes its rows over.
		w.edit(`scope = { origin = "B" }`, "owns_table = true")
		w.edit("seats = row.seats", "seats = row.seats\n    origin = \"A\"")
		p = w.compared(base)
		w.wantEffect(p, "added sync.halls: only insert 1, update 1, archive 1; gone nothing", "removed sync.rooms: only nothing; gone insert 1, update 1, archive 1")
		s := p.Comparison.Syncs[1]
		if diff := cmp.Diff([]string{"sync.halls"}, s.Heirs); diff != "" {
			t.Errorf("heirs (-want +got):\n%s", diff)
		}
		if len(s.GoneExcerpt) != 3 || s.GoneExcerpt[0].Operation != config.Archive || s.OnlyExcerpt != nil {
			t.Errorf("removed: %v", shownChanges(s.GoneExcerpt))
		}
		w.edit("\n    origin = \"A\"", "")
		w.edit("owns_table = true", `scope = { origin = "A" }`)

		w.edit(`sync "halls"`, `sync "rooms"`)
		w.exec(w.dest, "CREATE TABLE hall (code "+e.types["text"]+" PRIMARY KEY, name "+e.types["text"]+", seats "+e.types["int"]+
			", origin "+e.types["text"]+" NOT NULL, created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+")")
		w.edit(`table = "room"`, `table = "hall"`)
		p = w.compared(base)
		w.wantEffect(p, "both sync.rooms: only insert 3; gone insert 1, update 1, archive 1")
		if s := p.Comparison.Syncs[0]; !s.Moved || s.Writes.Table != "hall" || s.Wrote.Table != "room" || s.Writes.Database != p.Destinations[0].Database {
			t.Errorf("writes %+v, wrote %+v, moved %v", s.Writes, s.Wrote, s.Moved)
		}

		// Before there was anything.
		w.edit(`table = "hall"`, `table = "room"`)
		none := w.load()
		none.Syncs = nil
		p = w.compared(none)
		w.wantEffect(p, "added sync.rooms: only insert 1, update 1, archive 1; gone nothing")
		if p.Comparison.PlanID != "" {
			t.Errorf("there is a plan %s of nothing", p.Comparison.PlanID)
		}
		w.target = []string{"sync.rooms"}
		w.wantEffect(w.compared(base))
	})
}

// Either configuration may write to a destination that the other does not know.
func TestCompareConfigOfOtherDestinations(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, second := twoRooms(t, e)
		w.room("R1", "One", 1)
		both := w.load()
		text := string(both.Files["second.hcl"])
		w.write("second.hcl", "")
		one := w.load()
		p := w.compared(both)
		w.wantEffect(p, "removed sync.more: only nothing; gone insert 1")
		kept := "SELECT count(*) FROM " + w.registerTable("plan") + " WHERE id = '" + p.Comparison.PlanID + "'"
		if here, there := w.rows(w.dest, kept)[0], w.rows(second, kept)[0]; here != "1" || there != "1" {
			t.Errorf("the other plan is in %s and %s of the registers", here, there)
		}

		// Where it fails in one of them it is in none.
		w.failsFor(second, "sync.more")
		plans := "SELECT count(*) FROM " + w.registerTable("plan")
		before := w.rows(second, plans)[0]
		p, err := w.beside(both)
		w.must(err)
		if !strings.Contains(p.Comparison.Unavailable, "sync.more: compare with table room") {
			t.Errorf("unavailable: %q", p.Comparison.Unavailable)
		}
		if after := w.rows(second, plans)[0]; after != before {
			t.Errorf("there are %s plans instead of %s", after, before)
		}
		w.apply(p)
		w.settled()

		w.exec(second, "DROP TABLE "+w.registerTable("meta"))
		if p, err = w.beside(both); err != nil || p.Comparison.Unavailable == "" {
			t.Errorf("without a register: %v", err)
		}
		w.write("second.hcl", text)
		if _, err := w.beside(one); err == nil {
			t.Error("planned without a register")
		}
	})
}

// What either configuration masks is masked, keys too.
func TestCompareConfigMasks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, test := range []struct{ base, head, want string }{
			{`["name"]`, `[]`, "insert R4 code=R4 name=* seats=40, update R1 name=*, update R2 name=* seats=21, insert R4 code=R4 name=* seats=40, update R2 seats=21"},
			{`[]`, `["name"]`, "insert R4 code=R4 name=* seats=40, update R1 name=*, update R2 name=* seats=21, insert R4 code=R4 name=* seats=40, update R2 seats=21"},
			{`["code"]`, `[]`, "insert * code=* name=FOUR seats=40, update * name=ONE, update * name=TWO seats=21, insert * code=* name=Four seats=40, update * seats=21"},
			{`[]`, `"all"`, "insert * code=* name=* seats=*, update * name=*, update * name=* seats=*, insert * code=* name=* seats=*, update * seats=*"},
		} {
			w := night(t, e)
			w.edit(`sync "rooms" {`, "sync \"rooms\" {\n  sensitive = "+test.base)
			base := w.load()
			w.edit("sensitive = "+test.base, "sensitive = "+test.head)
			w.edit("name  = row.name", "name  = upper(row.name)")
			s := w.compared(base).Comparison.Syncs[0]
			var got []string
			for _, list := range [][]plan.Change{s.OnlyExcerpt, s.GoneExcerpt} {
				shown := shownChanges(list)
				slices.Sort(shown) // where keys are masked, nobody knows how they come
				got = append(got, shown...)
			}
			text := strings.NewReplacer(" origin=A", "", " origin=*", "", " deleted_on=null", "", " deleted_on=*", "").Replace(strings.Join(got, ", "))
			if diff := cmp.Diff(test.want, text); diff != "" {
				t.Errorf("sensitive %s, then %s (-want +got):\n%s", test.base, test.head, diff)
			}
		}
	})
}

// A destination that another block leads to is the same one.
func TestCompareConfigByAnotherBlock(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := night(t, e)
		base := w.load()
		base.Dir = t.TempDir() // for which nobody can tell without a look
		w.edit("name  = row.name", "name  = upper(row.name)")
		p := w.compared(base)
		w.wantEffect(p, "both sync.rooms: only insert 1, update 2; gone insert 1, update 1")
		if p.Comparison.Syncs[0].Moved {
			t.Error("it is another one")
		}
		w.apply(p)
		w.settled()
		w.wantNoStages()
	})
}

// Of operations that stay the same another database has others, and what is no operation is told, too.
func TestCompareConfigBesidesOperations(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, _ := twoRooms(t, e)
		w.room("R1", "One", 1)
		base := w.load()
		second := string(base.Files["second.hcl"])
		w.write("second.hcl", strings.Replace(second, "."+e.name+".second", "."+e.name+".main", 1))
		w.write("main.hcl", strings.Replace(string(base.Files["main.hcl"]), "destination."+e.name+".main", "destination."+e.name+".second", 1))
		p := w.compared(base)
		w.wantEffect(p, "both sync.rooms: only insert 1; gone insert 1", "both sync.more: only insert 1; gone insert 1")
		for _, s := range p.Comparison.Syncs {
			if !s.Moved || s.Writes.Destination == s.Wrote.Destination || s.Writes.Database == s.Wrote.Database {
				t.Errorf("%s writes %+v, wrote %+v, moved %v", s.Sync, s.Writes, s.Wrote, s.Moved)
			}
		}

		w = night(t, e)
		const policy = "policy \"calm\" {\n  condition  = plan.deletions == 0\n  message    = \"${plan.deletions} go\"\n}\n"
		w.write("rules.hcl", policy+"policy \"never\" {\n  condition  = plan.count.insert < 100\n  message    = \"too many\"\n}\n"+
			"check \"names\" {\n  severity = \"error\"\n  sync     = sync.rooms\n  where    = row.seats < 0\n  message  = row.code\n  blocks   = [sync.rooms]\n}\n")
		w.edit(`sync "rooms" {`, "sync \"rooms\" {\n  sensitive = [\"name\"]\n  guard {\n    max_delete = 0\n  }")
		strict := w.load()
		p = w.compared(strict)
		w.wantEffect(p)
		w.wantBesides(p)
		if !p.Held() {
			t.Fatal("not held")
		}
		w.write("rules.hcl", strings.Replace(policy, "{\n", "{\n  on_failure = \"warn\"\n", 1))
		w.edit(`sensitive = ["name"]`, `sensitive = []`)
		w.edit("max_delete = 0", `max_delete = "100%"`)
		p = w.compared(strict)
		if p.Held() {
			t.Error("held")
		}
		w.wantEffect(p)
		w.wantBesides(p,
			"sync.rooms held: 1 rows would be touched by delete, max_delete allows 0 -> ",
			"sync.rooms guard: max_delete = 0 -> max_delete = 100%",
			"sync.rooms masking: name -> ",
			"policy.calm policy: on_failure = hold, not obeyed: 1 go -> on_failure = warn, not obeyed: 1 go",
			"policy.never policy: on_failure = hold, obeyed -> ",
			"check.names check: severity = error, blocks sync.rooms -> ",
		)
	})
}

// failsFor makes the register refuse the operations of a sync.
func (w *world) failsFor(db *sql.DB, address string) {
	w.Helper()
	switch w.engine.name {
	case "sqlite":
		w.exec(db, "CREATE TRIGGER fails BEFORE INSERT ON registrar_operation WHEN NEW.sync = '"+address+"' BEGIN SELECT RAISE(ABORT, 'refused'); END")
	case "postgres":
		w.exec(db, "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.sync = ''"+address+"'' THEN RAISE EXCEPTION ''refused''; END IF; RETURN NEW; END'")
		w.exec(db, "CREATE TRIGGER fails BEFORE INSERT ON registrar.operation FOR EACH ROW EXECUTE FUNCTION fails()")
	default:
		w.exec(db, "CREATE TRIGGER fails BEFORE INSERT ON registrar_operation FOR EACH ROW BEGIN IF NEW.sync = '"+address+"' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused'; END IF; END")
	}
}

// A configuration that can no longer be planned is no obstacle to the one that replaces it, and never looks as if
// the change had no effect.
func TestCompareConfigThatIsBroken(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for name, test := range map[string]struct {
			base   [2]string // what to replace for the other configuration, by what
			breaks func(w *world)
			want   string
		}{
			"column of the destination": {[2]string{"seats = row.seats", "seats = row.seats\n    gone  = row.name"}, nil, "main.hcl:17: Unknown column"},
			"column of the source":      {[2]string{"row.seats", "row.gone"}, nil, "main.hcl:16: Unknown source column"},
			"query":                     {[2]string{`table = "src"`, `query = "SELECT code, name, seats FROM gone"`}, nil, "main.hcl:5: Source cannot be read: sync.rooms, source."},
			"keys":                      {[2]string{"row.code", `"secret"`}, nil, "main.hcl:10: Duplicate keys in the source"},
			"operations":                {[2]string{`sync "rooms"`, `sync "more"`}, func(w *world) { w.failsFor(w.dest, "sync.more") }, "sync.more: compare with table room"},
			"destination":               {[2]string{"", ""}, nil, "provider \"none\" cannot be a destination"},
		} {
			t.Run(name, func(t *testing.T) {
				w := night(t, e)
				text := string(w.load().Files["main.hcl"])
				w.edit(test.base[0], test.base[1])
				base := w.load()
				if name == "destination" {
					base.Destinations[0].Provider = "none"
				}
				w.write("main.hcl", text)
				if test.breaks != nil {
					test.breaks(w)
				}
				alone := w.plan()
				p, err := w.beside(base)
				w.must(err)
				c := p.Comparison
				if !strings.HasPrefix(c.Unavailable, "the configuration of main cannot be planned: ") || !strings.Contains(c.Unavailable, test.want) || strings.Contains(c.Unavailable, "secret") {
					t.Errorf("unavailable: %q", c.Unavailable)
				}
				if c.PlanID != "" || c.Syncs != nil || c.Ref != "main" || c.ConfigDigest != base.Digest {
					t.Errorf("compared with %+v", c)
				}
				if p.Destinations[0].Digest != alone.Destinations[0].Digest {
					t.Error("the plan is another one")
				}
				if plans := w.rows(w.dest, "SELECT id FROM "+w.registerTable("plan")+" WHERE id > '"+alone.ID+"'"); len(plans) != 1 {
					t.Errorf("plans in the register: %v", plans)
				}
				if n := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("operation")+" WHERE plan_id > '"+p.ID+"'")[0]; n != "0" {
					t.Errorf("%s operations of no plan", n)
				}
				w.apply(p)
				w.settled()
				w.wantNoStages()
			})
		}
	})
}

// A mapping changes records, too, that have not changed since the last plan, and a record that is missing
// is missing for both configurations.
func TestCompareConfigOfIncrementalSync(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.change("A", "Algebra", "08:00:00")
		w.change("B", "Botany", "09:00:00")
		w.change("C", "Chemistry", "09:00:00")
		w.apply(w.plan())
		base := w.load()
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'B'")
		w.edit("title = row.title", "title = upper(row.title)")
		p := w.compared(base)
		w.wantRead(p, "full: compared with the plan of another configuration")
		w.wantEffect(p, "both sync.courses: only update 2; gone nothing")
	})
}

// Of the destination's own tables both are read in place, in one snapshot, or neither is.
func TestCompareConfigInPlace(t *testing.T) {
	w := inPlace(t)
	w.exec(w.dest, "INSERT INTO src VALUES ('R1', 'One', 1, 1, NULL, NULL, 'Uno'), ('R2', 'Two', 2, 2, NULL, NULL, 'Two')")
	base := w.load()
	staged := func(change func(*plan.Options)) (*plan.Plan, int) {
		var mu sync.Mutex
		n := 0
		p, err := w.beside(base, func(o *plan.Options) {
			o.Progress = func(p plan.Progress) {
				mu.Lock()
				defer mu.Unlock()
				if p.Phase == plan.Staging {
					n++
				}
			}
		}, change)
		w.must(err)
		return p, n
	}
	w.exec(w.dest, "ALTER TABLE src ALTER extra TYPE varchar(10)")
	w.edit("title  = row.name", "title  = row.extra")
	p, n := staged(func(*plan.Options) {})
	w.wantEffect(p, "both sync.rooms: only insert 1; gone insert 1")
	if n > 0 {
		t.Error("staged though both can be read in place")
	}
	w.edit("title  = row.extra", "title  = upper(row.name)")
	p, n = staged(func(*plan.Options) {})
	w.wantEffect(p, "both sync.rooms: only insert 2; gone insert 2")
	if n == 0 {
		t.Error("read in place though the other is staged")
	}
	w.wantNoStages()
}

// Whoever gives up while the other configuration is planned leaves nothing of either.
func TestCompareConfigCancelled(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := night(t, e)
		before := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("plan"))[0]
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		o := w.options()
		o.CompareWith = &plan.Base{Config: w.load(), Ref: "main"}
		newID, ids := o.NewID, 0
		o.NewID = func() string {
			if ids++; ids == 2 {
				cancel()
			}
			return newID()
		}
		if p, err := plan.Make(ctx, w.load(), o); err == nil {
			t.Errorf("there is a plan %s", p.ID)
		}
		if after := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("plan"))[0]; after != before {
			t.Errorf("%s plans in the register, before it were %s", after, before)
		}
		w.wantNoStages()
		w.plan()
	})
}

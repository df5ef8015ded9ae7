package enginetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
)

// places is a world of places with events at them, which no sync writes: these refer to a column of
// places, with an action.
func places(t testing.TB, e engine, reference string) *world {
	w := newWorld(t, e)
	w.create(w.source, "CREATE TABLE src_place (code {text}, name {text})")
	w.create(w.dest, "CREATE TABLE place (id {id}, code {text} NOT NULL UNIQUE, name {text} UNIQUE)")
	w.event(reference)
	w.configure(placeSync)
	w.values("src_place", "P1|one", "P2|two")
	return w
}

var placeSync = natural("place", "delete", "code", "name")

// event makes the table anew.
func (w *world) event(reference string) {
	w.Helper()
	w.create(w.dest, "DROP TABLE IF EXISTS event", "CREATE TABLE event (id {id}, at {text} DEFAULT 'x' REFERENCES "+reference+")")
}

// movedPlace writes a moved block.
func (w *world) movedPlace(from, to string) {
	w.Helper()
	w.write("moved.hcl", fmt.Sprintf("moved {\n  sync = sync.place\n  from = %q\n  to   = %q\n}\n", from, to))
}

// A change that would change other tables is refused: no plan would show it.
func TestUpdatesCascade(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := places(t, e, "place (name)")
		w.night("insert 2")
		limited := func(line string) {
			s := placeSync
			s.lifecycle += "\n    " + line
			w.configure(s)
		}
		for _, action := range e.cascading("CASCADE", "SET NULL", "SET DEFAULT") {
			w.configure(placeSync)
			w.write("moved.hcl", "")
			w.event("place (name) ON UPDATE " + action)
			w.planError("Updates would cascade", `Column "name" of table "place"`, `"event"`, `ignore_changes = ["name"]`)
			for _, harmless := range []string{`ignore_changes = ["name"]`, `operations = ["insert", "delete"]`} {
				limited(harmless)
				w.settled()
			}

			// The key changes where there are moved blocks only.
			w.configure(placeSync)
			w.event("place (code) ON UPDATE " + action)
			w.settled()
			w.movedPlace("P1", "P9")
			w.planError("moved.hcl:1", "Updates would cascade", `Column "code" of table "place"`, `"event"`, "rename")
			limited(`operations = ["insert", "update", "delete"]`)
			w.settled()
		}

		// One that comes after the plan is found by apply.
		w.configure(placeSync)
		w.write("moved.hcl", "")
		w.event("place (name)")
		w.exec(w.source, "UPDATE src_place SET name = 'uno' WHERE code = 'P1'")
		p := w.plan()
		w.wantCounts(p, "update 1")
		w.event("place (name) ON UPDATE SET NULL")
		w.exec(w.dest, "INSERT INTO event (at) VALUES ('one')")
		if _, err := w.tryApply(p); err == nil || !strings.Contains(err.Error(), "Updates would cascade") {
			t.Errorf("apply = %v", err)
		}
		w.wantRows("SELECT at FROM event", "one")
	})
}

// So is archiving, restoring and taking over, where it sets such a column.
func TestUpdatesCascadeByLifecycle(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := places(t, e, "place (name)")
		w.create(w.dest, "ALTER TABLE place ADD COLUMN label {text}", "ALTER TABLE place ADD COLUMN gone {bool}", "CREATE UNIQUE INDEX label ON place (label)")
		w.event("place (label) ON UPDATE CASCADE")
		s := placeSync
		s.lifecycle = "on_missing = \"archive\"\n    archived = dest.gone\n    archive = { gone = true, label = \"was ${dest.code}\" }\n    restore = { gone = false }"
		w.configure(s)
		w.planError("Updates would cascade", `Column "label"`, `leave "archive" out of operations`)
		s.lifecycle += "\n    operations = [\"insert\", \"update\", \"undelete\"]"
		w.configure(s)
		w.night("insert 2")
		s.lifecycle = strings.Replace(s.lifecycle, "{ gone = false }", "{ gone = false, label = null }", 1)
		w.configure(s)
		w.planError("Updates would cascade", `Column "label"`, `leave "undelete" out of operations`)
	})
}

// What rows refer to that the plan leaves alone is not changed: the plan is held, for good.
func TestRekeyedWithDependents(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, test := range []struct{ name, reference, value, change, counts string }{
			{"rename", "place (code)", "P1", "UPDATE src_place SET code = 'P9' WHERE code = 'P1'", "rename 1"},
			{"update", "place (name) ON UPDATE RESTRICT", "one", "UPDATE src_place SET name = 'uno' WHERE code = 'P1'", "update 1"},
			// Another takes the value over, but is another record.
			{"takeover", "place (name)", "one", "UPDATE src_place SET name = CASE code WHEN 'P1' THEN 'uno' ELSE 'one' END", "update 2"},
		} {
			t.Run(test.name, func(t *testing.T) {
				w := places(t, e, test.reference)
				w.night("insert 2")
				w.movedPlace("P1", "P9")
				w.exec(w.dest, "INSERT INTO event (at) VALUES ('"+test.value+"'), ('"+test.value+"'), (NULL)")
				w.exec(w.source, test.change)
				p := w.plan()
				w.wantCounts(p, test.counts)
				wantBlocked(t, p, "place", "2 rows of table event refer", "to 1 of its rows")
				_, err := apply.Apply(t.Context(), w.load(), p, apply.Options{Providers: known(), Override: "it is in order", Now: w.options().Now})
				if _, ok := errors.AsType[*apply.HeldError](err); !ok || !strings.Contains(err.Error(), "No override helps") {
					t.Errorf("apply = %v, want a plan held for good", err)
				}
				w.wantRows("SELECT code, name FROM place ORDER BY code", "P1|one", "P2|two")
				if test.name == "takeover" {
					return
				}
				w.exec(w.dest, "DELETE FROM event")
				w.night(test.counts)
			})
		}
	})
}

func wantBlocked(t *testing.T, p *plan.Plan, sync string, want ...string) {
	t.Helper()
	for _, s := range p.Syncs() {
		if s.Sync != "sync."+sync {
			continue
		}
		for _, text := range want {
			if !strings.Contains(s.Blocked, text) {
				t.Errorf("blocked: %q, want %q", s.Blocked, text)
			}
		}
		return
	}
	t.Errorf("no sync %s", sync)
}

// What the plan itself takes away does not hold a rename, and what it moves elsewhere only where
// the database waits for it.
func TestRekeyedWithDependentsOfSamePlan(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := places(t, e, "place (code)")
		w.create(w.source, "CREATE TABLE src_stay (code {text}, place {text})")
		stays := func(reference string) {
			w.create(w.dest, "DROP TABLE IF EXISTS stay", "CREATE TABLE stay (code {text} PRIMARY KEY, place {text} REFERENCES "+reference+")")
		}
		stays("place (code)")
		w.configure(natural("stay", "delete", "code", "place"), placeSync)
		w.values("src_stay", "S1|P1", "S2|P2")
		w.night("insert 4")
		w.movedPlace("P1", "P9")
		w.exec(w.source, "UPDATE src_place SET code = 'P9' WHERE code = 'P1'")
		w.exec(w.source, "UPDATE src_stay SET place = 'P9' WHERE code = 'S1'")
		p := w.plan()
		w.wantCounts(p, "update 1, rename 1")
		wantBlocked(t, p, "place", "1 rows of table stay")
		// Gone before.
		w.exec(w.source, "DELETE FROM src_stay WHERE code = 'S1'")
		w.night("delete 1, rename 1")

		if !e.deferrable {
			return
		}
		stays("place (code)" + e.deferred())
		w.values("src_stay", "S1|P9")
		w.night("insert 2")
		w.movedPlace("P9", "P7")
		w.exec(w.source, "UPDATE src_place SET code = 'P7' WHERE code = 'P9'")
		w.exec(w.source, "UPDATE src_stay SET place = 'P7' WHERE code = 'S1'")
		w.night("update 1, rename 1")
		w.wantRows("SELECT code, place FROM stay ORDER BY code", "S1|P7", "S2|P2")
	})
}

// A row that comes after the plan, and refers to what the plan takes away, makes it stale.
func TestReferredSincePlan(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, test := range []struct{ name, change, counts string }{
			{"delete", "DELETE FROM src_place WHERE code = 'P1'", "delete 1"},
			{"rename", "UPDATE src_place SET code = 'P9' WHERE code = 'P1'", "rename 1"},
		} {
			t.Run(test.name, func(t *testing.T) {
				w := places(t, e, "place (code)")
				w.night("insert 2")
				w.movedPlace("P1", "P9")
				w.exec(w.source, test.change)
				for _, key := range []string{`"P1"`, "(sensitive)"} {
					s := placeSync
					if key == "(sensitive)" {
						s.more = `  sensitive = ["code"]`
					}
					w.configure(s)
					p := w.plan()
					w.wantCounts(p, test.counts)
					w.exec(w.dest, "INSERT INTO event (at) VALUES ('P1')")
					_, err := w.tryApply(p)
					stale, ok := errors.AsType[*apply.StaleError](err)
					if !ok {
						t.Fatalf("apply = %v, want a stale plan", err)
					}
					want := &apply.StaleError{Sync: "sync.place", Operation: stale.Operation, Referring: "event", Keys: []string{key}}
					if diff := cmp.Diff(want, stale); diff != "" {
						t.Errorf("stale (-want +got):\n%s", diff)
					}
					if !strings.Contains(err.Error(), "Saved plan is stale: rows of table event now refer to rows that it would "+test.name+": "+key) {
						t.Errorf("apply = %v", err)
					}
					w.wantRows("SELECT code, name FROM place ORDER BY code", "P1|one", "P2|two")
					w.exec(w.dest, "DELETE FROM event")
				}
				w.night(test.counts)
			})
		}
	})
}

// A row that refers to itself follows itself.
func TestRekeyedSelf(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		if e.rowByRow {
			return // such a row keeps its key there
		}
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_place (code {text}, up {text})")
		w.create(w.dest, "CREATE TABLE place (code {text} PRIMARY KEY, up {text} REFERENCES place (code))")
		w.configure(natural("place", "delete", "code", "up"))
		w.values("src_place", "P1|P1", "P2|P1", "P3|P3")
		w.night("insert 3")
		w.movedPlace("P3", "P4")
		w.exec(w.source, "UPDATE src_place SET code = 'P4', up = 'P4' WHERE code = 'P3'")
		w.night("rename 1")
		w.movedPlace("P1", "P9")
		w.exec(w.source, "UPDATE src_place SET up = 'P9' WHERE up = 'P1'")
		w.exec(w.source, "UPDATE src_place SET code = 'P9' WHERE code = 'P1'")
		p := w.plan()
		w.wantCounts(p, "update 1, rename 1")
		wantBlocked(t, p, "place", "1 rows of table place")
		w.exec(w.source, "DELETE FROM src_place WHERE code = 'P2'")
		w.night("delete 1, rename 1")
		w.wantRows("SELECT code, up FROM place ORDER BY code", "P4|P4", "P9|P9")
	})
}

package enginetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
)

// What two syncs may both do to a table is checked by its name: a table with two
// names would be emptied by each in turn.
func TestTwoNamesForOneTable(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, `on_missing = "delete"`)
		another := e.anotherName
		text := string(w.load().Files["main.hcl"])
		w.write("second.hcl", strings.NewReplacer(`sync "rooms"`, `sync "more"`, `table = "room"`, `table = "`+another+`"`, `"A"`, `"B"`).Replace(text))
		w.planError("Two names for one table", another)
	})
}

// A table may say that a taken key replaces the other row: an insert must not.
func TestTakenKeyIsNeverReplaced(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		if e.name == "sqlite" {
			w.exec(w.dest, "DROP TABLE room")
			w.exec(w.dest, "CREATE TABLE room (code TEXT PRIMARY KEY ON CONFLICT REPLACE, name TEXT UNIQUE ON CONFLICT IGNORE, seats INTEGER, origin TEXT NOT NULL, created_on TIMESTAMPTZ, updated_on TIMESTAMPTZ, deleted_on TIMESTAMPTZ)")
		}
		w.room("R1", "One", 1)
		p := w.plan()
		w.exec(w.dest, "INSERT INTO room (code, name, origin) VALUES ('R1', 'theirs', 'B')")
		_, err := w.tryApply(p)
		if _, ok := errors.AsType[*apply.StaleError](err); !ok {
			t.Errorf("apply = %v, want a stale plan", err)
		}
		w.wantRooms("R1|theirs|∅|B|-|-|-")
	})
}

// What another transaction did while an apply was at work is named, too, though the
// apply's own snapshot does not see it.
func TestChangedDuringApply(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		if e.name == "sqlite" {
			return // nobody else writes while an apply does
		}
		for name, during := range map[string]string{
			"R2": "UPDATE room SET seats = 77 WHERE code = 'R2'",
			"R3": "INSERT INTO room (code, origin) VALUES ('R3', 'B')",
		} {
			w := rooms(t, e, archiving)
			w.room("R1", "One", 1)
			w.room("R2", "Two", 1)
			w.apply(w.plan())
			w.exec(w.source, "DELETE FROM src WHERE code = 'R1'")
			w.exec(w.source, "UPDATE src SET seats = 2")
			w.room("R3", "Three", 3)
			p := w.plan()
			done := false
			_, err := apply.Apply(t.Context(), w.load(), p, apply.Options{
				Providers: known(), LockTimeout: time.Second, Now: func() time.Time { return w.now },
				Progress: func(apply.Progress) {
					if !done {
						w.exec(w.dest, during)
					}
					done = true
				},
			})
			var stale *apply.StaleError
			if !errors.As(err, &stale) || len(stale.Keys) != 1 || stale.Keys[0] != fmt.Sprintf("%q", name) {
				t.Errorf("apply = %v, want a stale plan naming %s", err, name)
			}
			if archived := w.rows(w.dest, "SELECT count(*) FROM room WHERE deleted_on IS NOT NULL"); archived[0] != "0" {
				t.Error("half of the plan was kept")
			}
		}
	})
}

// In the hour that is repeated when summer time ends, wall clocks show what they
// showed before: an archived row stays archived.
func TestArchivedInTheRepeatedHour(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.exec(w.dest, "DROP TABLE room")
		w.exec(w.dest, "CREATE TABLE room (code "+e.types["text"]+" NOT NULL UNIQUE, name "+e.types["text"]+", seats "+e.types["int"]+
			", origin "+e.types["text"]+", created_on "+e.types["stamp"]+", updated_on "+e.types["stamp"]+", deleted_on "+e.types["stamp"]+")")
		w.write("settings.hcl", "registrar {\n  timezone = \"Europe/Paris\"\n}\n")
		w.room("R1", "One", 1)
		w.room("R2", "Two", 1)
		w.apply(w.plan())
		w.exec(w.source, "DELETE FROM src WHERE code = 'R1'")
		w.now = time.Date(2026, 10, 25, 0, 40, 0, 0, time.UTC) // 02:40, summer time
		w.apply(w.plan())
		if written := w.rows(w.dest, "SELECT CAST(deleted_on AS "+e.types["cast"]+") FROM room WHERE code = 'R1'"); !strings.Contains(written[0], "02:41:00") {
			t.Errorf("archived on %s, want the wall clock of Paris", written[0])
		}
		w.now = time.Date(2026, 10, 25, 1, 10, 0, 0, time.UTC) // 02:10, winter time
		w.settled()
		w.room("R1", "One", 1)
		w.wantCounts(w.plan(), "undelete 1")
	})
}

// A leftover of another role's plan is not ours to drop, and no reason to fail.
func TestLeftoverOfAnotherRole(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		if e.name != "postgres" {
			return // no roles, no leftovers
		}
		w := rooms(t, e, archiving)
		role := fmt.Sprintf("planner_%d", time.Now().UnixNano())
		for _, statement := range []string{
			"CREATE ROLE %s LOGIN PASSWORD 'x'",
			"GRANT USAGE, CREATE ON SCHEMA registrar TO %s",
			"GRANT SELECT, INSERT ON registrar.plan, registrar.operation, registrar.finding TO %s",
			"GRANT SELECT ON registrar.meta, registrar.execution, registrar.author, room, src TO %s",
			"GRANT INSERT (plan_id) ON registrar.author TO %s",
		} {
			w.exec(w.dest, fmt.Sprintf(statement, role))
		}
		t.Cleanup(func() {
			_, _ = w.dest.Exec("DROP OWNED BY " + role)
			_, _ = w.dest.Exec("DROP ROLE " + role)
		})
		w.exec(w.dest, "CREATE UNLOGGED TABLE registrar.stage_dead_0 (a int)")
		connections := string(w.load().Files["connections.hcl"])
		_, rest, _ := strings.Cut(connections, "postgres://")
		credentials, _, _ := strings.Cut(rest, "@")
		w.write("connections.hcl", strings.ReplaceAll(connections, credentials+"@", role+":x@"))
		w.room("R1", "One", 1)
		w.wantCounts(w.plan(), "insert 1")
	})
}

// A key may bear any name, also one that the checks use themselves.
func TestTemptingKeyNames(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.exec(w.source, "CREATE TABLE src (n "+e.types["text"]+", operation "+e.types["text"]+", seq "+e.types["text"]+")")
		w.exec(w.dest, "CREATE TABLE room (n "+e.types["text"]+" NOT NULL, operation "+e.types["text"]+", seq "+e.types["text"]+", UNIQUE (n, operation))")
		w.write("main.hcl", `
sync "rooms" {
  source {
    from  = source.`+e.name+`.main
    table = "src"
  }
  destination {
    into       = destination.`+e.name+`.main
    table      = "room"
    key        = ["n", "operation"]
    owns_table = true
  }
  columns {
    n         = row.n
    operation = row.operation
    seq       = row.seq
  }
}
`)
		w.exec(w.source, "INSERT INTO src VALUES ('a', 'b', 'c'), ('a', 'b', 'd')")
		w.planError(`n = "a", operation = "b" (2 times)`)
		w.exec(w.source, "DELETE FROM src WHERE seq = 'd'")
		w.apply(w.plan())
		w.settled()
		w.exec(w.dest, "INSERT INTO room VALUES ('x', NULL, 'y')")
		w.planError(`n = "x", operation = null`)
	})
}

// Where the index includes a part of the scope only, a row of another part can hold
// the key: it is ignored, not inserted in vain.
func TestIndexOnPartOfTheScope(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.exec(w.dest, "DROP TABLE room")
		w.exec(w.dest, "CREATE TABLE room (code "+e.types["text"]+" NOT NULL, name "+e.types["text"]+", seats "+e.types["int"]+", origin "+e.types["text"]+
			" NOT NULL, term "+e.types["int"]+" NOT NULL, created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+", UNIQUE (code, origin))")
		w.write("main.hcl", strings.Replace(string(w.load().Files["main.hcl"]), `scope = { origin = "A" }`, `scope = { origin = "A", term = 2 }`, 1))
		w.exec(w.dest, "INSERT INTO room (code, origin, term) VALUES ('R1', 'A', 1), ('R2', 'B', 2)")
		w.room("R1", "One", 1)
		w.room("R2", "Two", 2)
		// Of several indexes each counts, in whichever order they were made.
		w.exec(w.dest, "CREATE UNIQUE INDEX another ON room (code, term)")
		w.exec(w.dest, "INSERT INTO room (code, origin, term) VALUES ('R3', 'B', 2)")
		w.exec(w.dest, "UPDATE room SET term = 3 WHERE code = 'R2'")
		w.room("R3", "Three", 3)
		p := w.plan()
		w.wantCounts(p, "insert 1")
		if ignored := p.Syncs()[0].Ignored; ignored != 2 {
			t.Errorf("%d keys are ignored, want R1 and R3", ignored)
		}
		w.apply(p)
		w.settled()
	})
}

// A register whose summary was changed cannot lead the operations of one sync to the
// table of another.
func TestOperationsKeepTheirSync(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.exec(w.dest, "CREATE TABLE other (code "+e.types["text"]+" PRIMARY KEY, name "+e.types["text"]+", seats "+e.types["int"]+", origin "+e.types["text"]+
			", created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+")")
		text := string(w.load().Files["main.hcl"])
		w.write("second.hcl", strings.NewReplacer(`sync "rooms"`, `sync "more"`, `"room"`, `"other"`).Replace(text))
		w.room("R1", "One", 1)
		p := w.plan()
		w.exec(w.dest, "UPDATE "+w.registerTable("plan")+" SET summary = REPLACE(REPLACE(REPLACE(CAST(summary AS "+e.types["cast"]+"), 'sync.rooms', 'X'), 'sync.more', 'sync.rooms'), 'X', 'sync.more')"+
			map[string]string{"postgres": "::json"}[e.name])
		syncs := p.Destinations[0].Syncs
		syncs[0].Sync, syncs[1].Sync = syncs[1].Sync, syncs[0].Sync
		if _, err := w.tryApply(p); err == nil {
			t.Error("a plan with exchanged syncs was applied")
		}
		w.wantRooms()
	})
}

// A child that moves to another parent in the plan that removes its old one.
func TestChildLeavesItsParent(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.exec(w.source, "CREATE TABLE parents (id "+e.types["int"]+")")
		w.exec(w.source, "CREATE TABLE children (id "+e.types["int"]+", parent "+e.types["int"]+")")
		w.exec(w.dest, "CREATE TABLE parent (id "+e.types["int"]+" PRIMARY KEY)")
		w.exec(w.dest, "CREATE TABLE child (id "+e.types["int"]+" PRIMARY KEY, parent "+e.types["int"]+" REFERENCES parent (id))")
		block := func(name, source, columns, more string) string {
			return `
sync "` + name + `" {
  source {
    from  = source.` + e.name + `.main
    table = "` + source + `"
  }
  destination {
    into       = destination.` + e.name + `.main
    table      = "` + name + `"
    key        = ["id"]
    owns_table = true
  }
  columns {
    id = row.id
` + columns + `  }
  lifecycle {
    on_missing = "delete"
  }
` + more + `}
`
		}
		w.write("main.hcl", block("parent", "parents", "", "")+block("child", "children", "    parent = row.parent\n", "  depends_on = [sync.parent]\n"))
		w.exec(w.source, "INSERT INTO parents VALUES (1), (2)")
		w.exec(w.source, "INSERT INTO children VALUES (10, 1), (11, 2)")
		w.apply(w.plan())
		w.exec(w.source, "DELETE FROM parents WHERE id = 1")
		w.exec(w.source, "INSERT INTO parents VALUES (3)")
		w.exec(w.source, "UPDATE children SET parent = 3 WHERE id = 10")
		p := w.plan()
		w.wantCounts(p, "insert 1, update 1, delete 1")
		w.apply(p)
		w.settled()
		w.exec(w.source, "DELETE FROM parents WHERE id = 2")
		w.exec(w.source, "DELETE FROM children WHERE id = 11")
		p = w.plan()
		w.wantCounts(p, "delete 2")
		w.apply(p)
		w.settled()
	})
}

// A link table has nothing but its key.
func TestOnlyKeys(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, lifecycle := range []string{"", "  lifecycle {\n    on_missing = \"delete\"\n  }\n"} {
			w := newWorld(t, e)
			w.exec(w.source, "CREATE TABLE src (student "+e.types["text"]+", course "+e.types["text"]+")")
			w.exec(w.dest, "CREATE TABLE enrolment (student "+e.types["text"]+" NOT NULL, course "+e.types["text"]+" NOT NULL, PRIMARY KEY (student, course))")
			w.write("main.hcl", `
sync "links" {
  source {
    from  = source.`+e.name+`.main
    table = "src"
  }
  destination {
    into       = destination.`+e.name+`.main
    table      = "enrolment"
    key        = ["student", "course"]
    owns_table = true
  }
  columns {
    student = row.student
    course  = row.course
  }
`+lifecycle+`}
`)
			w.exec(w.source, "INSERT INTO src VALUES ('S1', 'C1'), ('S1', 'C2')")
			w.apply(w.plan())
			w.settled()
			w.exec(w.source, "UPDATE src SET course = 'C3' WHERE course = 'C2'")
			w.apply(w.plan())
			w.settled()
		}
	})
}

// A parent that takes a unique value from one that is archived.
func TestParentTakesUniqueValue(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		if !e.partialIndex {
			return
		}
		w := rooms(t, e, archiving)
		w.exec(w.dest, "CREATE UNIQUE INDEX u ON room (name) WHERE deleted_on IS NULL")
		w.exec(w.dest, "CREATE TABLE booking (code "+e.types["text"]+" PRIMARY KEY)")
		w.write("child.hcl", `
sync "bookings" {
  source {
    from  = source.`+e.name+`.main
    table = "src"
  }
  destination {
    into       = destination.`+e.name+`.main
    table      = "booking"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
  }
  depends_on = [sync.rooms]
}
`)
		w.room("R1", "History", 1)
		w.apply(w.plan())
		w.exec(w.source, "UPDATE src SET code = 'R2'")
		p := w.plan()
		w.wantCounts(p, "insert 2, archive 1")
		w.apply(p)
		w.settled()
	})
}

// Where the unique index includes a part of the scope that two syncs share, they cannot
// both insert a key; where they differ in it, they can.
func TestSharedInsertsWithinScope(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.exec(w.dest, "DROP TABLE room")
		w.exec(w.dest, "CREATE TABLE room (code "+e.types["text"]+" NOT NULL, name "+e.types["text"]+", seats "+e.types["int"]+", origin "+e.types["text"]+
			" NOT NULL, term "+e.types["int"]+" NOT NULL, created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+", UNIQUE (code, term))")
		text := string(w.load().Files["main.hcl"])
		scoped := func(name, origin, term string) string {
			return strings.NewReplacer(`sync "rooms"`, `sync "`+name+`"`, `{ origin = "A" }`, `{ origin = "`+origin+`", term = `+term+` }`).Replace(text)
		}
		w.room("R1", "One", 1)
		w.write("main.hcl", scoped("rooms", "A", "2"))
		w.write("second.hcl", scoped("more", "B", "2"))
		w.planError("Key inserted twice", "sync.rooms", "sync.more")
		w.write("second.hcl", scoped("more", "B", "3"))
		p := w.plan()
		w.wantCounts(p, "insert 2")
		w.apply(p)
		w.settled()
	})
}

// The same where the operations may still change.
func TestSharedInsertsOfDrafts(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, guard := range []string{"", `on_breach = "hold_deletes"`} {
			for _, into := range []string{"", "adopt = true"} {
				w := newWorld(t, e)
				w.create(w.source, "CREATE TABLE src_a (code {text})", "CREATE TABLE src_b (code {text})")
				w.create(w.dest, "CREATE TABLE team (id {id}, code {text} NOT NULL UNIQUE, origin {text})")
				w.configure(
					tableSync{name: "a", table: "team", key: `"code"`, scope: `origin = "A"`, into: into, columns: "code = row.code", lifecycle: removing, guard: guard},
					tableSync{name: "b", table: "team", key: `"code"`, scope: `origin = "B"`, into: into, columns: "code = row.code", lifecycle: removing},
				)
				if into != "" {
					w.exec(w.dest, "INSERT INTO team (code, origin) VALUES ('x', 'HAND')")
				}
				w.values("src_a", "x")
				w.values("src_b", "x")
				w.planError("Key inserted twice", "sync.a", "sync.b")
			}
		}
	})
}

package enginetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// moved writes moved blocks, each "from to" of sync.courses.
func (w *world) moved(moves ...string) {
	w.Helper()
	text := ""
	for _, move := range moves {
		from, to, _ := strings.Cut(move, " ")
		text += fmt.Sprintf("moved {\n  sync = sync.courses\n  from = %q\n  to   = %q\n}\n", from, to)
	}
	w.write("moved.hcl", text)
}

// renameAtSource gives a record another code.
func (w *world) renameAtSource(from, to string) {
	w.Helper()
	w.exec(w.source, fmt.Sprintf("UPDATE src_course SET code = '%s' WHERE code = '%s'", to, from))
}

// planWarned makes a plan and returns the warnings, too.
func (w *world) planWarned() (*plan.Plan, string) {
	w.Helper()
	opts := w.options()
	warnings := ""
	opts.Warn = func(diags config.Diagnostics) {
		for _, d := range diags {
			warnings += d.Subject.String() + ": " + d.Summary + ": " + d.Detail + "\n"
		}
	}
	p, err := plan.Make(w.Context(), w.load(), opts)
	w.must(err)
	return p, warnings
}

func TestMoved(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.define("src_group", "code text", "course text")
		w.define("team", "code text PRIMARY KEY", "course_id int REFERENCES course (id)")
		w.write("teams.hcl", fmt.Sprintf(`
sync "teams" {
  source {
    from  = source.%[1]s.main
    table = "src_group"
  }
  destination {
    into       = destination.%[1]s.main
    table      = "team"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code      = row.code
    course_id = lookup("course", "id", { code = row.course })
  }
}
`, e.name))
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		w.exec(w.source, "INSERT INTO src_group VALUES ('G1', 'A'), ('G2', 'B')")
		w.applied("insert 4")
		w.exec(w.dest, "UPDATE course SET note = 'kept'")
		before := w.rows(w.dest, "SELECT id, created_on FROM course WHERE code = 'A'")
		teams := w.rows(w.dest, "SELECT code, course_id FROM team ORDER BY code")

		w.renameAtSource("A", "A2")
		w.exec(w.source, "UPDATE src_group SET course = 'A2' WHERE course = 'A'")
		w.moved("A A2")
		p := w.plan()
		w.wantCounts(p, "rename 1")
		w.wantOperations(p, "sync.courses", "rename code=A: code=A title=Algebra hours=1 updated_on=∅ -> code=A2 title=Algebra hours=1 updated_on=now()")
		w.apply(p)
		w.settled()
		w.wantCourses("A2|Algebra|1|∅|kept|OURS|u|-", "B|Botany|1|∅|kept|OURS|-|-")
		w.wantRowsOf("SELECT id, created_on FROM course WHERE code = 'A2'", before...)
		w.wantRowsOf("SELECT code, course_id FROM team ORDER BY code", teams...)

		// Carried out, it is a no-op for ever; other values change as they will.
		w.exec(w.source, "UPDATE src_course SET title = 'Analysis' WHERE code = 'A2'")
		w.applied("update 1")
		// Renamed and changed at once.
		w.moved("A A2", "B B2")
		w.exec(w.source, "UPDATE src_course SET code = 'B2', title = 'Biology', hours = 2 WHERE code = 'B'")
		w.exec(w.source, "UPDATE src_group SET course = 'B2' WHERE course = 'B'")
		w.applied("rename 1")
		w.wantCourses("A2|Analysis|1|∅|kept|OURS|u|-", "B2|Biology|2|∅|kept|OURS|u|-")
		w.wantRowsOf("SELECT code, course_id FROM team ORDER BY code", teams...)
	})
}

func TestMovedContradictions(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.course("A", "Algebra", 1)
		w.course("Z", "Zoology", 1)
		w.applied("insert 2")
		w.moved("A B")

		// The source has only the old key.
		p, warnings := w.planWarned()
		w.wantCounts(p, "nothing")
		if !strings.Contains(warnings, "moved.hcl:1") || !strings.Contains(warnings, `Record not moved yet: sync.courses: source.`+e.name+`.main still has "A", and not "B"`) {
			t.Errorf("warnings = %q", warnings)
		}
		// The source has both.
		w.course("B", "Botany", 1)
		w.planError("moved.hcl:1", "Record moved, but still there", `has both "A" and "B"`)
		// The destination has both.
		w.write("moved.hcl", "")
		w.applied("insert 1")
		w.moved("A B")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.planError("moved.hcl:1", "Record moved to a key in use", `a row "B" already, besides the row "A"`)
		// Another origin holds the new key.
		w.exec(w.dest, "UPDATE course SET origin = 'HAND' WHERE code = 'B'")
		w.planError("moved.hcl:1", "Record moved to a key in use")
		// Gone from the source, under either key.
		w.exec(w.dest, "DELETE FROM course WHERE code = 'B'")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'B'")
		p, warnings = w.planWarned()
		w.wantCounts(p, "archive 1")
		if warnings != "" {
			t.Errorf("warnings = %q", warnings)
		}
		// A sensitive key is in no message.
		w.edit("  guard {", "  sensitive = [\"code\"]\n  guard {")
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		if text := w.planError("has both (sensitive) and (sensitive)"); strings.Contains(text, `"A"`) || strings.Contains(text, `"B"`) {
			t.Errorf("a sensitive key is shown: %s", text)
		}
	})
}

// A row that was archived under its old key comes back under its new one.
func TestMovedArchived(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.course("A", "Algebra", 1)
		w.course("Z", "Zoology", 1)
		w.applied("insert 2")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.applied("archive 1")
		before := w.rows(w.dest, "SELECT id FROM course WHERE code = 'A'")
		w.moved("A B")
		w.settled()
		w.course("B", "Algebra II", 2)
		p := w.plan()
		w.wantOperations(p, "sync.courses", "undelete code=A: code=A title=Algebra hours=1 gone_on=2026-09-01 02:34:00.123456Z updated_on=∅ -> code=B title=Algebra II hours=2 gone_on=∅ updated_on=now()")
		w.apply(p)
		w.settled()
		w.wantCourses("B|Algebra II|2|∅|∅|OURS|u|-", "Z|Zoology|1|∅|∅|OURS|-|-")
		w.wantRowsOf("SELECT id FROM course WHERE code = 'B'", before...)
	})
}

// a -> b -> c: one record, wherever on the way its row and its source are.
func TestMovedChains(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for i, test := range []struct {
			rows, archived, source string
			want                   string
			after                  string // the codes that are alive
		}{
			{"A", "", "C", "rename 1", "C Z"},
			{"B", "", "C", "rename 1", "C Z"},
			{"A", "", "B", "rename 1", "B Z"},
			{"A", "", "A", "nothing", "A Z"},
			{"B", "", "B", "nothing", "B Z"},
			{"C", "", "C", "nothing", "C Z"},
			{"", "", "C", "insert 1", "C Z"},
			{"", "", "B", "insert 1", "B Z"},
			{"A", "", "", "archive 1", "Z"},
			{"A B", "", "C", "Two rows moved to one key", ""},
			{"", "A B", "C", "Two rows moved to one key", ""},
			{"B", "A", "C", "Two rows moved to one key", ""},
			{"A", "B", "B", "Two rows moved to one key", ""},
			{"", "C", "C", "undelete 1", "C Z"},
			{"A", "C", "C", "Record moved to a key in use", ""},
			{"", "A", "B", "undelete 1", "B Z"},
			{"A C", "", "C", "Record moved to a key in use", ""},
			{"A", "", "B C", "Record moved, but still there", ""},
			{"A", "", "A B", "Record moved, but still there", ""},
		} {
			if !e.takes(i) {
				continue
			}
			t.Run(fmt.Sprintf("%s,%s,%s", test.rows, test.archived, test.source), func(t *testing.T) {
				w := courses(t, e, retiring)
				w.course("Z", "Zoology", 1)
				w.applied("insert 1")
				for code := range strings.FieldsSeq(test.rows) {
					w.exec(w.dest, "INSERT INTO course (code, title, hours, origin) VALUES ('"+code+"', 'Algebra', 1, 'OURS')")
				}
				for code := range strings.FieldsSeq(test.archived) {
					w.exec(w.dest, "INSERT INTO course (code, title, hours, origin, gone_on) VALUES ('"+code+"', 'Algebra', 1, 'OURS', '2020-01-01 00:00:00Z')")
				}
				for code := range strings.FieldsSeq(test.source) {
					w.course(code, "Algebra", 1)
				}
				w.moved("B C", "A B")
				if test.after == "" {
					w.planError("moved.hcl:", test.want)
					return
				}
				p := w.plan()
				w.wantCounts(p, test.want)
				w.apply(p)
				w.settled()
				w.wantRowsOf("SELECT code FROM course WHERE gone_on IS NULL ORDER BY code", strings.Fields(test.after)...)
			})
		}
	})
}

// Keys of several columns, of which one is a number, and a sync per faculty.
func TestMovedCompositeKey(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.define("src_seat", "site text", "number int", "label text", "owner text")
		w.define("seat", "site text NOT NULL", "number int NOT NULL", "label text", "origin text NOT NULL", "UNIQUE (origin, site, number)")
		w.write("main.hcl", fmt.Sprintf(`
sync "seats" {
  for_each = toset(["east", "west"])
  source {
    from   = source.%[1]s.main
    query  = "SELECT site, number, label FROM src_seat WHERE owner = :owner"
    params = { owner = each.key }
  }
  destination {
    into  = destination.%[1]s.main
    table = "seat"
    key   = ["site", "number"]
    scope = { origin = each.key }
  }
  columns {
    label  = row.label
    number = row.number
    site   = row.site
  }
  lifecycle {
    on_missing = "delete"
  }
}
`, e.name))
		w.exec(w.source, "INSERT INTO src_seat VALUES ('N', 1, 'one', 'east'), ('N', 1, 'one', 'west'), ('S', 9, 'nine', 'west')")
		w.applied("insert 3")
		w.exec(w.source, "UPDATE src_seat SET number = 2 WHERE number = 1")
		w.write("moved.hcl", `moved {
  sync = sync.seats["west"]
  from = { site = "N", number = 1 }
  to   = { number = 2, site = "N" }
}
`)
		p := w.plan()
		w.wantCounts(p, "insert 1, delete 1, rename 1")
		w.wantOperations(p, `sync.seats["west"]`, "rename number=1 site=N: number=1 site=N label=one -> number=2 site=N label=one")
		w.apply(p)
		w.settled()
		w.wantRowsOf("SELECT origin, site, number, label FROM seat ORDER BY 1, 2, 3", "east|N|2|one", "west|N|2|one", "west|S|9|nine")
	})
}

// Where each task has a query: the one of keys to remove may well name the old one.
func TestMovedByTask(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := byTask(t, e, retiring)
		w.say("insert", "A", "Algebra", 1)
		w.say("insert", "B", "Botany", 1)
		w.applied("insert 2")
		before := w.rows(w.dest, "SELECT id FROM course WHERE code = 'A'")
		w.forget("insert")
		w.moved("A A2")
		w.say("insert", "A2", "Anything", 7)
		w.say("update", "A2", "Analysis", 2)
		w.say("delete", "A", "", 0)
		p := w.plan()
		w.wantOperations(p, "sync.courses", "rename code=A: code=A title=Algebra hours=1 updated_on=∅ -> code=A2 title=Analysis hours=2 updated_on=now()")
		w.apply(p)
		w.settled()
		w.wantRowsOf("SELECT id FROM course WHERE code = 'A2'", before...)
		w.wantCourses("A2|Analysis|2|∅|∅|OURS|u|-", "B|Botany|1|∅|∅|OURS|-|-")
		// To be removed under its new key: that is no move.
		w.forget("insert", "update", "delete")
		w.moved("B B2")
		w.say("delete", "B2", "", 0)
		w.settled()
	})
}

// More moves than one statement takes.
func TestManyMoves(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		var moves []string
		for i := range 450 {
			w.exec(w.dest, fmt.Sprintf("INSERT INTO course (code, title, hours, origin) VALUES ('C%d', 'T%d', 1, 'OURS')", i, i))
			w.course(fmt.Sprintf("N%d", i), fmt.Sprintf("T%d", i), 1)
			moves = append(moves, fmt.Sprintf("C%d N%d", i, i))
		}
		w.moved(moves...)
		w.applied("rename 450")
	})
}

// A renamed row that refers to a row inserted by the same plan, and to others of its own table.
func TestMovedWithLookups(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.define("src_course", "code text", "title text", "hours int")
		w.define("src_team", "code text", "course text", "up text")
		w.define("course", "id id", "code text NOT NULL UNIQUE", "title text", "hours int", "origin text NOT NULL", "created_on tstz", "updated_on tstz", "gone_on tstz")
		w.define("team", "id id", "code text NOT NULL UNIQUE", "course_id int REFERENCES course (id)", "up_id int REFERENCES team (id)", "note text")
		w.write("main.hcl", w.courseSync("courses", "OURS", retiring))
		w.write("teams.hcl", fmt.Sprintf(`
sync "teams" {
  source {
    from  = source.%[1]s.main
    table = "src_team"
  }
  destination {
    into       = destination.%[1]s.main
    table      = "team"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code      = row.code
    course_id = lookup("course", "id", { code = row.course })
    up_id     = lookup("team", "id", { code = row.up })
  }
  lifecycle {
    on_missing = "delete"
  }
}
`, e.name))
		w.course("A", "Algebra", 1)
		w.exec(w.source, "INSERT INTO src_team VALUES ('T', 'A', NULL), ('T1', 'A', 'T'), ('T2', 'A', 'T')")
		w.applied("insert 4")
		w.exec(w.dest, "UPDATE team SET note = 'kept ' || code")
		ids := w.rows(w.dest, "SELECT id, note FROM team ORDER BY id")
		w.course("B", "Botany", 1)
		w.exec(w.source, "UPDATE src_team SET code = 'U' || substr(code, 2), up = CASE WHEN up IS NULL THEN NULL ELSE 'U' END")
		w.exec(w.source, "UPDATE src_team SET course = 'B' WHERE code = 'U1'")
		w.exec(w.source, "INSERT INTO src_team VALUES ('U3', 'B', 'U1')")
		w.write("moved.hcl", `
moved {
  sync = sync.teams
  from = "T"
  to   = "U"
}
moved {
  sync = sync.teams
  from = "T1"
  to   = "U1"
}
moved {
  sync = sync.teams
  from = "T2"
  to   = "U2"
}
`)
		w.applied("insert 2, rename 3")
		w.wantRowsOf("SELECT id, note FROM team WHERE note IS NOT NULL ORDER BY id", ids...)
		w.wantRowsOf("SELECT t.code, c.code, u.code FROM team AS t LEFT JOIN course AS c ON c.id = t.course_id LEFT JOIN team AS u ON u.id = t.up_id ORDER BY 1",
			"U|A|∅", "U1|B|U", "U2|A|U", "U3|B|U1")
	})
}

// A key that was moved away and is used anew would be taken for the old record by every later plan.
func TestMovedKeyUsedAgain(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.course("A", "Algebra", 1)
		w.applied("insert 1")
		w.renameAtSource("A", "B")
		w.moved("A B")
		w.applied("rename 1")
		w.settled()
		w.course("A", "Another", 2)
		w.planError("moved.hcl:1", "Record moved, and its old key in use again", `has "B"`, "Remove this moved block")
		w.moved()
		w.applied("insert 1")
		w.settled()
	})
}

// Where renames are not allowed, coming back under another key is not either.
func TestMovedArchivedWithoutRename(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring+"\n    operations = [\"insert\", \"update\", \"archive\", \"undelete\"]")
		w.course("A", "Algebra", 1)
		w.course("K", "Kept", 1)
		w.applied("insert 2")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.applied("archive 1")
		w.course("B", "Algebra", 1)
		w.moved("A B")
		p := w.plan()
		w.wantCounts(p, "nothing")
		if n := p.Syncs()[0].Withheld[config.Rename]; n != 1 {
			t.Errorf("%d renames withheld, want 1", n)
		}
	})
}

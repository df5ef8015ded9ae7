package enginetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/register"
)

var teamSync = tableSync{
	name: "team", key: `"code"`,
	columns: `
    code      = row.code
    name      = row.name
    parent_id = lookup("team", "id", { code = row.parent })`,
	lifecycle: archivedOn,
	more:      "  assert \"named\" {\n    condition = row.name != \"bad\"\n    message   = \"no name\"\n  }",
}

const teamTable = "CREATE TABLE team (id {id}, code {text} NOT NULL UNIQUE, name {text}, parent_id {int} REFERENCES team (id), faculty {text}, deleted_on {tstz})"

// teams is a world of groups and sub-groups in one table.
func teams(t testing.TB, e engine, s tableSync) *world {
	w := newWorld(t, e)
	w.create(w.source, "CREATE TABLE src_team (code {text}, name {text}, parent {text}, faculty {text})")
	w.create(w.dest, teamTable)
	w.configure(s)
	return w
}

func (w *world) team(rows ...string) {
	w.Helper()
	for _, row := range rows {
		w.values("src_team", row+strings.Repeat("|∅", 3-strings.Count(row, "|")))
	}
}

const teamState = `SELECT t.code, t.name, p.code, CASE WHEN t.deleted_on IS NULL THEN '-' ELSE 'd' END FROM team AS t
LEFT JOIN team AS p ON p.id = t.parent_id ORDER BY t.code`

func deleting(s tableSync) tableSync {
	s.lifecycle = `on_missing = "delete"`
	return s
}

// A tree of any depth comes with one plan, in whatever order the source has it.
func TestTree(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for seed := range uint64(3) {
			w := teams(t, e, teamSync)
			// a, a.0, a.0.1, …: four levels.
			var rows, want []string
			for _, root := range []string{"a", "b"} {
				codes := []string{root}
				for i := 0; i < len(codes); i++ {
					parent := "∅"
					if at := strings.LastIndex(codes[i], "."); at > 0 {
						parent = codes[i][:at]
					}
					rows = append(rows, codes[i]+"|x|"+parent)
					want = append(want, codes[i]+"|x|"+parent+"|-")
					if strings.Count(codes[i], ".") < 3 {
						codes = append(codes, codes[i]+".0", codes[i]+".1")
					}
				}
			}
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			w.team(rows...)
			p := w.plan()
			w.wantCounts(p, "insert 30")
			unknown := w.members(p, "sync.team", e.member("after", "code"), e.member("after", "parent_id"), e.member("after", "parent_id.code"))
			if !slices.Contains(unknown, "insert|a.0|∅|a") {
				t.Errorf("planned %q", unknown)
			}
			w.apply(p)
			got := w.rows(w.dest, teamState)
			for _, row := range want {
				if !slices.Contains(got, row) {
					t.Errorf("%s is not there", row)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d rows, want %d", len(got), len(want))
			}
			w.settled()
		}
	})
}

func TestMovedSubtree(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := teams(t, e, teamSync)
		w.team("A|a", "A1|a1|A", "A11|a11|A1", "B|b")
		w.night("insert 4")
		// A1 and all below it go below B.
		w.exec(w.source, "UPDATE src_team SET parent = 'B' WHERE code = 'A1'")
		w.night("update 1")
		w.wantRows(teamState, "A|a|∅|-", "A1|a1|B|-", "A11|a11|A1|-", "B|b|∅|-")
		// Rows that are there go below one that comes with the same plan, which is below one that does, too.
		w.team("N|n", "N1|n1|N")
		w.exec(w.source, "UPDATE src_team SET parent = 'N1' WHERE code IN ('A1', 'B')")
		w.night("insert 2, update 2")
		w.wantRows(teamState, "A|a|∅|-", "A1|a1|N1|-", "A11|a11|A1|-", "B|b|N1|-", "N|n|∅|-", "N1|n1|N|-")
		// Top and bottom change places.
		w.exec(w.source, "UPDATE src_team SET parent = CASE code WHEN 'A11' THEN NULL WHEN 'A1' THEN 'A11' ELSE 'A1' END WHERE code IN ('A11', 'A1', 'N')")
		w.night("update 3")
		w.wantRows(teamState, "A|a|∅|-", "A1|a1|A11|-", "A11|a11|∅|-", "B|b|N1|-", "N|n|A1|-", "N1|n1|N|-")
	})
}

// New rows that refer to each other cannot be inserted; those that are there can.
func TestCircles(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := teams(t, e, teamSync)
		w.team("A|a", "B|b|A")
		w.night("insert 2")
		w.exec(w.source, "UPDATE src_team SET parent = code WHERE code = 'A'")
		w.night("update 1")
		w.exec(w.source, "UPDATE src_team SET parent = 'B' WHERE code = 'A'")
		w.night("update 1")
		w.wantRows(teamState, "A|a|B|-", "B|b|A|-")

		w.team("N|n|N", "N1|n1|N")
		w.planError("Rows refer to each other in a circle", `table "team"`, `: "N" -> "N".`)
		w.exec(w.source, "UPDATE src_team SET parent = 'O' WHERE code = 'N'")
		w.team("O|o|P", "P|p|N", "P1|p1|P", "P2|p2|P1")
		w.planError("Rows refer to each other in a circle", `: "N" -> "O" -> "P" -> "N".`)
		w.exec(w.source, "UPDATE src_team SET parent = 'A' WHERE code = 'P'")
		w.exec(w.source, "UPDATE src_team SET parent = 'P2' WHERE code = 'A'")
		w.night("insert 6, update 1")
		w.wantRows(teamState, "A|a|P2|-", "B|b|A|-", "N|n|O|-", "N1|n1|N|-", "O|o|P|-", "P|p|A|-", "P1|p1|P|-", "P2|p2|P1|-")
	})
}

// Rows that are rejected take along those that are new below them, and leave alone what is
// there.
func TestRejectsOfATree(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := teams(t, e, teamSync)
		w.team("A|a", "A1|a1|A", "Z|z")
		w.night("insert 3")
		w.exec(w.source, "UPDATE src_team SET name = 'bad' WHERE code = 'A'")
		w.exec(w.source, "UPDATE src_team SET name = 'new' WHERE code = 'A1'")
		w.team("A2|a2|A", "B|bad", "B1|b1|B", "B11|b11|B1", "B12|b12|B1", "B121|b121|B12", "C|c")
		// A row that is there goes below a rejected one: it stays where it is.
		w.exec(w.source, "UPDATE src_team SET parent = 'B121', name = 'zz' WHERE code = 'Z'")
		p := w.night("insert 2, update 1")
		w.wantRows(teamState, "A|a|∅|-", "A1|new|A|-", "A2|a2|A|-", "C|c|∅|-", "Z|z|∅|-")
		message := func(code string) string {
			return `parent_id: no row of the looked-up table has code = "` + code + `"`
		}
		w.wantNotices(p, register.Rejected, "A: named: no name", "B: named: no name", "B1: "+message("B"), "B11: "+message("B1"), "B12: "+message("B1"), "B121: "+message("B12"), "Z: "+message("B121"))
		if s := p.Syncs()[0]; s.Rejected != 7 {
			t.Errorf("%d are rejected, want 7", s.Rejected)
		}
	})
}

// A row that finds its parent only as long as it is rejected itself must not go to and fro.
func TestRejectThatWouldCureItself(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		s := teamSync
		s.columns = strings.Replace(s.columns, "{ code =", "{ name =", 1)
		w := teams(t, e, s)
		w.team("A|x", "B|b|x")
		w.night("insert 2")
		w.exec(w.source, "UPDATE src_team SET name = 'y', parent = 'x' WHERE code = 'A'")
		p := w.night("nothing")
		w.wantNotices(p, register.Rejected, `A: parent_id: no row of the looked-up table has name = "x"`, `B: parent_id: no row of the looked-up table has name = "x"`)
		w.wantRows(teamState, "A|x|∅|-", "B|b|A|-")
	})
}

func TestArchivedParentsOfATree(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := teams(t, e, teamSync)
		w.team("A|a", "A1|a1|A", "A11|a11|A1", "B|b")
		w.night("insert 4")
		// Archived with all below it.
		w.exec(w.source, "DELETE FROM src_team WHERE code LIKE 'A%'")
		w.night("archive 3")
		// Undeleted, with a new row below it, and one below that; B goes there, too.
		w.team("A|a", "A1|aa|A", "A12|a12|A1", "A121|a121|A12")
		w.exec(w.source, "UPDATE src_team SET parent = 'A1' WHERE code = 'B'")
		w.night("insert 2, update 1, undelete 2")
		w.wantRows(teamState, "A|a|∅|-", "A1|aa|A|-", "A11|a11|A1|d", "A12|a12|A1|-", "A121|a121|A12|-", "B|b|A1|-")
		// An archived parent does not count: what is below it is rejected, and stays.
		w.exec(w.source, "DELETE FROM src_team WHERE code = 'A1'")
		w.exec(w.source, "UPDATE src_team SET name = 'new' WHERE code LIKE 'A12%'")
		w.team("B1|b1|B")
		p := w.night("insert 1, update 1, archive 1")
		w.wantRows(teamState, "A|a|∅|-", "A1|aa|A|d", "A11|a11|A1|d", "A12|a12|A1|-", "A121|new|A12|-", "B|b|A1|-", "B1|b1|B|-")
		if s := p.Syncs()[0]; s.Rejected != 2 {
			t.Errorf("%d are rejected, want A12 and B", s.Rejected)
		}
		// Unless they shall count.
		s := teamSync
		s.columns = `
    code = row.code
    name = row.name
    column "parent_id" {
      value    = lookup("team", "id", { code = row.parent })
      archived = true
    }`
		w.configure(s)
		w.team("A13|a13|A1")
		w.night("insert 1, update 1")
		w.wantRows(teamState, "A|a|∅|-", "A1|aa|A|d", "A11|a11|A1|d", "A12|new|A1|-", "A121|new|A12|-", "A13|a13|A1|-", "B|b|A1|-", "B1|b1|B|-")
	})
}

// Whatever the order of the rows, what refers goes before what is referred to, and after it has
// left.
func TestTreeDeleted(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, action := range []string{"", " ON DELETE RESTRICT"} {
			w := teams(t, e, deleting(teamSync))
			w.create(w.dest, "DROP TABLE team", strings.Replace(teamTable, "team (id),", "team (id)"+action+",", 1))
			w.team("A|a", "A1|a1|A", "A11|a11|A1", "A12|a12|A1", "B|b", "B1|b1|B", "C|c")
			w.night("insert 7")
			// A goes with all below it but A12, which goes below C; B goes, B1 comes below a new row.
			w.exec(w.source, "DELETE FROM src_team WHERE code IN ('A', 'A1', 'A11', 'B')")
			w.exec(w.source, "UPDATE src_team SET parent = 'C' WHERE code = 'A12'")
			w.exec(w.source, "UPDATE src_team SET parent = 'N' WHERE code = 'B1'")
			w.team("N|n|C")
			w.night("insert 1, update 2, delete 4")
			w.wantRows(teamState, "A12|a12|C|-", "B1|b1|N|-", "C|c|∅|-", "N|n|C|-")
			if action != "" || e.rowByRow {
				continue // two rows that hold each other never go
			}
			w.exec(w.dest, "UPDATE team SET parent_id = (SELECT id FROM team WHERE code = 'B1') WHERE code = 'N'")
			w.exec(w.source, "DELETE FROM src_team WHERE code IN ('N', 'B1')")
			w.night("delete 2")
		}
	})
}

// The unique value of a row that goes can be taken by one that comes.
func TestTreeTakesUniqueValue(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := teams(t, e, deleting(teamSync))
		w.create(w.dest, "CREATE UNIQUE INDEX team_name ON team (name)")
		w.team("A|one", "A1|two|A", "B|three")
		w.night("insert 3")
		w.exec(w.source, "DELETE FROM src_team WHERE code LIKE 'A%'")
		w.team("C|one", "C1|two|C")
		w.exec(w.source, "UPDATE src_team SET parent = 'C1' WHERE code = 'B'")
		w.night("insert 2, update 1, delete 2")
		w.wantRows(teamState, "B|three|C1|-", "C|one|∅|-", "C1|two|C|-")
	})
}

// Rows are renamed together with those that refer to them.
func TestTreeRenamed(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := teams(t, e, teamSync)
		w.team("A|a", "A1|a1|A", "A11|a11|A1", "B|b")
		w.night("insert 4")
		w.exec(w.source, "UPDATE src_team SET code = 'X' || code WHERE code LIKE 'A%'")
		w.exec(w.source, "UPDATE src_team SET parent = 'X' || parent WHERE parent LIKE 'A%'")
		w.exec(w.source, "UPDATE src_team SET parent = 'XA' WHERE code = 'B'")
		w.team("N|n|XA11")
		moved := ""
		for _, code := range []string{"A", "A1", "A11"} {
			moved += fmt.Sprintf("moved {\n  sync = sync.team\n  from = %q\n  to   = %q\n}\n", code, "X"+code)
		}
		w.write("moved.hcl", moved)
		w.night("insert 1, update 1, rename 3")
		w.wantRows(teamState, "B|b|XA|-", "N|n|XA11|-", "XA|a|∅|-", "XA1|a1|XA|-", "XA11|a11|XA1|-")
	})
}

// Two syncs fill one table, and refer to each other's rows in both directions.
func TestTreeOfTwoSyncs(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, s := range []tableSync{teamSync, deleting(teamSync)} {
			w := newWorld(t, e)
			w.create(w.source, "CREATE TABLE src_team (code {text}, name {text}, parent {text}, faculty {text})")
			w.create(w.dest, teamTable)
			s.forEach = `toset(["law", "art"])`
			s.scope = "faculty = each.value"
			s.query = "SELECT * FROM src_team WHERE faculty = :faculty"
			s.params = "faculty = each.value"
			w.configure(s)
			w.team("L|l|∅|law", "L1|l1|A1|law", "A|a|L|art", "A1|a1|A|art", "A2|a2|L1|art", "L2|l2|A2|law")
			w.night("insert 6")
			state := []string{"A|a|L|-", "A1|a1|A|-", "A2|a2|L1|-", "L|l|∅|-", "L1|l1|A1|-", "L2|l2|A2|-"}
			w.wantRows(teamState, state...)
			// One faculty's rejects are the other's, too.
			w.team("L3|bad|∅|law", "A3|a3|L3|art", "L4|l4|A3|law")
			p := w.night("nothing")
			var rejected int64
			for _, s := range p.Syncs() {
				rejected += s.Rejected
			}
			if rejected != 3 {
				t.Errorf("%d are rejected, want 3", rejected)
			}
			w.wantRows(teamState, state...)
			w.exec(w.source, "DELETE FROM src_team WHERE code IN ('L3', 'A3', 'L4')")
			// Old rows of one go below new rows of the other, both ways.
			w.team("L5|l5|A5|law", "A5|a5|∅|art")
			w.exec(w.source, "UPDATE src_team SET parent = 'L5' WHERE code = 'A2'")
			w.exec(w.source, "UPDATE src_team SET parent = 'A5' WHERE code = 'L'")
			w.night("insert 2, update 2")
			// All go, across the faculties, but for a row each.
			w.exec(w.source, "DELETE FROM src_team WHERE code NOT IN ('L', 'A5')")
			if s.lifecycle == teamSync.lifecycle {
				w.night("archive 6")
				continue
			}
			w.night("delete 6")
			w.wantRows(teamState, "A5|a5|∅|-", "L|l|A5|-")
		}
	})
}

// Of two syncs of a table one refers to its rows, the other elsewhere.
func TestTreeBesideALookup(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_a (code {text}, parent {text})", "CREATE TABLE src_b (code {text}, dept {text})")
		w.create(
			w.dest,
			"CREATE TABLE dept (id {id}, code {text} NOT NULL UNIQUE)",
			"CREATE TABLE team (id {id}, code {text} NOT NULL UNIQUE, parent_id {int}, dept_id {int}, origin {text})",
			"INSERT INTO dept (code) VALUES ('D'), ('E')",
		)
		w.configure(
			tableSync{name: "a", table: "team", key: `"code"`, scope: `origin = "A"`, columns: "code = row.code\nparent_id = lookup(\"team\", \"id\", { code = row.parent })", lifecycle: removing},
			tableSync{name: "b", table: "team", key: `"code"`, scope: `origin = "B"`, columns: "code = row.code\ndept_id = lookup(\"dept\", \"id\", { code = row.dept })", lifecycle: removing},
		)
		w.values("src_a", "x|∅", "y|x", "u|z")
		w.values("src_b", "z|D")
		w.night("insert 4")
		state := "SELECT t.code, p.code, d.code FROM team AS t LEFT JOIN team AS p ON p.id = t.parent_id LEFT JOIN dept AS d ON d.id = t.dept_id ORDER BY t.code"
		w.wantRows(state, "u|z|∅", "x|∅|∅", "y|x|∅", "z|∅|D")
		w.exec(w.source, "UPDATE src_b SET dept = 'E'")
		w.exec(w.source, "DELETE FROM src_a WHERE code = 'y'")
		w.values("src_b", "v|D")
		w.night("insert 1, update 1, delete 1")
		w.wantRows(state, "u|z|∅", "v|∅|D", "x|∅|∅", "z|∅|E")
	})
}

// What a plan saw of the tree must still be so.
func TestStaleTree(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for i, test := range []struct {
			name, change string
			key          string // "" where the plan must still be good
		}{
			{"another row", "UPDATE team SET name = 'else' WHERE code = 'C'", ""},
			{"code of an insert's parent", "UPDATE team SET code = 'X' WHERE code = 'A1'", `"A12"`},
			{"code of an update's parent", "UPDATE team SET code = 'X' WHERE code = 'C1'", `"B"`},
			{"parent archived", "UPDATE team SET deleted_on = '2020-01-01 00:00:00Z' WHERE code = 'A1'", `"A12"`},
			{"parent gone", "DELETE FROM team WHERE code = 'A1'", `"A12"`},
			{"inserted key taken", "INSERT INTO team (code) VALUES ('A121')", `"A121"`},
		} {
			if !e.takes(i) {
				continue
			}
			t.Run(test.name, func(t *testing.T) {
				w := teams(t, e, teamSync)
				w.team("A|a", "A1|a1|A", "B|b", "C|c", "C1|c1|C")
				w.night("insert 5")
				w.team("A12|a12|A1", "A121|a121|A12")
				w.exec(w.source, "UPDATE src_team SET parent = 'C1' WHERE code = 'B'")
				p := w.plan()
				w.wantCounts(p, "insert 2, update 1")
				w.exec(w.dest, test.change)
				before := w.rows(w.dest, teamState)
				_, err := w.tryApply(p)
				if test.key == "" {
					w.must(err)
					return
				}
				var stale *apply.StaleError
				if !errors.As(err, &stale) {
					t.Fatalf("apply = %v, want a stale plan", err)
				}
				if diff := cmp.Diff([]string{test.key}, stale.Keys); diff != "" {
					t.Errorf("the stale rows (-want +got):\n%s", diff)
				}
				w.wantRows(teamState, before...)
			})
		}
	})
}

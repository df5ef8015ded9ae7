package enginetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/plan"
)

// tryRevert plans to undo a plan.
func (w *world) tryRevert(o plan.RevertOptions) (*plan.Plan, error) {
	w.Helper()
	return plan.Revert(w.Context(), w.load(), w.options(), o)
}

// revert plans to undo a plan, and time passes.
func (w *world) revert(p *plan.Plan, change ...func(*plan.RevertOptions)) *plan.Plan {
	w.Helper()
	o := plan.RevertOptions{PlanID: p.ID}
	for _, one := range change {
		one(&o)
	}
	r, err := w.tryRevert(o)
	w.must(err)
	w.now = w.now.Add(time.Minute)
	return r
}

// dump renders each octet of a table's rows: of SQLite the classes of the values, too.
func (w *world) dump(table string) []string {
	w.Helper()
	columns := w.columns(table)
	parts := make([]string, len(columns))
	for i, column := range columns {
		name := `"` + strings.ReplaceAll(column, `"`, `""`) + `"`
		switch w.engine.name {
		case "sqlite":
			parts[i] = "typeof(" + name + ") || ':' || hex(" + name + ")"
		case "mysql":
			parts[i] = "coalesce(hex(concat(" + name + ", '')), 'NULL')"
		default:
			parts[i] = "coalesce(" + name + "::text, 'NULL') || ';' || octet_length(" + name + "::text)"
		}
	}
	rows := w.rows(w.dest, "SELECT "+strings.Join(parts, ", ")+" FROM "+table)
	slices.Sort(rows)
	return rows
}

func (w *world) columns(table string) []string {
	w.Helper()
	rows, err := w.dest.QueryContext(w.Context(), "SELECT * FROM "+table+" WHERE 1 = 0")
	w.must(err)
	defer rows.Close()
	names, err := rows.Columns()
	w.must(err)
	w.must(rows.Err())
	return names
}

// dumps is the dump of some tables.
func (w *world) dumps(tables ...string) map[string][]string {
	w.Helper()
	all := map[string][]string{}
	for _, table := range tables {
		all[table] = w.dump(table)
	}
	return all
}

func (w *world) wantDump(what string, want map[string][]string) {
	w.Helper()
	for table := range want {
		if diff := cmp.Diff(want[table], w.dump(table)); diff != "" {
			w.Fatalf("%s: table %s (-want +got):\n%s", what, table, diff)
		}
	}
}

// Whatever a plan did, undoing it leaves each row, each column of it, as it was, octet for octet; and undoing that leaves it
// as the plan did.
func TestRevertRandomData(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		seeds := uint64(1)
		if e.name == "sqlite" {
			seeds = 5
		}
		did := map[string]bool{}
		for seed := range seeds {
			newReverted(t, e, rand.New(rand.NewPCG(seed, 8))).run(did)
		}
		for _, operation := range []string{"insert", "update", "archive", "undelete", "rename", "delete", "adopt"} {
			if !did[operation] {
				t.Errorf("no plan had a row to %s", operation)
			}
		}
	})
}

// reverted is a world of people, of departments that are looked up, and of things that are deleted when they are missing.
type reverted struct {
	*world

	random *rand.Rand
	next   int
	live   []string // people's codes at the source
	gone   []string // codes of people who were there before
	things []string
	depts  []string
}

var revertedTables = []string{"dept", "person", "thing"}

func newReverted(t *testing.T, e engine, random *rand.Rand) *reverted {
	w := &reverted{world: newWorld(t, e), random: random}
	typed, mapping, loose := "", "", ""
	for _, c := range randomColumns {
		name := `"` + strings.ReplaceAll(c.name, `"`, `""`) + `"`
		typed += ", " + name + " {" + c.kind + "}"
		mapping += fmt.Sprintf("    column %q {\n      value = row[%q]\n    }\n", c.name, c.name)
	}
	if w.engine.name == "sqlite" {
		loose = ", loose, odd INTEGER"
	}
	w.create(w.source, "CREATE TABLE src_dept (code {text}, name {text})", "CREATE TABLE src_person (code {text}, dept {text}"+typed+")", "CREATE TABLE src_thing (code {text}"+typed+")")
	w.create(w.dest,
		"CREATE TABLE dept (id {id}, code {text} NOT NULL UNIQUE, name {text}, note {text} DEFAULT 'new')",
		"CREATE TABLE person (id {id}, code {text} NOT NULL UNIQUE, dept_id {int} REFERENCES dept (id), note {text}"+typed+loose+
			", origin {text} NOT NULL, created_on {tstz}, updated_on {stamp}, deleted_on {tstz})",
		"CREATE TABLE thing (code {text} PRIMARY KEY, note {bytes}, level {num} DEFAULT 1.5"+typed+", created_on {date})")
	w.configure(
		tableSync{name: "dept", key: `"code"`, columns: "    code = row.code\n    name = row.name", lifecycle: `    on_missing = "keep"`},
		tableSync{
			name: "person", key: `"code"`, scope: `origin = "A"`, into: "adopt = true",
			columns: "    code = row.code\n    dept_id = lookup(\"dept\", \"id\", { code = row.dept })\n" + mapping,
			lifecycle: `    on_missing = "archive"
    archive    = { deleted_on = now() }
    stamps     = { created_on = "insert", updated_on = "update" }`,
		},
		tableSync{name: "thing", key: `"code"`, columns: "    code = row.code\n" + mapping, lifecycle: "    on_missing = \"delete\"\n    stamps     = { created_on = \"insert\" }"},
	)
	w.target = nil
	return w
}

func (w *reverted) code(prefix string) string {
	w.next++
	return prefix + []string{"", "é", "'", `"`, `\`, " b"}[w.random.IntN(6)] + fmt.Sprint(w.next)
}

// put writes a record into a source's table, with random values behind the given ones.
func (w *reverted) put(table string, fixed ...any) {
	w.Helper()
	w.exec(w.source, "DELETE FROM "+table+" WHERE code = "+w.engine.param(1), fixed[0])
	marks, args := []string{}, fixed
	for _, c := range randomColumns {
		choices := randomValues[c.kind]
		if c.kind == "tstz" && w.engine.instants != nil {
			choices = w.engine.instants
		}
		args = append(args, choices[w.random.IntN(len(choices))])
	}
	for i := range args {
		marks = append(marks, w.engine.param(i+1))
	}
	w.exec(w.source, "INSERT INTO "+table+" VALUES ("+strings.Join(marks, ", ")+")", args...)
}

func (w *reverted) dept() any {
	if w.random.IntN(3) == 0 || len(w.depts) == 0 {
		w.depts = append(w.depts, w.code("D"))
		w.exec(w.source, "INSERT INTO src_dept VALUES ("+w.engine.param(1)+", 'New')", w.depts[len(w.depts)-1])
	}
	return w.depts[w.random.IntN(len(w.depts))]
}

func (w *reverted) pick(list *[]string, take bool) string {
	i := w.random.IntN(len(*list))
	one := (*list)[i]
	if take {
		*list = slices.Delete(*list, i, i+1)
	}
	return one
}

// mutate changes the sources, and by hand what no sync knows.
func (w *reverted) mutate() {
	w.Helper()
	for range 4 + w.random.IntN(3) {
		w.live = append(w.live, w.code("P"))
		w.put("src_person", w.live[len(w.live)-1], w.dept())
		w.things = append(w.things, w.code("T"))
		w.put("src_thing", w.things[len(w.things)-1])
	}
	for range 1 + w.random.IntN(4) {
		w.put("src_person", w.pick(&w.live, false), w.dept())
		w.put("src_thing", w.pick(&w.things, false))
	}
	if len(w.gone) > 0 { // is back
		back := w.pick(&w.gone, true)
		w.put("src_person", back, w.dept())
		w.live = append(w.live, back)
	}
	gone := w.pick(&w.live, true)
	w.exec(w.source, "DELETE FROM src_person WHERE code = "+w.engine.param(1), gone)
	w.gone = append(w.gone, gone)
	w.exec(w.source, "DELETE FROM src_thing WHERE code = "+w.engine.param(1), w.pick(&w.things, true))
	code := w.code("H") // another's row is taken over
	w.exec(w.dest, "INSERT INTO person (code, note, origin) VALUES ("+w.engine.param(1)+", 'by hand', 'HAND')", code)
	w.live = append(w.live, code)
	w.put("src_person", code, w.dept())
}

// rename gives somebody who is there another code.
func (w *reverted) rename() {
	w.Helper()
	from, to := w.pick(&w.live, true), fmt.Sprintf("N%d", w.next)
	w.next++
	w.live = append(w.live, to)
	w.exec(w.source, "UPDATE src_person SET code = "+w.engine.param(1)+" WHERE code = "+w.engine.param(2), to, from)
	w.write("moved.hcl", fmt.Sprintf("moved {\n  sync = sync.person\n  from = %q\n  to   = %q\n}\n", from, to))
}

func (w *reverted) run(did map[string]bool) {
	w.Helper()
	for range 2 { // at the second time some are gone
		w.mutate()
		w.apply(w.plan())
	}
	for round := range 2 {
		w.exec(w.dest, "UPDATE person SET note = 'edited by hand' WHERE id % 2 = 0")
		w.exec(w.dest, "UPDATE thing SET level = 2.25")
		if w.engine.name == "sqlite" { // values of any class, in columns that no plan writes
			w.exec(w.dest, "UPDATE person SET loose = CASE id % 5 WHEN 0 THEN 9 WHEN 1 THEN '9' WHEN 2 THEN 9.0 WHEN 3 THEN x'39' END, odd = CASE id % 4 WHEN 0 THEN 9 WHEN 1 THEN 'x' WHEN 2 THEN 9.5 ELSE x'39' END")
		}
		w.rename()
		w.mutate()
		before := w.dumps(revertedTables...)
		p := w.plan()
		for _, s := range p.Syncs() {
			for operation, n := range s.Counts {
				did[string(operation)] = did[string(operation)] || n > 0
			}
		}
		w.apply(p)
		after := w.dumps(revertedTables...)

		back := w.revert(p)
		w.apply(back)
		w.wantDump(fmt.Sprintf("round %d: undone", round), before)
		again := w.revert(back)
		w.apply(again)
		w.wantDump(fmt.Sprintf("round %d: done again", round), after)
		if round == 0 {
			w.apply(w.revert(again))
			w.wantDump("undone again", before)
			w.apply(w.plan())
			continue
		}
		w.settled()
	}
}

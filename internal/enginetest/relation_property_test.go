package enginetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// relationRuns bounds the histories that a run of the test tries on each engine.
const relationRuns = 12

// Whatever happens to a source of departments, teams within teams, courses of both, and links
// between courses and teams: after each night's apply nothing is left to do, and the tables are what
// a model of a few lines says.
func TestRandomRelationsConverge(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		base := newWorld(t, e)
		base.create(
			base.source,
			"CREATE TABLE src_department (code {text}, name {text})",
			"CREATE TABLE src_team (code {text}, name {text}, parent {text})",
			"CREATE TABLE src_course (code {text}, name {text}, department {text}, team {text})",
			"CREATE TABLE src_link (course {text}, team {text}, name {text})",
		)
		base.create(
			base.dest,
			"CREATE TABLE department (id {id}, code {text} NOT NULL UNIQUE, name {text}, origin {text} NOT NULL, deleted_on {tstz})",
			"CREATE TABLE team (id {id}, code {text} NOT NULL UNIQUE, name {text}, parent_id {int} REFERENCES team (id), deleted_on {tstz})",
			`CREATE TABLE course (id {id}, code {text} NOT NULL UNIQUE, name {text}, department_id {int} REFERENCES department (id), team_id {int} REFERENCES team (id),
				deleted_on {tstz})`,
			`CREATE TABLE link (course_id {int} NOT NULL REFERENCES course (id), team_id {int} NOT NULL REFERENCES team (id), name {text}, deleted_on {tstz},
				PRIMARY KEY (course_id, team_id))`,
		)
		runs, failed := 0, false
		most := relationRuns
		if e.slow {
			most /= 4
		}
		rapid.Check(t, func(rt *rapid.T) {
			if runs++; runs > most && !failed {
				return
			}
			w := *base
			w.TB = &rapidTB{TB: t, rt: rt, failed: &failed}
			newHistory(&w, rt).run()
		})
	})
}

// rapidTB lets what a world reports fail the history at hand, so that a shorter one is looked for.
type rapidTB struct {
	testing.TB
	rt     *rapid.T
	failed *bool
}

func (r *rapidTB) Fatal(args ...any) {
	*r.failed = true
	r.rt.Fatal(args...)
}

func (r *rapidTB) Fatalf(format string, args ...any) {
	*r.failed = true
	r.rt.Fatalf(format, args...)
}

func (r *rapidTB) Logf(format string, args ...any) { r.rt.Logf(format, args...) }

// record is a row of a source: a code, a name, and the codes that it refers to, "" for NULL.
type record struct {
	code, name string
	refs       [2]string
}

// row is one of a table of the destination.
type row struct {
	code, name string
	refs       [2]*row
	theirs     bool // of another origin
	archived   bool
}

// state is what the destination holds, by table.
type state map[string][]*row

// history is a source's and what the destination should hold, from night to night.
type history struct {
	*world
	rt      *rapid.T
	source  map[string]map[string]record // by table and key
	dest    state
	deletes map[string]bool              // of each table, whether what is missing is deleted
	moved   map[string]map[string]string // of this night, by table: from, to
	fresh   int
}

var relationTables = []string{"department", "team", "course", "link"}

func newHistory(w *world, rt *rapid.T) *history {
	h := &history{world: w, rt: rt, source: map[string]map[string]record{}, dest: state{}, deletes: map[string]bool{}}
	for _, table := range slices.Backward(relationTables) {
		h.source[table] = map[string]record{}
		h.deletes[table] = rapid.IntRange(0, 3).Draw(rt, table+" deletes") == 0
		if table == "team" {
			w.exec(w.dest, "UPDATE team SET parent_id = NULL")
		}
		w.exec(w.dest, "DELETE FROM "+table)
	}
	w.exec(w.dest, "INSERT INTO department (code, origin) VALUES ('X', 'B')")
	h.dest["department"] = []*row{{code: "X", name: "∅", theirs: true}}

	sync := func(name, key, columns string) tableSync {
		s := tableSync{name: name, key: key, columns: columns, lifecycle: archivedOn, more: "  assert \"good\" {\n    condition = row.name != \"bad\"\n    message   = \"bad\"\n  }"}
		if h.deletes[name] {
			s = deleting(s)
		}
		return s
	}
	department := sync("department", `"code"`, "    code = row.code\n    name = row.name")
	department.scope = `origin = "A"`
	w.configure(
		sync("link", `"team_id", "course_id"`, `
    course_id = lookup("course", "id", { code = row.course })
    team_id   = lookup("team", "id", { code = row.team })
    name      = row.name`),
		sync("course", `"code"`, `
    code          = row.code
    name          = row.name
    department_id = lookup("department", "id", { code = row.department })
    column "team_id" {
      value         = lookup("team", "id", { code = row.team })
      on_unresolved = "null"
    }`),
		sync("team", `"code"`, `
    code      = row.code
    name      = row.name
    parent_id = lookup("team", "id", { code = row.parent })`),
		department,
	)
	return h
}

func (h *history) run() {
	if rapid.Bool().Draw(h.rt, "filled") {
		h.begin()
	}
	for range rapid.IntRange(1, 5).Draw(h.rt, "nights") {
		before := map[string]map[string]record{}
		for table, records := range h.source {
			before[table] = maps.Clone(records)
		}
		h.moved = map[string]map[string]string{"department": {}, "team": {}, "course": {}}
		for range rapid.IntRange(0, 8).Draw(h.rt, "changes") {
			h.change()
		}
		next, blocked := h.expect()
		h.rt.Logf("source %v, moved %v", h.source, h.moved)
		h.fill()
		p := h.plan()
		if p.Blocked() != blocked {
			h.Fatalf("the plan is blocked: %v, want %v: %+v", p.Blocked(), blocked, p.Syncs())
		}
		if blocked {
			h.source = before
			continue
		}
		if p.Held() {
			h.Fatalf("the plan is held: %+v", p.Syncs())
		}
		if p.Changes() {
			h.apply(p)
		}
		h.dest = next
		h.compare()
		h.settled()
	}
}

// pool are the codes that records have unless they were renamed.
func pool(table string) []string {
	var codes []string
	for i := range map[string]int{"department": 4, "team": 7, "course": 5}[table] {
		codes = append(codes, fmt.Sprintf("%c%d", strings.ToUpper(table)[0], i))
	}
	return codes
}

func (h *history) name() string {
	return rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "bad"}).Draw(h.rt, "name")
}

// reference draws a code that a record refers to: mostly one that is there.
func (h *history) reference(table string) string {
	codes := append([]string{"", "NONE"}, pool(table)...)
	for range 4 {
		codes = append(codes, slices.Sorted(maps.Keys(h.source[table]))...)
	}
	if table == "department" {
		codes = append(codes, "X")
	}
	return rapid.SampledFrom(codes).Draw(h.rt, table)
}

// begin fills the source with records in good order.
func (h *history) begin() {
	for _, table := range relationTables[:3] {
		for i, code := range pool(table) {
			r := record{code: code, name: "a"}
			switch {
			case table == "team" && i > 0:
				r.refs[0] = rapid.SampledFrom(pool("team")[:i]).Draw(h.rt, "parent")
			case table == "course":
				r.refs = [2]string{rapid.SampledFrom(pool("department")).Draw(h.rt, "department"), rapid.SampledFrom(pool("team")).Draw(h.rt, "team")}
			}
			h.source[table][code] = r
		}
	}
	for range rapid.IntRange(0, 8).Draw(h.rt, "links") {
		r := record{name: "a", refs: [2]string{rapid.SampledFrom(pool("course")).Draw(h.rt, "course"), rapid.SampledFrom(pool("team")).Draw(h.rt, "team")}}
		h.source["link"][r.refs[0]+" "+r.refs[1]] = r
	}
}

// change changes one record of the source.
func (h *history) change() {
	table := rapid.SampledFrom([]string{"department", "team", "team", "course", "course", "link", "link"}).Draw(h.rt, "table")
	records := h.source[table]
	kind := rapid.IntRange(0, 9).Draw(h.rt, "kind")
	switch {
	case kind < 6 || len(records) == 0:
		r := record{name: h.name()}
		switch table {
		case "link":
			r.refs = [2]string{h.reference("course"), h.reference("team")}
			if r.refs[0] == "" || r.refs[1] == "" {
				return // a key that is NULL stops the plan
			}
			records[r.refs[0]+" "+r.refs[1]] = r
			return
		case "course":
			r.refs = [2]string{h.reference("department"), h.reference("team")}
		}
		r.code = rapid.SampledFrom(pool(table)).Draw(h.rt, "code")
		if _, moved := h.moved[table][r.code]; moved {
			return // it moved, and is still there: an error
		}
		if table == "team" {
			// Only teams of lower numbers are above one: new rows never refer to each other in a circle.
			if r.refs[0] = h.reference("team"); r.refs[0] != "NONE" && r.refs[0] != "" && r.refs[0][1] >= r.code[1] {
				r.refs[0] = ""
			}
		}
		records[r.code] = r
	case kind < 8 || table == "link":
		delete(records, rapid.SampledFrom(slices.Sorted(maps.Keys(records))).Draw(h.rt, "removed"))
	default:
		h.rename(table, rapid.SampledFrom(slices.Sorted(maps.Keys(records))).Draw(h.rt, "renamed"))
	}
}

// rename gives a record another code, and those that refer to it, or some of them, too.
func (h *history) rename(table, from string) {
	for old, to := range h.moved[table] {
		if old == from || to == from {
			return // once a night
		}
	}
	h.fresh++
	to := fmt.Sprintf("%sv%d", from[:2], h.fresh)
	r := h.source[table][from]
	delete(h.source[table], from)
	r.code = to
	h.source[table][to] = r
	h.moved[table][from] = to
	late := rapid.IntRange(0, 3).Draw(h.rt, "late") == 0
	for name, at := range map[string]map[string]int{"department": {"course": 0}, "team": {"team": 0, "course": 1, "link": 1}, "course": {"link": 0}}[table] {
		for _, key := range slices.Sorted(maps.Keys(h.source[name])) {
			r := h.source[name][key]
			if r.refs[at] != from || late {
				continue
			}
			r.refs[at] = to
			if name == "link" {
				delete(h.source[name], key)
				key = r.refs[0] + " " + r.refs[1]
			}
			h.source[name][key] = r
		}
	}
}

// fill writes the source and the moves.
func (h *history) fill() {
	orNull := func(code string) string {
		if code == "" {
			return "∅"
		}
		return code
	}
	for _, table := range relationTables {
		h.exec(h.world.source, "DELETE FROM src_"+table)
		for _, key := range slices.Sorted(maps.Keys(h.source[table])) {
			r := h.source[table][key]
			parts := map[string][]string{
				"department": {r.code, r.name}, "team": {r.code, r.name, orNull(r.refs[0])},
				"course": {r.code, r.name, orNull(r.refs[0]), orNull(r.refs[1])}, "link": {r.refs[0], r.refs[1], r.name},
			}[table]
			h.values("src_"+table, strings.Join(parts, "|"))
		}
	}
	text := ""
	for _, table := range relationTables[:3] {
		for _, from := range slices.Sorted(maps.Keys(h.moved[table])) {
			text += fmt.Sprintf("moved {\n  sync = sync.%s\n  from = %q\n  to   = %q\n}\n", table, from, h.moved[table][from])
		}
	}
	h.write("moved.hcl", text)
}

// alive returns the row that a lookup by code finds.
func alive(rows []*row, code string) *row {
	for _, r := range rows {
		if r.code == code && !r.archived {
			return r
		}
	}
	return nil
}

// expect says what the destination will hold after this night, and whether rows stay that refer to rows
// that go.
func (h *history) expect() (next state, blocked bool) {
	next = state{}
	became := map[*row]*row{} // the copies of this night's rows; nil for what is deleted
	keep := func(r *row) *row {
		one := *r
		for i, ref := range r.refs {
			if ref == nil {
				continue
			}
			to, known := became[ref]
			if known && to == nil {
				blocked = true
			}
			one.refs[i] = to
		}
		return &one
	}
	// The lookups of a record; false where it is rejected.
	resolve := func(table string, rows state, r *record) (refs [2]*row, ok bool) {
		ok = true
		switch table {
		case "team":
			refs[0] = alive(rows["team"], r.refs[0])
			ok = ok && (r.refs[0] == "" || refs[0] != nil)
		case "course":
			refs[0] = alive(rows["department"], r.refs[0])
			refs[1] = alive(rows["team"], r.refs[1])
			ok = ok && (r.refs[0] == "" || refs[0] != nil)
		}
		return refs, ok
	}
	for _, table := range relationTables[:3] {
		held := map[string]*row{} // what a record's code stands for today
		for _, r := range h.dest[table] {
			held[r.code] = r
		}
		for from, to := range h.moved[table] {
			if _, there := h.source[table][to]; there && held[from] != nil && !held[from].theirs {
				held[to] = held[from]
				delete(held, from)
			}
		}
		rejected := map[string]bool{} // at first what is so whatever becomes of the others
		for code, r := range h.source[table] {
			rejected[code] = r.name == "bad"
		}
		for again := true; again; {
			again = false
			var rows []*row
			matched := map[*row]bool{}
			written := map[string]*row{}
			for _, code := range slices.Sorted(maps.Keys(h.source[table])) {
				old := held[code]
				if old != nil {
					matched[old] = true
				}
				if rejected[code] {
					continue
				}
				r := &row{code: code, name: h.source[table][code].name}
				if old != nil {
					became[old] = r
				}
				written[code] = r
				rows = append(rows, r)
			}
			for _, old := range h.dest[table] {
				switch {
				case !matched[old] && !old.theirs && !old.archived && h.deletes[table]:
					became[old] = nil
					continue
				case matched[old] && slices.Contains(rows, became[old]):
					continue
				}
				one := *old // its references are copied at last
				one.archived = old.archived || !matched[old] && !old.theirs
				became[old] = &one
				rows = append(rows, &one)
			}
			next[table] = rows
			for code, r := range h.source[table] {
				if rejected[code] {
					continue
				}
				refs, ok := resolve(table, next, &r)
				if !ok {
					rejected[code], again = true, true
				}
				written[code].refs = refs
			}
			if again {
				continue
			}
			for i, r := range rows {
				if !slices.Contains(slices.Collect(maps.Values(written)), r) {
					*rows[i] = *keep(r)
				}
			}
		}
	}
	next["link"] = h.expectLinks(next, became, keep)
	return next, blocked
}

// expectLinks is expect for the links.
func (h *history) expectLinks(next state, became map[*row]*row, keep func(*row) *row) []*row {
	// The rows of today that a code may stand for, though no link can be made to them.
	known := func(table, code string) []*row {
		var found []*row
		for _, r := range h.dest[table] {
			now := became[r]
			if now == nil && r.code == code || now != nil && now.code == code || alive(next[table], code) == nil && r.code == code && h.moved[table][code] != "" ||
				alive(next[table], code) == nil && h.moved[table][code] == r.code {
				found = append(found, r)
			}
		}
		return found
	}
	var rows []*row
	stays := map[*row]bool{}
	written := map[[2]*row]*row{}
	for _, r := range h.source["link"] {
		course, team := alive(next["course"], r.refs[0]), alive(next["team"], r.refs[1])
		if course != nil && team != nil && r.name != "bad" {
			one := &row{name: r.name, refs: [2]*row{course, team}}
			written[one.refs] = one
			rows = append(rows, one)
			continue
		}
		for _, old := range h.dest["link"] {
			if slices.Contains(known("course", r.refs[0]), old.refs[0]) && slices.Contains(known("team", r.refs[1]), old.refs[1]) {
				stays[old] = true
			}
		}
	}
	for _, old := range h.dest["link"] {
		if written[[2]*row{became[old.refs[0]], became[old.refs[1]]}] != nil {
			continue
		}
		if !stays[old] && !old.archived && h.deletes["link"] {
			continue
		}
		one := keep(old)
		one.archived = old.archived || !stays[old]
		rows = append(rows, one)
	}
	return rows
}

// compare holds the destination against the model.
func (h *history) compare() {
	columns := map[string]string{
		"department": "t.code || ' ' || coalesce(t.name, '∅') || ' ' || '∅' || ' ' || '∅'",
		"team":       "t.code || ' ' || t.name || ' ' || coalesce((SELECT p.code FROM team AS p WHERE p.id = t.parent_id), '∅') || ' ' || '∅'",
		"course":     "t.code || ' ' || t.name || ' ' || coalesce((SELECT p.code FROM department AS p WHERE p.id = t.department_id), '∅') || ' ' || coalesce((SELECT p.code FROM team AS p WHERE p.id = t.team_id), '∅')",
		"link":       "' ' || t.name || ' ' || (SELECT p.code FROM course AS p WHERE p.id = t.course_id) || ' ' || (SELECT p.code FROM team AS p WHERE p.id = t.team_id)",
	}
	for _, table := range relationTables {
		got := h.rows(h.world.dest, "SELECT "+columns[table]+" || CASE WHEN t.deleted_on IS NULL THEN '' ELSE ' archived' END FROM "+table+" AS t")
		var want []string
		for _, r := range h.dest[table] {
			text := r.code + " " + r.name
			for _, ref := range r.refs {
				if ref == nil {
					text += " ∅"
				} else {
					text += " " + ref.code
				}
			}
			if r.archived {
				text += " archived"
			}
			want = append(want, text)
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			h.Fatalf("%s (-model +table):\n%s", table, diff)
		}
	}
}

package enginetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// cascading are those of some actions of foreign keys that change rows.
func (e engine) cascading(actions ...string) []string {
	return slices.DeleteFunc(actions, func(action string) bool { return !e.setsDefault && strings.HasSuffix(action, "SET DEFAULT") })
}

// bools spells true and false in operations as the engine does.
func (e engine) bools(operations ...string) []string {
	if e.numericBool {
		for i, operation := range operations {
			operations[i] = strings.NewReplacer("=true", "=1", "=false", "=0").Replace(operation)
		}
	}
	return operations
}

// deferred lets a foreign key be checked when the transaction ends, where that can be.
func (e engine) deferred() string {
	if e.deferrable {
		return " DEFERRABLE INITIALLY DEFERRED"
	}
	return ""
}

// define creates a table of "column type" definitions, whose types are those of
// engine.types.
func (w *world) define(table string, definitions ...string) {
	w.Helper()
	db := w.dest
	if strings.HasPrefix(table, "src") {
		db = w.source
	}
	list := make([]string, len(definitions))
	for i, definition := range definitions {
		name, kind, _ := strings.Cut(definition, " ")
		kind, rest, _ := strings.Cut(kind, " ")
		spelt, ok := w.engine.types[kind]
		if !ok { // a constraint
			list[i] = definition
			continue
		}
		list[i] = name + " " + spelt + " " + rest
	}
	w.exec(db, "CREATE TABLE "+table+" ("+strings.Join(list, ", ")+")")
}

// edit replaces a part of main.hcl, which must be there.
func (w *world) edit(old, replacement string) {
	w.Helper()
	text := string(w.load().Files["main.hcl"])
	if !strings.Contains(text, old) {
		w.Fatalf("main.hcl has no %q", old)
	}
	w.write("main.hcl", strings.Replace(text, old, replacement, 1))
}

// courses is a world of courses, of the origin OURS, as most registrars have them: a
// code, a title, a number of hours, the faculty's category and room.
func courses(t testing.TB, e engine, lifecycle string) *world {
	t.Helper()
	w := newWorld(t, e)
	w.define("src_course", "code text", "title text", "hours int")
	w.define("course", "id id", "code text NOT NULL UNIQUE", "title text", "hours int", "category text", "frozen int", "note text", "origin text NOT NULL",
		"created_on tstz", "updated_on tstz", "gone_on tstz")
	w.write("main.hcl", w.courseSync("courses", "OURS", lifecycle))
	return w
}

// courseSync is the block of a sync of courses of an origin, read from src_course.
func (w *world) courseSync(name, origin, lifecycle string) string {
	return fmt.Sprintf(`
sync %q {
  source {
    from  = source.%[2]s.main
    table = "src_course"
  }
  destination {
    into  = destination.%[2]s.main
    table = "course"
    key   = ["code"]
    scope = { origin = %[3]q }
  }
  columns {
    code  = row.code
    title = row.title
    hours = row.hours
  }
  guard {
    max_delete = "100%%"
    max_reject = "100%%"
  }
  lifecycle {
%[4]s
  }
}
`, name, w.engine.name, origin, lifecycle)
}

// retiring archives by an instant.
const retiring = `
    on_missing = "archive"
    archive    = { gone_on = now() }
    stamps     = { created_on = "insert", updated_on = "update" }
`

// course adds a record to the source.
func (w *world) course(code, title string, hours int) {
	w.Helper()
	w.exec(w.source, "INSERT INTO src_course (code, title, hours) VALUES ("+w.engine.param(1)+", "+w.engine.param(2)+", "+w.engine.param(3)+")", code, title, hours)
}

// courseRows are code, title, hours, category, note, origin, and which of the times are set.
const courseRows = `SELECT code, title, hours, category, note, origin,
	CASE WHEN updated_on IS NULL THEN '-' ELSE 'u' END, CASE WHEN gone_on IS NULL THEN '-' ELSE 'd' END FROM course ORDER BY code, id`

func (w *world) wantCourses(want ...string) {
	w.Helper()
	w.wantRowsOf(courseRows, want...)
}

// wantRowsOf compares the rows of a query on the destination.
func (w *world) wantRowsOf(query string, want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.rows(w.dest, query)); diff != "" {
		w.Fatalf("rows (-want +got):\n%s", diff)
	}
}

// inRegister calls visit with the destination's register and a connection to read it by.
func (w *world) inRegister(visit func(register.Register, providers.Querier)) {
	w.Helper()
	cfg := w.load()
	d, err := plan.OpenDestination(w.Context(), known(), cfg.Destinations[0], cfg.Dir)
	w.must(err)
	defer d.Close()
	conn, err := d.Conn(w.Context())
	w.must(err)
	defer conn.Close()
	visit(register.New(d.Dialect()), conn)
}

// document renders "code=A title=∅ gone_on=now()".
func document(doc register.Document) string {
	parts := make([]string, len(doc))
	for i, f := range doc {
		text := f.Text
		switch {
		case f.Null:
			text = "∅"
		case f.Now:
			text = "now()"
		}
		parts[i] = f.Column + "=" + text
	}
	return strings.Join(parts, " ")
}

// operations renders what a plan holds of a sync: "rename code=A: code=A -> code=B".
func (w *world) operations(p *plan.Plan, sync string) []string {
	w.Helper()
	var list []string
	w.inRegister(func(r register.Register, q providers.Querier) {
		for _, s := range p.Syncs() {
			if s.Sync != sync {
				continue
			}
			w.must(r.Operations(w.Context(), q, p.ID, s.AfterSeq, s.LastSeq, 0, func(o *register.Operation) error {
				list = append(list, fmt.Sprintf("%s %s: %s -> %s", o.Operation, document(o.Key), document(o.Before), document(o.After)))
				return nil
			}))
		}
	})
	return list
}

func (w *world) wantOperations(p *plan.Plan, sync string, want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.operations(p, sync)); diff != "" {
		w.Fatalf("operations (-want +got):\n%s", diff)
	}
}

// noticed renders the findings of a sync or check: "protected code=A: message (operation=update)".
func (w *world) noticed(p *plan.Plan, sync string) []string {
	w.Helper()
	var list []string
	w.inRegister(func(r register.Register, q providers.Querier) {
		w.must(r.Findings(w.Context(), q, p.ID, sync, "", 0, func(f *register.Finding) error {
			text := string(f.Kind) + " " + document(f.Key)
			if f.Message != "" {
				text += ": " + f.Message
			}
			if len(f.Detail) > 0 {
				text += " (" + document(f.Detail) + ")"
			}
			list = append(list, text)
			return nil
		}))
	})
	slices.Sort(list)
	return list
}

func (w *world) wantNoticed(p *plan.Plan, sync string, want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.noticed(p, sync)); diff != "" {
		w.Fatalf("findings (-want +got):\n%s", diff)
	}
}

// withheld renders what the operations of a lifecycle do not allow.
func withheld(p *plan.Plan) string {
	var parts []string
	for _, s := range p.Syncs() {
		for _, operation := range slices.Sorted(maps.Keys(s.Withheld)) {
			parts = append(parts, fmt.Sprintf("%s %d", operation, s.Withheld[operation]))
		}
	}
	return strings.Join(parts, ", ")
}

// applied plans, compares what is planned, applies and asserts that nothing remains.
func (w *world) applied(want string) {
	w.Helper()
	p := w.plan()
	w.wantCounts(p, want)
	w.apply(p)
	w.settled()
}

package enginetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Of the findings of a kind the first are the same in each plan: those whose keys' bytes come first, in
// whatever order the rows lie.
func TestOrderOfFindings(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.create(w.source, "CREATE TABLE src_member (code {text}, name {text}, dept {text})")
		w.create(
			w.dest,
			"CREATE TABLE dept (id {id}, code {text} NOT NULL UNIQUE)",
			"CREATE TABLE member (code {text} NOT NULL UNIQUE, name {text}, dept_id {int}, origin {text} NOT NULL)",
		)
		w.configure(tableSync{
			name: "member", key: `"code"`, scope: `origin = "A"`,
			columns: `
    code = row.code
    name = row.name
    column "dept_id" {
      value         = lookup("dept", "id", { code = row.dept })
      on_unresolved = "null"
    }`,
			lifecycle: "    on_missing = \"delete\"\n    protect    = dest.name == \"frozen\"",
			guard:     "max_reject = \"100%\"\n    on_breach = \"hold_deletes\"",
			more: `
  assert "named" {
    condition = row.name != "bad"
    message   = "no name"
  }
  assert "short" {
    condition  = row.name != "long"
    message    = "too long"
    on_failure = "warn"
  }`,
		})
		w.edit(`max_delete      = "100%"`, "max_delete = 0")
		// As neither the rows lie nor a language sorts.
		shuffled, sorted := []string{"c", "b", "Z", "d", "é", "a", "B"}, []string{"B", "Z", "a", "b", "c", "d", "é"}
		for _, code := range shuffled {
			w.values("src_member", "r"+code+"|bad|∅", "w"+code+"|long|∅", "u"+code+"|x|none", "i"+code+"|x|∅")
			w.exec(w.dest, "INSERT INTO member (code, name, origin) VALUES ('i"+code+"', 'y', 'B'), ('p"+code+"', 'frozen', 'A'), ('h"+code+"', 'x', 'A')")
		}
		p := w.plan()
		for kind, letter := range map[string]string{"rejected": "r", "warned": "w", "unresolved": "u", "ignored": "i", "protected": "p", "held_back": "h"} {
			want := make([]string, len(sorted))
			for i, code := range sorted {
				want[i] = letter + code
			}
			got := w.rows(w.dest, "SELECT "+e.member("key", "code")+" FROM "+w.registerTable("finding")+" AS f WHERE f.plan_id = '"+p.ID+"' AND f.kind = '"+kind+"' ORDER BY f.seq")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", kind, diff)
			}
		}
	})
}

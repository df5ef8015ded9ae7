package enginetest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// wantNoMarker fails where a plan, as its file has it, holds what is masked.
func (w *world) wantNoMarker(p *plan.Plan) {
	w.Helper()
	text, err := json.Marshal(p)
	w.must(err)
	if strings.Contains(string(text), "MARKER") {
		w.Errorf("what is masked is in the plan: %s", text)
	}
}

// What the sync of a table masks, lookups into it do not show, nor checks that read it.
func TestMaskedBusinessKeys(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		departments, courses := campusDepartments, campusCourses
		departments.more = `  sensitive = ["code"]`
		courses.more = `}
check "codes" {
  destination = destination.` + e.name + `.main
  query       = "SELECT code FROM department"
  key         = ["code"]
  message     = "department ${row.code}"`
		w.configure(departments, courses)
		w.create(w.dest, "UPDATE department SET code = 'MARKER-0'")
		w.values("src_department", "MARKER-1|One")
		w.values("src_course", "C0|Old|MARKER-0", "C1|New|MARKER-1", "C9|None|MARKER-9")
		p := w.plan()
		w.wantCounts(p, "insert 3")
		w.wantNoMarker(p)
		w.wantNotices(p, register.Rejected, "C9: department_id: no row of the looked-up table has code = (sensitive)")
		if notices := p.Destinations[0].Checks[0].Notices; len(notices) != 1 || notices[0].Message != "department (sensitive)" {
			t.Errorf("the check says %+v", notices)
		}

		courses.columns = strings.Replace(courses.columns, `department_id = lookup("department", "id", { code = row.department })`,
			`column "department_id" {
      value         = lookup("department", "id", { code = row.department })
      on_unresolved = "stop"
    }`, 1)
		w.configure(departments, courses)
		if text := w.planError("Unresolved lookup", "code = (sensitive) (1 times)"); strings.Contains(text, "MARKER") {
			t.Error(text)
		}
	})
}

// Where all is masked, so is the value by which another holds a row.
func TestMaskedForeignScope(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		departments := campusDepartments
		departments.more = `  sensitive = "all"`
		w.configure(departments)
		w.create(w.dest, "UPDATE department SET origin = 'MARKER-0'")
		w.values("src_department", "OLD|Old")
		p := w.plan()
		w.wantNotices(p, register.Ignored, ": ")
		w.wantNoMarker(p)
	})
}

// A secret that is bound to a query comes back in its result, whatever its column.
func TestMaskedParams(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := campus(t, e)
		departments := campusDepartments
		departments.query = "SELECT code, name FROM src_department WHERE code = :p OR name = :p"
		departments.params = "p = var.p"
		departments.more = `}
variable "p" {
  sensitive = true
  default   = "MARKER-1"
}
check "echo" {
  source  = source.` + e.name + `.main
  query   = "SELECT code AS a FROM src_department WHERE name = :p"
  params  = { p = var.p }
  key     = ["a"]
  message = "code ${row.a}"`
		w.configure(departments)
		w.values("src_department", "MARKER-1|MARKER-1")
		p := w.plan()
		w.wantCounts(p, "insert 1")
		w.wantNoMarker(p)
		if notices := p.Destinations[0].Checks[0].Notices; len(notices) != 1 || notices[0].Message != "code (sensitive)" {
			t.Errorf("the check says %+v", notices)
		}
	})
}

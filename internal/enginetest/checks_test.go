package enginetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/apply"
)

// checked is courses with a check; %s is the engine's name.
func checked(t testing.TB, e engine, check string) *world {
	t.Helper()
	w := courses(t, e, retiring)
	w.write("check.hcl", strings.ReplaceAll(check, "ENGINE", e.name))
	w.course("A", "Algebra", 1)
	w.course("B", "Botany", 0)
	w.course("C", "Chemistry", 0)
	return w
}

func TestCheckOfSource(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := checked(t, e, `
check "untaught" {
  severity = "error"
  code     = "w9"
  source   = source.ENGINE.main
  query    = "SELECT code, title FROM src_course WHERE hours <= :hours ORDER BY code"
  params   = { hours = 0 }
  message  = "${row.code}: ${row.title} has no hours"
  key      = ["code"]
  blocks   = [sync.courses]
}
`)
		p := w.plan()
		w.wantCounts(p, "insert 3")
		if held := p.Syncs()[0].Held; held != "check.untaught found 2" {
			t.Errorf("held = %q", held)
		}
		w.wantNoticed(p, "check.untaught", "check code=B: B: Botany has no hours (severity=error code=w9)", "check code=C: C: Chemistry has no hours (severity=error code=w9)")
		var held *apply.HeldError
		if _, err := w.tryApply(p); !errors.As(err, &held) {
			t.Errorf("apply: %v", err)
		}
		w.wantCourses()
		// A warning holds nothing; an error without findings does not either.
		w.exec(w.source, "UPDATE src_course SET hours = 1")
		if p := w.plan(); p.Held() || p.Destinations[0].Checks[0].Findings != 0 {
			t.Errorf("held = %q", p.Syncs()[0].Held)
		}
		w.exec(w.source, "UPDATE src_course SET hours = 0")
		w.write("check.hcl", strings.Replace(strings.Replace(string(w.load().Files["check.hcl"]), `"error"`, `"warning"`, 1), "  blocks   = [sync.courses]\n", "", 1))
		p = w.plan()
		if c := p.Destinations[0].Checks[0]; p.Held() || c.Findings != 3 || len(c.Blocks) != 0 {
			t.Errorf("held %v, %+v", p.Held(), c)
		}
		w.apply(p)
		w.wantRowsOf("SELECT count(*) FROM course", "3")
	})
}

// A destination is looked at as it is before the plan.
func TestCheckOfDestination(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := checked(t, e, `
check "orphans" {
  severity    = "error"
  destination = destination.ENGINE.main
  query       = "SELECT code, title FROM course WHERE origin = 'HAND'"
  message     = "${row.title} of ${row.code}"
  key         = ["code"]
  sensitive   = ["title"]
  blocks      = [sync.courses]
}
`)
		if p := w.plan(); p.Held() {
			t.Errorf("held = %q", p.Syncs()[0].Held)
		}
		w.exec(w.dest, "INSERT INTO course (code, title, origin) VALUES ('H', 'SECRET', 'HAND')")
		p := w.plan()
		if !p.Held() {
			t.Error("not held")
		}
		w.wantNoticed(p, "check.orphans", "check code=H: (sensitive) of H (severity=error)")
		if text := fmt.Sprintf("%+v", p); strings.Contains(text, "SECRET") {
			t.Errorf("a sensitive column is shown: %s", text)
		}
		w.wantRowsOf("SELECT count(*) FROM "+w.registerTable("finding")+" WHERE message LIKE '%SECRET%'", "0")
	})
}

// Staged rows are those that would be written, by the destination's columns; those rejected are
// not among them.
func TestCheckOfStagedRows(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := checked(t, e, "")
		w.exec(w.dest, "CREATE TABLE hall (id "+e.types["text"]+", code "+e.types["text"]+" PRIMARY KEY)")
		w.exec(w.dest, "INSERT INTO hall VALUES ('1', 'x')")
		w.edit("code  = row.code", "code  = row.code\n    note = lookup(\"hall\", \"id\", { code = lower(\"X\") })")
		w.edit("  guard {", "  sensitive = [\"title\"]\n  assert \"c\" {\n    condition = row.code != \"C\"\n    message = \"no C\"\n  }\n  guard {")
		w.write("check.hcl", `
check "staged" {
  severity = "error"
  sync     = sync.courses
  where    = row.title != "Algebra" && row["note.code"] == "x"
  message  = "${row.code}: ${row.title} (${row["note.code"]})"
  blocks   = [sync.courses]
}
`)
		p := w.plan()
		w.wantCounts(p, "insert 2")
		if held := p.Syncs()[0].Held; held != "check.staged found 1" {
			t.Errorf("held = %q", held)
		}
		w.wantNoticed(p, "check.staged", "check code=B: B: (sensitive) (x) (severity=error)")
	})
}

// A check that cannot be run has found nothing out: the plan fails, and says where.
func TestFailingCheck(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, from := range []string{"source", "destination"} {
			w := checked(t, e, `
check "faulty" {
  `+from+` = `+from+`.ENGINE.main
  query = "SELECT code FROM nosuch"
  message = row.code
}
`)
			w.planError("check.hcl:4", "Check cannot be run", "check.faulty", "nosuch")
			w.write("check.hcl", strings.Replace(string(w.load().Files["check.hcl"]), "nosuch", map[string]string{"source": "src_course", "destination": "course"}[from], 1))
			w.wantCounts(w.plan(), "insert 3")
			w.write("check.hcl", strings.Replace(string(w.load().Files["check.hcl"]), "row.code", "row.nosuch", 1))
			w.planError("check.hcl:5", "Unknown source column", "nosuch")
		}
	})
}

// A check breaks off in the middle of its rows.
func TestCheckBreaksOff(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := checked(t, e, `
check "faulty" {
  source  = source.ENGINE.main
  query   = "SELECT code, `+e.failing("hours = 1")+` AS x FROM src_course ORDER BY code DESC"
  message = row.code
}
`)
		w.planError("check.hcl:4", "Check cannot be run")
	})
}

// A check that could hold what is planned is not got around by planning only that.
func TestCheckOfRowsLeftOut(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		const check = `
check "untitled" {
  severity = "error"
  sync     = sync.others
  where    = row.title == null
  message  = "${row.code} has no title"
  blocks   = [sync.courses]
}
`
		w := checked(t, e, check)
		w.write("others.hcl", w.courseSync("others", "OTHERS", retiring))
		w.target = []string{"sync.courses"}
		w.planError("check.hcl:2", "Check not run", "check.untitled", "plan them together")
	})
}

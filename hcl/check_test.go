package hcl

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

// checkOf loads one check among syncs students["hss"], students["law"] and rooms.
func checkOf(t *testing.T, check string) *config.Check {
	t.Helper()
	c := mustLoad(t, directory(t, "main.hcl", checked+check, "foad.sql", "SELECT code, grp FROM student WHERE year = :year"), testOptions())
	if len(c.Checks) != 1 {
		t.Fatalf("%d checks", len(c.Checks))
	}
	return c.Checks[0]
}

const checked = common + `
source "sqlite" "apogee" { path = "apogee.db" }
variable "year" {
  sensitive = true
  default   = 2026
}
sync "students" {
  for_each  = toset(["hss", "law"])
  sensitive = ["name", "department_id"]
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "student"
    key   = ["code", "department_id"]
    scope = { origin = each.key }
  }
  columns {
    code          = row.COD
    name          = row.NAME
    email         = row.MAIL
    department_id = lookup("department", "id", { code = row.DEP, site = row.SITE })
  }
}
sync "rooms" {
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = "x" }
  }
  columns { code = row.COD }
}
`

func TestCheckOfSource(t *testing.T) {
	k := checkOf(t, `check "remote" {
  severity  = "error"
  code      = "w9"
  source    = source.sqlite.apogee
  query     = file("foad.sql")
  params    = { year = var.year }
  key       = ["code"]
  message   = "${row.CODE} in ${row["grp"]}"
  sensitive = ["grp"]
  blocks    = [sync.students["law"], sync.rooms, sync.students]
}`)
	if k.Address != "check.remote" || k.Name != "remote" || k.Severity != config.CheckError || k.Code != "w9" {
		t.Errorf("check is %+v", k)
	}
	if k.From == nil || k.From.Address != "source.sqlite.apogee" || k.Query != "SELECT code, grp FROM student WHERE year = :year" {
		t.Errorf("query is %q on %+v", k.Query, k.From)
	}
	if len(k.Params) != 1 || k.Params[0].Name != "year" || k.Params[0].Value.Text() != "2026" {
		t.Errorf("params are %+v", k.Params)
	}
	if diff := cmp.Diff([]string{`sync.students["law"]`, "sync.rooms", `sync.students["hss"]`}, k.Blocks); diff != "" {
		t.Errorf("blocks (-want +got):\n%s", diff)
	}
	if !cmp.Equal(k.Key, []string{"code"}) || !cmp.Equal(k.Sensitive, []string{"grp"}) || !k.AllSensitive || k.Staged != nil || k.Where.Bind != nil {
		t.Errorf("check is %+v", k)
	}
	refs := k.Message.Refs
	if len(refs) != 2 || refs[0].Name != "CODE" || refs[0].Exact || refs[1].Name != "grp" || !refs[1].Exact {
		t.Fatalf("refs are %+v", refs)
	}
	got, err := k.Message.Bind([]int{1, 0})([]value.Value{value.OfText("G1"), value.OfText("7")})
	if err != nil || got.Text() != "7 in G1" {
		t.Errorf("message is %q, %v", got.Text(), err)
	}
	if k.Range.Start.Line == 0 || k.QueryRange.Start.Line != k.Range.Start.Line+4 {
		t.Errorf("at %v, query at %v", k.Range, k.QueryRange)
	}
}

// What a query is given it can return: in which column, nobody can tell.
func TestCheckWithSecretParam(t *testing.T) {
	for params, want := range map[string]bool{`{ year = 2026 }`: false, `{ year = "${var.year}" }`: true, `{ year = var.year == 1 }`: true} {
		k := checkOf(t, `check "remote" {
  source  = source.sqlite.apogee
  query   = file("foad.sql")
  params  = `+params+`
  message = "x"
}`)
		if k.AllSensitive != want || k.Params[0].Sensitive != want {
			t.Errorf("params = %s: AllSensitive = %v", params, k.AllSensitive)
		}
	}
}

func TestCheckOfDestination(t *testing.T) {
	k := checkOf(t, `check "orphans" {
  destination = destination.sqlite.timetable
  query       = "SELECT code FROM student"
  message     = "orphan"
  sensitive   = "all"
}`)
	if k.From == nil || k.From.Address != "destination.sqlite.timetable" || k.Severity != config.CheckWarning || !k.AllSensitive || k.Code != "" {
		t.Errorf("check is %+v", k)
	}
}

func TestCheckOfStagedRows(t *testing.T) {
	k := checkOf(t, `check "mail" {
  severity  = "info"
  sync      = sync.students
  where     = row.email == null && row["department_id.code"] != "X"
  message   = "${row.code} of ${row["department_id.site"]}"
  sensitive = ["email"]
}`)
	if diff := cmp.Diff([]string{`sync.students["hss"]`, `sync.students["law"]`}, k.Staged); diff != "" {
		t.Errorf("staged (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"email", "name", "department_id", "department_id.code", "department_id.site"}, k.Sensitive); diff != "" {
		t.Errorf("sensitive (-want +got):\n%s", diff)
	}
	if !cmp.Equal(k.Key, []string{"code", "department_id"}) || k.From != nil || k.Query != "" || k.Severity != config.CheckInfo {
		t.Errorf("check is %+v", k)
	}
	where := k.Where.Bind([]int{0, 1})
	for _, c := range []struct {
		email, department value.Value
		want              bool
	}{
		{value.Value{}, value.OfText("A"), true},
		{value.Value{}, value.OfText("X"), false},
		{value.Value{}, value.Value{}, false}, // NULL is no finding
		{value.OfText("a@example.org"), value.OfText("A"), false},
	} {
		got, err := where([]value.Value{c.email, c.department})
		if err != nil || got.Bool() != c.want {
			t.Errorf("where of %v, %v is %v, %v", c.email, c.department, got, err)
		}
	}
}

func TestCheckOfOneInstance(t *testing.T) {
	k := checkOf(t, `check "mail" {
  sync    = sync.students["law"]
  where   = row.email == null
  message = row.code
}`)
	if !cmp.Equal(k.Staged, []string{`sync.students["law"]`}) {
		t.Errorf("staged is %v", k.Staged)
	}
}

// A sync that has no instances has no rows: there is nothing to check.
func TestCheckOfNoInstance(t *testing.T) {
	text := common + `check "mail" {
  sync    = sync.rooms
  where   = row.email == null
  message = row.code
}
sync "rooms" {
  for_each = {}
  source {
    from  = source.csv.rooms
    table = "x"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = each.key }
  }
  columns { code = row.COD }
}
`
	if c := mustLoad(t, directory(t, "main.hcl", text), testOptions()); len(c.Checks) != 0 {
		t.Errorf("checks are %+v", c.Checks)
	}
}

func TestCheckSuggestions(t *testing.T) {
	text := checked + `check "mail" {
  sync    = sync.students
  where   = row.emial == null
  message = row["department_id.kode"]
}
check "bundle" {
  destination = destination.bundle.export
  query       = "SELECT 1"
  message     = "x"
}
destination "bundle" "export" {}
`
	failing(t, directory(t, "main.hcl", text), testOptions(),
		`no column "emial"`, `Did you mean "email"?`, `Did you mean "department_id.code"?`, `"bundle" runs no queries`)
}

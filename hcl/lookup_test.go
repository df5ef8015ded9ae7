package hcl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

// refs are the source columns that an expression reads.
func refs(expr config.Expr) string {
	var out []string
	for _, ref := range expr.Refs {
		out = append(out, ref.Name)
	}
	return strings.Join(out, " ")
}

func TestLookup(t *testing.T) {
	text := common + `
variable "site" {
  type      = string
  sensitive = true
  default   = "N"
}
locals { key = "code" }
` + syncText("room", `{ origin = "x" }`, `
    department_id = lookup("department", "id", { code = upper(row.COD_CMP) })
    building_id   = (lookup("${"build"}ing", "no", { (local.key) = row.BAT, site = "N", year = 2026 }))
    secret_id     = lookup("site", "id", { code = "${row.SITE}${var.site}" })
    column "campus_id" {
      value         = lookup("campus", "id", { code = row.CAMPUS })
      on_unresolved = "stop"
      archived      = true
    }
    column "floor_id" {
      value         = lookup("floor", "id", { code = row.FLOOR })
      on_unresolved = "null"
    }
`, "")
	c := mustLoad(t, directory(t, "main.hcl", text), testOptions())
	var got []string
	for _, column := range c.Syncs[0].Columns {
		line := fmt.Sprintf("%s sensitive=%t", column.Name, column.Sensitive)
		if l := column.Lookup; l != nil {
			line += fmt.Sprintf(" %s.%s archived=%t unresolved=%s", l.Table, l.Column, l.Archived, l.OnUnresolved)
			for _, k := range l.By {
				line += fmt.Sprintf(" %s(%s)", k.Column, refs(k.Expr))
			}
		}
		got = append(got, line)
	}
	want := []string{
		"code sensitive=false",
		"department_id sensitive=false department.id archived=false unresolved=reject code(COD_CMP)",
		"building_id sensitive=false building.no archived=false unresolved=reject code(BAT) site() year()",
		"secret_id sensitive=true site.id archived=false unresolved=reject code(SITE)",
		"campus_id sensitive=false campus.id archived=true unresolved=stop code(CAMPUS)",
		"floor_id sensitive=false floor.id archived=false unresolved=null code(FLOOR)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	department := c.Syncs[0].Columns[1].Lookup
	v, err := department.By[0].Expr.Bind([]int{0})([]value.Value{value.OfText("hss")})
	if err != nil || v.Text() != "HSS" {
		t.Errorf("the key is %q, %v", v.Text(), err)
	}
	v, err = c.Syncs[0].Columns[2].Lookup.By[2].Expr.Bind(nil)(nil)
	if err != nil || !v.Equal(value.OfInt(2026)) {
		t.Errorf("the constant is %q, %v", v.Text(), err)
	}
	if department.Range.Start.Line != department.TableRange.Start.Line || department.TableRange.Start.Column <= department.Range.Start.Column {
		t.Errorf("ranges are %+v and %+v", department.Range, department.TableRange)
	}
}

// A lookup's table and those of its keys may differ between instances.
func TestLookupOfInstances(t *testing.T) {
	text := common + strings.Replace(
		syncText("room", `{ origin = each.key }`, `department_id = lookup(each.value, "id", { (each.key) = row.c })`, ""),
		"source {", "for_each = { a = \"x\", b = \"y\" }\n  source {", 1)
	c := mustLoad(t, directory(t, "main.hcl", text), testOptions())
	for i, want := range []string{"x a", "y b"} {
		l := c.Syncs[i].Columns[1].Lookup
		if got := l.Table + " " + l.By[0].Column; got != want {
			t.Errorf("the lookup of %s is %q, want %q", c.Syncs[i].Address, got, want)
		}
	}
}

// Parents run before those who look them up; those that write the same table, and those
// in another database, do not.
func TestLookupOrder(t *testing.T) {
	parents := strings.Replace(syncText("department", `{ origin = each.key }`, "", ""), "source {", "for_each = toset([\"a\", \"b\"])\n  source {", 1)
	elsewhere := strings.ReplaceAll(syncText("elsewhere", `{ origin = "x" }`, `link_id = lookup("link", "id", { code = row.l })`, ""), "destination.sqlite.timetable", "destination.sqlite.other")
	elsewhere = strings.Replace(elsewhere, `table = "elsewhere"`, `table = "department"`, 1)
	text := common + `destination "sqlite" "other" { path = "other.db" }` + "\n" +
		syncText("link", `{ room_id = in_parent("ROOM", "id", { origin = "x" }) }`, `room_id = row.r`, "") +
		syncText("room", `{ origin = "x" }`, `
    department_id = lookup("Department", "id", { code = row.d })
    parent_id     = lookup("room", "id", { code = row.p })`, "") +
		parents + elsewhere
	c := mustLoad(t, directory(t, "main.hcl", text), testOptions())
	var got []string
	for _, s := range c.Syncs {
		got = append(got, s.Address+" after "+strings.Join(s.DependsOn, ", "))
	}
	want := []string{
		`sync.department["a"] after `, `sync.department["b"] after `,
		`sync.room after sync.department["a"], sync.department["b"]`,
		`sync.link after sync.room`,
		`sync.elsewhere after `,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestLookupCycleNamesThePath(t *testing.T) {
	text := common + syncText("a", `{ origin = "x" }`, `b_id = lookup("b", "id", { code = row.b })`, "") +
		syncText("b", `{ origin = "x" }`, `a_id = lookup("a", "id", { code = row.a })`, "")
	failing(t, directory(t, "main.hcl", text), testOptions(), "Dependency cycle", "sync.a -> sync.b -> sync.a")
}

// A sync that only updates, but what lookups read, decides what they find.
func TestUpdatesThatDecide(t *testing.T) {
	renames := strings.Replace(syncText("names", `{ origin = "x" }`, "name = row.name", `lifecycle { operations = ["update"] }`),
		`table = "names"`, `table = "department"`, 1)
	room := func(key string) string {
		return syncText("room", `{ origin = "x" }`, `department_id = lookup("department", "id", { `+key+` = row.d })`, "")
	}
	for key, want := range map[string]string{"code": "", "NAME": "sync.names"} {
		c := mustLoad(t, directory(t, "main.hcl", common+room(key)+renames), testOptions())
		if got := strings.Join(find(t, c, "sync.room").DependsOn, " "); got != want {
			t.Errorf("looked up by %s, the room depends on %q, want %q", key, got, want)
		}
	}
}

package hcl

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

func TestCompare(t *testing.T) {
	text := common + syncText("room", `{ origin = "x" }`, `
    column "a" {
      value = row.a
    }
    column "b" {
      value   = row.b
      compare = "exact"
    }
    column "c" {
      value   = null
      compare = "rounded( 2 )"
    }
    column "d" {
      value   = row.d
      compare = null
    }
    column "e" {
      value   = row.e
      compare = "case_insensitive"
    }
    column "f" {
      value   = row.f
      compare = "date"
    }
    column "g" {
      value   = row.g
      compare = "${"trim"}med"
    }
`, "")
	c := mustLoad(t, directory(t, "main.hcl", text), testOptions())
	got := map[string]config.Compare{}
	for _, column := range c.Syncs[0].Columns {
		if column.Compare.Mode != "" && column.Compare.Mode != config.CompareExact {
			got[column.Name] = column.Compare
		}
	}
	want := map[string]config.Compare{
		"c": {Mode: config.CompareRounded, Digits: 2}, "e": {Mode: config.CompareFolded},
		"f": {Mode: config.CompareDate}, "g": {Mode: config.CompareTrimmed},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("comparisons (-want +got):\n%s", diff)
	}
}

func TestAsserts(t *testing.T) {
	asserts := `
  assert "mail" {
    condition = row.MAIL != null
    message   = "account ${row.CODE} has no mail"
  }
  assert "adult" {
    condition  = row.age
    message    = "born ${row.birth}"
    on_failure = "stop"
  }
  assert "department" {
    condition  = row.d != null
    message    = "department ${row["D"]}"
    on_failure = "warn"
  }
  assert "token" {
    condition = true
    message   = "token ${var.token}"
  }
`
	columns := "birth_date = row.BIRTH\n department_id = lookup(\"department\", \"id\", { code = row.d })"
	variable := "variable \"token\" {\n  type = string\n  sensitive = true\n  default = \"x\"\n}\n"
	for sensitive, want := range map[string][]string{
		`["birth_date"]`:    {"mail reject open", "adult stop hidden", "department warn open", "token reject hidden"},
		`["department_id"]`: {"mail reject open", "adult stop open", "department warn hidden", "token reject hidden"},
		`"all"`:             {"mail reject hidden", "adult stop hidden", "department warn hidden", "token reject hidden"},
	} {
		text := common + variable + syncText("room", `{ origin = "x" }`, columns, "sensitive = "+sensitive+asserts)
		c := mustLoad(t, directory(t, "main.hcl", text), testOptions())
		var got []string
		for _, a := range c.Syncs[0].Asserts {
			shown := "open"
			if a.Sensitive {
				shown = "hidden"
			}
			got = append(got, fmt.Sprintf("%s %s %s", a.Name, a.OnFailure, shown))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("asserts where %s is sensitive (-want +got):\n%s", sensitive, diff)
		}
		mail, adult := c.Syncs[0].Asserts[0], c.Syncs[0].Asserts[1]
		if v, err := mail.Condition.Bind([]int{0})([]value.Value{{}}); err != nil || !v.Equal(value.OfBool(false)) {
			t.Errorf("the condition is %q, %v", v.Text(), err)
		}
		if v, err := adult.Condition.Bind([]int{0})([]value.Value{value.OfText("true")}); err != nil || !v.Equal(value.OfBool(true)) {
			t.Errorf("the condition is %q, %v", v.Text(), err)
		}
		if v, err := mail.Message.Bind([]int{0})([]value.Value{value.OfInt(7)}); err != nil || v.Text() != "account 7 has no mail" {
			t.Errorf("the message is %q, %v", v.Text(), err)
		}
	}
}

func TestQueries(t *testing.T) {
	text := common + queryText("", `queries {
      delete = "SELECT code FROM gone WHERE year = :year"
      insert = file("insert.sql")
    }
    params = { year = 2026, site = "N" }`)
	text = strings.Replace(text, "  columns {", "  lifecycle { on_missing = \"delete\" }\n  columns {", 1)
	c := mustLoad(t, directory(t, "main.hcl", text, "insert.sql", "SELECT code FROM room WHERE site = :site"), testOptions())
	s := c.Syncs[0].Source
	var got []string
	for _, q := range s.Queries {
		got = append(got, string(q.Task)+": "+q.SQL)
		if q.Range.Start.Line == 0 {
			t.Errorf("%s has no place", q.Task)
		}
	}
	want := []string{"insert: SELECT code FROM room WHERE site = :site", "delete: SELECT code FROM gone WHERE year = :year"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("queries (-want +got):\n%s", diff)
	}
	if s.Table != "" || s.Query != "" || len(s.Params) != 2 {
		t.Errorf("source is %+v", s)
	}
}

func TestInParent(t *testing.T) {
	text := common + "locals { kind = \"database\" }\n" +
		syncText("user_enrol", `{ (local.column) = 7, enrol_id = (in_parent("enrol", "id", { kind = local.kind, year = 2026 })) }`,
			`enrol_id = lookup("enrol", "id", { course = row.c })`, "") + "locals { column = \"origin\" }\n"
	text = strings.Replace(text, "key   = [", "adopt = true\n    key   = [", 1)
	c := mustLoad(t, directory(t, "main.hcl", text), testOptions())
	d := c.Syncs[0].Destination
	if !d.Adopt || d.OwnsTable || len(d.Scope) != 1 || d.Scope[0].Column != "origin" || len(d.Parents) != 1 {
		t.Fatalf("destination is %+v", d)
	}
	p := d.Parents[0]
	if p.Column != "enrol_id" || p.Table != "enrol" || p.Ref != "id" || len(p.Where) != 2 || p.Where[0].Column != "kind" || !p.Where[0].Value.Equal(value.OfText("database")) ||
		!p.Where[1].Value.Equal(value.OfInt(2026)) || p.Range.Start.Line == 0 {
		t.Errorf("the parent is %+v", p)
	}
	alone := common + syncText("link", `{ enrol_id = in_parent("enrol", "id", { kind = "x" }) }`, "enrol_id = row.e", "")
	if d := mustLoad(t, directory(t, "main.hcl", alone), testOptions()).Syncs[0].Destination; len(d.Scope) != 0 || len(d.Parents) != 1 || d.Adopt {
		t.Errorf("destination is %+v", d)
	}
}

func TestLifecycleOfPredicates(t *testing.T) {
	load := func(t *testing.T, lifecycle string) config.Lifecycle {
		text := common + syncText("room", `{ origin = "x" }`, "hidden = row.h", "lifecycle {\n"+lifecycle+"\n}")
		return mustLoad(t, directory(t, "main.hcl", text), testOptions()).Syncs[0].Lifecycle
	}
	year := 365 * 24 * time.Hour
	for name, test := range map[string]struct {
		lifecycle, archived, column, since string
		purge                              time.Duration
		restore                            int
	}{
		"a column":               {`archive = { gone = now() }`, "none", "gone", "", 0, 1},
		"a column, purged":       {"archive = { gone = now() }\npurge_after = \"365d\"", "none", "gone", "gone", year, 1},
		"purged by another":      {"archive = { gone = now() }\npurge_after = \"365d\"\narchived_since = dest.left", "none", "gone", "left", year, 1},
		"purged by null":         {"archive = { gone = now() }\npurge_after = null\narchived_since = dest.left", "none", "gone", "", 0, 1},
		"a predicate":            {"archive = { kind = \"A\", gone = now() }\nrestore = { kind = \"L\", gone = null }\narchived = dest.kind == \"A\"\npurge_after = \"365d\"", "kind = text A", "", "gone", year, 2},
		"no column of now":       {"archive = { kind = \"A\" }\nrestore = { kind = null }\narchived = dest.kind == \"A\"\npurge_after = \"365d\"\narchived_since = dest[\"left on\"]", "kind = text A", "", "left on", year, 1},
		"by others":              {"archived = dest.kind == \"A\"\nrestore = { kind = \"L\" }\narchived_since = dest.left\npurge_after = \"365d\"", "kind = text A", "", "left", year, 1},
		"by others, mapped":      {`archived = dest.hidden`, "hidden = bool true", "", "", 0, 0},
		"by others, for ever":    {"archived = dest.kind == \"A\"\noperations = [\"insert\", \"update\", \"purge\", \"rename\", \"adopt\"]", "kind = text A", "", "", 0, 0},
		"perhaps restored":       {"archive = { kind = \"A\" }\nrestore = { kind = \"a\" }\narchived = dest.kind == \"A\"", "kind = text A", "", "", 0, 1},
		"two columns of now":     {"archive = { gone = now(), left = now() }\nrestore = { gone = null }\narchived = dest.gone != null", "gone is not null", "", "", 0, 1},
		"restored to the future": {"archive = { gone = now(), kind = \"A\" }\nrestore = { kind = now() }\narchived = dest.kind == \"A\"", "kind = text A", "", "", 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			l := load(t, test.lifecycle)
			if got := spell(l.Archived); got != test.archived || l.ArchivedColumn != test.column || l.ArchivedSince != test.since || l.PurgeAfter != test.purge || len(l.Restore) != test.restore {
				t.Errorf("lifecycle is %s, %+v", got, l)
			}
			if !l.Archives() {
				t.Error("nothing is archived")
			}
		})
	}
	if l := load(t, `protect = dest.frozen`); l.Archives() || spell(l.Protect) != "frozen = bool true" || len(l.Operations) != len(config.Operations) {
		t.Errorf("lifecycle is %+v", l)
	}
}

func TestHooks(t *testing.T) {
	hooks := `
  before_apply = ["UPDATE a SET b = 1", local.more]
  after_apply  = file("after.sql")
`
	text := common + "locals { more = \"DELETE FROM c;\" }\n" + syncText("room", `{ origin = "x" }`, "", hooks)
	c := mustLoad(t, directory(t, "main.hcl", text, "after.sql", "-- refresh\nSELECT refresh()\n"), testOptions())
	var got []string
	h := c.Syncs[0].Hooks
	for _, hook := range append(h.Before, h.After...) {
		got = append(got, fmt.Sprintf("%d %s", hook.Range.Start.Column, hook.SQL))
	}
	if diff := cmp.Diff([]string{"19 UPDATE a SET b = 1", "41 DELETE FROM c;", "18 -- refresh\nSELECT refresh()\n"}, got); diff != "" {
		t.Errorf("hooks (-want +got):\n%s", diff)
	}
	// The destination's provider says how the text reads.
	quoted := syncText("room", `{ origin = "x" }`, "", `before_apply = "UPDATE a SET b = $$ ; COMMIT $$"`)
	postgres := strings.ReplaceAll(common+quoted, `"sqlite" "timetable" { path = "timetable.db" }`, `"postgres" "timetable" { url = "postgres://db.example.org/x" }`)
	mustLoad(t, directory(t, "main.hcl", strings.ReplaceAll(postgres, "destination.sqlite", "destination.postgres")), testOptions())
	failing(t, directory(t, "main.hcl", common+quoted), testOptions(), "Invalid hook")
	none := mustLoad(t, directory(t, "main.hcl", common+syncText("room", `{ origin = "x" }`, "", "before_apply = []\nafter_apply = null")), testOptions())
	if h := none.Syncs[0].Hooks; len(h.Before)+len(h.After) > 0 {
		t.Errorf("hooks are %+v", h)
	}
}

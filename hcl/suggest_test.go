package hcl

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/suggest"
)

func TestDidYouMean(t *testing.T) {
	more := `
variable "campus" { default = "east" }
locals { origin = "x" }
faculty "hss" {}
schedule "nightly" { every = "24h" }
notify "email" "office" {
  on   = ["failure"]
  to   = ["a@example.org"]
  smtp = "smtp://example.org"
}
`
	for name, tc := range map[string]struct{ text, want string }{
		"block":             {`schedul "x" {}`, "schedule"},
		"top-level":         {`sources = 1`, "source"},
		"argument":          {`faculty "x" { coed = "1" }`, "code"},
		"nested block":      {strings.Replace(syncText("s", `{ a = "x" }`, "", ""), "columns {", "colums {", 1), "columns"},
		"nested argument":   {syncText("s", `{ a = "x" }`, "", "lifecycle { onmissing = \"keep\" }"), "on_missing"},
		"provider":          {`source "cvs" "a" {}`, "csv"},
		"provider argument": {`source "csv" "a" {` + "\n directory = \"x\"\n delimitr = \";\"\n}", "delimiter"},
		"source":            {`locals { a = source.csv.room }`, "rooms"},
		"source's provider": {`locals { a = source.cvs.rooms }`, "csv"},
		"destination":       {`locals { a = destination.sqlite.timetabel }`, "timetable"},
		"faculty":           {`locals { a = faculty.hhs }`, "hss"},
		"faculty by index":  {`locals { a = faculty["hhs"] }`, "hss"},
		"schedule":          {`faculty "x" { schedule = schedule.nightli }`, "nightly"},
		"notify":            {`faculty "x" { notify = [notify.email.ofice] }`, "office"},
		"notify kind":       {`faculty "x" { notify = [notify.emial.office] }`, "email"},
		"sync":              {syncText("rooms", `{ a = "x" }`, "", "depends_on = [sync.romos]"), "rooms"},
		"instance": {strings.Replace(syncText("rooms", `{ a = each.key }`, "", ""), "source {", "for_each = toset([\"east\"])\nsource {", 1) +
			syncText("s", `{ a = "x" }`, "", `depends_on = [sync.rooms["esat"]]`), "east"},
		"var":       {`locals { a = var.campsu }`, "campus"},
		"local":     {`locals { a = local.orign }`, "origin"},
		"each":      {strings.Replace(syncText("rooms", `{ a = each.vlaue }`, "", ""), "source {", "for_each = toset([\"east\"])\nsource {", 1), "value"},
		"root":      {`locals { a = fauclty.hss }`, "faculty"},
		"function":  {`locals { a = uppr("x") }`, "upper"},
		"in column": {syncText("s", `{ a = "x" }`, "b = uppr(row.x)", ""), "upper"},
		"key":       {strings.Replace(syncText("s", `{ a = "x" }`, "", ""), `key   = ["code"]`, `key = ["cdoe"]`, 1), "code"},
		"sensitive": {syncText("s", `{ a = "x" }`, "", `sensitive = ["coed"]`), "code"},
		"ignored":   {syncText("s", `{ a = "x" }`, "name = row.name", `lifecycle { ignore_changes = ["nmae"] }`), "name"},
		"operation": {syncText("s", `{ a = "x" }`, "", `lifecycle { operations = ["udpate"] }`), "update"},
		"choice":    {syncText("s", `{ a = "x" }`, "", `lifecycle { on_missing = "delte" }`), "delete"},
		"event":     {"notify \"email\" \"a\" {\n on = [\"fialure\"]\n to = [\"a@example.org\"]\n smtp = \"smtp://example.org\"\n}", "failure"},
		"param":     {queryText("", "query = \"SELECT :cmoponent\"\n params = { component = 1 }"), "component"},
		"weekday":   {"schedule \"a\" {\n every = \"1h\"\n window { days = [\"mno\"] }\n}", "mon"},
	} {
		t.Run(name, func(t *testing.T) {
			failing(t, directory(t, "main.hcl", common+more+tc.text), testOptions(), `Did you mean "`+tc.want+`"?`)
		})
	}
	for _, far := range []string{"xyz", "q", "unrelated"} {
		if got := suggest.Closest(far, []string{"csv", "sqlite", "p"}); got != "" {
			t.Errorf("Closest(%q) = %q", far, got)
		}
	}
}

func TestMessages(t *testing.T) {
	for name, tc := range map[string]struct {
		text  string
		parts []string
	}{
		"cycle of syncs": {
			syncText("a", `{ a = "x" }`, "", "depends_on = [sync.b]") + syncText("b", `{ a = "x" }`, "", "depends_on = [sync.a]"),
			[]string{"sync.a -> sync.b -> sync.a", "main.hcl:19"},
		},
		"cycle of locals": {"locals {\n a = local.b\n b = local.a\n}", []string{"local.a -> local.b -> local.a"}},
		"cycle through a faculty": {
			"locals { a = faculty.x.name }\nfaculty \"x\" { name = local.a }",
			[]string{"local.a -> faculty.x -> local.a"},
		},
		"archive without a map": {
			syncText("a", `{ a = "x" }`, "", `lifecycle { on_missing = "archive" }`),
			[]string{"archive = { deleted_on = now() }"},
		},
		"overlapping instances": {
			strings.Replace(syncText("a", `{ origin = "x" }`, "", ""), "source {", "for_each = toset([\"p\", \"q\"])\nsource {", 1),
			[]string{`sync.a["p"] and sync.a["q"]`, "provably disjoint", "each.key"},
		},
		"overlapping syncs": {
			syncText("a", `{ origin = "x" }`, "", "") + strings.Replace(syncText("b", `{ origin = "x" }`, "", ""), `table = "b"`, `table = "a"`, 1),
			[]string{"sync.a (main.hcl:4)", "sync.b (main.hcl:21)"},
		},
		"word without quotes": {`locals { a = archive }`, []string{`Text is written in quotes: "archive".`}},
		"unknown param": {
			queryText("", `query = "SELECT :a"`),
			[]string{"The query uses :a, which params does not define."},
		},
		"query of a provider without": {
			strings.Replace(queryText("", `query = "SELECT 1"`), "source.sqlite.apogee", "source.csv.rooms", 1),
			[]string{`The provider "csv" has no queries: name a table with "table".`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			failing(t, directory(t, "main.hcl", common+tc.text), testOptions(), tc.parts...)
		})
	}
}

package hcl

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/registrar-sync/registrar/config"
)

func untrustedOptions() Options {
	opts := testOptions()
	opts.Untrusted = true
	return opts
}

const otherSecret = "1"

// untold loads a stranger's configuration with two values of the variable "secret" that comes from outside. Nothing that
// is shown, or tells the two apart, may come of it; it returns the diagnostics.
func untold(t *testing.T, dir string, opts Options) string {
	t.Helper()
	load := func(text string) (*config.Config, string) {
		opts := opts
		opts.Environ = append(slices.Clone(opts.Environ), "REGISTRAR_VAR_secret="+text)
		c, diags := Load(dir, opts)
		return c, detailed(diags)
	}
	one, diags := load(secret)
	other, otherDiags := load(otherSecret)
	if diags != otherDiags {
		t.Errorf("the diagnostics tell two values apart:\n%s", cmp.Diff(diags, otherDiags))
	}
	same := cmp.Options{
		cmp.Exporter(func(reflect.Type) bool { return true }),
		cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() != nil && p.Last().Type().Kind() == reflect.Func }, cmp.Ignore()),
		// What connections and params may hold is the operator's to say.
		cmpopts.IgnoreFields(config.Connection{}, "Attributes"),
		cmpopts.IgnoreFields(config.Param{}, "Value"),
	}
	if diff := cmp.Diff(one, other, same); diff != "" {
		t.Errorf("the configurations tell two values apart:\n%s", diff)
	}
	for _, connection := range append(one.Sources, one.Destinations...) {
		connection.Attributes = nil
	}
	for _, s := range one.Syncs {
		s.Source.Params = nil
	}
	if text := fmt.Sprintf("%+v", *one) + diags; strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
		t.Errorf("the secret is shown:\n%s", text)
	}
	return diags
}

// TestUntrustedCannotTell: a merge request that no longer declares a variable sensitive cannot tell its value, neither by
// showing it nor, bit by bit, by what fails.
func TestUntrustedCannotTell(t *testing.T) {
	sourced := func(expr string) string { return `source "csv" "a" { directory = ` + expr + ` }` }
	for name, text := range map[string]string{
		"query":               queryText("", `query = "SELECT '${var.secret}' AS code"`),
		"table":               strings.Replace(syncText("s", `{ a = "x" }`, "", ""), `table = "x"`, "table = var.secret", 1),
		"scope":               syncText("s", `{ a = var.secret }`, "", ""),
		"scope's column":      syncText("s", `{ (var.secret) = 1 }`, "", ""),
		"key":                 strings.Replace(syncText("s", `{ a = "x" }`, "", ""), `["code"]`, "[var.secret]", 1),
		"faculty's name":      `faculty "law" { name = var.secret }`,
		"faculty by a local":  "locals { n = \"x${var.secret}\" }\nfaculty \"law\" { name = local.n }",
		"for_each":            strings.Replace(syncText("s", `{ a = each.key }`, "", ""), "source {", "for_each = toset([var.secret])\n source {", 1),
		"length of for_each":  strings.Replace(syncText("s", `{ a = each.key }`, "", ""), "source {", "for_each = toset(slice([\"a\", \"b\"], 0, length(var.secret) > 3 ? 2 : 1))\n source {", 1),
		"archive":             syncText("s", `{ a = "x" }`, "", `lifecycle { archive = { a = var.secret } }`),
		"hook":                syncText("s", `{ a = "x" }`, "", `before_apply = "DELETE FROM ${var.secret}"`),
		"guard":               syncText("s", `{ a = "x" }`, "", `guard { max_delete = length(var.secret) }`),
		"sensitive":           syncText("s", `{ a = "x" }`, "", `sensitive = var.secret == "1" ? [] : ["code"]`),
		"assert's condition":  syncText("s", `{ a = "x" }`, "", "assert \"a\" {\n condition = var.secret == \"1\"\n message = \"x\"\n}"),
		"check's message":     syncText("s", `{ a = "x" }`, "", "") + "check \"c\" {\n sync = sync.s\n where = true\n message = var.secret\n}",
		"check's condition":   syncText("s", `{ a = "x" }`, "", "") + "check \"c\" {\n sync = sync.s\n where = var.secret == \"1\"\n message = \"x\"\n}",
		"policy's condition":  syncText("s", `{ a = "x" }`, "", "") + "policy \"c\" {\n condition = var.secret == \"1\"\n message = \"x\"\n}",
		"policy's message":    syncText("s", `{ a = "x" }`, "", "") + "policy \"c\" {\n condition = plan.changes == 0\n message = var.secret\n}",
		"schedule":            `schedule "s" { every = var.secret }`,
		"moved":               syncText("s", `{ a = "x" }`, "", "") + "moved {\n sync = sync.s\n from = var.secret\n to = \"x\"\n}",
		"notified address":    "notify \"email\" \"s\" {\n on = [\"failure\"]\n to = [\"${var.secret}@example.org\"]\n smtp = \"smtp://example.org\"\n}",
		"registrar":           `registrar { plan_ttl = "${var.secret}h" }`,
		"timezone":            `registrar { timezone = var.secret }`,
		"trusted key":         `registrar { trusted_keys = [var.secret] }`,
		"destination's mask":  "destination \"sqlite\" \"x\" {\n path = \"x\"\n sensitive = var.secret == \"1\" ? \"all\" : null\n}",
		"module's argument":   "module \"m\" {\n source = \"./m\"\n name = var.secret\n}",
		"module's for_each":   "module \"m\" {\n source = \"./m\"\n for_each = { (var.secret) = 1 }\n name = \"x\"\n}",
		"error of a function": sourced(`tostring(parseint(var.secret, 10))`),
		"chosen error":        sourced(`substr(var.secret, 0, 1) == "1" ? "x" : file("none")`),
		"chosen by a local":   "locals { is = [var.secret == \"1\"] }\n" + sourced(`local.is[0] ? "x" : file("none")`),
		"comparison":          "locals { is = var.secret > 0 }",
		"negation":            "locals { is = -var.secret }",
		"index":               sourced(`{ "1" = "x" }[var.secret]`),
		"key of an object":    sourced(`{ (var.secret) = "x" }["1"]`),
		"attribute":           sourced(`{ (var.secret) = "x" }.x`),
		"for":                 sourced(`[for x in [var.secret] : x == "1" ? "x" : file("none")][0]`),
		"for's condition":     sourced(`[for x in ["a"] : x if var.secret == "1"][0]`),
		"template's if":       sourced(`"%{ if var.secret == "1" }x%{ else }${file("none")}%{ endif }"`),
		"can":                 `faculty "law" { name = can(parseint(var.secret, 10)) ? "a" : "b" }`,
		"can alone":           `faculty "law" { name = can(regex("^1", var.secret)) }`,
		"try":                 `faculty "law" { name = try(regex("^1", var.secret), "no") }`,
		"try, of a constant":  `faculty "law" { name = try(tobool(var.secret) ? "a" : "a", "no") }`,
		"null":                `faculty "law" { name = var.secret == "1" ? null : "x" }`,
		"null, passed on":     "locals { n = var.secret == \"1\" ? null : \"x\" }\nfaculty \"law\" { name = local.n }",
		"nullif":              `faculty "law" { name = nullif(var.secret, "1") }`,
		"file's name":         sourced(`file(var.secret)`),
		"column's condition":  syncText("s", `{ a = "x" }`, `b = var.secret == "1" ? row.x : row.y`, ""),
		"column's function":   syncText("s", `{ a = "x" }`, `b = startswith(var.secret, row.x)`, ""),
		"column's index":      syncText("s", `{ a = "x" }`, `b = { "1" = row.x }[var.secret]`, ""),
		"param's name":        queryText("", "query = \"SELECT 1\"\n params = { (var.secret) = 1 }"),
		"param's condition":   queryText("", "query = \"SELECT :a\"\n params = { a = var.secret == \"1\" }"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := directory(t, "main.hcl", "variable \"secret\" {}\n"+common+text, "m/main.hcl", `
variable "name" {}
faculty "law" { name = var.name }
`)
			diags := untold(t, dir, untrustedOptions())
			if !strings.Contains(diags, "error: ") {
				t.Errorf("no error:\n%s", diags)
			}
		})
	}
}

// TestUntrustedNull: an argument that is null counts as left out, which would tell whether a value is.
func TestUntrustedNull(t *testing.T) {
	for name, text := range map[string]string{
		"faculty":  `faculty "law" { code = var.secret }`,
		"table":    strings.Replace(syncText("s", `{ a = "x" }`, "", ""), `table = "x"`, "table = var.secret", 1),
		"notifier": "notify \"webhook\" \"s\" {\n on = [\"failure\"]\n url = var.secret\n}",
	} {
		dir := directory(t, "main.hcl", "variable \"secret\" { type = any }\n"+common+text)
		opts := untrustedOptions()
		load := func(value string) string {
			opts.Environ = []string{"REGISTRAR_VAR_secret=" + value}
			_, diags := Load(dir, opts)
			return detailed(diags)
		}
		if null, filled := load("null"), load(`"https://example.org"`); null != filled {
			t.Errorf("%s: the diagnostics tell null apart:\n%s", name, cmp.Diff(null, filled))
		}
	}
}

// TestUntrustedRules: rules about a variable from outside are not looked at, and its type's mistakes do not quote it.
func TestUntrustedRules(t *testing.T) {
	dir := directory(t, "main.hcl", common+`
variable "secret" {
  validation {
    condition     = substr(var.secret, 0, 1) == "i"
    error_message = "The first letter is another, of ${var.secret}."
  }
  validation {
    condition     = length(var.secret) == 1
    error_message = "x"
  }
}
variable "own" {
  default = "x"
  validation {
    condition     = var.own != substr(var.secret, 0, 1)
    error_message = "x"
  }
  validation {
    condition     = var.own == "y"
    error_message = "It is ${var.own}."
  }
}
`)
	diags := untold(t, dir, untrustedOptions())
	for _, part := range []string{"main.hcl:7: warning: Rule not looked at", "main.hcl:11: warning: Rule not looked at", "main.hcl:18: warning: Rule not looked at", "It is x."} {
		if !strings.Contains(diags, part) {
			t.Errorf("diagnostics lack %q:\n%s", part, diags)
		}
	}
	for _, typ := range []string{"number", "list(string)", "map(number)", "any"} {
		opts := untrustedOptions()
		dir := directory(t, "main.hcl", common+"variable \"secret\" { type = "+typ+" }\nvariable \"more\" { type = list(number) }\n", "given.vars.hcl", `more = { "`+secret+`" = "`+secret+`" }`)
		opts.VariableFiles = []string{filepath.Join(dir, "given.vars.hcl")}
		opts.Variables = map[string]string{"secret": secret}
		if out := failing(t, dir, opts, "Invalid value for variable"); strings.Contains(out, secret) {
			t.Errorf("of type %s, the value is shown:\n%s", typ, out)
		}
	}
}

// TestUntrustedValues: what is from outside is sensitive unless the operator says that it is public; what the directory
// itself holds is its author's own.
func TestUntrustedValues(t *testing.T) {
	given := filepath.Join(t.TempDir(), "given.vars.hcl")
	writeFile(t, filepath.Dir(given), filepath.Base(given), `filed = "a"`)
	shown := func(name string) string {
		return fmt.Sprintf("variable %[1]q { default = \"d\" }\nfaculty %[1]q { name = var.%[1]s }\n", name)
	}
	text := common
	for _, name := range []string{"plain", "automatic", "environment", "line", "filed", "overridden", "public"} {
		text += shown(name)
	}
	dir := directory(t, "main.hcl", text, "a.auto.vars.hcl", "automatic = \"a\"\noverridden = \"a\"\n")
	opts := untrustedOptions()
	opts.Environ = []string{"REGISTRAR_VAR_environment=a", "REGISTRAR_VAR_public=b", "REGISTRAR_VAR_overridden=b"}
	opts.Variables = map[string]string{"line": "a"}
	opts.VariableFiles = []string{given}
	opts.PublicVariables = []string{"public"}
	c, diags := Load(dir, opts)
	var refused []string
	for _, d := range diags {
		if d.Summary != sensitiveValue {
			t.Errorf("unexpected: %s", d.Detail)
		}
		refused = append(refused, strings.TrimSpace(strings.Split(text, "\n")[d.Subject.Start.Line-1]))
	}
	want := []string{`faculty "environment" { name = var.environment }`, `faculty "line" { name = var.line }`, `faculty "filed" { name = var.filed }`}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	names := make(map[string]string)
	for _, f := range c.Faculties {
		names[f.Label] = f.Name
	}
	for label, want := range map[string]string{"plain": "d", "automatic": "a", "overridden": "a", "public": "b"} {
		if names[label] != want {
			t.Errorf("faculty %s is %q, want %q", label, names[label], want)
		}
	}
	// Trusted, none of it is refused.
	opts.Untrusted = false
	mustLoad(t, dir, opts)
}

// TestUntrustedMayPassOn: secrets reach where they are needed, and the names of those that do are known.
func TestUntrustedMayPassOn(t *testing.T) {
	dir := directory(t, "main.hcl", `
variable "secret" {}
variable "environment" {}
locals { login = { user = "u", password = trimspace(var.secret) } }
source "csv" "rooms" { directory = "data" }
source "sqlite" "a" { path = var.environment == "test" ? "a" : "b" }
destination "sqlite" "timetable" { url = "postgres://${local.login.user}:${var.secret}@example.org" }
notify "email" "n" {
  on   = ["failure"]
  to   = ["a@example.org"]
  smtp = "smtp://u:${var.secret}@example.org"
}
notify "webhook" "n" {
  on      = ["failure"]
  url     = "https://example.org/${var.secret}"
  headers = { Authorization = var.secret }
}
`+syncText("s", `{ a = "x" }`, "b = var.secret\n c = \"${row.c}${var.secret}\"", ""))
	opts := untrustedOptions()
	opts.PublicVariables = []string{"environment"}
	opts.Variables = map[string]string{"secret": secret, "environment": "test"}
	c := mustLoad(t, dir, opts)
	d := c.Destinations[0]
	if d.Attributes["url"] != "postgres://u:"+secret+"@example.org" || !slices.Equal(d.Secrets, []string{"secret"}) {
		t.Errorf("the destination is %v, of %v", d.Attributes, d.Secrets)
	}
	if a := c.Sources[1]; a.Attributes["path"] != "a" || a.Secrets != nil {
		t.Errorf("the source is %v, of %v", a.Attributes, a.Secrets)
	}
	for _, column := range c.Syncs[0].Columns[1:] {
		if !column.Sensitive || !slices.Equal(column.Secrets, []string{"secret"}) {
			t.Errorf("column %s: %v, %v", column.Name, column.Sensitive, column.Secrets)
		}
	}
	// A stranger chooses whom to tell: nobody is told a secret.
	for _, n := range c.Notifiers {
		if n.Email != nil && n.Email.Server != (config.MailServer{}) || n.Webhook != nil && (n.Webhook.URL != "" || n.Webhook.Headers != nil) {
			t.Errorf("%s holds the secret", n.Address)
		}
	}
	opts.Untrusted = false
	for _, n := range mustLoad(t, dir, opts).Notifiers {
		if n.Email != nil && n.Email.Server.Password != secret || n.Webhook != nil && n.Webhook.URL != "https://example.org/"+secret {
			t.Errorf("trusted, %s lacks the secret", n.Address)
		}
	}
}

// The digest is published, and a short secret could be guessed from it.
func TestUntrustedDigest(t *testing.T) {
	dir := directory(t, "main.hcl", common+"variable \"secret\" {}\nvariable \"public\" {}\n")
	digest := func(secret, public string) string {
		opts := untrustedOptions()
		opts.Variables = map[string]string{"secret": secret, "public": public}
		opts.PublicVariables = []string{"public"}
		return mustLoad(t, dir, opts).Digest
	}
	if digest("a", "x") != digest("b", "x") {
		t.Error("a value from outside changes the digest")
	}
	if digest("a", "x") == digest("a", "y") {
		t.Error("a public value does not change the digest")
	}
}

func TestSkipUndeclared(t *testing.T) {
	given := filepath.Join(t.TempDir(), "given.vars.hcl")
	writeFile(t, filepath.Dir(given), filepath.Base(given), "campus = \"a\"\nother = 1\n")
	dir := directory(t, "main.hcl", "variable \"campus\" {}\nsource \"csv\" \"shown\" { directory = var.campus }\n")
	opts := testOptions()
	opts.VariableFiles = []string{given}
	opts.Variables = map[string]string{"more": "1"}
	failing(t, dir, opts, undeclaredVariable)
	opts.SkipUndeclared = true
	if got := valueOf(t, dir, opts); got != "a" {
		t.Errorf("campus = %v", got)
	}
}

package hcl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// valueOf loads a configuration whose source "csv" "shown" shows a value.
func valueOf(t *testing.T, dir string, opts Options) any {
	t.Helper()
	c := mustLoad(t, dir, opts)
	for _, s := range c.Sources {
		if s.Name == "shown" {
			return s.Attributes["directory"]
		}
	}
	t.Fatal("no source shown")
	return nil
}

func TestVariablePrecedence(t *testing.T) {
	main := `
variable "campus" {
  type    = string
  default = "default"
}
source "csv" "shown" { directory = var.campus }
`
	first := filepath.Join(t.TempDir(), "first.vars.hcl")
	second := filepath.Join(t.TempDir(), "second.vars.hcl")
	writeFile(t, filepath.Dir(first), filepath.Base(first), `campus = "first file"`)
	writeFile(t, filepath.Dir(second), filepath.Base(second), `campus = "second file"`)

	dir := directory(t, "main.hcl", main)
	opts := testOptions()
	check := func(want string) {
		t.Helper()
		if got := valueOf(t, dir, opts); got != want {
			t.Errorf("campus = %q, want %q", got, want)
		}
	}
	check("default")
	opts.Environ = []string{"HOME=/root", "REGISTRAR_VAR_campus=environment", "REGISTRAR_VAR_other=ignored", "campus=x"}
	check("environment")
	writeFile(t, dir, "a.auto.vars.hcl", `campus = "automatic a"`)
	check("automatic a")
	writeFile(t, dir, "b.auto.vars.hcl", `campus = "automatic b"`)
	check("automatic b")
	opts.VariableFiles = []string{first}
	check("first file")
	opts.VariableFiles = []string{first, second}
	check("second file")
	opts.Variables = map[string]string{"campus": "line"}
	check("line")
}

func TestVariableText(t *testing.T) {
	for name, tc := range map[string]struct{ typ, text, show, want string }{
		"string is literal":        {"type = string", `${x} "y"`, "var.v", `${x} "y"`},
		"number":                   {"type = number", "12", `"${var.v + 1}"`, "13"},
		"bool":                     {"type = bool", "true", `var.v ? "yes" : "no"`, "yes"},
		"list is an expression":    {"type = list(string)", `["a", "b"]`, "var.v[1]", "b"},
		"object":                   {"type = object({ a = string, b = optional(string, \"z\") })", `{ a = 1 }`, `"${var.v.a}${var.v.b}"`, "1z"},
		"no type: literal":         {"", `["a"]`, "var.v", `["a"]`},
		"any is an expression too": {"type = any", `{ a = "x" }`, "var.v.a", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := directory(t, "main.hcl", `
variable "v" { `+tc.typ+` }
source "csv" "shown" { directory = `+tc.show+` }
`)
			opts := testOptions()
			opts.Variables = map[string]string{"v": tc.text}
			if got := valueOf(t, dir, opts); got != tc.want {
				t.Errorf("v = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestVariableMistakes(t *testing.T) {
	main := `
variable "campus" { type = number }
variable "list" {
  type      = list(number)
  default   = []
}
source "csv" "shown" { directory = var.campus }
`
	dir := directory(t, "main.hcl", main)
	opts := testOptions()
	failing(t, dir, opts, "main.hcl:2: error: No value for required variable", "--var 'campus=…'", "REGISTRAR_VAR_campus", "*.auto.vars.hcl", "--var-file")

	opts.Variables = map[string]string{"campsu": "1", "campus": "1"}
	failing(t, dir, opts, "Value for undeclared variable", `Did you mean "campus"?`)

	opts.Variables = map[string]string{"campus": "many"}
	failing(t, dir, opts, "main.hcl:2: error: Invalid value for variable", "expected number")

	opts.Variables = map[string]string{"campus": "1", "list": "[1, "}
	failing(t, dir, opts, "main.hcl:3: error: Invalid value for variable", "HCL expression of type list(number)")

	opts.Variables = map[string]string{"campus": "1", "list": `[var.campus]`}
	failing(t, dir, opts, "Variables not allowed")

	opts.Variables = map[string]string{"campus": "1"}
	opts.VariableFiles = []string{filepath.Join(dir, "none.vars.hcl")}
	failing(t, dir, opts, "Unreadable file", "does not exist")

	writeFile(t, dir, "x.auto.vars.hcl", "list = [1, \"x\"]\nsync \"x\" {}\n")
	opts.VariableFiles = nil
	failing(t, dir, opts, "x.auto.vars.hcl:1: error: Invalid value for variable", "(at [1])", "x.auto.vars.hcl:2: error: Unsupported block type")
}

func TestValidation(t *testing.T) {
	dir := directory(t, "main.hcl", `
variable "campus" {
  type = string
  validation {
    condition     = contains(["east", "west"], var.campus)
    error_message = "There is no campus ${var.campus}."
  }
}
source "csv" "shown" { directory = var.campus }
`)
	opts := testOptions()
	opts.Variables = map[string]string{"campus": "east"}
	if got := valueOf(t, dir, opts); got != "east" {
		t.Errorf("campus = %v", got)
	}
	opts.Variables = map[string]string{"campus": "north"}
	failing(t, dir, opts, "There is no campus north.", "main.hcl:2: error: Invalid value for variable")
	opts.Variables = nil
	writeFile(t, dir, "a.auto.vars.hcl", "\ncampus = \"north\"\n")
	failing(t, dir, opts, "a.auto.vars.hcl:2: error: Invalid value for variable")
}

const secret = "invented-Passw0rd"

// TestSecretsStayOut makes every mistake that could quote a sensitive value.
func TestSecretsStayOut(t *testing.T) {
	declared := `
variable "secret" {
  type      = string
  sensitive = true
}
` + common
	for name, text := range map[string]string{
		"function error":      `source "csv" "a" { directory = parseint(var.secret, 10) }`,
		"through a local":     "locals {\n a = var.secret\n b = parseint(local.a, 10)\n}",
		"file":                `source "csv" "a" { directory = file(var.secret) }`,
		"index":               `source "csv" "a" { directory = { x = 1 }[var.secret] }`,
		"attribute of object": `locals { a = { (var.secret) = 1, (var.secret) = 2 }["x"] }`,
		"for key":             `locals { a = { for k in [var.secret, var.secret] : k => 1 } }`,
		"provider's check":    `source "csv" "a" {` + "\n directory = \"x\"\n delimiter = var.secret\n}",
		"provider's URL":      `destination "postgres" "a" { url = "mysql://x:${var.secret}@y" }`,
		"faculty":             `faculty "law" { code = var.secret }`,
		"table":               strings.Replace(syncText("s", `{ a = "x" }`, "", ""), `table = "x"`, "table = var.secret", 1),
		"scope":               syncText("s", `{ a = var.secret }`, "", ""),
		"scope's column":      syncText("s", `{ (var.secret) = 1 }`, "", ""),
		"column":              syncText("s", `{ a = "x" }`, "b = parseint(var.secret, 10)", ""),
		"column with row":     syncText("s", `{ a = "x" }`, "b = parseint(var.secret, 10) + row.x", ""),
		"archive":             syncText("s", `{ a = "x" }`, "", `lifecycle { archive = { a = var.secret } }`),
		"guard":               syncText("s", `{ a = "x" }`, "", `guard { max_delete = var.secret }`),
		"schedule":            `schedule "s" { every = var.secret }`,
		"days":                "schedule \"s\" {\n every = \"1h\"\n window { days = [var.secret] }\n}",
		"notify":              "notify \"email\" \"s\" {\n on = [\"failure\"]\n to = [\"a@example.org\"]\n smtp = var.secret\n}",
		"address":             "notify \"email\" \"s\" {\n on = [\"failure\"]\n to = [var.secret]\n smtp = \"smtp://example.org\"\n}",
		"for_each":            strings.Replace(syncText("s", `{ a = each.key }`, "", ""), "source {", "for_each = toset([var.secret])\n source {", 1),
		"depends_on":          syncText("s", `{ a = "x" }`, "", `depends_on = [sync.s[var.secret]]`),
		"query":               queryText("", `query = "DROP ${var.secret}"`),
		"params":              queryText("", "query = \"SELECT 1\"\n params = { a = [var.secret] }"),
		"param's name":        queryText("", "query = \"SELECT 1\"\n params = { (var.secret) = 1 }"),
		"validation":          "variable \"other\" {\n default = 1\n validation {\n  condition = var.other > 1\n  error_message = \"Not ${var.secret}.\"\n }\n}",
		"what can be":         `faculty "law" { name = can(parseint(var.secret, 10)) }`,
		"what is tried":       `faculty "law" { name = try(parseint(var.secret, 10), "no number") }`,
		"what is tried in it": `faculty "law" { name = try(parseint([for s in [var.secret] : s][0], 10), "no number") }`,
		"try":                 `source "csv" "a" { directory = try(parseint(var.secret, 10), file(var.secret)) }`,
	} {
		t.Run(name, func(t *testing.T) {
			opts := testOptions()
			opts.Variables = map[string]string{"secret": secret}
			dir := directory(t, "main.hcl", declared+text)
			if out := failing(t, dir, opts); strings.Contains(strings.ToLower(out), strings.ToLower(secret)) {
				t.Errorf("the secret is shown:\n%s", out)
			}
		})
	}
	for name, text := range map[string]string{
		"type":       "variable \"secret\" {\n type = number\n sensitive = true\n}",
		"map":        "variable \"secret\" {\n type = map(number)\n sensitive = true\n}",
		"expression": "variable \"secret\" {\n type = list(string)\n sensitive = true\n}",
		"validation": "variable \"secret\" {\n sensitive = true\n validation {\n condition = var.secret == \"\"\n error_message = \"Not ${var.secret}.\"\n }\n}",
	} {
		t.Run("variable's "+name, func(t *testing.T) {
			opts := testOptions()
			opts.Environ = []string{"REGISTRAR_VAR_secret=" + secret}
			dir := directory(t, "main.hcl", text+common)
			if out := failing(t, dir, opts); strings.Contains(out, secret) {
				t.Errorf("the secret is shown:\n%s", out)
			}
			opts.Environ = nil
			writeFile(t, dir, "a.auto.vars.hcl", `secret = { "`+secret+`" = ["`+secret+`"] }`)
			if name == "validation" {
				writeFile(t, dir, "a.auto.vars.hcl", `secret = "`+secret+`"`)
			}
			c, diags := Load(dir, opts)
			if out := detailed(diags); !diags.HasErrors() || strings.Contains(out, secret) {
				t.Errorf("no error, or the secret is shown:\n%s", out)
			}
			for file, content := range c.Files {
				if strings.Contains(string(content), secret) {
					t.Errorf("%s is kept for snippets", file)
				}
			}
		})
	}
}

// TestSensitiveValuesAllowed: where they go unseen they are what they are.
func TestSensitiveValuesAllowed(t *testing.T) {
	main := common + `
variable "secret" {
  type      = string
  sensitive = true
}
locals { hidden = upper("${var.secret}!") }
source "csv" "shown" { directory = local.hidden }
notify "email" "s" {
  on   = ["failure"]
  to   = ["a@example.org"]
  smtp = "smtp://u:${var.secret}@example.org"
}
`
	columns := "b = var.secret\n c = row.c\n d = try(local.hidden, 1)\n e = \"${var.secret == \"\" ? 1 : row.e}\""
	dir := directory(t, "main.hcl", main+queryText(columns, "query = \"SELECT :a\"\n params = { a = local.hidden }"))
	opts := testOptions()
	opts.Environ = []string{"REGISTRAR_VAR_secret=abc"}
	c := mustLoad(t, dir, opts)
	if got := valueOf(t, dir, opts); got != "ABC!" {
		t.Errorf("directory = %v", got)
	}
	if server := c.Notifiers[0].Email.Server; server.User != "u" || server.Password != "abc" {
		t.Error("smtp lost its value")
	}
	s := c.Syncs[0]
	if s.Source.Params[0].Value.Text() != "ABC!" {
		t.Error("the param lost its value")
	}
	for _, column := range s.Columns {
		if !column.Sensitive {
			t.Errorf("column %s is shown, though the query may return the param in it", column.Name)
		}
	}
	c = mustLoad(t, directory(t, "main.hcl", main+queryText(columns, "query = \"SELECT :a\"\n params = { a = 1 }")), opts)
	for _, column := range c.Syncs[0].Columns {
		if want := slices.Contains([]string{"b", "d", "e"}, column.Name); column.Sensitive != want {
			t.Errorf("column %s: Sensitive = %v", column.Name, column.Sensitive)
		}
	}
}

func TestDigest(t *testing.T) {
	main := common + `
variable "campus" { default = "east" }
variable "secret" {
  default   = "x"
  sensitive = true
}
source "csv" "shown" { directory = file("name.txt") }
`
	dir := directory(t, "main.hcl", main, "name.txt", "data")
	load := func(opts Options) string {
		t.Helper()
		digest := mustLoad(t, dir, opts).Digest
		if len(digest) != 64 {
			t.Fatalf("digest is %q", digest)
		}
		return digest
	}
	opts := testOptions()
	first := load(opts)
	if first != load(opts) {
		t.Error("the digest is not stable")
	}
	opts.Variables = map[string]string{"secret": secret}
	if first != load(opts) {
		t.Error("a sensitive value changes the digest")
	}
	opts.Variables = map[string]string{"campus": "east"}
	if first != load(opts) {
		t.Error("where a value comes from changes the digest")
	}
	opts.Variables = map[string]string{"campus": "west"}
	west := load(opts)
	if first == west {
		t.Error("a value does not change the digest")
	}
	writeFile(t, dir, "a.auto.vars.hcl", "# comment\ncampus = \"west\"\n")
	if west != load(testOptions()) {
		t.Error("the text of a file of variables changes the digest")
	}
	writeFile(t, dir, "name.txt", "data2")
	if west == load(testOptions()) {
		t.Error("what file() reads does not change the digest")
	}
	writeFile(t, dir, "name.txt", "data")
	writeFile(t, dir, "more.hcl", "")
	if west == load(testOptions()) {
		t.Error("a further file does not change the digest")
	}
	if err := os.Remove(filepath.Join(dir, "more.hcl")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "main.hcl", main+"\n")
	if west == load(testOptions()) {
		t.Error("a file's bytes do not change the digest")
	}
}

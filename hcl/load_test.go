package hcl

import (
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

func TestTour(t *testing.T) {
	c := mustLoad(t, "testdata/valid/tour", testOptions())

	if c.Dir != "testdata/valid/tour" {
		t.Errorf("Dir = %q", c.Dir)
	}
	if c.Settings.PlanTTL != 72*time.Hour || c.Settings.Timezone.String() != "Europe/Paris" {
		t.Errorf("Settings = %+v", c.Settings)
	}
	if diff := cmp.Diff([]string{"main.hcl", "sql/students.sql"}, names(c.Files)); diff != "" {
		t.Errorf("Files (-want +got):\n%s", diff)
	}
	var order []string
	for _, s := range c.Syncs {
		order = append(order, s.Address)
	}
	want := []string{
		`sync.departments`, `sync.students["hss"]`, `sync.students["law"]`, `sync.rooms["east"]`, `sync.rooms["west"]`,
		`sync.capacities["hss"]`, `sync.capacities["law"]`, `sync.capacities["sport"]`,
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order of syncs (-want +got):\n%s", diff)
	}

	destination := c.Destinations[0]
	attributes := map[string]any{
		"url":     "postgres://registrar:invented@db.example.org/timetable",
		"port":    int64(1521),
		"ratio":   big.NewFloat(0.25),
		"options": map[string]any{"application_name": "registrar"},
		"hosts":   []any{"a.example.org", "b.example.org"},
	}
	same := cmp.Comparer(func(a, b *big.Float) bool { return a.Cmp(b) == 0 })
	if diff := cmp.Diff(attributes, destination.Attributes, same); diff != "" {
		t.Errorf("Attributes (-want +got):\n%s", diff)
	}
	if destination.Address != "destination.postgres.timetable" || destination.Range.String() != "main.hcl:44" {
		t.Errorf("destination %s at %s", destination.Address, destination.Range)
	}
}

func find(t testing.TB, c *config.Config, address string) *config.Sync {
	t.Helper()
	for _, s := range c.Syncs {
		if s.Address == address {
			return s
		}
	}
	t.Fatalf("no %s", address)
	return nil
}

func TestTourSync(t *testing.T) {
	c := mustLoad(t, "testdata/valid/tour", testOptions())
	s := find(t, c, `sync.students["hss"]`)

	if s.Name != "students" || s.Faculty != "hss" || s.Schedule != c.Schedules[0] || len(s.Notify) != 1 || s.Notify[0] != c.Notifiers[0] {
		t.Errorf("sync is %+v", s)
	}
	if s.Source.From != c.Sources[1] || !strings.HasPrefix(s.Source.Query, "SELECT cod_etu") {
		t.Errorf("source is %+v", s.Source)
	}
	params := map[string]string{}
	for _, p := range s.Source.Params {
		params[p.Name] = p.Value.Kind().String() + " " + p.Value.Text()
	}
	if diff := cmp.Diff(map[string]string{"component": "text 12", "today": "text 2026-10-01"}, params); diff != "" {
		t.Errorf("params (-want +got):\n%s", diff)
	}
	d := s.Destination
	if d.Into != c.Destinations[0] || d.Table != "student" || !cmp.Equal(d.Key, []string{"code"}) || d.OwnsTable || d.UnenforcedKey {
		t.Errorf("destination is %+v", d)
	}
	if len(d.Scope) != 1 || d.Scope[0].Column != "origin" || !d.Scope[0].Value.Equal(value.OfText("APOGEE-12")) {
		t.Errorf("scope is %+v", d.Scope)
	}
	var columns []string
	for _, column := range s.Columns {
		text := column.Name
		if column.Sensitive {
			text += " sensitive"
		}
		columns = append(columns, text)
	}
	if diff := cmp.Diff([]string{"code", "last_name sensitive", "birth_date", "visible"}, columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"sync.departments"}, s.DependsOn); diff != "" {
		t.Errorf("DependsOn (-want +got):\n%s", diff)
	}
	if s.Range.String() != "main.hcl:67" {
		t.Errorf("Range = %s", s.Range)
	}
}

func TestTourColumnExpression(t *testing.T) {
	c := mustLoad(t, "testdata/valid/tour", testOptions())
	s := find(t, c, `sync.students["hss"]`)
	name := s.Columns[1].Expr
	if len(name.Refs) != 1 || name.Refs[0].Name != "LIB_NOM" || name.Refs[0].Exact || name.Plain {
		t.Fatalf("Refs = %+v", name.Refs)
	}
	got, err := name.Bind([]int{1})([]value.Value{value.OfText("1"), value.OfText(" duval ")})
	if err != nil || got.Text() != "DUVAL" {
		t.Errorf("last_name = %q, %v", got.Text(), err)
	}
	if !s.Columns[0].Expr.Plain || !s.Columns[2].Expr.Refs[0].Exact {
		t.Error("plain and exact references are not told")
	}
	rooms := find(t, c, `sync.rooms["west"]`)
	got, err = rooms.Columns[0].Expr.Bind(nil)(nil)
	if err != nil || got.Text() != "west" {
		t.Errorf("campus_code = %q, %v", got.Text(), err)
	}
}

func TestTourLifecycleAndGuard(t *testing.T) {
	c := mustLoad(t, "testdata/valid/tour", testOptions())
	l := find(t, c, `sync.students["law"]`).Lifecycle
	if l.OnMissing != config.ArchiveMissing || l.ArchivedColumn != "deleted_on" || len(l.Archive) != 1 || !l.Archive[0].Now {
		t.Errorf("lifecycle is %+v", l)
	}
	// restore by default
	if len(l.Restore) != 1 || l.Restore[0].Column != "deleted_on" || l.Restore[0].Now || !l.Restore[0].Value.IsNull() {
		t.Errorf("restore is %+v", l.Restore)
	}
	if len(l.Stamps) != 2 || l.Stamps[0].Column != "created_on" || l.Stamps[0].On != config.Insert || l.Stamps[1].On != config.Update {
		t.Errorf("stamps are %+v", l.Stamps)
	}
	if !cmp.Equal(l.IgnoreChanges, []string{"visible"}) || l.Allows(config.Delete) || !l.Allows(config.Undelete) {
		t.Errorf("lifecycle is %+v", l)
	}
	g := find(t, c, `sync.students["law"]`).Guard
	if g.MinSourceRows != 10 || g.MaxInsert.Count != 500 || g.MaxInsert.Percent != 0 || g.MaxUpdate.Percent != 12.5 || g.MaxDelete.Percent != 5 {
		t.Errorf("guard is %+v", g)
	}

	// the defaults of a sync without these blocks
	rooms := find(t, c, `sync.rooms["east"]`)
	if rooms.Lifecycle.OnMissing != config.KeepMissing || len(rooms.Lifecycle.Operations) != len(config.Operations) || rooms.Lifecycle.ArchivedColumn != "" {
		t.Errorf("default lifecycle is %+v", rooms.Lifecycle)
	}
	for _, column := range rooms.Columns {
		if !column.Sensitive {
			t.Errorf("%s is not sensitive, though all are", column.Name)
		}
	}
	departments := find(t, c, "sync.departments")
	if departments.Schedule != c.Schedules[1] || len(departments.Notify) != 0 || !departments.Destination.OwnsTable {
		t.Errorf("departments is %+v", departments)
	}
}

func TestTourSchedules(t *testing.T) {
	c := mustLoad(t, "testdata/valid/tour", testOptions())
	day := func(text string) time.Time {
		d, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	working := c.Schedules[0]
	if working.Timezone.String() != "Europe/Berlin" || working.Every != 15*time.Minute || working.Jitter != 30*time.Second || !working.CatchUp {
		t.Errorf("working_hours is %+v", working)
	}
	if len(working.Active) != 1 || !working.Active[0].From.Equal(day("2026-09-01")) || !working.Active[0].Until.Equal(day("2027-09-30")) {
		t.Errorf("active is %+v", working.Active)
	}
	wantDays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Sunday}
	hours := config.Hours{From: 6 * time.Hour, Until: 19*time.Hour + 45*time.Minute}
	if w := working.Windows[0]; !cmp.Equal(w.Days, wantDays) || w.Hours != hours {
		t.Errorf("window is %+v", w)
	}
	if e := working.Except[0]; e.Name != "weekly optimisation" || !cmp.Equal(e.Days, []time.Weekday{time.Sunday}) || e.Hours.From != 9*time.Hour {
		t.Errorf("except is %+v", e)
	}
	if e := working.Except[1]; !e.Period.From.Equal(day("2026-12-24")) || !e.Period.Until.Equal(day("2027-01-02")) {
		t.Errorf("except is %+v", e)
	}
	if e := working.Except[2]; !cmp.Equal(e.Dates, []time.Time{day("2026-11-11"), day("2027-05-01")}) {
		t.Errorf("except is %+v", e)
	}
	nightly := c.Schedules[1]
	if nightly.Timezone.String() != "Europe/Paris" || !cmp.Equal(nightly.At, []time.Duration{2*time.Hour + 30*time.Minute, 22*time.Hour + 15*time.Minute}) {
		t.Errorf("nightly is %+v", nightly)
	}
	if c.Schedules[2].Cron != "*/15 6-19 * * 1-5" {
		t.Errorf("busy is %+v", c.Schedules[2])
	}
	n := c.Notifiers[0]
	if n.Kind != "email" || n.Email.Server != (config.MailServer{Host: "mail.example.org", Port: 587, TLS: config.StartTLS}) || len(n.Email.To) != 2 || !cmp.Equal(n.On, []config.Event{config.OnFailure, config.OnHeld, config.OnFindings}) {
		t.Errorf("notifier is %+v", n)
	}
}

func TestFaculties(t *testing.T) {
	c := mustLoad(t, "testdata/valid/tour", testOptions())
	hss, law := c.Faculties[0], c.Faculties[1]
	if hss.Address != "faculty.hss" || hss.Code != "12" || hss.Schedule != c.Schedules[0] || hss.Name != "UFR Humanités et sciences sociales" {
		t.Errorf("hss is %+v", hss)
	}
	if law.Name != "law" || law.Schedule != nil || law.Code != "20" {
		t.Errorf("law is %+v", law)
	}
}

func TestForEachMap(t *testing.T) {
	text := common + strings.Replace(syncText("rooms", "{ origin = each.value.code, site = each.key }", "", ""),
		"source {", `for_each = { west = { code = "W" }, "e \"1\"" = { code = "E" } }
  source {`, 1)
	c := mustLoad(t, directory(t, "main.hcl", text), testOptions())
	if len(c.Syncs) != 2 || c.Syncs[0].Address != `sync.rooms["e \"1\""]` || c.Syncs[1].Address != `sync.rooms["west"]` {
		t.Fatalf("syncs are %+v", c.Syncs)
	}
	if scope := c.Syncs[1].Destination.Scope; scope[0].Value.Text() != "W" || scope[1].Value.Text() != "west" {
		t.Errorf("scope is %+v", scope)
	}
}

func TestNoDirectory(t *testing.T) {
	c, diags := Load(filepath.Join(t.TempDir(), "none"), testOptions())
	if c == nil || c.Files == nil || !diags.HasErrors() {
		t.Errorf("config %v, diagnostics %v", c, diags)
	}
	failing(t, t.TempDir(), testOptions(), "No configuration files")
}

func TestEditorsFilesAndSubdirectoriesAreIgnored(t *testing.T) {
	dir := directory(t, "main.hcl", common, ".#main.hcl", "{{{", "#main.hcl", "{{{", "old/main.hcl", "{{{", "main.hcl~", "{{{")
	c := mustLoad(t, dir, testOptions())
	if len(c.Files) != 1 {
		t.Errorf("read %v", names(c.Files))
	}
}

func TestCRLF(t *testing.T) {
	unix := common + syncText("rooms", `{ origin = "x" }`, "note = <<EOT\nline\nline\nEOT\n", "") + `
source "csv" "other" { directory = file("name.txt") }
`
	windows := strings.ReplaceAll(unix, "\n", "\r\n")
	a := mustLoad(t, directory(t, "main.hcl", unix, "name.txt", "a\nb"), testOptions())
	b := mustLoad(t, directory(t, "main.hcl", "\ufeff"+windows, "name.txt", "a\r\nb"), testOptions())
	if a.Digest != b.Digest {
		t.Error("line ends change the digest")
	}
	note, err := b.Syncs[0].Columns[1].Expr.Bind(nil)(nil)
	if err != nil || note.Text() != "line\nline\n" {
		t.Errorf("note = %q, %v", note.Text(), err)
	}
	if a.Syncs[0].Range != b.Syncs[0].Range || b.Sources[1].Attributes["directory"] != "a\nb" {
		t.Error("line ends change what is compiled")
	}
	failing(t, directory(t, "main.hcl", "source \"csv\" \"a\" {\r\n  directory = \"x\"\r\n  delimeter = \";\"\r\n}\r\n"), testOptions(), "main.hcl:3: error")
}

func TestFileConfinement(t *testing.T) {
	outside := directory(t, "secret.txt", "outside", "secret.hcl", `faculty "x" {}`)
	for name, tc := range map[string]struct {
		path   string
		reason string // "": allowed
	}{
		"plain":                  {"sql/a.sql", ""},
		"dots within":            {"sql/../sql/a.sql", ""},
		"link within":            {"inner.sql", ""},
		"parent":                 {"../" + filepath.Base(outside) + "/secret.txt", "outside of the configuration's directory"},
		"absolute":               {filepath.ToSlash(filepath.Join(outside, "secret.txt")), "is absolute"},
		"link to a file":         {"link.txt", "outside of the configuration's directory"},
		"link to a directory":    {"linked/secret.txt", "outside of the configuration's directory"},
		"directory":              {"sql", "not a regular file"},
		"missing":                {"sql/b.sql", "does not exist"},
		"git's own":              {".git/config", "git's own folder"},
		"link to git's own":      {"origin/config", "git's own folder"},
		"file of variables":      {"given.hcl", "given as --var-file"},
		"not text":               {"octets", "not UTF-8"},
		"larger than the bounds": {"large", "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := directory(t,
				"main.hcl", `source "csv" "a" { directory = file("`+tc.path+`") }`,
				"sql/a.sql", "inside", "octets", "\xff\xfe", "large", strings.Repeat("x", maxFileSize+1), ".git/config", "outside", "given.hcl", "")
			opts := testOptions()
			opts.VariableFiles = []string{filepath.Join(dir, "given.hcl")}
			link(t, ".git", filepath.Join(dir, "origin"))
			link(t, filepath.Join(outside, "secret.txt"), filepath.Join(dir, "link.txt"))
			link(t, outside, filepath.Join(dir, "linked"))
			link(t, filepath.Join("sql", "a.sql"), filepath.Join(dir, "inner.sql"))
			if tc.reason != "" {
				text := failing(t, dir, opts, tc.reason, "main.hcl:1")
				if c, _ := Load(dir, opts); len(c.Files) != 1 {
					t.Errorf("read %v", names(c.Files))
				}
				if strings.Contains(text, "outside;") {
					t.Error("the file's content is in the message")
				}
				return
			}
			c := mustLoad(t, dir, opts)
			if c.Sources[0].Attributes["directory"] != "inside" {
				t.Errorf("read %v", c.Sources[0].Attributes)
			}
			clean := filepath.ToSlash(filepath.Clean(tc.path))
			if string(c.Files[clean]) != "inside" {
				t.Errorf("Files has no %s: %v", clean, names(c.Files))
			}
		})
	}
	t.Run("configuration file", func(t *testing.T) {
		dir := directory(t, "main.hcl", common)
		link(t, filepath.Join(outside, "secret.hcl"), filepath.Join(dir, "other.hcl"))
		failing(t, dir, testOptions(), "outside of the configuration's directory")
	})
	t.Run("file of variables", func(t *testing.T) {
		dir := directory(t, "main.hcl", common)
		link(t, filepath.Join(outside, "secret.hcl"), filepath.Join(dir, "x.auto.vars.hcl"))
		failing(t, dir, testOptions(), "outside of the configuration's directory")
	})
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}

func TestTooComplex(t *testing.T) {
	for name, text := range map[string]string{
		"brackets":  "x = " + strings.Repeat("(", 100_000),
		"lists":     "locals {\nx = " + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "\n}",
		"templates": "locals {\nx = " + strings.Repeat(`"${`, 1000) + "1" + strings.Repeat(`}"`, 1000) + "\n}",
		"operators": "locals {\nx = 1" + strings.Repeat(" + 1", 100_000) + "\n}",
		"lines":     "locals {\nx = (1" + strings.Repeat(" +\n 1", 100_000) + ")\n}",
		"negations": "locals {\nx = " + strings.Repeat("!", 100_000) + "true\n}",
		"calls":     "locals {\nx = 1" + strings.Repeat(" + max(1, 2)", 100_000) + "\n}",
		"indexes":   "locals {\nx = a" + strings.Repeat("[0]", 100_000) + "\n}",
		"blocks":    strings.Repeat("a {\n", 100_000),
		"chain":     "locals {\n" + chain("a%d = [local.a%d]\n", 2000) + "a2000 = 1\n}",
		"faculties": chain("faculty \"f%d\" { name = faculty.f%d.name }\n", 2000) + `faculty "f2000" {}`,
	} {
		t.Run(name, func(t *testing.T) {
			failing(t, directory(t, "main.hcl", text), testOptions(), "Expression too complex")
			if _, diags := Format([]byte(text), "main.hcl"); !diags.HasErrors() && !strings.Contains(text, "2000") {
				t.Error("Format accepts it")
			}
		})
	}
	// many lines are no complexity
	var b strings.Builder
	b.WriteString("locals {\nx = {\n")
	for range 20_000 {
		b.WriteString("  k = 1 + 1\n")
	}
	b.WriteString("}\n}\n")
	mustLoad(t, directory(t, "main.hcl", strings.Replace(b.String(), "  k = 1 + 1\n", "  j = 1\n", 1)+common), testOptions())
}

// chain spells format for each pair of neighbouring numbers up to last.
func chain(format string, last int) string {
	var b strings.Builder
	for i := range last {
		fmt.Fprintf(&b, format, i, i+1)
	}
	return b.String()
}

// TestBounded: what a stranger writes to exhaust the machine is refused, and soon.
func TestBounded(t *testing.T) {
	each := func(forEach string) string {
		// With a mistake, its instances are not held against each other, which takes its time.
		return common + strings.Replace(syncText("s", `{ a = each.key }`, "b = var.none", ""), "source {", "for_each = "+forEach+"\n source {", 1)
	}
	const (
		thousand    = "range(1000)"
		forTooMuch  = "A for expression, with those within it, may make 32 MiB"
		longText16  = "longer than 16 MiB"
		tooMany250  = "more than 250000 elements"
		mebi        = "locals { mebi = join(\"\", [for i in range(1024) : lpad(\"\", 1024, \"a\")]) }\n"
		many        = "locals { many = [for i in setproduct(range(100), range(100)) : 1] }\n"
		sixThousand = `{ for i in setproduct(range(60), range(100)) : "${i[0]}-${i[1]}" => 1 }`
	)
	loops := func(innermost string) string {
		return strings.Repeat("[for i in range(1024) : ", 4) + innermost + strings.Repeat("]", 4)
	}
	doubling := func(format string) string { return chain(format, 40) }
	for name, tc := range map[string]struct{ text, want string }{
		"instances":             {each("{ for i in setproduct(range(110), range(100)) : \"${i[0]}-${i[1]}\" => 1 }"), "Too many instances"},
		"instances, together":   {each(sixThousand) + strings.ReplaceAll(strings.TrimPrefix(each(sixThousand), common), `sync "s"`, `sync "t"`), "Too many instances"},
		"products":              {"locals { a = setproduct(" + thousand + ", " + thousand + ", " + thousand + ") }", "more than 100000 elements"},
		"a long range":          {"locals { a = range(1e9) }", "more than 1024 values"},
		"deep JSON":             {"locals { a = jsondecode(file(\"deep.json\")) }", "nested more than 200 deep"},
		"deep objects":          {"locals { a = jsondecode(join(\"\", [for i in range(1000) : \"{\\\"a\\\":\"])) }", "nested more than 200 deep"},
		"instances, of modules": {"module \"m\" {\n source = \"./m\"\n for_each = toset([for i in range(400) : tostring(i)])\n}", "Too many instances"},
		"loops":                 {"locals { a = " + loops("1") + " }", forTooMuch},
		"loops, of nothing":     {"locals { a = " + loops("1 if false") + " }", forTooMuch},
		"loops, in text":        {"locals { a = \"" + strings.Repeat("%{ for i in range(1024) }", 5) + "x" + strings.Repeat("%{ endfor }", 5) + "\" }", forTooMuch},
		"loops, of a variable":  {"variable \"v\" { default = " + strings.ReplaceAll(loops("1"), "range(1024)", "["+strings.Repeat("1,", 100)+"]") + " }", forTooMuch},
		"doubling":              {"locals {\n a0 = \"0123456789abcdef\"\n" + doubling("a%[2]d = \"${local.a%[1]d}${local.a%[1]d}\"\n") + "}", "Value too large"},
		"doubling, of lists":    {"locals {\n a0 = [1]\n" + doubling("a%[2]d = [local.a%[1]d, local.a%[1]d]\n") + "}", "Value too large"},
		"a wide text":           {mebi + "locals { a = \"" + strings.Repeat("${local.mebi}", 17) + "\" }", "Value too large"},
		"join":                  {mebi + `locals { a = join("", [for i in range(17) : local.mebi]) }`, longText16},
		"join's separator":      {mebi + `locals { a = join(local.mebi, range(18)) }`, longText16},
		"concat":                {mebi + "locals { a = concat(" + strings.Repeat("local.mebi, ", 17) + `"") }`, longText16},
		"concat, of lists":      {many + "locals { a = concat(" + strings.Repeat("local.many, ", 30) + "[]) }", tooMany250},
		"flatten":               {many + "locals { a = flatten([[" + strings.Repeat("local.many, ", 30) + "]]) }", tooMany250},
		"format":                {"locals { a = format(join(\"\", [for i in range(1024) : \"%9999d%9999d\"]), 1) }", longText16},
		"format, by numbers":    {mebi + "locals { a = format(\"" + strings.Repeat("%[1]s", 17) + "\", local.mebi) }", longText16},
		"formatlist":            {mebi + "locals { a = formatlist(\"%s%s\", range(1000), local.mebi) }", longText16},
		"replace":               {mebi + `locals { a = replace(local.mebi, "a", "0123456789abcdefg") }`, longText16},
		"replace, by pattern":   {mebi + `locals { a = replace(local.mebi, "/a/", "0123456789abcdefg") }`, longText16},
		"regexreplace":          {mebi + "locals { a = regexreplace(local.mebi, \"a*\", \"" + strings.Repeat("$0", 17) + "\") }", longText16},
		"indent":                {mebi + `locals { a = indent(17, replace(local.mebi, "a", "\n")) }`, longText16},
		"padding":               {mebi + `locals { a = rpad("", 9999, "a${replace(substr(local.mebi, 0, 2000), "a", "\u0301")}") }`, longText16},
		"JSON":                  {mebi + "locals { a = jsonencode([" + strings.Repeat("local.mebi, ", 65) + "]) }", longText16},
		"large JSON":            {"locals { a = jsondecode(\"[${join(\",\", [for i in setproduct(range(100), range(1000)) : \"1,1,1\"])}]\") }", tooMany250},
		"split":                 {mebi + `locals { a = split("a", local.mebi) }`, tooMany250},
		"regexall":              {mebi + `locals { a = regexall("a", local.mebi) }`, tooMany250},
		"a long number":         {`locals { a = "${1e200000000}" }`, "too many digits"},
		"a number's power":      {"locals {\n a0 = 1e9999\n" + doubling("a%[2]d = local.a%[1]d * local.a%[1]d\n") + "}", "Value too large"},
		"elements of any type":  {"locals { a = toset(concat([for i in setproduct(range(11), range(1000)) : 1], [true])) }", "more than 10000 elements are not of one type"},
		"words":                 {"locals { a = [" + strings.Repeat("1,", maxWords/2) + "] }", "words and signs"},
		"regular expression":    {"locals { a = regex(\"((a{1,1000}){1,1000}){1,1000}\", \"a\") }", "Invalid function argument"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := directory(t, "main.hcl", tc.text, "m/main.hcl", common+chain("sync \"s%d\" {\n # %d\n}\n", 30), "deep.json", strings.Repeat("[", maxFileSize/2)+strings.Repeat("]", maxFileSize/2))
			failing(t, dir, testOptions(), tc.want)
		})
	}
	// Each of them would be evaluated twice by the one around it.
	for _, name := range []string{"try", "can"} {
		nested := "locals { a = " + strings.Repeat(name+"(", maxDepth/2) + "1" + strings.Repeat(")", maxDepth/2) + " }"
		mustLoad(t, directory(t, "main.hcl", nested), testOptions())
	}
	// A mistake that is tried ends the loops all the same; each evaluation may loop anew, as those of a policy do.
	c := mustLoad(t, directory(t, "main.hcl", `faculty "hss" { name = try(`+loops("1")+`, "tried") }
policy "p" {
  condition = length([for i in range(1000) : [for j in range(200) : 1]]) == 1000
  message   = "x"
}
`+common+syncText("s", `{ a = "x" }`, "", "")), testOptions())
	if c.Faculties[0].Name != "tried" {
		t.Errorf("the faculty is %q", c.Faculties[0].Name)
	}
	// Many elements of one type are one set, and soon.
	mustLoad(t, directory(t, "main.hcl", `locals { a = toset([for i in setproduct(range(100), range(500)) : "${i[0]}-${i[1]}"]) }`), testOptions())
	// What many files hold together is bounded, too.
	words := "locals { a%d = [" + strings.Repeat("1,", maxWords/5) + "] }"
	failing(t, directory(t, "a.hcl", fmt.Sprintf(words, 1), "b.hcl", fmt.Sprintf(words, 2), "c.hcl", fmt.Sprintf(words, 3)), testOptions(), "words and signs", "c.hcl")
	files := []string{"main.hcl", "locals { a = [for i in range(17) : length(file(\"f${i}\"))] }"}
	for i := range maxAllFiles/maxFileSize + 1 {
		files = append(files, fmt.Sprintf("f%d", i), strings.Repeat("x", maxFileSize))
	}
	failing(t, directory(t, files...), testOptions(), "larger than 64 MiB together")
	// Brackets in text are no nesting.
	mustLoad(t, directory(t, "main.hcl", `locals { a = jsondecode("[\"`+strings.Repeat("[", 1000)+`\\\"[\"]") }`), testOptions())
}

func TestRequiredVersion(t *testing.T) {
	for version, fits := range map[string]bool{"0.9.0": false, "1.0.0-rc.1": true, "1.0.0": true, "dev": true, "": true, "v1.2.0": true} {
		opts := testOptions()
		opts.Version = version
		_, diags := Load(directory(t, "main.hcl", `registrar { required_version = ">= 1.0" }`), opts)
		if diags.HasErrors() == fits {
			t.Errorf("version %q: %s", version, detailed(diags))
		}
	}
}

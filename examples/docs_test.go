package examples_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
)

// fence is a fenced block of a Markdown file.
type fence struct {
	line     int // of the opening fence, from 1
	language string
	// mark is the text of the HTML comment on the line before, "" for none.
	mark string
	text string
	// files are those of the document's examples marked file, by name.
	files map[string]string
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func fences(t testing.TB, file string) []fence {
	t.Helper()
	var found []fence
	var open *fence
	before := ""
	for i, line := range strings.Split(readFile(t, file), "\n") {
		language, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && open == nil:
			open = &fence{line: i + 1, language: language}
			if mark, ok := strings.CutPrefix(before, "<!-- "); ok {
				open.mark = strings.TrimSuffix(mark, " -->")
			}
		case isFence:
			found = append(found, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
		before = line
	}
	if open != nil {
		t.Fatalf("%s:%d: the fence is not closed", file, open.line)
	}
	files := map[string]string{}
	for i := range found {
		if name, isFile := strings.CutPrefix(found[i].mark, "file: "); isFile {
			files[name] = found[i].text
		}
		found[i].files = files
	}
	return found
}

// The blocks that examples of the documentation refer to without showing them, by
// header: one that an example has itself is left out.
var surroundings = []struct{ header, block string }{
	{`source "csv" "apogee"`, `source "csv" "apogee" { directory = "data" }`},
	{`source "sqlite" "register"`, `source "sqlite" "register" { path = "register.db" }`},
	{`destination "sqlite" "timetable"`, `destination "sqlite" "timetable" { path = "timetable.db" }`},
	{`faculty "hss"`, `faculty "hss" { code = "12" }`},
	{`faculty "sci"`, `faculty "sci" { code = "25" }`},
	{`schedule "nightly"`, `schedule "nightly" { at = ["02:30"] }`},
	{`notify "email" "office"`, "notify \"email\" \"office\" {\n  on = [\"failure\"]\n  to = [\"office@example.org\"]\n  smtp = \"smtp://mail.example.org:587\"\n}"},
	{`sync "rooms"`, "sync \"rooms\" {\n" + insideSync[0].block + "\ndestination {\n  into = destination.sqlite.timetable\n  table = \"room\"\n  key = [\"code\"]\n  owns_table = true\n}\n" + insideSync[2].block + "\n}"},
}

var insideSync = []struct{ header, block string }{
	{"source {", "source {\n  from = source.csv.apogee\n  table = \"rooms\"\n}"},
	{"destination {", "destination {\n  into = destination.sqlite.timetable\n  table = \"example\"\n  key = [\"code\"]\n  scope = { origin = \"A\" }\n}"},
	{"columns {", "columns {\n  code = row.code\n  name = row.name\n  visible = true\n}"},
}

func complete(text string, with []struct{ header, block string }) string {
	for _, one := range with {
		if !strings.Contains(text, one.header) {
			text += "\n" + one.block + "\n"
		}
	}
	return text
}

// load compiles one example, which stands in the configuration that its mark says:
//
//	complete         alone
//	sync             blocks within a sync
//	columns          columns of a sync
//	fails: SUMMARY   among others, and gives that error
//	file: NAME       not alone: in that file, for the document's other examples
//	(none)           among others
func (f fence) load(t testing.TB) (diags config.Diagnostics) {
	t.Helper()
	text := f.text
	switch {
	case strings.HasPrefix(f.mark, "file: "):
		return nil
	case f.mark == "complete":
	case f.mark == "sync":
		text = complete("sync \"example\" {\n"+complete(text, insideSync)+"}\n", surroundings)
	case f.mark == "columns":
		text = complete("sync \"example\" {\n"+complete("columns {\n"+text+"}\n", insideSync)+"}\n", surroundings)
	case f.mark == "" || strings.HasPrefix(f.mark, "fails: "):
		text = complete(text, surroundings)
	default:
		t.Fatalf("line %d: unknown mark %q", f.line, f.mark)
	}
	dir := t.TempDir()
	files := map[string]string{"main.hcl": text}
	maps.Copy(files, f.files)
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, diags = hcl.Load(dir, hcl.Options{Providers: known(), Version: "0.1.0"})
	return diags
}

// Every example of the language in the documentation is formatted, and loads
// without so much as a warning.
func TestDocumentedLanguage(t *testing.T) {
	t.Parallel()
	tried := map[string]int{}
	for _, file := range pages(t) {
		for _, f := range fences(t, file) {
			if f.language != "hcl" {
				continue
			}
			tried[filepath.Base(file)]++
			t.Run(fmt.Sprintf("%s:%d", filepath.Base(file), f.line), func(t *testing.T) {
				t.Parallel()
				if out, diags := hcl.Format([]byte(f.text), "example"); diags.HasErrors() || string(out) != f.text {
					t.Errorf("it is not formatted: %v\n%s", diags.Err(), out)
				}
				diags := f.load(t)
				if want, fails := strings.CutPrefix(f.mark, "fails: "); fails {
					if !slices.ContainsFunc(diags, func(d config.Diagnostic) bool { return d.Summary == want }) {
						t.Errorf("no error %q: %+v", want, diags)
					}
					return
				}
				for _, d := range diags {
					t.Errorf("%s: %s: %s", d.Subject, d.Summary, d.Detail)
				}
			})
		}
	}
	for _, file := range []string{"language.md", "README.md"} {
		if tried[file] == 0 {
			t.Errorf("%s has no example", file)
		}
	}
}

// The language's reference names every word that this version refuses.
func TestRefusedWords(t *testing.T) {
	t.Parallel()
	_, listed, _ := strings.Cut(readFile(t, "../docs/language.md"), "## Not in this version")
	refused := func(f fence) bool {
		return slices.ContainsFunc(f.load(t), func(d config.Diagnostic) bool { return d.Summary == "Not supported in this version" })
	}
	for _, c := range []struct{ word, mark, text string }{
		{"`generated`", "sync", "generated = 1\n"},
		{"`atomic`", "sync", "atomic = true\n"},
	} {
		if !refused(fence{mark: c.mark, text: c.text}) {
			t.Errorf("%s is not refused as unsupported", c.word)
		}
		if !strings.Contains(listed, c.word) {
			t.Errorf("language.md does not list %s", c.word)
		}
	}
}

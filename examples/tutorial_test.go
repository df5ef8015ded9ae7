package examples_test

import (
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/pgtest"
)

var update = flag.Bool("update", false, "rewrite what commands print in the tutorials and the pages like them")

const tutorial, tutoriel = "../docs/tutorial.md", "../docs/fr/tutoriel.md"

// The tutorials' commands are executed as written, one after the other, with the files that
// the pages show, and print what the pages show.
func TestTutorial(t *testing.T) {
	t.Parallel()
	for _, page := range []string{tutorial, tutoriel} {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			database := pgtest.New(t)
			s := newShell(t, "REGISTRAR_VAR_timetable_url="+database)
			s.follow(page, mine(t, database, s.dir))
		})
	}
}

// What is said of a platform's users is what the program answers.
func TestTroubleshooting(t *testing.T) {
	t.Parallel()
	newShell(t, firstDay+"=2026-09-08").follow("../docs/troubleshooting.md", strings.NewReplacer())
}

// The page's commands work on the configuration that UnicaenDbImport's documentation publishes.
func TestImportedConfiguration(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.must(os.CopyFS(s.dir, os.DirFS("../scaffold/unicaen/testdata/published")))
	s.follow("../docs/coming-from-unicaen-db-import.md", strings.NewReplacer())
}

// A page in French has the commands, the outputs and the files of the one in English; only
// comments may differ.
func TestTranslations(t *testing.T) {
	t.Parallel()
	comment := regexp.MustCompile(`(?m)\s*(#|--) .*$`)
	commit := regexp.MustCompile(`\([0-9a-f]{12}\)`) // of files with other comments
	for _, pair := range [][2]string{{tutorial, tutoriel}, {"../README.md", "../README.fr.md"}} {
		var texts [2][]string
		for i, page := range pair {
			for _, f := range fences(t, page) {
				text := f.text
				if f.language != "console" && f.mark != "demo" {
					text = comment.ReplaceAllString(text, "")
				}
				texts[i] = append(texts[i], f.language+" "+f.mark+"\n"+commit.ReplaceAllString(text, "(COMMIT)"))
			}
		}
		if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
			t.Errorf("%s and %s differ (-first +second):\n%s", pair[0], pair[1], diff)
		}
	}
}

// follow does what a page says: it writes the blocks marked "file: NAME" as files, and runs
// the commands of each console block, but for those marked "yours", which differ from reader
// to reader. What they print must stand below them; -update writes it there. A command may
// only fail where the page looks at its exit code next.
//
// where replaces what differs from reader to reader.
func (s *shell) follow(page string, where *strings.Replacer) {
	s.Helper()
	was := readFile(s, page)
	lines := strings.SplitAfter(was, "\n")
	ids := identities{page: map[string]string{}, run: map[string]string{}}
	var is strings.Builder
	commands := 0
	done := 0 // lines that have been copied
	for _, f := range fences(s, page) {
		body := f.line
		length := strings.Count(f.text, "\n")
		is.WriteString(strings.Join(lines[done:body], ""))
		done = body + length
		name, isFile := strings.CutPrefix(f.mark, "file: ")
		switch {
		case isFile:
			s.write(name, f.text)
		case f.language == "console" && f.mark != "yours":
			said, ran := s.session(f, where, ids)
			is.WriteString(said)
			commands += ran
			continue
		}
		is.WriteString(f.text)
	}
	is.WriteString(strings.Join(lines[done:], ""))
	if commands == 0 {
		s.Fatalf("%s has no command", page)
	}
	if *update {
		if err := os.WriteFile(page, []byte(is.String()), 0o600); err != nil {
			s.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(was, is.String()); diff != "" {
		s.Errorf("%s is not what its commands print (-page +printed); -update rewrites it:\n%s", page, diff)
	}
}

var anID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// identities are the ids of a run by those that the page has for them, and the other way round.
type identities struct{ run, page map[string]string }

// written returns a command's output with the page's ids: those that stand in what the page
// shows, in their order.
func (ids identities) written(output, shown string) string {
	had := anID.FindAllString(shown, -1)
	i := 0
	return anID.ReplaceAllStringFunc(output, func(id string) string {
		if ids.page[id] == "" {
			ids.page[id] = id
			if i < len(had) && ids.run[had[i]] == "" {
				ids.page[id] = had[i]
			}
			ids.run[ids.page[id]] = id
		}
		i++
		return ids.page[id]
	})
}

// running returns the id of this run that the page's stands for.
func (ids identities) running(id string) string {
	if is, ok := ids.run[id]; ok {
		return is
	}
	return id
}

// session runs a block's commands and returns it as it should be.
func (s *shell) session(f fence, where *strings.Replacer, ids identities) (text string, commands int) {
	s.Helper()
	parts := regexp.MustCompile(`(?m)^\$ `).Split(f.text, -1)
	if parts[0] != "" {
		s.Errorf("line %d: a console block begins with a command", f.line)
	}
	parts = parts[1:]
	for i, part := range parts {
		command, shown, _ := strings.Cut(part, "\n")
		output, code := s.run(anID.ReplaceAllStringFunc(command, ids.running))
		commands++
		if looked := i+1 < len(parts) && strings.HasPrefix(parts[i+1], "echo $?\n"); code != "0" && !looked {
			s.Errorf("line %d: %s ends with %s:\n%s", f.line, command, code, output)
		}
		text += "$ " + command + "\n" + ids.written(where.Replace(output), shown)
	}
	return text, commands
}

// mine replaces what differs from reader to reader by what the pages have for it.
func mine(t *testing.T, database, dir string) *strings.Replacer {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(
		database, "postgres://localhost/timetable",
		u.Host+u.Path, "localhost:5432/timetable",
		u.Host, "localhost:5432",
		strings.TrimPrefix(u.Path, "/"), "timetable",
		dir, "/srv",
	)
}

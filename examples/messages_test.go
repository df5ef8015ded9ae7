package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each line of a block marked "message" is one that the program can write: a literal of its
// source has it, where … stands for anything.
func TestDocumentedMessages(t *testing.T) {
	t.Parallel()
	source := programSource(t)
	quoted := 0
	for _, page := range pages(t) {
		for _, f := range fences(t, page) {
			if f.mark != "message" {
				continue
			}
			for line := range strings.Lines(f.text) {
				quoted++
				var parts []string
				for part := range strings.SplitSeq(strings.TrimSpace(line), "…") {
					parts = append(parts, regexp.QuoteMeta(part))
				}
				if !regexp.MustCompile(strings.Join(parts, `[^\n]*`)).MatchString(source) {
					t.Errorf("%s:%d: the program has no message %s", page, f.line, strings.TrimSpace(line))
				}
			}
		}
	}
	if quoted == 0 {
		t.Error("no page quotes a message")
	}
}

// pages are those that users read.
func pages(t testing.TB) []string {
	t.Helper()
	files := []string{"../README.md", "../README.fr.md"}
	for _, pattern := range []string{"../docs/*.md", "../docs/fr/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// programSource is the text of all the program's files, literals without their quotes.
func programSource(t testing.TB) string {
	t.Helper()
	var text strings.Builder
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != ".." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "node_modules" || entry.Name() == "bench"):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		text.Write(source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// What is put together of several literals reads as one.
	return strings.NewReplacer(`")+"`, "", `" + "`, "", `\"`, `"`, `", "`, "\n").Replace(text.String())
}

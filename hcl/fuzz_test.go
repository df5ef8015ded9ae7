package hcl

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzLoad looks for panics, and for errors that lack a summary or a detail.
func FuzzLoad(f *testing.F) {
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".hcl") {
			return err
		}
		src, err := os.ReadFile(path)
		f.Add(src)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "main.hcl"), src, 0o600); err != nil {
			t.Fatal(err)
		}
		opts := testOptions()
		opts.Environ = []string{"REGISTRAR_VAR_timetable_url=postgres://x", "REGISTRAR_VAR_names=[1, \"a\"]"}
		c, diags := Load(dir, opts)
		if c == nil || c.Files == nil {
			t.Fatal("no configuration")
		}
		for _, d := range diags {
			if d.Summary == "" || d.Detail == "" {
				t.Errorf("diagnostic without text: %+v", d)
			}
		}
		if !diags.HasErrors() {
			for _, s := range c.Syncs {
				if s.Source.From == nil || s.Destination.Into == nil || s.Destination.Table == "" || len(s.Columns) == 0 || len(s.Destination.Key) == 0 ||
					(s.Source.Table == "") == (s.Source.Query == "") || (len(s.Destination.Scope) == 0) != s.Destination.OwnsTable {
					t.Errorf("incomplete sync without an error: %+v", s)
				}
				for _, column := range s.Columns {
					if column.Expr.Bind == nil {
						t.Errorf("column %s is not compiled", column.Name)
					}
				}
			}
		}
	})
}

// FuzzFormat checks that formatting is stable and keeps what Load compiles.
func FuzzFormat(f *testing.F) {
	f.Add([]byte("a=1\r\nb  {\nc=[1,\n2]}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		once, diags := Format(src, "a.hcl")
		if diags.HasErrors() {
			if !bytes.Equal(once, src) {
				t.Error("broken text was changed")
			}
			return
		}
		if _, diags := Format(once, "a.hcl"); diags.HasErrors() {
			t.Errorf("formatted text does not parse: %s\n%s", once, detailed(diags))
		}
	})
}

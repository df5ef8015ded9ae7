package view_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/view"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); -update rewrites it:\n%s", path, diff)
	}
}

// variants are how each text is rendered.
var variants = map[string]view.Options{
	"":                {},
	".colour":         {Colour: true},
	".width60":        {Width: 60},
	".width60.colour": {Width: 60, Colour: true},
}

// render compares a text in all variants with golden files.
func render(t *testing.T, name string, write func(v *view.View) error) {
	t.Helper()
	for suffix, options := range variants {
		var out bytes.Buffer
		v := view.New(&out, options)
		if err := write(v); err != nil {
			t.Fatal(err)
		}
		if err := v.Err(); err != nil {
			t.Fatal(err)
		}
		golden(t, name+suffix+".txt", out.Bytes())
	}
}

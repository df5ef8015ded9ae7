package view_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
)

const source = `# Rooms.
locals { a = 1 }

sync "rooms" {
  for_each = faculty
  columns {
    code = row.CODE
    nme  = "é" # { not a brace
  }
}

check {
`

// at returns the range of a piece of source.
func at(t *testing.T, piece string) config.Range {
	t.Helper()
	pos := func(offset int) config.Pos {
		before := source[:offset]
		line := before[strings.LastIndexByte(before, '\n')+1:]
		return config.Pos{Line: strings.Count(before, "\n") + 1, Column: len([]rune(line)) + 1, Byte: offset}
	}
	i := strings.Index(source, piece)
	if i < 0 {
		t.Fatalf("%q is not in the source", piece)
	}
	return config.Range{File: "main.hcl", Start: pos(i), End: pos(i + len(piece))}
}

func diagnostics(t *testing.T) (config.Diagnostics, map[string][]byte) {
	t.Helper()
	return config.Diagnostics{
		{Severity: config.Error, Summary: "Unknown column", Detail: "Table \"room\" has no column \"nme\", named in columns. Did you mean \"name\"?\n  a list, which is laid out already and must not be wrapped at all\nThe end.", Subject: at(t, "nme")},
		{Severity: config.Warning, Summary: "Two lines", Detail: "", Subject: at(t, "columns {\n    code")},
		{Severity: config.Error, Summary: "At the top", Detail: "Between blocks.", Subject: at(t, "# Rooms.")},
		{Severity: config.Error, Summary: "Not closed", Detail: "The block has no end.", Subject: at(t, "check {\n")},
		{Severity: config.Error, Summary: "In a file of variables", Detail: "Its text is a secret.", Subject: config.Range{File: "prod.auto.vars.hcl", Start: config.Pos{Line: 3, Column: 1}}},
		{Severity: config.Error, Summary: "Nowhere", Detail: "It has no place."},
	}, map[string][]byte{"main.hcl": []byte(source)}
}

func TestDiagnostics(t *testing.T) {
	diags, files := diagnostics(t)
	render(t, "diagnostics", func(v *view.View) error {
		v.Diagnostics(diags, files)
		v.Error("Saved plan is stale: rows that it would update changed\nPlan again.")
		return nil
	})
}

func TestDiagnosticsJSON(t *testing.T) {
	diags, files := diagnostics(t)
	var out bytes.Buffer
	if err := view.New(&out, view.Options{}).DiagnosticsJSON(diags, files); err != nil {
		t.Fatal(err)
	}
	golden(t, "diagnostics.json", out.Bytes())
	var parsed struct {
		Diagnostics []struct {
			Snippet *struct {
				Code       string `json:"code"`
				Start, End int    `json:"-"`
				From       int    `json:"highlight_start_offset"`
				To         int    `json:"highlight_end_offset"`
			} `json:"snippet"`
		} `json:"diagnostics"`
	}
	if err := json.Unmarshal(out.Bytes(), &parsed); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"nme", "columns {\n    code", "# Rooms.", "check {"} {
		if s := parsed.Diagnostics[i].Snippet; s == nil || s.Code[s.From:s.To] != want {
			t.Errorf("diagnostic %d highlights %+v, want %q", i, s, want)
		}
	}
	out.Reset()
	if err := view.New(&out, view.Options{}).DiagnosticsJSON(nil, nil); err != nil {
		t.Fatal(err)
	}
	golden(t, "valid.json", out.Bytes())
}

// Ranges come from elsewhere: none may make the view fail.
func FuzzSnippet(f *testing.F) {
	f.Add(source, 3, 9)
	f.Add("a {\n", 4, 4)
	f.Add("", 0, 0)
	f.Add("}}}\xff{", -1, 99)
	f.Fuzz(func(t *testing.T, text string, from, to int) {
		diags := config.Diagnostics{{Severity: config.Error, Summary: "x", Subject: config.Range{
			File: "f", Start: config.Pos{Line: 1, Byte: from}, End: config.Pos{Line: 1, Byte: to},
		}}}
		var out bytes.Buffer
		v := view.New(&out, view.Options{Width: 40})
		v.Diagnostics(diags, map[string][]byte{"f": []byte(text)})
		if err := v.DiagnosticsJSON(diags, map[string][]byte{"f": []byte(text)}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestApplied(t *testing.T) {
	render(t, "applied", func(v *view.View) error {
		v.Applied(&apply.Result{Destinations: []apply.DestinationResult{{Address: "destination.sqlite.a", Counts: map[config.Operation]int64{config.Insert: 1, config.Archive: 2}}}})
		v.Applied(&apply.Result{Destinations: []apply.DestinationResult{
			{Address: "destination.sqlite.a", Before: true},
			{Address: "destination.sqlite.b", Counts: map[config.Operation]int64{config.Delete: 1, config.Update: 3, config.Undelete: 4}},
		}})
		v.Applied(&apply.Result{Destinations: []apply.DestinationResult{{Address: "destination.sqlite.a"}}})
		return nil
	})
}

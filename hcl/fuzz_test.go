package hcl

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
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
	f.Add([]byte(`registrar {
  sensitive        = "all"
  require_approval = 1
  trusted_keys     = ["ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo"]
  limits { max_rows = 5 }
}
destination "sqlite" "a" { sensitive = "all" }
faculty "hss" {}
variable "timetable_url" {}
locals { x = try(jsondecode("[1]")[0], can(var.timetable_url), setproduct(range(3), ["a"])) }
` + strings.TrimPrefix(common, "\n") + syncText("s", `{ a = "x" }`, "", "faculty = faculty.hss") + `
policy "p" {
  for_each  = toset(["a"])
  syncs     = [sync.s]
  condition = plan.deletions % 3 / plan.live_rows < 0.1 && plan.faculty["hss"].count.insert == 0
  message   = "${each.key} ${plan.weekday} ${join(" ", [for a, s in plan.sync : a if s.changes > 0])}"
}
`))
	f.Fuzz(func(t *testing.T, src []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "main.hcl"), src, 0o600); err != nil {
			t.Fatal(err)
		}
		opts := testOptions()
		// A stranger's, and not.
		opts.Untrusted = len(src)%2 == 0
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
			for _, p := range c.Policies {
				if len(p.Syncs) == 0 || p.OnFailure == "" || p.Judge == nil {
					t.Errorf("incomplete policy without an error: %+v", p)
				}
				for _, facts := range []config.PlanFacts{{}, {Now: time.Unix(1, 0), Syncs: []config.SyncFacts{{Sync: p.Syncs[0], Faculty: "hss", LiveRows: 7}}}} {
					if obeys, message, err := p.Judge(facts); err != nil && (obeys || message != "" || err.Error() == "") {
						t.Errorf("%s: %v, %q, %v", p.Address, obeys, message, err)
					}
				}
			}
			for _, k := range c.Checks {
				if (k.From == nil) == (len(k.Staged) == 0) || (k.From == nil) != (k.Query == "") || (k.From == nil) != (k.Where.Bind != nil) || k.Message.Bind == nil {
					t.Errorf("incomplete check without an error: %+v", k)
				}
			}
			for _, s := range c.Syncs {
				for _, m := range s.Moved {
					if len(m.From) != len(s.Destination.Key) || len(m.To) != len(s.Destination.Key) {
						t.Errorf("incomplete moved without an error: %+v", m)
					}
				}
				sources := len(s.Source.Queries)
				for _, text := range []string{s.Source.Table, s.Source.Query} {
					if text != "" {
						sources += 10
					}
				}
				scoped := len(s.Destination.Scope)+len(s.Destination.Parents) > 0
				if s.Source.From == nil || s.Destination.Into == nil || s.Destination.Table == "" || len(s.Columns) == 0 || len(s.Destination.Key) == 0 ||
					sources == 0 || sources > 10 || scoped == s.Destination.OwnsTable {
					t.Errorf("incomplete sync without an error: %+v", s)
				}
				exprs := []config.Expr{}
				for _, column := range s.Columns {
					if column.Lookup == nil {
						exprs = append(exprs, column.Expr)
						continue
					}
					if column.Lookup.Table == "" || column.Lookup.Column == "" || len(column.Lookup.By) == 0 {
						t.Errorf("incomplete lookup without an error: %+v", column.Lookup)
					}
					for _, k := range column.Lookup.By {
						exprs = append(exprs, k.Expr)
					}
				}
				for _, a := range s.Asserts {
					exprs = append(exprs, a.Condition, a.Message)
				}
				for _, expr := range exprs {
					if expr.Bind == nil {
						t.Errorf("%s: an expression is not compiled: %s", s.Address, expr.Range)
					}
				}
				for _, predicate := range []*config.Predicate{s.Lifecycle.Archived, s.Lifecycle.Protect} {
					predicate.Walk(func(p *config.Predicate) {
						if p.Op == "" || (p.Column == "") != (len(p.Operands) > 0) {
							t.Errorf("incomplete predicate without an error: %+v", p)
						}
					})
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

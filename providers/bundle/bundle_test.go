package bundle_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers/bundle"
)

func text(s string) bundle.Cell { return bundle.Cell{Text: s} }

func null() bundle.Cell { return bundle.Cell{Null: true} }

// staff is a faculty with two syncs and a history.
func staff() faculty {
	return faculty{
		Faculty: bundle.Faculty{IDExport: "SHS", Label: "hss", Name: "Lettres; sciences \"humaines\"", Contact: "a@example.org; b@example.org", Origin: "id-1", Destination: "destination.sqlite.app"},
		tables: []table{
			{
				sync: bundle.Sync{
					Address: `sync.departments["hss"]`, Name: "departments", Table: "department", Key: []string{"code"},
					Columns: []bundle.Column{
						{Name: "id", Kind: value.Int, SQL: "INTEGER", Generated: true},
						{Name: "code", Kind: value.Text, SQL: "TEXT"},
						{Name: "label", Kind: value.Text, SQL: "TEXT"},
						{Name: "deleted_on", Kind: value.Instant, SQL: "TIMESTAMPTZ"},
					},
					Scope: []bundle.ScopeValue{{Column: "faculty", Text: new("SHS")}}, Origin: "id-1", Destination: "destination.sqlite.app",
				},
				rows: [][]bundle.Cell{
					{text("7"), text("D1"), text(""), null()},
					{text("8"), text("D2"), text("a, \"b\"\r\nc"), text("2026-03-01 04:05:06.000001Z")},
					{text("9"), text("d1"), null(), null()},
				},
				archived: []int{1},
			},
			{
				sync: bundle.Sync{
					Address: `sync.staff["hss"]`, Name: "staff", Table: "staff", Key: []string{"kind", "code"},
					Columns: []bundle.Column{
						{Name: "kind", Kind: value.Text, SQL: "TEXT"},
						{Name: "code", Kind: value.Int, SQL: "INTEGER"},
						{Name: "department_id", Kind: value.Int, SQL: "INTEGER"},
						{Name: "department_id.code", Kind: value.Text, SQL: "TEXT", Lookup: "department_id"},
						{Name: "hours", Kind: value.Decimal, SQL: "NUMERIC(6,2)"},
						{Name: "photo", Kind: value.Bytes, SQL: "BLOB"},
					},
					Origin: "id-1", Destination: "destination.sqlite.app", Without: []string{"badge"},
				},
				rows: [][]bundle.Cell{{text("ens"), text("10"), text("7"), text("D1"), text("12.50"), text(`\x00ff`)}, {text("ens"), text("9"), null(), null(), null(), null()}},
			},
		},
		plans: []bundle.HistoryPlan{{
			ID: "p1", CreatedOn: day(1), CreatedBy: "u@h", ConfigDigest: "c", ExpiresOn: day(4), Status: "applied", Summaries: []string{`{"sync": "sync.staff"}`},
			ExecutedOn: day(2), ExecutedBy: "v@h", Destination: "destination.sqlite.app",
		}},
		operations: []bundle.HistoryOperation{{
			PlanID: "p1", Seq: 4, Sync: `sync.staff["hss"]`, Table: "staff", Operation: "insert", Key: `{"code": "9"}`, After: new(`{"code": "9"}`), Destination: "destination.sqlite.app",
		}},
		findings: []bundle.HistoryFinding{{
			PlanID: "p1", Seq: 5, Sync: `sync.staff["hss"]`, Kind: "warned", Key: new(`{"code": "9"}`), Message: new("no <e-mail>"), Destination: "destination.sqlite.app",
		}},
	}
}

// sciences is a faculty without history.
func sciences() faculty {
	f := staff()
	f.Faculty = bundle.Faculty{IDExport: "007", Label: "sci", Name: "Sciences"}
	f.plans, f.operations, f.findings = nil, nil, nil
	return f
}

func open(t testing.TB, manifest string) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Open(t.Context(), manifest)
	must(t, err)
	t.Cleanup(func() { must(t, b.Close()) })
	return b
}

// contents reads everything that a bundle has.
func contents(t testing.TB, b *bundle.Bundle) (rows [][][]bundle.Cell, history []any) {
	t.Helper()
	for i := range b.Faculties {
		f := &b.Faculties[i]
		for j := range f.Syncs {
			reader, err := b.Rows(f, &f.Syncs[j])
			must(t, err)
			var all [][]bundle.Cell
			for {
				cells, err := reader.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				must(t, err)
				all = append(all, append([]bundle.Cell{}, cells...))
			}
			must(t, reader.Close())
			rows = append(rows, all)
		}
		must(t, b.Plans(f, func(p *bundle.HistoryPlan) error { history = append(history, *p); return nil }))
		must(t, b.Operations(f, func(o *bundle.HistoryOperation) error { history = append(history, *o); return nil }))
		must(t, b.Findings(f, func(one *bundle.HistoryFinding) error { history = append(history, *one); return nil }))
	}
	return rows, history
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	f := staff()
	b := open(t, write(t, t.TempDir(), f, sciences()))
	if b.CreatedBy != "tester" || !b.CreatedOn.Equal(day(20)) || len(b.Faculties) != 2 || b.File != "transfer.zip" {
		t.Errorf("the bundle is %+v", b)
	}
	got := b.Faculties[0]
	want := f.Faculty
	want.Line = 2
	for i := range f.tables {
		s := f.tables[i].sync
		s.Rows, s.Archived, s.Schema, s.Digest = int64(len(f.tables[i].rows)), int64(len(f.tables[i].archived)), bundle.SchemaDigest(s.Columns), got.Syncs[i].Digest
		if s.Scope == nil {
			s.Scope = []bundle.ScopeValue{}
		}
		want.Syncs = append(want.Syncs, s)
	}
	want.History = &bundle.History{Plans: 1, Operations: 1, Findings: 1, From: day(2), To: day(2)}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(bundle.Faculty{})); diff != "" {
		t.Errorf("the faculty differs (-written +read):\n%s", diff)
	}
	rows, history := contents(t, b)
	if diff := cmp.Diff([][][]bundle.Cell{f.tables[0].rows, f.tables[1].rows, f.tables[0].rows, f.tables[1].rows}, rows); diff != "" {
		t.Errorf("the rows differ (-written +read):\n%s", diff)
	}
	if diff := cmp.Diff([]any{f.plans[0], f.operations[0], f.findings[0]}, history); diff != "" {
		t.Errorf("the history differs (-written +read):\n%s", diff)
	}
}

func TestFilesAreTheirOwnersOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, staff())
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) != 2 {
		t.Errorf("the folder holds %v, expected the two files", entries)
	}
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
	}
}

// Two exports of equal data differ in bundle.json alone.
func TestEqualDataAreEqualOctets(t *testing.T) {
	t.Parallel()
	var entries [2]map[string]string
	for i := range entries {
		dir := t.TempDir()
		write(t, dir, staff())
		entries[i] = unzip(t, filepath.Join(dir, "transfer.zip"))
	}
	if diff := cmp.Diff(entries[0], entries[1]); diff != "" {
		t.Errorf("two exports of equal data differ:\n%s", diff)
	}
}

func TestNothingIsReplacedAndNothingStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	taken := filepath.Join(dir, "transfer.csv")
	must(t, os.WriteFile(taken, []byte("mine"), 0o600))
	if _, err := bundle.Create(dir, "transfer", bundle.Head{}); err == nil || !strings.Contains(err.Error(), "transfer.csv exists") {
		t.Errorf("error %v", err)
	}
	// One that comes meanwhile is not replaced either, and the ZIP is not left without its manifest.
	w, err := bundle.Create(dir, "other", bundle.Head{})
	must(t, err)
	must(t, w.Faculty(bundle.Faculty{IDExport: "SHS"}))
	must(t, os.WriteFile(filepath.Join(dir, "other.csv"), []byte("mine"), 0o600))
	if _, err := w.Finish(); err == nil || !strings.Contains(err.Error(), "other.csv exists") {
		t.Errorf("error %v", err)
	}
	w, err = bundle.Create(dir, "third", bundle.Head{})
	must(t, err)
	must(t, w.Abort())
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) != 2 {
		t.Errorf("the folder holds %v, expected only what was there before", entries)
	}
	for _, name := range []string{"", "../x", "a/b", `a\b`, "-x", "x.", strings.Repeat("x", 101)} {
		if _, err := bundle.Create(dir, name, bundle.Head{}); err == nil {
			t.Errorf("a bundle was begun with the name %q", name)
		}
	}
}

func TestWriterRefusesRows(t *testing.T) {
	t.Parallel()
	columns := []bundle.Column{{Name: "code", Kind: value.Text}, {Name: "n", Kind: value.Int}}
	for name, rows := range map[string][][]bundle.Cell{
		"out of order":                 {{text("b"), null()}, {text("a"), null()}},
		"has the key of the row befor": {{text("b"), null()}, {text("b"), text("1")}},
		"key is NULL":                  {{null(), text("1")}},
		`column "n": the value does`:   {{text("b"), text("secret")}},
		`the integer is not spelt as`:  {{text("b"), text("007")}},
	} {
		w, err := bundle.NewRowWriter(io.Discard, columns, []string{"code"})
		must(t, err)
		for _, row := range rows {
			err = w.Write(row, false)
		}
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func unzip(t testing.TB, path string) map[string]string {
	t.Helper()
	r, err := zip.OpenReader(path)
	must(t, err)
	defer r.Close()
	all := map[string]string{}
	for _, f := range r.File {
		in, err := f.Open()
		must(t, err)
		content, err := io.ReadAll(in)
		must(t, err)
		all[f.Name] = string(content)
	}
	return all
}

// Wherever an octet is changed, in either file, the bundle is refused; unless people may change what it stands in.
func TestChangedOctets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	manifest := write(t, dir, staff(), sciences())
	honest := open(t, manifest)
	refused := 0
	for _, name := range []string{"transfer.csv", "transfer.zip"} {
		path := filepath.Join(dir, name)
		original, err := os.ReadFile(path)
		must(t, err)
		step := 97
		if name == "transfer.csv" {
			step = 1
		}
		for at := 0; at < len(original); at += step {
			changed := bytes.Clone(original)
			changed[at] ^= 0x01
			must(t, os.WriteFile(path, changed, 0o600))
			b, err := bundle.Open(t.Context(), manifest)
			if err == nil {
				for i := range b.Faculties {
					b.Faculties[i].IDImport, b.Faculties[i].Contact = honest.Faculties[i].IDImport, honest.Faculties[i].Contact
				}
				if !reflect.DeepEqual(b.Faculties, honest.Faculties) {
					t.Errorf("%s: octet %d was changed, and the bundle is read as another one", name, at)
				}
				must(t, b.Close())
				if name == "transfer.zip" {
					t.Errorf("%s: octet %d was changed, and nobody noticed", name, at)
				}
				continue
			}
			refused++
			wantFormatError(t, err)
		}
		must(t, os.WriteFile(path, original, 0o600))
	}
	if refused < 100 {
		t.Errorf("%d changes were refused", refused)
	}
}

func wantFormatError(t testing.TB, err error) {
	t.Helper()
	wrong, ok := errors.AsType[*bundle.FormatError](err)
	if !ok || wrong.File == "" || wrong.Reason == "" {
		t.Fatalf("the error is no FormatError: %v", err)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	manifest := write(t, t.TempDir(), staff())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := bundle.Open(ctx, manifest); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

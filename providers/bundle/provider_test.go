package bundle_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/bundle"
)

// What a database of the same types takes is what was exported, to the last digit.
func TestProviderValuesAreExact(t *testing.T) {
	t.Parallel()
	one := table{sync: bundle.Sync{Address: "sync.odd", Name: "odd", Table: "odd", Key: []string{"key"}, Columns: []bundle.Column{{Name: "key", Kind: value.Int}}}}
	row := []bundle.Cell{text("1")}
	for kind, texts := range map[value.Kind][]string{
		value.Bool: {"true", "false"}, value.Int: {"-9223372036854775808"}, value.Decimal: {"1.10", "NaN", "-0.0001", "123456789012345678901234567890.5"},
		value.Float: {"0.1", "1e+21", "-Infinity", "NaN"}, value.Text: {"", " x ", "é\u2028\U0001F600", `\N`, "NULL", "\r\n", `"`}, value.Bytes: {`\x`, `\x00ff`},
		value.Date: {"0044-03-15 BC", "infinity"}, value.Time: {"24:00:00", "02:30:00.000001"}, value.DateTime: {"1969-07-20 20:17:40.25"},
		value.Instant: {"1969-07-20 20:17:40.123456789Z", "-infinity"}, value.JSON: {`{"a": [1, null]}`}, value.UUID: {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}, value.Other: {"{1,2}"},
	} {
		for i, s := range texts {
			one.sync.Columns = append(one.sync.Columns, bundle.Column{Name: fmt.Sprint(kind, i), Kind: kind})
			row = append(row, text(s))
		}
		one.sync.Columns = append(one.sync.Columns, bundle.Column{Name: fmt.Sprint(kind, " null"), Kind: kind})
		row = append(row, null())
	}
	one.rows = [][]bundle.Cell{row}
	dir := t.TempDir()
	write(t, dir, faculty{Faculty: bundle.Faculty{IDExport: "SHS"}, tables: []table{one}})
	p, ok := bundle.New().(providers.SourceProvider)
	if !ok {
		t.Fatal("bundle is no source")
	}
	source, err := p.OpenSource(t.Context(), providers.Attributes{"manifest": "transfer.csv"}, dir)
	must(t, err)
	defer source.Close()
	snapshot, err := source.Snapshot(t.Context())
	must(t, err)
	for _, name := range []string{"odd", "sync.odd"} {
		rows, err := snapshot.Read(t.Context(), providers.Query{Table: name})
		must(t, err)
		values := make([]value.Value, len(rows.Columns()))
		must(t, rows.Next(values))
		for i, c := range rows.Columns() {
			fitted, err := value.Type{Kind: c.Type.Kind, Fraction: 9}.Fit(values[i], time.UTC)
			must(t, err)
			if fitted.IsNull() != row[i].Null || fitted.Text() != row[i].Text {
				t.Errorf("%s: %q became %q", c.Name, row[i].Text, fitted.Text())
			}
		}
		must(t, rows.Close())
	}
}

func TestProviderFacultiesAndTables(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	two := sciences()
	two.tables = append(two.tables, two.tables[0])
	two.tables[2].sync.Address = `sync.more["hss"]`
	write(t, dir, staff(), two)
	p := bundle.New().(providers.SourceProvider) //nolint:forcetypeassert // it is one
	for want, attributes := range map[string]providers.Attributes{
		"several faculties":         {"manifest": "transfer.csv"},
		`no faculty "SHX". Did you`: {"manifest": "transfer.csv", "faculty": "SHX"},
		"it is missing":             {"manifest": "transfers.csv", "faculty": "SHS"},
		"folder cannot be opened":   {"manifest": "elsewhere/transfer.csv", "faculty": "SHS"},
	} {
		if _, err := p.OpenSource(t.Context(), attributes, dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
	}
	source, err := p.OpenSource(t.Context(), providers.Attributes{"manifest": filepath.Join(dir, "transfer.csv"), "faculty": "007"}, "/nowhere")
	must(t, err)
	defer source.Close()
	snapshot, err := source.Snapshot(t.Context())
	must(t, err)
	if _, err := snapshot.Read(t.Context(), providers.Query{Table: "department"}); err == nil || !strings.Contains(err.Error(), "several syncs of table") {
		t.Errorf("error %v", err)
	}
	rows, err := snapshot.Read(t.Context(), providers.Query{Table: `sync.more["hss"]`})
	must(t, err)
	must(t, rows.Close())
}

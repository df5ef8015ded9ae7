package csv_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

func TestTypes(t *testing.T) {
	type attributes = providers.Attributes
	french := attributes{"decimal": ",", "thousands": " ", "date_format": "DD/MM/YYYY", "timestamp_format": "D/M/YYYY h:mm"}
	german := attributes{"decimal": ",", "thousands": "."}
	zoned := attributes{"timestamp_format": "YYYY-MM-DDThh:mm:ss.fZ"}
	yes := attributes{"true_values": []any{"O", "oui"}, "false_values": []any{"N"}}
	for i, test := range []struct {
		kind       string
		attributes attributes
		text       string
		want       string // "" for an error
	}{
		{"text", nil, " 1 ", "' 1 '"},
		{"integer", nil, "42", "integer 42"},
		{"integer", nil, "-007", "integer -7"},
		{"integer", nil, "9223372036854775807", "integer 9223372036854775807"},
		{"integer", nil, "9223372036854775808", ""},
		{"integer", nil, "1.0", ""},
		{"integer", nil, " 1", ""},
		{"integer", nil, "1_000", ""},
		{"integer", nil, "0x10", ""},
		{"integer", nil, "1 234", ""},
		{"integer", french, "1 234", "integer 1234"},
		{"integer", french, "-1\u202f234\u00a0567", "integer -1234567"},
		{"integer", french, "1234", "integer 1234"},
		{"integer", french, "12 34", ""},
		{"integer", french, "1234 567", ""},
		{"integer", french, " 123", ""},
		{"integer", french, "1 2a4", ""},
		{"integer", german, "1.234", "integer 1234"},
		{"integer", german, "1.25", ""},
		{"decimal", nil, "12.50", "decimal 12.50"},
		{"decimal", nil, "1e3", "decimal 1000"},
		{"decimal", nil, "12,50", ""},
		{"decimal", nil, "1 234.5", ""},
		{"decimal", french, "1 234,50", "decimal 1234.50"},
		{"decimal", french, "-0,5", "decimal -0.5"},
		{"decimal", french, "12.50", ""},
		{"decimal", french, "12,5.0", ""},
		{"decimal", french, "12,345 678", ""},
		{"decimal", german, "1.234.567,80", "decimal 1234567.80"},
		{"decimal", german, "1.234,5.6", ""},
		{"decimal", german, "12.50", ""},
		{"decimal", nil, "twelve", ""},
		{"float", nil, "0.1", "float 0.1"},
		{"float", french, "1 000,5", "float 1000.5"},
		{"float", nil, "1e400", ""},
		{"float", nil, "0x1p-2", ""},
		{"bool", nil, "true", "bool true"},
		{"bool", nil, "FALSE", "bool false"},
		{"bool", nil, "t", "bool true"},
		{"bool", nil, "0", "bool false"},
		{"bool", nil, "yes", ""},
		{"bool", yes, "O", "bool true"},
		{"bool", yes, "N", "bool false"},
		{"bool", yes, "OUI", ""},
		{"bool", yes, "1", ""},
		{"date", nil, "2026-09-01", "date 2026-09-01"},
		{"date", nil, "01/09/2026", ""},
		{"date", french, "01/09/2026", "date 2026-09-01"},
		{"date", french, "29/02/2024", "date 2024-02-29"},
		{"date", french, "31/02/2026", ""},
		{"date", french, "29/02/2026", ""},
		{"date", french, "00/09/2026", ""},
		{"date", french, "01/13/2026", ""},
		{"date", french, "01/09/0000", ""},
		{"date", french, "1/9/2026", ""},
		{"date", french, "01/09/26", ""},
		{"date", french, "01/09/2026 ", ""},
		{"date", french, "2026-09-01", ""},
		{"time", nil, "08:30", "time 08:30:00"},
		{"time", nil, "8h30", ""},
		{"timestamp", nil, "2026-09-01 08:30:00.25", "timestamp 2026-09-01 08:30:00.25"},
		{"timestamp", nil, "2026-09-01 08:30:00Z", ""},
		{"timestamp", french, "1/9/2026 8:30", "timestamp 2026-09-01 08:30:00"},
		{"timestamp", french, "01/09/2026 08:30", "timestamp 2026-09-01 08:30:00"},
		{"timestamp", french, "1/9/2026 24:00", ""},
		{"timestamp", french, "1/9/2026 8:60", ""},
		{"timestamp", french, "1/9/2026 8:30:00", ""},
		{"timestamptz", nil, "2026-09-01 08:30:00+02:00", "timestamp with time zone 2026-09-01 06:30:00Z"},
		{"timestamptz", nil, "2026-09-01 08:30:00", ""},
		{"timestamptz", zoned, "2026-09-01T08:30:00.125+0230", "timestamp with time zone 2026-09-01 06:00:00.125Z"},
		{"timestamptz", zoned, "2026-09-01T00:30:00.000000001-01", "timestamp with time zone 2026-09-01 01:30:00.000000001Z"},
		{"timestamptz", zoned, "2026-09-01T08:30:00.5Z", "timestamp with time zone 2026-09-01 08:30:00.5Z"},
		{"timestamptz", zoned, "2026-09-01T08:30:00.5", ""},
		{"timestamptz", zoned, "2026-09-01T08:30:00.5+2:00", ""},
		{"timestamptz", zoned, "2026-09-01T08:30:00.5+02:", ""},
		{"timestamptz", zoned, "2026-09-01T08:30:00.5+02:60", ""},
		{"timestamptz", zoned, "2026-09-01T08:30:00.+02", ""},
	} {
		t.Run(fmt.Sprintf("%d %s %q", i, test.kind, test.text), func(t *testing.T) {
			settings := attributes{"delimiter": ";", "types": map[string]any{"v": test.kind}}
			maps.Copy(settings, test.attributes)
			dir := write(t, map[string]string{"data/x.csv": "k;v\nk;\n" + `"";""` + "\nk;" + test.text + "\n"})
			_, got, err := all(t.Context(), t, open(t, dir, settings), "x")
			// An empty field is NULL whatever the type; a quoted one is, unless it can be text.
			want := [][]string{{"'k'", "NULL"}, {"''", "NULL"}}
			if test.kind == "text" {
				want[1][1] = "''"
			}
			if test.want == "" {
				if err == nil || !strings.HasPrefix(err.Error(), `data/x.csv:4: column "v": expected `) || strings.Contains(err.Error(), test.text) {
					t.Errorf("error %v", err)
				}
			} else {
				want = append(want, []string{"'k'", test.want})
				if err != nil {
					t.Error(err)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExpectedFormat(t *testing.T) {
	settings := providers.Attributes{
		"delimiter": ";", "decimal": ",", "thousands": " ", "date_format": "DD/MM/YYYY", "timestamp_format": "DD/MM/YYYY hh:mm",
		"true_values": []any{"O"}, "false_values": []any{"N"},
	}
	for kind, want := range map[string]string{
		"integer":   "expected a whole number of at most 64 bits such as 1 234",
		"decimal":   "expected a decimal number such as 1 234,50",
		"bool":      `expected one of "O" for true, "N" for false`,
		"date":      "expected a date of the form DD/MM/YYYY",
		"time":      "expected a time of day of the form hh:mm:ss",
		"timestamp": "expected a timestamp of the form DD/MM/YYYY hh:mm",
	} {
		settings["types"] = map[string]any{"v": kind}
		dir := write(t, map[string]string{"data/x.csv": "v\nDupont\n"})
		_, _, err := all(t.Context(), t, open(t, dir, settings), "x")
		if got := fmt.Sprint(err); got != `data/x.csv:2: column "v": `+want {
			t.Errorf("%s: %s", kind, got)
		}
	}
}

func TestNullMarkerAndTypes(t *testing.T) {
	settings := providers.Attributes{"null": "NULL", "types": map[string]any{"v": "integer"}}
	dir := write(t, map[string]string{"data/x.csv": "k,v\na,NULL\nb,\n"})
	_, got, err := all(t.Context(), t, open(t, dir, settings), "x")
	if diff := cmp.Diff([][]string{{"'a'", "NULL"}}, got); diff != "" {
		t.Error(diff)
	}
	if err == nil || !strings.Contains(err.Error(), `data/x.csv:3: column "v": expected a whole number`) {
		t.Errorf("error %v", err)
	}
}

func TestTypesByTable(t *testing.T) {
	types := map[string]any{
		"rooms.capacity": "integer", "capacity": "decimal", "OPENED": "date", "elsewhere": "bool", "other.missing": "date", "rooms.a.b": "bool",
	}
	dir := write(t, map[string]string{
		"data/rooms.csv": "Capacity,opened,a.b\n",
		"data/sites.csv": "capacity,Opened\n",
	})
	snapshot := open(t, dir, providers.Attributes{"types": types})
	for table, want := range map[string][]providers.Column{
		"rooms": {{Name: "Capacity", Type: value.Type{Kind: value.Int}}, {Name: "opened", Type: value.Type{Kind: value.Date}}, {Name: "a.b", Type: value.Type{Kind: value.Bool}}},
		"sites": {{Name: "capacity", Type: value.Type{Kind: value.Decimal}}, {Name: "Opened", Type: value.Type{Kind: value.Date}}},
	} {
		rows, err := snapshot.Read(t.Context(), providers.Query{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, rows.Columns()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", table, diff)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	for name, test := range map[string]struct {
		types map[string]any
		want  string
	}{
		"mistyped":  {map[string]any{"rooms.capacty": "integer"}, `types: table "rooms" has no column "capacty". Did you mean "Capacity"?`},
		"unknown":   {map[string]any{"rooms.x": "integer"}, `types: table "rooms" has no column "x". Its columns: "Capacity", "opened", "a.b".`},
		"ambiguous": {map[string]any{"CAPACITY": "integer", "capacity": "text"}, `types: column "Capacity" of table "rooms" is meant by both "CAPACITY" and "capacity"`},
	} {
		_, _, err := all(t.Context(), t, open(t, dir, providers.Attributes{"types": test.types}), "rooms")
		if fmt.Sprint(err) != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

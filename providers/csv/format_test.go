package csv_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/filetable"
)

func exported() []providers.Column {
	kind := func(k value.Kind) value.Type { return value.Type{Kind: k} }
	return []providers.Column{
		{Name: "t", Type: kind(value.Text)},
		{Name: "é \"t\";,", Type: kind(value.Text)},
		{Name: "i", Type: kind(value.Int)},
		{Name: "d", Type: kind(value.Decimal)},
		{Name: "f", Type: kind(value.Float)},
		{Name: "b", Type: kind(value.Bool)},
		{Name: "day", Type: kind(value.Date)},
		{Name: "time", Type: kind(value.Time)},
		{Name: "dt", Type: kind(value.DateTime)},
		{Name: "at", Type: kind(value.Instant)},
	}
}

func exportedTypes() map[string]any {
	return map[string]any{"i": "integer", "d": "decimal", "f": "float", "b": "bool", "day": "date", "time": "time", "dt": "timestamp", "at": "timestamptz"}
}

// anyAttributes are attributes that sources and destinations have in common.
func anyAttributes(t *rapid.T) providers.Attributes {
	pick := func(name string, values ...any) any {
		return rapid.SampledFrom(append(values, nil)).Draw(t, name)
	}
	a := providers.Attributes{"types": exportedTypes()}
	for name, v := range map[string]any{
		"delimiter": pick("delimiter", ";", "\t", "§", "|"), "quote": pick("quote", "'", ""), "null": pick("null", `\N`, "NULL", "0", "é"),
		"encoding": pick("encoding", "iso-8859-15", "windows-1252", "utf-16", "utf-16le", "utf-16be"), "header": pick("header", false),
		"decimal": pick("decimal", ","), "thousands": pick("thousands", " ", "'"), "date_format": pick("date_format", "DD/MM/YYYY", "D.M.YYYY"),
	} {
		if v != nil {
			a[name] = v
		}
	}
	if rapid.Bool().Draw(t, "truths") {
		a["true_values"], a["false_values"] = []any{"O", "oui"}, []any{"N"}
	}
	return a
}

func anyValue(t *rapid.T, kind value.Kind) value.Value {
	stamp := func() time.Time {
		return time.Unix(rapid.Int64Range(-62_135_596_800, 253_402_300_799).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
	}
	if rapid.IntRange(0, 5).Draw(t, "null") == 0 {
		return value.Value{}
	}
	switch kind {
	case value.Text:
		return value.OfText(rapid.OneOf(rapid.String(), rapid.StringMatching(`[a0é§€\x{FEFF}ÿþ ;,|'"\r\n\t\\N=-]{0,8}`), rapid.SampledFrom([]string{"", "NULL", `\N`, "0", "é"})).Draw(t, "text"))
	case value.Int:
		return value.OfInt(rapid.Int64().Draw(t, "int"))
	case value.Decimal:
		return value.OfDecimal(rapid.Int64().Draw(t, "units"), rapid.IntRange(0, 25).Draw(t, "scale"))
	case value.Float:
		return value.OfFloat(rapid.Float64().Draw(t, "float"))
	case value.Bool:
		return value.OfBool(rapid.Bool().Draw(t, "bool"))
	case value.Date:
		return value.OfDate(stamp())
	case value.Time:
		return value.OfTime(time.Duration(rapid.Int64Range(0, 86_400_000_000_000).Draw(t, "clock")))
	case value.DateTime:
		return value.OfDateTime(stamp())
	default:
		return value.OfInstant(stamp())
	}
}

func export(f filetable.Format, columns []providers.Column, rows [][]value.Value) ([]byte, error) {
	var out bytes.Buffer
	i := 0
	err := f.Write(context.Background(), &out, "x", columns, func(row []value.Value) error {
		if i == len(rows) {
			return io.EOF
		}
		copy(row, rows[i])
		i++
		return nil
	})
	return out.Bytes(), err
}

// What was fitted and written, a source with the same attributes reads as it was, and so does the export.
func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		a := anyAttributes(t)
		columns := exported()
		if rapid.Bool().Draw(t, "one column") {
			columns = columns[:1]
		}
		to := maps.Clone(a)
		to["line_end"] = rapid.SampledFrom([]string{"crlf", "lf"}).Draw(t, "line end")
		if encoding, _ := a["encoding"].(string); encoding == "" || strings.HasPrefix(encoding, "utf") {
			to["bom"] = rapid.Bool().Draw(t, "bom")
		}
		f, err := csv.New().Format(to)
		if err != nil {
			t.Skip(err) // attributes that contradict one another
		}
		var rows [][]value.Value
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			row := make([]value.Value, len(columns))
			for i, c := range columns {
				v, err := f.Fit(c.Type.Kind, anyValue(t, c.Type.Kind))
				if err == nil {
					row[i] = v
				}
			}
			rows = append(rows, row)
		}
		raw, err := export(f, columns, rows)
		if err != nil {
			if a["quote"] == "" || strings.Contains(err.Error(), "the name of column") {
				t.Skip("a name, or the file's first character, that cannot be written")
			}
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "x.csv"), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		a["directory"] = "."
		var names []string
		if a["header"] == false {
			var list []any
			for _, c := range columns {
				names, list = append(names, c.Name), append(list, c.Name)
			}
			a["columns"] = list
		}
		source, err := csv.New().OpenSource(context.Background(), a, dir)
		if err != nil {
			t.Fatal(err)
		}
		snapshot, err := source.Snapshot(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer snapshot.Close()
		read, err := snapshot.Read(context.Background(), providers.Query{Table: "x"})
		if err != nil {
			t.Fatalf("%v\n%q", err, raw)
		}
		sameRows(t, read, columns, rows, raw)
		file, err := os.Open(filepath.Join(dir, "x.csv"))
		if err != nil {
			t.Fatal(err)
		}
		again, err := f.Read(context.Background(), file, "x.csv", "x", func(c string) (value.Kind, error) { return f.Kind("x", c) }, names)
		if err != nil {
			t.Fatal(err)
		}
		sameRows(t, again, columns, rows, raw)
	})
}

func sameRows(t *rapid.T, read providers.Rows, columns []providers.Column, want [][]value.Value, raw []byte) {
	t.Helper()
	defer read.Close()
	row := make([]value.Value, len(columns))
	if len(read.Columns()) != len(columns) {
		t.Fatalf("columns %v\n%q", read.Columns(), raw)
	}
	for i := 0; ; i++ {
		err := read.Next(row)
		if errors.Is(err, io.EOF) {
			if i != len(want) {
				t.Fatalf("%d rows, want %d\n%q", i, len(want), raw)
			}
			return
		}
		if err != nil {
			t.Fatalf("%v\n%q", err, raw)
		}
		for j, c := range columns {
			if !row[j].Equal(want[i][j]) {
				t.Fatalf("row %d, column %s: %q %s, want %q %s\n%q", i, c.Name, row[j].Text(), row[j].Kind(), want[i][j].Text(), want[i][j].Kind(), raw)
			}
		}
	}
}

func TestFormatRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		attributes providers.Attributes
		want       string
	}{
		"a line end":                    {providers.Attributes{"line_end": "cr"}, "line_end"},
		"a mark that is none":           {providers.Attributes{"encoding": "iso-8859-1", "bom": true}, "no byte order mark"},
		"NULL that holds a delimiter":   {providers.Attributes{"null": "a,b"}, "written without quotes"},
		"NULL that cannot be encoded":   {providers.Attributes{"null": "€", "encoding": "iso-8859-1"}, "holds a character that iso-8859-1 does not have: choose"},
		"what a source refuses as well": {providers.Attributes{"delimiter": "a"}, "delimiter"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := csv.New().Format(test.attributes); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestFormatMisfits(t *testing.T) {
	stamp := time.Date(2026, 9, 1, 2, 30, 15, 500, time.UTC)
	for name, test := range map[string]struct {
		attributes providers.Attributes
		v          value.Value
		want       string
	}{
		"encoding":            {providers.Attributes{"encoding": "iso-8859-1"}, value.OfText("Œuvre"), "holds a character that iso-8859-1 does not have: choose"},
		"a date without end":  {providers.Attributes{"date_format": "DD/MM/YYYY"}, value.Infinite(value.Date, false), "years 1 to 9999"},
		"seconds":             {providers.Attributes{"timestamp_format": "DD/MM/YYYY hh:mm"}, value.OfDateTime(stamp), "has seconds"},
		"a fraction":          {providers.Attributes{"timestamp_format": "DD/MM/YYYY hh:mm:ss"}, value.OfDateTime(stamp), "a fraction"},
		"no quotes":           {providers.Attributes{"quote": ""}, value.OfText("a\nb"), "leaves no way"},
		"NULL without quotes": {providers.Attributes{"quote": "", "null": "-"}, value.OfText("-"), "leaves no way"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := csv.New().Format(test.attributes)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Fit(test.v.Kind(), test.v); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// A spreadsheet takes no text for a formula, and numbers stay what they are.
func TestGuardedFormulas(t *testing.T) {
	for _, guard := range []bool{true, false} {
		f, err := csv.New().Format(providers.Attributes{"guard_formulas": guard})
		if err != nil {
			t.Fatal(err)
		}
		for text, guarded := range map[string]string{"=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "+33 2": "'+33 2", "-x": "'-x", "\tx": "'\tx", "-12.5": "-12.5", "a=b": "a=b", "": ""} {
			if !guard {
				guarded = text
			}
			if got := f.Guard(value.OfText(text)); got.Str() != guarded {
				t.Errorf("%q is kept as %q, want %q", text, got.Str(), guarded)
			}
			// What others wrote is theirs.
			if got, err := f.Fit(value.Text, value.OfText(text)); err != nil || got.Str() != text {
				t.Errorf("%q is read as %q (%v)", text, got.Str(), err)
			}
		}
	}
}

func TestEncodedExport(t *testing.T) {
	columns := []providers.Column{{Name: "né", Type: value.Type{Kind: value.Text}}, {Name: "n", Type: value.Type{Kind: value.Decimal}}}
	rows := [][]value.Value{{value.OfText("œ"), value.OfDecimal(-123456789, 2)}, {{}, {}}}
	for name, test := range map[string]struct {
		attributes providers.Attributes
		want       string
	}{
		"plain":       {nil, "né,n\r\nœ,-1234567.89\r\n,\r\n"},
		"marked":      {providers.Attributes{"bom": true, "line_end": "lf"}, "\xEF\xBB\xBFné,n\nœ,-1234567.89\n,\n"},
		"iso-8859-15": {providers.Attributes{"encoding": "iso-8859-15", "delimiter": ";", "decimal": ",", "thousands": " ", "null": "-"}, "n\xe9;n\r\n\xbd;-1 234 567,89\r\n-;-\r\n"},
		"utf-16":      {providers.Attributes{"encoding": "utf-16", "line_end": "lf"}, "\xFF\xFEn\x00\xe9\x00,\x00n\x00\n\x00\x53\x01,\x00-\x001\x002\x003\x004\x005\x006\x007\x00.\x008\x009\x00\n\x00,\x00\n\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := csv.New().Format(test.attributes)
			if err != nil {
				t.Fatal(err)
			}
			got, err := export(f, columns, rows)
			if err != nil || string(got) != test.want {
				t.Errorf("%q, want %q (%v)", got, test.want, err)
			}
		})
	}
}

// Formats are written as they are read.
func TestExportedFormats(t *testing.T) {
	day := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	stamp := time.Date(2026, 9, 1, 7, 5, 30, 120_000_000, time.UTC)
	for name, test := range map[string]struct {
		attributes providers.Attributes
		kind       value.Kind
		v          value.Value
		want       string
	}{
		"day":      {providers.Attributes{"date_format": "D.M.YYYY"}, value.Date, value.OfDate(day), "1.9.2026"},
		"year":     {providers.Attributes{"date_format": "YYYYMMDD"}, value.Date, value.OfDate(time.Date(33, 4, 3, 0, 0, 0, 0, time.UTC)), "00330403"},
		"fraction": {providers.Attributes{"timestamp_format": "DD/MM/YYYY h:mm:ss,f"}, value.DateTime, value.OfDateTime(stamp), `"01/09/2026 7:05:30,12"`},
		"whole":    {providers.Attributes{"timestamp_format": "YYYY-MM-DDThh:mm:ss.f"}, value.DateTime, value.OfDateTime(day), "2026-09-01T00:00:00.0"},
		"offset":   {providers.Attributes{"timestamp_format": "YYYY-MM-DDThh:mm:ss.fZ"}, value.Instant, value.OfInstant(stamp), "2026-09-01T07:05:30.12Z"},
		"truth":    {providers.Attributes{"true_values": []any{"O", "oui"}, "false_values": []any{"N"}}, value.Bool, value.OfBool(true), "O"},
	} {
		t.Run(name, func(t *testing.T) {
			test.attributes["types"] = map[string]any{"c": map[value.Kind]string{value.Date: "date", value.DateTime: "timestamp", value.Instant: "timestamptz", value.Bool: "bool"}[test.kind]}
			f, err := csv.New().Format(test.attributes)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := export(f, []providers.Column{{Name: "c", Type: value.Type{Kind: test.kind}}}, [][]value.Value{{test.v}})
			if want := "c\r\n" + test.want + "\r\n"; err != nil || string(raw) != want {
				t.Fatalf("%q, want %q (%v)", raw, want, err)
			}
			test.attributes["directory"] = "data"
			rows, err := open(t, write(t, map[string]string{"data/x.csv": string(raw)}), test.attributes).Read(t.Context(), providers.Query{Table: "x"})
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			row := make([]value.Value, 1)
			if err := rows.Next(row); err != nil || !row[0].Equal(test.v) {
				t.Errorf("read %q, want %q (%v)", row[0].Text(), test.v.Text(), err)
			}
		})
	}
}

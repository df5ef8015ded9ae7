package xlsx_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
	"github.com/registrar-sync/registrar/providers/xlsx"
)

func kinds() map[string]any {
	return map[string]any{"t": "text", "i": "integer", "d": "decimal", "f": "float", "b": "bool", "day": "date", "time": "time", "dt": "timestamp", "at": "timestamptz"}
}

func columns() []providers.Column {
	kind := func(k value.Kind) value.Type { return value.Type{Kind: k} }
	return []providers.Column{
		{Name: "t", Type: kind(value.Text)},
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

// anyValue is a value of a kind, or NULL.
func anyValue(t *rapid.T, kind value.Kind) value.Value {
	stamp := func() time.Time {
		return time.Unix(rapid.Int64Range(-2_203_891_200, 253_402_300_799).Draw(t, "seconds"), rapid.Int64Range(0, 999).Draw(t, "ms")*1e6).UTC()
	}
	if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
		return value.Value{}
	}
	switch kind {
	case value.Text:
		return value.OfText(rapid.OneOf(rapid.String(), rapid.StringMatching(`[_x05FDa0 =\r\n\t,;"'-]{1,20}`), rapid.StringMatching(`(_x[0-9A-Fz]{4}_?|.){1,4}`)).Draw(t, "text"))
	case value.Int:
		return value.OfInt(rapid.Int64().Draw(t, "int"))
	case value.Decimal:
		return value.OfDecimal(rapid.Int64().Draw(t, "units"), rapid.IntRange(0, 20).Draw(t, "scale"))
	case value.Float:
		return value.OfFloat(rapid.Float64().Draw(t, "float"))
	case value.Bool:
		return value.OfBool(rapid.Bool().Draw(t, "bool"))
	case value.Date:
		return value.OfDate(stamp())
	case value.Time:
		return value.OfTime(time.Duration(rapid.Int64Range(0, 86_399_999).Draw(t, "clock")) * time.Millisecond)
	case value.DateTime:
		return value.OfDateTime(stamp())
	default:
		return value.OfInstant(stamp())
	}
}

func newFormat(t testing.TB, a providers.Attributes) filetable.Format {
	t.Helper()
	f, err := xlsx.New().Format(a)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func write(f filetable.Format, columns []providers.Column, rows [][]value.Value) ([]byte, error) {
	var out bytes.Buffer
	i := 0
	err := f.Write(context(), &out, "x", columns, func(row []value.Value) error {
		if i == len(rows) {
			return io.EOF
		}
		copy(row, rows[i])
		i++
		return nil
	})
	return out.Bytes(), err
}

// What was fitted and written is read back as it was, by the export and by a source alike; the same rows are the same
// octets.
func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	f := newFormat(t, providers.Attributes{"types": kinds()})
	source, err := xlsx.New().OpenSource(t.Context(), providers.Attributes{"directory": ".", "types": kinds()}, dir)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		var rows [][]value.Value
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			var row []value.Value
			filled := false
			for _, c := range columns() {
				v, err := f.Fit(c.Type.Kind, anyValue(t, c.Type.Kind))
				if err != nil {
					v = value.Value{}
				}
				filled = filled || !v.IsNull()
				row = append(row, v)
			}
			if filled { // a row without any value is none
				rows = append(rows, row)
			}
		}
		first, err := write(f, columns(), rows)
		if err != nil {
			t.Fatal(err)
		}
		second, err := write(f, columns(), rows)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("written twice it is not the same file (%v)", err)
		}
		if err := os.WriteFile(filepath.Join(dir, "x.xlsx"), first, 0o600); err != nil {
			t.Fatal(err)
		}
		snapshot, err := source.Snapshot(context())
		if err != nil {
			t.Fatal(err)
		}
		defer snapshot.Close()
		read, err := snapshot.Read(context(), providers.Query{Table: "x"})
		if err != nil {
			t.Fatal(err)
		}
		defer read.Close()
		same(t, read, rows)
		file, err := os.Open(filepath.Join(dir, "x.xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		again, err := f.Read(context(), file, "x.xlsx", "x", func(c string) (value.Kind, error) { return f.Kind("x", c) }, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		same(t, again, rows)
	})
}

func same(t *rapid.T, read providers.Rows, want [][]value.Value) {
	t.Helper()
	row := make([]value.Value, len(columns()))
	for i := 0; ; i++ {
		err := read.Next(row)
		if errors.Is(err, io.EOF) {
			if i != len(want) {
				t.Fatalf("%d rows, want %d", i, len(want))
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for j, c := range columns() {
			if !row[j].Equal(want[i][j]) {
				t.Fatalf("row %d, column %s: %q %s, want %q %s", i, c.Name, row[j].Text(), row[j].Kind(), want[i][j].Text(), want[i][j].Kind())
			}
		}
	}
}

func TestMisfits(t *testing.T) {
	f := newFormat(t, nil)
	for name, test := range map[string]struct {
		v    value.Value
		want string
	}{
		"sixteen digits":       {value.OfInt(1_000_000_000_000_000), "15 digits"},
		"a number of decimals": {value.OfDecimal(1_234_567_890_123_456, 8), "15 digits"},
		"before the calendar":  {value.OfDate(time.Date(1900, 2, 28, 0, 0, 0, 0, time.UTC)), "1900-03-01"},
		"behind it":            {value.Infinite(value.Date, false), "1900-03-01"},
		"microseconds":         {value.OfDateTime(time.Date(2026, 9, 1, 0, 0, 0, 1000, time.UTC)), "milliseconds"},
		"24:00":                {value.OfTime(24 * time.Hour), "24:00"},
		"a control character":  {value.OfText("a\x01"), "holds a character that a workbook cannot hold"},
		"too long":             {value.OfText(strings.Repeat("x", 32_768)), "32767"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := f.Fit(test.v.Kind(), test.v); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	for name, test := range map[string]struct{ v, want value.Value }{
		"empty text": {value.OfText(""), value.Value{}},
		"a scale":    {value.OfDecimal(1250, 3), value.OfDecimal(125, 2)},
		"an integer": {value.OfDecimal(1200, 2), value.OfDecimal(12, 0)},
		"nothing":    {value.OfDecimal(0, 2), value.OfDecimal(0, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := f.Fit(test.v.Kind(), test.v); err != nil || !got.Equal(test.want) {
				t.Errorf("%q, want %q (%v)", got.Text(), test.want.Text(), err)
			}
		})
	}
}

// Texts that look like what stands for a character in XML.
func TestTextsThatLookEscaped(t *testing.T) {
	dir := t.TempDir()
	f := newFormat(t, nil)
	text := []providers.Column{{Name: "t", Type: value.Type{Kind: value.Text}}}
	var rows [][]value.Value
	var want [][]string
	for _, s := range []string{"_x000D_", "_x005F_", "__x000D__", "_x0041_0042_", "a_x000D_b_x005F_", "_x_x0041_", "_x0041", "=1+1", "'x"} {
		rows = append(rows, []value.Value{value.OfText(s)})
		want = append(want, []string{"text " + s})
	}
	for _, s := range []string{"_x000D_x000D_", "_xD800_", "a_xyzzy_", "_x005F_x000D_"} {
		if _, err := f.Fit(value.Text, value.OfText(s)); err == nil {
			t.Errorf("%s was taken", s)
		}
	}
	raw, err := write(f, text, rows)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "x.xlsx"), raw, 0o600))
	wantRows(t, dir, "x", nil, want...)
}

package scaffold

import (
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

func texts(all ...string) []value.Value {
	out := make([]value.Value, len(all))
	for i, text := range all {
		out[i] = value.OfText(text)
	}
	return out
}

// What fills a column, by its type and what the source holds, and how many doubts there are about it.
func TestConvert(t *testing.T) {
	t.Parallel()
	is := func(k value.Kind) value.Type { return value.Type{Kind: k} }
	text := is(value.Text)
	day := value.OfDate(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC))
	for _, c := range []struct {
		from   value.Type
		values []value.Value
		to     value.Type
		want   string
		doubts int
	}{
		{text, texts("2026-09-01"), is(value.Date), "date(row.X)", 0},
		{text, texts("2026-09-01", ""), is(value.Date), `date(nullif(trim(row.X), ""))`, 0},
		{text, texts("01/09/2026 "), is(value.Date), `to_date(trim(row.X), "DD/MM/YYYY")`, 0},
		{text, texts("20260901"), is(value.Date), `to_date(row.X, "YYYYMMDD")`, 0},
		{text, texts("09/31/2026"), is(value.Date), "date(row.X)", 1},
		{text, nil, is(value.Date), "date(row.X)", 1},
		{text, texts("2026-09-01 08:30:00"), is(value.DateTime), "datetime(row.X)", 0},
		{text, texts("2026-09-01 08:30:00"), is(value.Date), "date(datetime(row.X))", 1},
		{is(value.Date), []value.Value{day}, is(value.DateTime), "row.X", 0},
		{is(value.DateTime), nil, is(value.Date), "date(row.X)", 0},
		{is(value.DateTime), nil, is(value.Instant), "row.X", 1},
		{is(value.Instant), nil, is(value.Date), `date(in_zone(row.X, "Europe/Paris"))`, 1},
		{text, texts("O", "N"), is(value.Bool), "{ O = true, N = false }[row.X]", 0},
		{text, texts("Y"), is(value.Bool), "{ Y = true, N = false }[row.X]", 0},
		{text, texts("N"), is(value.Bool), "{ O = true, N = false }[row.X]", 1},
		{text, texts("1", "0"), is(value.Bool), "tobool(row.X)", 0},
		{text, texts("perhaps"), is(value.Bool), "{ O = true, N = false }[row.X]", 1},
		{is(value.Int), nil, is(value.Bool), "row.X", 0},
		{text, texts("O", "N"), is(value.Int), "{ O = 1, N = 0 }[row.X]", 1},
		{text, texts("012", "-3.5"), is(value.Decimal), "to_number(row.X)", 0},
		{text, texts("1,5"), is(value.Decimal), "to_number(row.X, true)", 0},
		{text, texts("many"), is(value.Int), "to_number(row.X)", 1},
		{value.Type{Kind: value.Decimal, Precision: 5, Scale: 2}, nil, is(value.Int), "row.X", 1},
		{is(value.Date), nil, is(value.Int), "row.X", 1},
		{is(value.Int), nil, text, "to_text(row.X)", 0},
		{is(value.Date), nil, text, "to_text(row.X)", 1},
		{value.Type{Kind: value.Text, Fixed: true, Size: 4}, texts("ab  "), text, "trim(row.X)", 0},
		{text, texts("ab "), text, "trim(row.X)", 1},
		{text, texts(" "), text, "row.X", 0},
		{value.Type{Kind: value.Text, Size: 20}, texts("ab"), value.Type{Kind: value.Text, Size: 10}, "row.X", 1},
		{text, texts("abc"), value.Type{Kind: value.Text, Size: 2}, "row.X", 1},
	} {
		s := &sourceColumn{Column: providers.Column{Name: "X", Type: c.from}, row: "row.X", shape: shape{forms: map[form]int{}, few: map[string]bool{}}}
		for _, v := range c.values {
			s.see(v)
		}
		e := (&draft{whole: true}).convert(s, sqlgen.Column{Name: "y", Type: c.to})
		if e.text != c.want || len(e.doubts) != c.doubts {
			t.Errorf("%s %v to %s: %s with %q, want %s with %d doubts", c.from, c.values, c.to, e.text, e.doubts, c.want, c.doubts)
		}
	}
	// NULL where the column must have a value, and rows that nobody looked at.
	s := &sourceColumn{Column: providers.Column{Name: "X", Type: text}, row: "row.X", shape: shape{forms: map[form]int{}, few: map[string]bool{}}}
	s.see(value.Value{})
	s.see(value.OfText("2026-09-01"))
	if e := (&draft{}).convert(s, sqlgen.Column{Name: "y", Type: is(value.Date), NotNull: true}); len(e.doubts) != 2 {
		t.Errorf("doubts %q, want 2", e.doubts)
	}
}

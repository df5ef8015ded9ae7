package providertest

import (
	"fmt"
	"testing"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// exerciseComparison tries what compare = "case_insensitive" and rounded(n) are made of.
func (h *Harness) exerciseComparison(t *testing.T) {
	db := h.open(t)
	db.needSQL(t)
	d := db.destination(t)
	dialect := d.Dialect()
	conn := connect(t, d)

	t.Run("lower case", func(t *testing.T) {
		for text, want := range map[string]string{
			"plain, 1": "plain, 1", "ABCxyZ": "abcxyz", "ÀÉÎŒÇÑ": "àéîœçñ", "E\u0301": "e\u0301", "ЖДИ": "жди", "ԱԲ": "աբ", "Ǆ": "ǆ",
			"STRASSE ẞ": "strasse ß", "İSTANBUL": "i\u0307stanbul", "ΟΔΟΣ": "οδος", "𐐀🙂": "𐐨🙂", "it's": "it's",
		} {
			if got := one(t, conn, "SELECT "+dialect.LowerCase(dialect.Placeholder(1)), text); got != want {
				t.Errorf("%q became %q, expected %q", text, got, want)
			}
		}
		// It stands beside whatever else is compared by its bytes.
		equal := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 AS one) x WHERE %s",
			dialect.Same(dialect.LowerCase(dialect.Placeholder(1)), dialect.ByteOrder(dialect.Placeholder(2))))
		if got := one(t, conn, equal, "É", "é"); got != "1" {
			t.Error("the lower case is not equal to the same text")
		}
		if got := one(t, conn, "SELECT "+dialect.LowerCase("NULL")); got != null {
			t.Errorf("NULL became %q", got)
		}
	})
	t.Run("lower case of a column", func(t *testing.T) {
		// The collation of the column must not have a say: only case is made light of.
		for i, ddl := range []string{h.SQL.Text, h.SQL.IgnoringCase} {
			if ddl == "" {
				continue
			}
			name := fmt.Sprintf("lowered%d", i)
			db.Exec(t, fmt.Sprintf("CREATE TABLE %s (v %s)", name, ddl))
			c := describe(t, d, name).Columns[0]
			list := []string{"Élan", "éLAN", "Elan", "Élan ", "E\u0301lan", "x"}
			rows := make([][]value.Value, len(list))
			for i, text := range list {
				rows[i] = []value.Value{value.OfText(text)}
			}
			staged := stage(t, d, conn, name, []sqlgen.Column{c}, rows)
			lower := func(alias string) string { return dialect.LowerCase(dialect.Canonical(alias+".v", c)) }
			if got := one(t, conn, fmt.Sprintf("SELECT count(*) FROM %s l, %s r WHERE %s", staged, staged, dialect.Same(lower("l"), lower("r")))); got != "8" {
				t.Errorf("%s: %s pairs of %q are equal, expected each to itself and the first two to each other", ddl, got, list)
			}
		}
	})

	// By the digits, each number and what it is rounded to.
	type rounding map[string]string
	exact := map[int]rounding{
		0: {"0.5": "1", "-0.5": "-1", "1.5": "2", "2.5": "3", "2.4": "2", "-2.5": "-3", "0.4": "0", "-0.4": "0", "7": "7"},
		2: {
			"1.5": "1.5", "1.50": "1.5", "1.504": "1.5", "1.505": "1.51", "1.5149": "1.51", "-1.505": "-1.51", "-1.504": "-1.5", "0": "0", "0.004": "0", "-0.004": "0",
			"99.995": "100", "100": "100", "123456789012.345": "123456789012.35", "-123456789012.345": "-123456789012.35", "0.000000001": "0",
		},
		9: {"1.5": "1.5", "1.50": "1.5", "0.1234567891": "0.123456789", "0.1234567894": "0.123456789", "0.1234567895": "0.12345679", "12": "12"},
	}
	floats := map[int]rounding{
		0: {"0.5": "1", "-0.5": "-1", "2.5": "3", "0.49999999999999994": "0", "1e+300": "a", "1.0000000000000002e+300": "b", "-0": "0", "0": "0"},
		2: {
			"0.30000000000000004": "0.3", "0.3": "0.3", "1.005": "1.01", "2.675": "2.68", "1.0049999": "1", "1": "1", "-1.005": "-1.01", "1e-07": "0",
			"Infinity": "Infinity", "-Infinity": "-Infinity", "NaN": "NaN",
		},
	}
	for i, fixture := range h.Types {
		var cases map[int]rounding
		switch {
		case fixture.Kind == value.Int:
			cases = map[int]rounding{0: {"7": "7", "8": "8", "-7": "-7"}, 2: {"7": "7", "0": "0"}}
		case fixture.Kind == value.Decimal:
			cases = exact
		case fixture.Kind == value.Float:
			cases = floats
		default:
			continue
		}
		t.Run("rounded "+fixture.DDL, func(t *testing.T) {
			name := fmt.Sprint("rounded", i, "_")
			db.Exec(t, fmt.Sprintf("CREATE TABLE %s (id %s, v %s)", name, h.SQL.Int, fixture.DDL))
			columns := describe(t, d, name).Columns
			c := columns[1]
			tried := 0
			for digits, numbers := range cases {
				rows := [][]value.Value{{value.OfInt(-1), {}}}
				var texts, want []string
				for text, rounded := range numbers {
					v, err := c.Type.Fit(value.OfText(text), nil)
					if err != nil || c.Type.Kind == value.Float && v.Text() != text {
						continue // of another type
					}
					rows = append(rows, []value.Value{value.OfInt(int64(len(texts))), v})
					texts, want = append(texts, text), append(want, rounded)
				}
				tried += len(texts)
				staged := stage(t, d, conn, fmt.Sprint(name, digits), columns, rows)
				exec(t, conn, fmt.Sprintf("DELETE FROM %s", name))
				exec(t, conn, fmt.Sprintf("INSERT INTO %s SELECT id, %s FROM %s s", name, dialect.FromText(dialect.Canonical("s.v", c), c), staged))
				equal := func(l, r int) string {
					return one(t, conn, fmt.Sprintf("SELECT count(*) FROM %s l, %s r WHERE l.id = %d AND r.id = %d AND %s",
						staged, name, l, r, dialect.Same(dialect.Rounded("l.v", digits, c), dialect.Rounded("r.v", digits, c))))
				}
				for l := range want {
					for r := range want {
						if got := equal(l, r); (got == "1") != (want[l] == want[r]) {
							t.Errorf("to %d digits, %s and %s: %s", digits, texts[l], texts[r], got)
						}
					}
					if equal(l, -1) == "1" {
						t.Errorf("%s is equal to NULL", texts[l])
					}
				}
				if equal(-1, -1) != "1" {
					t.Error("NULL is not equal to itself")
				}
			}
			if tried == 0 {
				t.Error("no number fits the type")
			}
		})
	}
}

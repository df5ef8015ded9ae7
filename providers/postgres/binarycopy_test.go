package postgres_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers/postgres"
)

// binaryTypes are of the types that have encoders.
const binaryTypes = `flag boolean, small smallint, whole integer, big bigint, exact numeric, money numeric(12,2), hundreds numeric(5,-2), tiny numeric(2,4),
	single real, double double precision, words text, short varchar(5), padded character(5), loose bpchar, folded citext,
	doc json, docb jsonb, octets bytea, id uuid, day date, clock time, clock3 time(3), wall timestamp, wall0 timestamp(0), instant timestamptz, instant3 timestamptz(3), age years`

// twoWays are a table whose columns all have binary forms, and its like with a column that
// has none: the one is loaded in binary format, the other in text format.
type twoWays struct {
	*fixture
	stages  [2]string
	columns [2][]sqlgen.Column
}

func newTwoWays(t *testing.T) *twoWays {
	t.Helper()
	f := &twoWays{fixture: newFixture(t, "CREATE EXTENSION IF NOT EXISTS citext", "CREATE DOMAIN years AS integer CHECK (VALUE >= 0)",
		"CREATE TABLE as_binary (n integer, "+binaryTypes+")", "CREATE TABLE as_text (n name, "+binaryTypes+")")}
	for i, table := range []string{"as_binary", "as_text"} {
		f.stages[i], f.columns[i] = f.staged(t, table)
	}
	return f
}

// load loads rows in place of those before; the first value of each is added here.
func (f *twoWays) load(t *testing.T, rows [][]value.Value) (errs [2]error) {
	t.Helper()
	for i, stage := range f.stages {
		if _, err := f.conn.ExecContext(t.Context(), "DELETE FROM "+stage); err != nil {
			t.Fatal(err)
		}
		numbered := make([][]value.Value, len(rows))
		for n, row := range rows {
			first := value.OfInt(int64(n))
			if i == 1 {
				first = value.OfText(fmt.Sprint(n))
			}
			numbered[n] = append([]value.Value{first}, row...)
		}
		loaded, err := f.d.Load(t.Context(), f.conn, stage, f.columns[i], feed(numbered...))
		if err == nil && loaded != int64(len(rows)) {
			t.Fatalf("%s: %d of %d rows loaded", stage, loaded, len(rows))
		}
		errs[i] = err
	}
	return errs
}

// wantSameRows compares what was stored, column by column, by its text.
func (f *twoWays) wantSameRows(t *testing.T, columns []sqlgen.Column, rows int) {
	t.Helper()
	if got := one(t, f.conn, `SELECT count(*) FROM registrar.stage_as_binary AS b JOIN registrar.stage_as_text AS t ON t.n::text::integer = b.n`); got != fmt.Sprint(rows) {
		t.Fatalf("%s rows of %d", got, rows)
	}
	for _, c := range columns {
		f.each(t, fmt.Sprintf(`SELECT b.n, b.%[1]s::text, t.%[1]s::text FROM registrar.stage_as_binary AS b JOIN registrar.stage_as_text AS t ON t.n::text::integer = b.n
			WHERE b.%[1]s::text IS DISTINCT FROM t.%[1]s::text`, c.Name), nil, func(row []string) {
			t.Errorf("column %s (%s), row %s: %q as binary, %q as text", c.Name, c.Type.SQL, row[0], row[1], row[2])
		})
	}
}

// TestBinaryCopyStoresTheSame loads random values of every kind, as they fit their columns.
func TestBinaryCopyStoresTheSame(t *testing.T) {
	f := newTwoWays(t)
	columns := f.columns[0][1:]
	random := rand.New(rand.NewPCG(7, 11)) // the same values each time
	const n = 600
	rows := make([][]value.Value, n)
	filled := make([]int, len(columns))
	for i := range rows {
		rows[i] = make([]value.Value, len(columns))
		for j, c := range columns {
			if fitted, err := c.Type.Fit(randomValue(random, c.Type), time.UTC); err == nil {
				rows[i][j] = fitted
				if !fitted.IsNull() {
					filled[j]++
				}
			}
			if c.Name == "age" && rows[i][j].Int() < 0 {
				rows[i][j] = value.Value{}
			}
		}
	}
	for j, c := range columns {
		if filled[j] < n/10 {
			t.Errorf("column %s: %d values only", c.Name, filled[j])
		}
	}
	if errs := f.load(t, rows); errs[0] != nil || errs[1] != nil {
		t.Fatal(errs)
	}
	f.wantSameRows(t, columns, n)
}

// randomValue is of the kind that the column holds, and not always within its bounds.
func randomValue(random *rand.Rand, t value.Type) value.Value {
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	moment := time.Unix(random.Int64N(90_000_000_000)-70_000_000_000, random.Int64N(1_000_000)*1000).UTC()
	if random.IntN(20) == 0 {
		return value.Value{}
	}
	if random.IntN(20) == 0 && (t.Kind == value.Date || t.Kind == value.DateTime || t.Kind == value.Instant) {
		return value.Infinite(t.Kind, random.IntN(2) == 0)
	}
	switch t.Kind {
	case value.Bool:
		return value.OfBool(random.IntN(2) == 0)
	case value.Int:
		return value.OfInt(int64(random.Uint64()) >> (random.IntN(5) * 16))
	case value.Decimal:
		text := pick("NaN", "0", "0.00", "-0.5", "10000", "99999999.99", "0.0099", "0.00001", "1234567890123456789012345678901234567890.00010000", "100000000", "12000")
		if random.IntN(2) == 0 {
			text = fmt.Sprintf("%d.%0*d", random.Int64N(2_000_000)-1_000_000, 1+random.IntN(9), random.IntN(1_000_000))
		}
		v, err := value.ParseDecimal(text)
		if err != nil {
			panic(err)
		}
		if t.SQL == "numeric(2,4)" || t.SQL == "numeric(5,-2)" {
			// The server rounds to what it declares, whatever is read of it.
			v, _ = value.ParseDecimal(pick("0.0012", "0.00994", "-0.0001", "0", "NaN"))
		}
		return v
	case value.Float:
		return value.OfFloat([]float64{0, math.Copysign(0, -1), 0.1, 1e21, -1e-7, math.NaN(), math.Inf(1), math.Inf(-1), random.Float64(), float64(random.Float32()), 3.4e38}[random.IntN(11)])
	case value.JSON:
		return value.OfText(pick(`{"a": 1}`, `{"b":  "é\n"}`, `[1, 2.50]`, `null`, `"x"`, `1.10`))
	case value.UUID:
		raw := make([]byte, 16)
		for i := range raw {
			raw[i] = byte(random.Uint32())
		}
		return value.OfBytes(raw)
	case value.Bytes:
		return value.OfBytes([]byte(pick("", "\x00\xff", `\x00`, strings.Repeat("\\\n", 3000))))
	case value.Date:
		return value.OfDate(moment)
	case value.Time:
		return value.OfTime(time.Duration(random.Int64N(86_400_000_001)) * time.Microsecond)
	case value.DateTime:
		return value.OfDateTime(moment)
	case value.Instant:
		return value.OfInstant(moment)
	default:
		return value.OfText(pick("", "a", "été", `\N`, `\.`, "a\tb", "a\nb", `a\b`, "x    ", "🙂🙂🙂🙂🙂", "abcde"))
	}
}

// TestBinaryCopyAtTheBounds: what has no place in the column is refused for the same reason,
// at the same place, as the text is, and what the binary form does not tell is stored as the
// text is.
func TestBinaryCopyAtTheBounds(t *testing.T) {
	f := newTwoWays(t)
	columns := f.columns[0][1:]
	decimal := func(text string) value.Value {
		v, err := value.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	at := func(year int) time.Time { return time.Date(year, 6, 1, 12, 0, 0, 0, time.UTC) }
	bounds := map[string][]value.Value{
		"flag": {value.OfText("yes"), value.OfText("maybe"), value.OfInt(1)}, "small": {value.OfInt(math.MaxInt16), value.OfInt(math.MaxInt16 + 1), value.OfText("12"), value.OfText("x")},
		"whole": {value.OfInt(math.MinInt32), value.OfInt(math.MinInt32 - 1), value.OfBool(true)}, "big": {value.OfInt(math.MinInt64), decimal("1.0"), decimal("99999999999999999999")},
		"exact": {
			decimal("NaN"), decimal("Infinity"), decimal("-Infinity"), decimal("0." + strings.Repeat("0", 16382) + "1"), decimal("0." + strings.Repeat("0", 16383) + "1"),
			decimal(strings.Repeat("9", 11999) + ".5"), decimal(strings.Repeat("9", 12001)), decimal(strings.Repeat("7", 131072)), decimal(strings.Repeat("7", 131073)), value.OfInt(12), value.OfText("x"),
		},
		"money":    {decimal("9999999999.99"), decimal("9999999999.994"), decimal("9999999999.995"), decimal("0.005"), decimal("-0.004"), decimal("NaN"), decimal("Infinity")},
		"hundreds": {decimal("12345"), decimal("12350"), decimal("9999950"), decimal("9999949")}, "tiny": {decimal("0.00995"), decimal("0.01"), decimal("0.00005")},
		"single": {value.OfFloat(1e300), value.OfFloat(0.1), value.OfFloat(1e-300), value.OfFloat(math.NaN())}, "double": {value.OfText("1e400"), value.OfFloat(5e-324), value.OfInt(3)},
		"words": {value.OfText("a\x00b"), value.OfText("a\xffb"), value.OfInt(1), value.OfBool(true)}, "short": {value.OfText("abcdef"), value.OfText("abcde   "), value.OfText("ééééé"), value.OfText("éééééé")},
		"padded": {value.OfText("abcdef"), value.OfText("abcde   "), value.OfText("é")}, "loose": {value.OfText("a  ")}, "folded": {value.OfText("Éa")},
		"doc": {value.OfText("{"), value.OfText(`"a\u0000"`)}, "docb": {value.OfText("{"), value.OfText(`"a\u0000"`), value.OfText(`1e5`)},
		"octets": {value.OfText(`\x0g`), value.OfText("a")}, "id": {value.OfText("6F1ED002-AB59-4E5C-B1B2-0D1F5B0A0000"), value.OfText("{6f1ed002-ab59-4e5c-b1b2-0d1f5b0a0000}"), value.OfText("6f1ed002-ab59-4e5c-b1b2-0d1f5b0a000g"), value.OfText("x")},
		"day":   {value.OfDate(at(-4713)), value.OfDate(at(-4712)), value.OfDate(at(-4714)), value.OfDate(at(5874897)), value.OfDate(at(5874898)), value.OfDate(at(5881580)), value.OfDate(at(9_999_999)), value.OfDate(at(2026).AddDate(0, 0, 1<<32)), value.OfText("2026-02-30"), value.OfText("2026-02-03"), value.OfDateTime(at(2026))},
		"clock": {value.OfTime(24 * time.Hour), value.OfTime(24*time.Hour - 1), value.OfTime(1500), value.OfTime(2500), value.OfTime(499)}, "clock3": {value.OfTime(24*time.Hour - time.Microsecond), value.OfTime(500 * time.Microsecond)},
		"wall":    {value.OfDateTime(at(-4712)), value.OfDateTime(at(-4714)), value.OfDateTime(at(294276)), value.OfDateTime(at(294277)), value.OfDateTime(at(400_000)), value.OfDateTime(at(2026).Add(1500)), value.OfDateTime(at(1).Add(-time.Microsecond)), value.OfDate(at(2026)), value.OfInstant(at(2026))},
		"wall0":   {value.OfDateTime(at(2026).Add(500 * time.Millisecond)), value.OfDateTime(at(1969).Add(-500 * time.Millisecond)), value.OfDateTime(at(1969).Add(-499_999_500))},
		"instant": {value.OfInstant(at(-4714)), value.OfInstant(at(0)), value.OfInstant(at(294277)), value.OfInstant(at(9_000_000))}, "instant3": {value.OfInstant(at(2026).Add(1500 * time.Microsecond)), value.OfInstant(at(1950).Add(-1500 * time.Microsecond))},
		"age": {value.OfInt(0), value.OfInt(-1)},
	}
	null := make([]value.Value, len(columns))
	for i, c := range columns {
		values := bounds[c.Name]
		if len(values) == 0 {
			t.Errorf("no bounds of %s", c.Name)
		}
		var stored [][]value.Value
		for k, v := range values {
			row := append([]value.Value(nil), null...)
			row[i] = v
			errs := f.load(t, [][]value.Value{null, row, null})
			if errs[0] == nil && errs[1] == nil {
				stored = append(stored, row)
				continue
			}
			var refused [2]*postgres.Error
			for way, err := range errs {
				if !errors.As(err, &refused[way]) {
					t.Errorf("%s, value %d: as binary %v, as text %v", c.Name, k, errs[0], errs[1])
				}
			}
			if refused[0] == nil || refused[1] == nil {
				continue
			}
			place := fmt.Sprintf("record 2, column %q", c.Name)
			// A line that is no UTF-8 is refused before its columns are told apart.
			if refused[0].Code != refused[1].Code || !strings.Contains(errs[0].Error(), place) || !strings.Contains(errs[1].Error(), place) && refused[1].Code != "22021" {
				t.Errorf("%s, value %d: as binary %v, as text %v", c.Name, k, errs[0], errs[1])
			}
			if got := one(t, f.conn, "SELECT count(*) FROM registrar.stage_as_binary"); got != "0" {
				t.Errorf("%s, value %d: %s rows are left", c.Name, k, got)
			}
		}
		if errs := f.load(t, stored); errs[0] != nil || errs[1] != nil {
			t.Fatal(errs)
		}
		f.wantSameRows(t, columns[i:i+1], len(stored))
	}
}

// TestRowsWithoutBinaryForm: the rows behind one that only the text format takes are loaded
// too, or none, and are counted from the first one.
func TestRowsWithoutBinaryForm(t *testing.T) {
	f := newFixture(t, "CREATE TABLE t (id integer, exact numeric, code varchar(3))")
	infinite, err := value.ParseDecimal("Infinity")
	if err != nil {
		t.Fatal(err)
	}
	rows := func(last string) [][]value.Value {
		plain := []value.Value{value.OfInt(1), {}, value.OfText("a")}
		return [][]value.Value{plain, plain, {value.OfInt(2), infinite, value.OfText("b")}, plain, {value.OfInt(3), infinite, value.OfText(last)}}
	}
	stage, columns := f.staged(t, "t")
	_, err = f.d.Load(t.Context(), f.conn, stage, columns, feed(rows("Dupont")...))
	expectSilent(t, err, "Dupont")
	if !strings.Contains(err.Error(), `record 5, column "code"`) {
		t.Errorf("the error names no place: %v", err)
	}
	if got := one(t, f.conn, "SELECT count(*) FROM "+stage); got != "0" {
		t.Errorf("%s rows are left", got)
	}
	stop := errors.New("stop")
	next := feed(rows("c")...)
	n := 0
	if _, err = f.d.Load(t.Context(), f.conn, stage, columns, func(row []value.Value) error {
		if n++; n == 5 {
			return stop
		}
		return next(row)
	}); !errors.Is(err, stop) {
		t.Errorf("stopped by %v", err)
	}
	if got := one(t, f.conn, "SELECT count(*) FROM "+stage); got != "0" {
		t.Errorf("%s rows are left", got)
	}
	if loaded, err := f.d.Load(t.Context(), f.conn, stage, columns, feed(rows("c")...)); loaded != 5 || err != nil {
		t.Fatalf("%d rows, %v", loaded, err)
	}
	if got := one(t, f.conn, "SELECT string_agg(id || '/' || coalesce(exact::text, '-') || '/' || code, ' ' ORDER BY id) FROM "+stage); got != "1/-/a 1/-/a 1/-/a 2/Infinity/b 3/Infinity/c" {
		t.Errorf("stored: %s", got)
	}
}

package oracle_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/oracletest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05.999999999", text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestTypes(t *testing.T) {
	t.Parallel()
	nines := strings.Repeat("9", 38)
	for _, c := range []struct {
		column oracletest.Column
		typ    string
		kind   value.Kind
		cells  []any
		want   []string
	}{
		{oracletest.Column{Type: oracletest.Varchar2, Size: 20}, "VARCHAR2(20)", value.Text, []any{"né €", " x ", "", nil}, []string{"text né €", "text  x ", "NULL", "NULL"}},
		{oracletest.Column{Type: oracletest.NVarchar2, Size: 20}, "VARCHAR2(20)", value.Text, []any{"né €"}, []string{"text né €"}},
		{oracletest.Column{Type: oracletest.Char, Size: 6}, "CHAR(6)", value.Text, []any{"né", "", nil}, []string{"text né", "NULL", "NULL"}},
		{oracletest.Column{Type: oracletest.Num, Precision: 10}, "NUMBER(10)", value.Int, []any{-7, 0, 1200, nil}, []string{"integer -7", "integer 0", "integer 1200", "NULL"}},
		{oracletest.Column{Type: oracletest.Num, Precision: 18}, "NUMBER(18)", value.Int, []any{oracletest.Number(nines[:18])}, []string{"integer " + nines[:18]}},
		{oracletest.Column{Type: oracletest.Num, Precision: 19}, "NUMBER(19)", value.Decimal, []any{oracletest.Number(nines[:19])}, []string{"decimal " + nines[:19]}},
		{oracletest.Column{Type: oracletest.Num, Precision: 38}, "NUMBER(38)", value.Decimal, []any{oracletest.Number("-" + nines)}, []string{"decimal -" + nines}},
		{oracletest.Column{Type: oracletest.Num, Precision: 5, Scale: 2}, "NUMBER(5,2)", value.Decimal, []any{oracletest.Number("12.5"), 3, oracletest.Number("-0.05")}, []string{"decimal 12.50", "decimal 3.00", "decimal -0.05"}},
		{oracletest.Column{Type: oracletest.Num}, "NUMBER", value.Decimal, []any{oracletest.Number("12.5"), 3, oracletest.Number("0." + strings.Repeat("0", 20) + "1"), oracletest.Number(nines[:20] + "." + nines[:18])}, []string{"decimal 12.5", "decimal 3", "decimal 0." + strings.Repeat("0", 20) + "1", "decimal " + nines[:20] + "." + nines[:18]}},
		{oracletest.Column{Type: oracletest.Num, Precision: 5, Scale: -2}, "NUMBER", value.Decimal, []any{1200}, []string{"decimal 1200"}},
		{oracletest.Column{Type: oracletest.BinaryDouble}, "BINARY_DOUBLE", value.Float, []any{-0.5, 1e300, 0.1}, []string{"float -0.5", "float 1e+300", "float 0.1"}},
		// What a clock shows does not depend on the time of the year.
		{oracletest.Column{Type: oracletest.Date}, "DATE", value.DateTime, []any{at("2026-01-15 08:00:00"), at("2026-07-15 08:00:00"), at("2026-03-29 02:30:00"), at("0001-01-01 00:00:00"), at("9999-12-31 23:59:59"), nil}, []string{"timestamp 2026-01-15 08:00:00", "timestamp 2026-07-15 08:00:00", "timestamp 2026-03-29 02:30:00", "timestamp 0001-01-01 00:00:00", "timestamp 9999-12-31 23:59:59", "NULL"}},
		{oracletest.Column{Type: oracletest.Timestamp}, "TIMESTAMP", value.DateTime, []any{at("2026-01-15 08:00:00.123456789"), at("2026-03-29 02:30:00")}, []string{"timestamp 2026-01-15 08:00:00.123456789", "timestamp 2026-03-29 02:30:00"}},
		{oracletest.Column{Type: oracletest.TimestampTZ}, "TIMESTAMP WITH TIME ZONE", value.Instant, []any{at("2026-07-15 08:00:00").Add(5)}, []string{"timestamp with time zone 2026-07-15 08:00:00.000000005Z"}},
		{oracletest.Column{Type: oracletest.TimestampLTZ}, "TIMESTAMP WITH LOCAL TIME ZONE", value.Instant, []any{at("2026-07-15 08:00:00")}, []string{"timestamp with time zone 2026-07-15 08:00:00Z"}},
		{oracletest.Column{Type: oracletest.Raw, Size: 8}, "RAW", value.Bytes, []any{[]byte{0, 255}, nil}, []string{`bytes \x00ff`, "NULL"}},
		{oracletest.Column{Type: oracletest.RowID}, "ROWID", value.Text, []any{7}, []string{"text AAAR3sAAEAAAACXAAH"}},
		{oracletest.Column{Type: oracletest.Clob}, "CLOB", value.Text, []any{strings.Repeat("né", 40_000), "x", "", nil}, []string{"text " + strings.Repeat("né", 40_000), "text x", "NULL", "NULL"}},
		{oracletest.Column{Type: oracletest.NClob}, "CLOB", value.Text, []any{"né €", nil}, []string{"text né €", "NULL"}},
		{oracletest.Column{Type: oracletest.Long}, "LONG", value.Text, []any{"né €", nil}, []string{"text né €", "NULL"}},
		{oracletest.Column{Type: oracletest.Blob}, "BLOB", value.Bytes, []any{[]byte(strings.Repeat("\x00\x01", 3)), nil}, []string{`bytes \x000100010001`, "NULL"}},
	} {
		t.Run(strings.ReplaceAll(c.typ, " ", "_"), func(t *testing.T) {
			t.Parallel()
			c.column.Name = "C"
			for _, charset := range []oracletest.Charset{oracletest.AL32UTF8, oracletest.WE8ISO8859P15} {
				rows := make([][]any, len(c.cells))
				for i, cell := range c.cells {
					rows[i] = []any{cell}
				}
				server := serve(t, oracletest.Config{Charset: charset}, always([]oracletest.Column{c.column}, rows...))
				from := snapshot(t, open(t, attributes(server)))
				opened, err := from.Read(t.Context(), providers.Query{SQL: "SELECT c FROM t"})
				if err != nil {
					t.Fatal(err)
				}
				if got := opened.Columns()[0]; got.Type.Kind != c.kind || got.Type.SQL != c.typ || got.Name != "C" {
					t.Errorf("column %q is %s, %s", got.Name, got.Type.Kind, got.Type.SQL)
				}
				if err := opened.Close(); err != nil {
					t.Fatal(err)
				}
				server = serve(t, oracletest.Config{Charset: charset}, always([]oracletest.Column{c.column}, rows...))
				got, err := read(t, server, "SELECT c FROM t")
				if err != nil {
					t.Fatal(err)
				}
				same(t, got, c.want)
			}
		})
	}
}

func TestTypesThatAreNotReadAreNamedWithWhatToWriteInstead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		object string
		typ    oracletest.Type
		cell   any
		want   string
	}{
		{"XMLTYPE", oracletest.Object, []byte("\x85\x01\x0c\x01\x00\x00\x00\x14<a/>"), `column "Odd" is of an object type, which is not read: write XMLSERIALIZE(CONTENT "Odd" AS CLOB)`},
		{"ADDRESS_T", oracletest.Object, []byte{0x84, 1, 5, 1, 65}, `column "Odd" is of`},
		{"ADDRESS_T", oracletest.Object, nil, `column "Odd" is of`},
		{"", oracletest.IntervalDS, []byte{0x80, 0, 0, 1, 60, 60, 60, 0x80, 0, 0, 0}, `column "Odd" is of type INTERVAL DAY TO SECOND, which is not read: write TO_CHAR("Odd")`},
		{"", oracletest.BinaryFloat, 0.7, `column "Odd" is of type BINARY_FLOAT, which is not read: write TO_BINARY_DOUBLE("Odd")`},
		{"", oracletest.URowID, []byte{2, 4, 1, 64, 0, 1, 2, 193, 2, 254}, `column "Odd" is of type UROWID, which is not read: write ROWIDTOCHAR("Odd")`},
		{"", oracletest.JSON, []byte{1}, `column "Odd" is of type JSON, which is not read: write JSON_SERIALIZE("Odd" RETURNING CLOB)`},
		{"", oracletest.JSON, nil, `column "Odd" is of type JSON`},
	} {
		columns := []oracletest.Column{varchar("CODE"), {Name: "Odd", Type: c.typ, ObjectName: c.object}}
		server := serve(t, oracletest.Config{}, always(columns, []any{"a", c.cell}))
		_, err := read(t, server, `SELECT * FROM t`)
		wantError(t, err, c.want)
	}
}

func TestDatesBeforeTheFirstYearAreRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, oracletest.Config{}, always([]oracletest.Column{{Name: "D", Type: oracletest.Date}}, []any{at("2026-01-01 00:00:00")}, []any{time.Date(-4712, 1, 1, 0, 0, 0, 0, time.UTC)}))
	got, err := read(t, server, "SELECT d FROM t")
	wantError(t, err, `row 2, column "D": it is a date before the year 1`)
	same(t, got, []string{"timestamp 2026-01-01 00:00:00"})
}

// What is served: a clock, and behind it the number of a zone, or an offset.
func TestTimeZones(t *testing.T) {
	t.Parallel()
	clock := []byte{120, 126, 7, 15, 9, 1, 1, 0, 0, 0, 0} // 2026-07-15 08:00:00
	const unknown = 1000                                  // a zone's number
	zone := func(number, local byte) []byte { return append(clock[:11:11], number, local) }
	region := func(number int, local byte) []byte { return zone(0x80|byte(number>>6), byte(number&0x3f)<<2|local) }
	for _, c := range []struct {
		cell []byte
		want string
	}{
		{zone(20, 60), "2026-07-15 08:00:00Z"},
		{zone(22, 60), "2026-07-15 08:00:00Z"},
		{zone(22|0x40, 60), "2026-07-15 06:00:00Z"},
		{zone(25|0x40, 105), "2026-07-15 02:15:00Z"},
		{zone(17|0x40, 30), "2026-07-15 11:30:00Z"},
		{region(unknown, 0), "2026-07-15 08:00:00Z"},
		{region(unknown, 1), ""},
		{region(unknown, 3), ""},
	} {
		server := serve(t, oracletest.Config{}, always([]oracletest.Column{{Name: "C", Type: oracletest.TimestampTZ}}, []any{c.cell}))
		got, err := read(t, server, "SELECT c FROM t")
		if c.want == "" {
			wantError(t, err, `row 1, column "C": its time zone is not known on this machine: write … AT TIME ZONE '+00:00'`)
			continue
		}
		if err != nil {
			t.Errorf("% x: %v", c.cell, err)
		}
		same(t, got, []string{"timestamp with time zone " + c.want})
	}
}

func TestOctetsThatAreNoTextAreRefused(t *testing.T) {
	t.Parallel()
	for _, charset := range []oracletest.Charset{oracletest.AL32UTF8, oracletest.US7ASCII} {
		for _, typ := range []oracletest.Type{oracletest.Varchar2, oracletest.Char, oracletest.Clob} {
			wrong := []string{"n\xe9"}
			if charset == oracletest.US7ASCII {
				wrong = append(wrong, "né") // what a program stored that took the database for one of UTF-8
			}
			for _, octets := range wrong {
				server := serve(t, oracletest.Config{Charset: charset}, always([]oracletest.Column{{Name: "C", Type: typ, Size: 10}}, []any{"a?"}, []any{[]byte(octets)}))
				got, err := read(t, server, "SELECT c FROM t")
				wantError(t, err, `row 2, column "C": its octets are no text in the database's character set`, "UTL_I18N.RAW_TO_NCHAR")
				same(t, got, []string{"text a?"})
			}
		}
	}
	// What the national character set holds, is text there as elsewhere.
	server := serve(t, oracletest.Config{Charset: oracletest.US7ASCII}, always([]oracletest.Column{{Name: "C", Type: oracletest.NVarchar2, Size: 10}}, []any{"né €"}))
	got, err := read(t, server, "SELECT c FROM t")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []string{"text né €"})
}

// A driver of a later version shares one table of characters between all databases.
func TestDatabasesOfDifferentCharsetsDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	answer := always([]oracletest.Column{varchar("C")}, []any{"né €"})
	first := open(t, attributes(serve(t, oracletest.Config{Charset: oracletest.WE8ISO8859P15}, answer)))
	second := open(t, attributes(serve(t, oracletest.Config{}, answer)))
	third := open(t, attributes(serve(t, oracletest.Config{Charset: oracletest.WE8MSWIN1252}, answer)))
	for i, source := range []providers.Source{first, second, third, first, second} {
		got, err := all(t.Context(), snapshot(t, source), providers.Query{SQL: "SELECT c FROM t WHERE c = :c", Params: []providers.Param{{Name: "c", Value: value.OfText("né €")}}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, []string{"text né €"})
		_ = i
	}
}

func TestManyRowsOfManyFetches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rows, fetch int }{{0, 3}, {1, 3}, {3, 3}, {4, 3}, {6, 3}, {1000, 7}} {
		for _, typ := range []oracletest.Type{oracletest.Varchar2, oracletest.Clob} {
			server := serve(t, oracletest.Config{}, func(oracletest.Statement) oracletest.Result {
				n := 0
				return oracletest.Result{Columns: []oracletest.Column{{Name: "C", Type: typ, Size: 10}}, Next: func(row []any) bool {
					n++
					row[0] = fmt.Sprint("k", n)
					return n <= c.rows
				}}
			})
			got, err := all(t.Context(), snapshot(t, open(t, attributes(server, providers.Attributes{"prefetch_rows": int64(c.fetch)}))), providers.Query{SQL: "SELECT c FROM t"})
			if err != nil || len(got) != c.rows {
				t.Fatalf("%d rows of %d, %d at a time: %v", len(got), c.rows, c.fetch, err)
			}
			for i := range got {
				if got[i] != fmt.Sprint("text k", i+1) {
					t.Fatalf("row %d is %s", i+1, got[i])
				}
			}
		}
	}
}

// Each number goes to the server as a parameter, and comes back in a row.
func TestNumbersGoBothWaysWithoutLoss(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var want []string
	var params []providers.Param
	var names []string
	for i := range 300 {
		digits := make([]byte, 1+random.IntN(38))
		for j := range digits {
			digits[j] = byte('0' + random.IntN(10)*random.IntN(2))
		}
		point := random.IntN(len(digits) + 1)
		text := strings.TrimLeft(string(digits[:point]), "0")
		if text == "" {
			text = "0"
		}
		if fraction := strings.TrimRight(string(digits[point:]), "0"); fraction != "" {
			text += "." + fraction
		}
		if random.IntN(2) == 0 && text != "0" {
			text = "-" + text
		}
		v, err := value.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprint("p", i)
		names = append(names, ":"+name)
		params = append(params, providers.Param{Name: name, Value: v})
		want = append(want, "decimal "+text)
	}
	server := serve(t, oracletest.Config{}, func(s oracletest.Statement) oracletest.Result {
		var rows [][]any
		for _, bound := range s.Binds() {
			rows = append(rows, []any{bound})
		}
		return table([]oracletest.Column{{Name: "N", Type: oracletest.Num}}, rows...)
	})
	got, err := read(t, server, "SELECT n FROM t WHERE n IN ("+strings.Join(names, ", ")+")", params...)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, want)
}

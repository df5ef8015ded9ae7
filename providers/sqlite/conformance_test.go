package sqlite_test

import (
	"database/sql"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/providertest"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

func TestConformance(t *testing.T) {
	providertest.Exercise(t, providertest.Harness{
		Provider:     sqlite.New(),
		Capabilities: providertest.Capabilities{EmptyText: true, Queries: true, Snapshot: true, StagingWithoutLock: true, Relays: true, MaxMembers: 1000},
		New:          newDatabase,
		SQL: providertest.SQL{
			Text: "TEXT", Int: "INTEGER", IgnoringCase: "TEXT COLLATE NOCASE",
			Statements:      [4]string{"TEXT", "INTEGER", "DECIMAL(10,2)", "TIMESTAMPTZ"},
			Generated:       "GENERATED ALWAYS AS (upper(a)) STORED",
			PartialIndex:    "CREATE UNIQUE INDEX indexed_partial ON indexed (a) WHERE a > 'm'",
			ExpressionIndex: "CREATE UNIQUE INDEX indexed_expression ON indexed (lower(a))",
			Trigger:         []string{"CREATE TRIGGER watch AFTER INSERT ON watched BEGIN UPDATE watched SET a = upper(a); END"},
			FailsMidway:     "SELECT CASE code WHEN 'k000900' THEN abs(-9223372036854775807 - 1) ELSE code END FROM room",
			IdentityColumn:  "INTEGER PRIMARY KEY",
		},
		Types: fixtures(t),
		// Numbers in them are shown as texts.
		Unrelayed: []string{"JSON", "MONEY"},
		UsesIndex: usesIndex,
	})
}

func newDatabase(t *testing.T) providertest.Database {
	t.Helper()
	dir := t.TempDir()
	// A name that a URI could misread.
	const name = "tïme table?%41#1.db"
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("?", "%3f", "%", "%25", "#", "%23").Replace(filepath.ToSlash(filepath.Join(dir, name)))+
		"?_pragma=busy_timeout(2000)&_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxIdleConns(-1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return providertest.Database{
		Source:      providers.Attributes{"path": name},
		Destination: providers.Attributes{"path": name},
		Dir:         dir,
		Exec: func(t testing.TB, statement string) {
			t.Helper()
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatalf("%v\n%s", err, statement)
			}
		},
	}
}

func usesIndex(t *testing.T, q providers.Querier, query string, args ...any) bool {
	t.Helper()
	rows, err := q.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := false
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		found = found || strings.Contains(detail, "SEARCH") && strings.Contains(detail, "INDEX")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func texts(all ...string) []value.Value {
	values := make([]value.Value, len(all))
	for i, text := range all {
		values[i] = value.OfText(text)
	}
	return values
}

func fixtures(t *testing.T) []providertest.TypeFixture {
	t.Helper()
	const digits38 = "12345678901234567890123456789012345678"
	ints := []value.Value{value.OfInt(0), value.OfInt(-1), value.OfInt(math.MaxInt64), value.OfInt(math.MinInt64)}
	decimals := func(all ...string) []value.Value {
		values := make([]value.Value, len(all))
		for i, text := range all {
			v, err := value.ParseDecimal(text)
			if err != nil {
				t.Fatal(err)
			}
			values[i] = v
		}
		return values
	}
	instants := []value.Value{
		value.OfInstant(time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)), value.OfInstant(time.Date(1789, 7, 14, 12, 0, 0, 1, time.UTC)),
		value.OfInstant(time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)), value.Infinite(value.Instant, false), value.Infinite(value.Instant, true),
	}
	dateTimes := []value.Value{
		value.OfDateTime(time.Date(2026, 3, 29, 2, 30, 0, 0, time.UTC)), value.OfDateTime(time.Date(1582, 10, 4, 0, 0, 0, 250000000, time.UTC)),
		value.Infinite(value.DateTime, false), value.Infinite(value.DateTime, true),
	}
	floats := []value.Value{
		value.OfFloat(0), value.OfFloat(0.1), value.OfFloat(1.0 / 3), value.OfFloat(1e21), value.OfFloat(-1e-7), value.OfFloat(5e-324), value.OfFloat(math.MaxFloat64),
		value.OfFloat(123456789012345680), value.OfFloat(1e15), value.OfFloat(9007199254740993), value.OfFloat(math.NaN()), value.OfFloat(math.Inf(1)), value.OfFloat(math.Inf(-1)),
		value.OfFloat(math.Copysign(0, -1)), value.OfFloat(2.2250738585072011e-308), value.OfFloat(100),
	}
	strings := texts("", " ", "a", "A", "a ", "é", "e\u0301", "🙂", "it's", `a"b\c`, "007", "1e5", "true", "NaN", digits38, `\x41`)
	dates := append(texts("2026-02-28", "1899-12-31", "0001-01-01", "0044-03-15 BC", "12026-01-01"), value.Infinite(value.Date, false), value.Infinite(value.Date, true))
	fixture := func(ddl string, kind value.Kind, values ...value.Value) providertest.TypeFixture {
		return providertest.TypeFixture{DDL: ddl, Kind: kind, Values: values}
	}
	with := func(f providertest.TypeFixture, misfits ...value.Value) providertest.TypeFixture {
		f.Misfits = misfits
		return f
	}
	stored := func(f providertest.TypeFixture, pairs map[string]string) providertest.TypeFixture {
		f.Stored = pairs
		return f
	}
	all := []providertest.TypeFixture{
		with(fixture("INTEGER", value.Int, ints...), texts("9223372036854775808", "1.5", "x")...),
		fixture("SMALLINT", value.Int, ints...),
		fixture("INT(11)", value.Int, ints...),
		fixture("UNSIGNED BIG INT", value.Int, ints...),
		with(fixture("BOOLEAN", value.Bool, value.OfBool(true), value.OfBool(false)), value.OfInt(2)),
		fixture("bool", value.Bool, value.OfBool(true), value.OfBool(false)),
		with(fixture("DECIMAL(10,2)", value.Decimal, decimals("0.00", "1.10", "-12345678.90", "12.00", "99999999.99", "0.30", "7")...), decimals("1.001", "123456789.00")...),
		with(fixture("NUMERIC(38,3)", value.Decimal, decimals("1.100", "123456789012.345", "9223372036854775807", "-0.001")...), decimals(digits38, "1234567890123.456")...),
		fixture("NUMERIC(5)", value.Decimal, decimals("0", "12345", "-1")...),
		with(stored(fixture("NUMERIC", value.Decimal, decimals("1.10", "0.1", "0.000000123456789", "123456789012345000000000", "-3")...), map[string]string{"1.10": "1.1"}), decimals(digits38, "0.1234567890123456", "NaN", "Infinity")...),
		stored(fixture("REAL", value.Float, floats...), map[string]string{"-0": "0"}),
		stored(fixture("DOUBLE PRECISION", value.Float, floats...), map[string]string{"-0": "0"}),
		fixture("TEXT", value.Text, strings...),
		fixture("TEXT COLLATE NOCASE", value.Text, strings...),
		fixture("TEXT COLLATE RTRIM", value.Text, strings...),
		with(fixture("VARCHAR(5)", value.Text, texts("", "ééééé", "🙂🙂🙂🙂🙂")...), texts("123456", "éééééé")...),
		fixture("CHAR(3)", value.Text, texts("a", "a  ", "abc")...),
		fixture("BLOB", value.Bytes, value.OfBytes(nil), value.OfBytes([]byte{0, 255, 0x80}), value.OfBytes([]byte("a"))),
		with(fixture("VARBINARY(2)", value.Bytes, value.OfBytes([]byte{1, 2})), value.OfBytes([]byte{1, 2, 3})),
		with(fixture("DATE", value.Date, dates...), texts("2026-02-30", "31/12/2026")...),
		fixture("TIME", value.Time, value.OfTime(0), value.OfTime(24*time.Hour), value.OfTime(3*time.Hour+time.Nanosecond)),
		fixture("DATETIME", value.DateTime, dateTimes...),
		fixture("TIMESTAMP", value.DateTime, dateTimes...),
		fixture("TIMESTAMP(0)", value.DateTime, dateTimes[0], value.OfDateTime(time.Date(2026, 1, 1, 0, 0, 0, 600000000, time.UTC))),
		fixture("TIMESTAMPTZ", value.Instant, instants...),
		fixture("TIMESTAMP WITH TIME ZONE", value.Instant, instants...),
		fixture("TIMESTAMP WITH TIME ZONE(6)", value.Instant, instants[0]),
		fixture("DATETIMEOFFSET", value.Instant, instants...),
		with(fixture("JSON", value.JSON, texts(`{"a": [1, 2.50, null]}`, `[]`, `"x"`, `12`, `null`)...), texts("{", "1.10")...),
		with(fixture("UUID", value.UUID, texts("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "00000000-0000-0000-0000-000000000000")...), texts("x")...),
		with(fixture("MONEY", value.Other, texts("7", "-1.5", "abc")...), texts("007", "1.10", "12345678901234567890")...),
		fixture("", value.Other, strings...),
	}
	names := make(map[string]bool)
	for _, f := range all {
		if names[f.DDL] {
			t.Fatalf("%q twice", f.DDL)
		}
		names[f.DDL] = true
	}
	return all
}

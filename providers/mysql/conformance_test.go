package mysql_test

import (
	"database/sql"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/mysqltest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mysql"
	"github.com/registrar-sync/registrar/providers/providertest"
)

func TestConformance(t *testing.T) {
	mysqltest.New(t) // starts the server
	mysqltest.LoadZones(t, "Europe/Paris")
	providertest.Exercise(t, providertest.Harness{
		Provider:     mysql.New(),
		Capabilities: providertest.Capabilities{EmptyText: true, Queries: true, Snapshot: true, StagingWithoutLock: true, BasicNames: true, KeyOrder: true},
		New: func(t *testing.T) providertest.Database {
			database := mysqltest.New(t)
			beside := plain(t, database)
			makeStages(t, database)
			return providertest.Database{
				Source: attributesOf(database), Destination: attributesOf(database), Dir: t.TempDir(),
				Exec: func(t testing.TB, statement string) { execute(t, beside, statement) },
			}
		},
		SQL: providertest.SQL{
			// Of longer texts a row has no room for three hundred.
			Text: "varchar(50)", CastText: "char", Int: "bigint", IgnoringCase: "varchar(50) COLLATE utf8mb4_general_ci",
			Statements:     [4]string{"varchar(50)", "bigint", "decimal(10,2)", "timestamp(6)"},
			Generated:      "AS (upper(a)) STORED",
			Trigger:        []string{"CREATE TRIGGER watch BEFORE INSERT ON watched FOR EACH ROW SET NEW.a = upper(NEW.a)"},
			FailsMidway:    "SELECT code, label, (SELECT 1 UNION SELECT 2 FROM (SELECT 1 AS one) AS x WHERE code = 'k000900') FROM room ORDER BY code",
			IdentityColumn: "bigint AUTO_INCREMENT PRIMARY KEY",
		},
		Types:     fixtures(t),
		UsesIndex: usesIndex,
	})
}

// usesIndex reports whether the server would read one table, by an index.
func usesIndex(t *testing.T, q providers.Querier, query string, args ...any) bool {
	t.Helper()
	rows, err := q.QueryContext(t.Context(), "EXPLAIN FORMAT = JSON "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	plan := ""
	for rows.Next() {
		if err := rows.Scan(&plan); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	// A row that no index leads to is known not to be there.
	return strings.Contains(plan, `"key": `) && !strings.Contains(plan, `"access_type": "index"`) || strings.Contains(plan, "Impossible WHERE noticed after reading const tables")
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
	const digits65 = "12345678901234567890123456789012345678901234567890123456789012345"
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
	ints := func(all ...int64) []value.Value {
		values := make([]value.Value, len(all))
		for i, n := range all {
			values[i] = value.OfInt(n)
		}
		return values
	}
	floats := func(all ...float64) []value.Value {
		values := make([]value.Value, len(all))
		for i, f := range all {
			values[i] = value.OfFloat(f)
		}
		return values
	}
	dateTimes := []value.Value{
		value.OfDateTime(time.Date(2026, 3, 29, 2, 30, 0, 0, time.UTC)), value.OfDateTime(time.Date(1582, 10, 4, 0, 0, 0, 250000000, time.UTC)),
		value.OfDateTime(time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)), value.OfDateTime(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)),
		value.OfDateTime(time.Date(2026, 10, 20, 10, 20, 30, 100000000, time.UTC)),
	}
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
	strings := texts("", " ", "a", "A", "a ", "é", "e\u0301", "🙂", "it's", `a"b\c`, "007", "1e5", "true", "NaN", "\t\n\r", "ß", "ss", `\x41`)
	return []providertest.TypeFixture{
		with(fixture("tinyint(1)", value.Int, ints(0, 1, -128, 127)...), ints(128, -129)...),
		with(fixture("tinyint unsigned", value.Int, ints(0, 255)...), ints(-1, 256)...),
		fixture("smallint", value.Int, ints(0, -32768, 32767)...),
		with(fixture("mediumint", value.Int, ints(-8388608, 8388607)...), ints(8388608)...),
		fixture("mediumint unsigned", value.Int, ints(0, 16777215)...),
		fixture("int(10) unsigned zerofill", value.Int, ints(0, 7, math.MaxUint32)...),
		with(fixture("bigint", value.Int, ints(0, -1, math.MaxInt64, math.MinInt64)...), texts("9223372036854775808", "1.5", "x")...),
		with(fixture("bigint unsigned", value.Decimal, decimals("0", "9223372036854775808", "18446744073709551615")...), decimals("-1", "18446744073709551616", "1.5", "99999999999999999999")...),
		with(fixture("year", value.Int, ints(0, 1901, 2026, 2155)...), ints(1900, 2156)...),
		with(fixture("bit(5)", value.Int, ints(0, 17, 31)...), ints(32, -1)...),
		fixture("bit(64)", value.Int, ints(0, 1, math.MaxInt64)...),
		with(fixture("decimal(10,2)", value.Decimal, decimals("0.00", "1.10", "-12345678.90", "12.00", "99999999.99", "-0.01")...), decimals("1.001", "123456789.00", "NaN", "Infinity")...),
		with(fixture("decimal(12,9)", value.Decimal, decimals("1.5", "0.123456789", "-0.000000001", "2")...), decimals("1234")...),
		fixture("decimal(65,0)", value.Decimal, decimals(digits65, "-"+digits65, "0")...),
		fixture("decimal(38,30)", value.Decimal, decimals("12345678.000000000000000000000000000001")...),
		with(fixture("decimal(5,2) unsigned", value.Decimal, decimals("0.00", "999.99")...), decimals("-0.01")...),
		with(stored(fixture("double", value.Float, floats(0, 0.1, 1.0/3, 1e21, -1e-7, 5e-324, math.MaxFloat64, 123456789012345680, 1e15, 9007199254740993, 999999999999999.9, 1e-4, 9.5e-5,
			-1.2345e-5, 1.5e-15, 1e-15, 9.9e-16, 2.2250738585072011e-308, 100, -1e16, 0.00012345678901234567, math.Copysign(0, -1))...), map[string]string{"-0": "0"}), floats(math.NaN(), math.Inf(1), math.Inf(-1))...),
		// A FLOAT is read as the shortest decimal that is the same FLOAT, so that few are spelt alike everywhere.
		with(fixture("float", value.Float, floats(0, 0.5, -0.25, 100, 16777217, 3)...), value.OfText("1e39")),
		with(fixture("varchar(40)", value.Text, strings...), texts("a\x00b")...),
		fixture("varchar(40) COLLATE utf8mb4_general_ci", value.Text, strings...),
		fixture("varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin", value.Text, strings...),
		with(fixture("varchar(20) CHARACTER SET latin1", value.Text, texts("", "a", "A", "a ", "é", "É", "€", "œ", "\u0081")...), texts("ж", "🙂", "e\u0301", "€ж")...),
		with(fixture("varchar(20) CHARACTER SET utf8mb3", value.Text, texts("", "a", "é", "ж", "e\u0301")...), texts("🙂")...),
		with(fixture("varchar(20) CHARACTER SET ascii", value.Text, texts("", "a", "~")...), texts("é")...),
		with(fixture("varchar(5)", value.Text, texts("", "ééééé", "🙂🙂🙂🙂🙂")...), texts("123456", "éééééé")...),
		fixture("char(3)", value.Text, texts("a", "a  ", "abc", "")...),
		with(fixture("tinytext", value.Text, texts("é", "a ")...), value.OfText(repeat("é", 128))),
		fixture("longtext", value.Text, append(strings, value.OfText(repeat("long ", 20000)))...),
		with(fixture("enum('a','it''s','é')", value.Text, texts("a", "it's", "é")...), texts("b", "A", "")...),
		with(fixture("set('a','b')", value.Text, texts("a", "a,b", "")...), texts("c", "a,c")...),
		fixture("blob", value.Bytes, value.OfBytes(nil), value.OfBytes([]byte{0, 255, 0x80, '\\', '\''}), value.OfBytes([]byte("a")), value.OfBytes([]byte("A"))),
		with(fixture("varbinary(2)", value.Bytes, value.OfBytes([]byte{1, 2}), value.OfBytes([]byte{1})), value.OfBytes([]byte{1, 2, 3})),
		stored(fixture("binary(2)", value.Bytes, value.OfBytes([]byte{1, 2}), value.OfBytes([]byte{1})), map[string]string{`\x01`: `\x0100`}),
		with(fixture("date", value.Date, texts("2026-02-28", "1899-12-31", "0001-01-01", "9999-12-31")...),
			append(texts("2026-02-30", "31/12/2026", "0044-03-15 BC", "12026-01-01", "0000-00-00"), value.Infinite(value.Date, false))...),
		fixture("time", value.Time, value.OfTime(0), value.OfTime(24*time.Hour), value.OfTime(3*time.Hour+20*time.Minute+10*time.Second)),
		fixture("time(6)", value.Time, value.OfTime(time.Microsecond), value.OfTime(10*time.Hour)),
		with(fixture("datetime(6)", value.DateTime, dateTimes...), value.Infinite(value.DateTime, true)),
		fixture("datetime", value.DateTime, dateTimes[0], value.OfDateTime(time.Date(2026, 1, 1, 0, 0, 0, 600000000, time.UTC))),
		with(fixture("timestamp(6)", value.Instant, value.OfInstant(time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)), value.OfInstant(time.Date(2026, 10, 25, 1, 30, 0, 120000000, time.UTC)), value.OfInstant(time.Unix(math.MaxInt32, 0))),
			value.OfInstant(time.Unix(math.MaxInt32+1, 0)), value.OfInstant(time.Unix(0, 0)), value.Infinite(value.Instant, false)),
	}
}

func repeat(text string, n int) string { return strings.Repeat(text, n) }

// attributesOf reach a database with a source block.
func attributesOf(database mysqltest.Database) providers.Attributes {
	return providers.Attributes{
		"host": database.Host, "port": int64(database.Port), "database": database.Name,
		"user": database.User, "password": database.Password, "tls": "disable",
	}
}

// plain returns connections that are not the provider's, on which SQL is read as the standard says.
func plain(t testing.TB, database mysqltest.Database) *sql.DB {
	t.Helper()
	db := database.Open(t)
	db.SetMaxOpenConns(1)
	execute(t, db, "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES', sql_select_limit = 18446744073709551615")
	return db
}

func execute(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement[:min(len(statement), 2000)])
		}
	}
}

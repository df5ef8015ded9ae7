package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	neturl "net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
)

// TestDecoding reads every kind of value as the text it was written as: the
// server's zone, date style and float digits must not count.
func TestDecoding(t *testing.T) {
	snapshot := sharedSnapshot(t)
	digits := strings.Repeat("9876543210", 4)[:38]
	for sql, want := range map[string]value.Value{
		"true":                         value.OfBool(true),
		"(-32768)::int2":               value.OfInt(-32768),
		"2147483647":                   value.OfInt(2147483647),
		"(-9223372036854775808)::int8": value.OfInt(-9223372036854775808),
		"0.1::float4":                  value.OfFloat(0.1),
		"1e-310::float8":               value.OfFloat(1e-310),
		"'NaN'::numeric":               decimal(t, "NaN"),
		"'-Infinity'::numeric":         decimal(t, "-Infinity"),
		"1.10":                         decimal(t, "1.10"),
		"0.00":                         decimal(t, "0.00"),
		"-" + digits + "." + digits:    decimal(t, "-"+digits+"."+digits),
		"'ab   '::char(5)":             value.OfText("ab"),
		"'ab   '::varchar":             value.OfText("ab   "),
		"''":                           value.OfText(""),
		"NULL::text":                   {},
		"NULL::int":                    {},
		"'e\u0301 é 🙂'":                value.OfText("e\u0301 é 🙂"),
		`'\x00ff'::bytea`:              value.OfBytes([]byte{0, 255}),
		"''::bytea":                    value.OfBytes(nil),
		"'1815-12-10'::date":           value.OfDate(time.Date(1815, 12, 10, 0, 0, 0, 0, time.UTC)),
		"'0044-03-15 BC'::date":        value.OfDate(time.Date(-43, 3, 15, 0, 0, 0, 0, time.UTC)),
		"'-infinity'::date":            value.Infinite(value.Date, true),
		"'24:00'::time":                value.OfTime(24 * time.Hour),
		"'02:30:00.000001'::time":      value.OfTime(2*time.Hour + 30*time.Minute + time.Microsecond),
		"'1815-12-10 01:02:03.999999'::timestamp":             value.OfDateTime(time.Date(1815, 12, 10, 1, 2, 3, 999999000, time.UTC)),
		"'infinity'::timestamp":                               value.Infinite(value.DateTime, false),
		"'0044-03-15 11:00 BC'::timestamp":                    value.OfDateTime(time.Date(-43, 3, 15, 11, 0, 0, 0, time.UTC)),
		"'2026-10-25 02:30 Europe/Paris'::timestamptz + '1h'": value.OfInstant(time.Date(2026, 10, 25, 2, 30, 0, 0, time.UTC)),
		"'2026-03-29 01:00:00Z'::timestamptz":                 value.OfInstant(time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)),
		"'-infinity'::timestamptz":                            value.Infinite(value.Instant, true),
		`'{"a": 1.10, "b": 12345678901234567890}'::jsonb`:     value.OfText(`{"a": 1.10, "b": 12345678901234567890}`),
		`'{"b" : 1}'::json`:                                   value.OfText(`{"b" : 1}`),
		"'{01234567-89AB-CDEF-0123-456789ABCDEF}'::uuid":      value.OfText("01234567-89ab-cdef-0123-456789abcdef"),
		"'1 day 02:03'::interval":                             value.OfText("1 day 02:03:00"),
		"ARRAY['2026-01-31'::date, NULL]":                     value.OfText("{2026-01-31,NULL}"),
		"'[2026-01-01,2026-02-01)'::daterange":                value.OfText("[2026-01-01,2026-02-01)"),
		"ROW(1, 'a b')":                                       value.OfText(`(1,"a b")`),
		"'a'::name":                                           value.OfText("a"),
		"'x'::\"char\"":                                       value.OfText("x"),
		"'12'::oid":                                           value.OfText("12"),
		"'10.0.0.1'::inet":                                    value.OfText("10.0.0.1"),
	} {
		t.Run(sql, func(t *testing.T) {
			_, rows := readAll(t, snapshot, providers.Query{SQL: "SELECT 'before', " + sql + ", 'behind'"})
			if row := rows[0]; !row[1].Equal(want) || row[0].Text() != "before" || row[2].Text() != "behind" {
				t.Errorf("read a %s %q, expected a %s %q", row[1].Kind(), row[1].Text(), want.Kind(), want.Text())
			}
		})
	}
}

// sharedSnapshot is a snapshot of an empty database.
func sharedSnapshot(t *testing.T) providers.Snapshot {
	t.Helper()
	return snapshotOf(t, pgtest.New(t))
}

func decimal(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestColumnTypes(t *testing.T) {
	url := pgtest.New(t)
	execute(t, connectPgx(t, url), "CREATE EXTENSION citext", "CREATE DOMAIN code AS varchar(8) CHECK (VALUE <> '')", "CREATE TYPE mood AS ENUM ('a')",
		"CREATE TABLE t (a code, b numeric(10,2), c numeric(5,-2), d timestamptz(3), e mood, f citext, g char(4), h int2, i real, j int[], k numeric)")
	columns, _ := readAll(t, snapshotOf(t, url), providers.Query{Table: "t"})
	want := []value.Type{
		{Kind: value.Text, SQL: "character varying(8)", Size: 8},
		{Kind: value.Decimal, SQL: "numeric(10,2)", Precision: 10, Scale: 2},
		{Kind: value.Decimal, SQL: "numeric(5,-2)"},
		{Kind: value.Instant, SQL: "timestamp(3) with time zone", Fraction: 3},
		{Kind: value.Other, SQL: "mood"},
		{Kind: value.Text, SQL: "citext"},
		{Kind: value.Text, SQL: "character(4)", Size: 4, Fixed: true},
		{Kind: value.Int, SQL: "smallint", Size: 16},
		{Kind: value.Float, SQL: "real", Size: 32},
		{Kind: value.Other, SQL: "integer[]"},
		{Kind: value.Decimal, SQL: "numeric"},
	}
	for i, c := range columns {
		if c.Type != want[i] {
			t.Errorf("column %s: %+v, expected %+v", c.Name, c.Type, want[i])
		}
	}
}

// TestParams compares one text with columns of several types.
func TestParams(t *testing.T) {
	url := pgtest.New(t)
	execute(t, connectPgx(t, url), "CREATE TABLE t (v varchar(9), c char(5), i int, n numeric(6,2), d date, z timestamptz, b boolean, y bytea, u uuid)",
		`INSERT INTO t VALUES ('12', '12', 12, 12.50, '2026-01-31', '2026-01-31 10:00+00', true, '\x0a', '01234567-89ab-cdef-0123-456789abcdef')`, "INSERT INTO t (v) VALUES ('13')")
	snapshot := snapshotOf(t, url)
	text := value.OfText
	for condition, v := range map[string]value.Value{
		"v = :p": text("12"), "c = :p": text("12"), "i = :p": text("12"), ":p = i": value.OfInt(12), "v = :p /* int */": value.OfInt(12),
		"n = :p": decimal(t, "12.5"), "d = :p": text("2026-01-31"), "d >= :p AND d <= :p": value.OfDate(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)),
		"z = :p": value.OfInstant(time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)), "b = :p": value.OfBool(true), "y = :p": value.OfBytes([]byte{10}),
		"u = :p": text("01234567-89AB-CDEF-0123-456789ABCDEF"), "v LIKE :p || '%' AND i = 12": text("1"), "v = :p::text": text("12"),
		"v IN (:p, :p, :p)": text("12"), "v = 'it''s :q' OR v = :p -- :r": text("12"), "i IS NOT NULL AND coalesce(:p, 'x') = 'x'": {},
	} {
		_, rows := readAll(t, snapshot, providers.Query{SQL: "SELECT * FROM t WHERE " + condition, Params: []providers.Param{{Name: "p", Value: v}}})
		if len(rows) != 1 {
			t.Errorf("%s: %d rows", condition, len(rows))
		}
	}
	// A quote in a value stays in the value.
	_, rows := readAll(t, snapshot, providers.Query{SQL: "SELECT v FROM t WHERE v = :p", Params: []providers.Param{{Name: "p", Value: text("' OR ''='")}}})
	if len(rows) != 0 {
		t.Error("a parameter is interpolated")
	}
}

func TestQueryErrors(t *testing.T) {
	url := pgtest.New(t)
	execute(t, connectPgx(t, url), "CREATE TABLE student (code text, last_name text)", "INSERT INTO student VALUES ('x1', 'Dupont')",
		"CREATE FUNCTION forbidden() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not for Dupont'; END $$",
		"CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO student VALUES ('x2', 'x'); RETURN 1; END $$")
	snapshot := snapshotOf(t, url)
	for name, test := range map[string]struct {
		query  string
		params []providers.Param
		want   []string
	}{
		"column":        {"SELECT code,\n  lastname FROM student", nil, []string{"line 2, column 3", `"lastname"`, "42703", "student.last_name"}},
		"behind params": {"SELECT :a_rather_long_name::text, :b::text,\n  'é', nosuch FROM student", params("a_rather_long_name", "1", "b", "2"), []string{"line 2, column 8", "nosuch"}},
		"table":         {"SELECT * FROM studnt", nil, []string{"line 1, column 15", "42P01", "studnt"}},
		"function":      {"SELECT forbidden()", nil, []string{"P0001", "forbidden()"}},
		"value":         {"SELECT last_name::int FROM student", nil, []string{"22P02", "integer"}},
		"param's type":  {"SELECT :p IS NULL", params("p", "1"), []string{"42P18", ":name::text"}},
		"write":         {"SELECT writes()", nil, []string{"25006"}},
		"no param":      {"SELECT :component", params("faculty", "12"), []string{":component", "faculty"}},
		"two":           {"SELECT 1; SELECT 2", nil, []string{"more than one"}},
		"delete":        {"WITH d AS (DELETE FROM student RETURNING 1) SELECT * FROM d", nil, []string{"DELETE"}},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := snapshot.Read(t.Context(), providers.Query{SQL: test.query, Params: test.params})
			if err == nil {
				err = rows.Next(make([]value.Value, len(rows.Columns())))
				if errClose := rows.Close(); errClose != nil {
					t.Error(errClose)
				}
			}
			expectSilent(t, err, "Dupont")
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
			// The snapshot still serves the next sync.
			if _, all := readAll(t, snapshot, providers.Query{Table: "student"}); len(all) != 1 {
				t.Errorf("%d rows", len(all))
			}
		})
	}
}

func params(pairs ...string) []providers.Param {
	var list []providers.Param
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, providers.Param{Name: pairs[i], Value: value.OfText(pairs[i+1])})
	}
	return list
}

func TestSourceTables(t *testing.T) {
	url := pgtest.New(t)
	execute(t, connectPgx(t, url), "CREATE SCHEMA ref", `CREATE SCHEMA "Odd.One"`, "CREATE TABLE room (a text)", `CREATE TABLE "Room" (b text)`, "CREATE VIEW ref.rooms AS SELECT 1 AS c",
		`CREATE TABLE "a""b]c" (d text)`, `CREATE TABLE "Odd.One"."Weird.Name" (e text)`, `CREATE TABLE "x.y" (f text)`)
	snapshot := snapshotOf(t, url)
	for name, column := range map[string]string{
		"room": "a", "Room": "b", `"Room"`: "b", "ROOM": "a", "ref.rooms": "c", "REF.Rooms": "c", `a"b]c`: "d", `"a""b]c"`: "d",
		`"Odd.One"."Weird.Name"`: "e", "x.y": "f", `"x.y"`: "f", `public."Room"`: "b",
	} {
		if columns, _ := readAll(t, snapshot, providers.Query{Table: name}); columns[0].Name != column {
			t.Errorf("%s is another table", name)
		}
	}
	for name, want := range map[string]string{"ref.room": `did you mean "ref.rooms"`, "zzzzzzzzz": `there is "Room"`} {
		_, err := snapshot.Read(t.Context(), providers.Query{Table: name})
		if !errors.Is(err, providers.ErrNoTable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestKilledWhileReading: the end of the connection is never the end of the rows.
func TestKilledWhileReading(t *testing.T) {
	url := pgtest.New(t)
	beside := connectPgx(t, url)
	ignore := goleak.IgnoreCurrent()
	func() {
		source, err := postgres.New().OpenSource(t.Context(), providers.Attributes{"url": url}, "")
		if err != nil {
			t.Fatal(err)
		}
		snapshot, err := source.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		rows, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT i, pg_backend_pid(), repeat('x', 1000) FROM generate_series(1, 1000000) AS i"})
		if err != nil {
			t.Fatal(err)
		}
		row, n := make([]value.Value, 3), 0
		for ; ; n++ {
			if err = rows.Next(row); err != nil {
				break
			}
			if n == 10 {
				execute(t, beside, fmt.Sprintf("SELECT pg_terminate_backend(%d)", row[1].Int()))
			}
		}
		if errors.Is(err, io.EOF) || n > 900000 {
			t.Errorf("after %d rows: %v", n, err)
		}
		if again := rows.Next(row); again == nil || errors.Is(again, io.EOF) {
			t.Errorf("asked again: %v", again)
		}
		_ = rows.Close()
		if _, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT 1"}); err == nil {
			t.Error("a dead snapshot reads")
		}
		if err := snapshot.Close(); err != nil {
			t.Error(err)
		}
	}()
	// A slow write leaves a reader of pgx's behind until the connection ends.
	if err := beside.Close(t.Context()); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, ignore)
}

// TestClosedEarly: a sync that gives up does not read the rest, and the next one
// reads the same snapshot.
func TestClosedEarly(t *testing.T) {
	snapshot := snapshotOf(t, pgtest.New(t))
	for range 20 {
		// All of it would take minutes; this ends the connection instead, and the snapshot.
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		rows, err := snapshot.Read(ctx, providers.Query{SQL: "SELECT generate_series(1, 1000000000), 2"})
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Next(make([]value.Value, 2)); err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		if ctx.Err() != nil {
			t.Fatal("the server was not told to stop")
		}
		if _, all := readAll(t, snapshot, providers.Query{SQL: "SELECT 42"}); len(all) != 1 || all[0][0].Int() != 42 {
			t.Fatalf("read %v", all)
		}
	}
	rows, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT 1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT 2"}); err == nil {
		t.Error("two queries are open at once")
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	if err := rows.Next(make([]value.Value, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("closed rows: %v", err)
	}
}

// TestSnapshotOutlivesItsContext: a cancelled run still closes cleanly.
func TestSnapshotOutlivesItsContext(t *testing.T) {
	url := pgtest.New(t)
	ignore := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	source, err := postgres.New().OpenSource(ctx, providers.Attributes{"url": url}, "")
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := source.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(100*time.Millisecond, cancel)
	rows, err := snapshot.Read(ctx, providers.Query{SQL: "SELECT pg_sleep(60)"})
	if err == nil {
		err = rows.Next(make([]value.Value, 1))
		_ = rows.Close()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is not the context's: %v", err)
	}
	if err := snapshot.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, ignore)
}

// asciiDatabase creates a database that knows no characters, and returns its URL.
func asciiDatabase(t *testing.T) string {
	t.Helper()
	url := pgtest.New(t)
	beside := connectPgx(t, url)
	name := fmt.Sprintf("registrar_test_ascii_%d", time.Now().UnixNano())
	var version int
	if err := beside.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		t.Fatal(err)
	}
	create := "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
	if version >= 150000 {
		create += " LOCALE_PROVIDER libc"
	}
	execute(t, beside, create)
	t.Cleanup(func() {
		if _, err := beside.Exec(background(t), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	parsed, err := neturl.Parse(url)
	if err != nil {
		t.Fatal("the url is none")
	}
	parsed.Path = "/" + name
	return parsed.String()
}

// TestSQLASCII: what is not UTF-8 is refused, never read as something else.
func TestSQLASCII(t *testing.T) {
	snapshot := snapshotOf(t, asciiDatabase(t))
	rows, err := snapshot.Read(t.Context(), providers.Query{SQL: `SELECT 'é', 1 AS one, convert_from('\x4475e9706f6e74', 'SQL_ASCII') AS name`})
	if err != nil {
		t.Fatal(err)
	}
	err = rows.Next(make([]value.Value, 3))
	if errClose := rows.Close(); errClose != nil {
		t.Error(errClose)
	}
	expectSilent(t, err, "pont")
	if !strings.Contains(err.Error(), "22021") {
		t.Errorf("the error is another: %v", err)
	}
}

func BenchmarkRead(b *testing.B) {
	snapshot := snapshotOf(b, pgtest.New(b))
	const n = 500_000
	query := fmt.Sprintf("SELECT i, 'text number ' || i, 'another', 12.50::numeric(10,2), date '2026-01-31' + i %% 100, timestamptz '2026-01-31 10:00Z' + i * interval '1 s', i %% 2 = 0, NULL FROM generate_series(1, %d) AS i", n)
	b.ReportAllocs()
	for b.Loop() {
		rows, err := snapshot.Read(b.Context(), providers.Query{SQL: query})
		if err != nil {
			b.Fatal(err)
		}
		row, read := make([]value.Value, len(rows.Columns())), 0
		for {
			if err := rows.Next(row); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			read++
		}
		if err := rows.Close(); err != nil || read != n {
			b.Fatal(read, err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}

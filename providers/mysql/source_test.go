package mysql_test

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/internal/mysqltest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mysql"
)

func snapshotOf(t testing.TB, attributes providers.Attributes) providers.Snapshot {
	t.Helper()
	source, err := mysql.New().OpenSource(t.Context(), attributes, "")
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := source.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = snapshot.Close() })
	return snapshot
}

func readAll(t testing.TB, snapshot providers.Snapshot, query providers.Query) ([]providers.Column, [][]value.Value) {
	t.Helper()
	rows, err := snapshot.Read(t.Context(), query)
	if err != nil {
		t.Fatalf("read %s: %v", query.SQL, err)
	}
	defer rows.Close()
	var all [][]value.Value
	for {
		row := make([]value.Value, len(rows.Columns()))
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return rows.Columns(), all
		} else if err != nil {
			t.Fatalf("next: %v", err)
		}
		all = append(all, row)
	}
}

// drain reads to the end.
func drain(rows providers.Rows, err error) error {
	if err != nil {
		return err
	}
	row := make([]value.Value, len(rows.Columns()))
	for err == nil {
		err = rows.Next(row)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// TestColumns reads every type as it was written: the server's zone, its SQL mode, and the
// six digits to which it rounds a FLOAT in a text must not count.
func TestColumns(t *testing.T) {
	database := mysqltest.New(t)
	beside := plain(t, database)
	execute(t, beside, "SET SESSION time_zone = '+05:00', sql_mode = 'NO_BACKSLASH_ESCAPES'")
	digits := strings.Repeat("1234567890", 6)
	tests := []struct {
		ddl, written string
		kind         value.Kind
		want         string
		as           value.Kind // of the value, where it is not the column's
	}{
		{"tinyint(1)", "2", value.Int, "2", 0},
		{"boolean", "true", value.Int, "1", 0},
		{"tinyint unsigned", "255", value.Int, "255", 0},
		{"tinyint", "-128", value.Int, "-128", 0},
		{"smallint unsigned", "65535", value.Int, "65535", 0},
		{"smallint", "-32768", value.Int, "-32768", 0},
		{"mediumint unsigned", "16777215", value.Int, "16777215", 0},
		{"mediumint", "-8388608", value.Int, "-8388608", 0},
		{"int(10) unsigned zerofill", "4294967295", value.Int, "4294967295", 0},
		{"int", "-2147483648", value.Int, "-2147483648", 0},
		{"bigint", "-9223372036854775808", value.Int, "-9223372036854775808", 0},
		{"bigint", "1785585600", value.Int, "1785585600", 0}, // Moodle's times
		{"bigint unsigned", "18446744073709551615", value.Decimal, "18446744073709551615", 0},
		{"bigint unsigned", "42", value.Decimal, "42", 0},
		{"year", "2026", value.Int, "2026", 0},
		{"bit(1)", "b'1'", value.Int, "1", 0},
		{"bit(9)", "b'100000001'", value.Int, "257", 0},
		{"bit(64)", "18446744073709551615", value.Int, "18446744073709551615", value.Decimal},
		{"decimal(65,30)", "-" + digits[:35] + "." + digits[:29] + "0", value.Decimal, "-" + digits[:35] + "." + digits[:29] + "0", 0},
		{"decimal(10,2) unsigned", "1.10", value.Decimal, "1.10", 0},
		{"decimal(10,2)", "-0.05", value.Decimal, "-0.05", 0},
		{"float", "0.1", value.Float, "0.1", 0},
		{"float", "16777215", value.Float, "16777215", 0},
		{"float", "3.4028234e38", value.Float, "3.4028235e+38", 0},
		{"float(7,3)", "1234.5678", value.Float, "1234.568", 0},
		{"double", "0.1", value.Float, "0.1", 0},
		{"double", "1.7976931348623157e308", value.Float, "1.7976931348623157e+308", 0},
		{"double", "2251799813685249.5e0", value.Float, "2.2517998136852495e+15", 0},
		{"char(5)", "'ab'", value.Text, "ab", 0}, // though the server pads it
		{"varchar(9)", "'ab  '", value.Text, "ab  ", 0},
		{"varchar(9)", "'ab\u00a0'", value.Text, "ab\u00a0", 0},
		{"varchar(9)", "'API'", value.Text, "API", 0},
		{"varchar(9)", "''", value.Text, "", 0},
		{"varchar(9)", `'a\b''"'`, value.Text, `a\b'"`, 0},
		{"varchar(9)", "'e\u0301é🙂'", value.Text, "e\u0301é🙂", 0},
		{"varchar(9) character set latin1", "'é€'", value.Text, "é€", 0},
		{"text character set ucs2", "'é'", value.Text, "é", 0},
		{"tinytext", "'a'", value.Text, "a", 0},
		{"longtext", "repeat('é', 200000)", value.Text, strings.Repeat("é", 200000), 0},
		{"enum('a','é')", "'é'", value.Text, "é", 0},
		{"set('a','b')", "'b,a'", value.Text, "a,b", 0},
		{"json", `'{"a": 1, "b": "é"}'`, value.Text, `{"a": 1, "b": "é"}`, 0},
		{"binary(4)", "x'4100'", value.Bytes, `\x41000000`, 0},
		{"varbinary(4)", "x'ff20'", value.Bytes, `\xff20`, 0},
		{"varchar(4) character set binary", "''", value.Bytes, `\x`, 0},
		{"longblob", "x'00'", value.Bytes, `\x00`, 0},
		{"date", "'9999-12-31'", value.Date, "9999-12-31", 0},
		{"date", "'0001-01-01'", value.Date, "0001-01-01", 0},
		{"date", "'0000-00-00'", value.Date, "0000-00-00", value.Text},
		{"date", "'2026-02-00'", value.Date, "2026-02-00", value.Text},
		{"datetime", "'0000-00-00'", value.DateTime, "0000-00-00 00:00:00", value.Text},
		{"datetime", "'2026-03-29 02:30:00'", value.DateTime, "2026-03-29 02:30:00", 0},
		{"datetime(6)", "'1582-10-10 23:59:59.999999'", value.DateTime, "1582-10-10 23:59:59.999999", 0},
		{"datetime(1)", "'2026-01-01 00:00:00.5'", value.DateTime, "2026-01-01 00:00:00.5", 0},
		{"timestamp null", "'2026-03-29 07:30:00'", value.Instant, "2026-03-29 02:30:00Z", 0},
		{"timestamp(3) null", "'2026-10-25 06:30:00.125'", value.Instant, "2026-10-25 01:30:00.125Z", 0},
		{"timestamp null", "'0000-00-00'", value.Instant, "0000-00-00 00:00:00", value.Text},
		{"time", "'23:59:59'", value.Time, "23:59:59", 0},
		{"time(6)", "'00:00:00.000001'", value.Time, "00:00:00.000001", 0},
		{"time", "'838:59:59'", value.Time, "838:59:59", value.Text},
		{"time(1)", "'-00:00:00.5'", value.Time, "-00:00:00.5", value.Text},
	}
	var names, types, values []string
	for i, test := range tests {
		names = append(names, fmt.Sprint("c", i))
		types = append(types, fmt.Sprintf("c%d %s", i, test.ddl))
		values = append(values, test.written)
	}
	execute(t, beside, "SET SESSION innodb_strict_mode = OFF", "CREATE TABLE every (id int, "+strings.Join(types, ", ")+") ROW_FORMAT=DYNAMIC",
		"INSERT INTO every (id, "+strings.Join(names, ", ")+") VALUES (1, "+strings.Join(values, ", ")+")",
		"INSERT INTO every (id) VALUES (2)")
	snapshot := snapshotOf(t, attributesOf(database))
	for way, query := range map[string]providers.Query{
		"table": {Table: "every"},
		"query": {SQL: "SELECT * FROM every WHERE id >= :id", Params: params("id", "1")},
	} {
		columns, rows := readAll(t, snapshot, query)
		if len(rows) != 2 {
			t.Fatalf("%d rows", len(rows))
		}
		for i, test := range tests {
			kind := test.kind
			if test.as != 0 {
				kind = test.as
			}
			if got := columns[i+1].Type.Kind; got != test.kind && (got != value.JSON || test.ddl != "json") {
				t.Errorf("%s: %s: column of kind %s, expected %s", way, test.ddl, got, test.kind)
			}
			if got := rows[0][i+1]; got.Kind() != kind || got.Text() != test.want {
				t.Errorf("%s: %s: %s became a %s %.60q, expected a %s", way, test.ddl, test.written, got.Kind(), got.Text(), kind)
			}
			if !rows[1][i+1].IsNull() {
				t.Errorf("%s: %s: NULL became %q", way, test.ddl, rows[1][i+1].Text())
			}
		}
	}
}

// TestUnreadable: what cannot be read faithfully is refused by name.
func TestUnreadable(t *testing.T) {
	database := mysqltest.New(t)
	execute(t, plain(t, database), "CREATE TABLE place (id int, spot point)", "INSERT INTO place VALUES (1, point(1, 2))")
	attributes := attributesOf(database)
	_, err := snapshotOf(t, attributes).Read(t.Context(), providers.Query{Table: "place"})
	if err == nil || !strings.Contains(err.Error(), `column "spot" is of type geometry`) || !strings.Contains(err.Error(), "ST_AsText(spot)") {
		t.Errorf("a geometry: %v", err)
	}
	_, rows := readAll(t, snapshotOf(t, attributes), providers.Query{SQL: "SELECT ST_AsText(spot) FROM place"})
	if rows[0][0].Text() != "POINT(1 2)" {
		t.Errorf("read %v", rows)
	}
}

// TestUnreadableAtOnce: the rows of a result that cannot be read are not fetched first.
func TestUnreadableAtOnce(t *testing.T) {
	database := mysqltest.New(t)
	beside := plain(t, database)
	thousand(t, beside)
	execute(t, beside, "CREATE TABLE place (spot point)", "INSERT INTO place VALUES (point(1, 2))")
	const result, most = 100 << 20, 20 << 20 // octets: of all rows, and what may be under way
	passed := make(chan int64, 1)
	port := listen(t, func(client net.Conn) {
		server, err := net.Dial("tcp", net.JoinHostPort(database.Host, fmt.Sprint(database.Port)))
		if err != nil {
			return
		}
		defer server.Close()
		go func() { _, _ = io.Copy(server, client) }()
		n, _ := io.Copy(client, server)
		passed <- n
	})
	attributes := attributesOf(database)
	attributes["port"] = port
	snapshot := snapshotOf(t, attributes)
	_, err := snapshot.Read(t.Context(), providers.Query{
		SQL: "SELECT spot, repeat('x', 1024) AS filler FROM place CROSS JOIN numbers AS a CROSS JOIN numbers AS b WHERE b.seq <= :some", Params: params("some", fmt.Sprint(result>>20)),
	})
	if err == nil || !strings.Contains(err.Error(), `column "spot" is of type geometry`) {
		t.Errorf("a geometry: %v", err)
	}
	if _, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT 1"}); err == nil || !strings.Contains(err.Error(), "cannot be read any more") {
		t.Errorf("read again: %v", err)
	}
	if err := snapshot.Close(); err != nil {
		t.Error(err)
	}
	if n := <-passed; n > most {
		t.Errorf("%d octets came, of a result that nobody can read", n)
	}
}

// TestSession: no setting of the server's changes what a query yields.
func TestSession(t *testing.T) {
	database := mysqltest.New(t)
	thousand(t, plain(t, database))
	snapshot := snapshotOf(t, attributesOf(database))
	for query, want := range map[string]string{
		"SELECT from_unixtime(1785585600)": "2026-08-01 12:00:00",
		`SELECT concat("a", 'b\'c')`:       "ab'c",
		"SELECT 1 || 0":                    "1",
		"SELECT NOT 1 BETWEEN 0 AND 1":     "0",
		"SELECT 1 IN ('01')":               "1",
		"SELECT length(group_concat(a.seq)) = sum(length(a.seq)) + count(*) - 1 FROM numbers AS a CROSS JOIN numbers AS b WHERE b.seq <= 100": "1",
		"SELECT sum(1) FROM (SELECT a.seq FROM numbers AS a CROSS JOIN numbers AS b WHERE b.seq <= 5) AS x":                                   "5000",
		"SELECT monthname('2026-08-01') -- a comment":             "August",
		"SELECT # another\n'#' AS `a``b` /* SELECT\n INTO */ # ;": "#",
		`SELECT 'it''s \\'`:                    `it's \`,
		`SELECT 'a''b\'c\\' 'd'`:               `a'b'c\d`,
		`SELECT concat("a""b\"c'", '"#-- /*')`: `a"b"c'"#-- /*`,
		`SELECT concat(_utf8mb4'é\'', N'\'x', 'é\
')`: "é''xé\n",
		"SELECT `b``;c\\` FROM (SELECT 1 AS `b``;c\\`) AS `'`": "1",
		"SELECT json_value('{\"a\":1}', '$.a')":                "1",
	} {
		if _, rows := readAll(t, snapshot, providers.Query{SQL: query}); len(rows) != 1 || rows[0][0].Text() != want {
			t.Errorf("%s yields %v, expected %q", query, rows, want)
		}
	}
	if database.CA != "" { // what else a server of this kind has, others have elsewhere
		for name, want := range map[string]string{"max_statement_time": "0.000000", "net_write_timeout": "28800", "wait_timeout": "86400"} {
			_, rows := readAll(t, snapshot, providers.Query{
				SQL: "SELECT variable_value FROM information_schema.session_variables WHERE variable_name = :name", Params: params("name", name),
			})
			if got := rows[0][0].Text(); got != want {
				t.Errorf("%s is %s, expected %s", name, got, want)
			}
		}
	}
	if _, rows := readAll(t, snapshot, providers.Query{SQL: "SELECT a.seq FROM numbers AS a CROSS JOIN numbers AS b WHERE b.seq <= 5"}); len(rows) != 5000 {
		t.Errorf("%d rows of 5000: the server's limit counts", len(rows))
	}
}

// TestAttacks: what does more than read is refused, by the query's check or by the server.
func TestAttacks(t *testing.T) {
	database := mysqltest.New(t)
	beside := plain(t, database)
	file := "/tmp/registrar-" + database.Name
	execute(t, beside, "CREATE TABLE a (x int)", "INSERT INTO a VALUES (1)", "CREATE TABLE isam (x int) ENGINE=MyISAM",
		"CREATE FUNCTION writes() RETURNS int DETERMINISTIC BEGIN DELETE FROM a; RETURN 1; END",
		"CREATE FUNCTION counts() RETURNS int DETERMINISTIC BEGIN INSERT INTO isam VALUES (1); RETURN 1; END")
	var version string
	if err := beside.QueryRowContext(t.Context(), "SELECT version()").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(version, "MariaDB") {
		execute(t, beside, "CREATE SEQUENCE s", "CREATE FUNCTION draws() RETURNS int DETERMINISTIC RETURN nextval(s)")
	} else {
		execute(t, beside, "CREATE FUNCTION draws() RETURNS int DETERMINISTIC RETURN writes()")
	}
	attributes := attributesOf(database)
	const notOne = "not one SELECT"
	for query, want := range map[string]string{
		"SELECT 1 INTO OUTFILE '" + file + "'":                notOne,
		"SELECT 1 /*!50000 INTO OUTFILE '" + file + "' */":    "would run",
		"SELECT 1 /*M!100100 INTO DUMPFILE '" + file + "' */": "would run",
		"SELECT 1 INTO @a":                                       notOne,
		"SELECT x FROM a FOR UPDATE":                             notOne,
		"SELECT x FROM a LOCK IN SHARE MODE":                     "locks",
		"SELECT x FROM a FOR SHARE":                              "locks",
		`SELECT 'a\\'; DELETE FROM a; -- '`:                      notOne,
		"SELECT 1; DELETE FROM a":                                notOne,
		"SELECT sleep(1)":                                        "calls SLEEP",
		"SELECT `sleep`/**/ (1)":                                 "calls SLEEP",
		"SELECT get_lock('x', 1)":                                "calls GET_LOCK",
		"SELECT load_file('/etc/passwd')":                        "calls LOAD_FILE",
		"SELECT nextval(s)":                                      "calls NEXTVAL",
		"SELECT NEXT VALUE FOR s":                                "sequence",
		"SELECT * FROM a PROCEDURE ANALYSE()":                    "procedure",
		"SELECT * FROM a LIMIT ROWS EXAMINED 5":                  "ends the result early",
		"SELECT * FROM a LIMIT 9 /* */ rows examined 5":          "ends the result early",
		"SELECT @a := 1":                                         notOne,
		"SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR SELECT 1":    notOne,
		"HANDLER a OPEN":                                         notOne,
		"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE a":      notOne,
		"SELECT writes()":                                        "1792",
		"SELECT counts()":                                        "1792",
		"SELECT draws()":                                         "1792",
		"WITH x AS (SELECT 1) DELETE FROM a":                     notOne,
		"SELECT x FROM a WHERE x = (SELECT 1 INTO OUTFILE '/x')": notOne,
		"SELECT 1 --1":                                           "minuses",
	} {
		err := drain(snapshotOf(t, attributes).Read(t.Context(), providers.Query{SQL: query}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", query, err, want)
		}
	}
	for _, table := range []string{"a", "isam"} {
		want := map[string]int{"a": 1}[table]
		if _, rows := readAll(t, snapshotOf(t, attributes), providers.Query{Table: table}); len(rows) != want {
			t.Errorf("%s: %d rows are left", table, len(rows))
		}
	}
}

func params(pairs ...string) []providers.Param {
	var list []providers.Param
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, providers.Param{Name: pairs[i], Value: value.OfText(pairs[i+1])})
	}
	return list
}

// TestParams compares values with columns of several types.
func TestParams(t *testing.T) {
	database := mysqltest.New(t)
	execute(t, plain(t, database), "CREATE TABLE t (v varchar(9), i bigint, u bigint unsigned, n decimal(6,2), f double, d date, dt datetime(6), z timestamp(6) null, b boolean, y varbinary(4))",
		"SET time_zone = '+00:00'",
		"INSERT INTO t VALUES ('12', 9007199254740993, 18446744073709551615, 12.50, 0.1, '2026-01-31', '2026-01-31 10:00:00.5', '2026-01-31 10:00:00', 1, x'0aff')",
		"INSERT INTO t (v, i) VALUES ('13', 9007199254740992)")
	snapshot := snapshotOf(t, attributesOf(database))
	at := time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
	decimal := func(text string) value.Value {
		v, err := value.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for condition, v := range map[string]value.Value{
		"v = :p": value.OfText("12"), "i = :p": value.OfInt(9007199254740993), "u = :p": decimal("18446744073709551615"), "n = :p": decimal("12.5"),
		"f = :p": value.OfFloat(0.1), "d = :p": value.OfDate(at), "dt = :p": value.OfDateTime(at.Add(500 * time.Millisecond)), "z = :p": value.OfInstant(at),
		"b = :p": value.OfBool(true), "y = :p": value.OfBytes([]byte{10, 255}), "v IN (:p, :p) # :q": value.OfText("12"),
		"b IS NOT NULL AND coalesce(:p, 'x') = 'x'": {}, "v = ':q' OR v = :p": value.OfText("12"), "d >= :p AND d < :p + INTERVAL 1 DAY": value.OfText("2026-01-31"),
	} {
		_, rows := readAll(t, snapshot, providers.Query{SQL: "SELECT * FROM t WHERE " + condition, Params: []providers.Param{{Name: "p", Value: v}}})
		if len(rows) != 1 {
			t.Errorf("%s: %d rows", condition, len(rows))
		}
	}
	// A quote in a value stays in the value.
	if _, rows := readAll(t, snapshot, providers.Query{SQL: "SELECT v FROM t WHERE v = :p", Params: params("p", "' OR ''='")}); len(rows) != 0 {
		t.Error("a parameter is interpolated")
	}
	for name, v := range map[string]value.Value{
		"infinite": value.Infinite(value.Date, false), "BC": value.OfDate(time.Date(-43, 3, 15, 0, 0, 0, 0, time.UTC)), "far": value.OfDateTime(time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)),
	} {
		_, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT v FROM t WHERE d = :p", Params: []providers.Param{{Name: "p", Value: v}}})
		if err == nil || !strings.Contains(err.Error(), "years 1 to 9999") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFrom leaves out what is smaller, and keeps what cannot be compared.
func TestFrom(t *testing.T) {
	database := mysqltest.New(t)
	execute(t, plain(t, database), "SET time_zone = '+00:00'", "CREATE TABLE t (id int, d date, dt datetime(3), z timestamp(3) null, n decimal(6,2), u bigint unsigned, i int)",
		"INSERT INTO t VALUES (1, '2026-01-01', '2026-01-01 10:00:00.499', '2026-01-01 10:00:00.499', 1.49, 9, 9), (2, '2026-01-02', '2026-01-01 10:00:00.5', '2026-01-01 10:00:00.5', 1.5, 10, 10)",
		"INSERT INTO t (id) VALUES (3)", "SET sql_mode = ''", "INSERT INTO t VALUES (4, '0000-00-00', '0000-00-00', '0000-00-00', 2, 11, 11)")
	at := time.Date(2026, 1, 1, 10, 0, 0, 500_000_000, time.UTC)
	decimal, err := value.ParseDecimal("1.50")
	if err != nil {
		t.Fatal(err)
	}
	snapshot := snapshotOf(t, attributesOf(database))
	for column, from := range map[string]value.Value{
		"d": value.OfDate(at.AddDate(0, 0, 1)), "DT": value.OfDateTime(at), "z": value.OfInstant(at), "n": decimal, "u": value.OfDecimal(10, 0), "i": value.OfInt(10),
	} {
		for way, query := range map[string]providers.Query{
			"table": {Table: "t"}, "query": {SQL: "SELECT * FROM t WHERE id < :limit -- all", Params: params("limit", "9")},
		} {
			query.From = &providers.LowerBound{Column: column, Value: from}
			_, rows := readAll(t, snapshot, query)
			var ids []int64
			for _, row := range rows {
				ids = append(ids, row[0].Int())
			}
			if fmt.Sprint(ids) != "[2 3 4]" {
				t.Errorf("%s, %s: read rows %v", column, way, ids)
			}
		}
	}
	for query, from := range map[string]providers.LowerBound{
		"SELECT * FROM t":               {Column: "d", Value: value.OfInt(1)},
		"SELECT id, d, i AS id FROM t":  {Column: "d", Value: value.OfDate(at)},
		"SELECT id, d AS other FROM t ": {Column: "d", Value: value.OfDate(at)},
	} {
		_, err = snapshot.Read(t.Context(), providers.Query{SQL: query, From: &from})
		if !errors.Is(err, providers.ErrNotComparable) {
			t.Errorf("%s: %v", query, err)
		}
		if _, rows := readAll(t, snapshot, providers.Query{SQL: query}); len(rows) != 4 {
			t.Errorf("%s: %d rows when read whole", query, len(rows))
		}
	}
}

func TestTables(t *testing.T) {
	database := mysqltest.New(t)
	other := mysqltest.New(t)
	execute(t, plain(t, database), "CREATE TABLE room (a text)", "CREATE TABLE `Room` (b text)", "CREATE VIEW rooms AS SELECT 1 AS c", "CREATE TABLE `x.y` (d text)", "CREATE TABLE `a``b` (e text)")
	execute(t, plain(t, other), "CREATE TABLE `site.one` (f text)", "CREATE TABLE site (g text)")
	snapshot := snapshotOf(t, attributesOf(database))
	for name, column := range map[string]string{
		"room": "a", "Room": "b", "`Room`": "b", "rooms": "c", "x.y": "d", "`x.y`": "d", "a`b": "e", "`a``b`": "e",
		database.Name + ".room": "a", "`" + database.Name + "`.`x.y`": "d", other.Name + ".site": "g", other.Name + ".site.one": "f", other.Name + ".`site.one`": "f",
	} {
		if columns, _ := readAll(t, snapshot, providers.Query{Table: name}); columns[0].Name != column {
			t.Errorf("%s is another table", name)
		}
	}
	for name, want := range map[string]string{"ROOMS": `did you mean "rooms"`, "zzzzzzzzz": `there is "Room"`, other.Name + ".sites": `did you mean "` + other.Name + `.site"`} {
		_, err := snapshot.Read(t.Context(), providers.Query{Table: name})
		if !errors.Is(err, providers.ErrNoTable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestQueryErrors(t *testing.T) {
	database := mysqltest.New(t)
	execute(t, plain(t, database), "CREATE TABLE student (code text, last_name text)", "INSERT INTO student VALUES ('x1', 'Dupont')",
		"CREATE FUNCTION forbidden() RETURNS int DETERMINISTIC BEGIN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not for Dupont'; RETURN 1; END",
		"CREATE FUNCTION pretends() RETURNS int DETERMINISTIC BEGIN SIGNAL SQLSTATE '42S02' SET MESSAGE_TEXT = 'the table ''Dupont'' is none', MYSQL_ERRNO = 1146; RETURN 1; END",
		"CREATE FUNCTION out_of_range() RETURNS int DETERMINISTIC BEGIN SIGNAL SQLSTATE '22003' SET MESSAGE_TEXT = 'Dupont is too many', MYSQL_ERRNO = 1690; RETURN 1; END",
		"CREATE FUNCTION unheard_of() RETURNS int DETERMINISTIC BEGIN SIGNAL SQLSTATE '0A001' SET MESSAGE_TEXT = 'Dupont is not supported', MYSQL_ERRNO = 30001; RETURN 1; END")
	attributes := attributesOf(database)
	for query, want := range map[string][]string{
		"SELECT code,\n  lastname FROM student":                                 {"1054", "42S22", "'lastname'"},
		"SELECT /* one\ntwo */ code\nFROMM student WHERE code = 'x'":            {"line 3", "1064", "near \"student WHERE"},
		"SELECT code FROM student WHERE":                                        {"line 1", "1064", "at its end"},
		"SELECT * FROM studnt":                                                  {"1146", "studnt"},
		"SELECT code FROM student GROUP BY":                                     {"1064"},
		"SELECT forbidden()":                                                    {"1644", "database's own code"},
		"SELECT pretends()":                                                     {"refused by the server (error 1146, SQLSTATE 42S02)"},
		"SELECT out_of_range()":                                                 {"a number is out of range (error 1690, SQLSTATE 22003)"},
		"SELECT unheard_of()":                                                   {"refused by the server (error 30001, SQLSTATE 0A001)"},
		"SELECT code, last_name FROM student GROUP BY code":                     {"1055", "last_name", "name it in GROUP BY"},
		"SELECT code, max(last_name) FROM student":                              {"1140", "name it in GROUP BY"},
		"SELECT extractvalue('<a/>', concat('/', last_name, '!')) FROM student": {"1105"},
		"SELECT exp(length(last_name) * 1000) FROM student":                     {"1690"},
		"SELECT (SELECT last_name FROM student UNION SELECT 'x') FROM student":  {"1242"},
		"SELECT nowhere.nothing(1)":                                             {"nothing"},
		"SELECT :component":                                                     {":component"},
	} {
		snapshot := snapshotOf(t, attributes)
		err := drain(snapshot.Read(t.Context(), providers.Query{SQL: query}))
		if err == nil {
			t.Errorf("%s: no error", query)
			continue
		}
		if strings.Contains(err.Error(), "Dupont") {
			t.Errorf("%s: a row's value is in the error: %v", query, err)
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q lacks %q", query, err, part)
			}
		}
	}
}

// thousand makes a table of the numbers from 1 to 1000.
func thousand(t testing.TB, db *sql.DB) {
	t.Helper()
	execute(t, db, "CREATE TABLE numbers (seq int)", "CREATE TABLE digits (n int)", "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
		"INSERT INTO numbers SELECT 1 + a.n + 10 * b.n + 100 * c.n FROM digits AS a CROSS JOIN digits AS b CROSS JOIN digits AS c")
}

const manyRows = "SELECT a.seq, connection_id() AS id, repeat('x', 1000) AS filler FROM numbers AS a CROSS JOIN numbers AS b"

// TestConnecting: the right message for each way in which it can fail, and no password in any.
func TestConnecting(t *testing.T) {
	database := mysqltest.New(t)
	silent := listen(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	for name, test := range map[string]struct {
		change providers.Attributes
		want   []string
	}{
		"password": {providers.Attributes{"password": "s3cret-wrong"}, []string{"1045", "28000", "check user and password"}},
		"database": {providers.Attributes{"database": "nowhere_at_all"}, []string{"1049", "nowhere_at_all", "no such database"}},
		"port":     {providers.Attributes{"port": int64(1)}, []string{"127.0.0.1:1", "refused"}},
		"socket":   {providers.Attributes{"host": "", "socket": "/nowhere/at.all"}, []string{"/nowhere/at.all"}},
		"silent":   {providers.Attributes{"port": silent, "connect_timeout": int64(1)}, []string{"connect_timeout"}},
	} {
		t.Run(name, func(t *testing.T) {
			attributes := attributesOf(database)
			maps.Copy(attributes, test.change)
			source, err := mysql.New().OpenSource(t.Context(), attributes, "")
			if err != nil {
				t.Fatal(err)
			}
			snapshot, err := source.Snapshot(t.Context())
			if err == nil {
				_ = snapshot.Close()
				t.Fatal("no error")
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
			if strings.Contains(err.Error(), attributes.String("password")) {
				t.Error("the password is in the error")
			}
		})
	}
}

// TestTLS: what was asked for is what is done.
func TestTLS(t *testing.T) {
	database := mysqltest.New(t)
	if database.CA == "" {
		t.Skip("the certificate of another server is not known")
	}
	strange, _, _ := mysqltest.Certificates(t, time.Now().AddDate(0, 0, 1))
	for name, test := range map[string]struct {
		change providers.Attributes
		want   string // part of the error, or "TLS…" for the version, or "" for none
	}{
		"disable":           {providers.Attributes{"tls": "disable"}, ""},
		"on this machine":   {providers.Attributes{"tls": nil}, "TLS"},
		"require":           {providers.Attributes{"tls": "require"}, "TLS"},
		"verify-ca":         {providers.Attributes{"tls": "verify-ca", "tls_ca": database.CA}, "TLS"},
		"verify-full":       {providers.Attributes{"tls": "verify-full", "tls_ca": database.CA}, "TLS"},
		"by the authority":  {providers.Attributes{"tls": nil, "tls_ca": database.CA, "host": "localhost"}, `tls = "verify-ca"`},
		"another name":      {providers.Attributes{"tls": "verify-full", "tls_ca": database.CA, "host": "localhost"}, `tls = "verify-ca"`},
		"another name, ca":  {providers.Attributes{"tls": "verify-ca", "tls_ca": database.CA, "host": "localhost"}, "TLS"},
		"system's":          {providers.Attributes{"tls": "verify-full"}, "tls_ca"},
		"another authority": {providers.Attributes{"tls": "verify-ca", "tls_ca": strange}, "tls_ca"},
	} {
		t.Run(name, func(t *testing.T) {
			attributes := attributesOf(database)
			maps.Copy(attributes, test.change)
			source, err := mysql.New().OpenSource(t.Context(), attributes, "")
			if err != nil {
				t.Fatal(err)
			}
			snapshot, err := source.Snapshot(t.Context())
			if err != nil {
				if test.want == "" || test.want == "TLS" || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%v, expected %q", err, test.want)
				}
				return
			}
			defer snapshot.Close()
			_, rows := readAll(t, snapshot, providers.Query{SQL: "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'Ssl_version'"})
			if version := rows[0][0].Text(); !strings.HasPrefix(version, test.want) || test.want == "" && version != "" {
				t.Errorf("connected with %q, expected %q", version, test.want)
			}
		})
	}
}

// TestExpiredCertificate is about a server whose certificate was good yesterday.
func TestExpiredCertificate(t *testing.T) {
	database := mysqltest.New(t)
	if database.CA == "" {
		t.Skip("the server may have no TLS to begin with")
	}
	authority, certificate, key := mysqltest.Certificates(t, time.Now().AddDate(0, 0, -1))
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	// The greeting is the real server's; what comes behind the request for TLS is not.
	port := listen(t, func(client net.Conn) {
		server, err := net.Dial("tcp", net.JoinHostPort(database.Host, fmt.Sprint(database.Port)))
		if err != nil {
			return
		}
		defer server.Close()
		const head, request = 4, 4 + 32
		greeting := make([]byte, 1000)
		if n, err := io.ReadAtLeast(server, greeting, head); err != nil {
			return
		} else if _, err := client.Write(greeting[:n]); err != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, client, request); err != nil {
			return
		}
		_ = tls.Server(client, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}).HandshakeContext(t.Context())
	})
	for _, mode := range []string{"verify-ca", "verify-full"} {
		attributes := attributesOf(database)
		attributes["port"], attributes["tls"], attributes["tls_ca"] = port, mode, authority
		_, err = sourceOf(t, attributes).Snapshot(t.Context())
		if err == nil || !strings.Contains(err.Error(), "expired") || !strings.Contains(err.Error(), "new certificate") {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// listen accepts connections until the test ends, and returns the port.
func listen(t *testing.T, serve func(net.Conn)) int64 {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return int64(listener.Addr().(*net.TCPAddr).Port)
}

// TestKilledWhileReading: the end of the connection is never the end of the rows.
func TestKilledWhileReading(t *testing.T) {
	database := mysqltest.New(t)
	thousand(t, plain(t, database))
	for _, kill := range []string{"KILL", "KILL QUERY"} {
		t.Run(kill, func(t *testing.T) {
			beside := plain(t, database)
			ignore := goleak.IgnoreCurrent()
			source, err := mysql.New().OpenSource(t.Context(), attributesOf(database), "")
			if err != nil {
				t.Fatal(err)
			}
			snapshot, err := source.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			rows, err := snapshot.Read(t.Context(), providers.Query{SQL: manyRows})
			if err != nil {
				t.Fatal(err)
			}
			row, n := make([]value.Value, 3), 0
			for ; ; n++ {
				if err = rows.Next(row); err != nil {
					break
				}
				if n == 10 {
					execute(t, beside, fmt.Sprint(kill, " ", row[1].Int()))
				}
			}
			if errors.Is(err, io.EOF) || n > 900_000 {
				t.Errorf("after %d rows: %v", n, err)
			}
			if again := rows.Next(row); again == nil || errors.Is(again, io.EOF) {
				t.Errorf("asked again: %v", again)
			}
			if err := rows.Close(); err != nil {
				t.Error(err)
			}
			if _, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT 1"}); err == nil || !strings.Contains(err.Error(), "cannot be read any more") {
				t.Errorf("a dead snapshot reads: %v", err)
			}
			if err := snapshot.Close(); err != nil {
				t.Error(err)
			}
			goleak.VerifyNone(t, ignore)
		})
	}
}

// TestSilentServer: a server that stops answering in the middle of a result is an error that
// says so, never a short result.
func TestSilentServer(t *testing.T) {
	database := mysqltest.New(t)
	thousand(t, plain(t, database))
	const passed = 1 << 20 // octets before the way is blocked
	var blocked atomic.Bool
	release := make(chan struct{})
	port := listen(t, func(client net.Conn) {
		server, err := net.Dial("tcp", net.JoinHostPort(database.Host, fmt.Sprint(database.Port)))
		if err != nil {
			return
		}
		defer server.Close()
		go func() { _, _ = io.Copy(server, client) }()
		_, _ = io.CopyN(client, server, passed)
		blocked.Store(true)
		<-release
	})
	t.Cleanup(func() { close(release) })
	attributes := attributesOf(database)
	attributes["port"], attributes["read_timeout"] = port, int64(1)
	snapshot := snapshotOf(t, attributes)
	err := drain(snapshot.Read(t.Context(), providers.Query{SQL: manyRows}))
	if err == nil || !strings.Contains(err.Error(), "read_timeout") || !blocked.Load() {
		t.Errorf("the error is another: %v", err)
	}
	if _, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT 1"}); err == nil || !strings.Contains(err.Error(), "cannot be read any more") {
		t.Errorf("a dead snapshot reads: %v", err)
	}
}

// TestClosedEarly: a sync that gives up does not disturb the next.
func TestClosedEarly(t *testing.T) {
	database := mysqltest.New(t)
	thousand(t, plain(t, database))
	snapshot := snapshotOf(t, attributesOf(database))
	for range 5 {
		rows, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT a.seq FROM numbers AS a CROSS JOIN numbers AS b WHERE b.seq <= 100"})
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Next(make([]value.Value, 1)); err != nil {
			t.Fatal(err)
		}
		if _, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT 2"}); err == nil {
			t.Error("two queries are open at once")
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		if err := rows.Next(make([]value.Value, 1)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("closed rows: %v", err)
		}
		if _, all := readAll(t, snapshot, providers.Query{SQL: "SELECT 42"}); len(all) != 1 || all[0][0].Int() != 42 {
			t.Fatalf("read %v", all)
		}
	}
}

// TestCancelled: a cancelled run ends at once, though the server still computes, and closes cleanly.
func TestCancelled(t *testing.T) {
	database := mysqltest.New(t)
	beside := plain(t, database)
	execute(t, beside, "CREATE FUNCTION waits() RETURNS int DETERMINISTIC RETURN sleep(60)")
	ignore := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	source, err := mysql.New().OpenSource(ctx, attributesOf(database), "")
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := source.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(100*time.Millisecond, cancel)
	defer stop.Stop()
	err = drain(snapshot.Read(ctx, providers.Query{SQL: "SELECT waits()"}))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is not the context's: %v", err)
	}
	if err := snapshot.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, ignore)
}

package mssql_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	driver "github.com/microsoft/go-mssqldb"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mssql"
	"github.com/registrar-sync/registrar/providers/providertest"
)

// TestConformance runs where TEST_MSSQL_DSN names a SQL Server from 2019 on, as
// sqlserver://user:password@host:port, whose user may create databases. Parameters may
// follow: encrypt=disable, or trustservercertificate=true. It is skipped elsewhere, unless
// REGISTRAR_TEST_REQUIRE, a list separated by commas, holds "mssql".
func TestConformance(t *testing.T) {
	dsn := os.Getenv("TEST_MSSQL_DSN")
	if dsn == "" {
		if slices.Contains(strings.Split(os.Getenv("REGISTRAR_TEST_REQUIRE"), ","), "mssql") {
			t.Fatal("TEST_MSSQL_DSN names no SQL Server, which REGISTRAR_TEST_REQUIRE asks for")
		}
		t.Skip("TEST_MSSQL_DSN names no SQL Server")
	}
	server, err := url.Parse(dsn)
	if err != nil || server.Scheme != "sqlserver" || server.User == nil {
		t.Fatal("TEST_MSSQL_DSN is not of the form sqlserver://user:password@host:port") // it may hold a password
	}
	providertest.Exercise(t, providertest.Harness{
		Provider:     mssql.New(),
		Capabilities: providertest.Capabilities{EmptyText: true, Queries: true, Snapshot: true, StagingWithoutLock: true},
		New:          func(t *testing.T) providertest.Database { return newDatabase(t, server) },
		SQL: providertest.SQL{
			Text: "nvarchar(190)", Int: "bigint", CastText: "nvarchar(max)",
			Statements:     [4]string{"nvarchar(50)", "int", "decimal(10,2)", "datetimeoffset(6)"},
			IdentityColumn: "bigint IDENTITY(1,1)",
			IgnoringCase:   "nvarchar(190) COLLATE Latin1_General_100_CI_AS",
			PartialIndex:   "CREATE UNIQUE INDEX indexed_partial ON indexed (a) WHERE a <> ''",
			Trigger:        []string{"CREATE TRIGGER shout ON watched AFTER INSERT, UPDATE AS UPDATE w SET a = UPPER(w.a) FROM watched w INNER JOIN inserted i ON i.a = w.a"},
			FailsMidway:    "SELECT code, label, 1 / CASE code WHEN 'k000900' THEN 0 ELSE 1 END AS one FROM room ORDER BY code",
		},
		Types: typeFixtures(),
	})
}

func typeFixtures() []providertest.TypeFixture {
	texts := func(list ...string) []value.Value {
		values := make([]value.Value, len(list))
		for i, text := range list {
			values[i] = value.OfText(text)
		}
		return values
	}
	digits := strings.Repeat("1234567890", 4)[:38]
	return []providertest.TypeFixture{
		{DDL: "bit", Kind: value.Bool, Values: texts("true", "false"), Misfits: texts("maybe")},
		{DDL: "tinyint", Kind: value.Int, Values: texts("0", "255"), Misfits: texts("-1", "256")},
		{DDL: "smallint", Kind: value.Int, Values: texts("-32768", "0", "32767"), Misfits: texts("32768", "1.5")},
		{DDL: "int", Kind: value.Int, Values: texts("-2147483648", "2147483647"), Misfits: texts("2147483648")},
		{DDL: "bigint", Kind: value.Int, Values: texts("-9223372036854775808", "9223372036854775807"), Misfits: texts("9223372036854775808")},
		{DDL: "decimal(38,2)", Kind: value.Decimal, Values: texts("1.10", "1.1", "0", "-"+digits[:36]+".99"), Misfits: texts("1.234", digits[:37], "NaN")},
		{DDL: "numeric(5,0)", Kind: value.Decimal, Values: texts("12345", "-1"), Misfits: texts("0.5")},
		{DDL: "money", Kind: value.Decimal, Values: texts("922337203685477.5807", "-922337203685477.5808", "0.1"), Misfits: texts("922337203685477.5808")},
		{DDL: "smallmoney", Kind: value.Decimal, Values: texts("214748.3647", "-214748.3648"), Misfits: texts("214748.3648")},
		{
			DDL: "real", Kind: value.Float, Values: texts("0.5", "0.1", "1000000", "16777216", "0", "3.4028235e38", "1.1754944e-38"), Misfits: texts("NaN", "Infinity", "1e-40"),
			Stored: map[string]string{"0.10000000149011612": "0.1", "3.4028234663852886e+38": "3.4028235e+38", "1.1754943508222875e-38": "1.1754944e-38"},
		},
		{
			DDL: "float", Kind: value.Float, Values: texts("0.1", "0.3", "9.95", "-0", "0", "1e15", "999999999999999", "1e-4", "1e-5", "0.30000000000000004", "2.2250738585072014e-308", "1.7976931348623157e308", "-123456.789"),
			Misfits: texts("NaN", "Infinity", "5e-324"), Stored: map[string]string{"-0": "0"},
		},
		{DDL: "nvarchar(max)", Kind: value.Text, Values: texts("", " ", "a", "A", "é", "e\u0301", "a ", "tab\tline\nback\\slash\r", `{"$":"now()"}`, "🙂", strings.Repeat("long ", 50000)), Misfits: texts("a\x00b")},
		{DDL: "nvarchar(3)", Kind: value.Text, Values: texts("", "éèê", "ab ", "🙂a"), Misfits: texts("abcd", "🙂🙂")},
		{DDL: "nchar(5)", Kind: value.Text, Values: texts("ab", "ab   ", "éèêëe", ""), Misfits: texts("abcdef")},
		{DDL: "varchar(5) COLLATE French_CI_AS", Kind: value.Text, Values: texts("", "é€œ", "É", "ab "), Misfits: texts("abcdef", "ł")},
		{DDL: "varchar(max) COLLATE French_CI_AS", Kind: value.Text, Values: texts("", "é", strings.Repeat("long ", 5000)), Misfits: texts("ł")},
		{DDL: "char(5) COLLATE French_CI_AS", Kind: value.Text, Values: texts("ab", "ab   ", "éèêëe", ""), Misfits: texts("abcdef", "ł")},
		{DDL: "varchar(4) COLLATE Latin1_General_100_CI_AS_SC_UTF8", Kind: value.Text, Values: texts("éé", "🙂"), Misfits: texts("ééa")},
		{DDL: "ntext", Kind: value.Text, Unordered: true, Values: texts("", "é", "a ")},
		{DDL: "text COLLATE French_CI_AS", Kind: value.Text, Unordered: true, Values: texts("", "é", "a "), Misfits: texts("ł")},
		{DDL: "varbinary(4)", Kind: value.Bytes, Values: []value.Value{value.OfBytes(nil), value.OfBytes([]byte{0, 1, 92, 255}), value.OfBytes([]byte{1}), value.OfBytes([]byte{1, 0}), value.OfText(`\x0a`)}},
		{DDL: "varbinary(max)", Kind: value.Bytes, Values: []value.Value{value.OfBytes(nil), value.OfBytes([]byte{1, 0})}},
		{DDL: "binary(2)", Kind: value.Bytes, Values: []value.Value{value.OfBytes([]byte{1, 2})}},
		{DDL: "date", Kind: value.Date, Values: texts("1969-07-20", "0001-01-01", "9999-12-31", "1582-10-10"), Misfits: texts("2026-02-30", "infinity", "0044-03-15 BC", "10000-01-01")},
		{DDL: "time", Kind: value.Time, Values: texts("00:00", "02:30:00.5", "23:59:59.9999999"), Misfits: texts("24:00")},
		{DDL: "time(0)", Kind: value.Time, Values: texts("02:30:00.5")},
		{DDL: "datetime2", Kind: value.DateTime, Values: texts("2026-03-29 02:30:00", "0001-01-01 12:00:00.0000001", "9999-12-31 23:59:59.9999999"), Misfits: texts("infinity")},
		{DDL: "datetime2(0)", Kind: value.DateTime, Values: texts("2026-03-29 02:30:00.4", "2026-12-31 23:59:59.5")},
		{
			DDL: "datetime", Kind: value.DateTime, Values: texts("2026-03-29 02:30:00.997", "1753-01-01 00:00:00", "2026-03-29 02:30:00.005"), Misfits: texts("1752-12-31 00:00:00"),
			Stored: map[string]string{"2026-03-29 02:30:00.005": "2026-03-29 02:30:00.007"},
		},
		{
			DDL: "smalldatetime", Kind: value.DateTime, Values: texts("2026-03-29 02:30:00", "1900-01-01 00:00:00", "2026-03-29 02:30:30"), Misfits: texts("1899-12-31 00:00:00"),
			Stored: map[string]string{"2026-03-29 02:30:30": "2026-03-29 02:31:00"},
		},
		{DDL: "datetimeoffset", Kind: value.Instant, Values: texts("2026-03-29 00:59:59Z", "2026-10-25 02:30:00+02", "2026-10-25 02:30:00+01", "0001-01-01 00:00:00.25Z", "9999-12-31 23:59:59.9999999Z")},
		{DDL: "datetimeoffset(3)", Kind: value.Instant, Values: texts("2026-03-29 00:59:59.9996Z")},
		{DDL: "uniqueidentifier", Kind: value.UUID, Values: texts("{01234567-89AB-CDEF-0123-456789ABCDEF}"), Misfits: texts("no")},
		{DDL: "xml", Kind: value.Other, Unordered: true, Values: texts("<a>1</a>", "<a/>")},
		{DDL: "hierarchyid", Kind: value.Other, Values: nil},
	}
}

// newDatabase makes a database that ends with the test. It is of a UTF-8 collation, so that the suite's
// '…' hold any character, and tells A from a.
func newDatabase(t *testing.T, server *url.URL) providertest.Database {
	t.Helper()
	random := make([]byte, 8)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	name := "registrar_test_" + hex.EncodeToString(random)
	admin := openDatabase(t, server, "master")
	execute(t, admin, "CREATE DATABASE "+name+" COLLATE Latin1_General_100_BIN2_UTF8")
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		for _, statement := range []string{"ALTER DATABASE " + name + " SET SINGLE_USER WITH ROLLBACK IMMEDIATE", "DROP DATABASE " + name} {
			if _, err := admin.ExecContext(ctx, statement); err != nil {
				t.Errorf("%s: %v", statement, err)
			}
		}
		_ = admin.Close()
	})
	execute(t, admin, "ALTER DATABASE "+name+" SET ALLOW_SNAPSHOT_ISOLATION ON")

	beside := openDatabase(t, server, name)
	// As init does: staging tables live in a schema of their own.
	execute(t, beside, "CREATE SCHEMA registrar")
	execute(t, beside, "CREATE SCHEMA registrar_staging")
	t.Cleanup(func() { _ = beside.Close() })
	password, _ := server.User.Password()
	attributes := providers.Attributes{"host": server.Hostname(), "database": name, "user": server.User.Username(), "password": password}
	if port, err := strconv.ParseInt(server.Port(), 10, 64); err == nil {
		attributes["port"] = port
	}
	switch query := server.Query(); {
	case query.Get("encrypt") == "disable":
		attributes["encrypt"] = "disable"
	case query.Get("trustservercertificate") == "true":
		attributes["trust_certificate"] = true
	}
	return providertest.Database{
		Source: attributes, Destination: attributes, Dir: t.TempDir(),
		Exec: func(t testing.TB, statement string) { execute(t, beside, statement) },
	}
}

// openDatabase opens a pool that is not the provider's.
func openDatabase(t testing.TB, server *url.URL, database string) *sql.DB {
	t.Helper()
	at := *server
	query := at.Query()
	query.Set("database", database)
	if !query.Has("encrypt") {
		query.Set("encrypt", "true")
	}
	at.RawQuery = query.Encode()
	connector, err := driver.NewConnector(at.String())
	if err != nil {
		t.Fatal("TEST_MSSQL_DSN cannot be used")
	}
	return sql.OpenDB(connector)
}

func execute(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%v\n%.2000s", err, statement)
	}
}

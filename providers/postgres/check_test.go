package postgres_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
)

// What a read-only transaction lets pass is refused by its name, before it is sent.
func TestRefusedFunctions(t *testing.T) {
	url := pgtest.New(t)
	snapshot := snapshotOf(t, url)
	for query, want := range map[string]string{
		"SELECT lo_create(0)":                                    "writes large objects",
		"SELECT pg_catalog.Lo_From_Bytea (0, 'x')":               "writes large objects",
		`SELECT "lo_create"(0)`:                                  "writes large objects",
		"SELECT lo_create/* */(0)":                               "writes large objects",
		`SELECT U&"lo_cr\0065ate"(0)`:                            "backslash",
		"SELECT lo_export(1, '/tmp/x')":                          "writes the server's files",
		"SELECT lo_import('/etc/passwd')":                        "reads the server's files",
		"SELECT pg_read_file('/etc/passwd') AS x":                "reads the server's files",
		"SELECT * FROM pg_ls_dir('/')":                           "reads the server's files",
		"SELECT * FROM dblink('host=a', 'SELECT 1') AS t(x int)": "calls other servers",
		"SELECT dblink_exec('host=a', 'DROP TABLE a')":           "calls other servers",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity": "reaches into others' sessions",
		"SELECT pg_create_logical_replication_slot('a', 'b')":    "those who run the server",
	} {
		err := drain(snapshot.Read(t.Context(), providers.Query{SQL: query}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", query, err, want)
		}
		if err := postgres.New().CheckQuery(query); err == nil {
			t.Errorf("%s is refused only when it is run", query)
		}
	}
	for _, query := range []string{"SELECT 'lo_create(0)', lo_create FROM (SELECT 1 AS lo_create) AS t", "SELECT count(*), lower('x') -- dblink(", `SELECT 1 AS "dblink"`} {
		if err := drain(snapshot.Read(t.Context(), providers.Query{SQL: query})); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	if n := largeObjects(t, connectPgx(t, url)); n != 0 {
		t.Errorf("there are %d large objects", n)
	}
}

// What runs a text as a query is refused of strangers only: reports need it.
func TestStrangersFunctions(t *testing.T) {
	snapshot := snapshotOf(t, pgtest.New(t))
	for query, runs := range map[string]bool{
		"SELECT query_to_xml('SELECT 1', true, true, '')::text":          true,
		"SELECT pg_catalog.Query_To_Xml ('SELECT 1', true, true, '')":    true,
		"SELECT * FROM ts_stat('SELECT ''a''::tsvector')":                true,
		"SELECT * FROM crosstab('SELECT 1, 2, 3') AS t(a int, b int)":    false, // of an extension
		"SELECT * FROM connectby('a', 'b', 'c', '1', 0) AS t(a int)":     false,
		"SELECT * FROM xpath_table('a', 'b', 'c', '/d', '') AS t(a int)": false,
	} {
		if err := postgres.New().CheckStrangersQuery(query); err == nil || !strings.Contains(err.Error(), "runs a text as a query") {
			t.Errorf("%s of a stranger: %v", query, err)
		}
		if err := postgres.New().CheckQuery(query); err != nil {
			t.Errorf("%s: %v", query, err)
		}
		if err := drain(snapshot.Read(t.Context(), providers.Query{SQL: query})); runs && err != nil {
			t.Errorf("%s is not run: %v", query, err)
		}
	}
	if err := postgres.New().CheckStrangersQuery("SELECT count(*), 'crosstab(1)' FROM crosstab"); err != nil {
		t.Errorf("what calls nothing: %v", err)
	}
}

func largeObjects(t *testing.T, conn *pgx.Conn) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_largeobject_metadata").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

package mysqltest_test

import (
	"database/sql"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/mysqltest"
)

func TestNewGivesEachTestItsOwnDatabase(t *testing.T) {
	t.Parallel()
	first, second := mysqltest.New(t).Open(t), mysqltest.New(t).Open(t)
	if _, err := first.ExecContext(t.Context(), "CREATE TABLE student (code text)"); err != nil {
		t.Fatal(err)
	}
	const tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = database()"
	if got := text(t, first, tables); got != "1" {
		t.Errorf("the first database has %s tables, want the one just made", got)
	}
	if got := text(t, second, tables); got != "0" {
		t.Errorf("the second database has %s tables, want none", got)
	}
}

// TestNewDropsTheDatabaseThoughConnectionsAreOpen: a transaction that has read a table
// would keep it from being dropped.
func TestNewDropsTheDatabaseThoughConnectionsAreOpen(t *testing.T) {
	t.Parallel()
	watch := mysqltest.New(t).Open(t)
	var name string
	var forgotten *sql.DB
	t.Run("of a test that forgot to close", func(t *testing.T) {
		database := mysqltest.New(t)
		name = database.Name
		forgotten = database.Open(forgetful{t})
		conn, err := forgotten.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{"CREATE TABLE student (code text)", "START TRANSACTION", "INSERT INTO student VALUES ('a')"} {
			if _, err := conn.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	})
	_ = forgotten.Close()
	if got := text(t, watch, "SELECT count(*) FROM information_schema.schemata WHERE schema_name = ?", name); got != "0" {
		t.Errorf("database %s is still there", name)
	}
}

// forgetful is a test that does not clean up.
type forgetful struct{ testing.TB }

func (forgetful) Cleanup(func()) {}

func TestSessionsStartWithHostileSettings(t *testing.T) {
	t.Parallel()
	database := mysqltest.New(t)
	if database.CA == "" {
		t.Skip("the server was not started by this package")
	}
	db := database.Open(t)
	got := map[string]string{}
	for name, query := range map[string]string{
		"summer":    "SELECT from_unixtime(1785585600)",
		"winter":    "SELECT from_unixtime(1767225600)",
		"limit":     "SELECT @@sql_select_limit",
		"concat":    "SELECT @@group_concat_max_len",
		"quotes":    `SELECT concat("x", '\')`,
		"collation": "SELECT @@collation_database",
	} {
		got[name] = text(t, db, query+" FROM (SELECT 1 AS x) AS t")
	}
	want := map[string]string{
		"summer": "2026-08-01 14:00:00", "winter": "2026-01-01 01:00:00", "limit": "1000", "concat": "1024",
		"quotes": `1\`, "collation": "utf8mb4_unicode_ci",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

// text returns the only value that a query yields, as text.
func text(t *testing.T, db *sql.DB, query string, args ...any) string {
	t.Helper()
	var s string
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

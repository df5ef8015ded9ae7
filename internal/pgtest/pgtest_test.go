package pgtest_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/internal/pgtest"
)

func TestNewGivesEachTestItsOwnDatabase(t *testing.T) {
	t.Parallel()
	first, second := connect(t, pgtest.New(t)), connect(t, pgtest.New(t))
	if _, err := first.Exec(t.Context(), "CREATE TABLE student (code text)"); err != nil {
		t.Fatal(err)
	}
	const tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
	if got := text(t, first, tables); got != "1" {
		t.Errorf("the first database has %s tables, want the one just made", got)
	}
	if got := text(t, second, tables); got != "0" {
		t.Errorf("the second database has %s tables, want none", got)
	}
}

func TestNewDropsTheDatabaseThoughConnectionsAreOpen(t *testing.T) {
	t.Parallel()
	watch := connect(t, pgtest.New(t))
	var name string
	t.Run("of a test that forgot to close", func(t *testing.T) {
		conn, err := pgx.Connect(t.Context(), pgtest.New(t))
		if err != nil {
			t.Fatal(err)
		}
		name = text(t, conn, "SELECT current_database()")
	})
	if got := text(t, watch, "SELECT count(*) FROM pg_database WHERE datname = $1", name); got != "0" {
		t.Errorf("database %s is still there", name)
	}
}

func TestSessionsStartWithHostileSettings(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.New(t))
	got := map[string]string{}
	for _, setting := range []string{"TimeZone", "DateStyle"} {
		got[setting] = text(t, conn, "SELECT current_setting($1)", setting)
	}
	want := map[string]string{"TimeZone": "Europe/Paris", "DateStyle": "SQL, DMY"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestURLAs(t *testing.T) {
	t.Parallel()
	database := pgtest.New(t)
	admin := connect(t, database)
	role := text(t, admin, "SELECT 'planner_' || replace(gen_random_uuid()::text, '-', '')")
	quoted := pgx.Identifier{role}.Sanitize()
	if _, err := admin.Exec(t.Context(), "CREATE ROLE "+quoted+" LOGIN PASSWORD 's3c/ret@'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.Exec(context.Background(), "DROP ROLE "+quoted) })

	planner := connect(t, pgtest.URLAs(t, database, role, "s3c/ret@"))
	if got := text(t, planner, "SELECT current_user"); got != role {
		t.Errorf("connected as %q, want %q", got, role)
	}
	if got, want := text(t, planner, "SELECT current_database()"), text(t, admin, "SELECT current_database()"); got != want {
		t.Errorf("connected to %q, want %q", got, want)
	}
	u, err := url.Parse(pgtest.URLAs(t, database, role, ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, given := u.User.Password(); given {
		t.Error("an empty password was put into the URL")
	}
}

// connect returns a connection that ends with the test.
func connect(t *testing.T, database string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // the database may be gone by then
	return conn
}

// text returns the only value that a query yields, as text.
func text(t *testing.T, conn *pgx.Conn, query string, args ...any) string {
	t.Helper()
	var s string
	if err := conn.QueryRow(t.Context(), "SELECT v::text FROM ("+query+") AS q(v)", args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/providers"
)

// Whichever role asks, the database is the same one; and to ask breaks no transaction where the role may not.
func TestInstance(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	d := openDestination(t, url)
	admin := connect(t, d)
	instance := func(d providers.Destination, q providers.Querier) string {
		t.Helper()
		text, err := providers.Instance(t.Context(), d, q)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	want := instance(d, admin)
	if len(want) != 32 || instance(d, admin) != want {
		t.Errorf("the database is %q, then %q", want, instance(d, admin))
	}
	another := openDestination(t, pgtest.New(t))
	if got := instance(another, connect(t, another)); got == want {
		t.Errorf("another database of the server is %q as well", got)
	}
	role := fmt.Sprintf("instance_%d", time.Now().UnixNano())
	for _, statement := range []string{"CREATE ROLE " + role + " LOGIN PASSWORD 'x'", "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC"} {
		if _, err := admin.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _, _ = admin.ExecContext(background(t), "DROP ROLE "+role) })
	limited := openDestination(t, pgtest.URLAs(t, url, role, "x"))
	conn := connect(t, limited)
	tx, err := limited.Begin(t.Context(), conn, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if got := instance(limited, tx); got != "" {
		t.Errorf("a role that may not ask is told %q", got)
	}
	if got := one(t, tx, "SELECT 1"); got != "1" {
		t.Errorf("the transaction is broken: %q", got)
	}
	if _, err := admin.ExecContext(t.Context(), "GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO PUBLIC"); err != nil {
		t.Fatal(err)
	}
	if got := instance(limited, connect(t, limited)); got != want {
		t.Errorf("a role without rights is told %q, want %q", got, want)
	}
}

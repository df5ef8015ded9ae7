package postgres_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
)

// sharing opens a snapshot that may be shared.
func sharing(t *testing.T, url string) providers.Snapshot {
	t.Helper()
	source, err := postgres.New().OpenSource(t.Context(), providers.Attributes{"url": url}, "")
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := source.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

// A server that lets nobody export a snapshot refuses in a way that ends the transaction. The snapshot
// serves on, as one.
func TestShareRefused(t *testing.T) {
	address := pgtest.New(t)
	beside := connectPgx(t, address)
	execute(t, beside,
		"REVOKE EXECUTE ON FUNCTION pg_export_snapshot() FROM PUBLIC",
		"CREATE TABLE room (code text)", "INSERT INTO room VALUES ('R1')",
		"CREATE ROLE registrar_alone LOGIN PASSWORD 'alone' NOSUPERUSER", "GRANT SELECT ON room TO registrar_alone")
	defer execute(t, beside, "DROP OWNED BY registrar_alone", "DROP ROLE registrar_alone")
	as, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	as.User = url.UserPassword("registrar_alone", "alone")
	snapshot := sharing(t, as.String())
	if _, err := snapshot.(providers.SnapshotSharer).Share(t.Context()); err == nil {
		t.Error("shared without the right to")
	}
	rooms := providers.Query{Table: "room"}
	if _, all := readAll(t, snapshot, rooms); len(all) != 1 {
		t.Errorf("read %d rows", len(all))
	}
	execute(t, beside, "INSERT INTO room VALUES ('R2')")
	if _, all := readAll(t, snapshot, rooms); len(all) != 1 {
		t.Errorf("what is left is no snapshot: it sees %d rows", len(all))
	}
	if err := snapshot.Close(); err != nil {
		t.Error(err)
	}
}

// There is no view of what is closed, and the failed attempt leaves nothing open.
func TestShareOfClosedSnapshot(t *testing.T) {
	address := pgtest.New(t)
	snapshot := sharing(t, address)
	view, err := snapshot.(providers.SnapshotSharer).Share(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := snapshot.Close(); err != nil {
		t.Fatal(err)
	}
	// The server notices on its own time that a connection has gone.
	for deadline := time.Now().Add(30 * time.Second); ; {
		late, err := view(t.Context())
		if err != nil {
			return
		}
		if err := late.Close(); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatal("a view of a snapshot that is closed")
		}
	}
}

// Views read the same as one another, and cannot write.
func TestViewIsReadOnly(t *testing.T) {
	address := pgtest.New(t)
	execute(t, connectPgx(t, address), "CREATE SEQUENCE n")
	first := sharing(t, address)
	view, err := first.(providers.SnapshotSharer).Share(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other, err := view(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const what = "SELECT pg_current_snapshot()::text"
	_, here := readAll(t, first, providers.Query{SQL: what})
	_, there := readAll(t, other, providers.Query{SQL: what})
	if here[0][0].Str() != there[0][0].Str() {
		t.Errorf("the views see %v and %v", here, there)
	}
	if rows, err := other.Read(t.Context(), providers.Query{SQL: "SELECT nextval('n')"}); err == nil {
		if err := rows.Next(make([]value.Value, 1)); err == nil {
			t.Error("a view wrote")
		}
		_ = rows.Close()
	}
	for _, one := range []providers.Snapshot{other, first} {
		if err := one.Close(); err != nil {
			t.Error(err)
		}
	}
}

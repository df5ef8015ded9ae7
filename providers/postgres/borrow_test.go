package postgres_test

import (
	"errors"
	"net/url"
	"testing"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
)

// A table is lent only where the source's role and the destination's may both read all of its rows.
func TestLoanNeedsBothRoles(t *testing.T) {
	f := newFixture(t, "CREATE TABLE src (code text NOT NULL)", "CREATE ROLE registrar_reader LOGIN PASSWORD 'reader' NOSUPERUSER")
	defer execute(t, f.beside, "DROP OWNED BY registrar_reader", "DROP ROLE registrar_reader")
	as, err := url.Parse(f.url)
	if err != nil {
		t.Fatal(err)
	}
	as.User = url.UserPassword("registrar_reader", "reader")
	limited, err := postgres.New().OpenDestination(t.Context(), providers.Attributes{"url": as.String()}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer limited.Close()
	lends := func(from string, to providers.Destination) bool {
		t.Helper()
		snapshot := sharing(t, from)
		defer snapshot.Close()
		_, err := to.(providers.Borrower).PrepareLoan(t.Context(), snapshot, providers.Query{Table: "src"})
		if err != nil && !errors.Is(err, providers.ErrNoLoan) {
			t.Fatal(err)
		}
		// What was refused leaves the snapshot as it was.
		if _, all := readAll(t, snapshot, providers.Query{SQL: "SELECT 1"}); len(all) != 1 {
			t.Errorf("the snapshot reads %v", all)
		}
		return err == nil
	}
	for _, step := range []struct {
		change               string
		both, reader, source bool
	}{
		{change: "SELECT 1", both: true},
		{change: "GRANT SELECT (code) ON src TO registrar_reader", both: true},
		{change: "GRANT SELECT ON src TO registrar_reader", both: true, reader: true, source: true},
		{change: "ALTER TABLE src ENABLE ROW LEVEL SECURITY", both: true},
		{change: "ALTER TABLE src DISABLE ROW LEVEL SECURITY", both: true, reader: true, source: true},
		{change: "REVOKE USAGE ON SCHEMA public FROM PUBLIC", both: true},
	} {
		execute(t, f.beside, step.change)
		if got := lends(f.url, f.d); got != step.both {
			t.Errorf("%s: to a role that may do all: %v", step.change, got)
		}
		if got := lends(f.url, limited); got != step.reader {
			t.Errorf("%s: into the reader's destination: %v", step.change, got)
		}
		if got := lends(as.String(), f.d); got != step.source {
			t.Errorf("%s: from the reader's source: %v", step.change, got)
		}
	}
}

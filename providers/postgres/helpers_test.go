package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
)

// fixture is a fresh database with a destination on it.
type fixture struct {
	url    string
	beside *pgx.Conn // not the provider's
	d      providers.Destination
	conn   *sql.Conn
}

func newFixture(t testing.TB, statements ...string) *fixture {
	t.Helper()
	url := pgtest.New(t)
	beside := connectPgx(t, url)
	execute(t, beside, append([]string{"CREATE SCHEMA registrar"}, statements...)...)
	d := openDestination(t, url)
	return &fixture{url: url, beside: beside, d: d, conn: connect(t, d)}
}

func openDestination(t testing.TB, url string) providers.Destination {
	t.Helper()
	d, err := postgres.New().OpenDestination(t.Context(), providers.Attributes{"url": url}, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func connect(t testing.TB, d providers.Destination) *sql.Conn {
	t.Helper()
	conn, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
			t.Error(err)
		}
	})
	return conn
}

func (f *fixture) table(t testing.TB, name string) *sqlgen.Table {
	t.Helper()
	table, err := f.d.Table(t.Context(), f.conn, name)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func snapshotOf(t testing.TB, url string) providers.Snapshot {
	t.Helper()
	source, err := postgres.New().OpenSource(t.Context(), providers.Attributes{"url": url}, "")
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := source.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(snapshot.Close(), source.Close()); err != nil {
			t.Error(err)
		}
	})
	return snapshot
}

func readAll(t testing.TB, snapshot providers.Snapshot, query providers.Query) ([]providers.Column, [][]value.Value) {
	t.Helper()
	rows, err := snapshot.Read(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	var all [][]value.Value
	for {
		row := make([]value.Value, len(rows.Columns()))
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return rows.Columns(), all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
}

// one runs a query of one value; NULL is <null>.
func one(t testing.TB, q providers.Querier, query string, args ...any) string {
	t.Helper()
	var text sql.NullString
	if err := q.QueryRowContext(t.Context(), query, args...).Scan(&text); err != nil {
		t.Fatalf("%v\n%.2000s", err, query)
	}
	if !text.Valid {
		return "<null>"
	}
	return text.String
}

// each runs a query on the fixture's connection; NULL is <null>.
func (f *fixture) each(t testing.TB, query string, args []any, visit func(row []string)) {
	t.Helper()
	rows, err := f.conn.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, query)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(columns))
		for i, cell := range cells {
			row[i] = "<null>"
			if cell.Valid {
				row[i] = cell.String
			}
		}
		visit(row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// feed returns a next function over rows.
func feed(rows ...[]value.Value) func([]value.Value) error {
	return func(row []value.Value) error {
		if len(rows) == 0 {
			return io.EOF
		}
		copy(row, rows[0])
		rows = rows[1:]
		return nil
	}
}

// expectSilent fails the test if an error's text holds what it must not.
func expectSilent(t testing.TB, err error, secrets ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, secret := range secrets {
			if strings.Contains(e.Error(), secret) {
				t.Errorf("the error holds %q: %v", secret, err)
			}
		}
	}
}

func background(t testing.TB) context.Context { return context.WithoutCancel(t.Context()) }

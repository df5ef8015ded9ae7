package mssql

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"testing"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/providers"
)

// opened logs in to a server, and counts how often the line would be cut.
func opened(t *testing.T, server *mssqltest.Server) (conn *session, cuts *int) {
	t.Helper()
	s, err := parse(providers.Attributes{
		"host": server.Host(), "port": int64(server.Port()), "database": server.Config().Database,
		"user": server.Config().User, "password": server.Config().Password, "trust_certificate": true,
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	config, err := s.config(&tlsState{})
	if err != nil {
		t.Fatal(err)
	}
	if !config.DisableRetry {
		t.Error("database/sql may run again what the link lost")
	}
	cuts = new(int)
	raw, err := connector{mssql.NewConnectorConfig(config), func() { *cuts++ }}.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn = raw.(*session)
	t.Cleanup(func() { _ = conn.Conn.Close() })
	return conn, cuts
}

// TestNeverClosed: the driver's own Close would lend the connection's buffer to the next one while the last
// answer may still be read into it. The line is cut instead.
func TestNeverClosed(t *testing.T) {
	conn, cuts := opened(t, mssqltest.New(t, mssqltest.Config{}))
	if err := conn.Close(); err != nil || *cuts != 1 {
		t.Errorf("cut %d times, %v", *cuts, err)
	}
	if err := conn.Ping(t.Context()); err != nil {
		t.Errorf("the driver's connection is closed: %v", err)
	}
}

// TestContextIsNotTheDrivers: shown the end of a context, the driver would stop in the middle of an answer. What is
// over cuts the line, elsewhere.
func TestContextIsNotTheDrivers(t *testing.T) {
	conn, _ := opened(t, mssqltest.New(t, mssqltest.Config{Handler: func(*mssqltest.Request) *mssqltest.Response {
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "a", Type: "int"}}, Rows: mssqltest.Rows([]any{1}, []any{2})}
	}}))
	ctx, cancel := context.WithCancel(t.Context())
	statement, err := conn.PrepareContext(ctx, "SELECT a FROM t")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := statement.(driver.StmtExecContext).ExecContext(ctx, nil); err != nil {
		t.Errorf("execute: %v", err)
	}
	rows, err := statement.(driver.StmtQueryContext).QueryContext(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	row, n := make([]driver.Value, 1), 0
	for ; err == nil; n++ {
		err = rows.Next(row)
	}
	if n != 3 || !errors.Is(err, io.EOF) {
		t.Errorf("%d rows, then %v", n-1, err)
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
}

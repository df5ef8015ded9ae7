package oracle

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	go_ora "github.com/sijms/go-ora/v2"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// connector opens connections over a line.
type connector struct {
	settings *settings
	line     *sqlsource.Line
}

// open returns the link of a snapshot. It connects when first used.
func (s *settings) open() *sqlsource.Link {
	line := &sqlsource.Line{ConnectTimeout: s.connectTimeout, ReadTimeout: s.readTimeout}
	return sqlsource.NewLink(sql.OpenDB(&connector{settings: s, line: line}), line)
}

// Driver implements driver.Connector.
func (*connector) Driver() driver.Driver { return go_ora.NewDriver() }

// Connect logs in. The driver is not shown the end of ctx: it would interrupt itself in the middle of
// an answer. The line is cut instead.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, ok := go_ora.NewConnector(c.settings.url()).(*go_ora.OracleConnector)
	if !ok {
		return nil, fmt.Errorf("unexpected connector %T", inner)
	}
	inner.Dialer(dialer{ctx: ctx, line: c.line})
	if config := c.settings.tlsConfig(); config != nil {
		inner.WithTLSConfig(config)
	}
	stop := context.AfterFunc(ctx, c.line.Drop)
	defer stop()
	var late atomic.Bool
	timer := time.AfterFunc(c.settings.connectTimeout, func() {
		late.Store(true)
		c.line.Drop()
	})
	defer timer.Stop()
	opened, err := inner.Connect(context.WithoutCancel(ctx))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, fmt.Errorf("connect: %w", ctx.Err())
	case err != nil && late.Load():
		want := "does it want TLS"
		if c.settings.tls {
			want = "does it speak TLS on this port"
		}
		return nil, providers.Unavailable(fmt.Errorf("connect: the login was not over within %s (connect_timeout): is it an Oracle listener that answers there, and %s?", c.settings.connectTimeout, want))
	case err != nil:
		return nil, c.settings.connectError(err)
	}
	conn, ok := opened.(*go_ora.Connection)
	if !ok {
		return nil, fmt.Errorf("unexpected driver connection %T", opened)
	}
	// By itself the driver asks, with each INSERT, UPDATE, DELETE and block, for a commit, and database/sql runs again what
	// the link lost behind it. Begin only ends that habit: the server hears nothing of it.
	if _, err := conn.Begin(); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if err := makeStrict(conn); err != nil {
		return nil, errors.Join(fmt.Errorf("connect: %w", err), conn.Close())
	}
	return &session{conn: conn, drop: c.line.Drop}, nil
}

// dialer dials under the context of a login.
type dialer struct {
	ctx  context.Context // the driver passes on another
	line *sqlsource.Line
}

func (d dialer) DialContext(_ context.Context, network, address string) (net.Conn, error) {
	return d.line.DialContext(d.ctx, network, address)
}

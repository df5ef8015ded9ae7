package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	mysql "github.com/go-sql-driver/mysql"

	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// The numbers of errors that the code here tells apart.
const (
	codeSyntax          = 1064
	codeUnknownCharset  = 1115
	codeUnknownVariable = 1193
)

// sessionSettings make a session what the package's comment says, on every version from 5.0.
// What the server's administrator, or the user's init_connect, chose else would cut results or end
// a read that waits for the destination. The mode has a query refused that would show an arbitrary row of each group, which
// may be another one at the next plan.
const sessionSettings = `SET SESSION time_zone = '+00:00', sql_mode = '` + sqlMode + `', sql_select_limit = ` + unlimited + `,
group_concat_max_len = 4294967295, sql_big_selects = 1, sql_auto_is_null = 0,
net_read_timeout = 28800, net_write_timeout = 28800, wait_timeout = 86400`

// sqlMode is that of a source's sessions. It changes nothing of how a query is read: see lexis.
const sqlMode = "ONLY_FULL_GROUP_BY"

// unlimited is how a server shows that it does not limit the rows of a result.
const unlimited = "18446744073709551615"

// optionalSettings are each known to some servers only.
var optionalSettings = []string{
	"SET SESSION lc_messages = 'en_US'", // whose messages Error knows
	"SET SESSION max_statement_time = 0",
	"SET SESSION max_execution_time = 0",
}

// connector opens sessions.
type connector struct {
	driver.Connector
	timeout time.Duration // for all of it
}

// newConnector dials by line.
func newConnector(s *settings, line *sqlsource.Line) (driver.Connector, error) {
	config := s.config()
	config.DialFunc = line.DialContext
	inner, err := mysql.NewConnector(config)
	if err != nil {
		return nil, errors.New("connection settings: " + s.scrub(err.Error()))
	}
	return connector{Connector: inner, timeout: s.connectTimeout}, nil
}

// Connect opens a session and prepares it.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	limited, cancel := context.WithTimeoutCause(ctx, c.timeout, errSlowConnect)
	defer cancel()
	opened, err := c.open(limited)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return nil, fmt.Errorf("%w within %s (connect_timeout)", errSlowConnect, c.timeout)
	}
	return opened, err
}

var errSlowConnect = errors.New("the server did not let us in")

func (c connector) open(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(rawConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("unexpected driver connection %T", opened), opened.Close())
	}
	if err := prepareSession(ctx, conn); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return session{conn}, nil
}

func prepareSession(ctx context.Context, conn driver.ExecerContext) error {
	_, err := conn.ExecContext(ctx, "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci", nil)
	if isNumber(err, codeUnknownCharset) {
		// Before 5.5 no text has more than what utf8 meant there.
		_, err = conn.ExecContext(ctx, "SET NAMES utf8 COLLATE utf8_general_ci", nil)
	}
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, sessionSettings, nil); err != nil {
		return err
	}
	for _, statement := range optionalSettings {
		if _, err := conn.ExecContext(ctx, statement, nil); err != nil && !isNumber(err, codeUnknownVariable) {
			return err
		}
	}
	return nil
}

// rawConn is what the driver's connections are.
type rawConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.SessionResetter
	driver.Validator
}

// session is a connection without driver.QueryerContext: queries are prepared, whether they have
// arguments or not, and their answers come by the binary protocol.
type session struct{ rawConn }

// statements runs some on a connection, in order.
func statements(ctx context.Context, conn *sql.Conn, texts ...string) error {
	for _, text := range texts {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

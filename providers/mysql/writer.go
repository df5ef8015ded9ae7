package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	mysql "github.com/go-sql-driver/mysql"
)

// writerSettings make a destination's session what the dialect's texts rely on. A long join is to hash rather than to
// compare each row with each; and to order by a whole key, however long.
const writerSettings = `SET SESSION time_zone = '+00:00',
sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO',
autocommit = 1, sql_select_limit = 18446744073709551615, group_concat_max_len = 4294967295, sql_big_selects = 1, sql_auto_is_null = 0,
sql_safe_updates = 0, foreign_key_checks = 1, unique_checks = 1, max_sort_length = 4096, lock_wait_timeout = 60,
net_read_timeout = 28800, net_write_timeout = 28800, wait_timeout = 86400`

// optionalWriterSettings are each known to some servers, or allowed to some users, only.
var optionalWriterSettings = []string{
	"SET SESSION lc_messages = 'en_US'",
	"SET SESSION max_statement_time = 0",
	"SET SESSION max_execution_time = 0",
	"SET SESSION idle_transaction_timeout = 0",
	// Beyond so many steps, MariaDB ends a recursive query without a word, and MySQL with an error.
	"SET SESSION max_recursive_iterations = 4294967295",
	"SET SESSION cte_max_recursion_depth = 4294967295",
	// MariaDB: joins without an index hash.
	"SET SESSION join_cache_level = 8",
	"SET SESSION join_buffer_size = 33554432, join_buffer_space_limit = 268435456",
	// A staging table has some columns more than its table: whether a row fits is for the row to say.
	"SET SESSION innodb_strict_mode = OFF",
}

const (
	codeDuplicateIndex = 1061
	codeNoSuchRoutine  = 1305
	codeAccessDenied   = 1227 // without some privilege
)

// cleanupTimeout bounds what is done after a cancelled statement.
const cleanupTimeout = 10 * time.Second

// writer opens the sessions of a destination.
type writer struct {
	driver.Connector

	settings *settings
}

func newWriter(s *settings) (driver.Connector, error) {
	config := s.config()
	config.ClientFoundRows = true // a row that already is as it should be is found all the same
	config.MaxAllowedPacket = 0   // the server's
	config.Timeout = s.connectTimeout
	dialer := &net.Dialer{Timeout: s.connectTimeout}
	config.DialFunc = dialer.DialContext
	inner, err := mysql.NewConnector(config)
	if err != nil {
		return nil, errors.New("connection settings: " + s.scrub(err.Error()))
	}
	return writer{Connector: inner, settings: s}, nil
}

// Connect opens a session and prepares it.
func (w writer) Connect(ctx context.Context) (driver.Conn, error) {
	limited, cancel := context.WithTimeoutCause(ctx, w.settings.connectTimeout, errSlowConnect)
	defer cancel()
	opened, err := w.open(limited)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return nil, fmt.Errorf("%w within %s (connect_timeout)", errSlowConnect, w.settings.connectTimeout)
	}
	return opened, err
}

func (w writer) open(ctx context.Context) (_ driver.Conn, err error) {
	opened, err := w.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(writerConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("unexpected driver connection %T", opened), opened.Close())
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, opened.Close())
		}
	}()
	rows, err := conn.QueryContext(ctx, "SELECT connection_id(), version()", nil)
	if err != nil {
		return nil, err
	}
	row := make([]driver.Value, 2)
	if err := errors.Join(rows.Next(row), rows.Close()); err != nil {
		return nil, err
	}
	v := parseVersion(asText(row[1]))
	id, err := strconv.ParseInt(asText(row[0]), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("read the connection's number: %w", err)
	}
	s := &writerSession{writerConn: conn, connector: w, id: id, mysql: !v.mariaDB}
	if _, err := conn.ExecContext(ctx, "SET NAMES "+charset+" COLLATE "+dialect{mysql: s.mysql}.exact(), nil); err != nil {
		if !v.canWrite() {
			return nil, fmt.Errorf("%s is too old for a destination: %w", v, err)
		}
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, writerSettings, nil); err != nil {
		return nil, err
	}
	for _, statement := range optionalWriterSettings {
		if _, err := conn.ExecContext(ctx, statement, nil); err != nil && !isNumber(err, codeUnknownVariable) && !isNumber(err, codeAccessDenied) {
			return nil, err
		}
	}
	return s, nil
}

// asText is a number or a text of the driver's.
func asText(v driver.Value) string {
	if octets, ok := v.([]byte); ok {
		return string(octets)
	}
	return fmt.Sprint(v)
}

// writerConn is what the driver's connections are.
type writerConn interface {
	rawConn
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
}

// writerSession is a connection. database/sql keeps it for reuse after its user closed it; the locks taken on it
// must not stay behind.
type writerSession struct {
	writerConn

	connector     writer
	id            int64 // the server's number of it
	mysql         bool
	locks         int
	inTransaction bool
}

// IsValid is asked when the connection goes back into the pool.
func (s *writerSession) IsValid() bool {
	if !s.writerConn.IsValid() || s.inTransaction {
		return false
	}
	if s.locks == 0 {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
	defer cancel()
	s.locks = 0
	// Where a server knows no other way, the end of the connection gives them back.
	_, err := s.writerConn.ExecContext(ctx, "DO release_all_locks()", nil)
	return err == nil
}

// BeginTx remembers that there is a transaction.
func (s *writerSession) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := s.writerConn.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	s.inTransaction = true
	return writerTx{tx, s}, nil
}

type writerTx struct {
	driver.Tx

	session *writerSession
}

func (tx writerTx) Commit() error {
	tx.session.inTransaction = false
	return tx.Tx.Commit()
}

func (tx writerTx) Rollback() error {
	tx.session.inTransaction = false
	return tx.Tx.Rollback()
}

// ExecContext runs a statement without arguments.
func (s *writerSession) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := s.writerConn.ExecContext(ctx, query, args)
	if s.mysql && isNumber(err, codeDuplicateIndex) && strings.HasPrefix(query, createIndex) {
		return driver.ResultNoRows, nil // MySQL has no IF NOT EXISTS for it
	}
	return result, s.ended(ctx, err)
}

// QueryContext runs a query without arguments.
func (s *writerSession) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := s.writerConn.QueryContext(ctx, query, args)
	return rows, s.ended(ctx, err)
}

// PrepareContext prepares a statement with arguments.
func (s *writerSession) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	prepared, err := s.writerConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, s.ended(ctx, err)
	}
	statement, ok := prepared.(writerStatement)
	if !ok {
		return nil, errors.Join(fmt.Errorf("unexpected driver statement %T", prepared), prepared.Close())
	}
	return preparedStatement{statement, s}, nil
}

// ended looks at how a statement ended. One that was cancelled goes on in the server, which does not
// see that the connection is gone, and keeps its locks.
func (s *writerSession) ended(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if isNumber(err, codeNoSuchRoutine) && strings.Contains(err.Error(), noZones) {
		return errNoZones
	}
	if ctx.Err() == nil || s.writerConn.IsValid() {
		return err
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	beside, failed := s.connector.Connector.Connect(limited)
	if failed != nil {
		return err
	}
	if killer, ok := beside.(driver.ExecerContext); ok {
		_, _ = killer.ExecContext(limited, fmt.Sprintf("KILL %d", s.id), nil) // it may have ended by itself
	}
	_ = beside.Close()
	return err
}

var errNoZones = errors.New(`the server knows no time zones, by which compare = "date" tells the day of an instant: its administrator fills their tables with mariadb-tzinfo-to-sql (MySQL: mysql_tzinfo_to_sql) /usr/share/zoneinfo | mariadb mysql`)

// writerStatement is what the driver's statements are.
type writerStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
	driver.NamedValueChecker
}

type preparedStatement struct {
	writerStatement

	session *writerSession
}

func (p preparedStatement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	result, err := p.writerStatement.ExecContext(ctx, args)
	return result, p.session.ended(ctx, err)
}

func (p preparedStatement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := p.writerStatement.QueryContext(ctx, args)
	return rows, p.session.ended(ctx, err)
}

// onSession calls f with the session under a connection.
func onSession(conn *sql.Conn, f func(*writerSession) error) error {
	return conn.Raw(func(raw any) error {
		s, ok := raw.(*writerSession)
		if !ok {
			return fmt.Errorf("unexpected driver connection %T", raw)
		}
		return f(s)
	})
}

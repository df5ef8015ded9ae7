package mysql

import (
	"context"
	"errors"
	"fmt"
	"time"

	mysql "github.com/go-sql-driver/mysql"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.StatementLimiter = (*destination)(nil)

// The numbers by which MariaDB and MySQL say that a statement took too long.
const (
	codeStatementTimeout = 1969
	codeQueryTimeout     = 3024
)

// LimitStatements sets MariaDB's max_statement_time, or MySQL's max_execution_time, by which a server
// of MySQL ends what only reads.
func (d *destination) LimitStatements(ctx context.Context, q providers.Querier, longest time.Duration) error {
	milliseconds := max(longest.Milliseconds(), 1)
	statement := fmt.Sprintf("SET SESSION max_statement_time = %d.%03d", milliseconds/1000, milliseconds%1000)
	if d.dialect.mysql {
		statement = fmt.Sprintf("SET SESSION max_execution_time = %d", milliseconds)
	}
	if _, err := q.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("limit the time of statements: %w", d.SafeError(err))
	}
	return nil
}

// StatementLimited goes by the server's number.
func (*destination) StatementLimited(err error) bool {
	var number uint16
	if own, ok := errors.AsType[*Error](err); ok {
		number = own.Number
	} else if server, ok := errors.AsType[*mysql.MySQLError](err); ok {
		number = server.Number
	}
	return number == codeStatementTimeout || number == codeQueryTimeout
}

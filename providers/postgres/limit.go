package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.StatementLimiter = (*destination)(nil)

// LimitStatements sets statement_timeout, unless what the server or the role has is tighter.
func (*destination) LimitStatements(ctx context.Context, q providers.Querier, longest time.Duration) error {
	limit := milliseconds(longest)
	_, err := q.ExecContext(ctx, fmt.Sprintf(`SELECT pg_catalog.set_config('statement_timeout', CASE WHEN CAST(s.setting AS pg_catalog.int8) BETWEEN 1 AND %[1]d THEN s.setting ELSE '%[1]d' END, false)
FROM pg_catalog.pg_settings s WHERE s.name = 'statement_timeout'`, limit))
	if err != nil {
		return fmt.Errorf("set statement_timeout: %w", safeError(err))
	}
	return nil
}

// StatementLimited tells it from what a client cancelled, as far as the server's language is English.
func (*destination) StatementLimited(err error) bool {
	text := ""
	if own, ok := errors.AsType[*Error](err); ok && own.Code == codeQueryCanceled {
		text = own.Message
	} else if server, ok := errors.AsType[*pgconn.PgError](err); ok && server.Code == codeQueryCanceled {
		text = server.Message
	}
	return text != "" && !strings.Contains(text, "user request")
}

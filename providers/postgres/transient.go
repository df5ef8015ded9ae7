package postgres

import (
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.TransientTeller = (*Provider)(nil)

// transientCodes are the SQLSTATEs beside class 08 (the connection) that another attempt may not meet.
var transientCodes = []string{
	"40001", "40P01", // another transaction was in the way
	"53300", // too many connections
	codeQueryCanceled, codeLockNotAvailable,
	"57P01", "57P02", "57P03", "57P05", // the server stops, crashed, starts, or ended an idle session
	"25P03", "25P04", // the server ended an idle or a long transaction
}

// Transient implements providers.TransientTeller.
func (*Provider) Transient(err error) bool {
	code := ""
	if own, ok := errors.AsType[*Error](err); ok {
		code = own.Code
	} else if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		code = server.Code
	}
	if code != "" {
		return strings.HasPrefix(code, "08") || slices.Contains(transientCodes, code)
	}
	return pgconn.SafeToRetry(err) || pgconn.Timeout(err)
}

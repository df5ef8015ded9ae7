package mysql

import (
	"errors"
	"slices"

	mysql "github.com/go-sql-driver/mysql"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.TransientTeller = (*Provider)(nil)

// transientNumbers are the errors that another attempt may not meet.
var transientNumbers = []uint16{
	1040, 1203, 1226, // too many connections, or too much of something else
	1053, 1077, 1079, // the server is shutting down
	1158, 1159, 1160, 1161, // the network
	1020, codeLockWaitTimeout, codeDeadlock, codeNoWait, // another transaction was in the way
	1317, 1927, 1969, 3024, // interrupted, killed, or too long
	1152, 1184, 2006, 2013, 4031, // the connection was given up
}

// Transient implements providers.TransientTeller.
func (*Provider) Transient(err error) bool {
	if own, ok := errors.AsType[*Error](err); ok {
		return slices.Contains(transientNumbers, own.Number)
	}
	if server, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return slices.Contains(transientNumbers, server.Number)
	}
	return errors.Is(err, mysql.ErrInvalidConn)
}

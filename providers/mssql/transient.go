package mssql

import (
	"errors"
	"slices"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.TransientTeller = (*Provider)(nil)

// transientNumbers are the errors that another attempt may not meet.
var transientNumbers = []int32{
	numberLockTimeout, 1204, 1205, 3960, 3961, 41301, 41302, 41305, 41325, // another transaction was in the way
	233, 596, 6005, 6006, 17142, 17187, 18401, 18451, // the server starts, stops, or ended the session
	701, 802, 8645, 8651, 10928, 10929, 10936, 17809, 40501, // it has too much to do
	904, 921, 922, 927, 976, 978, 982, 983, // the database is being opened, restored, or moved to another replica
	10053, 10054, 10060, 40197, 40143, 40540, 40613, 42108, 42109, 49918, 49919, 49920, // the network, and Azure
}

// Transient implements providers.TransientTeller.
func (*Provider) Transient(err error) bool {
	if own, ok := errors.AsType[*Error](err); ok {
		return slices.Contains(transientNumbers, own.Number)
	}
	if server, ok := serverError(err); ok {
		all := append([]mssql.Error{server}, server.All...)
		return slices.ContainsFunc(all, func(e mssql.Error) bool { return slices.Contains(transientNumbers, e.Number) })
	}
	stream, ok := errors.AsType[mssql.StreamError](err)
	return ok && isBroken(stream)
}

package sqlite

import (
	"errors"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.TransientTeller = (*Provider)(nil)

// Transient implements providers.TransientTeller.
func (*Provider) Transient(err error) bool {
	if isBusy(err) {
		return true
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	primary := e.Code() & 0xff
	return primary == lib.SQLITE_IOERR || primary == lib.SQLITE_CANTOPEN || primary == lib.SQLITE_PROTOCOL
}

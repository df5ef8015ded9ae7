package providers

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// TransientTeller is a Provider that knows which errors of its engine another attempt may not meet: a
// server that starts, has no connection left, ended the session, or chose a transaction as the victim of another.
// It knows them also as its SafeError returns them.
type TransientTeller interface {
	Transient(err error) bool
}

// ErrUnavailable marks errors whose text is all that is left of what a driver said, and that another attempt may
// not meet.
var ErrUnavailable = errors.New("not available at present")

// Unavailable marks an error with ErrUnavailable; its text stays.
func Unavailable(err error) error { return &unavailable{err} }

// KeepTransient returns err, a wording of cause, so that it tells as cause does that another attempt
// may help: nothing else of cause can be had from it.
func KeepTransient(err, cause error, teller TransientTeller) error {
	if err == nil || !connectionLost(cause) && !teller.Transient(cause) {
		return err
	}
	return Unavailable(err)
}

// unavailable is an error with ErrUnavailable, its text and chain unchanged.
type unavailable struct{ error }

func (e *unavailable) Unwrap() error        { return e.error }
func (e *unavailable) Is(target error) bool { return target == ErrUnavailable }

// Transient reports whether what failed may succeed when it is tried again: a source or destination is
// down, does not answer in time, ended the connection or is locked by another. It cannot tell a mistake from what is down
// where both look alike, and is true: of a host that is not known, and of a file or folder that is not there. Of what the
// other side answered, such as that it has no such table, it is false. Whether the caller's own context ended is the caller's to ask first.
func Transient(known []Provider, err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, ErrUnavailable) || errors.Is(err, ErrLocked) || connectionLost(err) {
		return true
	}
	for _, p := range known {
		if teller, ok := p.(TransientTeller); ok && teller.Transient(err) {
			return true
		}
	}
	return false
}

// connectionLost knows what the network, the file system and database/sql say.
func connectionLost(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, lost := range []error{
		driver.ErrBadConn, sql.ErrConnDone, net.ErrClosed, io.ErrUnexpectedEOF, os.ErrDeadlineExceeded, context.DeadlineExceeded,
		// A share that is not mounted, an export that is not written yet.
		fs.ErrNotExist,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, syscall.ETIMEDOUT, syscall.EHOSTUNREACH, syscall.ENETUNREACH,
	} {
		if errors.Is(err, lost) {
			return true
		}
	}
	return false
}

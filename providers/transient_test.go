package providers_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"testing"

	"github.com/registrar-sync/registrar/providers"
)

// teller knows one error.
type teller struct{ known error }

func (teller) Name() string               { return "teller" }
func (t teller) Transient(err error) bool { return errors.Is(err, t.known) }
func (t teller) of() []providers.Provider { return []providers.Provider{t} }
func wrapped(err error) error             { return fmt.Errorf("sync.rooms: %w", err) }
func dialed(t *testing.T, at string) error {
	t.Helper()
	_, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", at)
	return err
}

func TestTransient(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	own := errors.New("the engine starts")
	for name, one := range map[string]struct {
		err  error
		want bool
	}{
		"refused":           {dialed(t, at), true},
		"bad connection":    {driver.ErrBadConn, true},
		"closed connection": {sql.ErrConnDone, true},
		"cut short":         {io.ErrUnexpectedEOF, true},
		"out of time":       {context.DeadlineExceeded, true},
		"no share":          {fs.ErrNotExist, true},
		"locked":            {providers.ErrLocked, true},
		"marked":            {providers.Unavailable(errors.New("the listener is down")), true},
		"engine's own":      {own, true},
		"joined":            {errors.Join(errors.New("close"), driver.ErrBadConn), true},
		"no table":          {providers.ErrNoTable, false},
		"no such column":    {errors.New("there is no column x"), false},
		"cancelled":         {context.Canceled, false},
		"the end of rows":   {io.EOF, false},
	} {
		if got := providers.Transient(teller{own}.of(), wrapped(one.err)); got != one.want {
			t.Errorf("%s: Transient is %v, want %v", name, got, one.want)
		}
	}
	if providers.Transient(nil, own) {
		t.Error("without its provider the engine's own error is transient")
	}
	if providers.Transient(nil, nil) {
		t.Error("no error is transient")
	}
}

func TestKeepTransient(t *testing.T) {
	own := errors.New("the engine starts")
	worded := errors.New("connect: nothing listens there")
	kept := providers.KeepTransient(worded, own, teller{own})
	if !providers.Transient(nil, wrapped(kept)) || kept.Error() != worded.Error() || errors.Is(kept, own) || !errors.Is(kept, worded) {
		t.Errorf("the wording of a transient error is %v (%#v)", kept, kept)
	}
	if lasting := providers.KeepTransient(worded, errors.New("no such user"), teller{own}); lasting != worded { //nolint:errorlint // it is unchanged
		t.Errorf("the wording of another error is %#v", lasting)
	}
}

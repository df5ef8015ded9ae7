package sqlsource

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Link is the connection of one snapshot.
type Link struct {
	DB *sql.DB // of no more than one connection
	// Drop cuts the connection at once, whatever the driver waits for; from any goroutine, any
	// number of times.
	Drop func()
	line *Line // nil where the connection is over none
}

// NewLink limits db to one connection over the line.
func NewLink(db *sql.DB, line *Line) *Link {
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	return &Link{DB: db, Drop: line.Drop, line: line}
}

// explain adds the silence that ended the line, of which not every driver tells.
func (l *Link) explain(err error) error {
	if l.line == nil {
		return err
	}
	return l.line.Explain(err)
}

// Line dials for a driver. It notices a server that stopped answering, and can be cut.
type Line struct {
	// ConnectTimeout bounds the dialling; 0: as long as the context allows.
	ConnectTimeout time.Duration
	// ReadTimeout is how long the server may send nothing while something is read; 0: for ever.
	ReadTimeout time.Duration

	mu      sync.Mutex
	conns   []net.Conn
	dropped bool

	silence atomic.Pointer[SilenceError] // that ended a read
}

// DialContext has the form that drivers ask for.
func (l *Line) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: l.ConnectTimeout}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dropped {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	l.conns = append(l.conns, conn)
	return &watched{Conn: conn, line: l}, nil
}

// Explain adds to an error the silence that ended the line.
func (l *Line) Explain(err error) error {
	if silence := l.silence.Load(); err != nil && silence != nil && !errors.Is(err, silence) {
		return fmt.Errorf("%w: %w", silence, err)
	}
	return err
}

// Dial is DialContext without a context.
func (l *Line) Dial(network, address string) (net.Conn, error) {
	return l.DialContext(context.Background(), network, address)
}

// Drop cuts the line for good.
func (l *Line) Drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropped = true
	for _, conn := range l.conns {
		_ = conn.Close()
	}
	l.conns = nil
}

// watched is a connection that does not wait for ever. Deadlines that the driver sets are its own:
// they count where they come first.
type watched struct {
	net.Conn
	line     *Line
	deadline time.Time // the driver's; zero: none
	mu       sync.Mutex
}

// SilenceError says that the server sent nothing for too long.
type SilenceError struct{ After time.Duration }

func (e *SilenceError) Error() string {
	return fmt.Sprintf("the server sent nothing for %s (read_timeout)", e.After)
}

// Timeout makes it a net.Error.
func (*SilenceError) Timeout() bool { return true }

// Temporary makes it a net.Error.
func (*SilenceError) Temporary() bool { return false }

// Unwrap lets it be known as what it is.
func (*SilenceError) Unwrap() error { return os.ErrDeadlineExceeded }

func (w *watched) Read(p []byte) (int, error) {
	if w.line.ReadTimeout <= 0 {
		return w.Conn.Read(p)
	}
	w.mu.Lock()
	limit, own := time.Now().Add(w.line.ReadTimeout), true //nolint:forbidigo // a deadline of the system's clock
	if !w.deadline.IsZero() && w.deadline.Before(limit) {
		limit, own = w.deadline, false
	}
	err := w.Conn.SetReadDeadline(limit)
	w.mu.Unlock()
	if err != nil {
		return 0, err
	}
	n, err := w.Conn.Read(p)
	if timeout, ok := err.(net.Error); ok && own && timeout.Timeout() { //nolint:errorlint // net.Conn gives it bare
		silence := &SilenceError{After: w.line.ReadTimeout}
		w.line.silence.Store(silence)
		return n, silence
	}
	return n, err
}

func (w *watched) SetReadDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deadline = t
	return w.Conn.SetReadDeadline(t)
}

func (w *watched) SetDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deadline = t
	return w.Conn.SetDeadline(t)
}

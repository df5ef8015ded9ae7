// Package oracletest is a double of an Oracle server for tests: it speaks TTC over TNS
// on 127.0.0.1, checks the password, and answers statements with what the test says.
//
// It was written from the source of its only client, sijms/go-ora 2.8.24, and that
// client alone vouches for it: no real server has confirmed anything here. It shows
// what the driver does with an answer, never what Oracle would answer.
package oracletest

import (
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// Config says what the server is. Handle is required.
type Config struct {
	User, Password string // scott and tiger unless set; the user in any case of letters
	Service        string // XEPDB1 unless set; the only one known, as a service or a SID
	Charset        Charset
	// Handle answers a statement; it is called from several goroutines.
	Handle func(Statement) Result
	// TLS, where set, is spoken from the first octet on.
	TLS *tls.Config
	// Markers has errors announced out of band, as servers do, before they are told.
	Markers bool
	// Refuse, where set, ends each login with this error of the database's.
	Refuse *Error
	// Mute accepts connections, and never says a word.
	Mute bool
}

// Statement is one that the server got. COMMIT and ROLLBACK are calls of the protocol,
// and appear as statements.
type Statement struct {
	Session int    // the connection's number, from 1
	SQL     string // as the database's charset spells it
	// Rows are the bound values, once for each row of an array: nil, string, Number,
	// time.Time or []byte. Without parameters there are none.
	Rows [][]any
	// AutoCommit: the client asked for a commit right after it.
	AutoCommit bool
}

// Binds are the values of the first, or only, row.
func (s Statement) Binds() []any {
	if len(s.Rows) == 0 {
		return nil
	}
	return s.Rows[0]
}

// Result is the answer to a statement. The zero Result is a statement done, with no rows affected.
type Result struct {
	Columns []Column
	// Next fills a row; false at the end. nil: no rows. What a cell can hold, Column says.
	Next func(row []any) bool
	// Repeat serves the rows of Next so many times, at the speed of the network; 0: once.
	Repeat int

	Affected int64
	Err      *Error

	// Faults in serving the rows. FailAfter: so many rows are sent, then Fail.
	FailAfter int
	Fail      *Error
	// DropAfter, where positive: so many rows are sent, then the connection ends.
	DropAfter int
	// DropAtClose ends the connection when the client closes the cursor.
	DropAtClose bool
	// EndEarly, where positive: after so many rows the server ends its answers with neither
	// rows nor the word that there are no more.
	EndEarly int
	// Hold delays the answer until it is closed, or the client breaks: ORA-01013.
	Hold <-chan struct{}
	// HoldAfter holds back what comes after so many rows, and not the first answer.
	HoldAfter int
}

// Error is one of the server's. Position counts the octets of the statement before the fault.
type Error struct {
	Code     int
	Text     string // without the ORA-nnnnn
	Position int
}

// Rows returns a Next of these rows.
func Rows(rows ...[]any) func([]any) bool {
	at := 0
	return func(row []any) bool {
		if at == len(rows) {
			return false
		}
		copy(row, rows[at])
		at++
		return true
	}
}

// Server is a running double.
type Server struct {
	t        testing.TB
	config   Config
	listener net.Listener
	running  sync.WaitGroup
	ending   chan struct{}
	sessions atomic.Int64
	fetches  atomic.Int64

	mu         sync.Mutex
	statements []Statement
	conns      map[net.Conn]bool
}

// New starts a server that ends with the test.
func New(t testing.TB, config Config) *Server {
	t.Helper()
	for _, unset := range []struct {
		field *string
		value string
	}{{&config.User, "scott"}, {&config.Password, "tiger"}, {&config.Service, "XEPDB1"}} {
		if *unset.field == "" {
			*unset.field = unset.value
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("oracletest: %v", err)
	}
	if config.TLS != nil {
		listener = tls.NewListener(listener, config.TLS)
	}
	s := &Server{t: t, config: config, listener: listener, ending: make(chan struct{}), conns: map[net.Conn]bool{}}
	s.running.Go(s.accept)
	t.Cleanup(s.Close)
	return s
}

// Close ends the server and all connections. It may be called again.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.ending:
	default:
		close(s.ending)
	}
	_ = s.listener.Close()
	for conn := range s.conns {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Port is the one that it listens on.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Statements returns those that the server got so far.
func (s *Server) Statements() []Statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.statements)
}

// Sessions is how many connections were made so far.
func (s *Server) Sessions() int { return int(s.sessions.Load()) }

// Fetches is how many times a client asked for rows beyond the first answer.
func (s *Server) Fetches() int { return int(s.fetches.Load()) }

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
		number := int(s.sessions.Add(1))
		s.running.Go(func() {
			defer s.forget(conn)
			s.serve(conn, number)
		})
	}
}

func (s *Server) forget(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

// serve speaks with one client until it leaves. What this double does not understand fails the test.
func (s *Server) serve(conn net.Conn, number int) {
	if s.config.Mute {
		<-s.ending
		return
	}
	session := newSession(s, conn, number)
	defer session.end()
	if err := session.run(); err != nil && !errors.Is(err, errGone) {
		s.t.Errorf("oracletest: session %d: %v", number, err)
	}
}

func (s *Server) record(statement Statement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statements = append(s.statements, statement)
}

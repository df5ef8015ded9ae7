// Package mssqltest gives tests a double of SQL Server: a listener on 127.0.0.1 that
// speaks TDS 7.4 (and TDS 8.0's strict encryption) to go-mssqldb, and answers what a
// Go function tells it to. Each call of [New] starts one; it ends with the test.
//
// It runs no SQL. What it shows is that the driver is used rightly: what is sent, with
// which types, in which transaction; what becomes of each type of column; and what
// happens when a login is refused, a certificate has expired, a result breaks off, or
// nobody answers.
//
// What vouches for this double is only that client: it was written from go-mssqldb's
// own source and from the specification [MS-TDS], and no real server has confirmed it.
// Where a test must know what SQL Server does, ask a SQL Server.
//
// Only tests may import this package.
package mssqltest

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"net"
	"sync"
	"testing"
	"time"
)

// Encryption is what the server says of TLS when a client asks.
type Encryption int

// The answers that a server can give.
const (
	EncryptAll   Encryption = iota // whatever is said is encrypted
	EncryptLogin                   // only the login is, unless the client wants more
	EncryptNone                    // the server has no TLS
	EncryptFirst                   // TDS 8.0: TLS comes before everything else
)

// Config says what the double is like. The zero value is usable.
type Config struct {
	// User and Password are the SQL login; "reader" and "read-only" unless set. The
	// password is compared. Logins of Windows are always refused.
	User, Password string
	// Database is the one that exists; "timetable" unless set.
	Database   string
	Encryption Encryption
	// Hosts are the names and addresses in the certificate; 127.0.0.1 unless set.
	Hosts []string
	// Expired: the certificate is no longer valid.
	Expired bool
	// MaxTLS is the newest version that the server speaks, as in package tls; 1.2 unless
	// set, and 1.3 with EncryptFirst.
	MaxTLS uint16
	// Silent: the server accepts connections, and says nothing.
	Silent bool
	// Handler answers batches, calls, transactions and bulk loads; it may be called from
	// several goroutines at once. nil answers everything with no rows.
	Handler func(*Request) *Response
}

// Server is a running double.
type Server struct {
	config      Config
	listener    net.Listener
	certificate tls.Certificate
	ctx         context.Context // ends with the test
	cancel      context.CancelFunc

	mu       sync.Mutex
	requests []*Request
	logins   []Login
	open     map[net.Conn]bool
	accepted int
	closing  bool
	workers  sync.WaitGroup
}

// Login is what a client said of itself.
type Login struct {
	User, Database, Host, Application string
	// PacketSize is in octets; TDSVersion as the client asked for it.
	PacketSize, TDSVersion uint32
	// Encrypted: the login came over TLS; AllEncrypted: so does the rest.
	Encrypted, AllEncrypted bool
	TLSVersion              uint16
	// Windows: the login is one of Windows', by NTLM, of Domain.
	Windows  bool
	Domain   string
	Accepted bool
}

// New starts a double that ends with the test.
func New(t testing.TB, config Config) *Server {
	t.Helper()
	for _, option := range []struct {
		set   *string
		value string
	}{{&config.User, "reader"}, {&config.Password, "read-only"}, {&config.Database, "timetable"}} {
		if *option.set == "" {
			*option.set = option.value
		}
	}
	if len(config.Hosts) == 0 {
		config.Hosts = []string{"127.0.0.1"}
	}
	if config.Handler == nil {
		config.Handler = func(*Request) *Response { return &Response{} }
	}
	certificate, err := newCertificate(config.Hosts, config.Expired, time.Now())
	if err != nil {
		t.Fatalf("make a certificate: %v", err)
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	s := &Server{config: config, listener: listener, certificate: certificate, open: map[net.Conn]bool{}}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(t.Context()))
	s.workers.Go(s.accept)
	t.Cleanup(s.close)
	return s
}

func (s *Server) close() {
	s.cancel()
	_ = s.listener.Close()
	s.mu.Lock()
	s.closing = true
	for c := range s.open {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.workers.Wait()
}

func (s *Server) accept() {
	for {
		raw, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.closing {
			s.mu.Unlock()
			_ = raw.Close()
			return
		}
		s.open[raw] = true
		s.accepted++
		number := s.accepted
		s.mu.Unlock()
		s.workers.Go(func() {
			c := &conn{server: s, raw: raw, transport: raw, number: number, packetSize: defaultPacketSize}
			c.serve()
			_ = raw.Close()
			s.mu.Lock()
			delete(s.open, raw)
			s.mu.Unlock()
		})
	}
}

// Host is the address to connect to.
func (*Server) Host() string { return "127.0.0.1" }

// Port is the port to connect to.
func (s *Server) Port() int {
	address, _ := s.listener.Addr().(*net.TCPAddr)
	return address.Port
}

// Config is what the double was made of, with its defaults.
func (s *Server) Config() Config { return s.config }

// CertificatePEM is the server's own certificate, which it signed itself.
func (s *Server) CertificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.certificate.Certificate[0]})
}

// Requests are those that came so far, in order.
func (s *Server) Requests() []*Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Request(nil), s.requests...)
}

// Logins are those that were tried so far.
func (s *Server) Logins() []Login {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Login(nil), s.logins...)
}

// Accepted counts the connections so far, and Open those that are not closed.
func (s *Server) Accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// Open counts the connections that neither side has closed.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

func (s *Server) record(r *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
}

func (s *Server) recordLogin(l Login) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logins = append(s.logins, l)
}

// errProtocol is what a client did that it may not do: the connection ends.
var errProtocol = errors.New("not what TDS allows here")

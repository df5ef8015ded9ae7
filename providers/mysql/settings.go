package mysql

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

const (
	defaultPort           = 3306
	defaultConnectTimeout = 15  // seconds
	defaultReadTimeout    = 300 // seconds
)

// settings say where to connect, and as whom. They hold the password: never
// print them.
type settings struct {
	host           string // a name or an address; "" with a socket
	port           int64
	socket         string // "" with a host
	database       string
	user, password string
	// tls is one of the values of the attribute, or "" for a server on this machine: used if there is.
	tls            string
	authorities    *x509.CertPool // nil for the system's
	connectTimeout time.Duration
	readTimeout    time.Duration
}

// parse reads a block's attributes.
func parse(attributes providers.Attributes, dir string) (*settings, error) {
	s := &settings{
		host:           attributes.String("host"),
		port:           attributes.Int("port", defaultPort),
		socket:         attributes.String("socket"),
		database:       attributes.String("database"),
		user:           attributes.String("user"),
		password:       attributes.String("password"),
		tls:            attributes.String("tls"),
		connectTimeout: time.Duration(attributes.Int("connect_timeout", defaultConnectTimeout)) * time.Second,
		readTimeout:    time.Duration(attributes.Int("read_timeout", defaultReadTimeout)) * time.Second,
	}
	if s.host == "" && s.socket == "" {
		return nil, errors.New("the connection has neither host nor socket")
	}
	for _, required := range []struct{ name, value string }{{"database", s.database}, {"user", s.user}} {
		if required.value == "" {
			return nil, fmt.Errorf("the connection has no %s", required.name)
		}
	}
	authority := attributes.String("tls_ca")
	if s.tls == "" {
		switch {
		case authority != "":
			s.tls = tlsVerifyFull
		case !s.isLocal():
			s.tls = tlsRequire
		}
	}
	if authority != "" {
		if !filepath.IsAbs(authority) {
			authority = filepath.Join(dir, authority)
		}
		pem, err := os.ReadFile(authority)
		if err != nil {
			return nil, fmt.Errorf("read tls_ca: %w", err)
		}
		s.authorities = x509.NewCertPool()
		if !s.authorities.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read tls_ca: %s holds no certificate in PEM", authority)
		}
	}
	return s, nil
}

// isLocal reports whether the server is on this machine.
func (s *settings) isLocal() bool {
	return s.socket != "" || sqlsource.IsThisMachine(s.host)
}

// verifies reports whether the server has to prove who it is.
func (s *settings) verifies() bool { return s.tls == tlsVerifyCA || s.tls == tlsVerifyFull }

// config builds the driver's configuration, but for the way to the server.
func (s *settings) config() *driver.Config {
	c := driver.NewConfig()
	c.User, c.Passwd, c.DBName = s.user, s.password, s.database
	c.Net, c.Addr = "tcp", net.JoinHostPort(s.host, strconv.FormatInt(s.port, 10))
	if s.socket != "" {
		c.Net, c.Addr = "unix", s.socket
	}
	c.TLS = s.tlsConfig()
	c.AllowFallbackToPlaintext = s.tls == ""
	c.AllowNativePasswords = true
	// What PAM and LDAP ask for. Only who proved to be the server gets it.
	c.AllowCleartextPasswords = s.verifies()
	c.AllowAllFiles = false
	c.AllowOldPasswords = false
	c.InterpolateParams = false
	c.MultiStatements = false
	c.ParseTime = false // it has no place for 0000-00-00
	c.CheckConnLiveness = false
	c.Logger = &driver.NopLogger{} // what it would say comes as an error, too
	c.ConnectionAttributes = "program_name:registrar"
	return c
}

func (s *settings) tlsConfig() *tls.Config {
	config := &tls.Config{RootCAs: s.authorities, ServerName: s.host, MinVersion: tls.VersionTLS12}
	switch s.tls {
	case tlsDisable:
		return nil
	case tlsVerifyFull:
	case tlsVerifyCA:
		config.InsecureSkipVerify = true // but for what follows: all but the name
		config.VerifyConnection = func(state tls.ConnectionState) error {
			options := x509.VerifyOptions{Roots: s.authorities, Intermediates: x509.NewCertPool()}
			for _, intermediate := range state.PeerCertificates[1:] {
				options.Intermediates.AddCert(intermediate)
			}
			_, err := state.PeerCertificates[0].Verify(options)
			return err
		}
	default:
		config.InsecureSkipVerify = true // as require says; the examination warns
	}
	return config
}

// identity names the database within its server.
func (s *settings) identity() string {
	u := url.URL{Scheme: "mysql", Host: net.JoinHostPort(s.host, strconv.FormatInt(s.port, 10)), Path: "/" + s.database}
	if s.socket != "" {
		u.Host, u.Path = "", s.socket+"/"+s.database
	}
	return u.String()
}

// scrub withholds a text that holds the password.
func (s *settings) scrub(text string) string { return sqlsource.Withhold(text, s.password) }

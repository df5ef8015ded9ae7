package mssql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

const (
	defaultPort           = 1433
	defaultConnectTimeout = 15  // seconds
	defaultReadTimeout    = 300 // seconds
	applicationName       = "registrar"
	// packetSize is in octets, and the most that TLS carries in one piece.
	packetSize = 16383
)

// settings say where to connect, and as whom. They hold the password: never print them.
type settings struct {
	host, instance   string
	port             int // 0 with an instance
	database         string
	user, password   string
	domain           string // "" for a SQL login
	encrypt          string // strict, mandatory, disable
	trustCertificate bool
	caFile           string // absolute; "" for the system's authorities
	nameInCert       string
	tlsMin           uint16 // as in package tls
	connectTimeout   time.Duration
	readTimeout      time.Duration
}

// parse reads a block's attributes, which its spec has checked.
func parse(attributes providers.Attributes, dir string) (*settings, error) {
	seconds := func(name string, otherwise int64) time.Duration {
		return time.Duration(attributes.Int(name, otherwise)) * time.Second
	}
	s := &settings{
		host:             attributes.String("host"),
		instance:         attributes.String("instance"),
		port:             int(attributes.Int("port", defaultPort)),
		database:         attributes.String("database"),
		user:             attributes.String("user"),
		password:         attributes.String("password"),
		domain:           attributes.String("domain"),
		encrypt:          attributes.StringOr("encrypt", "mandatory"),
		trustCertificate: attributes.Bool("trust_certificate", false),
		caFile:           attributes.String("ca_file"),
		nameInCert:       attributes.StringOr("hostname_in_certificate", attributes.String("host")),
		tlsMin:           tls.VersionTLS12,
		connectTimeout:   seconds("connect_timeout", defaultConnectTimeout),
		readTimeout:      seconds("read_timeout", defaultReadTimeout),
	}
	if s.instance != "" {
		s.port = 0
	}
	for _, required := range []struct{ name, value string }{{"host", s.host}, {"database", s.database}, {"user", s.user}, {"password", s.password}} {
		switch {
		case required.value == "":
			return nil, fmt.Errorf("the connection has no %s", required.name)
		case strings.ContainsFunc(required.value, func(r rune) bool { return r > 0xffff || r == utf8.RuneError }):
			// The driver counts characters where the protocol counts halves of them.
			return nil, fmt.Errorf("%s holds a character beyond U+FFFF, which cannot be sent at the login", required.name)
		}
	}
	if version := attributes.String("tlsmin"); version != "" {
		if s.tlsMin = msdsn.TLSVersionFromString(version); s.tlsMin == 0 {
			return nil, errors.New("tlsmin is none of 1.0, 1.1, 1.2, 1.3")
		}
	}
	if s.caFile != "" && !filepath.IsAbs(s.caFile) {
		s.caFile = filepath.Join(dir, s.caFile)
	}
	return s, nil
}

// identity names the database within its server.
func (s *settings) identity() string {
	host := s.host
	if s.instance != "" {
		return (&url.URL{Scheme: "sqlserver", Host: host, Path: "/" + s.instance, RawQuery: "database=" + url.QueryEscape(s.database)}).String()
	}
	return (&url.URL{Scheme: "sqlserver", Host: net.JoinHostPort(host, strconv.Itoa(s.port)), Path: "/" + s.database}).String()
}

// lockTimeout is how long a read waits for a lock: not until the silence is taken for a dead server.
func (s *settings) lockTimeout() time.Duration { return s.readTimeout * 9 / 10 }

// tlsState is what the last connection agreed on.
type tlsState struct{ version atomic.Uint32 }

// config is the driver's configuration. Each setting that could come from elsewhere is given.
func (s *settings) config(state *tlsState) (msdsn.Config, error) {
	config := msdsn.Config{
		Host: s.host, Port: uint64(s.port), Instance: s.instance, Database: s.database,
		User: s.user, Password: s.password,
		Protocols: []string{"tcp"},
		AppName:   applicationName, Workstation: applicationName,
		PacketSize:  packetSize,
		DialTimeout: s.connectTimeout,
		// A statement that is sent again on another connection would see another state.
		DisableRetry: true,
		Encoding:     msdsn.EncodeParameters{Timezone: time.UTC, GuidConversion: true},
		// Host names are those of the certificate, whatever server the connection is passed on to.
		HostInCertificateProvided: s.nameInCert != s.host,
		TrustServerCertificate:    s.trustCertificate,
	}
	if s.domain != "" {
		config.User = s.domain + `\` + s.user
		// Not the process's own identity, which is another's on Windows.
		config.Parameters = map[string]string{"authenticator": "ntlm"}
	}
	if s.encrypt == "disable" {
		config.Encryption = msdsn.EncryptionDisabled
		return config, nil
	}
	config.Encryption = msdsn.EncryptionRequired
	if s.encrypt == "strict" {
		config.Encryption = msdsn.EncryptionStrict
	}
	var err error
	config.TLSConfig, err = s.tlsConfig(state)
	return config, err
}

func (s *settings) tlsConfig(state *tlsState) (*tls.Config, error) {
	config := &tls.Config{
		ServerName: s.nameInCert,
		MinVersion: s.tlsMin,
		//nolint:gosec // asked for, and warned of
		InsecureSkipVerify:          s.trustCertificate,
		DynamicRecordSizingDisabled: true, // SQL Server wants a packet in one record
		VerifyConnection: func(c tls.ConnectionState) error {
			state.version.Store(uint32(c.Version))
			return nil
		},
	}
	if s.tlsMin < tls.VersionTLS12 {
		// What such servers can do; Go offers some of it on request only.
		config.CipherSuites = []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_RSA_WITH_AES_256_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
		}
	}
	if s.caFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(s.caFile)
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca_file: %s holds no certificate in PEM", s.caFile)
	}
	return config, nil
}

// dialer resolves names itself, with the context.
type dialer struct{ *sqlsource.Line }

// HostName makes it a HostDialer of the driver's, which does not ask for the name.
func (dialer) HostName() string { return "" }

// connect opens the connection of a snapshot, and logs in.
func (s *settings) connect(ctx context.Context, state *tlsState) (*sqlsource.Link, error) {
	config, err := s.config(state)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", s.identity(), err)
	}
	line := &sqlsource.Line{ConnectTimeout: s.connectTimeout, ReadTimeout: s.readTimeout}
	opener := mssql.NewConnectorConfig(config)
	opener.Dialer = dialer{line}
	link := sqlsource.NewLink(sql.OpenDB(connector{opener, line.Drop}), line)

	// The driver looks at the context only while it dials.
	limited, cancel := context.WithTimeout(ctx, s.connectTimeout)
	defer cancel()
	stop := context.AfterFunc(limited, link.Drop)
	conn, err := link.DB.Conn(limited)
	if err == nil {
		err = conn.Close() // it stays the database's one connection
	}
	if !stop() && err == nil {
		err = limited.Err()
	}
	if err != nil {
		if ctx.Err() == nil && limited.Err() != nil {
			err = providers.Unavailable(fmt.Errorf("the server did not answer within %s (connect_timeout)", s.connectTimeout))
		} else if ctx.Err() != nil {
			err = ctx.Err()
		}
		link.Drop()
		return nil, errors.Join(s.connectError(err), link.DB.Close())
	}
	return link, nil
}

package oracle

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/registrar-sync/registrar/providers"
)

const (
	defaultPort           = 1521
	defaultConnectTimeout = 15  // seconds
	defaultReadTimeout    = 300 // seconds
	// defaultPrefetchRows: below 100 the round trips show, above 1000 nothing is gained.
	defaultPrefetchRows = 500
	// driverDefaultRows is a number that the driver takes for "not set".
	driverDefaultRows = 25
)

// settings say where to connect, and as whom. They hold the password: never print them.
type settings struct {
	host           string
	port           int
	service, sid   string // one of them
	user, password string
	tls            bool
	wallet         string // absolute; "" for the system's authorities
	connectTimeout time.Duration
	readTimeout    time.Duration
	prefetchRows   int
	// roots are the authorities to trust; nil for the system's.
	roots *x509.CertPool
}

// namePattern is what a service or SID is made of: its text goes into a descriptor in brackets.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9_.$#-]+$`)

// badName says what is wrong with a service's or SID's name, or "".
func badName(attribute, name string) string {
	if namePattern.MatchString(name) {
		return ""
	}
	return attribute + " is a name of letters, digits and _ . $ # -, not a descriptor"
}

// hostPattern keeps a host from closing the descriptor's bracket.
var hostPattern = regexp.MustCompile(`^[A-Za-z0-9_.:%-]+$`)

func parse(attributes providers.Attributes, dir string) (*settings, error) {
	seconds := func(name string, fallback int64) time.Duration {
		return time.Duration(attributes.Int(name, fallback)) * time.Second
	}
	s := &settings{
		host: attributes.String("host"), port: int(attributes.Int("port", defaultPort)),
		service: attributes.String("service"), sid: attributes.String("sid"),
		user: attributes.String("user"), password: attributes.String("password"),
		tls: attributes.Bool("tls", false), wallet: attributes.String("wallet"),
		connectTimeout: seconds("connect_timeout", defaultConnectTimeout),
		readTimeout:    seconds("read_timeout", defaultReadTimeout),
		prefetchRows:   int(attributes.Int("prefetch_rows", defaultPrefetchRows)),
	}
	for _, required := range []struct{ name, value string }{{"host", s.host}, {"user", s.user}} {
		if required.value == "" {
			return nil, fmt.Errorf("the connection has no %s", required.name)
		}
	}
	if !hostPattern.MatchString(s.host) {
		return nil, fmt.Errorf("host is a name or an address, not a descriptor or a URL")
	}
	if (s.service == "") == (s.sid == "") {
		return nil, fmt.Errorf("the connection needs a service or a sid, and not both")
	}
	for _, named := range []struct{ attribute, name string }{{"service", s.service}, {"sid", s.sid}} {
		if named.name != "" && badName(named.attribute, named.name) != "" {
			return nil, fmt.Errorf("%s", badName(named.attribute, named.name))
		}
	}
	if s.password == "" && s.wallet == "" {
		return nil, fmt.Errorf("the connection has neither a password nor a wallet that holds one")
	}
	if s.wallet != "" && !filepath.IsAbs(s.wallet) {
		s.wallet = filepath.Join(dir, s.wallet)
	}
	if s.prefetchRows == driverDefaultRows {
		s.prefetchRows++
	}
	return s, nil
}

// identity names the database, for messages: no credential.
func (s *settings) identity() string {
	name := s.service
	if name == "" {
		name = s.sid
	}
	return net.JoinHostPort(s.host, strconv.Itoa(s.port)) + "/" + name
}

// url is what the driver takes: it holds the password. LOBs come with their rows, which is its default.
func (s *settings) url() string {
	options := url.Values{
		"PREFETCH_ROWS": {strconv.Itoa(s.prefetchRows)},
		// The line has its own.
		"CONNECTION TIMEOUT": {"0"},
		// Clocks without a zone are kept as they show: with UTC there is no hour that daylight
		// saving time skips.
		"SERVER LOCATION": {"UTC"},
		"LANGUAGE":        {"AMERICAN"},
		"TERRITORY":       {"AMERICA"},
		// Not the path of the program and the user of the machine.
		"PROGRAM": {"registrar"},
		"CID":     {"(CID=(PROGRAM=registrar)(HOST=registrar)(USER=registrar))"},
	}
	if s.sid != "" {
		options.Set("SID", s.sid)
	}
	if s.tls {
		options.Set("SSL", "TRUE")
		options.Set("SSL VERIFY", "TRUE")
	}
	if s.wallet != "" {
		options.Set("WALLET", s.wallet)
	}
	u := url.URL{
		Scheme: "oracle", User: url.UserPassword(s.user, s.password),
		Host: net.JoinHostPort(s.host, strconv.Itoa(s.port)), Path: "/" + s.service, RawQuery: options.Encode(),
	}
	return u.String()
}

// tlsConfig is nil where the driver makes its own, from the wallet.
func (s *settings) tlsConfig() *tls.Config {
	if !s.tls || s.wallet != "" {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.roots}
}

package postgres

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/registrar-sync/registrar/providers"
)

const (
	defaultPort           = 5432
	defaultConnectTimeout = 15 // seconds
	applicationName       = "registrar"
)

// settings say where to connect, and as whom. They hold the password: never
// print them.
type settings struct {
	host           string // a name, an address, a socket's directory, or several separated by commas
	port           string // a number, or as many as hosts
	database       string
	user, password string
	sslMode        string // disable, require, verify-ca, verify-full
	sslRootCert    string // a PEM file, absolute; "" for the system's
	application    string
	connectTimeout string // seconds
	target         string // target_session_attrs
	searchPath     string // "" for the role's own
	// fromURL: user and server were given in one secret, and are not to be named.
	fromURL bool
}

// urlKeys are the parameters that a URL's query may hold. Those that name files or
// services are not among them, nor is options, which could undo the session's settings.
var urlKeys = []string{
	"application_name", "connect_timeout", "dbname", "host", "password", "port",
	"search_path", "sslmode", "sslrootcert", "target_session_attrs", "user",
}

// parse reads a block's attributes. Its errors repeat nothing of a URL.
func parse(attributes providers.Attributes, dir string) (*settings, error) {
	s := &settings{
		host:           attributes.String("host"),
		port:           strconv.FormatInt(attributes.Int("port", defaultPort), 10),
		database:       attributes.String("database"),
		user:           attributes.String("user"),
		password:       attributes.String("password"),
		sslMode:        attributes.String("sslmode"),
		sslRootCert:    attributes.String("sslrootcert"),
		application:    attributes.StringOr("application_name", applicationName),
		connectTimeout: strconv.FormatInt(attributes.Int("connect_timeout", defaultConnectTimeout), 10),
		target:         "any",
	}
	if text := attributes.String("url"); text != "" {
		s.fromURL = true
		if err := s.readURL(text); err != nil {
			return nil, err
		}
	}
	for _, required := range []struct{ name, value string }{{"host", s.host}, {"database", s.database}, {"user", s.user}} {
		if required.value == "" {
			return nil, fmt.Errorf("the connection has no %s", required.name)
		}
	}
	if s.sslMode == "" {
		s.sslMode = "require"
		if s.isLocal() {
			s.sslMode = "prefer" // nobody listens on the way
		}
	} else if message := badSSLMode(s.sslMode); message != "" {
		return nil, errors.New(message)
	}
	if s.sslRootCert != "" && s.sslRootCert != "system" && !filepath.IsAbs(s.sslRootCert) {
		s.sslRootCert = filepath.Join(dir, s.sslRootCert)
	}
	return s, nil
}

var (
	errURL = errors.New("url is not of the form postgres://user:password@host:port/database; special characters of a password must be %-encoded")
	// sslModes leaves out allow and prefer: they fall back to an open connection
	// without a word.
	sslModes = []string{"disable", "require", "verify-ca", "verify-full"}
)

func badSSLMode(mode string) string {
	switch {
	case slices.Contains(sslModes, mode):
		return ""
	case mode == "prefer" || mode == "allow":
		return "sslmode " + mode + " falls back to an unencrypted connection without saying so: use require, verify-ca or verify-full, or disable to mean it"
	default:
		return "sslmode must be one of " + strings.Join(sslModes, ", ")
	}
}

func (s *settings) readURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Opaque != "" {
		return errURL
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errURL
	}
	for key := range query {
		if !slices.Contains(urlKeys, key) {
			return errors.New("url has a parameter that is not allowed; allowed are " + strings.Join(urlKeys, ", "))
		}
	}
	s.host, s.user, s.database = u.Hostname(), u.User.Username(), strings.TrimPrefix(u.Path, "/")
	s.password, _ = u.User.Password()
	if strings.Contains(s.host, ":") && net.ParseIP(s.host) == nil {
		return errURL
	}
	if port := u.Port(); port != "" {
		s.port = port
	}
	for key, field := range map[string]*string{
		"host": &s.host, "port": &s.port, "dbname": &s.database, "user": &s.user, "password": &s.password,
		"sslmode": &s.sslMode, "sslrootcert": &s.sslRootCert, "application_name": &s.application,
		"connect_timeout": &s.connectTimeout, "target_session_attrs": &s.target, "search_path": &s.searchPath,
	} {
		if query.Has(key) {
			*field = query.Get(key)
		}
	}
	return nil
}

// isLocal reports whether every host is this machine.
func (s *settings) isLocal() bool {
	for host := range strings.SplitSeq(s.host, ",") {
		if host == "localhost" || filepath.IsAbs(host) {
			continue
		}
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			return false
		}
	}
	return true
}

// config builds pgx's configuration. Each setting that pgx would otherwise take
// from the environment or from a file in the home directory is given here.
func (s *settings) config(params map[string]string) (*pgx.ConnConfig, error) {
	given := map[string]string{
		"host": s.host, "port": s.port, "database": s.database, "user": s.user, "password": s.password,
		"sslmode": s.sslMode, "sslrootcert": s.sslRootCert, "connect_timeout": s.connectTimeout,
		"target_session_attrs": s.target,
		"passfile":             "", "sslcert": "", "sslkey": "", "sslpassword": "", "sslcertmode": "disable", "sslsni": "1",
		"sslnegotiation": "postgres", "min_protocol_version": "3.0", "max_protocol_version": "3.0",
		"channel_binding": "prefer", "require_auth": "", "krbsrvname": "", "krbspn": "",
	}
	var text strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, key := range slices.Sorted(maps.Keys(given)) {
		fmt.Fprintf(&text, "%s='%s' ", key, escape.Replace(given[key]))
	}
	config, err := pgx.ParseConfig(text.String())
	if err != nil {
		return nil, s.settingsError(err)
	}
	config.RuntimeParams = maps.Clone(params)
	config.RuntimeParams["application_name"] = s.application
	if s.searchPath != "" {
		config.RuntimeParams["search_path"] = s.searchPath
	}
	// Statements here are long and run once, so that preparing and caching them
	// would cost a round trip and buy nothing; the server plans with the real values.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.StatementCacheCapacity = maxPrepared
	config.DescriptionCacheCapacity = 0
	return config, nil
}

// maxPrepared bounds the statements that a connection keeps prepared: those of the catalogue, which
// ask for it.
const maxPrepared = 16

// settingsError says what pgx found wrong with the settings, without the
// connection string that its own text quotes.
func (s *settings) settingsError(err error) error {
	if parse, ok := errors.AsType[*pgconn.ParseConfigError](err); ok && parse.Unwrap() != nil {
		reason := parse.Unwrap().Error()
		if strings.Contains(reason, "service") { // pgx looks for it whatever is given
			return errors.New("connection settings: PGSERVICE is set in the environment and cannot be followed: unset it")
		}
		if !s.fromURL {
			return errors.New("connection settings: " + s.scrub(reason))
		}
	}
	if _, port := strconv.ParseUint(s.port, 10, 16); port != nil {
		return errors.New("connection settings: the port is not a number from 1 to 65535")
	}
	return errors.New("connection settings: one of sslrootcert, connect_timeout, target_session_attrs cannot be used")
}

// identity names the database within its server.
func (s *settings) identity() string {
	u := url.URL{Scheme: "postgres", Host: s.host, Path: "/" + s.database}
	if !strings.ContainsAny(s.host, ",/\\") {
		u.Host = net.JoinHostPort(s.host, s.port)
	}
	return u.String()
}

// scrub removes the password wherever it may have come into a text.
func (s *settings) scrub(text string) string {
	if s.password != "" {
		text = strings.ReplaceAll(text, s.password, "(password)")
	}
	return text
}

// sessionParams are those settings of a session on which the canonical texts rely.
// 3 extra digits are the shortest exact text since version 12, and exact before.
func sessionParams() map[string]string {
	return map[string]string{
		"timezone":                    "UTC",
		"datestyle":                   "ISO",
		"intervalstyle":               "postgres",
		"extra_float_digits":          "3",
		"bytea_output":                "hex",
		"standard_conforming_strings": "on",
		"client_encoding":             "UTF8",
	}
}

// destinationParams: compiling takes longer than these statements run, and 4 MB of
// work_mem makes their hash joins spill.
func destinationParams() map[string]string {
	params := sessionParams()
	params["jit"] = "off"
	params["work_mem"] = "64MB"
	return params
}

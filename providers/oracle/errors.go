package oracle

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"syscall"

	"github.com/sijms/go-ora/v2/network"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// Error is an error of the server's, without what may quote a row: only the first line, no quoted part
// of a message about data, and nothing that a trigger or a function wrote.
type Error struct {
	Code    int    // nnnnn of ORA-nnnnn; 0 for what is refused before the server sees it
	Message string // without the code
	Hint    string // "" for most
	// before is the number of characters in front of the fault plus one; 0: not known.
	before int
}

func (e *Error) Error() string {
	text := e.Message
	if e.Code != 0 {
		text = fmt.Sprintf("ORA-%05d: %s", e.Code, e.Message)
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap returns providers.ErrNotComparable where a query cannot be a derived table: two columns of one name, or
// a LONG.
func (e *Error) Unwrap() error {
	if e.Code == codeAmbiguous || e.Code == codeLong {
		return providers.ErrNotComparable
	}
	return nil
}

const (
	codeAmbiguous = 918
	codeLong      = 997
)

// lostError says that the connection is gone. database/sql must not try again by itself.
type lostError struct{}

func (lostError) Error() string { return "the connection to the server was lost" }

// Is has database/sql throw the connection away.
func (lostError) Is(target error) bool { return target == driver.ErrBadConn }

func isServerError(err error) bool {
	var server *network.OracleError
	return errors.As(err, &server)
}

// hints say what to do.
var hints = map[int]string{
	1017:  "check user and password; in passwords the case of letters counts since version 11",
	1033:  "the database is starting up or shutting down: try again later",
	1034:  "the database is down",
	1045:  "GRANT CREATE SESSION to this user",
	1555:  "the server no longer keeps the data as of the snapshot: read when less is written, or have undo_retention raised",
	1950:  "give the user a quota on its tablespace: ALTER USER … QUOTA … ON …",
	12505: "the listener does not know this sid: see lsnrctl status; most databases are reached by service",
	12514: "the listener does not know this service: see lsnrctl status for those it knows, or write sid",
	12516: "the server has no process left for another connection: try again later, or have processes raised",
	12520: "the server has no process left for another connection: try again later, or have processes raised",
	28000: "have it unlocked",
	28001: "have it changed",
	28040: "the server is too old, or the user's password was set before version 10: have it set again",
}

// codeOfText reports whether an error is about the text of a statement, about names and privileges, or about the
// session: such messages quote names, and no values.
func codeOfText(code int) bool {
	return code >= 900 && code <= 999 || code >= 1000 && code <= 1099 || code >= 4040 && code <= 4046 || code >= 12150 && code <= 12699 ||
		code >= 28000 && code <= 28041
}

// ownCode reports whether the message may be anything: RAISE_APPLICATION_ERROR, Java, XML, JSON, other databases.
func ownCode(code int) bool {
	switch {
	case code >= 20_000 && code <= 20_999, code >= 28_500 && code <= 28_599, code >= 29_250 && code <= 29_549,
		code >= 19_000 && code <= 19_299, code >= 30_900 && code <= 31_999, code >= 40_400 && code <= 40_999:
		return true
	default:
		return false
	}
}

var codePrefix = regexp.MustCompile(`^[A-Z]{2,4}-[0-9]{1,5}: ?`)

// newError keeps of a server's error what cannot hold a value.
func newError(server *network.OracleError) *Error {
	message := server.ErrMsg
	if message == "" {
		// The driver has texts of its own for some.
		message, _, _ = strings.Cut(server.Error(), " error occur at position")
	}
	message, _, _ = strings.Cut(strings.TrimSpace(message), "\n")
	message = strings.TrimSpace(codePrefix.ReplaceAllString(message, ""))
	e := &Error{Code: server.ErrCode, Message: message, Hint: hints[server.ErrCode]}
	switch {
	case ownCode(e.Code):
		e.Message = "refused by the database's own code"
	case !codeOfText(e.Code):
		e.Message = sqlsource.MaskQuoted(message, quotes)
	}
	if e.Message == "" || e.Message == fmt.Sprintf("ORA-%d", e.Code) {
		e.Message = "the server gives no text"
	}
	return e
}

// quotes are those that the server's texts put around values.
const quotes = "\"'«»„“”‘’"

// Error implements sqlsource.Engine.
//
//nolint:revive,staticcheck // the interface has the error first: it is what is asked for
func (*engine) Error(err error) (safe error, position int) {
	if own, ok := errors.AsType[*Error](err); ok {
		return err, own.before - 1
	}
	server, ok := errors.AsType[*network.OracleError](err)
	if !ok {
		return err, -1
	}
	own := newError(server)
	if prefix, ok := strings.CutSuffix(err.Error(), server.Error()); ok && !strings.Contains(prefix, "ORA-") {
		return fmt.Errorf("%s%w", prefix, own), -1
	}
	return own, -1
}

// connectError words a failed login. Its text holds no credential.
func (s *settings) connectError(err error) error {
	return providers.KeepTransient(s.wordConnectError(err), err, (*Provider)(nil))
}

func (s *settings) wordConnectError(err error) error {
	if server, ok := errors.AsType[*network.OracleError](err); ok {
		return fmt.Errorf("connect: %w", newError(server))
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			return fmt.Errorf("connect: %w", ended)
		}
	}
	if text := s.tlsTrouble(err); text != "" {
		return fmt.Errorf("connect: %s", text)
	}
	unknown, isUnknown := errors.AsType[*net.DNSError](err)
	silence, isSilence := errors.AsType[*sqlsource.SilenceError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case isUnknown:
		return fmt.Errorf("connect: the host %q is not known: check host (%s)", s.host, unknown.Err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("connect: nothing listens on %s: check host and port, and whether the listener is up (lsnrctl status)", net.JoinHostPort(s.host, fmt.Sprint(s.port)))
	case isSilence:
		return fmt.Errorf("connect: %w", silence)
	case isNet && timeout.Timeout():
		return fmt.Errorf("connect: no connection to %s within %s (connect_timeout): check host and port, and the firewalls in between", net.JoinHostPort(s.host, fmt.Sprint(s.port)), s.connectTimeout)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, driver.ErrBadConn):
		text := "the server hung up during the login"
		if !s.tls {
			text += ": where the port is one for TLS (tcps, often 2484), set tls = true"
		}
		return fmt.Errorf("connect: %s", text)
	default:
		return fmt.Errorf("connect: %s", s.scrub(strings.ReplaceAll(err.Error(), "\n", "; ")))
	}
}

// tlsTrouble words what is wrong with a certificate, or with TLS as such; "" for anything else.
func (s *settings) tlsTrouble(err error) string {
	if !s.tls {
		return ""
	}
	trust := "have the system trust it, or set wallet"
	if s.wallet != "" {
		trust = "add it to the wallet"
	}
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	_, isUnknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, isName := errors.AsType[x509.HostnameError](err)
	_, isRecord := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case isInvalid && invalid.Reason == x509.Expired:
		return "the server's certificate has expired or is not valid yet: have it renewed, and check this machine's clock"
	case isInvalid:
		return "the server's certificate is not valid: have it issued again"
	case isUnknown:
		return "the authority that issued the server's certificate is not known: " + trust
	case isName:
		return fmt.Sprintf("the server's certificate is not for %q: write the name in it as host", s.host)
	case isRecord:
		return "the server does not speak TLS on this port: TLS has a port of its own (tcps, often 2484)"
	default:
		return ""
	}
}

// scrub withholds a text that holds the password.
func (s *settings) scrub(text string) string { return sqlsource.Withhold(text, s.password) }

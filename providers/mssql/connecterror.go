package mssql

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// logins say what is wrong where the server refuses a login.
var logins = map[int32]string{
	numberLogin:     "the server refuses the user or the password",
	numberUntrusted: "the server refuses this login of Windows: it does not trust the domain, or takes no NTLM",
	18470:           "the login is disabled",
	18486:           "the login is locked out",
	18487:           "the password has expired: somebody must change it",
	18488:           "the password must be changed at the first login: somebody must change it",
	numberDatabase:  "there is no such database, or this login has no user in it",
	numberDefault:   "there is no such database, or this login has no user in it",
	18451:           "only administrators may log in at present",
	18401:           "the server is being upgraded",
	17892:           "a logon trigger of the server refuses the login",
	40615:           "the server's firewall does not let this machine in",
	40914:           "the server's firewall does not let this machine in",
	40613:           "the database is not available at present: try again",
	40532:           "the server refuses the user: with Azure, name the server as Azure does",
}

// failures say what to do about what goes wrong before the server has looked at a login. The driver
// passes on their text only.
var failures = []struct{ part, remedy string }{
	{"certificate has expired or is not yet valid", "the server's certificate has expired, or one of the two clocks is wrong: have the certificate renewed"},
	{"signed by unknown authority", "name the authority that signed the server's certificate in ca_file"},
	{"certificate is not trusted", "name the authority that signed the server's certificate in ca_file"}, // macOS
	{"certificate is valid for", "the certificate is for another name: set hostname_in_certificate to one that it holds"},
	{"cannot validate certificate for", "the certificate does not hold this address: set hostname_in_certificate to a name that it holds"},
	{"certificate is not valid for any names", "the certificate holds no name: set hostname_in_certificate to the address that it holds, or have it renewed"},
	{"legacy Common Name", "the certificate holds its name where it is no longer looked for: have it renewed"},
	{"insecure algorithm SHA1", "the certificate is signed by SHA-1, which is no longer taken: have it renewed"},
	{"protocol version", "the server speaks older versions of TLS only: set tlsmin to \"1.0\" or \"1.1\", or better have the server updated"},
	{"unsupported protocol", "the server speaks older versions of TLS only: set tlsmin to \"1.0\" or \"1.1\", or better have the server updated"},
	{"handshake failure", "the two sides have no cipher of TLS in common: for an old server set tlsmin to \"1.0\""},
	{"server does not support encryption", "the server has no TLS: have it set up; encrypt = \"disable\" does without, and lets all the way read along"},
	{"first record does not look like a TLS handshake", "the server does not know TDS 8.0: set encrypt to \"mandatory\""},
	{"no instance matching", "the server has no such instance, or its SQL Server Browser (UDP 1434) does not answer: write port instead of instance"},
	{"cannot read handshake packet", "the server ended the connection at the handshake of TLS: an old server needs tlsmin = \"1.0\""},
}

// connectError words a failed connection. Its text holds no credentials.
func (s *settings) connectError(err error) error {
	at := fmt.Sprintf("connect to %s: ", s.identity())
	if server, ok := serverError(err); ok {
		if text, ok := logins[server.Number]; ok {
			return fmt.Errorf("%s%w", at, &Error{Number: server.Number, Message: text})
		}
		return fmt.Errorf("%s%w", at, newError(server))
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			return fmt.Errorf("%s%w", at, ended)
		}
	}
	return providers.KeepTransient(errors.New(at+s.wordFailure(err)), err, (*Provider)(nil))
}

// wordFailure says what went wrong before the server looked at the login, and what to do.
func (s *settings) wordFailure(err error) string {
	text := strings.ReplaceAll(sqlsource.Withhold(err.Error(), s.password), "\n", "; ")
	for _, f := range failures {
		if strings.Contains(text, f.part) {
			return strings.TrimPrefix(text, "TLS Handshake failed: ") + "; " + f.remedy
		}
	}
	switch closed := strings.HasSuffix(text, "EOF") || strings.Contains(text, "connection reset"); {
	case closed && s.encrypt == "strict":
		return "the server closed the connection at once: check host and port, and set encrypt to \"mandatory\" for a server older than SQL Server 2022"
	case closed:
		return "the server closed the connection at once: check host and port; it may demand encrypt = \"strict\""
	}
	return text
}

package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/providers"
)

var (
	_ providers.Examiner    = (*source)(nil)
	_ providers.Examiner    = (*destination)(nil)
	_ providers.ClockReader = (*source)(nil)
	_ providers.ClockReader = (*destination)(nil)
	_ providers.Adviser     = (*Provider)(nil)
)

// Advice implements providers.Adviser, by the SQLSTATE where the server answered.
func (*Provider) Advice(err error) string {
	text := err.Error()
	server, answered := errors.AsType[*Error](err)
	switch {
	case answered && strings.HasPrefix(server.Code, "28"): // invalid authorization
		return "check user and password, and that the server's pg_hba.conf lets them in from this machine"
	case answered && server.Code == "3D000":
		return "check the name of the database"
	case answered && server.Code == "53300":
		return "let other programs end, or raise the server's max_connections or the role's CONNECTION LIMIT"
	case answered && strings.HasPrefix(server.Code, "57P"): // starting, stopping
		return "wait until the server is ready"
	case strings.Contains(text, "needs version"):
		return "have the server upgraded"
	case answered, strings.Contains(text, "connection settings"), errors.Is(err, fs.ErrNotExist):
		return ""
	case strings.Contains(text, "x509:"):
		return "name the authority that signed the server's certificate in sslrootcert, and the host as the certificate does"
	case strings.Contains(text, "refused TLS"):
		return `let the server have a certificate (ssl = on); or set sslmode = "disable", which lets all the way read along`
	default:
		return "check host and port, that the server runs there, and that a firewall lets this machine through"
	}
}

// Examine opens a snapshot for it.
func (s *source) Examine(ctx context.Context) (_ []providers.Finding, err error) {
	opened, err := s.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	conn := opened.(*snapshot).conn //nolint:forcetypeassert // it is what Snapshot returns
	found, err := readFacts(ctx, pgxCatalog(conn))
	if err != nil {
		return nil, err
	}
	held := "repeatable read, read only"
	if found.standby {
		held += "; the server is a standby, and may lag behind its primary"
	}
	charset := providers.Finding{Subject: "charset", State: providers.FindingOK, Found: found.encoding}
	switch found.encoding {
	case "UTF8":
	case "SQL_ASCII":
		charset = unchecked("read one of its tables by a view that converts what is not UTF-8, or have the database made anew")
	default:
		charset.Found += ", which the server converts"
	}
	return append([]providers.Finding{
		found.versionFinding(), s.settings.tlsFinding(conn.PgConn().Conn(), s.config.TLSConfig), charset,
		{Subject: "snapshot", State: providers.FindingOK, Found: held},
	}, found.sessionFindings()...), nil
}

// Examine implements providers.Examiner.
func (d *destination) Examine(ctx context.Context) (_ []providers.Finding, err error) {
	conn, err := d.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	found, err := readFacts(ctx, sqlCatalog(conn))
	if err != nil {
		return nil, err
	}
	config, err := d.settings.config(destinationParams())
	if err != nil {
		return nil, err
	}
	var line net.Conn
	if err := onSession(conn, func(s *session) error {
		line = s.Conn.Conn().PgConn().Conn()
		return nil
	}); err != nil {
		return nil, err
	}
	charset := providers.Finding{Subject: "charset", State: providers.FindingOK, Found: found.encoding}
	switch found.encoding {
	case "UTF8":
	case "SQL_ASCII":
		charset = unchecked("make the database anew with ENCODING 'UTF8'")
	default:
		charset.State = providers.FindingWarning
		charset.Found += ": holds no character that " + found.encoding + " lacks; an apply that has one fails"
		charset.Remedy = "make the database anew with ENCODING 'UTF8', or let the mapping replace such characters"
	}
	findings := []providers.Finding{found.versionFinding(), d.settings.tlsFinding(line, config.TLSConfig), charset}
	switch {
	case found.standby:
		findings = append(findings, providers.Finding{
			Subject: "writing", State: providers.FindingProblem,
			Found: "the server is a standby, which nothing can be written to", Remedy: "name the primary",
		})
	case found.readOnly:
		findings = append(findings, providers.Finding{
			Subject: "writing", State: providers.FindingProblem,
			Found: "transactions are read only unless told otherwise", Remedy: "ALTER ROLE " + d.settings.grantee(found.role) + " SET default_transaction_read_only = off;",
		})
	}
	return append(findings, found.sessionFindings()...), nil
}

func unchecked(remedy string) providers.Finding {
	return providers.Finding{
		Subject: "charset", State: providers.FindingWarning,
		Found: "SQL_ASCII: the server does not check what octets mean; those that are not UTF-8 cannot be read", Remedy: remedy,
	}
}

// facts are what a server says of itself and of a session.
type facts struct {
	version, encoding string
	number            int64 // server_version_num
	role              string
	standby, readOnly bool
	settings          map[string]string // of this session, by names in lower case
}

func readFacts(ctx context.Context, q catalog) (*facts, error) {
	f := &facts{settings: map[string]string{}}
	err := q(ctx, func(scan func(...any) error) error {
		return scan(&f.version, &f.number, &f.encoding, &f.role, &f.standby, &f.readOnly)
	}, `SELECT current_setting('server_version'), current_setting('server_version_num')::int8, current_setting('server_encoding'), current_user::text,
  pg_catalog.pg_is_in_recovery(), current_setting('default_transaction_read_only')::bool`)
	if err == nil {
		err = q(ctx, func(scan func(...any) error) error {
			var name, setting string
			if err := scan(&name, &setting); err != nil {
				return err
			}
			f.settings[name] = setting
			return nil
		}, "SELECT lower(name), setting FROM pg_catalog.pg_settings")
	}
	if err != nil {
		return nil, fmt.Errorf("ask the server about itself: %w", safeError(err))
	}
	return f, nil
}

func (f *facts) versionFinding() providers.Finding {
	return providers.Finding{Subject: "version", State: providers.FindingOK, Found: "PostgreSQL " + f.version}
}

// sessionFindings tell whether the session has the settings that it was opened with: a pooler
// between may keep them from the server.
func (f *facts) sessionFindings() []providers.Finding {
	zone := providers.Finding{Subject: "time zone", State: providers.FindingOK, Found: "UTC in registrar's sessions"}
	var lost []string
	for name, want := range sessionParams() {
		got := f.settings[name]
		if got == want || name == "datestyle" && strings.HasPrefix(got, want+",") {
			continue
		}
		if _, known := f.settings[name]; !known {
			continue // an old server, which knows no other way
		}
		lost = append(lost, name)
	}
	if len(lost) == 0 {
		return []providers.Finding{zone}
	}
	slices.Sort(lost)
	zone.State, zone.Remedy = providers.FindingProblem, "connect to the server itself, or let the pooler pass these settings on"
	zone.Subject, zone.Found = "session", "something between here and the server drops settings of the session: "+strings.Join(lost, ", ")
	return []providers.Finding{zone}
}

// tlsFinding says how a connection is protected.
func (s *settings) tlsFinding(line net.Conn, config *tls.Config) providers.Finding {
	f := providers.Finding{Subject: "tls", State: providers.FindingOK}
	encrypted, ok := line.(*tls.Conn)
	switch {
	case !ok && s.isLocal():
		f.Found = "none, and none needed: the server is on this machine"
	case !ok:
		f.State, f.Found = providers.FindingWarning, "none: passwords and rows go to another machine in plain text"
		f.Remedy = `set sslmode = "verify-full"`
	case !config.InsecureSkipVerify:
		f.Found = tlsVersion(encrypted) + ", certificate and host name verified"
	case config.VerifyPeerCertificate != nil:
		f.Found = tlsVersion(encrypted) + ", certificate verified, host name not"
	case s.isLocal():
		f.Found = tlsVersion(encrypted) + ", certificate not verified; the server is on this machine"
	default:
		f.State, f.Found = providers.FindingWarning, tlsVersion(encrypted)+", certificate not verified: another machine could pass for the server"
		f.Remedy = `set sslmode = "verify-full", and sslrootcert where the authority is your own`
	}
	return f
}

func tlsVersion(conn *tls.Conn) string { return tls.VersionName(conn.ConnectionState().Version) }

const nowOfServer = "SELECT pg_catalog.clock_timestamp()"

// ServerTime implements providers.ClockReader.
func (s *source) ServerTime(ctx context.Context) (now time.Time, err error) {
	conn, err := pgx.ConnectConfig(ctx, s.config.Copy())
	if err != nil {
		return now, s.settings.connectError(err)
	}
	defer func() { err = errors.Join(err, leave(ctx, conn)) }()
	return now, safeError(conn.QueryRow(ctx, nowOfServer).Scan(&now))
}

// ServerTime implements providers.ClockReader.
func (d *destination) ServerTime(ctx context.Context) (now time.Time, err error) {
	return now, safeError(d.db.QueryRowContext(ctx, nowOfServer).Scan(&now))
}

// leave closes a connection whose context may be over.
func leave(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	err := conn.Close(ctx)
	select {
	case <-conn.PgConn().CleanupDone():
	case <-ctx.Done():
	}
	return err
}

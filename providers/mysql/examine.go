package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/providers"
)

var (
	_ providers.Examiner          = (*source)(nil)
	_ providers.PrivilegeExaminer = (*source)(nil)
	_ providers.ClockReader       = (*source)(nil)
	_ providers.Adviser           = (*Provider)(nil)
)

// Advice implements providers.Adviser, where the error does not say it itself.
func (*Provider) Advice(err error) string {
	server, answered := errors.AsType[*Error](err)
	switch {
	case answered && (server.Number == 1044 || server.Number == 1049):
		return "check the name of the database, and that the user has rights in it"
	case answered && (server.Number == 1040 || server.Number == 1203 || server.Number == 1226):
		return "let other programs end, or raise the server's max_connections or the user's limits"
	case answered, connectionAdvice(err) != "", strings.Contains(err.Error(), "connection settings"), strings.Contains(err.Error(), "tls_ca"):
		return ""
	case strings.Contains(err.Error(), "tls: "):
		return `the server's TLS is too old or broken: renew the server's, or set tls = "disable", which lets all the way read along`
	default:
		return "check host and port, that the server runs there, and that a firewall lets this machine through"
	}
}

// Examine opens a snapshot for it.
func (s *source) Examine(ctx context.Context) ([]providers.Finding, error) {
	var findings []providers.Finding
	err := s.WithConn(ctx, func(conn *sql.Conn) error {
		found, err := readFacts(ctx, conn)
		if err != nil {
			return err
		}
		findings = []providers.Finding{
			{Subject: "version", State: providers.FindingOK, Found: found.version.String()},
			s.settings.tlsFinding(found.tls), found.charsetFinding(), found.snapshotFinding(), found.sessionFinding(),
		}
		return nil
	})
	return findings, err
}

// ServerTime implements providers.ClockReader.
func (s *source) ServerTime(ctx context.Context) (now time.Time, err error) {
	err = s.WithConn(ctx, func(conn *sql.Conn) error {
		var text string
		if err := conn.QueryRowContext(ctx, "SELECT date_format(utc_timestamp(), '%Y-%m-%d %H:%i:%s')").Scan(&text); err != nil {
			return fmt.Errorf("ask for the time: %w", err)
		}
		var err error
		now, err = time.Parse(time.DateTime, text)
		return err
	})
	return now, err
}

// facts are what a server says of itself and of a session.
type facts struct {
	version version
	tls     string // the version, such as TLSv1.3; "" for none
	charset string // of the database
	zone    string // of the session; so the next two
	mode    string
	limit   string
	fixed   bool // the server takes no writes: it may be a replica
	// unsafe are tables of the database of which no snapshot can be had, with their engine in brackets.
	unsafe []string
}

func readFacts(ctx context.Context, q querier) (*facts, error) {
	f := &facts{}
	var text string
	if err := q.QueryRowContext(ctx, "SELECT version(), @@character_set_database, @@time_zone, @@sql_mode, @@sql_select_limit, @@read_only").
		Scan(&text, &f.charset, &f.zone, &f.mode, &f.limit, &f.fixed); err != nil {
		return nil, fmt.Errorf("ask the server about itself: %w", err)
	}
	f.version = parseVersion(text)
	var name string
	if err := q.QueryRowContext(ctx, "SHOW SESSION STATUS LIKE 'Ssl_version'").Scan(&name, &f.tls); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("ask for the session's encryption: %w", err)
	}
	rows, err := q.QueryContext(ctx, `SELECT t.table_name, t.engine FROM information_schema.tables AS t LEFT JOIN information_schema.engines AS e ON e.engine = t.engine
WHERE t.table_schema = database() AND t.table_type = 'BASE TABLE' AND coalesce(e.transactions, '') <> 'YES' ORDER BY t.table_name`)
	if err != nil {
		return nil, fmt.Errorf("ask for the tables' engines: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		var engine sql.NullString // NULL of a table that is broken
		if err := rows.Scan(&table, &engine); err != nil {
			return nil, err
		}
		f.unsafe = append(f.unsafe, table+" ("+engine.String+")")
	}
	return f, rows.Err()
}

// tlsFinding says how a connection is protected.
func (s *settings) tlsFinding(found string) providers.Finding {
	f := providers.Finding{Subject: "tls", State: providers.FindingOK}
	shown := strings.Replace(found, "TLSv", "TLS ", 1)
	switch {
	case found == "" && s.isLocal():
		f.Found = "none, and none needed: the server is on this machine"
	case found == "":
		f.State, f.Found = providers.FindingWarning, "none: rows go through the network in plain text"
		f.Remedy = `set tls = "verify-full"`
	case s.tls == tlsVerifyFull:
		f.Found = shown + ", certificate and host name verified"
	case s.tls == tlsVerifyCA:
		f.Found = shown + ", certificate verified, host name not"
	case s.isLocal():
		f.Found = shown + ", certificate not verified; the server is on this machine"
	default:
		f.State, f.Found = providers.FindingWarning, shown+", certificate not verified: another machine could pass for the server"
		f.Remedy = `set tls = "verify-full", and tls_ca where the authority is your own`
	}
	return f
}

func (f *facts) charsetFinding() providers.Finding {
	finding := providers.Finding{Subject: "charset", State: providers.FindingOK, Found: f.charset}
	if !strings.HasPrefix(f.charset, "utf8") {
		finding.Found += ", which the server converts"
	}
	return finding
}

// listedTables is how many tables a finding names.
const listedTables = 3

func (f *facts) snapshotFinding() providers.Finding {
	finding := providers.Finding{Subject: "snapshot", State: providers.FindingOK, Found: "repeatable read, read only"}
	if !f.version.readOnly() {
		finding.State, finding.Found = providers.FindingWarning, "repeatable read; the server is too old to have read-only transactions"
		finding.Remedy = "give the source a user who may only read: GRANT SELECT"
	}
	if f.fixed {
		finding.Found += "; the server is read only, and if it is a replica it may lag behind"
	}
	if len(f.unsafe) > 0 {
		names := strings.Join(f.unsafe[:min(len(f.unsafe), listedTables)], ", ")
		if more := len(f.unsafe) - listedTables; more > 0 {
			names += fmt.Sprintf(" and %d more", more)
		}
		finding.State = providers.FindingWarning
		finding.Found += "; of these tables there is none, and what is written to them while they are read may be seen in part: " + names
		finding.Remedy = strings.TrimPrefix(finding.Remedy+"; ALTER TABLE … ENGINE=InnoDB, or plan while nothing is written to them", "; ")
	}
	return finding
}

// sessionFinding tells whether the session has the settings that it was opened with: a proxy between
// may keep them from the server.
func (f *facts) sessionFinding() providers.Finding {
	if f.zone == "+00:00" && f.mode == sqlMode && f.limit == unlimited {
		return providers.Finding{Subject: "time zone", State: providers.FindingOK, Found: "UTC in registrar's sessions"}
	}
	return providers.Finding{
		Subject: "session", State: providers.FindingProblem, Found: "something between here and the server drops settings of the session",
		Remedy: "connect to the server itself, or let the proxy pass settings on",
	}
}

// Privileges implements providers.PrivilegeExaminer.
func (s *source) Privileges(ctx context.Context, needed providers.Needs) ([]providers.Finding, error) {
	var findings []providers.Finding
	err := s.WithConn(ctx, func(conn *sql.Conn) error {
		var user string
		if err := conn.QueryRowContext(ctx, "SELECT current_user()").Scan(&user); err != nil {
			return fmt.Errorf("ask for the user: %w", err)
		}
		grantee := accountName(user)
		report := func(state providers.FindingState, found, remedy string) {
			findings = append(findings, providers.Finding{Subject: "privileges", State: state, Found: found, Remedy: remedy})
		}
		for _, need := range needed.Tables {
			found, err := findTable(ctx, conn, need.Table)
			if errors.Is(err, providers.ErrNoTable) {
				report(providers.FindingProblem, s.SafeError(err).Error(), "correct its name in the configuration; a table that the user has no rights to is not seen either")
				continue
			}
			if err != nil {
				return err
			}
			err = readNothing(ctx, conn, found)
			switch server, refused := errors.AsType[*Error](s.SafeError(err)); {
			case err == nil:
			case refused && (server.Number == codeTableDenied || server.Number == codeColumnDenied):
				report(providers.FindingProblem, "no SELECT on "+need.Table, "GRANT SELECT ON "+found.sql()+" TO "+grantee)
			case refused: // a view of something that is gone
				report(providers.FindingProblem, need.Table+": "+server.Error(), "repair the table or view")
			default:
				return err
			}
		}
		rights, err := writingRights(ctx, conn, grantee)
		if err != nil {
			return err
		}
		if len(rights) > 0 {
			report(providers.FindingWarning, "the user may write ("+strings.Join(rights, ", ")+"), and reading is enough",
				"give the source a user of its own, which may only read: CREATE USER …, then GRANT SELECT")
		}
		return nil
	})
	if err == nil && len(findings) == 0 {
		findings = []providers.Finding{{Subject: "privileges", State: providers.FindingOK, Found: "may read what is needed, and not write"}}
	}
	return findings, err
}

const (
	codeTableDenied  = 1142
	codeColumnDenied = 1143
)

// readNothing fails where a table could not be read.
func readNothing(ctx context.Context, q querier, table relation) error {
	rows, err := q.QueryContext(ctx, "SELECT * FROM "+table.sql()+" WHERE 1 = 0")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		return errors.New("a row where there can be none")
	}
	return rows.Err()
}

// accountName quotes user@host as GRANT, and information_schema, spell it.
func accountName(user string) string {
	name, host := user, "%"
	if i := strings.LastIndexByte(user, '@'); i >= 0 {
		name, host = user[:i], user[i+1:]
	}
	return "'" + name + "'@'" + host + "'"
}

// writingRights lists rights to change rows that the user was given, itself and not by a role.
func writingRights(ctx context.Context, q querier, grantee string) ([]string, error) {
	rows, err := q.QueryContext(ctx, `SELECT privilege_type FROM information_schema.user_privileges WHERE grantee = ? AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'DROP')
UNION SELECT privilege_type FROM information_schema.schema_privileges WHERE grantee = ? AND database() LIKE table_schema AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'DROP')
UNION SELECT privilege_type FROM information_schema.table_privileges WHERE grantee = ? AND table_schema = database() AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'DROP')`, grantee, grantee, grantee)
	if err != nil {
		return nil, fmt.Errorf("ask for the user's rights: %w", err)
	}
	defer rows.Close()
	var rights []string
	for rows.Next() {
		var right string
		if err := rows.Scan(&right); err != nil {
			return nil, err
		}
		rights = append(rights, right)
	}
	slices.Sort(rights)
	return rights, rows.Err()
}

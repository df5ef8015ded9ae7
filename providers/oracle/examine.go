package oracle

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// oldest is the first version that is read from.
const oldest = 9

// Examine implements providers.Examiner.
func (s *source) Examine(ctx context.Context) (findings []providers.Finding, err error) {
	err = s.WithConn(ctx, func(conn *sql.Conn) error {
		for _, ask := range []func(context.Context, *sql.Conn) (providers.Finding, error){
			examineVersion, s.examineTLS, s.examineCharset, examineZone,
		} {
			finding, err := ask(ctx, conn)
			if err != nil {
				return err
			}
			findings = append(findings, finding)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return append(findings, providers.Finding{Subject: "snapshot", State: providers.FindingOK, Found: "read-only transaction"}), nil
}

func examineVersion(ctx context.Context, conn *sql.Conn) (providers.Finding, error) {
	var version string
	err := conn.QueryRowContext(ctx, "SELECT MAX(VERSION) FROM PRODUCT_COMPONENT_VERSION WHERE UPPER(PRODUCT) LIKE 'ORACLE%'").Scan(&version)
	if err != nil {
		return providers.Finding{}, fmt.Errorf("ask for the version: %w", err)
	}
	finding := providers.Finding{Subject: "version", State: providers.FindingOK, Found: "Oracle " + version}
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldest {
		finding.State, finding.Remedy = providers.FindingWarning, fmt.Sprintf("sources are read from version %d on", oldest)
	}
	return finding, nil
}

func (s *source) examineTLS(ctx context.Context, conn *sql.Conn) (providers.Finding, error) {
	var protocol sql.NullString
	if err := conn.QueryRowContext(ctx, "SELECT SYS_CONTEXT('USERENV', 'NETWORK_PROTOCOL') FROM DUAL").Scan(&protocol); err != nil {
		return providers.Finding{}, fmt.Errorf("ask for the protocol: %w", err)
	}
	switch {
	case s.settings.tls:
		return providers.Finding{Subject: "tls", State: providers.FindingOK, Found: "TLS, certificate verified"}, nil
	case sqlsource.IsThisMachine(s.settings.host):
		return providers.Finding{Subject: "tls", State: providers.FindingOK, Found: "none; the server is this machine"}, nil
	default:
		return providers.Finding{
			Subject: "tls", State: providers.FindingWarning, Found: "none: rows travel readable, unless the server encrypts them by itself",
			Remedy: "set tls = true and the port of the listener's TCPS endpoint",
		}, nil
	}
}

func (s *source) examineCharset(context.Context, *sql.Conn) (providers.Finding, error) {
	known := s.engine.charset.Load()
	finding := providers.Finding{Subject: "charset", State: providers.FindingOK, Found: known.String()}
	if known != nil && known.id == charsetASCII {
		finding.State = providers.FindingWarning
		finding.Remedy = "letters beyond ASCII that programs stored there nevertheless are refused: have the database converted, or read them by UTL_I18N.RAW_TO_NCHAR(UTL_RAW.CAST_TO_RAW(…), 'WE8MSWIN1252')"
	}
	return finding, nil
}

func examineZone(ctx context.Context, conn *sql.Conn) (providers.Finding, error) {
	var database, session string
	if err := conn.QueryRowContext(ctx, "SELECT DBTIMEZONE, SESSIONTIMEZONE FROM DUAL").Scan(&database, &session); err != nil {
		return providers.Finding{}, fmt.Errorf("ask for the time zone: %w", err)
	}
	return providers.Finding{Subject: "time zone", State: providers.FindingOK, Found: database + "; a DATE has none"}, nil
}

// examinePrivileges warns of a user who can write.
func examinePrivileges(ctx context.Context, conn *sql.Conn) (providers.Finding, error) {
	held, err := texts(ctx, conn, `SELECT ROLE FROM SESSION_ROLES WHERE ROLE IN ('DBA', 'IMP_FULL_DATABASE', 'DATAPUMP_IMP_FULL_DATABASE')
UNION SELECT PRIVILEGE FROM SESSION_PRIVS WHERE PRIVILEGE LIKE 'INSERT ANY%' OR PRIVILEGE LIKE 'UPDATE ANY%' OR PRIVILEGE LIKE 'DELETE ANY%'
OR PRIVILEGE LIKE 'DROP ANY%' OR PRIVILEGE LIKE 'ALTER ANY%' OR PRIVILEGE LIKE 'EXECUTE ANY%' OR PRIVILEGE LIKE 'GRANT ANY%'
UNION SELECT PRIVILEGE || ' on ' || OWNER || '.' || TABLE_NAME FROM USER_TAB_PRIVS_RECD WHERE PRIVILEGE IN ('INSERT', 'UPDATE', 'DELETE', 'ALTER')
ORDER BY 1`)
	if err != nil {
		return providers.Finding{}, fmt.Errorf("ask for the privileges: %w", err)
	}
	if len(held) == 0 {
		return providers.Finding{Subject: "privileges", State: providers.FindingOK, Found: "nothing that would let it write"}, nil
	}
	const shown = 3
	found := strings.Join(held[:min(len(held), shown)], ", ")
	if len(held) > shown {
		found += fmt.Sprintf(" and %d more", len(held)-shown)
	}
	return providers.Finding{
		Subject: "privileges", State: providers.FindingWarning, Found: "it holds " + found,
		Remedy: "read as a user who has only CREATE SESSION, and SELECT on the tables that are read",
	}, nil
}

func texts(ctx context.Context, conn *sql.Conn, query string) ([]string, error) {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// Privileges implements providers.PrivilegeExaminer.
func (s *source) Privileges(ctx context.Context, needed providers.Needs) (findings []providers.Finding, err error) {
	err = s.WithConn(ctx, func(conn *sql.Conn) error {
		for _, need := range needed.Tables {
			if !need.Select {
				continue
			}
			finding, err := s.examineTable(ctx, conn, need.Table)
			if err != nil {
				return err
			}
			if finding.State != providers.FindingOK {
				findings = append(findings, finding)
			}
		}
		excess, err := examinePrivileges(ctx, conn)
		if err != nil {
			return err
		}
		if excess.State != providers.FindingOK || len(findings) == 0 {
			findings = append(findings, excess)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return findings, nil
}

// examineTable tells whether a table can be read. The catalogue shows some that cannot.
func (s *source) examineTable(ctx context.Context, conn *sql.Conn, table string) (providers.Finding, error) {
	name, err := s.engine.TableName(ctx, conn, table)
	granted := table
	if err == nil {
		granted = name
		_, err = texts(ctx, conn, "SELECT 'x' FROM "+name+" WHERE 1 = 0")
	}
	var refused *Error
	switch {
	case err == nil:
		return providers.Finding{Subject: "privileges", State: providers.FindingOK}, nil
	case errors.Is(err, providers.ErrNoTable) || errors.As(err, &refused):
		return providers.Finding{
			Subject: "privileges", State: providers.FindingProblem, Found: fmt.Sprintf("table %s cannot be read: %v", table, s.SafeError(err)),
			Remedy: fmt.Sprintf("GRANT SELECT ON %s TO %s", granted, reference(strings.ToUpper(s.settings.user))),
		}, nil
	default:
		return providers.Finding{}, err
	}
}

// ServerTime implements providers.ClockReader.
func (s *source) ServerTime(ctx context.Context) (now time.Time, err error) {
	err = s.WithConn(ctx, func(conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, "SELECT SYSTIMESTAMP FROM DUAL").Scan(&now)
	})
	return now, err
}

package mssql

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

var (
	_ providers.Examiner          = (*source)(nil)
	_ providers.PrivilegeExaminer = (*source)(nil)
	_ providers.ClockReader       = (*source)(nil)
	_ providers.Adviser           = (*Provider)(nil)
)

// Advice implements providers.Adviser, for the errors that do not say it themselves.
func (*Provider) Advice(err error) string {
	server, answered := errors.AsType[*Error](err)
	switch {
	case answered && server.Number == numberLogin:
		return "check user and password, and that the server takes SQL logins besides those of Windows"
	case answered && (server.Number == numberDatabase || server.Number == numberDefault):
		return "check the name of the database, and let the login have a user in it"
	case answered && server.Number == numberUntrusted:
		return "use a SQL login, or one of a domain that the server trusts"
	case answered, errors.Is(err, fs.ErrNotExist):
		return ""
	case strings.Contains(err.Error(), "connection refused"), strings.Contains(err.Error(), "no such host"), strings.Contains(err.Error(), "timeout"):
		return "check host and port, that the server runs there with TCP/IP enabled, and that a firewall lets this machine through"
	}
	return ""
}

// oldestSource is the major version of SQL Server 2005.
const oldestSource = 9

// products are named by their major version.
var products = map[int]string{
	9: "SQL Server 2005", 10: "SQL Server 2008", 11: "SQL Server 2012", 12: "SQL Server 2014", 13: "SQL Server 2016",
	14: "SQL Server 2017", 15: "SQL Server 2019", 16: "SQL Server 2022", 17: "SQL Server 2025",
}

// checkVersion refuses servers that are too old.
func checkVersion(version string) error {
	if major := majorVersion(version); major < oldestSource {
		return fmt.Errorf("the server is of version %s, and a source needs SQL Server 2005 (9.0) or newer", version)
	}
	return nil
}

func majorVersion(version string) int {
	major, _, _ := strings.Cut(version, ".")
	n, _ := strconv.Atoi(major)
	return n
}

// factsText asks what an examination is about. Where a login may not know, NULL comes.
const factsText = `SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)), CAST(SERVERPROPERTY('Edition') AS nvarchar(128)),
CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128)), QUOTENAME(DB_NAME()), SUSER_SNAME(), USER_NAME(),
d.snapshot_isolation_state, d.is_read_committed_snapshot_on, d.is_read_only,
IS_SRVROLEMEMBER('sysadmin'), IS_MEMBER('db_owner'), IS_MEMBER('db_ddladmin'),
HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'INSERT'), HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'UPDATE'),
HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'DELETE'),
(SELECT TOP 1 QUOTENAME(s.name) + N'.' + QUOTENAME(t.name) FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
 WHERE HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), 'OBJECT', 'INSERT') = 1
 OR HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), 'OBJECT', 'UPDATE') = 1
 OR HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), 'OBJECT', 'DELETE') = 1 ORDER BY s.name, t.name)
FROM sys.databases AS d WHERE d.name = DB_NAME()`

// facts are what the server says of itself, the database and the login.
type facts struct {
	version, edition, collation, database, login, user sql.NullString
	keepsVersions                                      int
	committedSnapshot, readOnly                        bool
	sysadmin, owner, ddl                               sql.NullBool
	inserts, updates, deletes                          sql.NullBool
	writable                                           sql.NullString // a table that may be written
}

func readFacts(ctx context.Context, conn *sql.Conn) (*facts, error) {
	f := &facts{}
	err := conn.QueryRowContext(ctx, factsText).Scan(&f.version, &f.edition, &f.collation, &f.database, &f.login, &f.user,
		&f.keepsVersions, &f.committedSnapshot, &f.readOnly, &f.sysadmin, &f.owner, &f.ddl, &f.inserts, &f.updates, &f.deletes, &f.writable)
	return f, err
}

// Examine implements providers.Examiner.
func (s *source) Examine(ctx context.Context) ([]providers.Finding, error) {
	var found *facts
	err := s.WithConn(ctx, func(conn *sql.Conn) (err error) {
		found, err = readFacts(ctx, conn)
		return err
	})
	if err != nil {
		return nil, err
	}
	return []providers.Finding{found.versionFinding(), s.tlsFinding(), found.charsetFinding(), found.snapshotFinding(), found.rightsFinding()}, nil
}

func (f *facts) versionFinding() providers.Finding {
	text := f.version.String
	if name, ok := products[majorVersion(text)]; ok {
		text = name + ", " + text
	}
	return providers.Finding{Subject: "version", State: providers.FindingOK, Found: strings.TrimSuffix(text+", "+f.edition.String, ", ")}
}

func (s *source) tlsFinding() providers.Finding {
	finding := providers.Finding{Subject: "tls", State: providers.FindingOK}
	if s.settings.encrypt == "disable" {
		finding.State, finding.Found = providers.FindingWarning, "none: the password and all rows can be read on the way"
		finding.Remedy = "leave out encrypt; tlsmin is for servers that do old versions of TLS only"
		return finding
	}
	version := uint16(s.tls.version.Load())
	finding.Found = tls.VersionName(version) + ", certificate verified"
	var remedies []string
	if s.settings.trustCertificate {
		finding.Found = tls.VersionName(version) + ", certificate not verified"
		remedies = append(remedies, "leave out trust_certificate, and name the authority that signed the certificate in ca_file")
	}
	if version < tls.VersionTLS12 {
		remedies = append(remedies, "have the server updated so that it does TLS 1.2, and leave out tlsmin")
	}
	if len(remedies) > 0 {
		finding.State, finding.Remedy = providers.FindingWarning, strings.Join(remedies, "; ")
	}
	return finding
}

func (f *facts) charsetFinding() providers.Finding {
	return providers.Finding{Subject: "charset", State: providers.FindingOK, Found: "collation " + f.collation.String}
}

// allowSnapshot is the remedy for reads that may not agree.
func (f *facts) allowSnapshot() string {
	return "let somebody who may alter the database run ALTER DATABASE " + f.database.String + " SET ALLOW_SNAPSHOT_ISOLATION ON"
}

func (f *facts) snapshotFinding() providers.Finding {
	finding := providers.Finding{Subject: "snapshot", State: providers.FindingOK}
	switch {
	case f.readOnly:
		finding.Found = "the database is read-only"
	case f.keepsVersions == 1:
		finding.Found = "snapshot isolation"
	case f.committedSnapshot:
		finding.State, finding.Found = providers.FindingWarning, "read committed, on a snapshot per query: two tables may be read as of different moments"
		finding.Remedy = f.allowSnapshot()
	default:
		finding.State, finding.Found = providers.FindingWarning, "read committed: tables may be read as of different moments, and a row that moves meanwhile may be missed or read twice"
		finding.Remedy = f.allowSnapshot()
	}
	return finding
}

// rightsFinding: SQL Server has no read-only transaction, so that a login that cannot write is what
// protects a source in the end.
func (f *facts) rightsFinding() providers.Finding {
	remedy := "let the source have a login of its own, whose user has the database role db_datareader and no other"
	warn := func(what string) providers.Finding {
		return providers.Finding{Subject: "privileges", State: providers.FindingWarning, Found: f.login.String + " " + what, Remedy: remedy}
	}
	var rights []string
	for _, right := range []struct {
		held sql.NullBool
		name string
	}{{f.inserts, "insert"}, {f.updates, "update"}, {f.deletes, "delete"}} {
		if right.held.Bool {
			rights = append(rights, right.name)
		}
	}
	switch {
	case f.sysadmin.Bool:
		return warn("is an administrator of the server, and may change everything")
	case f.owner.Bool:
		return warn("owns the database, and may change everything in it")
	case len(rights) > 0:
		return warn("may " + strings.Join(rights, ", ") + " in the whole database")
	case f.ddl.Bool:
		return warn("may change the structure of the database")
	case f.writable.Valid:
		return warn("may write to " + f.writable.String + ", if not to others")
	}
	return providers.Finding{Subject: "privileges", State: providers.FindingOK, Found: f.login.String + " may read only"}
}

// Privileges implements providers.PrivilegeExaminer.
func (s *source) Privileges(ctx context.Context, needed providers.Needs) ([]providers.Finding, error) {
	var findings []providers.Finding
	err := s.WithConn(ctx, func(conn *sql.Conn) error {
		found, err := readFacts(ctx, conn)
		if err != nil {
			return err
		}
		for _, need := range needed.Tables {
			object, all, err := findObject(ctx, conn, need.Table)
			if err != nil {
				return err
			}
			if object == nil {
				names := make([]string, len(all))
				for i, o := range all {
					names[i] = o.shown()
				}
				findings = append(findings, providers.Finding{
					Subject: "privileges", State: providers.FindingProblem, Found: sqlsource.NoTable(need.Table, names).Error(),
					Remedy: "check the name; a table that the login may not read is not seen at all",
				})
				continue
			}
			var reads sql.NullBool
			if err := conn.QueryRowContext(ctx, "SELECT HAS_PERMS_BY_NAME(@p1, 'OBJECT', 'SELECT')", object.sql()).Scan(&reads); err != nil {
				return err
			}
			if need.Select && !reads.Bool {
				findings = append(findings, providers.Finding{
					Subject: "privileges", State: providers.FindingProblem, Found: found.login.String + " may not read " + need.Table,
					Remedy: "GRANT SELECT ON " + object.sql() + " TO " + quote(found.user.String),
				})
			}
		}
		if rights := found.rightsFinding(); rights.State != providers.FindingOK || len(findings) == 0 {
			findings = append(findings, rights)
		}
		return nil
	})
	return findings, err
}

// ServerTime implements providers.ClockReader.
func (s *source) ServerTime(ctx context.Context) (now time.Time, err error) {
	err = s.WithConn(ctx, func(conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, "SELECT GETUTCDATE()").Scan(&now)
	})
	return now, err
}

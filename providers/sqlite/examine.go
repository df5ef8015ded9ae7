package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/providers"
)

var (
	_ providers.Examiner          = (*source)(nil)
	_ providers.Examiner          = (*destination)(nil)
	_ providers.PrivilegeExaminer = (*source)(nil)
	_ providers.Adviser           = (*Provider)(nil)
)

const (
	adviceWritable = "let the user who runs registrar write the file and its folder"
	adviceBusy     = "wait until it has ended, or give apply longer with --lock-timeout"
)

// Advice implements providers.Adviser.
func (*Provider) Advice(err error) string {
	engine, ok := errors.AsType[*sqlite.Error](err)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "create = true"):
		return "correct path, which starts at the configuration's folder, or let the file be there"
	case errors.Is(err, providers.ErrLocked):
		return "wait until the process that writes to the file has ended"
	case !ok:
		return ""
	case engine.Code()&0xff == lib.SQLITE_READONLY:
		return adviceWritable
	case engine.Code()&0xff == lib.SQLITE_NOTADB:
		return "correct path: this is another kind of file, or an encrypted one"
	case engine.Code()&0xff == lib.SQLITE_CANTOPEN:
		return "let the user who runs registrar read the file and its folder, and write both where it is a destination"
	default:
		return ""
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
	findings, journal, err := examine(ctx, conn)
	if err != nil {
		return nil, err
	}
	held := providers.Finding{Subject: "snapshot", State: providers.FindingOK, Found: "read only; others can write meanwhile"}
	if journal != "wal" {
		held.Found = "read only; others wait with writing meanwhile (journal_mode = " + journal + ")"
	}
	return append(findings, held), nil
}

// Examine takes the write lock for a moment.
func (d *destination) Examine(ctx context.Context) (_ []providers.Finding, err error) {
	conn, err := d.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	findings, _, err := examine(ctx, conn)
	if err != nil {
		return nil, err
	}
	writing, err := d.examineWriting(ctx, conn)
	return append(findings, writing), err
}

// probe is a table that never comes to be.
const probe = registerPrefix + "probe"

func (d *destination) examineWriting(ctx context.Context, conn *sql.Conn) (providers.Finding, error) {
	f := providers.Finding{Subject: "writing", State: providers.FindingOK, Found: "the file may be written"}
	tx, err := d.Begin(ctx, conn, 0)
	if err == nil {
		// The lock is to be had of a file, too, that cannot be written. What is rolled back leaves nothing.
		_, err = tx.ExecContext(ctx, "CREATE TABLE "+quote(probe)+" (a)")
		err = errors.Join(err, tx.Rollback())
	}
	engine, ok := errors.AsType[*sqlite.Error](err)
	switch {
	case err == nil:
	case errors.Is(err, providers.ErrLocked):
		f.State, f.Found = providers.FindingWarning, "another process is writing to the file"
		f.Remedy = adviceBusy
	case ok && engine.Code()&0xff == lib.SQLITE_READONLY:
		f.State, f.Found = providers.FindingProblem, "the file is read only"
		f.Remedy = adviceWritable
	default:
		return f, err
	}
	return f, nil
}

// examine asks what sources and destinations have in common.
func examine(ctx context.Context, conn *sql.Conn) (findings []providers.Finding, journal string, err error) {
	var version, encoding string
	if err := conn.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return nil, "", fmt.Errorf("ask for the version: %w", err)
	}
	for pragma, into := range map[string]*string{"encoding": &encoding, "journal_mode": &journal} {
		if err := conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(into); err != nil {
			return nil, "", fmt.Errorf("ask for the %s: %w", pragma, err)
		}
	}
	return []providers.Finding{
		{Subject: "version", State: providers.FindingOK, Found: "SQLite " + version + ", part of this program"},
		{Subject: "charset", State: providers.FindingOK, Found: encoding},
	}, journal, nil
}

// Privileges looks for the tables: who may read the file may read them all.
func (s *source) Privileges(ctx context.Context, needed providers.Needs) ([]providers.Finding, error) {
	var findings []providers.Finding
	for _, need := range needed.Tables {
		found, err := findRelation(ctx, s.db, need.Table)
		if err != nil {
			return nil, err
		}
		if found != nil {
			continue
		}
		names, err := relationNames(ctx, s.db, "table", "view", "virtual")
		if err != nil {
			return nil, err
		}
		findings = append(findings, providers.Finding{
			Subject: "privileges", State: providers.FindingProblem,
			Found:  fmt.Sprintf("no table %q.%s", need.Table, suggest.Question(need.Table, names)),
			Remedy: "correct its name in the configuration",
		})
	}
	if len(findings) == 0 {
		findings = append(findings, providers.Finding{Subject: "privileges", State: providers.FindingOK, Found: "the file may be read"})
	}
	return findings, nil
}

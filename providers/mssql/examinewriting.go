package mssql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/providers"
)

var (
	_ providers.Examiner          = (*destination)(nil)
	_ providers.PrivilegeExaminer = (*destination)(nil)
	_ providers.ClockReader       = (*destination)(nil)
)

// withConn asks on a connection of its own.
func (d *destination) withConn(ctx context.Context, ask func(conn *sql.Conn) error) (err error) {
	conn, err := d.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := ask(conn); err != nil {
		return fmt.Errorf("ask the server: %w", safeError(err))
	}
	return nil
}

// Examine implements providers.Examiner.
func (d *destination) Examine(ctx context.Context) ([]providers.Finding, error) {
	var found *facts
	err := d.withConn(ctx, func(conn *sql.Conn) (err error) {
		found, err = readFacts(ctx, conn)
		return err
	})
	if err != nil {
		return nil, err
	}
	like := &source{settings: d.settings, tls: d.tls}
	snapshot := providers.Finding{Subject: "snapshot", State: providers.FindingOK, Found: "snapshot isolation"}
	if found.keepsVersions != 1 {
		snapshot.State, snapshot.Found = providers.FindingWarning, "serializable: while a plan is compared, or applied, others wait before they write to its tables"
		snapshot.Remedy = found.allowSnapshot()
	}
	return []providers.Finding{found.versionFinding(), like.tlsFinding(), found.charsetFinding(), snapshot}, nil
}

// right is one that a destination needs.
type right struct {
	name      string // as GRANT spells it
	securable string // quoted; "": the database
	class     string // OBJECT or SCHEMA
}

func (r right) shown() string {
	if r.securable == "" {
		return r.name
	}
	return r.name + " ON " + r.class + "::" + r.securable
}

// Privileges implements providers.PrivilegeExaminer. Columns of other tables that refer to rows are not
// asked for: whoever may not see them is not shown the keys either.
func (d *destination) Privileges(ctx context.Context, needed providers.Needs) ([]providers.Finding, error) {
	var findings []providers.Finding
	err := d.withConn(ctx, func(conn *sql.Conn) error {
		found, err := readFacts(ctx, conn)
		if err != nil {
			return err
		}
		rights := registerRights(needed)
		for _, need := range needed.Tables {
			table, err := find(ctx, conn, need.Table)
			if err != nil {
				return err
			}
			for _, wants := range []struct {
				name string
				so   bool
			}{
				{"SELECT", need.Select},
				{"VIEW DEFINITION", true},
				{"INSERT", need.Insert && needed.Apply},
				{"UPDATE", need.Update && needed.Apply},
				{"DELETE", need.Delete && needed.Apply},
			} {
				if wants.so {
					rights = append(rights, right{wants.name, table.sql(), "OBJECT"})
				}
			}
		}
		for _, r := range rights {
			held, err := r.held(ctx, conn, found.database.String)
			if err != nil {
				return err
			}
			if !held {
				findings = append(findings, providers.Finding{
					Subject: "privileges", State: providers.FindingProblem, Found: found.login.String + " lacks " + r.shown(),
					Remedy: "GRANT " + r.shown() + " TO " + quote(found.user.String),
				})
			}
		}
		if len(findings) == 0 {
			findings = []providers.Finding{{Subject: "privileges", State: providers.FindingOK, Found: fmt.Sprintf("%s has the %d that are needed", found.login.String, len(rights))}}
		}
		return nil
	})
	return findings, err
}

func registerRights(needed providers.Needs) []right {
	if !needed.Register {
		return nil
	}
	rights := []right{{"CREATE TABLE", "", ""}}
	for _, name := range []string{"ALTER", "SELECT", "INSERT", "UPDATE", "DELETE"} {
		rights = append(rights, right{name, quote(stagingSchema), "SCHEMA"})
	}
	add := func(name string, tables ...string) {
		for _, table := range tables {
			rights = append(rights, right{name, dialect{}.RegisterTable(table), "OBJECT"})
		}
	}
	add("SELECT", "meta", "plan", "operation", "finding", "execution", "override", "run", "run_beat", "pause", "author", "approval", "disclosure", "redaction")
	add("INSERT", "plan", "operation", "finding", "author")
	if needed.Apply {
		add("INSERT", "execution", "override", "disclosure", "redaction", "run", "run_beat", "pause")
		add("UPDATE", "run", "run_beat", "pause")
	}
	return rights
}

func (r right) held(ctx context.Context, q providers.Querier, database string) (bool, error) {
	securable, class := r.securable, r.class
	if securable == "" {
		securable, class = database, "DATABASE"
	}
	var held sql.NullBool
	err := q.QueryRowContext(ctx, "SELECT HAS_PERMS_BY_NAME(@p1, @p2, @p3)", securable, class, r.name).Scan(&held)
	return held.Bool, err
}

// ServerTime implements providers.ClockReader.
func (d *destination) ServerTime(ctx context.Context) (now time.Time, err error) {
	err = d.withConn(ctx, func(conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, "SELECT SYSUTCDATETIME()").Scan(&now)
	})
	return now, err
}

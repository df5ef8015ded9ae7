package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Borrower = (*destination)(nil)

// loan is a table of the destination's own database.
type loan struct {
	table   *relation
	columns []sqlgen.Column
}

// readableInPlace says of a table whether this role may read all of it, and nothing runs when it
// is read: no rule or policy, no foreign server, no column that is computed then. The partitions of
// a table cannot be NULL where it is not; its heirs might.
const readableInPlace = `WITH RECURSIVE tree(oid) AS (
  SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree ON tree.oid = i.inhparent)
SELECT c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.oid >= 16384
AND pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
AND NOT pg_catalog.row_security_active(c.oid) AND (c.relkind = 'p' OR (SELECT count(*) FROM tree) = 1)
AND NOT EXISTS (SELECT FROM tree JOIN pg_catalog.pg_class AS p ON p.oid = tree.oid JOIN pg_catalog.pg_am AS a ON a.oid = p.relam
  WHERE p.relkind = 'r' AND a.amname <> 'heap')
AND NOT EXISTS (SELECT FROM tree JOIN pg_catalog.pg_class AS p ON p.oid = tree.oid WHERE p.relkind NOT IN ('r', 'p'))
AND NOT EXISTS (SELECT FROM tree JOIN pg_catalog.pg_attribute AS a ON a.attrelid = tree.oid JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  WHERE a.attnum > 0 AND NOT a.attisdropped AND (a.attgenerated NOT IN ('', 's') OR t.typtype = 'd'))
AND NOT EXISTS (SELECT FROM tree JOIN pg_catalog.pg_constraint AS k ON k.conrelid = tree.oid WHERE k.contype = 'n' AND NOT k.convalidated)
FROM pg_catalog.pg_class AS c WHERE c.oid = $2::oid`

// PrepareLoan proves that source and destination are one database by a lock that one takes and the
// other sees: names, ports and settings prove nothing.
func (d *destination) PrepareLoan(ctx context.Context, from providers.Snapshot, query providers.Query) (_ providers.Loan, err error) {
	source, ok := from.(*snapshot)
	if !ok || query.SQL != "" || query.From != nil || source.open != nil {
		return nil, fmt.Errorf("%w: it is not a whole table of a PostgreSQL source", providers.ErrNoLoan)
	}
	if _, err := source.conn.Exec(ctx, "SAVEPOINT reading"); err != nil {
		return nil, fmt.Errorf("look at the source: %w", safeError(err))
	}
	defer func() { err = errors.Join(err, source.endRead(ctx)) }()
	there := pgxCatalog(source.conn)
	found, err := findRelation(ctx, there, query.Table)
	if err != nil || found == nil {
		return nil, fmt.Errorf("%w: table %q is not found", providers.ErrNoLoan, query.Table)
	}
	key := rand.Int64()
	var taken bool
	var by int64
	if err := source.conn.QueryRow(ctx, "SELECT pg_catalog.pg_try_advisory_xact_lock($1::int8), pg_catalog.pg_backend_pid()", key).Scan(&taken, &by); err != nil || !taken {
		return nil, fmt.Errorf("%w: the source takes no lock", providers.ErrNoLoan)
	}
	here := sqlCatalog(d.db)
	var same bool
	err = here(ctx, func(scan func(...any) error) error { return scan(&same) }, `SELECT EXISTS (SELECT FROM pg_catalog.pg_locks AS l
WHERE pg_catalog.getdatabaseencoding() = 'UTF8' AND l.locktype = 'advisory' AND l.granted AND l.pid = $1::int4 AND l.objsubid = 1 AND (l.classid::int8 << 32) | l.objid::int8 = $2::int8
AND l.database = (SELECT b.oid FROM pg_catalog.pg_database AS b WHERE b.datname = pg_catalog.current_database()))`, by, key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", providers.ErrNoLoan, safeError(err))
	}
	if !same {
		return nil, fmt.Errorf("%w: the source is another database", providers.ErrNoLoan)
	}
	for _, side := range []catalog{there, here} {
		if readable, err := isReadableInPlace(ctx, side, found); err != nil || !readable {
			return nil, fmt.Errorf("%w: table %q is more than rows, or not for both roles", providers.ErrNoLoan, query.Table)
		}
	}
	described := &sqlgen.Table{}
	if err := readColumns(ctx, here, found, described); err != nil {
		return nil, fmt.Errorf("%w: %w", providers.ErrNoLoan, safeError(err))
	}
	return &loan{table: found, columns: described.Columns}, nil
}

func isReadableInPlace(ctx context.Context, q catalog, table *relation) (is bool, err error) {
	err = q(ctx, func(scan func(...any) error) error { return scan(&is) }, readableInPlace, table.oid, table.oid)
	return is, err
}

// Columns are the table's.
func (l *loan) Columns() []sqlgen.Column { return l.columns }

// Table is qualified and quoted.
func (l *loan) Table() string { return l.table.sql() }

// Lends takes columns of which a relay would neither cast nor look at a value.
func (l *loan) Lends(c providers.RelayColumn) bool {
	from, to := l.columns[c.From], c.Column
	if from.Type != to.Type || from.Collation != to.Collation || to.NotNull && !from.NotNull {
		return false
	}
	if to.Type.Kind == value.Text && to.Type.SQL != "text" && !strings.HasPrefix(to.Type.SQL, "character varying") {
		return false
	}
	expr, ok := converted("x", from.Type, to.Type)
	return ok && !strings.HasPrefix(expr, "CASE")
}

// TakeLoans takes the weakest lock, beside which no statement changes a table's form, or empties it past the
// sight of snapshots. To lock takes no snapshot; to look at the tables again does.
func (d *destination) TakeLoans(ctx context.Context, tx *sql.Tx, loans []providers.Loan) error {
	list := make([]*loan, len(loans))
	for i, one := range loans {
		var ok bool
		if list[i], ok = one.(*loan); !ok {
			return fmt.Errorf("unexpected loan %T", one)
		}
	}
	var timeout string
	if err := tx.QueryRowContext(ctx, "SHOW lock_timeout").Scan(&timeout); err != nil {
		return fmt.Errorf("lock the source's tables: %w", safeError(err))
	}
	// Whoever holds a table may want another of them: while this waits for one, it holds none.
	for first := 0; first >= 0; {
		if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = 0; SAVEPOINT lending; LOCK TABLE "+list[first].Table()+" IN ACCESS SHARE MODE"); err != nil {
			return fmt.Errorf("lock table %s: %w", list[first].Table(), safeError(err))
		}
		held, err := lockAtOnce(ctx, tx, list)
		if err != nil {
			return fmt.Errorf("lock table %s: %w", list[held].Table(), safeError(err))
		}
		first = held
	}
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = "+literal(timeout)); err != nil {
		return fmt.Errorf("lock the source's tables: %w", safeError(err))
	}
	for _, one := range list {
		if err := one.verify(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// lockAtOnce locks all the tables, or none and returns the index of one that another holds; -1 where they
// are locked.
func lockAtOnce(ctx context.Context, tx *sql.Tx, list []*loan) (int, error) {
	for i, one := range list {
		_, err := tx.ExecContext(ctx, "LOCK TABLE "+one.Table()+" IN ACCESS SHARE MODE NOWAIT")
		if server, ok := errors.AsType[*pgconn.PgError](err); ok && server.Code == codeLockNotAvailable {
			_, err = tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT lending; RELEASE SAVEPOINT lending")
			return i, err
		}
		if err != nil {
			return i, err
		}
	}
	_, err := tx.ExecContext(ctx, "RELEASE SAVEPOINT lending")
	return -1, err
}

// verify looks at the locked table again.
func (l *loan) verify(ctx context.Context, tx *sql.Tx) error {
	q := sqlCatalog(tx)
	readable, err := isReadableInPlace(ctx, q, l.table)
	described := &sqlgen.Table{}
	if err == nil {
		err = readColumns(ctx, q, l.table, described)
	}
	var named bool
	if err == nil {
		err = q(ctx, func(scan func(...any) error) error { return scan(&named) }, "SELECT coalesce(pg_catalog.to_regclass($1::text) = $2::oid, false)", l.Table(), l.table.oid)
	}
	if err != nil {
		return fmt.Errorf("describe table %s: %w", l.Table(), safeError(err))
	}
	if !readable || !named || !slices.Equal(described.Columns, l.columns) {
		return fmt.Errorf("table %s has been changed since the plan was begun: plan again", l.Table())
	}
	return nil
}

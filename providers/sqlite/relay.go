package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Relayer = (*destination)(nil)

// attached is the schema that a source's file is while its rows are copied.
const attached = `"registrar_source"`

// relay is a table of another file. The snapshot's transaction keeps its columns as
// they are.
type relay struct {
	snapshot *snapshot
	table    *relation
	columns  []providers.Column
	most     int64 // as in providers.Query
}

// PrepareRelay relays tables of SQLite files. The names in a query would be looked up among the
// destination's tables, too; and a view may compute what the destination must not.
func (*destination) PrepareRelay(ctx context.Context, from providers.Snapshot, query providers.Query) (providers.Relay, error) {
	source, ok := from.(*snapshot)
	if !ok || query.SQL != "" || query.From != nil {
		return nil, fmt.Errorf("%w: the source is not a whole table of a SQLite file", providers.ErrNoRelay)
	}
	found, err := findRelation(ctx, source.conn, query.Table)
	if err != nil {
		return nil, err
	}
	if found == nil || found.kind != "table" {
		return nil, fmt.Errorf("%w: %q is not a table", providers.ErrNoRelay, query.Table)
	}
	columns, _, err := describe(ctx, source.conn, "SELECT * FROM "+found.quoted())
	if err != nil {
		return nil, err
	}
	return &relay{snapshot: source, table: found, columns: columns, most: query.Most}, nil
}

// Columns are the table's.
func (r *relay) Columns() []providers.Column { return r.columns }

// Close does nothing: what Run attached it detached.
func (*relay) Close() error { return nil }

// Run attaches the source's file and copies what is stored, where for each value that is
// what decoding would store. progress is told at the end.
func (r *relay) Run(ctx context.Context, conn *sql.Conn, stage string, columns []providers.RelayColumn, progress func(rows int64)) (rows int64, err error) {
	if len(columns) == 0 {
		return 0, fmt.Errorf("%w: no columns", providers.ErrNoRelay)
	}
	file := fileURI(r.snapshot.path, url.Values{"mode": {"ro"}})
	if _, err := conn.ExecContext(ctx, "ATTACH DATABASE ?1 AS "+attached, file); err != nil {
		return 0, r.unable(ctx, err)
	}
	defer func() {
		if _, failed := conn.ExecContext(context.WithoutCancel(ctx), "DETACH DATABASE "+attached); failed != nil {
			// Nothing else may run where the source's tables have names.
			rows, err = 0, r.lost(ctx, conn, "detach the source", failed)
		}
	}()
	if _, err := conn.ExecContext(ctx, "SAVEPOINT registrar_relay"); err != nil {
		return 0, fmt.Errorf("begin to load %s: %w", stage, err)
	}
	rows, err = r.copy(ctx, conn, stage, columns)
	end := []string{"RELEASE registrar_relay"}
	if err != nil {
		end = []string{"ROLLBACK TO registrar_relay", "RELEASE registrar_relay"}
	}
	for _, statement := range end {
		if _, failed := conn.ExecContext(context.WithoutCancel(ctx), statement); failed != nil {
			return 0, r.lost(ctx, conn, "end the load of "+stage, failed)
		}
	}
	if err != nil {
		return 0, err
	}
	progress(rows)
	return rows, nil
}

func (r *relay) copy(ctx context.Context, conn *sql.Conn, stage string, columns []providers.RelayColumn) (int64, error) {
	// This begins to read the attached file. Unless somebody has written to it since the
	// snapshot was about to be taken, it is read as it is there.
	var tables, version int64
	if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM "+attached+".sqlite_schema").Scan(&tables); err != nil {
		return 0, r.unable(ctx, err)
	}
	// The version is that of the file which the snapshot reads, the path perhaps another's by now.
	if !isFile(r.snapshot.file, r.snapshot.path) {
		return 0, fmt.Errorf("%w: the file has been replaced since the snapshot", providers.ErrNoRelay)
	}
	if err := r.snapshot.probe.QueryRowContext(ctx, dataVersion).Scan(&version); err != nil {
		return 0, r.unable(ctx, err)
	}
	if version != r.snapshot.version {
		return 0, fmt.Errorf("%w: the file has been written to since the snapshot", providers.ErrNoRelay)
	}
	into, from := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		into[i], from[i] = quote(c.Name), "s."+quote(r.columns[c.From].Name)
	}
	limit := ""
	if r.most > 0 {
		limit = " LIMIT " + strconv.FormatInt(r.most+1, 10)
	}
	result, err := conn.ExecContext(ctx, "INSERT INTO "+stage+" ("+strings.Join(into, ", ")+") SELECT "+strings.Join(from, ", ")+
		" FROM "+attached+"."+quote(r.table.name)+" AS s WHERE "+storable+"(?1, "+strings.Join(from, ", ")+")"+limit, storing(r.columns, columns))
	if err != nil {
		return 0, r.unable(ctx, err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("load rows into %s: %w", stage, err)
	}
	return rows, nil
}

// lost gives a connection up, and with it the stage. The context's error comes first: a
// cancelled statement ends the transaction around it.
func (*relay) lost(ctx context.Context, conn *sql.Conn, what string, err error) error {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	return fmt.Errorf("%s: %w", what, cmp.Or(context.Cause(ctx), err))
}

// unable leaves it to decoding to meet the fault again, and to say whose it is.
func (*relay) unable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w: %w", providers.ErrNoRelay, safeError(err))
}

package postgres

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Relayer = (*destination)(nil)

// relayBlock is what is handed over at a time, in octets; the server sends row by row.
const relayBlock = 256 << 10

// relay is a query of a PostgreSQL source, prepared. It holds the savepoint, and with it
// the locks that keep the result's columns as they are.
type relay struct {
	ctx       context.Context // for Close
	snapshot  *snapshot
	query     providers.Query
	text      string
	arguments [][]byte // nil is NULL
	types     []uint32 // of the arguments, as the server infers them
	fields    []pgconn.FieldDescription
	columns   []providers.Column
	closed    bool
}

// PrepareRelay relays from the snapshots of this package.
func (*destination) PrepareRelay(ctx context.Context, from providers.Snapshot, query providers.Query) (providers.Relay, error) {
	source, ok := from.(*snapshot)
	if !ok || query.From != nil {
		return nil, fmt.Errorf("%w: the source is not PostgreSQL, or is not read whole", providers.ErrNoRelay)
	}
	return source.prepareRelay(ctx, query)
}

func (s *snapshot) prepareRelay(ctx context.Context, query providers.Query) (providers.Relay, error) {
	text, arguments, err := s.beginRead(ctx, query)
	if err != nil {
		return nil, err
	}
	r := &relay{ctx: ctx, snapshot: s, query: query, text: text, arguments: arguments}
	// The text is a query by itself: it can end no parenthesis around it.
	statement, err := s.conn.PgConn().Prepare(ctx, "", text, nil)
	if err == nil {
		r.types, r.fields = statement.ParamOIDs, statement.Fields
		r.columns, err = s.describe(ctx, statement.Fields)
	}
	if err != nil {
		return nil, errors.Join(queryError(query.SQL, err), s.endRead(ctx))
	}
	s.open = r
	return r, nil
}

// Columns are the result's.
func (r *relay) Columns() []providers.Column { return r.columns }

// Close ends the savepoint.
func (r *relay) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	return r.snapshot.endRead(r.ctx)
}

// Run pipes one COPY into another, in binary. The source casts to the stage's types; what the
// stage then refuses, decoding would have rejected.
func (r *relay) Run(ctx context.Context, conn *sql.Conn, stage string, columns []providers.RelayColumn, progress func(rows int64)) (int64, error) {
	list, err := r.selectList(columns)
	if err != nil {
		return 0, err
	}
	text, err := r.bind(ctx)
	if err != nil {
		return 0, err
	}
	nullable, err := r.nullable(ctx, columns)
	if err != nil {
		return 0, err
	}
	aliases := r.aliases()
	where := ""
	if r.query.Within != nil {
		condition, err := within(r.query.Within, r.columns, aliases)
		if err != nil {
			return 0, err
		}
		where = " WHERE " + condition
	}
	c := &copying{
		source:   r.snapshot.conn.PgConn(),
		out:      "COPY (SELECT " + strings.Join(list, ", ") + " FROM (" + text + ") AS s (" + strings.Join(aliases, ", ") + ")" + where + ") TO STDOUT (FORMAT binary)",
		stage:    stage,
		columns:  columns,
		nullable: nullable,
		progress: progress,
	}
	err = onSession(conn, func(s *session) error {
		c.into = s.Conn.Conn().PgConn()
		return c.run(ctx)
	})
	if err != nil {
		return 0, err
	}
	return c.rows, nil
}

// alias names a column of the result within the COPY: the result's own names may repeat.
func alias(i int) string { return "c" + strconv.Itoa(i) }

// selectList casts each column to its place in the stage.
func (r *relay) selectList(columns []providers.RelayColumn) ([]string, error) {
	list := make([]string, len(columns))
	for i, c := range columns {
		from := r.columns[c.From]
		expr, ok := converted("s."+alias(c.From), from.Type, c.Type)
		if !ok {
			return nil, fmt.Errorf("%w: column %q is of type %s, %q of type %s", providers.ErrNoRelay, from.Name, from.Type, c.Name, c.Type)
		}
		list[i] = expr
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: no columns", providers.ErrNoRelay)
	}
	return list, nil
}

// nullable lists those columns of the stage that must not be NULL, but could be for all that the
// source's constraints say. Those of a table are known: as the snapshot sees them, like its rows.
func (r *relay) nullable(ctx context.Context, columns []providers.RelayColumn) ([]string, error) {
	columns = slices.DeleteFunc(slices.Clone(columns), func(c providers.RelayColumn) bool { return !c.NotNull })
	never := map[uint16]bool{}
	if r.query.SQL == "" && len(columns) > 0 {
		source := r.snapshot.conn.PgConn()
		table := []byte(strconv.FormatUint(uint64(r.fields[columns[0].From].TableOID), 10))
		found := source.ExecParams(ctx, neverNull, [][]byte{table}, []uint32{pgtype.OIDOID}, nil, nil).Read()
		if found.Err != nil {
			return nil, sourceRefused(ctx, source, found.Err, 0)
		}
		for _, row := range found.Rows {
			number, err := strconv.ParseUint(string(row[0]), 10, 16)
			if err != nil {
				return nil, &providers.SourceError{Err: fmt.Errorf("read the number of a column: %w", err)}
			}
			never[uint16(number)] = true
		}
	}
	var names []string
	for _, c := range columns {
		if !never[r.fields[c.From].TableAttributeNumber] {
			names = append(names, c.Name)
		}
	}
	return names, nil
}

// neverNull numbers the columns of a table that hold no NULL. That of views and foreign tables nobody
// checks; nor, everywhere, that of tables which inherit from it. A constraint may be declared for new
// rows only, and a virtual column computed anew.
const neverNull = `SELECT a.attnum
FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
WHERE a.attrelid OPERATOR(pg_catalog.=) $1 AND a.attnum OPERATOR(pg_catalog.>) 0 AND a.attnotnull
AND c.relkind OPERATOR(pg_catalog.=) 'r' AND NOT c.relhassubclass
AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid OPERATOR(pg_catalog.=) a.attrelid
  AND k.contype OPERATOR(pg_catalog.=) 'n' AND NOT k.convalidated AND k.conkey[1] OPERATOR(pg_catalog.=) a.attnum)
AND coalesce(pg_catalog.row_to_json(a) OPERATOR(pg_catalog.->>) 'attgenerated', '') OPERATOR(pg_catalog.<>) 'v'`

// parameterType spells a type whose values a cast reads from text as a bound parameter
// is read, whatever the search path; "" for others.
func parameterType(oid uint32) string {
	switch oid {
	case pgtype.BoolOID:
		return "boolean"
	case pgtype.Int2OID:
		return "smallint"
	case pgtype.Int4OID:
		return "integer"
	case pgtype.Int8OID:
		return "bigint"
	case pgtype.Float8OID:
		return "double precision"
	case pgtype.NumericOID:
		return "numeric"
	case pgtype.TextOID:
		return "pg_catalog.text"
	case pgtype.VarcharOID:
		return "character varying"
	case pgtype.DateOID:
		return "pg_catalog.date"
	case pgtype.TimestampOID:
		return "timestamp without time zone"
	case pgtype.TimestamptzOID:
		return "timestamp with time zone"
	case pgtype.UUIDOID:
		return "pg_catalog.uuid"
	default:
		return ""
	}
}

// bind returns the query with its parameters' values in settings of the savepoint: a COPY
// takes no parameters.
func (r *relay) bind(ctx context.Context) (string, error) {
	if r.query.SQL == "" {
		return r.text, nil
	}
	if len(r.types) != len(r.arguments) {
		return "", fmt.Errorf("%w: %d parameters of %d have a type", providers.ErrNoRelay, len(r.types), len(r.arguments))
	}
	terms := make([]string, len(r.types))
	for i, oid := range r.types {
		spelt := parameterType(oid)
		if spelt == "" {
			return "", fmt.Errorf("%w: parameter %d is of an unusual type", providers.ErrNoRelay, i+1)
		}
		if r.arguments[i] == nil {
			terms[i] = "(NULL::" + spelt + ")"
			continue
		}
		setting := literal("registrar.p_" + strconv.Itoa(i+1))
		source := r.snapshot.conn.PgConn()
		set := source.ExecParams(ctx, "SELECT pg_catalog.set_config("+setting+", $1, true)", [][]byte{r.arguments[i]}, []uint32{pgtype.TextOID}, nil, nil)
		if _, err := set.Close(); err != nil {
			return "", sourceRefused(ctx, source, err, 0)
		}
		terms[i] = "(CAST(pg_catalog.current_setting(" + setting + ") AS " + spelt + "))"
	}
	text, _, err := sqlgen.BindNamed(r.query.SQL, (*Provider)(nil).QueryLexis(), func(n int, _ string) string { return terms[n-1] })
	if err != nil {
		return "", fmt.Errorf("%w: %w", providers.ErrNoRelay, err)
	}
	// What a query computes it computes once, however often the casts look at it.
	return "SELECT * FROM (" + text + ") AS q OFFSET 0", nil
}

// sourceRefused tells what decoding will meet again, and report, from a source that is gone.
func sourceRefused(ctx context.Context, source *pgconn.PgConn, err error, rows int64) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if server, ok := errors.AsType[*pgconn.PgError](err); ok && !source.IsClosed() {
		return fmt.Errorf("%w: %w", providers.ErrNoRelay, newError(server))
	}
	return &providers.SourceError{Err: fmt.Errorf("read from the source after row %d: %w", rows, safeError(err)), Rows: rows}
}

// copying is one COPY piped into another.
type copying struct {
	source, into *pgconn.PgConn
	out          string // the source's statement
	stage        string
	columns      []providers.RelayColumn
	nullable     []string // columns of the stage that must turn out to have no NULL
	progress     func(rows int64)
	rows         int64 // copied, once all are
}

// run copies in a transaction, which leaves the stage as it was where anything fails.
func (c *copying) run(ctx context.Context) error {
	names := make([]string, len(c.columns))
	for i, column := range c.columns {
		names[i] = quote(column.Name)
	}
	err := execute(ctx, c.into, "BEGIN")
	if err == nil {
		err = c.pipe(ctx, "COPY "+c.stage+" ("+strings.Join(names, ", ")+") FROM STDIN (FORMAT binary)")
	}
	if err == nil {
		err = c.checkNulls(ctx)
	}
	if err == nil {
		if err = execute(ctx, c.into, "COMMIT"); err == nil {
			return nil
		}
	}
	undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	if failed := execute(undo, c.into, "ROLLBACK"); failed != nil {
		// It ends with its connection, which must not serve again.
		_ = c.into.Close(undo)
		if errors.Is(err, providers.ErrNoRelay) {
			return fmt.Errorf("empty the staging table: %w", failed)
		}
	}
	return err
}

// checkNulls looks for NULLs once all is copied. A constraint would have the server write a row that
// it refuses into its log.
func (c *copying) checkNulls(ctx context.Context) error {
	if len(c.nullable) == 0 {
		return nil
	}
	conditions := make([]string, len(c.nullable))
	for i, name := range c.nullable {
		conditions[i] = quote(name) + " IS NULL"
	}
	found, err := c.into.Exec(ctx, "SELECT FROM "+c.stage+" WHERE "+strings.Join(conditions, " OR ")+" LIMIT 1").ReadAll()
	switch {
	case err != nil:
		return fmt.Errorf("look for NULLs in the staging table: %w", safeError(err))
	case len(found) > 0 && len(found[0].Rows) > 0:
		return fmt.Errorf("%w: a column that must have a value is NULL", providers.ErrNoRelay)
	}
	return nil
}

func execute(ctx context.Context, conn *pgconn.PgConn, statements string) error {
	if _, err := conn.Exec(ctx, statements).ReadAll(); err != nil {
		return fmt.Errorf("prepare the staging table: %w", safeError(err))
	}
	return nil
}

// pipe runs both COPYs, the source's in a goroutine that ends first.
func (c *copying) pipe(ctx context.Context, in string) error {
	reader, writer := io.Pipe()
	rows := &relayWriter{into: bufio.NewWriterSize(writer, relayBlock), progress: c.progress}
	var sent pgconn.CommandTag
	var outErr error
	var ended sync.WaitGroup
	finished := make(chan struct{})
	ended.Go(func() {
		sent, outErr = c.source.CopyTo(ctx, rows, c.out)
		close(finished)
		switch {
		case outErr != nil:
			_ = writer.CloseWithError(errStopped)
		case rows.into.Flush() != nil:
			rows.refused = true
		default:
			_ = writer.Close()
		}
	})
	// What the stage refuses is known once the source has sent another block.
	loaded, inErr := c.into.CopyFrom(ctx, reader, in)
	_ = reader.CloseWithError(errStopped)
	if inErr != nil {
		c.stopSource(ctx, finished)
	}
	ended.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case outErr != nil && !rows.refused && !isStopped(outErr, inErr):
		return sourceRefused(ctx, c.source, outErr, rows.count)
	case inErr != nil:
		return c.loadError(inErr)
	case sent.RowsAffected() != loaded.RowsAffected():
		return fmt.Errorf("load the staging table: %d rows were sent, but %d loaded", sent.RowsAffected(), loaded.RowsAffected())
	}
	c.rows = loaded.RowsAffected()
	return nil
}

// stopSource cancels the source's statement until it has ended: a server that has not begun with it
// yet takes no notice.
func (c *copying) stopSource(ctx context.Context, finished <-chan struct{}) {
	const again = time.Second
	for {
		select {
		case <-finished:
			return
		default:
		}
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
		_ = c.source.CancelRequest(stop) // should it fail, it is tried again
		cancel()
		select {
		case <-finished:
			return
		case <-time.After(again):
		}
	}
}

// isStopped reports whether the source only ended because it was told to, the destination
// having failed before another block came.
func isStopped(outErr, inErr error) bool {
	server, ok := errors.AsType[*pgconn.PgError](outErr)
	if !ok || server.Code != codeQueryCanceled || inErr == nil {
		return false
	}
	into, ok := errors.AsType[*pgconn.PgError](inErr)
	return !ok || into.Code != codeQueryCanceled // what a COPY says that the client ended
}

// loadError is ErrNoRelay where the stage refused what rows hold: decoding finds out which.
func (c *copying) loadError(err error) error {
	if server, ok := errors.AsType[*pgconn.PgError](err); ok && slices.Contains([]string{"22", "23"}, server.Code[:min(2, len(server.Code))]) {
		return fmt.Errorf("%w: %w", providers.ErrNoRelay, newError(server))
	}
	return fmt.Errorf("load the staging table: %w", safeError(err))
}

// relayWriter takes a row at a time. It never fails: pgx would give up the source's
// connection, and with it the snapshot.
type relayWriter struct {
	into     *bufio.Writer
	progress func(rows int64)
	count    int64
	refused  bool // the destination takes no more
}

func (w *relayWriter) Write(row []byte) (int, error) {
	if w.refused {
		return len(row), nil
	}
	if w.count++; w.count%1024 == 0 {
		w.progress(w.count)
	}
	if _, err := w.into.Write(row); err != nil {
		w.refused = true
	}
	return len(row), nil
}

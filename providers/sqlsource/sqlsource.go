// Package sqlsource reads from databases through database/sql: what the sources of
// several engines have in common. An engine adds its SQL and its types (Engine).
//
// Three rules close the traps of drivers that give a wrong answer instead of an
// error. Each snapshot has a connection of its own, which is never used again. After
// an error nothing more is read from it. And the end of the rows counts only where
// neither the driver nor the context says otherwise.
package sqlsource

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Engine is what differs between engines. It is safe for concurrent use.
type Engine interface {
	// Lexis says how the engine reads a query's text.
	Lexis() sqlgen.Lexis
	// CheckQuery refuses, besides what sqlgen.CheckSelect does, what the engine would do more
	// than read; nil where there is no such thing.
	CheckQuery(text string) error
	// Placeholder is the n-th parameter, from 1, as the driver writes it.
	Placeholder(n int) string
	// Argument is what the driver is given for a value, which may be NULL. The error says, without
	// the value, why it cannot be bound.
	Argument(v value.Value) (any, error)
	// Quote quotes an identifier.
	Quote(name string) string
	// Begin opens the snapshot on a new connection: a read-only transaction where there is one.
	Begin(ctx context.Context, conn *sql.Conn) error
	// TableName returns the quoted, qualified name of what can be read under a name of the
	// configuration, or an error as of NoTable.
	TableName(ctx context.Context, conn *sql.Conn, name string) (string, error)
	// Columns describes a result and says how its cells are read. An error names the column, its
	// type and what to write instead.
	Columns(types []*sql.ColumnType) ([]providers.Column, []Decoder, error)
	// Error returns an error of the driver's without anything that may quote a row's values or a
	// credential, and where in the query's text the engine found the fault: the number of
	// characters before it, or -1 where it does not say. What callers wrapped around the driver's
	// error stays.
	Error(err error) (safe error, position int)
}

// LineTeller is an Engine that knows the line of a fault, but not its place in the line.
type LineTeller interface {
	// Line returns the line of the query, from 1, or 0.
	Line(err error) int
}

// TypedPlaceholder is an Engine whose placeholders say of what type the value is.
type TypedPlaceholder interface {
	// PlaceholderFor is the n-th parameter, from 1, to which v is bound.
	PlaceholderFor(n int, v value.Value) string
}

// Deriver is an Engine that does not take every query as a derived table.
type Deriver interface {
	// Derivable returns an error that is providers.ErrNotComparable where a query cannot be one. The
	// query was checked.
	Derivable(text string) error
}

// BoundWriter is an Engine whose columns hold more than NULL that cannot be compared with a bound.
type BoundWriter interface {
	// Bound is the condition for a providers.LowerBound: true of what is no less than the
	// placeholder, of NULL, and of what cannot be compared.
	Bound(column, placeholder string, kind value.Kind) string
}

// Prechecker is an Engine with literals that its Lexis cannot express.
type Prechecker interface {
	// Precheck refuses them, in a text that nothing was checked of.
	Precheck(text string) error
}

// Decoder reads a cell that is not NULL. A []byte is valid only during the call. The error
// says, without the cell's content, what is wrong with it.
type Decoder func(cell any) (value.Value, error)

// Source reads a database.
type Source struct {
	Engine Engine
	// Connect opens the connection of one snapshot. Its errors are shown as they are.
	Connect func(ctx context.Context) (*Link, error)
	// Name is the database's, for messages: no credential.
	Name string
}

var _ providers.ErrorScrubber = (*Source)(nil)

// cleanupTimeout bounds what is done on a connection after its work.
const cleanupTimeout = 10 * time.Second

// Close does nothing: snapshots hold the connections.
func (*Source) Close() error { return nil }

// SafeError implements providers.ErrorScrubber.
func (s *Source) SafeError(err error) error {
	if err == nil {
		return nil
	}
	safe, _ := s.Engine.Error(err)
	return safe
}

// Snapshot opens a connection and its transaction.
func (s *Source) Snapshot(ctx context.Context) (providers.Snapshot, error) {
	return s.open(ctx)
}

func (s *Source) open(ctx context.Context) (*snapshot, error) {
	link, err := s.Connect(ctx)
	if err != nil {
		return nil, err
	}
	opened := &snapshot{source: s, link: link}
	err = opened.guarded(ctx, func() error {
		conn, err := link.DB.Conn(ctx)
		if err != nil {
			return err
		}
		opened.conn = conn
		return s.Engine.Begin(ctx, conn)
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open a snapshot of %s: %w", s.Name, link.explain(s.SafeError(err))), opened.Close())
	}
	return opened, nil
}

// WithConn runs work on a connection in a snapshot of its own: what an examination asks.
func (s *Source) WithConn(ctx context.Context, work func(conn *sql.Conn) error) error {
	opened, err := s.open(ctx)
	if err != nil {
		return err
	}
	err = opened.guarded(ctx, func() error { return work(opened.conn) })
	return errors.Join(s.SafeError(err), opened.Close())
}

type snapshot struct {
	source *Source
	link   *Link
	conn   *sql.Conn
	open   *rows // those that are not closed; nil: none
	broken error // why nothing more can be read
}

// guarded runs what talks to the server, and drops the line when the context ends: not every
// driver looks at it once an answer is under way. What the context ended is the context's error.
func (s *snapshot) guarded(ctx context.Context, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, s.link.Drop)
	err := work()
	if !stop() || err != nil && ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	return err
}

// Close ends the connection, and with it the transaction, in which there is nothing to lose.
func (s *snapshot) Close() error {
	if s.broken == nil {
		s.broken = errors.New("the snapshot is closed")
	}
	// A driver that takes leave of a server which does not answer would wait for ever.
	timer := time.AfterFunc(cleanupTimeout, s.link.Drop)
	defer timer.Stop()
	if s.open != nil {
		// Nobody wants the rest, and the connection cannot be closed over its rows.
		s.link.Drop()
		_ = s.open.Close()
	}
	if s.conn != nil {
		_ = s.conn.Close()
	}
	// Taking leave can fail only where the connection is gone already.
	_ = s.link.DB.Close()
	s.link.Drop()
	return nil
}

// Read starts reading.
func (s *snapshot) Read(ctx context.Context, query providers.Query) (providers.Rows, error) {
	switch {
	case s.broken != nil:
		return nil, fmt.Errorf("the snapshot cannot be read any more: %w", s.broken)
	case s.open != nil:
		return nil, errors.New("the rows of the previous query are still open")
	}
	text, args, err := s.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	written := query.SQL
	if query.From != nil {
		if text, args, err = s.filter(ctx, text, args, query.From); errors.Is(err, providers.ErrNotComparable) {
			return nil, err // nothing went wrong on the connection
		} else if err != nil {
			return nil, s.fail(ctx, written, err)
		}
		written = "" // positions are of another text now
	}
	opened, err := s.start(ctx, text, args)
	if err != nil {
		return nil, s.fail(ctx, written, err)
	}
	return opened, nil
}

// fail returns the error of a query, without values, and gives the snapshot up. An engine's own
// refusal leaves the connection as it was with some drivers; which ones is not worth knowing.
func (s *snapshot) fail(ctx context.Context, written string, err error) error {
	safe, position := s.source.Engine.Error(err)
	safe = s.link.explain(safe)
	if ctx.Err() != nil && !errors.Is(safe, ctx.Err()) {
		safe = errors.Join(ctx.Err(), safe)
	}
	at := ""
	switch teller, tells := s.source.Engine.(LineTeller); {
	case written == "":
	case position >= 0:
		at = place(written, position)
	case tells && teller.Line(err) > 0:
		at = fmt.Sprintf(" (line %d of the query)", teller.Line(err))
	}
	safe = fmt.Errorf("run the query%s: %w", at, safe)
	s.broken = safe
	return safe
}

// place shows where a character of the query is.
func place(query string, before int) string {
	line, column := 1, 1
	for _, r := range query {
		if before--; before < 0 {
			break
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	return fmt.Sprintf(" (line %d, column %d of the query)", line, column)
}

// statement returns the text to run, and its arguments.
func (s *snapshot) statement(ctx context.Context, query providers.Query) (string, []any, error) {
	engine := s.source.Engine
	if query.Table != "" {
		var name string
		err := s.guarded(ctx, func() (err error) {
			name, err = engine.TableName(ctx, s.conn, query.Table)
			return err
		})
		if err != nil {
			err = s.source.SafeError(err)
			if !errors.Is(err, providers.ErrNoTable) {
				s.broken = err
			}
			return "", nil, err
		}
		return "SELECT * FROM " + name, nil, nil
	}
	if checker, ok := engine.(Prechecker); ok {
		if err := checker.Precheck(query.SQL); err != nil {
			return "", nil, fmt.Errorf("the query may not be run on a source: %w", err)
		}
	}
	if err := sqlgen.CheckSelect(query.SQL, engine.Lexis()); err != nil {
		return "", nil, fmt.Errorf("the query is not one SELECT: %w", err)
	}
	if err := engine.CheckQuery(query.SQL); err != nil {
		return "", nil, fmt.Errorf("the query may not be run on a source: %w", err)
	}
	text, names, err := sqlgen.BindNamed(query.SQL, engine.Lexis(), func(n int, name string) string {
		// As long as what it stands for, so that the server's positions hold.
		placeholder := engine.Placeholder(n)
		if at := slices.IndexFunc(query.Params, func(p providers.Param) bool { return p.Name == name }); at >= 0 {
			placeholder = s.placeholder(n, query.Params[at].Value)
		}
		return placeholder + strings.Repeat(" ", max(0, 1+utf8.RuneCountInString(name)-len(placeholder)))
	})
	if err != nil {
		return "", nil, fmt.Errorf("read the query's text: %w", err)
	}
	args := make([]any, len(names))
	for i, name := range names {
		at := slices.IndexFunc(query.Params, func(p providers.Param) bool { return p.Name == name })
		if at < 0 {
			return "", nil, fmt.Errorf("the query uses :%s, but params does not give it", name)
		}
		if args[i], err = engine.Argument(query.Params[at].Value); err != nil {
			return "", nil, fmt.Errorf("bind :%s: %w", name, err)
		}
	}
	return text, args, nil
}

// placeholder is the n-th, from 1.
func (s *snapshot) placeholder(n int, v value.Value) string {
	if typed, ok := s.source.Engine.(TypedPlaceholder); ok {
		return typed.PlaceholderFor(n, v)
	}
	return s.source.Engine.Placeholder(n)
}

// filter leaves out rows of a text that was checked.
func (s *snapshot) filter(ctx context.Context, text string, args []any, from *providers.LowerBound) (string, []any, error) {
	engine := s.source.Engine
	if deriver, ok := engine.(Deriver); ok {
		if err := deriver.Derivable(text); err != nil {
			return "", nil, err
		}
	}
	// No row of it is asked for.
	described, err := s.start(ctx, "SELECT * FROM ("+text+") registrar_query WHERE 1 = 0", args)
	if safe, _ := engine.Error(err); err != nil && errors.Is(safe, providers.ErrNotComparable) {
		return "", nil, safe // the engine refused the text as a derived table
	} else if err != nil {
		return "", nil, err
	}
	columns := described.columns
	if err := described.Close(); err != nil {
		return "", nil, err
	}
	at, err := from.Find(columns)
	if err != nil {
		return "", nil, err
	}
	bound, err := engine.Argument(from.Value)
	if err != nil {
		return "", nil, err
	}
	column, placeholder := "registrar_query."+engine.Quote(columns[at].Name), s.placeholder(len(args)+1, from.Value)
	condition := fmt.Sprintf("%s >= %s OR %s IS NULL", column, placeholder, column)
	if writer, ok := engine.(BoundWriter); ok {
		condition = writer.Bound(column, placeholder, from.Value.Kind())
	}
	return fmt.Sprintf("SELECT * FROM (%s) registrar_query WHERE %s", text, condition), append(args, bound), nil
}

func (s *snapshot) start(ctx context.Context, text string, args []any) (*rows, error) {
	opened := &rows{ctx: ctx, snapshot: s}
	err := s.guarded(ctx, func() (err error) {
		opened.rows, err = s.conn.QueryContext(ctx, text, args...) //nolint:rowserrcheck // rows.Next checks it
		return err
	})
	if err != nil {
		return nil, err
	}
	types, err := columnTypes(opened.rows)
	var decoders []Decoder
	if err == nil {
		opened.columns, decoders, err = s.source.Engine.Columns(types)
	}
	if err != nil {
		// The snapshot ends with this error (fail). Over a whole connection some drivers would first read all rows,
		// however many and with no look at the context.
		s.link.Drop()
		_ = opened.rows.Close()
		return nil, err
	}
	opened.cells, opened.targets = make([]cell, len(types)), make([]any, len(types))
	for i := range opened.cells {
		opened.cells[i].decode = decoders[i]
		opened.targets[i] = &opened.cells[i]
	}
	opened.stop = context.AfterFunc(ctx, s.link.Drop)
	s.open = opened
	return opened, nil
}

// columnTypes turns the panic of a driver that meets a type it does not know into an error.
func columnTypes(rows *sql.Rows) (types []*sql.ColumnType, err error) {
	defer func() {
		if p := recover(); p != nil {
			types, err = nil, fmt.Errorf("the result has a column whose type the driver does not know (%v): convert it in the query", p)
		}
	}()
	return rows.ColumnTypes()
}

// cell reads what the driver gives without a copy in between.
type cell struct {
	decode Decoder
	value  value.Value
	err    error
}

// Scan implements sql.Scanner.
func (c *cell) Scan(src any) error {
	c.value, c.err = value.Value{}, nil
	if src != nil {
		c.value, c.err = c.decode(src)
	}
	return nil
}

type rows struct {
	ctx      context.Context // the read's own: every row looks at it
	snapshot *snapshot
	rows     *sql.Rows
	columns  []providers.Column
	cells    []cell
	targets  []any       // pointers to cells
	stop     func() bool // the watch over ctx
	number   int64       // of the current row, from 1
	done     error       // io.EOF at the true end, or what ended the reading
	closed   bool
}

func (r *rows) Columns() []providers.Column { return r.columns }

// Next fills row.
func (r *rows) Next(row []value.Value) error {
	switch {
	case r.done != nil:
		return r.done
	case r.closed:
		return errors.New("the rows are closed")
	case r.ctx.Err() != nil:
		return r.end(r.ctx.Err())
	}
	if !r.rows.Next() {
		if err := errors.Join(r.ctx.Err(), r.rows.Err()); err != nil {
			return r.end(err)
		}
		r.done = io.EOF
		return r.done
	}
	r.number++
	if err := r.rows.Scan(r.targets...); err != nil {
		return r.end(err)
	}
	for i := range r.cells {
		if err := r.cells[i].err; err != nil {
			return r.end(fmt.Errorf("row %d, column %q: %w", r.number, r.columns[i].Name, err))
		}
		row[i] = r.cells[i].value
	}
	return nil
}

func (r *rows) end(err error) error {
	safe := r.snapshot.link.explain(r.snapshot.source.SafeError(err))
	if r.ctx.Err() != nil && !errors.Is(safe, r.ctx.Err()) {
		safe = errors.Join(r.ctx.Err(), safe)
	}
	r.done = fmt.Errorf("read from the source after row %d: %w", r.number, safe)
	r.snapshot.broken = r.done
	return r.done
}

// Close ends the reading. Where rows are left, the driver may read them all: the line is cut
// instead, and the snapshot with it, unless it ends soon.
func (r *rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.snapshot.open = nil
	r.stop()
	timer := time.AfterFunc(cleanupTimeout, r.snapshot.link.Drop)
	err := r.rows.Close()
	if !timer.Stop() || err != nil && r.snapshot.broken == nil {
		r.snapshot.broken = errors.New("its connection was given up in the middle of a result")
	}
	return nil
}

// NoTable is the error for a table that is not there: what there is instead.
func NoTable(name string, names []string) error {
	switch best := suggest.Closest(name, names); {
	case len(names) == 0:
		return fmt.Errorf("%w %q in the source; it has no tables that this user can see", providers.ErrNoTable, name)
	case best != "":
		return fmt.Errorf("%w %q in the source; did you mean %q?", providers.ErrNoTable, name, best)
	default:
		return fmt.Errorf("%w %q in the source; there is %s", providers.ErrNoTable, name, suggest.List(names, listedTables))
	}
}

// listedTables is how many tables an error names at most.
const listedTables = 10

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

type source struct {
	db   *sql.DB
	path string
}

var (
	_ providers.QueryRunner   = (*Provider)(nil)
	_ providers.Source        = (*source)(nil)
	_ providers.ErrorScrubber = (*source)(nil)
)

// QueryLexis implements providers.QueryRunner.
func (*Provider) QueryLexis() sqlgen.Lexis {
	return sqlgen.Lexis{Backticks: true, Brackets: true}
}

func (s *source) Close() error { return s.db.Close() }

// SafeError implements providers.ErrorScrubber.
func (*source) SafeError(err error) error { return safeError(err) }

// Snapshot is a read transaction. Where the file has no write-ahead log it keeps
// writers from committing.
func (s *source) Snapshot(ctx context.Context) (_ providers.Snapshot, err error) {
	opened := &snapshot{db: s.db, path: s.path}
	before := fileAt(s.path)
	if opened.probe, err = s.db.Conn(ctx); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, opened.probe.Close())
		}
	}()
	// Before the snapshot is taken: what is written in between may be in it or not.
	if err := opened.probe.QueryRowContext(ctx, dataVersion).Scan(&opened.version); err != nil {
		return nil, fmt.Errorf("begin a snapshot: %w", busyAsLocked(err))
	}
	if opened.conn, err = beginReading(ctx, s.db); err != nil {
		return nil, err
	}
	if isFile(before, s.path) {
		opened.file = before
	}
	return opened, nil
}

// fileAt identifies the file that a path names now; nil where that cannot be told. It does not
// open it: closing it again would give up this process's locks on it.
func fileAt(path string) fs.FileInfo {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	// Windows looks for the identity, by the path, when it is first compared.
	if !os.SameFile(info, info) {
		return nil
	}
	return info
}

// isFile reports whether the path still names that file.
func isFile(file fs.FileInfo, path string) bool {
	now := fileAt(path)
	return file != nil && now != nil && os.SameFile(file, now)
}

// beginReading opens a connection that sees the file as it is now.
func beginReading(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	// The driver runs every statement that a text holds. Neither the mode of the
	// file nor query_only keeps ATTACH and VACUUM INTO from writing others.
	if _, err := sqlite.Limit(conn, lib.SQLITE_LIMIT_ATTACHED, 0); err != nil {
		return nil, errors.Join(fmt.Errorf("forbid attached files: %w", err), conn.Close())
	}
	// A transaction sees the file as it is at its first read.
	for _, statement := range []string{"BEGIN DEFERRED", "SELECT count(*) FROM sqlite_schema"} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(fmt.Errorf("begin a snapshot: %w", busyAsLocked(err)), conn.Close())
		}
	}
	return conn, nil
}

type snapshot struct {
	db     *sql.DB
	conn   *sql.Conn
	path   string
	file   fs.FileInfo // that both connections have open; nil: not known
	isView bool        // the probe is the first snapshot's
	// probe tells by its version whether others have written to the file since before the
	// snapshot was taken.
	probe   *sql.Conn
	version int64
}

// dataVersion is a number that changes, on one connection, when others have written.
const dataVersion = "PRAGMA data_version"

// Close ends the connection, and with it the transaction.
func (s *snapshot) Close() error {
	if s.isView {
		return s.conn.Close()
	}
	return errors.Join(s.conn.Close(), s.probe.Close())
}

func (s *snapshot) Read(ctx context.Context, query providers.Query) (providers.Rows, error) {
	text, args, err := s.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if query.From != nil {
		if text, args, err = s.filter(ctx, text, args, query.From); err != nil {
			return nil, err
		}
	}
	return s.run(ctx, text, args)
}

// run reads the rows of a text that was checked.
func (s *snapshot) run(ctx context.Context, text string, args []any) (providers.Rows, error) {
	columns, text, err := describe(ctx, s.conn, text)
	if err != nil {
		return nil, fmt.Errorf("prepare the query: %w", err)
	}
	opened, err := s.conn.QueryContext(ctx, text, args...) //nolint:rowserrcheck // rows.Next checks it
	if err != nil {
		return nil, fmt.Errorf("run the query: %w", err)
	}
	r := &rows{rows: opened, columns: columns, cells: make([]any, len(columns)), targets: make([]any, len(columns))}
	for i := range r.cells {
		r.targets[i] = &r.cells[i]
	}
	return r, nil
}

func (s *snapshot) statement(ctx context.Context, query providers.Query) (text string, args []any, err error) {
	if query.SQL == "" {
		found, err := findRelation(ctx, s.conn, query.Table)
		if err != nil {
			return "", nil, err
		}
		if found == nil {
			names, err := relationNames(ctx, s.conn, "table", "view", "virtual")
			if err != nil {
				return "", nil, err
			}
			return "", nil, unknownTable(query.Table, names)
		}
		return "SELECT * FROM " + found.quoted(), nil, nil
	}
	lexis := (*Provider)(nil).QueryLexis()
	if err := sqlgen.CheckSelect(query.SQL, lexis); err != nil {
		return "", nil, fmt.Errorf("a source query must be one SELECT: %w", err)
	}
	text, names, err := sqlgen.BindNamed(query.SQL, lexis, func(n int, _ string) string { return fmt.Sprintf("?%d", n) })
	if err != nil {
		return "", nil, fmt.Errorf("read the query: %w", err)
	}
	for _, name := range names {
		i := slices.IndexFunc(query.Params, func(p providers.Param) bool { return p.Name == name })
		if i < 0 {
			return "", nil, fmt.Errorf("the query's parameter :%s has no value: add it to params", name)
		}
		args = append(args, bind(query.Params[i].Value))
	}
	return text, args, nil
}

// describe returns the columns of a query, and the query in a form that yields
// its texts as they are. The driver would turn texts of columns declared DATE,
// DATETIME or TIMESTAMP into times and lose how they were written. Behind a unary
// plus, which changes no value, a column has no declared type.
func describe(ctx context.Context, conn *sql.Conn, query string) ([]providers.Column, string, error) {
	var info []sqlite.ColumnInfo
	err := conn.Raw(func(raw any) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		describer, ok := raw.(interface {
			ColumnInfo(query string) ([]sqlite.ColumnInfo, error)
		})
		if !ok {
			return errors.New("the driver does not describe columns")
		}
		var err error
		info, err = describer.ColumnInfo(query)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(info) == 0 {
		return nil, "", errors.New("it yields no columns: a source query must be a SELECT")
	}
	columns := make([]providers.Column, len(info))
	names, plain := make([]string, len(info)), make([]string, len(info))
	converted := false
	for i, c := range info {
		columns[i] = providers.Column{Name: c.Name, Type: typeOf(c.DeclType)}
		names[i] = fmt.Sprintf("c%d", i)
		plain[i] = "+" + names[i]
		switch strings.ToUpper(c.DeclType) {
		case "DATE", "DATETIME", "TIMESTAMP":
			converted = true
		}
	}
	if converted {
		query = fmt.Sprintf("WITH registrar_query(%s) AS (%s) SELECT %s FROM registrar_query",
			strings.Join(names, ", "), query, strings.Join(plain, ", "))
	}
	return columns, query, nil
}

type rows struct {
	rows    *sql.Rows
	columns []providers.Column
	cells   []any // of the current row, as the driver gives them
	targets []any // pointers to cells
	err     error // what ended the reading; io.EOF at the true end
}

func (r *rows) Columns() []providers.Column { return r.columns }

func (r *rows) Close() error { return r.rows.Close() }

func (r *rows) Next(row []value.Value) error {
	if r.err != nil {
		return r.err
	}
	if !r.rows.Next() {
		r.err = io.EOF
		if err := r.rows.Err(); err != nil {
			r.err = fmt.Errorf("read the next row: %w", err)
		}
		return r.err
	}
	if err := r.rows.Scan(r.targets...); err != nil {
		r.err = fmt.Errorf("read a row: %w", err)
		return r.err
	}
	for i, cell := range r.cells {
		v, ok := valueOf(cell, r.columns[i].Type)
		if !ok {
			r.err = fmt.Errorf("column %q: the driver gave a %T", r.columns[i].Name, cell)
			return r.err
		}
		row[i] = v
	}
	return nil
}

// valueOf turns what the driver gives into a value of the column's kind where it
// is one, or else of the kind in which it is stored.
func valueOf(cell driver.Value, t value.Type) (value.Value, bool) {
	switch cell := cell.(type) {
	case nil:
		return value.Value{}, true
	case int64:
		return numberValue(value.OfInt(cell), float64(cell), t), true
	case float64:
		return numberValue(value.OfFloat(cell), cell, t), true
	case string:
		return textValue(cell, t.Kind), true
	case []byte:
		return value.OfBytes(cell), true
	default:
		return value.Value{}, false
	}
}

func numberValue(v value.Value, f float64, t value.Type) value.Value {
	switch {
	case t.Kind == value.Bool && (f == 0 || f == 1):
		return value.OfBool(f == 1)
	case t.Kind == value.Float:
		return value.OfFloat(f)
	case t.Kind == value.Decimal:
		text := formatDecimal(f, t.Scale)
		if v.Kind() == value.Int {
			text = v.Text()
			if t.Scale > 0 {
				text += "." + strings.Repeat("0", t.Scale)
			}
		}
		if d, err := value.ParseDecimal(text); err == nil {
			return d
		}
	case t.Kind == value.JSON || t.Kind == value.UUID:
		// SQLite stored a text such as 12 as a number, being asked to.
		return value.OfText(v.Text())
	}
	return v
}

// textValue reads a text by the column's kind; one that is not of it stays text,
// for the mapping or the destination to judge.
func textValue(text string, k value.Kind) value.Value {
	var v value.Value
	var err error
	switch k {
	case value.Date:
		v, err = value.ParseDate(text)
	case value.Time:
		v, err = value.ParseTime(text)
	case value.DateTime:
		v, err = value.ParseDateTime(text)
	case value.Instant:
		v, err = value.ParseInstant(text, nil)
	case value.Decimal:
		v, err = value.ParseDecimal(text)
	case value.Bool:
		if text == "true" || text == "false" {
			return value.OfBool(text == "true")
		}
		return value.OfText(text)
	case value.Float:
		if f, ok := parseFloat(text); ok {
			return value.OfFloat(f)
		}
		return value.OfText(text)
	default:
		return value.OfText(text)
	}
	if err != nil {
		return value.OfText(text)
	}
	return v
}

package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

// cleanupTimeout bounds what is done on a connection after its work: to stop a
// query, to roll back, to take leave.
const cleanupTimeout = 10 * time.Second

// source is a PostgreSQL database to read from. Each snapshot has a connection of
// its own.
type source struct {
	settings *settings
	config   *pgx.ConnConfig
}

var _ providers.QueryRunner = (*Provider)(nil)

// QueryLexis implements providers.QueryRunner. standard_conforming_strings is on.
func (*Provider) QueryLexis() sqlgen.Lexis {
	return sqlgen.Lexis{NestedComments: true, DollarQuotes: true, EscapeStrings: true, Casts: true, Operators: true}
}

// Close does nothing: snapshots hold the connections.
func (*source) Close() error { return nil }

// Snapshot opens a REPEATABLE READ, READ ONLY transaction.
func (s *source) Snapshot(ctx context.Context) (providers.Snapshot, error) {
	conn, err := pgx.ConnectConfig(ctx, s.config.Copy())
	if err != nil {
		return nil, s.settings.connectError(err)
	}
	opened := &snapshot{ctx: ctx, conn: conn, source: s}
	if err := opened.begin(ctx, ""); err != nil {
		return nil, errors.Join(fmt.Errorf("open a snapshot of %s: %w", s.settings.identity(), safeError(err)), opened.Close())
	}
	return opened, nil
}

// begin opens the transaction, on an exported snapshot where one is named.
func (s *snapshot) begin(ctx context.Context, exported string) error {
	_, err := s.conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
	if err == nil && exported != "" {
		_, err = s.conn.Exec(ctx, "SET TRANSACTION SNAPSHOT "+literal(exported))
	}
	if err == nil {
		// The first query takes the snapshot. Servers before version 11 do not know jit.
		_, err = s.conn.Exec(ctx, "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'jit'")
	}
	return err
}

// snapshot is a transaction. Each read is a savepoint in it, so that a faulty query
// does not end the snapshot.
type snapshot struct {
	ctx    context.Context // Close has none, and must outlast a cancellation
	conn   *pgx.Conn
	source *source
	open   io.Closer // the rows, or the relay, that are not closed yet
}

// Read starts reading. The query is one statement, and cannot write.
func (s *snapshot) Read(ctx context.Context, query providers.Query) (providers.Rows, error) {
	text, arguments, err := s.beginRead(ctx, query)
	if err != nil {
		return nil, err
	}
	written := query.SQL
	if query.From != nil {
		if text, arguments, err = s.filter(ctx, text, arguments, query.From); err != nil {
			return nil, errors.Join(queryError(written, err), s.endRead(ctx))
		}
		written = "" // positions are of another text now
	}
	if query.Within != nil {
		if text, err = s.narrowed(ctx, text, query.Within); err != nil {
			return nil, errors.Join(queryError(written, err), s.endRead(ctx))
		}
		written = ""
	}
	opened, err := s.start(ctx, text, arguments)
	if err != nil {
		return nil, errors.Join(queryError(written, err), s.endRead(ctx))
	}
	s.open = opened
	return opened, nil
}

// beginRead returns what statement does. Unless that is an error, endRead must follow.
func (s *snapshot) beginRead(ctx context.Context, query providers.Query) (text string, arguments [][]byte, err error) {
	if s.open != nil {
		return "", nil, errors.New("the rows of the previous query are still open")
	}
	if text, arguments, err = s.statement(ctx, query); err != nil {
		return "", nil, err
	}
	if _, err := s.conn.Exec(ctx, "SAVEPOINT reading"); err != nil {
		return "", nil, fmt.Errorf("read from the source: %w", safeError(err))
	}
	return text, arguments, nil
}

// statement returns the text to run, and its arguments; nil is NULL.
func (s *snapshot) statement(ctx context.Context, query providers.Query) (string, [][]byte, error) {
	if query.Table != "" {
		name, err := s.tableName(ctx, query.Table)
		return "SELECT * FROM " + name, nil, err
	}
	lexis := (*Provider)(nil).QueryLexis()
	if err := sqlgen.CheckSelect(query.SQL, lexis); err != nil {
		return "", nil, fmt.Errorf("the query is not one SELECT: %w", err)
	}
	if err := (*Provider)(nil).CheckQuery(query.SQL); err != nil {
		return "", nil, fmt.Errorf("the query is refused: %w", err)
	}
	text, names, err := sqlgen.BindNamed(query.SQL, lexis, func(n int, name string) string {
		// As long as what it stands for, so that the server's positions hold.
		placeholder := "$" + strconv.Itoa(n)
		return placeholder + strings.Repeat(" ", max(0, 1+utf8.RuneCountInString(name)-len(placeholder)))
	})
	if err != nil {
		return "", nil, fmt.Errorf("read the query's text: %w", err)
	}
	arguments := make([][]byte, len(names))
	for i, name := range names {
		at := slices.IndexFunc(query.Params, func(p providers.Param) bool { return p.Name == name })
		if at < 0 {
			return "", nil, fmt.Errorf("the query uses :%s, but params does not give it%s", name, paramNames(query.Params))
		}
		if v := query.Params[at].Value; !v.IsNull() {
			arguments[i] = v.AppendText([]byte{})
		}
	}
	return text, arguments, nil
}

func paramNames(params []providers.Param) string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	if len(names) == 0 {
		return ""
	}
	return "; it gives " + strings.Join(names, ", ")
}

// tableName returns the quoted name of what can be read as a table.
func (s *snapshot) tableName(ctx context.Context, name string) (string, error) {
	q := pgxCatalog(s.conn)
	found, err := findRelation(ctx, q, name)
	if err != nil {
		return "", fmt.Errorf("look for table %s: %w", name, safeError(err))
	}
	if found == nil {
		names, err := relationNames(ctx, q, "rpvmf")
		if err != nil {
			return "", fmt.Errorf("list tables: %w", safeError(err))
		}
		return "", fmt.Errorf("%w %q in the source%s", providers.ErrNoTable, name, alternatives(name, names))
	}
	return found.sql(), nil
}

// start sends the query and describes its result. Parameters have no declared type:
// the server infers it from what each is compared with.
func (s *snapshot) start(ctx context.Context, text string, arguments [][]byte) (*rows, error) {
	server := s.conn.PgConn()
	statement, err := server.Prepare(ctx, "", text, nil)
	if err != nil {
		return nil, err
	}
	columns, err := s.describe(ctx, statement.Fields)
	if err != nil {
		return nil, err
	}
	// Describing the columns used the unnamed statement's slot up.
	decoders, formats := decodersOf(statement.Fields)
	reader := server.ExecParams(ctx, text, arguments, statement.ParamOIDs, nil, formats)
	return &rows{ctx: ctx, snapshot: s, reader: reader, columns: columns, decoders: decoders, size: make([]int, len(columns))}, nil
}

// describe names the types of a result's columns.
func (s *snapshot) describe(ctx context.Context, fields []pgconn.FieldDescription) ([]providers.Column, error) {
	oids, modifiers := make([]uint32, len(fields)), make([]int32, len(fields))
	for i, f := range fields {
		oids[i], modifiers[i] = f.DataTypeOID, f.TypeModifier
	}
	found, err := s.conn.Query(ctx, `SELECT t.typname, pg_catalog.format_type(f.type, f.modifier)
FROM unnest($1::pg_catalog.oid[], $2::pg_catalog.int4[]) WITH ORDINALITY AS f(type, modifier, n) JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) f.type ORDER BY f.n`, oids, modifiers)
	if err != nil {
		return nil, err
	}
	columns := make([]providers.Column, 0, len(fields))
	var name, spelt string
	_, err = pgx.ForEachRow(found, []any{&name, &spelt}, func() error {
		f := fields[len(columns)]
		columns = append(columns, providers.Column{Name: f.Name, Type: typeOf(f.DataTypeOID, name, f.TypeModifier, spelt)})
		return nil
	})
	if err == nil && len(columns) != len(fields) {
		err = errors.New("a column of the result has a type that the catalogue lacks")
	}
	return columns, err
}

// endRead gives back what a read left behind, and makes the snapshot ready again
// where the read failed.
func (s *snapshot) endRead(ctx context.Context) error {
	s.open = nil
	if s.conn.IsClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	for {
		_, err := s.conn.Exec(ctx, "ROLLBACK TO SAVEPOINT reading; RELEASE SAVEPOINT reading")
		var server *pgconn.PgError
		// A request to cancel may arrive late and hit this statement instead.
		if errors.As(err, &server) && server.Code == codeQueryCanceled {
			continue
		}
		if err != nil {
			return fmt.Errorf("end the reading of a query: %w", safeError(err))
		}
		return nil
	}
}

// Close ends the transaction and the connection.
func (s *snapshot) Close() error {
	if s.open != nil {
		_ = s.open.Close() // what matters is said by its reader
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), cleanupTimeout)
	defer cancel()
	// A read-only transaction has nothing to lose: closing rolls it back.
	err := s.conn.Close(ctx)
	select {
	case <-s.conn.PgConn().CleanupDone():
	case <-ctx.Done():
	}
	return err
}

// queryError says where in the query's text the server found a fault.
func queryError(query string, err error) error {
	var server *pgconn.PgError
	if !errors.As(err, &server) {
		return fmt.Errorf("run the query: %w", err)
	}
	safe := newError(server)
	if safe.Code == codeIndeterminate {
		safe.Hint = "give the parameter a type, as in :name::text"
	}
	at := ""
	if server.Position > 0 && query != "" {
		before := []rune(query)
		before = before[:min(int(server.Position)-1, len(before))]
		line, column := 1, 1
		for _, r := range before {
			column++
			if r == '\n' {
				line, column = line+1, 1
			}
		}
		at = fmt.Sprintf(" (line %d, column %d of the query)", line, column)
	}
	return fmt.Errorf("run the query%s: %w", at, safe)
}

package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

type source struct {
	*sqlsource.Source

	settings *settings
}

func newSource(s *settings) *source {
	return &source{settings: s, Source: &sqlsource.Source{
		Engine: engine{settings: s},
		Name:   s.identity(),
		Connect: func(context.Context) (*sqlsource.Link, error) {
			line := &sqlsource.Line{ConnectTimeout: s.connectTimeout, ReadTimeout: s.readTimeout}
			connector, err := newConnector(s, line)
			if err != nil {
				return nil, err
			}
			return sqlsource.NewLink(sql.OpenDB(connector), line), nil
		},
	}}
}

// engine is what sources of MariaDB and MySQL are.
type engine struct{ settings *settings }

var (
	_ sqlsource.Engine      = engine{}
	_ sqlsource.LineTeller  = engine{}
	_ sqlsource.BoundWriter = engine{}
)

func (engine) Lexis() sqlgen.Lexis { return lexis() }

func (engine) CheckQuery(text string) error { return checkQuery(text) }

func (engine) Placeholder(int) string { return "?" }

func (engine) Quote(name string) string { return quote(name) }

// Begin takes the snapshot at once, not with the first read. Only transactional engines have one: see Examine.
func (engine) Begin(ctx context.Context, conn *sql.Conn) error {
	const snapshot = "START TRANSACTION WITH CONSISTENT SNAPSHOT"
	if err := statements(ctx, conn, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"); err != nil {
		return err
	}
	err := statements(ctx, conn, snapshot+", READ ONLY")
	if isNumber(err, codeSyntax) {
		// MySQL before 5.6.5, MariaDB before 10.0: only the checks of the query's text, and the user's
		// privileges, keep it from writing.
		err = statements(ctx, conn, snapshot)
	}
	return err
}

// Argument binds numbers as such: compared with a text, the server would compare floats.
func (engine) Argument(v value.Value) (any, error) {
	switch v.Kind() {
	case value.Null:
		return nil, nil
	case value.Bool, value.Int:
		if v.Kind() == value.Bool {
			return v.Bool(), nil
		}
		return v.Int(), nil
	case value.Float:
		return v.Float(), nil
	case value.Decimal:
		return decimalArgument(v.Str()), nil
	case value.Bytes:
		return []byte(v.Str()), nil
	case value.Date:
		return dateArgument(v, time.DateOnly)
	case value.DateTime, value.Instant:
		return dateArgument(v, "2006-01-02 15:04:05.000000")
	default:
		return v.Text(), nil
	}
}

// dateArgument is a day or a time as the server reads it in a session whose clock shows UTC. Nanoseconds, of which it
// knows nothing, are cut.
func dateArgument(v value.Value, layout string) (any, error) {
	t := v.Time()
	if year := t.Year(); v.IsInfinite() || year < 1 || year > 9999 {
		return nil, fmt.Errorf("the %s lies outside of the years 1 to 9999", v.Kind())
	}
	return t.Format(layout), nil
}

// Bound keeps 0000-00-00, which is no day, in the result; an index on the column serves.
func (engine) Bound(column, placeholder string, kind value.Kind) string {
	condition := column + " >= " + placeholder + " OR " + column + " IS NULL"
	switch kind {
	case value.Date, value.DateTime, value.Instant:
		condition += " OR " + column + " < '0001-01-01'"
	default:
	}
	return condition
}

// Line implements sqlsource.LineTeller.
func (engine) Line(err error) int { return lineOf(err) }

//nolint:revive,staticcheck // the interface has the error first
func (e engine) Error(err error) (safe error, position int) { return e.settings.safeError(err), -1 }

func (engine) TableName(ctx context.Context, conn *sql.Conn, name string) (string, error) {
	found, err := findTable(ctx, conn, name)
	if err != nil {
		return "", err
	}
	return found.sql(), nil
}

func (engine) Columns(types []*sql.ColumnType) ([]providers.Column, []sqlsource.Decoder, error) {
	columns := make([]providers.Column, len(types))
	decoders := make([]sqlsource.Decoder, len(types))
	for i, t := range types {
		columns[i].Name = t.Name()
		var err error
		if columns[i].Type, decoders[i], err = decoderOf(t); err != nil {
			return nil, nil, err
		}
	}
	return columns, decoders, nil
}

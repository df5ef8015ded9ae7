package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

var (
	_ providers.Filterer = (*Provider)(nil)
	_ providers.Ranker   = (*snapshot)(nil)
)

// FilterKinds implements providers.Filterer.
func (*Provider) FilterKinds() []value.Kind {
	return providers.GrowingKinds()
}

// filter leaves out rows of a text that was checked. As a derived table it cannot reach beyond
// its brackets, and the server sees through them to an index.
func (s *snapshot) filter(ctx context.Context, text string, arguments [][]byte, from *providers.LowerBound) (string, [][]byte, error) {
	column, _, err := s.find(ctx, text, from)
	if err != nil {
		return "", nil, err
	}
	arguments = append(arguments, from.Value.AppendText(nil))
	return fmt.Sprintf("SELECT * FROM (%s) AS registrar_query WHERE %s >= $%d OR %s IS NULL", text, column, len(arguments), column), arguments, nil
}

// find returns the bound's column as the filter names it, and its kind. The text proves to be a query
// by itself.
func (s *snapshot) find(ctx context.Context, text string, bound *providers.LowerBound) (string, value.Kind, error) {
	statement, err := s.conn.PgConn().Prepare(ctx, "", text, nil)
	if err != nil {
		return "", value.Null, err
	}
	columns, err := s.describe(ctx, statement.Fields)
	if err != nil {
		return "", value.Null, err
	}
	at, err := bound.Find(columns)
	if err != nil {
		return "", value.Null, err
	}
	return "registrar_query." + quote(columns[at].Name), columns[at].Type.Kind, nil
}

// Greatest implements providers.Ranker. Of decimals NaN would be the greatest: they are not told.
func (s *snapshot) Greatest(ctx context.Context, query providers.Query, column string, exact bool, upTo time.Time) (greatest value.Value, kind value.Kind, err error) {
	text, arguments, err := s.beginRead(ctx, query)
	if err != nil {
		return greatest, kind, err
	}
	defer func() { err = errors.Join(err, s.endRead(ctx)) }()
	name, kind, err := s.find(ctx, text, &providers.LowerBound{Column: column, Exact: exact})
	if err != nil {
		return greatest, kind, queryError(query.SQL, err)
	}
	var last value.Value
	switch kind {
	case value.Int:
	case value.Date:
		last = value.OfDate(upTo)
	case value.DateTime:
		last = value.OfDateTime(upTo)
	case value.Instant:
		last = value.OfInstant(upTo)
	default:
		return greatest, kind, fmt.Errorf("%w: column %q holds values of type %s", providers.ErrNotComparable, column, kind)
	}
	text = "SELECT max(" + name + ") FROM (" + text + ") AS registrar_query"
	if !last.IsNull() {
		arguments = append(arguments, last.AppendText(nil))
		text += fmt.Sprintf(" WHERE %s <= $%d", name, len(arguments))
	}
	result, err := s.start(ctx, text, arguments)
	if err != nil {
		return greatest, kind, queryError("", err)
	}
	row := make([]value.Value, 1)
	for err == nil {
		if err = result.Next(row); err == nil {
			greatest = row[0]
		}
	}
	if !errors.Is(err, io.EOF) {
		return greatest, kind, err
	}
	return greatest, kind, nil
}

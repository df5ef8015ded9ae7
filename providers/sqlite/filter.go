package sqlite

import (
	"context"
	"fmt"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Filterer = (*Provider)(nil)

// FilterKinds implements providers.Filterer.
func (*Provider) FilterKinds() []value.Kind {
	return providers.GrowingKinds()
}

// filter leaves out rows of a text that was checked. Numbers sort before texts, whatever these say.
// Times are texts in one of many forms, and are compared as what they mean, to the millisecond; what is no such
// text stays, and so does what has a zone where the column has none, or none where it has one.
func (s *snapshot) filter(ctx context.Context, text string, args []any, from *providers.LowerBound) (string, []any, error) {
	columns, _, err := describe(ctx, s.conn, text)
	if err != nil {
		return "", nil, fmt.Errorf("prepare the query: %w", err)
	}
	at, err := from.Find(columns)
	if err != nil {
		return "", nil, err
	}
	column := "registrar_query." + quote(columns[at].Name)
	args = append(args, bind(from.Value))
	bound := fmt.Sprintf("?%d", len(args))
	condition := fmt.Sprintf("%s >= %s OR %s IS NULL", column, bound, column)
	switch from.Value.Kind() {
	case value.Date, value.DateTime, value.Instant:
		condition = fmt.Sprintf("typeof(%[1]s) <> 'text' OR %[1]s NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*' OR coalesce(julianday(%[1]s) >= julianday(%[2]s), 1)", column, bound)
	default:
	}
	zoned := fmt.Sprintf("(%[1]s GLOB '*[zZ]' OR %[1]s GLOB '*:*[+-]*')", column)
	switch from.Value.Kind() {
	case value.DateTime:
		condition += " OR " + zoned
	case value.Instant:
		condition += " OR NOT " + zoned
	default:
	}
	return fmt.Sprintf("SELECT * FROM (%s) AS registrar_query WHERE %s", text, condition), args, nil
}

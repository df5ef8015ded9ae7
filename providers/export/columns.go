package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// decimalType is text to the store, which would keep fifteen digits of a number and no scale.
const decimalType = "DECIMAL_TEXT"

// declare spells a kind as the store's catalogue reads it.
func (d *destination) declare(kind value.Kind) string {
	switch kind {
	case value.Int:
		return "INTEGER"
	case value.Float:
		return "REAL"
	case value.Bool:
		return "BOOLEAN"
	case value.Decimal:
		return decimalType
	case value.Date:
		return "DATE"
	case value.Time:
		return fmt.Sprintf("TIME(%d)", d.format.Fraction(kind))
	case value.DateTime:
		return fmt.Sprintf("TIMESTAMP(%d)", d.format.Fraction(kind))
	case value.Instant:
		return fmt.Sprintf("TIMESTAMPTZ(%d)", d.format.Fraction(kind))
	default:
		return "TEXT"
	}
}

// kindOf is the kind that declare spelt.
func kindOf(t value.Type) value.Kind {
	if t.SQL == decimalType {
		return value.Decimal
	}
	return t.Kind
}

// column is a column of a table to be made.
type column struct {
	name string
	kind value.Kind
}

// wanted returns the columns that syncs write, by their declared kinds. One into which the time of
// an apply is written must hold one: timestamptz unless declared.
func (d *destination) wanted(shape providers.TableShape) ([]column, error) {
	columns := make([]column, len(shape.Columns))
	for i, c := range shape.Columns {
		kind, err := d.format.Kind(shape.Name, c.Name)
		if err != nil {
			return nil, err
		}
		if kind == value.Text && c.Instant {
			kind = value.Instant
		}
		columns[i] = column{c.Name, kind}
		if j := find(columns[:i], c.Name); j >= 0 {
			return nil, fmt.Errorf("table %q: the columns %q and %q differ in case only", shape.Name, columns[j].name, c.Name)
		}
	}
	return columns, nil
}

func find(columns []column, name string) int {
	return slices.IndexFunc(columns, func(c column) bool { return strings.EqualFold(c.name, name) })
}

func names(columns []column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name
	}
	return out
}

// described returns a table of the store; nil where there is none.
func (d *destination) described(ctx context.Context, q providers.Querier, name string) (*sqlgen.Table, error) {
	table, err := d.Table(ctx, q, name)
	if errors.Is(err, providers.ErrNoTable) {
		return nil, nil //nolint:nilnil // "there is none" is an answer, not an error
	}
	return table, err
}

// fits reports whether a table of the store has the columns, in that order, and a unique index per key.
func (d *destination) fits(table *sqlgen.Table, columns []column, keys [][]string) bool {
	if len(table.Columns) != len(columns) || len(table.Unique) != len(keys) {
		return false
	}
	for i, c := range columns {
		if has := table.Columns[i]; has.Name != c.name || has.Type.SQL != d.declare(c.kind) {
			return false
		}
	}
	for _, key := range keys {
		if !slices.ContainsFunc(table.Unique, func(index []string) bool { return slices.Equal(index, key) }) {
			return false
		}
	}
	return true
}

// sqlColumn is a column as the statements see it.
func (d *destination) sqlColumn(c column) sqlgen.Column {
	kind := c.kind
	if kind == value.Decimal {
		kind = value.Text
	}
	return sqlgen.Column{Name: c.name, Type: value.Type{Kind: kind, SQL: d.declare(c.kind), Fraction: d.format.Fraction(kind)}}
}

// fit returns a value as it comes back from a file, in the form that the store's column of
// the kind holds.
func (d *destination) fit(kind value.Kind, v value.Value) (value.Value, error) {
	if kind == value.Decimal && v.Kind() == value.Text {
		number, err := value.ParseDecimal(v.Str())
		if err != nil {
			return value.Value{}, fmt.Errorf("is %w", err)
		}
		v = number
	}
	v, err := d.format.Fit(kind, v)
	if kind == value.Decimal && !v.IsNull() {
		v = value.OfText(v.Text())
	}
	return v, err
}

// refit is fit for a value that was read when its column was of another kind, maybe.
func (d *destination) refit(kind value.Kind, v value.Value) (value.Value, error) {
	if v.IsNull() || v.Kind() == kind {
		return d.fit(kind, v)
	}
	fitted, err := value.Type{Kind: kind, Fraction: d.format.Fraction(kind)}.Fit(v, nil)
	if err != nil {
		return value.Value{}, err
	}
	return d.fit(kind, fitted)
}

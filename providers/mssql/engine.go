package mssql

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// engine is what SQL Server does its own way.
type engine struct {
	lockTimeout time.Duration
}

var (
	_ sqlsource.Engine           = engine{}
	_ sqlsource.LineTeller       = engine{}
	_ sqlsource.TypedPlaceholder = engine{}
	_ sqlsource.Deriver          = engine{}
)

// Lexis implements sqlsource.Engine.
func (engine) Lexis() sqlgen.Lexis { return (*Provider)(nil).QueryLexis() }

// Quote implements sqlsource.Engine.
func (engine) Quote(name string) string { return quote(name) }

func quote(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" }

// Placeholder implements sqlsource.Engine.
func (engine) Placeholder(n int) string { return "@p" + strconv.Itoa(n) }

// PlaceholderFor implements sqlsource.TypedPlaceholder. Beside a column, the text of a decimal would be
// rounded to the column's digits.
func (e engine) PlaceholderFor(n int, v value.Value) string {
	if v.Kind() != value.Decimal {
		return e.Placeholder(n)
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(v.Text(), "-"), ".")
	return fmt.Sprintf("CAST(%s AS decimal(%d,%d))", e.Placeholder(n), min(len(whole)+len(fraction), maxDigits), min(len(fraction), maxDigits))
}

package config

import "github.com/registrar-sync/registrar/internal/value"

// Column is one mapped column.
type Column struct {
	Name      string
	Expr      Expr    // of no use where Lookup is set
	Lookup    *Lookup // nil for a column that is computed from the row alone
	Compare   Compare // exact unless set
	Sensitive bool    // masked in every output
	// Secrets are the names of the sensitive variables of the root that the value depends on, sorted: the
	// destination is given theirs.
	Secrets []string
	Range   Range
}

// Compare says which differences between two values of a column count.
type Compare struct {
	Mode   CompareMode // "" is CompareExact
	Digits int         // of CompareRounded: behind the point, from 0
}

// CompareMode is how values are compared.
type CompareMode string

// The modes.
const (
	CompareExact   CompareMode = "exact"
	CompareTrimmed CompareMode = "trimmed"          // without blanks at both ends
	CompareFolded  CompareMode = "case_insensitive" // by lower case
	CompareRounded CompareMode = "rounded"          // numbers, to Digits behind the point
	CompareDate    CompareMode = "date"             // of times, the day alone
)

// Expr computes a column's value from a source row.
type Expr struct {
	// Refs are the source columns it reads, in the order in which Bind takes
	// their indexes.
	Refs []ColumnRef
	// Plain is set where the whole expression is a reference to Refs[0].
	Plain bool
	// Bind returns the compiled expression for a source whose column Refs[i]
	// is row[index[i]]. The result is safe for concurrent use.
	Bind  func(index []int) Eval
	Range Range
}

// Eval computes a value from a source row. It keeps no reference to row. Its
// errors never repeat a row's values.
type Eval func(row []value.Value) (value.Value, error)

// ColumnRef is a reference to a source column.
type ColumnRef struct {
	Name string
	// Exact: written row["x"], so that case counts; row.x ignores it.
	Exact bool
	Range Range
}

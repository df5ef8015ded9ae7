package config

// Lookup gives a column the value of another table's column: a foreign key by
// business key.
type Lookup struct {
	Table  string // the parent, in the same destination
	Column string // its column whose value is taken
	// By identify the parent's row; one column or several. Where one of them is NULL
	// the lookup is NULL, and resolved.
	By           []LookupKey
	Archived     bool // archived rows count too
	OnUnresolved OnUnresolved
	TableRange   Range
	Range        Range
}

// LookupKey is a column of a lookup's parent table, and the value it must have.
type LookupKey struct {
	Column string
	Expr   Expr
	Range  Range
}

// OnUnresolved is what happens to a row whose lookup finds nothing.
type OnUnresolved string

// The values of on_unresolved.
const (
	RejectUnresolved OnUnresolved = "reject" // the default
	NullUnresolved   OnUnresolved = "null"   // the column becomes NULL, and a finding says so
	StopUnresolved   OnUnresolved = "stop"   // the plan fails
)

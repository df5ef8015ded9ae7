package config

import (
	"slices"
	"strings"
)

// Shown says which columns an operator's policy lets outputs show. A nil *Shown is no policy: it hides none.
type Shown struct {
	All     bool
	Columns []string
}

// Hides reports whether a column must be masked. Case counts.
func (s *Shown) Hides(column string) bool {
	return s != nil && !s.All && !slices.Contains(s.Columns, column)
}

// HidesRef reports whether what a reference to a source column reads must be masked.
func (s *Shown) HidesRef(ref ColumnRef) bool {
	if ref.Exact {
		return s.Hides(ref.Name)
	}
	return s != nil && !s.All && !slices.ContainsFunc(s.Columns, func(c string) bool { return strings.EqualFold(c, ref.Name) })
}

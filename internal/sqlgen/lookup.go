package sqlgen

import (
	"slices"
)

// Lookup is a mapped column whose value is that of another table's column.
type Lookup struct {
	Column Column // of the target's table
	Parent *Table
	Ref    Column // the parent's column whose value is taken
	By     []LookupKey
	// Archived: archived rows of the parent count too.
	Archived bool
	// Null: what is not found becomes NULL.
	Null bool
	// Sensitive: findings do not say what was not found.
	Sensitive bool
	// Owners are the syncs of the configuration that write the parent, by which its
	// archived rows are told.
	Owners []*Target
}

// LookupKey is a column of a lookup's parent.
type LookupKey struct {
	Column Column // of the parent
	Staged Column // that holds the value wanted, in the stage; it has Column's type
}

// LookupOf returns the lookup of a mapped column, or nil.
func (t *Target) LookupOf(c Column) *Lookup { return lookupOf(t.Lookups, c) }

func lookupOf(lookups []*Lookup, c Column) *Lookup {
	for _, l := range lookups {
		if l.Column.Name == c.Name {
			return l
		}
	}
	return nil
}

// Self reports whether the lookup goes into the target's own table.
func (t *Target) Self(l *Lookup) bool { return l.Parent.Name == t.Table.Name }

// inKey reports whether the lookup's column is part of the key.
func (t *Target) inKey(l *Lookup) bool {
	return slices.ContainsFunc(t.Key, func(k Column) bool { return k.Name == l.Column.Name })
}

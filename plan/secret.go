package plan

import (
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// masks reports whether a sync of the configuration masks a column of a destination's table; of
// any of its tables where table is "".
func masks(cfg *config.Config, into *config.Connection, table, column string) bool {
	return slices.ContainsFunc(cfg.Syncs, func(s *config.Sync) bool {
		return s.Destination.Into == into && (table == "" || s.Destination.Table == table) &&
			slices.ContainsFunc(s.Columns, func(c config.Column) bool { return c.Sensitive && strings.EqualFold(c.Name, column) })
	})
}

// masksAll reports whether a sync masks every column that it maps.
func masksAll(sync *config.Sync) bool {
	return !slices.ContainsFunc(sync.Columns, func(c config.Column) bool { return !c.Sensitive })
}

// secretLookups returns the columns whose lookups go by business keys that are not to be shown: where
// the column is masked, where a key is a column that a sync masks in the looked-up table, and where a key
// reads of the source what is read for something masked.
func secretLookups(cfg *config.Config, sync *config.Sync) map[string]bool {
	hidden := map[string]bool{}
	var secret []config.ColumnRef
	for i := range sync.Columns {
		if column := &sync.Columns[i]; column.Sensitive {
			secret = append(secret, refs(column)...)
		}
	}
	hides := func(column *config.Column) bool {
		l := column.Lookup
		return column.Sensitive || masks(cfg, sync.Destination.Into, l.Table, l.Column) || readsAny(refs(column), secret) ||
			slices.ContainsFunc(l.By, func(k config.LookupKey) bool { return masks(cfg, sync.Destination.Into, l.Table, k.Column) })
	}
	// What one lookup hides, another may read.
	for found := true; found; {
		found = false
		for i := range sync.Columns {
			if column := &sync.Columns[i]; column.Lookup != nil && !hidden[column.Name] && hides(column) {
				hidden[column.Name], found = true, true
				secret = append(secret, refs(column)...)
			}
		}
	}
	return hidden
}

// refs are the source columns that a column reads.
func refs(column *config.Column) []config.ColumnRef {
	if column.Lookup == nil {
		return column.Expr.Refs
	}
	var all []config.ColumnRef
	for _, k := range column.Lookup.By {
		all = append(all, k.Expr.Refs...)
	}
	return all
}

// readsAny reports whether two expressions may read the same.
func readsAny(one, other []config.ColumnRef) bool {
	return slices.ContainsFunc(one, func(a config.ColumnRef) bool {
		return slices.ContainsFunc(other, func(b config.ColumnRef) bool { return strings.EqualFold(a.Name, b.Name) })
	})
}

// secretRefs are the source columns that the hidden business keys of a sync's lookups read.
func secretRefs(sync *config.Sync, t *sqlgen.Target) []config.ColumnRef {
	var all []config.ColumnRef
	for _, l := range t.Lookups {
		for i := range sync.Columns {
			if l.Sensitive && sync.Columns[i].Name == l.Column.Name {
				all = append(all, refs(&sync.Columns[i])...)
			}
		}
	}
	return all
}

// named are the columns that the configuration names.
func (w *work) named() map[string]bool {
	t := w.target
	named := map[string]bool{}
	for _, c := range t.Mapped {
		named[c.Name] = true
	}
	for _, set := range slices.Concat(t.Scope, t.Archive, t.Restore) {
		named[set.Column.Name] = true
	}
	for _, stamped := range t.Stamps {
		for _, c := range stamped {
			named[c.Name] = true
		}
	}
	return named
}

// mask adds to the sensitive columns the business keys that are not to be shown, the columns
// that take a value from a masked one, and the columns that the configuration does not name: deleting a
// row records all of them, and nobody could have said that they are not sensitive. So are the texts
// that are made of any of these, and, where every column is masked, those that say whose a row is, and what the
// row's lifecycle writes, which tell when a person came and left. A policy
// hides what a configuration writes without mapping it, too: the row may hold anything there.
func (w *work) mask(cfg *config.Config) {
	t := w.target
	hide := func(name string) { w.summary.Sensitive = append(w.summary.Sensitive, name) }
	for _, l := range t.Lookups {
		if !l.Sensitive {
			continue
		}
		for _, k := range l.By {
			hide(k.Staged.Name)
		}
		if from := w.column(l.Column.Name).Lookup; masks(cfg, w.sync.Destination.Into, from.Table, from.Column) && !slices.Contains(w.summary.Sensitive, l.Column.Name) {
			hide(l.Column.Name)
		}
	}
	named := w.named()
	for _, c := range t.Table.Columns {
		if !named[c.Name] || w.sync.Shown.Hides(c.Name) && !slices.Contains(w.summary.Sensitive, c.Name) {
			hide(c.Name)
		}
	}
	if masksAll(w.sync) {
		for _, set := range slices.Concat(t.Scope, t.Archive, t.Restore) {
			hide(set.Column.Name)
		}
		for _, stamped := range t.Stamps {
			for _, c := range stamped {
				hide(c.Name)
			}
		}
	}
	for _, set := range t.Archive {
		if set.MadeOf(w.summary.Sensitive) {
			hide(set.Column.Name)
		}
	}
}

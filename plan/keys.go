package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// maxBadKeys bounds the keys that an error names.
const maxBadKeys = 10

// checkKeys reports keys that do not identify one record or row.
func (d *destination) checkKeys(ctx context.Context, m *maker, w *work) (usable bool, err error) {
	sensitive := func(column string) bool { return slices.Contains(w.summary.Sensitive, column) }
	bad, err := d.duplicates(ctx, w, sensitive)
	if err != nil {
		return false, fmt.Errorf("check the keys: %w", err)
	}
	if len(bad) > 0 {
		m.diags.Errorf(w.sync.Destination.KeyRange, "Duplicate keys in the source", "%s: several records of %s have one key, as table %q compares keys:\n  %s\nMake the query return each key once.",
			w.sync.Address, w.sync.Source.From.Address, w.sync.Destination.Table, strings.Join(bad, "\n  "))
	}
	var stored []string
	nullable := slices.ContainsFunc(w.target.Key, func(k sqlgen.Column) bool { return !k.NotNull })
	enforced := !w.sync.Destination.UnenforcedKey
	if nullable || !enforced {
		names := make([]string, len(w.target.Key))
		for i, k := range w.target.Key {
			names[i] = k.Name
		}
		if stored, err = d.numbered(ctx, sqlgen.BadDestinationKeys(d.Dialect(), w.target, enforced, maxBadKeys), names, sensitive); err != nil {
			return false, fmt.Errorf("check the keys: %w", err)
		}
	}
	if len(stored) > 0 {
		m.diags.Errorf(w.sync.Destination.KeyRange, "Bad keys in the destination", "%s: rows of table %q in this sync's scope have a NULL or duplicate key:\n  %s\nCorrect them in the destination first.",
			w.sync.Address, w.sync.Destination.Table, strings.Join(stored, "\n  "))
	}
	return len(bad) == 0 && len(stored) == 0, nil
}

// duplicates names keys that the source gave more than once.
func (d *destination) duplicates(ctx context.Context, w *work, sensitive func(string) bool) ([]string, error) {
	if quick := sqlgen.CountRepeatedHashes(d.Dialect(), w.target); quick.SQL != "" {
		if repeated, err := d.count(ctx, quick); err != nil || repeated == 0 {
			return nil, err
		}
	}
	return d.numbered(ctx, sqlgen.DuplicateStagedKeys(d.Dialect(), w.target, maxBadKeys), w.target.StagedKeyNames(), sensitive)
}

// checkSharedInserts finds keys that several syncs would insert where the unique
// index takes them for one: the second insert would fail.
func (d *destination) checkSharedInserts(ctx context.Context, m *maker) error {
	together := map[string][]*work{}
	var places []string
	for _, w := range d.works {
		for _, scope := range w.target.KeyScopes {
			parts := []string{w.sync.Destination.Table}
			for _, set := range scope {
				parts = append(parts, set.Column.Name, *set.Text)
			}
			place := strings.Join(parts, "\x00")
			if together[place] == nil {
				places = append(places, place)
			}
			together[place] = append(together[place], w)
		}
	}
	for _, place := range places {
		works := together[place]
		if len(works) == 1 {
			continue
		}
		if err := d.reportSharedInserts(ctx, m, works); err != nil {
			return fmt.Errorf("%s: look for keys inserted twice into %s: %w", d.connection.Address, works[0].sync.Destination.Table, d.safe(err))
		}
	}
	return nil
}

// masksKey reports whether a part of the sync's key, or what it is looked up by, is not shown.
func (w *work) masksKey() bool {
	return slices.ContainsFunc(w.summary.Sensitive, func(name string) bool {
		return slices.Contains(w.target.StagedKeyNames(), name) || slices.ContainsFunc(w.target.Key, func(k sqlgen.Column) bool { return k.Name == name })
	})
}

func (d *destination) reportSharedInserts(ctx context.Context, m *maker, works []*work) error {
	w := works[0]
	planned := make([]sqlgen.Planned, len(works))
	for i, one := range works {
		planned[i] = one.planned()
	}
	s := sqlgen.SharedInserts(d.Dialect(), planned, maxBadKeys)
	rows, err := d.tx.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, one, other string
		if err := rows.Scan(&key, &one, &other); err != nil {
			return err
		}
		if slices.ContainsFunc(works, (*work).masksKey) {
			key = "(sensitive)"
		}
		m.diags.Errorf(w.sync.Destination.KeyRange, "Key inserted twice", "%s and %s would both insert or adopt %s in table %q. Make their sources disjoint, or the table's unique index include the scope.", one, other, key, w.sync.Destination.Table)
	}
	return rows.Err()
}

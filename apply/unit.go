package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// unit is some syncs that are carried out together: one, or all those of a table whose rows
// refer to each other.
type unit []*step

// group makes the units, by the rule by which the plan has put their syncs next to each other:
// all those of a table of which one looks at the table itself, or whose rows the database
// holds to each other.
func group(steps []*step) []unit {
	together := map[string]bool{} // by table
	for _, s := range steps {
		alone := unit{s}
		name := s.target.Table.Name
		together[name] = together[name] || alone.looksAtItself() || alone.refersToItself()
	}
	var units []unit
	for _, s := range steps {
		name := s.target.Table.Name
		if n := len(units); n > 0 && together[name] && units[n-1][0].target.Table.Name == name {
			units[n-1] = append(units[n-1], s)
			continue
		}
		units = append(units, unit{s})
	}
	return units
}

// looksAtItself reports whether rows look up others of their table.
func (u unit) looksAtItself() bool {
	return slices.ContainsFunc(u, func(s *step) bool { return s.target.RefersToItself() })
}

// looks reports whether an operation writes what rows look up.
func (u unit) looks(d sqlgen.Dialect, operation config.Operation) bool {
	return slices.ContainsFunc(u, func(s *step) bool { return sqlgen.Looks(d, s.target, string(operation)) })
}

// refersToItself reports whether the database holds rows to others of their table.
func (u unit) refersToItself() bool { return len(u[0].target.Table.OwnForeignKeys()) > 0 }

// each carries out a part of the batches of some operations, one statement each.
func (t *transaction) each(ctx context.Context, u unit, operations []config.Operation, part sqlgen.Part) error {
	for _, s := range u {
		for _, operation := range operations {
			if s.left[operation] == 0 {
				continue
			}
			if s.left[operation] == s.counts[operation] {
				t.report(Progress{Sync: s.summary.Sync, Operation: operation, Rows: s.counts[operation]})
			}
			if err := t.write(ctx, s, operation, part); err != nil {
				return fmt.Errorf("%s: %s: %w", s.summary.Sync, operation, err)
			}
		}
	}
	return nil
}

// whole checks that all rows of some operations have been written.
func (t *transaction) whole(ctx context.Context, u unit, operations []config.Operation) error {
	for _, s := range u {
		for _, operation := range operations {
			if s.counts[operation] == 0 {
				continue
			}
			if err := t.written(ctx, s, s.batch(operation)); err != nil {
				return fmt.Errorf("%s: %s: %w", s.summary.Sync, operation, err)
			}
			t.report(Progress{Sync: s.summary.Sync, Operation: operation, Rows: s.counts[operation], Done: true})
		}
	}
	return nil
}

// write carries out a part of a batch.
func (t *transaction) write(ctx context.Context, s *step, operation config.Operation, part sqlgen.Part) error {
	b := s.batch(operation)
	// Where no index refuses a key that is taken, look before.
	if s.sync.Destination.UnenforcedKey && operation == config.Insert && s.left[operation] == s.counts[operation] {
		stale, err := t.stale(ctx, t.tx, s, b)
		if err != nil {
			return err
		}
		if stale != nil {
			return stale
		}
	}
	statement := sqlgen.Execute(t.Dialect(), s.target, b, part, t.nowText)
	result, err := t.tx.ExecContext(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return &batchError{s, b, t.safe(err)}
	}
	affected, err := result.RowsAffected()
	s.left[operation] -= affected
	return t.safe(err)
}

// rounds carries out a part of the batches of some operations again and again, as long as
// that makes more of them possible.
func (t *transaction) rounds(ctx context.Context, u unit, operations []config.Operation, part sqlgen.Part) error {
	left := func() (n int64) {
		for _, s := range u {
			for _, operation := range operations {
				n += s.left[operation]
			}
		}
		return n
	}
	for before, now := int64(-1), left(); now > 0 && now != before; {
		if err := t.each(ctx, u, operations, part); err != nil {
			return err
		}
		before, now = now, left()
	}
	return nil
}

// The operations that leave a row there, and those that do not.
var (
	changes  = []config.Operation{config.Rename, config.Adopt, config.Update, config.Undelete}
	archives = []config.Operation{config.Archive}
	inserts  = []config.Operation{config.Insert}
	removals = []config.Operation{config.Purge, config.Delete}
)

// change carries out what a unit writes. Rows that look up others of their table wait until these
// are inserted; of rows that are inserted, first those that refer to none that is, then those
// that refer to them, and so on.
func (t *transaction) change(ctx context.Context, u unit) error {
	all := append(slices.Clone(changes), inserts...)
	if !u.looksAtItself() {
		for _, operation := range all {
			one := []config.Operation{operation}
			part := sqlgen.AllRows
			if u.looks(t.Dialect(), operation) && !u.refersToItself() {
				if err := t.each(ctx, u, one, sqlgen.AllKnown); err != nil {
					return err
				}
				part = sqlgen.AllUnknown
			}
			if err := t.each(ctx, u, one, part); err != nil {
				return err
			}
			if err := t.whole(ctx, u, one); err != nil {
				return err
			}
		}
		return nil
	}
	if err := t.each(ctx, u, changes, sqlgen.AllKnown); err != nil {
		return err
	}
	if err := t.rounds(ctx, u, inserts, sqlgen.Remaining); err != nil {
		return err
	}
	if err := t.each(ctx, u, changes, sqlgen.AllUnknown); err != nil {
		return err
	}
	if err := t.whole(ctx, u, all); err != nil {
		return err
	}
	for _, s := range u {
		for _, operation := range all {
			if err := t.found(ctx, s, operation); err != nil {
				return fmt.Errorf("%s: %s: %w", s.summary.Sync, operation, err)
			}
		}
	}
	return nil
}

// found checks that lookups into the own table find what the plan saw, now that all of it is as the
// plan leaves it.
func (t *transaction) found(ctx context.Context, s *step, operation config.Operation) error {
	if s.counts[operation] == 0 || !s.target.RefersToItself() {
		return nil
	}
	stale, err := t.lost(ctx, t.tx, s, s.batch(operation))
	if err != nil || stale == nil {
		return err
	}
	return stale
}

// archive archives a unit's rows.
func (t *transaction) archive(ctx context.Context, u unit) error {
	if err := t.each(ctx, u, archives, sqlgen.AllRows); err != nil {
		return err
	}
	return t.whole(ctx, u, archives)
}

// remove deletes a unit's rows for good: where the database holds rows to others of their table,
// those first that no row refers to. Only the last time must all of them go.
func (t *transaction) remove(ctx context.Context, u unit, last bool) error {
	if u.refersToItself() {
		if err := t.rounds(ctx, u, removals, sqlgen.Leaves); err != nil {
			return err
		}
	}
	if !last {
		return nil
	}
	if err := t.each(ctx, u, removals, sqlgen.AllRows); err != nil {
		return err
	}
	return t.whole(ctx, u, removals)
}

package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// resolver resolves the lookups of one sync.
type resolver struct {
	*destination
	m      *maker
	w      *work
	loaded string // the stage as it was loaded
	// parents are the tables of each lookup's parents; "" until they are known.
	parents []string
}

func (d *destination) resolver(m *maker, w *work) *resolver {
	return &resolver{destination: d, m: m, w: w, loaded: w.target.Stage, parents: make([]string, len(w.target.Lookups))}
}

// prepare creates the stage whose lookups are resolved.
func (r *resolver) prepare(ctx context.Context) error {
	r.w.target.Stage = r.w.stage(r.Dialect(), "rows")
	return r.create(ctx, sqlgen.CreateResolved(r.Dialect(), r.w.target), sqlgen.IndexResolved(r.Dialect(), r.w.target))
}

// gather computes what the lookups may find, as far as the plan has been computed: those
// into the sync's own table, or the others.
func (r *resolver) gather(ctx context.Context, self bool) error {
	for i, l := range r.w.target.Lookups {
		if r.w.target.Self(l) != self {
			continue
		}
		if err := r.gatherOne(ctx, i, l); err != nil {
			return fmt.Errorf("look up %s: %w", l.Column.Name, err)
		}
	}
	return nil
}

func (r *resolver) gatherOne(ctx context.Context, i int, l *sqlgen.Lookup) error {
	d, table := r.Dialect(), r.parents[i]
	if table != "" && !r.definesAside() {
		// Computed before, and overtaken.
		if _, err := r.exec(ctx, sqlgen.DropStage(d, table)); err != nil {
			return err
		}
	} else {
		table = r.w.stage(d, fmt.Sprintf("parents%d", len(r.w.stages)))
	}
	r.parents[i] = table
	statements := []sqlgen.Statement{sqlgen.CreateParents(d, l, table), sqlgen.FillParents(d, l, table), sqlgen.IndexReferences(d, l, table)}
	for _, owner := range r.works {
		if owner.target.Table.Name != l.Parent.Name {
			continue
		}
		for _, operation := range config.Operations {
			if owner.summary.Counts[operation] > 0 {
				statements = append(statements, sqlgen.PlanParents(d, l, table, owner.target, owner.batch(operation)))
			}
		}
	}
	for _, owner := range l.Owners {
		for moves := range slices.Chunk(r.moves(owner), sqlgen.MaxMoves) {
			statements = append(statements, sqlgen.KeepNames(d, r.w.target, l, table, owner, moves))
		}
	}
	statements = append(statements, sqlgen.IndexParents(d, l, table), sqlgen.DropBuried(d, l, table))
	return r.build(ctx, table, statements...)
}

// moves are those of a sync that writes a lookup's parents. What does not fit is reported where
// they are to be carried out.
func (r *resolver) moves(owner *sqlgen.Target) []sqlgen.Move {
	var moves []sqlgen.Move
	for _, sync := range r.m.cfg.Syncs {
		if sync.Address != owner.Sync {
			continue
		}
		for _, move := range sync.Moved {
			from, _, fromErr := keyTexts(owner, sync, move.From, r.m.cfg.Settings.Timezone)
			to, _, toErr := keyTexts(owner, sync, move.To, r.m.cfg.Settings.Timezone)
			if fromErr == nil && toErr == nil {
				moves = append(moves, sqlgen.Move{From: from, To: to})
			}
		}
	}
	return moves
}

// resolve fills the stage anew. Without self, lookups into the sync's own table are
// taken to find nothing that matters yet.
func (r *resolver) resolve(ctx context.Context, self bool) error {
	d, t := r.Dialect(), r.w.target
	parents := slices.Clone(r.parents)
	for i, l := range t.Lookups {
		if t.Self(l) && !self {
			parents[i] = ""
		}
	}
	if r.w.resolved {
		if _, err := r.exec(ctx, sqlgen.Empty(t.Stage)); err != nil {
			return err
		}
	}
	if _, err := r.exec(ctx, sqlgen.Resolve(d, t, r.loaded, parents)); err != nil {
		return err
	}
	if !r.w.resolved {
		if err := r.index(ctx, t.Stage, sqlgen.IndexResolved(d, t)); err != nil {
			return err
		}
	}
	r.w.resolved = true
	return r.rejectOutside(ctx, r.w)
}

// checkAmbiguous reports lookups that several rows would answer.
func (r *resolver) checkAmbiguous(ctx context.Context) error {
	for i, l := range r.w.target.Lookups {
		s := sqlgen.AmbiguousParents(r.Dialect(), l, r.parents[i], r.loaded, maxBadKeys)
		names := make([]string, len(l.By))
		for j, k := range l.By {
			names[j] = k.Column.Name
		}
		found, err := r.numbered(ctx, s, names, func(string) bool { return l.Sensitive })
		if err != nil {
			return fmt.Errorf("look for ambiguous keys of %s: %w", l.Column.Name, err)
		}
		if len(found) > 0 {
			column := r.w.column(l.Column.Name)
			r.m.diags.Errorf(column.Lookup.Range, "Ambiguous lookup", "%s: several rows of table %q answer for column %q:\n  %s\nGive the lookup another key column besides, such as the rows' origin; or correct the rows.",
				r.w.sync.Address, column.Lookup.Table, l.Column.Name, strings.Join(found, "\n  "))
		}
	}
	return nil
}

// checkResolved reports records whose keys turn out to be one.
func (r *resolver) checkResolved(ctx context.Context) error {
	s := sqlgen.DuplicateResolvedKeys(r.Dialect(), r.w.target, maxBadKeys)
	if s.SQL == "" || r.m.broken() {
		return nil
	}
	found, err := r.numbered(ctx, s, r.w.target.StagedKeyNames(), func(column string) bool { return slices.Contains(r.w.summary.Sensitive, column) })
	if err != nil {
		return fmt.Errorf("check the keys: %w", err)
	}
	if len(found) > 0 {
		r.m.diags.Errorf(r.w.sync.Destination.KeyRange, "Duplicate keys in the source", "%s: these records of %s have different keys, but their lookups lead to one row of table %q:\n  %s\nMake the query return each of them once.",
			r.w.sync.Address, r.w.sync.Source.From.Address, r.w.sync.Destination.Table, strings.Join(found, "\n  "))
	}
	return nil
}

// stopUnresolved reports the lookups that find nothing and must.
func (r *resolver) stopUnresolved(ctx context.Context) error {
	for i, l := range r.w.target.Lookups {
		column := r.w.column(l.Column.Name)
		if column.Lookup.OnUnresolved != config.StopUnresolved {
			continue
		}
		s := sqlgen.UnresolvedKeys(r.Dialect(), l, r.loaded, r.parents[i], maxBadKeys)
		names := make([]string, len(l.By))
		for j, k := range l.By {
			names[j] = k.Column.Name
		}
		found, err := r.numbered(ctx, s, names, func(string) bool { return l.Sensitive })
		if err != nil {
			return fmt.Errorf("look for unresolved keys of %s: %w", l.Column.Name, err)
		}
		if len(found) > 0 {
			r.m.diags.Errorf(column.Lookup.Range, "Unresolved lookup", "%s: no row of table %q answers for column %q, and on_unresolved is \"stop\":\n  %s\nFill the table first, or let such records be rejected (on_unresolved = \"reject\").",
				r.w.sync.Address, column.Lookup.Table, l.Column.Name, strings.Join(found, "\n  "))
		}
	}
	return nil
}

// settle resolves the lookups of a unit's syncs. Rows that refer to others of their own table depend
// on what becomes of these: the unit is compared until no more are rejected.
func (d *destination) settle(ctx context.Context, m *maker, u unit) error {
	var resolvers []*resolver
	for _, w := range u {
		if len(w.target.Lookups) == 0 {
			continue
		}
		r := d.resolver(m, w)
		resolvers = append(resolvers, r)
		if err := r.prepare(ctx); err != nil {
			return err
		}
		if err := r.gather(ctx, false); err != nil {
			return err
		}
		if err := r.resolve(ctx, false); err != nil {
			return err
		}
	}
	if u.refersToItself() {
		if err := d.settleSelf(ctx, u, resolvers); err != nil {
			return err
		}
		if err := d.checkCycles(ctx, m, u); err != nil {
			return fmt.Errorf("look for circles: %w", err)
		}
	}
	for _, r := range resolvers {
		if err := errors.Join(r.checkAmbiguous(ctx), r.stopUnresolved(ctx)); err != nil {
			return err
		}
		if err := r.checkResolved(ctx); err != nil {
			return err
		}
		if err := r.recordUnresolved(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *destination) settleSelf(ctx context.Context, u unit, resolvers []*resolver) error {
	rejects, err := d.rejects(ctx, resolvers)
	if err != nil {
		return err
	}
	for {
		for _, w := range u {
			if err := d.computeEarly(ctx, w); err != nil {
				return err
			}
		}
		for _, r := range resolvers {
			if err := r.gather(ctx, true); err != nil {
				return err
			}
			if err := r.resolve(ctx, true); err != nil {
				return err
			}
		}
		for _, r := range resolvers {
			if _, err := d.exec(ctx, sqlgen.Empty(r.w.target.Draft)); err != nil {
				return err
			}
			r.w.summary.LastSeq, r.w.summary.Counts, r.w.aside = r.w.summary.AfterSeq, nil, nil
		}
		now, err := d.rejects(ctx, resolvers)
		if err != nil {
			return err
		}
		if now == rejects {
			return nil
		}
		rejects = now
		// Once rejected, always rejected: a row that finds its parent again only because it is
		// rejected itself would go to and fro for ever.
		for _, r := range resolvers {
			if _, err := d.exec(ctx, sqlgen.KeepRejects(d.Dialect(), r.w.target, r.loaded)); err != nil {
				return err
			}
		}
	}
}

// computeEarly computes a sync whose rows may be referred to by others of its unit, and judges it: those
// whose removal is held back can be.
func (d *destination) computeEarly(ctx context.Context, w *work) (err error) {
	w.putBack()
	var rejected int64
	switch {
	case len(w.target.Lookups) > 0:
		// Counted before: the operations settle rows, too.
		if rejected, err = d.count(ctx, sqlgen.CountRejects(d.Dialect(), w.target)); err != nil {
			return err
		}
		err = d.compute(ctx, w, false)
	case !w.computed: // it depends on no lookup
		err = d.computeOnce(ctx, w)
		rejected = w.summary.Rejected
	default:
		rejected = w.summary.Rejected
	}
	if err != nil {
		return err
	}
	w.judge(d.before[w.sync.Address], rejected)
	return nil
}

func (d *destination) rejects(ctx context.Context, resolvers []*resolver) (total int64, err error) {
	for _, r := range resolvers {
		n, err := d.count(ctx, sqlgen.CountRejects(d.Dialect(), r.w.target))
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

func (r *resolver) recordUnresolved(ctx context.Context) error {
	for i, l := range r.w.target.Lookups {
		if !l.Null {
			continue
		}
		n, err := r.find(ctx, r.w, sqlgen.RecordUnresolved(r.Dialect(), r.w.target, l, r.loaded, r.parents[i], r.w.planID, r.w.findings))
		if err != nil {
			return fmt.Errorf("record unresolved lookups: %w", err)
		}
		r.w.summary.Unresolved += n
	}
	return nil
}

// count runs a query of one number.
func (d *destination) count(ctx context.Context, s sqlgen.Statement) (n int64, err error) {
	err = d.tx.QueryRowContext(ctx, s.SQL, s.Args...).Scan(&n)
	return n, err
}

// numbered runs a query of numbers of rows and texts and renders each row.
func (d *destination) numbered(ctx context.Context, s sqlgen.Statement, names []string, sensitive func(column string) bool) ([]string, error) {
	rows, err := d.tx.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var n int64
		texts := make([]sql.NullString, len(names))
		into := []any{&n}
		for i := range texts {
			into = append(into, &texts[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		parts := make([]string, len(texts))
		for i, text := range texts {
			shown := "null"
			switch {
			case sensitive(names[i]):
				shown = "(sensitive)"
			case text.Valid:
				shown = fmt.Sprintf("%q", cut(text.String, 60))
			}
			parts[i] = names[i] + " = " + shown
		}
		found = append(found, fmt.Sprintf("%s (%d times)", strings.Join(parts, ", "), n))
	}
	return found, rows.Err()
}

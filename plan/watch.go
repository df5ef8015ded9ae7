package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// WatchOptions say which row is watched.
type WatchOptions struct {
	Sync string            // the address of an instance
	Key  register.Document // as ParseRowKey returns it
}

// Watch makes the speculative plan of a sync, of what it needs and of what decides about it, looks at one key on its way, and
// undoes the plan: nothing is left in a register or a stage. What keeps the plan from being made is an answer, too
// (Watched.Err); the error is of a sync that there is not, or of a context that ended.
func Watch(ctx context.Context, cfg *config.Config, opts Options, what WatchOptions) (*Watched, error) {
	i := slices.IndexFunc(cfg.Syncs, func(s *config.Sync) bool { return s.Address == what.Sync })
	if i < 0 {
		return nil, fmt.Errorf("the configuration has no instance %s", what.Sync)
	}
	opts.Full, opts.Speculative, opts.CompareWith, opts.NoPseudonyms, opts.Warn = true, true, nil, true, nil
	var again [][]string
	for {
		w, also, err := watchOnce(ctx, cfg, opts, cfg.Syncs[i], what.Key, again)
		if err != nil {
			return nil, err
		}
		// The destination takes another spelling for the key than the eye does: look for that one.
		if len(w.Records) > 0 || len(also) == 0 || again != nil {
			return w, nil
		}
		again = also
	}
}

// watchOnce returns, too, under which keys the destination has staged the key.
func watchOnce(ctx context.Context, cfg *config.Config, opts Options, sync *config.Sync, key register.Document, also [][]string) (*Watched, [][]string, error) {
	now := opts.Now().UTC().Truncate(time.Microsecond)
	m := &maker{
		cfg: cfg, opts: &opts, id: opts.NewID(), now: now, created: now,
		databases: &databases{opts: &opts, limits: cfg.Settings.Limits.Tighter(opts.Limits)},
		watch:     &watch{sync: sync.Address, keys: also},
	}
	within, end := planTimeout(ctx, m.databases.limits)
	defer end()
	defer m.databases.close(ctx)
	w := &Watched{Sync: sync, Key: key}
	spelt, err := m.watchKey(within, w)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	w.Err, w.Records = m.explain(within, err), m.watch.confirmed(spelt)
	if err := m.lookAround(ctx, w); err != nil && ctx.Err() != nil {
		return nil, nil, ctx.Err()
	} else if err != nil {
		w.Err = errors.Join(w.Err, err)
	}
	return w, spelt, nil
}

// watchKey makes the plan as Make does, but for its end, and returns how the loaded stage spells the key.
func (m *maker) watchKey(ctx context.Context, w *Watched) (spelt [][]string, err error) {
	if err := m.prepare(ctx, watchedWith(m.cfg, w.Sync)); err != nil {
		return nil, err
	}
	at := m.planned(w.Sync.Address)
	// Without a target staging says what is wrong, with all that is.
	if at.target != nil && !m.fitKey(w, at) {
		return nil, nil
	}
	if err := m.stage(ctx, nil); err != nil {
		return nil, err
	}
	if err := m.begin(ctx); err != nil {
		return nil, err
	}
	if spelt, err = at.spellings(ctx, m.watch.typed()); err != nil {
		return nil, err
	}
	p, err := m.compare(ctx)
	if err != nil {
		return spelt, err
	}
	w.Planned, w.PlanID, w.Policies = true, p.ID, p.Policies
	return spelt, nil
}

// fitKey fits the key to the columns that it is staged in; false where it cannot be a key.
func (m *maker) fitKey(w *Watched, at *work) bool {
	texts, err := stagedKeyTexts(w.Sync, at.target, w.Key, m.cfg.Settings.Timezone)
	w.KeyErr = err
	m.watch.keys = append(m.watch.keys, texts)
	return err == nil
}

// typed is the key as it was typed.
func (w *watch) typed() []string { return w.keys[len(w.keys)-1] }

// spellings are the keys of loaded records that the destination takes for the key.
func (w *work) spellings(ctx context.Context, texts []string) ([][]string, error) {
	found, err := w.into.texts(ctx, w.into.tx, watchedStaged(w, texts), len(texts))
	if err != nil {
		return nil, w.into.failed(w, err)
	}
	var keys [][]string
	for _, row := range found {
		key := make([]string, len(row))
		for i, text := range row {
			key[i] = text.String
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// confirmed are the records whose key is the watched one: where the destination has compared them, by its equality.
func (w *watch) confirmed(spelt [][]string) []WatchedRecord {
	asTyped := w.keys
	if spelt != nil {
		asTyped = spelt
	}
	return slices.DeleteFunc(w.records, func(r WatchedRecord) bool {
		return !slices.ContainsFunc(asTyped, func(key []string) bool { return slices.Equal(key, r.Key) })
	})
}

// watchedWith are the syncs whose plans decide about one: those that it needs, those whose rows refer to rows that it deletes,
// those that share a table that it adopts rows of, and those that the checks look at which may hold it.
func watchedWith(cfg *config.Config, sync *config.Sync) []*config.Sync {
	wanted := map[*config.Sync]bool{}
	var want func(s *config.Sync)
	want = func(s *config.Sync) {
		if s == nil || wanted[s] {
			return
		}
		wanted[s] = true
		removes := s.Lifecycle.OnMissing == config.DeleteMissing || s.Lifecycle.PurgeAfter > 0
		for _, other := range cfg.Syncs {
			switch into := s.Destination.Into; {
			case other.Destination.Into != into:
			case slices.Contains(s.DependsOn, other.Address), looksInto(s, other.Destination.Table),
				removes && looksInto(other, s.Destination.Table),
				s.Destination.Adopt && other.Destination.Table == s.Destination.Table:
				want(other)
			}
		}
		for _, c := range cfg.Checks {
			if c.From != nil || !slices.Contains(c.Blocks, s.Address) || slices.ContainsFunc(c.Staged, func(a string) bool { return a == s.Address }) {
				continue
			}
			for _, other := range cfg.Syncs {
				if slices.Contains(c.Staged, other.Address) {
					want(other)
				}
			}
		}
	}
	want(sync)
	return slices.DeleteFunc(slices.Clone(cfg.Syncs), func(s *config.Sync) bool { return !wanted[s] })
}

// looksInto reports whether rows of a sync refer to those of a table: by a lookup, or to be in its scope.
func looksInto(s *config.Sync, table string) bool {
	return slices.ContainsFunc(s.Columns, func(c config.Column) bool { return c.Lookup != nil && c.Lookup.Table == table }) ||
		slices.ContainsFunc(s.Destination.Parents, func(p config.InParent) bool { return p.Table == table })
}

// looksOn reports whether a check has something to say of the rows that are watched, though it holds nothing of the plan.
func (w *watch) looksOn(m *maker, c *config.Check) bool {
	return w != nil && c.From != nil && slices.ContainsFunc(m.works, func(one *work) bool {
		return one.sync.Source.From == c.From || one.sync.Destination.Into == c.From
	})
}

// querier is where the destination can be asked: in the plan's transaction, as long as that is of use.
func (d *destination) querier(failed bool) providers.Querier {
	if d.tx != nil && !failed {
		return d.tx
	}
	if d.tx != nil {
		_ = d.tx.Rollback()
		d.tx = nil
	}
	return d.conn
}

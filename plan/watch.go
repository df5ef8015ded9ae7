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

// Watch makes the speculative plan that the next run would make of a sync's unit, looks at one key on its way, and undoes the plan:
// nothing is left in a register or a stage. The units that the run has before it are planned beside it, so that what they bring is
// there; one of which no plan can be made, or which would not be applied, is left out, and its rows are taken as they are
// (Watched.Aside). What keeps the plan of the unit from being made is an answer, too (Watched.Err); the error is of a sync that there is not,
// or of a context that ended.
func Watch(ctx context.Context, cfg *config.Config, opts Options, what WatchOptions) (*Watched, error) {
	i := slices.IndexFunc(cfg.Syncs, func(s *config.Sync) bool { return s.Address == what.Sync })
	if i < 0 {
		return nil, fmt.Errorf("the configuration has no instance %s", what.Sync)
	}
	opts.Full, opts.Speculative, opts.CompareWith, opts.NoPseudonyms, opts.Warn = true, true, nil, true, nil
	unit, before := runWith(cfg, cfg.Syncs[i])
	var aside []Aside
	for {
		w, held, err := watchSpelt(ctx, cfg, opts, cfg.Syncs[i], what.Key, slices.Concat(unit, before))
		switch {
		case err != nil:
			return nil, err
		case len(before) > 0 && w.KeyErr == nil && w.Err != nil:
			// What is wrong with others must not hide what is known of this one.
			held, before = nil, nil
			alone, _, err := watchSpelt(ctx, cfg, opts, cfg.Syncs[i], what.Key, unit)
			if err != nil {
				return nil, err
			}
			if alone.Err == nil {
				aside = append(aside, Aside{Err: w.Err})
			}
			w = alone
		}
		if len(held) == 0 {
			w.Aside = aside
			return w, nil
		}
		aside = append(aside, held...)
		before = slices.DeleteFunc(before, func(s *config.Sync) bool {
			return slices.ContainsFunc(held, func(a Aside) bool { return a.Unit == cfg.UnitOf(s) })
		})
	}
}

// watchSpelt makes the plan, once more where the destination takes another spelling for the key than the eye does: to look for that one.
func watchSpelt(ctx context.Context, cfg *config.Config, opts Options, sync *config.Sync, key register.Document, with []*config.Sync) (*Watched, []Aside, error) {
	var again [][]string
	for {
		w, one, err := watchOnce(ctx, cfg, opts, sync, key, with, again)
		if err != nil {
			return nil, nil, err
		}
		if len(w.Records) > 0 || len(one.spelt) == 0 || again != nil {
			return w, one.aside, nil
		}
		again = one.spelt
	}
}

// watching is what a plan tells of how it is to be made again.
type watching struct {
	spelt [][]string // the keys under which the destination has staged the key
	aside []Aside    // units of the plan that a run would not apply
}

func watchOnce(ctx context.Context, cfg *config.Config, opts Options, sync *config.Sync, key register.Document, with []*config.Sync, also [][]string) (*Watched, *watching, error) {
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
	spelt, err := m.watchKey(within, w, inOrder(cfg, with))
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	w.Err, w.Records = m.explain(within, err), m.watch.confirmed(spelt)
	if err := m.lookAround(ctx, w); err != nil && ctx.Err() != nil {
		return nil, nil, ctx.Err()
	} else if err != nil {
		w.Err = errors.Join(w.Err, err)
	}
	aside, err := m.notApplied(ctx, w)
	if err != nil && ctx.Err() != nil {
		return nil, nil, ctx.Err()
	} else if err != nil {
		w.Err = errors.Join(w.Err, err)
	}
	return w, &watching{spelt, aside}, nil
}

// watchKey makes the plan as Make does, but for its end, and returns how the loaded stage spells the key.
func (m *maker) watchKey(ctx context.Context, w *Watched, with []*config.Sync) (spelt [][]string, err error) {
	if err := m.prepare(ctx, with); err != nil {
		return nil, err
	}
	for _, one := range m.works {
		one.unit = m.cfg.UnitOf(one.sync)
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

package plan

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/registrar-sync/registrar/providers"
)

// reading is what the readers at work at one time have in common.
type reading struct {
	tokens *semaphore.Weighted
	failed atomic.Bool // one of them has found a mistake
}

// newReading lets n read at a time.
func newReading(n int) *reading { return &reading{tokens: semaphore.NewWeighted(int64(max(1, n)))} }

// beside is a reading by the same tokens whose mistakes are its own.
func (r *reading) beside() *reading { return &reading{tokens: r.tokens} }

// hold waits for a token, without which nothing is read.
func (r *reader) hold(ctx context.Context) error {
	if r.holds {
		return nil
	}
	err := r.tokens.Acquire(ctx, 1)
	r.holds = err == nil
	return err
}

func (r *reader) letGo() {
	if r.holds {
		r.holds = false
		r.tokens.Release(1)
	}
}

// crew stages the syncs of one source: the reader itself in the source's first snapshot, and
// helpers, each in another view of it. Whoever works holds a token, and nobody who holds one
// waits for another.
type crew struct {
	*reader
	group *errgroup.Group
	// view opens what a helper reads; nil where there is but the first snapshot.
	view func(context.Context) (providers.Snapshot, error)
	// enough ends the search for helpers.
	enough context.CancelFunc

	mu      sync.Mutex
	waiting []int // the syncs that nobody has taken yet, in order
	coming  int   // helpers that have not taken a sync yet
}

// share returns what opens another view of the source's first snapshot; nil where nothing gains by one, or
// there is none: the first snapshot serves alone.
func (r *reader) share(ctx context.Context, first providers.Snapshot) func(context.Context) (providers.Snapshot, error) {
	sharer, ok := first.(providers.SnapshotSharer)
	if !ok || r.opts.Parallelism <= 1 || !r.gainsByHelp() && (r.next == nil || !r.next.gainsByHelp()) {
		return nil
	}
	view, err := sharer.Share(ctx)
	if err != nil {
		return nil
	}
	return view
}

func (r *reader) gainsByHelp() bool {
	return len(r.works) > 1 && slices.ContainsFunc(r.works, (*work).loadsBeside)
}

// stageAll stages the syncs of the source, in order and several at a time as far as its first
// snapshot can be shared. After it nobody reads any more, and the reader's token is given back.
func (r *reader) stageAll(ctx context.Context, first providers.Snapshot, view func(context.Context) (providers.Snapshot, error)) error {
	c := &crew{reader: r}
	if r.gainsByHelp() {
		c.view = view
	}
	for i := range r.works {
		c.waiting = append(c.waiting, i)
	}
	var recruiting context.Context
	c.group, ctx = errgroup.WithContext(ctx)
	recruiting, c.enough = context.WithCancel(ctx)
	defer c.enough()
	c.group.Go(func() error {
		defer r.letGo()
		return c.stageWaiting(ctx, first, false)
	})
	if c.view != nil {
		c.group.Go(func() error {
			c.recruit(ctx, recruiting)
			return nil
		})
	}
	return c.group.Wait()
}

// loadsBeside reports whether the sync can be loaded while others are loaded into its destination.
// Where it cannot, to read it beside them gains nothing.
func (w *work) loadsBeside() bool { return w.into.shared != nil }

// recruit takes on a helper whenever a token is free, as long as there is work for one.
func (c *crew) recruit(ctx, recruiting context.Context) {
	for recruiting.Err() == nil && c.tokens.Acquire(recruiting, 1) == nil {
		if !c.expect() {
			c.tokens.Release(1)
			return
		}
		c.group.Go(func() error {
			defer c.tokens.Release(1)
			return c.help(ctx)
		})
	}
}

// expect notes that a helper is to come; false where those that come are enough for what waits.
func (c *crew) expect() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forHelpers() <= c.coming {
		return false
	}
	c.coming++
	return true
}

// forHelpers counts what waits and can be loaded beside others.
func (c *crew) forHelpers() (n int) {
	for _, i := range c.waiting {
		if c.works[i].loadsBeside() {
			n++
		}
	}
	return n
}

// help works in a view of its own. Where none is to be had the others do it all.
func (c *crew) help(ctx context.Context) (err error) {
	snapshot, err := c.view(ctx)
	if err != nil {
		c.enough()
		return ctx.Err()
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	return c.stageWaiting(ctx, snapshot, true)
}

// stageWaiting stages what waits, one sync after another.
func (c *crew) stageWaiting(ctx context.Context, snapshot providers.Snapshot, helps bool) error {
	for first := true; ; first = false {
		i := c.take(helps, helps && first)
		if i < 0 {
			return nil
		}
		diags, err := c.stage(ctx, snapshot, c.works[i])
		c.report(i, diags)
		if err != nil {
			return err
		}
	}
}

// take returns the first sync that waits, of those that a helper can stage where it is for one; -1
// for none. arrives: the helper is no longer to come.
func (c *crew) take(helps, arrives bool) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if arrives {
		c.coming--
	}
	at := slices.IndexFunc(c.waiting, func(i int) bool { return !helps || c.works[i].loadsBeside() })
	if at < 0 {
		return -1
	}
	i := c.waiting[at]
	if c.waiting = slices.Delete(c.waiting, at, at+1); c.forHelpers() <= c.coming {
		c.enough()
	}
	return i
}

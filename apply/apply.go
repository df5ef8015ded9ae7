// Package apply carries out a saved plan: in each destination one transaction, which
// does exactly what the register holds for that plan, or nothing.
package apply

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/signature"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// Options are what a command adds to the configuration.
type Options struct {
	Providers []providers.Provider
	// LockTimeout bounds the wait for another apply.
	LockTimeout time.Duration
	AppliedBy   string
	Now         func() time.Time
	// Override is why a held plan is applied all the same; "" for none. It is for that plan
	// alone, and refused for one that is not held.
	Override string
	// TrustedKeys are those whose signatures count; where there are any, the plan must be signed, or its operations
	// approved of, by one of them. RequireApproval is as in config.Settings, and asks nothing for operations that
	// there are none of. Both are for plans that were saved: who plans and applies at once gives none.
	TrustedKeys     []ed25519.PublicKey
	RequireApproval int
	// BeforeCommit is called in each destination that is not done yet, when all is executed and recorded: also
	// for a plan without operations. Its transaction is that of the apply, which its error rolls back; nil: nothing.
	BeforeCommit func(ctx context.Context, destination string, tx *sql.Tx) error
	// Progress is told of each batch, before and after it; nil: nobody.
	Progress func(Progress)
	// File is the plan's file, for the commands that messages name; "" for its id.
	File string
}

// Progress says what is being carried out, or, if Done, has been; it is not yet
// committed.
type Progress struct {
	Sync      string
	Operation config.Operation
	Rows      int64
	Done      bool
}

// Result says what was done.
type Result struct {
	Destinations []DestinationResult
}

// DestinationResult is what was done in one destination.
type DestinationResult struct {
	Address string
	// Before: an earlier apply of the same plan had done this destination already.
	Before bool
	Counts map[config.Operation]int64
	// Paused are the syncs that are paused since what they did was undone; PausedBefore those of them that were paused already:
	// that pause has ended, and the reason of the new one holds its own, too.
	Paused, PausedBefore []string
}

// Apply carries out p. Every destination is checked before the first is
// written; each is then done whole. When one fails after others were done, the
// error is a *PartialError, and applying p again does the rest.
func Apply(ctx context.Context, cfg *config.Config, p *plan.Plan, opts Options) (*Result, error) {
	if err := admissible(cfg, p, opts); err != nil {
		return nil, err
	}
	var open []*destination
	defer func() {
		for _, d := range open {
			d.close()
		}
	}()
	pending := 0
	for i := range p.Destinations {
		d, err := connect(ctx, cfg, &p.Destinations[i], opts.Providers)
		if err != nil {
			return nil, err
		}
		open = append(open, d)
		reason, err := d.copied(ctx)
		if err != nil {
			return nil, err
		}
		if reason != "" {
			return nil, &RefusedError{p.ID, reason}
		}
		done, err := d.executed(ctx, p.ID)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.part.Address, d.safe(err))
		}
		if d.before = done; !done {
			pending++
		} else if err := d.publish(ctx); err != nil { // it may have been killed before
			return nil, fmt.Errorf("%s: %w", d.part.Address, err)
		}
	}
	if len(open) == 0 {
		return &Result{}, nil // no sync, no operation
	}
	if pending == 0 {
		return nil, &AppliedError{PlanID: p.ID}
	}
	if err := verifyAll(ctx, cfg, p, open, opts); err != nil {
		return nil, err
	}
	result := &Result{}
	for _, d := range open {
		if d.before {
			result.Destinations = append(result.Destinations, DestinationResult{Address: d.part.Address, Before: true})
			continue
		}
		counts, err := d.apply(ctx, cfg, p, opts)
		if err != nil {
			err = fmt.Errorf("%s: %w", d.part.Address, err)
			if len(result.Destinations) > 0 {
				err = &PartialError{Done: result.Destinations, Err: err}
			}
			return result, err
		}
		result.Destinations = append(result.Destinations, DestinationResult{Address: d.part.Address, Counts: counts, Paused: d.paused, PausedBefore: d.pausedBefore})
	}
	return result, nil
}

// verifyAll checks, before anything is written, what each transaction will check of its own destination, where the last
// one's refusal would come too late for the first.
func verifyAll(ctx context.Context, cfg *config.Config, p *plan.Plan, open []*destination, opts Options) error {
	if len(open) == 1 {
		return nil
	}
	for _, d := range open {
		if d.before {
			continue
		}
		t := &transaction{destination: d, cfg: cfg, opts: opts, register: register.New(d.Dialect())}
		if _, err := t.verify(ctx, d.conn, p); err != nil {
			return fmt.Errorf("%s: %w", d.part.Address, err)
		}
	}
	return nil
}

// admissible checks what the file and the configuration alone can tell. Whether the plan is
// held comes last: an override is not asked for where it would not help.
func admissible(cfg *config.Config, p *plan.Plan, opts Options) error {
	switch {
	case p.Signer != nil && len(opts.TrustedKeys) > 0 && !trusted(opts.TrustedKeys, p.Signer):
		return &RefusedError{p.ID, fmt.Sprintf("it is signed with %s, which is none of the keys that are trusted (trusted_keys): plan again, and sign it with one of them", signature.PublicText(p.Signer))}
	case p.Speculative:
		return &RefusedError{p.ID, "it is speculative and can never be applied: plan without --speculative"}
	case opts.Now().After(p.ExpiresOn):
		return &RefusedError{p.ID, fmt.Sprintf("it expired on %s: plan again", p.ExpiresOn.Format(time.RFC3339))}
	case cfg.Digest != p.ConfigDigest:
		return &RefusedError{p.ID, "it was made with another configuration, to which the values of variables belong (--var, --var-file, REGISTRAR_VAR_* in the environment): give the same ones, or plan again"}
	default:
		return checkHeld(p, p.Held(), p.Syncs(), opts)
	}
}

// destination is an open destination of the plan.
type destination struct {
	providers.Destination
	of                   *config.Connection
	part                 *plan.Destination
	conn                 *sql.Conn
	locker               providers.Locker // nil where Begin keeps two applies apart
	before               bool
	paused, pausedBefore []string // by this apply
}

func connect(ctx context.Context, cfg *config.Config, part *plan.Destination, known []providers.Provider) (*destination, error) {
	i := slices.IndexFunc(cfg.Destinations, func(c *config.Connection) bool { return c.Address == part.Address })
	if i < 0 {
		return nil, fmt.Errorf("the configuration has no %s, which the plan writes to", part.Address)
	}
	opened, err := plan.OpenDestination(ctx, known, cfg.Destinations[i], cfg.Dir)
	if err != nil {
		return nil, err
	}
	d := &destination{Destination: opened, of: cfg.Destinations[i], part: part}
	d.locker, _ = opened.(providers.Locker)
	if d.conn, err = opened.Conn(ctx); err != nil {
		d.close()
		return nil, fmt.Errorf("connect to %s: %w", part.Address, d.safe(err))
	}
	meta, err := register.New(d.Dialect()).Meta(ctx, d.conn)
	switch {
	case err != nil:
		err = fmt.Errorf("%s: %w", part.Address, d.safe(err))
	case meta.Identity != part.Identity:
		err = fmt.Errorf("%s is not the database that the plan was made for: it is %s with the register %s, the plan is for %s with the register %s; plan again", part.Address, d.Identity(), meta.Identity, part.Database, part.Identity)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// copied says that this is a copy of the database that the plan was made for, which has its register, too; "" where it
// is not, or nobody knows.
func (d *destination) copied(ctx context.Context) (reason string, err error) {
	if d.part.Instance == "" {
		return "", nil
	}
	instance, err := providers.Instance(ctx, d.Destination, d.conn)
	if err != nil {
		return "", fmt.Errorf("%s: %w", d.part.Address, err)
	}
	if instance == "" || instance == d.part.Instance {
		return "", nil
	}
	return d.part.Address + " is a copy of the database that it was made for: a clone, one restored from a backup, or one that took over from it or was moved; plan again", nil
}

func (d *destination) safe(err error) error { return providers.SafeError(d.Destination, err) }

// close ignores what goes wrong: what was committed is committed, and what was not
// ends with the connection.
func (d *destination) close() {
	if d.conn != nil {
		_ = d.conn.Close()
	}
	_ = d.Close()
}

func (d *destination) executed(ctx context.Context, planID string) (bool, error) {
	e, err := register.New(d.Dialect()).Execution(ctx, d.conn, planID)
	return e != nil, err
}

// lockName is of the lock that keeps two applies to one destination apart.
const lockName = "apply"

// lock waits for another apply to end. It comes before the transaction, whose
// snapshot would otherwise be older than what the other one did.
func (d *destination) lock(ctx context.Context, wait time.Duration) (unlock func(), err error) {
	if d.locker == nil {
		return func() {}, nil
	}
	const pause = 100 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		free, err := d.locker.TryLock(ctx, d.conn, lockName)
		if err != nil {
			return nil, fmt.Errorf("take the lock: %w", d.safe(err))
		}
		if free {
			return func() {
				// Also when the caller has given up. Closing the connection would do it too.
				ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
				defer cancel()
				_ = d.locker.Unlock(ctx, d.conn, lockName)
			}, nil
		}
		if waited+pause > wait {
			return nil, fmt.Errorf("another apply is at work: %w; wait for it, or raise --lock-timeout", providers.ErrLocked)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (d *destination) apply(ctx context.Context, cfg *config.Config, p *plan.Plan, opts Options) (map[config.Operation]int64, error) {
	unlock, err := d.lock(ctx, opts.LockTimeout)
	if err != nil {
		return nil, err
	}
	defer unlock()
	unenforced, err := d.unenforced(ctx, cfg)
	if err != nil {
		return nil, err
	}
	tx, err := d.Begin(ctx, d.conn, opts.LockTimeout)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", d.safe(err))
	}
	t := &transaction{destination: d, tx: tx, cfg: cfg, opts: opts, register: register.New(d.Dialect()), unenforced: unenforced}
	counts, err := t.run(ctx, p)
	if err != nil {
		if rollbackErr := tx.Rollback(); rollbackErr != nil && !errors.Is(rollbackErr, sql.ErrTxDone) {
			return nil, errors.Join(err, fmt.Errorf("roll back: %w", d.safe(rollbackErr)))
		}
		return nil, d.explain(ctx, t, err)
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("commit: %w (if the connection broke, apply the plan again: it is done at most once)", d.safe(err))
	}
	d.paused, d.pausedBefore = t.paused, t.pausedBefore
	// Whoever waits for what is published does not wait for what is cleaned up.
	err = d.publish(ctx)
	d.sweep(ctx, opts)
	return counts, err
}

// sweptPlans is how many speculative plans an apply removes at most.
const sweptPlans = 20

// sweep removes speculative plans that have expired. What was applied is applied, whatever becomes of it: what stays now goes
// with the next apply, or by prune.
func (d *destination) sweep(ctx context.Context, opts Options) {
	tx, err := d.Begin(ctx, d.conn, min(opts.LockTimeout, time.Second))
	if err != nil {
		return
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if n, err := register.New(d.Dialect()).SweepSpeculative(ctx, tx, opts.Now(), sweptPlans); err == nil && n > 0 {
		_ = tx.Commit()
	}
}

// explain asks, after a batch failed and everything was rolled back, whether rows have
// changed since the plan. It looks with a new snapshot: the old one may not see what
// another transaction did meanwhile, which the failure was about.
func (d *destination) explain(ctx context.Context, t *transaction, err error) error {
	failed, ok := errors.AsType[*batchError](err)
	if !ok || ctx.Err() != nil {
		return err
	}
	// An explanation is not worth another long wait.
	tx, beginErr := d.Begin(ctx, d.conn, min(t.opts.LockTimeout, 2*time.Second))
	if beginErr != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, refreshErr := d.refresh(ctx, t.cfg, tx); refreshErr != nil {
		return err
	}
	if stale, lookErr := t.stale(ctx, tx, failed.step, failed.batch); lookErr == nil && stale != nil {
		return fmt.Errorf("%s: %w", failed.step.summary.Sync, stale)
	}
	if stale, lookErr := t.referred(ctx, tx, failed.step, failed.batch); lookErr == nil && stale != nil {
		return fmt.Errorf("%s: %w", failed.step.summary.Sync, stale)
	}
	return err
}

// unenforced lists the plan's tables whose key no index enforces; all of them where what others write
// meanwhile could be overwritten.
func (d *destination) unenforced(ctx context.Context, cfg *config.Config) ([]string, error) {
	var names []string
	_, all := d.Dialect().(sqlgen.WriteLocker)
	for _, summary := range d.part.Syncs {
		i := slices.IndexFunc(cfg.Syncs, func(s *config.Sync) bool { return s.Address == summary.Sync })
		if i < 0 || !all && !cfg.Syncs[i].Destination.UnenforcedKey {
			continue
		}
		table, err := d.Table(ctx, d.conn, cfg.Syncs[i].Destination.Table)
		if err != nil {
			return nil, fmt.Errorf("%s: table %s: %w", summary.Sync, summary.Table, d.safe(err))
		}
		names = append(names, table.Name)
	}
	return names, nil
}

package run

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// attempt plans a unit, and applies the plan where nothing holds it. After an error what it wrote is undone, but for
// destinations that were done before.
func (w *work) attempt(ctx context.Context) error {
	if w.opts.Gate != nil {
		var addresses []string
		for _, p := range w.places {
			addresses = append(addresses, p.connection.Address)
		}
		asked := w.mayStart(w.now())
		release, err := w.opts.Gate(ctx, addresses)
		if err != nil {
			return fmt.Errorf("wait for the destinations: %w", err)
		}
		defer release()
		if err := w.late(asked); err != nil {
			return err
		}
	}
	w.begun = true
	var targets []string
	for _, p := range w.places {
		if p.ended() && !p.unpublished {
			continue
		}
		some, err := w.enter(ctx, p)
		if err != nil {
			return err
		}
		targets = append(targets, some...)
	}
	if held := w.heldAt(); held != nil && (len(targets) > 0 || held.status == register.RunHeld) {
		return w.keepHeld(ctx, held.record.PlanID, held.record.Message)
	}
	if len(targets) == 0 {
		w.conclude()
		return nil
	}
	if w.failedBefore() {
		return w.keepFailed(ctx)
	}
	p, err := plan.Make(ctx, w.cfg, plan.Options{
		Providers: w.opts.Providers, Targets: targets, Parallelism: w.opts.Parallelism, LockTimeout: w.opts.LockTimeout,
		CreatedBy: w.opts.StartedBy, GitCommit: w.opts.GitCommit, Now: w.opts.Now, NewID: w.opts.NewID,
		Progress: w.opts.Planning, Warn: func(diags config.Diagnostics) { w.warn(ctx, diags) },
	})
	if err != nil {
		return err
	}
	w.out.PlanID = p.ID
	w.summarize(p)
	w.log.InfoContext(ctx, "planned", "unit", w.address, "attempt", w.out.Attempts, "plan", p.ID, "held", p.Held())
	w.warn(ctx, w.policyWarnings(p))
	switch {
	case p.Held():
		return w.hold(ctx, p)
	case p.Changes() || p.Incremental():
		err = w.apply(ctx, p)
	default:
		err = w.endAll(ctx, p)
	}
	if err != nil {
		return err
	}
	w.conclude()
	return nil
}

// late refuses an attempt for which the windows closed while it waited for its destinations. asked says whether
// they were open before. A run that has started ends, so that its units do not need them open as long as nothing is waited for.
func (w *work) late(asked bool) error {
	if w.failure != nil {
		if w.mayStart(w.now()) {
			return nil
		}
	} else {
		if (asked || !w.begun) && !w.mayStart(w.now()) {
			w.shut = true
		}
		if !w.shut {
			return nil
		}
	}
	w.out.Attempts-- // it was none
	return &windowError{w.out.Attempts + 1, w.failure}
}

// policyWarnings tells of the policies that a plan does not obey and that hold nothing.
func (w *work) policyWarnings(p *plan.Plan) config.Diagnostics {
	var diags config.Diagnostics
	for _, one := range p.Policies {
		i := slices.IndexFunc(w.cfg.Policies, func(policy *config.Policy) bool { return policy.Address == one.Policy })
		if i >= 0 && one.OnFailure == config.WarnPlan {
			diags.Warnf(w.cfg.Policies[i].Range, "Policy not obeyed", "%s: %s.", one.Policy, one.Message)
		}
	}
	return diags
}

func (w *work) warn(ctx context.Context, diags config.Diagnostics) {
	for _, d := range diags {
		w.log.WarnContext(ctx, d.Summary, "unit", w.address, "at", d.Subject.String())
	}
	if w.opts.Warn != nil && len(diags) > 0 {
		w.opts.Warn(diags)
	}
}

// apply carries out a plan. Each destination's record ends in the transaction that writes its rows.
func (w *work) apply(ctx context.Context, p *plan.Plan) error {
	result, err := apply.Apply(ctx, w.cfg, p, apply.Options{
		Providers: w.opts.Providers, LockTimeout: w.opts.LockTimeout, AppliedBy: w.opts.StartedBy, Now: w.opts.Now, Progress: w.opts.Applying,
		BeforeCommit: func(ctx context.Context, destination string, tx *sql.Tx) error {
			part := partOf(p, destination)
			at := w.place(destination)
			return at.register.EndRun(ctx, tx, *w.ended(at, statusOf(part), backReasons(part.Syncs)))
		},
	})
	if result != nil {
		for _, d := range result.Destinations {
			part := partOf(p, d.Address)
			w.place(d.Address).status = statusOf(part)
			w.observe(ctx, p, part)
		}
	}
	return err
}

// endAll ends the records of a plan that has nothing to do.
func (w *work) endAll(ctx context.Context, p *plan.Plan) error {
	for i := range p.Destinations {
		part := &p.Destinations[i]
		if err := w.endAlone(ctx, w.place(part.Address), statusOf(part), backReasons(part.Syncs)); err != nil {
			return err
		}
	}
	return nil
}

// hold ends a unit whose plan a person must decide about.
func (w *work) hold(ctx context.Context, p *plan.Plan) error {
	var reasons []string
	for _, s := range p.Syncs() {
		if s.Held != "" || s.Blocked != "" {
			reasons = append(reasons, s.Sync+": "+cmp.Or(s.Held, s.Blocked))
		}
	}
	text := fmt.Sprintf("plan %s is held: %s", p.ID, strings.Join(reasons, "; "))
	if p.Blocked() {
		// Also of a long text the end is kept, by which the next attempt knows it.
		text = cutAt(text, maxMessage-len(noOverride)) + noOverride
	}
	return w.keepHeld(ctx, p.ID, text)
}

// noOverride ends the message of a plan that is held whatever anybody says.
const noOverride = ". No override helps: change the source, the destination or the configuration"

// heldAt returns a destination in which the unit was held, by this run or, of a slot, another; nil for none. Then it is
// held in all of them: a plan of the rest alone might pass the guards, and half of the unit would be applied.
func (w *work) heldAt() *place {
	for _, p := range w.places {
		if p.status == register.RunHeld || p.before && p.record.Status == register.RunHeld {
			return p
		}
	}
	return nil
}

// keepHeld ends the unit as held wherever it has not ended yet.
func (w *work) keepHeld(ctx context.Context, planID, text string) error {
	w.out.PlanID = planID
	for _, p := range w.places {
		if p.record == nil || p.ended() {
			continue
		}
		if err := w.endAlone(ctx, p, register.RunHeld, text); err != nil {
			return err
		}
	}
	w.conclude()
	return nil
}

func partOf(p *plan.Plan, address string) *plan.Destination {
	i := slices.IndexFunc(p.Destinations, func(d plan.Destination) bool { return d.Address == address })
	return &p.Destinations[i]
}

// statusOf is how a destination's part of a plan ends once it is applied.
func statusOf(part *plan.Destination) register.RunStatus {
	var total int64
	for i := range part.Syncs {
		if len(part.Syncs[i].HeldBack) > 0 {
			return register.RunPartial
		}
		total += part.Syncs[i].Total()
	}
	if total == 0 {
		return register.RunUnchanged
	}
	return register.RunApplied
}

// backReasons says why operations were held back; "" where none were.
func backReasons(syncs []register.SyncSummary) string {
	var reasons []string
	for i := range syncs {
		if len(syncs[i].HeldBack) > 0 {
			reasons = append(reasons, syncs[i].Sync+": "+syncs[i].BackReason)
		}
	}
	return strings.Join(reasons, "; ")
}

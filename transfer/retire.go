package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/register"
)

// Retirement is a bundle whose import was confirmed, and that was held against the configuration of the server that it is from.
type Retirement struct {
	// Bundle stays open until Close.
	Bundle *bundle.Bundle
	*derived
	// Lines are those of the confirmation that are about the faculties, in the order of the bundle's.
	Lines []Confirmed
	// Done says which of several destinations an earlier plan has emptied already; their syncs are left out.
	Done []string

	options Options
	own     *config.Config
	pairs   []pair
}

// OpenRetirement opens a bundle and the confirmation of its import. It refuses a confirmation of another bundle, one that lacks a
// faculty, or has another number of rows, and another server than the one exported from. Nothing is written.
func OpenRetirement(ctx context.Context, cfg *config.Config, confirmation string, o Options) (_ *Retirement, err error) {
	o.Providers = withBundles(o.Providers)
	confirmed, err := ReadConfirmation(confirmation)
	if err != nil {
		return nil, err
	}
	b, err := bundle.Open(ctx, o.Manifest)
	if err != nil {
		return nil, err
	}
	r := &Retirement{Bundle: b, options: o, own: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	if len(o.Faculties) == 0 && o.Plan != nil {
		o.Faculties = planned(cfg, b, o.Plan, func(f *config.Faculty, from *bundle.Faculty) bool { return f.Label == from.Label })
	}
	if len(o.Faculties) == 0 { // those that are confirmed
		for i := range confirmed {
			o.Faculties = append(o.Faculties, confirmed[i].IDExport)
		}
	}
	for i := range confirmed {
		if confirmed[i].Bundle != b.Digest {
			return nil, fmt.Errorf("%s confirms the import of another bundle, whose ZIP has the SHA-256 %s; the one given has %s: present the confirmation of this bundle", filepath.Base(confirmation), confirmed[i].Bundle, b.Digest)
		}
	}
	chosen, err := chosenOf(b, o.Faculties)
	if err != nil {
		return nil, err
	}
	for _, f := range chosen {
		i := slices.IndexFunc(confirmed, func(c Confirmed) bool { return c.IDExport == f.IDExport })
		if i < 0 {
			return nil, fmt.Errorf("%s does not confirm that %s (Id_Export %q) was imported: import it first", filepath.Base(confirmation), f.Name, f.IDExport)
		}
		p := pair{from: f}
		if n := p.rows(); confirmed[i].Rows != n {
			return nil, fmt.Errorf("%s confirms %d rows of %s, the bundle has %d: it is not of this bundle", filepath.Base(confirmation), confirmed[i].Rows, f.Name, n)
		}
		r.Lines = append(r.Lines, confirmed[i])
	}
	return r, r.derive(ctx, chosen)
}

// Close closes the bundle.
func (r *Retirement) Close() error { return r.Bundle.Close() }

// derive makes the configuration that the removal is planned and applied with: of each sync, the bundle says by their keys which
// rows to delete.
func (r *Retirement) derive(ctx context.Context, chosen []*bundle.Faculty) (err error) {
	var diags config.Diagnostics
	for _, from := range chosen {
		r.pairs = append(r.pairs, r.origin(from, &diags))
	}
	if err := diags.Err(); err != nil {
		return err
	}
	at, err := openPlaces(ctx, r.options.Providers, r.own, r.syncs())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	if err := r.atOrigin(at); err != nil {
		return err
	}
	if err := r.leaveDone(ctx, at); err != nil {
		return err
	}
	var sources []*config.Connection
	replaced := map[*config.Sync]*config.Sync{}
	for i := range r.pairs {
		p := &r.pairs[i]
		from := source(r.options.Manifest, p.from)
		sources = append(sources, from)
		for _, s := range p.syncs {
			replaced[s.to] = deriveRetirement(from, s, &diags)
		}
	}
	r.derived = derive(r.own, digestOf("registrar transfer retire", r.own, r.Bundle, r.pairs), sources, replaced)
	return diags.Err()
}

// atOrigin refuses other databases than those that were exported from.
func (r *Retirement) atOrigin(at places) error {
	for i := range r.pairs {
		for _, s := range r.pairs[i].syncs {
			if place := at.of(s.to); place.identity != s.from.Origin {
				return fmt.Errorf("%s is not the database that %s was exported from: its register is %s, the bundle's rows are from %s. Retire the faculty at its origin", place.of.Address, s.from.Address, place.identity, s.from.Origin)
			}
		}
	}
	return nil
}

// origin finds the instances that a faculty's rows were exported by.
func (r *Retirement) origin(from *bundle.Faculty, diags *config.Diagnostics) pair {
	p := pair{from: from}
	if i := slices.IndexFunc(r.own.Faculties, func(f *config.Faculty) bool { return f.Label == from.Label }); i >= 0 {
		p.to = r.own.Faculties[i]
	} else {
		diags.Errorf(lineOf(r.options.Manifest, from), "No such faculty", "The configuration has no faculty.%s, which %s was when it was exported: retire it with the configuration that it was exported with, and remove it from that afterwards.", from.Label, from.Name)
		return p
	}
	for i := range from.Syncs {
		s := &from.Syncs[i]
		at := slices.IndexFunc(r.own.Syncs, func(own *config.Sync) bool { return own.Address == s.Address })
		if at < 0 {
			diags.Errorf(p.to.Range, "Missing sync", "The bundle has %d rows of %s (%s), and the configuration has no such sync any more: retire the faculty with the configuration that it was exported with.", s.Rows, s.Address, s.Table)
			continue
		}
		p.syncs = append(p.syncs, syncPair{s, r.own.Syncs[at]})
	}
	return p
}

// deriveRetirement is the sync that deletes the rows whose keys the bundle has.
func deriveRetirement(from *config.Connection, s syncPair, diags *config.Diagnostics) *config.Sync {
	out := bare(s.to, from, config.Delete)
	out.Lifecycle.OnMissing = config.DeleteMissing
	out.Source.Queries = []config.TaskQuery{{Task: config.Delete, Table: s.from.Address, Range: s.to.Source.Range}}
	out.Columns = slices.Clone(s.to.Columns)
	for i := range out.Columns {
		c := &out.Columns[i]
		if !slices.Contains(out.Destination.Key, c.Name) {
			continue
		}
		has := func(name string) bool {
			return slices.ContainsFunc(s.from.Columns, func(own bundle.Column) bool { return own.Name == name })
		}
		missing := ""
		if c.Lookup == nil {
			if c.Expr = asItIs(c.Name, c.Range); !has(c.Name) {
				missing = c.Name
			}
		} else {
			lookup := *c.Lookup
			// Whatever it refers to, it is found again.
			lookup.Archived, lookup.OnUnresolved, lookup.By = true, config.RejectUnresolved, slices.Clone(lookup.By)
			for j := range lookup.By {
				name := c.Name + "." + lookup.By[j].Column
				if lookup.By[j].Expr = asItIs(name, c.Range); !has(name) {
					missing = name
				}
			}
			c.Lookup = &lookup
		}
		if missing != "" {
			diags.Errorf(out.Destination.KeyRange, "Another key", "%s has another key than when it was exported: the bundle has no %q of its rows. Retire the faculty with the configuration that it was exported with.", out.Address, missing)
		}
	}
	return out
}

// syncs are the configuration's own.
func (r *Retirement) syncs() []*config.Sync {
	var all []*config.Sync
	for i := range r.pairs {
		for _, s := range r.pairs[i].syncs {
			all = append(all, s.to)
		}
	}
	return all
}

// Plan plans to delete the very rows that were exported. It refuses, with a *ChangedError, where they are no longer what they were,
// before the plan and behind it, with a *LostError where it would remove values that the bundle lacks, and with a *ReferredError where
// rows that stay would refer to nothing. The error is an *IncompleteError, beside the plan, where other rows stand in the way.
func (r *Retirement) Plan(ctx context.Context, o plan.Options) (*plan.Plan, error) {
	for _, check := range []func(context.Context, time.Duration) error{r.unchanged, r.carried, r.unreferred} {
		if err := check(ctx, o.LockTimeout); err != nil {
			return nil, err
		}
	}
	o.Providers, o.Targets = withBundles(o.Providers), r.targets
	o.Purpose = &register.Purpose{Kind: register.Retire, Of: r.Bundle.Digest}
	p, err := plan.Make(ctx, r.Config, o)
	if err != nil {
		return nil, err
	}
	if err := r.unchanged(ctx, o.LockTimeout); err != nil {
		return nil, err
	}
	return p, r.complete(p)
}

// complete reports what a plan would leave, or remove besides.
func (r *Retirement) complete(p *plan.Plan) error {
	wrong := &IncompleteError{Kind: register.Retire}
	summaries := p.Syncs()
	for i := range r.pairs {
		for _, s := range r.pairs[i].syncs {
			at := slices.IndexFunc(summaries, func(one register.SyncSummary) bool { return one.Sync == s.to.Address })
			switch {
			case at < 0:
				wrong.Reasons = append(wrong.Reasons, "  "+s.to.Address+": the plan has no such sync")
			case summaries[at].Counts[config.Delete] != s.from.Rows || summaries[at].Total() != s.from.Rows:
				wrong.Reasons = append(wrong.Reasons, fmt.Sprintf("  %s: %d rows would be deleted, %d were exported", s.to.Address, summaries[at].Counts[config.Delete], s.from.Rows))
			}
		}
	}
	if len(wrong.Reasons) > 0 {
		return wrong
	}
	return nil
}

// Apply applies a plan of Plan, and pauses the syncs in the same transaction: their next run would bring the rows back.
func (r *Retirement) Apply(ctx context.Context, p *plan.Plan, o apply.Options) (*apply.Result, error) {
	if err := ofBundle(p, register.Retire, r.Bundle); err != nil {
		return nil, err
	}
	if p.ConfigDigest != r.Digest {
		return nil, fmt.Errorf("plan %s was made with another configuration, or other values of variables: plan again", p.ID)
	}
	if err := r.complete(p); err != nil {
		return nil, err
	}
	if err := r.unreferred(ctx, o.LockTimeout); err != nil {
		return nil, err
	}
	at, err := openPlaces(ctx, r.options.Providers, r.own, r.syncs())
	if err != nil {
		return nil, err
	}
	before := o.BeforeCommit
	o.Providers = withBundles(o.Providers)
	o.BeforeCommit = func(ctx context.Context, destination string, tx *sql.Tx) error {
		if before != nil {
			if err := before(ctx, destination, tx); err != nil {
				return err
			}
		}
		return r.left(ctx, at[destination], tx, o)
	}
	result, err := apply.Apply(ctx, r.Config, p, o)
	return result, errors.Join(err, at.close())
}

// left looks whether the scopes of a destination are empty, and pauses their syncs.
func (r *Retirement) left(ctx context.Context, at *place, tx *sql.Tx, o apply.Options) error {
	for i := range r.pairs {
		for _, s := range r.pairs[i].syncs {
			if s.to.Destination.Into != at.of {
				continue
			}
			n, diags, err := at.scoped(ctx, tx, r.own, s.to)
			if err := errors.Join(err, diags.Err()); err != nil {
				return err
			}
			if n != 0 {
				return fmt.Errorf("%s: %d rows came into table %q since the export, which the target does not have; nothing was removed: export again", s.to.Address, n, s.to.Destination.Table)
			}
			err = at.register().Pause(ctx, tx, register.Pause{Sync: s.to.Address, PausedOn: o.Now(), PausedBy: o.AppliedBy, Reason: r.reason(&r.pairs[i])})
			if err != nil && !errors.Is(err, register.ErrPaused) {
				return at.safe(err)
			}
		}
	}
	return nil
}

// reason is why the syncs of a faculty are paused.
func (r *Retirement) reason(p *pair) string {
	i := slices.IndexFunc(r.Lines, func(c Confirmed) bool { return c.IDExport == p.from.IDExport })
	return fmt.Sprintf("transferred to the register %s, by plan %s there: remove the faculty from this configuration", r.Lines[i].Target, r.Lines[i].Plan)
}

// Paused are the addresses of the syncs that Apply pauses.
func (r *Retirement) Paused() []string { return r.targets }

package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/register"
)

// Options say which part of a bundle is meant.
type Options struct {
	Providers []providers.Provider
	// Manifest is the path of the bundle's manifest, absolute.
	Manifest string
	// Faculties are codes at the origin; none: all of the bundle's, or of Plan's.
	Faculties []string
	// Plan is one that was saved, and is to be applied; nil: there is none yet.
	Plan *plan.Plan
	// Without are columns that the bundle lacks, as COLUMN or TABLE.COLUMN, and that a retirement may remove with the rows.
	Without []string
	// LockTimeout bounds the wait for a database that another process holds.
	LockTimeout time.Duration
}

// Import is a bundle that was held against the configuration of the server that it is to be brought to.
type Import struct {
	// Bundle stays open until Close.
	Bundle *bundle.Bundle
	*derived

	options Options
	own     *config.Config // as it was written
	pairs   []pair
}

// OpenImport opens a bundle and finds what each part of it is to become. What does not fit, be it in the manifest, the configuration
// or the tables, is a *config.DiagnosticsError, all of it at once. Nothing is written.
func OpenImport(ctx context.Context, cfg *config.Config, o Options) (_ *Import, err error) {
	o.Providers = withBundles(o.Providers)
	b, err := bundle.Open(ctx, o.Manifest)
	if err != nil {
		return nil, err
	}
	m := &Import{Bundle: b, options: o, own: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	if len(o.Faculties) == 0 && o.Plan != nil {
		o.Faculties = planned(cfg, b, o.Plan, func(f *config.Faculty, from *bundle.Faculty) bool { return codeOf(f) == from.TargetID() })
	}
	chosen, err := chosenOf(b, o.Faculties)
	if err != nil {
		return nil, err
	}
	var diags config.Diagnostics
	m.pairs, diags = match(cfg, o.Manifest, chosen)
	return m, m.derive(ctx, diags)
}

// planned are the codes, at the origin, of the faculties that a plan is about.
func planned(cfg *config.Config, b *bundle.Bundle, p *plan.Plan, same func(*config.Faculty, *bundle.Faculty) bool) []string {
	var codes []string
	for i := range b.Faculties {
		from := &b.Faculties[i]
		for _, f := range cfg.Faculties {
			if same(f, from) && slices.ContainsFunc(p.Syncs(), func(s register.SyncSummary) bool { return s.Faculty == f.Label }) {
				codes = append(codes, from.IDExport)
			}
		}
	}
	return codes
}

// Faculties are those of the configuration that the bundle's are to become, in the order of Confirm.
func (m *Import) Faculties() []*config.Faculty {
	all := make([]*config.Faculty, len(m.pairs))
	for i := range m.pairs {
		all[i] = m.pairs[i].to
	}
	return all
}

// Close closes the bundle.
func (m *Import) Close() error { return m.Bundle.Close() }

// withBundles adds the provider of bundles where it is not among those that are known.
func withBundles(known []providers.Provider) []providers.Provider {
	own := bundle.New()
	if slices.ContainsFunc(known, func(p providers.Provider) bool { return p.Name() == own.Name() }) {
		return known
	}
	return append(slices.Clone(known), own)
}

// syncs are the configuration's own.
func (m *Import) syncs() []*config.Sync {
	var all []*config.Sync
	for i := range m.pairs {
		for _, s := range m.pairs[i].syncs {
			all = append(all, s.to)
		}
	}
	return all
}

// derive makes the configuration that the import is planned and applied with. What was found already is reported with the rest.
func (m *Import) derive(ctx context.Context, diags config.Diagnostics) (err error) {
	at, err := openPlaces(ctx, m.options.Providers, m.own, m.syncs())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	var sources []*config.Connection
	from := map[*pair]*config.Connection{}
	for i := range m.pairs {
		p := &m.pairs[i]
		from[p] = source(m.options.Manifest, p.from)
		sources = append(sources, from[p])
	}
	replaced := map[*config.Sync]*config.Sync{}
	for _, into := range at.sorted() {
		err := into.look(ctx, m.own, m.options.LockTimeout, func(tx *sql.Tx) error {
			into.catalog = plan.NewCatalog(into.Destination, tx)
			for i := range m.pairs {
				for _, s := range m.pairs[i].syncs {
					if s.to.Destination.Into == into.of {
						diags = append(diags, deriveImport(ctx, m.own, into, from[&m.pairs[i]], s, replaced)...)
					}
				}
			}
			return into.catalog.Broken(m.options.Providers)
		})
		if err != nil {
			return err
		}
	}
	m.derived = derive(m.own, digestOf("registrar transfer import", m.own, m.Bundle, m.pairs), sources, replaced)
	return diags.Err()
}

// deriveImport adds the sync that inserts the bundle's rows instead of what one otherwise does.
func deriveImport(ctx context.Context, cfg *config.Config, at *place, from *config.Connection, s syncPair, replaced map[*config.Sync]*config.Sync) config.Diagnostics {
	table, err := at.catalog.Table(ctx, s.to.Destination.Table)
	if err != nil {
		_, diags := plan.Target(ctx, cfg, s.to, at.catalog)
		return diags
	}
	m := &mapping{from: s.from, to: s.to, table: table, loc: cfg.Settings.Timezone}
	out := bare(s.to, from, config.Insert)
	out.Source.Table = s.from.Address
	out.Columns = m.columns()
	replaced[s.to] = out
	return m.Diagnostics
}

// Plan plans the import, where the faculties' scopes hold no rows. The plan is saved, shown, approved of and applied like any. The
// error is an *IncompleteError, beside the plan, where it would not bring every row of the bundle: such a plan cannot be applied.
func (m *Import) Plan(ctx context.Context, o plan.Options) (*plan.Plan, error) {
	if err := m.vacant(ctx); err != nil {
		return nil, err
	}
	o.Providers, o.Targets = withBundles(o.Providers), m.targets
	o.Purpose = &register.Purpose{Kind: register.Import, Of: m.Bundle.Digest}
	p, err := plan.Make(ctx, m.Config, o)
	if err != nil {
		return nil, err
	}
	return p, m.complete(p)
}

// Apply applies a plan of Plan. With the rows, and in the same transaction, what the bundle has of the register's history is
// written, unless withoutHistory.
func (m *Import) Apply(ctx context.Context, p *plan.Plan, o apply.Options, withoutHistory bool) (*apply.Result, error) {
	if err := m.admit(p); err != nil {
		return nil, err
	}
	at, err := openPlaces(ctx, m.options.Providers, m.own, m.syncs())
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
		if err := m.brought(ctx, at[destination], tx); err != nil || withoutHistory {
			return err
		}
		return m.writeHistory(ctx, at[destination], tx)
	}
	result, err := apply.Apply(ctx, m.Config, p, o)
	return result, errors.Join(err, at.close())
}

// admit refuses plans that are not of this bundle, or would not bring all of it.
func (m *Import) admit(p *plan.Plan) error {
	if err := ofBundle(p, register.Import, m.Bundle); err != nil {
		return err
	}
	if p.ConfigDigest != m.Digest {
		return fmt.Errorf("plan %s was made with another configuration, other values of variables, or another Id_Import in the manifest: plan again", p.ID)
	}
	return m.complete(p)
}

// ofBundle refuses plans of another kind, or another bundle.
func ofBundle(p *plan.Plan, kind register.PurposeKind, b *bundle.Bundle) error {
	switch {
	case p.Purpose == nil || p.Purpose.Kind != kind:
		return fmt.Errorf("plan %s is no plan of registrar transfer %s", p.ID, kind)
	case p.Purpose.Of != b.Digest:
		return fmt.Errorf("plan %s is of another bundle, whose ZIP has the SHA-256 %s; this one's is %s: give the manifest that it was made with", p.ID, p.Purpose.Of, b.Digest)
	default:
		return nil
	}
}

// brought compares the number of rows in each scope of a destination with that of the bundle, in the transaction that wrote them.
func (m *Import) brought(ctx context.Context, at *place, tx *sql.Tx) error {
	for i := range m.pairs {
		for _, s := range m.pairs[i].syncs {
			if s.to.Destination.Into != at.of {
				continue
			}
			n, diags, err := at.scoped(ctx, tx, m.own, s.to)
			if err := errors.Join(err, diags.Err()); err != nil {
				return err
			}
			if n != s.from.Rows {
				return fmt.Errorf("%s: its scope would hold %d rows, the bundle has %d: rows were written meanwhile by somebody else, or a trigger changes what is written; nothing was kept", s.to.Address, n, s.from.Rows)
			}
		}
	}
	return nil
}

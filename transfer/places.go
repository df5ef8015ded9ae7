package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// place is a destination that is looked into.
type place struct {
	providers.Destination
	of       *config.Connection
	conn     *sql.Conn
	catalog  *plan.Catalog
	identity string // of its register
}

func (p *place) safe(err error) error { return providers.SafeError(p.Destination, err) }

func (p *place) register() register.Register { return register.New(p.Dialect()) }

// places are the destinations of some syncs, by their addresses.
type places map[string]*place

// openPlaces opens the destinations of syncs, whose registers must be there.
func openPlaces(ctx context.Context, known []providers.Provider, cfg *config.Config, syncs []*config.Sync) (_ places, err error) {
	all := places{}
	defer func() {
		if err != nil {
			err = errors.Join(err, all.close())
		}
	}()
	for _, s := range syncs {
		into := s.Destination.Into
		if all[into.Address] != nil {
			continue
		}
		opened, err := plan.OpenDestination(ctx, known, into, cfg.Dir)
		if err != nil {
			return nil, err
		}
		p := &place{Destination: opened, of: into}
		all[into.Address] = p
		if p.conn, err = opened.Conn(ctx); err != nil {
			return nil, fmt.Errorf("connect to %s: %w", into.Address, p.safe(err))
		}
		meta, err := p.register().Meta(ctx, p.conn)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", into.Address, p.safe(err))
		}
		p.identity, p.catalog = meta.Identity, plan.NewCatalog(opened, p.conn)
	}
	return all, nil
}

// of returns where a sync writes.
func (all places) of(s *config.Sync) *place { return all[s.Destination.Into.Address] }

func (all places) close() error {
	var failed error
	for _, p := range all {
		if p.conn != nil {
			failed = errors.Join(failed, p.conn.Close())
		}
		failed = errors.Join(failed, p.Close())
	}
	return failed
}

// sorted lists them by their addresses.
func (all places) sorted() []*place {
	var list []*place
	for _, p := range all {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *place) int {
		if a.of.Address < b.of.Address {
			return -1
		}
		return 1
	})
	return list
}

// look reads a destination in a transaction of one snapshot, which is rolled back: the tables of files are filled for it with what
// the files hold. wait is for a database that another process holds.
func (p *place) look(ctx context.Context, cfg *config.Config, wait time.Duration, read func(tx *sql.Tx) error) error {
	tx, err := p.Begin(ctx, p.conn, wait)
	if err != nil {
		return fmt.Errorf("%s: begin: %w", p.of.Address, p.safe(err))
	}
	defer func() { _ = tx.Rollback() }() // it only read
	if _, err := plan.Refresh(ctx, cfg, p.of, p.Destination, tx); err != nil {
		return fmt.Errorf("%s: %w", p.of.Address, p.safe(err))
	}
	return read(tx)
}

// scoped is how many rows a sync's scope holds, the archived ones too, as q sees them. The diagnostics are of a sync that does
// not fit its table.
func (p *place) scoped(ctx context.Context, q providers.Querier, cfg *config.Config, s *config.Sync) (int64, config.Diagnostics, error) {
	alone := bare(s, nil, config.Insert)
	alone.Lifecycle.Operations = nil
	target, diags := plan.Target(ctx, cfg, alone, plan.NewCatalog(p.Destination, q))
	if diags.HasErrors() {
		return 0, diags, nil
	}
	var live, archived int64
	count := sqlgen.CountRows(p.Dialect(), target)
	if err := q.QueryRowContext(ctx, count.SQL, count.Args...).Scan(&live, &archived); err != nil {
		return 0, nil, fmt.Errorf("%s: count the rows of table %s: %w", s.Address, s.Destination.Table, p.safe(err))
	}
	return live + archived, nil, nil
}

package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// session is an open destination with a transaction.
type session struct {
	providers.Destination
	conn *sql.Conn
	tx   *sql.Tx
}

// safe strips what the driver's error may say of rows.
func (s *session) safe(err error) error { return providers.SafeError(s.Destination, err) }

func (s *session) commit() error {
	if err := s.tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", s.safe(err))
	}
	return nil
}

// stored is a plan as the registers hold it: its operations are streamed from there.
type stored struct {
	sessions map[string]*reading // by the destination's address
	// disclosed: what is masked is shown, too.
	disclosed bool
}

// reading is a destination whose register is read.
type reading struct {
	providers.Destination
	conn *sql.Conn
	plan *register.Plan
}

// otherPlanError says that a register does not hold what a plan's file is for.
type otherPlanError struct{ text string }

func (e *otherPlanError) Error() string { return e.text }

// openStored opens the registers of a plan's destinations and checks that they
// hold the very operations that were planned.
func (a *app) openStored(ctx context.Context, cfg *config.Config, p *plan.Plan) (_ *stored, err error) {
	s := &stored{sessions: map[string]*reading{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	for i := range p.Destinations {
		part := &p.Destinations[i]
		if err := a.openReading(ctx, cfg, p, part, s); err != nil {
			return nil, fmt.Errorf("%s: %w", part.Address, err)
		}
	}
	return s, nil
}

func (a *app) openReading(ctx context.Context, cfg *config.Config, p *plan.Plan, part *plan.Destination, s *stored) error {
	i := slices.IndexFunc(cfg.Destinations, func(c *config.Connection) bool { return c.Address == part.Address })
	if i < 0 {
		return errors.New("the configuration has no such destination")
	}
	opened, err := plan.OpenDestination(ctx, a.env.Providers, cfg.Destinations[i], cfg.Dir)
	if err != nil {
		return err
	}
	r := &reading{Destination: opened}
	s.sessions[part.Address] = r
	if r.conn, err = opened.Conn(ctx); err != nil {
		return fmt.Errorf("connect: %w", providers.SafeError(opened, err))
	}
	reg := register.New(opened.Dialect())
	meta, err := reg.Meta(ctx, r.conn)
	if err != nil {
		return providers.SafeError(opened, err)
	}
	if meta.Identity != part.Identity {
		return &otherPlanError{fmt.Sprintf("%s is not the database that the plan was made for (%s)", opened.Identity(), part.Database)}
	}
	if r.plan, err = reg.Plan(ctx, r.conn, p.ID); err != nil {
		return providers.SafeError(opened, err)
	}
	digest, err := reg.Effects(ctx, r.conn, p.ID, part.Syncs, part.Files)
	if err != nil {
		return providers.SafeError(opened, err)
	}
	if digest != part.Digest {
		redacted, err := reg.CountRedacted(ctx, r.conn, p.ID)
		switch {
		case err != nil:
			return providers.SafeError(opened, err)
		case redacted == 0:
			return &otherPlanError{"the operations in the register are not those that were planned: the register or the file was changed"}
		}
		a.err().RunWarning("%s: %d of the plan's operations were redacted. Nobody can tell any more whether the others are those that were planned", part.Address, redacted)
	}
	p.PseudonymKey = r.plan.PseudonymKey
	return nil
}

// changes streams operations from the registers, at most so many of a sync; 0: all.
func (s *stored) changes(ctx context.Context, p *plan.Plan, most int) view.Changes {
	return func(summary *register.SyncSummary, visit func(*plan.Change) error) error {
		r, known, err := s.find(summary)
		if err != nil {
			return err
		}
		// In an order that tells nothing of masked keys.
		reader, err := p.Reader(ctx, register.New(r.Dialect()), r.conn, known)
		if err != nil {
			return providers.SafeError(r.Destination, err)
		}
		err = reader.Operations(ctx, r.conn, p.ID, known.AfterSeq, known.LastSeq, most, func(o *register.Operation) error {
			change := plan.Mask(o, s.masking(p, known))
			return visit(&change)
		})
		return providers.SafeError(r.Destination, err)
	}
}

// notices streams findings from the registers.
func (s *stored) notices(ctx context.Context, p *plan.Plan) view.Notices {
	return func(summary *register.SyncSummary, kind register.FindingKind, visit func(*plan.Notice) error) error {
		r, known, err := s.find(summary)
		if err != nil {
			return err
		}
		// In an order that tells nothing of masked keys.
		reader, err := p.Reader(ctx, register.New(r.Dialect()), r.conn, known)
		if err != nil {
			return providers.SafeError(r.Destination, err)
		}
		err = reader.Findings(ctx, r.conn, p.ID, known.Sync, kind, 0, func(f *register.Finding) error {
			notice := plan.MaskFinding(f, s.masking(p, known))
			return visit(&notice)
		})
		return providers.SafeError(r.Destination, err)
	}
}

// masking says what of a sync's values is shown.
func (s *stored) masking(p *plan.Plan, known *register.SyncSummary) plan.Masking {
	if s.disclosed {
		return plan.Masking{}
	}
	return p.Masking(known)
}

// find returns a sync's register and what that says of it: what to mask is the register's to
// say, since a file could have been edited.
func (s *stored) find(summary *register.SyncSummary) (*reading, *register.SyncSummary, error) {
	r := s.sessions[summary.Destination]
	if r == nil {
		return nil, nil, fmt.Errorf("the plan has no %s", summary.Destination)
	}
	i := slices.IndexFunc(r.plan.Syncs, func(known register.SyncSummary) bool { return known.Sync == summary.Sync })
	if i < 0 {
		return nil, nil, fmt.Errorf("the register's plan has no %s", summary.Sync)
	}
	return r, &r.plan.Syncs[i], nil
}

func (s *stored) close() error {
	var failed error
	for _, r := range s.sessions {
		if r.conn != nil {
			failed = errors.Join(failed, r.conn.Close())
		}
		failed = errors.Join(failed, r.Close())
	}
	return failed
}

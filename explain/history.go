package explain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// maxNoticed bounds the findings of the last plan that are kept.
const maxNoticed = 20

// readRegister asks the register of the sync's destination what it knows of the row.
func (f *Facts) readRegister(ctx context.Context, cfg *config.Config, o Options) error {
	s := f.Watched.Sync
	return plan.WithRegister(ctx, o.Plan.Providers, s.Destination.Into, cfg.Dir, func(at *plan.Opened) error {
		r, q, keys := at.Register, at.Conn, f.Watched.KeySpellings()
		var err error
		if f.Applied, err = r.AppliedOfKey(ctx, q, s.Address, keys); err != nil {
			return err
		}
		if f.Waiting, err = r.WaitingOfKey(ctx, q, s.Address, keys, f.Now); err != nil {
			return err
		}
		if f.Since, err = r.OldestExecution(ctx, q); err != nil {
			return err
		}
		if f.LastPlan, f.Beyond, err = r.LastPlanOf(ctx, q, s.Address); err != nil {
			return err
		}
		if f.LastPlan != nil {
			err := r.FindingsOfPlan(ctx, q, f.LastPlan.PlanID, func(one *register.Finding) error {
				if one.Sync == s.Address && slices.ContainsFunc(keys, one.Key.HasAll) {
					f.Noticed = append(f.Noticed, *one)
				}
				if len(f.Noticed) == maxNoticed {
					return io.EOF
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		if f.Redacted, err = r.CountRedactedOf(ctx, q, s.Address); err != nil {
			return err
		}
		if err := f.readApproved(ctx, at); err != nil {
			return err
		}
		if err := f.readPlans(ctx, at); err != nil {
			return err
		}
		pauses, err := r.Pauses(ctx, q)
		if err != nil {
			return err
		}
		if p, paused := pauses[s.Address]; paused {
			f.Pause = &p
		}
		err = r.Runs(ctx, q, time.Time{}, 0, func(one *register.Run) error {
			if !o.Units[s.Address][one.Unit] {
				return nil
			}
			f.LastRun = one
			return io.EOF
		})
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	})
}

// readApproved looks which of the plans that can still be applied somebody has approved of.
func (f *Facts) readApproved(ctx context.Context, at *plan.Opened) error {
	f.Approved = map[string]bool{}
	for i := range f.Waiting {
		id := f.Waiting[i].PlanID
		if _, known := f.Approved[id]; known {
			continue
		}
		approvals, err := at.Register.ApprovalsOf(ctx, at.Conn, id, f.Now)
		if err != nil {
			return err
		}
		f.Approved[id] = len(approvals) > 0
	}
	return nil
}

// readPlans reads what the plans of the history were for, and which columns they were to mask.
func (f *Facts) readPlans(ctx context.Context, at *plan.Opened) error {
	f.Hidden, f.Purposes = map[string][]string{}, map[string]*register.Purpose{}
	var ids []string
	for _, one := range slices.Concat(f.Applied, f.Waiting) {
		ids = append(ids, one.PlanID)
	}
	if len(f.Noticed) > 0 {
		ids = append(ids, f.LastPlan.PlanID)
	}
	for _, id := range ids {
		if _, known := f.Hidden[id]; known {
			continue
		}
		stored, err := at.Register.Plan(ctx, at.Conn, id)
		if err != nil {
			return err
		}
		f.Hidden[id], f.Purposes[id] = nil, stored.Purpose
		for i := range stored.Syncs {
			if stored.Syncs[i].Sync == f.Watched.Sync.Address {
				f.Hidden[id] = stored.Syncs[i].Sensitive
			}
		}
	}
	return nil
}

// MaskingOf says what may be shown of an earlier plan: neither what it was to mask, nor what is masked now.
func (f *Facts) MaskingOf(planID string) plan.Masking {
	return plan.Masking{Sensitive: slices.Concat(f.Watched.Summary.Sensitive, f.Hidden[planID])}
}

// planned names a plan, and what it was for where that is not to bring syncs in step.
func (f *Facts) planned(id string) string {
	if p := f.Purposes[id]; p != nil {
		return fmt.Sprintf("%s (%s of %s)", id, p.Kind, p.Of)
	}
	return id
}

// undoes reports whether a plan undid another one.
func (f *Facts) undoes(id string) bool {
	p := f.Purposes[id]
	return p != nil && p.Kind == register.Revert
}

// lastOf is the latest operation of some kinds about the key.
func (f *Facts) lastOf(kinds ...config.Operation) *register.KeyOperation {
	for i := range f.Applied {
		if slices.Contains(kinds, f.Applied[i].Operation.Operation) {
			return &f.Applied[i]
		}
	}
	return nil
}

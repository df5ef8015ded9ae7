package explain

import (
	"context"
	"errors"
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
		if f.LastPlan, err = r.LastPlanOf(ctx, q, s.Address); err != nil {
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
			// A plan that was made before another one was applied is stale.
			f.Waiting = slices.DeleteFunc(f.Waiting, func(one register.KeyOperation) bool { return !one.CreatedOn.After(f.LastPlan.ExecutedOn) })
		}
		if err := f.readHidden(ctx, at); err != nil {
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

// readHidden reads which columns the plans of the history were to mask.
func (f *Facts) readHidden(ctx context.Context, at *plan.Opened) error {
	f.Hidden = map[string][]string{}
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
		f.Hidden[id] = nil
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

// lastOf is the latest operation of some kinds about the key.
func (f *Facts) lastOf(kinds ...config.Operation) *register.KeyOperation {
	for i := range f.Applied {
		if slices.Contains(kinds, f.Applied[i].Operation.Operation) {
			return &f.Applied[i]
		}
	}
	return nil
}

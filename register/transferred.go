package register

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// transferredMark ends who applied a plan that was applied on another server.
const transferredMark = " (transferred)"

// unknownDigest is of no operations.
var unknownDigest = strings.Repeat("0", digestLength) //nolint:gochecknoglobals // a constant

// Plan writes a plan that another server's register holds as applied, cut to some of its syncs, and its execution. Its operations
// came before. What this register has of the plan stays: of one that was itself transferred, syncs of p that it lacks are
// added; of one that was applied here, nothing is changed. The error is a *ForeignHistoryError where p is neither.
//
// No file names such a plan, an apply refuses it since it was executed, and p.Transferred keeps it from being reverted: the rows
// that it wrote were written elsewhere.
func (t *Transfer) Plan(ctx context.Context, p *Plan, done Execution) error {
	if err := t.Flush(ctx); err != nil {
		return err
	}
	known, err := t.standing(ctx, p.ID)
	if err != nil {
		return err
	}
	delete(t.plans, p.ID) // it is about to be another
	merged := *p
	merged.Syncs = withoutWatermarks(p.Syncs)
	if known.kind != unknownPlan {
		if merged, err = known.merge(p); err != nil {
			return err
		}
		if len(merged.Syncs) == len(known.plan.Syncs) {
			return nil
		}
	}
	merged.Digest, err = t.r.Effects(ctx, t.q, p.ID, merged.Syncs, merged.Files)
	if errors.Is(err, ErrUncounted) { // a part of it was pruned
		merged.Digest, err = unknownDigest, nil
	}
	if err != nil {
		return err
	}
	if known.kind != unknownPlan {
		args := arguments{d: t.r.d}
		if err := t.r.exec(ctx, t.q, fmt.Sprintf("DELETE FROM %s WHERE id = %s", t.r.d.RegisterTable("plan"), args.of(p.ID)), args.values...); err != nil {
			return fmt.Errorf("replace a plan of the register: %w", withRemedy(err))
		}
		return t.r.insertPlanRow(ctx, t.q, &merged)
	}
	if err := t.r.insertPlanRow(ctx, t.q, &merged); err != nil {
		return err
	}
	if !strings.HasSuffix(done.ExecutedBy, transferredMark) {
		done.ExecutedBy += transferredMark
	}
	return t.r.InsertExecution(ctx, t.q, done)
}

// merge returns the plan that is there, with what p has besides.
func (s *standing) merge(p *Plan) (Plan, error) {
	merged := *s.plan
	for _, one := range withoutWatermarks(p.Syncs) {
		if !slices.ContainsFunc(merged.Syncs, func(own SyncSummary) bool { return own.Sync == one.Sync || own.AfterSeq == one.AfterSeq }) {
			merged.Syncs = append(merged.Syncs, one)
		}
	}
	more := len(merged.Syncs) > len(s.plan.Syncs)
	switch {
	case more && s.kind == ownPlan:
		return merged, &ForeignHistoryError{PlanID: p.ID, Reason: "has syncs in the bundle that it does not have here, where it was applied"}
	case !more && s.added:
		return merged, &ForeignHistoryError{PlanID: p.ID, Reason: "has operations in the bundle that none of its syncs has"}
	}
	for _, address := range p.Destinations {
		if !slices.Contains(merged.Destinations, address) {
			merged.Destinations = append(merged.Destinations, address)
		}
	}
	return merged, nil
}

// withoutWatermarks leaves out up to where another server read the sources.
func withoutWatermarks(syncs []SyncSummary) []SyncSummary {
	syncs = slices.Clone(syncs)
	for i := range syncs {
		if known := syncs[i].Incremental; known != nil {
			cut := *known
			cut.Since, cut.Watermark, cut.Kind, cut.LeftUndone = "", "", "", ""
			syncs[i].Incremental = &cut
		}
	}
	return syncs
}

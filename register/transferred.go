package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// transferredMark ends who applied a plan that was applied on another server.
const transferredMark = " (transferred)"

// unknownDigest is of no operations.
var unknownDigest = strings.Repeat("0", digestLength) //nolint:gochecknoglobals // a constant

// TransferPlan writes a plan that another server's register holds as applied, cut to some of its syncs, and its execution. Its
// operations are there already. What this register has of the plan stays: syncs of p that it lacks are added.
//
// No file names such a plan, an apply refuses it since it was executed, and p.Transferred keeps it from being reverted: the rows
// that it wrote were written elsewhere.
func (r Register) TransferPlan(ctx context.Context, q providers.Querier, p *Plan, done Execution) error {
	there, err := r.Plan(ctx, q, p.ID)
	known := !errors.Is(err, ErrNoPlan)
	if err != nil && known {
		return err
	}
	merged := *p
	merged.Syncs = withoutWatermarks(p.Syncs)
	if known {
		merged = *there
		for _, s := range withoutWatermarks(p.Syncs) {
			if !slices.ContainsFunc(merged.Syncs, func(own SyncSummary) bool { return own.Sync == s.Sync || own.AfterSeq == s.AfterSeq }) {
				merged.Syncs = append(merged.Syncs, s)
			}
		}
		if len(merged.Syncs) == len(there.Syncs) {
			return nil
		}
		for _, address := range p.Destinations {
			if !slices.Contains(merged.Destinations, address) {
				merged.Destinations = append(merged.Destinations, address)
			}
		}
	}
	merged.Digest, err = r.Effects(ctx, q, p.ID, merged.Syncs, merged.Files)
	if errors.Is(err, ErrUncounted) { // a part of it was pruned
		merged.Digest, err = unknownDigest, nil
	}
	if err != nil {
		return err
	}
	if known {
		args := arguments{d: r.d}
		if err := r.exec(ctx, q, fmt.Sprintf("DELETE FROM %s WHERE id = %s", r.d.RegisterTable("plan"), args.of(p.ID)), args.values...); err != nil {
			return fmt.Errorf("replace a plan of the register: %w", withRemedy(err))
		}
	}
	if err := r.insertPlanRow(ctx, q, &merged); err != nil || known {
		return err
	}
	if !strings.HasSuffix(done.ExecutedBy, transferredMark) {
		done.ExecutedBy += transferredMark
	}
	return r.InsertExecution(ctx, q, done)
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

// Transferred is a row of a table of the register as another register holds it, in texts; nil is NULL.
type Transferred struct {
	PlanID string
	Seq    int64
	Sync   string
	// Operation is of a row of the operations, with Table; Kind of one of the findings.
	Table, Operation, Kind string
	Key, Before, After     *string
	Result, Message        *string
	Detail                 *string
}

// TransferOperation writes an operation, unless the register has it.
func (r Register) TransferOperation(ctx context.Context, q providers.Querier, t *Transferred) error {
	if known, err := r.hasRow(ctx, q, "operation", t); err != nil || known {
		return err
	}
	args := arguments{d: r.d}
	statement := fmt.Sprintf("INSERT INTO %s (plan_id, seq, sync, table_name, operation, %s, %s, %s, result) VALUES (%s, %d, %s, %s, %s, %s, %s, %s, %s)", r.d.RegisterTable("operation"),
		r.d.Quote("key"), r.d.Quote("before"), r.d.Quote("after"), args.of(t.PlanID), t.Seq, args.of(t.Sync), args.of(t.Table), args.of(t.Operation),
		args.document(t.Key), args.document(t.Before), args.document(t.After), args.document(t.Result))
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return fmt.Errorf("write an operation into the register: %w", withRemedy(err))
	}
	return nil
}

// TransferFinding writes a finding, unless the register has it.
func (r Register) TransferFinding(ctx context.Context, q providers.Querier, t *Transferred) error {
	if known, err := r.hasRow(ctx, q, "finding", t); err != nil || known {
		return err
	}
	args := arguments{d: r.d}
	statement := fmt.Sprintf("INSERT INTO %s (plan_id, seq, sync, kind, %s, message, detail) VALUES (%s, %d, %s, %s, %s, %s, %s)", r.d.RegisterTable("finding"), r.d.Quote("key"),
		args.of(t.PlanID), t.Seq, args.of(t.Sync), args.of(t.Kind), args.document(t.Key), args.text(t.Message), args.document(t.Detail))
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return fmt.Errorf("write a finding into the register: %w", withRemedy(err))
	}
	return nil
}

// hasRow reports whether a table of the register has that row, of whichever sync: a faculty that comes back finds its own.
func (r Register) hasRow(ctx context.Context, q providers.Querier, table string, t *Transferred) (bool, error) {
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT count(*) FROM %s o WHERE o.plan_id = %s AND o.seq = %d", r.d.RegisterTable(table), args.of(t.PlanID), t.Seq)
	var n int64
	if err := q.QueryRowContext(ctx, query, args.values...).Scan(&n); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("look for a row of the register: %w", err)
	}
	return n > 0, nil
}

// document binds a JSON text; nil binds NULL.
func (a *arguments) document(text *string) string {
	if text == nil {
		return "NULL"
	}
	return a.typed(value.JSON, *text)
}

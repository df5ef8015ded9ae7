package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// ExportedPlan is an applied plan, cut to some syncs.
type ExportedPlan struct {
	Plan

	Execution Execution
	// Summaries are the elements of its summary of these syncs. Of what stands there of the plan as a whole its purpose alone is
	// left, with the first of them.
	Summaries []string
}

// ExportedOperation is a row of the table of operations. The documents are as they are stored.
type ExportedOperation struct {
	PlanID, Sync, Table, Operation, Key string
	Seq                                 int64
	Before, After, Result               *string
}

// ExportedFinding is a row of the table of findings.
type ExportedFinding struct {
	PlanID, Sync, Kind   string
	Seq                  int64
	Key, Message, Detail *string
}

// ExportPlans visits the applied plans that some syncs were part of, the first applied first.
func (r Register) ExportPlans(ctx context.Context, q providers.Querier, syncs []string, visit func(*ExportedPlan) error) error {
	query := fmt.Sprintf("SELECT p.id, %s, p.created_by, p.config_digest, p.git_commit, %s, p.status, %s, %s, e.executed_by FROM %s e JOIN %s p ON p.id = e.plan_id ORDER BY e.executed_on, p.created_on, p.id",
		r.instantText("p.created_on"), r.instantText("p.expires_on"), r.d.Canonical("p.summary", registerColumn(r.d, value.JSON)), r.instantText("e.executed_on"),
		r.d.RegisterTable("execution"), r.d.RegisterTable("plan"))
	return r.export(ctx, q, "plans", query, nil, func(rows *sql.Rows) error {
		var p ExportedPlan
		var created, expires, executed, commit sql.NullString
		var summary string
		err := rows.Scan(&p.ID, &created, &p.CreatedBy, &p.ConfigDigest, &commit, &expires, &p.Status, &summary, &executed, &p.Execution.ExecutedBy)
		if err != nil {
			return err
		}
		p.GitCommit, p.Execution.PlanID = commit.String, p.ID
		var failed [3]error
		p.CreatedOn, failed[0] = parseInstant(created)
		p.ExpiresOn, failed[1] = parseInstant(expires)
		p.Execution.ExecutedOn, failed[2] = parseInstant(executed)
		if err := errors.Join(failed[:]...); err != nil {
			return err
		}
		if err := p.decodeSummary(summary); err != nil {
			return fmt.Errorf("read the summary of plan %s: %w", p.ID, err)
		}
		if p.Summaries, err = cutSummary(summary, syncs, p.Purpose); err != nil || len(p.Summaries) == 0 {
			return err
		}
		return visit(&p)
	})
}

// cutSummary returns the elements of a plan's summary that are about some syncs.
func cutSummary(summary string, syncs []string, purpose *Purpose) (kept []string, err error) {
	var elements []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(summary), &elements); err != nil {
		return nil, fmt.Errorf("decode a plan's summary: %w", err)
	}
	for _, one := range elements {
		var sync string
		if err := json.Unmarshal(one["sync"], &sync); err != nil || !slices.Contains(syncs, sync) {
			continue
		}
		delete(one, "plan") // what it holds concerns other syncs, too, and no other database
		if purpose != nil && len(kept) == 0 {
			if one["plan"], err = json.Marshal(planSummary{Destinations: []string{}, Purpose: purpose}); err != nil {
				return nil, fmt.Errorf("encode a plan's purpose: %w", err)
			}
		}
		text, err := json.Marshal(one)
		if err != nil {
			return nil, fmt.Errorf("encode a plan's summary: %w", err)
		}
		kept = append(kept, string(text))
	}
	return kept, nil
}

// ExportOperations visits the operations of some syncs in applied plans, by plan and sequence.
func (r Register) ExportOperations(ctx context.Context, q providers.Querier, syncs []string, visit func(*ExportedOperation) error) error {
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT o.plan_id, o.seq, o.sync, o.table_name, o.operation, %s, %s, %s, %s FROM %s o JOIN %s e ON e.plan_id = o.plan_id WHERE o.sync IN (%s) ORDER BY o.plan_id, o.seq",
		r.documentText("o."+r.d.Quote("key")), r.documentText("o."+r.d.Quote("before")), r.documentText("o."+r.d.Quote("after")), r.documentText("o.result"),
		r.d.RegisterTable("operation"), r.d.RegisterTable("execution"), args.list(syncs))
	return r.export(ctx, q, "operations", query, args.values, func(rows *sql.Rows) error {
		var o ExportedOperation
		if err := rows.Scan(&o.PlanID, &o.Seq, &o.Sync, &o.Table, &o.Operation, &o.Key, &o.Before, &o.After, &o.Result); err != nil {
			return err
		}
		return visit(&o)
	})
}

// ExportFindings visits what applied plans noticed of some syncs, by plan and sequence.
func (r Register) ExportFindings(ctx context.Context, q providers.Querier, syncs []string, visit func(*ExportedFinding) error) error {
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT f.plan_id, f.seq, f.sync, f.kind, %s, f.message, %s FROM %s f JOIN %s e ON e.plan_id = f.plan_id WHERE f.sync IN (%s) ORDER BY f.plan_id, f.seq",
		r.documentText("f."+r.d.Quote("key")), r.documentText("f.detail"), r.d.RegisterTable("finding"), r.d.RegisterTable("execution"), args.list(syncs))
	return r.export(ctx, q, "findings", query, args.values, func(rows *sql.Rows) error {
		var f ExportedFinding
		if err := rows.Scan(&f.PlanID, &f.Seq, &f.Sync, &f.Kind, &f.Key, &f.Message, &f.Detail); err != nil {
			return err
		}
		return visit(&f)
	})
}

func (r Register) documentText(expr string) string {
	return r.d.Canonical(expr, registerColumn(r.d, value.JSON))
}

// list binds texts for an IN; there is at least one.
func (a *arguments) list(texts []string) string {
	bound := make([]string, len(texts))
	for i, text := range texts {
		bound[i] = a.of(text)
	}
	return strings.Join(bound, ", ")
}

func (r Register) export(ctx context.Context, q providers.Querier, what, query string, args []any, visit func(*sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read the history's %s: %w", what, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := visit(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the history's %s: %w", what, err)
	}
	return nil
}

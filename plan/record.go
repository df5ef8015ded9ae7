package plan

import (
	"context"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/register"
)

// record writes the plan's row and fills in the digest and the excerpt.
func (d *destination) record(ctx context.Context, p *Plan, part *Destination, status register.Status) (err error) {
	r := register.New(d.Dialect())
	if err := d.analyze(ctx); err != nil {
		return err
	}
	if part.Digest, err = r.Effects(ctx, d.tx, p.ID, part.Syncs, part.Files); err != nil {
		return err
	}
	for i := range part.Syncs {
		if err := p.excerpt(ctx, r, d.tx, &part.Syncs[i], part); err != nil {
			return err
		}
	}
	var addresses []string
	for _, one := range p.Destinations {
		addresses = append(addresses, one.Address)
	}
	var checks []register.CheckSummary
	for _, c := range part.Checks {
		checks = append(checks, register.CheckSummary{Check: c.Check, Severity: c.Severity, Code: c.Code, Findings: c.Findings, Blocks: c.Blocks})
	}
	return r.InsertPlan(ctx, d.tx, &register.Plan{
		ID: p.ID, CreatedOn: p.CreatedOn, CreatedBy: p.CreatedBy, ConfigDigest: p.ConfigDigest, GitCommit: p.GitCommit, ExpiresOn: p.ExpiresOn,
		Speculative: p.Speculative, Status: status, Digest: part.Digest, Syncs: part.Syncs,
		Destinations: addresses, Files: part.Files, Checks: checks, Policies: p.Policies, PseudonymKey: p.PseudonymKey,
		Instance: part.Instance, Purpose: p.Purpose,
	})
}

// From so many operations the database should know how many there are: its planner would else read
// a table once for each of them at apply. Where it can go by the key's index, that takes longer to
// matter, and less time than a look at a large register.
const (
	manyOperations        = 1_000
	manyOperationsByIndex = 100_000
)

func (d *destination) analyze(ctx context.Context) error {
	analyzer, ok := d.Dialect().(sqlgen.Analyzer)
	if !ok || !slices.ContainsFunc(d.works, (*work).wantsStatistics) {
		return nil
	}
	_, err := d.tx.ExecContext(ctx, analyzer.Analyze(d.Dialect().RegisterTable("operation"), sqlgen.OperationsBy()...))
	return err
}

// wantsStatistics reports whether the sync's operations must be known to be many.
func (w *work) wantsStatistics() bool {
	many := int64(manyOperationsByIndex)
	if t := w.target; w.sync.Destination.UnenforcedKey || len(t.Lookups)+len(t.Parents) > 0 || len(t.Table.OwnForeignKeys()) > 0 || t.WritesMore() {
		many = manyOperations
	}
	return w.summary.Total() >= many
}

// Hooks lists the statements that an apply runs besides a sync's operations, in order.
func Hooks(s *config.Sync) []register.Hook {
	var hooks []register.Hook
	for _, hook := range s.Hooks.Before {
		hooks = append(hooks, register.Hook{When: config.BeforeApply, SQL: hook.SQL})
	}
	for _, hook := range s.Hooks.After {
		hooks = append(hooks, register.Hook{When: config.AfterApply, SQL: hook.SQL})
	}
	return hooks
}

package plan

import (
	"context"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/register"
)

// record writes the plan's row and fills in the digest and the excerpt.
func (d *destination) record(ctx context.Context, p *Plan, part *Destination, status register.Status) (err error) {
	r := register.New(d.Dialect())
	if err := d.analyze(ctx, part.Syncs); err != nil {
		return err
	}
	if part.Digest, err = r.Digest(ctx, d.tx, p.ID); err != nil {
		return err
	}
	for i := range part.Syncs {
		if err := excerpt(ctx, r, d.tx, p.ID, &part.Syncs[i], part); err != nil {
			return err
		}
	}
	return r.InsertPlan(ctx, d.tx, &register.Plan{
		ID: p.ID, CreatedOn: p.CreatedOn, CreatedBy: p.CreatedBy, ConfigDigest: p.ConfigDigest, GitCommit: p.GitCommit, ExpiresOn: p.ExpiresOn,
		Speculative: p.Speculative, Status: status, Digest: part.Digest, Syncs: part.Syncs,
	})
}

// manyOperations is from when the database should know how many there are: its planner
// would else read the table once for each of them at apply.
const manyOperations = 1_000

func (d *destination) analyze(ctx context.Context, syncs []register.SyncSummary) error {
	analyzer, ok := d.Dialect().(sqlgen.Analyzer)
	var total int64
	for i := range syncs {
		total += syncs[i].Total()
	}
	if !ok || total < manyOperations {
		return nil
	}
	_, err := d.tx.ExecContext(ctx, analyzer.Analyze(d.Dialect().RegisterTable("operation")))
	return err
}

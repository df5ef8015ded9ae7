package transfer

import (
	"context"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/register"
)

// writeHistory writes what the registers know of a faculty's syncs: their applied plans, operations and findings.
func (e *exporter) writeHistory(ctx context.Context, w *bundle.Writer, all []*exported) error {
	h, plans := w.History(), map[string]bool{}
	each := func(read func(at *place, r register.Register, q providers.Querier, syncs []string) error) error {
		for _, p := range e.places.sorted() {
			var syncs []string
			for _, x := range all {
				if x.at == p {
					syncs = append(syncs, x.sync.Address)
				}
			}
			if len(syncs) == 0 {
				continue
			}
			if err := read(p, p.register(), e.txs[p], syncs); err != nil {
				return p.safe(err)
			}
		}
		return nil
	}
	err := each(func(at *place, r register.Register, q providers.Querier, syncs []string) error {
		return r.ExportPlans(ctx, q, syncs, func(p *register.ExportedPlan) error {
			plans[p.ID] = true // a plan over several destinations is in the register of each
			return h.Plan(&bundle.HistoryPlan{
				ID: p.ID, CreatedOn: p.CreatedOn, CreatedBy: p.CreatedBy, ConfigDigest: p.ConfigDigest, GitCommit: p.GitCommit, ExpiresOn: p.ExpiresOn,
				Status: string(p.Status), Summaries: p.Summaries, ExecutedOn: p.Execution.ExecutedOn, ExecutedBy: p.Execution.ExecutedBy, Destination: at.of.Address,
			})
		})
	})
	if err != nil {
		return err
	}
	err = each(func(at *place, r register.Register, q providers.Querier, syncs []string) error {
		return r.ExportOperations(ctx, q, syncs, func(o *register.ExportedOperation) error {
			return h.Operation(&bundle.HistoryOperation{
				PlanID: o.PlanID, Seq: o.Seq, Sync: o.Sync, Table: o.Table, Operation: o.Operation, Key: o.Key, Before: o.Before, After: o.After, Result: o.Result,
				Destination: at.of.Address,
			})
		})
	})
	if err != nil {
		return err
	}
	err = each(func(at *place, r register.Register, q providers.Querier, syncs []string) error {
		return r.ExportFindings(ctx, q, syncs, func(f *register.ExportedFinding) error {
			return h.Finding(&bundle.HistoryFinding{
				PlanID: f.PlanID, Seq: f.Seq, Sync: f.Sync, Kind: f.Kind, Key: f.Key, Message: f.Message, Detail: f.Detail, Destination: at.of.Address,
			})
		})
	})
	if err != nil {
		return err
	}
	e.plans = append(e.plans, int64(len(plans)))
	return h.Close()
}

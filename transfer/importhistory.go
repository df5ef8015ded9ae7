package transfer

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/register"
)

// historian writes the history of a faculty into the register of one destination.
type historian struct {
	at     *place
	into   *register.Transfer
	bundle *bundle.Bundle
	pair   *pair
	become map[string]*config.Sync // what the syncs of the bundle have become
}

// writeHistory writes what the bundle has of the register's history into a destination's, in the transaction that inserts the
// rows. Operations come first: a plan's digest is of them.
func (m *Import) writeHistory(ctx context.Context, at *place, tx *sql.Tx) error {
	for i := range m.pairs {
		p := &m.pairs[i]
		if p.from.History == nil {
			continue
		}
		h := &historian{at: at, into: at.register().Transfer(tx), bundle: m.Bundle, pair: p, become: map[string]*config.Sync{}}
		for _, s := range p.syncs {
			h.become[s.from.Address] = s.to
		}
		if err := h.write(ctx); err != nil {
			return fmt.Errorf("the history of %s: %w", p.to.Address, err)
		}
	}
	return nil
}

func (h *historian) write(ctx context.Context) error {
	err := h.bundle.Operations(h.pair.from, func(o *bundle.HistoryOperation) error {
		to := h.here(o.Sync)
		if to == nil {
			return nil
		}
		return h.into.Operation(ctx, &register.Transferred{
			PlanID: o.PlanID, Seq: o.Seq, Sync: to.Address, Table: to.Destination.Table, Operation: o.Operation,
			Key: &o.Key, Before: o.Before, After: o.After, Result: o.Result,
		})
	})
	if err != nil {
		return h.at.safe(err)
	}
	err = h.bundle.Findings(h.pair.from, func(f *bundle.HistoryFinding) error {
		to := h.here(f.Sync)
		if to == nil {
			return nil
		}
		return h.into.Finding(ctx, &register.Transferred{
			PlanID: f.PlanID, Seq: f.Seq, Sync: to.Address, Kind: f.Kind, Key: f.Key, Message: f.Message, Detail: f.Detail,
		})
	})
	if err != nil {
		return h.at.safe(err)
	}
	if err := h.into.Flush(ctx); err != nil {
		return h.at.safe(err)
	}
	return h.at.safe(h.bundle.Plans(h.pair.from, func(p *bundle.HistoryPlan) error { return h.plan(ctx, p) }))
}

// here is what a sync of the bundle has become, where it writes to this destination; nil otherwise.
func (h *historian) here(address string) *config.Sync {
	if to := h.become[address]; to != nil && to.Destination.Into == h.at.of {
		return to
	}
	return nil
}

func (h *historian) plan(ctx context.Context, from *bundle.HistoryPlan) error {
	p := &register.Plan{
		ID: from.ID, CreatedOn: from.CreatedOn, CreatedBy: from.CreatedBy, ConfigDigest: from.ConfigDigest, GitCommit: from.GitCommit, ExpiresOn: from.ExpiresOn,
		Status: register.Status(from.Status), Transferred: h.bundle.Digest,
	}
	for _, text := range from.Summaries {
		var one struct {
			register.SyncSummary
			Plan struct {
				Purpose *register.Purpose `json:"purpose"`
			} `json:"plan"`
		}
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			return fmt.Errorf("the summary of plan %s: %w", from.ID, err)
		}
		if one.Plan.Purpose != nil {
			p.Purpose = one.Plan.Purpose
		}
		to := h.become[one.Sync]
		if to == nil {
			continue
		}
		if !slices.Contains(p.Destinations, to.Destination.Into.Address) {
			p.Destinations = append(p.Destinations, to.Destination.Into.Address)
		}
		if to.Destination.Into != h.at.of {
			continue
		}
		p.Syncs = append(p.Syncs, h.renamed(one.SyncSummary, to))
	}
	if len(p.Syncs) == 0 {
		return nil
	}
	return h.into.Plan(ctx, p, register.Execution{PlanID: from.ID, ExecutedOn: from.ExecutedOn, ExecutedBy: from.ExecutedBy})
}

// renamed is a summary in this server's words.
func (h *historian) renamed(s register.SyncSummary, to *config.Sync) register.SyncSummary {
	s.Sync, s.Faculty, s.Destination, s.Table = to.Address, to.Faculty, to.Destination.Into.Address, to.Destination.Table
	var needs []string
	for _, address := range s.Needs {
		if need := h.become[address]; need != nil {
			needs = append(needs, need.Address)
		}
	}
	s.Needs = needs
	return s
}

package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// UnknownError: no register of the configuration's destinations holds the plan.
type UnknownError struct {
	PlanID string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("no register of the configuration's destinations holds plan %s: it was pruned, or is of another configuration", e.PlanID)
}

// Recall returns a plan as Make returned it, from the registers that hold it: whole, or an error. One that
// none holds is an *UnknownError. A destination that the plan does not write to need not be there.
func Recall(ctx context.Context, cfg *config.Config, known []providers.Provider, id string) (*Plan, error) {
	found := map[string]*recalled{}
	failed := map[string]error{} // destinations that could not be asked
	var first *recalled
	for _, c := range cfg.Destinations {
		one, err := recall(ctx, cfg, known, c, id)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, register.ErrNoPlan):
			continue
		case err != nil:
			failed[c.Address] = fmt.Errorf("%s: %w", c.Address, err)
			continue
		}
		if found[c.Address] = one; first == nil {
			first = one
		}
		if missing(first, found) == nil {
			break // the others need not be asked
		}
	}
	if first == nil {
		var failures []error
		for _, c := range cfg.Destinations {
			failures = append(failures, failed[c.Address])
		}
		if err := errors.Join(failures...); err != nil {
			return nil, fmt.Errorf("look for plan %s: %w", id, err)
		}
		return nil, &UnknownError{PlanID: id}
	}
	return first.whole(cfg, found, failed)
}

// recalled is what one register holds of a plan.
type recalled struct {
	stored *register.Plan
	part   Destination
}

// missing lists the destinations of the plan whose part was not found.
func missing(first *recalled, found map[string]*recalled) []string {
	if len(first.stored.Destinations) == 0 {
		return []string{first.part.Address} // it is not known
	}
	var list []string
	for _, address := range first.stored.Destinations {
		if found[address] == nil {
			list = append(list, address)
		}
	}
	return list
}

// whole puts the parts together.
func (r *recalled) whole(cfg *config.Config, found map[string]*recalled, failed map[string]error) (*Plan, error) {
	s := r.stored
	addresses := s.Destinations
	if len(addresses) == 0 {
		// Registers of version 4 did not keep of how many parts a plan is.
		if len(cfg.Destinations) > 1 {
			return nil, fmt.Errorf("plan %s was made by an older registrar, and its registers do not tell which destinations it writes to: use its file, or plan again", s.ID)
		}
		addresses = []string{r.part.Address}
	}
	p := &Plan{
		ID: s.ID, CreatedOn: s.CreatedOn, CreatedBy: s.CreatedBy, ExpiresOn: s.ExpiresOn, ConfigDigest: s.ConfigDigest, GitCommit: s.GitCommit, Speculative: s.Speculative,
		Policies: s.Policies, PseudonymKey: s.PseudonymKey, Purpose: s.Purpose,
	}
	for _, address := range addresses {
		one := found[address]
		if one == nil {
			if err := failed[address]; err != nil {
				return nil, fmt.Errorf("look for plan %s: %w", s.ID, err)
			}
			known := slices.ContainsFunc(cfg.Destinations, func(c *config.Connection) bool { return c.Address == address })
			if !known {
				return nil, fmt.Errorf("the configuration has no %s, which plan %s writes to", address, s.ID)
			}
			return nil, fmt.Errorf("plan %s writes to %s, but the register of %s does not hold it: it was pruned there, or never made whole; plan again", s.ID, strings.Join(addresses, " and "), address)
		}
		if !one.agrees(s) {
			return nil, fmt.Errorf("the registers of %s and %s hold different plans of id %s: plan again", r.part.Address, address, s.ID)
		}
		p.Destinations = append(p.Destinations, one.part)
	}
	p.hideWatermarks()
	if p.ConfigDigest == cfg.Digest { // else its lines may be others
		p.Places = p.places(cfg)
	}
	return p, nil
}

// agrees reports whether a part is of the same plan.
func (r *recalled) agrees(s *register.Plan) bool {
	return r.stored.ConfigDigest == s.ConfigDigest && r.stored.Speculative == s.Speculative && r.stored.CreatedOn.Equal(s.CreatedOn) &&
		r.stored.ExpiresOn.Equal(s.ExpiresOn) && slices.Equal(r.stored.Destinations, s.Destinations)
}

// recall reads what one register holds of a plan, or returns register.ErrNoPlan.
func recall(ctx context.Context, cfg *config.Config, known []providers.Provider, c *config.Connection, id string) (found *recalled, err error) {
	err = WithRegister(ctx, known, c, cfg.Dir, func(o *Opened) (err error) {
		found, err = recallFrom(ctx, o, c, id)
		return err
	})
	return found, err
}

func recallFrom(ctx context.Context, o *Opened, c *config.Connection, id string) (*recalled, error) {
	r, conn := o.Register, o.Conn
	stored, err := r.Plan(ctx, conn, id)
	if err != nil {
		return nil, err
	}
	part := Destination{
		Address: c.Address, Identity: o.Meta.Identity, Provider: c.Provider, Database: o.Identity(), Digest: stored.Digest,
		Syncs: slices.Clone(stored.Syncs), Files: stored.Files, Instance: stored.Instance,
	}
	p := &Plan{ID: id, PseudonymKey: stored.PseudonymKey}
	for i := range part.Syncs {
		if err := p.excerpt(ctx, r, conn, &part.Syncs[i], &part); err != nil {
			return nil, err
		}
	}
	for _, check := range stored.Checks {
		summary := CheckSummary{Check: check.Check, Severity: check.Severity, Code: check.Code, Findings: check.Findings, Blocks: check.Blocks}
		if check.Findings > 0 {
			// They are masked in the register.
			err := r.Findings(ctx, conn, id, check.Check, register.Checked, maxNotices, func(f *register.Finding) error {
				summary.Notices = append(summary.Notices, MaskFinding(f, Masking{}).shorten())
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
		part.Checks = append(part.Checks, summary)
	}
	return &recalled{stored, part}, nil
}

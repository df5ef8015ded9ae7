package plan

import (
	"context"
	"errors"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

// Compared is how two plans differ for one sync.
type Compared struct {
	Destination, Sync, Faculty, Table string
	// First and Second are the plans' summaries of the sync; nil where a plan does not have it.
	First, Second *register.SyncSummary
	Counts        map[register.Deviation]map[config.Operation]int64
}

// Differs reports whether the plans do different things.
func (c *Compared) Differs() bool { return len(c.Counts) > 0 }

// PlansAt are two plans, compared within one destination.
type PlansAt struct {
	Address       string // of the destination
	First, Second *register.Plan
	Syncs         []Compared
	// Redacted operations of either plan could not be compared.
	Redacted int64

	cfg *config.Config
	o   *Opened
}

// Compare looks for two plans in a destination's register and counts how they differ there. A plan that the register does not hold is nil
// in the answer.
func Compare(ctx context.Context, cfg *config.Config, o *Opened, address, first, second string) (*PlansAt, error) {
	c := &PlansAt{Address: address, cfg: cfg, o: o}
	for _, one := range []struct {
		id   string
		into **register.Plan
	}{{first, &c.First}, {second, &c.Second}} {
		p, err := o.Register.Plan(ctx, o.Conn, one.id)
		if errors.Is(err, register.ErrNoPlan) {
			continue
		}
		if err != nil {
			return nil, err
		}
		n, err := o.Register.CountRedacted(ctx, o.Conn, one.id)
		if err != nil {
			return nil, err
		}
		*one.into, c.Redacted = p, c.Redacted+n
	}
	if c.First == nil && c.Second == nil {
		return c, nil
	}
	c.pair()
	for i := range c.Syncs {
		if err := c.count(ctx, &c.Syncs[i]); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// pair lists the syncs of both plans.
func (c *PlansAt) pair() {
	for i, p := range []*register.Plan{c.First, c.Second} {
		if p == nil {
			continue
		}
		for j := range p.Syncs {
			s := &p.Syncs[j]
			at := slices.IndexFunc(c.Syncs, func(known Compared) bool { return known.Sync == s.Sync })
			if at < 0 {
				at = len(c.Syncs)
				c.Syncs = append(c.Syncs, Compared{Destination: c.Address, Sync: s.Sync, Faculty: s.Faculty, Table: s.Table})
			}
			if i == 0 {
				c.Syncs[at].First = s
			} else {
				c.Syncs[at].Second = s
			}
		}
	}
}

// side is an empty one for a plan without the sync.
func side(p *register.Plan, s *register.SyncSummary) register.Side {
	if p == nil || s == nil {
		return register.Side{}
	}
	return register.Side{PlanID: p.ID, AfterSeq: s.AfterSeq, LastSeq: s.LastSeq}
}

func (c *PlansAt) sides(s *Compared) (first, second register.Side) {
	return side(c.First, s.First), side(c.Second, s.Second)
}

func (c *PlansAt) count(ctx context.Context, s *Compared) (err error) {
	first, second := c.sides(s)
	s.Counts, err = c.o.Register.Deviations(ctx, c.o.Conn, first, second)
	return err
}

// Visit calls visit for the operations that differ in one way, masked, at most limit; 0 for all. One of the changes is nil where its plan has
// no such operation. The order tells nothing of masked keys.
func (c *PlansAt) Visit(ctx context.Context, s *Compared, kind register.Deviation, limit int, visit func(first, second *Change) error) error {
	first, second := c.sides(s)
	reader := c.o.Register
	var masks [2]Masking
	for i, one := range []struct {
		plan    *register.Plan
		summary *register.SyncSummary
	}{{c.First, s.First}, {c.Second, s.Second}} {
		if one.plan == nil || one.summary == nil {
			continue
		}
		of := &Plan{ID: one.plan.ID, PseudonymKey: one.plan.PseudonymKey}
		summary := *one.summary
		summary.Sensitive = c.sensitive(s)
		masks[i] = of.Masking(&summary)
		r, err := of.Reader(ctx, c.o.Register, c.o.Conn, &summary)
		if err != nil {
			return err
		}
		if r != c.o.Register {
			reader = r
		}
	}
	mask := func(o *register.Operation, m Masking) *Change {
		if o == nil {
			return nil
		}
		change := Mask(o, m)
		return &change
	}
	return reader.Deviating(ctx, c.o.Conn, first, second, kind, limit, func(a, b *register.Operation) error { return visit(mask(a, masks[0]), mask(b, masks[1])) })
}

// sensitive are the columns that one of the plans masks, or the configuration.
func (c *PlansAt) sensitive(s *Compared) []string {
	var list []string
	for _, summary := range []*register.SyncSummary{s.First, s.Second} {
		if summary != nil {
			list = append(list, summary.Sensitive...)
		}
	}
	return append(list, SensitiveColumns(c.cfg, s.Sync)...)
}

// SensitiveColumns are the columns of a sync that the configuration masks; none where it does not have it.
func SensitiveColumns(cfg *config.Config, sync string) []string {
	var list []string
	for _, s := range cfg.Syncs {
		for i := range s.Columns {
			if c := &s.Columns[i]; s.Address == sync && c.Sensitive {
				list = append(list, c.Name)
			}
		}
	}
	return list
}

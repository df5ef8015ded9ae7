package view

import (
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// Deviating streams the operations in which two plans differ for a sync, in one way; at most limit, 0 for all.
type Deviating func(at *plan.PlansAt, s *plan.Compared, kind register.Deviation, limit int, visit func(first, second *plan.Change) error) error

// PlanDiff is a comparison of two plans.
type PlanDiff struct {
	First, Second string // their ids
	At            []*plan.PlansAt
	Zone          *time.Location
}

// Differs reports whether the plans do different things.
func (d *PlanDiff) Differs() bool {
	for _, at := range d.At {
		for i := range at.Syncs {
			if at.Syncs[i].Differs() {
				return true
			}
		}
	}
	return false
}

// redacted counts operations that could not be compared.
func (d *PlanDiff) redacted() (n int64) {
	for _, at := range d.At {
		n += at.Redacted
	}
	return n
}

// titles are written above operations that differ.
func titles(kind register.Deviation) string {
	switch kind {
	case register.FirstOnly:
		return "only in the first"
	case register.SecondOnly:
		return "only in the second"
	default:
		return "in both, with other values"
	}
}

// PlanDiff writes how two plans differ, for people: at most limit operations of each kind of a sync.
func (v *View) PlanDiff(d *PlanDiff, limit int, deviating Deviating) error {
	return v.bundled(func() error { return v.planDiff(d, limit, deviating) })
}

func (v *View) planDiff(d *PlanDiff, limit int, deviating Deviating) error {
	v.line("%s", v.paint.strong("first:  plan "+OneLine(d.First)+madeOn(d, true)))
	v.line("%s", v.paint.strong("second: plan "+OneLine(d.Second)+madeOn(d, false)))
	for _, at := range d.At {
		for i := range at.Syncs {
			s := &at.Syncs[i]
			if !s.Differs() {
				continue
			}
			v.Gap()
			v.line("  %s", v.paint.strong("# "+OneLine(s.Sync)+", table "+OneLine(s.Table)+", "+OneLine(at.Address)))
			for _, kind := range register.Deviations() {
				if err := v.deviation(at, s, kind, limit, deviating); err != nil {
					return err
				}
			}
		}
	}
	if n := d.redacted(); n > 0 {
		v.Gap()
		v.Say("Not compared, since redacted: %s.", plural(n, "operation"))
	}
	if !d.Differs() {
		v.Gap()
		v.Say("Both plans do the same.")
	}
	return v.out.err
}

// madeOn says when and by whom a plan was made.
func madeOn(d *PlanDiff, first bool) string {
	for _, at := range d.At {
		p := at.Second
		if first {
			p = at.First
		}
		if p != nil {
			return ", made on " + p.CreatedOn.In(d.Zone).Format(time.RFC3339) + " by " + OneLine(p.CreatedBy)
		}
	}
	return ""
}

func (v *View) deviation(at *plan.PlansAt, s *plan.Compared, kind register.Deviation, limit int, deviating Deviating) error {
	n := counts(s.Counts[kind])
	if n.sum() == 0 {
		return nil
	}
	v.note("%s: %s", titles(kind), n.toDo())
	shown := int64(0)
	err := deviating(at, s, kind, limit, func(first, second *plan.Change) error {
		shown++
		for _, one := range []struct {
			label  string
			change *plan.Change
		}{{"first", first}, {"second", second}} {
			if one.change == nil {
				continue
			}
			if kind == register.Different {
				v.note("%s:", one.label)
			}
			v.change(one.change)
		}
		return v.out.err
	})
	if err != nil {
		return err
	}
	if rest := n.sum() - shown; rest > 0 {
		v.note("(%s not shown: --format json has all)", plural(rest, "more operation"))
	}
	return v.out.err
}

type jsonPlanDiff struct {
	FormatVersion string         `json:"format_version"`
	First         string         `json:"first"`
	Second        string         `json:"second"`
	Equal         bool           `json:"equal"`
	Redacted      int64          `json:"redacted"` // operations of either that were not compared
	Syncs         []jsonCompared `json:"syncs"`
}

type jsonCompared struct {
	Address     string                     `json:"address"`
	Faculty     string                     `json:"faculty,omitempty"`
	Destination string                     `json:"destination"`
	Table       string                     `json:"table"`
	FirstOnly   map[config.Operation]int64 `json:"first_only"`
	SecondOnly  map[config.Operation]int64 `json:"second_only"`
	Different   map[config.Operation]int64 `json:"different"`
}

type jsonDeviation struct {
	Deviation register.Deviation `json:"deviation"`
	First     *jsonChange        `json:"first,omitempty"`
	Second    *jsonChange        `json:"second,omitempty"`
}

// PlanDiffJSON writes how two plans differ, with all operations.
func (v *View) PlanDiffJSON(d *PlanDiff, deviating Deviating) error {
	return v.bundled(func() error { return v.planDiffJSON(d, deviating) })
}

func (v *View) planDiffJSON(d *PlanDiff, deviating Deviating) error {
	document := jsonPlanDiff{FormatVersion: formatVersion, First: d.First, Second: d.Second, Equal: !d.Differs(), Redacted: d.redacted(), Syncs: []jsonCompared{}}
	for _, at := range d.At {
		for i := range at.Syncs {
			if s := &at.Syncs[i]; s.Differs() {
				document.Syncs = append(document.Syncs, jsonCompared{
					Address: s.Sync, Faculty: s.Faculty, Destination: s.Destination, Table: s.Table,
					FirstOnly: all(s.Counts[register.FirstOnly]), SecondOnly: all(s.Counts[register.SecondOnly]), Different: all(s.Counts[register.Different]),
				})
			}
		}
	}
	head, err := encode(document)
	if err != nil {
		return err
	}
	fmt.Fprintf(v.out, "%s,\n", head[:len(head)-1])
	list := v.beginList("differences")
	for _, at := range d.At {
		for i := range at.Syncs {
			if err := deviations(&at.Syncs[i], at, list, deviating); err != nil {
				return err
			}
		}
	}
	list.end()
	fmt.Fprint(v.out, "}\n")
	return v.out.err
}

// deviations adds those of a sync to a list.
func deviations(s *plan.Compared, at *plan.PlansAt, list *jsonList, deviating Deviating) error {
	of := func(c *plan.Change) *jsonChange {
		if c == nil {
			return nil
		}
		return changeDocument(c, s.Table)
	}
	for _, kind := range register.Deviations() {
		if counts(s.Counts[kind]).sum() == 0 {
			continue
		}
		err := deviating(at, s, kind, 0, func(first, second *plan.Change) error { return list.add(jsonDeviation{kind, of(first), of(second)}) })
		if err != nil {
			return err
		}
	}
	return nil
}

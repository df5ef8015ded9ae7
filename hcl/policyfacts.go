package hcl

import (
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
)

// totals are numbers of a plan, or of a part of it.
type totals struct {
	counts                           map[config.Operation]int64
	source, live, archived, rejected int64
}

func (t *totals) add(s config.SyncFacts) {
	if t.counts == nil {
		t.counts = make(map[config.Operation]int64)
	}
	for operation, n := range s.Counts {
		t.counts[operation] += n
	}
	t.source += s.SourceRows
	t.live += s.LiveRows
	t.archived += s.ArchivedRows
	t.rejected += s.Rejected
}

// attributes are the planTotals; those of nil are unknown.
func (t *totals) attributes() map[string]cty.Value {
	number := func(n func() int64) cty.Value {
		if t == nil {
			return cty.UnknownVal(cty.Number).RefineNotNull()
		}
		return cty.NumberIntVal(n())
	}
	sum := func(counts func(config.Operation) bool) func() int64 {
		return func() (n int64) {
			for _, operation := range config.Operations {
				if counts(operation) {
					n += t.counts[operation]
				}
			}
			return n
		}
	}
	count := make(map[string]cty.Value, len(config.Operations))
	for _, operation := range config.Operations {
		count[string(operation)] = number(func() int64 { return t.counts[operation] })
	}
	return map[string]cty.Value{
		"count":         cty.ObjectVal(count),
		"deletions":     number(sum(config.Operation.Removes)),
		"changes":       number(sum(func(config.Operation) bool { return true })),
		"source_rows":   number(func() int64 { return t.source }),
		"live_rows":     number(func() int64 { return t.live }),
		"archived_rows": number(func() int64 { return t.archived }),
		"rejected":      number(func() int64 { return t.rejected }),
	}
}

// known is plan for what is known of a plan. What the plan does not have counts as zeros.
func (n *planNames) known(facts config.PlanFacts) cty.Value {
	var all totals
	faculties, syncs := make(map[string]*totals), make(map[string]*totals)
	for _, label := range n.faculties {
		faculties[label] = &totals{}
	}
	for _, address := range n.syncs {
		syncs[address] = &totals{}
	}
	part := func(of map[string]*totals, name string) *totals {
		if of[name] == nil {
			of[name] = &totals{}
		}
		return of[name]
	}
	for _, s := range facts.Syncs {
		all.add(s)
		part(syncs, strings.TrimPrefix(s.Sync, n.prefix)).add(s)
		if s.Faculty != "" {
			part(faculties, s.Faculty).add(s)
		}
	}
	out := all.attributes()
	out["faculty"], out["sync"] = parts(faculties), parts(syncs)
	out["month"] = cty.NumberIntVal(int64(facts.Now.Month()))
	out["day"] = cty.NumberIntVal(int64(facts.Now.Day()))
	out["hour"] = cty.NumberIntVal(int64(facts.Now.Hour()))
	out["speculative"] = cty.BoolVal(facts.Speculative)
	setDay(out, facts.Now)
	return cty.ObjectVal(out)
}

// unknown is plan of which only the day is known, and not even that if it is zero.
func (n *planNames) unknown(day time.Time) cty.Value {
	number := cty.UnknownVal(cty.Number).RefineNotNull()
	var none *totals
	out := none.attributes()
	out["faculty"], out["sync"] = cty.DynamicVal, cty.DynamicVal
	if n.complete {
		unknownParts := func(names []string) cty.Value {
			of := make(map[string]*totals, len(names))
			for _, name := range names {
				of[name] = nil
			}
			return parts(of)
		}
		out["faculty"], out["sync"] = unknownParts(n.faculties), unknownParts(n.syncs)
	}
	out["month"], out["day"], out["hour"] = number, number, number
	out["speculative"] = cty.UnknownVal(cty.Bool).RefineNotNull()
	if day.IsZero() {
		out["date"], out["weekday"] = cty.UnknownVal(cty.String).RefineNotNull(), cty.UnknownVal(cty.String).RefineNotNull()
	} else {
		setDay(out, day)
	}
	return cty.ObjectVal(out)
}

func setDay(out map[string]cty.Value, day time.Time) {
	out["date"] = cty.StringVal(day.Format(time.DateOnly))
	out["weekday"] = cty.StringVal(weekdays[(int(day.Weekday())+6)%len(weekdays)])
}

func parts(of map[string]*totals) cty.Value {
	values := make(map[string]cty.Value, len(of))
	for name, t := range of {
		values[name] = cty.ObjectVal(t.attributes())
	}
	if len(values) == 0 {
		var none *totals
		return cty.MapValEmpty(cty.ObjectVal(none.attributes()).Type())
	}
	return cty.MapVal(values)
}

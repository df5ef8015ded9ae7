package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

// besides is what differs for a sync of both configurations and is no operation. Its former address is told here where
// the operations are the same.
func (d *difference) besides(same bool) []Difference {
	if d.was == nil || d.is == nil {
		return nil
	}
	var list []Difference
	add := func(what Aspect, base, head string) {
		if base != head {
			list = append(list, Difference{Address: d.is.sync.Address, What: what, Base: base, Head: head})
		}
	}
	if was := d.former(); same && was != "" {
		add(Former, was, d.is.sync.Address)
	}
	was, is := &d.was.summary, &d.is.summary
	// The numbers in a reason follow the operations: only whether there is one counts.
	if base, head := d.was.heldByGuard(), d.is.heldByGuard(); (base == "") != (head == "") {
		add(HeldState, base, head)
	}
	if (was.Blocked == "") != (is.Blocked == "") {
		add(BlockState, was.Blocked, is.Blocked)
	}
	add(Limits, onlyIn(limitsOf(&d.was.sync.Guard), limitsOf(&d.is.sync.Guard)), onlyIn(limitsOf(&d.is.sync.Guard), limitsOf(&d.was.sync.Guard)))
	add(Masked, onlyIn(d.was.masked(), is.Sensitive), onlyIn(d.is.masked(), was.Sensitive))
	add(Runs, statements(d.was.sync.Hooks), statements(d.is.sync.Hooks))
	add(Withholds, operations(was.Withheld), operations(is.Withheld))
	for _, kind := range []register.FindingKind{
		register.HeldBack, register.Rejected, register.Protected, register.Ignored, register.Unresolved, register.Warned, register.Renamed,
	} {
		add(Aspect(kind), number(Findings(was, kind)), number(Findings(is, kind)))
	}
	return list
}

// heldByGuard is why its guard alone holds a sync: other configurations' checks are not run.
func (w *work) heldByGuard() string {
	if len(w.summary.HeldBack) > 0 {
		return ""
	}
	return w.verdict.Reason
}

// onlyIn lists what is in one list and not in the other.
func onlyIn(list, other []string) string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ", ")
}

// limitsOf writes a guard's arguments, as the configuration does.
func limitsOf(g *config.Guard) []string {
	list := []string{
		fmt.Sprintf("min_source_rows = %d", g.MinSourceRows),
		fmt.Sprintf("min_source_ratio = %g%%", g.MinSourceRatio),
		fmt.Sprintf("on_breach = %s", g.OnBreach),
	}
	for _, one := range []struct {
		name  string
		limit *config.Limit
	}{
		{"max_insert", g.MaxInsert},
		{"max_update", g.MaxUpdate},
		{"max_delete", g.MaxDelete},
		{"max_undelete", g.MaxUndelete},
		{"max_purge", g.MaxPurge},
		{"max_reject", g.MaxReject},
	} {
		text := "none"
		switch l := one.limit; {
		case l == nil:
		case l.Percent == 0:
			text = strconv.FormatInt(l.Count, 10)
		case l.Least > 0:
			text = fmt.Sprintf("%g%% of at least %d rows", l.Percent, l.Least)
		default:
			text = fmt.Sprintf("%g%%", l.Percent)
		}
		list = append(list, one.name+" = "+text)
	}
	return list
}

func statements(h config.Hooks) string {
	var list []string
	for _, hook := range h.Before {
		list = append(list, config.BeforeApply+": "+hook.SQL)
	}
	for _, hook := range h.After {
		list = append(list, config.AfterApply+": "+hook.SQL)
	}
	return strings.Join(list, "; ")
}

func operations(counts map[config.Operation]int64) string {
	var list []string
	for _, operation := range config.Operations {
		if n := counts[operation]; n > 0 {
			list = append(list, fmt.Sprintf("%d to %s", n, operation))
		}
	}
	return strings.Join(list, ", ")
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// rule is a policy or a check of a configuration.
type rule struct{ address, state, reason string }

// told is a rule's state with its reason; "" for none.
func (r rule) told() string {
	if r.reason == "" {
		return r.state
	}
	return r.state + ": " + r.reason
}

// rules is what differs between the policies and checks of both configurations. Those of the other one neither hold nor
// stop a plan that is never applied: its policies are asked here.
func (b *baseline) rules() []Difference {
	return append(
		unlike(Judges, b.policies(b.maker, b.of.Config), b.policies(b.head, b.head.cfg)),
		unlike(Looks, checks(b.maker, b.of.Config), checks(b.head, b.head.cfg))...)
}

func (b *baseline) policies(m *maker, cfg *config.Config) []rule {
	var list []rule
	for _, p := range cfg.Policies {
		works := m.workOf(p)
		if len(works) == 0 {
			continue
		}
		facts := m.factsOf(works)
		facts.Speculative = b.head.opts.Speculative
		obeys, message, err := p.Judge(facts)
		r := rule{address: p.Address, state: "on_failure = " + string(p.OnFailure) + ", obeyed"}
		switch {
		case err != nil:
			r.state = "on_failure = " + string(p.OnFailure) + ", cannot be evaluated"
		case !obeys:
			r.state, r.reason = "on_failure = "+string(p.OnFailure)+", not obeyed", message
		}
		list = append(list, r)
	}
	return list
}

func checks(m *maker, cfg *config.Config) []rule {
	var list []rule
	for _, c := range (&maker{cfg: cfg, works: m.works}).concerned() {
		r := rule{address: c.Address, state: "severity = " + string(c.Severity)}
		if len(c.Blocks) > 0 {
			r.state += ", blocks " + strings.Join(c.Blocks, ", ")
		}
		list = append(list, r)
	}
	return list
}

// unlike compares the rules of both configurations. A reason is told, and makes no difference: the numbers in it
// follow the operations.
func unlike(what Aspect, base, head []rule) []Difference {
	of := func(rules []rule, address string) rule {
		at := slices.IndexFunc(rules, func(r rule) bool { return r.address == address })
		if at < 0 {
			return rule{}
		}
		return rules[at]
	}
	var list []Difference
	for _, was := range base {
		if is := of(head, was.address); is.state != was.state {
			list = append(list, Difference{Address: was.address, What: what, Base: was.told(), Head: is.told()})
		}
	}
	for _, is := range head {
		if of(base, is.address).state == "" {
			list = append(list, Difference{Address: is.address, What: what, Head: is.told()})
		}
	}
	return list
}

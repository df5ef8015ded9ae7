package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

// judgePolicies asks the policies that look at a sync of the plan, once all guards and checks have had their say, and holds what
// they do not let pass. One that cannot be judged is one that is not obeyed. Those that stop the plan are a *config.DiagnosticsError.
func (m *maker) judgePolicies() ([]register.PolicySummary, error) {
	var disobeyed []register.PolicySummary
	var diags config.Diagnostics
	for _, policy := range m.cfg.Policies {
		for _, works := range byUnit(m.workOf(policy)) {
			obeys, message, err := policy.Judge(m.factsOf(works))
			if err != nil {
				// Whether the plan obeys is not known: that is for whoever looks at those that do not.
				obeys, message = false, fmt.Sprintf("could not be judged: %s", err)
			}
			switch {
			case obeys:
				continue
			case policy.OnFailure == config.StopPlan:
				diags.Errorf(policy.Range, "Policy stops the plan", "%s. Nothing was planned.", policyReason(policy, message))
				continue
			case policy.OnFailure == config.HoldPlan:
				holdWorks(works, policyReason(policy, message))
			}
			found := register.PolicySummary{Policy: policy.Address, OnFailure: policy.OnFailure, Message: message}
			for _, w := range works {
				found.Syncs = append(found.Syncs, w.sync.Address)
			}
			disobeyed = append(disobeyed, found)
		}
	}
	return disobeyed, diags.Err()
}

// workOf are the syncs of the plan that a policy looks at, in its order.
func (m *maker) workOf(policy *config.Policy) []*work {
	var works []*work
	for _, address := range policy.Syncs {
		if w := m.planned(address); w != nil {
			works = append(works, w)
		}
	}
	return works
}

// factsOf is what a policy is told. What was held back, or withheld, is no operation of the plan.
func (m *maker) factsOf(works []*work) config.PlanFacts {
	facts := config.PlanFacts{Now: m.now.In(m.cfg.Settings.Timezone), Speculative: m.opts.Speculative}
	for _, w := range works {
		s := &w.summary
		counts := maps.Clone(s.Counts)
		if counts == nil {
			counts = map[config.Operation]int64{}
		}
		facts.Syncs = append(facts.Syncs, config.SyncFacts{
			Sync: s.Sync, Faculty: s.Faculty, Counts: counts,
			SourceRows: s.SourceRows, LiveRows: s.LiveRows, ArchivedRows: s.ArchivedRows, Rejected: s.Rejected,
		})
	}
	return facts
}

func policyReason(policy *config.Policy, message string) string {
	if message == "" {
		return policy.Address + " does not allow it"
	}
	return fmt.Sprintf("%s: %s", policy.Address, message)
}

// holdWorks holds the syncs that have operations, or the first where none has: of several, each may be
// the one that a person looks at.
func holdWorks(works []*work, reason string) {
	held := slices.DeleteFunc(slices.Clone(works), func(w *work) bool { return w.summary.Total() == 0 })
	if len(held) == 0 {
		held = works[:1]
	}
	for _, w := range held {
		s := &w.summary
		// What no override lifts stays at the end.
		s.Held = joinReasons(Liftable(s), reason, s.Blocked)
	}
}

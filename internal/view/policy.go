package view

import (
	"fmt"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// policies writes which policies a plan does not obey, and why.
func (v *View) policies(p *plan.Plan) {
	for i := range p.Policies {
		one := &p.Policies[i]
		paint := v.paint.remove
		if one.OnFailure == config.WarnPlan {
			paint = v.paint.warn
		}
		fmt.Fprintln(v.out, paint("! not obeyed: ")+OneLine(one.Policy)+policyEffect(one)+": "+OneLine(one.Message))
	}
}

// policyEffect says what comes of a policy that is not obeyed.
func policyEffect(p *register.PolicySummary) string {
	switch p.OnFailure {
	case config.HoldPlan:
		return " (holds the plan)"
	case config.WarnPlan:
		return " (a warning)"
	default:
		return ""
	}
}

// jsonPolicy is a policy that a plan does not obey.
type jsonPolicy struct {
	Address   string               `json:"address"`
	OnFailure config.PolicyFailure `json:"on_failure"`
	Message   string               `json:"message"`
	Syncs     []string             `json:"syncs"`
}

func policyDocuments(p *plan.Plan) []jsonPolicy {
	out := make([]jsonPolicy, len(p.Policies))
	for i, one := range p.Policies {
		out[i] = jsonPolicy{Address: one.Policy, OnFailure: one.OnFailure, Message: one.Message, Syncs: append([]string{}, one.Syncs...)}
	}
	return out
}

package view

import (
	"github.com/registrar-sync/registrar/register"
)

// PlanSigner writes which key signed a plan's file, as signature.PublicText writes it.
func (v *View) PlanSigner(key string) { v.line("signed with %s", OneLine(key)) }

// PlanApprovals writes who approves of a plan's operations, a line each.
func (v *View) PlanApprovals(approvals []register.Approval) {
	for i := range approvals {
		a := &approvals[i]
		who := OneLine(a.ApprovedBy)
		if a.DatabaseUser != "" {
			who += ", database user " + OneLine(a.DatabaseUser)
		}
		if a.Key != "" {
			who += ", signed with " + OneLine(a.Key)
		}
		if a.Comment != "" {
			who += ": " + OneLine(a.Comment)
		}
		v.line("approved on %s, until %s, by %s", moment(a.ApprovedOn), moment(a.ExpiresOn), who)
	}
}

// PlanDisclosures writes who looked at what is masked of a plan, a line each.
func (v *View) PlanDisclosures(disclosures []register.Disclosure) {
	for i := range disclosures {
		d := &disclosures[i]
		v.line("shown unmasked on %s to %s", moment(d.ShownOn), OneLine(d.ShownBy))
	}
}

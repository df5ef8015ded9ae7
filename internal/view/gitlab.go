package view

import (
	"slices"

	"github.com/registrar-sync/registrar/plan"
)

// maxReported is the greatest number that GitLab shows.
const maxReported = 999_999

// gitlabReport is GitLab's Terraform report: these three members and no other.
type gitlabReport struct {
	Create int64 `json:"create"`
	Update int64 `json:"update"`
	Delete int64 `json:"delete"`
}

// PlanGitLab writes GitLab's Terraform report: the operations, counted by the actions that the plan's JSON has for
// them.
func (v *View) PlanGitLab(p *plan.Plan) error {
	var report gitlabReport
	for operation, n := range total(p.Syncs()) {
		switch {
		case slices.Contains(actions[operation], "create"):
			report.Create += n
		case slices.Contains(actions[operation], "delete"):
			report.Delete += n
		default:
			report.Update += n
		}
	}
	for _, n := range []*int64{&report.Create, &report.Update, &report.Delete} {
		*n = min(*n, maxReported)
	}
	return v.JSON(report, false)
}

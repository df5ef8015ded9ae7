package view

import (
	"fmt"

	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// purposeText says what a plan is for; "" where it brings syncs in step with their sources.
func purposeText(p *plan.Plan) string {
	if !undoes(p) {
		return ""
	}
	text := "Undoes plan " + OneLine(p.Purpose.Of)
	if on := p.Purpose.AppliedOn; !on.IsZero() {
		text += ", applied on " + moment(on)
	}
	return text + "."
}

func undoes(p *plan.Plan) bool { return p.Purpose != nil && p.Purpose.Kind == register.Revert }

// nothingUndone says why a plan that undoes another has no operations.
func (v *View) nothingUndone(p *plan.Plan, syncs []register.SyncSummary) {
	if n := sumFindings(syncs).Changed; n > 0 {
		fmt.Fprintf(v.out, "%s Of plan %s nothing else is left to undo: %s changed since, see above.\n", v.paint.good("No changes."), OneLine(p.Purpose.Of), plural(n, "row"))
		return
	}
	fmt.Fprintf(v.out, "%s Nothing is left to undo: the rows are as they were before plan %s.\n", v.paint.good("No changes."), OneLine(p.Purpose.Of))
}

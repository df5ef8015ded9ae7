package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
)

// The attributes of plan. The totals are also those of a faculty, and of a sync, of it.
var (
	planTotals = []string{"count", "deletions", "changes", "source_rows", "live_rows", "archived_rows", "rejected"}
	planTimes  = []string{"date", "month", "day", "hour", "weekday", "speculative"}
)

// checkPlan checks the names in a reference to plan, as far as they are the same in every configuration.
func (c *compiler) checkPlan(t hcl.Traversal) {
	all := slices.Concat(planTimes, planTotals, []string{"faculty", "sync"})
	name, at, ok := step(t, 1)
	switch {
	case !ok:
		c.errorf(t.SourceRange(), invalidReference, `"plan" must be followed by a name, as in plan.deletions.`)
	case !slices.Contains(all, name):
		c.errorf(at, invalidReference, "plan has no attribute %q.%s", name, didYouMean(name, all))
	case name == "count":
		c.checkOperation(t, 2)
	case name == "faculty" || name == "sync":
		total, at, ok := step(t, 3)
		switch {
		case !ok:
		case !slices.Contains(planTotals, total):
			c.errorf(at, invalidReference, "A %s of a plan has no attribute %q.%s", name, total, didYouMean(total, planTotals))
		case total == "count":
			c.checkOperation(t, 4)
		}
	}
}

// checkOperation checks the name of an operation in a traversal's i-th step.
func (c *compiler) checkOperation(t hcl.Traversal, i int) {
	name, at, ok := step(t, i)
	if ok && !slices.Contains(config.Operations, config.Operation(name)) {
		c.errorf(at, invalidReference, "There is no operation %q; expected %s.%s", name, alternatives(config.Operations), nearest(name, config.Operations))
	}
}

// planNames are the faculties and syncs by which plan can be asked.
type planNames struct {
	// prefix begins the addresses of the module's syncs, by which plan.sync does not name them.
	prefix           string
	faculties, syncs []string
	// complete: mistakes elsewhere hide none of them.
	complete bool
}

func (c *compiler) planNames() *planNames {
	out := &planNames{prefix: c.prefix, faculties: names(c.faculties), complete: len(c.broken) == 0}
	for _, s := range c.allSyncs() {
		out.complete = out.complete && s.expanded
		for _, i := range s.instances {
			out.complete = out.complete && !i.failed
			out.syncs = append(out.syncs, strings.TrimPrefix(i.sync.Address, c.prefix))
			if i.sync.Faculty != "" {
				out.faculties = append(out.faculties, i.sync.Faculty)
			}
		}
	}
	out.faculties = distinct(out.faculties)
	return out
}

// checkPlanNames checks the faculties and syncs that expr names.
func (c *compiler) checkPlanNames(expr hclsyntax.Expression, known *planNames) {
	if !known.complete {
		return
	}
	for _, t := range expr.Variables() {
		kind, _, _ := step(t, 1)
		name, at, ok := step(t, 2)
		if t.RootName() != "plan" || !ok {
			continue
		}
		switch {
		case kind == "faculty" && !slices.Contains(known.faculties, name):
			c.errorf(at, "Undeclared faculty", "There is no faculty %q.%s", name, didYouMean(name, known.faculties))
		case kind == "sync" && !slices.Contains(known.syncs, name):
			c.errorf(at, "Undeclared sync", "There is no sync %q.%s", name, didYouMean(name, known.syncs))
		}
	}
}

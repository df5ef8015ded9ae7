package apply

import (
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// RefusedError: the plan cannot be applied, now or ever. Nothing was written.
type RefusedError struct {
	PlanID string
	Reason string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("plan %s cannot be applied: %s", e.PlanID, e.Reason)
}

// AppliedError: the plan was applied before. Nothing was written now.
type AppliedError struct {
	PlanID string
}

func (e *AppliedError) Error() string {
	return fmt.Sprintf("plan %s was applied already: a plan is applied once; plan again", e.PlanID)
}

// HeldError: a guard holds the plan. Nothing was written.
type HeldError struct {
	Plan *plan.Plan
}

func (e *HeldError) Error() string {
	var reasons []string
	for _, s := range e.Plan.Syncs() {
		if s.Held != "" {
			reasons = append(reasons, s.Sync+": "+s.Held)
		}
	}
	if len(reasons) == 0 {
		reasons = []string{"the register has it as held"}
	}
	return fmt.Sprintf("plan %s is held and cannot be applied: %s", e.Plan.ID, strings.Join(reasons, "; "))
}

// StaleError: rows have changed since the plan. Nothing was written.
type StaleError struct {
	Sync      string
	Operation config.Operation
	Keys      []string // some of the rows, sensitive keys masked
}

func (e *StaleError) Error() string {
	what := "changed or vanished since"
	if e.Operation == config.Insert {
		what = "now exist"
	}
	return fmt.Sprintf("Saved plan is stale: rows that it would %s %s: %s. Nothing was written; plan again", e.Operation, what, strings.Join(e.Keys, "; "))
}

// PartialError: some destinations are done, whole; one failed and has nothing.
// Applying the plan again does the rest.
type PartialError struct {
	Done []DestinationResult
	Err  error
}

func (e *PartialError) Error() string {
	names := make([]string, len(e.Done))
	for i, d := range e.Done {
		names[i] = d.Address
	}
	return fmt.Sprintf("%s (done before, and kept: %s; apply the plan again for the rest)", e.Err, strings.Join(names, ", "))
}

func (e *PartialError) Unwrap() error { return e.Err }

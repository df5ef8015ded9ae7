package apply

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// A command that a message names stands in a line of its own, whatever wraps the error, and names the plan as it was named.
func TestCommandsThatErrorsName(t *testing.T) {
	p := &plan.Plan{ID: "id", Destinations: []plan.Destination{{Syncs: []register.SyncSummary{{Sync: "sync.a", Held: "why"}}}}}
	held := checkHeld(p, true, nil, Options{File: "tfplan"})
	missing := &ApprovalError{PlanID: "id", File: "tfplan", Needed: 1}
	done := []DestinationResult{{Address: "destination.a"}}
	for command, err := range map[string]error{
		`  registrar apply tfplan --override "REASON"`: held,
		"  registrar approve tfplan":                   missing,
		"  registrar approve id":                       &ApprovalError{PlanID: "id", Needed: 1},
	} {
		for _, err := range []error{err, fmt.Errorf("destination.b: %w", err), &PartialError{Done: done, Err: fmt.Errorf("destination.b: %w", err)}} {
			if !strings.HasSuffix(err.Error(), "\n"+command) {
				t.Errorf("want %q at the end of %s", command, err)
			}
			first, _, _ := strings.Cut(err.Error(), "\n")
			if _, partial := errors.AsType[*PartialError](err); partial && !strings.HasSuffix(first, "(done before, and kept: destination.a; apply the plan again for the rest)") {
				t.Errorf("what was done is not said in the first line: %s", first)
			}
		}
	}
}

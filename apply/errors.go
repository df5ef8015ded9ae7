package apply

import (
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
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

// HeldError: a guard or a check holds the plan. Nothing was written.
type HeldError struct {
	Plan *plan.Plan
	// File is the plan's file, for the command that the message names; "" for its id.
	File string
	// Blocked says, per sync, why no override helps; empty where one does.
	Blocked []string
}

func (e *HeldError) Error() string {
	var reasons []string
	for _, s := range e.Plan.Syncs() {
		if held := plan.Liftable(&s); held != "" {
			reasons = append(reasons, s.Sync+": "+held)
		}
	}
	if len(reasons)+len(e.Blocked) == 0 {
		reasons = []string{"the register has it as held"}
	}
	head := fmt.Sprintf("plan %s is held: %s", e.Plan.ID, strings.Join(append(reasons, e.Blocked...), "; "))
	if len(e.Blocked) > 0 {
		return head + "\nNo override helps: what it would do cannot be done. Change the source, the destination or the configuration, and plan again."
	}
	file := e.File
	if file == "" {
		file = e.Plan.ID
	}
	return fmt.Sprintf("%s\nNothing was written. To apply it all the same, say why; who and why are recorded:\n  registrar apply %s --override \"REASON\"", head, file)
}

// checkHeld says whether the plan is kept from being applied. held and syncs are the file's or,
// for what cannot be edited, the register's; override is the reason given, "" for none.
func checkHeld(p *plan.Plan, held bool, syncs []register.SyncSummary, override string) error {
	var blocked []string
	for _, s := range syncs {
		if s.Blocked != "" {
			blocked = append(blocked, s.Sync+": "+s.Blocked)
		}
	}
	switch {
	case len(blocked) > 0 || held && override == "":
		return &HeldError{Plan: p, Blocked: blocked}
	case !held && override != "" && p.HeldBack():
		return &RefusedError{p.ID, "it is not held: what on_breach withheld is not in it, and no override adds it; apply it without --override"}
	case !held && override != "":
		return &RefusedError{p.ID, "it is not held, so there is nothing to override: apply it without --override"}
	default:
		return nil
	}
}

// StaleError: rows, or what is published besides them, have changed since the plan. Nothing was written.
type StaleError struct {
	Sync      string
	Operation config.Operation
	Lookup    bool     // not the rows themselves, but those that their lookups found
	Referring string   // the table, as messages show it, whose rows now refer to them; "" for none
	Keys      []string // some of the rows, sensitive keys masked
	// Files says what the apply would change besides rows, and the plan did not know; then nothing else is set.
	Files []string
}

func (e *StaleError) Error() string {
	if len(e.Files) > 0 {
		return fmt.Sprintf("Saved plan is stale: it did not know that %s. Nothing was written; plan again", strings.Join(e.Files, "; "))
	}
	if e.Referring != "" {
		return fmt.Sprintf("Saved plan is stale: rows of table %s now refer to rows that it would %s: %s. Nothing was written; plan again", e.Referring, e.Operation, strings.Join(e.Keys, "; "))
	}
	what := "changed or vanished since"
	if e.Lookup {
		what = "refer to rows that changed or vanished since"
	} else if e.Operation == config.Insert {
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

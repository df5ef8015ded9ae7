package apply

import (
	"fmt"
	"strings"
	"time"

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

// OlderError: a plan that was made later, for one of the same syncs, was applied. Nothing was written.
type OlderError struct {
	PlanID string
	Newer  register.Newer
}

func (e *OlderError) Error() string {
	return fmt.Sprintf("plan %s cannot be applied: it is older than plan %s of %s, which was applied already and has %s as well; plan again", e.PlanID, e.Newer.PlanID, e.Newer.CreatedOn.Format(time.RFC3339), e.Newer.Sync)
}

// ApprovalError: not enough others approve of a plan's operations. Nothing was written.
type ApprovalError struct {
	PlanID string
	// File is the plan's file, for the command that the message names; "" for its id.
	File string
	// Needed is how many must approve, Counted how many do.
	Needed, Counted int
	// Unsigned: nobody signed the plan itself, so that a signed approval must take the signature's place.
	Unsigned bool
	// KeysOnly: the database has no users, or does not know who made the plan, so that only signed approvals count.
	KeysOnly bool
	// Ignored says of approvals that are there why they do not count: of these operations and, where some are that were
	// given lately, of others of the same syncs.
	Ignored []string
}

func (e *ApprovalError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "plan %s is not approved of: ", e.PlanID)
	switch {
	case e.Unsigned && e.Counted >= e.Needed:
		text.WriteString("nobody signed it, and no approval that a trusted key signed (trusted_keys) stands for that")
	case e.Needed == 1:
		text.WriteString("somebody else than its author must approve of what it does")
	default:
		fmt.Fprintf(&text, "%d others than its author must approve of what it does, %d have", e.Needed, e.Counted)
	}
	for _, reason := range e.Ignored {
		text.WriteString("\nDoes not count: " + reason)
	}
	file, key := e.File, ""
	if file == "" {
		file = e.PlanID
	}
	how := "as another user of the database, or by the signature of another trusted key (--sign-key KEY)"
	switch {
	case e.Unsigned && e.Counted >= e.Needed:
		how, key = "by the signature of a trusted key", " --sign-key KEY"
	case e.KeysOnly:
		how, key = "by the signature of another trusted key, since the database cannot tell users apart here", " --sign-key KEY"
	}
	fmt.Fprintf(&text, "\nNothing was written. To approve of it, %s:\n  registrar approve %s%s", how, file, key)
	return text.String()
}

// UnapprovableError: a plan's operations cannot be approved of. Nothing was recorded.
type UnapprovableError struct {
	PlanID string
	Reason string
}

func (e *UnapprovableError) Error() string {
	return fmt.Sprintf("plan %s cannot be approved of: %s", e.PlanID, e.Reason)
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
// for what cannot be edited, the register's.
func checkHeld(p *plan.Plan, held bool, syncs []register.SyncSummary, opts Options) error {
	override := opts.Override
	var blocked []string
	for _, s := range syncs {
		if s.Blocked != "" {
			blocked = append(blocked, s.Sync+": "+s.Blocked)
		}
	}
	switch {
	case len(blocked) > 0 || held && override == "":
		return &HeldError{Plan: p, File: opts.File, Blocked: blocked}
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
	// Below the first line may stand a command.
	what, rest, several := strings.Cut(e.Err.Error(), "\n")
	text := fmt.Sprintf("%s (done before, and kept: %s; apply the plan again for the rest)", what, strings.Join(names, ", "))
	if several {
		text += "\n" + rest
	}
	return text
}

func (e *PartialError) Unwrap() error { return e.Err }

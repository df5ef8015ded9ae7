package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// recall takes over what the registers hold of a plan that a process made which died before it could tell.
func (w *work) recall(ctx context.Context) {
	if w.summarized || w.out.PlanID == "" || !slices.Contains([]Outcome{Applied, Partial, Held}, w.out.Outcome) {
		return
	}
	p, err := plan.Recall(ctx, w.cfg, w.opts.Providers, w.out.PlanID)
	switch {
	case err != nil:
		// The outcome is right without.
		w.log.DebugContext(ctx, "what was planned is not known", "unit", w.address, "plan", w.out.PlanID, "error", brief(err))
	case p.ConfigDigest == w.cfg.Digest:
		w.summarize(p)
	}
}

// summarize takes over what a plan says of its syncs.
func (w *work) summarize(p *plan.Plan) {
	w.summarized = true
	for i := range p.Destinations {
		part := &p.Destinations[i]
		for j := range part.Syncs {
			summary := &part.Syncs[j]
			at := slices.IndexFunc(w.out.Syncs, func(s SyncResult) bool { return s.Sync == summary.Sync })
			s := &w.out.Syncs[at]
			s.Counts, s.HeldBack = some(summary.Counts), some(summary.HeldBack)
			s.SourceRows, s.Rejected, s.Warned, s.Unresolved = summary.SourceRows, summary.Rejected, summary.Warned, summary.Unresolved
			s.Held, s.Checks = summary.Held, nil
			w.back[s.Sync] = summary.BackReason
			for _, found := range allChecks(p) {
				if found.Findings > 0 && w.concerns(found.Check, s.Sync) {
					if s.Checks == nil {
						s.Checks = map[string]int64{}
					}
					s.Checks[found.Check] = found.Findings
				}
			}
		}
	}
}

// some returns the counts that are not 0; nil where there are none.
func some(counts map[config.Operation]int64) map[config.Operation]int64 {
	var out map[config.Operation]int64
	for operation, n := range counts {
		if n != 0 {
			if out == nil {
				out = map[config.Operation]int64{}
			}
			out[operation] = n
		}
	}
	return out
}

func allChecks(p *plan.Plan) []plan.CheckSummary {
	var all []plan.CheckSummary
	for i := range p.Destinations {
		all = append(all, p.Destinations[i].Checks...)
	}
	return all
}

// concerns reports whether a check looks at a sync: at its rows, at whether it may be applied, or, where it holds none, at
// its source or destination.
func (w *work) concerns(check, sync string) bool {
	c := w.cfg.Checks[slices.IndexFunc(w.cfg.Checks, func(c *config.Check) bool { return c.Address == check })]
	if slices.Contains(c.Staged, sync) || slices.Contains(c.Blocks, sync) {
		return true
	}
	if c.From == nil || len(c.Blocks) > 0 {
		return false
	}
	return slices.ContainsFunc(w.syncs, func(s *config.Sync) bool {
		return s.Address == sync && (s.Source.From == c.From || s.Destination.Into == c.From)
	})
}

// conclude says how the unit ended, from what became of it in each destination.
func (w *work) conclude() {
	var texts, before []string
	for i := range w.out.Syncs {
		s := &w.out.Syncs[i]
		if s.Paused != "" {
			texts = append(texts, s.Sync+": "+s.Paused)
		}
	}
	w.out.Outcome = Paused // where no destination has a sync to run
	rank := func(o Outcome) int {
		return slices.Index([]Outcome{Paused, Done, Unchanged, Applied, Partial, Held, Failed}, o)
	}
	for _, p := range w.places {
		if p.record == nil {
			continue
		}
		outcome := outcomeOf(p.status)
		if p.before {
			outcome = Done
			if p.record.Status == register.RunFailed && slices.ContainsFunc(w.places, func(p *place) bool { return p.record != nil && !p.before }) {
				outcome = Failed // as a whole it is not done
			}
			before = append(before, fmt.Sprintf("%s: this slot was run already: %s at %s by %s", p.connection.Address, p.record.Status, p.record.EndedOn.UTC().Format("2006-01-02 15:04 UTC"), p.record.StartedBy))
		}
		if rank(outcome) > rank(w.out.Outcome) {
			w.out.Outcome = outcome
		}
	}
	for i := range w.out.Syncs {
		if s := &w.out.Syncs[i]; len(s.HeldBack) > 0 {
			texts = append(texts, s.Sync+": held back: "+w.back[s.Sync])
		}
	}
	w.out.Message = strings.Join(append(texts, before...), "; ")
	for _, p := range w.places {
		if p.status == register.RunHeld {
			w.out.PlanID, w.out.Message, w.out.Blocked = p.record.PlanID, p.record.Message, strings.HasSuffix(p.record.Message, noOverride)
		}
	}
}

func outcomeOf(status register.RunStatus) Outcome {
	switch status {
	case register.RunApplied:
		return Applied
	case register.RunUnchanged:
		return Unchanged
	case register.RunPartial:
		return Partial
	case register.RunHeld:
		return Held
	case register.RunFailed, register.RunRunning:
	}
	return Failed
}

// interruptedError: the run's context ended.
type interruptedError struct{ cause error }

func (*interruptedError) Error() string { return "interrupted; what was not committed was rolled back" }

func (e *interruptedError) Unwrap() error { return e.cause }

// maxMessage bounds a message, in octets.
const maxMessage = 4000

// message says for who looks on what went wrong; it may name rows by their keys, and be of several lines.
func message(err error) string {
	switch diags, ok := errors.AsType[*config.DiagnosticsError](err); {
	case errors.Is(err, register.ErrTakenOver):
		return register.ErrTakenOver.Error()
	case ok:
		var texts []string
		for _, d := range diags.Diagnostics {
			if d.Severity == config.Error {
				texts = append(texts, at(d)+": "+d.Detail)
			}
		}
		return cut(strings.Join(texts, "\n"))
	default:
		return cut(err.Error())
	}
}

// brief is message for what is kept or sent: it names no row.
func brief(err error) string {
	window, isWindow := errors.AsType[*windowError](err)
	diags, isDiags := errors.AsType[*config.DiagnosticsError](err)
	stale, isStale := errors.AsType[*apply.StaleError](err)
	switch {
	case errors.Is(err, register.ErrTakenOver):
		return register.ErrTakenOver.Error()
	case isWindow:
		return window.text(brief)
	case isDiags:
		var texts []string
		for _, d := range diags.Diagnostics {
			if d.Severity == config.Error {
				texts = append(texts, at(d))
			}
		}
		return cut(strings.Join(texts, "; "))
	case isStale:
		return fmt.Sprintf("the plan was stale for %s", cmp.Or(stale.Sync, "the files that it publishes"))
	default:
		return cut(err.Error())
	}
}

// at is a diagnostic without its detail, which may name rows.
func at(d config.Diagnostic) string {
	if place := d.Subject.String(); place != "" {
		return place + ": " + d.Summary
	}
	return d.Summary
}

func cut(text string) string { return cutAt(text, maxMessage) }

// cutAt cuts a text that has more octets, between two characters.
func cutAt(text string, octets int) string {
	if len(text) <= octets {
		return text
	}
	const mark = "…"
	end := octets - len(mark)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}

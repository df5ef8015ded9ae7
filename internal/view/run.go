package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

// outcomes in the order in which the last line counts them.
var outcomes = []run.Outcome{run.Applied, run.Unchanged, run.Partial, run.Held, run.Paused, run.Done, run.Busy, run.Failed}

// outcomeNames say for people how units ended.
var outcomeNames = map[run.Outcome]string{
	run.Applied: "applied", run.Unchanged: "unchanged", run.Partial: "applied in part", run.Held: "held", run.Paused: "paused",
	run.Done: "done before", run.Busy: "busy", run.Failed: "failed",
}

// RunOptions say how a run is shown.
type RunOptions struct {
	// Program begins the command lines that are printed, quoted for a shell; "": registrar.
	Program string
	// Quiet: only units that a person should know of, and nothing at all where there is none.
	Quiet bool
}

// Run writes what became of a run: a line per unit, by faculty, with what a person has to know or to do below it.
func (v *View) Run(result *run.Result, o RunOptions) {
	var shown []*run.UnitResult
	var faculties []string
	for i := range result.Units {
		u := &result.Units[i]
		if o.Quiet && !notable(u) {
			continue
		}
		shown = append(shown, u)
		if !slices.Contains(faculties, u.Faculty) {
			faculties = append(faculties, u.Faculty)
		}
	}
	if o.Quiet && len(shown) == 0 {
		return
	}
	if result.Schedule != "" {
		v.Heading("%s, %s", result.Schedule, result.Slot.UTC().Format("2006-01-02 15:04 UTC"))
	}
	titles := len(faculties) > 1 || len(faculties) == 1 && faculties[0] != ""
	for _, faculty := range faculties {
		if titles {
			title := "faculty " + faculty
			if faculty == "" {
				title = "no faculty, or several"
			}
			fmt.Fprintln(v.out, v.paint.strong(OneLine(title)))
		}
		for _, u := range shown {
			if u.Faculty == faculty {
				v.runUnit(u, cmp.Or(o.Program, "registrar"))
			}
		}
	}
	v.runSummary(result)
}

// notable reports whether a unit makes the run end with another code than 0.
func notable(u *run.UnitResult) bool {
	switch u.Outcome {
	case run.Applied, run.Unchanged, run.Done, run.Busy:
		return slices.ContainsFunc(u.Syncs, func(s run.SyncResult) bool { return s.Paused != "" })
	case run.Partial, run.Held, run.Paused, run.Failed:
	}
	return true
}

// written reports whether the operations of a sync were done.
func written(u *run.UnitResult, s *run.SyncResult) bool {
	return u.Outcome == run.Applied || u.Outcome == run.Partial || slices.Contains(u.Applied, s.Destination)
}

func (v *View) runUnit(u *run.UnitResult, program string) {
	sum := counts{}
	var rejected, warned, unresolved int64
	for i := range u.Syncs {
		s := &u.Syncs[i]
		if u.Outcome != run.Failed || written(u, s) {
			sum.add(s.Counts)
		}
		rejected, warned, unresolved = rejected+s.Rejected, warned+s.Warned, unresolved+s.Unresolved
	}
	var parts []string
	switch {
	case sum.sum() == 0:
	case u.Outcome == run.Applied, u.Outcome == run.Partial, u.Outcome == run.Failed:
		parts = append(parts, sum.done())
	case u.Outcome == run.Held:
		parts = append(parts, sum.toDo())
	}
	for _, one := range []struct {
		n    int64
		what string
	}{{rejected, "record rejected"}, {warned, "warning"}, {unresolved, "lookup unresolved"}} {
		switch {
		case one.n == 1:
			parts = append(parts, "1 "+one.what)
		case one.n > 1:
			first, rest, _ := strings.Cut(one.what, " ")
			parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %ss %s", one.n, first, rest)))
		}
	}
	if n := checkFindings(u); n > 0 {
		parts = append(parts, plural(n, "finding"))
	}
	if u.Attempts > 1 {
		parts = append(parts, plural(int64(u.Attempts), "attempt"))
	}
	line := OneLine(u.Unit) + ": " + v.outcome(u.Outcome)
	if len(parts) > 0 {
		line += ", " + strings.Join(parts, ", ")
	}
	fmt.Fprintln(v.out, "  "+line)
	text := cmp.Or(u.Detail, u.Message)
	for i := range u.Syncs {
		// It quotes somebody, who may have written several lines.
		if paused := u.Syncs[i].Paused; strings.Contains(paused, "\n") {
			text = strings.ReplaceAll(text, paused, OneLine(paused))
		}
	}
	// A message of several lines is of one subject each.
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			fmt.Fprintln(v.out, "    "+OneLine(line))
		}
	}
	switch {
	case u.Outcome == run.Held && !u.Blocked:
		fmt.Fprintf(v.out, "    To see it:   %s show %s\n    To apply it: %[1]s apply %[2]s --override \"REASON\"\n", OneLine(program), OneLine(u.PlanID))
	case u.Outcome == run.Failed && len(u.Applied) > 0:
		fmt.Fprintf(v.out, "    Applied all the same, and kept: %s\n", OneLine(strings.Join(u.Applied, ", ")))
		if u.PlanID != "" {
			fmt.Fprintf(v.out, "    To apply the rest: %s apply %s\n", OneLine(program), OneLine(u.PlanID))
		}
	}
	for _, o := range u.Observed {
		keys := ""
		if len(o.Keys) > 0 {
			keys = ": " + strings.Join(o.Keys, "; ")
		}
		v.line("    %s: %s of %s%s", OneLine(o.Observer), plural(o.Rows, "row"), OneLine(o.Sync), OneLine(keys))
	}
}

// checkFindings counts what checks found; several syncs may be looked at by one.
func checkFindings(u *run.UnitResult) int64 {
	found := map[string]int64{}
	for i := range u.Syncs {
		for check, n := range u.Syncs[i].Checks {
			found[check] = max(found[check], n)
		}
	}
	var sum int64
	for _, n := range found {
		sum += n
	}
	return sum
}

func (v *View) outcome(o run.Outcome) string {
	name := outcomeNames[o]
	switch o {
	case run.Failed:
		return v.paint.errB(name)
	case run.Held, run.Partial, run.Paused:
		return v.paint.warB(name)
	case run.Applied:
		return v.paint.good(name)
	case run.Unchanged, run.Done, run.Busy:
	}
	return name
}

func (v *View) runSummary(result *run.Result) {
	if len(result.Units) == 0 {
		v.Say("Run complete: there is no sync to run.")
		return
	}
	ended := map[run.Outcome]int{}
	sum := counts{}
	for i := range result.Units {
		u := &result.Units[i]
		ended[u.Outcome]++
		for j := range u.Syncs {
			if written(u, &u.Syncs[j]) {
				sum.add(u.Syncs[j].Counts)
			}
		}
	}
	var parts []string
	for _, o := range outcomes {
		if ended[o] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", ended[o], outcomeNames[o]))
		}
	}
	title := v.paint.good("Run complete:")
	if ended[run.Failed] > 0 {
		title = v.paint.errB("Run ended with failures:")
	}
	done := "nothing was written"
	if sum.sum() > 0 {
		done = sum.done()
	}
	fmt.Fprintf(v.out, "%s %s (%s).\n", title, strings.Join(parts, ", "), done)
}

// RunJSON writes a run as one line.
func (v *View) RunJSON(result *run.Result) error {
	text, err := encode(result)
	if err != nil {
		return err
	}
	fmt.Fprintf(v.out, "%s\n", text)
	return v.out.err
}

// Retrying says that an attempt failed, and when the next one is.
func (v *View) Retrying(r run.Retrying) {
	first, _, _ := strings.Cut(r.Message, "\n")
	fmt.Fprintf(v.out, "%s: attempt %d of %d failed, the next one is in %s: %s\n", OneLine(r.Unit), r.Attempt, r.Of, r.Wait.Round(time.Second), OneLine(first))
}

// RunWarning writes a warning of a run's own.
func (v *View) RunWarning(format string, args ...any) {
	v.Diagnostics(config.Diagnostics{{Severity: config.Warning, Summary: fmt.Sprintf(format, args...)}}, nil)
}

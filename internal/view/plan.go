package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// Changes streams the operations planned for a sync, those that remove rows first.
// It ends without an error where visit returns io.EOF.
type Changes func(s *register.SyncSummary, visit func(*plan.Change) error) error

// Excerpt streams the operations that the plan itself carries.
func Excerpt(p *plan.Plan) Changes {
	return func(s *register.SyncSummary, visit func(*plan.Change) error) error {
		for i := range p.Destinations {
			for j := range p.Destinations[i].Excerpt {
				change := &p.Destinations[i].Excerpt[j]
				if change.Sync != s.Sync {
					continue
				}
				if err := visit(change); err != nil {
					return stopped(err)
				}
			}
		}
		return nil
	}
}

// PlanOptions say how much of a plan to show.
type PlanOptions struct {
	// Limit bounds the operations shown of each sync; 0: all that there are.
	Limit int
	// Rest says how to see those that are not shown.
	Rest string
	// Notices are the findings to show; nil: those that the plan carries.
	Notices Notices
}

// Plan writes a plan as a diff, and its summary.
func (v *View) Plan(p *plan.Plan, changes Changes, o PlanOptions) error {
	return v.bundled(func() error { return v.plan(p, changes, o) })
}

func (v *View) plan(p *plan.Plan, changes Changes, o PlanOptions) error {
	if o.Notices == nil {
		o.Notices = Carried(p)
	}
	if purpose := purposeText(p); purpose != "" {
		v.Gap()
		v.line("%s", v.paint.strong(purpose))
	}
	if p.Changes() {
		v.Gap()
		fmt.Fprintln(v.out, "registrar will perform the following operations:")
	}
	for i := range p.Destinations {
		part := &p.Destinations[i]
		for j := range part.Syncs {
			if err := v.section(&part.Syncs[j], changes, o); err != nil {
				return err
			}
		}
	}
	v.checks(p)
	v.comparison(p.Comparison)
	v.Gap()
	v.policies(p)
	v.planSummary(p)
	return v.out.err
}

// section writes what is planned for one sync; nothing where there is nothing to say.
func (v *View) section(s *register.SyncSummary, changes Changes, o PlanOptions) error {
	found := plan.Noticed(s)
	if s.Total() == 0 && s.Held == "" && s.Blocked == "" && len(s.Withheld) == 0 && len(found) == 0 {
		return nil
	}
	v.Gap()
	v.line("  %s", v.paint.strong(OneLine(fmt.Sprintf("# %s: %s → %s, table %s", s.Sync, s.Source, s.Destination, s.Table))))
	for _, reason := range reasonsToHold(s) {
		fmt.Fprintln(v.out, "  "+v.paint.remove("! "+OneLine(reason)))
	}
	for _, hook := range s.Hooks {
		v.note("%s runs: %s", hook.When, OneLine(hook.SQL))
	}
	var shown int64
	if s.Total() > 0 {
		err := changes(s, func(c *plan.Change) error {
			if o.Limit > 0 && shown == int64(o.Limit) {
				return io.EOF
			}
			shown++
			v.change(c)
			return v.out.err
		})
		if err != nil {
			return err
		}
	}
	if rest := s.Total() - shown; rest > 0 {
		hint := ""
		if o.Rest != "" {
			hint = "; to see all: " + o.Rest
		}
		v.note("(%s not shown%s)", plural(rest, "more operation"), hint)
	}
	for _, operation := range config.Operations {
		if n := s.Withheld[operation]; n > 0 {
			v.note("withheld: %d to %s (not among the lifecycle's operations)", n, operation)
		}
	}
	for _, kind := range found {
		if err := v.findings(s, kind, o.Notices); err != nil {
			return err
		}
	}
	return nil
}

// reasonsToHold says why what is planned for a sync is not done, or not all of it.
func reasonsToHold(s *register.SyncSummary) []string {
	var lines []string
	if held := plan.Liftable(s); held != "" {
		lines = append(lines, "held: "+held)
	}
	if s.Blocked != "" {
		lines = append(lines, "held, and no override helps: "+s.Blocked)
	}
	if len(s.HeldBack) > 0 {
		lines = append(lines, "held back: "+backText(s))
	}
	return lines
}

func backText(s *register.SyncSummary) string {
	text := counts(s.HeldBack).toDo()
	if s.BackReason != "" {
		text += ": " + s.BackReason
	}
	return text
}

// note writes a remark below a sync's operations; it is never cut.
func (v *View) note(format string, args ...any) {
	fmt.Fprintln(v.out, "  "+v.paint.faint("# "+fmt.Sprintf(format, args...)))
}

const speculative = "The plan is speculative: it shows what would be done and can never be applied."

// planSummary writes the end of a plan: what is held and what is removed comes first.
func (v *View) planSummary(p *plan.Plan) {
	syncs := p.Syncs()
	for i := range syncs {
		for _, reason := range reasonsToHold(&syncs[i]) {
			word, rest, _ := strings.Cut(reason, ": ")
			fmt.Fprintln(v.out, v.paint.remove("! "+word+": ")+OneLine(syncs[i].Sync+": "+rest))
		}
	}
	if !p.Changes() {
		v.noChanges(p, syncs)
		return
	}
	deletions := deletions(syncs)
	if len(deletions) > 1 {
		fmt.Fprintln(v.out, v.paint.remove("Deletions:"))
		for _, one := range deletions {
			fmt.Fprintln(v.out, "  "+one)
		}
	}
	if len(syncs) > 1 {
		v.perSync(syncs)
	}
	v.perFaculty(syncs)
	v.readings(syncs)
	v.findingSummary(p)
	last := v.paint.strong("Plan: ") + total(syncs).toDo() + "."
	if len(deletions) == 1 {
		last += "  " + v.paint.remove("Deletions: ") + deletions[0] + "."
	}
	fmt.Fprintln(v.out, last)
	if total(syncs)[config.Purge] > 0 {
		fmt.Fprintln(v.out, "Purges cannot be undone: what the purged rows held is redacted in the register, too.")
	}
	v.heldSummary(p)
	if p.Speculative {
		fmt.Fprintln(v.out, speculative)
	}
}

func (v *View) heldSummary(p *plan.Plan) {
	switch {
	case p.Blocked():
		fmt.Fprintln(v.out, "The plan is held as a whole: none of it can be applied, not even with an override.")
	case p.Held():
		fmt.Fprintln(v.out, "The plan is held as a whole: none of it is applied without an override.")
	}
}

func (v *View) noChanges(p *plan.Plan, syncs []register.SyncSummary) {
	v.readings(syncs)
	v.findingSummary(p)
	var rows int64
	for _, s := range syncs {
		rows += s.SourceRows
	}
	switch differs := differences(syncs); {
	case p.Held():
		v.heldSummary(p)
	case undoes(p):
		v.nothingUndone(p, syncs)
		return
	case len(differs) > 0:
		fmt.Fprintln(v.out, v.paint.good("No changes.")+" What differs is "+strings.Join(differs, " or ")+", see above.")
	case partial(syncs) > 0:
		fmt.Fprintln(v.out, v.paint.good("No changes")+" among the records that were read: not every source was read whole, see above.")
	default:
		fmt.Fprintln(v.out, v.paint.good("No changes.")+" The destinations match their sources.")
	}
	if p.Speculative {
		fmt.Fprintln(v.out, speculative)
	}
	read := ""
	if n := partial(syncs); n > 0 {
		read = fmt.Sprintf(", %d of them read in part", n)
	}
	fmt.Fprintf(v.out, "%s compared, in %s%s.\n", plural(rows, "source row"), plural(int64(len(syncs)), "sync"), read)
}

// differences says why destinations may differ from their sources though nothing is planned.
func differences(syncs []register.SyncSummary) []string {
	var words []string
	for _, one := range []struct {
		word string
		of   func(s *register.SyncSummary) int64
	}{
		{"withheld", func(s *register.SyncSummary) int64 { return counts(s.Withheld).sum() }},
		{"held back", func(s *register.SyncSummary) int64 { return counts(s.HeldBack).sum() }},
		{"rejected", func(s *register.SyncSummary) int64 { return s.Rejected }},
		{"protected", func(s *register.SyncSummary) int64 { return s.Protected }},
	} {
		if slices.ContainsFunc(syncs, func(s register.SyncSummary) bool { return one.of(&s) > 0 }) {
			words = append(words, one.word)
		}
	}
	return words
}

// perSync lists the syncs that change something, those that remove rows first.
func (v *View) perSync(syncs []register.SyncSummary) {
	fmt.Fprintln(v.out, "By sync:")
	for _, removing := range []bool{true, false} {
		for i := range syncs {
			s := &syncs[i]
			if s.Total() == 0 || (s.Removed() > 0) != removing {
				continue
			}
			fmt.Fprintf(v.out, "  %s: %s\n", OneLine(s.Sync), counts(s.Counts).toDo())
		}
	}
}

// facultyCounts are the operations planned for a faculty.
type facultyCounts struct {
	label string
	counts
}

// byFaculty adds up the syncs' operations, the faculties as they come.
func byFaculty(syncs []register.SyncSummary) []facultyCounts {
	var all []facultyCounts
	for i := range syncs {
		s := &syncs[i]
		if s.Faculty == "" {
			continue
		}
		at := slices.IndexFunc(all, func(f facultyCounts) bool { return f.label == s.Faculty })
		if at < 0 {
			at = len(all)
			all = append(all, facultyCounts{label: s.Faculty, counts: counts{}})
		}
		all[at].add(s.Counts)
	}
	return all
}

// perFaculty lists totals where there are several faculties.
func (v *View) perFaculty(syncs []register.SyncSummary) {
	all := byFaculty(syncs)
	if len(all) < 2 {
		return
	}
	fmt.Fprintln(v.out, "By faculty:")
	for _, f := range all {
		fmt.Fprintf(v.out, "  faculty.%s: %s\n", OneLine(f.label), f.toDo())
	}
}

// deletion is that a sync removes rows.
type deletion struct {
	sync      string
	operation config.Operation
	// n of the rows that there are, for a purge of the archived ones.
	n, of int64
}

// text says how many of how many: "archives 3 of 412 rows".
func (d deletion) text() string {
	of := plural(d.of, "row")
	if d.operation == config.Purge {
		of = plural(d.of, "archived row")
	}
	return fmt.Sprintf("%ss %d of %s", d.operation, d.n, of)
}

// removals lists which syncs remove rows.
func removals(syncs []register.SyncSummary) []deletion {
	var all []deletion
	for i := range syncs {
		s := &syncs[i]
		for _, operation := range config.Operations {
			if n := s.Counts[operation]; n > 0 && operation.Removes() {
				of := s.LiveRows
				if operation == config.Purge {
					of = s.ArchivedRows
				}
				all = append(all, deletion{sync: s.Sync, operation: operation, n: n, of: of})
			}
		}
	}
	return all
}

// deletions says of each sync that removes rows how many of how many.
func deletions(syncs []register.SyncSummary) []string {
	var parts []string
	for _, d := range removals(syncs) {
		parts = append(parts, OneLine(d.sync)+" "+d.text())
	}
	return parts
}

// counts are numbers of operations.
type counts map[config.Operation]int64

func (c counts) add(other map[config.Operation]int64) {
	for operation, n := range other {
		c[operation] += n
	}
}

func (c counts) sum() int64 {
	var n int64
	for _, count := range c {
		n += count
	}
	return n
}

// toDo names the operations that occur: "1 to insert, 2 to archive".
func (c counts) toDo() string {
	return c.list(func(o config.Operation) string { return "to " + string(o) }, "nothing to do")
}

// orNone is toDo where nothing is none.
func (c counts) orNone() string {
	return c.list(func(o config.Operation) string { return "to " + string(o) }, "none")
}

// done names the operations that occur: "1 inserted, 2 archived".
func (c counts) done() string {
	return c.list(func(o config.Operation) string { return pastTense[o] }, "nothing to do")
}

func (c counts) list(name func(config.Operation) string, none string) string {
	var parts []string
	for _, operation := range config.Operations {
		if n := c[operation]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, name(operation)))
		}
	}
	if len(parts) == 0 {
		return none
	}
	return strings.Join(parts, ", ")
}

var pastTense = map[config.Operation]string{
	config.Insert: "inserted", config.Update: "updated", config.Archive: "archived", config.Delete: "deleted", config.Undelete: "undeleted",
	config.Rename: "renamed", config.Adopt: "adopted", config.Purge: "purged",
}

func total(syncs []register.SyncSummary) counts {
	sum := counts{}
	for _, s := range syncs {
		sum.add(s.Counts)
	}
	return sum
}

// PlanHead writes what identifies a plan. now tells whether it has expired.
func (v *View) PlanHead(p *plan.Plan, now time.Time) {
	expiry := "expires on "
	if now.After(p.ExpiresOn) {
		expiry = "expired on "
	}
	v.line("%s", v.paint.strong("Plan "+OneLine(p.ID)))
	v.line("made on %s by %s, %s%s", moment(p.CreatedOn), OneLine(p.CreatedBy), expiry, moment(p.ExpiresOn))
	commit := ""
	if p.GitCommit != "" {
		commit = ", commit " + OneLine(p.GitCommit)
	}
	v.line("configuration %s%s", OneLine(p.ConfigDigest), commit)
	for i := range p.Destinations {
		d := &p.Destinations[i]
		v.line("for %s: %s", OneLine(d.Address), OneLine(d.Database))
	}
}

// Application is that a plan was applied in a destination.
type Application struct {
	Destination string    `json:"destination"`
	AppliedOn   time.Time `json:"applied_on"`
	AppliedBy   string    `json:"applied_by"`
	// Override is why it was applied though it was held; "" where it was not.
	Override string `json:"override,omitempty"`
}

// PlanApplied writes where a plan was applied, a line each.
func (v *View) PlanApplied(applied []Application) {
	for _, one := range applied {
		why := ""
		if one.Override != "" {
			why = ", override: " + OneLine(one.Override)
		}
		v.line("applied in %s on %s by %s%s", OneLine(one.Destination), moment(one.AppliedOn), OneLine(one.AppliedBy), why)
	}
}

// PlanSaved says what can be done with a plan just made, unless nobody is there to do it; file is ""
// where it was not saved.
func (v *View) PlanSaved(p *plan.Plan, file string) {
	appliable := p.Changes() && !p.Held() && !p.Speculative
	if file != "" {
		v.Gap()
		v.Say("Saved the plan to %s.", file)
		switch {
		case v.automation:
		case appliable:
			v.Say("To perform exactly these operations, before %s: registrar apply %s", moment(p.ExpiresOn), file)
		case !p.Changes() && !p.Held() && !p.Speculative && p.Incremental():
			v.Say("It has no operations; applying it records what was compared, so that the next plan reads less: registrar apply %s", file)
		case p.Changes() && !p.Blocked() && !p.Speculative:
			v.Say("To perform it all the same, before %s, for a reason that is recorded: registrar apply %s --override \"REASON\"", moment(p.ExpiresOn), file)
		}
		return
	}
	switch {
	case !appliable || v.automation:
	case undoes(p):
		v.Gap()
		v.Say("To perform exactly these operations, before %s: registrar apply %s", moment(p.ExpiresOn), p.ID)
	default:
		v.Gap()
		v.Say("The plan was not saved to a file. registrar apply will plan again, and ask; with --out FILE, apply FILE performs exactly what was shown.")
	}
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

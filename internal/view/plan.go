package view

import (
	"fmt"
	"io"
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
}

// Plan writes a plan as a diff, and its summary.
func (v *View) Plan(p *plan.Plan, changes Changes, o PlanOptions) error {
	if p.Changes() {
		v.Gap()
		fmt.Fprintln(v.out, "registrar will perform the following operations:")
	}
	for i := range p.Destinations {
		part := &p.Destinations[i]
		for j := range part.Syncs {
			if err := v.section(&part.Syncs[j], part.Notices, changes, o); err != nil {
				return err
			}
		}
	}
	v.Gap()
	v.planSummary(p)
	return v.out.err
}

// section writes what is planned for one sync; nothing where there is nothing to say.
func (v *View) section(s *register.SyncSummary, notices []plan.Notice, changes Changes, o PlanOptions) error {
	if s.Total() == 0 && s.Held == "" && len(s.Withheld) == 0 && s.Ignored == 0 {
		return nil
	}
	v.Gap()
	v.line("  %s", v.paint.strong(OneLine(fmt.Sprintf("# %s: %s → %s, table %s", s.Sync, s.Source, s.Destination, s.Table))))
	if s.Held != "" {
		fmt.Fprintln(v.out, "  "+v.paint.remove("! held: "+OneLine(s.Held)))
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
	v.ignored(s, notices)
	return nil
}

func (v *View) ignored(s *register.SyncSummary, notices []plan.Notice) {
	rest := s.Ignored
	for _, n := range notices {
		if n.Sync != s.Sync || n.Kind != register.Ignored {
			continue
		}
		owner := ""
		if n.Detail != "" {
			owner = " is owned by " + OneLine(n.Detail)
		}
		v.note("ignored: %s%s", keyText(n.Key), owner)
		rest--
	}
	if rest > 0 {
		v.note("(%s not shown)", plural(rest, "more ignored key"))
	}
}

// note writes a remark below a sync's operations; it is never cut.
func (v *View) note(format string, args ...any) {
	fmt.Fprintln(v.out, "  "+v.paint.faint("# "+fmt.Sprintf(format, args...)))
}

const speculative = "The plan is speculative: it shows what would be done and can never be applied."

// planSummary writes the end of a plan: what is held and what is removed comes first.
func (v *View) planSummary(p *plan.Plan) {
	syncs := p.Syncs()
	for _, s := range syncs {
		if s.Held != "" {
			fmt.Fprintln(v.out, v.paint.remove("! held: ")+OneLine(s.Sync+": "+s.Held))
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
	last := v.paint.strong("Plan: ") + total(syncs).toDo() + "."
	if len(deletions) == 1 {
		last += "  " + v.paint.remove("Deletions: ") + deletions[0] + "."
	}
	fmt.Fprintln(v.out, last)
	if p.Held() {
		fmt.Fprintln(v.out, "The plan is held as a whole: none of it can be applied.")
	}
	if p.Speculative {
		fmt.Fprintln(v.out, speculative)
	}
}

func (v *View) noChanges(p *plan.Plan, syncs []register.SyncSummary) {
	var rows, withheld int64
	for _, s := range syncs {
		rows += s.SourceRows
		for _, n := range s.Withheld {
			withheld += n
		}
	}
	switch {
	case p.Held():
		fmt.Fprintln(v.out, "The plan is held: none of it can be applied.")
	case withheld > 0:
		fmt.Fprintln(v.out, v.paint.good("No changes.")+" What differs is withheld, see above.")
	default:
		fmt.Fprintln(v.out, v.paint.good("No changes.")+" The destinations match their sources.")
	}
	if p.Speculative {
		fmt.Fprintln(v.out, speculative)
	}
	fmt.Fprintf(v.out, "%s compared, in %s.\n", plural(rows, "source row"), plural(int64(len(syncs)), "sync"))
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

// perFaculty lists totals where there are several faculties.
func (v *View) perFaculty(syncs []register.SyncSummary) {
	var labels []string
	totals := map[string]counts{}
	for _, s := range syncs {
		if s.Faculty == "" {
			continue
		}
		if totals[s.Faculty] == nil {
			labels = append(labels, s.Faculty)
			totals[s.Faculty] = counts{}
		}
		totals[s.Faculty].add(s.Counts)
	}
	if len(labels) < 2 {
		return
	}
	fmt.Fprintln(v.out, "By faculty:")
	for _, label := range labels {
		fmt.Fprintf(v.out, "  faculty.%s: %s\n", OneLine(label), totals[label].toDo())
	}
}

// deletions says of each sync that removes rows how many of how many.
func deletions(syncs []register.SyncSummary) []string {
	var parts []string
	for i := range syncs {
		s := &syncs[i]
		for _, operation := range config.Operations {
			if n := s.Counts[operation]; n > 0 && operation.Removes() {
				parts = append(parts, fmt.Sprintf("%s %ss %d of %s", OneLine(s.Sync), operation, n, plural(s.LiveRows, "row")))
			}
		}
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

// toDo names the operations that occur: "1 to insert, 2 to archive".
func (c counts) toDo() string {
	return c.list(func(o config.Operation) string { return "to " + string(o) }, "nothing to do")
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

// PlanSaved says what can be done with a plan just made; file is "" where it was
// not saved.
func (v *View) PlanSaved(p *plan.Plan, file string) {
	appliable := p.Changes() && !p.Held() && !p.Speculative
	if file != "" {
		v.Gap()
		v.Say("Saved the plan to %s.", file)
		if appliable {
			v.Say("To perform exactly these operations, before %s: registrar apply %s", moment(p.ExpiresOn), file)
		}
		return
	}
	if appliable {
		v.Gap()
		v.Say("The plan was not saved to a file. registrar apply will plan again, and ask; with --out FILE, apply FILE performs exactly what was shown.")
	}
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

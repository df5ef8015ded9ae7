package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/explain"
	"github.com/registrar-sync/registrar/plan"
)

// Explanations writes explanations as text, the verdict of each first.
func (v *View) Explanations(all []*explain.Explanation, o ExplainOptions) error {
	return v.bundled(func() error {
		for i, e := range all {
			if i > 0 {
				v.Gap()
			}
			v.explanation(documentOf(e, o))
		}
		return nil
	})
}

func (v *View) explanation(d *jsonExplanation) {
	v.title("%s  %s", OneLine(d.Sync), OneLine(d.KeyTyped))
	v.Gap()
	v.Say("%s", OneLine(d.Verdict.Sentence))
	for _, besides := range d.Besides {
		fmt.Fprintln(v.out, v.bullet(OneLine(besides)))
	}
	if !v.automation {
		for _, command := range d.Commands {
			fmt.Fprintf(v.out, "  > %s\n", OneLine(command))
		}
	}
	for i := range d.Records {
		v.explainedRecord(d, &d.Records[i])
	}
	if len(d.Records) == 0 && d.Next.Made {
		v.part("Source record (%s)", d.Source)
		v.line("  none")
	}
	v.explainedRows(d)
	v.explainedPlan(d)
	v.explainedRegister(d)
	v.explainedChecks(d)
	v.explainedSchedule(d)
}

func (v *View) part(format string, args ...any) {
	v.Gap()
	v.title(format, args...)
}

// title is a heading as narrow as the terminal.
func (v *View) title(format string, args ...any) {
	fmt.Fprintln(v.out, v.paint.strong(v.wrap(Clean(fmt.Sprintf(format, args...)), 0)))
}

// bullet is a paragraph with a hanging indent.
func (v *View) bullet(text string) string {
	const indent = "    "
	return "  - " + strings.ReplaceAll(v.wrap(text, len(indent)), "\n", "\n"+indent)
}

func (v *View) explainedRecord(d *jsonExplanation, r *jsonWatchedRecord) {
	task := ""
	if r.Task != "" {
		task = ", of the query of rows to " + string(r.Task)
	}
	v.part("Source record (%s%s)", d.Source, task)
	width := 0
	for _, one := range r.Values {
		width = max(width, len([]rune(OneLine(one.Column))))
	}
	for i := range r.Values {
		v.line("  %s = %s", pad(OneLine(r.Values[i].Column), width), r.Values[i].text())
	}
	v.part("Mapping")
	for i := range r.Mapping {
		v.explainedColumn(&r.Mapping[i])
	}
	if len(r.Asserts) == 0 {
		return
	}
	v.part("Asserts")
	for _, a := range r.Asserts {
		switch {
		case a.Obeyed:
			v.line("  %s %s", v.paint.add("✓"), OneLine(a.Name))
		case a.Message == "":
			v.line("  %s %s (%s)", v.paint.remove("✗"), OneLine(a.Name), a.OnFailure)
		default:
			v.line("  %s %s (%s): %s", v.paint.remove("✗"), OneLine(a.Name), a.OnFailure, OneLine(a.Message))
		}
	}
}

func (v *View) explainedColumn(c *jsonMappedColumn) {
	mark := " "
	switch c.Row {
	case explain.Same:
		mark = "="
	case explain.Different:
		mark = v.paint.change("≠")
	case explain.Unknowing:
	}
	parts := make([]string, len(c.Values))
	for i := range c.Values {
		parts[i] = c.Values[i].text()
		if c.Lookup != nil || len(c.Values) > 1 {
			_, by, _ := strings.Cut(c.Values[i].Column, ".")
			parts[i] = OneLine(by) + " " + parts[i]
		}
	}
	v.line("  %s %s = %s", mark, OneLine(c.Column), strings.Join(parts, ", "))
	if c.Expression != "" {
		v.line("      %s", v.paint.faint("# "+OneLine(c.Expression)))
	}
	l := c.Lookup
	if l == nil {
		return
	}
	switch {
	case len(l.Found) > 0:
		v.line("      looked up in %s: %s", OneLine(l.Table), OneLine(strings.Join(l.Found, ", ")))
	case len(l.Archived) > 0:
		v.line("      looked up in %s: %s", OneLine(l.Table), v.paint.remove("archived, which does not count"))
	default:
		v.line("      looked up in %s: %s", OneLine(l.Table), v.paint.remove("not there now"))
	}
}

func (one *jsonWatchedValue) text() string {
	switch {
	case one.Error != "":
		return "error: it " + OneLine(one.Error)
	case one.Sensitive:
		return "(sensitive)"
	case one.Value == nil:
		return "null"
	default:
		return quoted(*one.Value, 0)
	}
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-len([]rune(text))))
}

func (v *View) explainedRows(d *jsonExplanation) {
	if len(d.Rows) == 0 {
		v.part("Destination row (%s, table %s)", d.Destination, d.Table)
		v.line("  none is known")
		return
	}
	for i := range d.Rows {
		row := &d.Rows[i]
		whose := "of this sync"
		if !row.Ours {
			whose = "of another origin"
		}
		if row.Archived {
			whose += ", archived"
		}
		if row.Protected {
			whose += ", protected"
		}
		v.part("Destination row (%s, table %s), %s", d.Destination, d.Table, whose)
		width := 0
		for j := range row.Values {
			width = max(width, len([]rune(OneLine(row.Values[j].Column))))
		}
		for j := range row.Values {
			cell := &row.Values[j]
			text := cellText(cell)
			if cell.Sensitive && slices.Contains(d.unmapped, cell.Column) {
				text = "(not mapped)" // and so not known to be harmless
			}
			v.line("  %s = %s%s", pad(OneLine(cell.Column), width), text, v.lookedUp(cell))
		}
	}
}

func (v *View) explainedPlan(d *jsonExplanation) {
	v.part("Next plan")
	n := &d.Next
	switch {
	case !n.Made && n.Error == "":
		v.line("  was not asked for")
	case !n.Made:
		fmt.Fprintln(v.out, v.bullet(OneLine(n.Error)))
	case len(n.Operations) == 0:
		v.line("  does nothing about it")
	}
	for i := range n.Operations {
		v.change(&n.Operations[i])
	}
	for _, held := range []struct{ what, why string }{{"held", n.Held}, {"removals held back", n.HeldBack}} {
		if held.why != "" {
			fmt.Fprintln(v.out, v.bullet(held.what+": "+OneLine(held.why)))
		}
	}
	v.explainedNotices(n.Findings)
}

func (v *View) explainedNotices(all []plan.Notice) {
	for i := range all {
		n := &all[i]
		text := strings.ReplaceAll(string(n.Kind), "_", " ")
		if n.Operation != "" {
			text += " (" + string(n.Operation) + ")"
		}
		if n.Message != "" {
			text += ": " + strings.Join(strings.Fields(n.Message), " ")
		}
		if n.Detail != "" {
			text += " [" + n.Detail + "]"
		}
		fmt.Fprintln(v.out, v.bullet(OneLine(text)))
	}
}

// moment is an instant as the verdict tells it, to the second.
func (d *jsonExplanation) moment(t time.Time) string {
	return t.In(d.zone).Format("2006-01-02 15:04:05 MST")
}

func (v *View) explainedRegister(d *jsonExplanation) {
	k := &d.Register
	v.part("Register")
	if k.Error != "" {
		fmt.Fprintln(v.out, v.bullet(OneLine(k.Error)))
		return
	}
	for i := range k.Waiting {
		one := &k.Waiting[i]
		v.line("  plan %s, made %s by %s, waits to be applied:", one.plan(), d.moment(one.CreatedOn), OneLine(one.CreatedBy))
		v.change(&one.Change)
	}
	for i := range k.Applied {
		one := &k.Applied[i]
		commit := ""
		if one.GitCommit != "" {
			commit = ", commit " + OneLine(firstRunes(one.GitCommit, 12))
		}
		v.line("  %s by %s, plan %s%s:", d.moment(*one.AppliedOn), OneLine(one.AppliedBy), one.plan(), commit)
		v.change(&one.Change)
	}
	switch {
	case len(k.Applied) > 0:
	case k.Redacted > 0:
		v.line("  nothing is known to have been done to it%s", d.since())
		v.line("  of %s of the sync the keys were redacted: some may have been about it", plural(k.Redacted, "operation"))
	default:
		v.line("  nothing was done to it%s", d.since())
	}
	if len(k.Noticed) > 0 {
		v.line("  The last plan noticed:")
		v.explainedNotices(k.Noticed)
	}
}

// plan names the plan, and what it was for.
func (c *jsonKeyChange) plan() string {
	if c.Purpose == nil {
		return c.PlanID
	}
	return c.PlanID + ", " + OneLine(string(c.Purpose.Kind)+" of "+c.Purpose.Of)
}

// since says how far back the register reaches.
func (d *jsonExplanation) since() string {
	t := d.Register.Since
	if t == nil {
		return ": no plan was applied"
	}
	return " since " + d.moment(*t) + ", before which the register holds nothing"
}

func (v *View) explainedChecks(d *jsonExplanation) {
	for _, group := range []struct {
		title string
		found []plan.Notice
	}{{"Checks", d.Checks}, {"Checks that name a part of the key", d.Related}} {
		if len(group.found) == 0 {
			continue
		}
		v.part("%s", group.title)
		for i := range group.found {
			n := &group.found[i]
			fmt.Fprintln(v.out, v.bullet(OneLine(fmt.Sprintf("%s (%s): %s: %s", n.Sync, n.Severity, keyText(n.Key), n.Message))))
		}
	}
}

func (v *View) explainedSchedule(d *jsonExplanation) {
	s := &d.Schedule
	v.part("Schedule")
	switch {
	case s.Schedule == "":
		v.line("  none: it is planned and applied by hand")
	case s.Next == nil:
		v.line("  %s: no run comes", OneLine(s.Schedule))
	default:
		v.line("  %s: next run %s", OneLine(s.Schedule), d.moment(*s.Next))
	}
	if s.LastRun != nil {
		v.line("  last run %s: %s", d.moment(s.LastRun.StartedOn), OneLine(s.LastRun.Outcome))
	}
	switch {
	case s.LastPlan != nil:
		v.line("  last plan applied %s", d.moment(s.LastPlan.AppliedOn))
	case s.Beyond > 0:
		v.line("  last plan applied: none of the latest %s is of this sync", plural(int64(s.Beyond), "plan"))
	}
	if s.Paused != nil {
		v.line("  paused since %s by %s: %s", d.moment(s.Paused.PausedOn), OneLine(s.Paused.PausedBy), OneLine(s.Paused.Reason))
	}
	if s.Closed != "" {
		v.line("  no run may start now: %s", OneLine(s.Closed))
	}
}

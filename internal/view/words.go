package view

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// Words say in single lines what a View writes, for who lays them out himself. What they return is made harmless, and
// has no colours.
type Words struct {
	// Now tells whether a plan has expired.
	Now time.Time
}

// Title names the plan.
func (w Words) Title(p *plan.Plan) string {
	expiry := "expires on "
	if w.Now.After(p.ExpiresOn) {
		expiry = "expired on "
	}
	title := "Plan " + OneLine(p.ID)
	if purpose := purposeText(p); purpose != "" {
		title += ": " + strings.TrimSuffix(purpose, ".")
	}
	return fmt.Sprintf("%s, made on %s by %s, %s%s", title, moment(p.CreatedOn), OneLine(p.CreatedBy), expiry, moment(p.ExpiresOn))
}

// Holds says, a line each, why what is planned is not done, or not all of it.
func (w Words) Holds(p *plan.Plan) []string {
	var lines []string
	for _, s := range p.Syncs() {
		for _, reason := range reasonsToHold(&s) {
			word, rest, _ := strings.Cut(reason, ": ")
			lines = append(lines, OneLine(word+": "+s.Sync+": "+rest))
		}
	}
	return lines
}

// Deletions says, a line each, which syncs remove how many of how many rows.
func (w Words) Deletions(p *plan.Plan) []string {
	lines := deletions(p.Syncs())
	for i := range lines {
		lines[i] = "Deletions: " + lines[i]
	}
	return lines
}

// Total counts the plan's operations.
func (w Words) Total(p *plan.Plan) string {
	if !p.Changes() {
		return "No changes."
	}
	text := "Plan: " + total(p.Syncs()).toDo() + "."
	if p.Speculative {
		text += " Speculative: it can never be applied."
	}
	return text
}

// Summary is what show writes of a plan besides its operations and findings.
func (w Words) Summary(p *plan.Plan) []string {
	var text bytes.Buffer
	v := New(&text, Options{Automation: true})
	v.PlanHead(p, w.Now)
	if purpose := purposeText(p); purpose != "" {
		v.line("%s", purpose)
	}
	v.checks(p)
	v.comparison(p.Comparison)
	v.Gap()
	v.policies(p)
	v.planSummary(p)
	return strings.Split(strings.TrimRight(text.String(), "\n"), "\n")
}

// Symbol stands before an operation.
func (w Words) Symbol(o config.Operation) string { return symbols[o] }

// Key names the row of an operation; of a rename both.
func (w Words) Key(c *plan.Change) string { return rowText(c) }

// Values are a column's before and after, "" for one that there is not, and by which business keys they were looked up.
func (w Words) Values(c *plan.ColumnChange) (before, after, lookedUp string) {
	v := New(nil, Options{})
	switch {
	case c.Before == nil && c.After == nil:
		return "", "", ""
	case c.Before == nil:
		return "", cellText(c.After), strings.TrimSpace(v.lookedUp(c.After))
	case c.After == nil:
		return cellText(c.Before), "", strings.TrimSpace(v.lookedUp(c.Before))
	case !c.Changed:
		text := cellText(c.Before)
		return text, text, strings.TrimSpace(v.lookedUp(c.Before))
	}
	before, after = pairText(c.Before, c.After)
	return before, after, strings.TrimSpace(v.lookedUpPair(c.Before, c.After))
}

// NoticeKey names the row of a finding, "" where it is of none.
func (w Words) NoticeKey(n *plan.Notice) string { return keyText(n.Key) }

// Notice is a finding in one line.
func (w Words) Notice(n *plan.Notice) string { return noticeText(n) }

// Name is a name, or a message, on one line.
func (w Words) Name(text string) string { return OneLine(text) }

// Text is a message of several lines.
func (w Words) Text(text string) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = OneLine(strings.ReplaceAll(lines[i], "\t", "  "))
	}
	return lines
}

// Sync says all that there is to say of a sync besides its operations and findings, a line each.
func (w Words) Sync(s *register.SyncSummary) []string {
	lines := []string{
		OneLine(fmt.Sprintf("%s: %s → %s, table %s", s.Sync, s.Source, s.Destination, s.Table)),
		counts(s.Counts).toDo(),
	}
	lines = append(lines, w.Reasons(s)...)
	for _, hook := range s.Hooks {
		lines = append(lines, OneLine(fmt.Sprintf("%s runs: %s", hook.When, hook.SQL)))
	}
	lines = append(lines, plural(s.SourceRows, "source row")+", "+plural(s.LiveRows, "row")+" in the destination before")
	for _, operation := range config.Operations {
		if n := s.Withheld[operation]; n > 0 {
			lines = append(lines, fmt.Sprintf("withheld: %d to %s (not among the lifecycle's operations)", n, operation))
		}
	}
	for _, kind := range plan.Noticed(s) {
		lines = append(lines, fmt.Sprintf("%s: %d", kind, plan.Findings(s, kind)))
	}
	return lines
}

// Counts names the operations of a sync that occur.
func (w Words) Counts(s *register.SyncSummary) string { return counts(s.Counts).toDo() }

// Reasons says why what is planned for a sync is not done, or not all of it, a line each.
func (w Words) Reasons(s *register.SyncSummary) []string {
	lines := reasonsToHold(s)
	for i := range lines {
		lines[i] = OneLine(lines[i])
	}
	return lines
}

// Theme paints by meaning, in the colours of a View.
type Theme struct {
	Strong, Faint, Good, Add, Change, Remove, Restore, Warn, Selected func(a ...any) string
}

// NewTheme returns the colours, or functions that leave texts as they are.
func NewTheme(colour bool) Theme {
	p := newPalette(colour)
	return Theme{Strong: p.strong, Faint: p.faint, Good: p.good, Add: p.add, Change: p.change, Remove: p.remove, Restore: p.restore, Warn: p.warn, Selected: p.selected}
}

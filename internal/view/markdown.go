package view

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

const (
	// maxComment is what GitHub takes, in characters.
	maxComment  = 65_536
	minMarkdown = 8 << 10
	// maxRows bounds the lines of a list and the rows of a table outside of the fold.
	maxRows = 40
)

// PlanMarkdown writes a plan as a comment of a merge request: what it comes to, then, folded, its operations as far as there is
// room. Without a limit it fits into a comment of GitHub.
func (v *View) PlanMarkdown(p *plan.Plan, changes Changes, o ReviewOptions) error {
	text, err := newMarkdown(p, changes, o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(v.out, text)
	return err
}

// markdown is a document that is being made. Of all that comes from elsewhere, nothing is at the beginning of a
// line, and all is in code.
type markdown struct {
	p       *plan.Plan
	changes Changes
	o       ReviewOptions
	size    func(text string) int
	plain   *View // without colour, for its texts

	operations, unseen int64 // of all the syncs, and how many of them are not in the document
	left               bool  // something else is left out
}

func newMarkdown(p *plan.Plan, changes Changes, o ReviewOptions) (string, error) {
	m := &markdown{p: p, changes: changes, o: o, plain: New(io.Discard, Options{})}
	limit := o.Limit
	m.size = func(text string) int { return len(text) }
	if limit == 0 {
		limit, m.size = maxComment, characters
	}
	if limit < minMarkdown {
		return "", fmt.Errorf("a limit of %d octets is too small for what a plan comes to: at least %d", limit, minMarkdown)
	}
	if m.o.Notices == nil {
		m.o.Notices = Carried(p)
	}
	head, err := m.head()
	if err != nil {
		return "", err
	}
	link, _ := o.link() // head looked
	identity := m.identity()
	room := limit - m.size(head) - m.size(identity) - m.size(m.cut(link, 1<<62, 1<<62, true))

	effect := m.effect(room / 6)
	outside := m.outside((room - m.size(effect)) / 2)
	room -= m.size(effect) + m.size(outside)
	compared := m.compared(room / 3)
	room -= m.size(compared)
	found, err := m.findings(room / 4)
	if err != nil {
		return "", err
	}
	diffs, err := m.diffs(room - m.size(found))
	if err != nil {
		return "", err
	}
	notice := ""
	if m.unseen > 0 || m.left {
		notice = m.cut(link, m.operations-m.unseen, m.operations, m.left)
	}
	text := head + effect + compared + outside + notice + diffs + found + identity
	if m.size(text) > limit {
		return "", errors.New("the plan's summary does not fit into the document's limit: give a larger one")
	}
	return text, nil
}

// characters counts as strictly as any platform does: in units of UTF-16.
func characters(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

func (m *markdown) head() (string, error) {
	marker, err := m.o.mark()
	if err != nil {
		return "", err
	}
	if _, err := m.o.link(); err != nil {
		return "", err
	}
	title := m.o.Title
	if title == "" {
		title = defaultTitle
	}
	text := "<!-- registrar plan: " + marker + " -->\n## " + plainTitle(firstRunes(title, maxTitle)) + "\n\n"
	if purpose := purposeText(m.p); purpose != "" {
		text += plainTitle(purpose) + "\n\n"
	}
	if m.p.Speculative {
		text += "_" + speculative + "_\n\n"
	}
	return text, nil
}

// listed joins lines as far as there are room and places, and says how many more there are.
func (m *markdown) listed(lines []string, room int, more func(left int) string) string {
	var out strings.Builder
	room -= m.size(more(len(lines)))
	for i, line := range lines {
		if room -= m.size(line); i == maxRows || room < 0 {
			m.left = true
			out.WriteString(more(len(lines) - i))
			break
		}
		out.WriteString(line)
	}
	return out.String()
}

func moreLines(what string) func(int) string {
	return func(n int) string { return "- … and " + plural(int64(n), "more "+what) + "\n" }
}

// outside is what is not folded: what the plan comes to.
func (m *markdown) outside(room int) string {
	p := m.p
	syncs := p.Syncs()
	text := "### What the plan does\n\n**" + summaryLine(p) + "**\n\n"
	if differs := differences(syncs); !p.Changes() && len(differs) > 0 {
		text += "What differs is " + strings.Join(differs, " or ") + ".\n\n"
	}
	removals := largestRemovals(syncs)
	gone := counts{}
	for _, d := range removals {
		gone[d.operation] += d.n
	}
	list := func(title string, lines []string, what string) {
		if len(lines) > 0 {
			text += title + m.listed(lines, room/5, moreLines(what)) + "\n"
		}
	}
	var lines []string
	for _, d := range removals {
		lines = append(lines, "- "+inCode(short(d.sync))+" "+d.text()+"\n")
	}
	list("⚠️ **Deletions: "+gone.toDo()+"**\n\n", lines, "deletion")

	lines = nil
	for _, h := range holdings(p) {
		lines = append(lines, "- "+inCode(short(h.sync))+": "+inCode(short(h.reason))+"\n")
	}
	list("⛔ **"+verdict(p)+"**\n\n", lines, "reason")

	holding, warning := disobeyed(p)
	policies := func(list []*register.PolicySummary) (lines []string) {
		for _, one := range list {
			lines = append(lines, "- "+inCode(short(one.Policy))+policyEffect(one)+": "+inCode(short(one.Message))+"\n")
		}
		return lines
	}
	list("⛔ **"+policiesThatHold+"**\n\n", policies(holding), "policy")
	list("⚠️ **"+policiesThatWarn+"**\n\n", policies(warning), "policy")

	if found := findingTotals(p); len(found) > 0 {
		text += strings.Join(found, "\n\n") + "\n\n"
	}
	if n := len(m.o.Warnings); n > 0 {
		text += "Warnings of the configuration: " + strconv.Itoa(n) + ".\n\n"
	}
	if p.Changes() {
		if faculties := faculties(syncs); len(faculties) > 1 {
			rows := make([]tally, len(faculties))
			for i, f := range faculties {
				rows[i] = tally{name: "faculty." + f.label, counts: f.counts}
			}
			text += m.table("faculty", "faculties", rows, room/5)
		}
		var rows []tally
		for _, s := range deletionsFirst(p) {
			rows = append(rows, tally{name: s.Sync, counts: s.Counts})
		}
		text += m.table("sync", "syncs", rows, room/5)
	}
	return text
}

// tally is a row of a table of counts.
type tally struct {
	name string
	counts
}

// table shows counts, of the operations that occur.
func (m *markdown) table(one, many string, rows []tally, room int) string {
	sum := counts{}
	for _, row := range rows {
		sum.add(row.counts)
	}
	operations := occurring(sum)
	head, line := "| "+one+" |", "| :-- |"
	for _, operation := range operations {
		head += " " + string(operation) + " |"
		line += " --: |"
	}
	cells := func(c counts) string {
		var text strings.Builder
		for _, operation := range operations {
			text.WriteString(" " + strconv.FormatInt(c[operation], 10) + " |")
		}
		return text.String()
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = "| " + inCode(short(row.name)) + " |" + cells(row.counts) + "\n"
	}
	more := func(n int) string {
		rest := counts{}
		for _, row := range rows[len(rows)-n:] {
			rest.add(row.counts)
		}
		return fmt.Sprintf("| … and %d more %s |%s\n", n, many, cells(rest))
	}
	return head + "\n" + line + "\n" + m.listed(lines, room-m.size(head+line)-2, more) + "\n"
}

// effect is what the change of configuration alone comes to.
func (m *markdown) effect(room int) string {
	c := m.p.Comparison
	if c == nil {
		return ""
	}
	text := "### What the change of configuration does\n\nCompared with " + inCode(short(c.Ref))
	if c.Commit != "" {
		text += " (" + inCode(shortCommit(c.Commit)) + ")"
	}
	text += ", on the same data.\n\n"
	switch {
	case c.Unavailable != "":
		return text + "⛔ **Unavailable:** " + inCode(short(c.Unavailable)) + "\n\nWhether the change has an effect is not known.\n\n"
	case len(c.Syncs) == 0:
		return text + "**No effect on the operations:** " + noEffect + "\n\n" + m.besides(c, room)
	}
	only, gone := counts{}, counts{}
	var rows []string
	for _, s := range comparedSyncs(c) {
		only.add(s.Only)
		gone.add(s.Gone)
		rows = append(rows, "| "+inCode(short(s.Sync))+comparedNote(s, func(text string) string { return inCode(short(text)) })+" | "+counts(s.Only).orNone()+" | "+counts(s.Gone).orNone()+" |\n")
	}
	text += "**Only with the change: " + only.orNone() + ". No longer with it: " + gone.orNone() + ".**\n\n"
	text += "| sync | only with the change | no longer with it |\n| :-- | :-- | :-- |\n"
	more := func(n int) string { return "| … and " + plural(int64(n), "more sync") + " | | |\n" }
	return text + m.listed(rows, room*2/3, more) + "\n" + m.besides(c, room/3)
}

// besides lists what else differs between the configurations.
func (m *markdown) besides(c *plan.Comparison, room int) string {
	if len(c.Besides) == 0 {
		return ""
	}
	var lines []string
	for i := range c.Besides {
		lines = append(lines, "- "+inCode(short(c.Besides[i].Address))+": "+inCode(short(differenceText(&c.Besides[i])))+"\n")
	}
	return "⚠️ **What else differs**\n\n" + m.listed(lines, room, moreLines("difference")) + "\n"
}

// compared shows, folded, the operations that one configuration alone plans.
func (m *markdown) compared(room int) string {
	c := m.p.Comparison
	if c == nil || len(c.Syncs) == 0 {
		return ""
	}
	var out strings.Builder
	shown, left := 0, room
	syncs := comparedSyncs(c)
	for i, s := range syncs {
		block := m.newBlock("<details><summary>Effect on "+htmlCode(short(s.Sync))+"</summary>", "diff", max(left/(len(syncs)-i), min(1500, left)))
		for _, part := range comparedParts(s) {
			var seen int64
			if !block.add("# " + part.title + ": " + part.counts.toDo()) {
				m.left = true
				break
			}
			for i := range part.excerpt {
				if !block.add(m.changeLines(&part.excerpt[i])...) {
					break
				}
				seen++
			}
			if rest := part.counts.sum() - seen; rest > 0 {
				m.left = true
				block.last("# (" + plural(rest, "more operation") + " not shown)")
			}
		}
		if text := block.text(); text != "" {
			left -= m.size(text)
			out.WriteString(text)
			shown++
		}
	}
	m.left = m.left || shown < len(syncs)
	return out.String()
}

// diffs shows, folded, the operations of each sync.
func (m *markdown) diffs(room int) (string, error) {
	syncs := deletionsFirst(m.p)
	var out strings.Builder
	left := room
	for i, s := range syncs {
		m.operations += s.Total()
		summary := "<details><summary>" + htmlCode(short(s.Sync)) + ": " + counts(s.Counts).toDo() + "</summary>"
		block := m.newBlock(summary, "diff", max(left/(len(syncs)-i), min(1500, left)))
		if !block.add("# " + s.Source + " → " + s.Destination + ", table " + s.Table) {
			m.unseen += s.Total()
			continue
		}
		for _, hook := range s.Hooks {
			block.add("# " + hook.When + " runs: " + short(hook.SQL))
		}
		var shown int64
		err := m.changes(s, func(c *plan.Change) error {
			if !block.add(m.changeLines(c)...) {
				return io.EOF
			}
			shown++
			return nil
		})
		if err = stopped(err); err != nil {
			return "", err
		}
		if rest := s.Total() - shown; rest > 0 {
			block.last("# (" + plural(rest, "more operation") + " not shown)")
		}
		m.unseen += s.Total() - shown
		if shown > 0 {
			text := block.text()
			left -= m.size(text)
			out.WriteString(text)
		}
	}
	return out.String(), nil
}

// changeLines are an operation as lines of a diff, each with the operation's mark.
func (m *markdown) changeLines(c *plan.Change) []string {
	mark := fencedMark(symbols[c.Operation])
	what := keyText(c.Key)
	if c.Operation == config.Rename {
		what += " to " + keyText(newKey(c))
	}
	lines := []string{mark + " " + string(c.Operation) + " " + what}
	for _, column := range c.Columns {
		if column.Changed {
			lines = append(lines, mark+"     "+OneLine(column.Column)+" = "+m.plain.valuesText(&column))
		}
	}
	return lines
}

// valuesText shows what a column is, or what it was and becomes.
func (v *View) valuesText(c *plan.ColumnChange) string {
	switch {
	case c.Before == nil:
		return cellText(c.After) + v.lookedUp(c.After)
	case c.After == nil:
		return cellText(c.Before) + v.lookedUp(c.Before)
	default:
		before, after := pairText(c.Before, c.After)
		return before + " -> " + after + v.lookedUpPair(c.Before, c.After)
	}
}

// findings shows, folded, what was found.
func (m *markdown) findings(room int) (string, error) {
	const most = 20 // of each kind
	var groups [][]string
	for _, d := range m.o.Warnings {
		where := ""
		if d.Subject.File != "" {
			where = d.Subject.String() + ": "
		}
		groups = append(groups, []string{"# " + string(d.Severity) + ": " + where + short(d.Summary), "    " + short(d.Detail)})
	}
	checks := allChecks(m.p)
	for i := range checks {
		c := &checks[i]
		if c.Findings == 0 {
			continue
		}
		group := []string{fmt.Sprintf("# %s: %s, %s", c.Check, c.Severity, plural(c.Findings, "finding"))}
		for j := range c.Notices {
			group = append(group, "    "+short(noticeText(&c.Notices[j])))
		}
		if rest := c.Findings - int64(len(c.Notices)); rest > 0 {
			group = append(group, fmt.Sprintf("    (%d more not shown)", rest))
		}
		groups = append(groups, group)
	}
	for i := range m.p.Destinations {
		for j := range m.p.Destinations[i].Syncs {
			s := &m.p.Destinations[i].Syncs[j]
			for _, kind := range plan.Noticed(s) {
				lines, rest, err := findingLines(s, kind, m.o.Notices, most)
				if err != nil {
					return "", err
				}
				group := []string{"# " + s.Sync + ": " + findingText(kind, plan.Findings(s, kind))}
				for _, line := range lines {
					group = append(group, "    "+short(line))
				}
				if rest > 0 {
					group = append(group, fmt.Sprintf("    (%d more not shown)", rest))
				}
				groups = append(groups, group)
			}
		}
	}
	block := m.newBlock("<details><summary>Findings</summary>", "text", room)
	for i, group := range groups {
		// A finding begins with a mark, too: nothing of theirs begins a line.
		for k, line := range group {
			group[k] = "# " + strings.TrimPrefix(line, "# ")
		}
		if !block.add(group...) && !block.add(group[0]) {
			m.left = true
			block.last("# (" + plural(int64(len(groups)-i), "more group") + " of findings not shown)")
			break
		}
	}
	return block.text(), nil
}

// identity names the plan and what it was made of.
func (m *markdown) identity() string {
	const most = 5
	p := m.p
	var out strings.Builder
	line := func(name, text string) { out.WriteString("- " + name + ": " + inCode(short(text)) + "\n") }
	out.WriteString("<details><summary>Identity of the plan</summary>\n\n")
	line("plan", p.ID)
	line("made", moment(p.CreatedOn)+" by "+p.CreatedBy)
	line("expires", moment(p.ExpiresOn))
	line("configuration", p.ConfigDigest)
	if p.GitCommit != "" {
		line("commit", p.GitCommit)
	}
	for i := range p.Destinations {
		if i == most {
			out.WriteString("- … and " + plural(int64(len(p.Destinations)-most), "more destination") + "\n")
			break
		}
		d := &p.Destinations[i]
		out.WriteString("- " + inCode(short(d.Address)) + ": " + inCode(short(d.Database)) + ", operations " + inCode(short(d.Digest)) + "\n")
	}
	out.WriteString("\n</details>\n")
	return out.String()
}

// cut says what the document leaves out, and where it is.
func (m *markdown) cut(link string, shown, all int64, more bool) string {
	text := fmt.Sprintf("✂️ **Cut:** %s of %s operations are shown here", grouped(shown), grouped(all))
	if more {
		text += "; lists are cut, too, and say how much is missing"
	}
	text += ". "
	if link != "" {
		text += "[The whole plan](" + strings.ReplaceAll(link, "&", "&amp;") + "). "
	}
	return text + "All of it: " + inCode("registrar show --all "+short(m.p.ID)) + "\n\n"
}

// block is a folded, fenced block of which no part is left open.
type block struct {
	size       func(string) int
	open, shut string
	body       strings.Builder
	room       int
}

// forLast is kept for the lines, at most two, that say what is not shown.
const forLast = 160

func (m *markdown) newBlock(summary, language string, room int) *block {
	b := &block{size: m.size, open: summary + "\n\n```" + language + "\n", shut: "```\n\n</details>\n\n"}
	b.room = room - m.size(b.open) - m.size(b.shut) - forLast
	return b
}

// add adds all of the lines, or, where there is no room for them, none.
func (b *block) add(lines ...string) bool {
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(inFence(line) + "\n")
	}
	n := b.size(text.String())
	if n > b.room {
		return false
	}
	b.room -= n
	b.body.WriteString(text.String())
	return true
}

// last adds a line of ours for which there always is room, of at most 80 characters.
func (b *block) last(line string) {
	if b.body.Len() > 0 {
		b.body.WriteString(line + "\n")
	}
}

// text is "" where nothing was added.
func (b *block) text() string {
	if b.body.Len() == 0 {
		return ""
	}
	return b.open + b.body.String() + b.shut
}

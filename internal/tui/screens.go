package tui

import (
	"fmt"

	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// screenLines are those of a screen of text, wrapped to the width.
func (m *Model) screenLines() []line {
	var text []line
	indent := 4
	switch m.screen {
	case detailScreen:
		text, indent = m.details(), 6
	case planScreen:
		for _, one := range m.Words.Summary(m.Plan) {
			text = append(text, textLine(plain, one))
		}
		if m.Cut != "" {
			text = append(text, nil, textLine(warns, "Cut: "+m.Words.Name(m.Cut)))
		}
	case helpScreen:
		text, indent = help(), helpWidth
	case noScreen, menuScreen:
	}
	var lines []line
	for _, l := range text {
		// Values are shown as they are.
		lines = append(lines, l.wrap(m.size.Width, indent, m.screen != detailScreen)...)
	}
	return lines
}

// details are of the selected row.
func (m *Model) details() []line {
	list := m.list()
	if list == nil {
		var lines []line
		for _, text := range m.Words.Sync(m.summaries[m.syncs.at]) {
			lines = append(lines, textLine(plain, text))
		}
		return lines
	}
	it, held := list.item(list.at)
	switch {
	case !held:
		return []line{textLine(faint, waiting)}
	case it.change != nil:
		return m.changeDetails(it.change)
	case it.notice != nil:
		return m.noticeDetails(it.notice)
	}
	return []line{textLine(faint, gone)}
}

func (m *Model) changeDetails(c *plan.Change) []line {
	lines := []line{
		{{styleOf(c.Operation), m.Words.Symbol(c.Operation) + " " + string(c.Operation) + " "}, {strong, m.Words.Key(c)}},
		textLine(faint, "  "+m.Words.Name(c.Sync)+", table "+m.Words.Name(m.tableOf(c.Sync))),
	}
	for i := range c.Columns {
		lines = append(lines, m.columnLine(&c.Columns[i]))
	}
	return lines
}

func (m *Model) tableOf(sync string) string {
	for _, s := range m.summaries {
		if s.Sync == sync {
			return s.Table
		}
	}
	return ""
}

// columnLine is a column in details: those that stay as they are, too.
func (m *Model) columnLine(c *plan.ColumnChange) line {
	before, after, lookedUp := m.Words.Values(c)
	name := m.Words.Name(c.Column)
	var l line
	switch {
	case c.Before == nil:
		l = line{{adds, "  + "}, {plain, name + " = " + after}}
	case c.After == nil:
		l = line{{removes, "  - "}, {plain, name + " = " + before}}
	case c.Changed:
		l = line{{changes, "  ~ "}, {plain, name + " = " + before}, {changes, " -> "}, {plain, after}}
	default:
		l = line{{faint, "    " + name + " = " + before}}
	}
	if lookedUp != "" {
		l = append(l, span{faint, "  " + lookedUp})
	}
	return l
}

func (m *Model) noticeDetails(n *plan.Notice) []line {
	lines := []line{
		{{kindStyle(n), string(n.Kind) + " "}, {strong, m.Words.NoticeKey(n)}},
		textLine(faint, "  "+m.Words.Name(n.Sync)),
	}
	if n.Severity != "" {
		lines = append(lines, textLine(plain, "  "+m.Words.Name(string(n.Severity)+" "+n.Code)))
	}
	if n.Operation != "" {
		lines = append(lines, textLine(plain, "  not done: "+m.Words.Name(string(n.Operation))))
	}
	if n.Kind == register.Renamed && n.Message == "" {
		return append(lines, textLine(faint, "  (the block is not shown: the key is sensitive)"))
	}
	for _, text := range m.Words.Text(n.Message) {
		lines = append(lines, textLine(plain, "  "+text))
	}
	if n.Detail != "" {
		lines = append(lines, textLine(plain, "  "+m.Words.Name(n.Detail)))
	}
	return lines
}

// helpWidth is that of the keys, in columns.
const helpWidth = 14

func help() []line {
	var lines []line
	for _, one := range [][2]string{
		{"↑ ↓ k j", "a row up, down"},
		{"PgUp PgDn", "a page up, down; also b, Ctrl-F"},
		{"Home End g G", "the first, the last row"},
		{"Enter Space", "the row with all its columns; of a sync Enter shows its operations"},
		{"← → h l", "in details the row before, after; in a list as Tab"},
		{"Tab Shift-Tab", "operations, findings, syncs"},
		{"/", "search; capitals count if there are any"},
		{"n N", "the next match, the one before"},
		{"f", "filter by what is done: deletions only, …"},
		{"s", "filter by sync"},
		{"p", "the plan: its head and summary"},
		{"r", "read again, after an error"},
		{"Esc", "back: from a screen, a search, a filter"},
		{"? q Ctrl-C", "help, the end"},
	} {
		lines = append(lines, line{{strong, padded(one[0], helpWidth)}, {plain, one[1]}})
	}
	return append(lines, nil, textLine(faint, fmt.Sprintf("A search remembers the first %d matches.", maxMatches)),
		textLine(faint, "Nothing is changed from here: that is for registrar apply."))
}

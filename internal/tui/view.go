package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// headlines are what nobody must miss, the most important first.
func (m *Model) headlines() []line {
	var lines []line
	for _, text := range m.Words.Holds(m.Plan) {
		lines = append(lines, textLine(removes, "! "+text))
	}
	for _, text := range m.Words.Deletions(m.Plan) {
		lines = append(lines, textLine(removes, text))
	}
	if m.Cut != "" {
		lines = append(lines, textLine(warns, "Cut: "+m.Words.Name(m.Cut)))
	}
	lines = append(lines, textLine(strong, m.Words.Total(m.Plan)))
	return lines
}

// headHeight is how many lines stand above the tabs.
func (m *Model) headHeight() int {
	if m.size.Height < 5 {
		return 0
	}
	return min(max(1, m.size.Height/5), 6, 1+len(m.headline))
}

// rows is how many lines a list, or a screen in its place, has.
func (m *Model) rows() int {
	others := m.headHeight() + 2 // the tabs and the last line
	if m.size.Height < 5 {
		others = 1
	}
	return max(1, m.size.Height-others)
}

// View returns the lines of the screen, each no wider than it is; no more than it has.
func (m *Model) View() []string {
	if m.size.Width < 1 || m.size.Height < 1 {
		return nil
	}
	var out []string
	put := func(l line, selected bool) { out = append(out, l.draw(&m.Theme, m.size.Width, selected)) }
	for _, l := range m.head() {
		put(l, false)
	}
	if m.size.Height >= 5 {
		put(m.tabLine(), false)
	}
	rows := m.rows()
	lines, selected := m.body(rows)
	for i := range rows {
		if i < len(lines) {
			put(lines[i], i == selected)
		} else {
			put(nil, false)
		}
	}
	put(m.lastLine(), false)
	return out[max(0, len(out)-m.size.Height):]
}

// head is the title and as many headlines as there is room for.
func (m *Model) head() []line {
	height := m.headHeight()
	if height == 0 {
		return nil
	}
	lines := []line{textLine(strong, m.Words.Title(m.Plan))}
	if height == 1 {
		lines = nil
	}
	for i, l := range m.headline {
		if len(lines) == height {
			break
		}
		if rest := len(m.headline) - i - 1; rest > 0 && len(lines) == height-1 {
			l = append(line{{faint, fmt.Sprintf("(p: %d more) ", rest)}}, l...)
		}
		lines = append(lines, l)
	}
	return lines
}

func (m *Model) tabLine() line {
	var l line
	for t, name := range []string{
		fmt.Sprintf("Operations %d", m.operations.count), fmt.Sprintf("Findings %d", m.findings.count), fmt.Sprintf("Syncs %d", m.syncs.count),
	} {
		if tab(t) == m.tab {
			l = append(l, span{strong, "[" + name + "]"})
		} else {
			l = append(l, span{faint, " " + name + " "})
		}
	}
	return l
}

// body is what stands between the tabs and the last line; selected is -1 where no line of it is.
func (m *Model) body(height int) (lines []line, selected int) {
	switch m.screen {
	case menuScreen:
		return m.menuLines(height)
	case detailScreen, planScreen, helpScreen:
		all := m.screenLines()
		m.text.count = int64(len(all))
		m.text.top = max(0, min(m.text.top, m.text.count-int64(height)))
		return all[m.text.top:min(m.text.top+int64(height), m.text.count)], -1
	case noScreen:
	}
	c := m.cursor()
	if c.count == 0 {
		return []line{textLine(faint, m.empty())}, -1
	}
	for i := c.top; i < c.count && i < c.top+int64(height); i++ {
		lines = append(lines, m.row(i, i == c.at))
	}
	return lines, int(c.at - c.top)
}

func (m *Model) empty() string {
	l := m.list()
	switch {
	case l != nil && len(l.all) > 0:
		return "Nothing of that kind. Esc shows all."
	case m.tab == operationsTab:
		return "No operations."
	case m.tab == findingsTab:
		return "No findings."
	}
	return "No syncs."
}

// lastLine says where one is.
func (m *Model) lastLine() line {
	if m.typing {
		// Of a long text its end is seen.
		text := "/" + harmless(m.typed) + "_"
		return textLine(strong, ansi.TruncateLeft(text, max(0, ansi.StringWidth(text)-m.size.Width), ""))
	}
	const help = " ?: help"
	left := m.status()
	room := m.size.Width - len(help)
	if room < 8 {
		return left
	}
	left = left.cut(room)
	width := 0
	for _, s := range left {
		width += ansi.StringWidth(s.text)
	}
	return append(left, span{faint, strings.Repeat(" ", max(0, room-width)) + help})
}

func (m *Model) status() line {
	if m.screen != noScreen && m.screen != detailScreen {
		return textLine(faint, "Esc: back")
	}
	c, l := m.cursor(), m.list()
	if l != nil && l.failed != nil {
		return textLine(removes, "Not read (r: try again): "+m.Words.Name(strings.ReplaceAll(l.failed.Error(), "\n", " ")))
	}
	out := textLine(strong, fmt.Sprintf("%d of %d", min(c.at+1, c.count), c.count))
	if l == nil {
		return out
	}
	if l.loading {
		out = append(out, span{plain, " | reading…"})
	}
	if s := &l.search; s.query != "" {
		out = append(out, span{changes, " | " + m.searchText(l)})
	}
	if l.kinds != nil {
		out = append(out, span{changes, " | only " + strings.Join(l.kinds, ", ")})
	}
	if s := l.segmentOf(c.at); s != nil {
		out = append(out, span{faint, " | " + m.Words.Name(label(s.owner))})
	}
	return out
}

func (m *Model) searchText(l *list) string {
	s := &l.search
	text := fmt.Sprintf("/%s: ", m.Words.Name(s.query))
	switch n := len(s.matches); {
	case s.cut:
		text += fmt.Sprintf("the first %d matches", n)
	case n == 1:
		text += "1 match"
	default:
		text += fmt.Sprintf("%d matches", n)
	}
	switch {
	case s.running:
		text += fmt.Sprintf(" so far, %d %% (Esc: stop)", s.scanned*100/max(1, l.count))
	case s.failed != nil:
		text += ", then: " + m.Words.Name(s.failed.Error())
	}
	return text
}

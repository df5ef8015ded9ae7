package tui

import (
	"fmt"
	"slices"
	"strings"
)

// choice is a line of a menu.
type choice struct {
	text string
	pick func()
}

// menu is a list of filters to choose from.
type menu struct {
	title   string
	choices []choice
	cursor
}

func (m *Model) openMenu(title string, chosen int, choices []choice) {
	m.menu = menu{title: title, choices: choices}
	m.menu.count = int64(len(choices))
	m.menu.at = int64(max(chosen, 0))
	m.screen = menuScreen
}

// openSyncMenu asks which sync to show.
func (m *Model) openSyncMenu() {
	choices := []choice{{"all", func() { m.filterSync("") }}}
	chosen := 0
	seen := map[string]bool{}
	for _, s := range slices.Concat(m.operations.all, m.findings.all) {
		if seen[s.owner] {
			continue
		}
		seen[s.owner] = true
		if s.owner == m.sync {
			chosen = len(choices)
		}
		choices = append(choices, choice{s.owner, func() { m.filterSync(s.owner) }})
	}
	m.openMenu("Show the sync", chosen, choices)
}

// openKindMenu asks which operations, or findings, to show.
func (m *Model) openKindMenu() {
	l := m.list()
	counts := map[string]int64{}
	var kinds []string
	for _, s := range l.all {
		if m.sync != "" && s.owner != m.sync {
			continue
		}
		if counts[s.kind] == 0 {
			kinds = append(kinds, s.kind)
		}
		counts[s.kind] += s.count
	}
	set := func(kinds []string) func() {
		return func() {
			l.kinds = kinds
			l.restrict(m.sync)
		}
	}
	choices := []choice{{"all", set(nil)}}
	chosen := 0
	add := func(text string, kinds []string) {
		if slices.Equal(kinds, l.kinds) {
			chosen = len(choices)
		}
		choices = append(choices, choice{text, set(kinds)})
	}
	title := "Show the findings"
	if !l.findings {
		title = "Show the operations"
		all, n := removing(), int64(0)
		for _, kind := range all {
			n += counts[kind]
		}
		add(fmt.Sprintf("deletions: %s (%d)", strings.Join(all, ", "), n), all)
	}
	for _, kind := range kinds {
		add(fmt.Sprintf("%s (%d)", kind, counts[kind]), []string{kind})
	}
	m.openMenu(title, chosen, choices)
}

func (m *Model) menuKey(k Key) {
	switch k.Name {
	case "esc", "left", "h", "backspace":
		m.screen = noScreen
	case "enter", " ":
		m.screen = noScreen
		m.menu.choices[m.menu.at].pick()
	default:
		m.menu.step(k.Name, m.rows())
	}
}

func (m *Model) menuLines(height int) (lines []line, selected int) {
	m.menu.show(height - 1)
	lines = append(lines, textLine(strong, m.menu.title))
	for i := m.menu.top; i < m.menu.count && i < m.menu.top+int64(height-1); i++ {
		marker := "  "
		if i == m.menu.at {
			marker, selected = "> ", len(lines)
		}
		lines = append(lines, line{{plain, marker + m.Words.Name(m.menu.choices[i].text)}})
	}
	return lines, selected
}

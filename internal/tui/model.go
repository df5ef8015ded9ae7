package tui

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/registrar-sync/registrar/register"
)

var errEnough = errors.New("there are more matches than are remembered")

// Size is the terminal's, in columns and lines.
type Size struct{ Width, Height int }

// tab is one of the lists.
type tab int

const (
	operationsTab tab = iota
	findingsTab
	syncsTab
	tabs
)

// screen is what stands in place of a list.
type screen int

const (
	noScreen screen = iota
	detailScreen
	planScreen
	helpScreen
	menuScreen
)

// Model is what the terminal shows. It is for one goroutine.
type Model struct {
	Review
	ctx        context.Context // of what reads
	size       Size
	tab        tab
	operations list
	findings   list
	summaries  []*register.SyncSummary
	syncs      cursor
	sync       string // the filter; "": all
	screen     screen
	text       cursor // of a screen that is scrolled
	menu       menu
	typing     bool // the text that is searched for
	typed      string
	quit       bool
	headline   []line // most important first
	labelWidth int    // of the longest address, in columns
}

// NewModel returns a Model of a size of nothing, which shows nothing, and the first that there is to be done.
func NewModel(ctx context.Context, r Review) *Model {
	m := &Model{Review: r, ctx: ctx}
	m.operations.all = operationSegments(r.Plan, r.Source)
	m.findings.all, m.findings.findings = findingSegments(r.Plan, r.Source), true
	eachSync(r.Plan, func(s *register.SyncSummary) {
		m.summaries = append(m.summaries, s)
	})
	m.syncs.count = int64(len(m.summaries))
	for _, s := range slices.Concat(m.operations.all, m.findings.all) {
		m.labelWidth = min(maxLabel, max(m.labelWidth, ansi.StringWidth(label(s.owner))))
	}
	m.headline = m.headlines()
	m.operations.restrict("")
	m.findings.restrict("")
	return m
}

// Done reports whether who looks has had enough.
func (m *Model) Done() bool { return m.quit }

// list is the tab's; nil for that of the syncs.
func (m *Model) list() *list {
	switch m.tab {
	case operationsTab:
		return &m.operations
	case findingsTab:
		return &m.findings
	case syncsTab, tabs:
	}
	return nil
}

// Update takes an event: a Key, a Size or what a Command sends. It returns what is to be done beside.
func (m *Model) Update(event any) []Command {
	var commands []Command
	switch e := event.(type) {
	case Size:
		m.size = e
	case loaded:
		e.list.take(e)
	case searched:
		e.list.takeSearch(e)
	case Key:
		commands = m.press(e)
	}
	m.syncs.show(m.rows())
	if l := m.list(); l != nil {
		l.show(m.rows())
		if load := l.load(m.ctx, m.Source, m.rows()); load != nil {
			commands = append(commands, load)
		}
	}
	return slices.DeleteFunc(commands, func(c Command) bool { return c == nil })
}

func (m *Model) press(k Key) []Command {
	switch {
	case k.Name == "ctrl+c":
		m.quit = true
	case m.typing:
		return m.typeKey(k)
	case k.Name == "q":
		m.quit = true
	case m.screen == menuScreen:
		m.menuKey(k)
	case k.Name == "?":
		m.open(helpScreen)
	case k.Name == "p":
		m.open(planScreen)
	case m.screen != noScreen:
		m.screenKey(k)
	default:
		return m.listKey(k)
	}
	return nil
}

func (m *Model) open(s screen) {
	if m.screen == s {
		s = noScreen // as a switch
	}
	m.screen, m.text = s, cursor{}
}

// screenKey is for a screen of text.
func (m *Model) screenKey(k Key) {
	if m.screen == detailScreen {
		switch k.Name {
		case "left", "h", "right", "l":
			by := int64(1)
			if k.Name == "left" || k.Name == "h" {
				by = -1
			}
			c := m.cursor()
			c.move(c.at + by)
			m.text = cursor{}
			return
		}
	}
	switch k.Name {
	case "esc", "enter", "backspace":
		m.screen = noScreen
	case " ":
		m.text.scroll("pgdown", m.rows())
	default:
		m.text.count = int64(len(m.screenLines()))
		m.text.scroll(k.Name, m.rows())
	}
}

// cursor is that of the tab.
func (m *Model) cursor() *cursor {
	if l := m.list(); l != nil {
		return &l.cursor
	}
	return &m.syncs
}

func (m *Model) listKey(k Key) []Command {
	l := m.list()
	if m.cursor().step(k.Name, m.rows()) {
		return nil
	}
	switch k.Name {
	case "tab", "right", "l":
		m.tab = (m.tab + 1) % tabs
	case "shift+tab", "left", "h":
		m.tab = (m.tab + tabs - 1) % tabs
	case "enter", " ":
		switch {
		case m.cursor().count == 0:
		case l == nil && k.Name == "enter":
			m.filterSync(m.summaries[m.syncs.at].Sync)
			m.tab = operationsTab
		default:
			m.open(detailScreen)
		}
	case "s":
		m.openSyncMenu()
	case "esc":
		m.back()
	}
	if l == nil {
		return nil
	}
	switch k.Name {
	case "/":
		m.typing, m.typed = true, ""
	case "n":
		l.next(true)
	case "N":
		l.next(false)
	case "f":
		m.openKindMenu()
	case "r":
		l.failed = nil
	}
	return nil
}

// back undoes one thing: the search, then the filters.
func (m *Model) back() {
	l := m.list()
	switch {
	case l != nil && l.search.query != "":
		l.search.stop()
		l.search = search{generation: l.search.generation}
	case l != nil && l.kinds != nil:
		l.kinds = nil
		l.restrict(m.sync)
	case m.sync != "":
		m.filterSync("")
	}
}

func (m *Model) typeKey(k Key) []Command {
	switch {
	case k.Name == "esc" || k.Name == "backspace" && m.typed == "":
		m.typing = false
	case k.Name == "enter":
		m.typing = false
		return []Command{m.list().find(m.ctx, m.Source, m.typed)}
	case k.Name == "backspace":
		runes := []rune(m.typed)
		m.typed = string(runes[:len(runes)-1])
	case k.Name == "ctrl+u":
		m.typed = ""
	case k.Rune != 0 && len(m.typed) < maxText:
		m.typed += string(k.Rune)
	}
	return nil
}

func (m *Model) filterSync(sync string) {
	m.sync = sync
	m.operations.restrict(sync)
	m.findings.restrict(sync)
}

// removing are the kinds of operations that remove rows.
func removing() []string {
	var kinds []string
	for _, operation := range register.DisplayOrder() {
		if operation.Removes() {
			kinds = append(kinds, string(operation))
		}
	}
	return kinds
}

// maxLabel bounds the columns that a list gives to an address.
const maxLabel = 24

// label is an address as short as it can be.
func label(address string) string { return strings.TrimPrefix(address, "sync.") }

package tui

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/registrar-sync/registrar/plan"
)

// maxMatches bounds the matches that are remembered: those behind are not found.
const maxMatches = 10_000

// searchStep is how many rows are read between two reports.
const searchStep = 2000

// search is a search through a list, which goes on beside.
type search struct {
	query   string // "": none
	matches []int64
	scanned int64
	// running, and cut: there are more than maxMatches.
	running, cut bool
	jumped       bool // to the first match
	origin       int64
	generation   int
	cancel       context.CancelFunc
	failed       error
}

func (s *search) stop() {
	if s.cancel != nil {
		s.cancel()
	}
	s.cancel, s.running = nil, false
}

// searched reports how far a search has come.
type searched struct {
	list       *list
	generation int
	matches    []int64
	scanned    int64
	done, cut  bool
	err        error
}

// find returns what searches the list's rows, from the first one.
func (l *list) find(ctx context.Context, source Source, query string) Command {
	l.search.stop()
	generation := l.search.generation + 1
	l.search = search{query: query, generation: generation, origin: l.at}
	if query == "" || l.count == 0 {
		return nil
	}
	ctx, l.search.cancel = context.WithCancel(ctx)
	l.search.running = true
	shown, count := l.shown, l.count
	matches := matcher(query)
	return func(send func(any)) {
		report := searched{list: l, generation: generation}
		total := 0
		tell := func() {
			send(report)
			report.matches = nil
		}
		report.err = read(ctx, source, shown, 0, count, func(row int64, it item) error {
			report.scanned = row + 1
			if it.contains(matches) {
				if total == maxMatches {
					report.cut = true
					return errEnough
				}
				total++
				report.matches = append(report.matches, row)
			}
			if report.scanned%searchStep == 0 || total == 1 && len(report.matches) == 1 {
				tell()
			}
			return ctx.Err()
		})
		report.done = true
		tell()
	}
}

// takeSearch remembers what was found, and selects the first match behind where the search began.
func (l *list) takeSearch(m searched) {
	s := &l.search
	if m.generation != s.generation || !s.running {
		return
	}
	s.matches = append(s.matches, m.matches...)
	s.scanned, s.cut = m.scanned, m.cut
	if m.done {
		s.stop()
		if !m.cut {
			s.failed = m.err
		}
	}
	if s.jumped {
		return
	}
	i, _ := slices.BinarySearch(s.matches, s.origin)
	switch {
	case i < len(s.matches):
		l.move(s.matches[i])
		s.jumped = true
	case m.done && len(s.matches) > 0:
		l.move(s.matches[0])
		s.jumped = true
	}
}

// next selects the match after the selected row, or before; behind the last comes the first.
func (l *list) next(forward bool) {
	matches := l.search.matches
	if len(matches) == 0 {
		return
	}
	l.search.jumped = true
	i, there := slices.BinarySearch(matches, l.at)
	switch {
	case forward && there:
		i++
	case !forward:
		i--
	}
	l.move(matches[(i+len(matches))%len(matches)])
}

// matcher returns what looks for a text. Where that has no capitals they do not count.
func matcher(query string) func(text string) bool {
	if strings.ContainsFunc(query, unicode.IsUpper) {
		return func(text string) bool { return strings.Contains(text, query) }
	}
	return func(text string) bool { return strings.Contains(strings.ToLower(text), query) }
}

// contains reports whether anything that is shown of the row matches, long values as a whole.
func (it item) contains(matches func(string) bool) bool {
	switch {
	case it.change != nil:
		c := it.change
		if matches(string(c.Operation)) || slices.ContainsFunc(c.Key, func(k plan.Cell) bool { return cellContains(&k, matches) }) {
			return true
		}
		for i := range c.Columns {
			column := &c.Columns[i]
			if matches(column.Column) || cellContains(column.Before, matches) || cellContains(column.After, matches) {
				return true
			}
		}
	case it.notice != nil:
		n := it.notice
		return matches(string(n.Kind)) || matches(n.Message) || matches(n.Detail) || matches(n.Code) ||
			slices.ContainsFunc(n.Key, func(k plan.Cell) bool { return cellContains(&k, matches) })
	}
	return false
}

func cellContains(c *plan.Cell, matches func(string) bool) bool {
	if c == nil {
		return false
	}
	if c.Sensitive {
		return matches(c.Pseudonym)
	}
	return !c.Null && matches(c.Text) || slices.ContainsFunc(c.Keys, func(k plan.Cell) bool { return cellContains(&k, matches) })
}

package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// How much of a list is held: the page that is looked at, and its neighbours.
const (
	pageSize   = 500
	windowSize = 3 * pageSize
	// ahead is how many rows beyond the screen are read before they are looked at.
	ahead = 100
	// maxText and maxCommon bound the characters of a value that are held, of one that differs from another only far from its
	// beginning.
	maxText   = 500
	maxCommon = 2000
)

// item is a row of a list: an operation or a finding. Neither: the register had it when the plan was made, and has it no
// longer.
type item struct {
	change *plan.Change
	notice *plan.Notice
}

// segment is a part of a list: the operations of one sync that do the same, or its findings of one kind.
type segment struct {
	owner string // the address of a sync, or of a check
	kind  string // an operation's, or a finding's
	sync  *register.SyncSummary
	from  int64 // where it begins among those that the source has of the sync
	count int64
	// notices are a check's: the plan has them.
	notices []plan.Notice
}

// list is what a tab shows. Of its rows only those near the selected one are held.
type list struct {
	all, shown []segment
	findings   bool
	kinds      []string // of segments that are shown; nil: all
	cursor
	window struct {
		from  int64
		items []item
	}
	search search
	// generation counts what was asked for, so that what comes late is known.
	generation int
	loading    bool // the rows from asked on
	asked      int64
	cancel     context.CancelFunc
	failed     error
}

// operationSegments lists a plan's operations, sync by sync, those that remove rows first.
func operationSegments(p *plan.Plan, source Source) []segment {
	var all []segment
	eachSync(p, func(s *register.SyncSummary) {
		counts, from := source.Counts(s), int64(0)
		for _, operation := range register.DisplayOrder() {
			if n := counts[operation]; n > 0 {
				all = append(all, segment{owner: s.Sync, kind: string(operation), sync: s, from: from, count: n})
				from += n
			}
		}
	})
	return all
}

// findingSegments lists a plan's findings, those of its checks at the end.
func findingSegments(p *plan.Plan, source Source) []segment {
	var all []segment
	eachSync(p, func(s *register.SyncSummary) {
		for _, kind := range plan.Noticed(s) {
			if n := source.Found(s, kind); n > 0 {
				all = append(all, segment{owner: s.Sync, kind: string(kind), sync: s, count: n})
			}
		}
	})
	for i := range p.Destinations {
		for _, c := range p.Destinations[i].Checks {
			if len(c.Notices) > 0 {
				all = append(all, segment{owner: c.Check, kind: string(register.Checked), count: int64(len(c.Notices)), notices: c.Notices})
			}
		}
	}
	return all
}

func eachSync(p *plan.Plan, visit func(*register.SyncSummary)) {
	for i := range p.Destinations {
		for j := range p.Destinations[i].Syncs {
			visit(&p.Destinations[i].Syncs[j])
		}
	}
}

// restrict shows what a sync has, "" for all, of the list's kinds.
func (l *list) restrict(sync string) {
	l.stop()
	l.search.stop()
	l.search = search{generation: l.search.generation}
	l.shown = nil
	l.count = 0
	for _, s := range l.all {
		if (sync == "" || s.owner == sync) && (l.kinds == nil || slices.Contains(l.kinds, s.kind)) {
			l.shown = append(l.shown, s)
			l.count += s.count
		}
	}
	l.at, l.top = 0, 0
	l.window.items, l.failed = nil, nil
}

// stop gives up what is being read.
func (l *list) stop() {
	if l.cancel != nil {
		l.cancel()
	}
	l.cancel, l.loading = nil, false
	l.generation++
}

// segmentOf returns the segment of a row, nil where there is none.
func (l *list) segmentOf(row int64) *segment {
	for i := range l.shown {
		if row < l.shown[i].count {
			return &l.shown[i]
		}
		row -= l.shown[i].count
	}
	return nil
}

// item returns a row, and whether it is held.
func (l *list) item(row int64) (item, bool) {
	at := row - l.window.from
	if at < 0 || at >= int64(len(l.window.items)) {
		return item{}, false
	}
	return l.window.items[at], true
}

// loaded is what a Command read.
type loaded struct {
	list       *list
	generation int
	from       int64
	items      []item
	err        error
}

// load returns what reads the rows around the selected one, nil where those are held that may be seen next, or are being read.
func (l *list) load(ctx context.Context, source Source, height int) Command {
	if l.loading && (l.at < l.asked || l.at >= l.asked+windowSize) {
		l.stop() // nobody looks at these any more
	}
	_, from := l.item(max(l.top-ahead, 0))
	_, to := l.item(min(l.top+int64(height)+ahead, l.count) - 1)
	if l.count == 0 || from && to || l.loading || l.failed != nil {
		return nil
	}
	start := max(0, (l.at/pageSize-1)*pageSize)
	end := min(l.count, start+windowSize)
	ctx, l.cancel = context.WithCancel(ctx)
	l.generation++
	l.loading, l.asked = true, start
	answer := loaded{list: l, generation: l.generation, from: start}
	shown := l.shown
	return func(send func(any)) {
		answer.items = make([]item, end-start)
		answer.err = read(ctx, source, shown, start, end, func(row int64, it item) error {
			answer.items[row-start] = it.shortened()
			return nil
		})
		send(answer)
	}
}

// take holds what was read.
func (l *list) take(m loaded) {
	if m.generation != l.generation {
		return
	}
	l.stop()
	if m.err != nil {
		l.failed = m.err
		return
	}
	l.window.from, l.window.items = m.from, m.items
}

// read visits the rows from start to before end. A row that is no longer there is not visited.
func read(ctx context.Context, source Source, segments []segment, start, end int64, visit func(row int64, it item) error) error {
	base := int64(0)
	for i := range segments {
		s := &segments[i]
		from, to := max(start, base), min(end, base+s.count)
		if from < to {
			if err := s.read(ctx, source, from-base, to-from, func(at int64, it item) error { return visit(base+at, it) }); err != nil {
				return fmt.Errorf("%s: %w", s.owner, err)
			}
		}
		base += s.count
	}
	return nil
}

// read visits n rows of a segment.
func (s *segment) read(ctx context.Context, source Source, from, n int64, visit func(at int64, it item) error) error {
	at := from
	next := func(it item) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		at++
		return visit(at-1, it)
	}
	if s.sync == nil {
		for i := from; i < from+n; i++ {
			if err := next(item{notice: &s.notices[i]}); err != nil {
				return err
			}
		}
		return nil
	}
	if _, found := kindOf(s.kind); found {
		return source.Notices(ctx, s.sync, register.FindingKind(s.kind), s.from+from, n, func(one *plan.Notice) error { return next(item{notice: one}) })
	}
	err := source.Changes(ctx, s.sync, s.from+from, n, func(one *plan.Change) error {
		if string(one.Operation) != s.kind {
			return io.EOF // of this kind there are fewer than there were
		}
		return next(item{change: one})
	})
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// kindOf reports whether a segment is of findings.
func kindOf(kind string) (register.FindingKind, bool) {
	return register.FindingKind(kind), !slices.Contains(register.DisplayOrder(), config.Operation(kind))
}

// shortened holds no more of long values than is shown.
func (it item) shortened() item {
	if it.change != nil {
		for i := range it.change.Columns {
			c := &it.change.Columns[i]
			most := maxText
			if c.Before != nil && c.After != nil && c.Changed {
				most = max(maxText, min(commonPrefix(c.Before.Text, c.After.Text)+maxText/2, maxCommon))
			}
			shorten(c.Before, most)
			shorten(c.After, most)
		}
		for i := range it.change.Key {
			shorten(&it.change.Key[i], maxText)
		}
	}
	if it.notice != nil && it.notice.Kind != register.Renamed {
		copied := *it.notice
		copied.Message, _ = firstRunes(copied.Message, maxCommon)
		copied.Detail, _ = firstRunes(copied.Detail, maxCommon)
		it.notice = &copied
	}
	return it
}

func shorten(c *plan.Cell, most int) {
	if c == nil || c.Length > 0 {
		return
	}
	if text, cut := firstRunes(c.Text, most); cut {
		c.Length = utf8.RuneCountInString(c.Text)
		c.Text = string([]byte(text)) // the rest is not kept
	}
	for i := range c.Keys {
		shorten(&c.Keys[i], maxText)
	}
}

// firstRunes returns the first n characters of a text, and whether that leaves any out.
func firstRunes(text string, n int) (string, bool) {
	if len(text) <= n {
		return text, false
	}
	for i := range text {
		if n == 0 {
			return text[:i], true
		}
		n--
	}
	return text, false
}

// commonPrefix counts the octets with which both texts begin, which are no fewer than the characters.
func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

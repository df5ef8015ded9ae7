package cli

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// historyStream are the plans of one destination that may have something, the latest first.
type historyStream struct {
	at      *openedRegister
	matches []register.Match
	next    func() (register.Found, error, bool)
	stop    func()
	head    *register.Found // nil: it is not read yet
	ended   bool
}

// streams begins to read the registers. The streams are to be stopped, also after an error.
func (h *historian) streams(ctx context.Context, opened []*openedRegister) ([]*historyStream, error) {
	var all []*historyStream
	for _, at := range opened {
		search, err := h.searchOf(ctx, at)
		if err != nil {
			return all, at.safe(err)
		}
		if search == nil {
			continue
		}
		s := &historyStream{at: at, matches: search.Matches}
		s.next, s.stop = iter.Pull2(at.Register.History(ctx, at.Conn, search))
		all = append(all, s)
	}
	return all, nil
}

// searchOf is what a destination's register is asked for; nil where it cannot have any.
func (h *historian) searchOf(ctx context.Context, at *openedRegister) (*register.Search, error) {
	o := h.options
	if !o.search.Since.IsZero() {
		oldest, err := at.Register.OldestExecution(ctx, at.Conn)
		if err != nil {
			return nil, err
		}
		switch zone := h.cfg.Settings.Timezone; {
		case oldest.IsZero():
			h.notes = append(h.notes, at.into.Address+": the register holds no applied plan.")
		case oldest.After(o.search.Since):
			h.notes = append(h.notes, fmt.Sprintf("%s: the register holds no applied plan before %s; older ones were pruned, or there were none.", at.into.Address, oldest.In(zone).Format(time.RFC3339)))
		}
	}
	search := o.search
	search.Syncs, search.Column = o.syncs, o.column
	for _, operation := range o.operations {
		search.Operations = append(search.Operations, config.Operation(operation))
	}
	if o.key != "" {
		sought := plan.Sought{Config: h.cfg, Syncs: o.syncs, Key: o.key}
		var err error
		if search.Matches, err = sought.Matches(ctx, at.Opened, at.into); err != nil || len(search.Matches) == 0 {
			return nil, err
		}
	}
	return &search, nil
}

// latest takes the plan that comes next of all streams; the stream is nil where there is none. No more is read than what it takes.
func latest(streams []*historyStream) (*historyStream, *register.Found, error) {
	var first *historyStream
	for _, s := range streams {
		if s.head == nil && !s.ended {
			one, err, more := s.next()
			if err != nil {
				return nil, nil, s.at.safe(err)
			}
			if s.head, s.ended = &one, !more; s.ended {
				s.head = nil
			}
		}
		if s.head != nil && (first == nil || later(s.head, first.head)) {
			first = s
		}
	}
	if first == nil {
		return nil, nil, nil
	}
	found := first.head
	first.head = nil
	return first, found, nil
}

// later reports whether a plan comes before another one.
func later(a, b *register.Found) bool {
	if on := a.On().Compare(b.On()); on != 0 {
		return on > 0
	}
	return a.ID > b.ID
}

// about reports whether the plans are looked for because of a sync.
func (s *historyStream) about(sync string) bool {
	return len(s.matches) == 0 || slices.ContainsFunc(s.matches, func(m register.Match) bool { return len(m.Syncs) == 0 || slices.Contains(m.Syncs, sync) })
}

package register

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
)

// event is an operation or a finding, as far as it tells which row it is about.
type event struct {
	Place

	finding   bool
	operation config.Operation
	// on is when its plan was applied, or made where it was not.
	on, made time.Time
	applied  bool
	// reverts is the plan that its plan undoes.
	reverts string
	// placed: it is known whose it is.
	placed bool
	// key and given, the key that the operation leaves its row, are texts for each list of members; "" where they are not known.
	key, given []string
}

// rekeys reports whether the operation gives its row another key.
func (e *event) rekeys() bool {
	return !e.finding && (e.operation == config.Rename || e.operation == config.Undelete) && !slices.Equal(e.key, e.given)
}

// leaves reports whether its row has its key no more afterwards.
func (e *event) leaves() bool {
	return e.operation == config.Delete || e.operation == config.Purge || e.rekeys()
}

// stay is that a row had a key for some time.
type stay struct {
	key         string // of the first list of members whose texts are known
	from, until time.Time
	ended       bool
}

// life is what was done to one row, whichever keys it had one after the other.
type life struct {
	events []*event
	stays  []*stay
	keys   []string // the latest that are known, for each list of members
	now    []held   // those that it has
	ids    bool     // a text of the first of several lists was known once
	born   bool     // its first operation, which inserted the row, is known
	into   *life    // that it turned out to be
}

// held is a key of a list of members.
type held struct {
	list int
	key  string
}

// self is the life that it is known as now; nil of nil.
func (l *life) self() *life {
	for l != nil && l.into != nil {
		l = l.into
	}
	return l
}

// chronicle follows rows through operations in the order in which they were done. A key is that of the row which has it at
// the time; whoever had it before, or gets it later, is another row.
type chronicle struct {
	has      []map[string]*life  // who has a key, for each list of members
	waiting  map[string][]*event // for who gets the key next: what was planned before the row was there
	removed  map[string][]*life  // by plan
	lives    []*life
	unplaced []*event // nobody can tell whose
}

// follow tells the lives of which the events are.
func follow(events []*event, lists int) *chronicle {
	c := &chronicle{waiting: map[string][]*event{}, removed: map[string][]*life{}}
	for range lists {
		c.has = append(c.has, map[string]*life{})
	}
	slices.SortStableFunc(events, func(a, b *event) int {
		return cmp.Or(a.on.Compare(b.on), a.made.Compare(b.made), cmp.Compare(a.PlanID, b.PlanID), cmp.Compare(a.Seq, b.Seq))
	})
	for len(events) > 0 {
		n := 1
		for n < len(events) && events[n].on.Equal(events[0].on) && events[n].made.Equal(events[0].made) {
			n++
		}
		c.instant(events[:n])
		events = events[n:]
	}
	return c
}

// instant follows the plans of one instant: in the order in which each finds the rows that it is about.
func (c *chronicle) instant(events []*event) {
	var plans [][]*event
	for len(events) > 0 {
		n := 1
		for n < len(events) && events[n].PlanID == events[0].PlanID {
			n++
		}
		plans, events = append(plans, events[:n]), events[n:]
	}
	for len(plans) > 0 {
		next := 0
		if len(plans) > 1 {
			if next = slices.IndexFunc(plans, c.fits); next < 0 {
				next = slices.IndexFunc(plans, func(plan []*event) bool { return !plan[0].applied })
			}
			if next < 0 {
				// No order is any better than another one.
				for _, plan := range plans {
					c.unplaced = append(c.unplaced, plan...)
				}
				return
			}
		}
		c.plan(plans[next])
		plans = slices.Delete(plans, next, next+1)
	}
}

// fits reports whether the rows are there that a plan is about, and those that it inserts are not.
func (c *chronicle) fits(events []*event) bool {
	return !slices.ContainsFunc(events, func(e *event) bool {
		return !e.finding && (c.find(e) == nil) != (e.operation == config.Insert)
	})
}

// plan follows what one plan did, all of which is about the keys that rows had before it.
func (c *chronicle) plan(events []*event) {
	var done []*event
	for _, e := range events {
		switch l := c.find(e); {
		case e.applied && !e.finding:
			done = append(done, e)
		case l != nil:
			l.take(e)
		default:
			for _, name := range named(e.key) {
				c.waiting[name] = append(c.waiting[name], e)
			}
		}
	}
	lives := make([]*life, len(done))
	for i, e := range done {
		if e.operation == config.Insert {
			continue
		}
		if lives[i] = c.find(e); lives[i] == nil {
			lives[i] = c.begin()
		}
		c.hold(lives[i], e.key, e.on)
	}
	for i, e := range done {
		if lives[i] == nil {
			continue
		}
		if lives[i] = lives[i].self(); e.leaves() {
			c.leave(lives[i], e.on)
		}
		if e.operation == config.Delete || e.operation == config.Purge {
			c.removed[e.PlanID] = append(c.removed[e.PlanID], lives[i])
		}
	}
	for i, e := range done {
		if e.operation == config.Insert {
			lives[i] = c.back(e)
		}
		l := lives[i].self()
		if e.operation == config.Insert || e.rekeys() {
			// Whoever had the key had it until now, unknown to the register.
			for list, key := range e.given {
				if other := c.has[list][key]; key != "" && other != nil && other.self() != l {
					c.leave(other.self(), e.on)
				}
			}
			c.hold(l, e.given, e.on)
		}
		l.take(e)
	}
}

func (l *life) take(e *event) {
	if !e.placed {
		l.events, e.placed = append(l.events, e), true
	}
}

// back is the life that an insert begins, or goes on with where it undoes the end of one.
func (c *chronicle) back(e *event) *life {
	for _, l := range c.removed[e.reverts] {
		if e.reverts != "" && slices.ContainsFunc(l.keys, func(key string) bool { return key != "" && slices.Contains(e.key, key) }) {
			return l.self()
		}
	}
	l := c.begin()
	l.born = true
	return l
}

func (c *chronicle) begin() *life {
	l := &life{keys: make([]string, len(c.has))}
	c.lives = append(c.lives, l)
	return l
}

// find returns the life that an event is of, by the keys that rows have now; nil: none has its key.
func (c *chronicle) find(e *event) *life {
	for list, has := range c.has {
		l := has[e.key[list]].self()
		switch {
		case e.key[list] == "" || l == nil:
		case list > 0 && l.ids && e.key[0] != "":
			// Another row's, by its own columns: it went by the same once.
		default:
			return l
		}
	}
	return nil
}

// hold gives a row the keys, from a time on, as far as they are known.
func (c *chronicle) hold(l *life, keys []string, on time.Time) {
	l = l.self()
	for list, key := range keys {
		if key == "" {
			continue
		}
		if list == 0 && len(keys) > 1 {
			l.ids = true
		}
		other := c.has[list][key].self()
		if list > 0 && other != nil && other != l && !other.ids && !(other.born && l.born) {
			other.merge(l)
		}
		if other != l {
			l.now = append(l.now, held{list, key})
		}
		c.has[list][key], l.keys[list] = l, key
	}
	for _, name := range named(keys) {
		for _, e := range c.waiting[name] {
			l.take(e)
		}
		delete(c.waiting, name)
		if !slices.ContainsFunc(l.stays, func(s *stay) bool { return !s.ended && s.key == name }) {
			l.stays = append(l.stays, &stay{key: name, from: on})
		}
	}
}

// merge lets what seemed another row's be of l, which turned out to be the same.
func (l *life) merge(into *life) {
	into.events, into.stays, into.now = append(l.events, into.events...), append(l.stays, into.stays...), append(l.now, into.now...)
	into.born = into.born || l.born
	l.into, l.events, l.stays, l.now = into, nil, nil, nil
}

// leave takes the keys from a row.
func (c *chronicle) leave(l *life, on time.Time) {
	for _, one := range l.now {
		if c.has[one.list][one.key].self() == l {
			delete(c.has[one.list], one.key)
		}
	}
	l.now = nil
	for _, s := range l.stays {
		if !s.ended {
			s.until, s.ended = on, true
		}
	}
}

// that are the lives that a condition names.
func (c *chronicle) that(wanted func(l *life) bool) []*life {
	var found []*life
	for _, l := range c.lives {
		if l.into == nil && wanted(l) {
			found = append(found, l)
		}
	}
	return found
}

// named are the keys that are known, each with its list.
func named(keys []string) []string {
	var all []string
	for list, key := range keys {
		if key != "" {
			all = append(all, fmt.Sprintf("%d %s", list, key))
		}
	}
	return all
}

// tuple is a key as one text; "" where a part is not known.
func tuple(texts []string, known []bool) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		if !known[i] {
			return ""
		}
		quoted[i] = fmt.Sprintf("%q", text)
	}
	return strings.Join(quoted, ",")
}

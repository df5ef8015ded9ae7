package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

// tone is how bad something is.
type tone string

const (
	bad   tone = "bad"
	warn  tone = "warn"
	good  tone = "good"
	plain tone = "plain"
)

// label is what a unit is, in a word or two, by the gravest of its events.
type label struct {
	is    func(u *unit) bool
	words string
	tone  tone
}

func has(e config.Event) func(u *unit) bool {
	return func(u *unit) bool { return slices.Contains(u.Events, e) }
}

// labels begin with the gravest; each unit has the first that fits, and the last fits all.
func labels() []label {
	outcome := func(o run.Outcome) func(u *unit) bool { return func(u *unit) bool { return u.Outcome == o } }
	told := func(e config.Event, o run.Outcome) func(u *unit) bool {
		return func(u *unit) bool {
			return u.Outcome == o && (slices.Contains(u.Events, e) || slices.Contains(u.Events, config.OnEvery))
		}
	}
	return []label{
		{told(config.OnFailure, run.Failed), "failed", bad},
		{told(config.OnHeld, run.Held), "held", warn},
		{told(config.OnHeld, run.Partial), "with deletes held back", warn},
		{has(config.OnRejects), "with rejected records", warn},
		{has(config.OnFindings), "with findings", warn},
		{has(config.OnRecovered), "recovered", good},
		{has(onChange), "with a change to tell of", plain},
		{has(config.OnChanges), "changed", good},
		{outcome(run.Applied), "applied", good},
		{outcome(run.Paused), "paused", plain},
		{outcome(run.Unchanged), "unchanged", good},
		{func(*unit) bool { return true }, "done", plain},
	}
}

// gravity is less for what is worse.
func gravity(u *unit) int {
	return slices.IndexFunc(labels(), func(l label) bool { return l.is(u) })
}

// summarize counts the units by their labels, and lists their names, the gravest first.
func (m *message) summarize() (summary string, names []string) {
	all := labels()
	count := make([]int, len(all))
	byLabel := make([][]string, len(all))
	for i := range m.Units {
		at := gravity(&m.Units[i])
		count[at]++
		byLabel[at] = append(byLabel[at], m.Units[i].Unit)
	}
	var parts []string
	for i, n := range count {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, all[i].words))
			names = append(names, byLabel[i]...)
		}
	}
	return strings.Join(parts, ", "), names
}

// subject is short, and one line whatever the units are called.
func (m *message) subject() string {
	out, more := "[registrar] "+m.Summary, ""
	if n := min(len(m.names), maxNames); n > 0 {
		out += ": " + strings.Join(m.names[:n], ", ")
	}
	if len(m.names) > maxNames {
		more = " …"
	}
	return clean(out, maxSubject, false) + more
}

// The operations, deletions first, as they are named when done and when planned.
var operations = []struct {
	op            config.Operation
	done, planned string
}{
	{config.Delete, "deleted", "to delete"},
	{config.Archive, "archived", "to archive"},
	{config.Purge, "purged", "to purge"},
	{config.Insert, "inserted", "to insert"},
	{config.Update, "updated", "to update"},
	{config.Undelete, "undeleted", "to undelete"},
	{config.Rename, "renamed", "to rename"},
	{config.Adopt, "adopted", "to adopt"},
}

// spellCounts says how many operations there were, or are planned.
func spellCounts(counts map[config.Operation]int64, done bool) string {
	var parts []string
	for _, o := range operations {
		words := o.planned
		if done {
			words = o.done
		}
		if n := counts[o.op]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, words))
		}
	}
	return strings.Join(parts, ", ")
}

// stamp is a time where the readers are.
func (m *message) stamp(t time.Time) string { return t.In(m.zone).Format("2006-01-02 15:04 MST") }

// lasting says how long something took, in its two greatest units.
func lasting(d time.Duration) string {
	if d < time.Minute {
		return "less than a minute"
	}
	minutes := int64(d / time.Minute)
	var parts []string
	for _, u := range []struct {
		minutes int64
		one     string
	}{{24 * 60, "day"}, {60, "hour"}, {1, "minute"}} {
		n := minutes / u.minutes
		minutes %= u.minutes
		if n > 0 && len(parts) < 2 {
			parts = append(parts, plural(n, u.one))
		}
	}
	return strings.Join(parts, " ")
}

func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

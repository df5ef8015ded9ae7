package notify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

// The most that a person is shown; what is left out is counted. A webhook's JSON has all.
const (
	maxUnits = 100
	maxSyncs = 50
)

// page is a message laid out for people: each way of sending it writes the same parts in its own way.
type page struct {
	Title    string
	Facts    []fact // of the run
	Link     string // "" for none
	Sections []section
	// More counts the units left out.
	More    int
	Ongoing []string
	Footer  string
}

type fact struct{ Name, Text string }

// section is a faculty.
type section struct {
	Title string
	Units []unitPart
}

type unitPart struct {
	Name  string
	State string // in a word or two
	Tone  tone
	Notes []string
	// Message may have several lines, of others' making.
	Message  string
	Syncs    []fact
	Observed []observedPart
	Commands []fact // what for, and the line
}

type observedPart struct {
	Text string
	Keys []string
	More int64 // rows not among the keys
}

func (m *message) page() *page {
	p := &page{Title: m.Summary, Link: m.Run.URL, Footer: "Sent by registrar to " + m.Notifier + "."}
	if m.RegistrarVersion != "" {
		p.Footer = "Sent by registrar " + m.RegistrarVersion + " to " + m.Notifier + "."
	}
	if m.Kind == "test" {
		p.Title = "This is a test"
		p.Facts = []fact{{"Nothing has happened", "somebody asked for a message of " + m.Notifier + ", to see that it arrives"}}
		return p
	}
	if m.Transfer != nil {
		p.Facts = m.Transfer.facts(m)
		return p
	}
	p.Facts = m.facts()
	shown := m.Units[:min(len(m.Units), maxUnits)]
	p.More = len(m.Units) - len(shown)
	for i := range shown {
		u := &shown[i]
		if title := facultyTitle(u); i == 0 || p.Sections[len(p.Sections)-1].Title != title {
			p.Sections = append(p.Sections, section{Title: title})
		}
		last := &p.Sections[len(p.Sections)-1]
		last.Units = append(last.Units, m.part(u))
	}
	// One section without a faculty needs no title.
	if len(p.Sections) == 1 && shown[0].Faculty == "" {
		p.Sections[0].Title = ""
	}
	for _, o := range m.Ongoing {
		p.Ongoing = append(p.Ongoing, fmt.Sprintf("%s: %s since %s", o.Unit, o.State, m.stamp(o.Since)))
	}
	return p
}

func facultyTitle(u *unit) string {
	switch {
	case u.Faculty == "":
		return "Of no faculty, or of several"
	case u.FacultyName == "" || u.FacultyName == u.Faculty:
		return u.Faculty
	default:
		return u.FacultyName + " (" + u.Faculty + ")"
	}
}

func (m *message) facts() []fact {
	out := []fact{}
	switch m.Run.Trigger {
	case run.Scheduled:
		out = append(out, fact{"Due", m.stamp(m.Run.Slot) + ", " + m.Run.Schedule})
	case run.CaughtUp:
		out = append(out, fact{"Due", m.stamp(m.Run.Slot) + ", " + m.Run.Schedule + ", caught up"})
	default:
		if m.Run.Schedule != "" {
			out = append(out, fact{"Schedule", m.Run.Schedule})
		}
	}
	ran := m.stamp(m.Run.StartedOn) + " to " + m.Run.EndedOn.In(m.zone).Format("15:04")
	if m.Run.StartedBy != "" {
		ran += ", by " + m.Run.StartedBy
	}
	return append(out, fact{"Ran", ran}, fact{"Run", m.Run.ID})
}

func (m *message) part(u *unit) unitPart {
	l := labels()[gravity(u)]
	out := unitPart{Name: u.Unit, State: l.words, Tone: l.tone, Notes: m.notes(u), Message: u.Message}
	out.State = strings.TrimPrefix(out.State, "with ")
	whole := u.Outcome == run.Applied || u.Outcome == run.Partial || u.Outcome == run.Unchanged
	quiet := 0
	for i := range u.Syncs {
		s := &u.Syncs[i]
		done := whole || slices.Contains(u.Applied, s.Destination)
		words := spellSync(s, done, u.Message)
		if words == "" || len(out.Syncs) == maxSyncs {
			quiet++
			continue
		}
		out.Syncs = append(out.Syncs, fact{syncName(u, s, done), words})
	}
	switch {
	case u.Outcome == run.Failed || quiet == 0:
	case quiet == len(u.Syncs):
		out.Notes = append(out.Notes, "no changes")
	default:
		out.Notes = append(out.Notes, "and "+plural(int64(quiet), "other sync")+", not listed")
	}
	if len(u.Applied) > 0 {
		out.Notes = append(out.Notes, "applied all the same, and kept: "+strings.Join(u.Applied, ", "))
	}
	for _, o := range u.Observed {
		out.Observed = append(out.Observed, observedPart{
			Text: fmt.Sprintf("%s: %s changed %s in %s of %s", o.Observer, o.Column, o.Change, plural(o.Rows, "row"), o.Sync),
			Keys: o.Keys, More: o.Rows - int64(len(o.Keys)),
		})
	}
	if u.Commands != nil && u.Outcome != run.Unchanged {
		out.Commands = append(out.Commands, fact{"Look at the plan", u.Commands.Show})
		if u.Commands.Approve != "" {
			out.Commands = append(out.Commands, fact{"Apply it all the same", u.Commands.Approve})
		}
		if u.Commands.Rest != "" {
			out.Commands = append(out.Commands, fact{"Apply the rest", u.Commands.Rest})
		}
	}
	return out
}

// syncName adds the faculty where the unit does not say it, and is not what the unit is called already.
func syncName(u *unit, s *syncInfo, done bool) string {
	switch {
	case s.Sync == u.Unit && done:
		return "done"
	case s.Sync == u.Unit:
		return "planned"
	case s.Faculty != "" && s.Faculty != u.Faculty:
		return s.Sync + " (" + s.Faculty + ")"
	default:
		return s.Sync
	}
}

// notes say what of a unit is no count.
func (m *message) notes(u *unit) []string {
	var out []string
	switch {
	case slices.Contains(u.Events, config.OnRecovered) || u.was != "" && u.Outcome != run.Failed && u.Outcome != run.Held && u.Outcome != run.Partial:
		if !u.Since.IsZero() {
			out = append(out, fmt.Sprintf("recovered: was %s since %s, for %s", u.was, m.stamp(u.Since), lasting(u.EndedOn.Sub(u.Since))))
		}
	case u.was != "":
		out = append(out, fmt.Sprintf("was %s before; not well since %s", u.was, m.stamp(u.Since)))
	case u.MoreTimes > 0:
		out = append(out, fmt.Sprintf("since %s, %s since this was last told", m.stamp(u.Since), times(u.MoreTimes+1)))
	case !u.Since.IsZero():
		out = append(out, "since "+m.stamp(u.Since))
	}
	switch {
	case u.Attempts < 2:
	case u.Outcome == run.Failed:
		out = append(out, fmt.Sprintf("after %d attempts", u.Attempts))
	default:
		out = append(out, fmt.Sprintf("at attempt %d", u.Attempts))
	}
	if u.Outcome == run.Partial && slices.Contains(u.Events, config.OnHeld) {
		out = append(out, `what on_breach = "hold_deletes" held back is not in the plan, and no override adds it: raise the guard's limit if it is right`)
	}
	return out
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// spellSync says what became of a sync, deletions first, but for what is said of its unit; "" for nothing.
func spellSync(s *syncInfo, done bool, said string) string {
	var parts []string
	add := func(n int64, words string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, words))
		}
	}
	if counts := spellCounts(s.Counts, done); counts != "" {
		parts = append(parts, counts)
	}
	if back := spellCounts(s.HeldBack, false); back != "" {
		parts = append(parts, "held back: "+back)
	}
	add(s.Rejected, "rejected")
	add(s.Warned, "with warnings")
	add(s.Unresolved, "unresolved")
	for _, check := range slices.Sorted(maps.Keys(s.Checks)) {
		add(s.Checks[check], "found by "+line(check))
	}
	if s.Held != "" && !strings.Contains(said, s.Held) {
		parts = append(parts, "held: "+oneLine(s.Held))
	}
	if s.Paused != "" && !strings.Contains(said, s.Paused) {
		parts = append(parts, "paused: "+oneLine(s.Paused))
	}
	return strings.Join(parts, "; ")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

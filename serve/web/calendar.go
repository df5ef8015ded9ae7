package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/schedule"
	"github.com/registrar-sync/registrar/serve/state"
)

// calendarSlots is how many of the latest slots the calendar looks through: four weeks of five schedules
// that run every 15 minutes.
const calendarSlots = 14000

type calendarPage struct {
	page
	Week, Span           string
	Previous, Next, This string // weeks; "" where the calendar ends
	Days                 []dayView
	Legend               []status
	Beyond               string // from when on nothing is remembered
}

type dayView struct {
	Name, Date string
	Note       string // on a day on which clocks change
	Today      bool
	Hours      []hourTick
	Now        string // x of the present; "" on other days
	Lanes      []lane
}

// hourTick is a full hour; all x and widths are in percent of the day.
type hourTick struct {
	X     string
	Label string // "" for a line alone
}

type lane struct {
	Schedule string
	Closed   []closedSpan
	Marks    []mark
	Label    string // for those who do not see it
	Tallies  []tallyView
	Hours    string // of the slots: 06:00–19:45
	Notable  []mark
	Unlisted string
}

type closedSpan struct {
	X, Width string
	Class    string
	Title    string
	Hours    string
}

type tallyView struct {
	Status status
	Text   string
}

type mark struct {
	X, Width string
	Middle   string
	Status   status
	Title    string
	Href     string
	Time     string
	Until    string // in the list, where several are one item; otherwise ""
	Text     string
}

// maxNotable bounds what the list of a day says of a schedule one by one.
const maxNotable = 6

func (s *server) calendar(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := reading(r)
	defer cancel()
	cfg, now := s.o.Config(), s.o.Now()
	c := clock{now: now, zone: zone(cfg)}
	this := weekOf(now.In(c.zone))
	chosen := this
	if text := r.URL.Query().Get("week"); text != "" {
		var err error
		if chosen, err = parseWeek(text); err != nil {
			s.problem(w, r, http.StatusBadRequest, 0, strings.ToUpper(err.Error()[:1])+err.Error()[1:]+".")
			return
		}
	}
	history, err := s.history(ctx)
	if err != nil {
		s.unavailable(w, r, 0, err)
		return
	}
	p := calendarPage{page: s.page("Calendar", "calendar", 0), Week: chosen.String(), Span: title(chosen), Legend: legend}
	if w := chosen.add(-1); w.year >= firstYear {
		p.Previous = w.String()
	}
	if w := chosen.add(1); w.year <= lastYear {
		p.Next = w.String()
	}
	if chosen != this {
		p.This = this.String()
	}
	for i := range 7 {
		p.Days = append(p.Days, dayOf(cfg, c, chosen.day(i, c.zone), history))
	}
	if history.oldest.After(chosen.day(0, c.zone).start) && chosen.day(0, c.zone).start.Before(now) && history.full {
		p.Beyond = c.exact(history.oldest)
	}
	s.render(w, r, http.StatusOK, "calendar", p)
}

func title(w week) string {
	sunday := w.monday.AddDate(0, 0, 6)
	switch {
	case w.monday.Year() != sunday.Year():
		return w.monday.Format("2 January 2006") + " – " + sunday.Format("2 January 2006")
	case w.monday.Month() != sunday.Month():
		return w.monday.Format("2 January") + " – " + sunday.Format("2 January 2006")
	default:
		return w.monday.Format("2") + " – " + sunday.Format("2 January 2006")
	}
}

// legend are the marks that the calendar uses.
var legend = []status{
	{"applied", "applied"},
	{"unchanged", "unchanged"},
	{"partial", "partial"},
	{"held", "held"},
	{"failed", "failed"},
	{"missed", "missed"},
	{"paused", "paused"},
	{"running", "running"},
	{"coming", "to come"},
	{"skipped", "skipped, or not recorded"},
	{"closed", "outside of windows"},
	{"excepted", "exception"},
}

// slotID tells slots apart.
type slotID struct {
	schedule string
	unix     int64
}

// history is what the state remembers of slots.
type history struct {
	slots map[slotID]state.Slot
	runs  map[slotID]*run.Result
	// full: there may be more than was read, from before oldest.
	full   bool
	oldest time.Time
}

func (s *server) history(ctx context.Context) (history, error) {
	h := history{slots: map[slotID]state.Slot{}, runs: map[slotID]*run.Result{}}
	slots, err := s.o.Store.Slots(ctx, calendarSlots)
	if err != nil {
		return h, fmt.Errorf("read the slots: %w", err)
	}
	for _, slot := range slots {
		h.slots[slotID{slot.Schedule, slot.Slot.Unix()}] = slot
		if h.oldest.IsZero() || slot.Slot.Before(h.oldest) {
			h.oldest = slot.Slot
		}
	}
	h.full = len(slots) == calendarSlots
	runs, err := s.o.Store.Runs(ctx, searchedRuns)
	if err != nil {
		return h, fmt.Errorf("read the runs: %w", err)
	}
	for i := range runs {
		if result := &runs[i]; result.Schedule != "" {
			id := slotID{result.Schedule, result.Slot.Unix()}
			// The latest comes first; one that found the slot run already, or being run, says nothing of it.
			if known := h.runs[id]; known == nil || known.Worst() == run.Done || known.Worst() == run.Busy {
				h.runs[id] = result
			}
		}
	}
	return h, nil
}

func dayOf(cfg *config.Config, c clock, d day, h history) dayView {
	v := dayView{Name: d.start.Format("Monday"), Date: d.start.Format("2 January"), Note: d.change(), Hours: hours(d)}
	if !c.now.Before(d.start) && c.now.Before(d.end) {
		v.Today, v.Now = true, percent(d.at(c.now))
	}
	for _, s := range cfg.Schedules {
		v.Lanes = append(v.Lanes, laneOf(cfg, c, d, s, h))
	}
	return v
}

// hours are the full hours of the day's wall clock: on the days on which it changes, one is there twice or
// not at all.
func hours(d day) []hourTick {
	const step, labelled = 15 * time.Minute, 3
	var ticks []hourTick
	for t := d.start; t.Before(d.end); t = t.Add(step) {
		local := t.In(d.start.Location())
		if local.Minute() != 0 {
			continue
		}
		tick := hourTick{X: percent(d.at(t))}
		if local.Hour()%labelled == 0 {
			tick.Label = local.Format("15")
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// percent writes a fraction for an attribute of SVG.
func percent(fraction float64) string { return fmt.Sprintf("%.3f%%", fraction*100) }

func laneOf(cfg *config.Config, c clock, d day, s *config.Schedule, h history) lane {
	calendar := schedule.New(s, &cfg.Settings.Service)
	l := lane{Schedule: s.Name, Closed: closed(calendar, c, d)}
	entries := map[int64]schedule.Entry{}
	var order []time.Time
	for entry := range calendar.Entries(d.start.Add(-time.Nanosecond), d.end.Add(-time.Nanosecond), false) {
		entries[entry.Slot.Unix()] = entry
		order = append(order, entry.Slot)
	}
	// What ran under an earlier configuration is shown where it was.
	for id, slot := range h.slots {
		if _, known := entries[id.unix]; !known && id.schedule == s.Address && !slot.Slot.Before(d.start) && slot.Slot.Before(d.end) {
			order = append(order, slot.Slot)
		}
	}
	slices.SortFunc(order, time.Time.Compare)
	order = slices.CompactFunc(order, time.Time.Equal)
	width := markWidth(d, order)
	counts := map[status]int64{}
	for _, slot := range order {
		entry, planned := entries[slot.Unix()]
		m := markOf(c, slotID{s.Address, slot.Unix()}, slot, entry, planned, h)
		m.X, m.Middle, m.Width = percent(d.at(slot)), percent(d.at(slot)+width/2), percent(width)
		counts[m.Status]++
		l.Marks = append(l.Marks, m)
		if !notable(m.Status) {
			continue
		}
		if last := len(l.Notable) - 1; last >= 0 && l.Notable[last].Status == m.Status && l.Notable[last].Text == m.Text {
			l.Notable[last].Until = m.Time // one after the other for the same reason
		} else {
			l.Notable = append(l.Notable, m)
		}
	}
	if rest := len(l.Notable) - maxNotable; rest > 0 {
		l.Notable, l.Unlisted = l.Notable[:maxNotable], grouped(int64(rest))+" more"
	}
	l.summarize(c, order, counts)
	return l
}

// summarize says in words what the lane shows.
func (l *lane) summarize(c clock, order []time.Time, counts map[status]int64) {
	if len(order) == 0 {
		l.Label = l.Schedule + ": no slot"
		return
	}
	first, last := order[0].In(c.zone).Format("15:04"), order[len(order)-1].In(c.zone).Format("15:04")
	l.Hours = first
	if len(order) > 1 {
		l.Hours += "–" + last
	}
	var parts []string
	for known, n := range counts {
		l.Tallies = append(l.Tallies, tallyView{Status: known, Text: grouped(n) + " " + known.Word})
	}
	// Several words may share a mark.
	slices.SortStableFunc(l.Tallies, func(a, b tallyView) int {
		return cmp.Or(markRank(a.Status)-markRank(b.Status), cmp.Compare(a.Text, b.Text))
	})
	for _, t := range l.Tallies {
		parts = append(parts, t.Text)
	}
	l.Label = fmt.Sprintf("%s: %s, %s: %s", l.Schedule, plural(int64(len(order)), "slot"), l.Hours, strings.Join(parts, ", "))
}

func markRank(s status) int {
	return slices.IndexFunc(legend, func(l status) bool { return l.Class == s.Class })
}

func notable(s status) bool {
	switch s.Class {
	case "applied", "unchanged", "coming", "done":
		return false
	default:
		return true
	}
}

// markWidth leaves a gap between slots that are near each other.
func markWidth(d day, order []time.Time) float64 {
	const widest, share = 0.0045, 0.62
	narrow := 1.0
	for i := 1; i < len(order); i++ {
		narrow = min(narrow, d.at(order[i])-d.at(order[i-1]))
	}
	return min(widest, narrow*share)
}

// markOf says what became of a slot, or will. planned: the configuration in force has it.
func markOf(c clock, id slotID, slot time.Time, entry schedule.Entry, planned bool, h history) mark {
	m := mark{Time: slot.In(c.zone).Format("15:04")}
	recorded, isRecorded := h.slots[id]
	switch result := h.runs[id]; {
	case result != nil && !result.EndedOn.IsZero():
		m.Status, m.Href = statusOf(result.Worst()), "./runs/"+result.ID
		row := rowOf(c, result, m.Status)
		m.Text = strings.TrimSpace(row.Changes.Words)
		if row.Message != "" {
			m.Text = row.Message
		}
		if row.Late != "" {
			m.Text = strings.TrimSpace(m.Text + " (started " + c.exact(result.StartedOn) + ")")
		}
	case isRecorded && recorded.Status == "running":
		m.Status, m.Href = underWay(), "./runs/"+recorded.RunID
	case isRecorded && recorded.Status == "pending":
		m.Status = status{"coming", "waiting for its turn"}
	case result != nil:
		m.Status, m.Href = interrupted(), "./runs/"+result.ID
	case isRecorded && recorded.Status == "missed":
		m.Status = status{"missed", "missed"}
	case isRecorded:
		m.Status = status{"skipped", "over, without a result"}
	case planned && entry.Start.IsZero():
		m.Status = status{"skipped", "skipped"}
		if entry.Reason != nil {
			m.Text = entry.Reason.Text
		}
	case entry.Start.After(c.now):
		m.Status = status{"coming", "to come"}
		if !entry.Start.Equal(slot) {
			m.Status = status{"coming", "delayed"}
			m.Text = "until " + c.exact(entry.Start)
			if entry.Reason != nil {
				m.Text += ": " + entry.Reason.Text
			}
		}
	default:
		m.Status = status{"skipped", "not recorded"}
	}
	m.Title = slot.In(c.zone).Format("Mon 2 Jan 15:04 MST") + " · " + m.Status.Word
	if m.Text != "" {
		m.Title += " · " + m.Text
	}
	return m
}

// closed are the spans of the day in which nothing may start, to the minute.
func closed(calendar *schedule.Calendar, c clock, d day) []closedSpan {
	const step = 5 * time.Minute
	var spans []closedSpan
	start, reason := d.start, calendar.MayStart(d.start)
	end := func(at time.Time) {
		if reason != nil {
			spans = append(spans, spanOf(c, d, start, at, reason))
		}
	}
	for t := d.start.Add(step); t.Before(d.end); t = t.Add(step) {
		next := calendar.MayStart(t)
		if sameReason(reason, next) {
			continue
		}
		// It changed within the step: at which minute?
		at := t
		for at.Add(-time.Minute).After(t.Add(-step)) && sameReason(calendar.MayStart(at.Add(-time.Minute)), next) {
			at = at.Add(-time.Minute)
		}
		end(at)
		start, reason = at, next
	}
	end(d.end)
	return spans
}

func sameReason(a, b *schedule.Reason) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Name == b.Name
}

func spanOf(c clock, d day, from, until time.Time, reason *schedule.Reason) closedSpan {
	span := closedSpan{X: percent(d.at(from)), Width: percent(d.at(until) - d.at(from)), Class: "closed", Title: reason.Text}
	if reason.Kind == schedule.Excepted || reason.Kind == schedule.ServiceExcepted {
		span.Class = "excepted"
	}
	last := until.Add(-time.Minute).In(c.zone).Format("15:04") // to the minute, as configurations say it
	if !until.Before(d.end) {
		last = "24:00"
	}
	span.Hours = from.In(c.zone).Format("15:04") + "–" + last
	if span.Title == "" {
		span.Title = string(reason.Kind)
	}
	span.Title = span.Hours + " · " + span.Title
	return span
}

package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
)

const (
	// maxRuns is how many runs a page of the history shows, and searchedRuns how many it looks through for them.
	maxRuns      = 100
	searchedRuns = 2000
)

type runsPage struct {
	page
	Outcomes, Faculties []filter
	// Sync is the sync whose runs are shown, and AllSyncs the address of the page that shows those of all; "" for all.
	Sync, AllSyncs string
	Runs           []runRow
	// Older is the address of the page of the runs before these, Latest that of the latest; "" where there is none.
	Older, Latest string
	// Searched: after that many runs without enough that were asked for, the page ends.
	Searched string
}

type filter struct {
	Status status // a Class of "" for no mark
	Href   string
	Chosen bool
}

type runRow struct {
	ID       string
	Unit     string // to be looked at alone; "" for the whole run
	Status   status
	Started  moment
	Lasted   string
	What     string // a schedule's name, or who started it
	Late     string // for a slot that was caught up
	Units    string
	Changes  changes
	Message  string
	Attempts int
}

// underWay is the state of a run whose slot is being run, interrupted that of one whose process was killed.
func underWay() status    { return status{"running", "running"} }
func interrupted() status { return status{"missed", "did not end in order"} }

// runsFilter is what /runs is asked for.
type runsFilter struct {
	state         string // a name in runStates; "" for all
	sync, faculty string // an address or that of all its instances, and a label; "" for all
	behind        state.Place
}

// runStates are the names and states by which runs can be chosen.
func runStates() (names []string, states map[string]status) {
	states = map[string]status{"running": underWay(), "interrupted": interrupted()}
	names = []string{"running", "interrupted"}
	for _, outcome := range inOrder {
		names = append(names, string(outcome))
		states[string(outcome)] = statusOf(outcome)
	}
	return names, states
}

// placeLayout writes the moment in the address of a page of older runs.
const placeLayout = "2006-01-02T15:04:05.000000Z"

// runsFilterOf reads what is asked for; an error is for the reader.
func runsFilterOf(query url.Values, zone *time.Location) (runsFilter, error) {
	f := runsFilter{sync: query.Get("sync"), faculty: query.Get("faculty")}
	if _, states := runStates(); states[query.Get("outcome")] != (status{}) {
		f.state = query.Get("outcome")
	}
	before := query.Get("before")
	if before == "" {
		return f, nil
	}
	text, id, _ := strings.Cut(before, ",")
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			f.behind = state.Place{StartedOn: at, ID: id}
			return f, nil
		}
	}
	return f, fmt.Errorf("before is %q: expected a day, such as 2026-11-25, or a moment, such as 2026-11-25T14:00:00Z", before)
}

// href is the address of the page that shows what the filter chooses.
func (f runsFilter) href() string {
	query := url.Values{}
	for name, value := range map[string]string{"outcome": f.state, "sync": f.sync, "faculty": f.faculty} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if !f.behind.StartedOn.IsZero() {
		before := f.behind.StartedOn.UTC().Format(placeLayout)
		if f.behind.ID != "" {
			before += "," + f.behind.ID
		}
		query.Set("before", before)
	}
	if len(query) == 0 {
		return "./runs"
	}
	return "./runs?" + query.Encode()
}

func (s *server) runs(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := reading(r)
	defer cancel()
	cfg := s.o.Config()
	c := clock{now: s.o.Now(), zone: zone(cfg)}
	f, err := runsFilterOf(r.URL.Query(), c.zone)
	if err != nil {
		s.problem(w, r, http.StatusBadRequest, 0, err.Error())
		return
	}
	p := runsPage{page: s.page("Runs", "runs", 0)}
	p.choose(cfg, f)
	if err := s.readRuns(ctx, cfg, c, f, &p); err != nil {
		s.unavailable(w, r, 0, err)
		return
	}
	s.render(w, r, http.StatusOK, "runs", p)
}

// choose makes the links that choose among the runs: each changes one thing, and begins with the latest.
func (p *runsPage) choose(cfg *config.Config, f runsFilter) {
	latest := f
	latest.behind = state.Place{}
	if latest != f {
		p.Latest = latest.href()
	}
	names, states := runStates()
	for _, name := range append([]string{""}, names...) {
		one := latest
		one.state = name
		shown := status{"all", "all"}
		if name != "" {
			shown = states[name]
		}
		p.Outcomes = append(p.Outcomes, filter{Status: shown, Href: one.href(), Chosen: f.state == name})
	}
	one := latest
	one.sync = ""
	if f.sync != "" {
		p.Sync, p.AllSyncs = f.sync, one.href()
		return // a sync is of one faculty
	}
	if len(cfg.Faculties) == 0 {
		return
	}
	one.faculty = ""
	p.Faculties = []filter{{Status: status{"", "all faculties"}, Href: one.href(), Chosen: f.faculty == ""}}
	for _, faculty := range cfg.Faculties {
		one.faculty = faculty.Label
		p.Faculties = append(p.Faculties, filter{Status: status{"", faculty.Name}, Href: one.href(), Chosen: f.faculty == faculty.Label})
	}
}

// readRuns reads the runs that the filter chooses, up to a page's.
func (s *server) readRuns(ctx context.Context, cfg *config.Config, c clock, f runsFilter, p *runsPage) error {
	running, err := s.runningRuns(ctx)
	if err != nil {
		return err
	}
	_, states := runStates()
	searched := 0
	older := f
	err = s.o.Store.History(ctx, f.behind, func(result *run.Result) bool {
		if len(p.Runs) == maxRuns || searched == searchedRuns {
			p.Older = older.href()
			return false
		}
		searched++
		older.behind = state.PlaceOf(result)
		part := f.part(cfg, result)
		if part == nil {
			return true
		}
		if shown := stateOf(part, running); f.state == "" || shown == states[f.state] {
			row := rowOf(c, part, shown)
			if f.sync != "" && len(part.Units) == 1 && len(result.Units) > 1 {
				row.Unit = part.Units[0].Unit
			}
			p.Runs = append(p.Runs, row)
		}
		return true
	})
	if p.Older != "" && len(p.Runs) < maxRuns {
		p.Searched = grouped(searchedRuns)
	}
	return err
}

// runningRuns are the ids of the runs whose slot is being run.
func (s *server) runningRuns(ctx context.Context) (map[string]bool, error) {
	slots, err := s.o.Store.Slots(ctx, recentSlots)
	if err != nil {
		return nil, fmt.Errorf("read the slots: %w", err)
	}
	running := map[string]bool{}
	for i := range slots {
		if slots[i].Status == "running" {
			running[slots[i].RunID] = true
		}
	}
	return running, nil
}

// stateOf is what a run is shown as. One that is under way has no units yet, nor has one that was killed.
func stateOf(result *run.Result, running map[string]bool) status {
	switch {
	case !result.EndedOn.IsZero():
		return statusOf(result.Worst())
	case running[result.ID]:
		return underWay()
	default:
		return interrupted()
	}
}

// part is what of a run is of the sync or the faculty asked for; nil where nothing is.
func (f runsFilter) part(cfg *config.Config, result *run.Result) *run.Result {
	if f.sync == "" && f.faculty == "" {
		return result
	}
	wanted := func(sync, faculty string) bool {
		return (f.sync == "" || sync == f.sync || strings.HasPrefix(sync, f.sync+"[")) && (f.faculty == "" || faculty == f.faculty)
	}
	part := *result
	part.Units = nil
	for i := range result.Units {
		unit := result.Units[i]
		unit.Syncs = nil
		for j := range result.Units[i].Syncs {
			if one := &result.Units[i].Syncs[j]; wanted(one.Sync, one.Faculty) {
				unit.Syncs = append(unit.Syncs, *one)
			}
		}
		if len(unit.Syncs) > 0 {
			part.Units = append(part.Units, unit)
		}
	}
	if len(part.Units) > 0 {
		return &part
	}
	if result.EndedOn.IsZero() {
		// It has no units to go by: the schedule tells.
		for _, s := range cfg.Syncs {
			if s.Schedule != nil && s.Schedule.Address == result.Schedule && wanted(s.Address, s.Faculty) {
				return &part
			}
		}
	}
	return nil
}

func rowOf(c clock, result *run.Result, shown status) runRow {
	row := runRow{
		ID: result.ID, Status: shown, Started: c.moment(result.StartedOn), Lasted: tookOf(c, result, shown), What: what(result),
	}
	if result.Trigger == run.CaughtUp {
		row.Late = "due " + c.exact(result.Slot)
	}
	if len(result.Units) == 0 && result.EndedOn.IsZero() {
		return row
	}
	worst := result.Worst()
	total := map[config.Operation]int64{}
	counts := map[run.Outcome]int64{}
	for i := range result.Units {
		unit := &result.Units[i]
		counts[unit.Outcome]++
		row.Attempts = max(row.Attempts, unit.Attempts)
		if row.Message == "" && unit.Outcome == worst {
			row.Message = firstLine(unit.Message)
		}
		if !wrote(unit.Outcome) {
			continue
		}
		for j := range unit.Syncs {
			for operation, n := range unit.Syncs[j].Counts {
				total[operation] += n
			}
		}
	}
	row.Changes = changesOf(total)
	row.Units = unitsText(counts, len(result.Units))
	return row
}

// tookOf says how long a run took: of what is under way, until now.
func tookOf(c clock, result *run.Result, shown status) string {
	switch {
	case shown == underWay():
		return lasted(c.now.Sub(result.StartedOn)) + " so far"
	case result.EndedOn.IsZero():
		return "" // nobody knows
	default:
		return lasted(result.EndedOn.Sub(result.StartedOn))
	}
}

// unitsText counts a run's units: "4 units: 1 failed, 3 applied".
func unitsText(counts map[run.Outcome]int64, units int) string {
	text := plural(int64(units), "unit")
	if len(counts) < 2 {
		return text
	}
	var parts []string
	for _, outcome := range inOrder {
		if n := counts[outcome]; n > 0 {
			parts = append(parts, grouped(n)+" "+statusOf(outcome).Word)
		}
	}
	return text + ": " + strings.Join(parts, ", ")
}

// what names what a run was of: its schedule, or who asked for it.
func what(result *run.Result) string {
	if result.Schedule != "" {
		return strings.TrimPrefix(result.Schedule, "schedule.")
	}
	if result.StartedBy != "" {
		return "by " + result.StartedBy
	}
	return string(result.Trigger)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

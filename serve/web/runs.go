package web

import (
	"net/http"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

const (
	// maxRuns is how many runs the history shows, of the latest searchedRuns.
	maxRuns      = 100
	searchedRuns = 2000
)

type runsPage struct {
	page
	Filters []filter
	Runs    []runRow
	// More: there are more than are shown.
	More bool
}

type filter struct {
	Status status
	Href   string
	Chosen bool
}

type runRow struct {
	ID       string
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

func (s *server) runs(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := reading(r)
	defer cancel()
	p := runsPage{page: s.page("Runs", "runs", 0)}
	chosen := run.Outcome("")
	p.Filters = []filter{{Status: status{"all", "all"}, Href: "./runs"}}
	for _, outcome := range inOrder {
		f := filter{Status: statusOf(outcome), Href: "./runs?outcome=" + string(outcome)}
		if r.URL.Query().Get("outcome") == string(outcome) {
			chosen, f.Chosen = outcome, true
		}
		p.Filters = append(p.Filters, f)
	}
	p.Filters[0].Chosen = chosen == ""
	limit := maxRuns + 1
	if chosen != "" {
		limit = searchedRuns
	}
	runs, err := s.o.Store.Runs(ctx, limit)
	if err != nil {
		s.unavailable(w, r, 0, err)
		return
	}
	cfg := s.o.Config()
	c := clock{now: s.o.Now(), zone: zone(cfg)}
	for i := range runs {
		if chosen != "" && worst(&runs[i]) != chosen {
			continue
		}
		if p.More = len(p.Runs) == maxRuns; p.More {
			break
		}
		p.Runs = append(p.Runs, rowOf(c, &runs[i]))
	}
	s.render(w, r, http.StatusOK, "runs", p)
}

func rowOf(c clock, result *run.Result) runRow {
	row := runRow{
		ID: result.ID, Status: statusOf(worst(result)), Started: c.moment(result.StartedOn),
		Lasted: lasted(result.EndedOn.Sub(result.StartedOn)), What: what(result),
	}
	if result.Trigger == run.CaughtUp {
		row.Late = "due " + c.exact(result.Slot)
	}
	total := map[config.Operation]int64{}
	counts := map[run.Outcome]int64{}
	for i := range result.Units {
		unit := &result.Units[i]
		counts[unit.Outcome]++
		row.Attempts = max(row.Attempts, unit.Attempts)
		if row.Message == "" && unit.Outcome == worst(result) {
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

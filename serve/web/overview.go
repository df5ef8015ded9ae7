package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/shell"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
)

type overviewPage struct {
	page
	Tallies   []tally
	Show      string // the filter; "" for all
	Attention []notice
	Faculties []facultyView
	Replicas  []replicaView
	Syncs     int
	Refreshes bool
	Toggle    string // the address of this page that does, or does not, refresh itself
}

// tally is a number in the summary.
type tally struct {
	Status status
	Count  int
	Href   string // of the page that shows only these, or all
	Chosen bool
}

// notice is what somebody should look at.
type notice struct {
	Status   status
	Unit     string
	Faculty  string
	Syncs    []string // where the unit has several
	When     moment
	Message  string
	Attempts int
	RunID    string
	// Command is what ends it, where a command can.
	Command     string
	LastSuccess moment
}

type facultyView struct {
	Name, Label, Code string
	Rows              []syncRow
	ID                string
}

type syncRow struct {
	Sync, Table, Destination string
	History                  string // the address of its runs
	Schedule                 string // without its kind
	Status                   status
	Also                     []status
	Last                     moment
	RunID                    string
	Changes                  changes
	Applied                  bool // the changes were written
	Notes                    []string
	Next                     moment
	NextNote                 string
}

type replicaView struct {
	Host, Version, Digest string
	Seen                  moment
}

// shown are the statuses that the overview counts, and filters by.
var shown = []status{{"failed", "failed"}, {"held", "held"}, {"paused", "paused"}, {"running", "running"}}

const refreshSeconds = 60

func (s *server) overview(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := reading(r)
	defer cancel()
	x, err := s.situation(ctx)
	if err != nil {
		s.unavailable(w, r, 0, err)
		return
	}
	p := overviewPage{page: s.page("Overview", "overview", 0), Syncs: len(x.config.Syncs)}
	p.Warnings = x.warnings
	p.filter(r.URL.Query())
	c := clock{now: x.now, zone: zone(x.config)}

	counts := map[string]int{}
	seen := map[string]bool{}
	for _, sync := range x.config.Syncs {
		for _, state := range x.states(sync) {
			counts[state.Class]++
		}
		for _, n := range x.notices(c, sync) {
			if at, found := x.success[sync.Address]; found && n.Status.Class == "failed" {
				n.LastSuccess = c.moment(at)
			}
			if id := n.Status.Class + " " + n.Unit + " " + n.RunID; !seen[id] && (p.Show == "" || p.Show == n.Status.Class) {
				seen[id] = true
				p.Attention = append(p.Attention, n)
			}
		}
	}
	slices.SortStableFunc(p.Attention, func(a, b notice) int { return rank(a.Status) - rank(b.Status) })
	for _, status := range shown {
		t := tally{Status: status, Count: counts[status.Class], Href: "./?show=" + status.Class, Chosen: p.Show == status.Class}
		if t.Chosen {
			t.Href = "./"
		}
		p.Tallies = append(p.Tallies, t)
	}
	p.Faculties = s.faculties(x, c, p.Show)
	for _, replica := range x.replicas {
		p.Replicas = append(p.Replicas, replicaView{replica.Host, replica.Version, shortDigest(replica.ConfigDigest), c.moment(replica.SeenOn)})
	}
	s.render(w, r, http.StatusOK, "overview", p)
}

// filter reads what to show from the address.
func (p *overviewPage) filter(query url.Values) {
	for _, status := range shown {
		if query.Get("show") == status.Class {
			p.Show = status.Class
		}
	}
	other := url.Values{}
	if p.Show != "" {
		other.Set("show", p.Show)
	}
	if p.Refreshes = query.Get("refresh") != "off"; p.Refreshes {
		p.Refresh = refreshSeconds
		other.Set("refresh", "off")
	}
	p.Toggle = "./"
	if len(other) > 0 {
		p.Toggle += "?" + other.Encode()
	}
}

func rank(s status) int { return slices.Index(shown, s) }

// outcome is how the sync's last run ended.
func (x *situation) outcome(sync *config.Sync) status {
	last, found := x.last[sync.Address]
	_, paused := x.pauses[sync.Address]
	switch {
	case !found:
		return status{"none", "not yet run"}
	case last.Unit.Outcome == run.Held && !x.held(last):
		return status{"done", "decided"}
	case last.Unit.Outcome == run.Paused && !paused:
		return status{"done", "resumed"}
	default:
		return statusOf(last.Unit.Outcome)
	}
}

// states are those of the overview's that a sync is in: it may have failed and run again now.
func (x *situation) states(sync *config.Sync) []status {
	outcome := x.outcome(sync)
	var all []status
	for _, state := range shown {
		var in bool
		switch state.Class {
		case "paused":
			_, in = x.pauses[sync.Address]
		case "running":
			if sync.Schedule != nil {
				_, in = x.running[sync.Schedule.Address]
			}
		default:
			in = outcome.Class == state.Class
		}
		if in {
			all = append(all, state)
		}
	}
	return all
}

// notices are what somebody should know of a sync.
func (x *situation) notices(c clock, sync *config.Sync) []notice {
	var all []notice
	faculty := facultyName(x.config, sync.Faculty)
	last, found := x.last[sync.Address]
	if found && (last.Unit.Outcome == run.Failed || x.held(last)) {
		n := notice{
			Status: statusOf(last.Unit.Outcome), Unit: last.Unit.Unit, Faculty: faculty, When: c.moment(last.Unit.EndedOn),
			Message: last.Unit.Message, Attempts: last.Unit.Attempts, RunID: last.RunID,
		}
		if last.Unit.Faculty == "" && len(last.Unit.Syncs) > 1 {
			n.Faculty = ""
		}
		if len(last.Unit.Syncs) > 1 {
			for i := range last.Unit.Syncs {
				n.Syncs = append(n.Syncs, last.Unit.Syncs[i].Sync)
			}
		}
		if x.held(last) && last.Unit.PlanID != "" {
			n.Command = approval(x.program, last.Unit.PlanID)
		}
		all = append(all, n)
	}
	if pause, paused := x.pauses[sync.Address]; paused {
		all = append(all, notice{
			Status: status{"paused", "paused"}, Unit: sync.Address, Faculty: faculty, When: c.moment(pause.PausedOn),
			Message: "Paused by " + pause.PausedBy + ": " + pause.Reason, Command: x.program + " resume " + shell.Quote(sync.Address),
		})
	}
	return all
}

// program begins command lines.
func (s *server) program() string { return cmp.Or(s.o.Program, "registrar") }

// approval is the command that applies a held plan.
func approval(program, planID string) string {
	return program + " apply " + planID + ` --override "reason"`
}

// faculties are the syncs by faculty, in the order of the configuration; those without one come first.
func (s *server) faculties(x *situation, c clock, show string) []facultyView {
	views := []facultyView{{Name: "Without a faculty", ID: "faculty"}}
	for _, f := range x.config.Faculties {
		views = append(views, facultyView{Name: f.Name, Label: f.Label, Code: f.Code, ID: "faculty-" + f.Label})
	}
	for i := range views {
		for _, sync := range x.config.Syncs {
			if sync.Faculty != views[i].Label {
				continue
			}
			if show == "" || slices.ContainsFunc(x.states(sync), func(s status) bool { return s.Class == show }) {
				views[i].Rows = append(views[i].Rows, s.row(x, c, sync))
			}
		}
	}
	return slices.DeleteFunc(views, func(v facultyView) bool { return len(v.Rows) == 0 })
}

func (s *server) row(x *situation, c clock, sync *config.Sync) syncRow {
	row := syncRow{
		Sync: sync.Address, Table: sync.Destination.Table, Destination: sync.Destination.Into.Address, Status: x.outcome(sync),
		History: runsFilter{sync: sync.Address}.href(),
	}
	for _, state := range x.states(sync) {
		if state != row.Status {
			row.Also = append(row.Also, state)
		}
	}
	if last, found := x.last[sync.Address]; found {
		row.Last, row.RunID = c.moment(last.Unit.EndedOn), last.RunID
		row.Changes = changesOf(last.Sync.Counts)
		row.Applied = wrote(last.Unit.Outcome)
		row.Notes = notes(last)
	}
	_, paused := x.pauses[sync.Address]
	switch {
	case sync.Schedule == nil:
		row.NextNote = "by hand only"
	case paused:
		row.Schedule = sync.Schedule.Name
		row.NextNote = "paused"
	default:
		row.Schedule = sync.Schedule.Name
		entry := s.next.of(x.config, sync.Schedule, x.now)
		row.Next = c.moment(entry.Start)
		switch {
		case entry.Start.IsZero():
			row.NextNote = "none within a year"
		case entry.Reason != nil:
			row.NextNote = "delayed: " + entry.Reason.Text
		}
	}
	return row
}

// notes say in a few words what else there is to a sync's last run.
func notes(last state.LastResult) []string {
	var all []string
	var back int64
	for _, n := range last.Sync.HeldBack {
		back += n
	}
	var found int64
	for _, n := range last.Sync.Checks {
		found += n
	}
	for _, n := range []struct {
		count int64
		text  string
	}{
		{back, "held back"},
		{last.Sync.Rejected, "rejected"},
		{last.Sync.Warned, "warned"},
		{last.Sync.Unresolved, "unresolved"},
		{found, "found by checks"},
	} {
		if n.count > 0 {
			all = append(all, grouped(n.count)+" "+n.text)
		}
	}
	if last.Unit.Attempts > 1 {
		all = append(all, plural(int64(last.Unit.Attempts), "attempt"))
	}
	return all
}

func facultyName(cfg *config.Config, label string) string {
	for _, f := range cfg.Faculties {
		if f.Label == label {
			return f.Name
		}
	}
	return label
}

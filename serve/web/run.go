package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

// maxPlans bounds the plans whose rows one page reads from the registers; the other units can be looked
// at by themselves.
const maxPlans = 8

type runPage struct {
	page
	ID, What, By, Trigger string
	Status                status
	Started, Ended, Slot  moment
	Lasted                string
	ConfigDigest, Commit  string
	Rows                  []syncView
	Units                 []*unitView
	Only                  string // the unit that alone is shown; "" for all
	// UnderWay: it has not ended, and Interrupted: nor will it.
	UnderWay, Interrupted bool
	Command               string // what command lines begin with
}

type unitView struct {
	Anchor        string
	Unit, Faculty string
	Status        status
	Attempts      int
	Message       string
	PlanID        string
	Command       string
	Blocked       bool
	Observed      []observedView
	Diff          []diffView
	// DiffNote says why there is no diff, "" where there is or nothing was planned.
	DiffNote string
	planned  bool // there is something to read of its plan
	// Alone is the address that shows this unit with its rows; "" where they are here.
	Alone string
}

// Something reports whether there is more to say of the unit than its syncs' rows do.
func (v *unitView) Something() bool {
	return v.Message != "" || v.Command != "" || v.Blocked || len(v.Observed) > 0 || len(v.Diff) > 0 || v.DiffNote != "" || v.Alone != ""
}

type syncView struct {
	Sync, Table, Destination string
	Unit                     string // where it is not the sync itself
	Anchor                   string // of the unit, where there is more to say of it
	Status                   status
	Lasted                   string
	Applied                  bool // the changes were written
	SourceRows               string
	Changes                  changes
	Findings                 []string
	Paused                   string
}

type observedView struct {
	Observer, Sync, Rows string
	Keys                 []string
	More                 string
}

func (s *server) run(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := reading(r)
	defer cancel()
	result, err := s.o.Store.Run(ctx, r.PathValue("id"))
	if err != nil {
		s.unavailable(w, r, 1, err)
		return
	}
	if result == nil {
		s.problem(w, r, http.StatusNotFound, 1, "There is no run of this id. Old runs are forgotten after a while.")
		return
	}
	cfg := s.o.Config()
	c := clock{now: s.o.Now(), zone: zone(cfg)}
	p := runPage{
		page: s.page("Run of "+what(result), "runs", 1), ID: result.ID, What: what(result), By: result.StartedBy, Trigger: triggerText(result.Trigger),
		Status: statusOf(result.Worst()), Started: c.moment(result.StartedOn), Ended: c.moment(result.EndedOn), Slot: c.moment(result.Slot),
		Lasted: lasted(result.EndedOn.Sub(result.StartedOn)), ConfigDigest: shortDigest(result.ConfigDigest), Commit: shortDigest(result.GitCommit),
		Only: r.URL.Query().Get("unit"), Command: s.program(),
	}
	if result.EndedOn.IsZero() {
		running, err := s.runningRuns(ctx)
		if err != nil {
			s.unavailable(w, r, 1, err)
			return
		}
		p.Status = stateOf(result, running)
		p.Lasted, p.UnderWay, p.Interrupted = tookOf(c, result, p.Status), p.Status == underWay(), p.Status == interrupted()
	}
	var units []*run.UnitResult
	plans := 0
	var recalling sync.WaitGroup // from several registers: one that is silent costs the others nothing
	for i := range result.Units {
		unit := &result.Units[i]
		if p.Only != "" && unit.Unit != p.Only {
			continue
		}
		v := s.unit(cfg, unit)
		v.Anchor = "unit-" + strconv.Itoa(i+1)
		units, p.Units = append(units, unit), append(p.Units, v)
		switch {
		case !v.planned || s.o.Plan == nil:
		case plans == maxPlans:
			v.Alone = unit.Unit
		default:
			plans++
			recalling.Go(func() { s.diff(ctx, unit.PlanID, v) })
		}
	}
	recalling.Wait()
	for i, v := range p.Units {
		p.Rows = append(p.Rows, rowsOf(units[i], v)...)
	}
	if p.Only != "" && len(p.Units) == 0 {
		s.problem(w, r, http.StatusNotFound, 1, "The run has no unit of this name.")
		return
	}
	s.render(w, r, http.StatusOK, "run", p)
}

func triggerText(t run.Trigger) string {
	switch t {
	case run.Manual:
		return "by hand"
	case run.Scheduled:
		return "on schedule"
	case run.CaughtUp:
		return "caught up"
	default:
		return string(t)
	}
}

// rowsOf are the syncs of a unit.
func rowsOf(unit *run.UnitResult, v *unitView) []syncView {
	var rows []syncView
	for i := range unit.Syncs {
		row := syncOf(&unit.Syncs[i])
		row.Status, row.Applied = v.Status, wrote(unit.Outcome)
		if unit.Outcome != run.Done && unit.Outcome != run.Busy && unit.Outcome != run.Paused {
			row.Lasted = lasted(unit.EndedOn.Sub(unit.StartedOn))
		}
		if v.Something() {
			row.Anchor = v.Anchor
		}
		if unit.Unit != row.Sync {
			row.Unit = unit.Unit
		}
		rows = append(rows, row)
	}
	return rows
}

// unit shows a unit, without the rows of its plan.
func (s *server) unit(cfg *config.Config, unit *run.UnitResult) *unitView {
	v := &unitView{
		Unit: unit.Unit, Faculty: facultyName(cfg, unit.Faculty), Status: statusOf(unit.Outcome), Attempts: unit.Attempts,
		Message: strings.TrimSpace(unit.Message), PlanID: unit.PlanID,
	}
	if unit.Outcome == run.Held && unit.PlanID != "" {
		v.Command = approval(s.program(), unit.PlanID)
	}
	v.planned = unit.PlanID != "" && slices.ContainsFunc(unit.Syncs, func(r run.SyncResult) bool {
		view := syncOf(&r)
		return view.Changes.Any() || len(view.Findings) > 0 || r.Held != ""
	})
	for i := range unit.Observed {
		o := &unit.Observed[i]
		view := observedView{Observer: o.Observer, Sync: o.Sync, Rows: plural(o.Rows, "row"), Keys: o.Keys}
		if rest := o.Rows - int64(len(o.Keys)); rest > 0 && len(o.Keys) > 0 {
			view.More = grouped(rest) + " more"
		}
		v.Observed = append(v.Observed, view)
	}
	return v
}

func syncOf(r *run.SyncResult) syncView {
	v := syncView{
		Sync: r.Sync, Table: r.Table, Destination: r.Destination, SourceRows: grouped(r.SourceRows),
		Changes: changesOf(r.Counts), Paused: r.Paused,
	}
	for _, n := range []struct {
		count int64
		text  string
	}{{r.Rejected, "rejected"}, {r.Warned, "warned"}, {r.Unresolved, "unresolved"}} {
		if n.count > 0 {
			v.Findings = append(v.Findings, grouped(n.count)+" "+n.text)
		}
	}
	if back := changesOf(r.HeldBack); back.Any() {
		v.Findings = append(v.Findings, "held back: "+back.Words)
	}
	var checks []string
	for check := range r.Checks {
		checks = append(checks, check)
	}
	slices.Sort(checks)
	for _, check := range checks {
		if n := r.Checks[check]; n > 0 {
			v.Findings = append(v.Findings, check+": "+grouped(n))
		}
	}
	return v
}

// diff reads a plan from the registers and shows what they may.
func (s *server) diff(ctx context.Context, planID string, v *unitView) {
	p, err := s.o.Plan(ctx, planID)
	switch {
	case err != nil:
		s.o.Log.WarnContext(ctx, "a plan could not be read for the status page", "plan", planID, "error", err)
		v.DiffNote = "The rows of this plan cannot be read now: it was pruned, or its register is out of reach. The log says which."
	case p == nil:
		v.DiffNote = "The rows of this plan are not there any more."
	default:
		v.Diff = diffs(p, s.program()+" show "+planID, v.Message)
		if v.Command != "" && p.Blocked() {
			v.Command, v.Blocked = "", true
		}
		if v.Command != "" && !p.ExpiresOn.IsZero() && !s.o.Now().Before(p.ExpiresOn) {
			v.Command, v.DiffNote = "", "The plan has expired: a new run plans again."
		}
	}
}

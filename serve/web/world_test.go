package web_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
	"github.com/registrar-sync/registrar/serve/web"
)

// world is a university, invented, on a Wednesday afternoon: most is well, a database is down, a plan is
// held, a sync is paused, and a run goes on.
type world struct {
	config  *config.Config
	now     time.Time
	store   state.Store
	metrics *web.Metrics
	plans   map[string]*plan.Plan
	pauses  map[string]register.Pause
	ready   error
	// applied are plans that somebody has applied since.
	applied map[string]bool
}

const (
	heldPlan   = "0d9c1a52-6f0e-4c5b-8a51-2b6f0f7c9e11"
	partPlan   = "7be2f4c0-13a9-4b0d-9a3e-5d8f1c2b6a77"
	failedRun  = "5f0a7d1e-88c2-4f57-b2a4-91c3e0d6f404"
	heldRun    = "a3c41f6b-2e75-49d8-bb0e-6c1d2f3a4b5c"
	runningRun = "e1b7c9d2-4a63-4f18-8c25-7d9e0f1a2b3c"
)

func paris(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func hours(from, until string) config.Hours {
	parse := func(text string) time.Duration {
		t, err := time.Parse("15:04", text)
		if err != nil {
			panic(err)
		}
		return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	}
	return config.Hours{From: parse(from), Until: parse(until)}
}

var monToFri = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

func newWorld(t testing.TB) *world {
	t.Helper()
	return worldAt(t, filepath.Join(t.TempDir(), "state.db"))
}

// populatedWorld is a world with three days of runs.
func populatedWorld(t testing.TB) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(path, threeDays(t), 0o600); err != nil {
		t.Fatal(err)
	}
	w := worldAt(t, path)
	w.pauses[`sync.rooms["hss"]`] = register.Pause{
		Sync: `sync.rooms["hss"]`, PausedOn: time.Date(2026, 11, 24, 16, 40, 0, 0, w.now.Location()), PausedBy: "c.moreau",
		Reason: "Rooms are renumbered until Thursday",
	}
	w.plans[heldPlan] = heldPlanOf(w)
	return w
}

// filled is the state of three days, made once: hundreds of transactions take their time.
var filled struct {
	sync.Mutex
	content []byte
}

func threeDays(t testing.TB) []byte {
	t.Helper()
	filled.Lock()
	defer filled.Unlock()
	if filled.content != nil {
		return filled.content
	}
	path := filepath.Join(t.TempDir(), "state.db")
	w := worldAt(t, path)
	w.populate(t)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	filled.content = content
	return content
}

func worldAt(t testing.TB, path string) *world {
	t.Helper()
	zone := paris(t)
	store, err := state.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{
		config: universityConfig(zone), now: time.Date(2026, 11, 25, 14, 7, 20, 0, zone), store: store, metrics: web.NewMetrics(),
		plans: map[string]*plan.Plan{}, pauses: map[string]register.Pause{}, applied: map[string]bool{},
	}
}

func universityConfig(zone *time.Location) *config.Config {
	workingHours := &config.Schedule{
		Address: "schedule.working_hours", Name: "working_hours", Timezone: zone, Every: 15 * time.Minute,
		Windows: []config.Window{{Days: monToFri, Hours: hours("06:00", "19:45")}},
		Except:  []config.Exception{{Name: "weekly optimisation", Days: []time.Weekday{time.Wednesday}, Hours: hours("12:00", "13:00")}},
	}
	everyTwoHours := &config.Schedule{
		Address: "schedule.every_two_hours", Name: "every_two_hours", Timezone: zone, Every: 2 * time.Hour,
		Windows: []config.Window{{Days: monToFri, Hours: hours("06:00", "20:00")}},
	}
	nightly := &config.Schedule{
		Address: "schedule.nightly", Name: "nightly", Timezone: zone, At: []time.Duration{2*time.Hour + 30*time.Minute},
		Except: []config.Exception{{Name: "reorganisation of the database", Days: []time.Weekday{time.Sunday}}},
	}
	beforePayroll := &config.Schedule{
		Address: "schedule.before_payroll", Name: "before_payroll", Timezone: zone, At: []time.Duration{6*time.Hour + 30*time.Minute},
		Windows: []config.Window{{Days: monToFri}},
	}
	registers := &config.Connection{Address: "destination.postgres.registers", Provider: "postgres", Name: "registers"}
	payroll := &config.Connection{Address: "destination.postgres.payroll", Provider: "postgres", Name: "payroll"}
	cfg := &config.Config{
		Digest:    "9f2c61d07be44a1195c03d5e8f7a6b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a",
		Settings:  config.Settings{Timezone: zone, Atomic: config.AtomicSync, Service: config.Service{Timezone: zone, RunsPerDestination: 1}},
		Schedules: []*config.Schedule{workingHours, everyTwoHours, nightly, beforePayroll},
		Faculties: []*config.Faculty{
			{Address: "faculty.hss", Label: "hss", Name: "UFR Humanités et sciences sociales", Code: "12", Schedule: workingHours},
			{Address: "faculty.sci", Label: "sci", Name: "UFR Sciences", Code: "25", Schedule: everyTwoHours},
			{Address: "faculty.law", Label: "law", Name: "UFR Droit et sciences politiques", Code: "31", Schedule: nightly},
		},
		Destinations: []*config.Connection{registers, payroll},
	}
	add := func(name, faculty, table string, s *config.Schedule) {
		address := "sync." + name
		if faculty != "" {
			address += `["` + faculty + `"]`
		}
		into := registers
		if name == "hours" {
			into = payroll
		}
		cfg.Syncs = append(cfg.Syncs, &config.Sync{
			Address: address, Name: name, Faculty: faculty, Destination: config.SyncDestination{Into: into, Table: table}, Schedule: s,
		})
	}
	add("hours", "", "taught_hour", beforePayroll)
	add("buildings", "", "building", nil)
	add("rooms", "hss", "room", workingHours)
	add("courses", "hss", "course", workingHours)
	add("staff", "hss", "staff", workingHours)
	add("students", "hss", "student", workingHours)
	add("rooms", "sci", "room", everyTwoHours)
	add("courses", "sci", "course", everyTwoHours)
	add("staff", "sci", "staff", everyTwoHours)
	add("students", "sci", "student", everyTwoHours)
	add("rooms", "law", "room", nightly)
	add("courses", "law", "course", nightly)
	add("students", "law", "student", nightly)
	return cfg
}

// options are the handler's, as the service would fill them.
func (w *world) options() web.Options {
	return web.Options{
		Store: w.store, Config: func() *config.Config { return w.config }, Now: func() time.Time { return w.now }, Version: "0.6.0",
		Metrics: w.metrics, Log: slog.New(slog.DiscardHandler), RefusalDelay: -1,
		Ready: func(context.Context) error { return w.ready },
		Plan: func(_ context.Context, id string) (*plan.Plan, error) {
			if p, found := w.plans[id]; found {
				return p, nil
			}
			return nil, errors.New("no such plan")
		},
		Pauses: func(context.Context) (map[string]register.Pause, error) { return w.pauses, nil },
		Awaiting: func(_ context.Context, ids []string) (map[string]bool, error) {
			awaiting := map[string]bool{}
			for _, id := range ids {
				awaiting[id] = !w.applied[id]
			}
			return awaiting, nil
		},
	}
}

func (w *world) save(t testing.TB, r *run.Result) {
	t.Helper()
	if err := w.store.SaveRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// result is a run of all the syncs of a schedule at a slot, in which nothing changed.
func (w *world) result(schedule string, slot time.Time, n int) *run.Result {
	r := &run.Result{
		ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n), Trigger: run.Scheduled, Schedule: schedule, Slot: slot.UTC(),
		StartedOn: slot.Add(2 * time.Second).UTC(), StartedBy: "registrar@sync-1.example.org", ConfigDigest: w.config.Digest, GitCommit: "4be1c09a77d2",
	}
	at := r.StartedOn
	for _, s := range w.config.Syncs {
		if s.Schedule == nil || s.Schedule.Address != schedule {
			continue
		}
		r.Units = append(r.Units, run.UnitResult{
			Unit: s.Address, Faculty: s.Faculty, Outcome: run.Unchanged, Attempts: 1, StartedOn: at, EndedOn: at.Add(1700 * time.Millisecond),
			Syncs: []run.SyncResult{{
				Sync: s.Address, Faculty: s.Faculty, Destination: s.Destination.Into.Address, Table: s.Destination.Table, SourceRows: 1204,
			}},
		})
		at = at.Add(1700 * time.Millisecond)
	}
	r.EndedOn = at
	return r
}

// unit finds a unit by its name.
func unit(t testing.TB, r *run.Result, name string) *run.UnitResult {
	t.Helper()
	for i := range r.Units {
		if r.Units[i].Unit == name {
			return &r.Units[i]
		}
	}
	t.Fatalf("the run has no unit %s", name)
	return nil
}

func applied(u *run.UnitResult, counts map[config.Operation]int64) {
	u.Outcome, u.PlanID = run.Applied, partPlan
	u.Syncs[0].Counts = counts
}

// populate fills the world with three days of runs.
func (w *world) populate(t testing.TB) {
	t.Helper()
	zone := paris(t)
	monday := time.Date(2026, 11, 23, 0, 0, 0, 0, zone)
	n := 0
	slots := func(schedule string, first, last, step time.Duration, change func(r *run.Result, slot time.Time, i int)) {
		i := 0
		for day := range 3 {
			for at := first; at <= last; at += step {
				slot := monday.AddDate(0, 0, day).Add(at)
				if slot.After(w.now) || slot.Weekday() == time.Wednesday && step < time.Hour && at >= 12*time.Hour && at <= 13*time.Hour {
					continue
				}
				n++
				i++
				r := w.result(schedule, slot, n)
				if change != nil {
					change(r, slot, i)
				}
				if r.ID != "" {
					w.save(t, r)
				}
			}
		}
	}
	slots("schedule.nightly", 150*time.Minute, 150*time.Minute, time.Hour, func(r *run.Result, _ time.Time, _ int) {
		applied(unit(t, r, `sync.students["law"]`), map[config.Operation]int64{config.Insert: 14, config.Update: 32})
	})
	slots("schedule.before_payroll", 390*time.Minute, 390*time.Minute, time.Hour, func(r *run.Result, _ time.Time, _ int) {
		u := unit(t, r, "sync.hours")
		applied(u, map[config.Operation]int64{config.Insert: 2187, config.Update: 154, config.Delete: 9})
		u.Syncs[0].SourceRows, u.Syncs[0].Rejected = 48213, 3
	})
	slots("schedule.every_two_hours", 6*time.Hour, 20*time.Hour, 2*time.Hour, func(r *run.Result, slot time.Time, _ int) {
		rooms := unit(t, r, `sync.rooms["sci"]`)
		rooms.Outcome, rooms.PlanID = run.Partial, partPlan
		rooms.Syncs[0].Counts = map[config.Operation]int64{config.Insert: 4, config.Update: 11}
		rooms.Syncs[0].HeldBack = map[config.Operation]int64{config.Delete: 6}
		if slot.Weekday() != time.Wednesday || slot.Hour() < 14 {
			rooms.Outcome, rooms.Syncs[0].HeldBack = run.Applied, nil
			return
		}
		r.ID = heldRun
		u := unit(t, r, `sync.students["sci"]`)
		u.Outcome, u.PlanID = run.Held, heldPlan
		u.Message = "412 of 5,230 rows would be archived (7.9 %); the guard allows 5 %"
		u.Syncs[0].SourceRows, u.Syncs[0].Rejected = 4826, 2
		u.Syncs[0].Counts = map[config.Operation]int64{config.Insert: 8, config.Update: 21, config.Archive: 412}
		u.Syncs[0].Held = u.Message
	})
	slots("schedule.working_hours", 6*time.Hour, 19*time.Hour+45*time.Minute, 15*time.Minute, func(r *run.Result, slot time.Time, i int) {
		if i%3 == 0 {
			applied(unit(t, r, `sync.courses["hss"]`), map[config.Operation]int64{config.Update: int64(i)})
		}
		if i%7 == 0 {
			applied(unit(t, r, `sync.students["hss"]`), map[config.Operation]int64{config.Insert: 3, config.Update: 12, config.Archive: 1})
		}
		unit(t, r, `sync.rooms["hss"]`).Outcome = run.Paused
		last := slot.Weekday() == time.Wednesday && slot.Hour() == 14
		if last || slot.Weekday() == time.Tuesday && slot.Hour() == 9 {
			u := unit(t, r, `sync.staff["hss"]`)
			u.Outcome, u.Attempts = run.Failed, 4
			u.Message = "source.oracle.harpege: connect: connection refused (harpege-db.example.org:1521), after 4 attempts in 3 min 30 s"
		}
		switch {
		case last:
			r.ID = failedRun
		case slot.Weekday() == time.Monday && slot.Hour() == 10:
			r.ID = "" // missed
			if _, err := w.store.Miss(t.Context(), r.Schedule, slot, "the service was not running", w.now); err != nil {
				t.Fatal(err)
			}
		}
	})
	for _, host := range []string{"sync-1.example.org", "sync-2.example.org"} {
		err := w.store.Beat(t.Context(), state.Replica{ID: host, Host: host, Version: "0.6.0", ConfigDigest: w.config.Digest, SeenOn: w.now.Add(-4 * time.Second)})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// hold keeps a slot of a schedule running until the test is over.
func (w *world) hold(t testing.TB, schedule string, slot time.Time) {
	t.Helper()
	job := state.Job{RunID: runningRun, Schedule: schedule, Slot: slot.UTC(), Start: slot.UTC(), Trigger: run.Scheduled, ConfigDigest: w.config.Digest}
	if claimed, err := w.store.Claim(t.Context(), job, w.now); err != nil || !claimed {
		t.Fatalf("claim: %v, %v", claimed, err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	started, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- w.store.Work(ctx, state.WorkOptions{
			Jobs: 1, Takeover: time.Minute, Grace: time.Minute, Log: slog.New(slog.DiscardHandler),
			Handle: func(context.Context, state.Job) error {
				close(started)
				<-ctx.Done()
				return nil
			},
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("work: %v", err)
		}
	})
	select {
	case <-started:
	case err := <-ended:
		t.Fatalf("work ended: %v", err)
	case <-time.After(30 * time.Second):
		t.Fatal("the job did not start")
	}
}

func heldPlanOf(w *world) *plan.Plan {
	p := &plan.Plan{ID: heldPlan, CreatedOn: w.now.Add(-7 * time.Minute), ExpiresOn: w.now.Add(71 * time.Hour), ConfigDigest: w.config.Digest}
	sync := `sync.students["sci"]`
	part := plan.Destination{Address: "destination.postgres.registers", Provider: "postgres", Database: "registers", Syncs: []register.SyncSummary{{
		Sync: sync, Faculty: "sci", Source: "source.oracle.apogee", Destination: "destination.postgres.registers", Table: "student",
		SourceRows: 4826, LiveRows: 5230, Counts: map[config.Operation]int64{config.Insert: 8, config.Update: 21, config.Archive: 412},
		Rejected: 2, Held: "412 of 5,230 rows would be archived (7.9 %); the guard allows 5 %",
	}}}
	text := func(s string) *plan.Cell { return &plan.Cell{Text: s} }
	for i := range 48 {
		change := plan.Change{Sync: sync, Operation: config.Archive, Key: []plan.Cell{{Column: "code", Text: fmt.Sprintf("2200%04d", 17*i+102)}}}
		change.Columns = []plan.ColumnChange{
			{Column: "archived_on", Before: &plan.Cell{Null: true}, After: &plan.Cell{Now: true}, Changed: true},
			{Column: "email", Before: &plan.Cell{Sensitive: true}, After: &plan.Cell{Sensitive: true}},
			{Column: "status", Before: text("ENROLLED"), After: text("HIDDEN"), Changed: true},
		}
		part.Excerpt = append(part.Excerpt, change)
	}
	part.Excerpt = append(part.Excerpt,
		plan.Change{Sync: sync, Operation: config.Update, Key: []plan.Cell{{Column: "code", Text: "22004711"}}, Columns: []plan.ColumnChange{
			{Column: "degree_id", Before: &plan.Cell{Text: "12", Keys: []plan.Cell{{Column: "code", Text: "L2INFO"}}}, After: &plan.Cell{Text: "13", Keys: []plan.Cell{{Column: "code", Text: "L3INFO"}}}, Changed: true},
			{Column: "email", Before: &plan.Cell{Sensitive: true}, After: &plan.Cell{Sensitive: true}, Changed: true},
		}},
		plan.Change{Sync: sync, Operation: config.Insert, Key: []plan.Cell{{Column: "code", Text: "22009001"}}, Columns: []plan.ColumnChange{
			{Column: "code", After: text("22009001"), Changed: true},
			{Column: "email", After: &plan.Cell{Sensitive: true}, Changed: true},
		}})
	part.Notices = []plan.Notice{
		{Sync: sync, Kind: register.Rejected, Key: []plan.Cell{{Column: "code", Text: "22001187"}}, Message: "email: the address is empty"},
		{Sync: sync, Kind: register.Rejected, Key: []plan.Cell{{Column: "code", Text: "22003320"}}, Message: "email: the address is empty"},
	}
	p.Destinations = []plan.Destination{part}
	return p
}

// get answers a request without a network.
func get(t testing.TB, h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return do(t, h, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil), headers...)
}

func do(t testing.TB, h http.Handler, r *http.Request, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

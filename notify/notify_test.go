package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// notebook is a Memory.
type notebook struct {
	mu     sync.Mutex
	said   map[string]Said
	broken bool
}

func (b *notebook) Last(_ context.Context, notifier, subject string) (Said, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken {
		return Said{}, errors.New("the state is locked")
	}
	return b.said[notifier+"/"+subject], nil
}

func (b *notebook) Remember(_ context.Context, notifier, subject string, s Said) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken {
		return errors.New("the state is locked")
	}
	if b.said == nil {
		b.said = map[string]Said{}
	}
	b.said[notifier+"/"+subject] = s
	return nil
}

var start = time.Date(2026, 11, 21, 1, 30, 0, 0, time.UTC)

// world is a configuration with one notifier, and the clock.
type world struct {
	*testing.T
	cfg      *config.Config
	notifier *config.Notifier
	memory   *notebook
	now      time.Time
	logged   strings.Builder
	logging  sync.Mutex
	runs     int
}

func (w *world) Write(p []byte) (int, error) {
	w.logging.Lock()
	defer w.logging.Unlock()
	return w.logged.Write(p)
}

func newWorld(t *testing.T, on ...config.Event) *world {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	n := &config.Notifier{Address: "notify.webhook.chat", Kind: "webhook", Name: "chat", On: on, Repeat: 24 * time.Hour}
	hss := &config.Faculty{Address: "faculty.hss", Label: "hss", Name: "UFR Humanités & sciences sociales", Notify: []*config.Notifier{n}}
	sci := &config.Faculty{Address: "faculty.sci", Label: "sci", Name: "UFR Sciences", Notify: []*config.Notifier{n}}
	w := &world{T: t, notifier: n, memory: &notebook{}, now: start, cfg: &config.Config{
		Settings:  config.Settings{Timezone: paris},
		Faculties: []*config.Faculty{hss, sci},
		Notifiers: []*config.Notifier{n},
		Checks:    []*config.Check{{Address: "check.orphans", Severity: config.CheckWarning}, {Address: "check.notes", Severity: config.CheckInfo}},
	}}
	for _, f := range []string{"hss", "sci"} {
		w.cfg.Syncs = append(w.cfg.Syncs, &config.Sync{
			Address: fmt.Sprintf("sync.students[%q]", f), Faculty: f, Notify: []*config.Notifier{n},
			Columns: []config.Column{{Name: "code"}, {Name: "status"}, {Name: "grant", Sensitive: true}},
		})
	}
	w.cfg.Syncs = append(w.cfg.Syncs, &config.Sync{Address: "sync.rooms", Notify: []*config.Notifier{n}}, &config.Sync{Address: "sync.secret"})
	return w
}

func (w *world) options() Options {
	return Options{
		Memory: w.memory, Now: func() time.Time { return w.now }, Version: "0.6.0", Program: "registrar --chdir /etc/registrar",
		Log: slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// unitOf makes a unit of one sync.
func (w *world) unitOf(sync string, outcome run.Outcome, change ...func(u *run.UnitResult, s *run.SyncResult)) run.UnitResult {
	s := run.SyncResult{Sync: sync, Destination: "destination.postgres.timetable", Table: "student"}
	for _, known := range w.cfg.Syncs {
		if known.Address == sync {
			s.Faculty = known.Faculty
		}
	}
	u := run.UnitResult{
		Unit: sync, Faculty: s.Faculty, Outcome: outcome, Attempts: 1, StartedOn: w.now.Add(-2 * time.Minute), EndedOn: w.now.Add(-time.Minute),
	}
	for _, c := range change {
		c(&u, &s)
	}
	u.Syncs = []run.SyncResult{s}
	return u
}

func (w *world) result(units ...run.UnitResult) *run.Result {
	w.runs++
	return &run.Result{
		ID: fmt.Sprintf("0197a000-0000-7000-8000-%012d", w.runs), Trigger: run.Manual, StartedOn: w.now.Add(-2 * time.Minute),
		EndedOn: w.now.Add(-time.Minute), StartedBy: "registrar@example.org", Units: units,
	}
}

// told judges a run as if the message were sent, and returns its events by unit; failing as if it could not
// be.
func (w *world) told(result *run.Result, sent bool) map[string][]config.Event {
	w.Helper()
	units := unitsFor(w.cfg, w.notifier, result)
	j := judge{notifier: w.notifier, memory: w.memory, now: w.now}
	out := map[string][]config.Event{}
	for i := range units {
		j.unit(w.Context(), &units[i])
		if len(units[i].events) > 0 {
			out[units[i].result.Unit] = units[i].events
		}
	}
	memos := j.unsaid
	if sent || len(out) == 0 && sent {
		memos = j.said
	}
	if err := errors.Join(j.err, j.remember(w.Context(), memos)); err != nil {
		w.Fatal(err)
	}
	return out
}

func counts(op config.Operation, n int64) func(u *run.UnitResult, s *run.SyncResult) {
	return func(_ *run.UnitResult, s *run.SyncResult) { s.Counts = map[config.Operation]int64{op: n} }
}

func rejected(_ *run.UnitResult, s *run.SyncResult)   { s.Rejected = 3 }
func warned(_ *run.UnitResult, s *run.SyncResult)     { s.Warned = 2 }
func unresolved(_ *run.UnitResult, s *run.SyncResult) { s.Unresolved = 5 }

func checked(_ *run.UnitResult, s *run.SyncResult) {
	s.Checks = map[string]int64{"check.orphans": 4}
}

func noted(_ *run.UnitResult, s *run.SyncResult) {
	s.Checks = map[string]int64{"check.notes": 4}
}

func heldBack(_ *run.UnitResult, s *run.SyncResult) {
	s.HeldBack = map[config.Operation]int64{config.Archive: 812}
}

// Every event by itself, over every outcome, with and without what is found on the way: told exactly
// where it should be.
func TestEventsByOutcome(t *testing.T) {
	type situation struct {
		name   string
		before string // what Memory has of the unit
		unit   func(w *world) run.UnitResult
		events []config.Event // besides every
	}
	of := func(outcome run.Outcome, change ...func(u *run.UnitResult, s *run.SyncResult)) func(w *world) run.UnitResult {
		return func(w *world) run.UnitResult { return w.unitOf("sync.rooms", outcome, change...) }
	}
	situations := []situation{
		{"applied", "", of(run.Applied, counts(config.Update, 3)), []config.Event{config.OnChanges}},
		{"applied nothing", "", of(run.Applied), nil},
		{"unchanged", "", of(run.Unchanged), nil},
		{"unchanged as before", ok, of(run.Unchanged), nil},
		{"partial", "", of(run.Partial, counts(config.Insert, 1), heldBack), []config.Event{config.OnHeld, config.OnChanges}},
		{"partial without counts", "", of(run.Partial), []config.Event{config.OnHeld}},
		{"held", "", of(run.Held, counts(config.Archive, 812)), []config.Event{config.OnHeld}},
		{"failed", "", of(run.Failed, counts(config.Update, 3)), []config.Event{config.OnFailure}},
		{"failed before planning", "", func(w *world) run.UnitResult {
			u := w.unitOf("sync.rooms", run.Failed)
			u.Syncs = nil
			return u
		}, []config.Event{config.OnFailure}},
		{"paused", "", of(run.Paused), nil},
		{"paused with rejects of before", failed, of(run.Paused, rejected), nil},
		{"failed and applied", failed, of(run.Applied, counts(config.Update, 3)), []config.Event{config.OnRecovered, config.OnChanges}},
		{"failed and unchanged", failed, of(run.Unchanged), []config.Event{config.OnRecovered}},
		{"held and unchanged", held, of(run.Unchanged), []config.Event{config.OnRecovered}},
		{"held and failed", held, of(run.Failed), []config.Event{config.OnFailure}},
		{"failed and held", failed, of(run.Held), []config.Event{config.OnHeld}},
		{"failed and paused", failed, of(run.Paused), nil},
		{"rejects", "", of(run.Unchanged, rejected), []config.Event{config.OnRejects}},
		{"rejects while held", "", of(run.Held, rejected), []config.Event{config.OnHeld, config.OnRejects}},
		{"warnings", "", of(run.Unchanged, warned), []config.Event{config.OnFindings}},
		{"a check", "", of(run.Applied, checked), []config.Event{config.OnFindings}},
		{"a check for information", "", of(run.Applied, noted), nil},
		{"unresolved", "", of(run.Unchanged, unresolved), nil},
		{"all at once", failed, of(run.Applied, counts(config.Delete, 1), rejected, warned), []config.Event{config.OnFindings, config.OnRejects, config.OnRecovered, config.OnChanges}},
	}
	for _, s := range situations {
		for _, event := range config.Events {
			t.Run(s.name+"/"+string(event), func(t *testing.T) {
				w := newWorld(t, event)
				if s.before != "" {
					// Long ago, so that nothing is damped.
					long := w.now.Add(-100 * 24 * time.Hour)
					w.memory.said = map[string]Said{"notify.webhook.chat/sync.rooms": {State: s.before, Since: long, SentOn: long}}
				}
				var want []config.Event
				if event == config.OnEvery || slices.Contains(s.events, event) {
					want = []config.Event{event}
				}
				if got := w.told(w.result(s.unit(w)), true)["sync.rooms"]; !cmp.Equal(got, want) {
					t.Errorf("told %v, not %v", got, want)
				}
			})
		}
		t.Run(s.name+"/all", func(t *testing.T) {
			w := newWorld(t, config.Events...)
			if s.before != "" {
				long := w.now.Add(-100 * 24 * time.Hour)
				w.memory.said = map[string]Said{"notify.webhook.chat/sync.rooms": {State: s.before, Since: long, SentOn: long}}
			}
			want := append(slices.Clone(s.events), config.OnEvery)
			if got := w.told(w.result(s.unit(w)), true)["sync.rooms"]; !cmp.Equal(got, want) {
				t.Errorf("told %v, not %v", got, want)
			}
		})
	}
}

// A slot that had been run already is told of when it ran.
func TestDoneIsNotTold(t *testing.T) {
	w := newWorld(t, config.Events...)
	if got := w.told(w.result(w.unitOf("sync.rooms", run.Done, counts(config.Update, 3), rejected)), true); len(got) > 0 {
		t.Errorf("told %v", got)
	}
	if len(w.memory.said) > 0 {
		t.Errorf("remembered %v", w.memory.said)
	}
}

func TestDamping(t *testing.T) {
	w := newWorld(t, config.OnFailure, config.OnHeld, config.OnRecovered)
	quarter := func(outcome run.Outcome, want ...config.Event) {
		t.Helper()
		if got := w.told(w.result(w.unitOf("sync.rooms", outcome)), true)["sync.rooms"]; !cmp.Equal(got, want) {
			t.Errorf("%s: told %v, not %v", w.now.Sub(start), got, want)
		}
		w.now = w.now.Add(15 * time.Minute)
	}
	quarter(run.Failed, config.OnFailure)
	for range 87 {
		quarter(run.Failed)
	}
	if said := w.memory.said["notify.webhook.chat/sync.rooms"]; said.Suppressed != 87 || !said.SentOn.Equal(start) || !said.Since.Equal(start.Add(-2*time.Minute)) {
		t.Errorf("remembered %+v", said)
	}
	// Nearly a day later it is said again, and then damped again.
	quarter(run.Failed, config.OnFailure)
	quarter(run.Failed)
	// What is new is told at once; when it began stays.
	quarter(run.Held, config.OnHeld)
	quarter(run.Held)
	quarter(run.Paused)
	if said := w.memory.said["notify.webhook.chat/sync.rooms"]; said.State != held || !said.Since.Equal(start.Add(-2*time.Minute)) {
		t.Errorf("remembered %+v", said)
	}
	quarter(run.Unchanged, config.OnRecovered)
	quarter(run.Unchanged)
	quarter(run.Failed, config.OnFailure)
	// The clock is set back by a year: it is not silent for one.
	w.now = w.now.AddDate(-1, 0, 0)
	quarter(run.Failed, config.OnFailure)
	quarter(run.Failed)
	w.notifier.Repeat = 0
	quarter(run.Failed, config.OnFailure)
	quarter(run.Failed, config.OnFailure)
}

// What fails each night is told each night, however long it takes to, and when the clocks change.
func TestNightlyFailuresAreToldEachNight(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	for night, after := range []time.Duration{0, 24*time.Hour - 50*time.Second, 23*time.Hour - 30*time.Second, 25 * time.Hour} {
		w.now = w.now.Add(after)
		if got := w.told(w.result(w.unitOf("sync.rooms", run.Failed)), true); len(got) != 1 {
			t.Errorf("night %d: told %v", night, got)
		}
	}
}

// What is found each time is told when its numbers change, and once per repeat.
func TestFindingsAreDamped(t *testing.T) {
	w := newWorld(t, config.OnRejects, config.OnFindings)
	quarter := func(change func(u *run.UnitResult, s *run.SyncResult), outcome run.Outcome, want ...config.Event) {
		t.Helper()
		if got := w.told(w.result(w.unitOf("sync.rooms", outcome, change)), true)["sync.rooms"]; !cmp.Equal(got, want) {
			t.Errorf("%s: told %v, not %v", w.now.Sub(start), got, want)
		}
		w.now = w.now.Add(15 * time.Minute)
	}
	none := func(*run.UnitResult, *run.SyncResult) {}
	quarter(rejected, run.Unchanged, config.OnRejects)
	quarter(rejected, run.Applied)
	quarter(none, run.Failed) // nobody has looked
	quarter(rejected, run.Unchanged)
	quarter(func(_ *run.UnitResult, s *run.SyncResult) { s.Rejected = 4 }, run.Unchanged, config.OnRejects)
	quarter(none, run.Unchanged)
	quarter(rejected, run.Unchanged, config.OnRejects)
	quarter(checked, run.Unchanged, config.OnFindings)
	quarter(checked, run.Unchanged)
	w.now = w.now.Add(24 * time.Hour)
	quarter(checked, run.Unchanged, config.OnFindings)
}

// What could not be sent is told by the next run, if it still holds, with when it began.
func TestUnsentIsToldAgain(t *testing.T) {
	w := newWorld(t, config.OnFailure, config.OnRecovered, config.OnRejects)
	once := func(outcome run.Outcome, sent bool, want ...config.Event) {
		t.Helper()
		if got := w.told(w.result(w.unitOf("sync.rooms", outcome, rejected)), sent)["sync.rooms"]; !cmp.Equal(got, want) {
			t.Errorf("told %v, not %v", got, want)
		}
		w.now = w.now.Add(time.Hour)
	}
	once(run.Failed, false, config.OnFailure, config.OnRejects)
	once(run.Failed, false, config.OnFailure, config.OnRejects)
	once(run.Failed, true, config.OnFailure, config.OnRejects)
	if said := w.memory.said["notify.webhook.chat/sync.rooms"]; !said.Since.Equal(start.Add(-2*time.Minute)) || !said.SentOn.Equal(start.Add(2*time.Hour)) {
		t.Errorf("remembered %+v", said)
	}
	once(run.Failed, true)
	once(run.Unchanged, false, config.OnRecovered)
	once(run.Unchanged, true, config.OnRecovered)
	once(run.Unchanged, true)
}

// A notifier that only wants to hear of recoveries hears of them.
func TestRecoveredAlone(t *testing.T) {
	w := newWorld(t, config.OnRecovered)
	for _, step := range []struct {
		outcome run.Outcome
		want    []config.Event
	}{{run.Failed, nil}, {run.Failed, nil}, {run.Applied, []config.Event{config.OnRecovered}}, {run.Applied, nil}} {
		if got := w.told(w.result(w.unitOf("sync.rooms", step.outcome)), true)["sync.rooms"]; !cmp.Equal(got, step.want) {
			t.Errorf("%s: told %v, not %v", step.outcome, got, step.want)
		}
	}
}

// Of a unit that spans faculties each notifier learns its own part only.
func TestOnlyItsOwn(t *testing.T) {
	w := newWorld(t, config.OnHeld, config.OnChanges, config.OnRejects)
	other := &config.Notifier{Address: "notify.webhook.other", On: w.notifier.On}
	for _, s := range w.cfg.Syncs {
		if s.Faculty == "sci" {
			s.Notify = []*config.Notifier{other}
		}
	}
	all := w.unitOf(`sync.students["hss"]`, run.Partial, counts(config.Update, 3))
	all.Unit, all.Faculty = "all", ""
	all.Syncs = append(all.Syncs, w.unitOf(`sync.students["sci"]`, run.Partial, heldBack, rejected).Syncs...)
	all.Syncs = append(all.Syncs, w.unitOf("sync.secret", run.Partial, rejected).Syncs...)
	result := w.result(all)
	for notifier, want := range map[*config.Notifier][]config.Event{
		w.notifier: {config.OnChanges},
		other:      {config.OnHeld, config.OnRejects},
	} {
		units := unitsFor(w.cfg, notifier, result)
		j := judge{notifier: notifier, now: w.now}
		j.unit(t.Context(), &units[0])
		if !cmp.Equal(units[0].events, want) {
			t.Errorf("%s is told %v, not %v", notifier.Address, units[0].events, want)
		}
		if m := compose(w.cfg, notifier, result, units, w.options()); len(m.Units[0].Syncs) != 1 || strings.Contains(fmt.Sprint(m), "sync.secret") {
			t.Errorf("%s learns of %+v", notifier.Address, m.Units[0].Syncs)
		}
	}
	if units := unitsFor(w.cfg, w.notifier, w.result(w.unitOf("sync.secret", run.Failed))); len(units) > 0 {
		t.Errorf("told of %+v", units)
	}
	// A failure before anything is known of the syncs reaches those whose unit it is.
	for unit, want := range map[string]int{"all": 1, "faculty.hss": 1, "hss": 1, "faculty.sci": 0, "sync.rooms": 1, "sync.secret": 0} {
		if got := len(unitsFor(w.cfg, w.notifier, w.result(run.UnitResult{Unit: unit, Outcome: run.Failed}))); got != want {
			t.Errorf("%s: %d units", unit, got)
		}
	}
}

func observing(observer string, rows int64, keys ...string) func(u *run.UnitResult, s *run.SyncResult) {
	return func(u *run.UnitResult, s *run.SyncResult) {
		u.Observed = append(u.Observed, run.Observation{Observer: observer, Sync: s.Sync, Rows: rows, Keys: keys})
	}
}

// on_change blocks tell whoever they name, whatever else that notifier wants to know; once the
// rows are written; and without the keys where the column is masked.
func TestOnChange(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	left := "left"
	w.cfg.Observers = []*config.Observer{
		{Address: "on_change.left", Column: "status", To: &left, FromNull: true, Notify: []*config.Notifier{w.notifier}},
		{Address: "on_change.grant", Column: "grant", To: &left, Notify: []*config.Notifier{w.notifier}},
		{Address: "on_change.others", Column: "status", To: &left, Notify: []*config.Notifier{{Address: "notify.webhook.other"}}},
	}
	const hss = `sync.students["hss"]`
	seen := func(u *run.UnitResult, s *run.SyncResult) {
		observing("on_change.left", 12, "E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9", "E10", "E11", "E12")(u, s)
		observing("on_change.grant", 1, "E9")(u, s)
		observing("on_change.others", 1, "E9")(u, s)
	}
	for outcome, want := range map[run.Outcome][]config.Event{
		run.Applied: {onChange}, run.Partial: {onChange}, run.Held: nil, run.Failed: {config.OnFailure}, run.Paused: nil, run.Done: nil,
	} {
		w.memory.said = nil
		if got := w.told(w.result(w.unitOf(hss, outcome, seen)), true)[hss]; !cmp.Equal(got, want) {
			t.Errorf("%s: told %v, not %v", outcome, got, want)
		}
	}
	result := w.result(w.unitOf(hss, run.Applied, seen, counts(config.Update, 13)))
	// Of the syncs that are not its own it sees no counts.
	for _, s := range w.cfg.Syncs {
		s.Notify = nil
	}
	units := unitsFor(w.cfg, w.notifier, result)
	j := judge{notifier: w.notifier, now: w.now}
	j.unit(t.Context(), &units[0])
	m := compose(w.cfg, w.notifier, result, units, w.options())
	want := []observation{
		{Observer: "on_change.left", Sync: hss, Column: "status", Change: `from null to "left"`, Rows: 12, Keys: []string{"E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9", "E10"}},
		{Observer: "on_change.grant", Sync: hss, Column: "grant", Change: `to "left"`, Rows: 1},
	}
	if diff := cmp.Diff(want, m.Units[0].Observed); diff != "" || len(m.Units[0].Syncs) > 0 {
		t.Errorf("%s%+v", diff, m.Units[0].Syncs)
	}
	if got := m.page().text(); !strings.Contains(got, `status changed from null to "left" in 12 rows of sync.students["hss"]: E1, E2, E3, E4, E5, E6, E7, E8, E9, E10 and 2 more`) {
		t.Error(got)
	}
}

// A memory that fails neither hides what happened nor is passed over in silence.
func TestBrokenMemory(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	w.memory.broken = true
	units := unitsFor(w.cfg, w.notifier, w.result(w.unitOf("sync.rooms", run.Failed)))
	j := judge{notifier: w.notifier, memory: w.memory, now: w.now}
	j.unit(t.Context(), &units[0])
	if len(units[0].events) != 1 || j.err == nil || j.remember(t.Context(), j.said) == nil {
		t.Errorf("events %v, error %v", units[0].events, j.err)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nBcc: x@example.org":       "a  Bcc: x@example.org",
		"\x1b[2Ja\x00b":                 "[2Ja b",
		"a\u202eb\u2066c\u200d":         "abc",
		"a\u2028b\u0085c":               "a b c",
		"\xff\xfea":                     "a",
		strings.Repeat("é", 300):        strings.Repeat("é", 200) + "…",
		"UFR Humanités & sciences (12)": "UFR Humanités & sciences (12)",
	} {
		if got := line(in); got != want {
			t.Errorf("line(%q) = %q", in, got)
		}
	}
	if got := text("a\nb\r\n" + strings.Repeat("x", 3000)); !strings.HasPrefix(got, "a\nb \nxxx") || len(got) > 2010 {
		t.Errorf("text gives %q", got)
	}
}

// Whatever a unit is called, a subject is one short line.
func TestSubject(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	evil := "sync.x\r\nBcc: everybody@example.org\r\n\r\n<script>"
	w.cfg.Syncs = append(w.cfg.Syncs, &config.Sync{Address: evil, Notify: []*config.Notifier{w.notifier}})
	units := []run.UnitResult{w.unitOf(evil, run.Failed)}
	for range 200 {
		units = append(units, w.unitOf("sync.rooms", run.Failed))
	}
	result := w.result(units...)
	told := unitsFor(w.cfg, w.notifier, result)
	for i := range told {
		told[i].events = []config.Event{config.OnFailure}
	}
	m := compose(w.cfg, w.notifier, result, told, w.options())
	if got := m.subject(); strings.ContainsAny(got, "\r\n") || len(got) > 200 || !strings.HasPrefix(got, "[registrar] 201 failed: sync.x") || !strings.HasSuffix(got, " …") {
		t.Errorf("the subject is %q", got)
	}
	if p := m.page(); p.More != 101 || !strings.Contains(p.text(), "And 101 other units, not listed here.") {
		t.Errorf("%d more", p.More)
	}
}

// A unit of several syncs lists those of which there is something to say.
func TestSeveralSyncs(t *testing.T) {
	w := newWorld(t, config.OnChanges)
	u := w.unitOf(`sync.students["hss"]`, run.Applied, counts(config.Update, 3))
	u.Unit, u.Faculty = "all", ""
	u.Syncs = append(u.Syncs, w.unitOf(`sync.students["sci"]`, run.Applied, counts(config.Archive, 2), rejected).Syncs...)
	u.Syncs = append(u.Syncs, w.unitOf("sync.rooms", run.Applied).Syncs...)
	result := w.result(u)
	units := unitsFor(w.cfg, w.notifier, result)
	j := judge{notifier: w.notifier, now: w.now}
	j.unit(t.Context(), &units[0])
	got := compose(w.cfg, w.notifier, result, units, w.options()).page().text()
	const want = `
all: CHANGED
  and 1 other sync, not listed
  sync.students["hss"] (hss): 3 updated
  sync.students["sci"] (sci): 2 archived; 3 rejected
`
	if !strings.Contains(got, want) {
		t.Error(got)
	}
}

// Every operation of the configuration is named, deletions first.
func TestOperationsAreNamed(t *testing.T) {
	all := map[config.Operation]int64{}
	for _, op := range config.Operations {
		all[op] = 1
	}
	const want = "1 deleted, 1 archived, 1 purged, 1 inserted, 1 updated, 1 undeleted, 1 renamed, 1 adopted"
	if got := spellCounts(all, true); got != want {
		t.Error(got)
	}
	for _, o := range operations {
		delete(all, o.op)
	}
	if len(all) > 0 {
		t.Errorf("not named: %v", slices.Collect(maps.Keys(all)))
	}
}

func TestLasting(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "less than a minute", -time.Hour: "less than a minute", time.Minute: "1 minute", 90 * time.Minute: "1 hour 30 minutes",
		50*time.Hour + time.Minute: "2 days 2 hours", 24 * time.Hour: "1 day",
	} {
		if got := lasting(d); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
}

package serve

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
	"github.com/registrar-sync/registrar/serve/web"
)

// told are the messages that a webhook was sent.
type told struct {
	mu   sync.Mutex
	all  []string
	hang chan struct{} // nil, or what an answer waits for
}

func (h *told) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	h.all = append(h.all, string(body))
	h.mu.Unlock()
	if h.hang != nil {
		<-h.hang
	}
}

func (h *told) messages() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.all...)
}

// jobs is a service to which a test gives jobs.
type jobs struct {
	*clockwork
	*config.Schedule
	told told
	out  bytes.Buffer
	ran  []run.Request
}

// newJobs returns one that runs every ten minutes between 12:00 and 12:30, now at 12:20. A webhook is told of all runs.
func newJobs(t *testing.T) *jobs {
	t.Helper()
	j := &jobs{Schedule: every(10 * time.Minute)}
	j.Windows = []config.Window{{Hours: config.Hours{From: 12 * time.Hour, Until: 12*time.Hour + 30*time.Minute}}}
	j.clockwork = newClockwork(t, "2026-09-07 12:20:00", j.Schedule)
	server := httptest.NewServer(&j.told)
	t.Cleanup(server.Close)
	t.Cleanup(func() { j.teller.end() }) // before it
	hook := &config.Notifier{
		Address: "notify.webhook.h", On: []config.Event{config.OnEvery}, Webhook: &config.Webhook{URL: server.URL, Format: config.WebhookJSON, Timeout: 10 * time.Second},
	}
	cfg := j.configs.current().cfg
	cfg.Notifiers = []*config.Notifier{hook}
	cfg.Syncs[0].Notify = cfg.Notifiers
	j.service.Log = slog.New(slog.NewTextHandler(&j.out, nil))
	j.Execute = func(_ context.Context, _ *config.Config, request run.Request, _ run.Options) (*run.Result, error) {
		j.ran = append(j.ran, request)
		return j.result(request, run.Applied), nil
	}
	return j
}

func (j *jobs) job(slot string) state.Job {
	return state.Job{RunID: uuid.NewString(), Schedule: j.Address, Slot: utc(slot), Start: utc(slot), Trigger: run.Scheduled, ConfigDigest: "first"}
}

// result is one of the schedule's only unit.
func (j *jobs) result(request run.Request, outcome run.Outcome) *run.Result {
	r := ended(request)
	r.Units = []run.UnitResult{{
		Unit: "sync.s", Outcome: outcome, StartedOn: j.at, EndedOn: j.at,
		Syncs: []run.SyncResult{{Sync: "sync.s", Counts: map[config.Operation]int64{config.Insert: 7}}},
	}}
	return r
}

// begun records that a run has begun.
func (j *jobs) begun(job state.Job) {
	j.Helper()
	j.must(j.Store.SaveRun(j.Context(), &run.Result{ID: job.RunID, Schedule: job.Schedule, Slot: job.Slot, StartedOn: job.Slot}))
}

// wants asserts the outcome that is recorded of a job and what the webhook is told of it, which is nothing for "".
func (j *jobs) wants(job state.Job, outcome run.Outcome, message string) {
	j.Helper()
	recorded, err := j.Store.Run(j.Context(), job.RunID)
	j.must(err)
	if recorded == nil || recorded.EndedOn.IsZero() || recorded.Worst() != outcome || len(recorded.Units) != 1 || recorded.Units[0].Unit != "sync.s" {
		j.Errorf("recorded is %+v, want %s", recorded, outcome)
	} else if got := recorded.Units[0]; !strings.Contains(got.Message, message) || len(got.Syncs) != 1 || got.Syncs[0].Sync != "sync.s" {
		j.Errorf("the unit is %+v, want %q", got, message)
	}
	j.teller.work.Wait()
	if got := j.told.messages(); len(got) != 1 || !strings.Contains(got[0], `"`+string(outcome)+`"`) || !strings.Contains(got[0], message) {
		j.Errorf("told was %q, want %s once", got, outcome)
	}
	if got := j.metrics(); !strings.Contains(got, `registrar_runs_total{faculty="",outcome="`+string(outcome)+`",unit="sync.s"} 1`) {
		j.Errorf("the metrics do not count one %s run", outcome)
	}
}

// metrics are what the service tells of itself.
func (c *clockwork) metrics() string {
	c.Helper()
	handler := web.New(web.Options{
		Store: c.Store, Config: func() *config.Config { return c.configs.current().cfg }, Now: c.service.Run.Now, Metrics: c.service.metrics,
	})
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://localhost/metrics", http.NoBody))
	return answer.Body.String()
}

// What a run says at once is recorded, counted and told, as what it ends with is.
func TestARunThatCannotBeMade(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		execute func(j *jobs, request run.Request) (*run.Result, error)
		outcome run.Outcome
		message string
	}{
		"it ends": {func(j *jobs, r run.Request) (*run.Result, error) { return j.result(r, run.Applied), nil }, run.Applied, ""},
		"an error": {func(*jobs, run.Request) (*run.Result, error) {
			return nil, errors.New("its units need one another")
		}, run.Failed, "need one another"},
		"an error in the midst": {func(j *jobs, r run.Request) (*run.Result, error) {
			return j.result(r, run.Held), errors.New("it broke off")
		}, run.Held, ""},
		"a panic": {func(*jobs, run.Request) (*run.Result, error) { panic("Müller, Anna") }, run.Failed, "a defect of registrar"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJobs(t)
			j.Execute = func(_ context.Context, _ *config.Config, request run.Request, _ run.Options) (*run.Result, error) {
				return test.execute(j, request)
			}
			job := j.job("2026-09-07 12:20:00")
			j.must(j.handle(t.Context(), job))
			j.wants(job, test.outcome, test.message)
			if strings.Contains(j.out.String(), "Müller") {
				t.Errorf("the log holds what the panic said:\n%s", j.out.String())
			}
		})
	}
}

// A process that died after a run had ended, and before its messages went out or the slot's end was recorded.
func TestWhatEndedIsToldAndNotRunAgain(t *testing.T) {
	t.Parallel()
	j := newJobs(t)
	job := j.job("2026-09-07 12:20:00")
	j.must(j.Store.SaveRun(t.Context(), j.result(requestOf(job), run.Held)))
	job.Begun = true
	j.must(j.handle(t.Context(), job))
	if len(j.ran) != 0 {
		t.Error("what had ended was run again")
	}
	j.wants(job, run.Held, "")
}

// What is to wait for another process is asked for again, and what the run itself did stays its result.
func TestBusy(t *testing.T) {
	t.Parallel()
	j := newJobs(t)
	cfg := j.configs.current().cfg
	cfg.Syncs = append(cfg.Syncs, &config.Sync{Address: "sync.other", Schedule: j.Schedule, Destination: cfg.Syncs[0].Destination})
	outcomes := [][2]run.Outcome{{run.Held, run.Busy}, {run.Done, run.Applied}}
	j.Execute = func(_ context.Context, _ *config.Config, request run.Request, _ run.Options) (*run.Result, error) {
		r := j.result(request, outcomes[0][0])
		r.Units = append(r.Units, j.result(request, outcomes[0][1]).Units[0])
		r.Units[1].Unit, r.Units[1].Syncs[0].Sync = "sync.other", "sync.other"
		outcomes = outcomes[1:]
		return r, nil
	}
	job := j.job("2026-09-07 12:20:00")
	if err := j.handle(t.Context(), job); !errors.Is(err, state.ErrNotMine) {
		t.Fatalf("a slot that another process runs: %v", err)
	}
	j.teller.work.Wait()
	if got := j.told.messages(); len(got) != 0 {
		t.Errorf("told was %q before the run had ended", got)
	}
	j.at = utc("2026-09-07 12:45:00") // it had started
	j.must(j.handle(t.Context(), job))
	recorded, err := j.Store.Run(t.Context(), job.RunID)
	j.must(err)
	if recorded.EndedOn.IsZero() || len(recorded.Units) != 2 || recorded.Units[0].Outcome != run.Held || recorded.Units[1].Outcome != run.Applied {
		t.Errorf("recorded is %+v", recorded)
	}
	j.teller.work.Wait()
	if got := j.told.messages(); len(got) != 1 || !strings.Contains(got[0], `"held"`) {
		t.Errorf("told was %q", got)
	}
}

// What nothing lets start any more is not run, or when its window opens.
func TestWindowsGateTheStart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		catchUp, begun bool
		silence        time.Duration
		now, slot      string
		want           string // ran, again, missed or failed
	}{
		"within it":                        {now: "12:30:00", slot: "12:30:00", want: "ran"},
		"after it":                         {now: "12:31:00", slot: "12:30:00", want: "missed"},
		"after it, to be caught up":        {now: "12:31:00", slot: "12:30:00", catchUp: true, want: "again"},
		"taken over soon":                  {now: "12:31:00", slot: "12:30:00", begun: true, silence: time.Minute, want: "ran"},
		"taken over late":                  {now: "12:45:00", slot: "12:30:00", begun: true, silence: 14 * time.Minute, want: "failed"},
		"taken over late, to be caught up": {now: "12:45:00", slot: "12:30:00", begun: true, silence: 14 * time.Minute, catchUp: true, want: "again"},
		"a later slot is due":              {now: "12:20:00", slot: "12:10:00", want: "missed"},
		"a later slot is due, too late":    {now: "12:31:00", slot: "12:20:00", catchUp: true, want: "missed"},
		"taken over soon, a later slot is due": {
			now: "12:20:00", slot: "12:10:00", begun: true, silence: time.Minute, want: "ran",
		},
		"taken over late, a later slot is due": {
			now: "12:20:00", slot: "12:10:00", begun: true, silence: 9 * time.Minute, want: "failed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJobs(t)
			j.CatchUp = test.catchUp
			j.at = utc("2026-09-07 " + test.now)
			job := j.job("2026-09-07 " + test.slot)
			if job.Begun, job.Silence = test.begun, test.silence; test.begun {
				j.begun(job)
			}
			err := j.handle(t.Context(), job)
			_, missed := errors.AsType[*state.MissedError](err)
			switch test.want {
			case "ran":
				if err != nil || len(j.ran) != 1 {
					t.Errorf("%v, %d runs", err, len(j.ran))
				}
				return
			case "again":
				if !errors.Is(err, state.ErrNotMine) {
					t.Error(err)
				}
			case "missed":
				if !missed || !strings.Contains(j.metrics(), "registrar_slots_missed_total 1\n") {
					t.Errorf("%v, or not counted as missed", err)
				}
			case "failed":
				if err == nil || missed {
					t.Error(err)
				}
				j.wants(job, run.Failed, "was gone")
			}
			if len(j.ran) != 0 {
				t.Error("it was run")
			}
		})
	}
}

// The run asks for its windows and waits for its destinations.
func TestWhatARunAsks(t *testing.T) {
	t.Parallel()
	for _, takenOver := range []bool{false, true} {
		j := newJobs(t)
		j.configs.current().cfg.Settings.Service.RunsPerDestination = 1
		j.Execute = func(ctx context.Context, _ *config.Config, request run.Request, opts run.Options) (*run.Result, error) {
			if opts.MayStart == nil || opts.Gate == nil || !opts.Resumed {
				t.Fatalf("the run's options are %+v", opts)
			}
			release, err := opts.Gate(ctx, []string{"destination.d", "destination.e"})
			j.must(err)
			short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			if _, err := opts.Gate(short, []string{"destination.c", "destination.e"}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("two write to one destination: %v", err)
			}
			again, err := opts.Gate(ctx, []string{"destination.c"})
			if err != nil {
				t.Errorf("a place that was waited for in vain is held: %v", err)
			}
			again()
			release()
			for at, want := range map[string]bool{"12:30:59": true, "12:31:30": takenOver, "12:45:00": false} {
				if got := opts.MayStart(utc("2026-09-07 " + at)); got != want {
					t.Errorf("taken over: %t; at %s it may start: %t", takenOver, at, got)
				}
			}
			return j.result(request, run.Applied), nil
		}
		j.at = utc("2026-09-07 12:30:50")
		job := j.job("2026-09-07 12:30:00")
		job.Begun = takenOver
		j.must(j.handle(t.Context(), job))
	}
}

// away is a state that does not answer for a while.
type away struct {
	state.Store
	failures int
	saved    chan struct{} // receives of each try to record the end of a run
}

func (a *away) SaveRun(ctx context.Context, r *run.Result) error {
	if r.EndedOn.IsZero() {
		return a.Store.SaveRun(ctx, r)
	}
	a.saved <- struct{}{}
	if a.failures--; a.failures >= 0 {
		return errors.New("the state is away")
	}
	return a.Store.SaveRun(ctx, r)
}

// What became of a run is told though the state is away, and recorded when it is back.
func TestTheStateIsAwayWhenARunEnds(t *testing.T) {
	t.Parallel()
	j := newJobs(t)
	back := make(chan struct{}, 10)
	j.Store = &away{Store: j.Store, failures: 2, saved: back}
	job := j.job("2026-09-07 12:20:00")
	handled := make(chan error)
	go func() { handled <- j.handle(t.Context(), job) }()
	<-back
	for deadline := time.Now().Add(20 * time.Second); len(j.told.messages()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nobody is told")
		}
	}
	if recorded, err := j.Store.Run(t.Context(), job.RunID); err != nil || !recorded.EndedOn.IsZero() {
		t.Errorf("recorded is %+v, %v", recorded, err)
	}
	j.must(<-handled)
	j.wants(job, run.Applied, "")
}

// Once the service must end, it tries a last time.
func TestTheStateStaysAway(t *testing.T) {
	t.Parallel()
	j := newJobs(t)
	ctx, cancel := context.WithCancel(t.Context())
	j.Store = &away{Store: j.Store, failures: 100, saved: make(chan struct{}, 100)}
	j.Execute = func(_ context.Context, _ *config.Config, request run.Request, _ run.Options) (*run.Result, error) {
		cancel()
		return j.result(request, run.Held), nil
	}
	j.must(j.handle(ctx, j.job("2026-09-07 12:20:00")))
	j.teller.work.Wait()
	if got := j.told.messages(); len(got) != 1 {
		t.Errorf("told was %q", got)
	}
	if !strings.Contains(j.out.String(), "could not be recorded") {
		t.Errorf("the log says\n%s", j.out.String())
	}
}

// A webhook that hangs keeps neither the run's place nor others' messages.
func TestMessagesKeepNoPlace(t *testing.T) {
	t.Parallel()
	j := newJobs(t)
	j.told.hang = make(chan struct{})
	j.at = utc("2026-09-07 12:10:00")
	j.must(j.handle(t.Context(), j.job("2026-09-07 12:10:00")))
	j.at = utc("2026-09-07 12:20:00")
	j.must(j.handle(t.Context(), j.job("2026-09-07 12:20:00")))
	close(j.told.hang)
	j.teller.end()
	got := j.told.messages()
	if len(got) != 2 || !strings.Contains(got[0], "12:10:00") || !strings.Contains(got[1], "12:20:00") {
		t.Errorf("told was %q", got)
	}
}

func TestTheOldestMessagesAreDropped(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	teller := newTeller(slog.New(slog.NewTextHandler(&out, nil)))
	goOn := make(chan struct{})
	var sent []int
	for i := range untold + 3 {
		teller.add("schedule.s", func(context.Context) {
			<-goOn
			sent = append(sent, i)
		})
	}
	close(goOn)
	teller.end()
	// The first is being sent when the others come.
	if len(sent) != untold+1 || sent[0] != 0 || sent[1] != 3 || strings.Count(out.String(), "nobody is told") != 2 {
		t.Errorf("sent was %v:\n%s", sent, out.String())
	}
}

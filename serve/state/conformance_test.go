package state_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
)

func TestMain(m *testing.M) {
	// They wait far more than they compute.
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// backend is what the suite must know of one.
type backend struct {
	// location returns one where nothing is yet.
	location func(t *testing.T) string
	// exec changes what a store at the location holds, behind its back.
	exec func(t *testing.T, location, statement string)
}

// noon is a slot: with a zone that is not UTC and more digits than are kept.
var noon = time.Date(2026, 10, 5, 12, 0, 0, 123456789, time.FixedZone("CEST", 2*60*60))

// stored is a time as it comes back.
func stored(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }

func open(t *testing.T, location string) state.Store {
	t.Helper()
	store, err := state.Open(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// job is one of a schedule of its own: of one only one is handled at a time.
func job(n int) state.Job {
	j := nightly(n)
	j.Schedule = fmt.Sprintf("schedule.n%d", n)
	return j
}

func nightly(n int) state.Job {
	return state.Job{
		RunID: fmt.Sprintf("run-%d", n), Schedule: "schedule.nightly", Slot: noon.Add(time.Duration(n) * time.Minute),
		Trigger: run.Scheduled, ConfigDigest: "abc",
	}
}

func claim(t *testing.T, store state.Store, jobs ...state.Job) {
	t.Helper()
	for _, j := range jobs {
		if added, err := store.Claim(t.Context(), j, j.Slot); err != nil || !added {
			t.Fatalf("claim %s: %t, %v", j.RunID, added, err)
		}
	}
}

// working runs Work until the function is called that it returns, or the test ends.
func working(t *testing.T, store state.Store, o state.WorkOptions) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- store.Work(ctx, o) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Work: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// receive waits for a value.
func receive[T any](t *testing.T, from <-chan T, what string) (got T) {
	t.Helper()
	select {
	case got = <-from:
	case <-time.After(time.Minute):
		t.Fatalf("%s did not come", what)
	}
	return got
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 1200 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s: not within a minute", what)
}

// slotOf returns the slot of a job as it is recorded.
func slotOf(t *testing.T, store state.Store, j state.Job) state.Slot {
	t.Helper()
	slots, err := store.Slots(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(slots, func(s state.Slot) bool { return s.Schedule == j.Schedule && s.Slot.Equal(stored(j.Slot)) })
	if i < 0 {
		t.Fatalf("no slot of %s at %s", j.Schedule, j.Slot)
	}
	return slots[i]
}

func waitDone(t *testing.T, store state.Store, j state.Job) state.Slot {
	t.Helper()
	eventually(t, j.RunID+" is done", func() bool { return slotOf(t, store, j).Status == "done" })
	return slotOf(t, store, j)
}

// exercise is what every backend must do.
func exercise(t *testing.T, b backend) {
	for name, test := range map[string]func(t *testing.T, b backend){
		"slots":           testSlots,
		"work":            testWork,
		"failure":         testFailure,
		"start later":     testStartLater,
		"not mine":        testNotMine,
		"jobs at a time":  testJobsAtATime,
		"grace":           testGrace,
		"grace is over":   testGraceIsOver,
		"one at a time":   testOneAtATime,
		"missed":          testMissed,
		"begun before":    testBegunBefore,
		"done before":     testDoneBefore,
		"leave":           testLeave,
		"acquire":         testAcquire,
		"runs":            testRuns,
		"history":         testHistory,
		"last results":    testLastResults,
		"saved at once":   testSavedAtOnce,
		"alerts":          testAlerts,
		"replicas":        testReplicas,
		"prune":           testPrune,
		"opened again":    testOpenedAgain,
		"opened at once":  testOpenedAtOnce,
		"newer version":   testNewerVersion,
		"refused options": testRefusedOptions,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, b)
		})
	}
}

func testSlots(t *testing.T, b backend) {
	store, ctx := open(t, b.location(t)), t.Context()
	if last, err := store.LastSlot(ctx, "schedule.nightly"); err != nil || !last.IsZero() {
		t.Fatalf("the last slot of none is %s, %v", last, err)
	}
	first, second := nightly(1), nightly(2)
	first.Start = first.Slot.Add(time.Hour)
	claimed := noon.Add(3 * time.Hour)
	if added, err := store.Claim(ctx, first, claimed); err != nil || !added {
		t.Fatal(added, err)
	}
	if added, err := store.Claim(ctx, first, claimed.Add(time.Minute)); err != nil || added {
		t.Errorf("claimed twice: %t, %v", added, err)
	}
	if added, err := store.Miss(ctx, first.Schedule, first.Slot, "late", claimed); err != nil || added {
		t.Errorf("missed although claimed: %t, %v", added, err)
	}
	for i := range 2 {
		if added, err := store.Miss(ctx, second.Schedule, second.Slot, "the service was down\x00", claimed); err != nil || added != (i == 0) {
			t.Fatalf("missed for the %d. time: %t, %v", i+1, added, err)
		}
	}
	if added, err := store.Claim(ctx, second, claimed); err != nil || added {
		t.Errorf("claimed although missed: %t, %v", added, err)
	}
	other := job(0)
	other.Schedule = "schedule.other"
	claim(t, store, other)

	inUTC := func(j state.Job) state.Job {
		j.Slot = stored(j.Slot)
		if !j.Start.IsZero() {
			j.Start = stored(j.Start)
		}
		return j
	}
	want := []state.Slot{
		{
			Job:    state.Job{Schedule: second.Schedule, Slot: stored(second.Slot)},
			Status: "missed", ClaimedOn: stored(claimed), EndedOn: stored(claimed), Why: "the service was down\uFFFD",
		},
		{Job: inUTC(first), Status: "pending", ClaimedOn: stored(claimed)},
		{Job: inUTC(other), Status: "pending", ClaimedOn: stored(other.Slot)},
	}
	got, err := store.Slots(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	// The times themselves, with their zone: a page shows them.
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return a == b })); diff != "" {
		t.Errorf("slots (-want +got):\n%s", diff)
	}
	if got, err := store.Slots(ctx, 1); err != nil || len(got) != 1 || got[0].Status != "missed" {
		t.Errorf("the latest slot is %v, %v", got, err)
	}
	if last, err := store.LastSlot(ctx, "schedule.nightly"); err != nil || last != stored(second.Slot) {
		t.Errorf("the last slot is %s, %v", last, err)
	}
	for _, j := range []state.Job{{Schedule: "schedule.nightly"}, {Slot: noon}} {
		if _, err := store.Claim(ctx, j, claimed); err == nil {
			t.Errorf("%+v was claimed", j)
		}
		if _, err := store.Miss(ctx, j.Schedule, j.Slot, "", claimed); err == nil {
			t.Errorf("%+v was missed", j)
		}
	}
}

func testWork(t *testing.T, b backend) {
	store := open(t, b.location(t))
	handled := make(chan state.Job, 10)
	claim(t, store, job(1))
	stop := working(t, store, state.WorkOptions{Jobs: 2, Handle: func(ctx context.Context, j state.Job) error {
		handled <- j
		return ctx.Err()
	}})
	first := receive(t, handled, "the job that waited")
	claim(t, store, job(2))
	second := receive(t, handled, "the job that was claimed meanwhile")
	stop()
	for i, got := range []state.Job{first, second} {
		want := job(i + 1)
		want.Slot = stored(want.Slot)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("job (-want +got):\n%s", diff)
		}
		slot := slotOf(t, store, want)
		if slot.Status != "done" || slot.Why != "" || slot.EndedOn.IsZero() {
			t.Errorf("after it was handled the slot is %+v", slot)
		}
	}
	// What is done is not done again.
	stop = working(t, store, state.WorkOptions{Jobs: 1, Handle: func(_ context.Context, j state.Job) error {
		handled <- j
		return nil
	}})
	claim(t, store, job(3))
	if got := receive(t, handled, "the third job"); got.RunID != job(3).RunID {
		t.Errorf("%s was handled again", got.RunID)
	}
	stop()
}

func testFailure(t *testing.T, b backend) {
	store := open(t, b.location(t))
	failing, panicking := job(1), job(2)
	claim(t, store, failing, panicking)
	var calls atomic.Int32
	stop := working(t, store, state.WorkOptions{Jobs: 1, Handle: func(_ context.Context, j state.Job) error {
		calls.Add(1)
		if j.RunID == failing.RunID {
			return errors.New("the source is down: " + strings.Repeat("é", 5000))
		}
		panic("Müller, Anna")
	}})
	if slot := waitDone(t, store, failing); !strings.HasPrefix(slot.Why, "the source is down: éé") || len(slot.Why) > 4200 {
		t.Errorf("the failure is recorded as %.100q", slot.Why)
	}
	if slot := waitDone(t, store, panicking); !strings.Contains(slot.Why, "defect") || strings.Contains(slot.Why, "Müller") {
		t.Errorf("the panic is recorded as %q", slot.Why)
	}
	stop()
	if calls.Load() != 2 {
		t.Errorf("two jobs that failed were handled %d times", calls.Load())
	}
}

func testStartLater(t *testing.T, b backend) {
	store := open(t, b.location(t))
	// Without its Start the earlier slot would be first.
	later, first := job(1), job(2)
	later.Start = later.Slot.Add(1500 * time.Millisecond) // claimed at its slot
	claim(t, store, later, first)
	handled := make(chan string, 2)
	working(t, store, state.WorkOptions{Jobs: 1, Handle: func(_ context.Context, j state.Job) error {
		handled <- j.RunID
		return nil
	}})
	for _, want := range []string{first.RunID, later.RunID} {
		if got := receive(t, handled, want); got != want {
			t.Errorf("%s was handled, want %s", got, want)
		}
	}
}

func testNotMine(t *testing.T, b backend) {
	store := open(t, b.location(t))
	claim(t, store, job(1))
	var calls atomic.Int32
	stop := working(t, store, state.WorkOptions{Jobs: 1, Handle: func(context.Context, state.Job) error {
		if calls.Add(1) == 1 {
			return fmt.Errorf("another configuration: %w", state.ErrNotMine)
		}
		return nil
	}})
	if slot := waitDone(t, store, job(1)); slot.Why != "" {
		t.Errorf("why: %q", slot.Why)
	}
	stop()
	if calls.Load() != 2 {
		t.Errorf("handled %d times", calls.Load())
	}
}

func testJobsAtATime(t *testing.T, b backend) {
	store := open(t, b.location(t))
	for i := range 6 {
		claim(t, store, job(i))
	}
	begun, goOn := make(chan struct{}), make(chan struct{})
	var now, most atomic.Int32
	working(t, store, state.WorkOptions{Jobs: 2, Handle: func(context.Context, state.Job) error {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		begun <- struct{}{}
		<-goOn
		return nil
	}})
	receive(t, begun, "the first job")
	receive(t, begun, "the second job")
	for range 4 {
		goOn <- struct{}{}
		receive(t, begun, "the next job")
	}
	close(goOn)
	for i := range 6 {
		waitDone(t, store, job(i))
	}
	if most.Load() != 2 {
		t.Errorf("%d jobs at a time", most.Load())
	}
}

func testGrace(t *testing.T, b backend) {
	store := open(t, b.location(t))
	claim(t, store, job(1))
	begun, goOn := make(chan struct{}), make(chan struct{})
	var cause error
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- store.Work(ctx, state.WorkOptions{Jobs: 1, Grace: time.Minute, Handle: func(ctx context.Context, _ state.Job) error {
			begun <- struct{}{}
			<-goOn
			cause = context.Cause(ctx)
			return ctx.Err()
		}})
	}()
	receive(t, begun, "the job")
	cancel()
	claim2 := job(2)
	if added, err := store.Claim(context.WithoutCancel(ctx), claim2, claim2.Slot); err != nil || !added {
		t.Fatal(added, err)
	}
	select {
	case err := <-ended:
		t.Fatalf("Work ended before its job: %v", err)
	case <-begun:
		t.Fatal("a job began after the end")
	case <-time.After(1200 * time.Millisecond): // longer than it polls
	}
	close(goOn)
	if err := receive(t, ended, "the end of Work"); err != nil || cause != nil {
		t.Errorf("Work: %v; the job's context: %v", err, cause)
	}
	if got := slotOf(t, store, job(1)).Status; got != "done" {
		t.Errorf("the job is %s", got)
	}
	if got := slotOf(t, store, claim2).Status; got != "pending" {
		t.Errorf("the job that came later is %s", got)
	}
}

func testGraceIsOver(t *testing.T, b backend) {
	store := open(t, b.location(t))
	cut, ended := job(1), job(2)
	claim(t, store, cut, ended)
	begun := make(chan struct{})
	causes := make(chan error, 2)
	handle := func(ctx context.Context, j state.Job) error {
		begun <- struct{}{}
		<-ctx.Done()
		causes <- context.Cause(ctx)
		if j.RunID == ended.RunID {
			return nil // it came to its end all the same
		}
		return ctx.Err()
	}
	stop := working(t, store, state.WorkOptions{Jobs: 2, Grace: 50 * time.Millisecond, Handle: handle})
	receive(t, begun, "a job")
	receive(t, begun, "the other job")
	stop()
	for range 2 {
		if cause := receive(t, causes, "the cause"); !errors.Is(cause, state.ErrStopping) {
			t.Errorf("the context ended for: %v", cause)
		}
	}
	if got := slotOf(t, store, cut).Status; got != "pending" {
		t.Errorf("the job that was cut is %s", got)
	}
	if got := slotOf(t, store, ended).Status; got != "done" {
		t.Errorf("the job that ended is %s", got)
	}
	handled := make(chan string, 2)
	stop = working(t, store, state.WorkOptions{Jobs: 1, Handle: func(_ context.Context, j state.Job) error {
		handled <- j.RunID
		return nil
	}})
	if got := receive(t, handled, "the job again"); got != cut.RunID {
		t.Errorf("%s was handled again", got)
	}
	waitDone(t, store, cut)
	stop()
	if len(handled) != 0 {
		t.Errorf("%s was handled, too", <-handled)
	}
}

// Of a schedule one slot is handled at a time, whoever handles it, and those of others meanwhile.
func testOneAtATime(t *testing.T, b backend) {
	store := open(t, b.location(t))
	first, second, other := nightly(1), nightly(2), job(3)
	claim(t, store, first, second)
	begun, goOn := make(chan string, 10), make(chan struct{})
	var calls atomic.Int32
	working(t, store, state.WorkOptions{Jobs: 3, Handle: func(_ context.Context, j state.Job) error {
		begun <- j.RunID
		<-goOn
		if calls.Add(1) == 1 {
			return state.ErrNotMine // then either of the two is next
		}
		return nil
	}})
	one := receive(t, begun, "a slot")
	claim(t, store, other)
	if got := receive(t, begun, "another schedule's slot"); got != other.RunID {
		t.Errorf("%s is handled beside %s", got, one)
	}
	close(goOn)
	for _, j := range []state.Job{first, second, other} {
		waitDone(t, store, j)
	}
}

func testMissed(t *testing.T, b backend) {
	store := open(t, b.location(t))
	claim(t, store, job(1))
	stop := working(t, store, state.WorkOptions{Jobs: 1, Handle: func(context.Context, state.Job) error {
		return fmt.Errorf("handle: %w", &state.MissedError{Why: "its window closed"})
	}})
	eventually(t, "the slot is recorded as missed", func() bool { return slotOf(t, store, job(1)).Status == "missed" })
	stop()
	if slot := slotOf(t, store, job(1)); slot.Why != "its window closed" || slot.EndedOn.IsZero() {
		t.Errorf("the slot is %+v", slot)
	}
}

// Who gets a job that another had begun knows for how long nobody worked on it.
func testBegunBefore(t *testing.T, b backend) {
	location := b.location(t)
	store := open(t, location)
	claim(t, store, job(1))
	begun, got := make(chan struct{}), make(chan state.Job, 1)
	stop := working(t, store, state.WorkOptions{Jobs: 1, Grace: time.Millisecond, Handle: func(ctx context.Context, j state.Job) error {
		if j.Begun || j.Silence != 0 {
			t.Errorf("a new job is %+v", j)
		}
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}})
	receive(t, begun, "the job")
	stop()
	b.exec(t, location, "UPDATE slot SET heard_on = '2026-01-01T00:00:00.000000Z'")
	var calls atomic.Int32
	working(t, store, state.WorkOptions{Jobs: 1, Handle: func(_ context.Context, j state.Job) error {
		if calls.Add(1) == 1 {
			return state.ErrNotMine // which changes nothing
		}
		got <- j
		return nil
	}})
	if j := receive(t, got, "the job again"); !j.Begun || j.Silence < time.Hour {
		t.Errorf("the job is %+v", j)
	}
}

// That a unit was done before hides nothing else that the run said of it, and who waits for another process no result.
func testDoneBefore(t *testing.T, b backend) {
	store, ctx := open(t, b.location(t)), t.Context()
	for _, outcome := range []run.Outcome{run.Held, run.Done} {
		if err := store.SaveRun(ctx, result("1", noon, unit("sync.a", outcome, "sync.a"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.SaveRun(ctx, result("2", noon.Add(time.Hour), unit("sync.a", run.Busy, "sync.a"))); err != nil {
		t.Fatal(err)
	}
	last, err := store.LastResults(ctx)
	if err != nil || last["sync.a"].Unit.Outcome != run.Held || last["sync.a"].RunID != "1" {
		t.Errorf("the last result is %+v, %v", last["sync.a"], err)
	}
}

func testLeave(t *testing.T, b backend) {
	store, ctx := open(t, b.location(t)), t.Context()
	for _, id := range []string{"1", "2"} {
		if err := store.Beat(ctx, state.Replica{ID: id, SeenOn: noon}); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Leave(ctx, "1"); err != nil {
		t.Fatal(err)
	}
	if got, err := store.Replicas(ctx, noon); err != nil || len(got) != 1 || got[0].ID != "2" {
		t.Errorf("replicas: %+v, %v", got, err)
	}
}

func testAcquire(t *testing.T, b backend) {
	store, ctx := open(t, b.location(t)), t.Context()
	acquire := func(destination string, limit int) func() {
		t.Helper()
		release, err := store.Acquire(ctx, destination, limit)
		if err != nil {
			t.Fatal(err)
		}
		return release
	}
	mustWait := func(destination string, limit int) {
		t.Helper()
		short, cancel := context.WithTimeout(ctx, 400*time.Millisecond)
		defer cancel()
		if release, err := store.Acquire(short, destination, limit); err == nil {
			release()
			t.Errorf("more than %d hold %s", limit, destination)
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
	first, second := acquire("destination.a", 2), acquire("destination.a", 2)
	other := acquire("destination.b", 1)
	mustWait("destination.a", 2)
	mustWait("destination.b", 1)

	got := make(chan func())
	go func() {
		release, err := store.Acquire(ctx, "destination.a", 2)
		if err != nil {
			t.Error(err)
		}
		got <- release
	}()
	first()
	third := receive(t, got, "the place that was given back")
	first() // which is nothing any more
	mustWait("destination.a", 2)
	for _, release := range []func(){second, third, other} {
		release()
	}
	acquire("destination.b", 1)()
	if _, err := store.Acquire(ctx, "destination.a", 0); err == nil {
		t.Error("a limit of none")
	}
}

func result(id string, started time.Time, units ...run.UnitResult) *run.Result {
	for i := range units {
		units[i].StartedOn, units[i].EndedOn = stored(started), stored(started.Add(time.Minute))
	}
	return &run.Result{
		ID: id, Trigger: run.Scheduled, Schedule: "schedule.nightly", Slot: stored(noon), StartedOn: stored(started),
		EndedOn: stored(started.Add(time.Minute)), StartedBy: "service", ConfigDigest: "abc", Units: units,
	}
}

func unit(name string, outcome run.Outcome, syncs ...string) run.UnitResult {
	u := run.UnitResult{Unit: name, Outcome: outcome, Attempts: 1, Message: "of \x00 " + name}
	for _, s := range syncs {
		u.Syncs = append(u.Syncs, run.SyncResult{Sync: s, Destination: "destination.a", Table: "person", Counts: map[config.Operation]int64{config.Insert: 3}})
	}
	return u
}

func testRuns(t *testing.T, b backend) {
	store, ctx := open(t, b.location(t)), t.Context()
	if got, err := store.Run(ctx, "none"); err != nil || got != nil {
		t.Fatalf("a run that is not there: %v, %v", got, err)
	}
	old, young := result("old", noon, unit("sync.a", run.Applied, "sync.a")), result("young", noon.Add(time.Hour), unit("sync.a", run.Failed, "sync.a"))
	changed := *old
	changed.EndedOn = changed.EndedOn.Add(time.Hour)
	for _, r := range []*run.Result{old, young, &changed} {
		if err := store.SaveRun(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := store.Runs(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]run.Result{*young, changed}, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if got, err := store.Runs(ctx, 1); err != nil || len(got) != 1 || got[0].ID != "young" {
		t.Errorf("the latest run is %v, %v", got, err)
	}
	one, err := store.Run(ctx, "old")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&changed, one); diff != "" {
		t.Errorf("run (-want +got):\n%s", diff)
	}
}

func testLastResults(t *testing.T, b backend) {
	store, ctx := open(t, b.location(t)), t.Context()
	save := func(r *run.Result) {
		t.Helper()
		if err := store.SaveRun(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	wants := func(want map[string]string) {
		t.Helper()
		results, err := store.LastResults(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for sync, last := range results {
			if last.Sync.Sync != sync || last.Sync.Total() != 3 || !slices.ContainsFunc(last.Unit.Syncs, func(s run.SyncResult) bool { return s.Sync == sync }) {
				t.Errorf("the last result of %s is %+v", sync, last)
			}
			got[sync] = fmt.Sprintf("%s %s %s", last.RunID, last.Unit.Unit, last.Unit.Outcome)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("last results (-want +got):\n%s", diff)
		}
	}
	wants(map[string]string{})
	save(result("2", noon.Add(2*time.Hour), unit("faculty.law", run.Failed, "sync.a", "sync.b"), unit("sync.c", run.Applied, "sync.c")))
	// Of one that is saved later but was earlier, only what is new.
	save(result("1", noon.Add(time.Hour), unit("faculty.law", run.Applied, "sync.a", "sync.b", "sync.d")))
	wants(map[string]string{"sync.a": "2 faculty.law failed", "sync.b": "2 faculty.law failed", "sync.c": "2 sync.c applied", "sync.d": "1 faculty.law applied"})
	// The slot had been run: that is no news. Where nobody told of it, it is.
	again := result("3", noon.Add(3*time.Hour), unit("sync.a", run.Done, "sync.a"), unit("sync.e", run.Done, "sync.e"))
	save(again)
	save(result("4", noon.Add(4*time.Hour), unit("sync.b", run.Held, "sync.b")))
	// What is said of a run again holds for its syncs.
	save(result("4", noon.Add(4*time.Hour), unit("sync.b", run.Applied, "sync.b")))
	wants(map[string]string{
		"sync.a": "2 faculty.law failed", "sync.b": "4 sync.b applied", "sync.c": "2 sync.c applied", "sync.d": "1 faculty.law applied", "sync.e": "3 sync.e done",
	})
	if err := store.Prune(ctx, noon.Add(100*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if runs, err := store.Runs(ctx, 10); err != nil || len(runs) != 0 {
		t.Fatalf("after pruning there are %v, %v", runs, err)
	}
	if results, err := store.LastResults(ctx); err != nil || len(results) != 5 {
		t.Errorf("after pruning the last results are %v, %v", results, err)
	}
}

// Runs of the same syncs, in another order, end at the same time on several replicas.
func testSavedAtOnce(t *testing.T, b backend) {
	location := b.location(t)
	syncs := []string{"sync.a", "sync.b", "sync.c", "sync.d"}
	var all sync.WaitGroup
	for i := range 4 {
		store, mine := open(t, location), slices.Clone(syncs)
		if i%2 == 1 {
			slices.Reverse(mine)
		}
		all.Go(func() {
			for n := range 15 {
				r := result(fmt.Sprintf("%d-%d", i, n), noon.Add(time.Duration(n*4+i)*time.Minute), unit("all", run.Applied, mine...))
				if err := store.SaveRun(t.Context(), r); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	results, err := open(t, location).LastResults(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range syncs {
		if results[s].RunID != "3-14" {
			t.Errorf("the last result of %s is of run %q", s, results[s].RunID)
		}
	}
}

func testAlerts(t *testing.T, b backend) {
	store, ctx := open(t, b.location(t)), t.Context()
	if got, err := store.Alert(ctx, "email", "sync.a"); err != nil || got.State != "" {
		t.Fatalf("an alert that never was: %+v, %v", got, err)
	}
	a := state.Alert{Notifier: "email", Subject: "sync.a", State: "failed", Since: stored(noon), SentOn: stored(noon.Add(time.Minute)), Suppressed: 2}
	other := state.Alert{Notifier: "webhook", Subject: "sync.a", State: "ok"}
	changed := a
	changed.Suppressed = 3
	for _, save := range []state.Alert{a, other, changed} {
		if err := store.SaveAlert(ctx, save); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []state.Alert{changed, other} {
		got, err := store.Alert(ctx, want.Notifier, want.Subject)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("alert (-want +got):\n%s", diff)
		}
	}
}

func testReplicas(t *testing.T, b backend) {
	store, ctx := open(t, b.location(t)), t.Context()
	gone := state.Replica{ID: "1", Host: "a.example.org", Version: "1.0", ConfigDigest: "abc", SeenOn: stored(noon)}
	live := state.Replica{ID: "2", Host: "b.example.org", Version: "1.0", ConfigDigest: "abc", SeenOn: stored(noon)}
	later := live
	later.SeenOn, later.ConfigDigest = stored(noon.Add(time.Minute)), "def"
	for _, r := range []state.Replica{gone, live, later} {
		if err := store.Beat(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	for since, want := range map[time.Time][]state.Replica{noon.Add(-time.Minute): {gone, later}, noon.Add(time.Minute): {later}} {
		got, err := store.Replicas(ctx, since.Truncate(time.Microsecond))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("replicas since %s (-want +got):\n%s", since, diff)
		}
	}
}

func testPrune(t *testing.T, b backend) {
	store, ctx := open(t, b.location(t)), t.Context()
	const day = 24 * time.Hour
	for _, id := range []int{1, 5, 9} {
		at := noon.Add(time.Duration(id) * day)
		if err := store.SaveRun(ctx, result(fmt.Sprint(id), at)); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Miss(ctx, "schedule.nightly", at, "", at); err != nil {
			t.Fatal(err)
		}
		if err := store.Beat(ctx, state.Replica{ID: fmt.Sprint(id), SeenOn: at}); err != nil {
			t.Fatal(err)
		}
	}
	unended := result("dead", noon.Add(day))
	unended.EndedOn = time.Time{}
	if err := store.SaveRun(ctx, unended); err != nil {
		t.Fatal(err)
	}
	// Neither the latest of its schedule, nor what is still to be done.
	if _, err := store.Miss(ctx, "schedule.yearly", noon, "", noon); err != nil {
		t.Fatal(err)
	}
	waiting := nightly(0)
	claim(t, store, waiting)

	if err := store.Prune(ctx, noon.Add(6*day)); err != nil {
		t.Fatal(err)
	}
	runs, err := store.Runs(ctx, 10)
	if err != nil || len(runs) != 1 || runs[0].ID != "9" {
		t.Errorf("runs: %v, %v", runs, err)
	}
	slots, err := store.Slots(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range slots {
		got = append(got, fmt.Sprintf("%s %s %d", s.Schedule, s.Status, int(s.Slot.Sub(stored(noon))/day)))
	}
	if diff := cmp.Diff([]string{"schedule.nightly missed 9", "schedule.nightly pending 0", "schedule.yearly missed 0"}, got); diff != "" {
		t.Errorf("slots (-want +got):\n%s", diff)
	}
	replicas, err := store.Replicas(ctx, noon)
	if err != nil || len(replicas) != 1 || replicas[0].ID != "9" {
		t.Errorf("replicas: %v, %v", replicas, err)
	}
}

func testOpenedAgain(t *testing.T, b backend) {
	location := b.location(t)
	store, err := state.Open(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	claim(t, store, job(1))
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	handled := make(chan string)
	working(t, open(t, location), state.WorkOptions{Jobs: 1, Handle: func(_ context.Context, j state.Job) error {
		handled <- j.RunID
		return nil
	}})
	if got := receive(t, handled, "the job"); got != job(1).RunID {
		t.Errorf("%s was handled", got)
	}
}

func testOpenedAtOnce(t *testing.T, b backend) {
	location := b.location(t)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			store, err := state.Open(t.Context(), location)
			if err != nil {
				t.Error(err)
				return
			}
			if added, err := store.Claim(t.Context(), job(i), noon); err != nil || !added {
				t.Error(added, err)
			}
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func testNewerVersion(t *testing.T, b backend) {
	location := b.location(t)
	open(t, location)
	b.exec(t, location, "UPDATE version SET version = 99")
	store, err := state.Open(t.Context(), location)
	if err == nil {
		store.Close()
		t.Fatal("a newer state was opened")
	}
	if !strings.Contains(err.Error(), "version 99") || !strings.Contains(err.Error(), "newer registrar") {
		t.Errorf("error: %v", err)
	}
}

func testRefusedOptions(t *testing.T, b backend) {
	store := open(t, b.location(t))
	handle := func(context.Context, state.Job) error { return nil }
	for _, o := range []state.WorkOptions{{Handle: handle}, {Jobs: 1}} {
		if err := store.Work(t.Context(), o); err == nil {
			t.Errorf("%+v were accepted", o)
		}
	}
}

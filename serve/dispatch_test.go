package serve

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
)

// clockwork is a service with a clock that the test moves, on a real state.
type clockwork struct {
	*testing.T
	*service
	path string
	at   time.Time
}

func newClockwork(t *testing.T, start string, schedules ...*config.Schedule) *clockwork {
	t.Helper()
	c := &clockwork{T: t, path: filepath.Join(t.TempDir(), "state.db"), at: utc(start)}
	c.restart(schedules...)
	return c
}

// restart begins another process on the same state.
func (c *clockwork) restart(schedules ...*config.Schedule) {
	c.Helper()
	store, err := state.Open(c.Context(), c.path)
	c.must(err)
	c.Cleanup(func() { c.must(store.Close()) })
	c.service = newService(Options{
		Store: store, Load: nil,
		Run: run.Options{Now: func() time.Time { return c.at }, NewID: uuid.NewString},
	})
	c.configs.take(newInForce(configOf("first", schedules...), ""))
	c.Cleanup(c.teller.end)
}

func configOf(digest string, schedules ...*config.Schedule) *config.Config {
	cfg := &config.Config{Digest: digest, Schedules: schedules}
	into := config.SyncDestination{Into: &config.Connection{Address: "destination.d"}, Table: "t"}
	for _, s := range schedules {
		cfg.Syncs = append(cfg.Syncs, &config.Sync{Address: "sync." + s.Name, Schedule: s, Destination: into})
	}
	return cfg
}

func (c *clockwork) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// look lets the service look at its schedules once, and returns when it wants to look again.
func (c *clockwork) look() time.Time {
	c.Helper()
	next, err := c.tick(c.Context())
	c.must(err)
	if next.Sub(c.at) > longestSleep {
		c.Fatalf("at %s the service sleeps until %s", c.at, next)
	}
	return next
}

// until lets time pass as the service would sleep, to the given time.
func (c *clockwork) until(end string) {
	c.Helper()
	for limit := utc(end); c.at.Before(limit); {
		next := c.look()
		if !next.After(c.at) {
			next = c.at.Add(time.Millisecond)
		}
		if next.After(limit) {
			next = limit
		}
		c.at = next
	}
	c.look()
}

// slots are those recorded, in their order, but for where a schedule began.
func (c *clockwork) slots() []string {
	c.Helper()
	all, err := c.Store.Slots(c.Context(), 100_000)
	c.must(err)
	slices.Reverse(all)
	var text []string
	for _, slot := range all {
		if slot.Slot.Second() != 0 {
			continue
		}
		line := slot.Slot.Format("02 15:04") + " "
		if slot.Status == "missed" {
			line += "missed"
		} else {
			line += string(slot.Trigger)
			if started := slot.ClaimedOn.Format("02 15:04:05"); started != slot.Slot.Format("02 15:04:05") {
				line += " at " + started
			}
		}
		text = append(text, line)
	}
	return text
}

func (c *clockwork) want(want ...string) {
	c.Helper()
	if diff := cmp.Diff(want, c.slots()); diff != "" {
		c.Errorf("slots (-want +got):\n%s", diff)
	}
}

func utc(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return at
}

func every(d time.Duration) *config.Schedule {
	return &config.Schedule{Address: "schedule.s", Name: "s", Timezone: time.UTC, Every: d}
}

func paris(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestEachLocalSlotOnceWhenTheClocksChange(t *testing.T) {
	t.Parallel()
	nightly := func() *config.Schedule {
		return &config.Schedule{Address: "schedule.s", Name: "s", Timezone: paris(t), At: []time.Duration{2*time.Hour + 30*time.Minute}}
	}
	c := newClockwork(t, "2026-10-24 12:00:00", nightly())
	c.until("2026-10-26 12:00:00")
	c.want("25 00:30 scheduled", "26 01:30 scheduled") // 02:30 CEST, then 02:30 CET

	c = newClockwork(t, "2027-03-27 12:00:00", nightly())
	c.until("2027-03-29 12:00:00")
	c.want("28 01:00 scheduled", "29 00:30 scheduled") // 03:00 CEST, since 02:30 is not

	quarters := every(15 * time.Minute)
	quarters.Timezone = paris(t)
	for day, want := range map[string]int{"2026-10-24": 96, "2027-03-27": 92} {
		from := utc(day + " 21:50:00")
		if day == "2027-03-27" {
			from = utc(day + " 22:50:00")
		}
		c = newClockwork(t, from.Format("2006-01-02 15:04:05"), quarters)
		local := from.In(paris(t)).AddDate(0, 0, 1)
		end := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, paris(t))
		if day == "2026-10-24" {
			end = time.Date(2026, 10, 26, 0, 0, 0, 0, paris(t))
		}
		c.until(end.Add(-time.Second).UTC().Format("2006-01-02 15:04:05"))
		if got := len(c.slots()); got != want {
			t.Errorf("%d slots on the day after %s, want %d: %v", got, day, want, c.slots())
		}
	}
}

func TestAScheduleNeverSeenBeginsNow(t *testing.T) {
	t.Parallel()
	s := every(10 * time.Minute)
	s.CatchUp = true
	c := newClockwork(t, "2026-09-07 12:00:00", s)
	c.until("2026-09-07 12:05:00")
	c.want("07 12:00 scheduled")

	// What it would have run while it was down is known though it ran nothing yet.
	c = newClockwork(t, "2026-09-07 12:01:07", s)
	c.look()
	c.want()
	c.at = utc("2026-09-07 12:38:00")
	c.restart(s)
	c.look()
	c.want("07 12:10 missed", "07 12:20 missed", "07 12:30 catch_up at 07 12:38:00")
}

func TestDowntime(t *testing.T) {
	t.Parallel()
	for catchUp, want := range map[bool][]string{
		false: {"07 12:00 scheduled", "07 12:15 missed", "07 12:30 missed", "07 12:45 missed", "07 13:00 scheduled at 07 13:00:30"},
		true:  {"07 12:00 scheduled", "07 12:15 missed", "07 12:30 missed", "07 12:45 catch_up at 07 12:52:00", "07 13:00 scheduled at 07 13:00:30"},
	} {
		s := every(15 * time.Minute)
		s.CatchUp = catchUp
		c := newClockwork(t, "2026-09-07 12:00:00", s)
		c.look()
		c.restart(s)
		c.at = utc("2026-09-07 12:52:00")
		c.look()
		c.at = utc("2026-09-07 13:00:30") // late, but not missed
		c.look()
		c.want(want...)
		if strings.Contains(strings.Join(want, ""), "catch_up") != catchUp {
			t.Fatal("the test wants what it does not mean")
		}
	}
}

// What was not handed out in time does not run all at once, and each replica does not count it anew.
func TestOfSeveralSlotsOneRuns(t *testing.T) {
	t.Parallel()
	for _, catchUp := range []bool{false, true} {
		s := every(time.Minute)
		s.CatchUp = catchUp
		c := newClockwork(t, "2026-09-07 12:00:00", s)
		c.look()
		c.at = utc("2026-09-07 12:04:10")
		c.look()
		c.want("07 12:00 scheduled", "07 12:01 missed", "07 12:02 missed", "07 12:03 missed", "07 12:04 scheduled at 07 12:04:10")
		if got := c.metrics(); !strings.Contains(got, "registrar_slots_missed_total 3\n") {
			t.Error("three slots were missed, and are not counted")
		}
	}
}

// lagging is a state of which a replica reads what others have changed since.
type lagging struct {
	state.Store
	last time.Time
}

func (l *lagging) LastSlot(context.Context, string) (time.Time, error) { return l.last, nil }

// down is a state that takes no slot.
type down struct{ state.Store }

func (down) Miss(context.Context, string, time.Time, string, time.Time) (bool, error) {
	return false, errors.New("the state is away")
}

func TestWhatWasMissedIsCountedOnce(t *testing.T) {
	t.Parallel()
	c := newClockwork(t, "2026-09-07 12:00:00", every(time.Hour))
	c.look()
	c.at = utc("2026-09-07 12:59:00")
	store := c.Store
	missed := func(want string) {
		t.Helper()
		if got := c.metrics(); !strings.Contains(got, "registrar_slots_missed_total "+want+"\n") {
			t.Errorf("not %s slots are counted as missed", want)
		}
	}
	c.at = utc("2026-09-07 13:20:00")
	c.Store = down{store}
	for range 3 {
		if _, err := c.tick(t.Context()); err == nil {
			t.Error("it is not said that the state is away")
		}
	}
	missed("0")
	c.Store = &lagging{store, utc("2026-09-07 12:00:00")}
	for range 3 {
		c.look()
	}
	missed("1")
}

// A slot that is due takes the place of those missed before it.
func TestWhatIsDueReplacesWhatWasMissed(t *testing.T) {
	t.Parallel()
	s := every(15 * time.Minute)
	s.CatchUp = true
	c := newClockwork(t, "2026-09-07 12:00:00", s)
	c.look()
	c.at = utc("2026-09-07 12:31:00")
	c.look()
	c.want("07 12:00 scheduled", "07 12:15 missed", "07 12:30 scheduled at 07 12:31:00")
}

// What was missed is caught up as soon as something may start.
func TestCatchingUpWaitsForTheWindow(t *testing.T) {
	t.Parallel()
	s := every(time.Hour)
	s.CatchUp = true
	s.Except = []config.Exception{{Name: "maintenance", Hours: config.Hours{From: 14*time.Hour + 30*time.Minute, Until: 14*time.Hour + 44*time.Minute}}}
	c := newClockwork(t, "2026-09-07 12:00:00", s)
	c.look()
	c.at = utc("2026-09-07 14:33:00")
	c.look()
	c.want("07 12:00 scheduled", "07 13:00 missed")
	c.until("2026-09-07 15:10:00")
	c.want("07 12:00 scheduled", "07 13:00 missed", "07 14:00 catch_up at 07 14:45:00", "07 15:00 scheduled")
}

func TestAnExceptionDelaysOrSkips(t *testing.T) {
	t.Parallel()
	for catchUp, want := range map[bool][]string{
		false: {"07 12:00 scheduled", "07 12:30 missed", "07 13:00 missed", "07 13:30 scheduled"},
		true:  {"07 12:00 scheduled", "07 12:30 missed", "07 13:00 catch_up at 07 13:11:00", "07 13:30 scheduled"},
	} {
		s := every(30 * time.Minute)
		s.CatchUp = catchUp
		s.Except = []config.Exception{{Name: "maintenance", Hours: config.Hours{From: 12*time.Hour + 20*time.Minute, Until: 13*time.Hour + 10*time.Minute}}}
		c := newClockwork(t, "2026-09-07 12:00:00", s)
		c.until("2026-09-07 13:40:00")
		c.want(want...)
	}
}

func TestClockSetBack(t *testing.T) {
	t.Parallel()
	c := newClockwork(t, "2026-09-07 12:00:00", every(10*time.Minute))
	c.until("2026-09-07 12:35:00")
	c.at = utc("2026-09-07 12:05:00")
	c.until("2026-09-07 12:45:00") // look asserts that it never sleeps for long
	c.want("07 12:00 scheduled", "07 12:10 scheduled", "07 12:20 scheduled", "07 12:30 scheduled", "07 12:40 scheduled")
}

func TestClockSetForward(t *testing.T) {
	t.Parallel()
	c := newClockwork(t, "2026-09-07 12:00:00", every(10*time.Minute))
	c.until("2026-09-07 12:05:00")
	c.at = utc("2026-09-07 12:37:00")
	c.until("2026-09-07 12:45:00")
	c.want("07 12:00 scheduled", "07 12:10 missed", "07 12:20 missed", "07 12:30 missed", "07 12:40 scheduled")
}

// After years without a service, what is recorded of it is bounded.
func TestALongDowntime(t *testing.T) {
	t.Parallel()
	s := every(time.Minute)
	s.CatchUp = true
	c := newClockwork(t, "2026-09-07 12:00:00", s)
	c.look()
	c.at = utc("2026-10-07 12:00:00")
	c.look()
	got := c.slots()
	if n := len(got); n > missesRecorded+10 {
		t.Errorf("%d slots are recorded", n)
	}
	if last := got[len(got)-1]; last != "07 12:00 scheduled" {
		t.Errorf("the last slot is %q", last)
	}
}

// Jitter delays a slot by less than it says, keeps the order, and does not leave the window.
func TestJitter(t *testing.T) {
	t.Parallel()
	s := every(5 * time.Minute)
	s.Jitter = 4 * time.Minute
	s.Windows = []config.Window{{Hours: config.Hours{From: 12 * time.Hour, Until: 13 * time.Hour}}}
	c := newClockwork(t, "2026-09-07 11:59:00", s)
	c.until("2026-09-07 13:20:00")
	all, err := c.Store.Slots(t.Context(), 100)
	c.must(err)
	delayed, claimed := 0, 0
	for _, slot := range all {
		if slot.Status == "missed" {
			continue
		}
		claimed++
		delay := slot.ClaimedOn.Sub(slot.Slot)
		if delay < 0 || delay > s.Jitter {
			t.Errorf("slot %s starts %s late", slot.Slot, delay)
		}
		if delay >= time.Second {
			delayed++
		}
		if slot.ClaimedOn.After(utc("2026-09-07 13:00:59")) {
			t.Errorf("slot %s starts at %s, after its window", slot.Slot, slot.ClaimedOn)
		}
	}
	if claimed != 13 || delayed == 0 {
		t.Errorf("%d slots, of which %d are delayed; want 13, and some", claimed, delayed)
	}
}

func TestReloadChangesSchedules(t *testing.T) {
	t.Parallel()
	s := every(30 * time.Minute)
	other := every(20 * time.Minute)
	other.Address, other.Name = "schedule.other", "other"
	c := newClockwork(t, "2026-09-07 12:00:00", s, other)
	c.until("2026-09-07 12:25:00")
	c.want("07 12:00 scheduled", "07 12:00 scheduled", "07 12:20 scheduled")
	// The one is gone, the other runs more often.
	more := every(10 * time.Minute)
	c.configs.take(newInForce(configOf("second", more), ""))
	c.until("2026-09-07 12:55:00")
	c.want("07 12:00 scheduled", "07 12:00 scheduled",
		"07 12:10 missed", "07 12:20 scheduled at 07 12:25:00", "07 12:20 scheduled", // not too late under the new version
		"07 12:30 scheduled", "07 12:40 scheduled", "07 12:50 scheduled")
}

// A schedule that no sync has runs nothing.
func TestAScheduleWithoutSyncs(t *testing.T) {
	t.Parallel()
	c := newClockwork(t, "2026-09-07 12:00:00")
	c.configs.take(newInForce(&config.Config{Schedules: []*config.Schedule{every(time.Minute)}}, ""))
	c.until("2026-09-07 12:10:00")
	c.want()
}

// The state being away keeps one schedule's slots from no other's memory, and is said once.
func TestReplicasHandOutEachSlotOnce(t *testing.T) {
	t.Parallel()
	s := every(time.Minute)
	c := newClockwork(t, "2026-09-07 12:00:00", s)
	first := c.service
	c.restart(s)
	second := c.service
	mine := map[string]int{}
	for range 30 {
		for _, one := range []*service{first, second} {
			_, err := one.tick(context.Background())
			c.must(err)
		}
		c.at = c.at.Add(time.Minute)
	}
	all, err := c.Store.Slots(t.Context(), 1000)
	c.must(err)
	for _, slot := range all {
		if slot.Status != "missed" {
			mine[fmt.Sprint(slot.Slot)]++
		}
	}
	if len(mine) != 30 {
		t.Errorf("%d slots were handed out, want 30", len(mine))
	}
}

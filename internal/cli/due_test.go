package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/schedule"
)

func TestDueEntry(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		t.Helper()
		when, err := time.Parse("2006-01-02 15:04:05", text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	nightly := func(catchUp bool) *config.Schedule {
		return &config.Schedule{
			Address: "schedule.nightly", Timezone: time.UTC, At: []time.Duration{150 * time.Minute}, CatchUp: catchUp,
			Except: []config.Exception{
				{Name: "upkeep", Days: []time.Weekday{time.Sunday}, Hours: config.Hours{From: 2 * time.Hour, Until: 4 * time.Hour}},
				{Name: "summer", Period: config.Period{From: at("2026-07-20 00:00:00"), Until: at("2026-08-16 00:00:00")}},
			},
		}
	}
	for name, one := range map[string]struct {
		catchUp   bool
		now       string
		tolerance time.Duration
		want      string // the slot; "" for none
		why       string
	}{
		"at once":             {false, "2026-09-01 02:30:00", 5 * time.Minute, "2026-09-01 02:30:00", ""},
		"a little late":       {false, "2026-09-01 02:34:59", 5 * time.Minute, "2026-09-01 02:30:00", ""},
		"too late":            {false, "2026-09-01 02:35:00", 5 * time.Minute, "", "no slot was due in the last 5m0s"},
		"more tolerance":      {false, "2026-09-01 03:20:00", time.Hour, "2026-09-01 02:30:00", ""},
		"too early":           {false, "2026-09-01 02:29:59", 5 * time.Minute, "", "no slot"},
		"within an exception": {true, "2026-09-06 02:31:00", 5 * time.Minute, "", `nothing may start now: exception "upkeep"`},
		"delayed":             {true, "2026-09-06 04:01:30", 5 * time.Minute, "2026-09-06 02:30:00", ""},
		"delayed, too late":   {true, "2026-09-06 04:07:00", 5 * time.Minute, "", "no slot"},
		"not delayed":         {false, "2026-09-06 04:01:30", 5 * time.Minute, "", "no slot"},
		"delayed for weeks":   {true, "2026-08-17 00:00:20", 5 * time.Minute, "2026-08-16 02:30:00", ""},
		"not for weeks":       {false, "2026-08-17 00:00:20", 5 * time.Minute, "", "no slot"},
	} {
		calendar := schedule.New(nightly(one.catchUp), nil)
		entry, why := dueEntry(calendar, one.catchUp, at(one.now), one.tolerance)
		got := ""
		if !entry.Slot.IsZero() {
			got = entry.Slot.Format("2006-01-02 15:04:05")
		}
		if got != one.want || !strings.Contains(why, one.why) || (why == "") != (one.why == "") {
			t.Errorf("%s: due is %q, %q; want %q, %q", name, got, why, one.want, one.why)
		}
	}
}

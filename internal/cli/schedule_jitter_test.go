package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/schedule"
)

// What a scheduler starts at a slot begins when serve would begin it, and within the window that the slot's minute ends.
func TestRunDueJitter(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 9, 1, 11, 45, 0, 0, time.UTC)
	calendar := schedule.New(&config.Schedule{
		Address: "schedule.late", Timezone: time.UTC, At: []time.Duration{11*time.Hour + 40*time.Minute, 11*time.Hour + 45*time.Minute}, Jitter: 10 * time.Minute,
		Windows: []config.Window{{Hours: config.Hours{From: 6 * time.Hour, Until: 11*time.Hour + 45*time.Minute}}},
	}, nil)
	entry, ok := calendar.Slot(at)
	begins := calendar.Begins(entry)
	if !ok || !begins.After(at) || !begins.Before(at.Add(time.Minute)) {
		t.Fatalf("the run begins at %s: choose another slot", begins)
	}

	c := newConsole(t)
	for name, text := range map[string]string{
		"rooms.csv": "id\n1\n",
		"main.hcl": `
source "csv" "files" { directory = "." }
destination "sqlite" "planning" { path = "planning.db" }
sync "rooms" {
  schedule = schedule.late
  source {
    from  = source.csv.files
    table = "rooms"
  }
  destination {
    into  = destination.sqlite.planning
    table = "rooms"
    key   = ["id"]
    owns_table = true
  }
  columns { id = row.id }
}
schedule "late" {
  timezone = "UTC"
  at       = ["11:40", "11:45"]
  jitter   = "10m"
  window { hours = "06:00-11:45" }
}
`,
	} {
		if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	now, slept := at.Add(100*time.Millisecond), []time.Duration{}
	c.Now = func() time.Time { return now }
	c.Sleep = func(ctx context.Context, d time.Duration) error {
		slept = append(slept, d)
		now = now.Add(d)
		return ctx.Err()
	}
	if c.run(t.Context(), "run", "--schedule", "schedule.late", "--due"); len(slept) != 1 || !now.Equal(begins) {
		t.Fatalf("it sleeps %v until %s, expected once until %s: %s%s", slept, now, begins, c.out.String(), c.err.String())
	}
	if got := c.out.String() + c.err.String(); !strings.Contains(got, "schedule.late: the run begins in ") || strings.Contains(got, "nothing is run") {
		t.Errorf("it says %q", got)
	}

	// Asked when the time has passed it begins at once, and stops waiting when it is told to.
	now = begins.Add(time.Second)
	c.run(t.Context(), "run", "--schedule", "schedule.late", "--due")
	if len(slept) != 1 {
		t.Errorf("it sleeps %v", slept)
	}
	now = at
	c.out.text.Reset()
	c.run(t.Context(), "run", "--schedule", "schedule.late", "--due", "--quiet")
	if got := c.out.String(); len(slept) != 2 || strings.Contains(got, "jitter") {
		t.Errorf("with --quiet it sleeps %v and prints %q", slept, got)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	now = at
	c.Sleep = nil
	c.out.text.Reset()
	if code := c.run(stopped, "run", "--schedule", "schedule.late", "--due"); code != exitError || strings.Contains(c.out.String(), "Run complete") {
		t.Errorf("interrupted it ends with %d: %s", code, c.out.String())
	}
}

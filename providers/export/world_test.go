package export_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/register"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func known() []providers.Provider {
	return []providers.Provider{export.New(csv.New(), sqlite.New()), sqlite.New()}
}

// world is a configuration whose source are the files of in, and whose exports go to out.
type world struct {
	testing.TB
	dir      string
	now      time.Time
	known    []providers.Provider
	warnings []string // of the last plan
}

var planIDs atomic.Int64

// newWorld writes the configuration and makes the register.
func newWorld(t testing.TB, main string) *world {
	t.Helper()
	w := &world{TB: t, dir: t.TempDir(), known: known(), now: time.Date(2026, 9, 1, 2, 30, 0, 123456789, time.UTC)}
	w.must(os.Mkdir(filepath.Join(w.dir, "out"), 0o700))
	w.write("main.hcl", main)
	w.init()
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) write(name, content string) {
	w.Helper()
	path := filepath.Join(w.dir, name)
	w.must(os.MkdirAll(filepath.Dir(path), 0o700))
	w.must(os.WriteFile(path, []byte(content), 0o600))
}

func (w *world) remove(name string) {
	w.Helper()
	w.must(os.Remove(filepath.Join(w.dir, name)))
}

func (w *world) read(name string) string {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	w.must(err)
	return string(text)
}

// want compares out/rooms.csv with the lines that it should have.
func (w *world) want(lines ...string) {
	w.Helper()
	got := strings.Split(strings.TrimSuffix(w.read("out/rooms.csv"), "\r\n"), "\r\n")
	if diff := cmp.Diff(lines, got); diff != "" {
		w.Fatalf("out/rooms.csv (-want +got):\n%s", diff)
	}
}

// alone asserts that out holds those files and the register, and nothing that was left behind.
func (w *world) alone(names ...string) {
	w.Helper()
	entries, err := os.ReadDir(filepath.Join(w.dir, "out"))
	w.must(err)
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if diff := cmp.Diff(names, got); diff != "" {
		w.Fatalf("files (-want +got):\n%s", diff)
	}
}

func (w *world) load() *config.Config {
	w.Helper()
	cfg, diags := hcl.Load(w.dir, hcl.Options{Providers: w.known, Version: "0.1.0"})
	w.must(diags.Err())
	return cfg
}

func (w *world) open() providers.Destination {
	w.Helper()
	cfg := w.load()
	d, err := plan.OpenDestination(w.Context(), w.known, cfg.Destinations[0], cfg.Dir)
	w.must(err)
	return d
}

func (w *world) init() {
	w.Helper()
	d := w.open()
	defer d.Close()
	w.initIn(d)
}

func (w *world) initIn(d providers.Destination) {
	w.Helper()
	conn, err := d.Conn(w.Context())
	w.must(err)
	defer conn.Close()
	tx, err := d.Begin(w.Context(), conn, time.Second)
	w.must(err)
	_, _, err = register.New(d.Dialect()).Init(w.Context(), tx, w.now, false)
	w.must(err)
	w.must(tx.Commit())
}

func (w *world) tryPlan(targets ...string) (*plan.Plan, error) {
	w.Helper()
	w.warnings = nil
	p, err := plan.Make(w.Context(), w.load(), plan.Options{
		Providers: w.known, Parallelism: 2, LockTimeout: 5 * time.Second, CreatedBy: "test", Targets: targets,
		Now:   func() time.Time { return w.now },
		NewID: func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", planIDs.Add(1)) },
		Warn: func(diags config.Diagnostics) {
			for _, d := range diags {
				w.warnings = append(w.warnings, d.Detail)
			}
		},
	})
	w.now = w.now.Add(time.Minute)
	return p, err
}

// plan makes a plan that does that: "insert 2, archive 1".
func (w *world) plan(want string, targets ...string) *plan.Plan {
	w.Helper()
	p, err := w.tryPlan(targets...)
	w.must(err)
	total := map[config.Operation]int64{}
	for _, s := range p.Syncs() {
		for operation, n := range s.Counts {
			total[operation] += n
		}
	}
	var parts []string
	for _, operation := range config.Operations {
		if n := total[operation]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", operation, n))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing"}
	}
	if got := strings.Join(parts, ", "); got != want {
		w.Fatalf("the plan does %s, want %s: %+v", got, want, p.Destinations[0].Excerpt)
	}
	return p
}

func (w *world) tryApply(p *plan.Plan) error {
	w.Helper()
	w.now = w.now.Add(time.Minute)
	now := w.now
	_, err := apply.Apply(w.Context(), w.load(), p, apply.Options{
		Providers: w.known, LockTimeout: 5 * time.Second, AppliedBy: "test", Now: func() time.Time { return now },
	})
	return err
}

func (w *world) apply(p *plan.Plan) {
	w.Helper()
	w.must(w.tryApply(p))
}

// rooms is a configuration of one sync, with more attributes of the destination block and more blocks
// of the sync.
func rooms(attributes, more string) string {
	return `
source "csv" "in" {
  directory = "in"
}
destination "csv" "out" {
  directory = "out"
  ` + attributes + `
}
sync "rooms" {
  source {
    from  = source.csv.in
    table = "rooms"
  }
  destination {
    into  = destination.csv.out
    table = "rooms"
    key   = ["code"]
    scope = { origin = "A" }
  }
  columns {
    code  = row.code
    name  = row.name
    seats = row.seats
  }
  ` + more + `
}
`
}

package run_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
)

// unpublished is a provider of files that it does not publish as long as err says something.
type unpublished struct {
	*export.Provider
	err func() error
}

func (p *unpublished) OpenDestination(ctx context.Context, a providers.Attributes, dir string) (providers.Destination, error) {
	d, err := p.Provider.OpenDestination(ctx, a, dir)
	return &unpublishedDestination{d, p.err}, err
}

type unpublishedDestination struct {
	providers.Destination
	err func() error
}

func (d *unpublishedDestination) publisher() providers.Publisher {
	return d.Destination.(providers.Publisher)
}

func (d *unpublishedDestination) Refresh(ctx context.Context, q providers.Querier, shape providers.TableShape) ([]string, error) {
	return d.publisher().Refresh(ctx, q, shape)
}

func (d *unpublishedDestination) Prepare(ctx context.Context, q providers.Querier, shapes []providers.TableShape) error {
	return d.publisher().Prepare(ctx, q, shapes)
}

func (d *unpublishedDestination) Publish(ctx context.Context, conn *sql.Conn) error {
	if err := d.err(); err != nil {
		return err
	}
	return d.publisher().Publish(ctx, conn)
}

// TestPublished shows that files whose rows are committed are published by whoever looks at the slot next: that it ended
// is not enough, nor that somebody tried.
func TestPublished(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		fails    int // how often nothing can be published
		err      error
		attempts int
		want     string
		next     string // when the slot is asked for again, and it can
	}{
		"the next attempt":        {1, providers.Unavailable(os.ErrClosed), 2, "sync.rooms applied", "sync.rooms done"},
		"the attempt after that":  {2, providers.Unavailable(os.ErrClosed), 3, "sync.rooms applied", "sync.rooms done"},
		"the end of the attempts": {5, providers.Unavailable(os.ErrClosed), 5, "sync.rooms failed", "sync.rooms done"},
		"the next run":            {2, os.ErrPermission, 1, "sync.rooms failed", "sync.rooms done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := bareWorld(t)
			w.must(os.Mkdir(filepath.Join(w.dir, "out"), 0o700))
			w.write("connections.hcl", fmt.Sprintf(connections, "csv", `directory = "out"`))
			w.write("schedule.hcl", `schedule "nightly" { at = ["02:30"] }`)
			w.sync("rooms", "room", `schedule = schedule.nightly`)
			w.edit("rooms.hcl", "destination.sqlite.main", "destination.csv.main")
			w.rows("rooms", "R1,Hall")
			files := export.New(csv.New(), sqlite.New())
			w.initExport(files)
			retrying(w)
			fails := one.fails
			w.opts.Providers = []providers.Provider{&unpublished{files, func() error {
				if fails--; fails >= 0 {
					return one.err
				}
				return nil
			}}, sqlite.New()}
			request := run.Request{Trigger: run.Scheduled, Schedule: "schedule.nightly", Slot: w.now}
			file := filepath.Join(w.dir, "out", "room.csv")
			result := w.run(request)
			w.wantUnits(result, one.want)
			if u := result.Units[0]; u.Attempts != one.attempts {
				t.Errorf("%d attempts", u.Attempts)
			}
			if _, err := os.Stat(file); (err == nil) != (one.want == "sync.rooms applied") {
				t.Errorf("the unit is %s; the file: %v", one.want, err)
			}
			w.wantUnits(w.run(request), one.next)
			text, err := os.ReadFile(file)
			w.must(err)
			if !strings.Contains(string(text), "R1") {
				t.Errorf("the file is %q", text)
			}
		})
	}
}

func (w *world) edit(name, from, to string) {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	w.must(err)
	if !strings.Contains(string(text), from) {
		w.Fatalf("%s has no %s", name, from)
	}
	w.write(name, strings.ReplaceAll(string(text), from, to))
}

// initExport makes the register of files.
func (w *world) initExport(files providers.Provider) {
	w.Helper()
	cfg := w.load()
	d, err := plan.OpenDestination(w.Context(), []providers.Provider{files}, cfg.Destinations[0], cfg.Dir)
	w.must(err)
	defer d.Close()
	conn, err := d.Conn(w.Context())
	w.must(err)
	defer conn.Close()
	tx, err := d.Begin(w.Context(), conn, time.Second)
	w.must(err)
	_, _, err = register.New(d.Dialect()).Init(w.Context(), tx, w.now, false)
	w.must(err)
	w.must(tx.Commit())
}

// A plan that changes no row lets the next one read less, once it is applied.
func TestUnchangedIsAppliedToReadLess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	source := w.open("sqlite", "file:"+filepath.Join(w.dir, "hr.db"))
	for _, statement := range []string{
		"CREATE TABLE rooms (code TEXT PRIMARY KEY, name TEXT, changed INTEGER NOT NULL)",
		"INSERT INTO rooms VALUES ('R1', 'Hall', 1), ('R2', 'Lab', 2), ('R3', 'Attic', 3)",
	} {
		_, err := source.ExecContext(t.Context(), statement)
		w.must(err)
	}
	w.write("source.hcl", `source "sqlite" "hr" { path = "hr.db" }`)
	w.sync("rooms", "room", "incremental {", "watermark = row.changed", `full_every = "7d"`, "}")
	w.edit("rooms.hcl", "source.csv.files", "source.sqlite.hr")
	w.adapt = func(cfg *config.Config) { cfg.Digest = strings.Repeat("a", 64) }
	w.wantUnits(w.runAll(), "sync.rooms applied")
	_, err := source.ExecContext(t.Context(), "UPDATE rooms SET changed = 10 WHERE code = 'R1'") // and nothing that is mapped
	w.must(err)
	for i := range 2 {
		result := w.runAll()
		w.wantUnits(result, "sync.rooms unchanged")
		u := result.Units[0]
		if n := w.count(w.dest, fmt.Sprintf("SELECT count(*) FROM registrar_execution WHERE plan_id = '%s'", u.PlanID)); n != 1 {
			t.Errorf("run %d: its plan was applied %d times", i, n)
		}
		// From the watermark on: 3 the first time, and then 10.
		if want := []int64{2, 1}[i]; u.Syncs[0].SourceRows != want {
			t.Errorf("run %d: %d rows were read, want %d", i, u.Syncs[0].SourceRows, want)
		}
	}
}

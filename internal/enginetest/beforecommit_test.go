package enginetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// What is done before the commit is done with the rows or not at all, and its error undoes both.
func TestBeforeCommit(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, second := twoRooms(t, e)
		w.room("R1", "One", 1)
		p := w.plan()
		reg := w.register()
		var called []string
		var fail error
		opts := w.applyOptions()
		opts.BeforeCommit = func(ctx context.Context, destination string, tx *sql.Tx) error {
			called = append(called, destination)
			execution, err := reg.Execution(ctx, tx, p.ID)
			if err != nil || execution == nil {
				t.Errorf("%s: not recorded yet: %v", destination, err)
			}
			var rows int
			w.must(tx.QueryRowContext(ctx, "SELECT count(*) FROM room").Scan(&rows))
			if rows != 1 {
				t.Errorf("%s: %d rows", destination, rows)
			}
			if _, err := reg.BeginRun(ctx, tx, register.Run{ID: "r", RunID: "r", Unit: "all", StartedOn: w.now, StartedBy: "test"}); err != nil {
				t.Error(err)
			}
			return fail
		}
		runs := "SELECT count(*) FROM " + w.registerTable("run")
		fail = fmt.Errorf("end: %w", register.ErrTakenOver)
		if _, err := apply.Apply(w.Context(), w.load(), p, opts); !errors.Is(err, register.ErrTakenOver) {
			t.Errorf("apply: %v", err)
		}
		w.wantRooms()
		for _, table := range []string{"run", "execution"} {
			if rows := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable(table)); rows[0] != "0" {
				t.Errorf("kept %s rows of %s", rows, table)
			}
		}
		called, fail = nil, nil
		_, err := apply.Apply(w.Context(), w.load(), p, opts)
		w.must(err)
		if want := []string{p.Destinations[0].Address, p.Destinations[1].Address}; !slices.Equal(called, want) {
			t.Errorf("called for %q, want %q", called, want)
		}
		w.wantRooms("R1|One|1|A|c|-|-")
		if a, b := w.rows(w.dest, runs), w.rows(second, runs); a[0] != "1" || b[0] != "1" {
			t.Errorf("runs %s, %s", a, b)
		}
	})
}

// A plan without operations is recorded, and what comes before the commit with it.
func TestBeforeCommitOfNothing(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := changing(t, e, sinceChanged)
		w.change("A", "Algebra", "10:00:00")
		w.apply(w.plan())
		p := w.plan()
		w.wantCounts(p, "nothing")
		called := 0
		opts := w.applyOptions()
		opts.BeforeCommit = func(context.Context, string, *sql.Tx) error {
			called++
			return nil
		}
		_, err := apply.Apply(w.Context(), w.load(), p, opts)
		w.must(err)
		if called != 1 {
			t.Errorf("called %d times", called)
		}
	})
}

func (w *world) applyOptions() apply.Options {
	now := w.now
	return apply.Options{Providers: known(), LockTimeout: 20 * time.Second, AppliedBy: "test", Now: func() time.Time { return now }}
}

// register is the register of the engine's destinations.
func (w *world) register() register.Register {
	w.Helper()
	cfg := w.load()
	d, err := plan.OpenDestination(w.Context(), known(), cfg.Destinations[0], cfg.Dir)
	w.must(err)
	w.must(d.Close())
	return register.New(d.Dialect())
}

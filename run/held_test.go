package run_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
)

// apart is a world whose sites go to another destination than its rooms, as one unit, and that other destination. Both have
// been applied once.
func apart(t *testing.T) (w *world, other *sql.DB) {
	t.Helper()
	w = three(t)
	w.write("other.hcl", `destination "sqlite" "other" { path = "other.db" }`)
	other = w.open("sqlite", "file:"+filepath.Join(w.dir, "other.db")+"?_pragma=busy_timeout(10000)")
	_, err := other.ExecContext(t.Context(), "CREATE TABLE site (code TEXT PRIMARY KEY, name TEXT)")
	w.must(err)
	w.initRegister("destination.sqlite.other")
	w.write("schedule.hcl", `schedule "nightly" { at = ["02:30"] }`)
	w.sync("rooms", "room", `faculty = faculty.arts`, `schedule = schedule.nightly`)
	w.sync("sites", "site", `faculty = faculty.arts`, `schedule = schedule.nightly`)
	text, err := os.ReadFile(filepath.Join(w.dir, "sites.hcl"))
	w.must(err)
	w.write("sites.hcl", strings.ReplaceAll(string(text), "destination.sqlite.main", "destination.sqlite.other"))
	w.adapt = func(cfg *config.Config) {
		cfg.Settings.Atomic = config.AtomicFaculty
		cfg.Settings.Retry = config.Retry{Attempts: 3, Wait: time.Second, MaxWait: time.Second}
	}
	w.wantUnits(w.run(run.Request{Trigger: run.Manual, Schedule: "schedule.nightly"}), "faculty.arts applied")
	w.opts.LockTimeout = 50 * time.Millisecond
	return w, other
}

// hold holds another process's lock on a destination until it is called.
func (w *world) hold(db *sql.DB) (release func()) {
	w.Helper()
	conn, err := db.Conn(w.Context())
	w.must(err)
	_, err = conn.ExecContext(w.Context(), "BEGIN IMMEDIATE")
	w.must(err)
	return func() {
		_, err := conn.ExecContext(w.Context(), "ROLLBACK")
		w.must(err)
		w.must(conn.Close())
	}
}

func (w *world) count(db *sql.DB, query string) (n int) {
	w.Helper()
	w.must(db.QueryRowContext(w.Context(), query).Scan(&n))
	return n
}

// A unit that is held in one destination is not applied in another, though it could not be recorded there at first.
func TestHeldInEveryDestination(t *testing.T) {
	t.Parallel()
	w, other := apart(t)
	w.rows("rooms")
	w.rows("sites", "S1,Main", "S2,Hill")
	planned := 0
	var release func()
	w.opts.Log = onMessage("planned", func() {
		if planned++; planned == 1 {
			release = w.hold(other)
		}
	})
	w.asleep = func() {
		w.wantRecords("faculty.arts applied 1", "faculty.arts held 1")
		release()
	}
	result := w.run(run.Request{Trigger: run.Scheduled, Schedule: "schedule.nightly", Slot: w.now})
	w.wantUnits(result, "faculty.arts held")
	u := result.Units[0]
	w.wantMessage(u, "plan "+u.PlanID+" is held: sync.rooms: the source has 0 rows")
	if u.Attempts != 2 || planned != 1 || u.Blocked {
		t.Errorf("planned %d times: %+v", planned, u)
	}
	if n := w.count(other, "SELECT count(*) FROM site"); n != 1 {
		t.Errorf("the other destination has %d rows", n)
	}
	var recorded string
	w.must(other.QueryRowContext(t.Context(), "SELECT plan_id || ' ' || message FROM registrar_run WHERE status = 'held'").Scan(&recorded))
	if recorded != u.PlanID+" "+u.Message {
		t.Errorf("recorded there is %q", recorded)
	}
}

// Whoever takes a slot over from a process that was killed between two records finds it held.
func TestHeldByTheOneKilled(t *testing.T) {
	t.Parallel()
	for name, reason := range map[string]string{"guard": "", "blocked": ". No override helps: change the source, the destination or the configuration"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, other := apart(t)
			w.rows("sites", "S1,Main", "S2,Hill") // would be applied
			w.opts.Beat = 10 * time.Millisecond   // of which there are none
			request := run.Request{Trigger: run.Scheduled, Schedule: "schedule.nightly", Slot: w.now}
			message := "plan p is held: sync.rooms: too few rows" + reason
			for _, destination := range []string{"destination.sqlite.main", "destination.sqlite.other"} {
				w.session(destination, func(reg register.Register, tx *sql.Tx) {
					r, err := reg.BeginRun(t.Context(), tx, register.Run{
						ID: register.SlotID(request.Schedule, "faculty.arts", request.Slot), RunID: "killed", Unit: "faculty.arts", Schedule: request.Schedule, Slot: request.Slot,
						StartedOn: w.now.Add(-time.Hour), StartedBy: "killed@example",
					})
					w.must(err)
					if destination == "destination.sqlite.main" {
						r.Status, r.EndedOn, r.PlanID, r.Message = register.RunHeld, w.now, "p", message
						w.must(reg.EndRun(t.Context(), tx, *r))
					}
				})
			}
			result := w.run(request)
			w.wantUnits(result, "faculty.arts held")
			if u := result.Units[0]; u.PlanID != "p" || u.Message != message || u.Blocked != (reason != "") {
				t.Errorf("the unit is %+v", u)
			}
			if n := w.count(other, "SELECT count(*) FROM site"); n != 1 {
				t.Errorf("the other destination has %d rows", n)
			}
			if n := w.count(other, fmt.Sprintf("SELECT count(*) FROM registrar_run WHERE status = 'held' AND plan_id = 'p' AND message = '%s'", message)); n != 1 {
				t.Errorf("%d records of it there", n)
			}
			w.wantUnits(w.run(request), "faculty.arts done")
		})
	}
}

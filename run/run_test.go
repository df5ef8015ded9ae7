package run_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// three is a world of three syncs, of which persons refuses one of its rows.
func three(t *testing.T) *world {
	w := newWorld(t)
	w.sync("rooms", "room", `faculty = faculty.arts`)
	w.sync("sites", "site", `faculty = faculty.arts`)
	w.sync("persons", "person", `faculty = faculty.law`)
	w.rows("rooms", "R1,Hall", "R2,Lab")
	w.rows("sites", "S1,Main")
	w.rows("persons", "P1,Ada")
	return w
}

// TestAtomic shows which syncs are undone with one that fails.
func TestAtomic(t *testing.T) {
	t.Parallel()
	for atomic, want := range map[config.Atomic]struct {
		units, records, rooms, persons []string
	}{
		config.AtomicSync: {
			[]string{"sync.persons applied", "sync.rooms applied", "sync.sites failed"},
			[]string{"sync.persons applied 1", "sync.rooms applied 1", "sync.sites failed 1"},
			[]string{"R1 Hall", "R2 Lab"},
			[]string{"P1 Ada"},
		},
		config.AtomicFaculty: {
			[]string{"faculty.law applied", "faculty.arts failed"}, []string{"faculty.arts failed 1", "faculty.law applied 1"}, nil, []string{"P1 Ada"},
		},
		config.AtomicAll: {[]string{"all failed"}, []string{"all failed 1"}, nil, nil},
	} {
		t.Run(string(atomic), func(t *testing.T) {
			t.Parallel()
			w := three(t)
			w.adapt = func(cfg *config.Config) { cfg.Settings.Atomic = atomic }
			w.exec("CREATE TRIGGER refuse BEFORE INSERT ON site BEGIN SELECT RAISE(ABORT, 'S1 is secret'); END")
			result := w.runAll()
			w.wantUnits(result, want.units...)
			w.wantTable("room", want.rooms...)
			w.wantTable("person", want.persons...)
			w.wantTable("site")
			w.wantRecords(want.records...)
			failed := result.Units[len(result.Units)-1]
			w.wantMessage(failed, "sync.sites", "a trigger refused the row")
			if strings.Contains(failed.Message, "secret") || failed.Attempts != 1 || len(w.slept) > 0 {
				t.Errorf("after %d attempts it says %q", failed.Attempts, failed.Message)
			}
			w.exec("DROP TRIGGER refuse")
			for _, u := range w.runAll().Units {
				if u.Outcome != run.Applied && u.Outcome != run.Unchanged {
					t.Errorf("then %s is %s", u.Unit, u.Outcome)
				}
			}
			w.wantTable("site", "S1 Main")
		})
	}
}

// TestUnitsWait shows that a unit's place is behind those that it needs, and what is said where each needs the other.
func TestUnitsWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sync("a", "room", `faculty = faculty.arts`)
	w.sync("b", "site", `faculty = faculty.law`, `depends_on = [sync.z]`)
	w.sync("z", "person", `faculty = faculty.arts`)
	w.rows("a", "R1,Hall")
	w.rows("b", "S1,Main")
	w.rows("z", "P1,Ada")
	w.write("settings.hcl", `registrar { atomic = "faculty" }`)
	w.wantUnits(w.runAll(), "faculty.arts applied", "faculty.law applied")

	// Its first sync is the first of all.
	w.sync("a", "room", `faculty = faculty.law`)
	w.sync("b", "site", `faculty = faculty.arts`)
	w.sync("z", "person", `faculty = faculty.law`, `depends_on = [sync.b]`)
	w.wantUnits(w.runAll(), "faculty.arts unchanged", "faculty.law unchanged")

	w.sync("b", "site", `faculty = faculty.arts`, `depends_on = [sync.a]`)
	_, err := run.Run(t.Context(), w.load(), run.Request{Trigger: run.Manual}, w.opts)
	diags, ok := errors.AsType[*config.DiagnosticsError](err)
	if !ok || !strings.Contains(err.Error(), "faculty.law cannot be run before faculty.arts, as sync.z needs sync.b, nor after it, as sync.b needs sync.a") || diags.Diagnostics[0].Subject.File != "z.hcl" {
		t.Errorf("a circle is %v", err)
	}
	w.adapt = func(cfg *config.Config) { cfg.Settings.Atomic = config.AtomicAll }
	w.wantUnits(w.runAll(), "all unchanged")
}

func TestWithoutFaculty(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.sync("sites", "site")
	w.adapt = func(cfg *config.Config) { cfg.Settings.Atomic = config.AtomicFaculty }
	w.wantUnits(w.runAll(), "faculty.law applied", "faculty.arts applied", "sync.sites applied")
	w.rows("rooms", "R1,Hall")
	w.wantUnits(w.run(run.Request{Trigger: run.Manual, Syncs: []string{"sync.rooms"}}), "faculty.arts applied")
	if _, err := run.Run(t.Context(), w.load(), run.Request{Syncs: []string{"sync.room"}}, w.opts); err == nil || !strings.Contains(err.Error(), "no sync.room") {
		t.Errorf("an unknown sync is %v", err)
	}
	if _, err := run.Run(t.Context(), w.load(), run.Request{Schedule: "schedule.x"}, w.opts); err == nil || !strings.Contains(err.Error(), "no schedule.x") {
		t.Errorf("an unknown schedule is %v", err)
	}
}

func TestUnchanged(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.runAll()
	result := w.runAll()
	w.wantUnits(result, "sync.persons unchanged", "sync.rooms unchanged", "sync.sites unchanged")
	w.wantRecords("sync.persons applied 1", "sync.persons unchanged 1", "sync.rooms applied 1", "sync.rooms unchanged 1", "sync.sites applied 1", "sync.sites unchanged 1")
}

// A plan that is held stays in the register, and can be applied from there by its id.
func TestHeld(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.runAll()
	w.rows("rooms")
	w.rows("sites", "S1,Main", "S2,Hill")
	result := w.runAll()
	w.wantUnits(result, "sync.persons unchanged", "sync.rooms held", "sync.sites applied")
	held := result.Units[1]
	w.wantMessage(held, held.PlanID, "sync.rooms: the source has 0 rows, min_source_rows asks for 1")
	if held.Syncs[0].Counts[config.Delete] != 2 || held.Syncs[0].Held == "" || held.Blocked || held.Attempts != 1 {
		t.Errorf("the unit is %+v", held)
	}
	w.wantTable("room", "R1 Hall", "R2 Lab")
	cfg := w.load()
	p, err := plan.Recall(t.Context(), cfg, known(), held.PlanID)
	w.must(err)
	_, err = apply.Apply(t.Context(), cfg, p, apply.Options{
		Providers: known(), LockTimeout: time.Second, AppliedBy: "approver", Now: w.opts.Now, Override: "the building is gone",
	})
	w.must(err)
	w.wantTable("room")
}

// What is held back does not hold the rest.
func TestPartial(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.sync("rooms", "room", `guard {
    on_breach  = "hold_deletes"
    max_delete = 0
  }`)
	w.runAll()
	w.rows("rooms", "R1,Great hall", "R3,Attic")
	result := w.run(run.Request{Trigger: run.Manual, Syncs: []string{"sync.rooms"}})
	w.wantUnits(result, "sync.rooms partial")
	w.wantMessage(result.Units[0], "sync.rooms: held back: 1 rows would be touched by delete, max_delete allows 0")
	if s := result.Units[0].Syncs[0]; s.HeldBack[config.Delete] != 1 || s.Total() != 2 {
		t.Errorf("the sync is %+v", s)
	}
	w.wantTable("room", "R1 Great hall", "R2 Lab", "R3 Attic")
	if records := w.records(); !strings.Contains(strings.Join(records, ";"), "sync.rooms partial 1") {
		t.Errorf("the records are %q", records)
	}
}

// A paused sync is left out, alone or of its unit.
func TestPaused(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.session(w.into(), func(reg register.Register, tx *sql.Tx) {
		w.must(reg.Pause(t.Context(), tx, register.Pause{Sync: "sync.rooms", PausedOn: w.now, PausedBy: "ops@example", Reason: "moving house"}))
	})
	result := w.runAll()
	w.wantUnits(result, "sync.persons applied", "sync.rooms paused", "sync.sites applied")
	w.wantMessage(result.Units[1], "sync.rooms: paused by ops@example since 2026-09-01 02:30 UTC: moving house")
	w.wantRecords("sync.persons applied 1", "sync.sites applied 1")
	w.wantTable("room")

	w.adapt = func(cfg *config.Config) { cfg.Settings.Atomic = config.AtomicFaculty }
	w.rows("sites", "S1,Main", "S2,Hill")
	result = w.runAll()
	w.wantUnits(result, "faculty.law unchanged", "faculty.arts applied")
	if arts := result.Units[1]; arts.Syncs[0].Paused == "" || arts.Syncs[1].Paused != "" {
		t.Errorf("paused are %+v", arts.Syncs)
	}
	w.wantTable("room")
	w.wantTable("site", "S1 Main", "S2 Hill")
	w.session(w.into(), func(reg register.Register, tx *sql.Tx) {
		w.must(reg.Resume(t.Context(), tx, "sync.rooms", w.now, "ops@example"))
	})
	w.wantUnits(w.runAll(), "faculty.law unchanged", "faculty.arts applied")
	w.wantTable("room", "R1 Hall", "R2 Lab")
}

// A run that is interrupted ends what it began, and begins nothing more.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	w := three(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.opts.Applying = func(p apply.Progress) {
		if p.Sync == "sync.rooms" && p.Done {
			cancel()
		}
	}
	result, err := run.Run(ctx, w.load(), run.Request{Trigger: run.Manual}, w.opts)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	w.wantUnits(result, "sync.persons applied", "sync.rooms failed")
	w.wantMessage(result.Units[1], "interrupted")
	w.wantTable("room")
	w.wantRecords("sync.persons applied 1", "sync.rooms failed 1")
}

func TestGate(t *testing.T) {
	t.Parallel()
	w := three(t)
	var seen []string
	w.opts.Gate = func(_ context.Context, destinations []string) (func(), error) {
		seen = append(seen, "take "+strings.Join(destinations, " "))
		if len(seen) > 4 {
			return nil, errors.New("the state is closed")
		}
		return func() { seen = append(seen, "give") }, nil
	}
	result := w.runAll()
	w.wantUnits(result, "sync.persons applied", "sync.rooms applied", "sync.sites failed")
	w.wantMessage(result.Units[2], "the state is closed")
	take := "take destination.sqlite.main"
	if diff := cmp.Diff([]string{take, "give", take, "give", take}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestObserved(t *testing.T) {
	t.Parallel()
	w := three(t)
	text := func(s string) *string { return &s }
	w.adapt = func(cfg *config.Config) {
		of := []string{"sync.rooms", "sync.persons"}
		cfg.Observers = []*config.Observer{
			{Address: "on_change.any_lab", Syncs: of, Column: "name", To: text("Lab")},
			{Address: "on_change.new_lab", Syncs: of, Column: "name", FromNull: true, To: text("Lab")},
			{Address: "on_change.hall_lab", Syncs: of, Column: "name", From: text("Hall"), To: text("Lab")},
			{Address: "on_change.emptied", Syncs: of, Column: "name", ToNull: true},
		}
	}
	want := func(result *run.Result, observed ...run.Observation) {
		t.Helper()
		var got []run.Observation
		for _, u := range result.Units {
			got = append(got, u.Observed...)
		}
		if diff := cmp.Diff(observed, got); diff != "" {
			t.Error(diff)
		}
	}
	observation := func(name string, rows int64, keys ...string) run.Observation {
		return run.Observation{Observer: "on_change." + name, Sync: "sync.rooms", Rows: rows, Keys: keys}
	}
	want(w.runAll(), observation("any_lab", 1, `"R2"`), observation("new_lab", 1, `"R2"`))
	w.rows("rooms", "R1,Lab", "R2,Lab", "R3,Hall")
	want(w.runAll(), observation("any_lab", 1, `"R1"`), observation("hall_lab", 1, `"R1"`))
	w.rows("rooms", "R1,", "R3,Hall") // R2 is deleted: it takes no value
	want(w.runAll(), observation("emptied", 1, `"R1"`))
	many := []string{"R3,Hall"}
	for _, letter := range "ABCDEFGHIJKL" {
		many = append(many, string(letter)+",Lab")
	}
	w.rows("rooms", many...)
	result := w.runAll()
	if o := result.Units[1].Observed; len(o) != 2 || o[0].Rows != 12 || len(o[0].Keys) != 10 {
		t.Errorf("observed are %+v", o)
	}
	// Keys that are masked are but told apart, and a masked column's are not named at all.
	w.sync("rooms", "room", `sensitive = ["code"]`)
	w.rows("rooms", append(many, "Y,Lab", "Z,Lab")...)
	result = w.runAll()
	keys := result.Units[1].Observed[0].Keys
	want(result, observation("any_lab", 2, keys...), observation("new_lab", 2, keys...))
	if len(keys) != 2 || keys[0] == keys[1] || !strings.HasPrefix(keys[0], "(sensitive ") || !strings.HasPrefix(keys[1], "(sensitive ") {
		t.Errorf("masked keys are told as %q", keys)
	}
	w.sync("rooms", "room", `sensitive = ["name"]`)
	w.rows("rooms", append(many, "X,Lab", "Y,Lab", "Z,Lab")...)
	want(w.runAll(), observation("any_lab", 1), observation("new_lab", 1))
}

// Several destinations: each is whole, and the run goes on where it stopped.
func TestSeveralDestinations(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.write("other.hcl", `destination "sqlite" "other" { path = "other.db" }`)
	other := w.open("sqlite", "file:"+filepath.Join(w.dir, "other.db")+"?_pragma=busy_timeout(10000)")
	_, err := other.ExecContext(t.Context(), "CREATE TABLE site (code TEXT PRIMARY KEY, name TEXT)")
	w.must(err)
	w.initRegister("destination.sqlite.other")
	w.sync("sites", "site", `faculty = faculty.arts`)
	text, err := os.ReadFile(filepath.Join(w.dir, "sites.hcl"))
	w.must(err)
	w.write("sites.hcl", strings.ReplaceAll(string(text), "destination.sqlite.main", "destination.sqlite.other"))
	w.adapt = func(cfg *config.Config) {
		cfg.Settings.Atomic = config.AtomicFaculty
		cfg.Settings.Retry = config.Retry{Attempts: 3, Wait: time.Second, MaxWait: time.Second}
	}
	// Somebody holds the second file when the first is done.
	var holder *sql.Conn
	w.opts.LockTimeout = 50 * time.Millisecond
	w.opts.Applying = func(p apply.Progress) {
		if p.Sync != "sync.rooms" || !p.Done || holder != nil {
			return
		}
		holder, err = other.Conn(t.Context())
		w.must(err)
		_, err = holder.ExecContext(t.Context(), "BEGIN IMMEDIATE")
		w.must(err)
	}
	w.asleep = func() {
		w.wantTable("room", "R1 Hall", "R2 Lab")
		_, err := holder.ExecContext(t.Context(), "ROLLBACK")
		w.must(err)
	}
	result := w.run(run.Request{Trigger: run.Manual, Syncs: []string{"sync.rooms", "sync.sites"}})
	w.wantUnits(result, "faculty.arts applied")
	if u := result.Units[0]; u.Attempts != 2 || u.Syncs[0].Counts[config.Insert] != 2 || u.Syncs[1].Counts[config.Insert] != 1 {
		t.Errorf("the unit is %+v", u)
	}
	var n int
	w.must(holder.QueryRowContext(t.Context(), "SELECT count(*) FROM site").Scan(&n))
	w.must(holder.Close())
	if n != 1 {
		t.Errorf("the second destination has %d rows", n)
	}
	w.wantRecords("faculty.arts applied 1")
}

func TestResultJSON(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.runAll()
	w.rows("rooms", "R1,Great hall")
	w.rows("sites")
	w.rows("persons", "P1,Ada", "P2,Grace", "P3,Alan")
	w.adapt = func(cfg *config.Config) {
		cfg.Digest = strings.Repeat("a", 64)
		cfg.Observers = []*config.Observer{{Address: "on_change.renamed", Syncs: []string{"sync.rooms"}, Column: "name"}}
	}
	result := w.run(run.Request{ID: "00000000-0000-4000-8000-00000000f00d", Trigger: run.Manual})
	text, err := json.MarshalIndent(result, "", "  ")
	w.must(err)
	golden := filepath.Join("testdata", "result.json")
	if *update {
		w.must(os.WriteFile(golden, append(text, '\n'), 0o600))
	}
	want, err := os.ReadFile(golden)
	w.must(err)
	if diff := cmp.Diff(string(want), string(text)+"\n"); diff != "" {
		t.Error(diff)
	}
	var read run.Result
	w.must(json.Unmarshal(text, &read))
	if diff := cmp.Diff(*result, read); diff != "" {
		t.Errorf("read back: %s", diff)
	}
}

package enginetest

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// Several destinations are done in order, each whole; applying again does the rest.
func TestSeveralDestinations(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, second := twoRooms(t, e)

		w.room("R1", "One", 1)
		p := w.plan()
		w.wantCounts(p, "insert 2")
		w.exec(second, "INSERT INTO room (code, origin) VALUES ('R1', 'A')")
		_, err := w.tryApply(p)
		var partial *apply.PartialError
		if !errors.As(err, &partial) || len(partial.Done) != 1 || partial.Done[0].Address != p.Destinations[0].Address {
			t.Fatalf("apply with a stale second destination: %v", err)
		}
		w.wantRooms("R1|One|1|A|c|-|-")
		w.exec(second, "DELETE FROM room")
		result, err := w.tryApply(p)
		w.must(err)
		if !result.Destinations[0].Before || result.Destinations[1].Before {
			t.Errorf("the second apply did %+v", result.Destinations)
		}
		if got := w.rows(second, roomState); len(got) != 1 {
			t.Errorf("the second destination holds %v", got)
		}
		_, err = w.tryApply(p)
		if _, ok := errors.AsType[*apply.AppliedError](err); !ok {
			t.Errorf("a third apply says %v", err)
		}
	})
}

// twoRooms is rooms with a second destination, of a sync of its own.
func twoRooms(t testing.TB, e engine) (w *world, second *sql.DB) {
	t.Helper()
	w = rooms(t, e, archiving)
	var into string
	into, second = e.open(t, w.dir, "second")
	table := "CREATE TABLE room (code " + e.types["text"] + " PRIMARY KEY, name " + e.types["text"] + ", seats " + e.types["int"] + ", origin " + e.types["text"] +
		" NOT NULL, created_on " + e.types["tstz"] + ", updated_on " + e.types["tstz"] + ", deleted_on " + e.types["tstz"] + ")"
	w.exec(second, table)
	text := string(w.load().Files["main.hcl"])
	text = strings.Replace(strings.Replace(text, `sync "rooms"`, `sync "more"`, 1), "destination."+e.name+".main", "destination."+e.name+".second", 1)
	w.write("second.hcl", fmt.Sprintf("destination %q \"second\" {\n  %s\n}\n%s", e.name, into, text))
	w.initSecond()
	return w, second
}

func (w *world) initSecond() {
	w.Helper()
	cfg := w.load()
	d, err := plan.OpenDestination(w.Context(), known(), cfg.Destinations[1], cfg.Dir)
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

// Two blocks for one database would lock each other out, and its register could not
// tell them apart.
func TestOneDatabaseTwice(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		connections := string(w.load().Files["connections.hcl"])
		block, _, _ := strings.Cut(connections, "\n\nsource")
		text := string(w.load().Files["main.hcl"])
		text = strings.NewReplacer(`sync "rooms"`, `sync "more"`, "destination."+e.name+".main", "destination."+e.name+".twin", `"A"`, `"B"`).Replace(text)
		w.write("second.hcl", strings.Replace(block, `"main"`, `"twin"`, 1)+"\n"+text)
		w.planError("are the same database")
	})
}

// What a trigger made of a row is in the register as the operation's result.
func TestTriggersAreRecorded(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.create(w.dest, e.shout...)
		w.room("R1", "one", 1)
		w.apply(w.plan())
		results := w.rows(w.dest, "SELECT result FROM "+w.registerTable("operation"))
		if len(results) != 1 || !strings.Contains(results[0], `"ONE"`) {
			t.Errorf("result = %v, want the name in capitals", results)
		}
	})
}

// A trigger that keeps rows from being written is an error, not a short apply.
func TestTriggerThatPrevents(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		if e.veto == nil {
			return // a trigger there can only refuse the statement
		}
		w := rooms(t, e, archiving)
		w.room("R1", "one", 1)
		w.room("R2", "two", 1)
		p := w.plan()
		w.create(w.dest, e.veto...)
		if _, err := w.tryApply(p); err == nil || !strings.Contains(err.Error(), "sync.rooms: insert: 2 rows were to be written, the database wrote 1: a trigger of table room may prevent some") {
			t.Errorf("apply = %v, want it to say that rows were not written", err)
		}
		w.wantRooms()
	})
}

// The staging tables of a killed plan go; those of a plan being made stay.
func TestSweep(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		if e.newStage == "" {
			return // staging tables vanish with their connection there
		}
		w := rooms(t, e, archiving)
		create := e.newStage
		if strings.Contains(create, "$database") {
			create = strings.ReplaceAll(create, "$database", w.rows(w.dest, "SELECT database()")[0])
		}
		w.exec(w.dest, fmt.Sprintf(create, "stage_dead_0"))
		w.exec(w.dest, fmt.Sprintf(create, "stage_dead_1"))
		cmd, lines := w.start("plan", 0)
		for lines.Scan() && lines.Text() != "step 0" {
		}
		alive := w.stages()
		if len(alive) != 1 || strings.Contains(alive[0], "dead") {
			t.Errorf("while a plan is made there are %v", alive)
		}
		w.room("R1", "One", 1)
		w.apply(w.plan())
		if still := w.stages(); len(still) != 1 {
			t.Errorf("another plan swept the stage of one being made: %v", still)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		w.wantSwept()
	})
}

// An apply waits for another no longer than it was told to.
func TestLockTimeout(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.room("R1", "One", 1)
		w.now = time.Now()
		cmd, lines := w.start("plan", -1)
		w.must(cmd.Wait())
		for lines.Scan() {
		}
		cmd, lines = w.start("apply", 0)
		for lines.Scan() && lines.Text() != "step 0" {
		}
		defer func() { _ = cmd.Wait() }()
		defer func() { _ = cmd.Process.Kill() }()
		p, err := plan.Open(w.dir+"/plan.json", plan.OpenOptions{})
		w.must(err)
		_, err = apply.Apply(t.Context(), w.load(), p, apply.Options{Providers: known(), LockTimeout: 300 * time.Millisecond, Now: time.Now})
		if err == nil || !strings.Contains(err.Error(), "locked by another process") {
			t.Errorf("apply beside another: %v", err)
		}
	})
}

// The register is upgraded on demand, once, and never by a program that is older.
func TestRegisterUpgrade(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.exec(w.dest, "DROP VIEW "+w.registerTable("import_reg"))
		for _, table := range []string{"override", "run", "run_beat", "pause", "author", "approval", "disclosure", "redaction"} {
			w.exec(w.dest, "DROP TABLE "+w.registerTable(table))
		}
		w.exec(w.dest, e.dropIndex("registrar_execution_executed_on", w.registerTable("execution")))
		w.exec(w.dest, e.dropIndex("registrar_finding_kind", w.registerTable("finding")))
		w.exec(w.dest, e.dropIndex("registrar_plan_speculative", w.registerTable("plan")))
		w.exec(w.dest, "UPDATE "+w.registerTable("meta")+" SET version = 1")
		cfg := w.load()
		d, err := plan.OpenDestination(t.Context(), known(), cfg.Destinations[0], cfg.Dir)
		w.must(err)
		defer d.Close()
		conn, err := d.Conn(t.Context())
		w.must(err)
		defer conn.Close()
		try := func(upgrade bool) (register.Outcome, error) {
			tx, err := d.Begin(t.Context(), conn, time.Second)
			w.must(err)
			_, outcome, err := register.New(d.Dialect()).Init(t.Context(), tx, w.now, upgrade)
			if err != nil {
				w.must(tx.Rollback())
			} else {
				w.must(tx.Commit())
			}
			return outcome, err
		}
		var version *register.VersionError
		if _, err := try(false); !errors.As(err, &version) {
			t.Errorf("init of an older register: %v", err)
		}
		if outcome, err := try(true); err != nil || outcome != register.Upgraded {
			t.Errorf("upgrade: %v, %v", outcome, err)
		}
		if outcome, err := try(true); err != nil || outcome != register.Present {
			t.Errorf("second upgrade: %v, %v", outcome, err)
		}
		w.rows(w.dest, "SELECT * FROM "+w.registerTable("import_reg"))
		w.exec(w.dest, "UPDATE "+w.registerTable("meta")+" SET version = 99")
		if _, err := try(true); !errors.As(err, &version) || !strings.Contains(err.Error(), "newer registrar") {
			t.Errorf("init of a newer register: %v", err)
		}
	})
}

func TestPrune(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.room("R1", "One", 1)
		applied := w.plan()
		w.apply(applied)
		w.room("R2", "Two", 2)
		w.plan()
		cfg := w.load()
		d, err := plan.OpenDestination(t.Context(), known(), cfg.Destinations[0], cfg.Dir)
		w.must(err)
		defer d.Close()
		conn, err := d.Conn(t.Context())
		w.must(err)
		defer conn.Close()
		r := register.New(d.Dialect())
		for _, test := range []struct {
			after         time.Duration
			history       bool
			plans, remain int64
		}{{time.Hour, false, 0, 2}, {100 * time.Hour, false, 1, 1}, {100 * time.Hour, true, 1, 0}} {
			pruned, err := r.PruneSome(t.Context(), conn, w.now.Add(test.after), test.history)
			w.must(err)
			if pruned.Plans != test.plans || pruned.Operations != test.plans {
				t.Errorf("after %s, history %v: pruned %+v, want %d", test.after, test.history, pruned, test.plans)
			}
			if left := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("plan")); left[0] != fmt.Sprint(test.remain) {
				t.Errorf("after %s, history %v: %s plans are left, want %d", test.after, test.history, left[0], test.remain)
			}
		}
		if left := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("execution")); left[0] != "0" {
			t.Errorf("executions left without their plan: %s", left[0])
		}
	})
}

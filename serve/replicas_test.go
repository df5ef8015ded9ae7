package serve

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
)

// replicaVariable makes the test binary a replica and nothing else, so that it can be killed.
const replicaVariable = "REGISTRAR_TEST_REPLICA"

// replicaOptions are what a replica is told.
type replicaOptions struct {
	Dir, State string
	Clock      fastClock
	// End is where the clock stops: no slot comes after it, and what is due can be run to its end.
	End time.Time
}

func (o *replicaOptions) now() time.Time {
	if now := o.Clock.now(); now.Before(o.End) {
		return now
	}
	return o.End
}

func replicaMain() (code int, child bool) {
	text := os.Getenv(replicaVariable)
	if text == "" {
		return 0, false
	}
	var o replicaOptions
	err := json.Unmarshal([]byte(text), &o)
	if err == nil {
		err = replica(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1, true
	}
	return 0, true
}

func replica(o replicaOptions) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	store, err := state.Open(ctx, o.State)
	if err != nil {
		return err
	}
	defer store.Close()
	s := newService(Options{
		Load: func(context.Context) (*config.Config, string, error) {
			cfg, diags := hcl.Load(o.Dir, hcl.Options{Providers: known(), Version: "0.1.0"})
			return cfg, "", diags.Err()
		},
		Store: store, Sleep: o.Clock.sleep, Takeover: replicaTakeover, ReloadInterval: -1, Host: "replica", Jobs: 2,
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Run: run.Options{
			Providers: known(), Parallelism: 1, LockTimeout: 10 * time.Second, StartedBy: strconv.Itoa(os.Getpid()), Now: o.now, NewID: uuid.NewString,
		},
	})
	s.late = 24 * time.Hour // of a busy machine's fast clock
	return s.serve(ctx)
}

const (
	replicaTakeover = 2 * time.Second
	replicaCount    = 3
	// slotEvery is how long a minute of the replicas' clock is. In a long test a slot whose replica died has the
	// time to be taken over before the next is due.
	slotEvery, slotEveryLong = 600 * time.Millisecond, 5 * time.Second
)

// counters is what the replicas do: each minute, two units copy counters that go up all the time. What is
// written is kept with its transaction, so that a slot that ran twice would show.
const counters = `registrar {
  required_version = ">= 0.1"
  retry {
    attempts = 20
    wait     = "1s"
    max_wait = "1s"
  }
  service { runs_per_destination = 2 }
}
source "postgres" "here" { url = %[1]q }
destination "postgres" "there" { url = %[1]q }
schedule "minutely" {
  timezone = "UTC"
  every    = "1m"
}
locals { counters = { a = "a", b = "b" } }
sync "counter" {
  for_each = local.counters
  schedule = schedule.minutely
  source {
    from  = source.postgres.here
    table = "source_${each.value}"
  }
  destination {
    into       = destination.postgres.there
    table      = "counter_${each.value}"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    n    = row.n
  }
}
`

// counterTables: of each unit a source that goes up, a copy, and what was written to it. It takes a
// moment to write, so that some are killed meanwhile.
const counterTables = `
CREATE TABLE source_%[1]s (code text PRIMARY KEY, n bigint);
INSERT INTO source_%[1]s VALUES ('x', 0);
CREATE TABLE counter_%[1]s (code text PRIMARY KEY, n bigint);
CREATE TABLE written_%[1]s (id bigserial PRIMARY KEY, tx xid8 DEFAULT pg_current_xact_id(), n bigint);
CREATE FUNCTION note_%[1]s() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO written_%[1]s (n) VALUES (NEW.n); PERFORM pg_sleep(0.03); RETURN NEW; END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON counter_%[1]s FOR EACH ROW EXECUTE FUNCTION note_%[1]s();
`

// fleet are replicas that are killed.
type fleet struct {
	*testing.T
	replicaOptions
	db       *sql.DB
	replicas [replicaCount]*exec.Cmd
	logs     [replicaCount]*os.File
}

func (f *fleet) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fleet) start(i int) {
	f.Helper()
	options, err := json.Marshal(f.replicaOptions)
	f.must(err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), replicaVariable+"="+string(options))
	cmd.Stderr = f.logs[i]
	f.must(cmd.Start())
	f.replicas[i] = cmd
}

func (f *fleet) kill(i int) {
	f.Helper()
	f.must(f.replicas[i].Process.Kill())
	_ = f.replicas[i].Wait() // it was killed
	f.start(i)
}

// killRunning kills a replica that cannot have ended what it runs.
func (f *fleet) killRunning() {
	f.Helper()
	tx, err := f.db.BeginTx(f.Context(), nil)
	f.must(err)
	defer tx.Rollback()
	_, err = tx.ExecContext(f.Context(), "LOCK TABLE counter_a IN EXCLUSIVE MODE") // so that nobody writes to it
	f.must(err)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var pid string
		err := f.db.QueryRowContext(f.Context(), `SELECT started_by FROM registrar.run WHERE status = 'running' AND unit = 'sync.counter["a"]'
AND EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'counter_a'::regclass)`).Scan(&pid)
		for i, one := range f.replicas {
			if err == nil && strconv.Itoa(one.Process.Pid) == pid {
				f.kill(i)
				return
			}
		}
		if time.Now().After(deadline) {
			f.Fatalf("nobody waits to write: %v", err)
		}
	}
}

// victim is one in the midst of a run, or any.
func (f *fleet) victim() int {
	f.Helper()
	if rand.N(3) > 0 {
		for range 50 {
			var pid string
			err := f.db.QueryRowContext(f.Context(), "SELECT started_by FROM registrar.run WHERE status = 'running' LIMIT 1").Scan(&pid)
			for i, one := range f.replicas {
				if err == nil && strconv.Itoa(one.Process.Pid) == pid {
					return i
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	return rand.N(replicaCount)
}

func (f *fleet) number(query string) int {
	f.Helper()
	var n int
	f.must(f.db.QueryRowContext(f.Context(), query).Scan(&n))
	return n
}

// list returns the first of the rows, for messages.
func (f *fleet) list(query string) string {
	f.Helper()
	rows, err := f.db.QueryContext(f.Context(), query+" LIMIT 10")
	f.must(err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		f.must(rows.Scan(&one))
		all = append(all, one)
	}
	f.must(rows.Err())
	return strings.Join(all, "\n")
}

// warnings are the last lines of a log that are no information.
func warnings(log []byte) string {
	var lines []string
	for line := range strings.Lines(string(log)) {
		if !strings.Contains(line, "level=INFO") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-60):], "")
}

func replicasDuration(t *testing.T) (duration, slot time.Duration) {
	t.Helper()
	text := os.Getenv("TEST_REPLICAS_MINUTES")
	if text == "" {
		return 6 * time.Second, slotEvery
	}
	minutes, err := strconv.ParseFloat(text, 64)
	if err != nil || minutes <= 0 {
		t.Fatalf("TEST_REPLICAS_MINUTES is %q, want a number of minutes", text)
	}
	return time.Duration(minutes * float64(time.Minute)), slotEveryLong
}

// Three replicas on one PostgreSQL, of which one is killed again and again, and whose connections are cut now and
// then: every slot runs once to its end.
func TestReplicas(t *testing.T) {
	duration, slot := replicasDuration(t)
	url := pgtest.New(t)
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	f := &fleet{T: t, db: db, replicaOptions: replicaOptions{Dir: t.TempDir(), State: url}}
	for _, name := range []string{"a", "b"} {
		f.must(execute(t.Context(), db, fmt.Sprintf(counterTables, name)))
	}
	f.must(os.WriteFile(filepath.Join(f.Dir, "main.hcl"), fmt.Appendf(nil, strings.ReplaceAll(counters, "${", "%[2]s{"), url, "$"), 0o600))
	cfg, diags := hcl.Load(f.Dir, hcl.Options{Providers: known(), Version: "0.1.0"})
	f.must(diags.Err())
	f.must(initRegisters(t.Context(), cfg))
	first := time.Date(2020, 1, 6, 8, 0, 0, 0, time.UTC) // in the past of every machine
	slots := int(duration / slot)
	f.Clock = fastClock{Real: time.Now(), Fake: first, Speed: float64(time.Minute) / float64(slot)}
	f.End = first.Add(time.Duration(slots)*time.Minute + 30*time.Second)
	logs := t.TempDir()
	for i := range replicaCount {
		f.logs[i], err = os.Create(filepath.Join(logs, fmt.Sprintf("replica-%d.log", i)))
		f.must(err)
		f.start(i)
	}
	t.Cleanup(func() {
		for i, one := range f.replicas {
			_ = one.Process.Kill()
			_ = one.Wait()
			if text, err := os.ReadFile(f.logs[i].Name()); err == nil && t.Failed() {
				t.Logf("what replica %d warned of:\n%s", i, warnings(text))
			}
			f.logs[i].Close()
		}
	})

	f.killRunning()
	kills, cuts := 1, 0
	next := time.Now().Add(time.Second)
	for f.now().Before(f.End) {
		for _, name := range []string{"a", "b"} {
			f.must(execute(t.Context(), db, "UPDATE source_"+name+" SET n = n + 1"))
		}
		time.Sleep(20 * time.Millisecond)
		if time.Now().Before(next) {
			continue
		}
		f.kill(f.victim())
		kills++
		if kills%4 == 0 {
			f.number(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
			cuts++
		}
		next = time.Now().Add(500*time.Millisecond + rand.N(time.Second))
	}
	f.drain()
	for i, one := range f.replicas {
		f.must(one.Process.Signal(syscall.SIGTERM))
		if err := one.Wait(); err != nil {
			t.Errorf("replica %d ended with %v", i, err)
		}
		f.start(i) // for the clean-up, which kills it
	}

	// What waited until a later slot was due did not run, nor did what was found dead so late.
	const ran, left = "status = 'done' AND why = ''", "(status = 'missed' OR why <> '') AND why LIKE '%later slot%'"
	begun := f.list("SELECT min(slot_on)::text FROM registrar_state.slot WHERE " + ran)
	due := f.number("SELECT count(*) FROM generate_series((SELECT min(slot_on) FROM registrar_state.slot WHERE " + ran + "), '" + f.End.Format(time.RFC3339) + "'::timestamptz, interval '1 minute')")
	done := f.number("SELECT count(*) FROM registrar_state.slot WHERE " + ran)
	if done == 0 {
		t.Errorf("no slot ran of %d that were due since %s", due, begun)
	}
	if got := done + f.number("SELECT count(*) FROM registrar_state.slot WHERE "+left+" AND slot_on > (SELECT min(slot_on) FROM registrar_state.slot WHERE "+ran+")"); got != due {
		t.Errorf("%d slots ran or were left out, of %d that were due", got, due)
	}
	for _, name := range []string{"a", "b"} {
		unit := `sync.counter["` + name + `"]`
		of := " FROM registrar.run WHERE unit = '" + unit + "' AND slot IN (SELECT slot_on FROM registrar_state.slot WHERE " + ran + ")"
		if got := f.number("SELECT count(*)" + of); got != done {
			t.Errorf("%s: the register has %d runs, of %d slots; the state says of the others:\n%s", unit, got, done,
				f.list("SELECT s.slot_on || ' ' || s.why || ' ' || coalesce(r.document::text, 'no run') FROM registrar_state.slot s LEFT JOIN registrar_state.run r ON r.id = s.run_id WHERE s.status = 'done' AND NOT EXISTS (SELECT 1 FROM registrar.run WHERE run.slot = s.slot_on AND unit = '"+unit+"')"))
		}
		if n := f.number("SELECT count(*)" + of + " AND status NOT IN ('applied', 'unchanged')"); n != 0 {
			t.Errorf("%s: %d runs did not end well, such as\n%s", unit, n, f.list("SELECT status || ' ' || slot || ' attempt ' || attempt || ' ' || coalesce(message, '') || ' plan ' || coalesce(plan_id, '')"+of+" AND status NOT IN ('applied', 'unchanged')"))
		}
		applied, written := f.number("SELECT count(*) FROM registrar.run WHERE unit = '"+unit+"' AND status = 'applied'"), f.number("SELECT count(DISTINCT tx) FROM written_"+name)
		if applied != written || applied == 0 {
			t.Errorf("%s: %d runs are recorded as applied, %d transactions wrote", unit, applied, written)
		}
		if n := f.number("SELECT count(*) FROM (SELECT n, lag(n) OVER (ORDER BY id) AS before FROM written_" + name + ") AS steps WHERE n <= before"); n != 0 {
			t.Errorf("%s: %d times an older state was written over a newer one", unit, n)
		}
	}
	takeovers := f.number("SELECT count(*) FROM registrar.run WHERE attempt > 1")
	t.Logf("%d slots of 2 units ran, of %d due in %s, %d kills, %d cuts of all connections, %d runs taken over (as often as %d times)", done, due, duration, kills, cuts,
		takeovers, f.number("SELECT coalesce(max(attempt), 0) FROM registrar.run"))
	if takeovers == 0 || kills == 0 {
		t.Errorf("%d runs were taken over after %d kills: the test shows nothing", takeovers, kills)
	}
}

// drain waits until what was due has ended, for as long as there is any progress.
func (f *fleet) drain() {
	f.Helper()
	last, before, deadline := f.End.Truncate(time.Minute).Format(time.RFC3339), -1, time.Now().Add(30*time.Second)
	for ; ; time.Sleep(50 * time.Millisecond) {
		var open, reached int
		err := f.db.QueryRowContext(f.Context(), `SELECT count(*) FILTER (WHERE status IN ('pending', 'running')), count(*) FILTER (WHERE slot_on = $1::timestamptz) FROM registrar_state.slot`, last).Scan(&open, &reached)
		if err == nil && open == 0 && reached == 1 {
			return
		}
		if err == nil && open != before {
			before, deadline = open, time.Now().Add(30*time.Second)
		}
		if time.Now().After(deadline) {
			f.Errorf("%d slots have not ended, the last one was reached %d times (%v):\n%s", open, reached, err,
				f.list("SELECT slot_on || ' ' || status || ' ' || coalesce(worker, '') FROM registrar_state.slot WHERE status IN ('pending', 'running')"))
			return
		}
	}
}

func execute(ctx context.Context, db *sql.DB, statement string) error {
	_, err := db.ExecContext(ctx, statement)
	return err
}

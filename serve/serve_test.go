package serve

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
)

func known() []providers.Provider {
	return []providers.Provider{csv.New(), sqlite.New(), postgres.New()}
}

// fastClock runs Speed times as fast as the machine's, from Fake at Real on.
type fastClock struct {
	Real, Fake time.Time
	Speed      float64
}

func (c fastClock) now() time.Time {
	return c.Fake.Add(time.Duration(float64(time.Since(c.Real)) * c.Speed)).UTC()
}

func (c fastClock) sleep(ctx context.Context, d time.Duration) error {
	return sleep(ctx, time.Duration(float64(d)/c.Speed))
}

// lines is a log that goroutines share.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// rooms is a configuration that copies a file into an SQLite database each minute.
const rooms = `registrar {
  required_version = ">= 0.1"
}
source "csv" "files" { directory = "data" }
destination "sqlite" "timetable" { path = "timetable.db" }
schedule "minutely" {
  timezone = "UTC"
  every    = "1m"
}
sync "rooms" {
  schedule = schedule.minutely
  source {
    from  = source.csv.files
    table = "rooms"
  }
  destination {
    into       = destination.sqlite.timetable
    table      = "room"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
  }
  lifecycle { on_missing = "delete" }
}
`

// serving is a service that runs in the test.
type serving struct {
	*testing.T
	Options
	dir    string
	log    lines
	reload chan struct{}
	ended  chan error
	stop   context.CancelFunc
}

func newServing(t *testing.T) *serving {
	t.Helper()
	s := &serving{T: t, dir: t.TempDir(), reload: make(chan struct{})}
	s.write("main.hcl", rooms)
	s.write("data/rooms.csv", "code,name\nR1,Salle 1\nR2,Salle 2\n")
	db := s.open()
	s.must(execute(t.Context(), db, "CREATE TABLE room (code TEXT PRIMARY KEY, name TEXT)"))
	store, err := state.Open(t.Context(), filepath.Join(s.dir, "state.db"))
	s.must(err)
	t.Cleanup(func() { s.must(store.Close()) })
	cfg, _, err := s.load(t.Context())
	s.must(err)
	s.must(initRegisters(t.Context(), cfg))
	clock := fastClock{Real: time.Now(), Fake: time.Date(2026, 9, 7, 8, 0, 0, 0, time.UTC), Speed: 200}
	s.Options = Options{
		Load: s.load, Store: store, Sleep: clock.sleep, ReloadInterval: -1, Reload: s.reload, Host: "here", Version: "0.1.0",
		Log: slog.New(slog.NewTextHandler(&s.log, nil)),
		Run: run.Options{Providers: known(), Parallelism: 1, LockTimeout: 10 * time.Second, StartedBy: "tester", Now: clock.now, NewID: uuid.NewString},
	}
	return s
}

func (s *serving) load(context.Context) (*config.Config, string, error) {
	cfg, diags := hcl.Load(s.dir, hcl.Options{Providers: known(), Version: "0.1.0"})
	return cfg, "", diags.Err()
}

func (s *serving) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *serving) write(name, content string) {
	s.Helper()
	path := filepath.Join(s.dir, name)
	s.must(os.MkdirAll(filepath.Dir(path), 0o700))
	s.must(os.WriteFile(path, []byte(content), 0o600))
}

func (s *serving) open() *sql.DB {
	s.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "timetable.db")+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)")
	s.must(err)
	s.Cleanup(func() { s.must(db.Close()) })
	return db
}

func initRegisters(ctx context.Context, cfg *config.Config) error {
	for _, c := range cfg.Destinations {
		d, err := plan.OpenDestination(ctx, known(), c, cfg.Dir)
		if err != nil {
			return err
		}
		defer d.Close()
		conn, err := d.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		tx, err := d.Begin(ctx, conn, 10*time.Second)
		if err != nil {
			return err
		}
		if _, _, err := register.New(d.Dialect()).Init(ctx, tx, time.Now(), false); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// start serves until the test stops it.
func (s *serving) start() {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	s.stop, s.ended = cancel, make(chan error, 1)
	ended := s.ended
	service := newService(s.Options)
	service.late = 24 * time.Hour // of a busy machine's fast clock
	service.retry = 50 * time.Millisecond
	go func() {
		defer close(ended)
		ended <- service.serve(ctx)
	}()
	s.Cleanup(func() {
		cancel()
		for range ended { // until it is closed
		}
		if s.Failed() {
			s.T.Log("the service's log:\n" + s.log.String())
		}
	})
}

// end stops the service and waits for it.
func (s *serving) end() {
	s.Helper()
	s.stop()
	if err := <-s.ended; err != nil {
		s.Fatalf("the service ended with: %v", err)
	}
}

// eventually waits until something holds.
func (s *serving) eventually(what string, holds func() bool) {
	s.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
		select {
		case err := <-s.ended:
			s.Fatalf("the service ended (%v) before %s", err, what)
		default:
		}
		if time.Now().After(deadline) {
			s.Fatalf("not so in time: %s", what)
		}
	}
}

func (s *serving) count(db *sql.DB, query string) int {
	s.Helper()
	var n int
	s.must(db.QueryRowContext(s.Context(), query).Scan(&n))
	return n
}

// Slots run at their times, the register and the state know of them, and a broken configuration changes nothing.
func TestServe(t *testing.T) {
	t.Parallel()
	s := newServing(t)
	s.start()
	db := s.open()
	s.eventually("the rows are there", func() bool { return s.count(db, "SELECT count(*) FROM room") == 2 })
	s.eventually("the slots after it ran, too", func() bool {
		return s.count(db, "SELECT count(*) FROM registrar_run WHERE status = 'unchanged'") >= 3
	})

	s.write("main.hcl", strings.Replace(rooms, "row.name", "row.", 1))
	s.reload <- struct{}{}
	s.eventually("the broken configuration is refused", func() bool { return strings.Contains(s.log.String(), "is refused") })
	s.write("data/rooms.csv", "code,name\nR1,Salle 1\nR2,Salle 2\nR3,Salle 3\n")
	s.eventually("the old configuration runs on", func() bool { return s.count(db, "SELECT count(*) FROM room") == 3 })

	s.write("main.hcl", strings.Replace(rooms, "= row.name", `= "(${row.name})"`, 1))
	s.reload <- struct{}{}
	s.eventually("the new configuration runs", func() bool {
		return s.count(db, "SELECT count(*) FROM room WHERE name LIKE '(%)'") == 3
	})
	s.end()

	stopping, stopped := strings.Index(s.log.String(), "stopping: "), strings.Index(s.log.String(), "msg=stopped")
	if stopping < 0 || stopped < stopping {
		t.Errorf("it says that it stops at %d, and that it has stopped at %d", stopping, stopped)
	}
	if replicas, err := s.Store.Replicas(t.Context(), time.Time{}); err != nil || len(replicas) != 0 {
		t.Errorf("after the end there are %+v, %v", replicas, err)
	}
	if n := s.count(db, "SELECT count(*) FROM registrar_run WHERE status = 'running'"); n != 0 {
		t.Errorf("%d runs are recorded as running after the end", n)
	}
	runs, err := s.Store.Runs(t.Context(), 1000)
	s.must(err)
	ended := s.count(db, "SELECT count(DISTINCT run_id) FROM registrar_run")
	if len(runs) != ended {
		t.Errorf("the state has %d runs, the register %d", len(runs), ended)
	}
	for _, r := range runs {
		if r.EndedOn.IsZero() || len(r.Units) != 1 || r.Units[0].Outcome == run.Failed {
			t.Errorf("run %s: %+v", r.Slot, r)
		}
	}
}

// A run that has started ends, though the service is told to end; nothing starts any more.
func TestARunEndsThoughTheServiceIsToEnd(t *testing.T) {
	t.Parallel()
	s := newServing(t)
	running, finish := make(chan struct{}), make(chan struct{})
	var once sync.Once
	runs := 0
	s.Jobs = 1
	s.Execute = func(ctx context.Context, cfg *config.Config, request run.Request, opts run.Options) (*run.Result, error) {
		runs++
		once.Do(func() { close(running) })
		<-finish
		return run.Run(ctx, cfg, request, opts)
	}
	s.start()
	<-running
	s.stop()
	s.eventually("it says that it ends", func() bool { return strings.Contains(s.log.String(), "stopping") })
	close(finish)
	s.end()
	if db := s.open(); s.count(db, "SELECT count(*) FROM room") != 2 {
		t.Error("the run that had started did not end")
	}
	if runs != 1 {
		t.Errorf("%d runs started, want the one before the end", runs)
	}
}

// A run that does not end within the grace is cut off, and the slot is not lost: the next service runs it.
func TestGrace(t *testing.T) {
	t.Parallel()
	s := newServing(t)
	running := make(chan run.Request, 100)
	s.Jobs, s.Grace = 1, -1
	s.Execute = func(ctx context.Context, cfg *config.Config, request run.Request, opts run.Options) (*run.Result, error) {
		opts.Planning = func(plan.Progress) {
			running <- request
			<-ctx.Done()
		}
		return run.Run(ctx, cfg, request, opts)
	}
	s.start()
	cut := <-running
	s.end()
	s.Execute, s.Grace = nil, 0
	s.start()
	db := s.open()
	s.eventually("the slot that was cut off ran", func() bool {
		return s.count(db, "SELECT count(*) FROM registrar_run WHERE attempt = 2 AND status IN ('applied', 'unchanged') AND run_id = '"+cut.ID+"'") == 1
	})
	s.end()
}

// ended is the result of a run that did nothing.
func ended(request run.Request) *run.Result {
	return &run.Result{
		ID: request.ID, Trigger: request.Trigger, Schedule: request.Schedule, Slot: request.Slot, StartedOn: request.Slot, EndedOn: request.Slot,
	}
}

func TestAConfigurationThatDoesNotCompileDoesNotServe(t *testing.T) {
	t.Parallel()
	s := newServing(t)
	s.write("main.hcl", "nonsense {}")
	var mistakes *config.DiagnosticsError
	if err := Serve(t.Context(), s.Options); !errors.As(err, &mistakes) {
		t.Errorf("Serve returns %v, want the diagnostics", err)
	}
}

func TestStatusPage(t *testing.T) {
	t.Parallel()
	s := newServing(t)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	s.must(err)
	s.Listener, s.Token = listener, "a-token-of-the-test"
	s.start()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	get := func(path, token string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+path, http.NoBody)
		s.must(err)
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		response, err := client.Do(request)
		if err != nil {
			return 0, err.Error()
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		s.must(err)
		return response.StatusCode, string(body)
	}
	s.eventually("it is ready", func() bool { code, _ := get("/readyz", ""); return code == http.StatusOK })
	if code, _ := get("/healthz", ""); code != http.StatusOK {
		t.Errorf("/healthz answers %d", code)
	}
	if code, _ := get("/metrics", ""); code == http.StatusOK {
		t.Error("the metrics are shown to those without the token")
	}
	s.eventually("the metrics count runs", func() bool {
		_, body := get("/metrics", s.Token)
		return strings.Contains(body, `registrar_runs_total{faculty="",outcome="unchanged",unit="sync.rooms"}`)
	})
	s.write("main.hcl", "nonsense {}")
	s.reload <- struct{}{}
	s.eventually("the metrics tell of the refused configuration", func() bool {
		_, body := get("/metrics", s.Token)
		return strings.Contains(body, "registrar_configuration_reload_failed 1")
	})
	s.end()
	if code, _ := get("/healthz", ""); code != 0 {
		t.Error("the page is there though the service has ended")
	}
}

// Two versions of a configuration: a job of the other is left to it while it lives, and run when it does not.
func TestJobsOfAnotherVersion(t *testing.T) {
	t.Parallel()
	c := newClockwork(t, "2026-09-07 12:00:00", every(time.Hour))
	ran := 0
	c.Execute = func(_ context.Context, _ *config.Config, request run.Request, _ run.Options) (*run.Result, error) {
		ran++
		return ended(request), nil
	}
	job := func() state.Job {
		return state.Job{RunID: uuid.NewString(), Schedule: "schedule.s", Slot: utc("2026-09-07 12:00:00"), Start: utc("2026-09-07 12:00:00"), Trigger: run.Scheduled, ConfigDigest: "second"}
	}
	beat := func(digest string) {
		c.must(c.Store.Beat(t.Context(), state.Replica{ID: "other", Host: "there", ConfigDigest: digest, SeenOn: c.at}))
	}
	c.at = utc("2026-09-07 12:00:10")
	beat("second")
	if err := c.handle(t.Context(), job()); !errors.Is(err, state.ErrNotMine) || ran != 0 {
		t.Errorf("handling another's job: %v, %d runs", err, ran)
	}
	// It lives on, but takes too long.
	c.at = utc("2026-09-07 12:00:10").Add(c.Takeover)
	beat("second")
	if err := c.handle(t.Context(), job()); err != nil || ran != 1 {
		t.Errorf("handling a job that waited too long: %v, %d runs", err, ran)
	}
	// It has taken this version, too.
	c.at = utc("2026-09-07 12:00:10")
	beat("first")
	if err := c.handle(t.Context(), job()); err != nil || ran != 2 {
		t.Errorf("handling the job of a version that nobody has: %v, %d runs", err, ran)
	}
	// A schedule that this version does not have.
	gone := job()
	gone.Schedule = "schedule.gone"
	if _, missed := errors.AsType[*state.MissedError](c.handle(t.Context(), gone)); !missed || ran != 2 {
		t.Errorf("the job of a schedule that is gone was missed: %t, %d runs", missed, ran)
	}
}

func TestTellSystemd(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("systemd is for Linux")
	}
	name := "@registrar-test-" + uuid.NewString() // abstract: a socket's path must be short
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	s := newServing(t)
	s.NotifySocket = name
	s.start()
	read := func() string {
		buffer := make([]byte, 100)
		n, err := socket.Read(buffer)
		s.must(err)
		return string(buffer[:n])
	}
	if got := read(); got != "READY=1" {
		t.Errorf("systemd hears %q first", got)
	}
	s.stop()
	if got := read(); got != "STOPPING=1" {
		t.Errorf("systemd hears %q at the end", got)
	}
	s.end()
}

// Logs are for machines, too.
func TestLogIsJSON(t *testing.T) {
	t.Parallel()
	s := newServing(t)
	s.logJSON()
	s.start()
	s.eventually("something ran", func() bool { return strings.Contains(s.log.String(), "unit ended") })
	s.end()
	for line := range strings.Lines(s.log.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	if strings.Contains(s.log.String(), "Salle") {
		t.Error("the log holds values of rows")
	}
}

func (s *serving) logJSON() {
	s.Options.Log = slog.New(slog.NewJSONHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func TestMain(m *testing.M) {
	if code, child := replicaMain(); child {
		os.Exit(code)
	}
	goleak.VerifyTestMain(m)
}

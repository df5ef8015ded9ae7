package run_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/run"
)

// retrying gives a world five attempts, with waits of 1, 2, 3 and 3 minutes.
func retrying(w *world) {
	w.adapt = func(cfg *config.Config) {
		cfg.Settings.Retry = config.Retry{Attempts: 5, Wait: time.Minute, MaxWait: 3 * time.Minute}
	}
}

// A share that is mounted between two attempts.
func TestSourceComesUp(t *testing.T) {
	t.Parallel()
	w := three(t)
	retrying(w)
	data, away := filepath.Join(w.dir, "data"), filepath.Join(w.dir, "away")
	w.must(os.Rename(data, away))
	var told []run.Retrying
	w.opts.Retrying = func(r run.Retrying) { told = append(told, r) }
	w.asleep = func() {
		if len(w.slept) == 2 {
			w.must(os.Rename(away, data))
		}
	}
	result := w.runAll()
	w.wantUnits(result, "sync.persons applied", "sync.rooms applied", "sync.sites applied")
	for _, u := range result.Units {
		if u.Attempts != 3 || u.EndedOn.Sub(u.StartedOn) != 3*time.Minute {
			t.Errorf("the unit is %+v", u)
		}
	}
	// However many units wait, they wait together.
	if want := []time.Duration{time.Minute, 2 * time.Minute}; !slices.Equal(w.slept, want) {
		t.Errorf("the waits are %v, want %v", w.slept, want)
	}
	w.wantRecords("sync.persons applied 1", "sync.rooms applied 1", "sync.sites applied 1")
	if len(told) != 6 || told[4].Unit != "sync.rooms" || told[4].Attempt != 2 || told[4].Of != 5 || told[4].Wait != 2*time.Minute || !strings.Contains(told[4].Message, `open directory "data"`) {
		t.Errorf("told was %+v", told)
	}
}

// rounds is a world of which persons' source is down, and sites needs persons; it logs what ends and what waits.
func rounds(t *testing.T) (w *world, log *[]string) {
	w = three(t)
	retrying(w)
	w.write("other.hcl", `source "csv" "share" { directory = "share" }`)
	for name, table := range map[string]string{"persons": "person", "sites": "site"} {
		more := ""
		if name == "sites" {
			more = `depends_on = [sync.persons]`
		}
		w.sync(name, table, more)
	}
	text, err := os.ReadFile(filepath.Join(w.dir, "persons.hcl"))
	w.must(err)
	w.write("persons.hcl", strings.ReplaceAll(string(text), "source.csv.files", "source.csv.share"))
	log = new([]string)
	w.opts.Ended = func(u run.UnitResult) { *log = append(*log, fmt.Sprintf("%s %s %d", u.Unit, u.Outcome, u.Attempts)) }
	w.asleep = func() { *log = append(*log, "wait "+w.slept[len(w.slept)-1].String()) }
	return w, log
}

// What is down keeps nobody waiting but those that need it, and these do not run before it.
func TestRounds(t *testing.T) {
	t.Parallel()
	w, log := rounds(t)
	asleep := w.asleep
	w.asleep = func() {
		asleep()
		if len(w.slept) == 2 {
			w.write("share/persons.csv", "code,name\nP1,Ada\n")
		}
	}
	w.wantUnits(w.runAll(), "sync.persons applied", "sync.rooms applied", "sync.sites applied")
	if want := []string{"sync.rooms applied 1", "wait 1m0s", "wait 2m0s", "sync.persons applied 3", "sync.sites applied 1"}; !slices.Equal(*log, want) {
		t.Errorf("it went %q, want %q", *log, want)
	}
	w.wantRecords("sync.persons applied 1", "sync.rooms applied 1", "sync.sites applied 1")
}

// What waited for a unit that is given up goes on, attempts or window.
func TestRoundsEnd(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		attempts int
		open     time.Duration
		want     []string
	}{
		"attempts":                 {2, time.Hour, []string{"sync.rooms applied 1", "wait 1m0s", "sync.persons failed 2", "sync.sites applied 1"}},
		"one attempt":              {1, time.Hour, []string{"sync.persons failed 1", "sync.rooms applied 1", "sync.sites applied 1"}},
		"the window":               {3, 30 * time.Second, []string{"sync.rooms applied 1", "sync.persons failed 1", "sync.sites applied 1"}},
		"the window, another time": {5, 90 * time.Second, []string{"sync.rooms applied 1", "wait 1m0s", "sync.persons failed 2", "sync.sites applied 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, log := rounds(t)
			w.adapt = func(cfg *config.Config) {
				cfg.Settings.Retry = config.Retry{Attempts: one.attempts, Wait: time.Minute, MaxWait: time.Hour}
			}
			end := w.now.Add(one.open)
			w.opts.MayStart = func(at time.Time) bool { return at.Before(end) }
			result := w.runAll()
			w.wantUnits(result, "sync.persons failed", "sync.rooms applied", "sync.sites applied")
			if !slices.Equal(*log, one.want) {
				t.Errorf("it went %q, want %q", *log, one.want)
			}
			w.wantRecords("sync.persons failed 1", "sync.rooms applied 1", "sync.sites applied 1")
		})
	}
}

// A run that is interrupted while it waits ends what had begun, and nothing else.
func TestInterruptedWaiting(t *testing.T) {
	t.Parallel()
	w, log := rounds(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.asleep = cancel
	result, err := run.Run(ctx, w.load(), run.Request{Trigger: run.Manual}, w.opts)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	w.wantUnits(result, "sync.persons failed", "sync.rooms applied")
	w.wantMessage(result.Units[0], "interrupted")
	if want := []string{"sync.rooms applied 1", "sync.persons failed 1"}; !slices.Equal(*log, want) {
		t.Errorf("it went %q, want %q", *log, want)
	}
	w.wantRecords("sync.persons failed 1", "sync.rooms applied 1")
}

// A unit for which the window closes while it waits for its destination is not begun, nor is one behind it.
func TestWindowClosesAtTheGate(t *testing.T) {
	t.Parallel()
	const closed = "the window closed while it waited for its destination"
	for name, one := range map[string]struct {
		waits   int // which of the units waits for an hour
		open    time.Duration
		records []string
		want    []string
	}{
		"the first":  {1, time.Minute, nil, []string{"sync.persons failed", "sync.rooms failed", "sync.sites failed"}},
		"the second": {2, time.Minute, []string{"sync.persons applied 1"}, []string{"sync.persons applied", "sync.rooms failed", "sync.sites failed"}},
		"before it":  {1, 0, nil, []string{"sync.persons failed", "sync.rooms failed", "sync.sites failed"}},
		"in time": {
			2, 2 * time.Hour,
			[]string{"sync.persons applied 1", "sync.rooms applied 1", "sync.sites applied 1"},
			[]string{"sync.persons applied", "sync.rooms applied", "sync.sites applied"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := three(t)
			retrying(w)
			end := w.now.Add(one.open)
			w.opts.MayStart = func(at time.Time) bool { return at.Before(end) }
			asked := 0
			w.opts.Gate = func(context.Context, []string) (func(), error) {
				if asked++; asked == one.waits {
					w.now = w.now.Add(time.Hour)
				}
				return func() {}, nil
			}
			result := w.runAll()
			w.wantUnits(result, one.want...)
			for _, u := range result.Units {
				if u.Outcome == run.Failed && (u.Message != closed || u.Attempts != 0) {
					t.Errorf("%s, after %d attempts: %s", u.Unit, u.Attempts, u.Message)
				}
			}
			w.wantRecords(one.records...)
			if len(w.slept) > 0 {
				t.Errorf("it was tried again: %v", w.slept)
			}
		})
	}
}

// A run that has started ends, whatever the window, as long as it waits for nothing; a retry waits for its destination, too.
func TestStartedRunAtTheGate(t *testing.T) {
	t.Parallel()
	w := three(t)
	retrying(w)
	end := w.now.Add(10 * time.Minute)
	w.opts.MayStart = func(at time.Time) bool { return at.Before(end) }
	w.opts.Gate = func(context.Context, []string) (func(), error) { return func() {}, nil }
	w.opts.Log = onMessage("unit ended", func() { w.now = w.now.Add(time.Hour) })
	w.wantUnits(w.runAll(), "sync.persons applied", "sync.rooms applied", "sync.sites applied")

	end = w.now.Add(10 * time.Minute)
	w.must(os.RemoveAll(filepath.Join(w.dir, "data")))
	asked := 0
	w.opts.Gate = func(context.Context, []string) (func(), error) {
		if asked++; asked == 2 {
			w.now = w.now.Add(time.Hour)
		}
		return func() {}, nil
	}
	result := w.run(run.Request{Trigger: run.Manual, Syncs: []string{"sync.rooms"}})
	w.wantUnits(result, "sync.rooms failed")
	w.wantMessage(result.Units[0], "the window closed before attempt 2; the one before failed: ", `open directory "data"`)
	if result.Units[0].Attempts != 1 {
		t.Errorf("%d attempts", result.Units[0].Attempts)
	}
}

func TestSourceStaysDown(t *testing.T) {
	t.Parallel()
	w := three(t)
	retrying(w)
	w.must(os.RemoveAll(filepath.Join(w.dir, "data")))
	result := w.run(run.Request{Trigger: run.Manual, Syncs: []string{"sync.rooms"}})
	w.wantUnits(result, "sync.rooms failed")
	if want := []time.Duration{time.Minute, 2 * time.Minute, 3 * time.Minute, 3 * time.Minute}; !slices.Equal(w.slept, want) {
		t.Errorf("the waits are %v, want %v", w.slept, want)
	}
	w.wantMessage(result.Units[0], `open directory "data"`)
	w.wantRecords("sync.rooms failed 1")
}

// Mistakes are not tried again.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]struct {
		do   func(w *world)
		says string
	}{
		"no such table":  {func(w *world) { w.exec("DROP TABLE room") }, `rooms.hcl:9: Unknown table`},
		"no such column": {func(w *world) { w.write("data/rooms.csv", "code\nR1\n") }, "rooms.hcl:"},
		"no such file":   {func(w *world) { w.must(os.Remove(filepath.Join(w.dir, "data", "rooms.csv"))) }, "Source cannot be read"},
		"a constraint": {func(w *world) {
			w.exec("DROP TABLE room", "CREATE TABLE room (code TEXT PRIMARY KEY, name TEXT CHECK (name = 'x'))")
		}, "CHECK constraint failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			retrying(w)
			w.sync("rooms", "room")
			w.rows("rooms", "R1,Hall")
			spoil.do(w)
			result := w.runAll()
			w.wantUnits(result, "sync.rooms failed")
			w.wantMessage(result.Units[0], spoil.says)
			if len(w.slept) > 0 || result.Units[0].Attempts != 1 {
				t.Errorf("it was tried again: %d attempts", result.Units[0].Attempts)
			}
		})
	}
}

func TestWindowCloses(t *testing.T) {
	t.Parallel()
	for name, closes := range map[string]time.Duration{"before the second": 30 * time.Second, "before the third": 90 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := three(t)
			retrying(w)
			w.must(os.RemoveAll(filepath.Join(w.dir, "data")))
			end := w.now.Add(closes)
			w.opts.MayStart = func(at time.Time) bool { return at.Before(end) }
			result := w.run(run.Request{Trigger: run.Manual, Syncs: []string{"sync.rooms"}})
			w.wantUnits(result, "sync.rooms failed")
			w.wantMessage(result.Units[0], fmt.Sprintf("the window closed before attempt %d; the one before failed: ", len(w.slept)+2), `open directory "data"`)
			if want := map[string]int{"before the second": 0, "before the third": 1}[name]; len(w.slept) != want {
				t.Errorf("it waited %d times, want %d", len(w.slept), want)
			}
			w.wantRecords("sync.rooms failed 1")
		})
	}
}

// The window gates what starts: the units of a run that has started go on.
func TestWindowGatesRetriesOnly(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.opts.MayStart = func(time.Time) bool { return false }
	w.wantUnits(w.runAll(), "sync.persons applied", "sync.rooms applied", "sync.sites applied")
}

// A row that somebody changes between plan and apply makes the plan stale: it is made anew.
func TestStalePlan(t *testing.T) {
	t.Parallel()
	w := three(t)
	retrying(w)
	w.runAll()
	w.rows("rooms", "R1,Great hall", "R2,Lab")
	changed := false
	w.opts.Log = onMessage("planned", func() {
		if !changed {
			changed = true
			w.exec("UPDATE room SET name = 'Other' WHERE code = 'R1'")
		}
	})
	result := w.run(run.Request{Trigger: run.Manual, Syncs: []string{"sync.rooms"}})
	w.wantUnits(result, "sync.rooms applied")
	if result.Units[0].Attempts != 2 {
		t.Errorf("%d attempts", result.Units[0].Attempts)
	}
	w.wantTable("room", "R1 Great hall", "R2 Lab")
}

// A server that refuses connections, and then starts.
func TestDestinationComesUp(t *testing.T) {
	t.Parallel()
	w := newPostgresWorld(t)
	w.sync("rooms", "room")
	w.rows("rooms", "R1,Hall")
	retrying(w)
	target, _ := w.load().Destinations[0].Attributes["url"].(string)
	door := newPortal(t, target)
	settle := w.adapt
	w.adapt = func(cfg *config.Config) {
		settle(cfg)
		cfg.Destinations[0].Attributes["url"] = door.url()
	}
	w.asleep = func() {
		if len(w.slept) == 2 {
			door.open()
		}
	}
	result := w.runAll()
	door.close()
	w.adapt = settle
	w.wantUnits(result, "sync.rooms applied")
	if result.Units[0].Attempts != 3 {
		t.Errorf("%d attempts", result.Units[0].Attempts)
	}
	w.wantTable("room", "R1 Hall")
	w.wantRecords("sync.rooms applied 1")
}

// A session that the server ends in the middle of an apply.
func TestSessionEnded(t *testing.T) {
	t.Parallel()
	w := newPostgresWorld(t)
	w.sync("rooms", "room", `after_apply = "SELECT pg_terminate_backend(pg_backend_pid()) FROM fuse"`)
	w.rows("rooms", "R1,Hall")
	w.exec("CREATE TABLE fuse (n int)", "INSERT INTO fuse VALUES (1)")
	retrying(w)
	w.asleep = func() {
		w.wantTable("room")
		w.exec("DELETE FROM fuse")
	}
	result := w.runAll()
	w.wantUnits(result, "sync.rooms applied")
	if result.Units[0].Attempts != 2 {
		t.Errorf("%d attempts", result.Units[0].Attempts)
	}
	w.wantTable("room", "R1 Hall")
}

// portal is a port on which nothing listens until it is opened: then it leads to a server.
type portal struct {
	testing.TB
	target   string // URL
	address  string
	listener net.Listener
	conns    sync.WaitGroup
	mu       sync.Mutex
	all      []net.Conn
}

func newPortal(t *testing.T, target string) *portal {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &portal{TB: t, target: target, address: listener.Addr().String()}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return p
}

// url is the target's, by way of the portal.
func (p *portal) url() string {
	config, err := pgx.ParseConfig(p.target)
	if err != nil {
		p.Fatal(err)
	}
	return fmt.Sprintf("postgres://%s:%s@%s/%s?sslmode=disable", config.User, config.Password, p.address, config.Database)
}

func (p *portal) open() {
	config, err := pgx.ParseConfig(p.target)
	if err != nil {
		p.Fatal(err)
	}
	network, address := "tcp", net.JoinHostPort(config.Host, fmt.Sprint(config.Port))
	if strings.HasPrefix(config.Host, "/") {
		network, address = "unix", filepath.Join(config.Host, fmt.Sprintf(".s.PGSQL.%d", config.Port))
	}
	if p.listener, err = net.Listen("tcp", p.address); err != nil {
		p.Fatal(err)
	}
	p.conns.Go(func() {
		for {
			from, err := p.listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial(network, address)
			if err != nil {
				from.Close()
				continue
			}
			p.mu.Lock()
			p.all = append(p.all, from, to)
			p.mu.Unlock()
			p.conns.Go(func() { copyConn(to, from) })
			p.conns.Go(func() { copyConn(from, to) })
		}
	})
}

func copyConn(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	to.Close()
}

func (p *portal) close() {
	if p.listener != nil {
		p.listener.Close()
	}
	p.mu.Lock()
	for _, conn := range p.all {
		conn.Close()
	}
	p.mu.Unlock()
	p.conns.Wait()
}

// A source that ends the session between two of its syncs is down, and its configuration no mistake.
func TestSourceSessionEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	url := pgtest.New(t)
	source := w.open("pgx", url)
	for _, statement := range []string{"CREATE TABLE a (code text, name text)", "CREATE TABLE b (code text, name text)", "INSERT INTO a VALUES ('A', 'a')", "INSERT INTO b VALUES ('B', 'b')"} {
		_, err := source.ExecContext(t.Context(), statement)
		w.must(err)
	}
	w.write("source.hcl", fmt.Sprintf("source \"postgres\" \"hr\" { url = %q }\n", url))
	for name, table := range map[string]string{"a": "room", "b": "site"} {
		w.sync(name, table)
		text, err := os.ReadFile(filepath.Join(w.dir, name+".hcl"))
		w.must(err)
		w.write(name+".hcl", strings.ReplaceAll(string(text), "source.csv.files", "source.postgres.hr"))
	}
	retrying(w)
	settle := w.adapt
	w.adapt = func(cfg *config.Config) { settle(cfg); cfg.Settings.Atomic = config.AtomicAll }
	w.opts.Parallelism = 1
	ended := false
	w.opts.Planning = func(p plan.Progress) {
		if p.Sync == "sync.a" && p.Phase == plan.Staged && !ended {
			ended = true
			_, err := source.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
			w.must(err)
		}
	}
	var told string
	w.opts.Retrying = func(r run.Retrying) { told = r.Message }
	result := w.runAll()
	w.wantUnits(result, "all applied")
	if result.Units[0].Attempts != 2 || !strings.Contains(told, "sync.b: source.postgres.hr cannot be read") {
		t.Errorf("%d attempts; told was %q", result.Units[0].Attempts, told)
	}
	w.wantTable("site", "B b")
}

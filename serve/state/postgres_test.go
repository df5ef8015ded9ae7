package state_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/serve/state"
)

func postgresBackend() backend {
	return backend{
		location: func(t *testing.T) string { return pgtest.New(t) },
		exec: func(t *testing.T, location, statement string) {
			t.Helper()
			execPostgres(t, location, "SET search_path TO registrar_state; "+statement)
		},
	}
}

func execPostgres(t *testing.T, location, statements string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.PgConn().Exec(t.Context(), statements).ReadAll(); err != nil {
		t.Fatal(err)
	}
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	exercise(t, postgresBackend())
}

// counted counts how often each job was handled.
type counted struct {
	mu    sync.Mutex
	times map[string]int
}

func (c *counted) add(runID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = map[string]int{}
	}
	c.times[runID]++
}

func (c *counted) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.times)
}

// most is how often that was counted which was counted most.
func (c *counted) most() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, times := range c.times {
		n = max(n, times)
	}
	return n
}

func (c *counted) mustBeOnce(t *testing.T, jobs int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.times) != jobs {
		t.Errorf("%d jobs instead of %d", len(c.times), jobs)
	}
	for id, n := range c.times {
		if n != 1 {
			t.Errorf("%s: %d times", id, n)
		}
	}
}

func TestReplicasClaimTheSameSlots(t *testing.T) {
	t.Parallel()
	const slots = 200
	location := pgtest.New(t)
	var handled, claims counted
	var replicas sync.WaitGroup
	for range 3 {
		store := open(t, location)
		working(t, store, state.WorkOptions{Jobs: 20, Handle: func(_ context.Context, j state.Job) error {
			handled.add(j.RunID)
			return nil
		}})
		replicas.Go(func() {
			for i := range slots {
				added, err := store.Claim(t.Context(), job(i), noon)
				if err != nil {
					t.Error(err)
				}
				if added {
					claims.add(job(i).RunID)
				}
			}
		})
	}
	replicas.Wait()
	claims.mustBeOnce(t, slots)
	eventually(t, "all are handled", func() bool { return handled.len() == slots })
	store := open(t, location)
	for i := range slots {
		if i%50 == 0 {
			waitDone(t, store, job(i))
		}
	}
	handled.mustBeOnce(t, slots)
}

// line is a way to a server that can be cut, so that a store goes on and nobody hears of it.
type line struct {
	server   string
	listener net.Listener
	work     sync.WaitGroup

	mu    sync.Mutex
	isCut bool
	conns []net.Conn
}

// newLine returns a line, and the location of a state as seen through it.
func newLine(t *testing.T, location string) (*line, string) {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{server: u.Host, listener: listener}
	l.work.Go(l.serve)
	t.Cleanup(func() {
		listener.Close()
		l.cut()
		l.work.Wait()
	})
	u.Host = listener.Addr().String()
	return l, u.String()
}

func (l *line) serve() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.server)
		if err != nil {
			client.Close()
			continue
		}
		l.mu.Lock()
		if l.isCut {
			client.Close()
			server.Close()
		}
		l.conns = append(l.conns, client, server)
		l.mu.Unlock()
		for _, pair := range [][2]net.Conn{{client, server}, {server, client}} {
			l.work.Go(func() {
				_, _ = io.Copy(pair[0], pair[1])
				pair[0].Close()
				pair[1].Close()
			})
		}
	}
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = true
	for _, conn := range l.conns {
		conn.Close()
	}
	l.conns = nil
}

func (l *line) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = false
}

func TestTakeover(t *testing.T) {
	t.Parallel()
	const takeover = 4 * time.Second // a machine may be slow to tell that it lives
	location := pgtest.New(t)
	cut, through := newLine(t, location)
	lonely := open(t, through)
	claim(t, lonely, job(1), job(2))
	begun, endUnheard, cause := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	stopLonely := working(t, lonely, state.WorkOptions{Jobs: 2, Takeover: takeover, Handle: func(ctx context.Context, j state.Job) error {
		begun <- struct{}{}
		if j.RunID == job(2).RunID {
			<-endUnheard
			return nil
		}
		<-ctx.Done()
		cause <- context.Cause(ctx)
		return nil // whoever has lost it has no say
	}})
	receive(t, begun, "a job")
	receive(t, begun, "the other job")

	var handled counted
	again := make(chan state.Job, 2)
	goOn := make(chan struct{})
	other := open(t, location)
	working(t, other, state.WorkOptions{Jobs: 2, Takeover: takeover, Handle: func(_ context.Context, j state.Job) error {
		handled.add(j.RunID)
		again <- j
		<-goOn
		return errors.New("a failure to tell who ended it")
	}})
	// As long as it tells that it lives it keeps the job, for longer than Takeover.
	select {
	case <-again:
		t.Fatal("the job of a replica that lives was taken over")
	case err := <-cause:
		t.Fatalf("the job's context ended: %v", err)
	case <-time.After(takeover + takeover/8):
	}
	cut.cut()
	for range 2 {
		if got := receive(t, again, "a job, taken over"); got.Trigger != job(1).Trigger {
			t.Errorf("taken over: %+v", got)
		}
	}
	close(endUnheard)
	cut.mend()
	if err := receive(t, cause, "the end of the job that was taken over"); !errors.Is(err, state.ErrTakenOver) {
		t.Errorf("its context ended for: %v", err)
	}
	stopLonely()
	for _, j := range []state.Job{job(1), job(2)} {
		if got := slotOf(t, other, j); got.Status != "running" {
			t.Errorf("who lost %s has made it %s", j.RunID, got.Status)
		}
	}
	close(goOn)
	for _, j := range []state.Job{job(1), job(2)} {
		if got := waitDone(t, other, j); got.Why == "" {
			t.Error("the end is not that of the replica that has the job")
		}
	}
	handled.mustBeOnce(t, 2)
}

// River may bring a job twice, or one that was queued anew since: the slot says who runs it.
func TestBroughtTwice(t *testing.T) {
	t.Parallel()
	location := pgtest.New(t)
	store := open(t, location)
	live, waiting := job(1), job(2)
	waiting.Start = waiting.Slot.Add(time.Hour)
	claim(t, store, live, waiting)
	var handled counted
	begun, goOn := make(chan struct{}), make(chan struct{})
	stop := working(t, store, state.WorkOptions{Jobs: 4, Handle: func(_ context.Context, j state.Job) error {
		handled.add(j.RunID)
		begun <- struct{}{}
		<-goOn
		return nil
	}})
	receive(t, begun, "the job")
	exec := postgresBackend().exec
	exec(t, location, "UPDATE river_job SET state = 'available', scheduled_at = now() WHERE id = (SELECT queue_id FROM slot WHERE run_id = 'run-1')")
	exec(t, location, `INSERT INTO river_job (state, queue, kind, args, max_attempts, scheduled_at)
SELECT 'available', queue, kind, jsonb_set(args, '{generation}', '0'), max_attempts, now() FROM river_job WHERE id = (SELECT queue_id FROM slot WHERE run_id = 'run-2')`)
	conn, err := pgx.Connect(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	eventually(t, "River is told that there is nothing to do", func() bool {
		select {
		case <-begun: // which is counted
		default:
		}
		var completed int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM registrar_state.river_job WHERE state = 'completed'").Scan(&completed); err != nil {
			t.Fatal(err)
		}
		return completed == 2 || handled.len() == 2 || handled.most() > 1
	})
	close(goOn)
	waitDone(t, store, live)
	stop()
	handled.mustBeOnce(t, 1)
	if got := slotOf(t, store, waiting).Status; got != "pending" {
		t.Errorf("the job that starts later is %s", got)
	}
}

// A job that River has lost, or that a replica fetched and died before it began, is not lost.
func TestLostInTheQueue(t *testing.T) {
	t.Parallel()
	location := pgtest.New(t)
	store := open(t, location)
	claim(t, store, job(0), job(1), job(2), job(3))
	exec := postgresBackend().exec
	exec(t, location, "DELETE FROM river_job WHERE id = (SELECT queue_id FROM slot WHERE run_id = 'run-0')")
	exec(t, location, "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now() - interval '1 day' WHERE id = (SELECT queue_id FROM slot WHERE run_id = 'run-1')")
	exec(t, location, "UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE id = (SELECT queue_id FROM slot WHERE run_id = 'run-2')")
	// The clock by which this one's replica was last heard of was ahead.
	exec(t, location, "UPDATE slot SET status = 'running', worker = 'dead', began_on = now(), beat_on = now() + interval '1 day' WHERE run_id = 'run-3'")
	var handled counted
	stop := working(t, store, state.WorkOptions{Jobs: 1, Takeover: time.Second, Handle: func(_ context.Context, j state.Job) error {
		handled.add(j.RunID)
		return nil
	}})
	for i := range 4 {
		waitDone(t, store, job(i))
	}
	stop()
	handled.mustBeOnce(t, 4)
}

// A job that one replica gives back again and again soon goes to another.
func TestNotMineGoesToAnother(t *testing.T) {
	t.Parallel()
	location := pgtest.New(t)
	store, other := open(t, location), open(t, location)
	refused, handled := make(chan struct{}, 100), make(chan struct{}, 1)
	working(t, store, state.WorkOptions{Jobs: 1, Handle: func(context.Context, state.Job) error {
		refused <- struct{}{}
		return state.ErrNotMine
	}})
	claim(t, store, job(1))
	receive(t, refused, "the refusal")
	working(t, other, state.WorkOptions{Jobs: 1, Handle: func(context.Context, state.Job) error {
		handled <- struct{}{}
		return nil
	}})
	receive(t, handled, "the job")
	waitDone(t, store, job(1))
}

// PostgreSQL ends all connections, again and again, while jobs run.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	const slots = 60
	location := pgtest.New(t)
	var handled counted
	stores := []state.Store{open(t, location), open(t, location), open(t, location)}
	for _, store := range stores {
		working(t, store, state.WorkOptions{Jobs: 4, Takeover: 3 * time.Second, Handle: func(_ context.Context, j state.Job) error {
			handled.add(j.RunID)
			time.Sleep(20 * time.Millisecond)
			return nil
		}})
	}
	for i := range slots {
		if i%12 == 0 {
			execPostgres(t, location, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()")
		}
		eventually(t, "the slot is claimed", func() bool {
			_, err := stores[i%3].Claim(t.Context(), job(i), noon)
			return err == nil
		})
	}
	eventually(t, "all are handled", func() bool { return handled.len() == slots })
	for i := range slots {
		waitDone(t, stores[0], job(i))
	}
	handled.mustBeOnce(t, slots)
}

func TestAcquireOverReplicas(t *testing.T) {
	t.Parallel()
	location := pgtest.New(t)
	cut, through := newLine(t, location)
	first, second := open(t, through), open(t, location)
	held, err := first.Acquire(t.Context(), "destination.a", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer held()
	short, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
	defer cancel()
	if release, err := second.Acquire(short, "destination.a", 1); err == nil {
		release()
		t.Error("two replicas hold one place")
	}
	free, err := second.Acquire(t.Context(), "destination.b", 1)
	if err != nil {
		t.Fatal(err)
	}
	free()
	cut.cut() // the first dies
	release, err := second.Acquire(t.Context(), "destination.a", 1)
	if err != nil {
		t.Fatal(err)
	}
	release()
}

func TestPostgresPrivileges(t *testing.T) {
	t.Parallel()
	location := pgtest.New(t)
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	name := "state_" + strings.TrimPrefix(u.Path, "/registrar_test_")
	execPostgres(t, location, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'geheim'", name))
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), location)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), fmt.Sprintf("DROP OWNED BY %s; DROP ROLE %[1]s", name)); err != nil {
			t.Error(err)
		}
	})
	own := pgtest.URLAs(t, location, name, "geheim")
	if store, err := state.Open(t.Context(), own); err == nil {
		store.Close()
		t.Error("a schema was made without the right to")
	} else if !strings.Contains(err.Error(), "make schema registrar_state") {
		t.Errorf("error: %v", err)
	}
	execPostgres(t, location, "CREATE SCHEMA registrar_state AUTHORIZATION "+name)
	handled := make(chan struct{})
	store := open(t, own)
	working(t, store, state.WorkOptions{Jobs: 1, Handle: func(context.Context, state.Job) error {
		close(handled)
		return nil
	}})
	claim(t, store, job(1))
	receive(t, handled, "the job")
	// Nothing is left outside of the schema.
	execPostgres(t, location, `DO $$ BEGIN IF EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace) THEN RAISE EXCEPTION 'tables in public'; END IF; END $$`)
}

// What nobody could tell while PostgreSQL was down for longer than Takeover is no sign of death.
func TestOutage(t *testing.T) {
	t.Parallel()
	location := pgtest.New(t)
	cut, through := newLine(t, location)
	otherCut, otherThrough := newLine(t, location)
	worker, other, direct := open(t, through), open(t, otherThrough), open(t, location)
	claim(t, worker, job(1), job(2))
	var handled counted
	begun, goOn := make(chan struct{}), map[string]chan struct{}{job(1).RunID: make(chan struct{}), job(2).RunID: make(chan struct{})}
	const takeover = 3 * time.Second
	working(t, worker, state.WorkOptions{Jobs: 2, Takeover: takeover, Handle: func(ctx context.Context, j state.Job) error {
		handled.add(j.RunID)
		begun <- struct{}{}
		<-goOn[j.RunID]
		return ctx.Err()
	}})
	receive(t, begun, "a job")
	receive(t, begun, "the other job")
	working(t, other, state.WorkOptions{Jobs: 2, Takeover: takeover, Handle: func(_ context.Context, j state.Job) error {
		handled.add(j.RunID)
		return errors.New("it was another's")
	}})
	time.Sleep(takeover) // until it would take jobs over
	cut.cut()
	otherCut.cut()
	close(goOn[job(1).RunID]) // one ends meanwhile
	time.Sleep(takeover)
	otherCut.mend()
	time.Sleep(takeover / 8) // it is the first to be back, and sees two old signs of life
	cut.mend()
	if slot := waitDone(t, direct, job(1)); slot.Why != "" {
		t.Errorf("the job that ended meanwhile: %s", slot.Why)
	}
	time.Sleep(takeover)
	close(goOn[job(2).RunID])
	if slot := waitDone(t, direct, job(2)); slot.Why != "" {
		t.Errorf("the job that went on: %s", slot.Why)
	}
	handled.mustBeOnce(t, 2)
}

package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"time"
)

// pollEvery is how often jobs are looked for that nobody told of.
const pollEvery = time.Second

// embedded is a state in an SQLite file: several processes may write to it, one works on its slots.
type embedded struct {
	database
	path   string
	limits limits
	claims chan struct{} // holds one where slots were claimed since work was looked for
}

var _ Store = (*embedded)(nil)

func openEmbedded(ctx context.Context, path string) (Store, error) {
	db, err := openSQLite(ctx, path)
	if err != nil {
		return nil, err
	}
	return &embedded{database: database{db: db, now: sqliteNow, soon: sqliteSoon}, path: path, claims: make(chan struct{}, 1)}, nil
}

func (e *embedded) Close() error { return e.db.Close() }

func (e *embedded) Acquire(ctx context.Context, destination string, limit int) (func(), error) {
	return e.limits.acquire(ctx, destination, limit)
}

func (e *embedded) Claim(ctx context.Context, job Job, now time.Time) (bool, error) {
	if err := job.check(); err != nil {
		return false, err
	}
	var ready time.Time
	if delay := job.delay(now); delay > 0 {
		clock, err := e.clock(ctx)
		if err != nil {
			return false, fmt.Errorf("claim a slot of %s: %w", job.Schedule, err)
		}
		ready = clock.Add(delay)
	}
	added, err := e.exec(ctx, insertSlot, slotValues(Slot{Job: job, Status: pending, ClaimedOn: now}, ready)...)
	if err != nil {
		return false, fmt.Errorf("claim a slot of %s: %w", job.Schedule, err)
	}
	e.wake()
	return added == 1, nil
}

func (e *embedded) wake() {
	select {
	case e.claims <- struct{}{}:
	default:
	}
}

func (e *embedded) Work(ctx context.Context, o WorkOptions) error {
	o, err := o.options()
	if err != nil {
		return err
	}
	unlock, err := e.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	// Whoever ran them before is dead: it held the lock.
	if _, err := e.exec(ctx, `UPDATE slot SET status = 'pending', worker = NULL, ready_on = NULL, heard_on = coalesce(beat_on, began_on), beat_on = NULL
WHERE status = 'running'`); err != nil {
		return fmt.Errorf("look for the jobs of a process that died: %w", err)
	}
	if _, err := e.exec(ctx, "DELETE FROM replica WHERE id <> $1", o.Replica); err != nil {
		return fmt.Errorf("forget the processes that died: %w", err)
	}
	o.Working(nil)

	w, stop := newWorker(ctx, e.database, o)
	defer stop()
	ended := make(chan struct{})
	var beats sync.WaitGroup
	beats.Go(func() { e.beat(w, ended) })
	defer beats.Wait()
	defer close(ended)
	var jobs sync.WaitGroup
	defer jobs.Wait()
	free := make(chan struct{}, o.Jobs)
	for {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		a, err := e.next(ctx)
		if err == nil {
			jobs.Go(func() {
				defer func() { <-free }()
				w.work(a)
			})
			continue
		}
		<-free
		if !errors.Is(err, sql.ErrNoRows) && ctx.Err() == nil {
			o.Log.Warn("no job could be looked for", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-e.claims:
		case <-time.After(pollEvery):
		}
	}
}

// beat tells that the jobs are being worked on, for who finds them when this process has died.
func (e *embedded) beat(w *worker, ended <-chan struct{}) {
	for wait(w.Takeover/6, ended) {
		if len(w.attempts()) == 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(w.writing, lastWrites)
		if _, err := e.exec(ctx, "UPDATE slot SET beat_on = {now} WHERE status = 'running'"); err != nil && ctx.Err() == nil {
			w.Log.Warn("the service's state could not be told that jobs are being worked on", "error", err)
		}
		cancel()
	}
}

// next begins the job that has waited longest, of those of whose schedule none is being run; sql.ErrNoRows: none waits.
func (e *embedded) next(ctx context.Context) (attempt, error) {
	host, pid := thisProcess()
	a := attempt{worker: newWorkerName(host, pid)}
	// One statement that is not interrupted: a job that has begun is known to have.
	row := e.db.QueryRowContext(context.WithoutCancel(ctx), e.text(`UPDATE slot SET status = 'running', worker = $1, began_on = {now}, ready_on = NULL
WHERE (schedule, slot_on) = (
	SELECT schedule, slot_on FROM slot WHERE status = 'pending' AND (ready_on IS NULL OR ready_on <= {now})
		AND NOT EXISTS (SELECT 1 FROM slot other WHERE other.schedule = slot.schedule AND other.status = 'running')
	ORDER BY slot_on, schedule LIMIT 1)
RETURNING `+beginColumns), a.worker)
	return a, scanBegun(row, &a.Job)
}

// lock makes this the one process that works on the file, until it calls unlock or dies.
func (e *embedded) lock(ctx context.Context) (unlock func(), err error) {
	// A transaction on a file of its own: a lock of the operating system, by the means that SQLite has on
	// each of them, while others may still write to the state.
	path := e.path + ".lock"
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", sqliteURI(path, url.Values{"_txlock": {"exclusive"}, "_pragma": {"busy_timeout(300)"}}))
	if err != nil {
		return nil, fmt.Errorf("lock the service's state: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil) // it would end with ctx, and jobs do not
	if err != nil {
		return nil, e.refusal(ctx, err)
	}
	host, pid := thisProcess()
	if _, err := e.exec(ctx, `INSERT INTO process (id, host, pid, began_on) VALUES (1, $1, $2, {now})
ON CONFLICT (id) DO UPDATE SET host = excluded.host, pid = excluded.pid, began_on = excluded.began_on`, host, pid); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the service's state: %w", err), tx.Rollback())
	}
	return func() {
		tx.Rollback()
		db.Close()
	}, nil
}

// refusal says who holds the lock.
func (e *embedded) refusal(ctx context.Context, cause error) error {
	if !isBusy(cause) {
		return fmt.Errorf("lock the service's state: %w", cause)
	}
	var host string
	var pid int64
	var began instant
	if err := e.db.QueryRowContext(ctx, "SELECT host, pid, began_on FROM process").Scan(&host, &pid, &began); err != nil {
		return fmt.Errorf("another process works on the service's state %s", e.path)
	}
	return fmt.Errorf("process %d on %s has worked on the service's state %s since %s, and only one may: stop that one, or let several share a PostgreSQL (--state postgres://…)",
		pid, host, e.path, began)
}

// thisProcess is what people know a process by.
func thisProcess() (host string, pid int) {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	return host, os.Getpid()
}

package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

const (
	// fetchEvery is how often River looks for jobs of which it was not told; it adds up to a tenth.
	fetchEvery = time.Second
	// standBack is when a job that was given back is offered again: just after the next time that this
	// replica looks, so that for most of a second it is the others' to find. Were it any other time, the
	// replica whose polls come next after this one's would find it seldom.
	standBack = fetchEvery + fetchEvery/10 + 50*time.Millisecond
)

// beginTries is how often in a row a job is tried to begin, and beginTimeout about how long each may take.
const (
	beginTries   = 3
	beginTimeout = 5 * time.Second
)

func (s *shared) Work(ctx context.Context, o WorkOptions) error {
	o, err := o.options()
	if err != nil {
		return err
	}
	w, stop := newWorker(ctx, s.database, o)
	defer stop()
	keepAlive, stopBeats := context.WithCancel(context.WithoutCancel(ctx))
	beats := make(chan struct{})
	go func() {
		defer close(beats)
		s.keep(keepAlive, w)
	}()
	defer func() {
		stopBeats()
		<-beats
	}()
	log := slog.New(newQuiet(o.Log.Handler()))
	for {
		client, err := s.startRiver(ctx, w, log)
		if err == nil {
			o.Working(nil)
			select {
			case <-ctx.Done():
			case <-client.Stopped():
				err = errors.New("it stopped by itself")
			}
			// It waits for the jobs that have started; the worker ends their contexts.
			if err := client.Stop(context.WithoutCancel(ctx)); err != nil {
				o.Log.Warn("River did not stop well", "error", err)
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		o.Working(err)
		if !wait(time.Second, ctx.Done()) {
			return nil
		}
	}
}

// startRiver starts what fetches jobs and hands them to the worker.
func (s *shared) startRiver(ctx context.Context, w *worker, log *slog.Logger) (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &slotWorker{worker: w}); err != nil {
		return nil, err
	}
	client, err := river.NewClient(riverpgxv5.New(s.pool), &river.Config{
		Schema:            schema,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: w.Jobs}},
		Workers:           workers,
		FetchPollInterval: fetchEvery,
		JobTimeout:        -1, // the worker's own
		Logger:            log,
	})
	if err != nil {
		return nil, err
	}
	// Its context ends what has started, too: it is stopped instead.
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, fmt.Errorf("start River: %w", err)
	}
	return client, nil
}

// slotWorker is what River calls.
type slotWorker struct {
	river.WorkerDefaults[slotArgs]
	worker *worker
}

// Work returns no error but that which makes River bring the job again, without counting that.
func (s *slotWorker) Work(ctx context.Context, job *river.Job[slotArgs]) error {
	w := s.worker
	a, err := w.begin(ctx, job.Args)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil // it is another's, or done
	case errors.Is(err, errOneAtATime):
		return river.JobSnooze(standBack)
	case err != nil:
		w.Log.Warn("a job could not begin", "schedule", job.Args.Schedule, "slot", job.Args.Slot, "error", err)
		return river.JobSnooze(again)
	case w.work(a):
		return river.JobSnooze(standBack)
	default:
		return nil
	}
}

// errOneAtATime: another slot of the schedule is being run.
var errOneAtATime = errors.New("another slot of the schedule is being run")

// begin makes a queued job this process's; sql.ErrNoRows: it may not be, errOneAtATime: not yet.
func (w *worker) begin(ctx context.Context, args slotArgs) (attempt, error) {
	host, pid := thisProcess()
	a := attempt{worker: newWorkerName(host, pid)}
	ctx, cancel := context.WithTimeout(ctx, beginTries*beginTimeout)
	defer cancel()
	for try := 1; ; try++ {
		// The name is new, but for a try of which the answer was lost.
		err := w.tryBegin(ctx, &a, args)
		if err == nil || errors.Is(err, errOneAtATime) || errors.Is(err, sql.ErrNoRows) || try == beginTries || !wait(time.Second, w.stopping.Done()) {
			return a, err
		}
	}
}

func (w *worker) tryBegin(ctx context.Context, a *attempt, args slotArgs) error {
	err := scanBegun(w.db.QueryRowContext(ctx, w.text(`UPDATE slot SET status = 'running', worker = $1, began_on = {now}, beat_on = {now}, ready_on = NULL
WHERE schedule = $2 AND slot_on = $3 AND generation = $4 AND (status = 'pending' AND
	NOT EXISTS (SELECT 1 FROM slot other WHERE other.schedule = slot.schedule AND other.status = 'running') OR worker = $1)
RETURNING `+beginColumns), a.worker, args.Schedule, instant(args.Slot), args.Generation), &a.Job)
	if failure, ok := errors.AsType[*pgconn.PgError](err); ok && failure.Code == uniqueViolation {
		return errOneAtATime // two began in the same moment
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var waits bool
	if err := w.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM slot WHERE schedule = $1 AND slot_on = $2 AND generation = $3 AND status = 'pending')",
		args.Schedule, instant(args.Slot), args.Generation).Scan(&waits); err != nil {
		return err
	}
	if waits {
		return errOneAtATime
	}
	return sql.ErrNoRows
}

// uniqueViolation is what PostgreSQL calls a second row of a key.
const uniqueViolation = "23505"

// sayAgain is how long River's complaint about what lasts, such as a database that is away, is not repeated.
const sayAgain = 10 * time.Minute

// quiet passes on what River warns of, each kind once in sayAgain: it says some of it each second. Where the log is for
// debugging it has everything, and what is no warning as such.
type quiet struct {
	slog.Handler
	said *complaints
}

type complaints struct {
	mu sync.Mutex
	at map[string]time.Time // by message: few, and the same each time
}

func newQuiet(h slog.Handler) quiet { return quiet{h, &complaints{at: map[string]time.Time{}}} }

func (c *complaints) again(message string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last, found := c.at[message]; found && now.Sub(last) >= 0 && now.Sub(last) < sayAgain {
		return true
	}
	c.at[message] = now
	return false
}

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level) || q.Handler.Enabled(ctx, slog.LevelDebug)
}

// Handle implements slog.Handler.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	switch debugging := q.Handler.Enabled(ctx, slog.LevelDebug); {
	case r.Level < slog.LevelWarn:
		r.Level = slog.LevelDebug
	case !debugging && q.said.again(r.Message, r.Time):
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quiet{q.Handler.WithAttrs(attrs), q.said}
}

func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name), q.said} }

package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
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
	for {
		client, err := s.startRiver(ctx, w)
		if err == nil {
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
		o.Log.Warn("no jobs can be worked on; trying again", "error", err)
		if !wait(time.Second, ctx.Done()) {
			return nil
		}
	}
}

// startRiver starts what fetches jobs and hands them to the worker.
func (s *shared) startRiver(ctx context.Context, w *worker) (*river.Client[pgx.Tx], error) {
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
		Logger:            slog.New(quiet{w.Log.Handler()}),
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
	case err != nil:
		w.Log.Warn("a job could not begin", "schedule", job.Args.Schedule, "slot", job.Args.Slot, "error", err)
		return river.JobSnooze(again)
	case w.work(a):
		return river.JobSnooze(standBack)
	default:
		return nil
	}
}

// begin makes a queued job this process's; sql.ErrNoRows: it may not be.
func (w *worker) begin(ctx context.Context, args slotArgs) (attempt, error) {
	host, pid := thisProcess()
	a := attempt{worker: newWorkerName(host, pid)}
	ctx, cancel := context.WithTimeout(ctx, beginTries*beginTimeout)
	defer cancel()
	for try := 1; ; try++ {
		// The name is new, but for a try of which the answer was lost.
		err := scanJob(w.db.QueryRowContext(ctx, w.text(`UPDATE slot SET status = 'running', worker = $1, began_on = {now}, beat_on = {now}, ready_on = NULL
WHERE schedule = $2 AND slot_on = $3 AND generation = $4 AND (status = 'pending' OR worker = $1)
RETURNING `+jobColumns), a.worker, args.Schedule, instant(args.Slot), args.Generation), &a.Job)
		if err == nil || errors.Is(err, sql.ErrNoRows) || try == beginTries || !wait(time.Second, w.stopping.Done()) {
			return a, err
		}
	}
}

// quiet passes on what River warns of; the rest only where the log is for debugging.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level) || q.Handler.Enabled(ctx, slog.LevelDebug)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }
func (q quiet) WithGroup(name string) slog.Handler       { return quiet{q.Handler.WithGroup(name)} }

package state

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

const (
	// again is how long a job waits that was given back, or that could not begin; {soon} is that from now.
	again = 2 * time.Second
	// lastWrites is how long the end of a job is tried to be recorded once nothing else is waited for.
	lastWrites = 10 * time.Second
	// maxWhy bounds the text that is kept of a failure, in bytes.
	maxWhy = 4096
)

// options are o with its defaults.
func (o WorkOptions) options() (WorkOptions, error) {
	if o.Jobs < 1 {
		return o, fmt.Errorf("work on %d jobs at a time: at least 1", o.Jobs)
	}
	if o.Handle == nil {
		return o, errors.New("work without a handler")
	}
	if o.Takeover <= 0 {
		o.Takeover = time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Working == nil {
		o.Working = func(error) {}
	}
	return o, nil
}

// attempt is a job that this process is to run. Its worker is nobody else's, not even
// that of another attempt of this process: who may still write to the slot is told by it.
type attempt struct {
	Job
	worker string
}

// worker runs attempts.
type worker struct {
	database
	WorkOptions
	// stopping ends when the context of Work does; writing ends when nobody waits for the
	// database any more.
	stopping, writing context.Context

	mu      sync.Mutex
	running map[string]context.CancelCauseFunc // by attempt.worker
}

// newWorker returns a worker for as long as stop has not been called. Until then it ends the contexts of
// jobs when it is time.
func newWorker(ctx context.Context, d database, o WorkOptions) (_ *worker, stop func()) {
	writing, endWriting := context.WithCancel(context.WithoutCancel(ctx))
	w := &worker{database: d, WorkOptions: o, stopping: ctx, writing: writing, running: map[string]context.CancelCauseFunc{}}
	stopped, clock := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(clock)
		select {
		case <-ctx.Done():
		case <-stopped:
			return
		}
		if !wait(o.Grace, stopped) {
			return
		}
		w.cancel(ErrStopping)
		if wait(lastWrites, stopped) {
			endWriting()
		}
	}()
	return w, func() {
		close(stopped)
		<-clock
		endWriting()
	}
}

// wait reports whether the time passed before the channel was closed.
func wait(d time.Duration, closed <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-closed:
		return false
	}
}

// cancel ends the contexts of attempts; of all where none is named.
func (w *worker) cancel(cause error, workers ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(workers) == 0 {
		for _, cancel := range w.running {
			cancel(cause)
		}
	}
	for _, name := range workers {
		if cancel := w.running[name]; cancel != nil {
			cancel(cause)
		}
	}
}

// attempts returns the workers of those that run.
func (w *worker) attempts() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	names := make([]string, 0, len(w.running))
	for name := range w.running {
		names = append(names, name)
	}
	return names
}

// work runs an attempt to its end and records that; it reports whether the job must be run again.
func (w *worker) work(a attempt) (unfinished bool) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(w.stopping))
	defer cancel(nil)
	w.mu.Lock()
	w.running[a.worker] = cancel
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.running, a.worker)
	}()

	log := w.Log.With("schedule", a.Schedule, "slot", a.Slot, "run", a.RunID)
	err := handle(ctx, log, w.Handle, a.Job)

	end := ending{status: done}
	missing, isMissed := errors.AsType[*MissedError](err)
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, ErrTakenOver):
		log.Warn("another replica has taken the job over")
		return false
	case errors.Is(err, ErrNotMine):
		end.status = pending
	case isMissed:
		end.status, end.why = missed, printable(missing.Why)
	case err != nil && errors.Is(cause, ErrStopping):
		end.status, end.cut = pending, true
	case err != nil:
		end.why = printable(err.Error())
	}
	if !w.end(log, a, end) {
		return false
	}
	return end.status == pending
}

// ending is what is recorded of an attempt that is over.
type ending struct {
	status, why string
	cut         bool // it had begun, and is to be run again
}

// end records how an attempt ended, which it tries until the database takes it or nobody waits for it any
// more; then the job is taken over, as that of a replica that died. It reports whether it is recorded.
func (w *worker) end(log *slog.Logger, a attempt, end ending) bool {
	for {
		changed, err := w.tryEnd(a, end)
		switch {
		case err == nil && changed == 0:
			log.Warn("the end of the job was recorded before, or another replica has it now")
			return false
		case err == nil:
			return true
		}
		log.Warn("the end of the job could not be recorded yet", "error", err)
		if !wait(time.Second, w.writing.Done()) {
			return false
		}
	}
}

func (w *worker) tryEnd(a attempt, end ending) (changed int64, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.stopping), lastWrites)
	defer cancel()
	heard := "heard_on"
	if end.cut {
		heard = "{now}"
	}
	return w.exec(ctx, `UPDATE slot SET status = $1, why = $2, worker = NULL, beat_on = NULL, heard_on = `+heard+`,
	ready_on = CASE WHEN $1 = 'pending' THEN {soon} END, ended_on = CASE WHEN $1 <> 'pending' THEN {now} END
WHERE schedule = $3 AND slot_on = $4 AND worker = $5 AND status = 'running'`,
		end.status, end.why, a.Schedule, instant(a.Slot), a.worker)
}

// handle calls the handler. A panic in it is an error: the other jobs go on.
func handle(ctx context.Context, log *slog.Logger, handler func(context.Context, Job) error, job Job) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			text := fmt.Sprintf("%T", reason) // its value might be a row's
			if failure, ok := reason.(runtime.Error); ok {
				text = failure.Error()
			}
			log.Error("the job panicked", "panic", text, "stack", string(debug.Stack()))
			err = errors.New("a defect of registrar ended the job; the log says where")
		}
	}()
	return handler(ctx, job)
}

// newWorkerName names an attempt, and tells people where it runs.
func newWorkerName(host string, pid int) string {
	return fmt.Sprintf("%s:%d:%s", host, pid, rand.Text())
}

// printable is what any database takes as text.
func printable(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) > maxWhy {
		text = strings.ToValidUTF8(text[:maxWhy], "") + "…"
	}
	return text
}

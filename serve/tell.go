package serve

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/notify"
	"github.com/registrar-sync/registrar/run"
)

const (
	// tellTimeout bounds the messages of one run.
	tellTimeout = 2 * time.Minute
	// lastWords is how long messages are waited for when the service ends.
	lastWords = 30 * time.Second
	// untold is how many runs of a schedule may wait to be told of.
	untold = 20
)

// teller sends messages beside the runs, those of one schedule in their order.
type teller struct {
	ctx  context.Context // ends what is being sent
	stop context.CancelFunc
	log  *slog.Logger
	work sync.WaitGroup

	mu      sync.Mutex
	waiting map[string][]func(context.Context) // by schedule, those that wait for one that is being sent
}

func newTeller(log *slog.Logger) *teller {
	t := &teller{log: log, waiting: map[string][]func(context.Context){}}
	t.ctx, t.stop = context.WithCancel(context.Background())
	return t
}

func (t *teller) add(schedule string, send func(context.Context)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	queue, sending := t.waiting[schedule]
	if !sending {
		t.waiting[schedule] = nil
		t.work.Go(func() { t.send(schedule, send) })
		return
	}
	if len(queue) == untold {
		t.log.Error("too many messages wait: nobody is told of the oldest run", "schedule", schedule)
		queue = queue[1:]
	}
	t.waiting[schedule] = append(queue, send)
}

// send sends what there is of a schedule.
func (t *teller) send(schedule string, send func(context.Context)) {
	for send != nil {
		ctx, cancel := context.WithTimeout(t.ctx, tellTimeout)
		send(ctx)
		cancel()
		send = t.next(schedule)
	}
}

func (t *teller) next(schedule string) func(context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	queue := t.waiting[schedule]
	if len(queue) == 0 {
		delete(t.waiting, schedule)
		return nil
	}
	t.waiting[schedule] = queue[1:]
	return queue[0]
}

// end waits for what is to be sent, but not for long.
func (t *teller) end() {
	late := time.AfterFunc(lastWords, t.stop)
	t.work.Wait()
	late.Stop()
	t.stop()
}

// tell logs, counts and sends what became of a run. Packages run and notify log the rest.
func (s *service) tell(cfg *config.Config, result *run.Result, log *slog.Logger) {
	for i := range result.Units {
		switch unit := &result.Units[i]; unit.Outcome {
		case run.Held, run.Partial, run.Paused:
			log.Warn("unit "+string(unit.Outcome), "run", result.ID, "unit", unit.Unit, "plan", unit.PlanID, "message", unit.Message)
		case run.Applied, run.Unchanged, run.Failed, run.Done, run.Busy:
		}
	}
	s.metrics.ObserveRun(result)
	s.teller.add(result.Schedule, func(ctx context.Context) {
		_ = notify.Run(ctx, cfg, result, s.notifyOptions()) // it has logged what failed
	})
}

// notifyOptions are those of one run's messages.
func (s *service) notifyOptions() notify.Options {
	return notify.Options{Memory: Memory{Store: s.Store}, Log: s.Log, Now: s.Run.Now, StatusURL: s.StatusURL, Version: s.Version, Program: s.Program, Sent: s.metrics.ObserveNotification}
}

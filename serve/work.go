package serve

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/notify"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
)

// work takes jobs until ctx ends and those that have started have ended.
func (s *service) work(ctx context.Context) {
	for {
		err := s.Store.Work(ctx, state.WorkOptions{
			Jobs: s.Jobs, Takeover: s.Takeover, Grace: s.Grace, Log: s.Log, Handle: s.handle,
		})
		if ctx.Err() != nil {
			if err != nil {
				s.Log.Warn("the work did not end in order", "error", err)
			}
			return
		}
		s.health.worked(s.Log, err)
		if sleep(ctx, retrySleep) != nil {
			return
		}
	}
}

// handle runs a job to its end. state.ErrNotMine lets it be taken again, any other error ends it.
func (s *service) handle(ctx context.Context, job state.Job) error {
	s.health.working()
	in := s.configs.current()
	log := s.Log.With("schedule", job.Schedule, "slot", job.Slot)
	if err := s.mine(ctx, in, job, log); err != nil {
		return err
	}
	calendar := in.calendars[job.Schedule]
	if calendar == nil {
		log.Warn("the slot is not run: the configuration has no such schedule, or no sync that has it")
		return nil
	}
	begun, err := s.Store.Run(ctx, job.RunID)
	if err != nil {
		return s.later(ctx, log, err)
	}
	now := s.Run.Now()
	if begun == nil {
		// One that was taken over had started, and ends whatever the time.
		if closed := calendar.MayStart(now); closed != nil {
			return s.tooLate(in, job, closed.Text, now, log)
		}
	}
	return s.runJob(ctx, in, job, log)
}

// later gives a job back that cannot begin, since the state does not answer.
func (s *service) later(ctx context.Context, log *slog.Logger, err error) error {
	if ctx.Err() == nil {
		log.Warn("a run cannot begin yet", "error", err)
	}
	return state.ErrNotMine
}

// mine is ErrNotMine for a job that was handed out under another configuration while a replica lives that has it.
func (s *service) mine(ctx context.Context, in *inForce, job state.Job, log *slog.Logger) error {
	if job.ConfigDigest == in.cfg.Digest {
		return nil
	}
	now := s.Run.Now()
	if now.Sub(job.Start) <= s.Takeover {
		replicas, err := s.Store.Replicas(ctx, now.Add(-s.Takeover))
		if err != nil {
			return s.later(ctx, log, err)
		}
		for _, other := range replicas {
			if other.ID != s.id && other.ConfigDigest == job.ConfigDigest {
				return state.ErrNotMine
			}
		}
	}
	log.Warn("the slot was handed out under another version of the configuration, and runs under this one",
		"theirs", short(job.ConfigDigest), "config", short(in.cfg.Digest))
	return nil
}

// tooLate gives a job back that waited until its window had closed, if it is to be caught up and no later slot
// replaces it.
func (s *service) tooLate(in *inForce, job state.Job, why string, now time.Time, log *slog.Logger) error {
	if in.schedule(job.Schedule).CatchUp {
		later := false
		for entry := range in.calendars[job.Schedule].Entries(job.Slot, now, false) {
			later = later || !entry.Start.IsZero() && !entry.Start.After(now)
		}
		if !later {
			return state.ErrNotMine
		}
	}
	log.Warn("the slot is not run: it waited for other runs until nothing may start any more", "why", why)
	return nil
}

func (s *service) runJob(ctx context.Context, in *inForce, job state.Job, log *slog.Logger) error {
	opts := s.Run
	opts.GitCommit = in.commit
	opts.Resumed = true
	opts.Log = s.Log
	opts.MayStart = func(at time.Time) bool { return in.calendars[job.Schedule].MayStart(at) == nil }
	opts.Gate = s.gate(in.cfg)
	request := run.Request{ID: job.RunID, Trigger: job.Trigger, Schedule: job.Schedule, Slot: job.Slot}
	started := &run.Result{
		ID: job.RunID, Trigger: job.Trigger, Schedule: job.Schedule, Slot: job.Slot, StartedOn: s.Run.Now(),
		StartedBy: s.Run.StartedBy, ConfigDigest: in.cfg.Digest, GitCommit: in.commit,
	}
	if err := s.Store.SaveRun(ctx, started); err != nil {
		return s.later(ctx, log, err)
	}
	result, err := s.Execute(ctx, in.cfg, request, opts)
	if err != nil {
		log.Error("the run was cut off", "run", job.RunID, "error", context.Cause(ctx), "cause", err)
		return err
	}
	// The run has ended, even where the service is to end meanwhile.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := s.saveEnd(after, result, log); err != nil {
		log.Error("the run ended, but what became of it could not be recorded", "run", job.RunID, "error", err)
		return err
	}
	s.tell(after, in.cfg, result, log)
	return nil
}

// gate waits for a place at each destination, in their order: two units that need the same ones never wait for one
// another.
func (s *service) gate(cfg *config.Config) func(ctx context.Context, destinations []string) (func(), error) {
	limit := max(1, cfg.Settings.Service.RunsPerDestination)
	return func(ctx context.Context, destinations []string) (func(), error) {
		var held []func()
		release := func() {
			for _, one := range slices.Backward(held) {
				one()
			}
		}
		for _, destination := range destinations {
			one, err := s.Store.Acquire(ctx, destination, limit)
			if err != nil {
				release()
				return nil, fmt.Errorf("wait for %s: %w", destination, err)
			}
			held = append(held, one)
		}
		return release, nil
	}
}

// saveEnd tries for as long as ctx lasts: nobody else knows what became of the run.
func (s *service) saveEnd(ctx context.Context, result *run.Result, log *slog.Logger) error {
	for wait := time.Second; ; wait *= 2 {
		err := s.Store.SaveRun(ctx, result)
		if err == nil {
			return nil
		}
		log.Warn("what became of the run cannot be recorded yet", "run", result.ID, "error", err)
		if sleep(ctx, wait) != nil {
			return err
		}
	}
}

// tell logs, counts and sends what became of a run. Package run has logged the rest.
func (s *service) tell(ctx context.Context, cfg *config.Config, result *run.Result, log *slog.Logger) {
	for i := range result.Units {
		switch unit := &result.Units[i]; unit.Outcome {
		case run.Held, run.Partial, run.Paused:
			log.Warn("unit "+string(unit.Outcome), "run", result.ID, "unit", unit.Unit, "plan", unit.PlanID, "message", unit.Message)
		case run.Applied, run.Unchanged, run.Failed, run.Done:
		}
	}
	s.metrics.ObserveRun(result)
	if err := notify.Run(ctx, cfg, result, s.notifyOptions()); err != nil {
		log.Warn("not everybody could be told", "run", result.ID, "error", err)
	}
}

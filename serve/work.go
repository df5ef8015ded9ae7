package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
)

const (
	// saveTimeout bounds one try to record a run.
	saveTimeout = 10 * time.Second
	// longestSaveWait is between two.
	longestSaveWait = 5 * time.Second
)

// work takes jobs until ctx ends and those that have started have ended.
func (s *service) work(ctx context.Context) {
	for {
		err := s.Store.Work(ctx, state.WorkOptions{
			Jobs: s.Jobs, Takeover: s.Takeover, Replica: s.id, Grace: s.Grace, Log: s.Log, Handle: s.handle,
			Working: func(err error) { s.health.worked(s.Log, err) },
		})
		if ctx.Err() != nil {
			if err != nil {
				s.Log.Warn("the work did not end in order", "error", err)
			}
			return
		}
		if err == nil {
			err = errors.New("it ended before the service did")
		}
		s.health.worked(s.Log, err)
		if sleep(ctx, s.retry) != nil {
			return
		}
	}
}

// handle runs a job to its end. state.ErrNotMine lets it be taken again, any other error ends it.
func (s *service) handle(ctx context.Context, job state.Job) error {
	in := s.configs.current()
	log := s.Log.With("schedule", job.Schedule, "slot", job.Slot)
	if err := s.mine(ctx, in, job, log); err != nil {
		return err
	}
	before, err := s.Store.Run(ctx, job.RunID)
	switch {
	case err != nil:
		return s.later(ctx, log, err)
	case before != nil && !before.EndedOn.IsZero():
		// Who ran it died before the slot's end was recorded, and perhaps before anybody was told.
		s.tell(in.cfg, before, log)
		return nil
	}
	calendar := in.calendars[job.Schedule]
	if calendar == nil {
		return s.abandon(ctx, in, job, before, "the configuration has no such schedule, or no sync that has it", log)
	}
	// What another one had begun starts anew, as windows and later slots let it, but for one that is taken over soon: it had
	// started.
	soon := job.Begun && job.Silence <= 2*s.Takeover
	now := s.Run.Now()
	if !soon && !busy(before) {
		replaced := s.replaced(in, job, now)
		if closed := calendar.MayStart(now); closed != nil {
			if in.schedule(job.Schedule).CatchUp && !replaced {
				return state.ErrNotMine // until something may start
			}
			return s.abandon(ctx, in, job, before, "it waited until nothing might start any more: "+closed.Text, log)
		}
		if replaced {
			return s.abandon(ctx, in, job, before, "it waited until a later slot was due", log)
		}
	}
	return s.runJob(ctx, in, job, before, soon, log)
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

// replaced reports whether a later slot of the job's schedule is due.
func (s *service) replaced(in *inForce, job state.Job, now time.Time) bool {
	calendar := in.calendars[job.Schedule]
	for entry := range calendar.Entries(job.Slot, now, false) {
		if begins := calendar.Begins(entry); !begins.IsZero() && !begins.After(now) {
			return true
		}
	}
	return false
}

// abandon ends a slot that is not run. A run of it that had begun has failed, of which somebody is told.
func (s *service) abandon(ctx context.Context, in *inForce, job state.Job, before *run.Result, why string, log *slog.Logger) error {
	log.Warn("the slot is not run", "why", why)
	if before == nil {
		s.metrics.ObserveMissed()
		return &state.MissedError{Why: why}
	}
	cause := fmt.Errorf("the process that ran it was gone, and it is not run again: %s", why)
	s.end(ctx, in.cfg, run.NotRun(in.cfg, requestOf(job), s.Run, before, cause), log)
	return cause
}

func requestOf(job state.Job) run.Request {
	return run.Request{ID: job.RunID, Trigger: job.Trigger, Schedule: job.Schedule, Slot: job.Slot}
}

// runJob runs a job. before is what is recorded of its run, nil for nothing; one that is taken over soon need not ask for
// its window.
func (s *service) runJob(ctx context.Context, in *inForce, job state.Job, before *run.Result, soon bool, log *slog.Logger) error {
	opts := s.Run
	opts.GitCommit = in.commit
	opts.Resumed = true
	opts.Log = s.Log
	begun := s.Run.Now()
	opts.MayStart = func(at time.Time) bool {
		return soon && at.Sub(begun) <= s.Takeover || in.calendars[job.Schedule].MayStart(at) == nil
	}
	opts.Gate = s.gate(in.cfg)
	if before == nil {
		started := &run.Result{
			ID: job.RunID, Trigger: job.Trigger, Schedule: job.Schedule, Slot: job.Slot, StartedOn: begun,
			StartedBy: s.Run.StartedBy, ConfigDigest: in.cfg.Digest, GitCommit: in.commit,
		}
		if err := s.Store.SaveRun(ctx, started); err != nil {
			return s.later(ctx, log, err)
		}
	}
	result, err := s.execute(ctx, in.cfg, requestOf(job), opts)
	switch {
	case err != nil && ctx.Err() != nil:
		if errors.Is(context.Cause(ctx), state.ErrStopping) {
			log.Warn("the run was cut off, and its slot will be run again", "run", job.RunID)
		}
		return err
	case err != nil:
		log.Error("the run failed", "run", job.RunID, "error", err)
		result = run.NotRun(in.cfg, requestOf(job), opts, result, err)
	}
	keep(result, before)
	if busy(result) {
		// Its units that ended are told of when the others have.
		waiting := *result
		waiting.EndedOn = time.Time{}
		if err := s.save(ctx, &waiting); err != nil {
			return s.later(ctx, log, err)
		}
		return state.ErrNotMine
	}
	s.end(ctx, in.cfg, result, log)
	return nil
}

// execute makes a panic an error: the run is known to have ended, and others go on.
func (s *service) execute(ctx context.Context, cfg *config.Config, request run.Request, opts run.Options) (result *run.Result, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			text := fmt.Sprintf("%T", reason) // its value might be a row's
			if failure, ok := reason.(runtime.Error); ok {
				text = failure.Error()
			}
			s.Log.Error("the run panicked", "run", request.ID, "panic", text, "stack", string(debug.Stack()))
			result, err = nil, errors.New("a defect of registrar ended the run; the service's log says where")
		}
	}()
	return s.Execute(ctx, cfg, request, opts)
}

// keep lets a result that says no more than that a unit was done before say what the run said of it then.
func keep(result, before *run.Result) {
	if before == nil {
		return
	}
	result.StartedOn = before.StartedOn
	for i := range result.Units {
		now := &result.Units[i]
		at := slices.IndexFunc(before.Units, func(u run.UnitResult) bool { return u.Unit == now.Unit })
		if at >= 0 && now.Outcome == run.Done && before.Units[at].Outcome != run.Busy {
			*now = before.Units[at]
		}
	}
}

// busy reports whether another process runs a unit of the slot: it must be asked for again.
func busy(result *run.Result) bool {
	return result != nil && slices.ContainsFunc(result.Units, func(u run.UnitResult) bool { return u.Outcome == run.Busy })
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

// end records a run that has ended, for as long as ctx lasts: nobody else knows what became of it. It is told whether it
// could be recorded or not.
func (s *service) end(ctx context.Context, cfg *config.Config, result *run.Result, log *slog.Logger) {
	err := s.save(ctx, result)
	s.tell(cfg, result, log)
	for wait := time.Second; err != nil; wait = min(2*wait, longestSaveWait) {
		log.Warn("what became of the run cannot be recorded yet", "run", result.ID, "error", err)
		ended := sleep(ctx, wait) != nil
		if err = s.save(ctx, result); err != nil && ended {
			log.Error("what became of the run could not be recorded", "run", result.ID, "error", err)
			return
		}
	}
}

// save is tried also where ctx has ended: the run has, too.
func (s *service) save(ctx context.Context, result *run.Result) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	return s.Store.SaveRun(ctx, result)
}

// Package run makes unattended runs: each unit of syncs is planned, judged by its guards and
// checks, and applied; what fails is undone, and the others go on.
package run

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
)

// Options are what a command or the service adds to the configuration.
type Options struct {
	Providers   []providers.Provider
	Parallelism int
	LockTimeout time.Duration
	StartedBy   string
	GitCommit   string
	Now         func() time.Time
	NewID       func() string
	// Log is told of units, attempts and outcomes, never of values; nil: nobody.
	Log *slog.Logger
	// Beat is how often a unit that is being run tells so in its registers; 0: every 3 seconds. Where that has not been told
	// for five times as long, another process takes the unit's slot over.
	Beat time.Duration
	// Sleep waits, or returns the context's error; nil: by the clock. Tests pass another.
	Sleep func(ctx context.Context, d time.Duration) error
	// MayStart reports whether an attempt may start at that time; nil: always. It is asked before each round of
	// retries, and of a unit for which Gate waited. A run that has started is begun all the same.
	MayStart func(at time.Time) bool
	// Resumed: a slot that the end of ctx cuts off is run again, by this process or another. Its records then stay
	// running, so that whoever does takes them over.
	Resumed bool
	// Gate waits until a unit may write to its destinations, whose addresses are sorted, and
	// returns what ends that; nil: at once.
	Gate func(ctx context.Context, destinations []string) (release func(), err error)
	// Planning and Applying are told what goes on, Warn of diagnostics that prevent nothing, Retrying
	// of each attempt that failed, before the wait for the next round, and Ended of each unit as it ends; nil: nobody.
	Planning func(plan.Progress)
	Applying func(apply.Progress)
	Warn     func(config.Diagnostics)
	Retrying func(Retrying)
	Ended    func(UnitResult)
}

// Retrying is an attempt that failed, and that another follows.
type Retrying struct {
	Unit    string
	Attempt int // that failed, from 1
	Of      int // attempts that there may be
	Wait    time.Duration
	// Message says why it failed. It may name rows by their keys: it is to be shown, and not to be kept or sent.
	Message string
}

// Request says what to run.
type Request struct {
	ID      string // of the run: a UUID; "": a new one
	Trigger Trigger
	// Schedule and Slot identify a scheduled run: of one slot each unit runs once to its end, however
	// often it is asked for. Empty and zero: each request runs.
	Schedule string
	Slot     time.Time
	// Syncs are addresses of instances; empty: all that have the schedule, or all where there is none.
	Syncs []string
}

// Run runs the units of a request, one after another, in the order of their syncs as far as dependencies
// allow. Those that failed and may succeed when they are tried again are so together, when the others have had their turn.
// Failures are in the result; the error is for what prevents the whole run, such as a context that
// ended: the result then holds the units that had begun, and is nil where nothing could begin. A
// *config.DiagnosticsError says that the request and the configuration do not fit.
func Run(ctx context.Context, cfg *config.Config, request Request, opts Options) (*Result, error) {
	r := newRunner(cfg, request, opts)
	syncs, err := selectSyncs(cfg, request)
	if err != nil {
		return nil, err
	}
	units, err := groupUnits(cfg, syncs)
	if err != nil {
		return nil, err
	}
	result := &Result{
		ID: r.request.ID, Trigger: request.Trigger, Schedule: request.Schedule, Slot: r.request.Slot, StartedOn: r.now(),
		StartedBy: opts.StartedBy, ConfigDigest: cfg.Digest, GitCommit: opts.GitCommit,
	}
	r.log.InfoContext(ctx, "run begins", "trigger", request.Trigger, "schedule", request.Schedule, "slot", r.request.Slot, "units", len(units))
	result.Units = r.runUnits(ctx, units)
	result.EndedOn = r.now()
	r.log.InfoContext(ctx, "run ended", "units", len(result.Units))
	return result, ctx.Err()
}

// runner is a run being made.
type runner struct {
	cfg     *config.Config
	request Request
	opts    Options
	log     *slog.Logger
	// begun: a unit has had its turn at its destinations.
	begun bool
	// shut: the window closed while a unit waited for its destinations. No other one is begun.
	shut bool
}

func newRunner(cfg *config.Config, request Request, opts Options) *runner {
	if request.ID == "" {
		request.ID = opts.NewID()
	}
	if !request.Slot.IsZero() {
		request.Slot = request.Slot.UTC()
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Sleep == nil {
		opts.Sleep = sleep
	}
	if opts.Beat <= 0 {
		opts.Beat = defaultBeat
	}
	opts.Parallelism = max(1, opts.Parallelism)
	return &runner{cfg: cfg, request: request, opts: opts, log: opts.Log.With("run", request.ID)}
}

// now is cut as registers cut it.
func (r *runner) now() time.Time { return r.opts.Now().UTC().Truncate(time.Microsecond) }

// scheduled reports whether the run is of a slot.
func (r *runner) scheduled() bool { return r.request.Schedule != "" && !r.request.Slot.IsZero() }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// selectSyncs returns the instances of a request, in the configuration's order.
func selectSyncs(cfg *config.Config, request Request) ([]*config.Sync, error) {
	var diags config.Diagnostics
	for _, address := range request.Syncs {
		if !slices.ContainsFunc(cfg.Syncs, func(s *config.Sync) bool { return s.Address == address }) {
			diags.Errorf(config.Range{}, "Unknown sync", "The configuration has no %s.", address)
		}
	}
	if request.Schedule != "" && !slices.ContainsFunc(cfg.Schedules, func(s *config.Schedule) bool { return s.Address == request.Schedule }) {
		diags.Errorf(config.Range{}, "Unknown schedule", "The configuration has no %s.", request.Schedule)
	}
	if err := diags.Err(); err != nil {
		return nil, err
	}
	var chosen []*config.Sync
	for _, s := range cfg.Syncs {
		switch {
		case len(request.Syncs) > 0:
			if !slices.Contains(request.Syncs, s.Address) {
				continue
			}
		case request.Schedule != "" && (s.Schedule == nil || s.Schedule.Address != request.Schedule):
			continue
		}
		chosen = append(chosen, s)
	}
	return chosen, nil
}

// Package serve runs the slots of a configuration's schedules at their times, alone or with replicas
// that share a state: each slot once, whichever of them lives.
//
// A slot is handed out by whoever first finds it due (dispatch.go), and run by whoever takes it from the
// state (work.go). Nothing here knows databases: package run does the work and package state remembers.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
	"github.com/registrar-sync/registrar/serve/web"
)

// The defaults of Options.
const (
	DefaultJobs           = 2
	DefaultTakeover       = time.Minute
	DefaultGrace          = 10 * time.Minute
	DefaultReloadInterval = 30 * time.Second
)

// Options are what the command line adds to the configuration. Load, Store, Run.Now and Run.NewID must be set.
type Options struct {
	// Load compiles the configuration anew, and tells the git commit that is checked out; "" for none. It is
	// never called twice at a time.
	Load func(ctx context.Context) (cfg *config.Config, commit string, err error)
	// Store is closed by the caller.
	Store state.Store
	// Run is what every run has: GitCommit, MayStart and Gate are set for each.
	Run run.Options
	// Execute runs a request; nil: run.Run.
	Execute func(ctx context.Context, cfg *config.Config, request run.Request, opts run.Options) (*run.Result, error)
	// Sleep waits until a slot may be due, by the clock of Run.Now; nil: by the machine's clock.
	Sleep func(ctx context.Context, d time.Duration) error
	Log   *slog.Logger // nil: nobody is told
	Host  string
	// Version is the program's.
	Version string

	// Jobs at a time in this process; DefaultJobs unless set.
	Jobs int
	// Takeover is how long a replica that died keeps its job; DefaultTakeover unless set.
	Takeover time.Duration
	// Grace is how long runs go on after ctx ended; DefaultGrace unless set, none where it is negative.
	Grace time.Duration
	// ReloadInterval is how often the configuration's files are looked at; DefaultReloadInterval unless set,
	// never where it is negative.
	ReloadInterval time.Duration
	// Reload asks for the configuration to be loaded at once; nil: nobody does.
	Reload <-chan struct{}

	// Listener is where the status page is served; nil: nowhere. Serve closes it.
	Listener net.Listener
	// Token is asked for by the status page; "": everyone may read.
	Token string
	// Hosts and StatusURL: see web.Options and notify.Options.
	Hosts     []string
	StatusURL string
	// Program begins the command lines that people are shown: see notify.Options.
	Program string
	// Plan, Pauses, Awaiting and Explain are those of web.Options, of the configuration in force.
	Plan     func(ctx context.Context, cfg *config.Config, planID string) (*plan.Plan, error)
	Pauses   func(ctx context.Context, cfg *config.Config) (map[string]register.Pause, error)
	Awaiting func(ctx context.Context, cfg *config.Config, planIDs []string) (map[string]bool, error)
	Explain  func(ctx context.Context, cfg *config.Config, sync, key string) (string, error)

	// NotifySocket is systemd's, from NOTIFY_SOCKET; "": none.
	NotifySocket string
}

// service is a Serve under way.
type service struct {
	Options
	id      string // of this replica
	metrics *web.Metrics
	configs *configurations
	health  health
	teller  *teller
	// late is how late a slot may be handed out; later, it was missed.
	late time.Duration
	// retry follows an error of the state.
	retry time.Duration
}

// Serve runs slots until ctx ends; then it starts nothing more, and returns when the runs that had started have
// ended, at the latest after Grace. An error means that it could not begin: the configuration does not
// compile.
func Serve(ctx context.Context, o Options) error { return newService(o).serve(ctx) }

func (s *service) serve(ctx context.Context) error {
	defer s.closeListener()
	if err := s.configs.begin(ctx); err != nil {
		return err
	}
	if err := s.beat(ctx); err != nil {
		return fmt.Errorf("the service's state: %w", err)
	}
	in := s.configs.current()
	s.Log.Info("serving", "replica", s.id, "version", s.Version, "config", short(in.cfg.Digest), "commit", in.commit,
		"schedules", len(in.schedules), "jobs", s.Jobs, "takeover", s.Takeover, "grace", s.Grace)

	// What tells of the service goes on until the last run has ended.
	alive, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	var background, starting sync.WaitGroup
	background.Go(func() { s.listen(alive) })
	background.Go(func() { s.keepBeating(alive) })
	starting.Go(func() { s.keepReloading(ctx) })
	starting.Go(func() { s.keepPruning(ctx) })
	starting.Go(func() { s.dispatch(ctx) })
	s.tellSystemd("READY=1")
	starting.Go(func() {
		<-ctx.Done()
		s.health.stop()
		s.tellSystemd("STOPPING=1")
		s.Log.Info("stopping: no more runs start, and those that have started may end", "grace", s.Grace)
	})

	s.work(ctx)
	starting.Wait()
	s.teller.end()
	end()
	background.Wait()
	s.leave(ctx)
	s.Log.Info("stopped")
	return nil
}

func newService(o Options) *service {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Run.Log == nil {
		o.Run.Log = o.Log
	}
	if o.Execute == nil {
		o.Execute = run.Run
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	o.Jobs = orDefault(o.Jobs, DefaultJobs)
	o.Takeover = orDefault(o.Takeover, DefaultTakeover)
	o.Grace = max(0, orDefault(o.Grace, DefaultGrace))
	o.ReloadInterval = orDefault(o.ReloadInterval, DefaultReloadInterval)
	s := &service{Options: o, id: o.Run.NewID(), metrics: web.NewMetrics(), late: onTime, retry: retrySleep}
	s.configs = &configurations{compile: o.Load, log: o.Log, metrics: s.metrics}
	s.teller = newTeller(o.Log)
	return s
}

func orDefault[T comparable](given, otherwise T) T {
	var zero T
	if given == zero {
		return otherwise
	}
	return given
}

// sleep waits, or returns the context's error.
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

// short is enough of a digest to tell versions of a configuration apart.
func short(digest string) string { return digest[:min(12, len(digest))] }

func (s *service) closeListener() {
	if s.Listener == nil {
		return
	}
	if err := s.Listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		s.Log.Warn("the status page's listener did not close", "error", err)
	}
}

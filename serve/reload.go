package serve

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/schedule"
	"github.com/registrar-sync/registrar/serve/web"
)

// inForce is a configuration with what the service computes of it. It is never changed.
type inForce struct {
	cfg       *config.Config
	commit    string
	schedules []*config.Schedule            // those that syncs have
	calendars map[string]*schedule.Calendar // by the address of the schedule
}

func newInForce(cfg *config.Config, commit string) *inForce {
	in := &inForce{cfg: cfg, commit: commit, calendars: map[string]*schedule.Calendar{}}
	for _, sync := range cfg.Syncs {
		if s := sync.Schedule; s != nil && in.calendars[s.Address] == nil {
			in.schedules = append(in.schedules, s)
			in.calendars[s.Address] = schedule.New(s, &cfg.Settings.Service)
		}
	}
	return in
}

// schedule returns the schedule of an address, nil where no sync has it.
func (in *inForce) schedule(address string) *config.Schedule {
	for _, s := range in.schedules {
		if s.Address == address {
			return s
		}
	}
	return nil
}

// configurations holds the configuration in force, and takes another one in its place.
type configurations struct {
	compile func(ctx context.Context) (*config.Config, string, error)
	log     *slog.Logger
	metrics *web.Metrics

	// Of the goroutine that loads only.
	candidate string // what the last look found and the one in force is not
	refused   string // what was last said of a configuration that does not compile

	mu sync.Mutex
	in *inForce
}

func (c *configurations) current() *inForce {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.in
}

func (c *configurations) take(in *inForce) {
	c.mu.Lock()
	c.in = in
	c.mu.Unlock()
	c.candidate, c.refused = "", ""
	c.metrics.ObserveReload(nil)
}

// load refuses what compiles, but cannot be run.
func (c *configurations) load(ctx context.Context) (*config.Config, string, error) {
	cfg, commit, err := c.compile(ctx)
	if err == nil {
		err = run.Check(cfg).Err()
	}
	return cfg, commit, err
}

// begin loads the first configuration.
func (c *configurations) begin(ctx context.Context) error {
	cfg, commit, err := c.load(ctx)
	if err != nil {
		return err
	}
	c.take(newInForce(cfg, commit))
	return nil
}

// reload takes what the files say now. Where somebody asks for it, that is at once; otherwise only what two looks in a
// row have found counts, since a checkout replaces one file after another.
func (c *configurations) reload(ctx context.Context, asked bool) {
	cfg, commit, err := c.load(ctx)
	if ctx.Err() != nil {
		return
	}
	var found string
	if err != nil {
		found = "refused: " + err.Error()
	} else {
		found = cfg.Digest
	}
	old := c.current()
	switch settled := asked || found == c.candidate; {
	case err == nil && !asked && found == old.cfg.Digest:
		if c.refused != "" {
			c.log.Info("the configuration is again the one in force", "config", short(old.cfg.Digest))
		}
		if commit != old.commit {
			c.log.Info("another commit of the same configuration", "commit", commit)
		}
		c.take(&inForce{cfg: old.cfg, commit: commit, schedules: old.schedules, calendars: old.calendars})
	case !settled:
		c.candidate = found
	case err != nil:
		c.refuse(err, found, old, asked)
	default:
		c.take(newInForce(cfg, commit))
		c.log.Info("configuration reloaded", "config", short(cfg.Digest), "before", short(old.cfg.Digest), "commit", commit,
			"schedules", len(c.current().schedules))
	}
}

// refuse says what is wrong with a configuration: once of each, and to whoever asks.
func (c *configurations) refuse(err error, found string, old *inForce, asked bool) {
	c.candidate = found
	c.metrics.ObserveReload(err)
	if asked || c.refused != found {
		c.refused = found
		c.log.Error("the new configuration is refused, and the old one stays in force", "config", short(old.cfg.Digest), "error", err)
		if mistakes, ok := errors.AsType[*config.DiagnosticsError](err); ok {
			for _, d := range mistakes.Diagnostics {
				if d.Severity != config.Error {
					continue
				}
				c.log.Error(d.Summary, "at", d.Subject.String(), "detail", d.Detail)
			}
		}
	}
}

// keepReloading looks at the files from time to time, and whenever it is asked to.
func (s *service) keepReloading(ctx context.Context) {
	var tick <-chan time.Time
	if s.ReloadInterval > 0 {
		ticker := time.NewTicker(s.ReloadInterval)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		asked := false
		select {
		case <-ctx.Done():
			return
		case <-tick:
		case <-s.Reload:
			asked = true
			s.Log.Info("asked to reload")
		}
		s.configs.reload(ctx, asked)
	}
}

// Package web shows people and monitoring how the service does: a status page, metrics in
// Prometheus's format, and the answers to probes. It reads and changes nothing.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/serve/state"
)

// Options are what the service shows, and to whom. Store, Config and Now must be set.
type Options struct {
	Store state.Store
	// Config returns the configuration in force, which a reload replaces; never nil.
	Config func() *config.Config
	Now    func() time.Time
	// Version is the program's.
	Version string
	// Metrics are what the service counts; nil: nothing is counted, and only what the state
	// holds is shown. Of two handlers each needs its own.
	Metrics *Metrics

	// Token must be given as a bearer token, or to the login page; "": everyone may read. /healthz and
	// /readyz ask for none.
	Token string
	// Loopback: the server listens on a loopback address. Then only requests to a loopback name,
	// or to one of Hosts, are answered, since a page elsewhere may point its own name at 127.0.0.1.
	Loopback bool
	// Hosts are names, without a port, by which people reach a server that listens on a loopback address.
	Hosts []string

	// Ready reports why the service cannot run slots now; nil: it can. What it returns is shown
	// only to those who may read the page.
	Ready func(ctx context.Context) error
	// Plan returns a plan with its masked excerpt; nil: no rows are shown.
	Plan func(ctx context.Context, planID string) (*plan.Plan, error)
	// Pauses returns the pauses in force, by the address of their sync; nil: pauses are not shown. What
	// it returns beside an error is shown, too.
	Pauses func(ctx context.Context) (map[string]register.Pause, error)
	// Awaiting returns which of these held plans may still be applied: somebody may have applied one since, or it
	// has expired. nil: a plan is held until its syncs run again.
	Awaiting func(ctx context.Context, planIDs []string) (map[string]bool, error)
	// Explain explains the row of a key, in the instances that an address names, as masked text; nil: there is no such page,
	// since each question reads a source.
	Explain func(ctx context.Context, sync, key string) (string, error)
	// RefusalDelay is how long a wrong token waits for its answer; 250 ms unless set, not at all where it is negative.
	RefusalDelay time.Duration
	// ReplicaLife is how long a replica that was not seen counts as alive; 1 min unless set.
	ReplicaLife time.Duration
	// Program begins the command lines that are shown, quoted for a shell: with the directory of the configuration;
	// "": registrar.
	Program string
	// Log is told what could not be read; nil: nobody.
	Log *slog.Logger
}

// New returns the handler of the status page (/, /runs, /calendar, and /explain where Options.Explain is set), of /metrics, /healthz and /readyz. It starts
// nothing in the background. Its links are relative: it may be served below a path that a proxy strips.
//
// The caller's http.Server sets the timeouts.
func New(o Options) http.Handler {
	return newServer(o).handler()
}

// Package notify tells people what became of runs: one message per run and notifier, when and
// only when it matters to them.
//
// What is sent names syncs, counts and plans, never a row; the keys that an on_change block reports
// come masked with the run's result. What goes on is not said again before the notifier's repeat is over:
// see Memory.
package notify

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

// Memory is what was said before, so that what goes on is not said again each time. It is safe for
// several goroutines.
type Memory interface {
	// Last is zero where nothing was ever said.
	Last(ctx context.Context, notifier, subject string) (Said, error)
	Remember(ctx context.Context, notifier, subject string, s Said) error
}

// Said is what a notifier was last told of a subject: of a unit, by its name, or of what was found or
// rejected in a unit, by its name and " findings" or " rejects".
type Said struct {
	// State is failed, held or ok; "" for never. Of findings and rejects it is their counts, or ok.
	State string
	// Since is when what goes on began: of a unit that went from held to failed, when it was held.
	Since time.Time
	// SentOn is zero where it was not sent, be it that the notifier does not want to know or that it failed.
	SentOn time.Time
	// Suppressed counts the messages not sent since SentOn.
	Suppressed int64
}

// Options are what the caller adds.
type Options struct {
	Memory Memory // nil: nothing is remembered, and nothing damped
	Log    *slog.Logger
	Now    func() time.Time
	// StatusURL is where the run can be looked at, without a slash at its end; "": nowhere.
	StatusURL string
	Version   string
	// Program begins the command lines in messages, quoted for a shell: with the directory of the configuration, since
	// they are read elsewhere; "": registrar.
	Program string
	// RootCAs are the authorities that vouch for servers; nil: those of the system.
	RootCAs *x509.CertPool
	// Sent is told of each message, by its notifier's address, and with what prevented it; nil: nobody is. It is
	// called from several goroutines.
	Sent func(notifier string, err error)
}

const (
	// patience is how long one notifier may take, with all its attempts.
	patience = time.Minute
	// atATime messages are sent.
	atATime = 8
)

// sender sends one message, in several attempts where that helps. Its errors hold no secret.
type sender interface {
	send(ctx context.Context, m *message) error
}

// delivery is how messages leave: the parts that tests replace.
type delivery struct {
	options Options
	dial    func(ctx context.Context, network, address string) (net.Conn, error) // nil: the network
	wait    time.Duration                                                        // before the second attempt
}

func newDelivery(o Options) *delivery {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &delivery{options: o, wait: 2 * time.Second}
}

func (d *delivery) sender(n *config.Notifier) (sender, error) {
	switch {
	case n.Email != nil:
		return &mailer{delivery: d, email: n.Email}, nil
	case n.Webhook != nil:
		return &hook{delivery: d, webhook: n.Webhook}, nil
	default:
		return nil, errors.New("it says neither where to write nor what to call")
	}
}

// Run tells the notifiers of a configuration of a run that has ended. It never fails the run: what
// could not be sent is logged and returned, and tried again with the next run where it still holds.
//
// Memory is written after a message was sent: where the process dies in between, the next run may say it a
// second time. It says nothing twice otherwise, and forgets nothing.
func Run(ctx context.Context, cfg *config.Config, result *run.Result, opts Options) error {
	if result == nil {
		return errors.New("there is no run to tell of")
	}
	return newDelivery(opts).run(ctx, cfg, result)
}

func (d *delivery) run(ctx context.Context, cfg *config.Config, result *run.Result) error {
	failures := make([]error, len(cfg.Notifiers))
	var sending errgroup.Group
	sending.SetLimit(atATime)
	for i, n := range cfg.Notifiers {
		sending.Go(func() error {
			if err := d.tell(ctx, cfg, n, result); err != nil {
				d.options.Log.Error("not everybody could be told of a run", "notifier", n.Address, "run", result.ID, "error", err)
				failures[i] = fmt.Errorf("%s: %w", n.Address, err)
			}
			return nil
		})
	}
	_ = sending.Wait() // each keeps its own
	return errors.Join(failures...)
}

// tell sends a notifier its message, if there is something to tell.
func (d *delivery) tell(ctx context.Context, cfg *config.Config, n *config.Notifier, result *run.Result) error {
	units := unitsFor(cfg, n, result)
	if len(units) == 0 {
		return nil
	}
	j := judge{notifier: n, memory: d.options.Memory, now: d.options.Now()}
	for i := range units {
		j.unit(ctx, &units[i])
	}
	if !slices.ContainsFunc(units, func(u told) bool { return len(u.events) > 0 }) {
		return errors.Join(j.err, j.remember(ctx, j.unsaid))
	}
	m := compose(cfg, n, result, units, d.options)
	err := d.send(ctx, n, m)
	if d.options.Sent != nil {
		d.options.Sent(n.Address, err)
	}
	if partly, ok := errors.AsType[*refusedError](err); ok {
		// The others have it: it is not sent to them again.
		return errors.Join(j.err, partly, j.remember(ctx, j.said))
	}
	if err != nil {
		return errors.Join(j.err, err, j.remember(ctx, j.unsaid))
	}
	d.options.Log.Info("told of a run", "notifier", n.Address, "run", result.ID, "summary", m.Summary)
	return errors.Join(j.err, j.remember(ctx, j.said))
}

func (d *delivery) send(ctx context.Context, n *config.Notifier, m *message) error {
	s, err := d.sender(n)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.send(ctx, m)
}

// Test sends a notifier a message that says that it is a test.
func Test(ctx context.Context, cfg *config.Config, n *config.Notifier, id string, opts Options) error {
	d := newDelivery(opts)
	return d.send(ctx, n, trial(cfg, n, id, d.options))
}

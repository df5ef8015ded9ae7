package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve"
	"github.com/registrar-sync/registrar/serve/state"
)

// The variables of the environment that serve reads, beside those of the configuration.
const (
	stateVariable  = "REGISTRAR_STATE"
	tokenVariable  = "REGISTRAR_STATUS_TOKEN"
	socketVariable = "NOTIFY_SOCKET"
)

// minToken is the least length of a token where other machines reach the status page, in octets.
const minToken = 16

// noListen turns the status page off.
const noListen = "none"

type serveOptions struct {
	state          string
	listen         string
	hosts          []string
	tokenFile      string
	explain        bool
	statusURL      string
	log            logOptions
	jobs           int
	takeover       time.Duration
	grace          time.Duration
	reloadInterval time.Duration
	service        serviceOptions
}

func (a *app) serveCommand() *cobra.Command {
	var o serveOptions
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "serve [--state STATE] [--listen ADDRESS] [--jobs N] [--log-file FILE]",
		Short: "Run the syncs at the times of their schedules",
		Long: `Runs each sync when its schedule says so, until it is told to end. Slots are
remembered in a state, so that each runs once: a file, or a PostgreSQL database
that several replicas share.

The configuration is loaded again when its files change and on SIGHUP; one with
errors is refused, and the old one stays in force. On SIGTERM nothing more
starts, and what has started ends.

Nobody's approval or signature is asked for, as for run; where the operator's policy
says unattended = false, it is refused.

With --install-service it is installed as a service of the system instead
(systemd, or Windows), with the other flags given.

Exits with 0 when it was told to end; with 1 where it cannot begin.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error {
		if err := o.check(); err != nil {
			return err
		}
		if o.service.asked() {
			return a.manageService(c.Flags(), o)
		}
		return a.underManager(ctx, o, func(ctx context.Context) error { return a.serve(ctx, o) })
	})
	f := c.Flags()
	f.StringVar(&o.state, "state", "", "remember slots and runs in `STATE`, a file or a postgres:// URL; unless set, $REGISTRAR_STATE, or .registrar/state.db beside the configuration")
	f.StringVar(&o.listen, "listen", serve.DefaultListen, "serve the status page and the metrics at `ADDRESS`; none: nowhere")
	f.StringArrayVar(&o.hosts, "host", nil, "answer to the name `HOST`, too, where the address is a loopback one behind a proxy; may be repeated")
	f.StringVar(&o.tokenFile, "token-file", "", "ask for the token in `FILE` before showing the page; unless set, that of $REGISTRAR_STATUS_TOKEN")
	f.StringVar(&o.statusURL, "status-url", "", "the page's `URL` as people reach it, for messages")
	f.BoolVar(&o.explain, "explain", false, "let readers of the status page ask why a row is as it is: each question reads the sources, as a plan does")
	f.IntVar(&o.jobs, "jobs", serve.DefaultJobs, "run at most `N` slots at a time")
	f.DurationVar(&o.takeover, "takeover", serve.DefaultTakeover, "take over the runs of a replica that was not heard of for `DURATION`")
	f.DurationVar(&o.grace, "grace", serve.DefaultGrace, "when told to end, let runs go on for at most `DURATION`")
	f.DurationVar(&o.reloadInterval, "reload-interval", serve.DefaultReloadInterval, "look for a changed configuration each `DURATION`; 0: only on SIGHUP")
	o.log.flags(f)
	o.service.flags(f)
	return c
}

func (o *serveOptions) check() error {
	switch {
	case o.jobs < 1:
		return fmt.Errorf("--jobs %d: at least 1 is needed", o.jobs)
	case o.takeover < time.Second:
		return fmt.Errorf("--takeover %s: at least 1s is needed", o.takeover)
	case o.grace < 0:
		return fmt.Errorf("--grace %s: must not be negative", o.grace)
	case o.reloadInterval < 0 || o.reloadInterval > 0 && o.reloadInterval < time.Second:
		return fmt.Errorf("--reload-interval %s: 0, or at least 1s", o.reloadInterval)
	case strings.ContainsFunc(o.listen, func(r rune) bool { return r == '/' }):
		return fmt.Errorf("--listen %s: expected HOST:PORT, such as %s", o.listen, serve.DefaultListen)
	}
	if o.statusURL != "" {
		u, err := url.Parse(o.statusURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return errors.New("--status-url: expected a URL such as https://registrar.example.org")
		}
	}
	return o.log.check()
}

func (a *app) serve(ctx context.Context, o serveOptions) (err error) {
	log, closeLog, err := a.openLog(o.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	token, err := a.statusToken(o, log.Logger)
	if err != nil {
		return err
	}
	location, err := a.stateLocation(o.state)
	if err != nil {
		return err
	}
	// What the configuration says of itself is shown before anything is opened.
	if _, err := a.load(); err != nil {
		return err
	}
	if err := a.mayApplyUnattended(); err != nil {
		return err
	}
	store, err := openStateAt(ctx, location)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	listener, err := listen(ctx, o.listen, token)
	if err != nil {
		return err
	}
	reload, stop := a.reloads(ctx, log)
	defer stop()
	host, _ := os.Hostname()
	options := serve.Options{
		Load: func(ctx context.Context) (*config.Config, string, error) {
			cfg, diags, err := a.compile()
			if err == nil {
				err = errors.Join(diags.Err(), a.mayApplyUnattended())
			}
			return cfg, a.commit(ctx), err
		},
		Store: store,
		Run: run.Options{
			Providers: a.env.Providers, Parallelism: a.global.parallelism, LockTimeout: a.global.lockTimeout, StartedBy: a.author(),
			Now: a.env.Now, NewID: a.env.NewID,
		},
		Log: log.Logger, Host: cmp.Or(host, "unknown"), Version: a.build().Version,
		Jobs: o.jobs, Takeover: o.takeover, Grace: orNever(o.grace), ReloadInterval: orNever(o.reloadInterval), Reload: reload,
		Listener: listener, Token: token, Hosts: o.hosts, StatusURL: strings.TrimRight(o.statusURL, "/"), Program: a.program(),
		Plan: a.recallPlan, Pauses: a.allPauses, Awaiting: a.awaiting, NotifySocket: a.environ(socketVariable),
	}
	if o.explain {
		options.Explain = a.explainForPage
	}
	return serve.Serve(ctx, options)
}

// orNever says zero as package serve does, for which zero is the default.
func orNever(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

var (
	// postgresURL is a state that replicas share.
	postgresURL = regexp.MustCompile(`^(?i:postgres|postgresql)://.`)
	// otherURL is that of another kind; a letter alone is a drive of Windows.
	otherURL = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:`)
	// settings are the other form in which PostgreSQL's own programs take what a URL says.
	settings = regexp.MustCompile(`(?i)(^|\s)(host|hostaddr|port|dbname|user|password|passfile|service|sslmode)\s*=`)
)

// stateLocation is where the service remembers: the path of a file, or a URL of PostgreSQL. What is neither is not
// taken for a file's name, nor repeated: it may hold a password.
func (a *app) stateLocation(given string) (string, error) {
	location, from := given, "--state"
	if given == "" {
		location, from = a.environ(stateVariable), "$"+stateVariable
	}
	switch {
	case location == "":
		return filepath.Join(a.dir(), ".registrar", "state.db"), nil
	case postgresURL.MatchString(location):
		return location, nil
	case otherURL.MatchString(location), settings.MatchString(location):
		return "", fmt.Errorf("%s: neither the path of a file nor the URL of a PostgreSQL database\nWrite a URL as postgres://USER:PASSWORD@HOST/DATABASE, and a path that looks like something else as ./PATH.", from) //nolint:revive,staticcheck // the box's headline and prose
	default:
		return a.path(location), nil
	}
}

// openStateAt opens the state at what stateLocation returned.
func openStateAt(ctx context.Context, location string) (state.Store, error) {
	if !postgresURL.MatchString(location) {
		if err := os.MkdirAll(filepath.Dir(location), 0o700); err != nil {
			return nil, fmt.Errorf("make the folder of the state: %w", err)
		}
	}
	return state.Open(ctx, location)
}

// statusToken is what the status page asks for; "" for nothing.
func (a *app) statusToken(o serveOptions, log *slog.Logger) (string, error) {
	if o.tokenFile == "" {
		return a.environ(tokenVariable), nil
	}
	path := a.path(o.tokenFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("--token-file: %w", err)
	}
	// Windows keeps who may read a file elsewhere.
	const others = 0o004
	if info, err := os.Stat(path); err == nil && info.Mode()&others != 0 && runtime.GOOS != "windows" {
		log.Warn("everyone on this machine can read the token of the status page", "file", path)
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return "", fmt.Errorf("--token-file %s: it is empty", o.tokenFile)
	}
	return token, nil
}

// listen opens the status page's port; nil for none. Others reach it with a token only.
func listen(ctx context.Context, address, token string) (net.Listener, error) {
	if address == noListen {
		return nil, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", address, err)
	}
	if serve.IsLoopback(listener.Addr()) {
		return listener, nil
	}
	switch {
	case token == "":
		err = fmt.Errorf("--listen %s: others could read the status page\nGive it a token, by %s or --token-file, or listen on 127.0.0.1.", address, tokenVariable) //nolint:revive,staticcheck // the box's headline and prose
	case len(token) < minToken:
		err = fmt.Errorf("--listen %s: others could guess the token of the status page\nGive it one of at least %d characters, such as openssl rand -hex 32 writes.", address, minToken) //nolint:revive,staticcheck // the box's headline and prose
	default:
		return listener, nil
	}
	return nil, errors.Join(err, listener.Close())
}

// reloads passes on that the process was asked to reload, and opens the log file again: that is how logrotate
// asks, too.
func (a *app) reloads(ctx context.Context, log *logFile) (reload <-chan struct{}, stop func()) {
	if a.env.Hangups == nil {
		return nil, func() {}
	}
	signals, release := a.env.Hangups()
	ctx, cancel := context.WithCancel(ctx)
	asked := make(chan struct{}, 1)
	var passing sync.WaitGroup
	passing.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-signals:
			}
			if err := log.reopen(); err != nil {
				log.Error("the log file could not be opened again", "error", err)
			}
			select {
			case asked <- struct{}{}:
			default: // somebody has asked already
			}
		}
	})
	return asked, func() {
		cancel()
		passing.Wait()
		release()
	}
}

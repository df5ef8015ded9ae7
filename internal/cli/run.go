package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/notify"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/schedule"
	"github.com/registrar-sync/registrar/serve"
	"github.com/registrar-sync/registrar/serve/state"
)

type runOptions struct {
	syncs     []string
	faculty   string
	all       bool
	schedule  string
	due       bool
	tolerance time.Duration
	noRetry   bool
	quiet     bool
	state     string
	json      bool
}

const defaultTolerance = 5 * time.Minute

func (a *app) runCommand() *cobra.Command {
	var o runOptions
	c := a.command(&cobra.Command{
		Use:   "run (--sync ADDRESS… | --faculty FACULTY | --all | --schedule ADDRESS) [--due] [--no-retry] [--quiet] [--json]",
		Short: "Plan and apply, unattended",
		Long: `Plans each unit of syncs and applies the plan, unless a guard or a check holds it.
A unit, which is done as a whole or not at all, is a sync, a faculty or all of them, as
atomic in the registrar block says. What fails is undone, and the others go on. Where a
source or a destination is down, the unit is tried again, as retry says.

A plan that is held stays in the register; the output names the command that applies
it. Syncs that are paused are left out.

Nobody's approval or signature is asked for: guards, checks and policy blocks judge.
Where the operator's policy says unattended = false, it is refused.

With --due runs only what a schedule has due now, and each slot once, whoever asks:
for schedulers that cannot say when a schedule's windows are open. With --quiet
prints only what a person should know of, for schedulers that mail what is printed.

Exits with 0; with 1 after an error and where a unit failed; with 3 if none failed, but
one is held, held back in part, or paused.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error {
		if err := o.check(); err != nil {
			return err
		}
		return a.run(ctx, o)
	})
	f := c.Flags()
	f.StringArrayVar(&o.syncs, "sync", nil, "run the sync or instance `ADDRESS`, such as sync.rooms or 'sync.rooms[\"hss\"]'; may be repeated")
	f.StringVar(&o.faculty, "faculty", "", "run the syncs of the faculty `FACULTY`, such as hss")
	f.BoolVar(&o.all, "all", false, "run every sync")
	f.StringVar(&o.schedule, "schedule", "", "run the syncs of the schedule `ADDRESS`, such as schedule.nightly")
	f.BoolVar(&o.due, "due", false, "run only what is due now, of the schedule named or of all")
	f.DurationVar(&o.tolerance, "tolerance", defaultTolerance, "with --due: a slot is due for `DURATION`")
	f.BoolVar(&o.noRetry, "no-retry", false, "try each unit once, whatever retry says")
	f.StringVar(&o.state, "state", "", "remember the run, and who was told of it, in `STATE`, a file or a postgres:// URL; unless set, as serve does")
	f.BoolVar(&o.quiet, "quiet", false, "print only units that failed, are held, held back in part or paused, and nothing where nothing is due")
	f.BoolVar(&o.json, "json", false, "write the result as JSON, a line per run")
	return c
}

// check refuses what contradicts itself, and to guess what to run.
func (o *runOptions) check() error {
	chosen := 0
	for _, given := range []bool{len(o.syncs) > 0, o.faculty != "", o.all, o.schedule != ""} {
		if given {
			chosen++
		}
	}
	switch {
	case chosen > 1:
		return errors.New("--sync, --faculty, --all and --schedule each say what to run: give one of them")
	case o.due && chosen == 1 && o.schedule == "":
		return errors.New("--due goes with --schedule, or stands alone for all schedules")
	case chosen == 0 && !o.due:
		return errors.New("Say what to run\n--sync ADDRESS, --faculty FACULTY or --schedule ADDRESS; --all for every sync; --due for what the schedules have due now.") //nolint:revive,staticcheck // the box's headline and prose
	case o.quiet && o.json:
		return errors.New("--quiet leaves units out, and --json writes all of them: give one of them")
	case o.tolerance <= 0:
		return fmt.Errorf("--tolerance %s: must be more than 0", o.tolerance)
	default:
		return nil
	}
}

func (a *app) run(ctx context.Context, o runOptions) error {
	if a.env.BrokenPipes != nil {
		// Nobody who stops reading the output stops the run, or keeps others from being told of it.
		defer a.env.BrokenPipes()()
	}
	a.json, a.quiet = o.json, o.quiet
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if err := a.mayApplyUnattended(); err != nil {
		return err
	}
	// A mistake, unlike a state that cannot be opened just now.
	if _, err := a.stateLocation(o.state); err != nil {
		return err
	}
	if o.noRetry {
		once := *cfg
		once.Settings.Retry.Attempts = 1
		cfg = &once
	}
	requests, err := a.requests(cfg, o)
	if err != nil || len(requests) == 0 {
		return err
	}
	store, err := a.openState(ctx, cfg, o.state)
	if err != nil {
		a.err().RunWarning("%s: the run is not remembered there, and notifications repeat themselves", err)
	}
	if store != nil {
		defer func() { _ = store.Close() }()
	}
	code := codeError(0)
	var failed error
	for _, request := range requests {
		if err := a.awaitBegin(ctx, request, o); err != nil {
			failed = errors.Join(failed, err)
			break
		}
		result, err := a.runOne(ctx, cfg, request)
		if result != nil {
			// First what others depend on: standard output may be gone.
			a.tellOf(ctx, cfg, result, store)
			code = worse(code, runCode(result))
			err = errors.Join(err, a.showRun(result, o))
		}
		failed = errors.Join(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	if o.json && len(a.warnings) > 0 {
		a.err().Diagnostics(a.warnings, a.files)
	}
	switch {
	case failed != nil:
		return failed
	case a.out().Broken():
		return a.out().Err()
	case code != 0:
		return code
	default:
		return nil
	}
}

// mayApplyUnattended refuses what applies without anybody looking where the operator's policy does not have it.
func (a *app) mayApplyUnattended() error {
	if a.rules == nil || a.rules.Unattended {
		return nil
	}
	return errors.New("Nothing is applied unattended here: the operator's policy says unattended = false\nSave a plan with registrar plan --out FILE, have it approved of with registrar approve FILE, and apply it with registrar apply FILE.") //nolint:revive,staticcheck // the box's headline and prose
}

// request is what run.Run is asked for, and when it and its retries may start.
type request struct {
	run.Request
	begins   time.Time // zero: at once
	mayStart func(time.Time) bool
}

// requests are the runs that the options ask for. Where nothing is due it says why.
func (a *app) requests(cfg *config.Config, o runOptions) ([]request, error) {
	if o.due {
		return a.dueRequests(cfg, o)
	}
	syncs, err := chosenSyncs(cfg, o)
	if err != nil {
		return nil, err
	}
	return []request{{Request: run.Request{ID: a.env.NewID(), Trigger: run.Manual, Syncs: syncs}}}, nil
}

func chosenSyncs(cfg *config.Config, o runOptions) ([]string, error) {
	var wanted func(s *config.Sync) bool
	switch {
	case o.all:
		wanted = func(*config.Sync) bool { return true }
	case o.faculty != "":
		faculty, err := findFaculty(cfg, o.faculty)
		if err != nil {
			return nil, err
		}
		wanted = func(s *config.Sync) bool { return s.Faculty == faculty.Label }
	case o.schedule != "":
		found, err := findSchedule(cfg, o.schedule)
		if err != nil {
			return nil, err
		}
		wanted = func(s *config.Sync) bool { return s.Schedule == found }
	default:
		for _, target := range o.syncs {
			if !slices.ContainsFunc(cfg.Syncs, func(s *config.Sync) bool { return s.Targeted(target) }) {
				var known []string
				for _, s := range cfg.Syncs {
					known = append(known, s.Address)
				}
				return nil, fmt.Errorf("there is no sync %s.%s", target, suggest.Question(target, known))
			}
		}
		wanted = func(s *config.Sync) bool { return slices.ContainsFunc(o.syncs, s.Targeted) }
	}
	var syncs []string
	for _, s := range cfg.Syncs {
		if wanted(s) {
			syncs = append(syncs, s.Address)
		}
	}
	if len(syncs) == 0 {
		return nil, errors.New("the configuration has no sync of what is to be run")
	}
	return syncs, nil
}

func findFaculty(cfg *config.Config, name string) (*config.Faculty, error) {
	label := strings.TrimPrefix(name, "faculty.")
	var known []string
	for _, f := range cfg.Faculties {
		if f.Label == label {
			return f, nil
		}
		known = append(known, f.Label)
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("there is no faculty %s: the configuration has none", label)
	}
	question := suggest.Question(label, known)
	if question == "" {
		question = " There are " + strings.Join(known, ", ") + "."
	}
	return nil, fmt.Errorf("there is no faculty %s.%s", label, question)
}

// dueRequests are the slots that are due now, and a line about each schedule that has none.
func (a *app) dueRequests(cfg *config.Config, o runOptions) ([]request, error) {
	schedules := cfg.Schedules
	if o.schedule != "" {
		one, err := findSchedule(cfg, o.schedule)
		if err != nil {
			return nil, err
		}
		schedules = []*config.Schedule{one}
	}
	say := a.out().Say
	switch {
	case o.quiet:
		say = func(string, ...any) {}
	case o.json:
		say = a.err().Say
	}
	if len(schedules) == 0 {
		say("Nothing is due: the configuration has no schedule.")
		return nil, nil
	}
	var service *config.Service
	if cfg.Settings.Service.Range.File != "" {
		service = &cfg.Settings.Service
	}
	now := a.env.Now()
	var requests []request
	for _, s := range schedules {
		calendar := schedule.New(s, service)
		entry, why := dueEntry(calendar, s.CatchUp, now, o.tolerance)
		if why != "" {
			say("%s: nothing is run: %s.", s.Address, why)
			continue
		}
		trigger := run.Scheduled
		if entry.Start.After(entry.Slot) {
			trigger = run.CaughtUp
		}
		requests = append(requests, request{
			Request:  run.Request{ID: a.env.NewID(), Trigger: trigger, Schedule: s.Address, Slot: entry.Slot},
			begins:   calendar.Begins(entry),
			mayStart: func(at time.Time) bool { return calendar.MayStart(at) == nil },
		})
	}
	slices.SortStableFunc(requests, func(x, y request) int { return x.begins.Compare(y.begins) })
	return requests, nil
}

// dueEntry returns the latest slot that is due, or why none is.
func dueEntry(calendar *schedule.Calendar, catchUp bool, now time.Time, tolerance time.Duration) (schedule.Entry, string) {
	if reason := calendar.MayStart(now); reason != nil {
		return schedule.Entry{}, "nothing may start now: " + reason.Text
	}
	since := now.Add(-tolerance)
	for _, back := range lookBack(calendar, catchUp, now, tolerance) {
		var due schedule.Entry
		for entry := range calendar.Entries(since.Add(-back), now, false) {
			if entry.Start.After(since) && !entry.Start.After(now) && !entry.Start.Before(due.Start) {
				due = entry
			}
		}
		if !due.Slot.IsZero() {
			return due, ""
		}
	}
	return schedule.Entry{}, fmt.Sprintf("no slot was due in the last %s", tolerance)
}

// lookBack lists how far before the tolerance to look for a slot that was delayed until now. Only
// where runs may start again since a moment ago can there be one; what is far in the past is looked at
// only where nothing is nearer.
func lookBack(calendar *schedule.Calendar, catchUp bool, now time.Time, tolerance time.Duration) []time.Duration {
	spans := []time.Duration{0}
	if !catchUp {
		return spans
	}
	const day = 24 * time.Hour
	for at := now.Truncate(time.Minute); at.After(now.Add(-tolerance - time.Minute)); at = at.Add(-time.Minute) {
		if calendar.MayStart(at.Add(-time.Minute)) != nil {
			return append(spans, 2*day, 16*day, 128*day, 400*day)
		}
	}
	return spans
}

// runOne makes one run, and tells what goes on.
func (a *app) runOne(ctx context.Context, cfg *config.Config, r request) (*run.Result, error) {
	opts := run.Options{
		Providers: a.env.Providers, Parallelism: a.global.parallelism, LockTimeout: a.global.lockTimeout, StartedBy: a.author(),
		GitCommit: a.commit(ctx), Now: a.env.Now, NewID: a.env.NewID, MayStart: r.mayStart,
		Resumed: true, // a slot, by whoever asks for it next
	}
	if a.quiet {
		return run.Run(ctx, cfg, r.Request, opts)
	}
	shown := a.startProgress()
	again := func() { shown.stop(); shown = a.startProgress() }
	defer func() { shown.stop() }()
	opts.Planning = func(p plan.Progress) { shown.planning(p) }
	opts.Applying = func(p apply.Progress) { shown.applying(p) }
	opts.Warn = func(diags config.Diagnostics) { shown.stop(); a.warn(diags); shown = a.startProgress() }
	opts.Retrying = func(r run.Retrying) { shown.stop(); a.err().Retrying(r); shown = a.startProgress() }
	opts.Ended = func(run.UnitResult) { again() } // counts are of a unit
	return run.Run(ctx, cfg, r.Request, opts)
}

// showRun writes what became of a run. What cannot be written is kept by the view, as its error.
func (a *app) showRun(result *run.Result, o runOptions) error {
	if !o.json {
		a.out().Run(result, view.RunOptions{Program: a.program(), Quiet: o.quiet})
		return nil
	}
	if !a.out().Broken() {
		return a.out().RunJSON(result)
	}
	return nil // said at the end
}

// openState opens what remembers runs and notifications. Nil where nobody asked for it: there is
// nobody to notify, and nothing is there yet.
func (a *app) openState(ctx context.Context, cfg *config.Config, given string) (state.Store, error) {
	location, err := a.stateLocation(given)
	if err != nil {
		return nil, err
	}
	if !postgresURL.MatchString(location) && given == "" && len(cfg.Notifiers) == 0 {
		if _, err := os.Stat(location); errors.Is(err, fs.ErrNotExist) {
			return nil, nil //nolint:nilnil // none is needed
		}
	}
	return openStateAt(ctx, location)
}

// toldWithin bounds what is done after a run.
const toldWithin = 2 * time.Minute

// tellOf remembers a run and notifies people of it. Neither can fail it. A run that was interrupted is
// remembered, but whoever did it knows.
func (a *app) tellOf(ctx context.Context, cfg *config.Config, result *run.Result, store state.Store) {
	interrupted := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), toldWithin)
	defer cancel()
	var memory notify.Memory
	if store != nil {
		memory = serve.Memory{Store: store}
		if err := store.SaveRun(ctx, result); err != nil {
			a.err().RunWarning("The run could not be remembered: %s", err)
		}
	}
	if interrupted || len(cfg.Notifiers) == 0 {
		return
	}
	if err := notify.Run(ctx, cfg, result, notify.Options{Memory: memory, Now: a.env.Now, Version: a.build().Version, Program: a.program()}); err != nil {
		a.err().RunWarning("Not everybody could be notified: %s", err)
	}
}

// runCode is how a run ends the process.
func runCode(result *run.Result) codeError {
	code := codeError(0)
	for i := range result.Units {
		u := &result.Units[i]
		switch u.Outcome {
		case run.Failed:
			code = worse(code, exitError)
		case run.Held, run.Partial, run.Paused:
			code = worse(code, exitHeld)
		case run.Applied, run.Unchanged, run.Done, run.Busy:
			if slices.ContainsFunc(u.Syncs, func(s run.SyncResult) bool { return s.Paused != "" }) {
				code = worse(code, exitHeld)
			}
		}
	}
	return code
}

// worse of two codes: what failed counts more than what is held.
func worse(a, b codeError) codeError {
	if a == exitError || b == exitError {
		return exitError
	}
	return max(a, b)
}

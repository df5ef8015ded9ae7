// Package explain answers why one row of a destination is as it is: from its record in the source, by the mapping, the
// next plan and the register, to one sentence.
//
// The plan is made as plan.Make makes it, and undone (plan.Watch), so that what is told here is what the next plan does. Rendering
// is for internal/view, which masks what is not to be shown.
package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/schedule"
)

// Options are what a command adds to the configuration.
type Options struct {
	// Plan is how the speculative plan is made; its targets are of no effect.
	Plan plan.Options
	// Units are, by the address of each sync, the units that it is run in.
	Units map[string]map[string]bool
}

// Facts are what is known of a row.
type Facts struct {
	Now     time.Time
	Typed   string // the key as typed
	Watched *plan.Watched
	// Config is that of the sync.
	Config *config.Config
	// RegisterErr says why the register could not be asked; nil: it was, and what follows is as it says.
	RegisterErr error
	// Applied are the operations about the key, the last first, Waiting those of plans that can still be applied.
	Applied, Waiting []register.KeyOperation
	// Since is when the oldest plan was applied that the register still holds; zero where it holds none. LastPlan is the
	// last of the sync; nil where none has it, or none of the latest, of which Beyond then is the number that were looked at.
	Since    time.Time
	LastPlan *register.LastPlan
	Beyond   int
	// Noticed are the findings of LastPlan about the key.
	Noticed []register.Finding
	// Approved are the ids of plans in Waiting that somebody has approved of.
	Approved map[string]bool
	// Redacted counts operations of the sync that were done, and of which nobody knows any more about which key.
	Redacted int64
	// Hidden are the columns that earlier plans were to mask, and Purposes what they were for, by the plans' ids.
	Hidden   map[string][]string
	Purposes map[string]*register.Purpose
	Pause    *register.Pause // nil where it is not paused
	LastRun  *register.Run   // nil where none is known
	// Next is the coming run by the schedule; its Start is zero where there is none. Closed says why none may start now; nil: one may.
	Next   schedule.Entry
	Closed *schedule.Reason
}

// Explanation is what is known of a row, and what comes of it.
type Explanation struct {
	Facts
	Verdict Verdict
	// Besides are what else holds, most important first, each a sentence.
	Besides []string
	// Commands are command lines that tell more, as words.
	Commands [][]string
}

// Known reports whether anything holds the key: the source, the destination, the register.
func (e *Explanation) Known() bool { return e.Verdict.Kind != Unknown && e.Verdict.Kind != NotAKey }

// Explain explains the row of a key in each of some instances of one sync: those that know it, or, where none does, all of them.
func Explain(ctx context.Context, cfg *config.Config, syncs []*config.Sync, typed string, o Options) ([]*Explanation, error) {
	if len(syncs) == 0 {
		return nil, errors.New("explain: no sync is given")
	}
	var all, known []*Explanation
	for _, s := range syncs {
		e, err := one(ctx, cfg, s, typed, o)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if e.Known() {
			known = append(known, e)
		}
	}
	if len(known) == 0 {
		return all, nil
	}
	shown := known
	if slices.ContainsFunc(known, (*Explanation).owns) {
		shown = slices.DeleteFunc(slices.Clone(known), (*Explanation).elsewhere)
	}
	slices.SortStableFunc(shown, func(a, b *Explanation) int { return a.distance() - b.distance() })
	switch n := len(all) - len(shown); n {
	case 0:
	case 1:
		shown[0].Besides = append(shown[0].Besides, "1 other instance does not know it.")
	default:
		shown[0].Besides = append(shown[0].Besides, fmt.Sprintf("%d other instances do not know it.", n))
	}
	return shown, nil
}

// owns reports whether the row is the instance's, or is to be.
func (e *Explanation) owns() bool { return e.row() != nil || e.record() != nil }

// elsewhere reports whether all that an instance has to say is that it does not have what another one has.
func (e *Explanation) elsewhere() bool {
	return !e.owns() && (e.Verdict.Kind == OtherOrigin || e.Verdict.Kind == NotInSource)
}

// distance orders instances: first those that have the row, then those that get it.
func (e *Explanation) distance() int {
	switch {
	case e.row() != nil:
		return 0
	case e.record() != nil:
		return 1
	default:
		return 2
	}
}

func one(ctx context.Context, cfg *config.Config, s *config.Sync, typed string, o Options) (*Explanation, error) {
	key, err := plan.ParseRowKey(s, typed)
	if err != nil {
		return nil, err
	}
	f := Facts{Now: o.Plan.Now(), Typed: typed, Config: cfg}
	if f.Watched, err = plan.Watch(ctx, cfg, o.Plan, plan.WatchOptions{Sync: s.Address, Key: key}); err != nil {
		return nil, err
	}
	f.RegisterErr = f.readRegister(ctx, cfg, o)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.lookAhead(s)
	return f.Explain(), nil
}

// lookAhead finds the coming run.
func (f *Facts) lookAhead(s *config.Sync) {
	const horizon = 400 * 24 * time.Hour
	if s.Schedule == nil {
		return
	}
	calendar := schedule.New(s.Schedule, &f.Config.Settings.Service)
	f.Closed = calendar.MayStart(f.Now)
	for entry := range calendar.Starts(f.Now.Add(-1), f.Now.Add(horizon)) {
		f.Next = entry
		break
	}
}

// SensitiveKey reports whether a part of the key is masked.
func (f *Facts) SensitiveKey() bool {
	m := f.Watched.Masking()
	for _, c := range plan.Cells(f.Watched.Key, m) {
		if c.Sensitive {
			return true
		}
	}
	return false
}

// plainly is an error in one line, each of its parts a sentence.
func plainly(err error) string {
	var list []string
	for _, one := range parts(err) {
		var mistakes *config.DiagnosticsError
		if !errors.As(one, &mistakes) {
			list = append(list, one.Error())
			continue
		}
		for _, d := range mistakes.Diagnostics {
			if d.Severity == config.Error {
				list = append(list, d.Summary+": "+inLine(d.Detail))
			}
		}
	}
	for i := range list {
		list[i] = sentence(list[i])
	}
	return strings.TrimSuffix(strings.Join(list, " "), ".")
}

// inLine puts the lines of a text on one: an item of a list ends as a sentence does.
func inLine(text string) string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasSuffix(line, ":") {
			line = sentence(line)
		}
		all = append(all, line)
	}
	return strings.Join(all, " ")
}

// parts are the errors that errors.Join has put together.
func parts(err error) []error {
	both, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	// What fmt.Errorf wraps is said in its own words.
	if again := errors.Join(both.Unwrap()...); again == nil || again.Error() != err.Error() {
		return []error{err}
	}
	var all []error
	for _, one := range both.Unwrap() {
		all = append(all, parts(one)...)
	}
	return all
}

// PlanError says in one line why no plan could be made; "" where one was.
func (f *Facts) PlanError() string {
	if f.Watched.Err == nil {
		return ""
	}
	return plainly(f.Watched.Err)
}

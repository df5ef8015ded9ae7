package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

// The states of a unit, as Said has them.
const (
	failed = "failed"
	held   = "held"
	ok     = "ok"
)

// told is what a notifier learns of a unit.
type told struct {
	result *run.UnitResult
	// syncs are those of the unit that have the notifier.
	syncs []run.SyncResult
	// observed are those whose on_change block has it.
	observed []run.Observation
	// ofSync: the notifier is one of a sync, not of an on_change block alone.
	ofSync bool
	// matters are the addresses of the checks whose findings are worth a message.
	matters map[string]bool

	// events are those to be told of, in the order of config.Events; none: the unit is left out.
	events []config.Event
	// said is what the notifier was told before.
	said Said
}

// unitsFor returns the units of which a notifier may learn, with what is its own of them.
func unitsFor(cfg *config.Config, n *config.Notifier, result *run.Result) []told {
	syncs := make(map[string]*config.Sync, len(cfg.Syncs))
	for _, s := range cfg.Syncs {
		syncs[s.Address] = s
	}
	observers := make(map[string]bool)
	for _, o := range cfg.Observers {
		observers[o.Address] = slices.Contains(o.Notify, n)
	}
	matters := make(map[string]bool)
	for _, c := range cfg.Checks {
		matters[c.Address] = c.Severity != config.CheckInfo
	}
	var out []told
	for i := range result.Units {
		unit := &result.Units[i]
		t := told{result: unit, matters: matters}
		for _, s := range unit.Syncs {
			if known := syncs[s.Sync]; known == nil || !slices.Contains(known.Notify, n) {
				continue
			}
			t.syncs = append(t.syncs, s)
		}
		t.ofSync = len(t.syncs) > 0 || len(unit.Syncs) == 0 && unitHas(cfg, n, unit)
		for _, o := range unit.Observed {
			if observers[o.Observer] && o.Rows > 0 {
				t.observed = append(t.observed, o)
			}
		}
		if t.ofSync || len(t.observed) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// unitHas is for a unit that failed before its syncs were looked at: it goes by the name.
func unitHas(cfg *config.Config, n *config.Notifier, unit *run.UnitResult) bool {
	return slices.ContainsFunc(cfg.Syncs, func(s *config.Sync) bool {
		return slices.Contains(s.Notify, n) && (unit.Unit == "all" || unit.Unit == s.Address ||
			s.Faculty != "" && (unit.Unit == s.Faculty || unit.Unit == "faculty."+s.Faculty || unit.Faculty == s.Faculty))
	})
}

// total is the number of operations of the syncs.
func (t *told) total() int64 {
	var n int64
	for i := range t.syncs {
		n += t.syncs[i].Total()
	}
	return n
}

// state of a unit, as far as it is the notifier's; "" where the run says nothing of it.
func (t *told) state() string {
	switch t.result.Outcome {
	case run.Failed:
		return failed
	case run.Held:
		return held
	case run.Partial:
		// Of a unit of several faculties, another's may be what was held back.
		if len(t.result.Syncs) > 0 && !slices.ContainsFunc(t.syncs, isHeldBack) && slices.ContainsFunc(t.result.Syncs, isHeldBack) {
			return ok
		}
		return held
	case run.Applied, run.Unchanged:
		return ok
	case run.Paused, run.Done, run.Busy:
		return ""
	default:
		return ""
	}
}

func isHeldBack(s run.SyncResult) bool { return len(s.HeldBack) > 0 || s.Held != "" }

// settled: the rows were looked at, so that nothing found means that there is nothing.
func (t *told) settled() bool {
	return t.state() == ok || t.result.Outcome == run.Held || t.result.Outcome == run.Partial
}

// rejects spells how many records each sync rejected, "" for none.
func (t *told) rejects() string {
	var parts []string
	for _, s := range t.syncs {
		if s.Rejected > 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", s.Sync, s.Rejected))
		}
	}
	return spell(parts)
}

// findings spells what was found in each sync, "" for nothing.
func (t *told) findings() string {
	var parts []string
	for _, s := range t.syncs {
		if s.Warned > 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", s.Sync, s.Warned))
		}
		for _, check := range slices.Sorted(maps.Keys(s.Checks)) {
			if s.Checks[check] > 0 && t.matters[check] {
				parts = append(parts, fmt.Sprintf("%s %s=%d", s.Sync, check, s.Checks[check]))
			}
		}
	}
	return spell(parts)
}

// spell joins counts into what a Memory compares; a long text is replaced by its hash.
func spell(parts []string) string {
	text := strings.Join(parts, ", ")
	if len(text) <= 200 {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// memo is something to remember.
type memo struct {
	subject string
	said    Said
}

// judge decides of what a notifier is told.
type judge struct {
	notifier *config.Notifier
	memory   Memory
	now      time.Time
	// said is to be remembered once the message is sent, unsaid where it is not.
	said, unsaid []memo
	err          error
}

func (j *judge) wants(e config.Event) bool { return slices.Contains(j.notifier.On, e) }

func (j *judge) last(ctx context.Context, subject string) Said {
	if j.memory == nil {
		return Said{}
	}
	said, err := j.memory.Last(ctx, j.notifier.Address, subject)
	if err != nil {
		// Rather twice than never.
		j.err = errors.Join(j.err, fmt.Errorf("look up what was said before: %w", err))
		return Said{}
	}
	return said
}

func (j *judge) remember(ctx context.Context, memos []memo) error {
	if j.memory == nil {
		return nil
	}
	// What was sent was sent, whether or not the caller is being stopped.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var failures error
	for _, m := range memos {
		if err := j.memory.Remember(ctx, j.notifier.Address, m.subject, m.said); err != nil {
			failures = errors.Join(failures, fmt.Errorf("remember what was said: %w", err))
		}
	}
	return failures
}

// due: it is time to say again what goes on.
func (j *judge) due(said Said) bool {
	// A twelfth early: what fails each night, at times a little sooner and once a year by an hour, is told
	// each night.
	again := said.SentOn.Add(j.notifier.Repeat - j.notifier.Repeat/12)
	// After now: the clock was set back.
	return said.SentOn.IsZero() || said.SentOn.After(j.now) || !j.now.Before(again)
}

// unit decides of what in a unit the notifier is told.
func (j *judge) unit(ctx context.Context, t *told) {
	if t.result.Outcome == run.Done || t.result.Outcome == run.Busy {
		return // told by whoever does it
	}
	add := func(e config.Event) { t.events = append(t.events, e) }
	if t.ofSync {
		t.said = j.last(ctx, t.result.Unit)
		state := t.state()
		switch {
		case state == failed || state == held:
			j.trouble(t, state, add)
		case state == ok && (t.said.State == failed || t.said.State == held):
			j.recovered(t, add)
		}
		j.counted(ctx, t, config.OnFindings, t.findings(), add)
		j.counted(ctx, t, config.OnRejects, t.rejects(), add)
		if (t.result.Outcome == run.Applied || t.result.Outcome == run.Partial) && t.total() > 0 && j.wants(config.OnChanges) {
			add(config.OnChanges)
		}
		if j.wants(config.OnEvery) {
			add(config.OnEvery)
		}
	}
	if t.result.Outcome != run.Applied && t.result.Outcome != run.Partial {
		t.observed = nil // nothing has changed yet
	}
	if len(t.observed) > 0 {
		add(onChange)
	}
	order := append(slices.Clone(config.Events), onChange)
	slices.SortFunc(t.events, func(a, b config.Event) int { return cmp.Compare(slices.Index(order, a), slices.Index(order, b)) })
}

// onChange is the event of on_change blocks, in payloads.
const onChange config.Event = "on_change"

// trouble is for a unit that failed or is held.
func (j *judge) trouble(t *told, state string, add func(config.Event)) {
	event := config.OnFailure
	if state == held {
		event = config.OnHeld
	}
	next := Said{State: state, Since: t.result.StartedOn, SentOn: t.said.SentOn, Suppressed: t.said.Suppressed}
	if t.said.State == failed || t.said.State == held {
		next.Since = t.said.Since
	}
	if t.said.State != state {
		next.SentOn, next.Suppressed = time.Time{}, 0
	}
	unsaid, said := next, next
	switch wanted, due := j.wants(event), j.due(next); {
	case wanted && (due || j.wants(config.OnEvery)):
		add(event)
		said.SentOn, said.Suppressed = j.now, 0
	case wanted:
		said.Suppressed++
		unsaid.Suppressed++
	}
	j.keep(t.result.Unit, t.said, said, unsaid)
}

func (j *judge) recovered(t *told, add func(config.Event)) {
	over := Said{State: ok, Since: j.now}
	if j.wants(config.OnRecovered) {
		add(config.OnRecovered)
		// Where it cannot be sent, the next run is the one that recovered.
		sent := over
		sent.SentOn = j.now
		j.keep(t.result.Unit, t.said, sent, t.said)
		return
	}
	j.keep(t.result.Unit, t.said, over, over)
}

// counted is for what is found again and again, by its counts: it is told where they differ from what was
// told, or where it is time to say it again.
func (j *judge) counted(ctx context.Context, t *told, event config.Event, now string, add func(config.Event)) {
	if !j.wants(event) || t.result.Outcome == run.Paused || now == "" && !t.settled() {
		return
	}
	subject := t.result.Unit + " " + string(event)
	before := j.last(ctx, subject)
	if now == "" {
		if before.State != "" && before.State != ok {
			over := Said{State: ok, Since: j.now}
			j.keep(subject, before, over, over)
		}
		return
	}
	if before.State == now && !j.due(before) && !j.wants(config.OnEvery) {
		before.Suppressed++
		j.keep(subject, Said{}, before, before)
		return
	}
	add(event)
	next := Said{State: now, Since: t.result.StartedOn, SentOn: j.now}
	if before.State == now {
		next.Since = before.Since
	}
	j.keep(subject, before, next, before)
}

// keep notes what to remember, if it is news.
func (j *judge) keep(subject string, before, said, unsaid Said) {
	if said != before {
		j.said = append(j.said, memo{subject, said})
	}
	if unsaid != before {
		j.unsaid = append(j.unsaid, memo{subject, unsaid})
	}
}

package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/run"
	"github.com/registrar-sync/registrar/serve/state"
)

// recentSlots is how many of the latest slots are looked through for those that are being run.
const recentSlots = 500

// situation is how things are now: what the overview and the metrics are made of.
type situation struct {
	config   *config.Config
	program  string // begins command lines
	now      time.Time
	last     map[string]state.LastResult // by sync
	success  map[string]time.Time        // when each sync last went through; not those that never did
	running  map[string]state.Slot       // by schedule
	replicas []state.Replica
	pauses   map[string]register.Pause // by sync
	// pausesKnown: pauses holds those of every register.
	pausesKnown bool
	// settled are held plans that nobody can apply any more, by id.
	settled  map[string]bool
	warnings []string
}

// situation reads how things are. The state, which comes first, must be there; registers that cannot be read are a
// warning, and one that is silent costs nobody else's answer.
func (s *server) situation(ctx context.Context) (*situation, error) {
	x := &situation{config: s.o.Config(), program: s.program(), now: s.o.Now(), running: map[string]state.Slot{}, settled: map[string]bool{}}
	var err error
	if x.last, err = s.o.Store.LastResults(ctx); err != nil {
		return nil, fmt.Errorf("read the last results: %w", err)
	}
	slots, err := s.o.Store.Slots(ctx, recentSlots)
	if err != nil {
		return nil, fmt.Errorf("read the slots: %w", err)
	}
	for _, slot := range slots {
		if _, later := x.running[slot.Schedule]; slot.Status == "running" && !later {
			x.running[slot.Schedule] = slot
		}
	}
	if x.replicas, err = s.o.Store.Replicas(ctx, x.now.Add(-s.o.ReplicaLife)); err != nil {
		return nil, fmt.Errorf("read the replicas: %w", err)
	}
	if x.success, err = s.success.of(ctx, s.o.Store, x.last); err != nil {
		return nil, err
	}
	var asking sync.WaitGroup
	asking.Go(func() { s.readPauses(ctx, x) })
	asking.Go(func() { s.readSettled(ctx, x) })
	asking.Wait()
	if s.o.Pauses != nil && !x.pausesKnown {
		x.warnings = append(x.warnings, "Not every register can be read now: a pause may be missing here. The log says why.")
	}
	if text := differing(x.replicas); text != "" {
		x.warnings = append(x.warnings, text)
	}
	return x, nil
}

// readPauses sets pauses and pausesKnown.
func (s *server) readPauses(ctx context.Context, x *situation) {
	if s.o.Pauses == nil {
		return
	}
	var err error
	if x.pauses, err = s.pauses.get(ctx, x.now, "", s.o.Pauses); err != nil {
		s.o.Log.WarnContext(ctx, "the pauses could not be read", "error", err)
		return
	}
	x.pausesKnown = true
}

// readSettled sets settled.
func (s *server) readSettled(ctx context.Context, x *situation) {
	ids := x.heldPlans()
	if s.o.Awaiting == nil || len(ids) == 0 {
		return
	}
	awaiting, err := s.awaiting.get(ctx, x.now, strings.Join(ids, " "), func(ctx context.Context) (map[string]bool, error) {
		return s.o.Awaiting(ctx, ids)
	})
	if err != nil {
		// Better to show one that was applied than to hide one that waits.
		s.o.Log.WarnContext(ctx, "it could not be read which held plans still wait", "error", err)
		return
	}
	for _, id := range ids {
		x.settled[id] = !awaiting[id]
	}
}

// heldPlans are the plans of held units that syncs of the configuration had last, sorted.
func (x *situation) heldPlans() []string {
	var ids []string
	for _, sync := range x.config.Syncs {
		if last, found := x.last[sync.Address]; found && last.Unit.Outcome == run.Held && last.Unit.PlanID != "" {
			ids = append(ids, last.Unit.PlanID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// held reports whether somebody has to decide about the unit's plan.
func (x *situation) held(last state.LastResult) bool {
	return last.Unit.Outcome == run.Held && !x.settled[last.Unit.PlanID]
}

// digests are those of the replicas' configurations, sorted.
func digests(replicas []state.Replica) []string {
	var all []string
	for _, replica := range replicas {
		all = append(all, replica.ConfigDigest)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// differing names the replicas by configuration where they have different ones.
func differing(replicas []state.Replica) string {
	all := digests(replicas)
	if len(all) < 2 {
		return ""
	}
	var parts []string
	for _, digest := range all {
		var hosts []string
		for _, replica := range replicas {
			if replica.ConfigDigest == digest {
				hosts = append(hosts, replica.Host)
			}
		}
		slices.Sort(hosts)
		parts = append(parts, shortDigest(digest)+" on "+strings.Join(slices.Compact(hosts), ", "))
	}
	return "The replicas have different configurations: " + strings.Join(parts, "; ") + "."
}

// wrote reports whether a unit came to its end: it is what a last success is.
func wrote(outcome run.Outcome) bool {
	return outcome == run.Applied || outcome == run.Unchanged || outcome == run.Partial
}

// inOrder are the outcomes in the order in which a run of several units is shown by one, as run.Result.Worst has it.
var inOrder = []run.Outcome{run.Failed, run.Held, run.Partial, run.Paused, run.Applied, run.Unchanged, run.Busy, run.Done}

// statusOf names an outcome.
func statusOf(outcome run.Outcome) status {
	switch outcome {
	case run.Partial:
		return status{"partial", "partial"}
	case run.Done:
		return status{"done", "already run"}
	case run.Busy:
		return status{"done", "being run elsewhere"}
	case "":
		return status{"none", "nothing to run"}
	default:
		return status{string(outcome), string(outcome)}
	}
}

package enginetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
)

// A plan is refused once a later one of the same sync was applied, though its own rows are as it saw them, it
// is signed, and has not expired.
func TestOlderPlanIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, _ := twoPlanned(t, e)
		key := w.signKey()
		older := w.saved(w.plan(), key)
		w.exec(w.source, "DELETE FROM src")
		w.room("R9", "Nine", 9)
		newer := w.saved(w.plan(), key)
		w.must(w.applyTrusting(newer, 0, publics(key)...))
		err := w.applyTrusting(older, 0, publics(key)...)
		var refused *apply.OlderError
		if !errors.As(err, &refused) || refused.Newer.PlanID != newer.ID || !strings.Contains(err.Error(), "it is older than plan "+newer.ID) || !strings.Contains(err.Error(), "sync.rooms") {
			t.Fatalf("apply = %v, want it to name the newer plan", err)
		}
		w.wantRooms("R9|Nine|9|A|c|-|-")
	})
}

// It is only of the syncs that both plans have, and of plans that were applied.
func TestOlderPlanOfAnotherSync(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.exec(w.dest, "CREATE TABLE other (code "+e.types["text"]+" PRIMARY KEY, name "+e.types["text"]+", seats "+e.types["int"]+", origin "+e.types["text"]+
			", created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+")")
		w.write("second.hcl", strings.NewReplacer(`sync "rooms"`, `sync "more"`, `"room"`, `"other"`).Replace(string(w.load().Files["main.hcl"])))
		w.room("R1", "One", 1)
		of := func(targets ...string) *plan.Plan {
			w.target = targets
			return w.plan()
		}
		both, one := of(), of("sync.rooms")
		of("sync.rooms") // newer, and never applied
		w.apply(of("sync.more"))
		// It shares a sync with the newer plan, which is applied; the one that is newer than the other plan is not.
		if _, err := w.tryApply(both); !errorIs[*apply.OlderError](err) {
			t.Errorf("a plan of both: %v", err)
		}
		w.wantRooms()
		w.apply(one)
		w.wantRooms("R1|One|1|A|c|-|-")
	})
}

// Which plan was made first does not depend on whose clock is right.
func TestOlderPlanByAnotherClock(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, ahead := twoPlanned(t, e)
		// Who applies it, and who plans then, have another clock.
		w.now = ahead.CreatedOn.Add(-4 * time.Minute)
		w.apply(ahead)
		w.exec(w.source, "DELETE FROM src WHERE code = 'R2'")
		next := w.plan()
		if next.CreatedOn.Before(ahead.CreatedOn) {
			t.Errorf("the plan was made on %s, before the one that was applied, on %s", next.CreatedOn, ahead.CreatedOn)
		}
		w.apply(next)
		w.settled()
	})
}

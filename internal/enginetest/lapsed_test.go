package enginetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
)

// A signed approval that was used up is none again where its row says that it was given later.
func TestUsedUpApprovalIsNotGivenAgain(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p, author, by := approvable(t, e)
		w.must(w.approve(p, by))
		w.must(w.applyTrusting(p, 1, by.trusted...))
		w.exec(w.dest, "DELETE FROM room")
		w.now = w.now.Add(20 * time.Minute)
		again := w.saved(w.plan(), author)
		later := map[string]string{
			"postgres": "approved_on + interval '10 minutes'", "mysql": "approved_on + INTERVAL 10 MINUTE", "sqlite": "strftime('%Y-%m-%d %H:%M:%fZ', approved_on, '+10 minutes')",
		}[e.name]
		w.exec(w.dest, fmt.Sprintf("UPDATE %s SET approved_on = %s", w.registerTable("approval"), later))
		err := w.applyTrusting(again, 1, by.trusted...)
		wantLapsed(w, err, "its signature does not fit what it says")
		w.wantRooms()
		w.must(w.approve(again, by))
		w.must(w.applyTrusting(again, 1, by.trusted...))
	})
}

func wantLapsed(w *world, err error, why ...string) {
	w.Helper()
	if !errorIs[*apply.ApprovalError](err) {
		w.Fatalf("apply = %v", err)
	}
	for _, want := range why {
		if !strings.Contains(err.Error(), want) {
			w.Errorf("want %q in %v", want, err)
		}
	}
}

// Who lacks an approval that was there is told what became of it.
func TestRefusalSaysWhatBecameOfApprovals(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p, author, by := approvable(t, e)
		given := w.now.UTC().Format(time.RFC3339)
		w.must(w.approve(p, by))

		w.room("R3", "Three", 3)
		other := w.saved(w.plan(), author)
		wantLapsed(w, w.applyTrusting(other, 1, by.trusted...), "the approval by ada@office", "of "+given+": it is of other effects, those of plan "+p.ID)
		w.exec(w.source, "DELETE FROM src WHERE code = 'R3'")

		now := w.now
		ttl := w.load().Settings.PlanTTL
		w.now = now.Add(ttl - 10*time.Minute)
		later := w.saved(w.plan(), author)
		w.now = now.Add(ttl + 10*time.Minute)
		wantLapsed(w, w.applyTrusting(later, 1, by.trusted...), "of "+given+": it expired on ")

		w.must(w.approve(later, by))
		applied := w.now.UTC().Format(time.RFC3339)
		w.must(w.applyTrusting(later, 1, by.trusted...))
		w.exec(w.dest, "DELETE FROM room")
		wantLapsed(w, w.applyTrusting(w.saved(w.plan(), author), 1, by.trusted...), "the apply of "+applied+" used it up")
	})
}

package register_test

import (
	"testing"
	"time"

	"github.com/registrar-sync/registrar/register"
)

func TestOverride(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		w.plan("p", time.Time{})
		w.plan("q", time.Time{})
		if o, err := w.r.Override(w.Context(), w.conn, "p"); o != nil || err != nil {
			t.Errorf("nobody did: %+v, %v", o, err)
		}
		want := register.Override{PlanID: "p", OverriddenOn: day, OverriddenBy: `a"b'c é`, Reason: "the source was checked\n\"by hand\""}
		w.must(w.r.InsertOverride(w.Context(), w.conn, want))
		if o, err := w.r.Override(w.Context(), w.conn, "p"); err != nil || *o != want {
			t.Errorf("read %+v, %v, expected %+v", o, err, want)
		}
		// It is for that plan alone, and once.
		if o, err := w.r.Override(w.Context(), w.conn, "q"); o != nil || err != nil {
			t.Errorf("another plan's: %+v, %v", o, err)
		}
		if err := w.r.InsertOverride(w.Context(), w.conn, want); err == nil {
			t.Error("overridden twice")
		}
	})
}

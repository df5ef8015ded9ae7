package register_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/register"
)

// Whatever belongs to a plan goes with it, and nothing of another's.
func TestPrune(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		w.plan("applied", day)
		w.plan("expired", time.Time{})
		for _, id := range []string{"applied", "expired"} {
			w.must(w.r.InsertOverride(w.Context(), w.conn, register.Override{PlanID: id, OverriddenOn: day, OverriddenBy: "ada", Reason: "r"}))
			w.must(w.r.InsertFinding(w.Context(), w.conn, id, register.Finding{Sync: "check.a", Kind: register.Checked}))
			w.exec(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, "key") VALUES ('` + id + `', 1, 's', 't', 'purge', '{}')`)
		}
		left := func() []string {
			return w.rows(`SELECT 'plan', id FROM {plan} UNION ALL SELECT 'operation', plan_id FROM {operation} UNION ALL SELECT 'finding', plan_id FROM {finding}
UNION ALL SELECT 'override', plan_id FROM {override} UNION ALL SELECT 'execution', plan_id FROM {execution} ORDER BY 1, 2`)
		}
		for _, test := range []struct {
			before  time.Time
			history bool
			left    []string
		}{
			{day.Add(-24 * time.Hour), true, []string{
				"execution|applied", "finding|applied", "finding|expired", "operation|applied", "operation|expired", "override|applied", "override|expired", "plan|applied", "plan|expired",
			}},
			{day.Add(100 * time.Hour), false, []string{"execution|applied", "finding|applied", "operation|applied", "override|applied", "plan|applied"}},
			{day.Add(100 * time.Hour), true, nil},
		} {
			_, err := w.r.Prune(w.Context(), w.conn, test.before, test.history)
			w.must(err)
			if diff := cmp.Diff(test.left, left()); diff != "" {
				t.Errorf("before %s, history %v (-want +got):\n%s", test.before, test.history, diff)
			}
		}
	})
}

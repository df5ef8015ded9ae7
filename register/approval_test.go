package register_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/register"
)

// approval is one of the digest d, that counts for a day.
func approval(id string, on time.Time) register.Approval {
	return register.Approval{
		ID: id, Digest: "d", PlanID: "looked at", ApprovedOn: on, ExpiresOn: on.Add(24 * time.Hour), ApprovedBy: "grace@host",
	}
}

// user is who the database takes the tests for; "" where it has no users.
func (w *world) user() string {
	w.Helper()
	query := map[string]string{"postgres": "SELECT session_user", "mysql": "SELECT current_user()", "sqlite": "SELECT ''"}[w.engine]
	return w.rows(query)[0]
}

// What is written is read again, and the database tells who wrote it.
func TestApproval(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		signed := approval("b", day.Add(time.Hour))
		signed.Comment, signed.Key, signed.Signature = "seen with the faculty: \"yes\" é", "ed25519:AAAA", []byte{0, 1, 255}
		forged := approval("a", day)
		forged.DatabaseUser = "somebody else"
		other := approval("c", day)
		other.Digest = "another"
		for _, a := range []register.Approval{signed, forged, other} {
			w.must(w.r.InsertApproval(w.Context(), w.conn, a))
		}
		signed.DatabaseUser, forged.DatabaseUser = w.user(), w.user()
		if w.engine != "sqlite" && w.user() == "" {
			t.Error("the server knows no user")
		}
		got, err := w.r.Approvals(w.Context(), w.conn, "d", day.Add(2*time.Hour))
		w.must(err)
		if diff := cmp.Diff([]register.Approval{forged, signed}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for _, wrong := range []register.Approval{{ID: "x", Digest: "d", ApprovedOn: day, ExpiresOn: day}, {ID: "x", ApprovedOn: day, ExpiresOn: day.Add(1)}} {
			if err := w.r.InsertApproval(w.Context(), w.conn, wrong); err == nil {
				t.Errorf("recorded: %+v", wrong)
			}
		}
	})
}

// An approval counts from when it is given until it expires, and for one execution of whichever plan has these operations.
func TestApprovalsCount(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		hour := func(n int) time.Time { return day.Add(time.Duration(n) * time.Hour) }
		counts := func(when string, at time.Time, want ...string) {
			t.Helper()
			found, err := w.r.Approvals(w.Context(), w.conn, "d", at)
			w.must(err)
			var ids []string
			for _, a := range found {
				ids = append(ids, a.ID)
			}
			if !slices.Equal(ids, want) {
				t.Errorf("%s: %v count, want %v", when, ids, want)
			}
		}
		counted := func(planID string, at time.Time) string {
			t.Helper()
			found, err := w.r.ApprovalsOf(w.Context(), w.conn, planID, at)
			w.must(err)
			var ids []string
			for _, a := range found {
				ids = append(ids, a.ID)
			}
			return strings.Join(ids, " ")
		}
		w.plan("earlier", hour(-1)) // of these operations, too: all plans of this test have the digest d
		w.must(w.r.InsertApproval(w.Context(), w.conn, approval("a", day)))
		counts("before it is given", hour(-1))
		counts("when it is given", day, "a")
		counts("until it expires", hour(24).Add(-time.Microsecond), "a")
		counts("when it expires", hour(24))

		w.plan("p", time.Time{})
		w.exec("UPDATE {plan} SET digest = 'of other operations' WHERE id = 'p'")
		w.must(w.r.InsertExecution(w.Context(), w.conn, register.Execution{PlanID: "p", ExecutedOn: hour(1), ExecutedBy: "ada"}))
		counts("after other operations were applied", hour(2), "a")
		w.plan("q", time.Time{})
		if got := counted("q", hour(2)); got != "a" {
			t.Errorf("for a plan that is not applied yet counts %q", got)
		}
		w.must(w.r.InsertExecution(w.Context(), w.conn, register.Execution{PlanID: "q", ExecutedOn: hour(2), ExecutedBy: "ada"}))
		counts("after it was used", hour(2))
		counts("long after it was used", hour(5))
		w.must(w.r.InsertApproval(w.Context(), w.conn, approval("b", hour(3))))
		counts("one that is given later", hour(3), "b")
		w.plan("r", hour(3)) // in the same instant
		counts("after that was used", hour(3))
		for planID, want := range map[string]string{"earlier": "", "p": "", "q": "a", "r": "b", "none": ""} {
			if got := counted(planID, hour(100)); got != want {
				t.Errorf("plan %s was approved of by %q, want %q", planID, got, want)
			}
		}

		// Those that were used stay as long as what used them is recorded; of the others those that have not expired for long.
		w.must(w.r.InsertApproval(w.Context(), w.conn, approval("unused", hour(10))))
		w.must(w.r.InsertApproval(w.Context(), w.conn, approval("recent", hour(50))))
		prune := func(before time.Time, want string) {
			t.Helper()
			_, _, err := w.r.PruneRuns(w.Context(), w.conn, before, hour(1000))
			w.must(err)
			if got := strings.Join(w.rows("SELECT id FROM {approval} ORDER BY id"), " "); got != want {
				t.Errorf("pruned before %s, there are %s, want %s", before, got, want)
			}
		}
		prune(hour(30), "a b recent unused")
		prune(hour(60), "a b recent")
		counts("what did not expire", hour(60), "recent")
		w.exec("DELETE FROM {execution} WHERE plan_id = 'r'")
		prune(hour(60), "a recent")
		prune(hour(100), "a")
	})
}

// An approval that was used up does not come back to life when the history goes that tells so; one that was given since
// stays.
func TestSpentApprovalIsPruned(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		w.must(w.r.InsertApproval(w.Context(), w.conn, approval("spent", day)))
		w.plan("p", day.Add(time.Hour))
		w.must(w.r.InsertApproval(w.Context(), w.conn, approval("since", day.Add(2*time.Hour))))
		_, err := w.r.PruneSome(w.Context(), w.conn, day.Add(3*time.Hour), true)
		w.must(err)
		if got := strings.Join(w.rows("SELECT id FROM {plan}"), " "); got != "" {
			t.Fatalf("the plan is still there: %s", got)
		}
		found, err := w.r.Approvals(w.Context(), w.conn, "d", day.Add(3*time.Hour))
		w.must(err)
		if len(found) != 1 || found[0].ID != "since" {
			t.Errorf("there count %+v, want the one that was given since", found)
		}
	})
}

// A plan's author is who the database says, whatever the plan says.
func TestAuthor(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		w.must(w.r.InsertPlan(w.Context(), w.conn, &register.Plan{
			ID: "p", CreatedOn: day, CreatedBy: "ada", ConfigDigest: "c", ExpiresOn: day, Status: register.Ready, Digest: "d", DatabaseUser: "somebody else",
			Syncs: []register.SyncSummary{{Sync: "s"}}, Destinations: []string{"d"}, PseudonymKey: []byte{1, 2},
		}))
		p, err := w.r.Plan(w.Context(), w.conn, "p")
		w.must(err)
		if p.DatabaseUser != w.user() || !slices.Equal(p.PseudonymKey, []byte{1, 2}) {
			t.Errorf("the author is %q, want %q; %+v", p.DatabaseUser, w.user(), p)
		}
	})
}

func TestDisclosures(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		w.plan("p", time.Time{})
		want := []register.Disclosure{{ID: "2", PlanID: "p", ShownOn: day, ShownBy: "ada@host"}, {ID: "1", PlanID: "p", ShownOn: day.Add(time.Hour), ShownBy: "grace@host"}}
		for i, d := range want {
			w.must(w.r.InsertDisclosure(w.Context(), w.conn, d))
			want[i].DatabaseUser = w.user()
		}
		w.must(w.r.InsertDisclosure(w.Context(), w.conn, register.Disclosure{ID: "3", PlanID: "q", ShownOn: day, ShownBy: "ada"}))
		got, err := w.r.Disclosures(w.Context(), w.conn, "p")
		w.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		// They stay as long as their plan.
		for _, test := range []struct {
			before time.Time
			want   string
		}{{day, "1 2 3"}, {day.Add(100 * time.Hour), "1 2"}} {
			_, _, err := w.r.PruneRuns(w.Context(), w.conn, test.before, day.Add(1000*time.Hour))
			w.must(err)
			if left := strings.Join(w.rows("SELECT id FROM {disclosure} ORDER BY id"), " "); left != test.want {
				t.Errorf("before %s there are %s, want %s", test.before, left, test.want)
			}
		}
	})
}

// Of the speculative plans that have expired, so many go at a time, with all that belongs to them; no others, and no approval.
func TestSweepSpeculative(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		for i := range 5 {
			for _, speculative := range []bool{true, false} {
				id := fmt.Sprintf("%d %t", i, speculative)
				w.must(w.r.InsertPlan(w.Context(), w.conn, &register.Plan{
					ID: id, CreatedOn: day.Add(-time.Duration(i) * time.Hour), CreatedBy: "ada", ConfigDigest: "c", ExpiresOn: day.Add(time.Duration(i) * time.Hour), Speculative: speculative, Status: register.Ready, Digest: "d",
				}))
				w.fill(id, 3)
				w.must(w.r.InsertFinding(w.Context(), w.conn, id, register.Finding{Sync: "s", Kind: register.Ignored}))
			}
		}
		w.must(w.r.InsertApproval(w.Context(), w.conn, approval("a", day)))
		sweep := func(at time.Time, limit int, want int64) {
			t.Helper()
			n, err := w.r.SweepSpeculative(w.Context(), w.conn, at, limit)
			w.must(err)
			if n != want {
				t.Errorf("at %s %d plans are removed, want %d", at, n, want)
			}
		}
		now := day.Add(3 * time.Hour)
		sweep(day, 10, 0)
		sweep(now, 2, 2)
		if left := w.rows("SELECT id FROM {plan} WHERE speculative = TRUE ORDER BY id"); !slices.Equal(left, []string{"2 true", "3 true", "4 true"}) {
			t.Errorf("left are %v", left)
		}
		sweep(now, 2, 1)
		sweep(now, 2, 0)
		if left := w.rows("SELECT count(*) FROM {plan}"); left[0] != "7" {
			t.Errorf("%s plans are left", left)
		}
		tables := []string{"operation", "finding"}
		if w.user() != "" {
			tables = append(tables, "author")
		}
		for _, table := range tables {
			if left := w.rows("SELECT count(DISTINCT plan_id) FROM {" + table + "}"); left[0] != "7" {
				t.Errorf("%s: there are rows of %s plans", table, left)
			}
		}
		if left, err := w.r.Approvals(w.Context(), w.conn, "d", day); err != nil || len(left) != 1 {
			t.Errorf("approvals %v, %v", left, err)
		}
	})
}

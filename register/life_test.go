package register_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/register"
)

// done writes a plan of sync.a, applied some days after the first one, or pending; each operation is as "insert K", "rename K
// K2" and so on, with a mark that tells it in what the register holds.
func (w *world) done(id string, days int, applied bool, operations ...string) {
	w.Helper()
	on := day.AddDate(0, 0, days)
	p := &register.Plan{ID: id, CreatedOn: on, CreatedBy: "ada", ConfigDigest: "c", ExpiresOn: on.AddDate(0, 0, 3), Status: register.Ready, Digest: "d"}
	w.must(w.r.InsertPlan(w.Context(), w.conn, p))
	if applied {
		w.must(w.r.InsertExecution(w.Context(), w.conn, register.Execution{PlanID: id, ExecutedOn: on.Add(time.Minute), ExecutedBy: "op"}))
	}
	for i, text := range operations {
		words := append(strings.Fields(text), "", "")
		mark := fmt.Sprintf("%q: %q", "m", id+"/"+words[1]+words[2])
		after := "{" + mark + "}"
		if words[2] != "" {
			after = fmt.Sprintf(`{"code": %q, %s}`, words[2], mark)
		}
		w.operation(id, i+1, "sync.a", words[0], fmt.Sprintf(`{"code": %q}`, words[1]), "", after)
	}
}

// marks lists those that the register still holds.
func (w *world) marks() string {
	w.Helper()
	var left []string
	for _, row := range w.rows("SELECT after FROM {operation} WHERE sync = 'sync.a' ORDER BY plan_id, seq") {
		if _, mark, ok := strings.Cut(row, `"m": "`); ok {
			left = append(left, strings.TrimRight(mark, `"}`))
		}
	}
	return strings.Join(left, " ")
}

// A purge reaches what was done to its own row: not to another one that had its key before, or gets one that it had.
func TestRedactPurgedLife(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		past  func(w *world)
		purge string
		left  string
	}{
		"whoever got the key": {func(w *world) {
			w.done("p1", 1, true, "insert smith")
			w.done("p2", 2, true, "rename smith asmith")
			w.done("p3", 3, true, "insert smith")
			w.done("p4", 4, true, "update smith", "archive asmith")
			w.done("p5", 5, false, "update smith")
			w.done("p6", 6, false, "update asmith")
		}, "asmith", "p3/smith p4/smith p5/smith"},
		"whoever had the key": {func(w *world) {
			w.done("p0", 0, false, "insert smith")
			w.done("p1", 1, true, "insert smith")
			w.done("p2", 2, true, "rename smith asmith")
			w.done("p3", 3, false, "insert smith")
			w.done("p4", 4, true, "insert smith")
			w.done("p5", 5, true, "update smith", "update asmith")
		}, "smith", "p0/smith p1/smith p2/smithasmith p5/asmith"},
		"at one apply": {func(w *world) {
			w.done("p1", 1, true, "insert a", "insert b")
			w.done("p2", 2, true, "rename a b", "rename b a")
			w.done("p3", 3, true, "update a", "update b")
		}, "a", "p1/a p2/ab p3/b"},
		"deleted, and another one": {func(w *world) {
			w.done("p1", 1, true, "insert a")
			w.done("p2", 2, true, "delete a")
			w.done("p3", 3, true, "insert a")
		}, "a", "p1/a p2/a"},
		"undeleted under another key": {func(w *world) {
			w.done("p1", 1, true, "insert a")
			w.done("p2", 2, true, "archive a")
			w.done("p3", 3, true, "undelete a b")
			w.done("p4", 4, true, "insert a")
		}, "b", "p4/a"},
		"an unknown beginning": {func(w *world) {
			w.done("p1", 1, true, "update a")
			w.done("p2", 2, true, "rename a b")
			w.done("p3", 3, true, "update a")
		}, "b", "p3/a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "sqlite")
			w.init(false)
			test.past(w)
			w.done("p9", 9, false, "purge "+test.purge)
			_, _, err := w.r.RedactPurged(t.Context(), w.conn, &register.Purged{PlanID: "p9", Sync: "sync.a", Last: 10, Keys: [][]string{{"code"}}})
			w.must(err)
			if got := w.marks(); got != test.left {
				t.Errorf("left %s, want %s", got, test.left)
			}
		})
	}
}

// A row that is deleted and given back is the same row.
func TestRedactPurgedGivenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	w.init(false)
	w.done("p1", 1, true, "insert a", "insert b")
	w.done("p2", 2, true, "delete a", "delete b")
	w.done("p3", 3, true, "insert a")
	w.done("p4", 4, true, "delete a")
	w.must(w.r.InsertPlan(t.Context(), w.conn, &register.Plan{
		ID: "p5", Destinations: []string{"destination.d"}, CreatedOn: day.AddDate(0, 0, 5), ExpiresOn: day.AddDate(0, 0, 8), Status: register.Ready, Syncs: []register.SyncSummary{{Sync: "sync.a", LastSeq: 10}},
		Purpose: &register.Purpose{Kind: register.Revert, Of: "p2"},
	}))
	w.must(w.r.InsertExecution(t.Context(), w.conn, register.Execution{PlanID: "p5", ExecutedOn: day.AddDate(0, 0, 5)}))
	w.operation("p5", 1, "sync.a", "insert", `{"code": "a"}`, "", `{"code": "a", "m": "p5/a"}`)
	w.done("p9", 9, false, "purge a")
	_, _, err := w.r.RedactPurged(t.Context(), w.conn, &register.Purged{PlanID: "p9", Sync: "sync.a", Last: 10, Keys: [][]string{{"code"}}})
	w.must(err)
	if got := w.marks(); got != "p1/b p2/b p3/a p4/a" {
		t.Errorf("left %s", got)
	}
}

// Measured apart: a thousand purges of rows that were renamed, in a register of a hundred thousand operations.
func BenchmarkRedactPurged(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w := newWorld(b, engine)
				w.init(false)
				w.plan("p", day)
				w.fill("p", 100_000)
				w.exec("UPDATE {operation} SET operation = 'insert'")
				w.plan("q", day.AddDate(0, 0, 1))
				q := w.d.Dialect().Quote
				member := w.d.Dialect().MemberText("o."+q("key"), "code")
				object := "json_object"
				if engine == "postgres" {
					object = "json_build_object"
				}
				w.exec(fmt.Sprintf(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, %[1]s, %[2]s, %[3]s)
SELECT 'q', seq, sync, table_name, 'rename', %[1]s, %[2]s, %[4]s('code', 'N' || %[5]s) FROM {operation} o WHERE seq <= 1000`, q("key"), q("before"), q("after"), object, member))
				w.plan("r", day.AddDate(0, 0, 2))
				w.exec(fmt.Sprintf(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, %[1]s, %[2]s)
SELECT 'r', seq, sync, table_name, 'purge', %[3]s, %[2]s FROM {operation} o WHERE plan_id = 'q'`, q("key"), q("before"), q("after")))
				b.StartTimer()
				operations, _, err := w.r.RedactPurged(b.Context(), w.conn, &register.Purged{PlanID: "r", Sync: "sync.people", Last: 1000, Keys: [][]string{{"code"}}})
				w.must(err)
				if operations != 3000 {
					b.Errorf("%d operations", operations)
				}
			}
		})
	}
}

// Of the rows that had a key each is told, and their other keys while they had them; what contradicts itself is left.
func TestLivesOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	w.init(false)
	w.done("p1", 1, true, "insert smith")
	w.done("p2", 2, true, "rename smith asmith")
	w.done("p3", 3, true, "insert smith", "update asmith")
	w.done("p4", 4, true, "rename smith bsmith")
	w.done("p5", 5, true, "insert bsmith") // as if the one before had gone unnoticed
	all := slices.Concat(keyed("sync.a", "code", "asmith"), keyed("sync.a", "code", "smith"), keyed("sync.a", "code", "bsmith"))
	lives, err := w.r.LivesOf(t.Context(), w.conn, &all[0], all)
	w.must(err)
	if len(lives.Lives) != 1 || lives.Lives[0].Operations != 3 || !lives.Lives[0].Until.IsZero() || len(lives.Others) != 1 || lives.Others[0].Alone || lives.Unplaced != 0 {
		t.Errorf("of asmith: %+v", lives)
	}
	if lives, err = w.r.LivesOf(t.Context(), w.conn, &all[2], all); err != nil || len(lives.Lives) != 2 || lives.Lives[0].Until.IsZero() || !lives.Lives[1].Until.IsZero() || len(lives.At.Operations) != 3 {
		t.Errorf("of bsmith: %+v, %v", lives, err)
	}
	found, ok, err := w.r.During(t.Context(), w.conn, &all[1], &lives.Others[0])
	w.must(err)
	if want := []register.Place{{PlanID: "p3", Seq: 1}, {PlanID: "p4", Seq: 1}}; !ok || !slices.Equal(found.At.Operations, want) {
		t.Errorf("while smith was the other's: %+v", found.At)
	}

	// Two plans of one instant, neither of which can have been the first.
	w.done("p6", 6, true, "update never", "rename asmith csmith")
	w.done("p7", 6, true, "update none", "update csmith")
	all = slices.Concat(all, keyed("sync.a", "code", "csmith"), keyed("sync.a", "code", "never"), keyed("sync.a", "code", "none"))
	if lives, err = w.r.LivesOf(t.Context(), w.conn, &all[0], all); err != nil || lives.Unplaced != 3 || lives.Lives[0].Operations != 3 {
		t.Errorf("what is unclear: %+v, %v", lives, err)
	}
}

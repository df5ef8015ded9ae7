package register_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

// native is a plan of this register, of two operations.
func (w *world) native(id string, applied bool) (*register.Plan, []register.Transferred) {
	w.Helper()
	key, after, result := `{"code": "1", "b": "2"}`, `{"name": "x"}`, `{"id": "7"}`
	rows := []register.Transferred{
		{PlanID: id, Seq: 1, Sync: "sync.one", Table: "t", Operation: "insert", Key: &key, After: &after, Result: &result},
		{PlanID: id, Seq: 2, Sync: "sync.one", Table: "t", Operation: "update", Key: &key, Before: &after, After: &after},
	}
	for i := range rows {
		text := func(s *string) string {
			if s == nil {
				return "NULL"
			}
			return "'" + *s + "'"
		}
		o := &rows[i]
		w.exec(fmt.Sprintf(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, "key", "before", "after", result) VALUES ('%s', %d, '%s', 't', '%s', %s, %s, %s, %s)`,
			id, o.Seq, o.Sync, o.Operation, text(o.Key), text(o.Before), text(o.After), text(o.Result)))
	}
	p := &register.Plan{
		ID: id, CreatedOn: day, CreatedBy: "ada", ConfigDigest: "c", ExpiresOn: day.Add(time.Hour), Status: register.Ready, Destinations: []string{"destination.a"},
		Syncs: []register.SyncSummary{{Sync: "sync.one", Destination: "destination.a", Table: "t", LastSeq: 2, Counts: map[config.Operation]int64{config.Insert: 1, config.Update: 1}}},
	}
	var err error
	p.Digest, err = w.r.Effects(w.Context(), w.conn, id, p.Syncs, nil)
	w.must(err)
	w.must(w.r.InsertPlan(w.Context(), w.conn, p))
	if applied {
		w.must(w.r.InsertExecution(w.Context(), w.conn, register.Execution{PlanID: id, ExecutedOn: day, ExecutedBy: "bob"}))
	}
	return p, rows
}

// bring is what an import does with a plan of a bundle's history.
func (w *world) bring(p *register.Plan, operations []register.Transferred, findings ...register.Transferred) error {
	t := w.r.Transfer(w.conn)
	for i := range operations {
		if err := t.Operation(w.Context(), &operations[i]); err != nil {
			return err
		}
	}
	for i := range findings {
		if err := t.Finding(w.Context(), &findings[i]); err != nil {
			return err
		}
	}
	foreign := *p
	foreign.Transferred, foreign.CreatedBy = "bundle", "eve"
	return t.Plan(w.Context(), &foreign, register.Execution{PlanID: p.ID, ExecutedOn: day, ExecutedBy: "eve"})
}

// What a bundle says of a plan that was made here changes nothing of it.
func TestTransferKeepsOwnPlans(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		const applied, pending = "0197a000-0000-7000-8000-000000000001", "0197a000-0000-7000-8000-000000000002"
		own, rows := w.native(applied, true)
		waiting, waitingRows := w.native(pending, false)
		state := func() []string {
			var all []string
			for _, query := range []string{
				"SELECT digest FROM {plan} ORDER BY id", "SELECT created_by FROM {plan} ORDER BY id", "SELECT sync FROM {operation} ORDER BY plan_id, seq",
				"SELECT kind FROM {finding} ORDER BY plan_id, seq", "SELECT executed_by FROM {execution} ORDER BY plan_id",
			} {
				all = append(append(all, query), fmt.Sprint(w.rows(query)))
			}
			for _, id := range []string{applied, pending} {
				p, err := w.r.Plan(w.Context(), w.conn, id)
				w.must(err)
				all = append(all, fmt.Sprintf("%+v", p.Syncs))
			}
			return all
		}
		before := state()
		refused := func(what, want string, err error) {
			t.Helper()
			foreign, ok := errors.AsType[*register.ForeignHistoryError](err)
			if !ok || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--no-history") || foreign.PlanID == "" {
				t.Errorf("%s: error %v", what, err)
			}
			if diff := cmp.Diff(before, state()); diff != "" {
				t.Errorf("%s left something behind (-before +after):\n%s", what, diff)
			}
		}
		finding := register.Transferred{PlanID: applied, Seq: 1, Sync: "sync.one", Kind: string(register.Rejected)}
		w.must(w.bring(own, rows, finding))
		if diff := cmp.Diff(before, state()); diff != "" {
			t.Errorf("a faculty that comes back (-before +after):\n%s", diff)
		}
		changed := func(change func(o *register.Transferred)) []register.Transferred {
			copied := append([]register.Transferred{}, rows...)
			change(&copied[1])
			return copied
		}
		other, respelt, redacted := `{"name": "y"}`, `{"b":"2", "code":"1"}`, `{"$": "redacted"}`
		refused("a plan that waits", "was not, this register says", w.bring(waiting, waitingRows))
		refused("a plan that waits, without operations", "was not, this register says", w.bring(waiting, nil))
		refused("a finding of a plan that waits", "was not, this register says", w.bring(waiting, nil, register.Transferred{PlanID: pending, Seq: 1, Sync: "sync.one", Kind: "x"}))
		refused("another operation", "other operations", w.bring(own, changed(func(o *register.Transferred) { o.Operation = "delete" })))
		refused("another value", "other operations", w.bring(own, changed(func(o *register.Transferred) { o.After = &other })))
		refused("another result", "other operations", w.bring(own, changed(func(o *register.Transferred) { o.Result = &other })))
		refused("one more", "other operations", w.bring(own, changed(func(o *register.Transferred) { o.Seq = 3 })))
		more := *own
		more.Syncs = append(more.Syncs[:1:1], register.SyncSummary{Sync: "sync.two", AfterSeq: 1 << 36, LastSeq: 1 << 36})
		refused("one more sync", "has syncs in the bundle", w.bring(&more, rows))
		for _, spelt := range []*string{&respelt, &redacted} {
			w.must(w.bring(own, changed(func(o *register.Transferred) { o.Key = spelt })))
		}
		if diff := cmp.Diff(before, state()); diff != "" {
			t.Errorf("what MySQL spells otherwise, or what was redacted there (-before +after):\n%s", diff)
		}
	})
}

// What a plan that was transferred before has stays as well: only whole syncs are added to it.
func TestTransferAddsWholeSyncs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	w.init(false)
	const id = "0197a000-0000-7000-8000-000000000001"
	key := `{"code": "1"}`
	p := &register.Plan{
		ID: id, CreatedOn: day, CreatedBy: "ada", ConfigDigest: "c", ExpiresOn: day, Status: register.Ready, Destinations: []string{"destination.a"},
		Syncs: []register.SyncSummary{{Sync: "sync.one", Destination: "destination.a", Table: "t", LastSeq: 9, Counts: map[config.Operation]int64{config.Delete: 1}}},
	}
	row := register.Transferred{PlanID: id, Seq: 1, Sync: "sync.one", Table: "t", Operation: "delete", Key: &key, Before: &key}
	w.must(w.bring(p, []register.Transferred{row}))
	first, err := w.r.Plan(t.Context(), w.conn, id)
	w.must(err)
	more := row
	more.Seq = 2
	w.must(w.bring(p, []register.Transferred{more}))
	if n := len(w.rows("SELECT seq FROM {operation}")); n != 1 {
		t.Errorf("%d operations, want the one that came first", n)
	}
	again, err := w.r.Plan(t.Context(), w.conn, id)
	w.must(err)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the plan (-first +again):\n%s", diff)
	}
	more.Seq = 100
	if _, ok := errors.AsType[*register.ForeignHistoryError](w.bring(p, []register.Transferred{more})); !ok {
		t.Error("an operation of no sync was taken")
	}
}

// Rows are written many at a time, of whatever size and however they repeat.
func TestTransferBatches(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		key := `{"code": "1"}`
		large := `{"name": "` + strings.Repeat("x", 300_000) + `"}`
		transfer := w.r.Transfer(w.conn)
		const n = 1234
		for i := range n {
			id := fmt.Sprintf("0197a000-0000-7000-8000-%012d", i%7)
			o := register.Transferred{PlanID: id, Seq: int64(i + 1), Sync: "sync.one", Table: "t", Operation: "insert", Key: &key, After: &key}
			if i%300 == 0 {
				o.After = &large
			}
			f := register.Transferred{PlanID: id, Seq: int64(i + 1), Sync: "sync.one", Kind: "x"}
			for range 1 + i%2 {
				w.must(transfer.Operation(w.Context(), &o))
				w.must(transfer.Finding(w.Context(), &f))
			}
		}
		w.must(transfer.Flush(w.Context()))
		for _, table := range []string{"operation", "finding"} {
			if got := len(w.rows("SELECT plan_id FROM {" + table + "}")); got != n {
				t.Errorf("%d rows of table %s, want %d", got, table, n)
			}
		}
	})
}

package register_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

// A plan of two faculties comes with one of them, then with the other, then with both: it grows, and nothing of it is doubled.
func TestTransferPlan(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		const id = "0197a000-0000-7000-8000-000000000001"
		key, after, now := `{"code": "é\"1"}`, `{"name": null, "since": "2026-01-01"}`, `{"updated_on": {"$":"now()"}}`
		summary := func(sync string, after int64) register.SyncSummary {
			return register.SyncSummary{
				Sync: sync, Faculty: sync, Destination: "destination.a", Table: "t", AfterSeq: after, LastSeq: after + 2, SourceRows: 100,
				Counts:      map[config.Operation]int64{config.Insert: 1, config.Update: 1},
				Incremental: &register.Incremental{Mode: register.ReadChanged, Column: "changed", Since: "2025-12-31", Watermark: "2026-01-01", Kind: "date", FullRows: 4711},
			}
		}
		bring := func(syncs ...register.SyncSummary) {
			t.Helper()
			transfer := w.r.Transfer(w.conn)
			for _, s := range syncs {
				rows := []register.Transferred{
					{PlanID: id, Seq: s.AfterSeq + 1, Sync: s.Sync, Table: "t", Operation: "insert", Key: &key, After: &after, Result: &after},
					{PlanID: id, Seq: s.AfterSeq + 2, Sync: s.Sync, Table: "t", Operation: "update", Key: &key, Before: &after, After: &now},
				}
				for i := range rows {
					w.must(transfer.Operation(w.Context(), &rows[i]))
				}
				message := "why"
				w.must(transfer.Finding(w.Context(), &register.Transferred{PlanID: id, Seq: s.AfterSeq + 1, Sync: s.Sync, Kind: string(register.Rejected), Key: &key, Message: &message}))
			}
			p := &register.Plan{
				ID: id, CreatedOn: day, CreatedBy: "ada", ConfigDigest: "c", GitCommit: "g", ExpiresOn: day.Add(time.Hour), Status: register.Ready,
				Syncs: syncs, Destinations: []string{"destination.a"}, Transferred: "bundle",
			}
			w.must(transfer.Plan(w.Context(), p, register.Execution{PlanID: id, ExecutedOn: day.Add(time.Minute), ExecutedBy: "bob"}))
		}
		holds := func(want ...string) {
			t.Helper()
			p, err := w.r.Plan(w.Context(), w.conn, id)
			w.must(err)
			var syncs []string
			for _, s := range p.Syncs {
				syncs = append(syncs, s.Sync)
				if s.Incremental.Watermark != "" || s.Incremental.Since != "" || s.Incremental.FullRows != 4711 {
					t.Errorf("what is left of the watermark: %+v", s.Incremental)
				}
			}
			if diff := cmp.Diff(want, syncs); diff != "" {
				t.Errorf("the plan's syncs (-want +got):\n%s", diff)
			}
			if p.CreatedBy != "ada" || p.GitCommit != "g" || !p.CreatedOn.Equal(day) || p.Transferred != "bundle" {
				t.Errorf("the plan: %+v", p)
			}
			// Whoever shows the plan finds the operations that its digest is of.
			digest, err := w.r.Effects(w.Context(), w.conn, id, p.Syncs, p.Files)
			w.must(err)
			if digest != p.Digest {
				t.Error("the digest is not of the operations")
			}
			done, err := w.r.Execution(w.Context(), w.conn, id)
			w.must(err)
			if done.ExecutedBy != "bob (transferred)" || !done.ExecutedOn.Equal(day.Add(time.Minute)) {
				t.Errorf("the execution: %+v", done)
			}
			for table, each := range map[string]int{"operation": 2, "finding": 1, "author": 0} {
				if n := len(w.rows("SELECT plan_id FROM {" + table + "}")); n != each*len(want) {
					t.Errorf("%d rows of table %s, want %d", n, table, each*len(want))
				}
			}
		}
		one, two := summary("sync.one", 0), summary("sync.two", 1<<36)
		bring(one)
		holds("sync.one")
		bring(two)
		holds("sync.one", "sync.two")
		renamed := one
		renamed.Sync = "sync.renamed"
		bring(renamed, two)
		holds("sync.one", "sync.two")

		p, err := w.r.Plan(w.Context(), w.conn, id)
		w.must(err)
		var got []register.Operation
		w.must(w.r.Operations(w.Context(), w.conn, id, 0, 2, 0, func(o *register.Operation) error {
			got = append(got, *o)
			return nil
		}))
		at := slices.IndexFunc(got, func(o register.Operation) bool { return o.Operation == config.Update })
		if len(got) != 2 || got[at].Key[0].Text != `é"1` || !got[at].After[0].Now || !got[at].Before[0].Null {
			t.Errorf("the operations: %+v", got)
		}
		last, err := w.r.LastApplied(w.Context(), w.conn, []string{"sync.one"})
		w.must(err)
		if known := last["sync.one"].Incremental; known != nil && known.Watermark != "" {
			t.Errorf("a watermark of another server counts: %+v", known)
		}
		// What another server measured is a measure here: the source is the same.
		rows, err := w.r.LastSourceRows(w.Context(), w.conn, []string{"sync.one"})
		w.must(err)
		if rows["sync.one"] != 4711 {
			t.Errorf("the last source rows: %v of %+v", rows, p.Syncs)
		}
	})
}

func TestLastOfPurpose(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	w.init(false)
	for i, purpose := range []*register.Purpose{nil, {Kind: register.Import, Of: "a"}, {Kind: register.Retire, Of: "a"}, {Kind: register.Import, Of: "b"}} {
		id := string(rune('a'+i)) + "197a000-0000-7000-8000-000000000001"
		w.must(w.r.InsertPlan(w.Context(), w.conn, &register.Plan{
			ID: id, CreatedOn: day, CreatedBy: "ada", ConfigDigest: "c", ExpiresOn: day, Status: register.Ready, Digest: "d",
			Syncs: []register.SyncSummary{{Sync: "sync.one"}}, Destinations: []string{"destination.a"}, Purpose: purpose,
		}))
		w.must(w.r.InsertExecution(w.Context(), w.conn, register.Execution{PlanID: id, ExecutedOn: day.Add(time.Duration(i) * time.Minute), ExecutedBy: "bob"}))
	}
	for _, test := range []struct {
		kind     register.PurposeKind
		of, want string
	}{
		{register.Import, "a", "b197a000-0000-7000-8000-000000000001"},
		{register.Retire, "a", "c197a000-0000-7000-8000-000000000001"},
		{register.Retire, "b", ""},
	} {
		if got, err := w.r.LastOfPurpose(w.Context(), w.conn, test.kind, test.of); err != nil || got != test.want {
			t.Errorf("%s of %s: %q, %v; want %q", test.kind, test.of, got, err, test.want)
		}
	}
}

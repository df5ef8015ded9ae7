package enginetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/explain"
	"github.com/registrar-sync/registrar/plan"
)

// explained explains a row of the only sync.
func (w *world) explained(key string) *explain.Explanation {
	w.Helper()
	cfg := w.load()
	all, err := explain.Explain(w.Context(), cfg, cfg.Syncs[:1], key, explain.Options{Plan: w.options()})
	w.must(err)
	return all[0]
}

func (w *world) wantExplained(key string, kind explain.Kind, says ...string) {
	w.Helper()
	e := w.explained(key)
	all := strings.Join(append([]string{e.Verdict.Sentence}, e.Besides...), "\n")
	if e.Verdict.Kind != kind {
		w.Errorf("%s: %s, want %s:\n%s", key, e.Verdict.Kind, kind, all)
	}
	for _, text := range says {
		if !strings.Contains(all, text) {
			w.Errorf("%s: it does not say %q:\n%s", key, text, all)
		}
	}
}

// Keys are found as the destination compares them, whatever the source, the row or who asks writes.
func TestExplainedKeys(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		insensitive := e.types["text"] + e.ignoringCase
		if e.ignoringCasePrepare != "" {
			w.exec(w.dest, e.ignoringCasePrepare)
		}
		w.exec(w.dest, "DROP TABLE room")
		w.exec(w.dest, "CREATE TABLE room (code "+insensitive+" NOT NULL UNIQUE, name "+insensitive+", seats "+e.types["int"]+", origin "+insensitive+
			" NOT NULL, created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+")")
		w.room("Soe-1", "One", 1)
		w.wantExplained("SOE-1", explain.Unscheduled, "inserted")
		w.apply(w.plan())
		w.wantExplained("SOE-1", explain.InStep)
		got := w.explained("soe-1")
		if len(got.Watched.Records) != 1 || len(got.Watched.Rows) != 1 || len(got.Applied) != 1 {
			t.Errorf("there are %d records, %d rows and %d operations, want 1 of each", len(got.Watched.Records), len(got.Watched.Rows), len(got.Applied))
		}
		w.exec(w.source, "UPDATE src SET name = 'Two'")
		w.wantExplained("soe-1", explain.Unscheduled, "another value than the destination (name)")
		w.exec(w.source, "DELETE FROM src")
		w.room("R2", "Two", 2)
		w.wantExplained("soe-1", explain.Unscheduled, "The source lacks it.", "archived")
		w.apply(w.plan())
		w.wantExplained("soe-1", explain.Archived, "by plan 00000000-")
		w.exec(w.dest, "INSERT INTO room (code, origin) VALUES ('Hand', 'B')")
		w.wantExplained("hand", explain.OtherOrigin, `origin = "B"`)
		w.wantExplained("nowhere", explain.Unknown)
		w.exec(w.source, "DROP TABLE src")
		w.wantExplained("R2", explain.CannotTell, "The row is there.")
		w.wantNoStages()
	})
}

// Of a case-sensitive table, keys that differ by case are different ones.
func TestExplainedCase(t *testing.T) {
	w := rooms(t, engines()[0], archiving)
	w.room("soe-1", "small", 1)
	w.room("SOE-1", "large", 2)
	for _, key := range []string{"soe-1", "SOE-1"} {
		e := w.explained(key)
		if e.Verdict.Kind != explain.Unscheduled || len(e.Watched.Records) != 1 || !slices.ContainsFunc(e.Watched.Records[0].Source, func(v plan.WatchedValue) bool { return v.Text == key }) {
			t.Errorf("%s: %s, of %d records", key, e.Verdict.Kind, len(e.Watched.Records))
		}
	}
	w.wantExplained("Soe-1", explain.Unknown)
}

// A plan that can be applied waits; once another one was, it does not.
func TestExplainedStalePlan(t *testing.T) {
	w := rooms(t, engines()[0], archiving)
	w.room("R1", "One", 1)
	w.plan()
	p := w.plan()
	if e := w.explained("R1"); len(e.Waiting) != 2 || e.Waiting[0].PlanID != p.ID {
		t.Errorf("%d plans wait, want 2, plan %s first", len(e.Waiting), p.ID)
	}
	w.wantExplained("R1", explain.Unscheduled, "Plan "+p.ID+", made on ", "has it inserted, too, and was not applied.")
	w.apply(p)
	w.exec(w.dest, "DELETE FROM room")
	if e := w.explained("R1"); len(e.Waiting) != 0 || e.LastPlan == nil || e.LastPlan.PlanID != p.ID {
		t.Errorf("%d plans wait, want none; the last is %v, want plan %s", len(e.Waiting), e.LastPlan, p.ID)
	}
}

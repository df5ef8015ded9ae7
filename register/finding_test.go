package register_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/register"
)

func TestFindings(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		full := register.Finding{
			Seq: 20, Sync: "check.remote", Kind: register.Checked, Message: "the room's \"name\"\nis odd",
			Key:    register.Document{{Column: `a"b]c`, Text: "é🙂<&>"}, {Column: "none", Null: true}, {Column: "empty"}},
			Detail: register.Document{{Column: "severity", Text: "error"}, {Column: "marker", Text: `{"$":"now()"}`}},
		}
		bare := register.Finding{Seq: 3, Sync: "check.remote", Kind: register.Hooked}
		other := register.Finding{Seq: 4, Sync: "sync.rooms", Kind: register.Rejected, Message: "m", Key: register.Document{}}
		for _, f := range []register.Finding{full, bare, other} {
			w.must(w.r.InsertFinding(w.Context(), w.conn, "p", f))
		}
		last := register.Finding{Sync: "check.remote", Kind: register.Warned}
		w.must(w.r.InsertFinding(w.Context(), w.conn, "p", last))
		w.must(w.r.InsertFinding(w.Context(), w.conn, "q", last))
		last.Seq = 21

		read := func(plan, sync string, limit int) []register.Finding {
			var got []register.Finding
			w.must(w.r.Findings(w.Context(), w.conn, plan, sync, "", limit, func(f *register.Finding) error {
				got = append(got, *f)
				return nil
			}))
			return got
		}
		if diff := cmp.Diff([]register.Finding{bare, full, last}, read("p", "check.remote", 0)); diff != "" {
			t.Errorf("by their numbers (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]register.Finding{bare}, read("p", "check.remote", 1)); diff != "" {
			t.Errorf("the first (-want +got):\n%s", diff)
		}
		last.Seq = 1
		if diff := cmp.Diff([]register.Finding{last}, read("q", "check.remote", 0)); diff != "" {
			t.Errorf("of a plan that had none (-want +got):\n%s", diff)
		}
		if got := w.rows(`SELECT count(*) FROM {finding} WHERE plan_id = 'p' AND seq = 4 AND "key" IS NOT NULL AND detail IS NULL`); got[0] != "1" {
			t.Error("an empty document and none are one")
		}
		if err := w.r.InsertFinding(w.Context(), w.conn, "p", full); err == nil {
			t.Error("two findings of one number")
		}
		stop := errors.New("stop")
		if err := w.r.Findings(w.Context(), w.conn, "p", "check.remote", "", 0, func(*register.Finding) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("stopped with %v", err)
		}
	})
}

// Whatever a check finds can be stored, and read by the engine's own means.
func TestFindingOfAnything(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		w.must(w.r.InsertFinding(w.Context(), w.conn, "p", register.Finding{
			Seq: 1, Sync: "check.a", Kind: register.Checked, Message: "a\x00b\xff", Key: register.Document{{Column: "a\x00", Text: "\x00c\xe9"}},
		}))
		w.must(w.r.Findings(w.Context(), w.conn, "p", "check.a", "", 0, func(f *register.Finding) error {
			if diff := cmp.Diff(register.Document{{Column: "a\uFFFD", Text: "\uFFFDc\uFFFD"}}, f.Key); diff != "" || f.Message != "a\uFFFDb\uFFFD" {
				t.Errorf("%q, %s", f.Message, diff)
			}
			return nil
		}))
		member := "f.\"key\" ->> 'a\uFFFD'"
		if w.engine == "mysql" {
			member = "json_value(f.\"key\", '$.\"a\uFFFD\"')"
		}
		if got := w.rows("SELECT " + member + " FROM {finding} AS f"); !strings.HasPrefix(got[0], "\uFFFDc") {
			t.Errorf("read %q", got)
		}
	})
}

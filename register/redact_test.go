package register_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// everything is all that the register's tables hold, as text.
func (w *world) everything() string {
	w.Helper()
	var all []string
	for _, table := range registerTables {
		all = append(all, w.rows("SELECT * FROM {"+table+"}")...)
	}
	return strings.Join(all, "\n")
}

// Whatever is under a key goes, in operations and findings; of an operation that only names it by a value the key stays.
func TestRedact(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.past()
		w.exec("UPDATE {operation} SET result = '" + `{"code": "A", "name": "Ann"}` + "' WHERE plan_id = 'p2' AND seq = 1")
		for i, key := range []string{"A", "B"} {
			w.must(w.r.InsertFinding(w.Context(), w.conn, "p1", register.Finding{
				Seq: int64(1 + i), Sync: "sync.a", Kind: register.Rejected, Key: register.Document{{Column: "code", Text: key}}, Message: "MARK " + key, Detail: register.Document{{Column: "detail", Text: key}},
			}))
			w.must(w.r.InsertFinding(w.Context(), w.conn, "p1", register.Finding{Seq: int64(10 + i), Sync: "check.c", Kind: register.Checked, Message: "nothing"}))
		}
		matches := append(keyed("sync.a", "code", "A"), register.Match{Syncs: []string{"sync.b"}, Values: register.Document{{Column: "by_id.code", Text: "T"}}})
		touched, err := w.r.Touches(w.Context(), w.conn, matches)
		w.must(err)
		want := []register.Touched{{Sync: "sync.a", Table: "a", Plans: 3, Operations: 3, Findings: 1}, {Sync: "sync.b", Table: "b", Plans: 1, Operations: 1}}
		if diff := cmp.Diff(want, touched); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		spoilt, err := w.r.Spoilt(w.Context(), w.conn, keyed("sync.a", "code", "A2"), day)
		w.must(err)
		if diff := cmp.Diff([]string{"p4"}, spoilt); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if spoilt, err = w.r.Spoilt(w.Context(), w.conn, keyed("sync.a", "code", "A2"), day.AddDate(1, 0, 0)); err != nil || len(spoilt) != 0 {
			t.Errorf("expired ones: %v, %v", spoilt, err)
		}
		pairs, err := w.r.RekeyedOf(w.Context(), w.conn, keyed("sync.a", "code", "A"))
		w.must(err)
		if len(pairs) != 1 || pairs[0].From[0].Text != "A" || pairs[0].To[0].Text != "A2" {
			t.Errorf("renames %+v", pairs)
		}
		before, err := w.r.Digest(w.Context(), w.conn, "p2")
		w.must(err)

		operations, findings, err := w.r.Redact(w.Context(), w.conn, matches)
		w.must(err)
		if operations != 4 || findings != 1 {
			t.Errorf("%d operations, %d findings", operations, findings)
		}
		q := w.d.Dialect().Quote
		got := w.rows("SELECT plan_id, seq, " + q("key") + ", " + q("before") + ", " + q("after") + ", result FROM {operation} ORDER BY plan_id, seq")
		const gone = `{"$": "redacted"}`
		if diff := cmp.Diff([]string{
			"p1|1|" + gone + "||" + gone + "|",
			`p1|2|{"code": "it's \"B\" 100%"}||{"code": "it's \"B\" 100%", "name": "Bea"}|`,
			`p1|11|{"a_id": null, "a_id.code": "A", "year": "2026"}||{"a_id": null, "a_id.code": "A", "year": "2026"}|`,
			"p2|1|" + gone + "|" + gone + "|" + gone + "|" + gone,
			`p2|2|{"code": "a"}|{"name": "lower"}|{"name": "case"}|`,
			`p2|11|{"a_id": "7", "a_id.code": "A", "year": "2026"}|` + gone + "|" + gone + "|",
			"p3|1|" + gone + "|" + gone + "|" + gone + "|",
			`p4|1|{"code": "A2"}|{"code": "A2", "name": "Anne"}||`,
		}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if rows := w.rows("SELECT message FROM {finding} WHERE sync = 'sync.a' ORDER BY seq"); !slices.Equal(rows, []string{"(redacted)", "MARK B"}) {
			t.Errorf("findings %q", rows)
		}
		after, err := w.r.Digest(w.Context(), w.conn, "p2")
		w.must(err)
		if before == after {
			t.Error("the digest is the same")
		}
		// Readers get a document of one field.
		w.must(w.r.Operations(w.Context(), w.conn, "p2", 0, 1, 0, func(o *register.Operation) error {
			if !o.Redacted() || !o.Key.Redacted() || !o.Before.Redacted() || !o.After.Redacted() {
				t.Errorf("read as %+v", o)
			}
			return nil
		}))
		if n, err := w.r.CountRedacted(w.Context(), w.conn, "p2"); err != nil || n != 2 {
			t.Errorf("%d redacted, %v", n, err)
		}
		if n, err := w.r.CountRedacted(w.Context(), w.conn, "p4"); err != nil || n != 0 {
			t.Errorf("%d redacted, %v", n, err)
		}
		if n := len(w.rows("SELECT * FROM {import_reg} WHERE source_code = 'redacted'")); n == 0 {
			t.Error("the view has none")
		}
		// A second time there is nothing left.
		if touched, err = w.r.Touches(w.Context(), w.conn, matches); err != nil || len(touched) != 0 {
			t.Errorf("touched again %v, %v", touched, err)
		}
		if operations, findings, err = w.r.Redact(w.Context(), w.conn, matches); err != nil || operations+findings != 0 {
			t.Errorf("redacted again %d, %d, %v", operations, findings, err)
		}
		// What was redacted is pruned like any other.
		_, err = w.r.PruneSome(w.Context(), w.conn, day.AddDate(1, 0, 0), true)
		w.must(err)
		if rows := w.rows("SELECT count(*) FROM {operation}"); rows[0] != "0" {
			t.Errorf("%s operations are left", rows[0])
		}
	})
}

// Purged rows go under the keys, too, that they had before renames, and no others do; renames in a circle come to an end.
func TestRedactPurged(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		for i, id := range []string{"p1", "p2", "p3", "p4", "p5"} {
			w.plan(id, day.AddDate(0, 0, i))
		}
		w.operation("p1", 1, "sync.a", "insert", `{"code": "K1"}`, "", `{"code": "K1", "name": "MARK"}`)
		w.operation("p1", 2, "sync.a", "insert", `{"code": "other"}`, "", `{"code": "other", "name": "stays"}`)
		w.operation("p1", 3, "sync.b", "insert", `{"code": "K3"}`, "", `{"code": "K3", "name": "another sync's"}`)
		w.operation("p1", 4, "sync.a", "insert", `{"code": "K3"}`, "", `{"code": "K3", "name": "KEEP1"}`)
		w.operation("p2", 1, "sync.a", "rename", `{"code": "K1"}`, `{"name": "MARK"}`, `{"code": "K2", "name": "MARK"}`)
		w.operation("p3", 1, "sync.a", "rename", `{"code": "K2"}`, `{"name": "MARK"}`, `{"code": "K3", "name": "MARK"}`)
		w.operation("p3", 2, "sync.a", "rename", `{"code": "K3"}`, `{"name": "KEEP2"}`, `{"code": "K1", "name": "KEEP3"}`)
		w.operation("p4", 1, "sync.a", "archive", `{"code": "K3"}`, `{"name": "MARK"}`, `{"name": "MARK"}`)
		w.operation("p4", 2, "sync.a", "update", `{"code": "K1"}`, `{"name": "KEEP4"}`, `{"name": "KEEP5"}`)
		w.operation("p5", 1, "sync.a", "purge", `{"code": "K3"}`, `{"code": "K3", "name": "MARK"}`, "")
		w.operation("p5", 2, "sync.a", "update", `{"code": "last"}`, `{"name": "stays"}`, `{"name": "too"}`)
		for i, plan := range []string{"p1", "p2", "p3", "p4"} {
			message := "MARK"
			if plan == "p4" {
				message = "KEEP6"
			}
			w.must(w.r.InsertFinding(w.Context(), w.conn, plan, register.Finding{
				Sync: "sync.a", Kind: register.Warned, Key: register.Document{{Column: "code", Text: []string{"K1", "K1", "K2", "K1"}[i]}}, Message: message,
			}))
		}
		operations, findings, err := w.r.RedactPurged(w.Context(), w.conn, &register.Purged{PlanID: "p5", Sync: "sync.a", Last: 10, Keys: [][]string{{"code"}}})
		w.must(err)
		if operations != 5 || findings != 3 {
			t.Errorf("%d operations, %d findings", operations, findings)
		}
		all := w.everything()
		for _, stays := range []string{"another sync's", "KEEP1", "KEEP2", "KEEP3", "KEEP4", "KEEP5", "KEEP6"} {
			if !strings.Contains(all, stays) {
				t.Errorf("%s is gone", stays)
			}
		}
		if strings.Contains(all, "MARK") || strings.Count(all, "stays") < 2 {
			t.Errorf("left:\n%s", all)
		}
	})
}

// A key that is looked up is known by its id, and by its business keys, of which one may be missing or have changed.
func TestRedactPurgedLookup(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		for i, id := range []string{"p1", "p2", "p3"} {
			w.plan(id, day.AddDate(0, 0, i))
		}
		w.operation("p1", 1, "sync.a", "insert", `{"a_id": null, "a_id.code": "S1"}`, "", `{"a_id": null, "a_id.code": "S1", "name": "MARK"}`)
		w.operation("p1", 2, "sync.a", "insert", `{"a_id": null, "a_id.code": "S2"}`, "", `{"a_id": null, "a_id.code": "S2", "name": "stays"}`)
		w.operation("p2", 1, "sync.a", "update", `{"a_id": "1", "a_id.code": "S0"}`, `{"name": "MARK"}`, `{"name": "MARK"}`)
		w.operation("p3", 1, "sync.a", "purge", `{"a_id": "1", "a_id.code": "S1"}`, `{"name": "MARK"}`, "")
		operations, _, err := w.r.RedactPurged(w.Context(), w.conn, &register.Purged{PlanID: "p3", Sync: "sync.a", Last: 10, Keys: [][]string{{"a_id"}, {"a_id.code"}}})
		w.must(err)
		if all := w.everything(); operations != 3 || strings.Contains(all, "MARK") || !strings.Contains(all, "stays") {
			t.Errorf("%d operations; left:\n%s", operations, all)
		}
	})
}

func TestRedactMessages(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		for i, message := range []string{`rows "S-12" and more`, "12 rows of S-123", `"12" is wrong`, "S-12 is wrong", ""} {
			w.must(w.r.InsertFinding(w.Context(), w.conn, "p", register.Finding{Seq: int64(i + 1), Sync: "sync.a", Kind: register.Warned, Message: message}))
		}
		w.must(w.r.InsertFinding(w.Context(), w.conn, "p", register.Finding{Seq: 9, Sync: "sync.other", Kind: register.Warned, Message: "S-12 of another"}))
		for _, id := range []string{"a", "b"} {
			_, err := w.r.BeginRun(w.Context(), w.conn, register.Run{ID: id, RunID: "r", Unit: "all", Attempt: 1, StartedOn: day, StartedBy: "ada"})
			w.must(err)
		}
		w.exec("UPDATE {run} SET message = 'stale: \"S-12\"' WHERE id = 'a'")
		for values, want := range map[string][2]int64{"S-12": {2, 1}, "12": {1, 0}, "Z": {}} {
			findings, runs, err := w.r.CountMessages(w.Context(), w.conn, []string{"sync.a"}, []string{values})
			w.must(err)
			if got := [2]int64{findings, runs}; got != want {
				t.Errorf("%s: %v, want %v", values, got, want)
			}
		}
		findings, runs, err := w.r.RedactMessages(w.Context(), w.conn, []string{"sync.a"}, []string{"S-12"})
		w.must(err)
		if findings != 2 || runs != 1 {
			t.Errorf("%d findings, %d runs", findings, runs)
		}
		if rows := w.rows("SELECT message FROM {finding} ORDER BY seq"); !slices.Equal(rows, []string{"(redacted)", "12 rows of S-123", `"12" is wrong`, "(redacted)", "", "S-12 of another"}) {
			t.Errorf("%q", rows)
		}
		if rows := w.rows("SELECT message FROM {run} WHERE message IS NOT NULL"); !slices.Equal(rows, []string{"(redacted)"}) {
			t.Errorf("%q", rows)
		}
	})
}

func TestNames(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]bool{
		`key "12"`: false, "S-12": true, "xS-12": false, "S-12x": false, "(S-12)": true, "S-123, S-12": true, `the "S-12"`: true, "": false, "éS-12": false,
	} {
		if got := register.Names(message, []string{"S-12"}); got != want {
			t.Errorf("%q: %t", message, got)
		}
	}
	if register.Names("12 rows", []string{"12"}) || !register.Names(`row "12"`, []string{"12"}) || register.Names("anything", []string{""}) {
		t.Error("a number counts in quotes only")
	}
}

// A role whose grants are of an older version is told what to do.
func TestRedactWithoutRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "postgres")
	w.past()
	role := `"limited_` + uuid.NewString() + `"`
	w.exec("CREATE ROLE " + role)
	w.exec("GRANT USAGE ON SCHEMA registrar TO " + role)
	w.exec("GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA registrar TO " + role)
	w.exec("GRANT UPDATE (result) ON {operation} TO " + role)
	w.exec("SET ROLE " + role)
	_, _, err := w.r.Redact(t.Context(), w.conn, keyed("sync.a", "code", "A"))
	w.exec("RESET ROLE")
	w.exec("DROP OWNED BY " + role)
	w.exec("DROP ROLE " + role)
	if err = providers.SafeError(w.d, err); err == nil || !strings.Contains(err.Error(), "registrar init --print-grants prints: permission denied") {
		t.Errorf("the error is %v", err)
	}
}

package register_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

// past writes three applied plans, and one that is not, of two syncs; of the keys one holds what SQL and JSON quote.
func (w *world) past() {
	w.Helper()
	w.init(false)
	for i, one := range []struct{ id, author, commit string }{{"p1", "ada@one", "abc123"}, {"p2", "bob@one", "abd456"}, {"p3", "ada@two", ""}, {"p4", "adam@one", "abc123"}} {
		p := &register.Plan{
			ID: one.id, CreatedOn: day.AddDate(0, 0, i), CreatedBy: one.author, ConfigDigest: "c", ExpiresOn: day.AddDate(0, 0, i+3), GitCommit: one.commit, Status: register.Ready, Digest: "d",
			Syncs: []register.SyncSummary{{Sync: "sync.a", LastSeq: 10}, {Sync: "sync.b", AfterSeq: 10, LastSeq: 20}},
		}
		w.must(w.r.InsertPlan(w.Context(), w.conn, p))
		if one.id != "p4" {
			w.must(w.r.InsertExecution(w.Context(), w.conn, register.Execution{PlanID: one.id, ExecutedOn: day.AddDate(0, 0, i), ExecutedBy: "op"}))
		}
	}
	w.operation("p1", 1, "sync.a", "insert", `{"code": "A"}`, "", `{"code": "A", "name": "Ann", "note": null}`)
	w.operation("p1", 2, "sync.a", "insert", `{"code": "it's \"B\" 100%"}`, "", `{"code": "it's \"B\" 100%", "name": "Bea"}`)
	w.operation("p1", 11, "sync.b", "insert", `{"a_id": null, "a_id.code": "A", "year": "2026"}`, "", `{"a_id": null, "a_id.code": "A", "year": "2026"}`)
	w.operation("p2", 1, "sync.a", "update", `{"code": "A"}`, `{"name": "Ann"}`, `{"name": "Anne"}`)
	w.operation("p2", 2, "sync.a", "update", `{"code": "a"}`, `{"name": "lower"}`, `{"name": "case"}`)
	w.operation("p2", 11, "sync.b", "update", `{"a_id": "7", "a_id.code": "A", "year": "2026"}`, `{"mark": "1", "by_id": "3", "by_id.code": "T"}`, `{"mark": "2", "by_id": "4", "by_id.code": "U"}`)
	w.operation("p3", 1, "sync.a", "rename", `{"code": "A"}`, `{"name": "Anne"}`, `{"code": "A2", "name": "Anne"}`)
	w.operation("p4", 1, "sync.a", "delete", `{"code": "A2"}`, `{"code": "A2", "name": "Anne"}`, "")
}

// operation writes one; "" is NULL.
func (w *world) operation(planID string, seq int, sync, operation string, documents ...string) {
	w.Helper()
	texts := make([]string, 3)
	for i, document := range documents {
		texts[i] = "NULL"
		if document != "" {
			texts[i] = "'" + strings.ReplaceAll(document, "'", "''") + "'"
		}
	}
	table := strings.TrimPrefix(sync, "sync.")
	key, before, after := w.d.Dialect().Quote("key"), w.d.Dialect().Quote("before"), w.d.Dialect().Quote("after")
	w.exec(fmt.Sprintf("INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, %s, %s, %s) VALUES ('%s', %d, '%s', '%s', '%s', %s)",
		key, before, after, planID, seq, sync, table, operation, strings.Join(texts, ", ")))
}

// foundPlans are the ids of a search, which are the same page by page.
func (w *world) foundPlans(s register.Search) string {
	w.Helper()
	found, err := w.r.Search(w.Context(), w.conn, &s)
	w.must(err)
	var ids, paged []string
	for _, one := range found {
		ids = append(ids, one.ID)
		if one.Execution != nil != (one.ID != "p4") || one.On().IsZero() || one.CreatedBy == "" || len(one.Syncs) != 2 || one.Execution != nil && one.Execution.ExecutedBy != "op" {
			w.Errorf("%+v", one)
		}
	}
	for s.Limit = 1; ; {
		found, err := w.r.Search(w.Context(), w.conn, &s)
		w.must(err)
		if len(found) == 0 {
			break
		}
		s.After = &found[0]
		paged = append(paged, found[0].ID)
	}
	if diff := cmp.Diff(ids, paged); diff != "" {
		w.Errorf("page by page (-want +got):\n%s", diff)
	}
	return strings.Join(ids, " ")
}

func keyed(sync string, fields ...string) []register.Match {
	m := register.Match{Syncs: []string{sync}}
	for i := 0; i < len(fields); i += 2 {
		m.Key = append(m.Key, register.Field{Column: fields[i], Text: fields[i+1]})
	}
	return []register.Match{m}
}

// Each condition alone, and together.
func TestSearch(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.past()
		for name, one := range map[string]struct {
			search register.Search
			want   string
		}{
			"all":                      {register.Search{}, "p3 p2 p1"},
			"pending":                  {register.Search{Pending: true}, "p4 p3 p2 p1"},
			"since":                    {register.Search{Since: day.AddDate(0, 0, 1)}, "p3 p2"},
			"until":                    {register.Search{Until: day.AddDate(0, 0, 1)}, "p1"},
			"between":                  {register.Search{Since: day.Add(time.Hour), Until: day.AddDate(0, 0, 2)}, "p2"},
			"author":                   {register.Search{Author: "ada"}, "p3 p1"},
			"author and host":          {register.Search{Author: "ada@two"}, "p3"},
			"author that begins so":    {register.Search{Author: "ad", Pending: true}, ""},
			"commit":                   {register.Search{Commit: "abc", Pending: true}, "p4 p1"},
			"whole commit":             {register.Search{Commit: "abd456"}, "p2"},
			"plan":                     {register.Search{PlanID: "p2"}, "p2"},
			"key":                      {register.Search{Matches: keyed("sync.a", "code", "A")}, "p3 p2 p1"},
			"key of another case":      {register.Search{Matches: keyed("sync.a", "code", "a")}, "p2"},
			"new key":                  {register.Search{Matches: keyed("sync.a", "code", "A2")}, "p3"},
			"quoted key":               {register.Search{Matches: keyed("sync.a", "code", `it's "B" 100%`)}, "p1"},
			"key of another sync":      {register.Search{Matches: keyed("sync.b", "code", "A")}, ""},
			"looked up":                {register.Search{Matches: keyed("sync.b", "a_id.code", "A", "year", "2026")}, "p2 p1"},
			"id":                       {register.Search{Matches: keyed("sync.b", "a_id", "7", "year", "2026")}, "p2"},
			"part that does not fit":   {register.Search{Matches: keyed("sync.b", "a_id.code", "A", "year", "2025")}, ""},
			"several":                  {register.Search{Matches: keyed("sync.a", "code", "A"), Author: "ada", Until: day.AddDate(0, 0, 1), Commit: "abc123"}, "p1"},
			"never":                    {register.Search{Matches: keyed("sync.a", "code", "Z")}, ""},
			"sync":                     {register.Search{Syncs: []string{"sync.b"}, Pending: true}, "p2 p1"},
			"syncs":                    {register.Search{Syncs: []string{"sync.b", "sync.a"}, Pending: true}, "p4 p3 p2 p1"},
			"part of an address":       {register.Search{Syncs: []string{"sync"}}, "p3 p2 p1"},
			"sync that begins so":      {register.Search{Syncs: []string{"sync.", "syn"}}, ""},
			"operation":                {register.Search{Operations: []config.Operation{config.Rename, config.Delete}, Pending: true}, "p4 p3"},
			"operation of a sync":      {register.Search{Operations: []config.Operation{config.Rename}, Syncs: []string{"sync.b"}}, ""},
			"operation of a key":       {register.Search{Operations: []config.Operation{config.Insert}, Matches: keyed("sync.a", "code", "A")}, "p1"},
			"column":                   {register.Search{Column: "mark"}, "p2"},
			"value":                    {register.Search{Matches: []register.Match{{Values: register.Document{{Column: "by_id.code", Text: "T"}}}}}, "p2"},
			"value of any sync, after": {register.Search{Matches: []register.Match{{Values: register.Document{{Column: "name", Text: "Anne"}}}}}, "p3 p2"},
		} {
			if got := w.foundPlans(one.search); got != one.want {
				t.Errorf("%s: %q, want %q", name, got, one.want)
			}
		}
		if w.engine != "sqlite" {
			user := w.rows("SELECT database_user FROM {author} WHERE plan_id = 'p1'")[0]
			if got := w.foundPlans(register.Search{Author: user}); got != "p3 p2 p1" {
				t.Errorf("by the database's user: %q", got)
			}
		}
	})
}

// A history of several pages, of plans that were applied at the same instant, is yielded whole, each plan once; no more of it is read than is taken.
func TestHistoryByPages(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.init(false)
	var want []string
	for i := range 100 {
		id := fmt.Sprintf("p%02d", i)
		w.plan(id, day.Add(time.Duration(i/10)*time.Second), register.SyncSummary{Sync: "sync.a"})
		want = append(want, id)
	}
	slices.Reverse(want)
	read := func(s register.Search, enough int) (ids []string, sent int) {
		var log []statement
		for one, err := range w.r.History(w.Context(), recorder{w.conn, &log}, &s) {
			w.must(err)
			if ids = append(ids, one.ID); len(ids) == enough {
				break
			}
		}
		return ids, len(log)
	}
	for name, one := range map[string]struct{ limit, enough, want, queries int }{
		"all": {0, 0, 100, 3}, "limit": {70, 0, 70, 2}, "a page": {8, 0, 8, 1}, "enough": {0, 5, 5, 1},
	} {
		got, queries := read(register.Search{Limit: one.limit}, one.enough)
		if diff := cmp.Diff(want[:one.want], got); diff != "" || queries != one.queries {
			t.Errorf("%s: %d queries (-want +got):\n%s", name, queries, diff)
		}
	}
}

func TestOperationsThat(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.past()
		read := func(planID string, after, last int64, n register.Narrow) string {
			var list []string
			w.must(w.r.OperationsThat(w.Context(), w.conn, planID, after, last, &n, func(o *register.Operation) error {
				list = append(list, fmt.Sprint(o.Seq))
				return nil
			}))
			slices.Sort(list)
			return strings.Join(list, " ")
		}
		for name, one := range map[string]struct{ got, want string }{
			"all":       {read("p1", 0, 20, register.Narrow{}), "1 11 2"},
			"limit":     {read("p1", 0, 10, register.Narrow{Limit: 1}), "1"},
			"key":       {read("p2", 0, 10, register.Narrow{Matches: keyed("sync.a", "code", "A")}), "1"},
			"operation": {read("p1", 0, 10, register.Narrow{Operations: []config.Operation{config.Update}}), ""},
			"both":      {read("p2", 0, 20, register.Narrow{Operations: []config.Operation{config.Update, config.Delete}, Matches: keyed("sync.a", "code", "A")}), "1"},
			"column":    {read("p2", 0, 20, register.Narrow{Column: "mark"}), "11"},
		} {
			if one.got != one.want {
				t.Errorf("%s: %q, want %q", name, one.got, one.want)
			}
		}
		recorded, err := w.r.Recorded(w.Context(), w.conn)
		w.must(err)
		slices.Sort(recorded)
		if diff := cmp.Diff([]string{"sync.a", "sync.b"}, recorded); diff != "" {
			t.Error(diff)
		}
		key, err := w.r.KeyOf(w.Context(), w.conn, "sync.b")
		w.must(err)
		if diff := cmp.Diff([]string{"a_id.code", "year"}, key.Leaves()); diff != "" {
			t.Error(diff)
		}
	})
}

// Two plans are compared by key and kind; a lookup that one of them did not know yet is the same key.
func TestDeviations(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.past()
		w.operation("p3", 2, "sync.a", "update", `{"code": "a"}`, `{"name": "lower"}`, `{"name": "other"}`)
		w.operation("p3", 3, "sync.a", "update", `{"code": "new"}`, `{"name": "1"}`, `{"name": "2"}`)
		w.operation("p3", 4, "sync.a", "delete", `{"$": "redacted"}`, `{"$": "redacted"}`, "")
		w.operation("p3", 11, "sync.b", "update", `{"a_id": null, "a_id.code": "A", "year": "2026"}`, `{"mark": "1", "by_id": "3", "by_id.code": "T"}`, `{"mark": "2", "by_id": "4", "by_id.code": "U"}`)
		a := func(id string) register.Side { return register.Side{PlanID: id, LastSeq: 10} }
		b := func(id string) register.Side { return register.Side{PlanID: id, AfterSeq: 10, LastSeq: 20} }
		got, err := w.r.Deviations(w.Context(), w.conn, a("p2"), a("p3"))
		w.must(err)
		want := map[register.Deviation]map[config.Operation]int64{
			register.FirstOnly: {config.Update: 1}, register.SecondOnly: {config.Update: 1, config.Rename: 1}, register.Different: {config.Update: 1},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for _, same := range [][2]register.Side{{a("p2"), a("p2")}, {b("p2"), b("p3")}, {{}, {}}} {
			if got, err := w.r.Deviations(w.Context(), w.conn, same[0], same[1]); err != nil || len(got) != 0 {
				t.Errorf("equal ones differ: %v, %v", got, err)
			}
		}
		var list []string
		for _, kind := range register.Deviations() {
			for _, r := range []register.Register{w.r, w.r.Shuffled("salt")} {
				var some []string
				w.must(r.Deviating(w.Context(), w.conn, a("p2"), a("p3"), kind, 0, func(first, second *register.Operation) error {
					text := string(kind)
					for _, o := range []*register.Operation{first, second} {
						if o == nil {
							text += " -"
							continue
						}
						text += " " + string(o.Operation) + " " + o.Key[0].Text + "=" + o.After[len(o.After)-1].Text
					}
					some = append(some, text)
					return nil
				}))
				slices.Sort(some)
				list = append(list, some...)
			}
		}
		if diff := cmp.Diff([]string{
			"first_only update A=Anne -", "first_only update A=Anne -",
			"second_only - rename A=Anne", "second_only - update new=2", "second_only - rename A=Anne", "second_only - update new=2",
			"different update a=case update a=other", "different update a=case update a=other",
		}, list); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

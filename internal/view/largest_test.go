package view_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// many has 300 syncs, each of a faculty: all update, some delete a row of many, the last but one deletes most of few and
// the last one all of its 5000. So does the change of configuration.
func many() *plan.Plan {
	p := example()
	d := &p.Destinations[0]
	d.Syncs, d.Excerpt, d.Notices = nil, nil, nil
	p.Comparison = &plan.Comparison{Ref: "main"}
	for i := range 300 {
		n, of := int64(1), int64(9000)
		switch {
		case i == 299:
			n, of = 5000, 5000
		case i == 298:
			n, of = 1, 2
		case i%2 == 0:
			n = 0
		}
		counts := map[config.Operation]int64{config.Update: 7}
		if n > 0 {
			counts[config.Delete] = n
		}
		s := register.SyncSummary{
			Sync: fmt.Sprintf("sync.rooms[%q]", fmt.Sprint("f", i)), Faculty: fmt.Sprint("f", i), Source: "source", Destination: d.Address, Table: "room", LiveRows: of, Counts: counts,
		}
		if n > 0 {
			s.Held = "too many"
		}
		d.Syncs = append(d.Syncs, s)
		change := plan.Change{Sync: s.Sync, Operation: config.Update, Key: key("K"), Columns: []plan.ColumnChange{changed("name", text("a"), text(strings.Repeat("b", 1000)))}}
		d.Excerpt = append(d.Excerpt, change)
		p.Comparison.Syncs = append(p.Comparison.Syncs, plan.SyncComparison{Sync: s.Sync, Faculty: s.Faculty, Presence: plan.InBoth, Only: counts, OnlyExcerpt: []plan.Change{change}})
		p.Comparison.Besides = append(p.Comparison.Besides, plan.Difference{Address: s.Sync, What: plan.Masked, Base: "name"})
	}
	return p
}

// What is cut is the least: of deletions, faculties, syncs, folds and the comparison those come first that remove the most rows, and
// of equal numbers those that remove the larger share.
func TestLargestRemovalsComeFirst(t *testing.T) {
	const largest, most, few = "f299", "f298", "f1"
	for format, lists := range map[string][]struct{ from, to string }{
		"md": {
			{"| sync | only with the change |", "\n\n"},
			{"<details><summary>Effect on", "### What the plan does"},
			{"**Deletions:", "⛔"},
			{"**Held as a whole", "\n| "},
			{"| faculty |", "\n\n"},
			{"| sync | delete |", "\n\n"},
			{"✂️", "Identity"},
		},
		"html": {
			{"<caption>The effect by sync", "</table>"},
			{"<h2 id=\"compared\">", "</section>"},
			{"<strong>Deletions:", "</ul>"},
			{"<strong>Held as a whole", "</ul>"},
			{"<caption>Operations by faculty", "</table>"},
			{"<caption>Operations by sync", "</table>"},
			{"</form>", "</section>"},
		},
	} {
		p := many()
		got := document(t, format, p, view.Excerpt(p), view.ReviewOptions{})
		for _, list := range lists {
			_, text, found := strings.Cut(got, list.from)
			if !found {
				t.Errorf("%s: no %q in\n%.3000s", format, list.from, got)
				continue
			}
			text, _, _ = strings.Cut(text, list.to)
			text = strings.NewReplacer("&#34;", "", "&#91;", "", "&#93;", "", "[", "", "]", "", `"`, "", "`", " ", "<", " ", ">", " ").Replace(text)
			at := func(name string) int {
				return slices.IndexFunc(strings.Fields(text), func(word string) bool { return strings.HasSuffix(word, name) })
			}
			if first := at(largest); first < 0 || first > 60 || at(few) >= 0 && at(few) < first || strings.Contains(list.from, "Deletions") && (at(most) < first || at(most) > at(few)) {
				t.Errorf("%s, %q: %s at %d, %s at %d, %s at %d:\n%.1500s", format, list.from, largest, first, most, at(most), few, at(few), text)
			}
		}
		if format == "md" && !strings.Contains(got, "- `sync.rooms[\"f299\"]` deletes 5000 of 5000 rows") {
			t.Error("md: the largest deletion is not there")
		}
	}
}

// Of a page that compares many syncs the plan comes soon: a table of counts stands before it, cut, the operations behind it.
func TestPageOfManyCompared(t *testing.T) {
	p := many()
	got := document(t, "html", p, view.Excerpt(p), view.ReviewOptions{})
	order := []string{
		`<h2 id="effect">`, "<caption>The effect by sync", "<td>7 to update, 5000 to delete</td><td>none</td>", "… and 260 more syncs, see below", "… and 260 more differences",
		`<h2 id="plan">`, "<strong>Deletions:", `<h2 id="compared">`, "<details><summary>By sync: 300", "7 to update, 5000 to delete only with the change", `<h2 id="operations-title">`,
	}
	at := 0
	for _, want := range order {
		next := strings.Index(got[at:], want)
		if next < 0 {
			t.Fatalf("no %q behind what comes before it", want)
		}
		at += next
	}
	if before, _, _ := strings.Cut(got, `<h2 id="plan">`); strings.Contains(before, "<details") {
		t.Error("there are folds before the plan")
	}
	p.Comparison.Syncs = p.Comparison.Syncs[:2]
	if got := document(t, "html", p, view.Excerpt(p), view.ReviewOptions{}); !strings.Contains(got, "<details open><summary>By sync: 2") {
		t.Error("a few syncs are folded away")
	}
}

// Equal operations are not all that counts.
func TestNoEffectOnOperations(t *testing.T) {
	p := example()
	p.Comparison = &plan.Comparison{Ref: "main", Besides: []plan.Difference{
		{Address: "policy.calm", What: plan.Judges, Base: "on_failure = hold, not obeyed: 3 go"},
		{Address: rooms, What: plan.HeldState, Base: "too many"},
		{Address: rooms, What: plan.BlockState, Head: "referred to"},
		{Address: rooms, What: plan.Masked, Base: "name", Head: "seats"},
		{Address: rooms, What: plan.Aspect(register.Rejected), Base: "3"},
	}}
	documents := map[string]string{"text": shown(t, p)}
	for _, format := range []string{"md", "html"} {
		documents[format] = strings.NewReplacer("`", "", "<code>", "", "</code>", "").Replace(document(t, format, p, view.Excerpt(p), view.ReviewOptions{}))
	}
	for format, got := range documents {
		got = strings.ReplaceAll(strings.ReplaceAll(got, "&#34;", `"`), "**", "")
		for _, want := range []string{
			"o effect on the operations", "both configurations plan the same ones", "hat else differs", "policy.calm: policy: was on_failure = hold, not obeyed: 3 go; is none", rooms + ": no longer held: too many",
			rooms + ": held now, and no override helps: referred to", rooms + ": no longer masked: name; masked now: seats", rooms + ": rejected: was 3; is none",
		} {
			if !strings.Contains(got, want) && !strings.Contains(plainCharacters.Replace(got), want) {
				t.Errorf("%s: no %q in\n%s", format, want, got)
			}
		}
	}
}

var plainCharacters = strings.NewReplacer("&#61;", "=", "&#44;", ",", "&#58;", ":", "&#59;", ";", "&#95;", "_", "&#46;", ".")

// shown is a plan as text.
func shown(t *testing.T, p *plan.Plan) string {
	t.Helper()
	var out strings.Builder
	if err := view.New(&out, view.Options{}).Plan(p, view.Excerpt(p), view.PlanOptions{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A sync that moves says where from, and to whom the rows of one that is removed belong.
func TestComparisonOfMovedSyncs(t *testing.T) {
	at := func(database string) *plan.Written {
		return &plan.Written{Destination: "destination.sqlite.main", Database: database, Table: "room"}
	}
	gone := []plan.Change{{Sync: "sync.old", Operation: config.Delete, Key: key("R1")}}
	for _, test := range []struct {
		of   plan.SyncComparison
		want string
	}{
		{plan.SyncComparison{Presence: plan.Removed, Wrote: at("a.db")}, ", which the change removes: its rows stay, and are nobody's"},
		{plan.SyncComparison{Presence: plan.Removed, Wrote: at("a.db"), Heirs: []string{"sync.b"}}, "its rows stay, as far as they are not those of sync.b, which writes to the same table"},
		{plan.SyncComparison{Presence: plan.Removed, Wrote: at("a.db"), Heirs: []string{"sync.b", "sync.c", "sync.d", "sync.e"}}, "not those of sync.b, sync.c, sync.d and 1 more, which write to the same table"},
		{plan.SyncComparison{Presence: plan.InBoth, Was: "sync.old", Writes: at("a.db"), Wrote: at("a.db")}, ", was sync.old before"},
		{plan.SyncComparison{Presence: plan.InBoth, Moved: true, Writes: at("b.db"), Wrote: at("a.db")}, ", writes to table room of destination.sqlite.main (b.db) instead of table room of destination.sqlite.main (a.db), of which the rows stay"},
		{plan.SyncComparison{Presence: plan.InBoth, Moved: true, Writes: at("a.db"), Wrote: at("a.db")}, "which is another database of the same name"},
	} {
		p := example()
		test.of.Sync, test.of.Gone, test.of.GoneExcerpt = "sync.a", map[config.Operation]int64{config.Delete: 1}, gone
		p.Comparison = &plan.Comparison{Ref: "main", Syncs: []plan.SyncComparison{test.of}}
		for format, got := range map[string]string{
			"text": shown(t, p), "md": document(t, "md", p, view.Excerpt(p), view.ReviewOptions{}), "html": document(t, "html", p, view.Excerpt(p), view.ReviewOptions{}),
		} {
			if got := strings.NewReplacer("`", "", "&#39;", "'").Replace(got); !strings.Contains(got, test.want) || len(test.of.Heirs) > 0 && strings.Contains(got, "nobody") {
				t.Errorf("%s: no %q in\n%s", format, test.want, got)
			}
		}
		var parsed struct {
			Comparison struct {
				Syncs []struct {
					Gone []struct{ Table string } `json:"gone_excerpt"`
				}
			}
		}
		if err := json.Unmarshal(richJSON(t, p), &parsed); err != nil {
			t.Fatal(err)
		}
		if table := parsed.Comparison.Syncs[0].Gone[0].Table; table != "room" {
			t.Errorf("the operation's table is %q", table)
		}
	}
}

// A policy that only warns does not look like one that holds.
func TestPoliciesAreToldApart(t *testing.T) {
	for format, signs := range map[string][2]string{
		"md":   {"⛔ **Policies that it does not obey**", "⚠️ **Policies that it does not obey, which only warn**"},
		"html": {`<div class="stop"><p><strong>Policies that it does not obey</strong>`, `<div class="warn"><p><strong>Policies that it does not obey, which only warn</strong>`},
	} {
		for i, failure := range []config.PolicyFailure{config.HoldPlan, config.WarnPlan} {
			p := example()
			p.Policies = []register.PolicySummary{{Policy: "policy.calm", OnFailure: failure, Message: "3 go"}}
			got := document(t, format, p, view.Excerpt(p), view.ReviewOptions{})
			if !strings.Contains(got, signs[i]) || strings.Contains(got, signs[1-i]) || !strings.Contains(got, "3 go") {
				t.Errorf("%s, %s:\n%s", format, failure, got)
			}
		}
	}
}

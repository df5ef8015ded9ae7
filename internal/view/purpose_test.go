package view_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// undoing is a plan that undoes another one.
func undoing() *plan.Plan {
	p := example()
	p.Purpose = &register.Purpose{Kind: register.Revert, Of: "99999999-2222-4333-8444-555555555555", AppliedOn: noon}
	return p
}

const undoes = "Undoes plan 99999999-2222-4333-8444-555555555555, applied on 2026-09-01 12:00:00 UTC."

// Wherever a plan is shown, it says first what it undoes.
func TestPlanThatUndoes(t *testing.T) {
	p := undoing()
	outputs := map[string]func(v *view.View) error{
		"text":     func(v *view.View) error { return v.Plan(p, view.Excerpt(p), view.PlanOptions{}) },
		"markdown": func(v *view.View) error { return v.PlanMarkdown(p, view.Excerpt(p), view.ReviewOptions{}) },
		"HTML":     func(v *view.View) error { return v.PlanHTML(p, view.Excerpt(p), view.ReviewOptions{}) },
	}
	for name, write := range outputs {
		var out bytes.Buffer
		if err := write(view.New(&out, view.Options{})); err != nil {
			t.Fatal(err)
		}
		at, first := strings.Index(out.String(), undoes), strings.Index(out.String(), "sync.rooms")
		if at < 0 || first < at {
			t.Errorf("%s does not begin with %q:\n%s", name, undoes, out.String())
		}
	}
	document := richJSON(t, p)
	if !bytes.Contains(document, []byte(`"purpose":{"kind":"revert","of":"99999999-2222-4333-8444-555555555555","applied_on":"2026-09-01T12:00:00Z"}`)) {
		t.Errorf("JSON: %s", document)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := planSchema(t, true).Validate(value); err != nil {
		t.Error(err)
	}
}

// A plan with nothing to undo does not speak of sources.
func TestNothingToUndo(t *testing.T) {
	text := func(p *plan.Plan) string {
		t.Helper()
		var out bytes.Buffer
		if err := view.New(&out, view.Options{}).Plan(p, view.Excerpt(p), view.PlanOptions{}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	p := undoing()
	p.Destinations[0].Excerpt = nil
	p.Destinations[0].Syncs = []register.SyncSummary{{Sync: "sync.rooms"}}
	if got := text(p); !strings.Contains(got, "Nothing is left to undo: the rows are as they were before plan 99999999") || strings.Contains(got, "source") {
		t.Errorf("nothing: %s", got)
	}
	p.Destinations[0].Syncs[0].Changed = 2
	p.Destinations[0].Notices = []plan.Notice{{Sync: "sync.rooms", Kind: register.Changed, Operation: config.Insert, Key: []plan.Cell{{Column: "code", Text: "R1"}}}}
	if got := text(p); !strings.Contains(got, "changed since: 2 rows, left as they are") || !strings.Contains(got, `insert "R1"`) && !strings.Contains(got, `insert R1`) || !strings.Contains(got, "nothing else is left to undo: 2 rows changed since") {
		t.Errorf("changed: %s", got)
	}
}

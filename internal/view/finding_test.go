package view_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

const moved = "moved {\n  sync = sync.courses\n  from = \"AN-10A\"\n  to   = \"AN-10B\"\n}"

// looked is a value that was looked up by a code.
func looked(id, code string) *plan.Cell {
	return &plan.Cell{Text: id, Unknown: id == "", Keys: []plan.Cell{{Column: "code", Text: code}}}
}

// inKey is a part of a key.
func inKey(column string, c *plan.Cell) plan.Cell {
	out := *c
	out.Column = column
	return out
}

// relations is a plan with every operation, every kind of finding, lookups and checks.
func relations() *plan.Plan {
	const courses, enrolments = "sync.courses", "sync.enrolments"
	p := example()
	d := &p.Destinations[0]
	d.Syncs = []register.SyncSummary{
		{
			Sync: courses, Source: "source.csv.exports", Destination: d.Address, Table: "course", LastSeq: 5, SourceRows: 90, LiveRows: 80, ArchivedRows: 12,
			Counts:   map[config.Operation]int64{config.Insert: 1, config.Update: 2, config.Purge: 3, config.Rename: 1, config.Adopt: 1},
			Rejected: 12, Warned: 1, Unresolved: 2, Protected: 1, Ignored: 1, LikelyRenames: 3,
			HeldBack:   map[config.Operation]int64{config.Archive: 40, config.Delete: 1},
			Hooks:      []register.Hook{{When: config.AfterApply, SQL: "UPDATE course\nSET counted = true"}},
			BackReason: "41 of 80 rows would be touched by delete, max_delete allows 30%",
		},
		{
			Sync: enrolments, Source: "source.csv.exports", Destination: d.Address, Table: "enrolment", SourceRows: 7, LiveRows: 6,
			Counts: map[config.Operation]int64{config.Insert: 1, config.Delete: 1},
			Held:   "check.remote_status found 2; 3 rows of table mark refer to 1 row that would be deleted", Blocked: "3 rows of table mark refer to 1 row that would be deleted",
		},
	}
	purged := plan.Change{Sync: courses, Operation: config.Purge, Key: key("OLD-1"), Columns: []plan.ColumnChange{
		changed("code", text("OLD-1"), nil), changed("department_id", looked("3", "HIST"), nil),
	}}
	d.Excerpt = []plan.Change{
		purged,
		{Sync: courses, Operation: config.Rename, Key: key("AN-09A"), Columns: []plan.ColumnChange{
			changed("code", text("AN-09A"), text("AN-09B")), same("name", text("Anatomie")), changed("updated_on", null, now),
		}},
		{Sync: courses, Operation: config.Adopt, Key: key("H-7"), Columns: []plan.ColumnChange{
			changed("origin", text("HAND"), text("APOGEE")), same("department_id", looked("3", "HIST")),
		}},
		{Sync: courses, Operation: config.Update, Key: key("IN-1"), Columns: []plan.ColumnChange{
			changed("department_id", looked("3", "HIST"), looked("", "INFO")),
			changed("building_id", null, looked("8", "B")),
			changed("room_id", looked("5", "R5"), &plan.Cell{Null: true, Keys: []plan.Cell{{Column: "code", Null: true}}}),
			changed("wing_id", looked("7", "W"), &plan.Cell{Text: "77", Keys: []plan.Cell{{Column: "code", Null: true}}}), // of a row that is not there
			changed("site_id", looked("1", "S"), looked("2", "S")),
			same("name", text("Réseaux")),
		}},
		{Sync: courses, Operation: config.Insert, Key: key("IN-2"), Columns: []plan.ColumnChange{
			changed("code", nil, text("IN-2")), changed("department_id", nil, looked("", "INFO")),
			changed("term_id", nil, &plan.Cell{Text: "9", Keys: []plan.Cell{{Column: "year", Text: "2026"}, {Column: "half", Text: "1"}}}),
			changed("leader_id", nil, secret),
		}},
		{
			Sync: enrolments, Operation: config.Delete, Key: []plan.Cell{inKey("course_id", looked("17", "HI305")), inKey("student_id", secret)},
			Columns: []plan.ColumnChange{changed("course_id", looked("17", "HI305"), nil), changed("student_id", secret, nil)},
		},
		{
			Sync: enrolments, Operation: config.Insert, Key: []plan.Cell{inKey("course_id", looked("", "IN-2")), inKey("student_id", secret)},
			Columns: []plan.ColumnChange{changed("course_id", nil, looked("", "IN-2")), changed("student_id", nil, secret)},
		},
	}
	d.Notices = []plan.Notice{
		{Sync: courses, Kind: register.Ignored, Key: key("R1"), Detail: `origin = "CSV"`},
		{Sync: courses, Kind: register.Warned, Key: key("W1"), Message: "has_hours: W1 has no hours"},
		{Sync: courses, Kind: register.Rejected, Key: key("E17"), Message: `starts_on: "31/02" is no date`},
		{Sync: courses, Kind: register.Rejected, Key: key("E18"), Message: "has_name: course E18 has no name\nin any language"},
		{Sync: courses, Kind: register.Protected, Key: key("P1"), Operation: config.Update},
		{Sync: courses, Kind: register.HeldBack, Key: key("Z1"), Operation: config.Archive},
		{Sync: courses, Kind: register.Renamed, Key: key("AN-10A"), Message: moved},
		{Sync: courses, Kind: register.Renamed, Key: []plan.Cell{inKey("code", secret)}},
	}
	d.Checks = []plan.CheckSummary{
		{Check: "check.quiet", Severity: config.CheckError},
		{Check: "check.names", Severity: config.CheckInfo, Findings: 1, Notices: []plan.Notice{{Message: "NAME is in capitals"}}},
		{Check: "check.hours", Severity: config.CheckWarning, Code: "w2", Findings: 30, Notices: []plan.Notice{
			{Sync: "check.hours", Kind: register.Checked, Key: key("E1"), Message: "E1: no hours", Severity: config.CheckWarning, Code: "w2"},
		}},
		{Check: "check.remote_status", Severity: config.CheckError, Code: "w9", Findings: 2, Blocks: []string{enrolments, `sync.groups["hss"]`}, Notices: []plan.Notice{
			{Key: []plan.Cell{inKey("student", secret), inKey("course", text("HI305"))}, Message: "enrolled remotely"},
			{Message: "a finding without a key"},
		}},
	}
	return p
}

func TestPlanOfRelations(t *testing.T) {
	render(t, "relations", showExcerpt(relations(), view.PlanOptions{}))
}

func TestPlanJSONOfRelations(t *testing.T) {
	var out bytes.Buffer
	if err := view.New(&out, view.Options{}).PlanJSON(relations(), view.Excerpt(relations()), view.JSONOptions{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "relations.json", out.Bytes())
	if !json.Valid(out.Bytes()) {
		t.Error("not valid JSON")
	}
}

// What is planned for one sync alone says what is not done.
func TestPlanWithoutOperations(t *testing.T) {
	for name, test := range map[string]struct {
		sync register.SyncSummary
		want string
	}{
		"rejected":  {register.SyncSummary{Rejected: 1}, "Findings: 1 rejected.\nNo changes. What differs is rejected, see above."},
		"protected": {register.SyncSummary{Protected: 2}, "What differs is protected, see above."},
		"warned":    {register.SyncSummary{Warned: 1, Unresolved: 1}, "Findings: 1 unresolved, 1 warned.\nNo changes. The destinations match their sources."},
		"back":      {register.SyncSummary{HeldBack: map[config.Operation]int64{config.Purge: 2}, Withheld: map[config.Operation]int64{config.Insert: 1}}, "! held back: sync.x: 2 to purge\nNo changes. What differs is withheld or held back, see above."},
		"held":      {register.SyncSummary{Held: "why"}, "The plan is held as a whole: none of it is applied without an override."},
		"blocked":   {register.SyncSummary{Blocked: "why"}, "The plan is held as a whole: none of it can be applied, not even with an override."},
	} {
		t.Run(name, func(t *testing.T) {
			test.sync.Sync = "sync.x"
			p := &plan.Plan{Destinations: []plan.Destination{{Syncs: []register.SyncSummary{test.sync}}}}
			var out bytes.Buffer
			if err := view.New(&out, view.Options{}).Plan(p, view.Excerpt(p), view.PlanOptions{}); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); !strings.Contains(got, test.want) || !strings.Contains(got, "# sync.x:") {
				t.Errorf("want %q in\n%s", test.want, got)
			}
		})
	}
}

// What can be done with a saved plan depends on what holds it.
func TestPlanSavedHeld(t *testing.T) {
	for name, test := range map[string]struct {
		change   func(p *plan.Plan)
		override bool
	}{
		"held":        {func(p *plan.Plan) { p.Destinations[0].Syncs[0].Held = "why" }, true},
		"blocked":     {func(p *plan.Plan) { p.Destinations[0].Syncs[0].Blocked = "why" }, false},
		"both":        {func(p *plan.Plan) { p.Destinations[0].Syncs[0].Held, p.Destinations[0].Syncs[0].Blocked = "why", "why" }, false},
		"speculative": {func(p *plan.Plan) { p.Destinations[0].Syncs[0].Held, p.Speculative = "why", true }, false},
		"ready":       {func(*plan.Plan) {}, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := example()
			test.change(p)
			var out bytes.Buffer
			view.New(&out, view.Options{}).PlanSaved(p, "tfplan")
			if got := strings.Contains(out.String(), `registrar apply tfplan --override "REASON"`); got != test.override {
				t.Errorf("override offered: %v, want %v:\n%s", got, test.override, out.String())
			}
		})
	}
}

// A finding's texts come from the source: they can neither act on a terminal nor end
// their line, but for a moved block, which has lines.
func TestHostileFindings(t *testing.T) {
	p := relations()
	d := &p.Destinations[0]
	s := &d.Syncs[0]
	s.BackReason, s.Blocked = hostile, hostile
	d.Notices = nil
	for _, kind := range []register.FindingKind{register.Rejected, register.Warned, register.Unresolved, register.Protected, register.HeldBack, register.Renamed} {
		d.Notices = append(d.Notices, plan.Notice{Sync: s.Sync, Kind: kind, Key: []plan.Cell{{Column: hostile, Text: hostile}}, Message: hostile, Detail: hostile, Operation: hostile, Code: hostile})
	}
	d.Checks = []plan.CheckSummary{{Check: hostile, Severity: config.CheckError, Code: hostile, Findings: 1, Blocks: []string{hostile}, Notices: []plan.Notice{{Key: []plan.Cell{{Text: hostile}}, Message: hostile}}}}
	d.Excerpt[3].Columns[0].After.Keys[0] = plan.Cell{Column: hostile, Text: hostile}
	var out bytes.Buffer
	v := view.New(&out, view.Options{})
	if err := v.Plan(p, view.Excerpt(p), view.PlanOptions{}); err != nil {
		t.Fatal(err)
	}
	v.Overridden(hostile)
	v.HeldBack(p)
	assertHarmless(t, out.String())
	lines := slices.Collect(strings.Lines(out.String()))
	if n := len(slices.DeleteFunc(lines, func(line string) bool { return !strings.HasPrefix(line, "c\\rd") })); n != 1 {
		t.Errorf("%d lines were begun by a finding's text, want the moved block's one:\n%s", n, out.String())
	}
	out.Reset()
	if err := view.New(&out, view.Options{}).PlanJSON(p, view.Excerpt(p), view.JSONOptions{}); err != nil {
		t.Fatal(err)
	}
	assertHarmless(t, strings.ReplaceAll(out.String(), "\ufffd", ""))
}

// Every operation has a symbol, an action and a reason of its own, and a past tense.
func TestEveryOperationIsKnown(t *testing.T) {
	reasons := map[string]bool{}
	for _, operation := range config.Operations {
		p := &plan.Plan{Destinations: []plan.Destination{{
			Syncs:   []register.SyncSummary{{Sync: "sync.x", Counts: map[config.Operation]int64{operation: 1}}},
			Excerpt: []plan.Change{{Sync: "sync.x", Operation: operation, Key: key("K")}},
		}}}
		var out bytes.Buffer
		if err := view.New(&out, view.Options{}).Plan(p, view.Excerpt(p), view.PlanOptions{}); err != nil {
			t.Fatal(err)
		}
		symbol := map[config.Operation]string{
			config.Insert: "+", config.Update: "~", config.Archive: "-", config.Delete: "-", config.Undelete: "±",
			config.Rename: "~", config.Adopt: "±", config.Purge: "-",
		}[operation]
		if want := "\n  " + symbol + " " + string(operation) + ` "K"`; !strings.Contains(out.String(), want) {
			t.Errorf("want %q in\n%s", want, out.String())
		}
		out.Reset()
		if err := view.New(&out, view.Options{}).PlanJSON(p, view.Excerpt(p), view.JSONOptions{Whole: true}); err != nil {
			t.Fatal(err)
		}
		var parsed struct {
			Changes []struct {
				Change struct {
					Actions []string `json:"actions"`
				} `json:"change"`
				Reason string `json:"action_reason"`
			} `json:"resource_changes"`
		}
		if err := json.Unmarshal(out.Bytes(), &parsed); err != nil {
			t.Fatal(err)
		}
		action := []string{"update"}
		switch {
		case operation.Removes():
			action = []string{"delete"}
		case operation == config.Insert:
			action = []string{"create"}
		}
		got := parsed.Changes[0]
		if diff := cmp.Diff(action, got.Change.Actions); diff != "" {
			t.Errorf("%s: %s", operation, diff)
		}
		if !strings.HasPrefix(got.Reason, string(operation)+"_because_") || reasons[got.Reason] {
			t.Errorf("%s: action_reason %q", operation, got.Reason)
		}
		reasons[got.Reason] = true
	}
}

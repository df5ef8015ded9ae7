package view_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/explain"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/schedule"
)

// everything is an explanation that has one of each thing; what must not be shown holds MARKER.
func everything() *explain.Explanation {
	now := time.Date(2026, 9, 7, 12, 0, 0, 0, time.UTC)
	const source = `name = upper(row.NAME)`
	sync := &config.Sync{
		Address: "sync.people", Source: config.SyncSource{From: &config.Connection{Address: "source.csv.hr"}},
		Destination: config.SyncDestination{Into: &config.Connection{Address: "destination.sqlite.directory"}, Table: "person", Key: []string{"code"}},
		Columns:     []config.Column{{Name: "code"}, {Name: "name"}, {Name: "team_id"}}, Schedule: &config.Schedule{Address: "schedule.nightly"},
		Lifecycle: config.Lifecycle{Operations: config.Operations},
	}
	key := register.Document{{Column: "code", Text: "P1"}}
	update := register.Operation{
		Sync: "sync.people", Operation: config.Update, Key: key,
		Before: register.Document{{Column: "name", Text: "MARKER-old"}, {Column: "seen_on", Null: true}}, After: register.Document{{Column: "name", Text: "MARKER-new"}, {Column: "seen_on", Now: true}},
	}
	done := register.KeyOperation{Operation: update, PlanID: "earlier", CreatedOn: now, CreatedBy: "ann@desk", GitCommit: "0123456789abcdef0123", ExecutedOn: now, ExecutedBy: "ben@desk"}
	waiting := done
	waiting.PlanID, waiting.ExecutedOn, waiting.ExecutedBy = "made", time.Time{}, ""
	finding := register.Finding{Sync: "check.contract", Kind: register.Checked, Key: key, Message: "their contract \x1b[2J has ended", Detail: register.Document{{Column: "severity", Text: "error"}}}
	f := &explain.Facts{
		Now: now, Typed: "P1", Config: &config.Config{Settings: config.Settings{Timezone: time.UTC}, Syncs: []*config.Sync{sync}},
		Applied: []register.KeyOperation{done}, Waiting: []register.KeyOperation{waiting}, Since: now, LastPlan: &register.LastPlan{PlanID: "earlier", ExecutedOn: now},
		Noticed:  []register.Finding{{Sync: "sync.people", Kind: register.Rejected, Key: key, Message: "no address"}},
		Pause:    &register.Pause{Sync: "sync.people", PausedOn: now, PausedBy: "ann@desk", Reason: "holidays"},
		Purposes: map[string]*register.Purpose{"earlier": {Kind: register.Revert, Of: "first"}}, Redacted: 2,
		LastRun: &register.Run{StartedOn: now, Status: register.RunFailed, Message: "away"},
		Next:    schedule.Entry{Slot: now, Start: now}, Closed: &schedule.Reason{Text: "outside the window"},
		Watched: &plan.Watched{
			Sync: sync, Key: key, Planned: true, Described: true, KeyNames: []string{"code"}, KeyTexts: []string{"P1"},
			Summary: register.SyncSummary{Sync: "sync.people", Sensitive: []string{"name", "id"}, Held: "too many", BackReason: "too many to remove", Blocked: "no"},
			Records: []plan.WatchedRecord{{
				Task: config.Update, Key: []string{"P1"},
				Source: []plan.WatchedValue{{Name: "CODE", Text: "P1"}, {Name: "NAME", Text: "MARKER-new", Sensitive: true}, {Name: "ROOM", Null: true}},
				Mapped: []plan.WatchedColumn{
					{Name: "code", Values: []plan.WatchedValue{{Name: "code", Text: "P1"}}},
					{Name: "name", Refs: []string{"NAME"}, Values: []plan.WatchedValue{{Name: "name", Text: "MARKER-new", Sensitive: true}}, At: config.Range{File: "main.hcl", Start: config.Pos{Line: 1, Byte: 7}, End: config.Pos{Line: 1, Byte: len(source)}}},
					{Name: "team_id", Values: []plan.WatchedValue{{Name: "team_id.name", Text: "red"}}},
					{Name: "room", Values: []plan.WatchedValue{{Name: "room", Err: "is no number"}}},
				},
				Asserts: []plan.WatchedAssert{{Name: "known", OnFailure: config.RejectFailure, Obeyed: true}, {Name: "named", OnFailure: config.RejectFailure, Secret: "MARKER is no name"}, {Name: "old", OnFailure: config.WarnFailure, Message: "is old"}},
			}},
			Rows: []plan.WatchedRow{
				{Ours: true, Archived: true, Protected: true, Values: register.Document{{Column: "code", Text: "P1"}, {Column: "name", Text: "MARKER-old"}, {Column: "team_id", Text: "7"}, {Column: "team_id.name", Text: "red"}, {Column: "id", Text: "MARKER"}}},
				{Values: register.Document{{Column: "code", Text: "P1"}, {Column: "name", Null: true}}},
			},
			Unmapped:   []string{"id"},
			Lookups:    []plan.WatchedLookup{{Column: "team_id", Table: "team", Keys: register.Document{{Column: "name", Text: "red"}}, Found: []string{"7"}, Buried: []string{"8"}, Owners: []string{"sync.teams"}}},
			Operations: []register.Operation{update}, Findings: []register.Finding{{Sync: "sync.people", Kind: register.Protected, Key: key, Detail: register.Document{{Column: "operation", Text: "update"}}}},
			Checks: []register.Finding{finding}, Related: []register.Finding{finding},
		},
	}
	return f.Explain()
}

func explainSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "schema", "explain.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	closed(document)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("explain.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("explain.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// The document is as the schema says, whatever is known, and holds nothing that is masked.
func TestExplanationJSON(t *testing.T) {
	t.Parallel()
	schema := explainSchema(t)
	whole, unplanned := everything(), everything()
	unplanned.Watched.Planned, unplanned.Watched.Err, unplanned.RegisterErr = false, errors.New("away"), errors.New("gone")
	unplanned.LastPlan, unplanned.Beyond = nil, 584
	bare := (&explain.Facts{Typed: "P1", Config: whole.Config, Watched: &plan.Watched{Sync: whole.Watched.Sync, KeyErr: errors.New("too long")}}).Explain()
	for _, all := range [][]*explain.Explanation{{whole}, {unplanned, bare}, nil} {
		var out bytes.Buffer
		if err := view.New(&out, view.Options{}).ExplanationsJSON(all, view.ExplainOptions{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "MARKER") {
			t.Errorf("what is masked is shown:\n%s", out.String())
		}
		document, err := jsonschema.UnmarshalJSON(&out)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%+v", err)
		}
	}
}

// The text fits a narrow terminal, says the verdict first, and shows what is masked only where it was disclosed.
func TestExplanationText(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{"main.hcl": []byte(`name = upper(row.NAME)`)}
	text := func(width int, disclosed bool) string {
		var out bytes.Buffer
		if err := view.New(&out, view.Options{Width: width}).Explanations([]*explain.Explanation{everything()}, view.ExplainOptions{Disclosed: disclosed, Files: files}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for line := range strings.Lines(text(40, false)) {
		line = strings.TrimSuffix(line, "\n")
		// A command is of use only whole.
		if utf8.RuneCountInString(line) > 40 && !strings.HasPrefix(line, "  > ") {
			t.Errorf("of 40 columns, %d are used: %s", utf8.RuneCountInString(line), line)
		}
	}
	masked := text(200, false)
	for _, want := range []string{
		"sync.people  P1\n\nIt is to be updated, but sync.people is held: too many.\n", "  - It is to be updated, but sync.people is paused", "Source record (source.csv.hr, of the query of rows to update)\n  CODE = \"P1\"\n  NAME = (sensitive)\n  ROOM = null\n",
		"  = code = \"P1\"\n", "  ≠ name = (sensitive)\n      # upper(row.NAME)\n", "  = team_id = name \"red\"\n      looked up in team: 7\n", "room = error: it is no number", "  ✓ known\n", "  ✗ named (reject): (sensitive)\n", "  ✗ old (warn): is old\n",
		"table person), of this sync, archived, protected\n", `team_id = "7"  # name "red"`, "table person), of another origin\n", "  ~ update \"P1\"\n", "~ name    = (sensitive) -> (sensitive)",
		"2026-09-07 12:00:00 UTC by ben@desk, plan earlier, revert of first, commit 0123456789ab:", "  id      = (not mapped)\n", "plan made, made 2026-09-07 12:00:00 UTC by ann@desk, waits to be applied:", "- rejected: no address", `- check.contract (error): "P1": their contract \x1b[2J has ended`,
		"  schedule.nightly: next run 2026-09-07 12:00:00 UTC\n", "  last run 2026-09-07 12:00:00 UTC: failed\n", "  no run may start now: outside the window\n",
	} {
		if !strings.Contains(masked, want) {
			t.Errorf("it does not say %q:\n%s", want, masked)
		}
	}
	if strings.Contains(masked, "MARKER") || strings.Contains(masked, "\x1b") {
		t.Errorf("it shows what it must not:\n%s", masked)
	}
	for _, want := range []string{`NAME = "MARKER-new"`, `name    = "MARKER-old" -> "MARKER-new"`, "MARKER is no name"} {
		if shown := text(200, true); !strings.Contains(shown, want) {
			t.Errorf("disclosed, it does not show %q:\n%s", want, shown)
		}
	}
}

// One answer tells instants by one clock; its document tells them in UTC.
func TestExplanationZone(t *testing.T) {
	t.Parallel()
	e := everything()
	e.Config.Settings.Timezone = time.FixedZone("CEST", 2*60*60)
	e = e.Explain()
	var text, document bytes.Buffer
	if err := view.New(&text, view.Options{Width: 200}).Explanations([]*explain.Explanation{e}, view.ExplainOptions{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "UTC") || strings.Count(text.String(), "2026-09-07 14:00:00 CEST") != 6 || !strings.Contains(text.String(), "paused since 2026-09-07 14:00 CEST") {
		t.Errorf("it tells instants otherwise:\n%s", text.String())
	}
	if err := view.New(&document, view.Options{}).ExplanationsJSON([]*explain.Explanation{e}, view.ExplainOptions{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(document.String(), `"created_on": "2026-09-07T12:00:00Z"`) || strings.Contains(document.String(), "T14:00:00") {
		t.Errorf("the document tells instants otherwise:\n%s", document.String())
	}
}

// Where the last plan is out of sight, the answer says how far was looked.
func TestExplanationBeyond(t *testing.T) {
	t.Parallel()
	e := everything()
	e.LastPlan, e.Beyond = nil, 584
	var out bytes.Buffer
	if err := view.New(&out, view.Options{Width: 200}).Explanations([]*explain.Explanation{e}, view.ExplainOptions{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "  last plan applied: none of the latest 584 plans is of this sync\n") {
		t.Errorf("it does not say how far was looked:\n%s", out.String())
	}
}

package view_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

var noon = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

func text(s string) *plan.Cell { return &plan.Cell{Text: s} }

func same(column string, c *plan.Cell) plan.ColumnChange {
	return plan.ColumnChange{Column: column, Before: c, After: c}
}

func changed(column string, before, after *plan.Cell) plan.ColumnChange {
	return plan.ColumnChange{Column: column, Before: before, After: after, Changed: true}
}

var (
	null   = &plan.Cell{Null: true}
	now    = &plan.Cell{Now: true}
	secret = &plan.Cell{Sensitive: true}
)

func key(code string) []plan.Cell { return []plan.Cell{{Column: "code", Text: code}} }

const rooms = `sync.rooms["hss"]`

// example is the plan of the documentation.
func example() *plan.Plan {
	return &plan.Plan{
		ID: "11111111-2222-4333-8444-555555555555", CreatedOn: noon, CreatedBy: "anna@planner", ExpiresOn: noon.Add(72 * time.Hour),
		ConfigDigest: strings.Repeat("c0", 32), GitCommit: strings.Repeat("a1", 20),
		Destinations: []plan.Destination{{
			Address: "destination.sqlite.timetable", Identity: "99999999-2222-4333-8444-555555555555", Provider: "sqlite", Database: "timetable.db", Digest: strings.Repeat("d1", 32),
			Syncs: []register.SyncSummary{{
				Sync: rooms, Faculty: "hss", Source: "source.csv.rooms", Destination: "destination.sqlite.timetable", Table: "room",
				LastSeq: 4, SourceRows: 413, LiveRows: 412,
				Counts:  map[config.Operation]int64{config.Insert: 1, config.Update: 1, config.Archive: 1, config.Undelete: 1},
				Ignored: 2, Withheld: map[config.Operation]int64{config.Delete: 3}, Sensitive: []string{"contact"},
			}},
			Excerpt: []plan.Change{
				{Sync: rooms, Operation: config.Archive, Key: key("SOE-003"), Columns: []plan.ColumnChange{
					same("code", text("SOE-003")), same("name", text("Réserve")), same("capacity", null), same("contact", secret),
					changed("deleted_on", null, now),
				}},
				{Sync: rooms, Operation: config.Undelete, Key: key("SOE-117"), Columns: []plan.ColumnChange{
					same("code", text("SOE-117")), changed("deleted_on", text("2026-06-30 06:00:03"), null),
				}},
				{Sync: rooms, Operation: config.Update, Key: key("SOE-101"), Columns: []plan.ColumnChange{
					same("code", text("SOE-101")), changed("name", text("Amphi Sorel"), text("AMPHI SOREL")), same("capacity", text("120")),
					changed("contact", secret, secret), same("origin", text("APOGEE-12")), same("visible", text("true")),
				}},
				{Sync: rooms, Operation: config.Insert, Key: key("SOE-214"), Columns: []plan.ColumnChange{
					changed("code", nil, text("SOE-214")), changed("name", nil, text("Salle dont le nom est bien plus long que la largeur d'un terminal étroit")),
					changed("contact", nil, secret), changed("deleted_on", nil, null), changed("created_on", nil, now),
				}},
			},
			Notices: []plan.Notice{{Sync: rooms, Kind: register.Ignored, Key: key("R1"), Detail: `origin = "CSV"`}},
		}},
	}
}

func showExcerpt(p *plan.Plan, o view.PlanOptions) func(v *view.View) error {
	return func(v *view.View) error { return v.Plan(p, view.Excerpt(p), o) }
}

func TestPlan(t *testing.T) { render(t, "plan", showExcerpt(example(), view.PlanOptions{})) }

func TestPlanLimit(t *testing.T) {
	render(t, "limit", showExcerpt(example(), view.PlanOptions{Limit: 1, Rest: "registrar show --all tfplan"}))
}

func TestPlanHead(t *testing.T) {
	render(t, "head", func(v *view.View) error {
		p := example()
		v.PlanHead(p, noon)
		v.PlanHead(p, p.ExpiresOn.Add(time.Second))
		v.PlanSaved(p, "tfplan")
		v.PlanSaved(p, "")
		return nil
	})
}

// Two faculties, a held sync, deletions in two syncs, composite and sensitive keys.
func TestPlanOfSeveralSyncs(t *testing.T) {
	p := example()
	part := &p.Destinations[0]
	part.Syncs = append(part.Syncs,
		register.SyncSummary{
			Sync: "sync.enrolments", Source: "source.csv.rooms", Destination: part.Address, Table: "enrolment", SourceRows: 10, LiveRows: 1,
			Counts: map[config.Operation]int64{config.Delete: 1},
		},
		register.SyncSummary{
			Sync: `sync.rooms["sci"]`, Faculty: "sci", Source: "source.csv.rooms", Destination: part.Address, Table: "room", LiveRows: 80,
			Counts: map[config.Operation]int64{config.Insert: 2}, Held: "the source has 0 rows, min_source_rows asks for 1",
		},
		register.SyncSummary{Sync: "sync.idle", Source: "source.csv.rooms", Destination: part.Address, Table: "idle", SourceRows: 7, LiveRows: 7},
	)
	part.Excerpt = append(part.Excerpt, plan.Change{
		Sync: "sync.enrolments", Operation: config.Delete, Key: []plan.Cell{{Column: "student", Sensitive: true}, {Column: "course", Text: "HI305"}},
		Columns: []plan.ColumnChange{changed("student", secret, nil), changed("course", text("HI305"), nil)},
	})
	p.Speculative = true
	render(t, "several", showExcerpt(p, view.PlanOptions{Rest: "registrar show --all tfplan"}))
}

func TestNoChanges(t *testing.T) {
	p := example()
	p.Destinations[0].Syncs[0].Counts = nil
	p.Destinations[0].Excerpt = nil
	render(t, "withheld", showExcerpt(p, view.PlanOptions{}))
	p.Destinations[0].Syncs[0].Withheld = nil
	p.Destinations[0].Syncs[0].Ignored = 0
	render(t, "nochanges", showExcerpt(p, view.PlanOptions{}))
}

// hostile text tries to move the cursor, to end the line, to reverse the text and
// to hide.
const hostile = "a\x1b[2J\x1b]0;title\x07b\nc\rd\u202ee\u009b31mf\u200bg\u2028h\x7f\xff\""

func assertHarmless(t *testing.T, out string) {
	t.Helper()
	for i, r := range out {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || strings.ContainsRune("\u202e\u200b\u2028\u2029\ufffd", r) {
			t.Errorf("%U at %d is written as it is: %q", r, i, out[max(0, i-40):min(len(out), i+40)])
			return
		}
	}
}

func hostilePlan() *plan.Plan {
	p := example()
	d := &p.Destinations[0]
	d.Address, d.Database, p.CreatedBy, p.ConfigDigest, p.GitCommit, p.ID = hostile, hostile, hostile, hostile, hostile, hostile
	s := &d.Syncs[0]
	s.Sync, s.Source, s.Destination, s.Table, s.Held, s.Faculty = hostile, hostile, hostile, hostile, hostile, hostile
	d.Syncs = append(d.Syncs, *s)
	d.Syncs[1].Faculty = "b" + hostile
	for i := range d.Excerpt {
		c := &d.Excerpt[i]
		c.Sync, c.Key = hostile, []plan.Cell{{Column: hostile, Text: hostile}}
		for j := range c.Columns {
			c.Columns[j].Column = hostile
		}
		c.Columns[0].Changed = true
		if c.Columns[0].Before != nil {
			c.Columns[0].Before = text(hostile)
		}
		c.Columns[0].After = text(hostile)
	}
	d.Notices[0] = plan.Notice{Sync: hostile, Kind: register.Ignored, Key: []plan.Cell{{Text: hostile}}, Detail: hostile}
	return p
}

// No row, name or error can inject an escape sequence or hide text from a reader.
func TestHostileText(t *testing.T) {
	p := hostilePlan()
	for _, width := range []int{0, 40} {
		var out bytes.Buffer
		v := view.New(&out, view.Options{Width: width})
		v.PlanHead(p, noon)
		if err := v.Plan(p, view.Excerpt(p), view.PlanOptions{Rest: "x"}); err != nil {
			t.Fatal(err)
		}
		v.Error(hostile)
		v.Say("%s", hostile)
		v.Heading("%s", hostile)
		v.Diagnostics(config.Diagnostics{{Severity: config.Error, Summary: hostile, Detail: hostile, Subject: config.Range{
			File: hostile, Start: config.Pos{Line: 1, Column: 1}, End: config.Pos{Line: 1, Column: 3, Byte: 9},
		}}}, map[string][]byte{hostile: []byte(hostile)})
		assertHarmless(t, out.String())
		if !strings.Contains(out.String(), `\x1b[2J`) {
			t.Error("the escape sequence is not shown in a readable form")
		}
	}
	var out bytes.Buffer
	if err := view.New(&out, view.Options{}).PlanJSON(p, view.Excerpt(p), view.JSONOptions{}); err != nil {
		t.Fatal(err)
	}
	assertHarmless(t, strings.ReplaceAll(out.String(), "\ufffd", ""))
	var parsed struct {
		Syncs []struct {
			Address string `json:"address"`
		} `json:"syncs"`
	}
	if err := json.Unmarshal(out.Bytes(), &parsed); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(hostile, "\ufffd"); parsed.Syncs[0].Address != want {
		t.Errorf("address = %q, want %q", parsed.Syncs[0].Address, want)
	}
}

func TestLongValues(t *testing.T) {
	p := example()
	c := &p.Destinations[0].Excerpt[2].Columns[1]
	c.Before, c.After = text(strings.Repeat("é", 1000)), &plan.Cell{Text: strings.Repeat("x", 150), Length: 90000}
	var out bytes.Buffer
	if err := view.New(&out, view.Options{}).Plan(p, view.Excerpt(p), view.PlanOptions{}); err != nil {
		t.Fatal(err)
	}
	want := `= "` + strings.Repeat("é", 200) + `…" (1000 characters) -> "` + strings.Repeat("x", 150) + `…" (90000 characters)`
	if !strings.Contains(out.String(), want) {
		t.Errorf("long values are not cut as wanted:\n%s", out.String())
	}
}

// A difference far behind the beginning is still seen.
func TestLongValuesThatDifferLate(t *testing.T) {
	p := example()
	c := &p.Destinations[0].Excerpt[2].Columns[1]
	c.Before, c.After = text(strings.Repeat("é", 400)+"\nold"), text(strings.Repeat("é", 400)+"\nnew"+strings.Repeat("x", 300))
	var out bytes.Buffer
	if err := view.New(&out, view.Options{}).Plan(p, view.Excerpt(p), view.PlanOptions{}); err != nil {
		t.Fatal(err)
	}
	tail := strings.Repeat("é", 19) + `\n`
	want := `= "…` + tail + `old" (from character 382) -> "…` + tail + `new` + strings.Repeat("x", 177) + `…" (from character 382)`
	if !strings.Contains(out.String(), want) {
		t.Errorf("want %s in\n%s", want, out.String())
	}
}

// Archiving may set a column that is looked up otherwise to a constant.
func TestConstantForLookup(t *testing.T) {
	p := example()
	c := &p.Destinations[0].Excerpt[2].Columns[1]
	c.Before = &plan.Cell{Text: "12", Keys: []plan.Cell{{Column: "code", Text: "LAW"}}}
	for after, want := range map[*plan.Cell]string{text("9"): `= "12" -> "9"  # was code "LAW"`, {Null: true}: `= "12" -> null  # code "LAW" -> null`} {
		c.After = after
		var out bytes.Buffer
		if err := view.New(&out, view.Options{}).Plan(p, view.Excerpt(p), view.PlanOptions{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %s in\n%s", want, out.String())
		}
	}
}

func TestPlanJSON(t *testing.T) {
	p := example()
	d := &p.Destinations[0]
	d.Syncs[0].Counts[config.Insert] = 60 // more than the excerpt has
	d.Excerpt = append(d.Excerpt, plan.Change{
		Sync: rooms, Operation: config.Delete, Key: []plan.Cell{{Column: "student", Sensitive: true}, {Column: "course", Text: "HI,3#05%\n"}},
		Columns: []plan.ColumnChange{changed("student", secret, nil), changed("course", &plan.Cell{Text: "long", Length: 900}, nil)},
	})
	var out bytes.Buffer
	if err := view.New(&out, view.Options{}).PlanJSON(p, view.Excerpt(p), view.JSONOptions{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "plan.json", out.Bytes())
	if !json.Valid(out.Bytes()) {
		t.Error("not valid JSON")
	}
}

// GitLab's own filter counts .resource_changes[]?.change.actions?.
func TestPlanJSONWithoutChanges(t *testing.T) {
	p := example()
	p.Destinations[0].Excerpt = nil
	var out bytes.Buffer
	if err := view.New(&out, view.Options{}).PlanJSON(p, view.Excerpt(p), view.JSONOptions{Whole: true}); err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Changes   []any `json:"resource_changes"`
		Truncated bool  `json:"truncated"`
	}
	if err := json.Unmarshal(out.Bytes(), &parsed); err != nil {
		t.Fatal(err)
	}
	if parsed.Changes == nil || len(parsed.Changes) != 0 || parsed.Truncated {
		t.Errorf("resource_changes = %v, truncated = %v", parsed.Changes, parsed.Truncated)
	}
}

// A plan of any size is written as it is read.
func TestPlanJSONStreams(t *testing.T) {
	const many = 20000
	var written counter
	changes := func(_ *register.SyncSummary, visit func(*plan.Change) error) error {
		before := written.n
		for i := range many {
			c := plan.Change{Sync: rooms, Operation: config.Insert, Key: key(fmt.Sprint(i)), Columns: []plan.ColumnChange{changed("code", nil, text(fmt.Sprint(i)))}}
			if err := visit(&c); err != nil {
				return err
			}
			if i == 100 && written.n == before {
				t.Error("nothing was written after 100 operations")
			}
		}
		return nil
	}
	if err := view.New(&written, view.Options{}).PlanJSON(example(), changes, view.JSONOptions{Whole: true}); err != nil {
		t.Fatal(err)
	}
}

type counter struct{ n int }

func (c *counter) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }

type failing struct{}

var errFull = errors.New("no space left")

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestErrorsOfWriting(t *testing.T) {
	p := example()
	if err := view.New(failing{}, view.Options{}).Plan(p, view.Excerpt(p), view.PlanOptions{}); !errors.Is(err, errFull) {
		t.Errorf("Plan: %v", err)
	}
	if err := view.New(failing{}, view.Options{}).PlanJSON(p, view.Excerpt(p), view.JSONOptions{}); !errors.Is(err, errFull) {
		t.Errorf("PlanJSON: %v", err)
	}
	v := view.New(failing{}, view.Options{})
	v.Say("x")
	if !errors.Is(v.Err(), errFull) {
		t.Errorf("Err: %v", v.Err())
	}
	if err := view.New(io.Discard, view.Options{}).Plan(p, func(*register.SyncSummary, func(*plan.Change) error) error { return errFull }, view.PlanOptions{}); !errors.Is(err, errFull) {
		t.Errorf("an error of reading is lost: %v", err)
	}
}

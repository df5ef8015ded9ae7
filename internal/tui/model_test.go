package tui_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/tui"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// held is a source of what a test says.
type held struct {
	changes map[string][]plan.Change
	notices map[string][]plan.Notice
	reads   []string
	fails   error
}

func (h *held) Counts(s *register.SyncSummary) map[config.Operation]int64 { return s.Counts }

func (h *held) Found(s *register.SyncSummary, kind register.FindingKind) int64 {
	return plan.Findings(s, kind)
}

func (h *held) Changes(ctx context.Context, s *register.SyncSummary, from, limit int64, visit func(*plan.Change) error) error {
	h.reads = append(h.reads, fmt.Sprintf("%s %d+%d", s.Sync, from, limit))
	if h.fails != nil {
		return h.fails
	}
	all := h.changes[s.Sync]
	for i := from; i < int64(len(all)) && (limit == 0 || i < from+limit); i++ {
		if err := errors.Join(ctx.Err(), visit(copied(&all[i]))); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
	return nil
}

// copied is a change that shares nothing with the one that is held.
func copied(c *plan.Change) *plan.Change {
	out := *c
	out.Key, out.Columns = slices.Clone(c.Key), slices.Clone(c.Columns)
	for i := range out.Columns {
		for _, cell := range []**plan.Cell{&out.Columns[i].Before, &out.Columns[i].After} {
			if *cell != nil {
				one := **cell
				*cell = &one
			}
		}
	}
	return &out
}

func (h *held) Notices(_ context.Context, s *register.SyncSummary, kind register.FindingKind, from, limit int64, visit func(*plan.Notice) error) error {
	at := int64(0)
	for _, n := range h.notices[s.Sync] {
		if n.Kind != kind {
			continue
		}
		if at >= from && (limit == 0 || at < from+limit) {
			if err := visit(&n); err != nil {
				return err
			}
		}
		at++
	}
	return nil
}

func cell(text string) *plan.Cell { return &plan.Cell{Text: text} }

func key(text string) []plan.Cell { return []plan.Cell{{Column: "code", Text: text}} }

func review(p *plan.Plan, source *held) tui.Review {
	return tui.Review{Plan: p, Source: source, Words: view.Words{Now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)}}
}

// sample is a plan of two syncs with something of everything.
func sample() (*plan.Plan, *held) {
	people := register.SyncSummary{
		Sync: "sync.people", Source: "source.csv.files", Destination: "destination.sqlite.main", Table: "person", SourceRows: 9, LiveRows: 12,
		Counts:   map[config.Operation]int64{config.Archive: 2, config.Update: 3, config.Insert: 2},
		Rejected: 1, Ignored: 1, LikelyRenames: 1, Held: "archives 2 of 12 rows, more than 10 %",
	}
	rooms := register.SyncSummary{
		Sync: "sync.rooms", Source: "source.csv.files", Destination: "destination.sqlite.main", Table: "room", SourceRows: 40, LiveRows: 1,
		Counts: map[config.Operation]int64{config.Insert: 40},
	}
	h := &held{changes: map[string][]plan.Change{}, notices: map[string][]plan.Notice{}}
	add := func(sync string, o config.Operation, k string, columns ...plan.ColumnChange) {
		h.changes[sync] = append(h.changes[sync], plan.Change{Sync: sync, Operation: o, Key: key(k), Columns: columns})
	}
	gone := plan.ColumnChange{Column: "deleted_on", Before: &plan.Cell{Null: true}, After: &plan.Cell{Now: true}, Changed: true}
	add("sync.people", config.Archive, "P1", plan.ColumnChange{Column: "name", Before: cell("Ada"), After: cell("Ada")}, gone)
	add("sync.people", config.Archive, "P2", gone)
	add("sync.people", config.Update, "P3",
		plan.ColumnChange{Column: "name", Before: cell("Zoë"), After: cell("Zoë 山田太郎"), Changed: true},
		plan.ColumnChange{Column: "mail", Before: &plan.Cell{Sensitive: true}, After: &plan.Cell{Sensitive: true}, Changed: true},
		plan.ColumnChange{Column: "note", Before: cell("kept"), After: cell("kept")})
	add("sync.people", config.Update, "P4",
		plan.ColumnChange{Column: "note", Before: cell("\x1b[2Jgone\r\n\u202eevil"), After: cell(strings.Repeat("long ", 60)), Changed: true})
	add("sync.people", config.Update, "P5", plan.ColumnChange{Column: "site", Before: cell("1"), After: cell("2"), Changed: true})
	for _, k := range []string{"P6", "P7"} {
		add("sync.people", config.Insert, k, plan.ColumnChange{Column: "code", After: cell(k), Changed: true}, plan.ColumnChange{Column: "name", After: cell("New"), Changed: true})
	}
	for i := range 40 {
		k := fmt.Sprintf("R%02d", i)
		add("sync.rooms", config.Insert, k, plan.ColumnChange{Column: "code", After: cell(k), Changed: true}, plan.ColumnChange{Column: "seats", After: cell("10"), Changed: true})
	}
	h.notices["sync.people"] = []plan.Notice{
		{Sync: "sync.people", Kind: register.Rejected, Key: key("P8"), Message: `name: expected at most 20 characters`},
		{Sync: "sync.people", Kind: register.Ignored, Key: key("P9"), Detail: `origin = "typed"`},
		{Sync: "sync.people", Kind: register.Renamed, Key: key("P1"), Message: "moved {\n  from = { code = \"P1\" }\n  to   = { code = \"P6\" }\n}\n"},
	}
	p := &plan.Plan{
		ID: "11111111-2222-4333-8444-555555555555", CreatedBy: "tester@example", CreatedOn: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC),
		ExpiresOn: time.Date(2026, 9, 2, 12, 0, 0, 0, time.UTC), ConfigDigest: "sha256:0",
		Destinations: []plan.Destination{{
			Address: "destination.sqlite.main", Database: "main.db", Syncs: []register.SyncSummary{people, rooms},
			Checks: []plan.CheckSummary{{
				Check: "check.beds", Severity: config.CheckWarning, Findings: 1,
				Notices: []plan.Notice{{Sync: "check.beds", Kind: register.Checked, Severity: config.CheckWarning, Message: "a room without seats"}},
			}},
		}},
	}
	return p, h
}

// drive hands events to a model, and does what is to be done beside at once.
func drive(m *tui.Model, events ...any) {
	for len(events) > 0 {
		commands := m.Update(events[0])
		events = events[1:]
		var came []any
		for _, command := range commands {
			command(func(event any) { came = append(came, event) })
		}
		events = append(came, events...) // before more keys
	}
}

// keys are those of a line such as "down down /P3 enter": a word of several characters that names no key is typed.
func keys(text string) []any {
	var out []any
	for word := range strings.FieldsSeq(text) {
		if slices.Contains([]string{"up", "down", "left", "right", "pgup", "pgdown", "home", "end", "enter", "esc", "tab", "shift+tab", "backspace", "ctrl+c"}, word) {
			out = append(out, tui.Key{Name: word})
			continue
		}
		for _, r := range strings.ReplaceAll(word, "_", " ") {
			out = append(out, tui.Key{Name: string(r), Rune: r})
		}
	}
	return out
}

func screenOf(m *tui.Model) string { return strings.Join(m.View(), "\n") + "\n" }

// What is seen after which keys, at three sizes.
func TestScreens(t *testing.T) {
	for _, size := range []tui.Size{{Width: 40, Height: 12}, {Width: 80, Height: 24}, {Width: 120, Height: 40}} {
		var got strings.Builder
		for _, pressed := range []string{
			"", "down down enter", "down down down enter", "down down down enter pgdown pgdown", "end", "f", "f down enter", "s down down enter",
			"tab", "tab down down enter", "tab tab", "tab tab enter", "tab tab _", "/p", "/山田 enter", "/new enter n", "/nothing enter", "p", "?", "f end enter s down enter esc",
		} {
			p, source := sample()
			m := tui.NewModel(t.Context(), review(p, source))
			drive(m, size)
			drive(m, keys(pressed)...)
			fmt.Fprintf(&got, "──── %s\n", pressed)
			for _, line := range m.View() {
				fmt.Fprintln(&got, strings.TrimRight(line, " "))
			}
		}
		compare(t, fmt.Sprintf("%dx%d.txt", size.Width, size.Height), got.String())
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestKeysLeave(t *testing.T) {
	for _, pressed := range []string{"q", "ctrl+c", "? q", "enter q", "f q", "/q ctrl+c"} {
		p, source := sample()
		m := tui.NewModel(t.Context(), review(p, source))
		drive(m, tui.Size{Width: 80, Height: 24})
		drive(m, keys(pressed)...)
		if !m.Done() {
			t.Errorf("%q does not leave", pressed)
		}
	}
	p, source := sample()
	m := tui.NewModel(t.Context(), review(p, source))
	drive(m, tui.Size{Width: 80, Height: 24})
	drive(m, keys("/q")...)
	if m.Done() {
		t.Error("q leaves while it is typed")
	}
}

// large is a plan of 20,000 updates, then as many inserts.
func large() (*plan.Plan, *held) {
	const n = 20_000
	p, h := &plan.Plan{Destinations: []plan.Destination{{Syncs: []register.SyncSummary{{
		Sync: "sync.people", Counts: map[config.Operation]int64{config.Update: n, config.Insert: n},
	}}}}}, &held{changes: map[string][]plan.Change{}}
	for _, o := range []config.Operation{config.Update, config.Insert} {
		for i := range n {
			h.changes["sync.people"] = append(h.changes["sync.people"], plan.Change{Sync: "sync.people", Operation: o, Key: key(fmt.Sprintf("%s-%05d", o, i))})
		}
	}
	return p, h
}

// Only what is near the selected row is read, wherever that is.
func TestReadsWhatIsSeen(t *testing.T) {
	p, source := large()
	m := tui.NewModel(t.Context(), review(p, source))
	drive(m, tui.Size{Width: 80, Height: 24})
	look := func(want string, reads ...string) {
		t.Helper()
		if screen := screenOf(m); !strings.Contains(screen, "> "+want) {
			t.Errorf("expected %q to be selected:\n%s", want, screen)
		}
		if diff := cmp.Diff(reads, source.reads); diff != "" {
			t.Errorf("%s: reads (-want +got):\n%s", want, diff)
		}
		source.reads = nil
	}
	look(`~ update   "update-00000"`, "sync.people 0+1500")
	drive(m, keys("pgdown down")...)
	look(`~ update   "update-00020"`)
	drive(m, keys("G")...)
	look(`+ insert   "insert-19999"`, "sync.people 39000+1000")
	drive(m, keys("g")...)
	look(`~ update   "update-00000"`, "sync.people 0+1500")
	for range 85 {
		drive(m, keys("pgdown")...)
	}
	look(`~ update   "update-01615"`, "sync.people 500+1500")
	drive(m, keys("f end enter")...)
	look(`+ insert   "insert-00000"`, "sync.people 20000+1500")
}

// Who leaves before the rows are there does not wait for them, nor is he taken back.
func TestReadsAreGivenUp(t *testing.T) {
	p, source := large()
	m := tui.NewModel(t.Context(), review(p, source))
	drive(m, tui.Size{Width: 80, Height: 24})
	commands := m.Update(tui.Key{Name: "end"})
	if screen := screenOf(m); len(commands) != 1 || !strings.Contains(screen, "40000 of 40000 | reading…") {
		t.Fatalf("%d commands:\n%s", len(commands), screen)
	}
	if again := m.Update(tui.Key{Name: "up"}); len(again) != 0 {
		t.Error("what is being read is read twice")
	}
	if more := m.Update(tui.Key{Name: "home"}); len(more) != 0 {
		t.Error("what is held is read again")
	}
	commands[0](func(event any) { drive(m, event) })
	if screen := screenOf(m); !strings.Contains(screen, `> ~ update   "update-00000"`) || strings.Contains(screen, "reading…") {
		t.Errorf("rows that nobody looks at came:\n%s", screen)
	}
}

func TestSearchFindsAll(t *testing.T) {
	p, source := large()
	m := tui.NewModel(t.Context(), review(p, source))
	drive(m, tui.Size{Width: 80, Height: 24})
	look := func(want string) {
		t.Helper()
		if screen := screenOf(m); !strings.Contains(screen, want) {
			t.Errorf("expected %q:\n%s", want, screen)
		}
	}
	drive(m, keys("end /INSERT-19999 enter")...)
	look(`/INSERT-19999: 0 matches`) // capitals count
	drive(m, keys("g /-19999 enter")...)
	look(`> ~ update   "update-19999"`)
	look(`/-19999: 2 matches`)
	drive(m, keys("n")...)
	look(`> + insert   "insert-19999"`)
	drive(m, keys("n")...)
	look(`> ~ update   "update-19999"`)
	drive(m, keys("N")...)
	look(`> + insert   "insert-19999"`)
	drive(m, keys("/update- enter")...)
	look(`the first 10000 matches`)
	look(`> ~ update   "update-00000"`) // behind the last comes the first
}

// A search that goes on can be stopped; what it found stays, and what it sends late changes nothing.
func TestSearchStops(t *testing.T) {
	p, source := large()
	m := tui.NewModel(t.Context(), review(p, source))
	drive(m, tui.Size{Width: 100, Height: 24})
	drive(m, keys("/-19999")...)
	commands := m.Update(tui.Key{Name: "enter"})
	if len(commands) != 1 {
		t.Fatalf("%d commands", len(commands))
	}
	if screen := screenOf(m); !strings.Contains(screen, "0 matches so far, 0 %") {
		t.Errorf("it is not seen that it goes on:\n%s", screen)
	}
	var events []any
	commands[0](func(event any) {
		if events = append(events, event); len(events) == 3 {
			drive(m, keys("esc")...) // its context ends
		}
	})
	if len(events) > 5 {
		t.Errorf("it reads on: %d reports", len(events))
	}
	drive(m, events...)
	if screen := screenOf(m); strings.Contains(screen, "19999") {
		t.Errorf("what was stopped goes on:\n%s", screen)
	}
}

func TestErrorsAreShownAndTriedAgain(t *testing.T) {
	p, source := sample()
	source.fails = errors.New("connection lost\x1b[2J")
	m := tui.NewModel(t.Context(), review(p, source))
	drive(m, tui.Size{Width: 100, Height: 24})
	drive(m, keys("down")...)
	if screen := screenOf(m); !strings.Contains(screen, `Not read (r: try again): sync.people: connection lost\x1b[2J`) {
		t.Errorf("the error is not shown:\n%s", screen)
	}
	if len(source.reads) != 1 {
		t.Errorf("%d reads", len(source.reads))
	}
	source.fails = nil
	drive(m, keys("r")...)
	if screen := screenOf(m); !strings.Contains(screen, `- archive  people     "P2"`) && !strings.Contains(screen, `"P2"`) {
		t.Errorf("it was not read again:\n%s", screen)
	}
}

// What the register lost since the plan was made leaves a gap, and shifts nothing.
func TestGapsAreTold(t *testing.T) {
	p, source := sample()
	people := source.changes["sync.people"]
	source.changes["sync.people"] = append(slices.Clone(people[:1]), people[2:]...) // one archive less
	m := tui.NewModel(t.Context(), review(p, source))
	drive(m, tui.Size{Width: 80, Height: 24})
	if screen := screenOf(m); !strings.Contains(screen, "(no longer in the register)") {
		t.Errorf("the gap is not told:\n%s", screen)
	}
	drive(m, keys("down enter")...)
	if screen := screenOf(m); !strings.Contains(screen, "(no longer in the register)") {
		t.Errorf("the gap is not told:\n%s", screen)
	}
}

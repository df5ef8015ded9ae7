package tui_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/tui"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// hostile are texts that a terminal, or who counts its columns, stumbles over.
func hostile() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"", "plain", "\x1b[2J\x1b]0;title\x07", "\u009b31m", "山田太郎", "e\u0301\u0301\u0301", "\u0301", "👩‍👩‍👧‍👦", "❤️", "🇫🇷🇫", "\u202eabc", "a\tb\nc\rd", "\x00\x7f\x08",
			"\xff\xfe", "\u2028", "\u200b", "ﷺ", strings.Repeat("長", 300), strings.Repeat("x", 700), "각", "\u1100\u1161\u11a8", "ก็็็็", "\ufeff", "\u00ad",
		}),
		rapid.String(),
	)
}

// Whatever a plan holds and whoever presses which keys: no line is wider than the screen, there are no more lines than it has, and
// none of them holds anything that a terminal acts upon.
func TestNothingLeavesTheScreen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := hostile()
		h := &held{changes: map[string][]plan.Change{}, notices: map[string][]plan.Notice{}}
		p := &plan.Plan{ID: text.Draw(t, "id"), CreatedBy: text.Draw(t, "author")}
		for d := range rapid.IntRange(1, 2).Draw(t, "destinations") {
			part := plan.Destination{Address: fmt.Sprintf("destination.sqlite.d%d", d), Database: text.Draw(t, "database")}
			for i := range rapid.IntRange(0, 3).Draw(t, "syncs") {
				part.Syncs = append(part.Syncs, drawSync(t, h, fmt.Sprintf("sync.s%d_%d%s", d, i, text.Draw(t, "name"))))
			}
			p.Destinations = append(p.Destinations, part)
		}
		r := review(p, h)
		r.Cut = text.Draw(t, "cut")
		coloured := rapid.Bool().Draw(t, "coloured")
		if coloured {
			r.Theme = tui.Theme(view.NewTheme(true))
		}
		m := tui.NewModel(t.Context(), r)
		names := []string{"up", "down", "pgup", "pgdown", "home", "end", "enter", "esc", "tab", "shift+tab", " ", "/", "n", "N", "f", "s", "?", "p", "left", "right", "backspace", "r", "山", "e\u0301"}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			size := tui.Size{Width: rapid.OneOf(rapid.IntRange(40, 200), rapid.IntRange(1, 40)).Draw(t, "width"), Height: rapid.IntRange(1, 50).Draw(t, "height")}
			name := rapid.SampledFrom(names).Draw(t, "key")
			drive(m, size, tui.Key{Name: name, Rune: []rune(name)[0]})
			lines := m.View()
			if len(lines) != size.Height {
				t.Fatalf("%d lines on a screen of %d", len(lines), size.Height)
			}
			for _, line := range lines {
				if w := ansi.StringWidth(line); w > size.Width {
					t.Fatalf("%d columns on a screen of %d: %q", w, size.Width, line)
				}
				if coloured {
					line = ansi.Strip(line)
				}
				if i := strings.IndexFunc(line, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }); i >= 0 {
					t.Fatalf("a terminal acts upon %q", line)
				}
			}
		}
	})
}

func drawSync(t *rapid.T, h *held, address string) register.SyncSummary {
	text := hostile()
	drawCell := func() *plan.Cell {
		if rapid.IntRange(0, 4).Draw(t, "kind") == 0 {
			return rapid.SampledFrom([]*plan.Cell{{Null: true}, {Now: true}, {Unknown: true}, {Sensitive: true}, {Sensitive: true, Pseudonym: "\x1b[A"}}).Draw(t, "cell")
		}
		c := cell(text.Draw(t, "text"))
		if rapid.IntRange(0, 5).Draw(t, "looked up") == 0 {
			c.Keys = []plan.Cell{{Column: text.Draw(t, "key's column"), Text: text.Draw(t, "business key")}}
		}
		return c
	}
	s := register.SyncSummary{
		Sync: address, Table: text.Draw(t, "table"), Held: text.Draw(t, "held"), Blocked: text.Draw(t, "blocked"), Counts: map[config.Operation]int64{},
	}
	for _, o := range register.DisplayOrder() {
		for range rapid.IntRange(0, 2).Draw(t, string(o)) {
			c := plan.Change{Sync: address, Operation: o, Key: []plan.Cell{*drawCell()}}
			c.Key[0].Column = "code"
			for range rapid.IntRange(0, 3).Draw(t, "columns") {
				c.Columns = append(c.Columns, plan.ColumnChange{Column: text.Draw(t, "column"), Before: drawCell(), After: drawCell(), Changed: rapid.Bool().Draw(t, "changed")})
			}
			h.changes[address] = append(h.changes[address], c)
			s.Counts[o]++
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "findings") {
		n := plan.Notice{Sync: address, Kind: rapid.SampledFrom([]register.FindingKind{register.Rejected, register.Renamed}).Draw(t, "kind of finding"), Message: text.Draw(t, "message"), Detail: text.Draw(t, "detail")}
		if n.Kind == register.Rejected {
			s.Rejected++
		} else {
			s.LikelyRenames++
		}
		h.notices[address] = append(h.notices[address], n)
	}
	return s
}

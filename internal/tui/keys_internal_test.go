package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

func TestKeysOfATerminal(t *testing.T) {
	for input, want := range map[string][]string{
		"j":                          {"j"},
		"\x1b[A\x1b[B\x1bOA\x1bOB":   {"up", "down", "up", "down"},
		"\x1b[H\x1b[F\x1b[1~\x1b[4~": {"home", "end", "home", "end"},
		"\x1b[5~\x1b[6~\x1b[Z":       {"pgup", "pgdown", "shift+tab"},
		"\r\t\x7f\x03":               {"enter", "tab", "backspace", "ctrl+c"},
		"é山":                         {"é", "山"},
		"\xff":                       nil,
		"\x1b[200~x":                 {"", "x"}, // a paste is typed
		"\x1bq":                      {"esc", "q"},
		"\x1b[1;5A":                  {"up"},
		"\x1b[":                      {"flush", "esc", "["},
		"\x1b":                       {"flush", "esc"},
		"\x1b\x1b":                   {"esc", "flush", "esc"},
	} {
		// However it arrives.
		for _, pieces := range [][]string{{input}, strings.Split(input, "")} {
			var d decoder
			var got []string
			collect := func(keys []Key) {
				for _, k := range keys {
					got = append(got, k.Name)
				}
			}
			for _, piece := range pieces {
				collect(d.feed([]byte(piece)))
			}
			if len(d.pending) > 0 {
				got = append(got, "flush")
				collect(d.flush())
			}
			var wanted []string
			for _, name := range want {
				if name != "" {
					wanted = append(wanted, name)
				}
			}
			if diff := cmp.Diff(wanted, got); diff != "" {
				t.Errorf("%q in %d pieces (-want +got):\n%s", input, len(pieces), diff)
			}
			if len(d.pending) > 0 {
				t.Errorf("%q leaves %q", input, d.pending)
			}
		}
	}
}

func FuzzKeys(f *testing.F) {
	f.Add([]byte("\x1b[1;5A\x1bOq\xe5\xb1"), 3)
	f.Fuzz(func(t *testing.T, input []byte, at int) {
		var d decoder
		at = max(0, min(at, len(input)))
		for _, k := range append(append(d.feed(input[:at]), d.feed(input[at:])...), d.flush()...) {
			if k.Rune != 0 && k.Name != string(k.Rune) {
				t.Errorf("%q types %q", k.Name, k.Rune)
			}
		}
		if len(d.pending) > maxSequence {
			t.Errorf("%q is kept", d.pending)
		}
	})
}

func TestLinesAreCutAndWrapped(t *testing.T) {
	l := line{{plain, "山田 "}, {strong, "ab\x1bcd"}, {plain, "e\u0301f"}}
	for width, want := range map[int]string{0: "", 1: "…", 2: "…", 3: "山…", 6: "山田 …", 8: "山田 ab…", 12: "山田 ab\uFFFDcd…", 13: "山田 ab\uFFFDcde\u0301f"} {
		if got := ansi.Strip(l.draw(&Theme{}, width, false)); width != 12 && got != want || ansi.StringWidth(got) > width {
			t.Errorf("cut to %d: %q, want %q", width, got, want)
		}
	}
	var all string
	for _, part := range l.wrap(5, 2, false) {
		text := part.draw(&Theme{}, 100, false)
		if ansi.StringWidth(text) > 5 {
			t.Errorf("%q is wider than 5", text)
		}
		all += strings.TrimPrefix(text, "  ")
	}
	if all != "山田 ab\uFFFDcde\u0301f" {
		t.Errorf("wrapped: %q", all)
	}
}

func TestProseIsWrappedBetweenWords(t *testing.T) {
	var got []string
	for _, part := range textLine(plain, "the quick brown-and-agile 山田 fox").wrap(12, 2, true) {
		got = append(got, part.draw(&Theme{}, 100, false))
	}
	want := []string{"the quick ", "  brown-and-", "  agile 山田", "  fox"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

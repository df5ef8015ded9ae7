package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// style is what a span means.
type style int

const (
	plain style = iota
	strong
	faint
	good
	adds
	changes
	removes
	restores
	warns
)

func (t *Theme) painter(s style) func(a ...any) string {
	switch s {
	case strong:
		return t.Strong
	case faint:
		return t.Faint
	case good:
		return t.Good
	case adds:
		return t.Add
	case changes:
		return t.Change
	case removes:
		return t.Remove
	case restores:
		return t.Restore
	case warns:
		return t.Warn
	case plain:
	}
	return nil
}

// span is a piece of a line.
type span struct {
	style style
	text  string
}

// line is one line of the screen, however long.
type line []span

func textLine(s style, text string) line { return line{{s, text}} }

// draw returns the line, cut to a width in columns. Whatever its texts hold, nothing in it moves the cursor.
func (l line) draw(t *Theme, width int, selected bool) string {
	var out strings.Builder
	for _, s := range l.cut(width) {
		paint := t.painter(s.style)
		if selected && t.Selected != nil {
			paint = t.Selected
		}
		if paint == nil || s.text == "" {
			out.WriteString(s.text)
		} else {
			out.WriteString(paint(s.text))
		}
	}
	return out.String()
}

// cut returns the line without what a terminal would act upon, so that it is no wider than width.
func (l line) cut(width int) line {
	out := make(line, 0, len(l))
	room := width
	for i, s := range l {
		text := harmless(s.text)
		w := ansi.StringWidth(text)
		// Where the rest has no room, the sign of that needs some.
		if w < room || w == room && !l[i+1:].visible() {
			out = append(out, span{s.style, text})
			room -= w
			continue
		}
		if room > 0 {
			end := "…"
			if w <= room {
				text += end // so that something is cut
			}
			out = append(out, span{s.style, ansi.Truncate(text, room, end)})
		}
		break
	}
	return out
}

// visible reports whether anything of the line would be seen.
func (l line) visible() bool {
	for _, s := range l {
		if s.text != "" {
			return true
		}
	}
	return false
}

// wrap breaks the line into lines no wider than width, prose between words; those after the first are indented.
func (l line) wrap(width, indent int, prose bool) []line {
	width = max(width, 2)
	if indent > width/2 {
		indent = 0
	}
	var lines []line
	current, room := line{}, width
	for _, s := range l {
		rest := harmless(s.text)
		for rest != "" {
			head := ansi.Truncate(rest, room, "")
			if head == "" && room < width-indent {
				lines, current, room = append(lines, current), line{{plain, strings.Repeat(" ", indent)}}, width-indent
				continue
			}
			if end := strings.LastIndexByte(head, ' '); prose && len(head) < len(rest) && rest[len(head)] != ' ' && end > 0 {
				head = head[:end+1]
			}
			if head == "" { // a character wider than the line
				_, size := utf8.DecodeRuneInString(rest)
				head = rest[:size]
			}
			current = append(current, span{s.style, head})
			room -= ansi.StringWidth(head)
			if rest = rest[len(head):]; rest != "" {
				room = 0
				if prose {
					rest = strings.TrimLeft(rest, " ")
				}
			}
		}
	}
	return append(lines, current)
}

// harmless replaces what a terminal acts upon, or shows as nothing. Words have made escapes of it already: this is for what
// did not come from them.
func harmless(text string) string {
	bad := func(r rune) bool {
		return r < ' ' || r == utf8.RuneError || r >= 0x7f && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp)
	}
	if !strings.ContainsFunc(text, bad) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if bad(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}

// padded fills a text up to a width in columns, or cuts it.
func padded(text string, width int) string {
	text = ansi.Truncate(harmless(text), width, "…")
	return text + strings.Repeat(" ", max(0, width-ansi.StringWidth(text)))
}

package view

import (
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/config"
)

// maxSnippetLines bounds the lines of a file that a diagnostic shows.
const maxSnippetLines = 8

// Diagnostics writes each diagnostic in a box, with the lines that it is about.
// files are the texts of the configuration's files; where one is missing, only the
// place is named.
func (v *View) Diagnostics(diags config.Diagnostics, files map[string][]byte) {
	for _, d := range diags {
		v.box(d.Severity, d.Summary, v.place(d.Subject, files), d.Detail)
	}
}

// Error writes an error that has no place in a file.
func (v *View) Error(message string) {
	summary, detail, _ := strings.Cut(message, "\n")
	v.box(config.Error, summary, nil, detail)
}

func (v *View) box(severity config.Severity, summary string, place []string, detail string) {
	bar, word, paint := v.paint.err, "Error: ", v.paint.errB
	if severity == config.Warning {
		bar, word, paint = v.paint.warn, "Warning: ", v.paint.warB
	}
	lines := strings.Split(v.wrap(word+Clean(summary), 2), "\n")
	for i, line := range lines {
		if rest, ok := strings.CutPrefix(line, word); ok && i == 0 {
			lines[i] = paint(word) + v.paint.strong(rest)
		} else {
			lines[i] = v.paint.strong(line)
		}
	}
	if len(place) > 0 {
		lines = append(append(lines, ""), place...)
	}
	if detail != "" {
		lines = append(append(lines, ""), strings.Split(v.wrap(Clean(detail), 2), "\n")...)
	}
	fmt.Fprintln(v.out, bar("╷"))
	for _, line := range lines {
		fmt.Fprintln(v.out, strings.TrimRight(bar("│")+" "+line, " "))
	}
	fmt.Fprintln(v.out, bar("╵"))
}

// place names a range and shows its lines, the range underlined.
func (v *View) place(at config.Range, files map[string][]byte) []string {
	if at.File == "" {
		return nil
	}
	head := fmt.Sprintf("  on %s line %d", OneLine(at.File), at.Start.Line)
	s := newSnippet(files, at)
	if s == nil {
		return []string{head + ":", "  (the file's text is not shown)"}
	}
	if s.Context != nil {
		head += ", in " + OneLine(*s.Context)
	}
	lines := []string{head + ":"}
	offset := 0
	for i, line := range strings.Split(s.Code, "\n") {
		if i == maxSnippetLines {
			return append(lines, "        …")
		}
		from, to := clamp(s.HighlightStart-offset, len(line)), clamp(s.HighlightEnd-offset, len(line))
		shown := OneLine(line[:from])
		if from < to {
			shown += v.paint.mark(OneLine(line[from:to]))
		}
		shown += OneLine(line[to:])
		lines = append(lines, fmt.Sprintf("%4d: %s", s.StartLine+i, shown))
		offset += len(line) + 1
	}
	return lines
}

func clamp(n, high int) int { return min(max(n, 0), high) }

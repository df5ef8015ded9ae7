package view

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/registrar-sync/registrar/config"
)

// FindingState says how bad a Finding is.
type FindingState string

// The states, from good to bad.
const (
	FindingOK      FindingState = "ok"
	FindingWarning FindingState = "warning"
	FindingProblem FindingState = "problem"
)

// Finding is one thing found out about a connection.
type Finding struct {
	Subject string       `json:"subject"` // one or two words
	State   FindingState `json:"state"`
	Found   string       `json:"found"`
	Remedy  string       `json:"remedy"` // "" for none
}

// Examined is what was found out about one connection.
type Examined struct {
	Address  string
	Kind     string // source or destination
	Provider string
	Findings []Finding // in the order in which they are shown
}

// Count returns how many findings are in a state.
func (e *Examined) Count(state FindingState) int64 {
	n := int64(0)
	for _, f := range e.Findings {
		if f.State == state {
			n++
		}
	}
	return n
}

// Examined writes a connection's findings, a line each.
func (v *View) Examined(e *Examined) {
	fmt.Fprintln(v.out, v.paint.strong(OneLine(e.Address)))
	l := layoutOf(e.Findings)
	for i := range e.Findings {
		v.finding(&e.Findings[i], l)
	}
	v.Gap()
}

// The least width of subjects, so that most connections are laid out alike, and the greatest of
// what was found, beyond which remedies no longer stand below each other.
const (
	leastSubject = len("privileges")
	widestFound  = 48
)

// layout is in columns of the terminal.
type layout struct{ subject, found int }

func layoutOf(findings []Finding) layout {
	l := layout{subject: leastSubject}
	for _, f := range findings {
		l.subject = max(l.subject, text.StringWidthWithoutEscSequences(OneLine(f.Subject)))
		if width := text.StringWidthWithoutEscSequences(OneLine(f.Found)); f.Remedy != "" && width <= widestFound {
			l.found = max(l.found, width)
		}
	}
	return l
}

func (v *View) finding(f *Finding, l layout) {
	mark, paint := "✓", v.paint.add
	switch f.State {
	case FindingOK:
	case FindingWarning:
		mark, paint = "!", v.paint.warn
	case FindingProblem:
		mark, paint = "✗", v.paint.err
	}
	found, remedy := OneLine(f.Found), OneLine(f.Remedy)
	subject := text.Pad(OneLine(f.Subject), l.subject, ' ')
	indent := 4 + l.subject + 2
	if remedy == "" {
		fmt.Fprintf(v.out, "  %s %s  %s\n", paint(mark), subject, v.hung(found, indent))
		return
	}
	if line := text.Pad(found, l.found, ' '); v.width == 0 || indent+text.StringWidthWithoutEscSequences(line+"  → "+remedy) <= v.width {
		fmt.Fprintf(v.out, "  %s %s  %s  %s %s\n", paint(mark), subject, line, v.paint.strong("→"), remedy)
		return
	}
	fmt.Fprintf(v.out, "  %s %s  %s\n", paint(mark), subject, v.hung(found, indent))
	// A statement is to be copied: the terminal may break its line, nothing else does.
	fmt.Fprintf(v.out, "%s%s %s\n", strings.Repeat(" ", indent), v.paint.strong("→"), remedy)
}

// hung wraps prose whose later lines are indented.
func (v *View) hung(prose string, indent int) string {
	return strings.ReplaceAll(v.wrap(prose, indent), "\n", "\n"+strings.Repeat(" ", indent))
}

// Diagnosis sums up what was found out about some connections.
func (v *View) Diagnosis(examined []Examined) {
	problems, warnings := countFindings(examined)
	connections := plural(int64(len(examined)), "connection")
	switch {
	case problems > 0 && warnings > 0:
		fmt.Fprintln(v.out, v.paint.errB(plural(problems, "problem"))+" and "+v.paint.warB(plural(warnings, "warning"))+" in "+connections+".")
	case problems > 0:
		fmt.Fprintln(v.out, v.paint.errB(plural(problems, "problem"))+" in "+connections+".")
	case warnings > 0:
		fmt.Fprintln(v.out, v.paint.warB(plural(warnings, "warning"))+" in "+connections+", and no problem.")
	default:
		v.Success("No problem in %s.", connections)
	}
}

func countFindings(examined []Examined) (problems, warnings int64) {
	for i := range examined {
		problems += examined[i].Count(FindingProblem)
		warnings += examined[i].Count(FindingWarning)
	}
	return problems, warnings
}

type jsonExamined struct {
	Address  string       `json:"address"`
	Kind     string       `json:"kind"`
	Provider string       `json:"provider"`
	State    FindingState `json:"state"` // the worst of the findings
	Findings []Finding    `json:"findings"`
}

// DiagnosisJSON writes what was found out about some connections, and the configuration's warnings.
func (v *View) DiagnosisJSON(examined []Examined, warnings config.Diagnostics, files map[string][]byte) error {
	out := struct {
		FormatVersion string           `json:"format_version"`
		ProblemCount  int64            `json:"problem_count"`
		WarningCount  int64            `json:"warning_count"`
		Connections   []jsonExamined   `json:"connections"`
		Diagnostics   []jsonDiagnostic `json:"diagnostics"`
	}{FormatVersion: formatVersion, Connections: make([]jsonExamined, len(examined)), Diagnostics: diagnosticDocuments(warnings, files)}
	out.ProblemCount, out.WarningCount = countFindings(examined)
	for i := range examined {
		e := &examined[i]
		one := jsonExamined{Address: e.Address, Kind: e.Kind, Provider: e.Provider, State: FindingOK, Findings: e.Findings}
		switch {
		case e.Count(FindingProblem) > 0:
			one.State = FindingProblem
		case e.Count(FindingWarning) > 0:
			one.State = FindingWarning
		}
		out.Connections[i] = one
	}
	return v.JSON(out, true)
}

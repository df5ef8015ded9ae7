package config

import "fmt"

// Pos is a place in a file. Line and Column count from 1, Column in characters;
// Byte counts from 0.
type Pos struct {
	Line, Column, Byte int
}

// Range is a span of a file's text, its end exclusive. The zero Range is no place.
type Range struct {
	// File is relative to the configuration's root, with forward slashes.
	File       string
	Start, End Pos
}

// String returns file:line, the form that editors and terminals link.
func (r Range) String() string {
	if r.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", r.File, r.Start.Line)
}

// Severity of a diagnostic.
type Severity string

// The severities, as Terraform's JSON spells them.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Diagnostic tells the author of a configuration what is wrong with it.
type Diagnostic struct {
	Severity Severity
	// Summary is terse: "Unknown column".
	Summary string
	// Detail gives the offending value, what was expected and what to do, in
	// whole sentences.
	Detail string
	// Subject is the text at fault; the zero Range where there is none.
	Subject Range
}

// Diagnostics are collected, so that all the mistakes of a configuration are
// shown at once.
type Diagnostics []Diagnostic

// Errorf appends an error at subject, its detail formatted.
func (d *Diagnostics) Errorf(subject Range, summary, format string, args ...any) {
	*d = append(*d, Diagnostic{Severity: Error, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: subject})
}

// Warnf appends a warning at subject, its detail formatted.
func (d *Diagnostics) Warnf(subject Range, summary, format string, args ...any) {
	*d = append(*d, Diagnostic{Severity: Warning, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: subject})
}

// HasErrors reports whether any is an error.
func (d Diagnostics) HasErrors() bool {
	for _, one := range d {
		if one.Severity == Error {
			return true
		}
	}
	return false
}

// Err returns the diagnostics as an error if any of them is one, and nil otherwise.
func (d Diagnostics) Err() error {
	if !d.HasErrors() {
		return nil
	}
	return &DiagnosticsError{Diagnostics: d}
}

// DiagnosticsError carries diagnostics through code that returns errors. The
// commands unwrap it and show each with its snippet.
type DiagnosticsError struct {
	Diagnostics Diagnostics
}

func (e *DiagnosticsError) Error() string {
	for _, one := range e.Diagnostics {
		if one.Severity == Error {
			text := one.Summary + ": " + one.Detail
			if at := one.Subject.String(); at != "" {
				text = at + ": " + text
			}
			if n := len(e.Diagnostics) - 1; n > 0 {
				text += fmt.Sprintf(" (and %d more)", n)
			}
			return text
		}
	}
	return "no error"
}

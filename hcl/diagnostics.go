package hcl

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/registrar-sync/registrar/config"
)

// Summaries that more than one file uses.
const (
	unsupportedArgument = "Unsupported argument"
	unsupportedBlock    = "Unsupported block type"
	missingArgument     = "Missing required argument"
	invalidValue        = "Invalid value"
	invalidName         = "Invalid name"
	invalidReference    = "Invalid reference"
	sensitiveValue      = "Sensitive value not allowed"
	notSupported        = "Not supported in this version"
)

// withheld replaces the detail of a message that could repeat a sensitive value.
const withheld = "The details are not shown, because the expression depends on a sensitive value."

// position translates a range; one without a file name has no place in a file.
func position(r hcl.Range) config.Range {
	if r.Filename == "" {
		return config.Range{}
	}
	return config.Range{
		File:  r.Filename,
		Start: config.Pos{Line: r.Start.Line, Column: r.Start.Column, Byte: r.Start.Byte},
		End:   config.Pos{Line: r.End.Line, Column: r.End.Column, Byte: r.End.Byte},
	}
}

func (c *compiler) errorf(at hcl.Range, summary, format string, args ...any) {
	c.diags.Errorf(position(at), summary, format, args...)
}

func (c *compiler) warnf(at hcl.Range, summary, format string, args ...any) {
	c.diags.Warnf(position(at), summary, format, args...)
}

// report adds the diagnostics of HCL. Where they come from an expression that
// depends on a sensitive value, functions' errors may quote it: they are withheld.
func (c *compiler) report(diags hcl.Diagnostics, secret bool) {
	for _, d := range diags {
		c.diags = append(c.diags, translate(d, secret))
	}
}

func translate(d *hcl.Diagnostic, secret bool) config.Diagnostic {
	out := config.Diagnostic{Severity: config.Error, Summary: d.Summary, Detail: d.Detail}
	if d.Severity == hcl.DiagWarning {
		out.Severity = config.Warning
	}
	if d.Subject != nil {
		out.Subject = position(*d.Subject)
	}
	if secret {
		out.Detail = withheld
	}
	return out
}

// tidy sorts by place and drops repetitions: the instances of one sync share
// their mistakes.
func tidy(diags config.Diagnostics) config.Diagnostics {
	slices.SortStableFunc(diags, func(a, b config.Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Subject.File, b.Subject.File),
			cmp.Compare(a.Subject.Start.Byte, b.Subject.Start.Byte),
			cmp.Compare(a.Subject.End.Byte, b.Subject.End.Byte),
			cmp.Compare(a.Summary, b.Summary),
			cmp.Compare(a.Detail, b.Detail),
		)
	})
	return slices.Compact(diags)
}

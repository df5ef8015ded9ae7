package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// severities in the order in which they are shown.
var severities = []config.CheckSeverity{config.CheckError, config.CheckWarning, config.CheckInfo}

// allChecks lists the checks of all destinations, errors first.
func allChecks(p *plan.Plan) []plan.CheckSummary {
	var all []plan.CheckSummary
	for i := range p.Destinations {
		all = append(all, p.Destinations[i].Checks...)
	}
	slices.SortStableFunc(all, func(a, b plan.CheckSummary) int {
		return slices.Index(severities, a.Severity) - slices.Index(severities, b.Severity)
	})
	return all
}

// checks writes what the checks found; of those that found nothing, how many they are.
func (v *View) checks(p *plan.Plan) {
	all := allChecks(p)
	if len(all) == 0 {
		return
	}
	v.Gap()
	v.line("  %s", v.paint.strong("# checks"))
	quiet := int64(0)
	for i := range all {
		c := &all[i]
		if c.Findings == 0 {
			quiet++
			continue
		}
		v.check(c)
	}
	if quiet > 0 {
		v.note("(%s found nothing)", plural(quiet, "check"))
	}
}

func (v *View) check(c *plan.CheckSummary) {
	code := ""
	if c.Code != "" {
		code = " (" + OneLine(c.Code) + ")"
	}
	blocks := ""
	if c.Severity == config.CheckError && len(c.Blocks) > 0 {
		blocks = "; holds " + OneLine(strings.Join(c.Blocks, ", "))
	}
	paint := v.paint.faint
	switch c.Severity {
	case config.CheckError:
		paint = v.paint.remove
	case config.CheckWarning:
		paint = v.paint.warn
	case config.CheckInfo:
	}
	fmt.Fprintf(v.out, "  %s %s%s: %s%s\n", paint("! "+OneLine(string(c.Severity))), OneLine(c.Check), code, plural(c.Findings, "finding"), blocks)
	for i := range c.Notices {
		fmt.Fprintf(v.out, "      %s\n", noticeText(&c.Notices[i]))
	}
	if rest := c.Findings - int64(len(c.Notices)); rest > 0 {
		fmt.Fprintf(v.out, "      %s\n", v.paint.faint(fmt.Sprintf("(%s not shown)", plural(rest, "more finding"))))
	}
}

package view

import (
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// Notices streams the findings of one kind that a sync has. It ends without an error where visit
// returns io.EOF.
type Notices func(s *register.SyncSummary, kind register.FindingKind, visit func(*plan.Notice) error) error

// Carried streams the findings that the plan itself carries.
func Carried(p *plan.Plan) Notices {
	return func(s *register.SyncSummary, kind register.FindingKind, visit func(*plan.Notice) error) error {
		for i := range p.Destinations {
			for j := range p.Destinations[i].Notices {
				n := &p.Destinations[i].Notices[j]
				if n.Sync != s.Sync || n.Kind != kind {
					continue
				}
				if err := visit(n); err != nil {
					return stopped(err)
				}
			}
		}
		return nil
	}
}

// findings writes how many findings of a kind a sync has, and those that there are to show.
func (v *View) findings(s *register.SyncSummary, kind register.FindingKind, notices Notices) error {
	count := plan.Findings(s, kind)
	each := func(write func(n *plan.Notice)) (shown int64, err error) {
		err = notices(s, kind, func(n *plan.Notice) error {
			shown++
			write(n)
			return v.out.err
		})
		return shown, err
	}
	switch kind {
	case register.Ignored:
		return v.ignored(count, each)
	case register.Renamed:
		return v.likelyRenames(count, each)
	default:
	}
	fmt.Fprintf(v.out, "  %s\n", v.findingPainter(kind)("# "+findingText(kind, count)))
	shown, err := each(func(n *plan.Notice) {
		fmt.Fprintf(v.out, "  %s   %s\n", v.paint.faint("#"), noticeText(n))
	})
	v.unshown(count-shown, shown > 0)
	return err
}

func (v *View) findingPainter(kind register.FindingKind) func(a ...any) string {
	switch kind {
	case register.HeldBack:
		return v.paint.remove
	case register.Protected, register.Ignored:
		return v.paint.faint
	default:
		return v.paint.warn
	}
}

func findingText(kind register.FindingKind, count int64) string {
	switch kind {
	case register.Rejected:
		return fmt.Sprintf("rejected: %s (the destination keeps what it has)", plural(count, "record"))
	case register.HeldBack:
		return fmt.Sprintf("held back: %s", plural(count, "operation"))
	case register.Protected:
		return fmt.Sprintf("protected: %s, left as lifecycle.protect says", plural(count, "row"))
	case register.Changed:
		return fmt.Sprintf("changed since: %s, left as they are", plural(count, "row"))
	case register.Unresolved:
		return fmt.Sprintf("unresolved: %s, written with null for a lookup that finds nothing", plural(count, "record"))
	case register.Warned:
		return fmt.Sprintf("warned: %s, written though against an assert", plural(count, "record"))
	case register.Renamed:
		return fmt.Sprintf("likely renames: %d; a row goes and one alike but for the key comes", count)
	default:
		return fmt.Sprintf("%s: %d", kind, count)
	}
}

// noticeText is a finding's line: what was not done, the key, the message.
func noticeText(n *plan.Notice) string {
	text := keyText(n.Key)
	if n.Operation != "" {
		text = OneLine(string(n.Operation)) + " " + text
	}
	for _, more := range []string{n.Message, n.Detail} {
		switch {
		case more == "":
		case text == "":
			text = OneLine(more)
		default:
			text += ": " + OneLine(more)
		}
	}
	return text
}

// unshown counts what a list leaves out.
func (v *View) unshown(rest int64, some bool) {
	switch {
	case rest <= 0:
	case some:
		v.note("  (%d more not shown)", rest)
	default:
		v.note("  (not shown)")
	}
}

// eachNotice writes the findings to show, and returns how many they were.
type eachNotice func(write func(n *plan.Notice)) (int64, error)

func (v *View) ignored(count int64, each eachNotice) error {
	shown, err := each(func(n *plan.Notice) {
		owner := ""
		if n.Detail != "" {
			owner = " is owned by " + OneLine(n.Detail)
		}
		v.note("ignored: %s%s", keyText(n.Key), owner)
	})
	if rest := count - shown; rest > 0 {
		v.note("(%s not shown)", plural(rest, "more ignored key"))
	}
	return err
}

// likelyRenames writes the moved blocks from the margin, ready to be pasted.
func (v *View) likelyRenames(count int64, each eachNotice) error {
	for _, line := range []string{
		fmt.Sprintf("# likely renames: %d; a row goes and one alike but for the key comes.", count),
		"# Where they are one record, add the block to the configuration and plan again:",
	} {
		fmt.Fprintf(v.out, "  %s\n", v.paint.warn(line))
	}
	hidden := int64(0)
	shown, err := each(func(n *plan.Notice) {
		if n.Message == "" {
			hidden++
			return
		}
		v.Gap()
		fmt.Fprintln(v.out, Clean(strings.TrimRight(n.Message, "\n")))
	})
	if hidden < shown {
		v.Gap()
	}
	if hidden > 0 {
		v.note("  (%s not shown: the key is sensitive)", plural(hidden, "block"))
	}
	v.unshown(count-shown, shown > 0)
	return err
}

// findingSummary counts the findings of all syncs, and those of the checks; it names what
// occurs.
func (v *View) findingSummary(p *plan.Plan) {
	for _, line := range findingTotals(p) {
		fmt.Fprintln(v.out, line)
	}
}

func findingTotals(p *plan.Plan) []string {
	var lines, parts []string
	sum := sumFindings(p.Syncs())
	for _, kind := range plan.Noticed(&sum) {
		switch n := plan.Findings(&sum, kind); kind {
		case register.HeldBack: // said already
		case register.Renamed:
			parts = append(parts, plural(n, "likely rename"))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	if len(parts) > 0 {
		lines = append(lines, "Findings: "+strings.Join(parts, ", ")+".")
	}
	totals := map[config.CheckSeverity]int64{}
	for _, c := range allChecks(p) {
		totals[c.Severity] += c.Findings
	}
	parts = nil
	for _, severity := range severities {
		if n := totals[severity]; n > 0 {
			parts = append(parts, severityCount(n, severity))
		}
	}
	if len(parts) > 0 {
		lines = append(lines, "Checks: "+strings.Join(parts, ", ")+".")
	}
	return lines
}

func severityCount(n int64, severity config.CheckSeverity) string {
	if severity == config.CheckInfo {
		return fmt.Sprintf("%d info", n)
	}
	return plural(n, string(severity))
}

func sumFindings(syncs []register.SyncSummary) (sum register.SyncSummary) {
	for i := range syncs {
		s := &syncs[i]
		sum.Ignored += s.Ignored
		sum.Rejected += s.Rejected
		sum.Warned += s.Warned
		sum.Unresolved += s.Unresolved
		sum.Protected += s.Protected
		sum.Changed += s.Changed
		sum.LikelyRenames += s.LikelyRenames
	}
	return sum
}

package transfer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// IncompleteError: a plan would not do with every row of a bundle what it is to do.
type IncompleteError struct {
	Kind register.PurposeKind
	// Reasons say why, of each sync.
	Reasons []string
}

func (e *IncompleteError) Error() string {
	if e.Kind == register.Retire {
		return "The plan would not remove what was exported: it cannot be applied\n" + strings.Join(e.Reasons, "\n") + "\nExport again, import that, and present its confirmation."
	}
	return "The plan would not bring every row of the bundle: it cannot be applied\n" + strings.Join(e.Reasons, "\n") +
		"\nNothing is left behind silently. See above what is wrong with which rows; correct it here, or at the origin and export again."
}

// complete reports what a plan would not bring.
func (m *Import) complete(p *plan.Plan) error {
	missing := &IncompleteError{Kind: register.Import}
	summaries := p.Syncs()
	for i := range m.pairs {
		for _, s := range m.pairs[i].syncs {
			at := slices.IndexFunc(summaries, func(one register.SyncSummary) bool { return one.Sync == s.to.Address })
			if at < 0 {
				missing.Reasons = append(missing.Reasons, "  "+s.to.Address+": the plan has no such sync")
				continue
			}
			missing.Reasons = append(missing.Reasons, unlike(&summaries[at], s.from.Rows)...)
		}
	}
	if len(missing.Reasons) > 0 {
		return missing
	}
	return nil
}

// unlike says what keeps a sync's operations from being the inserts of so many rows.
func unlike(s *register.SyncSummary, rows int64) []string {
	var reasons []string
	say := func(format string, args ...any) {
		reasons = append(reasons, "  "+s.Sync+": "+fmt.Sprintf(format, args...))
	}
	if s.Rejected > 0 {
		say("%d rows do not fit table %q, or refer to rows that are not there", s.Rejected, s.Table)
	}
	if s.Ignored > 0 {
		say("%d keys are held by rows of another origin in table %q", s.Ignored, s.Table)
	}
	if n := s.LiveRows + s.ArchivedRows; n > 0 {
		say("table %q holds %d rows of it since the look at it", s.Table, n)
	}
	if inserts := s.Counts[config.Insert]; len(reasons) == 0 && (inserts != rows || s.Total() != rows) {
		say("%d rows would be inserted, the bundle has %d", inserts, rows)
	}
	return reasons
}

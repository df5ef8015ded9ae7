package plan

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/register"
)

// verdict is what a guard says of a sync.
type verdict struct {
	// Reason lists the breaches, those first that holding back removals does not cure; ""
	// for none.
	Reason string
	// RemovalsOnly: without the sync's archives, deletes and purges there is no breach.
	RemovalsOnly bool
}

// judge holds what a plan would do for a sync against its guard. before is the number of
// source rows of the last applied plan; 0: none is known. Where only what changed was read, the source's
// size is not known, and was judged by the last full comparison.
func judge(g *config.Guard, s *register.SyncSummary, before int64) verdict {
	touched := func(operation string) string { return "rows would be touched by " + operation }
	others := breaches([]limited{
		{"max_insert", g.MaxInsert, s.Counts[config.Insert], s.LiveRows, touched("insert")},
		// A row taken over is overwritten as one that is updated, and so is a key.
		{"max_update", g.MaxUpdate, s.Counts[config.Update] + s.Counts[config.Rename] + s.Counts[config.Adopt], s.LiveRows, touched("update")},
		{"max_undelete", g.MaxUndelete, s.Counts[config.Undelete], s.LiveRows, touched("undelete")},
		{"max_reject", g.MaxReject, s.Rejected, sourceSize(s, before), "records are rejected"},
	})
	var removals []string
	purged := s.Counts[config.Purge]
	// Nothing can be lost where nothing is there.
	vulnerable := s.LiveRows > 0 || purged > 0
	if s.SourceRows < g.MinSourceRows && vulnerable && !s.Partial() {
		removals = append(removals, fmt.Sprintf("the source has %d rows, min_source_rows asks for %d", s.SourceRows, g.MinSourceRows))
	}
	if g.MinSourceRatio > 0 && before > 0 && !s.Partial() && (vulnerable || s.SourceRows > 0) && share(s.SourceRows, before, g.MinSourceRatio) < 0 {
		removals = append(removals, fmt.Sprintf("the source has %d rows, the last applied plan's had %d: min_source_ratio asks for %g%%", s.SourceRows, before, g.MinSourceRatio))
	}
	removals = append(removals, breaches([]limited{
		{"max_delete", g.MaxDelete, s.Removed() - purged, s.LiveRows, touched("delete")},
		{"max_purge", g.MaxPurge, purged, s.ArchivedRows, "archived " + touched("purge")},
	})...)
	return verdict{
		Reason:       strings.Join(append(others, removals...), "; "),
		RemovalsOnly: len(others) == 0 && len(removals) > 0,
	}
}

// sourceSize is what a share of the source's records is of.
func sourceSize(s *register.SyncSummary, before int64) int64 {
	if s.Partial() {
		return max(s.SourceRows, before)
	}
	return s.SourceRows
}

// limited is a number of rows that a guard may limit.
type limited struct {
	name  string // of the limit
	limit *config.Limit
	count int64
	base  int64 // what a share is of
	what  string
}

// breaches says which limits are exceeded.
func breaches(all []limited) []string {
	var found []string
	for _, l := range all {
		switch {
		case l.limit == nil:
		case l.limit.Percent == 0:
			if l.count > l.limit.Count {
				found = append(found, fmt.Sprintf("%d %s, %s allows %d", l.count, l.what, l.name, l.limit.Count))
			}
		// There is no share of nothing: a first load is not held by one.
		case l.base > 0 && l.base >= l.limit.Least && share(l.count, l.base, l.limit.Percent) > 0:
			found = append(found, fmt.Sprintf("%d of %d %s, %s allows %g%%", l.count, l.base, l.what, l.name, l.limit.Percent))
		}
	}
	return found
}

// share compares count with a percentage of base: -1, 0 or 1. It is exact: 0.57 % of
// 10,000 are 57 and not a little less.
func share(count, base int64, percent float64) int {
	of, ok := new(big.Rat).SetString(strconv.FormatFloat(percent, 'f', -1, 64))
	if !ok { // not a number: no share is below it
		return 1
	}
	of.Mul(of, new(big.Rat).SetInt64(base))
	return new(big.Rat).Mul(new(big.Rat).SetInt64(count), big.NewRat(100, 1)).Cmp(of)
}

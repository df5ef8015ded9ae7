package plan

import (
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// NowText is the canonical text of an instant as the column holds it, cut to the
// column's precision: rounded up it would lie in the future, and a row just
// archived would count as alive.
func NowText(column sqlgen.Column, now time.Time, loc *time.Location) string {
	if column.Type.Kind == value.Date {
		return value.OfDate(now.In(loc)).Text()
	}
	unit := time.Second
	for range min(column.Type.Fraction, 6) {
		unit /= 10
	}
	v := value.OfInstant(now.UTC().Truncate(unit))
	if column.Type.Kind == value.DateTime {
		v = v.InZone(loc)
	}
	return v.Text()
}

// SetClock says by when an archived row must have been archived, and by when one to purge;
// for the target and those it looks up or shares its table with.
func SetClock(t *sqlgen.Target, sync *config.Sync, now time.Time, loc *time.Location) {
	SetAsOf(t, now, loc)
	if t.PurgeSince != nil {
		until := now.Add(-sync.Lifecycle.PurgeAfter)
		if t.PurgeSince.Type.Kind == value.Date {
			until = until.In(loc).AddDate(0, 0, -1) // a day is over at its end
		}
		t.PurgeUntil = NowText(*t.PurgeSince, until, loc)
	}
	for _, sibling := range t.Siblings {
		SetAsOf(sibling, now, loc)
	}
	for _, l := range t.Lookups {
		for _, owner := range l.Owners {
			SetAsOf(owner, now, loc)
		}
	}
}

// SetAsOf says by when an archived row must have been archived: now. Where clocks have
// been put back within the last hour, a wall clock is behind what it showed before, and
// what was archived then would count as alive: there the hour is added.
func SetAsOf(t *sqlgen.Target, now time.Time, loc *time.Location) {
	if t.Archived == nil {
		return
	}
	if t.Archived.Type.Kind == value.DateTime {
		_, before := now.Add(-time.Hour).In(loc).Zone()
		if _, after := now.In(loc).Zone(); after < before {
			now = now.Add(time.Duration(before-after) * time.Second)
		}
	}
	t.AsOf = NowText(*t.Archived, now, loc)
}

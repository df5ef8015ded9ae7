package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/schedule"
)

func (a *app) scheduleCommand() *cobra.Command {
	return group("schedule", "Show when runs are due, try a schedule, write it for another scheduler",
		`Shows when runs are due, tries a schedule, and writes it for a scheduler that runs
already.`,
		a.scheduleNextCommand(), a.scheduleTestCommand(), a.scheduleExportCommand())
}

type scheduleNextOptions struct {
	count            int
	from             string
	syncs, schedules []string
	json             bool
}

func (a *app) scheduleNextCommand() *cobra.Command {
	var o scheduleNextOptions
	c := a.command(&cobra.Command{
		Use:   "next [--count N] [--from TIME] [--sync ADDRESS…] [--schedule ADDRESS…] [--json]",
		Short: "Show the coming runs",
		Long: `Lists the coming runs of the schedules that syncs use, and between them the slots that
are not run, with the reason. No connection is opened: pauses are not known.`,
		Args: cobra.NoArgs,
	}, func(_ context.Context, _ []string) error { return a.scheduleNext(o) })
	f := c.Flags()
	f.IntVar(&o.count, "count", 10, "show `N` runs")
	f.StringVar(&o.from, "from", "", "begin at `TIME`, such as 2026-10-25, \"2026-10-25 02:30\" in the schedule's time zone, or 2026-10-25T00:30:00Z (default now)")
	f.StringArrayVar(&o.syncs, "sync", nil, "only runs of the sync or instance `ADDRESS`; may be repeated")
	f.StringArrayVar(&o.schedules, "schedule", nil, "only the schedule `ADDRESS`, whether or not a sync uses it; may be repeated")
	f.BoolVar(&o.json, "json", false, "write JSON")
	return c
}

const maxNextRuns = 10_000

func (a *app) scheduleNext(o scheduleNextOptions) error {
	a.json = o.json
	if o.count < 1 || o.count > maxNextRuns {
		return fmt.Errorf("--count %d: expected 1 to %d", o.count, maxNextRuns)
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	used, err := schedulesUsed(cfg, o.syncs, o.schedules)
	if err != nil {
		return err
	}
	from, err := a.timeFlag("--from", o.from, zoneOf(cfg, used))
	if err != nil {
		return err
	}
	next := view.ScheduleNext{From: from, Zone: zoneOf(cfg, used)}
	for _, u := range used {
		next.Lines = append(next.Lines, coming(u, &cfg.Settings.Service, from, o.count)...)
		if u.Jitter > 0 {
			next.Jitter = append(next.Jitter, u.ScheduleUse)
		}
	}
	slices.SortStableFunc(next.Lines, func(x, y view.ScheduleLine) int { return x.At().Compare(y.At()) })
	next.Cut(o.count)
	if o.json {
		return a.out().ScheduleNextJSON(&next, a.warnings, a.files)
	}
	a.out().ScheduleNext(&next)
	return nil
}

// usedSchedule is a schedule with what runs by it.
type usedSchedule struct{ view.ScheduleUse }

// schedulesUsed lists the schedules of the syncs, or of those with some addresses; where schedules are named, those,
// used or not.
func schedulesUsed(cfg *config.Config, syncs, schedules []string) ([]usedSchedule, error) {
	for _, address := range syncs {
		if !slices.ContainsFunc(cfg.Syncs, func(s *config.Sync) bool { return s.Targeted(address) }) {
			var known []string
			for _, s := range cfg.Syncs {
				block, _, _ := strings.Cut(s.Address, "[")
				known = append(known, s.Address, block)
			}
			return nil, fmt.Errorf("there is no sync %s.%s", address, suggest.Question(address, known))
		}
	}
	wanted, err := findSchedules(cfg, schedules)
	if err != nil {
		return nil, err
	}
	var out []usedSchedule
	for _, s := range cfg.Schedules {
		u := usedSchedule{view.ScheduleUse{Schedule: s}}
		for _, sync := range cfg.Syncs {
			if sync.Schedule != s || len(syncs) > 0 && !slices.ContainsFunc(syncs, sync.Targeted) {
				continue
			}
			u.Syncs = append(u.Syncs, sync.Address)
			if sync.Faculty != "" && !slices.Contains(u.Faculties, sync.Faculty) {
				u.Faculties = append(u.Faculties, sync.Faculty)
			}
		}
		named := slices.Contains(wanted, s)
		if named && (len(syncs) == 0 || len(u.Syncs) > 0) || len(wanted) == 0 && len(u.Syncs) > 0 {
			out = append(out, u)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no schedule is left: %s", noSchedule(cfg, syncs))
	}
	return out, nil
}

func noSchedule(cfg *config.Config, syncs []string) string {
	switch {
	case len(cfg.Schedules) == 0:
		return "the configuration has none"
	case len(syncs) > 0:
		return "the syncs named do not run by one"
	default:
		return "no sync uses one; --schedule ADDRESS names one all the same"
	}
}

// findSchedule returns the schedule that a command line names: by its address, or by its name where no other has it.
func findSchedule(cfg *config.Config, name string) (*config.Schedule, error) {
	var named []*config.Schedule
	var known, candidates []string
	for _, s := range cfg.Schedules {
		if s.Address == name {
			return s, nil
		}
		if s.Name == name {
			named, candidates = append(named, s), append(candidates, s.Address)
		}
		known = append(known, s.Address)
	}
	switch len(named) {
	case 0:
	case 1:
		return named[0], nil
	default:
		return nil, fmt.Errorf("schedule %s: which one? There are %s", name, strings.Join(candidates, ", "))
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("there is no schedule %s: the configuration has none", name)
	}
	question := suggest.Question(name, known)
	if question == "" {
		question = suggest.Question("schedule."+name, known)
	}
	if question == "" {
		question = " There are " + strings.Join(known, ", ") + "."
	}
	return nil, fmt.Errorf("there is no schedule %s.%s", name, question)
}

func findSchedules(cfg *config.Config, names []string) ([]*config.Schedule, error) {
	var found []*config.Schedule
	for _, name := range names {
		s, err := findSchedule(cfg, name)
		if err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	return found, nil
}

// zoneOf is the time zone of some schedules or, where they differ, the configuration's.
func zoneOf(cfg *config.Config, used []usedSchedule) *time.Location {
	for _, u := range used {
		if u.Timezone.String() != used[0].Timezone.String() {
			return cfg.Settings.Timezone
		}
	}
	return used[0].Timezone
}

// timeFlag reads a time, local to the zone unless it says otherwise; "" is now.
func (a *app) timeFlag(flag, text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return a.env.Now().UTC(), nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05", time.DateOnly} {
		if wall, err := time.Parse(layout, text); err == nil {
			return schedule.At(wall, zone), nil
		}
	}
	return time.Time{}, fmt.Errorf(`%s %q: expected a time such as 2026-10-25, "2026-10-25 02:30" or 2026-10-25T00:30:00Z`, flag, text)
}

// Beyond this the slots of a gap are not counted.
const countedGap = 400 * 24 * time.Hour

// longestDelay is how long before a time slots are looked for that are delayed beyond it.
const longestDelay = 366 * 24 * time.Hour

// coming lists the first runs of a schedule from a time on, with the gaps before and between them.
func coming(u usedSchedule, service *config.Service, from time.Time, count int) []view.ScheduleLine {
	c := schedule.New(u.Schedule, service)
	var lines []view.ScheduleLine
	after := from.Add(-1)
	if delayed, ok := delayedBeyond(c, after); ok {
		lines = append(lines, view.ScheduleLine{ScheduleUse: u.ScheduleUse, Entry: delayed})
	}
	// Nobody looks farther ahead than the calendar does.
	for e := range c.Starts(after, from.AddDate(28, 0, 0)) {
		lines = append(lines, gaps(u, c, after, e.Slot.Add(-1))...)
		lines = append(lines, view.ScheduleLine{ScheduleUse: u.ScheduleUse, Entry: e})
		after = e.Slot
		if len(lines) >= count && runs(lines) >= count {
			return lines
		}
	}
	return append(lines, ending(u, c, service, after))
}

func runs(lines []view.ScheduleLine) int {
	n := 0
	for i := range lines {
		if lines[i].IsRun() {
			n++
		}
	}
	return n
}

// delayedBeyond returns the entry of a slot before t that starts after it.
func delayedBeyond(c *schedule.Calendar, t time.Time) (schedule.Entry, bool) {
	slot, ok := c.Previous(t, t.Add(-longestDelay))
	if !ok {
		return schedule.Entry{}, false
	}
	e, ok := c.Slot(slot)
	return e, ok && e.Start.After(t)
}

// gaps lists the slots between two times that are not run, a line for those in a row that have one reason.
func gaps(u usedSchedule, c *schedule.Calendar, after, until time.Time) []view.ScheduleLine {
	var lines []view.ScheduleLine
	for e := range c.Entries(after, earliest(until, after.Add(countedGap)), true) {
		if n := len(lines); n > 0 && lines[n-1].SameReason(e.Reason) {
			lines[n-1].Until, lines[n-1].Reason = e.Slot, e.Reason
			lines[n-1].Slots++
			continue
		}
		lines = append(lines, view.ScheduleLine{ScheduleUse: u.ScheduleUse, Entry: e, Until: e.Slot, Slots: 1})
	}
	if n := len(lines); n > 0 && until.Sub(after) > countedGap {
		lines[n-1].Until, lines[n-1].Slots = until, 0
	}
	return lines
}

// ending says why no run comes any more.
func ending(u usedSchedule, c *schedule.Calendar, service *config.Service, after time.Time) view.ScheduleLine {
	line := view.ScheduleLine{ScheduleUse: u.ScheduleUse, Ends: true}
	line.Slot, line.Reason = after, schedule.NoMore(u.Schedule, service, after)
	if line.Reason == nil {
		line.Reason = &schedule.Reason{Kind: schedule.NoSlot, Range: u.Range, Text: "no slot"}
	}
	for e := range c.Entries(after, after.Add(countedGap), true) {
		line.Slot = e.Slot
		break
	}
	return line
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

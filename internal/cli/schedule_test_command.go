package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/schedule"
)

type scheduleTestOptions struct {
	address                 string
	at, state               string
	json                    bool
	steps, record, recorded bool
}

func (a *app) scheduleTestCommand() *cobra.Command {
	var o scheduleTestOptions
	c := a.command(&cobra.Command{
		Use:   "test ADDRESS [--at TIME] [--json] | test (--steps | --record | --recorded) [--state STATE]",
		Short: "Say whether a schedule would start a run at a time, or try an installed one",
		Long: `Says whether the schedule ADDRESS starts a run at a time and, where it does not, all that
would have to change for it. Exits with 0 if a run would start, with 3 if none would, and
with 1 after an error.

An installed schedule is tried in three steps: by hand, by the clock, and while nobody is
logged on. --steps prints how. In each, the scheduler runs registrar schedule test
--record, which examines the connections as doctor does, writes no table, and notes beside
the state of serve and run who ran it, where, and whether at a terminal. --recorded shows
which of the steps were seen, and exits with 3 while one is missing or found a problem.`,
		Args: cobra.MaximumNArgs(1),
	}, func(ctx context.Context, args []string) error {
		if len(args) > 0 {
			o.address = args[0]
		}
		return a.scheduleTest(ctx, o)
	})
	f := c.Flags()
	f.StringVar(&o.at, "at", "", "test `TIME`, such as \"2026-10-25 02:30\" in the schedule's time zone, or 2026-10-25T00:30:00Z (default now)")
	f.BoolVar(&o.json, "json", false, "write JSON")
	f.BoolVar(&o.steps, "steps", false, "print the three steps that try an installed schedule")
	f.BoolVar(&o.record, "record", false, "examine the connections, and note that this was run")
	f.BoolVar(&o.recorded, "recorded", false, "show which of the three steps were seen")
	f.StringVar(&o.state, "state", "", "keep the notes beside `STATE`, which is what run takes; unless set, in .registrar or where $"+stateVariable+" is")
	c.MarkFlagsMutuallyExclusive("steps", "record", "recorded")
	for _, flag := range []string{"steps", "record", "recorded"} {
		c.MarkFlagsMutuallyExclusive("at", flag)
		c.MarkFlagsMutuallyExclusive("json", flag)
	}
	return c
}

func (a *app) scheduleTest(ctx context.Context, o scheduleTestOptions) error {
	installed := o.steps || o.record || o.recorded
	switch {
	case installed && o.address != "":
		return errors.New("the three steps are of all schedules: leave the address out")
	case !installed && o.state != "":
		return errors.New("--state goes with --steps, --record or --recorded")
	case o.steps:
		return a.scheduleSteps(o.state)
	case o.record:
		return a.recordScheduleTest(ctx, o.state)
	case o.recorded:
		return a.recordedScheduleTests(o.state)
	case o.address == "":
		return errors.New("Say what to test\nThe ADDRESS of a schedule, such as schedule.nightly; or --steps for how to try one that is installed.") //nolint:revive,staticcheck // the box's headline and prose
	default:
		return a.scheduleTestAt(o)
	}
}

func (a *app) scheduleTestAt(o scheduleTestOptions) error {
	a.json = o.json
	cfg, err := a.load()
	if err != nil {
		return err
	}
	used, err := schedulesUsed(cfg, nil, []string{o.address})
	if err != nil {
		return err
	}
	at, err := a.timeFlag("--at", o.at, used[0].Timezone)
	if err != nil {
		return err
	}
	test := tested(used[0], schedule.New(used[0].Schedule, &cfg.Settings.Service), at)
	if o.json {
		err = a.out().ScheduleTestJSON(test, a.warnings, a.files)
	} else {
		a.out().ScheduleTest(test)
	}
	if err != nil || test.Runs {
		return err
	}
	return codeError(exitHeld)
}

// tested says what a schedule does in the minute of a time.
func tested(u usedSchedule, c *schedule.Calendar, at time.Time) *view.ScheduleTest {
	at = at.UTC().Truncate(time.Minute)
	test := &view.ScheduleTest{ScheduleUse: u.ScheduleUse, At: at, Reasons: c.Reasons(at)}
	if slot, ok := c.Previous(at, at.Add(-longestDelay)); ok {
		if e, ok := c.Slot(slot); ok && e.Start.Equal(at) {
			test.Runs, test.Entry = true, e
		}
		if e, ok := c.Slot(at); !test.Runs && ok {
			test.Entry = e // which is delayed, or never starts
		}
	}
	for e := range c.Entries(at, at.Add(countedGap), true) {
		test.NextSlot = e.Slot
		break
	}
	for e := range c.Starts(at, at.AddDate(28, 0, 0)) {
		test.Next = e.Start
		break
	}
	if e, ok := delayedBeyond(c, at); ok {
		test.Next = e.Start
	}
	return test
}

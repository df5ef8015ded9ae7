package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netresearch/go-cron"
)

// Cron is what a cron expression says. In its sets bit n is set for n.
type Cron struct {
	Times                  []time.Duration // from midnight, in their order
	Days, Months, Weekdays uint64          // from 1, 1 and 0 (Sunday) on
	// Both: a day must be among Days and among Weekdays. Where neither field begins with a *, one of the two is enough,
	// as in crontab(5).
	Both bool
}

func (c *Cron) match(date time.Time) bool {
	has := func(set uint64, n int) bool { return set>>n&1 == 1 }
	if !has(c.Months, int(date.Month())) {
		return false
	}
	inMonth, inWeek := has(c.Days, date.Day()), has(c.Weekdays, int(date.Weekday()))
	if c.Both {
		return inMonth && inWeek
	}
	return inMonth || inWeek
}

// ParseCron reads the five fields minute, hour, day of the month, month and day of the week.
func ParseCron(text string) (*Cron, error) {
	fields := strings.Fields(text)
	switch {
	case strings.HasPrefix(text, "@"):
		return nil, errors.New("names such as @daily are not among them")
	case len(fields) == 6:
		return nil, errors.New("it has 6 fields; there are no seconds")
	case len(fields) != 5:
		return nil, fmt.Errorf("the number of its fields is %d", len(fields))
	case strings.Contains(text, "="):
		return nil, errors.New("the time zone is a schedule's timezone argument")
	}
	parser, err := cron.TryNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.DowOrDom)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.Parse(text)
	if err != nil {
		return nil, err
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, errors.New("it is not made of fields")
	}
	anyDay := func(field string) bool { return strings.HasPrefix(field, "*") || strings.HasPrefix(field, "?") }
	out := &Cron{
		Days: spec.Dom & (1<<32 - 2), Months: spec.Month & (1<<13 - 2), Weekdays: cron.NormalizeDOW(spec.Dow) & (1<<7 - 1),
		Both: anyDay(fields[2]) || anyDay(fields[4]),
	}
	for hour := range 24 {
		for minute := range 60 {
			if spec.Hour>>hour&1 == 1 && spec.Minute>>minute&1 == 1 {
				out.Times = append(out.Times, time.Duration(hour)*time.Hour+time.Duration(minute)*time.Minute)
			}
		}
	}
	return out, nil
}

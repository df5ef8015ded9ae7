package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netresearch/go-cron"
)

// CheckCron returns what is wrong with a cron expression.
func CheckCron(text string) error {
	_, _, err := parseCron(text)
	return err
}

// cronDates are the days of a cron expression; bit n is set for n.
type cronDates struct {
	days, months, weekdays uint64
	// both: a day must be among the days of the month and of the week. Where neither field begins with a *, one of
	// the two is enough, as in crontab(5).
	both bool
}

func (d *cronDates) match(date time.Time) bool {
	has := func(set uint64, n int) bool { return set>>n&1 == 1 }
	if !has(d.months, int(date.Month())) {
		return false
	}
	inMonth, inWeek := has(d.days, date.Day()), has(d.weekdays, int(date.Weekday()))
	if d.both {
		return inMonth && inWeek
	}
	return inMonth || inWeek
}

// parseCron reads the five fields minute, hour, day of the month, month and day of the week.
func parseCron(text string) ([]time.Duration, *cronDates, error) {
	fields := strings.Fields(text)
	switch {
	case strings.HasPrefix(text, "@"):
		return nil, nil, errors.New("names such as @daily are not among them")
	case len(fields) == 6:
		return nil, nil, errors.New("it has 6 fields; there are no seconds")
	case len(fields) != 5:
		return nil, nil, fmt.Errorf("the number of its fields is %d", len(fields))
	case strings.Contains(text, "="):
		return nil, nil, errors.New("the time zone is a schedule's timezone argument")
	}
	parser, err := cron.TryNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.DowOrDom)
	if err != nil {
		return nil, nil, err
	}
	parsed, err := parser.Parse(text)
	if err != nil {
		return nil, nil, err
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, nil, errors.New("it is not made of fields")
	}
	var times []time.Duration
	for hour := range 24 {
		for minute := range 60 {
			if spec.Hour>>hour&1 == 1 && spec.Minute>>minute&1 == 1 {
				times = append(times, time.Duration(hour)*time.Hour+time.Duration(minute)*time.Minute)
			}
		}
	}
	anyDay := func(field string) bool { return strings.HasPrefix(field, "*") || strings.HasPrefix(field, "?") }
	return times, &cronDates{
		days: spec.Dom, months: spec.Month, weekdays: cron.NormalizeDOW(spec.Dow), both: anyDay(fields[2]) || anyDay(fields[4]),
	}, nil
}

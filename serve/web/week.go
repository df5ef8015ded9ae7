package web

import (
	"fmt"
	"time"
)

// week is an ISO week: Monday to Sunday, in a zone.
type week struct {
	year, number int
	monday       time.Time // midnight in UTC, of which only the date counts
}

// The years that the calendar shows.
const (
	firstYear = 2000
	lastYear  = 2199
)

func weekOf(t time.Time) week {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	monday := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	year, number := monday.ISOWeek()
	return week{year: year, number: number, monday: monday}
}

// parseWeek reads 2026-W48.
func parseWeek(text string) (week, error) {
	var year, number int
	if n, err := fmt.Sscanf(text, "%4d-W%2d", &year, &number); err != nil || n != 2 || text != fmt.Sprintf("%04d-W%02d", year, number) {
		return week{}, fmt.Errorf("%q is not a week such as 2026-W48", text)
	}
	if year < firstYear || year > lastYear {
		return week{}, fmt.Errorf("the calendar goes from %d to %d", firstYear, lastYear)
	}
	// 4 January is always in the first week.
	w := weekOf(time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*(number-1)))
	if w.year != year || w.number != number {
		return week{}, fmt.Errorf("%d has no week %d", year, number)
	}
	return w, nil
}

func (w week) String() string { return fmt.Sprintf("%04d-W%02d", w.year, w.number) }

// add returns the week n weeks later.
func (w week) add(n int) week { return weekOf(w.monday.AddDate(0, 0, 7*n)) }

// day is a day of the week from its first instant to that of the next.
type day struct {
	start, end time.Time // end exclusive; in the zone
}

// day returns a day of the week, from 0 for Monday.
func (w week) day(i int, zone *time.Location) day {
	date := w.monday.AddDate(0, 0, i)
	return day{start: dayStart(date, zone), end: dayStart(date.AddDate(0, 0, 1), zone)}
}

// dayStart is the first instant of a day. Where clocks change at midnight there is no 00:00 on that day, or
// there are two.
func dayStart(date time.Time, zone *time.Location) time.Time {
	const step = 15 * time.Minute
	within := func(t time.Time) bool {
		year, month, day := t.Date()
		return year == date.Year() && month == date.Month() && day == date.Day()
	}
	// No change of clocks is greater than a day, nor a fraction of the step.
	t := time.Date(date.Year(), date.Month(), date.Day(), 12, 0, 0, 0, zone)
	for within(t.Add(-step)) {
		t = t.Add(-step)
	}
	return t
}

// at is where an instant is on the day, from 0 to 1.
func (d day) at(t time.Time) float64 {
	fraction := float64(t.Sub(d.start)) / float64(d.end.Sub(d.start))
	return min(max(fraction, 0), 1)
}

// change says how the clocks change on the day; "" where they do not.
func (d day) change() string {
	const usual = 24 * time.Hour
	length := d.end.Sub(d.start)
	if length == usual {
		return ""
	}
	_, at := d.start.ZoneBounds()
	before := at.Add(-time.Second)
	_, old := before.Zone()
	wall := at.In(time.FixedZone("", old)).Format("15:04")
	verb, by := "forward", usual-length
	if length > usual {
		verb, by = "back", length-usual
	}
	return fmt.Sprintf("%s long: at %s the clocks go %s by %s", roughly(length), wall, verb, roughly(by))
}

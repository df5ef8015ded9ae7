package export

import (
	"maps"
	"math/bits"
	"slices"
	"time"
)

const minutesOfDay = 24 * 60

// minutes is a set of minutes of a day: a bit per minute, by hour.
type minutes [24]uint64

func (m *minutes) add(minute int)     { m[minute/60] |= 1 << (minute % 60) }
func (m minutes) has(minute int) bool { return m[minute/60]&(1<<(minute%60)) != 0 }
func (m minutes) empty() bool         { return m == minutes{} }

// list returns them in their order.
func (m minutes) list() []int {
	var out []int
	for hour, set := range m {
		for _, minute := range elements(set) {
			out = append(out, hour*60+minute)
		}
	}
	return out
}

func (m *minutes) addAll(other minutes) {
	for hour := range m {
		m[hour] |= other[hour]
	}
}

func (m *minutes) removeAll(other minutes) {
	for hour := range m {
		m[hour] &^= other[hour]
	}
}

// elements are the numbers of the bits that are set.
func elements(set uint64) []int {
	var out []int
	for ; set != 0; set &= set - 1 {
		out = append(out, bits.TrailingZeros64(set))
	}
	return out
}

// Sets of months, of days of the month and of days of the week, a bit for each: from 1 on, 1 on and 0
// (Sunday) on.
const (
	allMonths   uint64 = 1<<13 - 2
	allDays     uint64 = 1<<32 - 2
	allWeekdays uint64 = 1<<7 - 1
)

// times are minutes of days in local time. What it holds is the union of both maps.
type times struct {
	weekly  map[uint64]*[7]minutes // by months: for each day of the week
	monthly map[monthly]*minutes
}

// monthly is the days of a rule that goes by the day of the month.
type monthly struct{ months, days uint64 }

func newTimes() *times {
	return &times{weekly: make(map[uint64]*[7]minutes), monthly: make(map[monthly]*minutes)}
}

func (t *times) addWeekly(months uint64, weekday time.Weekday, m minutes) {
	if m.empty() {
		return
	}
	week := t.weekly[months]
	if week == nil {
		week = new([7]minutes)
		t.weekly[months] = week
	}
	week[weekday].addAll(m)
}

func (t *times) addMonthly(at monthly, m minutes) {
	if m.empty() {
		return
	}
	if t.monthly[at] == nil {
		t.monthly[at] = new(minutes)
	}
	t.monthly[at].addAll(m)
}

// addMinute adds the minute of a local time in months like its own, on its day of the week.
func (t *times) addMinute(local time.Time) {
	var m minutes
	m.add(local.Hour()*60 + local.Minute())
	t.addWeekly(1<<local.Month(), local.Weekday(), m)
}

// has reports whether a local time's minute is among them.
func (t *times) has(local time.Time) bool {
	month, minute := uint64(1)<<local.Month(), local.Hour()*60+local.Minute()
	for months, week := range t.weekly {
		if months&month != 0 && week[local.Weekday()].has(minute) {
			return true
		}
	}
	for at, m := range t.monthly {
		if at.months&month != 0 && at.days&(1<<local.Day()) != 0 && m.has(minute) {
			return true
		}
	}
	return false
}

func (t *times) empty() bool { return len(t.weekly) == 0 && len(t.monthly) == 0 }

// addShifted adds the times of other, so many minutes later, less than a day. Where that crosses midnight
// and the days go by month, there are more of them than needed, never fewer.
func (t *times) addShifted(other *times, minutesLater int) {
	for months, week := range other.weekly {
		for weekday, m := range week {
			for shift, shifted := range m.shifted(minutesLater) {
				t.addWeekly(monthsShifted(months, shift), time.Weekday((weekday+shift+7)%7), shifted)
			}
		}
	}
	for at, m := range other.monthly {
		for shift, shifted := range m.shifted(minutesLater) {
			t.addMonthly(at.shifted(shift), shifted)
		}
	}
}

// shifted returns the minutes so much later, by the day on which they then are: -1, 0 or 1.
func (m minutes) shifted(later int) map[int]minutes {
	out := make(map[int]minutes)
	for _, minute := range m.list() {
		shift, at := 0, minute+later
		if at < 0 {
			shift, at = -1, at+minutesOfDay
		} else if at >= minutesOfDay {
			shift, at = 1, at-minutesOfDay
		}
		part := out[shift]
		part.add(at)
		out[shift] = part
	}
	return out
}

// monthsShifted are the months in which days may lie that are a day before or after those of months.
func monthsShifted(months uint64, shift int) uint64 {
	switch shift {
	case 1:
		months |= months<<1 | months>>11
	case -1:
		months |= months>>1 | months<<11
	}
	return months & allMonths
}

func (at monthly) shifted(shift int) monthly {
	out := at
	switch shift {
	case 1:
		out.days = at.days << 1 & allDays
		if at.days>>28 != 0 { // 28 to 31 may be the month's last
			out.days |= 1 << 1
			out.months = monthsShifted(at.months, shift)
		}
	case -1:
		out.days = at.days >> 1 & allDays
		if at.days&(1<<1) != 0 {
			out.days |= 0xf << 28
			out.months = monthsShifted(at.months, shift)
		}
	}
	return out
}

// rule is a part of times that any scheduler can say: on these days, at these minutes.
type rule struct {
	months, days, weekdays uint64 // days or weekdays are all
	minutes                minutes
}

// rules returns the times with equal days put together: those of every month first.
func (t *times) rules() []rule {
	var out []rule
	always := t.weekly[allMonths]
	for _, months := range slices.SortedFunc(maps.Keys(t.weekly), fewerLast) {
		week := *t.weekly[months]
		if months != allMonths && always != nil {
			for weekday := range week {
				week[weekday].removeAll(always[weekday])
			}
		}
		// From Monday on, as people read a week.
		for i := range 7 {
			first := (i + 1) % 7
			m := week[first]
			if m.empty() {
				continue
			}
			var weekdays uint64
			for other := range week {
				if week[other] == m {
					weekdays |= 1 << other
					week[other] = minutes{}
				}
			}
			out = append(out, rule{months: months, days: allDays, weekdays: weekdays, minutes: m})
		}
	}
	for _, at := range slices.SortedFunc(maps.Keys(t.monthly), func(a, b monthly) int {
		if a.months != b.months {
			return fewerLast(a.months, b.months)
		}
		return fewerLast(a.days, b.days)
	}) {
		out = append(out, rule{months: at.months, days: at.days, weekdays: allWeekdays, minutes: *t.monthly[at]})
	}
	return out
}

// fewerLast orders sets, larger ones first.
func fewerLast(a, b uint64) int {
	if n := bits.OnesCount64(b) - bits.OnesCount64(a); n != 0 {
		return n
	}
	if a < b {
		return -1
	}
	return 1
}

// block is a rule whose minutes are the same in each of its hours.
type block struct {
	rule
	hours, minute uint64
}

// blocks splits rules by hours with the same minutes, and puts together those that differ by their day of
// the week only.
func (t *times) blocks() []block {
	var out []block
	for _, r := range t.rules() {
		for hour, set := range r.minutes {
			if set == 0 {
				continue
			}
			i := slices.IndexFunc(out, func(b block) bool { return b.sameDays(r) && b.minute == set })
			if i < 0 {
				i = len(out)
				out = append(out, block{rule: r, minute: set})
			}
			out[i].hours |= 1 << hour
		}
	}
	for i := 0; i < len(out); i++ {
		for j := len(out) - 1; j > i; j-- {
			a, b := &out[i], out[j]
			if a.months == b.months && a.days == allDays && b.days == allDays && a.hours == b.hours && a.minute == b.minute {
				a.weekdays |= b.weekdays
				out = slices.Delete(out, j, j+1)
			}
		}
	}
	return out
}

func (r rule) sameDays(other rule) bool {
	return r.months == other.months && r.days == other.days && r.weekdays == other.weekdays
}

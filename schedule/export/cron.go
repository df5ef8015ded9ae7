package export

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// crons are the lines of five fields for times, at least one.
func (t *times) crons() []string {
	var out []string
	for _, b := range t.blocks() {
		out = append(out, b.cron())
	}
	return out
}

func (b block) cron() string {
	return strings.Join([]string{
		field(b.minute, 0, 59), field(b.hours, 0, 23), field(b.days, 1, 31), field(b.months, 1, 12), field(b.weekdays, 0, 6),
	}, " ")
}

// joinedCost is how many starts more on a day one line may cost that stands for several.
const joinedCost = 12

// cronsJoined is one line for all times, or more where that one would start much more often. A scheduler that starts
// nothing beside what is still at work does so for each line.
func (t *times) cronsJoined() []string {
	var all block
	starts := 0
	perDay := func(b block) int { return bits.OnesCount64(b.minute) * bits.OnesCount64(b.hours) }
	for _, b := range t.blocks() {
		starts += perDay(b)
		all.minute |= b.minute
		all.hours |= b.hours
		all.days |= b.days
		all.months |= b.months
		all.weekdays |= b.weekdays
	}
	if perDay(all) > starts+joinedCost {
		return t.crons()
	}
	return []string{all.cron()}
}

// cronsOfRepeated are lines for the second of two equal times. A crond that runs a job of a fixed time only once
// on such a day looks at each hour of one that has none.
func (t *times) cronsOfRepeated() []string {
	hourly := newTimes()
	for months, week := range t.weekly {
		for weekday, m := range week {
			var inHour uint64
			for _, set := range m {
				inHour |= set
			}
			var every minutes
			if inHour != 0 {
				for hour := range every {
					every[hour] = inHour
				}
			}
			hourly.addWeekly(months, time.Weekday(weekday), every)
		}
	}
	return hourly.crons()
}

// field spells a set in a crontab: as *, as */n, or as a list of numbers and spans.
func field(set uint64, least, most int) string {
	all := elements(set)
	if len(all) == most-least+1 {
		return "*"
	}
	if step := stepOf(all); len(all) > 2 && step > 1 && all[0] == least && all[len(all)-1]+step > most {
		return "*/" + strconv.Itoa(step)
	}
	return spans(all, "-", "/")
}

// spans spells numbers in their order: those that follow each other as a span, four and more with equal gaps
// as one with a step.
func spans(all []int, dash, slash string) string {
	if step := stepOf(all); step > 1 && len(all) > 3 {
		return fmt.Sprintf("%d%s%d%s%d", all[0], dash, all[len(all)-1], slash, step)
	}
	var out []string
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n] == all[n-1]+1 {
			n++
		}
		if n > 2 {
			out = append(out, strconv.Itoa(all[0])+dash+strconv.Itoa(all[n-1]))
		} else {
			n = 1
			out = append(out, strconv.Itoa(all[0]))
		}
		all = all[n:]
	}
	return strings.Join(out, ",")
}

// stepOf is the gap between all neighbours, 0 where they differ or there is none.
func stepOf(all []int) int {
	if len(all) < 2 {
		return 0
	}
	step := all[1] - all[0]
	for i := range all[1:] {
		if all[i+1]-all[i] != step {
			return 0
		}
	}
	return step
}

// zones are the time zones of a job's parts, its own first.
func (j *job) zones() []*time.Location {
	var out []*time.Location
	for _, p := range j.parts {
		if !slices.ContainsFunc(out, func(z *time.Location) bool { return z.String() == p.zone.String() }) {
			out = append(out, p.zone)
		}
	}
	return out
}

// zoned is a line for a scheduler that takes a time zone with it.
type zoned struct {
	cron string
	zone *time.Location
}

// zonedCrons are a job's lines, each in its part's own time zone: crons or cronsJoined.
func (w *writer) zonedCrons(j *job, crons func(*times) []string) []zoned {
	var out []zoned
	for _, zone := range j.zones() {
		for _, line := range crons(w.local(j, zone)) {
			out = append(out, zoned{line, zone})
		}
	}
	return out
}

// local joins the parts of a job that are in a zone, as its own clocks show them.
func (w *writer) local(j *job, zone *time.Location) *times {
	parts := slices.DeleteFunc(slices.Clone(j.parts), func(p part) bool { return p.zone.String() != zone.String() })
	out, _ := union(parts, zone, w.o.Now)
	return out
}

// firstOfRepeated are a job's times that local clocks show twice, as UTC has the first of them.
func (w *writer) firstOfRepeated(j *job) *times {
	out := newTimes()
	for _, p := range j.parts {
		for _, c := range changes(p.zone, w.o.Now) {
			for shown := c.after; shown < c.before; shown += time.Minute {
				if p.has(c.at.UTC().Add(shown)) {
					out.addMinute(c.at.UTC().Add(shown - c.before))
				}
			}
		}
	}
	return out
}

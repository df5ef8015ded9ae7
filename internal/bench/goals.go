package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// goal is one of the project's goals for speed, and what was measured. They are
// judged with the largest size, and by processor time, not wall time.
type goal struct {
	what      string
	must, aim float64
	atLeast   bool // more is better
	measured  float64
	unit      string
}

func (g goal) met(limit float64) bool {
	if g.atLeast {
		return g.measured >= limit
	}
	return g.measured <= limit
}

func (g goal) row() []string {
	verdict := "not met"
	switch {
	case g.met(g.aim):
		verdict = "met, and the aim"
	case g.met(g.must):
		verdict = "met"
	}
	if g.must == 0 {
		return []string{g.what, "", "", strconv.FormatFloat(g.measured, 'g', 3, 64), ""}
	}
	sign := "≤ "
	if g.atLeast {
		sign = "≥ "
	}
	show := func(f float64) string { return strconv.FormatFloat(f, 'g', 3, 64) + g.unit }
	return []string{g.what, sign + show(g.must), show(g.aim), show(g.measured), verdict}
}

// goals returns those whose figures there are.
func (f *findings) goals() []goal {
	var out []goal
	add := func(ok bool, g goal) {
		if ok && g.measured > 0 {
			out = append(out, g)
		}
	}
	changed, first := f.largest("changed"), f.largest("first")
	if changed != nil {
		at := " (" + thousands(changed.rows) + " rows, " + changed.scenario.title + ")"
		limit, limited := changed.cpu(nameLimit)
		both, done := changed.cpu(nameRegistrar)
		if done {
			plan := changed.find(nameRegistrar).typical()[0].cpu()
			add(limited, goal{what: "plan" + at + " ÷ limit", must: 1.5, aim: 1.2, measured: quotient(plan, limit)})
			add(limited, goal{what: "plan + apply ÷ limit", must: 1.8, aim: 1.4, measured: quotient(both, limit)})
		}
		by, ok := changed.cpu(nameMerge)
		add(ok && done, goal{what: "plan + apply ÷ hand-written COPY and MERGE", must: 1, aim: 0.75, measured: quotient(both, by)})
		by, ok = changed.cpu(nameTuned)
		add(ok && done, goal{what: "plan + apply ÷ the same, tuned (no goal)", measured: quotient(both, by)})
	}
	// Which may have been left out with most rows.
	if b := f.largestWith("changed", namePrior); b != nil {
		both, done := b.cpu(nameRegistrar)
		by, _ := b.cpu(namePrior)
		add(done, goal{what: "plan + apply (" + thousands(b.rows) + " rows) ÷ prior art", must: 0.1, aim: 1. / 13, measured: quotient(both, by)})
	}
	if first != nil {
		load, loaded := first.cpu(nameCopy)
		both, done := first.cpu(nameRegistrar)
		add(loaded && done, goal{what: "first load (" + thousands(first.rows) + " rows) ÷ direct COPY", must: 2.2, aim: 1.7, measured: quotient(both, load)})
	}
	smallest, largest := f.memoryRange()
	add(largest > 0, goal{what: "client memory, PostgreSQL to PostgreSQL", must: 64, aim: 32, measured: float64(largest >> 20), unit: " MB"})
	add(smallest > 0, goal{what: "the same, plan of a first load, with the most rows ÷ with the fewest", must: 1.25, aim: 1.1, measured: f.growth()})
	for _, d := range f.decoded {
		if d.staged.cpu() > 0 {
			add(true, goal{
				what: "decoded rows per second and core, mapped and staged in " + d.into, must: 250, aim: 500, atLeast: true,
				measured: float64(d.rows) / d.staged.cpu().Seconds() / 1000, unit: "k",
			})
		}
	}
	for _, s := range f.small {
		if s.parallelism == 1 {
			add(true, goal{what: fmt.Sprintf("%d small syncs, CPU of the plan for each", s.syncs), must: 25, aim: 10, measured: float64(s.plan.cpu().Milliseconds()) / float64(s.syncs), unit: " ms"})
		}
	}
	return out
}

func quotient(d, of time.Duration) float64 {
	if of == 0 {
		return 0
	}
	return float64(d) / float64(of)
}

// largest returns the comparison into PostgreSQL with the most rows.
func (f *findings) largest(scenario string) *bout { return f.largestWith(scenario, nameRegistrar) }

// largestWith returns that in which a contender has run.
func (f *findings) largestWith(scenario, contender string) *bout {
	var found *bout
	for _, b := range f.bouts {
		if b.into == "PostgreSQL" && b.scenario.name == scenario && b.find(contender) != nil && (found == nil || b.rows > found.rows) {
			found = b
		}
	}
	return found
}

func (b *bout) cpu(name string) (time.Duration, bool) {
	c := b.find(name)
	if c == nil {
		return 0, false
	}
	return total(c.typical()).cpu(), true
}

// firstLoads returns the peak memory of plans of first loads, from PostgreSQL into it,
// the fewest rows first.
func (f *findings) firstLoads() []int64 {
	byRows := map[int]int64{}
	for _, b := range f.bouts {
		if c := b.find(nameRegistrar); c != nil && b.into == "PostgreSQL" && b.scenario.name == "first" {
			byRows[b.rows] = c.typical()[0].peak
		}
	}
	for rows, u := range f.memory {
		byRows[rows] = u.peak
	}
	var sizes []int
	for rows := range byRows {
		sizes = append(sizes, rows)
	}
	slices.Sort(sizes)
	peaks := make([]int64, len(sizes))
	for i, rows := range sizes {
		peaks[i] = byRows[rows]
	}
	return peaks
}

// growth is the last of firstLoads as a multiple of the first; 0 if there is one only.
func (f *findings) growth() float64 {
	peaks := f.firstLoads()
	if len(peaks) < 2 || peaks[0] == 0 {
		return 0
	}
	return float64(peaks[len(peaks)-1]) / float64(peaks[0])
}

// memoryRange returns the least and the greatest peak of registrar's, from PostgreSQL
// into it, in bytes; 0 if nothing was measured.
func (f *findings) memoryRange() (smallest, largest int64) {
	peaks := f.firstLoads()
	for _, b := range f.bouts {
		if c := b.find(nameRegistrar); c != nil && b.into == "PostgreSQL" {
			for _, u := range c.typical() {
				peaks = append(peaks, u.peak)
			}
		}
	}
	if len(peaks) == 0 {
		return 0, 0
	}
	return slices.Min(peaks), slices.Max(peaks)
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// scenario is what there is to do.
type scenario struct {
	name   string // the flag's
	title  string
	source string // the table of the source
	filled bool   // the destination holds what the source held before
}

func scenarios() []scenario {
	return []scenario{
		{name: "first", title: "first load", source: sourceSame},
		{name: "changed", title: "2.2 % changed", source: sourceChanged, filled: true},
		{name: "none", title: "no change", source: sourceSame, filled: true},
	}
}

func scenarioNamed(name string) (scenario, error) {
	for _, s := range scenarios() {
		if s.name == name {
			return s, nil
		}
	}
	return scenario{}, fmt.Errorf("-scenarios: there is no scenario %q; there are first, changed and none", name)
}

// contender is one way to do it, measured step by step.
type contender struct {
	name  string
	steps []step
	// complete: afterwards the destination holds what the source does, which is
	// checked.
	complete bool
	// late contenders run when all others have, if there is time.
	late bool
	runs [][]usage // a usage per step
}

type step struct {
	name string
	command
}

// bout compares contenders over the same rows.
type bout struct {
	into       string // the destination's engine
	rows       int
	scenario   scenario
	contenders []*contender // the first is what the others are compared with
	fresh      func(context.Context) error
	check      func(context.Context) error
	notes      []string
}

// round runs those contenders that choose picks, each on a fresh destination. Every
// second round is in the opposite order, so that nobody always profits from what
// another left behind.
func (b *bout) round(ctx context.Context, l *lab, backwards bool, choose func(*contender) bool) error {
	order := slices.Clone(b.contenders)
	if backwards {
		slices.Reverse(order)
	}
	for _, c := range order {
		if !choose(c) {
			continue
		}
		if err := b.fresh(ctx); err != nil {
			return fmt.Errorf("prepare %s: %w", b.title(), err)
		}
		var run []usage
		for _, s := range c.steps {
			u, err := l.measure(ctx, s.command)
			if err != nil {
				return fmt.Errorf("%s, %s %s: %w", b.title(), c.name, s.name, err)
			}
			run = append(run, u)
			fmt.Fprintf(l.log, "%s: %s: %s s CPU (client %s, server %s), %s s, %d MB\n", b.title(), joinNonEmpty(c.name, s.name),
				seconds(u.cpu()), seconds(u.client), seconds(u.server), seconds(u.wall), u.peak>>20)
		}
		c.runs = append(c.runs, run)
		if c.complete && b.check != nil {
			if err := b.check(ctx); err != nil {
				return fmt.Errorf("%s, %s: %w", b.title(), c.name, err)
			}
		}
	}
	return nil
}

func (b *bout) title() string {
	return fmt.Sprintf("into %s, %s rows, %s", b.into, thousands(b.rows), b.scenario.title)
}

// find returns a contender that has run, nil if none of that name has.
func (b *bout) find(name string) *contender {
	for _, c := range b.contenders {
		if c.name == name && len(c.runs) > 0 {
			return c
		}
	}
	return nil
}

// typical returns the steps of the run with the median of processor time; of two,
// those of the cheaper one.
func (c *contender) typical() []usage {
	runs := slices.Clone(c.runs)
	slices.SortStableFunc(runs, func(a, b []usage) int { return cmp.Compare(weight(a), weight(b)) })
	return runs[(len(runs)-1)/2]
}

// weight is what runs are ordered by: processor time, or wall time where that is
// not known.
func weight(run []usage) time.Duration {
	t := total(run)
	if t.server == 0 && t.client == 0 {
		return t.wall
	}
	return t.cpu()
}

func total(run []usage) usage {
	var sum usage
	for _, u := range run {
		sum = sum.plus(u)
	}
	return sum
}

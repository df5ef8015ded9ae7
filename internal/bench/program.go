package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// medianRows is the largest size at which several runs are made, and at which
// every contender takes part in every scenario.
const medianRows = 100_000

// findings are what has been measured so far.
type findings struct {
	options *options
	bouts   []*bout
	small   []smallResult
	decoded []decodedResult
	memory  map[int]usage // by rows: the plan of a first load
	notes   []string
}

// session is one run of the benchmark.
type session struct {
	*lab
	*findings
	deadline time.Time
}

func partNames() []string { return []string{"postgres", "decoded", "small", "memory", "sqlite"} }

func parts() map[string]func(*session, context.Context) error {
	return map[string]func(*session, context.Context) error{
		"postgres": (*session).comparePostgres,
		"sqlite":   (*session).compareSQLite,
		"decoded":  (*session).measureDecoded,
		"small":    (*session).measureSmall,
		"memory":   (*session).measureMemory,
	}
}

// benchmark measures and writes the report, which after an error holds what had
// been measured by then.
func benchmark(ctx context.Context, o *options, stdout, log io.Writer) (err error) {
	started := time.Now()
	dir, err := os.MkdirTemp("", "registrar-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l, err := openLab(ctx, dir, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close(context.WithoutCancel(ctx))) }()
	s := &session{lab: l, findings: &findings{options: o, memory: map[int]usage{}}, deadline: started.Add(o.budget)}
	if o.profile {
		return s.profile(ctx, stdout)
	}
	if l.server == 0 {
		s.notes = append(s.notes, "This system does not tell a server's processor time: only wall times are shown.")
	}
	err = s.measureAll(ctx)
	s.notes = append(s.notes, fmt.Sprintf("All of this took %s.", time.Since(started).Round(time.Second)))
	m, describeErr := l.describe(context.WithoutCancel(ctx))
	return errors.Join(err, describeErr, s.report(m, started).write(stdout, o.markdown))
}

func (s *session) measureAll(ctx context.Context) error {
	if err := s.makeEmpty(ctx); err != nil {
		return err
	}
	for _, name := range s.options.parts {
		if s.late("part " + name) {
			continue
		}
		if err := parts()[name](s, ctx); err != nil {
			return err
		}
	}
	if err := s.runLate(ctx); err != nil {
		return err
	}
	return s.runAgain(ctx)
}

// late reports whether there is no time left, and notes what is left out.
func (s *session) late(what string) bool {
	if time.Now().Before(s.deadline) {
		return false
	}
	s.notes = append(s.notes, "Left out for want of time: "+what+".")
	return true
}

func (s *session) comparePostgres(ctx context.Context) error { return s.compare(ctx, s.postgresBouts) }

func (s *session) compareSQLite(ctx context.Context) error { return s.compare(ctx, s.sqliteBouts) }

func (s *session) compare(ctx context.Context, prepare func(context.Context, int, *options) ([]*bout, error)) error {
	for _, rows := range s.options.rows {
		if s.late("all with " + thousands(rows) + " rows") {
			continue
		}
		bouts, err := prepare(ctx, rows, s.options)
		if err != nil {
			return err
		}
		s.bouts = append(s.bouts, bouts...)
		rounds := 1
		if rows <= medianRows {
			rounds = s.options.rounds
		}
		for round := range rounds {
			for _, b := range bouts {
				if round == 0 && s.late(b.title()) || time.Now().After(s.deadline) {
					continue
				}
				// Once is enough for what takes 20 times as long.
				if err := b.round(ctx, s.lab, round%2 == 1, func(c *contender) bool { return !c.late && (round == 0 || c.name != namePrior) }); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// runLate runs the contenders that take minutes, if what they took with fewer rows
// says that there is time.
func (s *session) runLate(ctx context.Context) error {
	for _, b := range s.bouts {
		for _, c := range b.contenders {
			if !c.late {
				continue
			}
			switch expected := s.expected(b, c.name); {
			case expected == 0:
				b.notes = append(b.notes, "Left out, "+c.name+": it takes minutes, and nothing with fewer rows says how many.")
				continue
			case expected > time.Until(s.deadline):
				b.notes = append(b.notes, fmt.Sprintf("Left out, %s: it would take about %s, for which there was no time.", c.name, expected.Round(time.Second)))
				continue
			}
			if err := b.round(ctx, s.lab, false, func(other *contender) bool { return other == c }); err != nil {
				return err
			}
		}
	}
	return nil
}

// expected extrapolates a contender's wall time from fewer rows; 0 if it has not run.
func (s *session) expected(b *bout, name string) time.Duration {
	for _, smaller := range s.bouts {
		if c := smaller.find(name); c != nil && smaller.into == b.into && smaller.scenario == b.scenario && smaller.rows < b.rows {
			return total(c.typical()).wall * time.Duration(b.rows) / time.Duration(smaller.rows) * 13 / 10
		}
	}
	return 0
}

// runAgain gives the bouts that the goals are about a second round, if there is time.
func (s *session) runAgain(ctx context.Context) error {
	for _, b := range s.bouts {
		if b.rows <= medianRows || b.into != "PostgreSQL" || b.scenario.name == "none" {
			continue
		}
		again := func(c *contender) bool { return len(c.runs) == 1 && c.name != namePrior && c.name != nameFromCSV }
		var expected time.Duration
		for _, c := range b.contenders {
			if again(c) {
				expected += total(c.typical()).wall * 3 / 2 // with a fresh database
			}
		}
		if expected > time.Until(s.deadline) {
			continue
		}
		if err := b.round(ctx, s.lab, true, again); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) measureDecoded(ctx context.Context) (err error) {
	s.decoded, err = s.decodedRows(ctx, s.options.decoded)
	return err
}

func (s *session) measureSmall(ctx context.Context) (err error) {
	s.small, err = s.smallSyncs(ctx, s.options.syncs)
	return err
}

// measureMemory plans first loads of sizes that no bout has.
func (s *session) measureMemory(ctx context.Context) error {
	largest := 0
	for _, b := range s.bouts {
		if b.into == "PostgreSQL" {
			largest = max(largest, b.rows)
		}
	}
	if largest == 0 {
		s.notes = append(s.notes, "Memory is measured beside the comparison with PostgreSQL only.")
		return nil
	}
	for _, rows := range s.options.memory {
		times := max(1, rows/largest)
		if expected := s.firstPlan(largest) * time.Duration(times); expected > time.Until(s.deadline) {
			s.notes = append(s.notes, fmt.Sprintf("Left out, memory with %s rows: it would take about %s, for which there was no time.", thousands(rows), expected.Round(time.Second)))
			continue
		}
		u, err := s.manyRows(ctx, fmt.Sprintf("bench_source_%d", largest), largest, times)
		if err != nil {
			return err
		}
		s.memory[largest*times] = u
	}
	return nil
}

// firstPlan is the wall time of a plan of a first load; 0 if none has run.
func (s *session) firstPlan(rows int) time.Duration {
	for _, b := range s.bouts {
		if c := b.find(nameRegistrar); c != nil && b.into == "PostgreSQL" && b.rows == rows && b.scenario.name == "first" {
			return c.typical()[0].wall
		}
	}
	return 0
}

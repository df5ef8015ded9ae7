// Command bench measures registrar side by side with what could be used instead
// of it, on a private PostgreSQL and on SQLite files: `make bench`.
//
// Whatever is measured runs in a process of its own, which is this program
// again with the name of a contestant as its first argument. So all are
// measured alike: the processor time of the client is what the system says of
// the process, that of the server is what the system says of PostgreSQL's
// processes meanwhile. Wall times of a shared machine are noise; ratios of
// processor time within one run are not, or less.
//
// A contestant is a file: limit.go, merge.go, prior.go, pgloader.go,
// sqlitelimit.go and registrar.go. program.go says what is measured, dataset.go
// with which rows, goals.go against which goals.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program: a contestant, or the benchmark that starts them.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		if c, ok := contestants()[args[0]]; ok {
			return runContestant(ctx, c, args[1:], stdout, stderr)
		}
	}
	o, err := parseOptions(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if err := benchmark(ctx, o, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// options are the flags.
type options struct {
	args      []string // as given, for the report
	rows      []int
	rounds    int // of the smaller sizes
	scenarios []string
	parts     []string
	memory    []int // rows of the runs that only measure memory
	decoded   int
	syncs     int
	budget    time.Duration
	markdown  bool
	profile   bool
}

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{args: args}
	var rows, memory, scenarios, parts string
	var quick bool
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&quick, "quick", false, "small sizes, in two minutes: for a look, not for the record")
	flags.StringVar(&rows, "rows", "100000,1000000", "sizes to compare, in `ROWS`")
	flags.IntVar(&o.rounds, "rounds", 3, "runs up to 100,000 rows, of which the median counts; above it is one, and two of what the goals are about")
	flags.StringVar(&scenarios, "scenarios", "first,changed,none", "the scenarios")
	flags.StringVar(&parts, "parts", strings.Join(partNames(), ","), "the parts")
	flags.StringVar(&memory, "memory", "5000000", "sizes at which only memory is measured, besides -rows")
	flags.IntVar(&o.decoded, "decoded", 500_000, "rows to decode from the source that costs nothing")
	flags.IntVar(&o.syncs, "syncs", 200, "small syncs")
	flags.DurationVar(&o.budget, "budget", 13*time.Minute, "start nothing new after that `TIME`, and leave out what would not end by then: second runs, and the prior art with most rows")
	flags.BoolVar(&o.markdown, "markdown", false, "write the tables as docs/benchmarks.md has them")
	flags.BoolVar(&o.profile, "profile", false, "only say which statements of a plan and an apply take the server's time, with the largest of -rows")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if quick {
		given := map[string]bool{}
		flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
		for name, value := range map[string]string{"rows": "20000,100000", "rounds": "1", "memory": "300000", "decoded": "100000", "syncs": "40", "budget": "90s"} {
			if given[name] {
				continue
			}
			if err := flags.Set(name, value); err != nil {
				return nil, err
			}
		}
	}
	var err error
	o.scenarios, o.parts = strings.Split(scenarios, ","), strings.Split(parts, ",")
	if o.rows, err = numbers(rows); err == nil {
		o.memory, err = numbers(memory)
	}
	if err == nil {
		err = o.check()
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
	}
	return o, err
}

func (o *options) check() error {
	if len(o.rows) == 0 {
		return errors.New("-rows names no size")
	}
	for _, name := range o.parts {
		if _, ok := parts()[name]; !ok {
			return fmt.Errorf("-parts: there is no part %q; there are %s", name, strings.Join(partNames(), ", "))
		}
	}
	for _, name := range o.scenarios {
		if _, err := scenarioNamed(name); err != nil {
			return err
		}
	}
	return nil
}

func numbers(list string) ([]int, error) {
	var out []int
	for text := range strings.SplitSeq(list, ",") {
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1000 {
			return nil, fmt.Errorf("%q is not a number of rows, from 1000", text)
		}
		out = append(out, n)
	}
	return out, nil
}

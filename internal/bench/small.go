package main

import (
	"context"
	"fmt"
	"strings"
)

// smallRows is the size of each of the small syncs.
const smallRows = 1000

// smallResult is what a plan of many small syncs takes, and its apply.
type smallResult struct {
	syncs, parallelism int
	plan, apply        usage
}

// smallSyncs plans many small syncs, a university's links and classifications: each
// from a table of its own into one of its own, from four sources, 2 % of the rows
// changed.
func (l *lab) smallSyncs(ctx context.Context, syncs int) ([]smallResult, error) {
	const source, template = "bench_source_small", "bench_filled_small"
	fields := "code text PRIMARY KEY, name text NOT NULL, kind text, seats integer"
	each := func(statement string) string {
		return fmt.Sprintf("DO $$ BEGIN FOR n IN 1..%d LOOP EXECUTE format($q$ %s $q$, n); END LOOP; END $$", syncs, statement)
	}
	rows := func(from, to int, seats string) string {
		return fmt.Sprintf("SELECT 'K' || to_hex(i * 2654435761 %%%% 4294967296), 'Name of ' || i, 'Kind ' || i %%%% 7, %s FROM generate_series(%d::bigint, %d) AS i", seats, from, to)
	}
	if err := l.create(ctx, source, each("CREATE TABLE item_%1$s ("+fields+")"), each("INSERT INTO item_%1$s "+rows(6, smallRows+5, "i %% 500 + (i %% 100 = 50)::integer"))); err != nil {
		return nil, err
	}
	if err := l.create(ctx, template, each("CREATE TABLE item_%1$s ("+fields+", deleted_on timestamptz)"), each("INSERT INTO item_%1$s "+rows(1, smallRows, "i %% 500"))); err != nil {
		return nil, err
	}
	if err := l.initialise(ctx, template); err != nil {
		return nil, err
	}
	dir, err := l.write("small", smallConfiguration(syncs))
	if err != nil {
		return nil, err
	}
	var out []smallResult
	for _, parallelism := range []int{1, 4} {
		if err := l.fresh(ctx, template, source, "item_1"); err != nil {
			return nil, err
		}
		steps := planAndApply(dir, l.urls(source))
		steps[0].args = append(steps[0].args, "--parallelism", fmt.Sprint(parallelism))
		r := smallResult{syncs: syncs, parallelism: parallelism}
		if r.plan, err = l.measure(ctx, steps[0].command); err == nil {
			r.apply, err = l.measure(ctx, steps[1].command)
		}
		if err != nil {
			return nil, fmt.Errorf("small syncs: %w", err)
		}
		fmt.Fprintf(l.log, "%d small syncs, --parallelism %d: plan %s s CPU, %s s; apply %s s CPU, %s s\n", syncs, parallelism,
			seconds(r.plan.cpu()), seconds(r.plan.wall), seconds(r.apply.cpu()), seconds(r.apply.wall))
		out = append(out, r)
	}
	return out, nil
}

func smallConfiguration(syncs int) string {
	const sources = 4
	var b strings.Builder
	b.WriteString(intoPostgres + strings.SplitN(fromPostgres, "source \"postgres\"", 2)[0])
	for s := range sources {
		var numbers []string
		for n := s + 1; n <= syncs; n += sources {
			numbers = append(numbers, fmt.Sprintf("\"%d\"", n))
		}
		fmt.Fprintf(&b, `
source "postgres" "source%[1]d" {
  url = var.source_url
}

sync "items%[1]d" {
  for_each = toset([%[2]s])

  source {
    from  = source.postgres.source%[1]d
    table = "item_${each.key}"
  }

  destination {
    into       = destination.postgres.register
    table      = "item_${each.key}"
    key        = ["code"]
    owns_table = true
  }

  columns {
    code  = row.code
    name  = row.name
    kind  = row.kind
    seats = row.seats
  }

  lifecycle {
    on_missing = "archive"
    archive    = { deleted_on = now() }
    restore    = { deleted_on = null }
  }
}
`, s+1, strings.Join(numbers, ", "))
	}
	return b.String()
}

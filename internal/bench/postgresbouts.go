package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// The names under which goals.go looks for contenders.
const (
	nameLimit     = "limit: COPY relay, ANALYZE, comparing join"
	nameCopy      = "limit: COPY relay into the table"
	nameRegistrar = "registrar"
	nameFromCSV   = "registrar, from CSV"
	nameMerge     = "by hand: COPY and MERGE"
	nameTuned     = "by hand, tuned: binary COPY and MERGE"
	namePrior     = "prior art: row by row"
	namePgloader  = "pgloader, from CSV, load only"
	nameAttach    = "limit: ATTACH, INSERT SELECT, comparing joins"
	nameAttachNew = "limit: ATTACH, INSERT SELECT into the table"
)

// A plan is saved and applied by these steps.
func planAndApply(dir string, env []string) []step {
	return []step{
		{name: "plan", command: command{args: []string{"registrar", "plan", "--out", "plan.json"}, env: env, dir: dir}},
		{name: "apply", command: command{args: []string{"registrar", "apply", "plan.json"}, env: env, dir: dir}},
	}
}

func (l *lab) urls(source string) []string {
	env := []string{envDestination + "=" + l.database(runDatabase)}
	if source != "" {
		env = append(env, envSource+"="+l.database(source))
	}
	return env
}

// initialise makes the register of an empty or filled template.
func (l *lab) initialise(ctx context.Context, template string) error {
	dir, err := l.configure("init", fromGenerator(1, false), intoPostgres, `table = "rows"`, references)
	if err != nil {
		return err
	}
	_, err = l.measure(ctx, command{args: []string{"registrar", "init"}, env: []string{envDestination + "=" + l.database(template)}, dir: dir})
	return err
}

const emptyTemplate = "bench_empty"

// makeEmpty makes the destination of a first load.
func (l *lab) makeEmpty(ctx context.Context) error {
	if err := l.create(ctx, emptyTemplate, postgresSpelling().createStatement()); err != nil {
		return err
	}
	return l.initialise(ctx, emptyTemplate)
}

// postgresBouts makes the databases of a size, and returns what to run in them.
func (l *lab) postgresBouts(ctx context.Context, rows int, o *options) ([]*bout, error) {
	source, template := fmt.Sprintf("bench_source_%d", rows), fmt.Sprintf("bench_filled_%d", rows)
	if err := l.create(ctx, source, postgresSpelling().sourceStatements(rows)...); err != nil {
		return nil, err
	}
	if err := l.create(ctx, template, append([]string{postgresSpelling().createStatement()}, postgresSpelling().fillStatements(rows)...)...); err != nil {
		return nil, err
	}
	if err := l.initialise(ctx, template); err != nil {
		return nil, err
	}
	files, err := l.write(fmt.Sprintf("csv-%d", rows), "")
	if err != nil {
		return nil, err
	}
	if err := l.with(ctx, source, func(conn *pgx.Conn) error { return writeCSV(ctx, conn, files) }); err != nil {
		return nil, err
	}
	var bouts []*bout
	for _, name := range o.scenarios {
		s, err := scenarioNamed(name)
		if err != nil {
			return nil, err
		}
		b := &bout{into: "PostgreSQL", rows: rows, scenario: s}
		from := emptyTemplate
		if s.filled {
			from = template
		}
		b.fresh = func(ctx context.Context) error { return l.fresh(ctx, from, source, s.source) }
		b.check = func(ctx context.Context) error { return l.inStep(ctx, source, s) }
		if err := l.addPostgresContenders(b, source, files); err != nil {
			return nil, err
		}
		bouts = append(bouts, b)
	}
	return bouts, nil
}

func (l *lab) addPostgresContenders(b *bout, source, files string) error {
	env, table := l.urls(source), b.scenario.source
	one := func(name string) []step {
		return []step{{command: command{args: []string{name, table}, env: env, dir: l.dir}}}
	}
	if b.scenario.filled {
		b.contenders = append(b.contenders, &contender{name: nameLimit, steps: one("limit")})
	} else {
		b.contenders = append(b.contenders, &contender{name: nameCopy, steps: one("copy"), complete: true})
	}
	read := fmt.Sprintf("table = %q", table)
	dir, err := l.configure(fmt.Sprintf("postgres-%d-%s", b.rows, b.scenario.name), fromPostgres, intoPostgres, read, references)
	if err != nil {
		return err
	}
	b.contenders = append(b.contenders, &contender{name: nameRegistrar, steps: planAndApply(dir, env), complete: true})
	if b.scenario.name != "none" {
		dir, err := l.configure(fmt.Sprintf("csv-postgres-%d-%s", b.rows, b.scenario.name), fromCSV(files), intoPostgres, read, references)
		if err != nil {
			return err
		}
		c := &contender{name: nameFromCSV, steps: planAndApply(dir, env), complete: true}
		if b.rows > medianRows {
			c.steps, c.complete = c.steps[:1], false // applying costs what it cost above
		}
		b.contenders = append(b.contenders, c)
	}
	b.contenders = append(b.contenders, &contender{name: nameMerge, steps: one("merge"), complete: true}, &contender{name: nameTuned, steps: one("tuned-merge"), complete: true})
	if b.rows <= medianRows || b.scenario.name == "changed" {
		b.contenders = append(b.contenders, &contender{name: namePrior, steps: one("prior"), complete: true, late: b.rows > medianRows})
	} else {
		b.notes = append(b.notes, "Left out, "+namePrior+": it takes minutes.")
	}
	if b.scenario.name == "first" {
		program, err := findPgloader()
		if err != nil {
			b.notes = append(b.notes, "pgloader is not installed.")
		} else {
			s, err := l.pgloader(program, filepath.Join(files, table+".csv"))
			if err != nil {
				return err
			}
			b.contenders = append(b.contenders, &contender{name: namePgloader, steps: []step{s}, complete: true})
		}
	}
	return nil
}

// inStep returns an error unless the destination holds the source's rows, and
// beside them only archived ones.
func (l *lab) inStep(ctx context.Context, source string, s scenario) error {
	const digest = "SELECT concat(count(*), ' rows, ', sum(hashtextextended(ROW(%s)::text, 0)::numeric)) FROM %s"
	list := strings.Join(columns, ", ")
	var want, got string
	if err := l.with(ctx, source, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, fmt.Sprintf(digest, list, s.source)).Scan(&want)
	}); err != nil {
		return err
	}
	var total, archived int
	if err := l.with(ctx, runDatabase, func(conn *pgx.Conn) error {
		if err := conn.QueryRow(ctx, fmt.Sprintf(digest, list, "student")+" WHERE deleted_on IS NULL").Scan(&got); err != nil {
			return err
		}
		return conn.QueryRow(ctx, "SELECT count(*), count(deleted_on) FROM student").Scan(&total, &archived)
	}); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("the destination holds %s, the source %s", got, want)
	}
	if s.filled && archived == 0 {
		return fmt.Errorf("of %d rows none is archived", total)
	}
	return nil
}

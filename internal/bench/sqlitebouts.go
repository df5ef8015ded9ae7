package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// sqliteBouts makes the files of a size, and returns what to run on them. CSV files
// are those that postgresBouts made; without them nothing is read from CSV.
func (l *lab) sqliteBouts(ctx context.Context, rows int, o *options) ([]*bout, error) {
	dir, err := l.write(fmt.Sprintf("sqlite-%d", rows), "")
	if err != nil {
		return nil, err
	}
	source := filepath.Join(dir, "source.db")
	templates := map[bool]string{false: filepath.Join(dir, "empty.db"), true: filepath.Join(dir, "filled.db")}
	started := time.Now()
	for path, statements := range map[string][]string{
		source:           sqliteSpelling().sourceStatements(rows),
		templates[false]: {sqliteSpelling().createStatement()},
		templates[true]:  append([]string{sqliteSpelling().createStatement()}, sqliteSpelling().fillStatements(rows)...),
	} {
		if err := makeSQLite(ctx, path, statements); err != nil {
			return nil, err
		}
	}
	for _, path := range templates {
		if err := l.initialiseSQLite(ctx, path); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(l.log, "made SQLite files of %s rows in %s\n", thousands(rows), time.Since(started).Round(time.Second/10))

	var bouts []*bout
	for _, name := range o.scenarios {
		s, err := scenarioNamed(name)
		if err != nil {
			return nil, err
		}
		if name == "none" {
			continue // as 2.2 % changed, but for what is applied
		}
		b := &bout{into: "SQLite", rows: rows, scenario: s}
		if err := l.addSQLiteContenders(b, source, templates[s.filled]); err != nil {
			return nil, err
		}
		b.check = func(ctx context.Context) error { return inStepSQLite(ctx, filepath.Join(l.dir, "run.db"), source, s) }
		bouts = append(bouts, b)
	}
	return bouts, nil
}

// addSQLiteContenders adds them, each of which finds its destination as run.db in the
// lab's folder.
func (l *lab) addSQLiteContenders(b *bout, source, template string) error {
	b.fresh = func(context.Context) error { return freshSQLite(template, filepath.Join(l.dir, "run.db")) }
	destination := intoSQLite(filepath.Join(l.dir, "run.db"))
	table := b.scenario.source
	read := fmt.Sprintf("table = %q", table)
	if b.scenario.filled {
		b.contenders = append(b.contenders, &contender{name: nameAttach, steps: []step{{command: command{args: []string{"sqlite-limit", source, table}, dir: l.dir}}}})
	} else {
		b.contenders = append(b.contenders, &contender{name: nameAttachNew, steps: []step{{command: command{args: []string{"sqlite-copy", source, table}, dir: l.dir}}}, complete: true})
	}
	dir, err := l.configure(fmt.Sprintf("sqlite-sqlite-%d-%s", b.rows, b.scenario.name), fromSQLite(source), destination, read, references)
	if err != nil {
		return err
	}
	b.contenders = append(b.contenders, &contender{name: nameRegistrar, steps: planAndApply(dir, nil), complete: true})
	files := filepath.Join(l.dir, fmt.Sprintf("csv-%d", b.rows))
	_, err = os.Stat(filepath.Join(files, table+".csv"))
	if errors.Is(err, os.ErrNotExist) {
		b.notes = append(b.notes, "Left out, "+nameFromCSV+": the files are made beside the databases, with -parts postgres.")
		return nil
	}
	if err != nil {
		return err
	}
	if dir, err = l.configure(fmt.Sprintf("csv-sqlite-%d-%s", b.rows, b.scenario.name), fromCSV(files), destination, read, references); err != nil {
		return err
	}
	c := &contender{name: nameFromCSV, steps: planAndApply(dir, nil), complete: true}
	if b.rows > medianRows {
		c.steps, c.complete = c.steps[:1], false
	}
	b.contenders = append(b.contenders, c)
	return nil
}

func (l *lab) initialiseSQLite(ctx context.Context, path string) error {
	dir, err := l.configure("init-sqlite", fromGenerator(1, false), intoSQLite(path), `table = "rows"`, references)
	if err != nil {
		return err
	}
	_, err = l.measure(ctx, command{args: []string{"registrar", "init"}, dir: dir})
	return err
}

func makeSQLite(ctx context.Context, path string, statements []string) error {
	db, err := openSQLite(path)
	if err != nil {
		return err
	}
	for _, s := range append(statements, "ANALYZE") {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", s, err), db.Close())
		}
	}
	return db.Close()
}

// freshSQLite copies a file that nobody has open, which has no log beside it then.
func freshSQLite(template, path string) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	from, err := os.Open(template)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // only read
	to, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// inStepSQLite is inStep for SQLite.
func inStepSQLite(ctx context.Context, path, source string, s scenario) error {
	db, err := openSQLite(path)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // only read
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "ATTACH ? AS source", source); err != nil {
		return err
	}
	list := strings.Join(columns, ", ")
	here, there := "SELECT "+list+" FROM student WHERE deleted_on IS NULL", "SELECT "+list+" FROM source."+s.source
	for _, query := range []string{here + " EXCEPT " + there, there + " EXCEPT " + here} {
		var n int
		if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM ("+query+")").Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%d rows are in one of source and destination only: %s", n, query)
		}
	}
	var archived int
	err = conn.QueryRowContext(ctx, "SELECT count(deleted_on) FROM student").Scan(&archived)
	if err == nil && s.filled && archived == 0 {
		err = errors.New("no row is archived")
	}
	return err
}

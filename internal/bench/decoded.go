package main

import (
	"context"
	"fmt"
	"path/filepath"
)

// decodedResult is what it takes to map and stage rows from the source that costs
// nothing.
type decodedResult struct {
	into string
	rows int
	// staged is a plan that ends when the rows are staged and their keys checked,
	// because one is there twice. settled is one that finds nothing to do; first is
	// one for an empty table, which writes each row into the register, too.
	staged, settled, first usage
}

// sameKeyTwice is the headline under which a plan says so.
const sameKeyTwice = "Duplicate keys in the source"

// decodedRows plans, applies and plans again.
func (l *lab) decodedRows(ctx context.Context, rows int) ([]decodedResult, error) {
	run, template := filepath.Join(l.dir, "run.db"), filepath.Join(l.dir, "decoded.db")
	if err := makeSQLite(ctx, template, []string{sqliteSpelling().createStatement()}); err != nil {
		return nil, err
	}
	if err := l.initialiseSQLite(ctx, template); err != nil {
		return nil, err
	}
	var out []decodedResult
	for _, d := range []struct {
		into, block string
		fresh       func() error
	}{
		{"PostgreSQL", intoPostgres, func() error { return l.fresh(ctx, emptyTemplate, "", "") }},
		{"SQLite", intoSQLite(run), func() error { return freshSQLite(template, run) }},
	} {
		if err := d.fresh(); err != nil {
			return nil, err
		}
		r, err := l.decodedInto(ctx, d.into, d.block, rows)
		if err != nil {
			return nil, fmt.Errorf("decoded rows into %s: %w", d.into, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func (l *lab) decodedInto(ctx context.Context, into, block string, rows int) (decodedResult, error) {
	r := decodedResult{into: into, rows: rows}
	dir, err := l.configure("decoded-"+into, fromGenerator(rows, false), block, `table = "rows"`, generatedMapping)
	if err != nil {
		return r, err
	}
	repeating, err := l.configure("repeated-"+into, fromGenerator(rows, true), block, `table = "rows"`, generatedMapping)
	if err != nil {
		return r, err
	}
	steps, stopped := planAndApply(dir, l.urls("")), planAndApply(repeating, l.urls(""))[0]
	stopped.fails = sameKeyTwice
	var applied usage
	for _, s := range []struct {
		step
		name string
		into *usage
	}{{stopped, "staged only", &r.staged}, {steps[0], "first load", &r.first}, {steps[1], "applied", &applied}, {steps[0], "nothing to do", &r.settled}} {
		if *s.into, err = l.measure(ctx, s.command); err != nil {
			return r, err
		}
		fmt.Fprintf(l.log, "decoded rows into %s, %s: client %s s, server %s s\n", into, s.name, seconds(s.into.client), seconds(s.into.server))
	}
	return r, nil
}

package main

import (
	"context"
	"fmt"
	"strings"
)

// manyRows plans a first load of more rows than any bout has, for the memory that it
// takes: a source table several times over.
func (l *lab) manyRows(ctx context.Context, source string, sourceRows, times int) (usage, error) {
	rows := sourceRows * times
	query := fmt.Sprintf("SELECT code || '-' || n AS code, %s FROM %s CROSS JOIN generate_series(1, %d) AS n", strings.Join(columns[1:], ", "), sourceSame, times)
	dir, err := l.configure(fmt.Sprintf("memory-%d", rows), fromPostgres, intoPostgres, fmt.Sprintf("query = %q", query), references)
	if err != nil {
		return usage{}, err
	}
	if err := l.fresh(ctx, emptyTemplate, source, sourceSame); err != nil {
		return usage{}, err
	}
	u, err := l.measure(ctx, planAndApply(dir, l.urls(source))[0].command)
	if err != nil {
		return usage{}, err
	}
	fmt.Fprintf(l.log, "%s rows, first load, plan: %d MB, %s s CPU, %s s\n", thousands(rows), u.peak>>20, seconds(u.cpu()), seconds(u.wall))
	return u, nil
}

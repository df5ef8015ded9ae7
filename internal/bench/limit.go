package main

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
)

// limit is what no plan can do without, and nothing else: the rows relayed into
// an unlogged table, and one join that compares all columns. It writes nothing,
// checks nothing, and says only how many rows differ.
func limit(ctx context.Context, args []string, stdout, _ io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("arguments: the source's table")
	}
	return between(ctx, func(source, destination *pgx.Conn) error {
		if err := asGoodDBA(ctx, destination); err != nil {
			return err
		}
		if err := execute(ctx, destination, "CREATE UNLOGGED TABLE stage ("+postgresSpelling().source+")"); err != nil {
			return err
		}
		if err := relay(ctx, source, args[0], destination, "stage"); err != nil {
			return err
		}
		if err := execute(ctx, destination, "ANALYZE stage (code)"); err != nil {
			return err
		}
		var different int64
		err := destination.QueryRow(ctx, "SELECT count(*) FROM stage AS s FULL JOIN student AS t ON t.code = s.code WHERE "+
			"t.code IS NULL OR (s.code IS NULL OR t.deleted_on IS NOT NULL) AND NOT (s.code IS NULL AND t.deleted_on IS NOT NULL) OR "+
			"s.code IS NOT NULL AND "+postgresDiffer()).Scan(&different)
		if err != nil {
			return err
		}
		fmt.Fprintln(stdout, different)
		return execute(ctx, destination, "DROP TABLE stage")
	})
}

// directCopy is the limit of a first load: the rows relayed into the table
// itself, with its primary key and its write-ahead log.
func directCopy(ctx context.Context, args []string, _, _ io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("arguments: the source's table")
	}
	return between(ctx, func(source, destination *pgx.Conn) error {
		return relay(ctx, source, args[0], destination, "student")
	})
}

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
)

// merge is what is written by hand, in one transaction: the rows copied into a temporary
// table as psql's \copy does, one MERGE that inserts, updates and takes out of the
// archive, one UPDATE that archives. It keeps no register, shows nobody what it is
// about to do, and knows no guard. Needs PostgreSQL 15.
func merge(ctx context.Context, args []string, _, _ io.Writer) error {
	return mergeBetween(ctx, args, textFormat, func(context.Context, *pgx.Conn) error { return nil })
}

// tunedMerge is the same by someone who has measured it: COPY in binary format, and
// the session's settings that registrar has.
func tunedMerge(ctx context.Context, args []string, _, _ io.Writer) error {
	return mergeBetween(ctx, args, binaryFormat, asGoodDBA)
}

func mergeBetween(ctx context.Context, args []string, format string, prepare func(context.Context, *pgx.Conn) error) error {
	if len(args) != 1 {
		return fmt.Errorf("arguments: the source's table")
	}
	return between(ctx, func(source, destination *pgx.Conn) error {
		if err := prepare(ctx, destination); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, destination, func(pgx.Tx) error { return mergeWithin(ctx, source, destination, args[0], format) })
	})
}

func mergeWithin(ctx context.Context, source, destination *pgx.Conn, table, format string) error {
	if err := execute(ctx, destination, "CREATE TEMPORARY TABLE stage ("+postgresSpelling().source+") ON COMMIT DROP"); err != nil {
		return err
	}
	if err := relayAs(ctx, format, source, table, destination, "stage"); err != nil {
		return err
	}
	list := strings.Join(columns, ", ")
	set := make([]string, 0, len(columns))
	for _, c := range columns[1:] {
		set = append(set, c+" = s."+c)
	}
	return execute(
		ctx, destination,
		"ANALYZE stage (code)",
		"MERGE INTO student AS t USING stage AS s ON t.code = s.code "+
			"WHEN MATCHED AND (t.deleted_on IS NOT NULL OR "+postgresDiffer()+") THEN "+
			"UPDATE SET "+strings.Join(set, ", ")+", updated_on = now(), deleted_on = NULL "+
			"WHEN NOT MATCHED THEN INSERT ("+list+", created_on) VALUES ("+qualified("s", columns)+", now())",
		"UPDATE student AS t SET deleted_on = now() WHERE deleted_on IS NULL AND NOT EXISTS (SELECT FROM stage AS s WHERE s.code = t.code)",
	)
}

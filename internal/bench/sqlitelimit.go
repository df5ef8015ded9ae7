package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"

	_ "modernc.org/sqlite" // the driver that registrar has, too
)

// sqliteLimit is limit.go's for two SQLite files: the source attached to the
// destination, its rows selected into a temporary table, and two joins that
// compare, as SQLite has no hash join that a FULL JOIN could use.
func sqliteLimit(ctx context.Context, args []string, stdout, _ io.Writer) error {
	return attached(ctx, args, func(conn *sql.Conn, table string) error {
		for _, s := range []string{
			"CREATE TEMPORARY TABLE stage (" + sqliteSpelling().source + ")",
			"INSERT INTO stage SELECT " + strings.Join(columns, ", ") + " FROM source." + table,
		} {
			if _, err := conn.ExecContext(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		var different, gone int64
		if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM stage AS s LEFT JOIN student AS t ON t.code = s.code WHERE t.code IS NULL OR t.deleted_on IS NOT NULL OR "+
			sqliteDiffer()).Scan(&different); err != nil {
			return err
		}
		if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM student WHERE deleted_on IS NULL AND code NOT IN (SELECT code FROM stage)").Scan(&gone); err != nil {
			return err
		}
		fmt.Fprintln(stdout, different+gone)
		return nil
	})
}

// sqliteCopy is the limit of a first load: the rows selected into the table
// itself.
func sqliteCopy(ctx context.Context, args []string, _, _ io.Writer) error {
	return attached(ctx, args, func(conn *sql.Conn, table string) error {
		list := strings.Join(columns, ", ")
		_, err := conn.ExecContext(ctx, "INSERT INTO student ("+list+") SELECT "+list+" FROM source."+table)
		return err
	})
}

// attached opens run.db of the working directory with a source attached. args are
// the source's file and table.
func attached(ctx context.Context, args []string, use func(conn *sql.Conn, table string) error) error {
	file, table, err := two(args, "the source's file, and its table")
	if err != nil {
		return err
	}
	db, err := openSQLite("run.db")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // what was to be written, a statement has reported
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "ATTACH ? AS source", file); err != nil {
		return err
	}
	return use(conn, table)
}

func openSQLite(path string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)")
}

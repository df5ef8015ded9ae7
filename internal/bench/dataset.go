package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// columns of the table student, the key first, in both engines.
var columns = []string{"code", "name", "first_name", "email", "note", "born", "fees", "seen"}

// The two states of the source.
const (
	// sourceSame holds what the filled destination holds, without its archived
	// rows, which are 0.2 %.
	sourceSame = "source_same"
	// sourceChanged differs from it: 1 % of the rows are updated, in one column
	// or two, some from NULL or to it; 0.5 % are gone, 0.5 % are new, and the
	// 0.2 % that the destination has archived are back.
	sourceChanged = "source_changed"
)

// spelling is how an engine spells what the rows are computed with, so that both
// engines have the same. Each %s is an expression of integers over i, the number
// of the row, from 1.
type spelling struct {
	hexadecimal string // eight digits
	born        string
	fees        string
	seen        string
	series      string // a table i(i) from 1 to %d
	columns     string // of the table student
	source      string // of the two sources
}

func postgresSpelling() *spelling {
	return &spelling{
		hexadecimal: "lpad(to_hex(%s), 8, '0')",
		born:        "date '1990-01-01' + (%s)::integer",
		fees:        "((%s) / 100.0)::numeric(10, 2)",
		seen:        "timestamptz '2026-01-01 00:00:00Z' + (%s) * interval '1 second'",
		series:      "(SELECT n::bigint AS i FROM generate_series(1, %d) AS n) AS i",
		source:      "code text, name text, first_name text, email text, note text, born date, fees numeric(10, 2), seen timestamptz",
		columns: "code text PRIMARY KEY, name text NOT NULL, first_name text NOT NULL, email text, note text, born date, fees numeric(10, 2), seen timestamptz, " +
			"created_on timestamptz NOT NULL DEFAULT now(), updated_on timestamptz, deleted_on timestamptz",
	}
}

func sqliteSpelling() *spelling {
	return &spelling{
		hexadecimal: "printf('%%08x', %s)",
		born:        "date('1990-01-01', '+' || (%s) || ' days')",
		fees:        "((%s) / 100.0)",
		seen:        "strftime('%%Y-%%m-%%d %%H:%%M:%%SZ', 1767225600 + %s, 'unixepoch')",
		series:      "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n) AS i",
		source:      "code TEXT, name TEXT, first_name TEXT, email TEXT, note TEXT, born DATE, fees NUMERIC(10, 2), seen TIMESTAMPTZ",
		columns: "code TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, first_name TEXT NOT NULL, email TEXT, note TEXT, born DATE, fees NUMERIC(10, 2), seen TIMESTAMPTZ, " +
			"created_on TIMESTAMPTZ NOT NULL DEFAULT '2026-01-01 00:00:00Z', updated_on TIMESTAMPTZ, deleted_on TIMESTAMPTZ",
	}
}

// The predicates by which a row's number decides what becomes of it. Of a thousand.
const (
	archivedBefore = "i % 1000 IN (1, 2)"
	goneSince      = "i % 1000 BETWEEN 3 AND 7"
)

// selectRows returns the SELECT of the eight columns of a source with so many rows.
func (s *spelling) selectRows(source string, rows int) string {
	name, email, note, fees := "'Person of number ' || i", "CASE WHEN i % 10 <> 0 THEN 'person.' || i || '@etu.example.org' END", "'Group ' || (i % 311) || ', year ' || (i % 5) || ', campus ' || (i % 7)", "(i * 37) % 100000"
	last, keep := rows, "NOT ("+archivedBefore+")"
	if source == sourceChanged {
		last, keep = rows+rows/200, fmt.Sprintf("i > %d OR NOT (%s)", rows, goneSince)
		updated := func(otherwise, when, then string) string {
			return fmt.Sprintf("CASE WHEN i <= %d AND i %% 1000 %s THEN %s ELSE %s END", rows, when, then, otherwise)
		}
		email = updated(email, "IN (10, 11)", "CASE WHEN i % 10 = 0 THEN 'new.' || i || '@etu.example.org' END")
		name = updated(name, "BETWEEN 12 AND 15", "'Renamed ' || i")
		note = updated(note, "IN (12, 13)", "NULL")
		fees = updated(fees, "BETWEEN 16 AND 19", "(i * 37 + 1) % 100000")
	}
	return "SELECT " + strings.Join([]string{
		s.code(),
		name + " AS name",
		"'Given' || (i % 997) AS first_name",
		email + " AS email",
		note + " AS note",
		fmt.Sprintf(s.born, "i % 6000") + " AS born",
		fmt.Sprintf(s.fees, fees) + " AS fees",
		fmt.Sprintf(s.seen, "(i * 61) % 20000000") + " AS seen",
	}, ", ") + " FROM " + fmt.Sprintf(s.series, last) + " WHERE " + keep
}

// code is a key in no order, and unique: an odd multiple of i, and x(2x + 1), turn the
// integers below 2³⁰ round among themselves.
func (s *spelling) code() string {
	x := "(i * 2654435761 % 1073741824)"
	y := "(" + x + " * (2 * " + x + " + 1) % 1073741824)"
	return fmt.Sprintf(s.hexadecimal, y) + " || " + fmt.Sprintf(s.hexadecimal, x) + " AS code"
}

// sourceStatements make the two sources.
func (s *spelling) sourceStatements(rows int) []string {
	var out []string
	for _, source := range []string{sourceSame, sourceChanged} {
		out = append(out, "CREATE TABLE "+source+" ("+s.source+")", "INSERT INTO "+source+" "+s.selectRows(source, rows))
	}
	return out
}

// createStatement makes the empty destination.
func (s *spelling) createStatement() string { return "CREATE TABLE student (" + s.columns + ")" }

// fillStatements fill it as it was before the source changed.
func (s *spelling) fillStatements(rows int) []string {
	list := strings.Join(columns, ", ")
	archived := strings.Replace(s.selectRows(sourceSame, rows), "NOT ("+archivedBefore+")", archivedBefore, 1)
	return []string{
		"INSERT INTO student (" + list + ") " + s.selectRows(sourceSame, rows),
		"INSERT INTO student (" + list + ", deleted_on) SELECT q.*, '2026-02-01 00:00:00Z' FROM (" + archived + ") AS q",
	}
}

// postgresDiffer compares all columns but the key of the rows s and t. NULL is a value
// as any other.
func postgresDiffer() string {
	return "(" + qualified("s", columns[1:]) + ") IS DISTINCT FROM (" + qualified("t", columns[1:]) + ")"
}

// sqliteDiffer does so column by column: SQLite compares rows by <> only.
func sqliteDiffer() string {
	parts := make([]string, 0, len(columns))
	for _, c := range columns[1:] {
		parts = append(parts, "s."+c+" IS NOT t."+c)
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// qualified lists columns: s.a, s.b.
func qualified(table string, columns []string) string {
	return table + "." + strings.Join(columns, ", "+table+".")
}

// writeCSV writes both sources as files, as the csv provider reads them.
func writeCSV(ctx context.Context, conn *pgx.Conn, dir string) error {
	for _, source := range []string{sourceSame, sourceChanged} {
		if err := writeTableCSV(ctx, conn, source, filepath.Join(dir, source+".csv")); err != nil {
			return fmt.Errorf("write %s as CSV: %w", source, err)
		}
	}
	return nil
}

func writeTableCSV(ctx context.Context, conn *pgx.Conn, table, path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // closed before, unless there was an error
	out := bufio.NewWriterSize(file, blockSize)
	_, err = conn.PgConn().CopyTo(ctx, out, "COPY (SELECT code, name, first_name, email, note, to_char(born, 'YYYY-MM-DD') AS born, fees, "+
		`to_char(seen AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') AS seen FROM `+table+") TO STDOUT (FORMAT csv, HEADER)")
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return file.Close()
}

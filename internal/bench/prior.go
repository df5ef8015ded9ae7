package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
)

// prior is the algorithm that UnicaenDbImport's documentation describes, with its
// faults mended where they made it wrong, not where they make it slow:
//
//   - the rows are inserted one by one into an intermediate table src_student, all
//     columns as text;
//   - a function in PL/pgSQL is called for each row of the FULL OUTER JOIN of both
//     tables; it compares column by column and writes a row of the register
//     import_reg per changed column, with the SQL text that will make the change;
//   - the texts are read back and executed one by one in one transaction, each
//     followed by the UPDATE that stamps its row of the register.
//
// Mended: columns are compared by IS DISTINCT FROM, not <>, and quoted by
// quote_nullable, so that NULL is a value as any other; the name of the column is
// part of the hash, so that two columns with equal values do not collide. Given
// for free: an index on the hash, a prepared statement for the inserts, and one
// transaction for all of them.
func prior(ctx context.Context, args []string, _, _ io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("arguments: the source's table")
	}
	return between(ctx, func(source, destination *pgx.Conn) error {
		if err := execute(
			ctx, destination,
			`CREATE TABLE import_reg (operation varchar(64) NOT NULL, source_code text NOT NULL, table_name text NOT NULL, field_name text,
				from_value text, to_value text, sql text NOT NULL, created_on timestamp(0) NOT NULL, executed_on timestamp(0), import_hash varchar(255) NOT NULL)`,
			"CREATE INDEX ON import_reg (import_hash)",
			"CREATE TABLE src_student ("+strings.Join(columns, " text, ")+" text)",
			priorFunction(),
		); err != nil {
			return err
		}
		for _, phase := range []func(pgx.Tx) error{
			func(tx pgx.Tx) error { return priorCopy(ctx, source, tx, args[0]) },
			func(tx pgx.Tx) error { return priorDiff(ctx, tx) },
			func(tx pgx.Tx) error { return priorExecute(ctx, tx) },
		} {
			if err := pgx.BeginFunc(ctx, destination, phase); err != nil {
				return err
			}
		}
		return execute(ctx, destination, "DROP TABLE src_student")
	})
}

// asText is what the configuration's columns_to_char does: every column as text, the
// same on both sides.
func asText(table string) string {
	out := qualified(table, columns)
	for from, to := range map[string]string{
		table + ".born": "to_char(" + table + ".born, 'YYYY-MM-DD')",
		table + ".fees": table + ".fees::text",
		table + ".seen": "to_char(" + table + ".seen AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS\"Z\"')",
	} {
		out = strings.Replace(out, from, to, 1)
	}
	return out
}

func priorCopy(ctx context.Context, source *pgx.Conn, tx pgx.Tx, table string) error {
	rows, err := source.Query(ctx, "SELECT "+asText("q")+" FROM "+table+" AS q")
	if err != nil {
		return err
	}
	defer rows.Close()
	row := make([]*string, len(columns))
	into, values := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i := range row {
			values[i] = row[i]
		}
		if _, err := tx.Exec(ctx, "INSERT INTO src_student VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

func priorDiff(ctx context.Context, tx pgx.Tx) error {
	return execute(ctx, tx.Conn(), "SELECT create_import_metarequest_for_student("+qualified("src", columns)+", "+asText("dest")+", dest.deleted_on, 'eb1ab85c') AS operation "+
		"FROM src_student AS src FULL OUTER JOIN student AS dest ON src.code = dest.code")
}

func priorExecute(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, "SELECT sql FROM import_reg WHERE executed_on IS NULL")
	if err != nil {
		return err
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, text := range texts {
		// Two statements in one text: one message there, one back.
		if _, err := tx.Conn().PgConn().Exec(ctx, text).ReadAll(); err != nil {
			return fmt.Errorf("execute what the register says: %w", err)
		}
	}
	return nil
}

// priorFunction is the function that the module creates for each import.
func priorFunction() string {
	var parameters, sets, quoted []string
	for _, side := range []string{"src", "dest"} {
		for _, c := range columns {
			parameters = append(parameters, side+"_"+c+" text")
		}
	}
	for _, c := range columns {
		quoted = append(quoted, "quote_nullable(src_"+c+")")
	}
	for _, c := range columns[1:] {
		sets = append(sets, "'"+c+" = ', quote_nullable(src_"+c+")")
	}
	// register writes a row: hash, then the SQL text, then what becomes of a column.
	register := func(operation, code, hash, statement, field, to, from string) string {
		return fmt.Sprintf(`operation = '%[1]s';
			hash = concat(%[3]s, '-', import_hash);
			sql = concat(%[4]s);
			sql = concat(sql, ' UPDATE import_reg SET executed_on = LOCALTIMESTAMP(0) WHERE import_hash = ', quote_literal(hash), ' ;');
			INSERT INTO import_reg (operation, table_name, source_code, field_name, to_value, from_value, sql, created_on, import_hash)
				VALUES ('%[1]s', 'student', %[2]s, %[5]s, %[6]s, %[7]s, sql, LOCALTIMESTAMP(0), hash);
		`, operation, code, hash, statement, field, to, from)
	}
	where := "' WHERE code = ', quote_literal(dest_code), ' ;'"

	var updates strings.Builder
	for _, c := range columns[1:] {
		fmt.Fprintf(&updates, "IF (src_%[1]s IS DISTINCT FROM dest_%[1]s) THEN\n%[2]sEND IF;\n", c, register(
			"update", "src_code", "dest_code, '-"+c+"-', dest_"+c,
			"'UPDATE student SET "+c+" = ', quote_nullable(src_"+c+"), ', updated_on = LOCALTIMESTAMP(0)', "+where,
			"'"+c+"'", "src_"+c, "dest_"+c))
	}
	return `CREATE FUNCTION create_import_metarequest_for_student(` + strings.Join(parameters, ", ") + `, dest_deleted_on timestamptz, import_hash text)
		RETURNS varchar(255) AS $Q$ DECLARE operation varchar(64); hash varchar(255); sql text; BEGIN
		-- in the source, not in the destination: to be added
		IF (src_code IS NOT NULL AND dest_code IS NULL) THEN
			` + register("insert", "src_code", "src_code",
		"'INSERT INTO student ("+strings.Join(columns, ", ")+", created_on) VALUES (', "+strings.Join(quoted, ", ', ', ")+", ', LOCALTIMESTAMP(0)) ;'", "NULL", "NULL", "NULL") + `
		END IF;
		-- in both, and not archived: a row of the register per column
		IF (src_code IS NOT NULL AND dest_code IS NOT NULL AND dest_deleted_on IS NULL) THEN
			` + updates.String() + `
		END IF;
		-- in both, but archived: taken out of the archive
		IF (src_code IS NOT NULL AND dest_code IS NOT NULL AND dest_deleted_on IS NOT NULL) THEN
			` + register("undelete", "src_code", "dest_code",
		"'UPDATE student SET ', "+strings.Join(sets, ", ', ', ")+", ', updated_on = LOCALTIMESTAMP(0), deleted_on = NULL', "+where, "NULL", "NULL", "NULL") + `
		END IF;
		-- no longer in the source: archived
		IF (src_code IS NULL AND dest_code IS NOT NULL AND dest_deleted_on IS NULL) THEN
			` + register("delete", "dest_code", "dest_code", "'UPDATE student SET deleted_on = LOCALTIMESTAMP(0)', "+where, "NULL", "NULL", "NULL") + `
		END IF;
		RETURN operation;
		END; $Q$ LANGUAGE plpgsql`
}

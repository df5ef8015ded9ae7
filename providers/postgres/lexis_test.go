package postgres_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// TestLexis: the server reads as one text what the check takes for one.
func TestLexis(t *testing.T) {
	url := pgtest.New(t)
	// Nobody's settings change how strings are read.
	execute(t, connectPgx(t, url), `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database()); END $$`)
	snapshot := snapshotOf(t, url)
	for query, want := range map[string]string{
		`SELECT E'a''\'; DELETE FROM a; --'`:           `a''; DELETE FROM a; --`,
		`SELECT e'a\\'`:                                `a\`,
		`SELECT 'a\'`:                                  `a\`,
		`SELECT U&'a\0062''; DELETE'`:                  `ab'; DELETE`,
		"SELECT 'a' -- '\n '; b'":                      `a; b`,
		"SELECT 'a' /* ' */ AS \";'\"":                 `a`,
		`SELECT $$'; DELETE $a$ $$`:                    `'; DELETE $a$ `,
		`SELECT $é$; $e$ $$ '$é$`:                      `; $e$ $$ '`,
		`SELECT $a$ $b$a$`:                             ` $b`,
		`SELECT 'x' AS a$$, 'y' AS b$$`:                `x`,
		`SELECT 'a' /* /* */; DELETE FROM a */ || 'b'`: `ab`,
		`SELECT 'a' /*/* */; */ || 'b' --/*`:           `ab`,
		`SELECT 4 -/**/- 3`:                            `7`,
		`SELECT (ARRAY['a','b'])[2:2] ::text`:          `{b}`,
		`SELECT '{"a": "b"}'::jsonb ? 'a'`:             `true`,
		`SELECT 1.5e+1::text || 'é' AS é`:              `15é`,
	} {
		_, rows := readAll(t, snapshot, providers.Query{SQL: query})
		if len(rows) != 1 || rows[0][0].Text() != want {
			t.Errorf("%s yields %v, expected %q", query, rows, want)
		}
	}
}

// drain reads to the end.
func drain(rows providers.Rows, err error) error {
	if err != nil {
		return err
	}
	row := make([]value.Value, len(rows.Columns()))
	for err == nil {
		err = rows.Next(row)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// TestSourceAttacks: what would run as more than a SELECT is refused before it
// is sent; what only functions do fails in the transaction or leaves nothing.
func TestSourceAttacks(t *testing.T) {
	url := pgtest.New(t)
	execute(t, connectPgx(t, url), "CREATE TABLE a (x int)", "INSERT INTO a VALUES (1)", "CREATE SEQUENCE s",
		"CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM a; RETURN 1; END $$",
		"CREATE FUNCTION opens() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET TRANSACTION READ WRITE; DELETE FROM a; RETURN 1; END $$")
	snapshot := snapshotOf(t, url)
	for query, want := range map[string]string{
		`SELECT E'\'' ; COMMIT; DELETE FROM a; --'`:                "not one SELECT",
		`SELECT 1E'\''; COMMIT; DELETE FROM a; --'`:                "not one SELECT",
		"SELECT E'' \n '\\'' ; COMMIT; DELETE FROM a; --'":         "not one SELECT",
		`SELECT a$$; COMMIT; DELETE FROM a; -- $$`:                 "not one SELECT",
		`SELECT $é$ $é$; COMMIT; DELETE FROM a; -- $é$`:            "not one SELECT",
		"SELECT 1 AS `; COMMIT; DELETE FROM a; --`":                "not one SELECT",
		"SELECT 1 -- '\r; COMMIT; DELETE FROM a; --'":              "not one SELECT",
		`SELECT 1 /* /* */ */; COMMIT; DELETE FROM a; -- */`:       "not one SELECT",
		`COPY a TO PROGRAM 'true'`:                                 "not one SELECT",
		`SELECT writes()`:                                          "25006",
		`SELECT opens()`:                                           "25001",
		`SELECT nextval('s')`:                                      "25006",
		`SELECT set_config('transaction_read_only', 'off', false)`: "25001",
	} {
		err := drain(snapshot.Read(t.Context(), providers.Query{SQL: query}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", query, err, want)
		}
	}
	// A setting that a query makes ends with it, so that the next is read as checked.
	if err := drain(snapshot.Read(t.Context(), providers.Query{SQL: "SELECT set_config('standard_conforming_strings', 'off', false)"})); err != nil {
		t.Error(err)
	}
	if _, rows := readAll(t, snapshot, providers.Query{SQL: `SELECT 'a\'`}); rows[0][0].Text() != `a\` {
		t.Errorf("a query changed how the next is read: %v", rows)
	}
	if _, rows := readAll(t, snapshot, providers.Query{Table: "a"}); len(rows) != 1 {
		t.Errorf("%d rows are left", len(rows))
	}
}

// TestPositionBehindComment: comments are not sent, and the server's positions hold.
func TestPositionBehindComment(t *testing.T) {
	err := drain(sharedSnapshot(t).Read(t.Context(), providers.Query{SQL: "-- é\nSELECT 1, /* é\né */ nosuch"}))
	if err == nil || !strings.Contains(err.Error(), "line 3, column 6 ") {
		t.Errorf("the position is lost: %v", err)
	}
}

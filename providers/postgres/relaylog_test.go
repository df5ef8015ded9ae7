package postgres_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/providertest"
)

// logged returns what the private server has written into its log since.
func (f *fixture) logged(t *testing.T) func() string {
	t.Helper()
	if os.Getenv("TEST_POSTGRES_URL") != "" {
		t.Skip("the log of a server that is not the tests' own is out of reach")
	}
	const log = "current_setting('data_directory') || '/../log'"
	from := one(t, f.conn, "SELECT (pg_stat_file("+log+")).size")
	return func() string {
		t.Helper()
		const mark = "the log is read up to here"
		execute(t, f.beside, "DO $$ BEGIN RAISE LOG '"+mark+"'; END $$")
		var text []byte
		if err := f.beside.QueryRow(t.Context(), "SELECT pg_read_binary_file("+log+", "+from+", 100000000)").Scan(&text); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), mark) {
			t.Fatal("this is not the server's log")
		}
		return string(text)
	}
}

// TestRelayLogsNoValue: whatever the stage refuses, no log tells.
func TestRelayLogsNoValue(t *testing.T) {
	f := newFixture(t)
	const secret, number = "INE8800000002", "8800000002"
	log := f.logged(t)
	for i, test := range []struct{ value, from, into string }{
		{"NULL", "text", "text NOT NULL"},
		{"'" + secret + "'", "text", "varchar(3)"},
		{"'" + secret + "'", "text", "character(3)"},
		{number, "bigint", "integer"},
		{number, "bigint", "numeric(5,2)"},
		{number + ".005", "numeric", "numeric(12,2)"},
		{`('["` + secret + `"' || repeat(',1', 20000) || ']')::json`, "json", "json"},
	} {
		name := fmt.Sprintf("person_%d", i)
		execute(t, f.beside, fmt.Sprintf("CREATE TABLE %s (ine text, v %s); CREATE TABLE %[1]s_into (ine text, v %[3]s)", name, test.from, test.into),
			fmt.Sprintf("INSERT INTO %s VALUES ('%s', %s)", name, secret, test.value))
		for _, query := range []providers.Query{{Table: name}, {SQL: "SELECT * FROM " + name}} {
			if was, _ := providertest.Relayed(t, f.d, snapshotOf(t, f.url), query, f.table(t, name+"_into").Columns); was {
				t.Errorf("%s into %s is relayed", test.from, test.into)
			}
		}
	}
	for line := range strings.Lines(log()) {
		if strings.Contains(line, number) {
			t.Errorf("the server logged %s", line)
		}
	}
}

// TestRelayedNulls: only what the source's constraints rule out is not looked for.
func TestRelayedNulls(t *testing.T) {
	f := newFixture(t,
		"CREATE TABLE sure (code text NOT NULL, label text)", "INSERT INTO sure VALUES ('R1', 'x')",
		"CREATE TABLE open (code text, label text)", "INSERT INTO open VALUES (NULL, 'x')",
		"CREATE VIEW seen AS SELECT s.code, 'x' AS label FROM (VALUES (1)) AS v(i) LEFT JOIN sure AS s ON s.code = 'R2'",
		"CREATE TABLE parent (code text NOT NULL, label text)",
		"CREATE TABLE dropped (gone text, label text, code text NOT NULL)", "ALTER TABLE dropped DROP gone", "INSERT INTO dropped VALUES (NULL, 'R1')",
		"CREATE TABLE later (code text, label text)", "INSERT INTO later VALUES (NULL, 'x')",
		"CREATE TABLE into_room (code text NOT NULL, label text)", "CREATE TABLE into_label (label text NOT NULL, code text NOT NULL)",
		"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET log_statement = ''all''', current_database()); END $$")
	snapshot := snapshotOf(t, f.url)
	// What holds for rows of today held for none that the snapshot sees.
	execute(t, f.beside, "UPDATE later SET code = 'R1'", "ALTER TABLE later ALTER code SET NOT NULL")
	room, label := f.table(t, "into_room").Columns, f.table(t, "into_label").Columns
	f.d = openDestination(t, f.url) // whose sessions log
	for _, test := range []struct {
		query            providers.Query
		relayed, checked bool
	}{
		{providers.Query{Table: "sure"}, true, false},
		{providers.Query{SQL: "SELECT * FROM sure"}, true, true},
		{providers.Query{SQL: "SELECT s.* FROM (VALUES (1)) AS v(i) LEFT JOIN sure AS s ON false"}, false, true},
		{providers.Query{Table: "open"}, false, true},
		{providers.Query{Table: "seen"}, false, true},
		{providers.Query{Table: "later"}, false, true},
	} {
		log := f.logged(t)
		if was, _ := providertest.Relayed(t, f.d, snapshot, test.query, room); was != test.relayed {
			t.Errorf("%+v: relayed %v", test.query, was)
		}
		if checked := strings.Contains(log(), `WHERE "code" IS NULL LIMIT 1`); checked != test.checked {
			t.Errorf("%+v: checked %v", test.query, checked)
		}
	}
	if was, _ := providertest.Relayed(t, f.d, snapshot, providers.Query{Table: "dropped"}, label); was {
		t.Error("a column is taken for another")
	}
	// A table that inherits need not have the constraint before version 18.
	if _, err := f.beside.Exec(t.Context(), "CREATE TABLE child () INHERITS (parent); ALTER TABLE child ALTER code DROP NOT NULL; INSERT INTO child VALUES (NULL, 'x')"); err == nil {
		if was, _ := providertest.Relayed(t, f.d, snapshotOf(t, f.url), providers.Query{Table: "parent"}, room); was {
			t.Error("a NULL of a table that inherits is relayed")
		}
	}
}

package providertest

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// connect returns a connection that is closed with the test.
func connect(t *testing.T, d providers.Destination) *sql.Conn {
	t.Helper()
	conn, err := d.Conn(newContext(t))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
			t.Errorf("close connection: %v", err)
		}
	})
	return conn
}

// exec runs a statement, showing it when it fails: nothing here is secret.
func exec(t *testing.T, q providers.Querier, statement string, args ...any) {
	t.Helper()
	if _, err := q.ExecContext(newContext(t), statement, args...); err != nil {
		t.Fatalf("%v\n%s", err, abridge(statement))
	}
}

// texts runs a query and returns its rows, NULL spelt <null>.
func texts(t *testing.T, q providers.Querier, query string, args ...any) [][]string {
	t.Helper()
	rows, err := q.QueryContext(newContext(t), query, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, abridge(query))
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for rows.Next() {
		cells := make([]sql.NullString, len(columns))
		targets := make([]any, len(columns))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatalf("%v\n%s", err, abridge(query))
		}
		row := make([]string, len(columns))
		for i, cell := range cells {
			row[i] = null
			if cell.Valid {
				row[i] = cell.String
			}
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s", err, abridge(query))
	}
	return all
}

const null = "<null>"

// one runs a query of one row and one column.
func one(t *testing.T, q providers.Querier, query string, args ...any) string {
	t.Helper()
	rows := texts(t, q, query, args...)
	if len(rows) != 1 || len(rows[0]) != 1 {
		t.Fatalf("expected one value, got %v\n%s", rows, abridge(query))
	}
	return rows[0][0]
}

func abridge(statement string) string {
	if len(statement) > 2000 {
		return statement[:2000] + "…"
	}
	return statement
}

// feed returns a next function over rows, which copies into the row it is given.
func feed(rows [][]value.Value) func([]value.Value) error {
	i := 0
	return func(row []value.Value) error {
		if i == len(rows) {
			return io.EOF
		}
		copy(row, rows[i])
		i++
		return nil
	}
}

// stage creates a staging table and loads rows into it.
func stage(t *testing.T, d providers.Destination, conn *sql.Conn, name string, columns []sqlgen.Column, rows [][]value.Value) string {
	t.Helper()
	quoted := d.Dialect().StageTable(name)
	exec(t, conn, d.Dialect().CreateStage(quoted, columns))
	loaded, err := d.Load(newContext(t), conn, quoted, columns, feed(rows))
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	if loaded != int64(len(rows)) {
		t.Fatalf("loaded %d rows, expected %d", loaded, len(rows))
	}
	return quoted
}

func count(t *testing.T, q providers.Querier, table string) string {
	t.Helper()
	return one(t, q, fmt.Sprintf("SELECT count(*) FROM %s", table))
}

// textColumn is a column of unbounded text, which has no place in a catalogue.
func (h *Harness) textColumn(name string) sqlgen.Column {
	return sqlgen.Column{Name: name, Type: value.Type{Kind: value.Text, SQL: h.SQL.Text}}
}

// oddNames are those that the engine can have.
func (h *Harness) oddNames() []string {
	return slices.DeleteFunc(slices.Clone(oddNames), func(name string) bool { return h.basic(name) != name })
}

// basic is a name without the characters that the engine cannot have in one.
func (h *Harness) basic(name string) string {
	return strings.Map(func(r rune) rune {
		if h.Capabilities.BasicNames && r > 0xffff || h.Capabilities.QuotelessNames && r == '"' {
			return -1
		}
		return r
	}, name)
}

// oddNames are names that quoting, JSON paths or encodings could break.
var oddNames = []string{
	`a"b]c`, `back\slash`, `é`, `🙂`, `a.b`, `a b`, `it's`, `$`, `select`, `a:b`, `CamelCase`, `[0]`, `percent%s`, `q?m`, `$1`, "`",
}

// oddTexts are texts that quoting, JSON or encodings could break.
var oddTexts = []string{
	"plain", "", " ", `a"b]c`, `back\slash`, "it's", "é", "🙂", "e\u0301", "tab\tnew\nline\r", `{"$":"now()"}`, "null", "NULL", `\x41`, "a\u00a0b", "%s ? $1 :x", "\u2028", "007", "1e5", "true",
}

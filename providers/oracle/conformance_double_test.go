package oracle_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/oracletest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/oracle"
	"github.com/registrar-sync/registrar/providers/providertest"
)

// TestConformanceOnTheDouble is what the suite can show without a server that runs SQL: the source's
// tables, and reads that are broken off.
func TestConformanceOnTheDouble(t *testing.T) {
	providertest.Exercise(t, providertest.Harness{
		// Nothing but a source: whatever a destination does is SQL.
		Provider: struct{ providers.SourceProvider }{oracle.New()},
		// The provider has queries; it is the double that refuses them, but for one.
		Capabilities: providertest.Capabilities{Snapshot: true, QuotelessNames: true},
		SQL:          providertest.SQL{FailsMidway: divides},
		New: func(t *testing.T) providertest.Database {
			tables := storedTables{}
			server := serve(t, oracletest.Config{}, tables.answer)
			return providertest.Database{Source: attributes(server), Dir: t.TempDir(), Write: tables.write}
		},
	})
}

// divides is the query that the double answers in part.
const divides = `SELECT "code", "label" FROM "room" WHERE 1 / CASE "code" WHEN 'k000900' THEN 0 ELSE 1 END = 1`

// storedTables are those of the schema SCOTT, by name. They are written before anybody connects.
type storedTables map[string]storedTable

type storedTable struct {
	columns []oracletest.Column
	rows    [][]any
}

func (s storedTables) write(_ testing.TB, name string, columns []string, rows [][]value.Value) {
	written := storedTable{rows: make([][]any, len(rows))}
	for _, column := range columns {
		written.columns = append(written.columns, oracletest.Column{Name: column, Type: oracletest.Varchar2, Size: 4000})
	}
	for i, row := range rows {
		cells := make([]any, len(row)) // nil is NULL
		for j, v := range row {
			if !v.IsNull() {
				cells[j] = v.Text()
			}
		}
		written.rows[i] = cells
	}
	s[name] = written
}

// answer knows the catalogue's queries of the provider, and how a whole table is read.
func (s storedTables) answer(statement oracletest.Statement) oracletest.Result {
	const schema = "SCOTT"
	relations := []oracletest.Column{varchar("OWNER"), varchar("TABLE_NAME")}
	switch {
	case statement.SQL == "SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM DUAL":
		return table([]oracletest.Column{varchar("SCHEMA")}, []any{schema})
	case strings.HasPrefix(statement.SQL, "SELECT OWNER, TABLE_NAME FROM ALL_TABLES WHERE OWNER IN ("):
		asked := statement.Binds()
		return table(relations, s.list(schema, func(name string) bool {
			return slices.Contains(asked, any(schema)) && slices.Contains(asked, any(name))
		})...)
	case strings.HasPrefix(statement.SQL, "SELECT OWNER, TABLE_NAME FROM ALL_TABLES WHERE OWNER NOT IN ("):
		return table(relations, s.list(schema, func(string) bool { return true })...)
	case statement.SQL == divides:
		part := table(s["room"].columns, s["room"].rows...)
		part.FailAfter, part.Fail = 900, &oracletest.Error{Code: 1476, Text: "divisor is equal to zero"}
		return part
	}
	for name, stored := range s {
		if statement.SQL == `SELECT * FROM "`+schema+`"."`+name+`"` {
			return table(stored.columns, stored.rows...)
		}
	}
	return oracletest.Result{Err: &oracletest.Error{Code: 900, Text: "invalid SQL statement"}}
}

// list are the rows of the catalogue for the tables that are wanted.
func (s storedTables) list(schema string, wanted func(name string) bool) [][]any {
	var rows [][]any
	for name := range s {
		if wanted(name) {
			rows = append(rows, []any{schema, name})
		}
	}
	return rows
}

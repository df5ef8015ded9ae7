package mssql_test

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mssql"
	"github.com/registrar-sync/registrar/providers/providertest"
)

// TestConformanceOnTheDouble is what the suite can show without a server that runs SQL: the source's
// tables, and reads that are broken off.
func TestConformanceOnTheDouble(t *testing.T) {
	providertest.Exercise(t, providertest.Harness{
		// Nothing but a source: whatever a destination does is SQL.
		Provider: struct{ providers.SourceProvider }{mssql.New()},
		// The provider has queries; it is the double that refuses them, but for one.
		Capabilities: providertest.Capabilities{EmptyText: true, Snapshot: true},
		SQL:          providertest.SQL{FailsMidway: divides},
		New: func(t *testing.T) providertest.Database {
			reads := map[string]*mssqltest.Response{}
			double := &database{answer: func(r *mssqltest.Request) *mssqltest.Response {
				if answer, ok := reads[r.SQL]; ok {
					return answer
				}
				return mssqltest.Fails(102, "Incorrect syntax.")
			}}
			_, attributes := serve(t, mssqltest.Config{}, double)
			return providertest.Database{
				Source: attributes, Dir: t.TempDir(),
				// Tables are written before anybody connects.
				Write: func(_ testing.TB, table string, columns []string, rows [][]value.Value) {
					double.tables = append(double.tables, [2]string{"dbo", table})
					reads["SELECT * FROM [dbo].["+strings.ReplaceAll(table, "]", "]]")+"]"] = texts(columns, rows)
					if table == "room" && len(rows) > 900 {
						part := texts(columns, rows[:900])
						part.Error = &mssqltest.Error{Number: 8134, State: 1, Class: 16, Message: "Divide by zero error encountered.", Line: 1}
						reads[divides] = part
					}
				},
			}
		},
	})
}

// divides is the query that the double answers in part.
const divides = "SELECT code, label FROM room WHERE 1 / CASE code WHEN 'k000900' THEN 0 ELSE 1 END = 1"

// texts answers with rows of nvarchar.
func texts(columns []string, rows [][]value.Value) *mssqltest.Response {
	answer := &mssqltest.Response{}
	for _, column := range columns {
		answer.Columns = append(answer.Columns, mssqltest.Column{Name: column, Type: "nvarchar(4000)"})
	}
	served := make([][]any, len(rows))
	for i, row := range rows {
		served[i] = make([]any, len(row)) // nil is NULL
		for j, v := range row {
			if !v.IsNull() {
				served[i][j] = v.Text()
			}
		}
	}
	answer.Rows = mssqltest.Rows(served...)
	return answer
}

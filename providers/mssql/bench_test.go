package mssql_test

import (
	"errors"
	"io"
	"testing"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// BenchmarkRead decodes 100,000 rows of eight columns a time, which the double has encoded before.
// Both run on this machine, with TLS between them.
func BenchmarkRead(b *testing.B) {
	for name, fixture := range map[string]struct {
		columns []mssqltest.Column
		row     []any
	}{
		"mixed": {
			[]mssqltest.Column{
				{Name: "id", Type: "int", NotNull: true},
				{Name: "code", Type: "varchar(20)"},
				{Name: "name", Type: "nvarchar(100)"},
				{Name: "label", Type: "nvarchar(100)"},
				{Name: "born", Type: "date"},
				{Name: "changed", Type: "datetime2(3)"},
				{Name: "price", Type: "decimal(10,2)"},
				{Name: "open", Type: "bit"},
			},
			[]any{7, "k00000007", "Ada Lovelace", "Émilie du Châtelet", "2006-02-03", "2026-03-29 02:30:00.123", "12.50", true},
		},
		"text": {
			[]mssqltest.Column{
				{Name: "a", Type: "nvarchar(50)"},
				{Name: "b", Type: "nvarchar(50)"},
				{Name: "c", Type: "nvarchar(50)"},
				{Name: "d", Type: "nvarchar(50)"},
				{Name: "e", Type: "nvarchar(50)"},
				{Name: "f", Type: "nvarchar(50)"},
				{Name: "g", Type: "nvarchar(50)"},
				{Name: "h", Type: "nvarchar(50)"},
			},
			[]any{"k00000007", "some text of a row", "some text of a row", "some text of a row", "some text of a row", "some text of a row", "some text of a row", "some text of a row"},
		},
	} {
		b.Run(name, func(b *testing.B) {
			const batch, batches = 100, 1000
			_, attributes := serve(b, mssqltest.Config{}, &database{answer: func(*mssqltest.Request) *mssqltest.Response {
				return &mssqltest.Response{Columns: fixture.columns, Times: batches, Rows: func(yield func([]any) bool) {
					for range batch {
						if !yield(fixture.row) {
							return
						}
					}
				}}
			}})
			snapshot := snapshotOf(b, attributes)
			row := make([]value.Value, len(fixture.columns))
			b.ReportAllocs()
			for b.Loop() {
				rows, err := snapshot.Read(b.Context(), providers.Query{SQL: "SELECT * FROM t"})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for err == nil {
					if err = rows.Next(row); err == nil {
						n++
					}
				}
				if !errors.Is(err, io.EOF) || n != batch*batches {
					b.Fatal(n, err)
				}
				if err := rows.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(batch*batches)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

package sqlite_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

const benchRows = 100_000

// BenchmarkLoad loads 100,000 rows of eight columns.
func BenchmarkLoad(b *testing.B) {
	d, err := sqlite.New().OpenDestination(b.Context(), providers.Attributes{"path": "a.db", "create": true}, b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	var columns []sqlgen.Column
	for i, kind := range []value.Kind{value.Text, value.Text, value.Text, value.Text, value.Text, value.Date, value.Decimal, value.Int} {
		sql := map[value.Kind]string{value.Text: "TEXT", value.Date: "DATE", value.Decimal: "DECIMAL(10,2)", value.Int: "INTEGER"}[kind]
		columns = append(columns, sqlgen.Column{Name: fmt.Sprint("c", i), Type: value.Type{Kind: kind, SQL: sql, Scale: 2}})
	}
	date, _ := value.ParseDate("2026-09-01")
	price, _ := value.ParseDecimal("12.50")
	stage := d.Dialect().StageTable("bench")
	b.ReportAllocs()
	for b.Loop() {
		conn, err := d.Conn(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := conn.ExecContext(b.Context(), d.Dialect().CreateStage(stage, columns)); err != nil {
			b.Fatal(err)
		}
		n := 0
		if _, err := d.Load(b.Context(), conn, stage, columns, func(row []value.Value) error {
			if n == benchRows {
				return io.EOF
			}
			n++
			row[0] = value.OfText(fmt.Sprintf("k%08d", n))
			for i := 1; i < 5; i++ {
				row[i] = value.OfText("some text of a row")
			}
			row[5], row[6], row[7] = date, price, value.OfInt(int64(n))
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkRead reads 100,000 rows of four columns, one of them a DATE.
func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	d, err := sqlite.New().OpenDestination(b.Context(), providers.Attributes{"path": "a.db", "create": true}, dir)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	conn, err := d.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{
		"CREATE TABLE room (code TEXT, label TEXT, since DATE, price DECIMAL(10,2))",
		fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO room SELECT 'k' || i, 'some text of a row', '2026-09-01', i / 4.0 FROM n", benchRows),
	} {
		if _, err := conn.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	source, err := sqlite.New().OpenSource(b.Context(), providers.Attributes{"path": "a.db"}, dir)
	if err != nil {
		b.Fatal(err)
	}
	defer source.Close()
	b.ReportAllocs()
	for b.Loop() {
		snapshot, err := source.Snapshot(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		rows, err := snapshot.Read(b.Context(), providers.Query{Table: "room"})
		if err != nil {
			b.Fatal(err)
		}
		row := make([]value.Value, 4)
		for {
			if err := rows.Next(row); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
		if err := errors.Join(rows.Close(), snapshot.Close()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

package mysql_test

import (
	"errors"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/mysqltest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// BenchmarkRead reads five columns of 200,000 rows. rows/cpu-s counts this process's time alone, not the
// server's.
func BenchmarkRead(b *testing.B) {
	database := mysqltest.New(b)
	const n = 200_000
	beside := plain(b, database)
	thousand(b, beside)
	execute(b, beside, "CREATE TABLE t (id bigint, name varchar(50), amount decimal(10,2), changed datetime, flag tinyint)",
		"INSERT INTO t SELECT n, concat('student number ', n), n / 100, '2026-01-01 10:00:00' + INTERVAL n SECOND, n MOD 2 FROM (SELECT a.seq + 1000 * b.seq AS n FROM numbers AS a CROSS JOIN numbers AS b WHERE b.seq <= 200) AS x")
	snapshot := snapshotOf(b, attributesOf(database))
	b.ReportAllocs()
	from := processTime(b)
	for b.Loop() {
		rows, err := snapshot.Read(b.Context(), providers.Query{Table: "t"})
		if err != nil {
			b.Fatal(err)
		}
		row, read := make([]value.Value, len(rows.Columns())), 0
		for {
			if err := rows.Next(row); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			read++
		}
		if err := rows.Close(); err != nil || read != n {
			b.Fatal(read, err)
		}
	}
	b.ReportMetric(float64(n*b.N)/(processTime(b)-from).Seconds(), "rows/cpu-s")
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// processTime is what this process has computed for.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

package postgres_test

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// BenchmarkStaging stages a table of eight columns, by relay and by decoding, and reports
// the processor's time of client and servers in microseconds per row.
func BenchmarkStaging(b *testing.B) {
	rows := 200_000
	if n, err := strconv.Atoi(os.Getenv("BENCH_ROWS")); err == nil {
		rows = n
	}
	f := newFixture(b, fmt.Sprintf(`CREATE TABLE student AS SELECT md5(i::text) AS code, 'Name ' || i AS name, 'Given ' || i AS given, 'street ' || i AS street, 'town' AS town,
date '1990-01-01' + i %% 9000 AS born, (i %% 2000)::numeric(10,2) / 10 AS mark, timestamptz '2020-01-01' + i * interval '1 second' AS seen FROM generate_series(1, %d) AS i`, rows),
		"CREATE TABLE into_student (code varchar(40), name text, given varchar(100), street text, town text, born date, mark numeric(12,2), seen timestamptz)",
		"ALTER TABLE student ALTER mark TYPE numeric(10,2)", "ANALYZE student")
	found, err := f.d.Table(b.Context(), f.conn, "into_student")
	if err != nil {
		b.Fatal(err)
	}
	columns, query, staged := found.Columns, providers.Query{Table: "student"}, f.d.Dialect().StageTable("staged")
	stagings := map[string]func(from providers.Snapshot) (int64, error){
		"decode": func(from providers.Snapshot) (int64, error) {
			read, err := from.Read(b.Context(), query)
			if err != nil {
				return 0, err
			}
			defer read.Close()
			source := make([]value.Value, len(columns))
			return f.d.Load(b.Context(), f.conn, staged, columns, func(row []value.Value) error {
				if err := read.Next(source); err != nil {
					return err //nolint:wrapcheck // io.EOF as it is
				}
				for i := range columns {
					if row[i], err = columns[i].Type.Fit(source[i], time.UTC); err != nil {
						return err
					}
				}
				return nil
			})
		},
		"relay": func(from providers.Snapshot) (int64, error) {
			prepared, err := f.d.(providers.Relayer).PrepareRelay(b.Context(), from, query)
			if err != nil {
				return 0, err
			}
			defer prepared.Close()
			into := make([]providers.RelayColumn, len(columns))
			for i, c := range columns {
				into[i] = providers.RelayColumn{Column: c, From: i}
				into[i].NotNull = i == 0
			}
			return prepared.Run(b.Context(), f.conn, staged, into, func(int64) {})
		},
	}
	for _, name := range []string{"decode", "relay"} {
		b.Run(name, func(b *testing.B) {
			snapshot := snapshotOf(b, f.url)
			var spent time.Duration
			for b.Loop() {
				execute(b, f.beside, f.d.Dialect().CreateStage(staged, columns))
				before := f.processorTime(b)
				n, err := stagings[name](snapshot)
				if err != nil || n != int64(rows) {
					b.Fatalf("%d rows: %v", n, err)
				}
				spent += f.processorTime(b) - before
				execute(b, f.beside, f.d.Dialect().DropStage(staged))
			}
			b.ReportMetric(float64(spent.Microseconds())/float64(rows*b.N), "cpu-µs/row")
		})
	}
}

// processorTime is what this process and the servers of the database's connections have used.
func (f *fixture) processorTime(b *testing.B) time.Duration {
	b.Helper()
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		b.Fatal(err)
	}
	total := time.Duration(own.Utime.Nano() + own.Stime.Nano())
	f.each(b, "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database()", nil, func(row []string) {
		file, err := os.Open("/proc/" + row[0] + "/stat")
		if err != nil {
			b.Skip("the server is on another machine")
		}
		defer file.Close()
		text, err := io.ReadAll(file)
		if err != nil {
			b.Fatal(err)
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')'):]))
		for _, at := range []int{12, 13} { // utime and stime, in hundredths of a second
			ticks, err := strconv.ParseInt(fields[at], 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			total += time.Duration(ticks) * 10 * time.Millisecond
		}
	})
	return total
}

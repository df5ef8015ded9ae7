package register_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/register"
)

var benchSizes = []int64{22_000, 1_000_000}

// BenchmarkDigest hashes a plan's operations. cpu-s/op is the client's and the server's processor
// time together, in seconds.
func BenchmarkDigest(b *testing.B) {
	onBenchEngines(b, func(w *world, n int64) func() error {
		return func() error {
			_, err := w.r.Digest(w.Context(), w.conn, "p")
			return err
		}
	})
}

// BenchmarkOperations streams a plan's operations.
func BenchmarkOperations(b *testing.B) {
	onBenchEngines(b, func(w *world, n int64) func() error {
		return func() error {
			return w.r.Operations(w.Context(), w.conn, "p", 0, n, 0, func(*register.Operation) error { return nil })
		}
	})
}

// BenchmarkExcerpt reads the operations that a plan file shows.
func BenchmarkExcerpt(b *testing.B) {
	onBenchEngines(b, func(w *world, n int64) func() error {
		return func() error {
			return w.r.Operations(w.Context(), w.conn, "p", 0, n, 50, func(*register.Operation) error { return nil })
		}
	})
}

// BenchmarkSearch finds the operations about one key, in a plan that holds all of the history.
func BenchmarkSearch(b *testing.B) {
	onBenchEngines(b, func(w *world, n int64) func() error {
		w.plan("p", day, register.SyncSummary{Sync: "sync.people", LastSeq: n})
		matches := keyed("sync.people", "code", "P2654435761")
		return func() error {
			found, err := w.r.Search(w.Context(), w.conn, &register.Search{Matches: matches})
			if err != nil || len(found) != 1 {
				return fmt.Errorf("found %v: %w", found, err)
			}
			read := 0
			err = w.r.OperationsThat(w.Context(), w.conn, "p", 0, n, &register.Narrow{Matches: matches}, func(*register.Operation) error { read++; return nil })
			if err == nil && read != 1 {
				err = fmt.Errorf("read %d operations", read)
			}
			return err
		}
	})
}

func onBenchEngines(b *testing.B, of func(w *world, n int64) func() error) {
	b.Helper()
	for engine := range engines {
		for _, n := range benchSizes {
			b.Run(fmt.Sprintf("%s/%d", engine, n), func(b *testing.B) {
				w := newWorld(b, engine)
				w.filled(n)
				if engine == "postgres" {
					w.exec("SET max_parallel_workers_per_gather = 0") // whose time is not seen
				}
				run := of(w, n)
				b.ReportAllocs()
				b.ResetTimer()
				before := w.processorTime()
				for range b.N {
					if err := run(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric((w.processorTime()-before).Seconds()/float64(b.N), "cpu-s/op")
			})
		}
	}
}

// processorTime is what this process and the server's process of w.conn have used; the latter
// where the system tells it.
func (w *world) processorTime() time.Duration {
	w.Helper()
	var usage syscall.Rusage
	w.must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	used := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	if w.engine != "postgres" {
		return used
	}
	stat, err := os.ReadFile("/proc/" + w.rows("SELECT pg_backend_pid()")[0] + "/stat")
	if err != nil {
		return used
	}
	_, fields, _ := strings.Cut(string(stat), ") ")
	const ticksPerSecond = 100
	for _, field := range strings.Fields(fields)[11:13] { // utime, stime
		ticks, err := strconv.ParseInt(field, 10, 64)
		w.must(err)
		used += time.Duration(ticks) * time.Second / ticksPerSecond
	}
	return used
}

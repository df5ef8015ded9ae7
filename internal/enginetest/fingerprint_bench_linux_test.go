package enginetest

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// BenchmarkFingerprints plans a table of eight columns whole and by fingerprints, and reports the
// processor's time of client and server, and what comes over the link from the source. BENCH_ROWS is the
// number of rows.
func BenchmarkFingerprints(b *testing.B) {
	rows := 200_000
	if n, err := strconv.Atoi(os.Getenv("BENCH_ROWS")); err == nil {
		rows = n
	}
	w := newWorld(b, postgresEngine(b))
	received := w.countLink()
	const columns = "name text, given varchar(100), street text, town text, born date, mark numeric(12,2), seen timestamptz"
	w.exec(w.source, "CREATE TABLE src_student (code varchar(40), "+columns+")")
	w.exec(w.dest, "CREATE TABLE student (code varchar(40) PRIMARY KEY, "+columns+", gone_on timestamptz)")
	w.exec(w.source, fmt.Sprintf(`INSERT INTO src_student SELECT md5(i::text), 'Name ' || i, 'Given ' || i, 'street ' || i, 'town', date '1990-01-01' + i %% 9000, (i %% 2000)::numeric / 10,
timestamptz '2020-01-01' + i * interval '1 second' FROM generate_series(1, %d) AS i`, rows))
	w.exec(w.dest, "INSERT INTO student SELECT * FROM src_student")
	w.exec(w.dest, "VACUUM ANALYZE student, src_student")
	pid := w.rows(w.dest, "SELECT pg_backend_pid()")[0]
	for _, changed := range []struct {
		name string
		sql  []string
	}{
		{"nothing", nil},
		{"one in 10,000", []string{fmt.Sprintf("UPDATE src_student SET town = 'x' WHERE mark = 7 AND seen < timestamptz '2020-01-01' + interval '%d seconds'", max(2000, rows/5))}},
		{"2.2 percent", []string{
			"UPDATE src_student SET town = 'y' WHERE mark IN (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21)",
			"DELETE FROM src_student WHERE mark IN (31, 32, 33, 34, 35, 36, 37, 38, 39, 40)",
			"INSERT INTO src_student SELECT 'new ' || code, name, given, street, town, born, 31, seen FROM src_student WHERE mark BETWEEN 41 AND 42.3",
		}},
	} {
		for _, statement := range changed.sql {
			w.exec(w.source, statement)
		}
		w.exec(w.dest, "VACUUM ANALYZE src_student")
		for _, buckets := range []int{0, 1024, 65536} {
			incremental := ""
			if buckets > 0 {
				incremental = fmt.Sprintf("  incremental {\n    fingerprints = %d\n  }\n", buckets)
			}
			w.write("main.hcl", `
sync "students" {
  source {
    from  = source.postgres.far
    table = "src_student"
  }
  destination {
    into       = destination.postgres.main
    table      = "student"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code   = row.code
    name   = row.name
    given  = row.given
    street = row.street
    town   = row.town
    born   = row.born
    mark   = row.mark
    seen   = row.seen
  }
  lifecycle {
    on_missing = "archive"
    archive    = { gone_on = now() }
  }
`+incremental+"}\n")
			b.Run(fmt.Sprintf("%s/%d", changed.name, buckets), func(b *testing.B) {
				var spent time.Duration
				var over int64
				var last register.SyncSummary
				for b.Loop() {
					cpu, link := processorTime(b, pid), received.Load()
					p, err := plan.Make(b.Context(), w.load(), w.options())
					w.must(err)
					spent += processorTime(b, pid) - cpu
					over += received.Load() - link
					last = p.Syncs()[0]
				}
				b.ReportMetric(spent.Seconds()/float64(b.N), "cpu-s/op")
				b.ReportMetric(float64(over)/float64(b.N)/1e6, "link-MB/op")
				b.ReportMetric(float64(last.Total()), "operations")
				if last.Fingerprints != nil {
					b.ReportMetric(float64(last.Fingerprints.Read), "read")
				}
			})
		}
	}
}

// countLink adds source.postgres.far, the source behind a proxy that counts the octets that come from it.
func (w *world) countLink() *atomic.Int64 {
	w.Helper()
	_, rest, _ := strings.Cut(string(w.load().Files["connections.hcl"]), "url = ")
	quoted, _, _ := strings.Cut(rest, "\n")
	text, err := strconv.Unquote(quoted)
	w.must(err)
	to, err := url.Parse(text)
	w.must(err)
	server := to.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	var open sync.WaitGroup
	var received atomic.Int64
	open.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			upstream, err := net.Dial("tcp", server)
			if err != nil {
				client.Close()
				continue
			}
			open.Go(func() { _, _ = io.Copy(upstream, client); upstream.Close() })
			open.Go(func() { _, _ = io.Copy(counting{client, &received}, upstream); client.Close() })
		}
	})
	w.Cleanup(func() { listener.Close(); open.Wait() })
	to.Host = listener.Addr().String()
	w.write("far.hcl", fmt.Sprintf("source \"postgres\" \"far\" {\n  url = %q\n}\n", to))
	return &received
}

type counting struct {
	io.Writer
	octets *atomic.Int64
}

func (c counting) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.octets.Add(int64(n))
	return n, err
}

// processorTime is what this process and the server have used, of which pid is a session: all that the
// server's other sessions, ended or not, have used, too.
func processorTime(b *testing.B, pid string) time.Duration {
	b.Helper()
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		b.Fatal(err)
	}
	total := time.Duration(own.Utime.Nano() + own.Stime.Nano())
	fields := func(pid string) []string {
		text, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			return nil // it ended, and its parent has its time
		}
		return strings.Fields(string(text[strings.LastIndexByte(string(text), ')'):]))
	}
	ticks := func(stat []string, at ...int) {
		for _, i := range at {
			if len(stat) > i {
				n, err := strconv.ParseInt(stat[i], 10, 64)
				if err != nil {
					b.Fatal(err)
				}
				total += time.Duration(n) * 10 * time.Millisecond
			}
		}
	}
	session := fields(pid)
	if session == nil {
		b.Skip("the server is on another machine")
	}
	parent := session[2]
	ticks(fields(parent), 12, 13, 14, 15)
	children, err := os.ReadFile("/proc/" + parent + "/task/" + parent + "/children")
	if err != nil {
		b.Fatal(err)
	}
	for child := range strings.FieldsSeq(string(children)) {
		ticks(fields(child), 12, 13)
	}
	return total
}

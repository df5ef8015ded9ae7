//go:build unix

package oracle_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/oracletest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// envServe has the test binary be a server of so many rows.
const envServe = "ORACLE_BENCHMARK_ROWS"

// benchmarkBatch is how many different rows there are.
const benchmarkBatch = 500

// TestServeBenchmark is the server of BenchmarkRead, in a process of its own so that what it
// spends is not taken for the client's.
func TestServeBenchmark(t *testing.T) {
	rows, err := strconv.Atoi(os.Getenv(envServe))
	if err != nil {
		t.Skip("only as a part of the benchmark")
	}
	columns := []oracletest.Column{
		{Name: "CODE", Type: oracletest.Varchar2, Size: 20},
		{Name: "LABEL", Type: oracletest.Varchar2, Size: 100},
		{Name: "KIND", Type: oracletest.Char, Size: 4},
		{Name: "SEATS", Type: oracletest.Num, Precision: 10},
		{Name: "AREA", Type: oracletest.Num, Precision: 10, Scale: 2},
		{Name: "CHANGED", Type: oracletest.Date},
	}
	server := serve(t, oracletest.Config{Charset: oracletest.WE8ISO8859P15}, func(oracletest.Statement) oracletest.Result {
		n := 0
		return oracletest.Result{Columns: columns, Repeat: rows / benchmarkBatch, Next: func(row []any) bool {
			n++
			row[0], row[1], row[2], row[3], row[4], row[5] = fmt.Sprintf("R%06d", n), fmt.Sprint("Salle de réunion n° ", n), "AMP", n%200, oracletest.Number(fmt.Sprintf("%d.5", n)), at("2026-03-29 02:30:00").Add(time.Duration(n)*time.Minute)
			return n <= benchmarkBatch
		}}
	})
	fmt.Println("port", server.Port())
	_, _ = io.Copy(io.Discard, os.Stdin) // until the benchmark ends
}

// BenchmarkRead reads rows of six columns: rows for each second of the client's processor.
func BenchmarkRead(b *testing.B) {
	const rows = 500_000
	child := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestServeBenchmark$")
	child.Env = append(os.Environ(), fmt.Sprint(envServe, "=", rows))
	input, err := child.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := child.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := child.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = input.Close()
		_, _ = io.Copy(io.Discard, output)
		_ = child.Wait()
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	port, err := strconv.ParseInt(strings.TrimSpace(strings.TrimPrefix(line, "port ")), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	source := open(b, providers.Attributes{"host": "127.0.0.1", "port": port, "service": "XEPDB1", "user": "scott", "password": "tiger"})

	var spent time.Duration
	for b.Loop() {
		from := snapshot(b, source)
		before := processorTime(b)
		found, err := from.Read(b.Context(), providers.Query{SQL: "SELECT * FROM room"})
		if err != nil {
			b.Fatal(err)
		}
		row := make([]value.Value, len(found.Columns()))
		n := 0
		for ; err == nil; n++ {
			err = found.Next(row)
		}
		if !errors.Is(err, io.EOF) || n != rows+1 {
			b.Fatalf("%d rows, %v", n-1, err)
		}
		spent += processorTime(b) - before
		_ = found.Close()
		_ = from.Close()
	}
	b.ReportMetric(float64(rows)*float64(b.N)/spent.Seconds(), "rows/cpu-s")
}

func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

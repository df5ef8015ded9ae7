package postgres_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// staged creates the staging table of a table, and returns its name and columns.
func (f *fixture) staged(t testing.TB, table string) (string, []sqlgen.Column) {
	t.Helper()
	columns := f.table(t, table).Columns
	d := f.d.Dialect()
	stage := d.StageTable("stage_" + table)
	if _, err := f.conn.ExecContext(t.Context(), d.CreateStage(stage, columns)); err != nil {
		t.Fatal(err)
	}
	return stage, columns
}

// TestRefusedValue names the place and keeps the value.
func TestRefusedValue(t *testing.T) {
	f := newFixture(t, "CREATE TYPE mood AS ENUM ('calm')", "CREATE TABLE t (code text, mood mood, doc jsonb, num int)",
		`CREATE TABLE "a""b]c" ("x, y" text, "x" mood, "x: z" mood)`)
	good := []value.Value{value.OfText("a\nb\\\tc"), value.OfText("calm"), value.OfText("{}"), value.OfInt(1)}
	for column, bad := range map[string]value.Value{
		"mood": value.OfText("Dupont"), "doc": value.OfText(`{"a": "Dupont\u0000"}`), "num": value.OfText("Dupont\nCOPY x, line 77, column code: "),
	} {
		t.Run(column, func(t *testing.T) {
			stage, columns := f.staged(t, "t")
			row := append([]value.Value(nil), good...)
			for i, c := range columns {
				if c.Name == column {
					row[i] = bad
				}
			}
			_, err := f.d.Load(t.Context(), f.conn, stage, columns, feed(good, good, row, good))
			expectSilent(t, err, "Dupont")
			if !strings.Contains(err.Error(), fmt.Sprintf("record 3, column %q", column)) || !strings.Contains(err.Error(), "SQLSTATE 22") {
				t.Errorf("the error names no place: %v", err)
			}
			if got := one(t, f.conn, "SELECT count(*) FROM "+stage); got != "0" {
				t.Errorf("%s rows are left", got)
			}
			if _, err := f.conn.ExecContext(t.Context(), "DROP TABLE "+stage); err != nil {
				t.Fatal(err)
			}
		})
	}
	stage, columns := f.staged(t, `a"b]c`)
	_, err := f.d.Load(t.Context(), f.conn, stage, columns, feed([]value.Value{value.OfText("a"), value.OfText("calm"), value.OfText("Dupont")}))
	expectSilent(t, err, "Dupont")
	if !strings.Contains(err.Error(), `record 1, column "x: z"`) {
		t.Errorf("the error names no place: %v", err)
	}
}

// TestLoadInTransaction: the connection may be in one, and what was loaded goes with it.
func TestLoadInTransaction(t *testing.T) {
	f := newFixture(t, "CREATE TABLE t (code text)")
	stage, columns := f.staged(t, "t")
	tx, err := f.d.Begin(t.Context(), f.conn, 0)
	if err != nil {
		t.Fatal(err)
	}
	n, err := f.d.Load(t.Context(), f.conn, stage, columns, feed([]value.Value{value.OfText("a")}, []value.Value{{}}))
	if err != nil || n != 2 {
		t.Fatalf("%d rows, %v", n, err)
	}
	if got := one(t, tx, "SELECT count(*) FROM "+stage); got != "2" {
		t.Errorf("%s rows in the transaction", got)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got := one(t, f.conn, "SELECT count(*) FROM "+stage); got != "0" {
		t.Errorf("%s rows after it", got)
	}
}

// TestKilledWhileLoading: next is not called once Load has returned.
func TestKilledWhileLoading(t *testing.T) {
	f := newFixture(t, "CREATE TABLE t (code text)")
	stage, columns := f.staged(t, "t")
	pid := one(t, f.conn, "SELECT pg_backend_pid()")
	n, returned := 0, false
	_, err := f.d.Load(t.Context(), f.conn, stage, columns, func(row []value.Value) error {
		if returned {
			t.Error("next is called after the end")
		}
		if n++; n == 100 {
			execute(t, f.beside, "SELECT pg_terminate_backend("+pid+")")
		}
		if n > 50_000_000 {
			return errors.New("endless")
		}
		row[0] = value.OfText(strings.Repeat("x", 1000))
		return nil
	})
	returned = true
	if err == nil || strings.Contains(err.Error(), "endless") {
		t.Fatalf("loaded: %v", err)
	}
	if got := one(t, connect(t, f.d), "SELECT count(*) FROM "+stage); got != "0" {
		t.Errorf("%s rows are left", got)
	}
}

// numbered feeds n rows of some columns; the texts are made beforehand.
func numbered(n, columns int) func([]value.Value) error {
	texts := make([]value.Value, 1000)
	for i := range texts {
		texts[i] = value.OfText(fmt.Sprintf("text number %d", i))
	}
	i := 0
	return func(row []value.Value) error {
		if i == n {
			return io.EOF
		}
		row[0] = value.OfInt(int64(i))
		for j := 1; j < columns; j++ {
			row[j] = texts[(i*7+j)%len(texts)]
		}
		i++
		return nil
	}
}

// TestLoadAllocations: nothing is allocated per row.
func TestLoadAllocations(t *testing.T) {
	f := newFixture(t, "CREATE TABLE t (id bigint, a text, b text, c text)")
	stage, columns := f.staged(t, "t")
	const n = 200_000
	next := numbered(n, 4)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := f.d.Load(t.Context(), f.conn, stage, columns, next); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if perRow := float64(after.Mallocs-before.Mallocs) / n; perRow > 0.1 {
		t.Errorf("%.2f allocations a row", perRow)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("%d octets allocated for %d rows", grown, n)
	}
}

func TestLoadedTexts(t *testing.T) {
	f := newFixture(t, "CREATE TABLE t (id int, a text, b bytea)")
	stage, columns := f.staged(t, "t")
	var want []string
	var rows [][]value.Value
	for i, text := range []string{"", `\N`, `\.`, "\\", "\t", "\r\n", "a\\tb", "é\u2028🙂", "\x01\x7f", strings.Repeat(`\`, 70_000), strings.Repeat("é\n", 200_000)} {
		rows, want = append(rows, []value.Value{value.OfInt(int64(i)), value.OfText(text), value.OfBytes([]byte(text))}), append(want, text, fmt.Sprintf(`\x%x`, text))
	}
	if _, err := f.d.Load(t.Context(), f.conn, stage, columns, feed(rows...)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range rows {
		got = append(got, one(t, f.conn, fmt.Sprintf("SELECT a FROM %s WHERE id = %d", stage, i)), one(t, f.conn, fmt.Sprintf("SELECT b::text FROM %s WHERE id = %d", stage, i)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%.2000s", diff)
	}
}

// BenchmarkLoad loads half a million rows. rows/s are of wall time; server-s/M is the CPU
// time that the server spends on a million of them.
func BenchmarkLoad(b *testing.B) {
	for name, columns := range map[string]string{
		"binary": "id bigint, a text, b text, c text, d text, e text, f text, g text",
		"text":   "id bigint, a text, b text, c text, d text, e text, f text, g name",
	} {
		b.Run(name, func(b *testing.B) {
			f := newFixture(b, "CREATE TABLE t ("+columns+")")
			pid := one(b, f.conn, "SELECT pg_backend_pid()")
			const n = 500_000
			b.ReportAllocs()
			server := 0.0
			for b.Loop() {
				stage, columns := f.staged(b, "t")
				before := cpuSeconds(pid)
				if _, err := f.d.Load(b.Context(), f.conn, stage, columns, numbered(n, 8)); err != nil {
					b.Fatal(err)
				}
				server += cpuSeconds(pid) - before
				if _, err := f.conn.ExecContext(b.Context(), "DROP TABLE "+stage); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(server*1e6/float64(n*b.N), "server-s/M")
		})
	}
}

// cpuSeconds is the CPU time that a process of this machine spent so far; 0 where that is
// not known.
func cpuSeconds(pid string) float64 {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return float64(user+system) / 100 // the clock ticks of Linux
}

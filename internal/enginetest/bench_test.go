package enginetest

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// BenchmarkPlan plans and applies 100,000 rows of which 2.2 % differ. It reports the wall
// time as multiples of the limit: the rows copied into a staging table by the engine's
// fastest means, and one comparing join that writes nothing.
func BenchmarkPlan(b *testing.B) {
	for _, e := range engines() {
		b.Run(e.name, func(b *testing.B) { benchmarkPlan(b, e, 100_000) })
	}
}

func benchmarkPlan(b *testing.B, e engine, n int) {
	w := rooms(b, e, archiving)
	numbers := "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < %d) "
	name := "'a room of some name and number ' || i"
	w.exec(w.source, fmt.Sprintf("INSERT INTO src "+numbers+"SELECT 'R' || i, "+name+", i %% 500 FROM g", n))
	w.exec(w.dest, fmt.Sprintf("INSERT INTO room (code, name, seats, origin) "+numbers+"SELECT 'R' || i, "+name+", i %% 500, 'A' FROM g", n))
	w.exec(w.dest, "ANALYZE")
	var planned, applied, limit time.Duration
	for round := 0; b.Loop(); round++ {
		w.exec(w.source, fmt.Sprintf("UPDATE src SET seats = seats + 1 WHERE seats %% 100 = %d", round%100))
		w.exec(w.source, fmt.Sprintf("DELETE FROM src WHERE code LIKE 'R%d_%%' AND seats %% 7 = 3", 10+round%90))
		started := time.Now()
		w.limit()
		limit += time.Since(started)

		started = time.Now()
		p := w.plan()
		planned += time.Since(started)

		started = time.Now()
		w.apply(p)
		applied += time.Since(started)
	}
	b.ReportMetric(float64(planned)/float64(limit), "plan/limit")
	b.ReportMetric(float64(planned+applied)/float64(limit), "plan+apply/limit")
	b.ReportMetric(float64(n*b.N)/planned.Seconds(), "rows/s")
}

const comparingJoin = "SELECT count(*) FROM limit_stage AS s LEFT JOIN room AS t ON t.code = s.code WHERE t.code IS NULL OR (s.name, s.seats) IS DISTINCT FROM (t.name, t.seats)"

// limit does what no plan can do without.
func (w *world) limit() {
	w.Helper()
	conn, err := w.dest.Conn(w.Context())
	w.must(err)
	defer conn.Close()
	run := func(statement string) {
		if _, err := conn.ExecContext(w.Context(), statement); err != nil {
			w.Fatal(err)
		}
	}
	if w.engine.name == "postgres" {
		run("SET work_mem = '64MB'")
		run("SET jit = off")
		run("CREATE UNLOGGED TABLE limit_stage (LIKE src)")
		w.relay()
		run("ANALYZE limit_stage")
	} else {
		run("ATTACH '" + w.dir + "/source.db' AS source")
		run("CREATE TEMP TABLE limit_stage AS SELECT * FROM source.src")
	}
	var different int64
	w.must(conn.QueryRowContext(w.Context(), comparingJoin).Scan(&different))
	run("DROP TABLE limit_stage")
	if w.engine.name != "postgres" {
		run("DETACH source")
	}
}

// relay pipes one COPY into another.
func (w *world) relay() {
	w.Helper()
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := withPgx(w.Context(), w.source, func(conn *pgx.Conn) error {
			// In blocks: CopyTo writes row by row, and a pipe hands over each write.
			blocks := bufio.NewWriterSize(writer, 256<<10)
			_, err := conn.PgConn().CopyTo(w.Context(), blocks, "COPY src TO STDOUT (FORMAT binary)")
			return errors.Join(err, blocks.Flush())
		})
		writer.CloseWithError(err)
		done <- err
	}()
	w.must(withPgx(w.Context(), w.dest, func(conn *pgx.Conn) error {
		_, err := conn.PgConn().CopyFrom(w.Context(), reader, "COPY limit_stage FROM STDIN (FORMAT binary)")
		return err
	}))
	w.must(<-done)
}

func withPgx(ctx context.Context, db *sql.DB, use func(*pgx.Conn) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		return use(driver.(*stdlib.Conn).Conn())
	})
}

package plan

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl/rowexpr"
	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// repeated is a source that costs nothing: it hands out the same rows over and over.
type repeated struct {
	columns []providers.Column
	cells   [][]value.Value
	left    int
}

func (r *repeated) Columns() []providers.Column { return r.columns }

func (r *repeated) Next(row []value.Value) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	copy(row, r.cells[r.left%len(r.cells)])
	return nil
}

func (*repeated) Close() error { return nil }

// people are n rows of a source, of a thousand persons.
func people(b *testing.B, n int) *repeated {
	b.Helper()
	r := &repeated{left: n}
	for _, c := range []struct {
		name string
		kind value.Kind
	}{
		{"code", value.Text},
		{"last", value.Text},
		{"first", value.Text},
		{"born", value.Text},
		{"status", value.Text},
		{"fee", value.Decimal},
		{"credits", value.Int},
		{"changed_at", value.Instant},
	} {
		r.columns = append(r.columns, providers.Column{Name: c.name, Type: value.Type{Kind: c.kind}})
	}
	for i := range 1000 {
		fee, err := value.ParseDecimal(fmt.Sprintf("%d.%02d", i*7, i%100))
		if err != nil {
			b.Fatal(err)
		}
		r.cells = append(r.cells, []value.Value{
			value.OfText(fmt.Sprintf("P%09d", i*7919)), value.OfText(fmt.Sprintf(" Martineau%d ", i)), value.OfText("Élodie"),
			value.OfText(fmt.Sprintf("%02d/%02d/%d", i%28+1, i%12+1, 1980+i%25)), value.OfText([]string{"A", "L", "X"}[i%3]),
			fee, value.OfInt(int64(i % 180)), value.OfInstant(time.Date(2026, 9, 1, 8, i%60, 7, 123456000, time.UTC)),
		})
	}
	return r
}

// mapping are a destination's columns and what they are computed by.
var mapping = []struct {
	name, expr string
}{
	{"code", `row.code`},
	{"last_name", `upper(trim(row.last))`},
	{"display_name", `"${row.first} ${trim(row.last)}"`},
	{"born_on", `to_date(row.born, "DD/MM/YYYY")`},
	{"status", `{ A = "active", L = "on leave", X = "left" }[row.status]`},
	{"fee", `row.fee * 1.2`},
	{"credits", `row.credits`},
	{"changed_at", `row.changed_at`},
}

const personTable = `CREATE TABLE person (code varchar(20) PRIMARY KEY, last_name varchar(60), display_name text,
	born_on date, status varchar(20), fee numeric(12,4), credits integer, changed_at %s)`

// BenchmarkMapping maps a million rows, of eight columns, five of them expressions: to
// nowhere, and into a staging table. rows/s are of the client's CPU time; server-s/M is
// the CPU time that PostgreSQL spends on a million rows.
func BenchmarkMapping(b *testing.B) {
	b.Run("alone", func(b *testing.B) {
		benchmarkMapping(b, fromNowhere(b), personColumns(value.Instant), discard)
	})
	b.Run("postgres", func(b *testing.B) {
		url := pgtest.New(b)
		beside, err := pgx.Connect(b.Context(), url)
		if err != nil {
			b.Fatal(err)
		}
		defer beside.Close(context.WithoutCancel(b.Context()))
		for _, statement := range []string{"CREATE SCHEMA registrar", fmt.Sprintf(personTable, "timestamp with time zone")} {
			if _, err := beside.Exec(b.Context(), statement); err != nil {
				b.Fatal(err)
			}
		}
		d, err := postgres.New().OpenDestination(b.Context(), providers.Attributes{"url": url}, "")
		if err != nil {
			b.Fatal(err)
		}
		benchmarkLoading(b, fromNowhere(b), d)
	})
	b.Run("sqlite", func(b *testing.B) {
		dir := b.TempDir()
		d, err := sqlite.New().OpenDestination(b.Context(), providers.Attributes{"path": filepath.Join(dir, "x.db"), "create": true}, dir)
		if err != nil {
			b.Fatal(err)
		}
		benchmarkLoading(b, fromNowhere(b), d)
	})
}

// personColumns are those of personTable, the last one being of that kind.
func personColumns(changed value.Kind) []sqlgen.Column {
	var columns []sqlgen.Column
	for i, t := range []value.Type{
		{Kind: value.Text, Size: 20},
		{Kind: value.Text, Size: 60},
		{Kind: value.Text},
		{Kind: value.Date},
		{Kind: value.Text, Size: 20},
		{Kind: value.Decimal, Precision: 12, Scale: 4},
		{Kind: value.Int, Size: 32},
		{Kind: changed, Fraction: 6},
	} {
		columns = append(columns, sqlgen.Column{Name: mapping[i].name, Type: t})
	}
	return columns
}

// discard fetches the rows and keeps none.
func discard(columns []sqlgen.Column, next func([]value.Value) error) error {
	row := make([]value.Value, len(columns))
	for {
		if err := next(row); err == io.EOF { //nolint:errorlint // the contract: io.EOF itself
			return nil
		} else if err != nil {
			return err
		}
	}
}

// supply is where the rows of a benchmark come from, the same n of them each time that open is called.
type supply struct {
	n    int64
	open func() providers.Rows
}

func fromNowhere(b *testing.B) supply {
	b.Helper()
	const n = 1_000_000
	return supply{n, func() providers.Rows { return people(b, n) }}
}

// benchmarkLoading loads the mapped rows into staging tables of d.
func benchmarkLoading(b *testing.B, from supply, d providers.Destination) {
	b.Helper()
	defer d.Close()
	conn, err := d.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	var pid int
	if err := conn.QueryRowContext(b.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		if _, err := conn.ExecContext(b.Context(), fmt.Sprintf(personTable, "timestamp")); err != nil { // SQLite
			b.Fatal(err)
		}
	}
	table, err := d.Table(b.Context(), conn, "person")
	if err != nil {
		b.Fatal(err)
	}
	stage := d.Dialect().StageTable("stage_bench")
	var server time.Duration
	loaded := 0
	benchmarkMapping(b, from, table.Columns, func(columns []sqlgen.Column, next func([]value.Value) error) error {
		if err := execute(b.Context(), conn, d.Dialect().CreateStage(stage, columns)); err != nil {
			return err
		}
		before := processTime(pid)
		n, err := d.Load(b.Context(), conn, stage, columns, next)
		server += processTime(pid) - before
		loaded += int(n)
		if err != nil {
			return err
		}
		return execute(b.Context(), conn, d.Dialect().DropStage(stage))
	})
	if server > 0 {
		b.ReportMetric(server.Seconds()*1e6/float64(loaded), "server-s/M")
	}
}

func execute(ctx context.Context, conn *sql.Conn, statement string) error {
	_, err := conn.ExecContext(ctx, statement)
	return err
}

// benchmarkMapping has load fetch the rows mapped to columns, all of them each round.
func benchmarkMapping(b *testing.B, from supply, columns []sqlgen.Column, load func(columns []sqlgen.Column, next func([]value.Value) error) error) {
	b.Helper()
	sync := &config.Sync{Address: "sync.person", Destination: config.SyncDestination{Table: "person", Key: []string{"code"}}}
	target := &sqlgen.Target{Mapped: columns, Key: columns[:1]}
	for _, c := range mapping {
		parsed, diags := hclsyntax.ParseExpression([]byte(c.expr), "main.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			b.Fatal(diags)
		}
		compiled, diags := rowexpr.Compile(parsed, nil)
		if diags.HasErrors() {
			b.Fatal(diags)
		}
		sync.Columns = append(sync.Columns, config.Column{Name: c.name, Expr: compiled})
	}
	staged := append(slices.Clone(columns), sqlgen.Column{Name: "registrar skip", Type: value.Type{Kind: value.Text, SQL: "text"}})
	b.ReportAllocs()
	before := processTime(os.Getpid())
	for b.Loop() {
		m := newMapper(b.Context(), sync, target, time.UTC, func(int64) {})
		rows := from.open()
		bound, diags := bindSource(sync, target, resultOf("The source", rows), false)
		if diags.HasErrors() {
			b.Fatal(diags.Err())
		}
		m.from("", rows, bound)
		if err := load(staged, m.next); err != nil {
			b.Fatal(err)
		}
		if err := rows.Close(); err != nil {
			b.Fatal(err)
		}
		if m.read != from.n || m.rejected != 0 || m.bad.count != 0 {
			b.Fatalf("%d read, %d rejected, %d without a key", m.read, m.rejected, m.bad.count)
		}
	}
	b.ReportMetric(float64(from.n)*float64(b.N)/(processTime(os.Getpid())-before).Seconds(), "rows/s")
}

// processTime is the CPU time that a process of this machine spent so far; 0 where that
// is not known.
func processTime(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, fields, _ := strings.Cut(string(stat), ") ")
	list := strings.Fields(fields)
	if len(list) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(list[11])
	system, _ := strconv.Atoi(list[12])
	return time.Duration(user+system) * 10 * time.Millisecond // the clock tick of Linux
}

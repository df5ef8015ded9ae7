package plan

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/internal/mysqltest"
	"github.com/registrar-sync/registrar/internal/oracletest"
	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mssql"
	"github.com/registrar-sync/registrar/providers/mysql"
	"github.com/registrar-sync/registrar/providers/oracle"
	"github.com/registrar-sync/registrar/providers/postgres"
)

// envDouble has the test binary be a server, of the named engine, for BenchmarkDecoding.
const envDouble = "REGISTRAR_DECODING_DOUBLE"

const (
	// decodedRows are what each benchmark reads in a round, decodedBatch how many of them differ.
	decodedRows  = 500_000
	decodedBatch = 500
)

// person is the i-th of the batch: code, last, first, born, status, fee, credits and the time of the last change.
func person(i int) (code, last, born, status, fee string, credits int, changed time.Time) {
	return fmt.Sprintf("P%09d", i*7919), fmt.Sprintf(" Martineau%d ", i), fmt.Sprintf("%02d/%02d/%d", i%28+1, i%12+1, 1980+i%25),
		[]string{"A", "L", "X"}[i%3], fmt.Sprintf("%d.%02d", i*7, i%100), i % 180, time.Date(2026, 9, 1, 8, i%60, 7, 0, time.UTC)
}

// TestServeDecoding is the server of BenchmarkDecoding, in a process of its own so that what it
// spends is not taken for the client's. It ends with its standard input.
func TestServeDecoding(t *testing.T) {
	switch os.Getenv(envDouble) {
	case "oracle":
		server := oracletest.New(t, oracletest.Config{Handle: oracleOf("AL32UTF8", oracletest.AL32UTF8)})
		fmt.Println("port", server.Port())
	case "oracle-iso":
		server := oracletest.New(t, oracletest.Config{Charset: oracletest.WE8ISO8859P15, Handle: oracleOf("WE8ISO8859P15", oracletest.WE8ISO8859P15)})
		fmt.Println("port", server.Port())
	case "mssql":
		server := mssqltest.New(t, mssqltest.Config{Handler: answerMSSQL})
		file := filepath.Join(t.TempDir(), "authority.pem")
		if err := os.WriteFile(file, server.CertificatePEM(), 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Println("port", server.Port(), file)
	default:
		return // it is a part of the benchmark only
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func oracleOf(charset string, number oracletest.Charset) func(oracletest.Statement) oracletest.Result {
	return func(s oracletest.Statement) oracletest.Result {
		if strings.Contains(s.SQL, "NLS_CHARSET_ID") {
			return oracletest.Result{
				Columns: []oracletest.Column{{Name: "VALUE", Type: oracletest.Varchar2, Size: 40}, {Name: "ID", Type: oracletest.Num}},
				Next:    oracletest.Rows([]any{charset, int(number)}),
			}
		}
		return answerOracle(s)
	}
}

func answerOracle(s oracletest.Statement) oracletest.Result {
	text := func(name string, size int) oracletest.Column {
		return oracletest.Column{Name: name, Type: oracletest.Varchar2, Size: size}
	}
	if !strings.Contains(s.SQL, "FROM person") {
		return oracletest.Result{}
	}
	i := 0
	return oracletest.Result{
		Columns: []oracletest.Column{
			text("CODE", 20),
			text("LAST", 60),
			text("FIRST", 60),
			text("BORN", 10),
			{Name: "STATUS", Type: oracletest.Char, Size: 1},
			{Name: "FEE", Type: oracletest.Num, Precision: 8, Scale: 2},
			{Name: "CREDITS", Type: oracletest.Num, Precision: 5},
			{Name: "CHANGED_AT", Type: oracletest.Date},
		},
		Repeat: decodedRows / decodedBatch,
		Next: func(row []any) bool {
			code, last, born, status, fee, credits, changed := person(i)
			copy(row, []any{code, last, "Élodie", born, status, oracletest.Number(fee), credits, changed})
			i++
			return i <= decodedBatch
		},
	}
}

func answerMSSQL(r *mssqltest.Request) *mssqltest.Response {
	switch {
	case strings.Contains(r.SQL, "snapshot_isolation_state"):
		return &mssqltest.Response{
			Columns: []mssqltest.Column{{Name: "version", Type: "nvarchar(40)"}, {Name: "keeps", Type: "int"}, {Name: "readonly", Type: "bit"}, {Name: "table", Type: "nvarchar(200)"}},
			Rows:    mssqltest.Rows([]any{"16.0.4135.4", 1, false, nil}),
		}
	case strings.HasPrefix(r.SQL, "SELECT MAX(one)"):
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "one", Type: "int"}}, Rows: mssqltest.Rows([]any{1})}
	case !strings.Contains(r.SQL, "FROM person"):
		return nil
	}
	return &mssqltest.Response{
		Columns: []mssqltest.Column{
			{Name: "code", Type: "nvarchar(20)"},
			{Name: "last", Type: "nvarchar(60)"},
			{Name: "first", Type: "nvarchar(60)"},
			{Name: "born", Type: "nvarchar(10)"},
			{Name: "status", Type: "nchar(1)"},
			{Name: "fee", Type: "decimal(8,2)"},
			{Name: "credits", Type: "int"},
			{Name: "changed_at", Type: "datetime2(0)"},
		},
		Times: decodedRows / decodedBatch,
		Rows: func(yield func([]any) bool) {
			for i := range decodedBatch {
				code, last, born, status, fee, credits, changed := person(i)
				if !yield([]any{code, last, "Élodie", born, status, fee, credits, changed}) {
					return
				}
			}
		},
	}
}

// double starts a server in a process of its own, and returns what it says of itself.
func double(b *testing.B, engine string) []string {
	b.Helper()
	child := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestServeDecoding$")
	child.Env = append(os.Environ(), envDouble+"="+engine)
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
	return strings.Fields(line)[1:]
}

// decoded opens a source of people, of the given engine.
func decoded(b *testing.B, engine string) providers.Source {
	b.Helper()
	number := func(text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	var source providers.Source
	var err error
	switch engine {
	case "oracle", "oracle-iso":
		source, err = oracle.New().OpenSource(b.Context(), providers.Attributes{
			"host": "127.0.0.1", "port": number(double(b, engine)[0]), "service": "XEPDB1", "user": "scott", "password": "tiger",
		}, "")
	case "mssql":
		said := double(b, engine)
		source, err = mssql.New().OpenSource(b.Context(), providers.Attributes{
			"host": "127.0.0.1", "port": number(said[0]), "ca_file": said[1], "database": "timetable", "user": "reader", "password": "read-only",
		}, "")
	case "mysql":
		database := mysqltest.New(b)
		db := database.Open(b)
		for _, statement := range []string{
			`CREATE TABLE person (code varchar(20), last varchar(60), first varchar(60), born varchar(10), status char(1), fee decimal(8,2), credits int, changed_at datetime) CHARACTER SET utf8mb4`,
			fmt.Sprintf(`INSERT INTO person SELECT concat('P', lpad(seq MOD 1000 * 7919, 9, '0')), concat(' Martineau', seq MOD 1000, ' '), 'Élodie',
				concat(lpad(seq MOD 28 + 1, 2, '0'), '/', lpad(seq MOD 12 + 1, 2, '0'), '/', 1980 + seq MOD 25), elt(seq MOD 3 + 1, 'A', 'L', 'X'),
				seq MOD 1000 * 7 + seq MOD 100 / 100, seq MOD 180, '2026-09-01 08:00:07' + INTERVAL seq MOD 60 MINUTE FROM seq_1_to_%d`, decodedRows),
		} {
			if _, err := db.ExecContext(b.Context(), statement); err != nil {
				b.Fatal(err)
			}
		}
		source, err = mysql.New().OpenSource(b.Context(), providers.Attributes{
			"host": database.Host, "port": int64(database.Port), "database": database.Name, "user": database.User, "password": database.Password,
		}, "")
	}
	if err != nil {
		b.Fatal(err)
	}
	return source
}

// snapshotRows are a result of which Close ends the snapshot, too.
type snapshotRows struct {
	providers.Rows
	from providers.Snapshot
}

func (r snapshotRows) Close() error { return errors.Join(r.Rows.Close(), r.from.Close()) }

// BenchmarkDecoding reads half a million rows from a server of each engine, those of Oracle (in AL32UTF8, and in
// ISO 8859-15) and SQL Server being doubles: it decodes them, maps them as well (eight columns, five of them expressions),
// and stages them in PostgreSQL as well. rows/s are of this process's CPU time, the driver's and TLS's included, the
// servers' not; server-s/M is that of PostgreSQL for a million rows.
func BenchmarkDecoding(b *testing.B) {
	if _, given := os.LookupEnv("GOGC"); !given {
		defer debug.SetGCPercent(debug.SetGCPercent(300)) // as main does
	}
	for _, engine := range []string{"oracle", "oracle-iso", "mssql", "mysql"} {
		b.Run(engine, func(b *testing.B) {
			source := decoded(b, engine)
			defer source.Close()
			from := supply{decodedRows, func() providers.Rows {
				snapshot, err := source.Snapshot(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				rows, err := snapshot.Read(b.Context(), providers.Query{SQL: "SELECT code, last, first, born, status, fee, credits, changed_at FROM person"})
				if err != nil {
					b.Fatal(err)
				}
				return snapshotRows{rows, snapshot}
			}}
			b.Run("decode", func(b *testing.B) {
				b.ReportAllocs()
				before := processTime(os.Getpid())
				for b.Loop() {
					rows := from.open()
					if err := discard(make([]sqlgen.Column, len(rows.Columns())), func(row []value.Value) error { return rows.Next(row) }); err != nil {
						b.Fatal(err)
					}
					if err := rows.Close(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(from.n)*float64(b.N)/(processTime(os.Getpid())-before).Seconds(), "rows/s")
			})
			b.Run("map", func(b *testing.B) { benchmarkMapping(b, from, personColumns(value.DateTime), discard) })
			b.Run("stage", func(b *testing.B) {
				url := pgtest.New(b)
				beside, err := pgx.Connect(b.Context(), url)
				if err != nil {
					b.Fatal(err)
				}
				defer beside.Close(context.WithoutCancel(b.Context()))
				for _, statement := range []string{"CREATE SCHEMA registrar", fmt.Sprintf(personTable, "timestamp")} {
					if _, err := beside.Exec(b.Context(), statement); err != nil {
						b.Fatal(err)
					}
				}
				d, err := postgres.New().OpenDestination(b.Context(), providers.Attributes{"url": url}, "")
				if err != nil {
					b.Fatal(err)
				}
				benchmarkLoading(b, from, d)
			})
		})
	}
}

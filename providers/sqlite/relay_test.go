package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/providertest"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// pair is a source file and a destination file.
type pair struct {
	*testing.T
	from, into *sql.DB // not the provider's
	source     providers.Source
	d          providers.Destination
}

// newPair makes files whose names a URI could misread.
func newPair(t *testing.T, journal string) *pair {
	t.Helper()
	dir := t.TempDir()
	p := &pair{T: t}
	open := func(name string) *sql.DB {
		// The driver decodes what stands before the first question mark.
		uri := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, name)), RawQuery: "_pragma=busy_timeout(2000)&_pragma=journal_mode(" + journal + ")"}
		db, err := sql.Open("sqlite", uri.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		if err := db.PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		return db
	}
	const from, into = "a source? 100%41 #1 & é.db", "destination.db"
	p.from, p.into = open(from), open(into)
	var err error
	if p.source, err = sqlite.New().OpenSource(t.Context(), providers.Attributes{"path": from}, dir); err != nil {
		t.Fatal(err)
	}
	if p.d, err = sqlite.New().OpenDestination(t.Context(), providers.Attributes{"path": into}, dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(p.source.Close(), p.d.Close()); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *pair) exec(db *sql.DB, statement string) {
	p.Helper()
	if _, err := db.ExecContext(p.Context(), statement); err != nil {
		p.Fatalf("%v\n%s", err, statement)
	}
}

func (p *pair) snapshot() providers.Snapshot {
	p.Helper()
	snapshot, err := p.source.Snapshot(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() {
		if err := snapshot.Close(); err != nil {
			p.Error(err)
		}
	})
	return snapshot
}

func (p *pair) columns(table string) []sqlgen.Column {
	p.Helper()
	conn, err := p.d.Conn(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	defer conn.Close()
	found, err := p.d.Table(p.Context(), conn, table)
	if err != nil {
		p.Fatal(err)
	}
	return found.Columns
}

// TestRelayStoresWhatDecodingWould: whatever is stored in columns of whatever type.
func TestRelayStoresWhatDecodingWould(t *testing.T) {
	p := newPair(t, "WAL")
	types := []string{
		"TEXT", "VARCHAR(3)", "VARCHAR(5) COLLATE NOCASE", "INTEGER", "SMALLINT", "REAL", "BOOLEAN", "DECIMAL(6,2)", "NUMERIC",
		"DATE", "TIME", "DATETIME", "TIMESTAMP(0)", "TIMESTAMPTZ", "BLOB", "VARBINARY(2)", "JSON", "UUID", "MONEY", "",
	}
	literals := []string{
		"NULL", "''", "' '", "'ab'", "'ab '", "'abcdef'", "'éèê'", "'🙂'", "'it''s'", "'a' || char(0) || 'b'", "CAST(x'4DFC6C' AS TEXT)", "CAST(x'C3' AS TEXT)",
		"0", "1", "2", "-9223372036854775808", "9223372036854775807", "1.5", "-0.0", "12.25", "0.1", "1e300", "9e999", "-9e999", "0.30000000000000004", "123456.789",
		"'1'", "'007'", "'1.50'", "'true'", "'NaN'", "'Infinity'", "'2026-02-28'", "'2026-02-30'", "'2026-2-1'", "'28/02/2026'", "'infinity'", "'0044-03-15 BC'", "'02:30:00'", "'02:30'",
		"'2026-03-29 02:30:00'", "'2026-03-29T02:30:00'", "'2026-03-29 02:30:00.600'", "'2026-03-29 02:30:00.6'", "'2026-03-29 00:30:00Z'", "'2026-03-29 02:30:00+02'",
		"x''", "x'00ff'", "x'6162'", `'{"a": 1.50}'`, "'{'", "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'", "'6BA7B810-9DAD-11D1-80B4-00C04FD430C8'",
	}
	random := rand.New(rand.NewPCG(11, 1648))
	const rounds = 300
	var source, destination strings.Builder
	for round := range rounds {
		var from, into, values []string
		for i := range 1 + random.IntN(2) {
			a := random.IntN(len(types))
			b := a
			if random.IntN(3) == 0 {
				b = random.IntN(len(types))
			}
			from, into = append(from, fmt.Sprintf("c%d %s", i, types[a])), append(into, fmt.Sprintf("c%d %s", i, types[b]))
			values = append(values, literals[random.IntN(len(literals))])
		}
		fmt.Fprintf(&source, "CREATE TABLE t%d (%s); INSERT INTO t%[1]d VALUES (%[3]s);", round, strings.Join(from, ", "), strings.Join(values, ", "))
		fmt.Fprintf(&destination, "CREATE TABLE t%d (%s);", round, strings.Join(into, ", "))
	}
	p.exec(p.from, "BEGIN;"+source.String()+"COMMIT")
	p.exec(p.into, "BEGIN;"+destination.String()+"COMMIT")
	snapshot := p.snapshot()
	outcomes := map[bool]int{}
	for round := range rounds {
		name := fmt.Sprintf("t%d", round)
		was, _ := providertest.Relayed(t, p.d, snapshot, providers.Query{Table: name}, p.columns(name))
		outcomes[was]++
	}
	if outcomes[true] < rounds/10 || outcomes[false] < rounds/10 {
		t.Errorf("%d tables are relayed, %d are not", outcomes[true], outcomes[false])
	}
}

// TestRelayReadsTheSnapshot: the attached file is read only where it is as it was.
func TestRelayReadsTheSnapshot(t *testing.T) {
	p := newPair(t, "WAL")
	p.exec(p.from, "CREATE TABLE room (code TEXT)")
	p.exec(p.from, "INSERT INTO room VALUES ('R1')")
	p.exec(p.into, "CREATE TABLE room (code TEXT)")
	query, columns := providers.Query{Table: "ROOM"}, p.columns("room")
	snapshot := p.snapshot()
	if was, _ := providertest.Relayed(t, p.d, snapshot, query, columns); !was {
		t.Error("a file at rest is not relayed")
	}
	p.exec(p.from, "INSERT INTO room VALUES ('R2')")
	if was, _ := providertest.Relayed(t, p.d, snapshot, query, columns); was {
		t.Error("a file written to since is relayed")
	}
	if was, _ := providertest.Relayed(t, p.d, p.snapshot(), query, columns); !was {
		t.Error("a new snapshot is not relayed")
	}
}

// replaced moves another file over the source's, whose table room then holds R2 alone. Connections
// that are open keep the old one.
func (p *pair) replaced() {
	p.Helper()
	var old string
	if err := p.from.QueryRowContext(p.Context(), "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&old); err != nil {
		p.Fatal(err)
	}
	if err := p.from.Close(); err != nil {
		p.Fatal(err)
	}
	next := filepath.Join(p.TempDir(), "next.db")
	db, err := sql.Open("sqlite", next)
	if err != nil {
		p.Fatal(err)
	}
	p.exec(db, "CREATE TABLE room (code TEXT); INSERT INTO room VALUES ('R2')")
	if err := db.Close(); err != nil {
		p.Fatal(err)
	}
	if err := os.Rename(next, old); err != nil {
		if runtime.GOOS == "windows" {
			p.Skip("no file is replaced that somebody reads")
		}
		p.Fatal(err)
	}
}

// TestRelayOfReplacedFile: the path of a snapshot may be another file's by now.
func TestRelayOfReplacedFile(t *testing.T) {
	p := newPair(t, "DELETE")
	p.exec(p.from, "CREATE TABLE room (code TEXT); INSERT INTO room VALUES ('R1')")
	p.exec(p.into, "CREATE TABLE room (code TEXT)")
	query, columns := providers.Query{Table: "room"}, p.columns("room")
	snapshot := p.snapshot()
	p.replaced()
	if was, _ := providertest.Relayed(t, p.d, snapshot, query, columns); was {
		t.Error("another file is relayed")
	}
	if was, _ := providertest.Relayed(t, p.d, p.snapshot(), query, columns); !was {
		t.Error("a snapshot of the new file is not relayed")
	}
}

// TestShareOfReplacedFile: nobody reads another file for a view.
func TestShareOfReplacedFile(t *testing.T) {
	p := newPair(t, "DELETE")
	p.exec(p.from, "CREATE TABLE room (code TEXT); INSERT INTO room VALUES ('R1')")
	view, err := p.snapshot().(providers.SnapshotSharer).Share(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := view(t.Context())
	if err != nil {
		t.Fatalf("a file at rest: %v", err)
	}
	if err := opened.Close(); err != nil {
		t.Error(err)
	}
	p.replaced()
	if opened, err := view(t.Context()); err == nil {
		t.Error("a view of another file", opened.Close())
	}
}

// TestRelayOfTablesOnly: what a query or a view names could be the destination's.
func TestRelayOfTablesOnly(t *testing.T) {
	p := newPair(t, "DELETE")
	p.exec(p.from, "CREATE TABLE room (code TEXT, loud TEXT GENERATED ALWAYS AS (upper(code)))")
	p.exec(p.from, "INSERT INTO room VALUES ('r1')")
	p.exec(p.from, "CREATE VIEW rooms AS SELECT code, loud FROM room")
	p.exec(p.into, "CREATE TABLE room (code TEXT, loud TEXT)")
	p.exec(p.into, "INSERT INTO room VALUES ('ours', 'OURS')")
	for _, test := range []struct {
		query   providers.Query
		relayed bool
	}{
		{providers.Query{Table: "room"}, true},
		{providers.Query{Table: "rooms"}, false},
		{providers.Query{SQL: "SELECT * FROM room"}, false},
	} {
		if was, _ := providertest.Relayed(t, p.d, p.snapshot(), test.query, p.columns("room")); was != test.relayed {
			t.Errorf("%+v: relayed %v", test.query, was)
		}
	}
}

// TestRelayDetaches: whatever happens, the source's tables have no names afterwards, and
// nothing writes to them meanwhile.
func TestRelayDetaches(t *testing.T) {
	p := newPair(t, "WAL")
	p.exec(p.from, "CREATE TABLE room (code TEXT)")
	p.exec(p.from, "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 100000) INSERT INTO room SELECT 'R' || i FROM g")
	p.exec(p.into, "CREATE TABLE room (code VARCHAR(7)); CREATE TABLE short (code VARCHAR(2))")
	for name, test := range map[string]struct {
		table  string
		cancel bool
		check  func(err error) bool
	}{
		"copied":  {"room", false, func(err error) bool { return err == nil }},
		"refused": {"short", false, func(err error) bool { return errors.Is(err, providers.ErrNoRelay) }},
		// A quick machine may be done by then.
		"cancelled": {"room", true, func(err error) bool { return err == nil || errors.Is(err, context.Canceled) }},
	} {
		t.Run(name, func(t *testing.T) {
			column := p.columns(test.table)[0]
			conn, err := p.d.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			staged := p.d.Dialect().StageTable("relayed")
			if _, err := conn.ExecContext(t.Context(), p.d.Dialect().CreateStage(staged, []sqlgen.Column{column})); err != nil {
				t.Fatal(err)
			}
			prepared, err := p.d.(providers.Relayer).PrepareRelay(t.Context(), p.snapshot(), providers.Query{Table: "room"})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.cancel {
				time.AfterFunc(10*time.Millisecond, cancel)
			}
			rows, err := prepared.Run(ctx, conn, staged, []providers.RelayColumn{{Column: column}}, func(int64) {})
			if !test.check(err) || (rows == 100000) != (err == nil) {
				t.Fatalf("%d rows, %v", rows, err)
			}
			var databases, left int64
			err = conn.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM pragma_database_list WHERE name NOT IN ('main', 'temp')), (SELECT count(*) FROM "+staged+")").Scan(&databases, &left)
			if err != nil && test.cancel {
				return // the connection is gone, with all that was on it
			}
			if err != nil || databases != 0 || left != rows {
				t.Errorf("%d files are attached, %d rows of %d staged: %v", databases, left, rows, err)
			}
		})
	}
}

// TestRelayStops: behind the rows that are of use one more is copied, for the caller to see that there is one.
func TestRelayStops(t *testing.T) {
	p := newPair(t, "DELETE")
	p.exec(p.from, "CREATE TABLE room (code TEXT)")
	p.exec(p.from, "INSERT INTO room VALUES ('r1'), ('r2'), ('r3'), ('r4'), ('r5')")
	p.exec(p.into, "CREATE TABLE room (code TEXT)")
	for most, want := range map[int64]int64{0: 5, 2: 3, 5: 5, 9: 5} {
		conn, err := p.d.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		column := p.columns("room")[0]
		staged := p.d.Dialect().StageTable("relayed")
		if _, err := conn.ExecContext(t.Context(), p.d.Dialect().CreateStage(staged, []sqlgen.Column{column})); err != nil {
			t.Fatal(err)
		}
		prepared, err := p.d.(providers.Relayer).PrepareRelay(t.Context(), p.snapshot(), providers.Query{Table: "room", Most: most})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := prepared.Run(t.Context(), conn, staged, []providers.RelayColumn{{Column: column}}, func(int64) {})
		if err != nil || rows != want {
			t.Errorf("at most %d: %d rows, want %d: %v", most, rows, want, err)
		}
		_, err = conn.ExecContext(t.Context(), p.d.Dialect().DropStage(staged))
		if err := errors.Join(err, prepared.Close(), conn.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

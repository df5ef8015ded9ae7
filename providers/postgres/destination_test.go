package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
)

func TestSession(t *testing.T) {
	f := newFixture(t)
	for name, want := range map[string]string{
		"TimeZone": "UTC", "DateStyle": "ISO, DMY", "IntervalStyle": "postgres", "bytea_output": "hex", "jit": "off", "work_mem": "64MB",
		"application_name": "registrar", "client_encoding": "UTF8", "standard_conforming_strings": "on", "search_path": `"$user", public`,
	} {
		if got := one(t, f.conn, "SELECT current_setting($1)", name); got != want {
			t.Errorf("%s is %s, expected %s", name, got, want)
		}
	}
	if id := f.d.Identity(); strings.Contains(id, "@") || !strings.HasPrefix(id, "postgres://127.0.0.1:") {
		t.Errorf("identity %s", id)
	}
}

func TestConnectErrorsAreSilent(t *testing.T) {
	url := pgtest.New(t)
	wrong := pgtest.URLAs(t, url, "jane_doe", "hunter2")
	closed := "postgres://jane_doe:hunter2@127.0.0.1:1/d"
	for name, attributes := range map[string]providers.Attributes{
		"authentication": {"url": wrong}, "refused": {"url": closed}, "no such host": {"url": "postgres://jane_doe:hunter2@db.invalid/d"},
		"no tls": {"url": strings.Replace(wrong, "sslmode=disable", "sslmode=require", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := postgres.New().OpenDestination(t.Context(), attributes, "")
			expectSilent(t, err, "hunter2", "jane_doe")
			source, err := postgres.New().OpenSource(t.Context(), attributes, "")
			if err != nil {
				t.Fatal(err)
			}
			_, err = source.Snapshot(t.Context())
			expectSilent(t, err, "hunter2", "jane_doe")
			if !strings.Contains(err.Error(), "connect to postgres://") {
				t.Errorf("the error does not say where: %v", err)
			}
		})
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := postgres.New().OpenDestination(cancelled, providers.Attributes{"url": url}, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestSafeError(t *testing.T) {
	f := newFixture(t, "CREATE TABLE student (code varchar(4) PRIMARY KEY, n int CHECK (n < 100), m text NOT NULL DEFAULT 'x')", "INSERT INTO student VALUES ('abc1', 1)",
		"CREATE TYPE mood AS ENUM ('calm')",
		"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.n = 7 THEN RAISE EXCEPTION 'no % here', NEW.code USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
		"CREATE TRIGGER refuse BEFORE INSERT ON student FOR EACH ROW EXECUTE FUNCTION refuse()")
	scrub := f.d.(providers.ErrorScrubber).SafeError
	for statement, want := range map[string]string{
		"INSERT INTO student VALUES ('abc1', 1)":                            "student_pkey",
		"INSERT INTO student VALUES ('abc2', 100)":                          "student_n_check",
		"INSERT INTO student VALUES ('abc3', 7)":                            "refuse() line 1 at RAISE",
		"INSERT INTO student VALUES ('abc4', 1, NULL)":                      `"m"`,
		"INSERT INTO student VALUES ('abc567', 1)":                          "22001",
		"SELECT CAST('abc8' AS int)":                                        "type integer: … (SQLSTATE 22P02)",
		`SELECT CAST('a"abc8"b' AS int)`:                                    "22P02",
		"SELECT CAST('abc9' AS mood)":                                       "22P02",
		"SELECT CAST('12abc' AS date)":                                      "22007",
		"SELECT CAST('1abc' AS uuid)":                                       "22P02",
		`SELECT CAST('{"abc":' AS json)`:                                    "22P02",
		"SELECT CAST('99999999999999' AS int)":                              "22003",
		"DO $$ BEGIN RAISE EXCEPTION 'abc' USING ERRCODE = 'ZZ999'; END $$": "ZZ999",
		// A value that is taken for a name.
		"SELECT CAST(m AS regclass) FROM (VALUES ('abc')) AS v (m)":                                    "42P01",
		"SELECT CAST(m AS regclass) FROM (VALUES ('abc.x')) AS v (m)":                                  "3F000",
		"SELECT CAST(m AS regtype) FROM (VALUES ('abc')) AS v (m)":                                     "42704",
		"SELECT CAST(m AS regtype) FROM (VALUES ('x abc y')) AS v (m)":                                 "42601",
		"SELECT CAST(m AS regrole) FROM (VALUES ('abc')) AS v (m)":                                     "42704",
		"SELECT CAST(m AS regoper) FROM (VALUES ('abc')) AS v (m)":                                     "42883",
		"SELECT CAST(m AS regprocedure) FROM (VALUES ('abc(int)')) AS v (m)":                           "42883",
		"SELECT set_config(m, 'x', false) FROM (VALUES ('abc')) AS v (m)":                              "42704",
		"SELECT query_to_xml('SELECT \"' || m || '\"', true, true, '') FROM (VALUES ('abc')) AS v (m)": "42703",
		"SELECT nosuch": `column "nosuch" does not exist`,
	} {
		_, err := f.conn.ExecContext(t.Context(), statement)
		if err == nil {
			t.Fatalf("%s: no error", statement)
		}
		safe := scrub(fmt.Errorf("insert rows: %w", err))
		expectSilent(t, safe, "abc", "99999999999999")
		if !strings.HasPrefix(safe.Error(), "insert rows: ") || !strings.Contains(safe.Error(), want) {
			t.Errorf("%s: %v lacks %s", statement, safe, want)
		}
		var typed *postgres.Error
		if !errors.As(safe, &typed) || len(typed.SQLState()) != 5 {
			t.Errorf("no SQLSTATE: %v", safe)
		}
		joined := scrub(errors.Join(errors.New("first"), err))
		expectSilent(t, joined, "abc")
		if !strings.HasPrefix(joined.Error(), "first\n") {
			t.Errorf("joined: %v", joined)
		}
	}
	other := errors.New("other")
	if scrub(other) != other || scrub(nil) != nil { //nolint:errorlint // the very same
		t.Error("an error of ours is changed")
	}
}

func TestBegin(t *testing.T) {
	f := newFixture(t, "CREATE TABLE room (code text PRIMARY KEY, n int)", "INSERT INTO room VALUES ('a', 0)")
	other := connect(t, f.d)
	tx, err := f.d.Begin(t.Context(), f.conn, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if got := one(t, tx, "SELECT current_setting('transaction_isolation')"); got != "repeatable read" {
		t.Errorf("isolation %s", got)
	}
	if _, err := tx.ExecContext(t.Context(), "UPDATE room SET n = 1"); err != nil {
		t.Fatal(err)
	}
	for _, wait := range []time.Duration{0, 200 * time.Millisecond} {
		waiting, err := f.d.Begin(t.Context(), other, wait)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = waiting.ExecContext(t.Context(), "UPDATE room SET n = 2")
		if err := providers.SafeError(f.d, err); !errors.Is(err, providers.ErrLocked) {
			t.Errorf("a locked row: %v", err)
		}
		if took := time.Since(began); took < wait || took > wait+5*time.Second {
			t.Errorf("waited %s of %s", took, wait)
		}
		if err := waiting.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	// The setting ends with the transaction.
	if got := one(t, f.conn, "SELECT current_setting('lock_timeout')"); got != "0" {
		t.Errorf("lock_timeout is %s", got)
	}
}

func TestLockTable(t *testing.T) {
	f := newFixture(t, "CREATE TABLE room (code text)")
	tx, err := f.d.Begin(t.Context(), f.conn, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), f.d.Dialect().(sqlgen.TableLocker).LockTable(f.table(t, "room").Name)); err != nil {
		t.Fatal(err)
	}
	execute(t, f.beside, "SELECT * FROM room", "SET lock_timeout = 100")
	if _, err := f.beside.Exec(t.Context(), "INSERT INTO room VALUES ('a')"); err == nil {
		t.Error("another writes")
	}
}

// TestSessionLock: a lock ends with Unlock, with its connection's Close, which only
// gives it back to the pool, and with the death of the server's side.
func TestSessionLock(t *testing.T) {
	f := newFixture(t)
	second := openDestination(t, f.url)
	locker, other := f.d.(providers.Locker), second.(providers.Locker)
	conn := connect(t, second)
	try := func(l providers.Locker, c *sql.Conn, want bool) {
		t.Helper()
		if got, err := l.TryLock(t.Context(), c, "plan 1"); err != nil || got != want {
			t.Fatalf("try: %v, %v", got, err)
		}
	}
	try(locker, f.conn, true)
	try(other, conn, false)
	if err := other.Unlock(t.Context(), conn, "plan 1"); err == nil {
		t.Error("another's lock is given back")
	}
	if err := f.conn.Close(); err != nil {
		t.Fatal(err)
	}
	try(other, conn, true)
	again := connect(t, f.d)
	try(locker, again, false)

	execute(t, f.beside, "SELECT pg_terminate_backend("+one(t, conn, "SELECT pg_backend_pid()")+")")
	deadline := time.Now().Add(10 * time.Second)
	for {
		got, err := locker.TryLock(t.Context(), again, "plan 1")
		if err != nil {
			t.Fatal(err)
		}
		if got {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the lock outlives its connection")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := locker.Unlock(t.Context(), again, "plan 1"); err != nil {
		t.Error(err)
	}
	try(other, connect(t, second), true)
}

func TestStageTables(t *testing.T) {
	f := newFixture(t, "CREATE TABLE registrar.stage_register (a int)", "CREATE UNLOGGED TABLE stage_elsewhere (a int)")
	d := f.d.Dialect()
	for _, name := range []string{"stage_b", `stage_a"b]c`, "stageXc", "other"} {
		if _, err := f.conn.ExecContext(t.Context(), d.CreateStage(d.StageTable(name), nil)); err != nil {
			t.Fatal(err)
		}
	}
	names, err := f.d.(providers.SharedStaging).StageTables(t.Context(), f.conn, "stage_")
	slices.Sort(names)
	if err != nil || !slices.Equal(names, []string{`stage_a"b]c`, "stage_b"}) {
		t.Errorf("%q, %v", names, err)
	}
}

func TestTable(t *testing.T) {
	f := newFixture(t, "CREATE EXTENSION citext",
		"CREATE DOMAIN base AS numeric(10,2) DEFAULT 1", "CREATE DOMAIN amount AS base NOT NULL CHECK (VALUE >= 0)",
		"CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)", `CREATE SCHEMA "Odd"`, `CREATE TYPE "Odd"."Mood" AS ENUM ('calm')`,
		`CREATE TABLE t (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int GENERATED BY DEFAULT AS IDENTITY, s serial,
  code varchar(8) NOT NULL, label text COLLATE nocase, "C" char(3) COLLATE "C", amount amount, mood "Odd"."Mood", mail citext,
  twice numeric(12,2) GENERATED ALWAYS AS (amount * 2) STORED, dropped int, at timestamptz(0) DEFAULT now(), tags text[], doc jsonb)`,
		"ALTER TABLE t DROP COLUMN dropped")
	want := []sqlgen.Column{
		{Name: "id", Type: value.Type{Kind: value.Int, SQL: "integer", Size: 32}, NotNull: true, HasDefault: true, Generated: true, Identity: true},
		{Name: "n", Type: value.Type{Kind: value.Int, SQL: "integer", Size: 32}, NotNull: true, HasDefault: true},
		{Name: "s", Type: value.Type{Kind: value.Int, SQL: "integer", Size: 32}, NotNull: true, HasDefault: true},
		{Name: "code", Type: value.Type{Kind: value.Text, SQL: "character varying(8)", Size: 8}, NotNull: true},
		{Name: "label", Type: value.Type{Kind: value.Text, SQL: "text"}, Collation: `"public"."nocase"`},
		{Name: "C", Type: value.Type{Kind: value.Text, SQL: "character(3)", Size: 3, Fixed: true}, Collation: `"pg_catalog"."C"`},
		{Name: "amount", Type: value.Type{Kind: value.Decimal, SQL: "numeric(10,2)", Precision: 10, Scale: 2}, NotNull: true, HasDefault: true},
		{Name: "mood", Type: value.Type{Kind: value.Other, SQL: `"Odd"."Mood"`}},
		{Name: "mail", Type: value.Type{Kind: value.Text, SQL: "citext"}},
		{Name: "twice", Type: value.Type{Kind: value.Decimal, SQL: "numeric(12,2)", Precision: 12, Scale: 2}, HasDefault: true, Generated: true},
		{Name: "at", Type: value.Type{Kind: value.Instant, SQL: "timestamp(0) with time zone"}, HasDefault: true},
		{Name: "tags", Type: value.Type{Kind: value.Other, SQL: "text[]"}},
		{Name: "doc", Type: value.Type{Kind: value.JSON, SQL: "jsonb"}},
	}
	table := f.table(t, "t")
	if diff := cmp.Diff(want, table.Columns); diff != "" {
		t.Error(diff)
	}
	if table.Name != `"public"."t"` || table.Triggers || table.RowSecurity {
		t.Errorf("%+v", table)
	}
	// A staging table of it enforces nothing.
	d := f.d.Dialect()
	stage := d.StageTable("s")
	if _, err := f.conn.ExecContext(t.Context(), d.CreateStage(stage, table.Columns)+"; INSERT INTO "+stage+" (amount, code) VALUES (-1, NULL)"); err != nil {
		t.Error(err)
	}
	if got := one(t, f.conn, "SELECT relpersistence::text || array_to_string(reloptions, ',') FROM pg_class WHERE oid = '"+stage+"'::regclass"); got != "uautovacuum_enabled=false" {
		t.Errorf("staging table %s", got)
	}
}

func TestUnique(t *testing.T) {
	f := newFixture(t, "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
		"CREATE TABLE t (a text, b text, c text, d text, e text, f text, PRIMARY KEY (b, a))",
		"CREATE UNIQUE INDEX ON t (c) INCLUDE (d)", "CREATE UNIQUE INDEX ON t (d) WHERE e IS NULL", "CREATE UNIQUE INDEX ON t (lower(d))",
		"CREATE UNIQUE INDEX ON t (e COLLATE nocase)", "ALTER TABLE t ADD UNIQUE (f) DEFERRABLE", "CREATE INDEX ON t (f)", "CREATE UNIQUE INDEX ON t (e, f)",
		"CREATE TABLE parent (a int UNIQUE)", "CREATE TABLE child (UNIQUE (a)) INHERITS (parent)",
		"CREATE TABLE parted (a int, b int, UNIQUE (a, b)) PARTITION BY LIST (a)", "CREATE TABLE parted1 PARTITION OF parted FOR VALUES IN (1)",
		"CREATE TABLE broken (a int)", "INSERT INTO broken VALUES (1), (1)")
	// A concurrent build that fails leaves an invalid index.
	if _, err := f.beside.Exec(t.Context(), "CREATE UNIQUE INDEX CONCURRENTLY ON broken (a)"); err == nil {
		t.Fatal("expected a failure")
	}
	for name, want := range map[string]string{"t": "b,a c e,f", "parent": "", "child": "a", "parted": "a,b", "broken": ""} {
		var got []string
		for _, columns := range f.table(t, name).Unique {
			got = append(got, strings.Join(columns, ","))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, expected %q", name, got, want)
		}
	}
}

func TestTriggers(t *testing.T) {
	f := newFixture(t, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
		"CREATE TABLE plain (a int PRIMARY KEY)", "CREATE TABLE referring (a int REFERENCES plain ON DELETE CASCADE)",
		"CREATE TABLE off (a int)", "CREATE TRIGGER x BEFORE INSERT ON off FOR EACH ROW EXECUTE FUNCTION f()", "ALTER TABLE off DISABLE TRIGGER x",
		"CREATE TABLE truncated (a int)", "CREATE TRIGGER x BEFORE TRUNCATE ON truncated EXECUTE FUNCTION f()",
		"CREATE TABLE deleted (a int)", "CREATE TRIGGER x AFTER DELETE ON deleted EXECUTE FUNCTION f()",
		"CREATE TABLE ruled (a int)", "CREATE RULE r AS ON UPDATE TO ruled DO ALSO NOTIFY x",
		"CREATE TABLE parted (a int) PARTITION BY LIST (a)", "CREATE TABLE parted1 PARTITION OF parted FOR VALUES IN (1)",
		"CREATE TRIGGER x BEFORE UPDATE ON parted1 FOR EACH ROW EXECUTE FUNCTION f()")
	for name, want := range map[string]bool{"plain": false, "referring": false, "off": false, "truncated": false, "deleted": true, "ruled": true, "parted": true} {
		if got := f.table(t, name).Triggers; got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTableNamesAndKinds(t *testing.T) {
	f := newFixture(t, "CREATE SCHEMA ref", "CREATE TABLE ref.site (a int)", "CREATE TABLE site (b int)", `CREATE TABLE "Site" (c int)`, `CREATE TABLE "Weird.Name" (d int)`,
		`CREATE TABLE "a""b]c" (e int)`, `CREATE TABLE """" (f int)`, "CREATE VIEW v AS SELECT 1 AS a", "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a",
		"CREATE FOREIGN DATA WRAPPER w", "CREATE SERVER s FOREIGN DATA WRAPPER w", "CREATE FOREIGN TABLE f (a int) SERVER s", "CREATE SEQUENCE q",
		"CREATE TABLE p (a int) PARTITION BY LIST (a)", "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)", "CREATE TABLE registrar.operation (a int)")
	names, err := f.d.TableNames(t.Context(), f.conn)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`""""`, "Site", `"Weird.Name"`, `a"b]c`, "p", "site", "ref.site"}, names); diff != "" {
		t.Error(diff)
	}
	for name, column := range map[string]string{
		"site": "b", "SITE": "b", "Site": "c", `"Site"`: "c", "ref.site": "a", "Ref.Site": "a", `"Weird.Name"`: "d", "Weird.Name": "d", `a"b]c`: "e", `"a""b]c"`: "e",
		`public."a""b]c"`: "e", `""""`: "f", "p": "a", "p1": "a",
	} {
		if got := f.table(t, name).Columns[0].Name; got != column {
			t.Errorf("%s: column %s, expected %s", name, got, column)
		}
	}
	for name, want := range map[string]string{"v": "a view", "m": "a materialized view", "f": "a foreign table"} {
		if _, err := f.d.Table(t.Context(), f.conn, name); err == nil || errors.Is(err, providers.ErrNoTable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"q", `"SITE"`, "a.b.c", "ref.", ".site", `"site`, `"site"x`, "site.site", ""} {
		if _, err := f.d.Table(t.Context(), f.conn, name); !errors.Is(err, providers.ErrNoTable) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	url := pgtest.New(t)
	ignore := goleak.IgnoreCurrent()
	d, err := postgres.New().OpenDestination(t.Context(), providers.Attributes{"url": url}, "")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(conn.Close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, ignore)
}

func BenchmarkTable(b *testing.B) {
	f := newFixture(b, "CREATE TABLE t (a int PRIMARY KEY, b text, c text, d date, e numeric(10,2), f timestamptz, g text, h text)")
	for b.Loop() {
		if _, err := f.d.Table(b.Context(), f.conn, "t"); err != nil {
			b.Fatal(err)
		}
	}
}

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/providertest"
)

type relayedType struct{ ddl, literals string }

// relayed are types that a relay may read, write, or must leave to decoding; and literals
// of them, some of which do not fit the narrower ones.
var relayed = []relayedType{
	{"text", `'', ' ', 'ab', 'ab  ', 'abcd', 'éèê', 'e' || U&'\0301', '🙂', E'tab\tline\nback\\slash', 'abc ', '12', 'true', repeat('é', 300)`},
	{"varchar(3)", `'', 'abc', 'ab ', 'éèê', '   '`},
	{"varchar(5)", `'abcde', 'abc  ', 'ab', '🙂🙂🙂🙂🙂'`},
	{`varchar(4) COLLATE folding`, `'Ab', 'AB', 'abcd', 'ab  '`},
	{"character(4)", `'', 'ab', 'abcd', 'ab  '`},
	{"citext", `'Ab', 'AB', 'abcdef', ''`},
	{"name", `'pg_class', 'x'`},
	{"mood", `'fine', 'not so'`},
	{"short", `'ab', ''`},
	{"smallint", "0, -32768, 32767, 7"},
	{"integer", "0, 32768, -2147483648, 999"},
	{"bigint", "0, 9223372036854775807, 100, -1"},
	{"numeric", "0, 1.5, 1.50, 1.2345, 'NaN', 'Infinity', '-Infinity', 99999, 1e30, -0.000"},
	{"numeric(4,1)", "0, 999.9, -1.5, 'NaN', 7"},
	{"numeric(8,3)", "0, 12345.678, 1.500, -2"},
	{"real", "0, 0.1, 16777216, 'NaN', 'Infinity', '-0'"},
	{"double precision", "0, 0.1, 1e300, 'NaN', '-Infinity', '-0', 5e-324"},
	{"boolean", "true, false"},
	{"uuid", "'01234567-89ab-cdef-0123-456789abcdef'"},
	{"bytea", `'\x', '\x00ff5c'`},
	{"date", "'2026-02-28', '0044-03-15 BC', 'infinity', '-infinity', '99999-12-31'"},
	{"time(0)", "'02:30', '24:00'"},
	{"time", "'02:30:00.5', '23:59:59.999999'"},
	{"timestamp(0)", "'2026-03-29 02:30', 'infinity'"},
	{"timestamp", "'1999-12-31 23:59:59.5', '1894-01-01 12:00:00.000001', '0044-03-15 11:00 BC', '-infinity'"},
	{"timestamptz(3)", "'2026-03-29 00:59:59.999Z'"},
	{"timestamptz", "'2026-10-25 02:30+02', '1890-06-01 00:00:00.25Z', 'infinity', '20000-01-01 00:00Z'"},
	{"json", `'{"b": 1.10,  "a":null}', '12', ('[' || repeat('1,', 20000) || '1]')::json`},
	{"jsonb", `'{"b": 1.10, "a":null}', '"x"', '1.10'`},
}

var relaySetup = []string{
	"CREATE EXTENSION citext", "CREATE TYPE mood AS ENUM ('fine', 'not so')", "CREATE DOMAIN short AS varchar(3) CHECK (length(VALUE) < 3)",
	"CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
}

// TestRelayStoresWhatDecodingWould relays random tables into columns of random types.
func TestRelayStoresWhatDecodingWould(t *testing.T) {
	f := newFixture(t, relaySetup...)
	random := rand.New(rand.NewPCG(7, 1632))
	const rounds = 60
	pairs := make([][]string, rounds)
	for round := range pairs {
		from, into := make([]string, 1+random.IntN(3)), make([]string, 0, 3)
		for i := range from {
			a := random.IntN(len(relayed))
			b := a
			if random.IntN(3) > 0 {
				b = min(max(a-3+random.IntN(7), 0), len(relayed)-1) // types of a family stand side by side
			}
			from[i] = fmt.Sprintf("c%d %s", i, relayed[a].ddl)
			into = append(into, fmt.Sprintf("c%d %s", i, relayed[b].ddl))
			pairs[round] = append(pairs[round], relayed[a].ddl+" into "+relayed[b].ddl)
		}
		execute(t, f.beside, fmt.Sprintf("CREATE TABLE source_%d (%s); CREATE TABLE into_%[1]d (%[3]s)", round, strings.Join(from, ", "), strings.Join(into, ", ")))
		for i := range from {
			ddl, _, _ := strings.Cut(pairs[round][i], " into ")
			at := slices.IndexFunc(relayed, func(r relayedType) bool { return r.ddl == ddl })
			execute(t, f.beside, fmt.Sprintf(`INSERT INTO source_%d (c%d) SELECT v FROM unnest(ARRAY[%s, NULL]::%s[]) AS u(v) ORDER BY md5(v::text || '%[1]d') LIMIT %[5]d`,
				round, i, relayed[at].literals, strings.TrimSuffix(ddl, " COLLATE folding"), 1+random.IntN(3)))
		}
	}
	snapshot := snapshotOf(t, f.url)
	outcomes := map[bool]int{}
	for round := range pairs {
		query := providers.Query{Table: fmt.Sprintf("source_%d", round)}
		if round%2 == 0 {
			query = providers.Query{SQL: "SELECT * FROM " + query.Table + " WHERE :some::text IS NOT NULL;", Params: []providers.Param{{Name: "some", Value: value.OfText("x")}}}
		}
		was, _ := providertest.Relayed(t, f.d, snapshot, query, f.table(t, fmt.Sprintf("into_%d", round)).Columns)
		outcomes[was]++
	}
	if outcomes[true] < 10 || outcomes[false] < 10 {
		t.Errorf("%d tables are relayed, %d are not", outcomes[true], outcomes[false])
	}
}

// TestRelayedPairs: these are relayed, whatever fits, and refused, whatever does not.
func TestRelayedPairs(t *testing.T) {
	f := newFixture(t, relaySetup...)
	for i, test := range []struct {
		from, into, literal string
		relayed             bool
	}{
		{"text", "varchar(3)", "'éèê'", true},
		{"text", "varchar(3)", "'éèêë'", false},
		{"text", "varchar(3)", "'ab  '", false}, // which the server would cut
		{"text", "character(3)", "'ab  '", true},
		{"text", "character(3)", "'abcd'", false},
		{"character(4)", "varchar(2)", "'ab'", true},
		{"short", "text", "'ab'", true},
		{"citext", "varchar(3) COLLATE folding", "'AbC'", true},
		{"integer", "smallint", "32767", true},
		{"integer", "smallint", "32768", false},
		{"bigint", "numeric(5,2)", "999", true},
		{"bigint", "numeric(5,2)", "1000", false},
		{"bigint", "text", "-12", true},
		{"numeric", "numeric(5,2)", "1.500", true},
		{"numeric", "numeric(5,2)", "'NaN'", true},
		{"numeric", "numeric(5,2)", "1.505", false},
		{"numeric", "numeric(5,2)", "'Infinity'", false},
		{"numeric(4,1)", "numeric(5,2)", "999.9", true},
		{"numeric(6,1)", "numeric(5,2)", "1000", false},
		{"timestamp(3)", "timestamp", "'1999-12-31 23:59:59.5'", true},
		{"timestamp", "timestamp(0)", "'1999-12-31 23:59:59'", false},
		{"real", "real", "0.1", true},
		{"real", "double precision", "0.1", false},
		{"mood", "text", "'fine'", false},
		{"timestamptz", "timestamp", "'infinity'", false},
		{"jsonb", "jsonb", `'{"a": 1.10}'`, true},
		{"json", "json", "('[' || repeat('1,', 9000) || '1]')", true},
		{"json", "json", "(repeat('[', 10001) || repeat(']', 10001))", false}, // deeper than Fit reads
	} {
		name := fmt.Sprintf("pair_%d", i)
		execute(t, f.beside, fmt.Sprintf("CREATE TABLE %s AS SELECT %s::%s AS v; CREATE TABLE %[1]s_into (v %[4]s)", name, test.literal, test.from, test.into))
		if was, _ := providertest.Relayed(t, f.d, snapshotOf(t, f.url), providers.Query{Table: name}, f.table(t, name+"_into").Columns); was != test.relayed {
			t.Errorf("%s %s into %s: relayed %v", test.from, test.literal, test.into, was)
		}
	}
}

func TestRelayedQueries(t *testing.T) {
	f := newFixture(t, "CREATE TABLE room (code text, seats integer, opened date)",
		"INSERT INTO room VALUES ('R1', 1, '2026-01-01'), ('it''s', 2, NULL), ('R3', 3, '2026-03-01')", "CREATE TABLE into_room (a text, b text)")
	columns := f.table(t, "into_room").Columns
	snapshot := snapshotOf(t, f.url)
	quotes := `it's "$1" \ :code -- é`
	for name, test := range map[string]struct {
		sql     string
		params  []providers.Param
		relayed bool
	}{
		"plain":          {"SELECT code, seats FROM room;  -- all", nil, true},
		"one name twice": {"SELECT code, code FROM room", nil, true},
		"no names":       {"SELECT 'a' || code, 1 FROM room ORDER BY 1 LIMIT 2", nil, true},
		"with":           {"WITH r AS (SELECT * FROM room) SELECT code, seats FROM r UNION ALL SELECT ';', 0", nil, true},
		"quotes":         {"SELECT :it AS a, code FROM room WHERE code <> :it", []providers.Param{{Name: "it", Value: value.OfText(quotes)}}, true},
		"typed":          {"SELECT :it::text AS a, code FROM room WHERE code <> :it OR code = :other", []providers.Param{{Name: "it", Value: value.OfText(quotes)}, {Name: "other", Value: value.OfText("it's")}}, true},
		"NULL":           {"SELECT code, coalesce(:it::text, 'none') FROM room", []providers.Param{{Name: "it"}}, true},
		"empty":          {"SELECT code, :it::text FROM room", []providers.Param{{Name: "it", Value: value.OfText("")}}, true},
		"inferred":       {"SELECT code, seats FROM room WHERE seats > :n AND opened > :day", []providers.Param{{Name: "n", Value: value.OfInt(1)}, {Name: "day", Value: value.OfText("2026-02-01")}}, true},
		"limit":          {"SELECT code, seats FROM room ORDER BY seats LIMIT :n", []providers.Param{{Name: "n", Value: value.OfInt(2)}}, true},
		"unusual":        {"SELECT code, seats FROM room WHERE seats = ANY (:list)", []providers.Param{{Name: "list", Value: value.OfText("{1,3}")}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if was, _ := providertest.Relayed(t, f.d, snapshot, providers.Query{SQL: test.sql, Params: test.params}, columns); was != test.relayed {
				t.Errorf("relayed: %v", was)
			}
		})
	}
	t.Run("fails midway", func(t *testing.T) {
		query := providers.Query{SQL: "SELECT code, 1 / (3 - seats) FROM room"}
		if _, err := f.relay(t, t.Context(), snapshot, query, columns, nil); !errors.Is(err, providers.ErrNoRelay) {
			t.Errorf("the error is not left to decoding: %v", err)
		}
		if _, all := readAll(t, snapshot, providers.Query{Table: "room"}); len(all) != 3 {
			t.Errorf("%d rows of 3", len(all))
		}
	})
	t.Run("one at a time", func(t *testing.T) {
		prepared, err := f.d.(providers.Relayer).PrepareRelay(t.Context(), snapshot, providers.Query{Table: "room"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := snapshot.Read(t.Context(), providers.Query{Table: "room"}); err == nil {
			t.Error("the snapshot reads beside a relay")
		}
		if err := errors.Join(prepared.Close(), prepared.Close()); err != nil {
			t.Error(err)
		}
	})
}

// TestRelayedQueryIsComputedOnce: a column that its cast looks at twice is what the query says,
// even where that says something else each time, unknown to the planner.
func TestRelayedQueryIsComputedOnce(t *testing.T) {
	f := newFixture(t, `CREATE FUNCTION tick() RETURNS text STABLE LANGUAGE plpgsql AS $$
BEGIN RETURN set_config('test.ticks', (coalesce(nullif(current_setting('test.ticks', true), ''), '0')::integer + 1)::text, true); END $$`,
		"CREATE TABLE room (code text)", "INSERT INTO room VALUES ('R1'), ('R2'), ('R3')", "CREATE TABLE into_room (a varchar(3), b text)")
	query := providers.Query{SQL: "SELECT tick(), code FROM room"}
	if was, _ := providertest.Relayed(t, f.d, snapshotOf(t, f.url), query, f.table(t, "into_room").Columns); !was {
		t.Error("not relayed")
	}
}

// relay copies a query's columns into the staging table "relayed" over a connection of its own,
// and returns the number of rows that are there afterwards.
func (f *fixture) relay(t *testing.T, ctx context.Context, from providers.Snapshot, query providers.Query, columns []sqlgen.Column, progress func()) (left string, err error) {
	t.Helper()
	staged := f.d.Dialect().StageTable("relayed")
	execute(t, f.beside, "DROP TABLE IF EXISTS "+staged, f.d.Dialect().CreateStage(staged, columns))
	conn, err := f.d.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	prepared, err := f.d.(providers.Relayer).PrepareRelay(ctx, from, query)
	if err != nil {
		t.Fatal(err)
	}
	into := make([]providers.RelayColumn, len(columns))
	for i, c := range columns {
		into[i] = providers.RelayColumn{Column: c, From: i}
	}
	told := false
	_, err = prepared.Run(ctx, conn, staged, into, func(int64) {
		if !told && progress != nil {
			progress()
		}
		told = true
	})
	if failed := prepared.Close(); failed != nil {
		t.Errorf("close the relay: %v", failed)
	}
	return one(t, f.conn, "SELECT count(*) FROM "+staged), err
}

// endless is a query that ends, but not while a test waits.
var endless = providers.Query{SQL: "SELECT i::text AS code, repeat('x', 100) AS label FROM (SELECT generate_series(1, 1000000000)) AS g(i)"}

// TestRelayInterrupted: whichever side gives up, nothing is staged and nothing goes on.
func TestRelayInterrupted(t *testing.T) {
	terminate := func(t *testing.T, f *fixture, statement string) func() {
		return func() {
			// The destination may not have begun when the source has.
			for range 1000 {
				found, err := f.beside.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '"+statement+"%'")
				if err != nil {
					t.Error(err)
					return
				}
				if found.RowsAffected() > 0 {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			t.Errorf("nobody runs %s", statement)
		}
	}
	for name, test := range map[string]struct {
		progress func(t *testing.T, f *fixture, cancel func()) func()
		query    providers.Query
		check    func(err error) bool
		reads    bool // the snapshot, afterwards
		either   bool // what ends first decides: the statement, or its connection
	}{
		"the source breaks off": {
			progress: func(t *testing.T, f *fixture, _ func()) func() { return terminate(t, f, "COPY (SELECT") },
			check: func(err error) bool {
				source, ok := errors.AsType[*providers.SourceError](err)
				return ok && source.Rows > 0
			},
		},
		"the destination breaks off": {
			progress: func(t *testing.T, f *fixture, _ func()) func() { return terminate(t, f, `COPY "registrar"`) },
			check: func(err error) bool {
				_, source := errors.AsType[*providers.SourceError](err)
				return err != nil && !source && !errors.Is(err, providers.ErrNoRelay)
			},
			reads: true,
		},
		"cancelled": {
			progress: func(_ *testing.T, _ *fixture, cancel func()) func() { return cancel },
			check:    func(err error) bool { return errors.Is(err, context.Canceled) },
			either:   true,
		},
		"refused": {
			query: providers.Query{SQL: "SELECT CASE i WHEN 200000 THEN repeat('x', 300) ELSE i::text END, 'label' FROM (SELECT generate_series(1, 1000000000)) AS g(i)"},
			check: func(err error) bool { return errors.Is(err, providers.ErrNoRelay) },
			reads: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, "CREATE TABLE into_room (code varchar(200), label text)")
			columns := f.table(t, "into_room").Columns
			source, err := postgres.New().OpenSource(t.Context(), providers.Attributes{"url": f.url}, "")
			if err != nil {
				t.Fatal(err)
			}
			ignore := goleak.IgnoreCurrent()
			// What goes on is not waited for.
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			snapshot, err := source.Snapshot(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var progress func()
			if test.progress != nil {
				test.query, progress = endless, test.progress(t, f, cancel)
			}
			left, err := f.relay(t, ctx, snapshot, test.query, columns, progress)
			if !test.check(err) {
				t.Errorf("the error is %v", err)
			}
			if left != "0" {
				t.Errorf("%s rows are staged", left)
			}
			rows, err := snapshot.Read(context.WithoutCancel(ctx), providers.Query{Table: "into_room"})
			if (err == nil) != test.reads && !test.either {
				t.Errorf("afterwards the snapshot says %v", err)
			}
			if err == nil {
				err = rows.Close()
			}
			if test.reads && err != nil {
				t.Error(err)
			}
			if err := snapshot.Close(); err != nil {
				t.Error(err)
			}
			goleak.VerifyNone(t, ignore)
		})
	}
}

// TestRelayBetweenEncodings: what one side cannot spell is left to decoding.
func TestRelayBetweenEncodings(t *testing.T) {
	utf8 := newFixture(t, "CREATE TABLE room (code varchar(4))", "INSERT INTO room VALUES ('éèê€')")
	name := fmt.Sprintf("registrar_latin_%d", rand.Uint64())
	execute(t, utf8.beside, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'LATIN9' LC_COLLATE 'C' LC_CTYPE 'C'")
	t.Cleanup(func() {
		if _, err := utf8.beside.Exec(background(t), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(utf8.url)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	beside := connectPgx(t, u.String())
	execute(t, beside, "SET client_encoding = 'UTF8'", "CREATE SCHEMA registrar", "CREATE TABLE room (code varchar(4))", "INSERT INTO room VALUES ('éèê€')")
	latin := &fixture{url: u.String(), beside: beside, d: openDestination(t, u.String())}
	latin.conn = connect(t, latin.d)
	query := providers.Query{Table: "room"}
	for name, pair := range map[string][2]*fixture{"from": {latin, utf8}, "into": {utf8, latin}} {
		if was, _ := providertest.Relayed(t, pair[1].d, snapshotOf(t, pair[0].url), query, pair[1].table(t, "room").Columns); !was {
			t.Errorf("%s another encoding: not relayed", name)
		}
	}
	execute(t, utf8.beside, "INSERT INTO room VALUES ('🙂')")
	if _, err := latin.relay(t, t.Context(), snapshotOf(t, utf8.url), query, latin.table(t, "room").Columns, nil); !errors.Is(err, providers.ErrNoRelay) {
		t.Errorf("a character that the destination lacks: %v", err)
	}
}

package postgres_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

// fingerprintShadows are more of what fingerprints are made of.
var fingerprintShadows = []string{
	"CREATE DOMAIN shadow.bpchar AS varchar(2)",
	"CREATE FUNCTION shadow.length(pg_catalog.text) RETURNS integer LANGUAGE sql AS 'SELECT 0'",
	"CREATE FUNCTION shadow.substr(pg_catalog.bytea, integer, integer) RETURNS pg_catalog.bytea LANGUAGE sql AS $$SELECT '\\x0011223344556677'::pg_catalog.bytea$$",
	"CREATE FUNCTION shadow.decode(pg_catalog.text, pg_catalog.text) RETURNS pg_catalog.bytea LANGUAGE sql AS $$SELECT '\\xffffffffffffffff'::pg_catalog.bytea$$",
	"CREATE FUNCTION shadow.replace(pg_catalog.text, pg_catalog.text, pg_catalog.text) RETURNS pg_catalog.text LANGUAGE sql AS $$SELECT ''::pg_catalog.text$$",
	"CREATE FUNCTION shadow.btrim(pg_catalog.text) RETURNS pg_catalog.text LANGUAGE sql AS $$SELECT ''::pg_catalog.text$$",
	"CREATE FUNCTION shadow.least(bigint, bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
	"CREATE FUNCTION shadow.always(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
	"CREATE FUNCTION shadow.first(integer, pg_catalog.text) RETURNS pg_catalog.text LANGUAGE sql AS $$SELECT ''::pg_catalog.text$$",
	"CREATE OPERATOR shadow.|| (LEFTARG = integer, RIGHTARG = pg_catalog.text, FUNCTION = shadow.first)",
	"CREATE OPERATOR shadow.& (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = shadow.least)",
	"CREATE OPERATOR shadow.% (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = pg_catalog.int84pl)",
	"CREATE OPERATOR shadow.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = shadow.always)",
	"CREATE AGGREGATE shadow.sum (bigint) (SFUNC = pg_catalog.int8_avg_accum, STYPE = internal, FINALFUNC = pg_catalog.numeric_poly_avg)",
	"CREATE FUNCTION shadow.none(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 7::bigint'",
	"CREATE AGGREGATE shadow.count (*) (SFUNC = shadow.none, STYPE = bigint, INITCOND = '0')",
}

// TestFingerprintsWhateverTheSearchPath: the source's and the destination's are the same, and so are the
// rows of some buckets.
func TestFingerprintsWhateverTheSearchPath(t *testing.T) {
	const buckets = 8
	f := newFixture(t, slices.Concat(shadows, fingerprintShadows)...)
	execute(t, f.beside,
		`CREATE TABLE thing (code text COLLATE "C" NOT NULL, no bigint NOT NULL, cost numeric(7,2), fee numeric(7,2), ratio real, weight double precision, mark char(5), at timestamptz, note text, kind varchar(9))`,
		`INSERT INTO thing SELECT 'C' || i, i, i / 4.0, i / 8.0, 1000000 * i, CASE i WHEN 0 THEN 'Infinity' ELSE i / 8.0 END, 'm' || i, '2026-01-02 03:04:05Z'::timestamptz + i * interval '1 day', ' n' || i || ' ', NULLIF('k' || i % 3, 'k0') FROM generate_series(0, 39) AS i`,
		`CREATE TABLE src_thing AS SELECT code, no, cost + 0.0000 AS cost, fee::numeric, ratio, weight, mark::text, at, note || '  ' AS note, kind::text FROM thing`)
	table := f.table(t, "thing")
	columns := table.Columns
	target := &sqlgen.Target{Sync: "sync.thing", TableName: "thing", Table: table, Key: columns[:2], Mapped: columns, Compare: map[string]sqlgen.Compare{
		"fee": {Mode: sqlgen.CompareRounded, Digits: 1}, "weight": {Mode: sqlgen.CompareRounded, Digits: 1}, "note": {Mode: sqlgen.CompareTrimmed},
	}}
	d := f.d.Dialect()
	statement := sqlgen.Fingerprints(d, target, buckets)
	here := map[int]providers.Fingerprint{}
	rows, err := f.conn.QueryContext(t.Context(), statement.SQL, statement.Args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var bucket, expired int
		var one providers.Fingerprint
		if err := rows.Scan(&bucket, &one.Rows, &one.Sum, &expired); err != nil {
			t.Fatal(err)
		}
		here[bucket] = one
	}
	if err := rows.Err(); err != nil || len(here) < 3 {
		t.Fatalf("%d buckets: %v", len(here), err)
	}

	into := make([]providers.RelayColumn, len(columns))
	for i, c := range columns {
		into[i] = providers.RelayColumn{Column: c, From: i}
	}
	within := &providers.Within{Key: into[:2], Buckets: sqlgen.NewBuckets(buckets)}
	var expected int64
	for _, bucket := range []int{1, 4} {
		within.Buckets.Add(bucket)
		expected += here[bucket].Rows
	}
	query := providers.Query{SQL: "SELECT * FROM src_thing"}
	snapshot := snapshotOf(t, f.shadowed(t))
	prepared, err := f.d.(providers.Relayer).PrepareRelay(t.Context(), snapshot, query)
	if err != nil {
		t.Fatal(err)
	}
	relay := prepared.(providers.FingerprintRelay)
	there, err := relay.Fingerprints(t.Context(), providers.Fingerprinted{
		Key: into[:2], Row: into, Buckets: buckets,
		Text: func(expr string, c sqlgen.Column) string { return sqlgen.FingerprintText(d, target, expr, c) },
	})
	if err != nil || !maps.Equal(here, there) {
		t.Errorf("%v instead of %v: %v", there, here, err)
	}
	relay.Narrow(within)
	execute(t, f.beside, "CREATE TABLE narrowed (LIKE thing)")
	if n, err := relay.Run(t.Context(), f.conn, "narrowed", into, func(int64) {}); err != nil || n != expected {
		t.Errorf("%d rows relayed instead of %d: %v", n, expected, err)
	}
	if err := relay.Close(); err != nil {
		t.Fatal(err)
	}
	query.Within = within
	if _, all := readAll(t, snapshot, query); int64(len(all)) != expected {
		t.Errorf("%d rows read instead of %d", len(all), expected)
	}
}

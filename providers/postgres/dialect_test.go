package postgres_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
)

// TestFloatSpelling holds value.AppendFloat to the server's text.
func TestFloatSpelling(t *testing.T) {
	f := newFixture(t)
	floats := []float64{
		0, math.Copysign(0, -1), 1, 0.1, 1e-4, 9.999999e-5, 1e-5, 999999999999999, 1e15, 1e16, 123456789012345.6, 1e21, 1e22, 5e-324,
		math.MaxFloat64, math.SmallestNonzeroFloat64, 2.2250738585072014e-308, 9007199254740993, 1.5e300, math.NaN(), math.Inf(1), math.Inf(-1),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		floats = append(floats, math.Float64frombits(random.Uint64()), random.NormFloat64(), float64(random.Int64N(1e17))/8, random.Float64()*math.Pow10(random.IntN(40)-20))
	}
	var list []string
	for _, x := range floats {
		list = append(list, strconv.FormatUint(math.Float64bits(x), 16))
	}
	// By the bits, so that no parser has a say.
	rows, err := f.conn.QueryContext(t.Context(), `SELECT CAST(x.v AS text), x.v FROM unnest($1::float8[]) WITH ORDINALITY AS x(v, n) ORDER BY x.n`, floats)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for i := 0; rows.Next(); i++ {
		var text string
		var back float64
		if err := rows.Scan(&text, &back); err != nil {
			t.Fatal(err)
		}
		if math.Float64bits(back) != math.Float64bits(floats[i]) && !math.IsNaN(back) {
			t.Fatalf("bits %s came back as %x", list[i], math.Float64bits(back))
		}
		if got := string(value.AppendFloat(nil, floats[i])); got != text {
			t.Errorf("bits %s: %s, the server spells %s", list[i], got, text)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// TestInexactEquality: where the type calls different texts equal, the diff must
// not.
func TestInexactEquality(t *testing.T) {
	f := newFixture(t, "CREATE EXTENSION citext", "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
		"CREATE TABLE t (a citext, b text COLLATE nocase, c numeric, d interval, e jsonb, f float8, g varchar(5) COLLATE nocase)",
		"INSERT INTO t VALUES ('api', 'api', 1.1, '30 days', '1.1', 0, 'api'), ('API', 'API', 1.10, '1 month', '1.10', '-0', 'API')")
	d := postgres.Dialect{}
	for _, c := range f.table(t, "t").Columns {
		left, right := "l."+d.Quote(c.Name), "r."+d.Quote(c.Name)
		from := " FROM t AS l, t AS r WHERE l.ctid < r.ctid AND "
		if got := one(t, f.conn, "SELECT count(*)"+from+left+" = "+right); got != "1" {
			t.Errorf("%s: the type's own equality is exact; the test tests nothing", c.Name)
		}
		if got := one(t, f.conn, "SELECT count(*)"+from+d.Comparable(left, c)+" IS DISTINCT FROM "+d.Comparable(right, c)); got != "1" {
			t.Errorf("%s: the difference is missed", c.Name)
		}
		// Apply compares canonical texts, bare.
		if got := one(t, f.conn, "SELECT count(*)"+from+d.Canonical(left, c)+" IS DISTINCT FROM "+d.Canonical(right, c)); got != "1" {
			t.Errorf("%s: the canonical texts are not compared byte for byte", c.Name)
		}
		if got := one(t, f.conn, "SELECT count(*) FROM (SELECT 1 FROM t AS l GROUP BY "+d.Canonical(left, c)+") AS g"); got != "2" {
			t.Errorf("%s: the canonical texts are grouped", c.Name)
		}
	}
}

// TestLowerCase: only case is made light of, whatever the column's collation is; where
// the letters cannot be told, the error says what is missing.
func TestLowerCase(t *testing.T) {
	f := newFixture(t, "CREATE COLLATION accents (provider = icu, locale = 'und-u-ks-level1', deterministic = false)",
		`CREATE TABLE t (a text COLLATE accents, b text COLLATE "C", c char(9), d text COLLATE "tr-x-icu")`,
		"INSERT INTO t VALUES ('Élan I', 'Élan I', 'Élan I', 'Élan I'), ('éLAN i', 'éLAN i', 'éLAN i', 'éLAN i'), ('Elan I', 'Elan I', 'Elan I', 'Elan I')")
	d := postgres.Dialect{}
	for _, c := range f.table(t, "t").Columns {
		lower := func(alias string) string { return d.LowerCase(d.Canonical(alias+"."+d.Quote(c.Name), c)) }
		for _, condition := range []string{" IS NOT DISTINCT FROM ", " = "} {
			if got := one(t, f.conn, "SELECT count(*) FROM t AS l, t AS r WHERE "+lower("l")+condition+lower("r")); got != "5" {
				t.Errorf("%s: %s pairs are equal, expected 5", c.Name, got)
			}
		}
	}

	ascii := connect(t, openDestination(t, asciiDatabase(t)))
	_, err := ascii.ExecContext(t.Context(), "SELECT "+d.LowerCase("'A'"))
	if err = providers.SafeError(f.d, err); err == nil || !strings.Contains(err.Error(), "needs a server built with ICU") {
		t.Errorf("without ICU: %v", err)
	}
}

// TestKeyComparison: a key is found as its own index finds it.
func TestKeyComparison(t *testing.T) {
	f := newFixture(t, "CREATE EXTENSION citext", "CREATE TYPE mood AS ENUM ('calm', 'wild')",
		"CREATE TABLE t (a citext UNIQUE, b char(5) UNIQUE, c varchar(5) UNIQUE, d numeric(6,2) UNIQUE, e mood UNIQUE, f timestamptz(0) UNIQUE, g uuid UNIQUE, h date UNIQUE, i bytea UNIQUE, j text COLLATE \"C\" UNIQUE)",
		`INSERT INTO t VALUES ('API', 'ab', 'é', 1.50, 'wild', '2026-10-25 02:30+01', '01234567-89ab-cdef-0123-456789abcdef', '0044-03-15 BC', '\x00', 'k')`)
	if _, err := f.conn.ExecContext(t.Context(), "SET enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	d := postgres.Dialect{}
	table := f.table(t, "t")
	for i, text := range []string{"api", "ab", "é", "1.5", "wild", "2026-10-25 01:30:00Z", "01234567-89ab-cdef-0123-456789abcdef", "0044-03-15 BC", `\x00`, "k"} {
		c := table.Columns[i]
		condition := " FROM t WHERE " + d.Quote(c.Name) + " = " + d.FromText(d.Placeholder(1), c)
		if got := one(t, f.conn, "SELECT count(*)"+condition, text); got != "1" {
			t.Errorf("%s: %q is not found", c.Name, text)
		}
		var plan []string
		f.each(t, "EXPLAIN SELECT 1"+condition, []any{text}, func(row []string) { plan = append(plan, row[0]) })
		if !strings.Contains(strings.Join(plan, "\n"), "Index Cond") {
			t.Errorf("%s: no index serves\n%s", c.Name, strings.Join(plan, "\n"))
		}
	}
}

// TestNothingIsCut: a column that became narrower since the plan refuses, whatever
// explicit casts do.
func TestNothingIsCut(t *testing.T) {
	f := newFixture(t, "CREATE TABLE t (a varchar(3), b char(3))")
	d := postgres.Dialect{}
	for _, c := range f.table(t, "t").Columns {
		insert := fmt.Sprintf("INSERT INTO t (%s) SELECT %s", d.Quote(c.Name), d.FromText(d.Placeholder(1), c))
		if _, err := f.conn.ExecContext(t.Context(), insert, "abc"); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if _, err := f.conn.ExecContext(t.Context(), insert, "abcd"); err == nil {
			t.Errorf("%s: cut", c.Name)
		}
	}
}

func TestObject(t *testing.T) {
	f := newFixture(t)
	d := postgres.Dialect{}
	now := sqlgen.Member{Name: `n"o'w\ }{é`, Now: true}
	text := func(name, expr string) sqlgen.Member { return sqlgen.Member{Name: name, Text: expr} }
	for name, members := range map[string][]sqlgen.Member{
		"plain": {text("a", "'1'"), text(`b"c]d`, "NULL")}, "now only": {now}, "now first": {now, text("a", "'}'")}, "now last": {text("}", "'{'"), now},
		"between": {text("a", "NULL"), now, text("{", "'}'"), text("c", "'x'"), {Name: "later", Now: true}}, "none": nil,
	} {
		t.Run(name, func(t *testing.T) {
			got := one(t, f.conn, "SELECT "+d.Object(members))
			if kind := one(t, f.conn, "SELECT pg_typeof("+d.Object(members)+")"); kind != "json" {
				t.Errorf("type %s", kind)
			}
			want := []string{"{"}
			for _, m := range members {
				raw := sqlgen.NowMarker
				if !m.Now {
					raw = "null"
					if m.Text != "NULL" {
						raw = `"` + strings.Trim(m.Text, "'") + `"`
					}
				}
				want = append(want, m.Name, raw)
			}
			if diff := cmp.Diff(want, tokens(t, got)); diff != "" {
				t.Errorf("%s\n%s", got, diff)
			}
		})
	}
}

// tokens lists the names and raw values of an object, in order.
func tokens(t *testing.T, document string) []string {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(document))
	if _, err := decoder.Token(); err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	list := []string{"{"}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			t.Fatalf("%v: %s", err, document)
		}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			t.Fatalf("%v: %s", err, document)
		}
		list = append(list, name.(string), string(raw))
	}
	return list
}

// TestImportView shows each operation as the prior art's register did, and the
// statements as statements: they run.
func TestImportView(t *testing.T) {
	d := postgres.Dialect{}
	f := newFixture(t, "CREATE TABLE registrar.plan (id text, created_on timestamptz)", "CREATE TABLE registrar.execution (plan_id text, executed_on timestamptz)",
		`CREATE TABLE registrar.operation (plan_id text, seq bigint, table_name text, operation text, "key" json, "before" json, "after" json, result json)`,
		"CREATE VIEW registrar.import_reg AS "+d.ImportView(), `CREATE SCHEMA "Odd"`,
		`CREATE TABLE progfin (code text PRIMARY KEY, label text, "a""b]c" text, deleted_on timestamptz, updated_on timestamptz)`, `CREATE TABLE "Odd"."Link.s" (a text, b text)`,
		"INSERT INTO progfin VALUES ('O''Hara', NULL, '1'), ('B', 'b', NULL), ('G', 'g', NULL), ('A', 'a', '1')", `INSERT INTO "Odd"."Link.s" VALUES ('1', '2'), ('1', '3')`,
		"INSERT INTO registrar.plan VALUES ('done', '2026-09-04 14:17:41Z'), ('open', '2026-09-05 08:00Z')", "INSERT INTO registrar.execution VALUES ('done', '2026-09-04 14:20:00.25Z')",
		`INSERT INTO registrar.operation VALUES
('done', 1, 'progfin', 'insert', '{"code": "N"}', NULL, '{"code": "N", "label": null, "a\"b]c": "it''s", "updated_on": {"$":"now()"}}'),
('done', 2, 'progfin', 'update', '{"code": "O''Hara"}', '{"label": null, "a\"b]c": "1", "deleted_on": null, "updated_on": null}', '{"label": "{\"$\":\"now()\"}", "a\"b]c": "1", "deleted_on": null, "updated_on": {"$":"now()"}}'),
('done', 3, 'progfin', 'archive', '{"code": "B"}', '{"deleted_on": null}', '{"deleted_on": {"$":"now()"}}'),
('open', 1, 'progfin', 'undelete', '{"code": "B"}', '{"deleted_on": "2026-01-01 00:00:00Z"}', '{"label": "c", "deleted_on": null, "updated_on": {"$":"now()"}}'),
('open', 2, '"Odd"."Link.s"', 'delete', '{"a": "1", "b": "2"}', '{"a": "1", "b": "2"}', NULL),
('open', 3, 'progfin', 'purge', '{"code": "G"}', '{"code": "G", "label": "g"}', NULL),
('open', 4, 'progfin', 'adopt', '{"code": "A"}', '{"label": "a", "label.code": "x"}', '{"label": null, "label.code": "y", "updated_on": {"$":"now()"}}'),
('open', 5, '"Odd"."Link.s"', 'rename', '{"a": "1", "a.code": "x", "b": "3"}', '{"b": "3"}', '{"b": "4"}')`)
	const instant = "2026-09-04 14:20:00.250000Z"
	want := [][]string{
		{"insert", "N", "<null>", "<null>", "<null>", `INSERT INTO progfin (code, label, "a""b]c", updated_on) VALUES ('N', NULL, 'it''s', '` + instant + `')`},
		{"update", "O'Hara", "label", "<null>", `{"$":"now()"}`, `UPDATE progfin SET label = '{"$":"now()"}', updated_on = '` + instant + `' WHERE code = 'O''Hara'`},
		{"delete", "B", "<null>", "<null>", "<null>", `UPDATE progfin SET deleted_on = '` + instant + `' WHERE code = 'B'`},
		{"update", "x/3", "b", "3", "4", `UPDATE "Odd"."Link.s" SET b = '4' WHERE a = '1' AND b = '3'`},
		{"update", "A", "label.code", "x", "y", `UPDATE progfin SET label = NULL /* known after apply */, updated_on = now() WHERE code = 'A'`},
		{"undelete", "B", "<null>", "<null>", "<null>", `UPDATE progfin SET label = 'c', deleted_on = NULL, updated_on = now() WHERE code = 'B'`},
		{"delete", "G", "<null>", "<null>", "<null>", `DELETE FROM progfin WHERE code = 'G'`},
		{"delete", "1/2", "<null>", "<null>", "<null>", `DELETE FROM "Odd"."Link.s" WHERE a = '1' AND b = '2'`},
	}
	// Whoever looks may look from anywhere.
	if _, err := f.conn.ExecContext(t.Context(), "SET timezone = 'Asia/Tokyo'; SET datestyle = German"); err != nil {
		t.Fatal(err)
	}
	var got [][]string
	f.each(t, `SELECT operation, source_code, field_name, from_value, to_value, sql FROM registrar.import_reg
ORDER BY import_hash, array_position(ARRAY['insert', 'update', 'undelete'], operation), source_code DESC, field_name`,
		nil, func(row []string) { got = append(got, row) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, row := range got {
		if tag, err := f.beside.Exec(t.Context(), row[5]); err != nil || tag.RowsAffected() != 1 {
			t.Errorf("%s: %v, %v", row[5], tag, err)
		}
	}
}

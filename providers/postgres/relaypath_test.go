package postgres_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/providertest"
)

// shadows are in a schema that goes before pg_catalog, and do something else than what is there. "<>" and ">" find nothing.
var shadows = []string{
	"CREATE SCHEMA shadow",
	"CREATE DOMAIN shadow.text AS varchar(2)", "CREATE DOMAIN shadow.date AS varchar(2)", "CREATE DOMAIN shadow.uuid AS varchar(2)", "CREATE DOMAIN shadow.bytea AS varchar(2)",
	"CREATE DOMAIN shadow.json AS varchar(2)", "CREATE DOMAIN shadow.jsonb AS varchar(2)",
	"CREATE FUNCTION shadow.char_length(pg_catalog.text) RETURNS integer LANGUAGE sql AS 'SELECT 0'",
	"CREATE FUNCTION shadow.octet_length(pg_catalog.text) RETURNS integer LANGUAGE sql AS 'SELECT 0'",
	"CREATE FUNCTION shadow.chr(integer) RETURNS pg_catalog.text LANGUAGE sql AS $$SELECT ''::pg_catalog.text$$",
	"CREATE FUNCTION shadow.left(pg_catalog.text, integer) RETURNS pg_catalog.text LANGUAGE sql AS $$SELECT '1'::pg_catalog.text$$",
	"CREATE FUNCTION shadow.round(numeric, integer) RETURNS numeric LANGUAGE sql AS 'SELECT $1'",
	"CREATE FUNCTION shadow.format_type(oid, integer) RETURNS pg_catalog.text LANGUAGE sql AS $$SELECT 'integer'::pg_catalog.text$$",
	"CREATE FUNCTION shadow.never(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
	"CREATE FUNCTION shadow.never(numeric, numeric) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
	"CREATE FUNCTION shadow.never(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
	"CREATE FUNCTION shadow.first(pg_catalog.text, pg_catalog.text) RETURNS pg_catalog.text LANGUAGE sql AS 'SELECT $1'",
	"CREATE OPERATOR shadow.> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = shadow.never)",
	"CREATE OPERATOR shadow.<> (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = shadow.never)",
	"CREATE OPERATOR shadow.|| (LEFTARG = pg_catalog.text, RIGHTARG = pg_catalog.text, FUNCTION = shadow.first)",
}

// shadowed adds the schema to an URL.
func (f *fixture) shadowed(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(f.url)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", "shadow, pg_catalog, public")
	u.RawQuery = query.Encode()
	return u.String()
}

// TestRelayWhateverTheSearchPath: the source's own functions, operators and types are for its own
// queries.
func TestRelayWhateverTheSearchPath(t *testing.T) {
	f := newFixture(t, shadows...)
	for i, test := range []struct {
		from, into, literal string
		relayed             bool
	}{
		{"text", "text", "'abc'", true},
		{"text", "varchar(3)", "'abc'", true},
		{"text", "varchar(3)", "'ab  '", false},
		{"bigint", "text", "1234", true},
		{"numeric", "numeric(5,2)", "1.505", false},
		{"date", "date", "'2026-01-02'", true},
		{"uuid", "uuid", "'01234567-89ab-cdef-0123-456789abcdef'", true},
		{"bytea", "bytea", `'\x00ff5c'`, true},
		{"json", "json", `'[1, 2]'`, true},
		{"json", "json", "('[' || repeat('1,', 20000) || '1]')::json", false},
		{"jsonb", "jsonb", `'[1, 2]'`, true},
	} {
		name := fmt.Sprintf("pair_%d", i)
		execute(t, f.beside, fmt.Sprintf("CREATE TABLE %s AS SELECT %s::%s AS v; CREATE TABLE %[1]s_into (v %[4]s)", name, test.literal, test.from, test.into))
		query := providers.Query{SQL: "SELECT * FROM " + name + " WHERE :n = 1", Params: []providers.Param{{Name: "n", Value: value.OfInt(1)}}}
		if was, _ := providertest.Relayed(t, f.d, snapshotOf(t, f.shadowed(t)), query, f.table(t, name+"_into").Columns); was != test.relayed {
			t.Errorf("%s %.20s into %s: relayed %v", test.from, test.literal, test.into, was)
		}
	}
	// A parameter is cast to what the server took it for.
	execute(t, f.beside, "CREATE TABLE room (code text NOT NULL, opened date, id uuid); INSERT INTO room VALUES ('R12', '2026-01-02', '01234567-89ab-cdef-0123-456789abcdef'); CREATE TABLE into_room (code text NOT NULL)")
	for name, text := range map[string]string{"code": "R12", "opened": "2026-01-02", "id": "01234567-89ab-cdef-0123-456789abcdef"} {
		query := providers.Query{SQL: "SELECT code FROM room WHERE " + name + " = :it", Params: []providers.Param{{Name: "it", Value: value.OfText(text)}}}
		if was, _ := providertest.Relayed(t, f.d, snapshotOf(t, f.shadowed(t)), query, f.table(t, "into_room").Columns); !was {
			t.Errorf("a parameter compared with %s: not relayed", name)
		}
	}
}

// TestRowHashWhateverTheSearchPath: a row has one hash.
func TestRowHashWhateverTheSearchPath(t *testing.T) {
	f := newFixture(t, shadows...)
	shadowed := connect(t, openDestination(t, f.shadowed(t)))
	hash := "SELECT pg_catalog.encode(" + postgres.Dialect{}.RowHash([]string{"o.a", "o.b"}, []string{"o.x", "o.y"}) +
		`, 'hex') FROM (SELECT 'sync'::pg_catalog.text AS a, 'table'::pg_catalog.text AS b, '{"code": "R1"}'::pg_catalog.json AS x, NULL::pg_catalog.json AS y) AS o`
	if got, want := one(t, shadowed, hash), one(t, f.conn, hash); got != want {
		t.Errorf("%s instead of %s", got, want)
	}
}

package postgres_test

import (
	"testing"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers/postgres"
)

// TestHashKey: keys that a column takes for equal have one hash, however they are spelt; a
// column whose equality nobody can hash has none.
func TestHashKey(t *testing.T) {
	f := newFixture(t, "CREATE EXTENSION citext", "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
		"CREATE TABLE t (a text, b text COLLATE nocase, c numeric, d char(5), e int, f timestamptz, g uuid, h bytea, i date, j bool, no_hash citext, no_hash_either interval, nor_this jsonb)",
		`INSERT INTO t VALUES ('x', 'api', 1.1, 'a', 7, '2026-01-01 00:00Z', '6f9619ff-8b86-d011-b42d-00c04fc964ff', '\x00', 'infinity', true, 'api', '30 days', '1.1'),
		('x', 'API', 1.10, 'a  ', 7, '2026-01-01 01:00+01', '6F9619FF-8B86-D011-B42D-00C04FC964FF', '\x00', 'infinity', true, 'API', '1 month', '1.10')`,
		"CREATE TABLE other AS TABLE t", "ALTER TABLE other ALTER b TYPE text COLLATE nocase",
		`UPDATE other SET a = 'y', b = 'ipa', c = 1.2, d = 'b', e = 8, f = '2026-01-02 00:00Z', g = '6f9619ff-8b86-d011-b42d-00c04fc964fe', h = '\x01', i = '-infinity', j = false`)
	d := postgres.Dialect{}
	var exprs []string
	var columns []sqlgen.Column
	for _, c := range f.table(t, "t").Columns {
		hash := d.HashKey([]string{d.Quote(c.Name)}, []sqlgen.Column{c})
		if len(c.Name) > 1 {
			if hash != "" {
				t.Errorf("%s has the hash %s", c.Name, hash)
			}
			continue
		}
		exprs, columns = append(exprs, d.Quote(c.Name)), append(columns, c)
		if got := one(t, f.conn, "SELECT count(DISTINCT "+hash+") FROM t"); got != "1" {
			t.Errorf("%s: equal keys have %s hashes", c.Name, got)
		}
		if got := one(t, f.conn, "SELECT count(DISTINCT "+hash+") FROM (SELECT * FROM t UNION ALL SELECT * FROM other) AS u"); got != "2" {
			t.Errorf("%s: two different keys have %s hashes", c.Name, got)
		}
		// Each part of a key counts.
		whole := d.HashKey(exprs, columns)
		if got := one(t, f.conn, "SELECT count(DISTINCT "+whole+") FROM (SELECT * FROM t UNION ALL SELECT * FROM other) AS u"); got != "2" {
			t.Errorf("up to %s: two different keys have %s hashes", c.Name, got)
		}
	}
	if hash := d.HashKey([]string{"a", "n"}, []sqlgen.Column{columns[0], f.table(t, "t").Columns[len(columns)]}); hash != "" {
		t.Errorf("a key of which a part has no hash has %s", hash)
	}
}

// TestDurability: what matters is on the disk when it is committed, as far as the server's
// own setting says so; staging tables are not waited for.
func TestDurability(t *testing.T) {
	f := newFixture(t)
	execute(t, f.beside, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = local', current_database()); END $$")
	d := openDestination(t, f.url)
	conn := connect(t, d)
	if got := one(t, conn, "SHOW synchronous_commit"); got != "off" {
		t.Errorf("outside of a transaction, synchronous_commit is %s", got)
	}
	tx, err := d.Begin(t.Context(), conn, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := one(t, tx, "SHOW synchronous_commit"); got != "local" {
		t.Errorf("in a transaction, synchronous_commit is %s, the database says local", got)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
}

// TestAnalyzeStage: the planner is told of the columns that joins go by, and no others.
func TestAnalyzeStage(t *testing.T) {
	column := func(name string) sqlgen.Column { return sqlgen.Column{Name: name} }
	room, room1, parent := column("room_id"), column("room_id.code"), column("building")
	target := &sqlgen.Target{
		Stage: "s", Key: []sqlgen.Column{column("code")}, Mapped: []sqlgen.Column{column("code"), column("name"), room, parent},
		Lookups: []*sqlgen.Lookup{{Column: room, By: []sqlgen.LookupKey{{Column: column("code"), Staged: room1}}}},
		Parents: []sqlgen.InParent{{Column: parent}},
	}
	const want = `ANALYZE s ("code", "room_id.code", "building")`
	if got := sqlgen.AnalyzeStage(postgres.Dialect{}, target).SQL; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

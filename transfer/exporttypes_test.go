package transfer_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/pgtest"
)

// What PostgreSQL holds arrives in another table of the same types as it was, to the last digit.
func TestExportTypesOfPostgres(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	db, err := sql.Open("pgx", url)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	types := [][]string{ // each with its values
		{"numeric", "1.10", "-0.0001", "NaN", "123456789012345678901234567890.123456789"},
		{"numeric(10,2)", "12.50"},
		{"bigint", "-9223372036854775808"},
		{"smallint", "7"},
		{"double precision", "0.1", "1e300", "Infinity"},
		{"real", "0.1"},
		{"boolean", "true", "false"},
		{"text", "", " é\u2028\U0001F600 ", "a,\"b\"\r\nc", `\N`},
		{"varchar(20)", "x"},
		{"char(5)", "ab"},
		{"bytea", `\x`, `\x00ff`},
		{"date", "0044-03-15 BC", "infinity", "2026-02-28"},
		{"time", "24:00:00", "02:30:00.000001"},
		{"timestamp", "2026-03-29 02:30:00.123456"},
		{"timestamptz", "2026-10-25 00:30:00.5Z", "-infinity"},
		{"json", `{"b": 1,  "a": [null]}`},
		{"jsonb", `{"b": 1,  "a": [null]}`},
		{"uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"},
		{"text[]", `{a,"b c",NULL}`},
		{"interval", "1 mon 2 days 03:04:05"},
		{"inet", "10.0.0.0/8"},
	}
	var columns, mapped []string
	for i, one := range types {
		columns = append(columns, fmt.Sprintf("c%d %s", i, one[0]))
		mapped = append(mapped, fmt.Sprintf("c%[1]d = row.c%[1]d", i))
	}
	definition := "(code text PRIMARY KEY, faculty text, " + strings.Join(columns, ", ") + ")"
	exec(t, db, "CREATE TABLE item "+definition, "CREATE TABLE copy "+definition, "CREATE TABLE nothing (code text, faculty text)")
	for n := range 4 {
		values := []string{fmt.Sprintf("'k%d'", n), "'hss'"}
		for _, one := range types {
			values = append(values, "NULL")
			if n+1 < len(one) {
				values[len(values)-1] = "'" + one[n+1] + "'"
			}
		}
		exec(t, db, "INSERT INTO item VALUES ("+strings.Join(values, ", ")+")")
	}
	exec(t, db, "INSERT INTO item (code, faculty) VALUES ('others', 'sci')")
	s := &server{TB: t, dir: t.TempDir(), now: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}
	connections := fmt.Sprintf("source \"postgres\" \"db\" {\n  url = %q\n}\n\ndestination \"postgres\" \"db\" {\n  url = %q\n}\n\nfaculty \"hss\" {\n  name = \"Lettres\"\n}\n", url, url)
	sync := func(name, from, table string, columns []string) string {
		return fmt.Sprintf(`
sync %q {
  faculty = faculty.hss
  source {
    from  = %s
    table = %q
  }
  destination {
    into  = destination.postgres.db
    table = %q
    key   = ["code"]
    scope = { faculty = "hss" }
  }
  columns {
    code = row.code
    %s
  }
  guard {
    min_source_rows = 0
  }
}
`, name, from, map[bool]string{true: "item", false: "nothing"}[strings.Contains(from, "bundle")], table, strings.Join(columns, "\n    "))
	}
	s.write("main.hcl", connections+sync("item", "source.postgres.db", "item", nil))
	s.init("")
	o := s.options("hss")
	b := s.export(o)
	if rows := b.Faculties[0].Syncs[0].Rows; rows != 4 {
		t.Errorf("%d rows were exported", rows)
	}
	path := filepath.ToSlash(filepath.Join(o.Dir, "move.csv"))
	s.write("main.hcl", connections+fmt.Sprintf("\nsource \"bundle\" \"move\" {\n  manifest = %q\n}\n", path)+sync("copy", "source.bundle.move", "copy", mapped))
	s.apply()
	read := func(table string) []string {
		t.Helper()
		rows, err := db.QueryContext(t.Context(), "SELECT x::text FROM "+table+" x WHERE faculty = 'hss' ORDER BY code")
		must(t, err)
		defer rows.Close()
		var all []string
		for rows.Next() {
			var text string
			must(t, rows.Scan(&text))
			all = append(all, text)
		}
		must(t, rows.Err())
		return all
	}
	if diff := cmp.Diff(read("item"), read("copy")); diff != "" {
		t.Errorf("the copy differs (-original +copy):\n%s", diff)
	}
}

// Two destinations, each with what is known of its syncs.
func TestExportOfTwoDestinations(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	other := openSQLite(t, filepath.Join(s.dir, "other.db"))
	exec(t, other, "CREATE TABLE room (code TEXT PRIMARY KEY, faculty TEXT, label TEXT)", "INSERT INTO room VALUES ('old', 'sci', 'not ours')")
	exec(t, s.source, "CREATE TABLE room (code TEXT, label TEXT)", "INSERT INTO room VALUES ('R1', 'One')")
	s.write("other.hcl", `
destination "sqlite" "other" {
  path = "other.db"
}

sync "rooms" {
  faculty = faculty.hss
  source {
    from  = source.sqlite.hr
    table = "room"
  }
  destination {
    into  = destination.sqlite.other
    table = "room"
    key   = ["code"]
    scope = { faculty = "hss" }
  }
  columns {
    code  = row.code
    label = row.label
  }
}
`)
	s.init("destination.sqlite.other")
	s.apply()
	b := s.export(s.options("hss"))
	f := &b.Faculties[0]
	origins := map[string]string{}
	for i := range f.Syncs {
		origins[f.Syncs[i].Destination] = f.Syncs[i].Origin
	}
	if len(origins) != 2 || origins["destination.sqlite.app"] == origins["destination.sqlite.other"] {
		t.Errorf("the origins are %v", origins)
	}
	if h := f.History; h == nil || h.Plans != 4 { // three of the one register, one of the other
		t.Errorf("the history is %+v", h)
	}
}

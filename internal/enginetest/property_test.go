package enginetest

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// columns of the randomised table, by kind; two of them bear names that every
// layer must quote.
var randomColumns = []struct{ name, kind string }{
	{`a"b]c`, "text"},
	{"select", "int"},
	{"amount", "num"},
	{"digits", "big"},
	{"ratio", "real"},
	{"flag", "bool"},
	{"born", "date"},
	{"wall", "stamp"},
	{"at", "tstz"},
	{"raw", "bytes"},
}

// randomValues are the texts that a database of any kind may hold, chosen to break
// things: NULL against empty, quotes, JSON, dates before 1900, 38 digits, …
var randomValues = map[string][]any{
	"text": {
		nil, "", " ", "x", "X", "é", "e\u0301", "日本", "🙂", `a"b]c`, `it's`, `\`, "\n", "\t", `{"$":"now()"}`, "null", "%s", "${x}", "NULL", `\N`, "trailing ", "\u202e",
	},
	"int":   {nil, int64(0), int64(-1), int64(9223372036854775807), int64(-9223372036854775808), int64(42)},
	"num":   {nil, "0.00", "-1.50", "9999999999.99", "0.10", "12.00"},
	"big":   {nil, "0", "12345678901234567890123456789012345678", "-0.00000000000000000000000000000000000001", "1.10", "1.1"},
	"real":  {nil, 0.0, 0.1, -1e300, 1e-300, 123456789.123456789, 1.0 / 3},
	"bool":  {nil, true, false},
	"date":  {nil, "1582-10-15", "1899-12-31", "0001-01-01", "9999-12-31", "2026-02-28", "2024-02-29"},
	"stamp": {nil, "1899-12-31 23:59:59", "2026-10-25 02:30:00", "2026-03-29 02:30:00.123456", "0001-01-01 00:00:00"},
	"tstz":  {nil, "1899-12-31 23:59:59Z", "2026-10-25 00:30:00Z", "2026-10-25 01:30:00.5Z", "2026-03-29 01:00:00.000001Z"},
	"bytes": {nil, []byte{}, []byte{0, 1, 255}, []byte("\\x")},
}

// Whatever the data, what was applied is there, and planning again finds nothing.
func TestRandomDataConverges(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		seeds := uint64(4)
		if e.name == "sqlite" {
			seeds = 12
		}
		for seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) { converge(t, e, rand.New(rand.NewPCG(seed, 1))) })
		}
	})
}

func converge(t *testing.T, e engine, random *rand.Rand) {
	w := newWorld(t, e)
	quote := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
	keys := []string{"k1"}
	if random.IntN(2) == 1 {
		keys = append(keys, "k2")
	}
	onMissing := []string{"archive", "delete", "keep"}[random.IntN(3)]

	definitions := []string{"k1 " + e.types["text"] + " NOT NULL", "k2 " + e.types["int"] + " NOT NULL"}
	names := []string{"k1", "k2"}
	mapping := "    k1 = row[\"k1\"]\n    k2 = row.K2\n"
	for _, c := range randomColumns {
		definitions = append(definitions, quote(c.name)+" "+e.types[c.kind])
		names = append(names, c.name)
	}
	w.exec(w.source, "CREATE TABLE src ("+strings.Join(definitions, ", ")+")")
	w.exec(w.dest, "CREATE TABLE "+quote(`t"x]y`)+" ("+strings.Join(definitions, ", ")+", origin "+e.types["text"]+
		", deleted_on "+e.types["tstz"]+", updated_on "+e.types["stamp"]+", PRIMARY KEY ("+strings.Join(keys, ", ")+"))")
	table := quote(`t"x]y`)
	for _, c := range randomColumns {
		mapping += fmt.Sprintf("    column %q {\n      value = row[%q]\n    }\n", c.name, c.name)
	}
	tableName := `t\"x]y`
	if e.name == "postgres" {
		tableName = `\"t\"\"x]y\"`
	}
	w.write("main.hcl", fmt.Sprintf(`
sync "random" {
  source {
    from  = source.%[1]s.main
    table = "src"
  }
  destination {
    into       = destination.%[1]s.main
    table      = "%[2]s"
    key        = ["%[3]s"]
    scope      = { origin = "it's \"ours\"" }
  }
  columns {
%[4]s  }
  lifecycle {
    on_missing = "%[5]s"
    archive    = { deleted_on = now() }
    stamps     = { updated_on = "update" }
  }
}
`, e.name, tableName, strings.Join(keys, `", "`), mapping, onMissing))

	insert := func() {
		args := []any{[]string{"a", "A", "é", "b c", "", "'", `"`}[random.IntN(7)], int64(random.IntN(6))}
		condition := "k1 = " + e.param(1)
		keyArgs := args[:1]
		if len(keys) == 2 {
			condition += " AND k2 = " + e.param(2)
			keyArgs = args
		}
		w.exec(w.source, "DELETE FROM src WHERE "+condition, keyArgs...)
		marks := []string{e.param(1), e.param(2)}
		for i, c := range randomColumns {
			choices := randomValues[c.kind]
			if c.kind == "tstz" && e.instants != nil {
				choices = e.instants
			}
			args = append(args, choices[random.IntN(len(choices))])
			marks = append(marks, e.param(i+3))
		}
		w.exec(w.source, "INSERT INTO src VALUES ("+strings.Join(marks, ", ")+")", args...)
	}
	for range 5 {
		for range 1 + random.IntN(12) {
			insert()
		}
		if random.IntN(2) == 1 && len(w.rows(w.source, "SELECT k1 FROM src")) > 1 {
			w.exec(w.source, "DELETE FROM src WHERE k1 = (SELECT min(k1) FROM src) AND k1 <> (SELECT max(k1) FROM src)")
		}
		w.apply(w.plan())
		w.settled()

		list := make([]string, len(names))
		for i, name := range names {
			list[i] = quote(name)
		}
		alive := " WHERE deleted_on IS NULL"
		if onMissing == "keep" {
			// What the source lacks stays: compare what it has.
			alive += " AND 1 = 1"
		}
		want := snapshot(w, w.source, "SELECT "+strings.Join(list, ", ")+" FROM src")
		got := snapshot(w, w.dest, "SELECT "+strings.Join(list, ", ")+" FROM "+table+alive)
		if onMissing == "keep" {
			for key := range got {
				if _, there := want[key]; !there {
					delete(got, key)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("destination (-source +destination):\n%s", diff)
		}
	}
	if onMissing == "keep" {
		return
	}
	w.exec(w.source, "DELETE FROM src")
	if p := w.plan(); !p.Held() {
		t.Error("an emptied source must be held")
	}
}

// snapshot counts a query's rows.
func snapshot(w *world, db *sql.DB, query string) map[string]int {
	found := map[string]int{}
	rows := w.rows(db, query)
	sort.Strings(rows)
	for _, row := range rows {
		found[row]++
	}
	return found
}

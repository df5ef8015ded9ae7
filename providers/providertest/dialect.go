package providertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

func (h *Harness) exerciseDialect(t *testing.T) {
	db := h.open(t)
	db.needSQL(t)
	d := db.destination(t)
	dialect := d.Dialect()
	conn := connect(t, d)

	t.Run("placeholders", func(t *testing.T) {
		// In order, each once, and text whatever stands around them.
		got := texts(t, conn, fmt.Sprintf("SELECT %s, %s, %s", dialect.Placeholder(1), dialect.Placeholder(2), dialect.Placeholder(3)), "a", "007", "it's")
		if fmt.Sprint(got) != "[[a 007 it's]]" {
			t.Errorf("bound %v", got)
		}
	})
	t.Run("byte order", func(t *testing.T) {
		got := texts(t, conn, fmt.Sprintf("SELECT x.v FROM (SELECT 'é' AS v UNION ALL SELECT 'z' UNION ALL SELECT 'a' UNION ALL SELECT 'B' UNION ALL SELECT 'a b' UNION ALL SELECT '🙂') x ORDER BY %s", dialect.ByteOrder("x.v")))
		if fmt.Sprint(got) != "[[B] [a] [a b] [z] [é] [🙂]]" {
			t.Errorf("sorted %v", got)
		}
	})
	t.Run("row hash", func(t *testing.T) {
		for row, want := range map[string]bool{
			"'é' AS a, '' AS b, '{}' AS c, '{}' AS d":           true,
			"'é' AS a, '' AS b, '{}' AS c, NULL AS d":           true,
			"'é' AS a, '' AS b, NULL AS c, NULL AS d":           true,
			"'é' AS a, NULL AS b, '{}' AS c, '{}' AS d":         false,
			"NULL AS a, 'é' AS b, '{}' AS c, NULL AS d":         false,
			"NULL AS a, NULL AS b, '{}' AS c, '{\"x\":1}' AS d": false,
		} {
			hash := dialect.RowHash([]string{"x.a", "x.b"}, []string{"x.c", "x.d"})
			if got := one(t, conn, fmt.Sprintf("SELECT CASE WHEN %s IS NULL THEN 'none' ELSE 'some' END FROM (SELECT %s) x", hash, row)); (got == "some") != want {
				t.Errorf("%s: %s", row, got)
			}
		}
	})
	t.Run("object", func(t *testing.T) {
		members := []sqlgen.Member{{Name: "none", Text: "NULL"}, {Name: "now", Now: true}}
		want := map[string]any{"none": nil, "now": map[string]any{"$": "now()"}}
		var args []any
		add := func(name, text string) {
			args = append(args, text)
			members = append(members, sqlgen.Member{Name: name, Text: dialect.Placeholder(len(args))})
			want[name] = text
		}
		for i, name := range h.oddNames() {
			add(name, oddTexts[i%len(oddTexts)])
		}
		for i, text := range oddTexts {
			add(fmt.Sprint("text", i), text)
		}
		if !h.Capabilities.EmptyText {
			for name, text := range want {
				if text == "" {
					want[name] = nil
				}
			}
		}
		expectObject(t, one(t, conn, "SELECT "+dialect.Object(members), args...), want)
	})
	t.Run("large object", func(t *testing.T) {
		var members []sqlgen.Member
		want := make(map[string]any)
		for i := range h.Capabilities.MaxMembers {
			name := fmt.Sprintf("a column with a rather long name %d", i)
			switch i % 3 {
			case 0:
				members = append(members, sqlgen.Member{Name: name, Text: fmt.Sprintf("'v%d'", i)})
				want[name] = fmt.Sprintf("v%d", i)
			case 1:
				members = append(members, sqlgen.Member{Name: name, Text: "NULL"})
				want[name] = nil
			default:
				members = append(members, sqlgen.Member{Name: name, Now: true})
				want[name] = map[string]any{"$": "now()"}
			}
		}
		text := one(t, conn, "SELECT "+dialect.Object(members))
		expectObject(t, text, want)
		// In the order given.
		decoder := json.NewDecoder(strings.NewReader(text))
		var names []string
		for depth := 0; ; {
			token, err := decoder.Token()
			if err != nil {
				break
			}
			switch token := token.(type) {
			case json.Delim:
				if token == '{' {
					depth++
				} else {
					depth--
				}
			case string:
				if depth == 1 && len(names) < len(members) && token == members[len(names)].Name {
					names = append(names, token)
				}
			}
		}
		if len(names) != len(members) {
			t.Errorf("%d members of %d are in order", len(names), len(members))
		}
	})
	t.Run("empty object", func(t *testing.T) {
		expectObject(t, one(t, conn, "SELECT "+dialect.Object(nil)), map[string]any{})
	})
	t.Run("key from text", func(t *testing.T) {
		// As an apply finds its rows: by the index, under the column's own equality.
		db.Exec(t, fmt.Sprintf("CREATE TABLE keyed (k %s NOT NULL UNIQUE, n %s NOT NULL UNIQUE)", h.SQL.Text, h.SQL.Int))
		db.Exec(t, "INSERT INTO keyed VALUES ('a', 1), ('007', 2), ('é', 3), ('7', 30)")
		table := describe(t, d, "keyed")
		k, _ := table.Column("k")
		n, _ := table.Column("n")
		byText := fmt.Sprintf("SELECT n FROM %s t WHERE t.k = %s", table.Name, dialect.FromText(dialect.Placeholder(1), k))
		byNumber := fmt.Sprintf("SELECT k FROM %s t WHERE t.n = %s", table.Name, dialect.FromText(dialect.Placeholder(1), n))
		for text, want := range map[string]string{"a": "[[1]]", "007": "[[2]]", "é": "[[3]]", "none": "[]"} {
			if got := fmt.Sprint(texts(t, conn, byText, text)); got != want {
				t.Errorf("key %q: %s, expected %s", text, got, want)
			}
		}
		if got := fmt.Sprint(texts(t, conn, byNumber, "2")); got != "[[007]]" {
			t.Errorf("key 2: %s", got)
		}
		if h.UsesIndex != nil {
			for _, query := range []string{byText, byNumber} {
				if !h.UsesIndex(t, conn, query, "1") {
					t.Errorf("no index serves\n%s", query)
				}
			}
		}
	})
	t.Run("collation", func(t *testing.T) {
		if h.SQL.IgnoringCase == "" {
			t.Skip("not declared")
		}
		db.Exec(t, fmt.Sprintf("CREATE TABLE folded (k %s NOT NULL UNIQUE)", h.SQL.IgnoringCase))
		db.Exec(t, "INSERT INTO folded VALUES ('Ab')")
		table := describe(t, d, "folded")
		expectUnique(t, d, "folded", "k")
		k := table.Columns[0]
		staged := stage(t, d, conn, "folded", table.Columns, [][]value.Value{{value.OfText("aB")}, {value.OfText("AB")}, {value.OfText("x")}})
		// Keys are duplicates, and match, as the table's index would have it.
		if got := one(t, conn, fmt.Sprintf("SELECT count(*) FROM (SELECT s.k FROM %s s GROUP BY s.k) g", staged)); got != "2" {
			t.Errorf("%s staged keys, expected 2", got)
		}
		texts := stage(t, d, conn, "folded_texts", []sqlgen.Column{h.textColumn("c")}, [][]value.Value{{value.OfText("aB")}, {value.OfText("AB")}})
		for _, join := range []string{"t.k = " + dialect.FromText("x.c", k), dialect.FromText("x.c", k) + " = t.k"} {
			if got := one(t, conn, fmt.Sprintf("SELECT count(*) FROM %s x JOIN %s t ON %s", texts, table.Name, join)); got != "2" {
				t.Errorf("%s joins %s rows, expected 2", join, got)
			}
		}
		for _, join := range []string{"t.k = s.k", "s.k = t.k", "t.k = " + dialect.FromText(dialect.Canonical("s.k", k), k), dialect.FromText(dialect.Canonical("s.k", k), k) + " = t.k"} {
			if got := one(t, conn, fmt.Sprintf("SELECT count(*) FROM %s s JOIN %s t ON %s", staged, table.Name, join)); got != "2" {
				t.Errorf("%s joins %s rows, expected 2", join, got)
			}
		}
		// The values differ all the same.
		if got := one(t, conn, fmt.Sprintf("SELECT count(*) FROM %s s JOIN %s t ON %s", staged, table.Name, dialect.Same(dialect.Comparable("s.k", k), dialect.Comparable("t.k", k)))); got != "0" {
			t.Errorf("%s values are equal", got)
		}
		if h.UsesIndex != nil {
			query := fmt.Sprintf("SELECT 1 FROM %s t WHERE t.k = %s", table.Name, dialect.FromText(dialect.Placeholder(1), k))
			if !h.UsesIndex(t, conn, query, "ab") {
				t.Errorf("no index serves\n%s", query)
			}
		}
	})
	t.Run("staging table", func(t *testing.T) {
		// Nullable, whatever the column is, and created empty.
		db.Exec(t, fmt.Sprintf("CREATE TABLE strict (a %s NOT NULL, b %s NOT NULL DEFAULT 7)", h.SQL.Text, h.SQL.Int))
		staged := stage(t, d, conn, "strict", describe(t, d, "strict").Columns, [][]value.Value{{{}, {}}})
		if got := fmt.Sprint(texts(t, conn, "SELECT a, b FROM "+staged)); got != "[[<null> <null>]]" {
			t.Errorf("staged %s", got)
		}
	})
}

func expectObject(t *testing.T, text string, want map[string]any) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v: %s", err, abridge(text))
	}
	if len(got) != len(want) {
		t.Errorf("%d members, expected %d", len(got), len(want))
	}
	for name, w := range want {
		if g, ok := got[name]; !ok || fmt.Sprintf("%#v", g) != fmt.Sprintf("%#v", w) {
			t.Errorf("member %q is %#v, expected %#v", name, g, w)
		}
	}
}

package providertest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// createRegister makes those tables of the register that a dialect's statements
// may name, with the columns of the design.
func createRegister(t *testing.T, conn *sql.Conn, dialect sqlgen.Dialect) {
	t.Helper()
	if schema := dialect.CreateRegisterSchema(); schema != "" {
		exec(t, conn, schema)
	}
	exists := func() string { return one(t, conn, dialect.RegisterExists()) }
	if got := exists(); got != "0" {
		t.Fatalf("a register is there already: %s", got)
	}
	text, number, boolean := dialect.TypeName(value.Text), dialect.TypeName(value.Int), dialect.TypeName(value.Bool)
	instant, document := dialect.TypeName(value.Instant), dialect.TypeName(value.JSON)
	create := func(name string, columns ...string) {
		t.Helper()
		exec(t, conn, fmt.Sprintf("CREATE TABLE %s (%s)", dialect.RegisterTable(name), strings.Join(columns, ", ")))
	}
	column := func(name, typ string) string { return dialect.Quote(name) + " " + typ }
	create("meta", column("version", number), column("identity", text))
	if got := exists(); got == "0" {
		t.Fatal("the register is not seen")
	}
	create("plan",
		column("id", text), column("created_on", instant), column("created_by", text), column("config_digest", text),
		column("git_commit", text), column("expires_on", instant), column("speculative", boolean), column("digest", text),
		column("summary", document), column("status", text))
	create("operation",
		column("plan_id", text), column("seq", number), column("sync", text), column("table_name", text), column("operation", text),
		column("key", document), column("before", document), column("after", document), column("result", document))
	create("finding",
		column("plan_id", text), column("seq", number), column("sync", text), column("kind", text), column("key", document),
		column("message", text), column("detail", document))
	create("execution", column("plan_id", text), column("executed_on", instant), column("executed_by", text))
}

// operation is a row of the register's table of operations; nil members are
// JSON's null, nil documents SQL's NULL.
type operation struct {
	plan, table, operation     string
	key, before, after, result []member
}

type member struct {
	name string
	text any // string, nil or now
}

type now struct{}

func record(t *testing.T, q providers.Querier, dialect sqlgen.Dialect, seq int, o operation) {
	t.Helper()
	var args []any
	bind := func(text string) string {
		args = append(args, text)
		return dialect.Placeholder(len(args))
	}
	document := func(members []member) string {
		if members == nil {
			return "NULL"
		}
		var out []sqlgen.Member
		for _, m := range members {
			switch text := m.text.(type) {
			case string:
				out = append(out, sqlgen.Member{Name: m.name, Text: bind(text)})
			case now:
				out = append(out, sqlgen.Member{Name: m.name, Now: true})
			default:
				out = append(out, sqlgen.Member{Name: m.name, Text: "NULL"})
			}
		}
		return dialect.Object(out)
	}
	var names []string
	for _, name := range []string{"plan_id", "seq", "sync", "table_name", "operation", "key", "before", "after", "result"} {
		names = append(names, dialect.Quote(name))
	}
	values := []string{
		bind(o.plan), fmt.Sprint(seq), "'sync.test'", bind(o.table), bind(o.operation),
		document(o.key), document(o.before), document(o.after), document(o.result),
	}
	exec(t, q, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s", dialect.RegisterTable("operation"), strings.Join(names, ", "), strings.Join(values, ", ")), args...)
}

func (h *Harness) exerciseRegister(t *testing.T) {
	t.Run("unpack", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		d := db.destination(t)
		dialect := d.Dialect()
		conn := connect(t, d)
		createRegister(t, conn, dialect)
		var after []member
		for i, name := range h.oddNames() {
			after = append(after, member{name, oddTexts[i%len(oddTexts)]})
		}
		after = append(after, member{"none", nil}, member{"stamp", now{}}, member{"number", "007"})
		record(t, conn, dialect, 1, operation{plan: "p", table: "t", operation: "update", key: []member{{"k", "it's"}}, before: []member{{"number", "1"}}, after: after})
		record(t, conn, dialect, 2, operation{plan: "other", table: "t", operation: "insert", key: []member{{"k", "z"}}})

		columns := []string{"seq", "k0", "b0", "b2", "r0"}
		var names []sqlgen.DocMember
		for i, m := range append(slices.Clone(after), member{name: "no such member"}) {
			names = append(names, sqlgen.DocMember{Name: m.name, As: fmt.Sprint("a", i)})
			columns = append(columns, names[i].As)
		}
		docs := []sqlgen.Doc{
			{Column: "key", Members: []sqlgen.DocMember{{Name: "k", As: "k0"}}},
			{Column: "before", Members: []sqlgen.DocMember{{Name: "number", As: "b0"}, {Name: "stamp", As: "b2"}}},
			{Column: "before"}, // nothing of it is read
			{Column: "after", Members: names},
			{Column: "result", Members: []sqlgen.DocMember{{Name: "k", As: "r0"}}},
		}
		for i, c := range columns {
			columns[i] = "u." + c
		}
		unpack := dialect.Unpack(dialect.RegisterTable("operation"), docs, "o."+dialect.Quote("plan_id")+" = "+dialect.Placeholder(1))
		got := texts(t, conn, fmt.Sprintf("SELECT %s FROM (%s) u", strings.Join(columns, ", "), unpack), "p")
		if len(got) != 1 {
			t.Fatalf("%d rows, expected 1", len(got))
		}
		want := []string{"1", "it's", "1", null, null}
		for _, m := range after {
			switch text := m.text.(type) {
			case string:
				if text == "" && !h.Capabilities.EmptyText {
					text = null
				}
				want = append(want, text)
			case now:
				want = append(want, sqlgen.NowMarker)
			default:
				want = append(want, null)
			}
		}
		want = append(want, null)
		for i := range want {
			cell := got[0][i]
			if want[i] == sqlgen.NowMarker {
				cell = strings.ReplaceAll(cell, " ", "")
			}
			if cell != want[i] {
				t.Errorf("%s is %q, expected %q", columns[i], cell, want[i])
			}
		}

		// Built again of its members the document is the same, to the octet; with one more, it is not.
		for want, n := range map[string]int{"1": len(after), "0": len(names)} {
			members := make([]sqlgen.Member, n)
			for i := range members {
				members[i] = sqlgen.Member{Name: names[i].Name, Text: "u." + names[i].As, Now: names[i].Name == "stamp"}
			}
			unpack := dialect.Unpack(dialect.RegisterTable("operation"), []sqlgen.Doc{{Column: "after", As: "held_after", Members: names[:n]}}, "o."+dialect.Quote("plan_id")+" = "+dialect.Placeholder(1))
			same := dialect.RowHash(nil, []string{"y.held_after"}) + " = " + dialect.RowHash(nil, []string{"y.built"})
			if matcher, ok := dialect.(sqlgen.DocumentMatcher); ok {
				same += " AND " + matcher.SameDocument("y.held_after", "y.built")
			}
			if got := one(t, conn, fmt.Sprintf("SELECT count(*) FROM (SELECT u.held_after, %s AS built FROM (%s) u) y WHERE %s", dialect.Object(members), unpack, same), "p"); got != want {
				t.Errorf("built again of %d members it is the same in %s rows, expected %s", n, got, want)
			}
		}
	})
	t.Run("many members", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		d := db.destination(t)
		dialect := d.Dialect()
		conn := connect(t, d)
		createRegister(t, conn, dialect)
		var members []sqlgen.Member
		var names []sqlgen.DocMember
		for i := range h.Capabilities.MaxMembers {
			names = append(names, sqlgen.DocMember{Name: fmt.Sprintf("c%d", i), As: fmt.Sprintf("b%d", i)})
			members = append(members, sqlgen.Member{Name: names[i].Name, Text: fmt.Sprintf("'v%d'", i)})
		}
		exec(t, conn, fmt.Sprintf("INSERT INTO %s (%s, %s, %s) SELECT 'p', 1, %s",
			dialect.RegisterTable("operation"), dialect.Quote("plan_id"), dialect.Quote("seq"), dialect.Quote("before"), dialect.Object(members)))
		last := len(names) - 1
		got := one(t, conn, fmt.Sprintf("SELECT u.b%d FROM (%s) u", last,
			dialect.Unpack(dialect.RegisterTable("operation"), []sqlgen.Doc{{Column: "before", Members: names}}, "o."+dialect.Quote("seq")+" = 1")))
		if want := fmt.Sprint("v", last); got != want {
			t.Errorf("the last member is %q, expected %q", got, want)
		}
	})
	t.Run("import_reg", h.exerciseImportView)
	t.Run("import_reg of other operations", h.exerciseImportOperations)
}

func (h *Harness) exerciseImportView(t *testing.T) {
	db := h.open(t)
	db.needSQL(t)
	d := db.destination(t)
	dialect := d.Dialect()
	conn := connect(t, d)
	createRegister(t, conn, dialect)
	q := dialect.Quote
	instant := sqlgen.Column{Type: value.Type{Kind: value.Instant, SQL: dialect.TypeName(value.Instant), Fraction: 6}}
	stamp := func(text string) string { return dialect.FromText("'"+text+"'", instant) }
	exec(t, conn, fmt.Sprintf("INSERT INTO %s (%s, %s) SELECT 'done', %s", dialect.RegisterTable("plan"), q("id"), q("created_on"), stamp("2026-09-04 14:17:41Z")))
	exec(t, conn, fmt.Sprintf("INSERT INTO %s (%s, %s) SELECT 'open', %s", dialect.RegisterTable("plan"), q("id"), q("created_on"), stamp("2026-09-05 08:00:00Z")))
	exec(t, conn, fmt.Sprintf("INSERT INTO %s (%s, %s) SELECT 'done', %s", dialect.RegisterTable("execution"), q("plan_id"), q("executed_on"), stamp("2026-09-04 14:20:00Z")))

	key := []member{{"code", "O'Hara"}}
	for i, o := range []operation{
		{plan: "done", table: "progfin", operation: "insert", key: key, after: []member{{"code", "O'Hara"}, {"label", nil}, {"made", now{}}}},
		{
			plan: "done", table: "progfin", operation: "update", key: key,
			before: []member{{"label", nil}, {"same", "x"}, {"flag", "old"}, {"gone", "v"}, {`a"b]c`, "1"}, {"changed", "2026-01-01"}},
			after:  []member{{"label", "new"}, {"same", "x"}, {"flag", "it's"}, {"gone", nil}, {`a"b]c`, "2"}, {"changed", now{}}},
		},
		{plan: "done", table: "progfin", operation: "archive", key: key, before: []member{{"deleted_on", nil}}, after: []member{{"deleted_on", now{}}}},
		{plan: "done", table: "progfin", operation: "undelete", key: key, before: []member{{"deleted_on", "2026-01-01"}}, after: []member{{"deleted_on", nil}}},
		{plan: "open", table: "progfin", operation: "archive", key: []member{{"code", "waits"}}, before: []member{{"deleted_on", nil}}, after: []member{{"deleted_on", now{}}}},
		{plan: "open", table: "link", operation: "delete", key: []member{{"a", "1"}, {"b", "2"}}, before: []member{{"a", "1"}, {"b", "2"}}},
	} {
		record(t, conn, dialect, i+1, o)
	}
	exec(t, conn, fmt.Sprintf("CREATE VIEW %s AS %s", dialect.RegisterTable("import_reg"), dialect.ImportView()))
	view := func(columns string) [][]string {
		return texts(t, conn, fmt.Sprintf("SELECT %s FROM %s ORDER BY 1, 2, 3", columns, dialect.RegisterTable("import_reg")))
	}

	got := view(strings.Join([]string{q("operation"), q("source_code"), q("field_name"), q("table_name"), q("from_value"), q("to_value"), q("import_hash")}, ", "))
	want := [][]string{
		{"delete", "1/2", null, "link", null, null, "open"},
		{"delete", "O'Hara", null, "progfin", null, null, "done"},
		{"delete", "waits", null, "progfin", null, null, "open"},
		{"insert", "O'Hara", null, "progfin", null, null, "done"},
		{"undelete", "O'Hara", null, "progfin", null, null, "done"},
		{"update", "O'Hara", `a"b]c`, "progfin", "1", "2", "done"},
		{"update", "O'Hara", "flag", "progfin", "old", "it's", "done"},
		{"update", "O'Hara", "gone", "progfin", "v", null, "done"},
		{"update", "O'Hara", "label", "progfin", null, "new", "done"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows, expected %d:\n%q", len(got), len(want), got)
	}
	// By content, not by place: how texts sort is the engine's own affair.
	for _, row := range want {
		found := 0
		for _, other := range got {
			if fmt.Sprintf("%q", other) == fmt.Sprintf("%q", row) {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%d times %q in\n%q", found, row, got)
		}
	}

	for _, row := range view(strings.Join([]string{q("operation"), q("table_name"), q("sql"), q("created_on"), q("executed_on"), q("source_code")}, ", ")) {
		waits := row[1] == "link" || row[5] == "waits"
		if row[3] == null || waits != (row[4] == null) {
			t.Errorf("created and executed: %q", row[3:])
		}
		var parts []string
		switch {
		case row[1] == "link":
			parts = []string{"DELETE FROM", "link", "'1'", " AND ", "'2'"}
		case row[5] == "waits":
			parts = []string{"UPDATE", "progfin", "deleted_on", "WHERE", "'waits'"}
			// Not executed yet, it would archive nothing with NULL.
			if strings.Contains(row[2], "NULL") {
				t.Errorf("the instant to come is shown as NULL: %s", row[2])
			}
		case row[0] == "delete":
			parts = []string{"UPDATE", "progfin", "deleted_on", "WHERE", "'O''Hara'"}
		case row[0] == "insert":
			parts = []string{"INSERT INTO", "progfin", "'O''Hara'", "NULL", "made"}
		case row[0] == "undelete":
			parts = []string{"UPDATE", "deleted_on", "NULL", "WHERE", "'O''Hara'"}
		case row[0] == "update":
			// A stamp is no change of its own; each statement writes it.
			parts = []string{"UPDATE", "progfin", "changed", "WHERE", "'O''Hara'"}
		}
		for _, part := range parts {
			if !strings.Contains(row[2], part) {
				t.Errorf("the statement of %s on %s lacks %s: %s", row[0], row[1], part, row[2])
			}
		}
		if strings.Contains(row[2], "now()") && strings.Contains(row[2], "$") {
			t.Errorf("a marker is shown as a value: %s", row[2])
		}
	}
}

package providertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/providers"
)

func (h *Harness) exerciseCatalogue(t *testing.T) {
	db := h.open(t)
	db.needSQL(t)
	d := db.destination(t)
	conn := connect(t, d)

	t.Run("columns", func(t *testing.T) {
		db.Exec(t, fmt.Sprintf("CREATE TABLE plain (z %[1]s NOT NULL, a %[2]s DEFAULT 7, m %[1]s NOT NULL DEFAULT 'x', n %[1]s)", h.SQL.Text, h.SQL.Int))
		table := describe(t, d, "plain")
		var got []string
		for _, c := range table.Columns {
			got = append(got, fmt.Sprintf("%s notnull=%v default=%v generated=%v", c.Name, c.NotNull, c.HasDefault, c.Generated))
		}
		want := []string{
			"z notnull=true default=false generated=false", "a notnull=false default=true generated=false",
			"m notnull=true default=true generated=false", "n notnull=false default=false generated=false",
		}
		if !slices.Equal(got, want) {
			t.Errorf("columns\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if len(table.Unique) != 0 || table.Triggers || table.RowSecurity {
			t.Errorf("table %+v", table)
		}
		if got := count(t, conn, table.Name); got != "0" {
			t.Errorf("the table's name does not serve in a statement: %s", got)
		}
	})
	t.Run("odd names", func(t *testing.T) {
		dialect := d.Dialect()
		var columns []string
		for _, name := range h.oddNames() {
			columns = append(columns, dialect.Quote(name)+" "+h.SQL.Text)
		}
		db.Exec(t, fmt.Sprintf("CREATE TABLE %s (%s)", dialect.Quote("odd"), strings.Join(columns, ", ")))
		table := describe(t, d, "odd")
		for i, c := range table.Columns {
			if c.Name != h.oddNames()[i] {
				t.Errorf("column %q, expected %q", c.Name, h.oddNames()[i])
			}
		}
		if len(table.Columns) != len(h.oddNames()) {
			t.Errorf("%d columns of %d", len(table.Columns), len(h.oddNames()))
		}
	})
	t.Run("unique", func(t *testing.T) {
		db.Exec(t, fmt.Sprintf("CREATE TABLE keyed (k1 %[1]s NOT NULL, k2 %[1]s NOT NULL, u %[1]s UNIQUE, x %[1]s, y %[1]s, z %[1]s, PRIMARY KEY (k2, k1))", h.SQL.Text))
		db.Exec(t, "CREATE UNIQUE INDEX keyed_xy ON keyed (x, y)")
		db.Exec(t, "CREATE INDEX keyed_z ON keyed (z)")
		expectUnique(t, d, "keyed", "k2,k1", "u", "x,y")
	})
	t.Run("numeric primary key", func(t *testing.T) {
		db.Exec(t, fmt.Sprintf("CREATE TABLE numbered (id %s PRIMARY KEY, a %s)", h.SQL.Int, h.SQL.Text))
		expectUnique(t, d, "numbered", "id")
	})
	t.Run("identity", func(t *testing.T) {
		if h.SQL.IdentityColumn == "" {
			t.Skip("not declared")
		}
		db.Exec(t, fmt.Sprintf("CREATE TABLE selfnumbered (id %s, a %s)", h.SQL.IdentityColumn, h.SQL.Text))
		if c, _ := describe(t, d, "selfnumbered").Column("id"); !c.HasDefault {
			t.Errorf("the identity may be left out: %+v", c)
		}
	})
	t.Run("indexes that are no key", func(t *testing.T) {
		if h.SQL.PartialIndex == "" && h.SQL.ExpressionIndex == "" {
			t.Skip("not declared")
		}
		db.Exec(t, fmt.Sprintf("CREATE TABLE indexed (a %s)", h.SQL.Text))
		for _, statement := range []string{h.SQL.PartialIndex, h.SQL.ExpressionIndex} {
			if statement != "" {
				db.Exec(t, statement)
			}
		}
		expectUnique(t, d, "indexed")
		if partial := describe(t, d, "indexed").Partial; (len(partial) > 0) != (h.SQL.PartialIndex != "") {
			t.Errorf("partial indexes %q", partial)
		}
	})
	t.Run("generated", func(t *testing.T) {
		if h.SQL.Generated == "" {
			t.Skip("not declared")
		}
		db.Exec(t, fmt.Sprintf("CREATE TABLE generated (a %[1]s, g %[1]s %[2]s)", h.SQL.Text, h.SQL.Generated))
		table := describe(t, d, "generated")
		a, _ := table.Column("a")
		g, ok := table.Column("g")
		if !ok || !g.Generated || a.Generated {
			t.Errorf("columns %+v", table.Columns)
		}
	})
	t.Run("triggers", func(t *testing.T) {
		if len(h.SQL.Trigger) == 0 {
			t.Skip("not declared")
		}
		db.Exec(t, fmt.Sprintf("CREATE TABLE watched (a %s)", h.SQL.Text))
		if describe(t, d, "watched").Triggers {
			t.Error("a table without triggers has some")
		}
		for _, statement := range h.SQL.Trigger {
			db.Exec(t, statement)
		}
		if !describe(t, d, "watched").Triggers {
			t.Error("the trigger is not seen")
		}
	})
	t.Run("cascades", func(t *testing.T) {
		db.Exec(t, fmt.Sprintf("CREATE TABLE referenced (code %[1]s NOT NULL PRIMARY KEY, up %[1]s, CONSTRAINT up_key FOREIGN KEY (up) REFERENCES referenced (code))", h.SQL.Text))
		refer := func(name, action string) {
			db.Exec(t, fmt.Sprintf("CREATE TABLE %s (code %s, FOREIGN KEY (code) REFERENCES referenced (code) %s)", name, h.SQL.Text, action))
		}
		refer("refusing", "")
		if got := describe(t, d, "referenced").Cascades; len(got) != 0 {
			t.Errorf("foreign keys that only refuse: %q", got)
		}
		refer("removed", "ON DELETE CASCADE")
		refer("emptied", "ON DELETE SET NULL")
		got := slices.Sorted(slices.Values(describe(t, d, "referenced").Cascades))
		if want := []string{"emptied", "removed"}; !slices.Equal(got, want) {
			t.Errorf("cascades %q, expected %q", got, want)
		}
		if got := describe(t, d, "removed").Cascades; len(got) != 0 {
			t.Errorf("of the table that refers: %q", got)
		}
		db.Exec(t, fmt.Sprintf("CREATE TABLE tree (code %[1]s NOT NULL PRIMARY KEY, up %[1]s, FOREIGN KEY (up) REFERENCES tree (code) ON DELETE CASCADE)", h.SQL.Text))
		if got := describe(t, d, "tree").Cascades; !slices.Equal(got, []string{"tree"}) {
			t.Errorf("of a table that refers to itself: %q", got)
		}
	})
	t.Run("view", func(t *testing.T) {
		db.Exec(t, "CREATE VIEW seen AS SELECT z FROM plain")
		if table, err := d.Table(newContext(t), conn, "seen"); err == nil {
			t.Errorf("a view is taken for a table: %+v", table)
		}
	})
	t.Run("names", func(t *testing.T) {
		names, err := d.TableNames(newContext(t), conn)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"plain", "keyed"} {
			if !slices.Contains(names, name) {
				t.Errorf("%q is missing from %q", name, names)
			}
		}
		for _, name := range names {
			if _, err := d.Table(newContext(t), conn, name); err != nil {
				t.Errorf("a listed table cannot be described: %v", err)
			}
		}
	})
	t.Run("no such table", func(t *testing.T) {
		for _, name := range []string{"nothing", "nothing.plain", "", `"`, "plain; DROP TABLE plain"} {
			if _, err := d.Table(newContext(t), conn, name); !errors.Is(err, providers.ErrNoTable) {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
}

func expectUnique(t *testing.T, d providers.Destination, table string, want ...string) {
	t.Helper()
	var got []string
	for _, columns := range describe(t, d, table).Unique {
		got = append(got, strings.Join(columns, ","))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("unique %q, expected %q", got, want)
	}
}

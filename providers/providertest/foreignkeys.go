package providertest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// exerciseForeignKeys: what a table refers to, and what refers to it.
func (h *Harness) exerciseForeignKeys(t *testing.T) {
	db := h.open(t)
	db.needSQL(t)
	d := db.destination(t)
	create := func(name, columns string, keys ...string) {
		t.Helper()
		clauses := slices.Clone(keys)
		for column := range strings.SplitSeq(columns, " ") {
			clauses = append(clauses, column+" "+h.SQL.Text)
			if i := slices.IndexFunc(keys, func(key string) bool { return strings.HasPrefix(key, "PRIMARY KEY") }); i >= 0 && strings.Contains(keys[i], column) {
				clauses[len(clauses)-1] += " NOT NULL"
			}
		}
		// Columns come first.
		slices.SortStableFunc(clauses, func(a, b string) int {
			return strings.Compare(fmt.Sprint(strings.Contains(a, "KEY (")), fmt.Sprint(strings.Contains(b, "KEY (")))
		})
		db.Exec(t, fmt.Sprintf("CREATE TABLE %s (%s)", name, strings.Join(clauses, ", ")))
	}
	create("department", "code site", "PRIMARY KEY (code)")
	create("course", "code year up department", "PRIMARY KEY (code, year)",
		"FOREIGN KEY (department) REFERENCES department (code)", "FOREIGN KEY (up, year) REFERENCES course (code, year)")
	linkKey, linkCourse := "FOREIGN KEY (b, a) REFERENCES course (year, code) ON DELETE CASCADE", "link(b,a) to course(year,code) acts"
	if h.Capabilities.KeyOrder {
		linkKey, linkCourse = "FOREIGN KEY (b, a) REFERENCES course (code, year) ON DELETE CASCADE", "link(b,a) to course(code,year) acts"
	}
	create("link", "a b c", linkKey, "FOREIGN KEY (c) REFERENCES department (code) ON DELETE SET NULL ON UPDATE CASCADE")
	create("twice", "a b", "FOREIGN KEY (a) REFERENCES department (code)", "FOREIGN KEY (b) REFERENCES department (code) ON DELETE CASCADE")
	create("alone", "a", "PRIMARY KEY (a)")

	names := make(map[string]string)
	for _, name := range []string{"department", "course", "link", "twice", "alone"} {
		names[describe(t, d, name).Name] = name
	}
	show := func(keys []sqlgen.ForeignKey) []string {
		var list []string
		for _, key := range keys {
			if key.Shown != names[key.Table] {
				t.Errorf("%s is shown as %q", key.Table, key.Shown)
			}
			text := fmt.Sprintf("%s(%s) to %s(%s)", names[key.Table], strings.Join(key.Columns, ","), names[key.Parent], strings.Join(key.ParentColumns, ","))
			if key.Acts {
				text += " acts"
			}
			if key.ActsOnUpdate {
				text += " acts on update"
			}
			if key.Deferred {
				text += " deferred"
			}
			list = append(list, text)
		}
		slices.Sort(list)
		return list
	}
	const (
		courseUp         = "course(up,year) to course(code,year)"
		courseDepartment = "course(department) to department(code)"
		linkDepartment   = "link(c) to department(code) acts acts on update"
		twiceA, twiceB   = "twice(a) to department(code)", "twice(b) to department(code) acts"
	)
	for name, want := range map[string]struct{ keys, references []string }{
		"department": {nil, []string{courseDepartment, linkDepartment, twiceA, twiceB}},
		"course":     {[]string{courseDepartment, courseUp}, []string{courseUp, linkCourse}},
		"link":       {[]string{linkCourse, linkDepartment}, nil},
		"twice":      {[]string{twiceA, twiceB}, nil},
		"alone":      {nil, nil},
	} {
		table := describe(t, d, name)
		if diff := cmp.Diff(want.keys, show(table.ForeignKeys)); diff != "" {
			t.Errorf("keys of %s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(want.references, show(table.References)); diff != "" {
			t.Errorf("references to %s (-want +got):\n%s", name, diff)
		}
	}

	t.Run("enforced", func(t *testing.T) {
		// Whatever others make of the constraint, connections to a destination obey it.
		conn := connect(t, d)
		exec(t, conn, "INSERT INTO department (code) VALUES ('a')")
		exec(t, conn, "INSERT INTO twice (a) VALUES ('a')")
		if _, err := conn.ExecContext(newContext(t), "DELETE FROM department"); err == nil {
			t.Error("a row that others refer to was deleted")
		}
		exec(t, conn, "UPDATE twice SET a = NULL, b = 'a'")
		exec(t, conn, "DELETE FROM department")
		if got := count(t, conn, "twice"); got != "0" {
			t.Errorf("%s rows, expected the cascade to remove the one", got)
		}
	})
}

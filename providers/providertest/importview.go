package providertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// exerciseImportOperations: the view knows four operations; renames, adoptions and
// purges read as those that they come to. Business keys are shown, and are no columns.
func (h *Harness) exerciseImportOperations(t *testing.T) {
	db := h.open(t)
	db.needSQL(t)
	d := db.destination(t)
	dialect := d.Dialect()
	conn := connect(t, d)
	createRegister(t, conn, dialect)
	q := dialect.Quote
	instant := sqlgen.Column{Type: value.Type{Kind: value.Instant, SQL: dialect.TypeName(value.Instant), Fraction: 6}}
	exec(t, conn, fmt.Sprintf("INSERT INTO %s (%s, %s) SELECT 'done', %s", dialect.RegisterTable("execution"), q("plan_id"), q("executed_on"),
		dialect.FromText("'2026-09-04 14:20:00Z'", instant)))
	exec(t, conn, fmt.Sprintf("CREATE VIEW %s AS %s", dialect.RegisterTable("import_reg"), dialect.ImportView()))

	const comment = "NULL /* known after apply */"
	room := []member{{"code", "R1"}}
	for i, test := range []struct {
		name string
		operation
		rows          []string // operation, source_code, field_name, from_value, to_value
		sql, notInSQL []string // of every row
	}{
		{
			"rename",
			operation{
				operation: "rename", key: []member{{"code", "AN-10A"}},
				before: []member{{"code", "AN-10A"}, {"label", "Old"}, {"seats", "1"}, {"changed", "x"}},
				after:  []member{{"code", "AN-10B"}, {"label", "New"}, {"seats", "1"}, {"changed", now{}}},
			},
			[]string{"update AN-10A code AN-10A AN-10B", "update AN-10A label Old New"},
			[]string{"UPDATE", " SET ", "changed", " WHERE ", "= 'AN-10A'"},
			[]string{"seats"},
		},
		{
			"rename by a key that is not among what was",
			operation{
				operation: "rename", key: []member{{"code", "a"}, {"site", "N"}}, before: []member{}, after: []member{{"code", "b"}, {"site", "N"}},
			},
			[]string{"update a/N code a b"},
			[]string{"= 'b'", "= 'a' AND", "= 'N'"},
			nil,
		},
		{
			"adopt",
			operation{
				operation: "adopt", key: []member{{"code", "M"}},
				before: []member{{"label", "x"}, {"origin", "MANUAL"}}, after: []member{{"label", "x"}, {"origin", "OURS"}, {"changed", now{}}},
			},
			[]string{"update M origin MANUAL OURS"},
			[]string{"UPDATE", "origin", "'OURS'", "changed"},
			[]string{"label"},
		},
		{
			"purge",
			operation{operation: "purge", key: []member{{"code", "gone"}}, before: []member{{"code", "gone"}, {"label", "x"}}},
			[]string{"delete gone <null> <null> <null>"},
			[]string{"DELETE FROM", "= 'gone'"},
			[]string{"label"},
		},
		{
			"insert a link",
			operation{
				operation: "insert", key: []member{{"course_id", "5"}, {"course_id.code", "AN"}, {"student", "s1"}},
				after: []member{{"course_id", "5"}, {"course_id.code", "AN"}, {"student", "s1"}, {"note", nil}},
			},
			[]string{"insert AN/s1 <null> <null> <null>"},
			[]string{"INSERT INTO", "course_id", "'5'", "'s1', NULL)"},
			[]string{"course_id.code", "AN", "/*"},
		},
		{
			"insert a link to what is inserted",
			operation{
				operation: "insert", key: []member{{"course_id", nil}, {"course_id.code", "AN"}, {"course_id.site", "N"}},
				after: []member{{"course_id", nil}, {"course_id.code", "AN"}, {"course_id.site", "N"}, {"made", now{}}},
			},
			[]string{"insert AN/N <null> <null> <null>"},
			[]string{"INSERT INTO", "course_id", comment},
			[]string{"course_id.code", "'N'"},
		},
		{
			"insert a link to what was inserted",
			operation{
				plan: "done", operation: "insert", key: []member{{"course_id", nil}, {"course_id.code", "AN"}},
				after: []member{{"course_id", nil}, {"course_id.code", "AN"}, {"note", nil}}, result: []member{{"course_id", "9"}, {"note", "a trigger's"}},
			},
			[]string{"insert AN <null> <null> <null>"},
			[]string{"'9', NULL)"},
			[]string{"/*", "trigger"},
		},
		{
			"delete a link",
			operation{operation: "delete", key: []member{{"course_id", "5"}, {"course_id.code", "AN"}}, before: []member{{"course_id", "5"}}},
			[]string{"delete AN <null> <null> <null>"},
			[]string{"DELETE FROM", "course_id", "= '5'"},
			[]string{"AN"},
		},
		{
			"refer to another",
			operation{
				operation: "update", key: room,
				before: []member{{"department_id", "3"}, {"department_id.code", "HSS"}}, after: []member{{"department_id", "4"}, {"department_id.code", "LAW"}, {"changed", now{}}},
			},
			[]string{"update R1 department_id 3 4", "update R1 department_id.code HSS LAW"},
			[]string{"SET", "department_id", "= '4', ", "changed", "WHERE"},
			[]string{"department_id.code", "LAW"},
		},
		{
			"refer to what is inserted",
			operation{
				operation: "update", key: room,
				before: []member{{"department_id", "3"}, {"department_id.code", "HSS"}}, after: []member{{"department_id", nil}, {"department_id.code", "NEW"}},
			},
			[]string{"update R1 department_id.code HSS NEW"},
			[]string{"department_id", comment},
			[]string{"department_id.code", "NEW"},
		},
		{
			"refer to what was inserted",
			operation{
				plan: "done", operation: "update", key: room, result: []member{{"department_id", "8"}},
				before: []member{{"department_id", "3"}, {"department_id.code", "HSS"}}, after: []member{{"department_id", nil}, {"department_id.code", "NEW"}},
			},
			[]string{"update R1 department_id 3 8", "update R1 department_id.code HSS NEW"},
			[]string{"= '8'"},
			[]string{"department_id.code", "/*"},
		},
		{
			"refer to nothing",
			operation{
				operation: "update", key: room,
				before: []member{{"department_id", "3"}, {"department_id.code", "HSS"}}, after: []member{{"department_id", nil}, {"department_id.code", nil}},
			},
			[]string{"update R1 department_id 3 <null>", "update R1 department_id.code HSS <null>"},
			[]string{"= NULL WHERE"},
			[]string{"/*", "department_id.code"},
		},
	} {
		test.table = fmt.Sprint("table", i)
		if test.plan == "" {
			test.plan = "open"
		}
		record(t, conn, dialect, i+1, test.operation)
		columns := strings.Join([]string{q("operation"), q("source_code"), q("field_name"), q("from_value"), q("to_value"), q("sql")}, ", ")
		var got []string
		for _, row := range texts(t, conn, fmt.Sprintf("SELECT %s FROM %s WHERE %s = '%s'", columns, dialect.RegisterTable("import_reg"), q("table_name"), test.table)) {
			got = append(got, strings.Join(row[:5], " "))
			for _, part := range test.sql {
				if !strings.Contains(row[5], part) {
					t.Errorf("%s: the statement lacks %q: %s", test.name, part, row[5])
				}
			}
			for _, part := range test.notInSQL {
				if strings.Contains(row[5], part) {
					t.Errorf("%s: the statement has %q: %s", test.name, part, row[5])
				}
			}
		}
		if diff := cmp.Diff(test.rows, got, cmpopts.SortSlices(strings.Compare)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

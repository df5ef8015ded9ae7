package providertest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// exerciseTypes sends every value of every fixture the way of a row: fitted,
// loaded, canonical, back from the text into the table, and read as a source.
func (h *Harness) exerciseTypes(t *testing.T) {
	for i, fixture := range h.Types {
		t.Run(strings.ReplaceAll(fixture.DDL, "/", "_"), func(t *testing.T) { h.exerciseType(t, i, fixture) })
	}
}

func (h *Harness) exerciseType(t *testing.T, i int, fixture TypeFixture) {
	db := h.open(t)
	db.needSQL(t)
	d := db.destination(t)
	dialect := d.Dialect()
	name := fmt.Sprintf("typed_%d", i)
	db.Exec(t, fmt.Sprintf("CREATE TABLE %s (id %s NOT NULL, v %s)", name, h.SQL.Int, fixture.DDL))
	table := describe(t, d, name)
	id, _ := table.Column("id")
	column, ok := table.Column("v")
	if !ok || id.Type.Kind != value.Int {
		t.Fatalf("columns %+v", table.Columns)
	}
	if column.Type.Kind != fixture.Kind {
		t.Fatalf("kind %s, expected %s", column.Type.Kind, fixture.Kind)
	}
	for _, v := range fixture.Misfits {
		var misfit *value.FitError
		if got, err := column.Type.Fit(v, time.UTC); !errors.As(err, &misfit) {
			t.Errorf("%q fits as %q, %v", v.Text(), got.Text(), err)
		}
	}

	columns := []sqlgen.Column{id, column}
	rows := make([][]value.Value, 0, len(fixture.Values)+1)
	var want []string
	for n, v := range fixture.Values {
		fitted, err := column.Type.Fit(v, time.UTC)
		if err != nil {
			t.Fatalf("%q does not fit: %v", v.Text(), err)
		}
		text := fitted.Text()
		if stored, ok := fixture.Stored[text]; ok {
			text = stored
		}
		want = append(want, text)
		rows = append(rows, []value.Value{value.OfInt(int64(n)), fitted})
	}
	want = append(want, null)
	rows = append(rows, []value.Value{value.OfInt(int64(len(want) - 1)), {}})

	conn := connect(t, d)
	staged := stage(t, d, conn, "typed", columns, rows)
	v := func(alias string) string { return alias + "." + dialect.Quote("v") }
	expect := func(step, query string, args ...any) {
		t.Helper()
		got := texts(t, conn, query, args...)
		if len(got) != len(want) {
			t.Fatalf("%s: %d rows, expected %d", step, len(got), len(want))
		}
		for n := range want {
			if got[n][0] != want[n] {
				t.Errorf("%s: %q became %q", step, want[n], got[n][0])
			}
		}
	}
	expect("staged", fmt.Sprintf("SELECT %s FROM %s s ORDER BY s.id", dialect.Canonical(v("s"), column), staged))

	// As an apply writes: from the canonical text of the register.
	exec(t, conn, fmt.Sprintf("INSERT INTO %s (id, v) SELECT x.id, %s FROM (SELECT s.id AS id, %s AS c FROM %s s) x",
		table.Name, dialect.FromText("x.c", column), dialect.Canonical(v("s"), column), staged))
	expect("from text", fmt.Sprintf("SELECT %s FROM %s t ORDER BY t.id", dialect.Canonical(v("t"), column), table.Name))

	h.exerciseEquality(t, conn, dialect, column, staged, table.Name, want)
	if _, ok := h.Provider.(providers.SourceProvider); ok {
		readTyped(t, db, name, fixture, want)
	}
}

// exerciseEquality compares every pair: equal by Comparable exactly where the
// canonical texts are, whichever way a side came about.
func (h *Harness) exerciseEquality(t *testing.T, q providers.Querier, dialect sqlgen.Dialect, column sqlgen.Column, staged, table string, want []string) {
	t.Helper()
	s, d := "s."+dialect.Quote("v"), "t."+dialect.Quote("v")
	check := func(step, left string) {
		t.Helper()
		pairs := texts(t, q, fmt.Sprintf(
			"SELECT s.id, t.id FROM %s s CROSS JOIN %s t WHERE %s ORDER BY s.id, t.id",
			staged, table, dialect.Same(dialect.Comparable(left, column), dialect.Comparable(d, column))))
		var expected [][]string
		for i := range want {
			for j := range want {
				if want[i] == want[j] {
					expected = append(expected, []string{fmt.Sprint(i), fmt.Sprint(j)})
				}
			}
		}
		if fmt.Sprint(pairs) != fmt.Sprint(expected) {
			t.Errorf("%s: equal pairs %v, expected %v of %q", step, pairs, expected, want)
		}
	}
	check("staged and stored", s)
	check("from text and stored", dialect.FromText(dialect.Canonical(s, column), column))
	for n, text := range want {
		if text == null {
			continue
		}
		got := one(t, q, fmt.Sprintf("SELECT count(*) FROM %s t WHERE t.id = %d AND %s",
			table, n, dialect.Same(dialect.Comparable(d, column), dialect.Comparable(dialect.FromText(dialect.Placeholder(1), column), column))), text)
		if got != "1" {
			t.Errorf("bound %q is not equal to itself", text)
		}
	}
}

// readTyped reads the table as a source: values of the column's kind, or text
// where the type has no kind of its own.
func readTyped(t *testing.T, db *database, table string, fixture TypeFixture, want []string) {
	t.Helper()
	rows, err := db.snapshot(t).Read(newContext(t), providers.Query{Table: table})
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	defer rows.Close()
	columns := rows.Columns()
	if len(columns) != 2 || columns[1].Name != "v" || columns[1].Type.Kind != fixture.Kind {
		t.Fatalf("columns %+v", columns)
	}
	got := make(map[int64]value.Value)
	for row := make([]value.Value, 2); ; {
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("next: %v", err)
		}
		got[row[0].Int()] = row[1]
	}
	if len(got) != len(want) {
		t.Fatalf("read %d rows, expected %d", len(got), len(want))
	}
	for n, text := range want {
		v := got[int64(n)]
		if text == null {
			if !v.IsNull() {
				t.Errorf("read: NULL became a %s", v.Kind())
			}
			continue
		}
		switch kind := fixture.Kind; kind {
		case value.Other:
			// Its values may be of any kind.
		case value.JSON, value.UUID:
			kind = value.Text
			fallthrough
		default:
			if v.Kind() != kind {
				t.Errorf("read: %q became a %s", text, v.Kind())
			}
		}
		if v.Text() != text {
			t.Errorf("read: %q became %q", text, v.Text())
		}
	}
}

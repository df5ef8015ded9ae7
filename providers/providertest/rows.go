package providertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// seed makes a table of text columns with rows, by SQL or by Write.
func (db *database) seed(t *testing.T, table string, columns []string, rows [][]value.Value) {
	t.Helper()
	if db.Exec == nil {
		db.Write(t, table, columns, rows)
		return
	}
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = db.quote(t, c) + " " + db.h.SQL.Text
	}
	db.Exec(t, fmt.Sprintf("CREATE TABLE %s (%s)", db.quote(t, table), strings.Join(quoted, ", ")))
	const batch = 500
	for len(rows) > 0 {
		n := min(batch, len(rows))
		tuples := make([]string, n)
		for i, row := range rows[:n] {
			cells := make([]string, len(row))
			for j, v := range row {
				cells[j] = "NULL"
				if !v.IsNull() {
					cells[j] = "'" + strings.ReplaceAll(v.Text(), "'", "''") + "'"
				}
			}
			tuples[i] = "(" + strings.Join(cells, ", ") + ")"
		}
		db.Exec(t, fmt.Sprintf("INSERT INTO %s VALUES %s", db.quote(t, table), strings.Join(tuples, ", ")))
		rows = rows[n:]
	}
}

// read returns all the rows of a query.
func read(t *testing.T, snapshot providers.Snapshot, query providers.Query) ([]providers.Column, [][]value.Value) {
	t.Helper()
	rows, err := snapshot.Read(newContext(t), query)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Errorf("close rows: %v", err)
		}
	}()
	var all [][]value.Value
	for {
		row := make([]value.Value, len(rows.Columns()))
		err := rows.Next(row)
		if errors.Is(err, io.EOF) {
			// The end stays the end.
			if again := rows.Next(row); !errors.Is(again, io.EOF) {
				t.Errorf("after the end: %v", again)
			}
			return rows.Columns(), all
		}
		if err != nil {
			t.Fatalf("next: %v", err)
		}
		all = append(all, row)
	}
}

// spell writes rows as text, sorted: without ORDER BY no engine promises an order.
func spell(rows [][]value.Value) string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		cells := make([]string, len(row))
		for j, v := range row {
			cells[j] = "NULL"
			if !v.IsNull() {
				cells[j] = fmt.Sprintf("%q", v.Text())
			}
		}
		lines[i] = strings.Join(cells, " ")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// numbered returns n rows of two texts.
func numbered(n int) [][]value.Value {
	rows := make([][]value.Value, n)
	for i := range rows {
		rows[i] = []value.Value{value.OfText(fmt.Sprintf("k%06d", i)), value.OfText(strings.Repeat("x", i%50+1))}
	}
	return rows
}

func (h *Harness) exerciseRows(t *testing.T) {
	t.Run("table", func(t *testing.T) {
		db := h.open(t)
		columns := []string{"code", "label"}
		rows := [][]value.Value{}
		for i, text := range oddTexts {
			if text == "" && !h.Capabilities.EmptyText {
				continue
			}
			rows = append(rows, []value.Value{value.OfText(fmt.Sprintf("k%02d", i)), value.OfText(text)})
		}
		rows = append(rows, []value.Value{value.OfText("null"), {}})
		db.seed(t, "room", columns, rows)
		got, all := read(t, db.snapshot(t), providers.Query{Table: "room"})
		if len(got) != 2 || got[0].Name != "code" || got[1].Name != "label" {
			t.Fatalf("columns %+v", got)
		}
		if spell(all) != spell(rows) {
			t.Errorf("read\n%s\nexpected\n%s", spell(all), spell(rows))
		}
	})
	t.Run("odd names", func(t *testing.T) {
		db := h.open(t)
		row := make([]value.Value, len(h.oddNames()))
		for i := range row {
			row[i] = value.OfText(fmt.Sprint("v", i))
		}
		db.seed(t, "odd", h.oddNames(), [][]value.Value{row})
		columns, all := read(t, db.snapshot(t), providers.Query{Table: "odd"})
		if len(columns) != len(h.oddNames()) {
			t.Fatalf("columns %+v", columns)
		}
		for i, c := range columns {
			if c.Name != h.oddNames()[i] {
				t.Errorf("column %q, expected %q", c.Name, h.oddNames()[i])
			}
		}
		if spell(all) != spell([][]value.Value{row}) {
			t.Errorf("read %s", spell(all))
		}
	})
	t.Run("empty table", func(t *testing.T) {
		db := h.open(t)
		db.seed(t, "room", []string{"code"}, nil)
		columns, all := read(t, db.snapshot(t), providers.Query{Table: "room"})
		if len(columns) != 1 || len(all) != 0 {
			t.Errorf("columns %v, rows %v", columns, all)
		}
	})
	t.Run("many rows twice", func(t *testing.T) {
		db := h.open(t)
		rows := numbered(5000)
		db.seed(t, "room", []string{"code", "label"}, rows)
		snapshot := db.snapshot(t)
		for range 2 {
			if _, all := read(t, snapshot, providers.Query{Table: "room"}); spell(all) != spell(rows) {
				t.Errorf("%d rows, or others than written", len(all))
			}
		}
	})
	t.Run("unknown table", func(t *testing.T) {
		db := h.open(t)
		db.seed(t, "classroom", []string{"code"}, nil)
		rows, err := db.snapshot(t).Read(newContext(t), providers.Query{Table: "clasroom"})
		if err == nil {
			rows.Close()
			t.Fatal("no error")
		}
		if !strings.Contains(err.Error(), "clasroom") || !strings.Contains(err.Error(), "classroom") {
			t.Errorf("the error names neither what is missing nor what there is: %v", err)
		}
	})
	t.Run("query", func(t *testing.T) { h.exerciseQuery(t) })
}

func (h *Harness) exerciseQuery(t *testing.T) {
	if !h.Capabilities.Queries {
		db := h.open(t)
		db.seed(t, "room", []string{"code"}, nil)
		if rows, err := db.snapshot(t).Read(newContext(t), providers.Query{SQL: "SELECT 1"}); err == nil {
			rows.Close()
			t.Error("a query is neither refused nor declared as a capability")
		}
		return
	}
	db := h.open(t)
	db.seed(t, "room", []string{"code", "label"}, numbered(10))
	snapshot := db.snapshot(t)
	table := db.quote(t, "room")

	// A parameter used twice, a cast-like colon in a string and in a comment, and
	// a comment that ends the text.
	columns, all := read(t, snapshot, providers.Query{
		SQL:    "SELECT code AS c, ':skip' AS s, " + h.castText(":who") + " AS w FROM " + table + " /* :no */ WHERE code IN (:code, :other) OR code = :code ORDER BY code; -- :end",
		Params: []providers.Param{{Name: "code", Value: value.OfText("k000003")}, {Name: "other", Value: value.OfText("k000005")}, {Name: "who", Value: value.OfText("it's")}},
	})
	if len(columns) != 3 || columns[0].Name != "c" || columns[2].Name != "w" {
		t.Fatalf("columns %+v", columns)
	}
	if got, want := spell(all), "\"k000003\" \":skip\" \"it's\"\n\"k000005\" \":skip\" \"it's\""; got != want {
		t.Errorf("read\n%s\nexpected\n%s", got, want)
	}

	for name, query := range map[string]providers.Query{
		"missing parameter": {SQL: "SELECT code FROM " + table + " WHERE code = :code"},
		"unknown column":    {SQL: "SELECT nothing_of_the_kind FROM " + table},
		"syntax":            {SQL: "SELECT FROM WHERE"},
		"two statements":    {SQL: "SELECT 1; SELECT 2"},
		"delete":            {SQL: "DELETE FROM " + table},
		"insert":            {SQL: "INSERT INTO " + table + " (code) VALUES ('x')"},
		"create":            {SQL: "CREATE TABLE another (a " + h.SQL.Text + ")"},
	} {
		t.Run(name, func(t *testing.T) {
			// A snapshot of its own: some engines give one up after an error.
			rows, err := db.snapshot(t).Read(newContext(t), query)
			if err == nil {
				err = rows.Next(make([]value.Value, len(rows.Columns())))
				rows.Close()
			}
			if err == nil || errors.Is(err, io.EOF) {
				t.Fatalf("accepted: %v", err)
			}
			if name == "unknown column" && !strings.Contains(err.Error(), "nothing_of_the_kind") {
				t.Errorf("the error does not name the column: %v", err)
			}
			if name == "missing parameter" && !strings.Contains(err.Error(), "code") {
				t.Errorf("the error does not name the parameter: %v", err)
			}
		})
	}
	if _, all := read(t, db.snapshot(t), providers.Query{Table: "room"}); len(all) != 10 {
		t.Errorf("%d rows are left of 10: a source query wrote", len(all))
	}
}

func (h *Harness) castText(expr string) string {
	return "CAST(" + expr + " AS " + cmp.Or(h.SQL.CastText, h.SQL.Text) + ")"
}

// exerciseReadInterrupted: a read that does not reach the end is never taken for
// a short table.
func (h *Harness) exerciseReadInterrupted(t *testing.T) {
	db := h.open(t)
	db.seed(t, "room", []string{"code", "label"}, numbered(20000))
	// A snapshot for each: some engines give one up after an error.
	// With a pause the source has noticed by the next row; without, it may not have.
	for _, pause := range []time.Duration{0, 50 * time.Millisecond} {
		t.Run(fmt.Sprint("cancelled ", pause), func(t *testing.T) { cancelRead(t, db.snapshot(t), pause) })
	}
	t.Run("cancelled before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		rows, err := db.snapshot(t).Read(ctx, providers.Query{Table: "room"})
		if err != nil {
			return
		}
		defer rows.Close()
		if err := rows.Next(make([]value.Value, len(rows.Columns()))); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("a row, or the end: %v", err)
		}
	})
	t.Run("fails", func(t *testing.T) {
		if h.SQL.FailsMidway == "" {
			t.Skip("not declared")
		}
		rows, err := db.snapshot(t).Read(newContext(t), providers.Query{SQL: h.SQL.FailsMidway})
		if err != nil {
			// It may look ahead.
			return
		}
		defer rows.Close()
		row := make([]value.Value, len(rows.Columns()))
		for n := 0; ; n++ {
			if err := rows.Next(row); errors.Is(err, io.EOF) {
				t.Fatalf("row %d is said to be the end", n)
			} else if err != nil {
				break
			}
		}
		if err := rows.Next(row); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("after an error: %v", err)
		}
	})
}

func cancelRead(t *testing.T, snapshot providers.Snapshot, pause time.Duration) {
	ctx, cancel := context.WithCancel(newContext(t))
	defer cancel()
	rows, err := snapshot.Read(ctx, providers.Query{Table: "room"})
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	defer rows.Close()
	row := make([]value.Value, len(rows.Columns()))
	for range 10 {
		if err := rows.Next(row); err != nil {
			t.Fatalf("next: %v", err)
		}
	}
	cancel()
	time.Sleep(pause)
	// Rows that were fetched before may still come, but never the end.
	deadline := time.Now().Add(timeout)
	for n := 10; ; n++ {
		err := rows.Next(row)
		if errors.Is(err, io.EOF) {
			t.Fatalf("cancelled after 10 rows, and row %d is said to be the end", n)
		}
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the error is not the context's: %v", err)
			}
			break
		}
		if n > 20000 || time.Now().After(deadline) {
			t.Fatal("a cancelled read goes on")
		}
	}
	if err := rows.Next(row); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("after an error: %v", err)
	}
}

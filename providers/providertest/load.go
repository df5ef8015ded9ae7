package providertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

func (h *Harness) exerciseLoad(t *testing.T) {
	// Around the sizes of batches, and none at all.
	for _, n := range []int{0, 1, 63, 64, 65, 1000} {
		t.Run(fmt.Sprintf("%d rows", n), func(t *testing.T) {
			db := h.open(t)
			db.needSQL(t)
			d := db.destination(t)
			conn := connect(t, d)
			columns := []sqlgen.Column{h.textColumn("code"), h.textColumn("label")}
			rows := numbered(n)
			staged := stage(t, d, conn, "load", columns, rows)
			got := texts(t, conn, fmt.Sprintf("SELECT code, label FROM %s ORDER BY code", staged))
			if len(got) != n {
				t.Fatalf("%d rows, expected %d", len(got), n)
			}
			for i, row := range got {
				if row[0] != rows[i][0].Text() || row[1] != rows[i][1].Text() {
					t.Fatalf("row %d is %q", i, row)
				}
			}
		})
	}
	t.Run("texts", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		d := db.destination(t)
		conn := connect(t, d)
		rows := [][]value.Value{}
		for i, text := range oddTexts {
			rows = append(rows, []value.Value{value.OfText(fmt.Sprintf("k%02d", i)), value.OfText(text)})
		}
		rows = append(rows, []value.Value{value.OfText("null"), {}})
		staged := stage(t, d, conn, "load", []sqlgen.Column{h.textColumn("code"), h.textColumn("label")}, rows)
		got := texts(t, conn, fmt.Sprintf("SELECT code, label FROM %s ORDER BY code", staged))
		for i, row := range got {
			want := null
			if i < len(oddTexts) {
				want = oddTexts[i]
			}
			if want == "" && !h.Capabilities.EmptyText {
				want = null
			}
			if row[1] != want {
				t.Errorf("%q became %q", want, row[1])
			}
		}
		if len(got) != len(rows) {
			t.Errorf("%d rows of %d", len(got), len(rows))
		}
	})
	t.Run("wide and oddly named", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		d := db.destination(t)
		conn := connect(t, d)
		var columns []sqlgen.Column
		for _, name := range h.oddNames() {
			columns = append(columns, h.textColumn(name))
		}
		for i := len(columns); i < 300; i++ {
			columns = append(columns, h.textColumn(fmt.Sprintf("c%d", i)))
		}
		rows := make([][]value.Value, 130)
		for i := range rows {
			rows[i] = make([]value.Value, len(columns))
			for j := range rows[i] {
				rows[i][j] = value.OfText(fmt.Sprintf("%d/%d", i, j))
			}
		}
		staged := stage(t, d, conn, h.basic(`a"b]c é🙂`), columns, rows)
		dialect := d.Dialect()
		for _, j := range []int{0, 1, 3, 299} {
			if got := one(t, conn, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s = '129/%d'", staged, dialect.Quote(columns[j].Name), j)); got != "1" {
				t.Errorf("column %q of the last row is not what was loaded", columns[j].Name)
			}
		}
	})
	t.Run("beside a writer", func(t *testing.T) {
		if !h.Capabilities.StagingWithoutLock {
			t.Skip("staging takes a lock")
		}
		db := h.open(t)
		db.needSQL(t)
		db.seed(t, "room", []string{"code"}, nil)
		d := db.destination(t)
		conn := connect(t, d)
		columns := []sqlgen.Column{h.textColumn("code"), h.textColumn("label")}
		staged := d.Dialect().StageTable("load")
		exec(t, conn, d.Dialect().CreateStage(staged, columns))
		rows := feed(numbered(500))
		n := 0
		if _, err := d.Load(newContext(t), conn, staged, columns, func(row []value.Value) error {
			// Early, so that the first rows are on their way, and late.
			if n++; n == 200 || n == 499 {
				db.Exec(t, fmt.Sprintf("INSERT INTO %s VALUES ('written meanwhile')", db.quote(t, "room")))
			}
			return rows(row)
		}); err != nil {
			t.Fatalf("load: %v", err)
		}
	})
	t.Run("two at once", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		d := db.destination(t)
		a, b := connect(t, d), connect(t, d)
		columns := []sqlgen.Column{h.textColumn("code"), h.textColumn("label")}
		first := stage(t, d, a, "one", columns, numbered(100))
		second := stage(t, d, b, "two", columns, numbered(200))
		if x, y := count(t, a, first), count(t, b, second); x != "100" || y != "200" {
			t.Errorf("%s and %s rows", x, y)
		}
	})
	t.Run("gone with its connection", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		d := db.destination(t)
		if _, shared := d.(providers.SharedStaging); shared {
			t.Skip("staging tables outlive their connection")
		}
		columns := []sqlgen.Column{h.textColumn("code"), h.textColumn("label")}
		conn := connect(t, d)
		stage(t, d, conn, "load", columns, numbered(10))
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		// The same name again, on whatever connection comes next.
		again := connect(t, d)
		staged := stage(t, d, again, "load", columns, numbered(3))
		if got := count(t, again, staged); got != "3" {
			t.Errorf("%s rows, expected 3", got)
		}
	})
}

// exerciseLoadInterrupted: a load that does not reach the end leaves nothing that
// could be taken for the rows of a source.
func (h *Harness) exerciseLoadInterrupted(t *testing.T) {
	errSource := errors.New("the source broke")
	for _, at := range []int{0, 1, 64, 100, 999} {
		t.Run(fmt.Sprintf("error at %d", at), func(t *testing.T) {
			db := h.open(t)
			db.needSQL(t)
			d := db.destination(t)
			conn := connect(t, d)
			columns := []sqlgen.Column{h.textColumn("code"), h.textColumn("label")}
			staged := d.Dialect().StageTable("load")
			exec(t, conn, d.Dialect().CreateStage(staged, columns))
			rows, n := feed(numbered(1000)), 0
			_, err := d.Load(newContext(t), conn, staged, columns, func(row []value.Value) error {
				if n == at {
					return errSource
				}
				n++
				return rows(row)
			})
			if err != errSource { //nolint:errorlint // the contract: as it is, not wrapped
				t.Fatalf("the error is not the source's: %v", err)
			}
			if got := count(t, conn, staged); got != "0" {
				t.Errorf("%s rows are left", got)
			}
			// The connection still serves.
			loaded, err := d.Load(newContext(t), conn, staged, columns, feed(numbered(70)))
			if err != nil || loaded != 70 {
				t.Errorf("loaded %d again: %v", loaded, err)
			}
		})
	}
	t.Run("an end that is wrapped is an error", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		d := db.destination(t)
		conn := connect(t, d)
		columns := []sqlgen.Column{h.textColumn("code")}
		staged := d.Dialect().StageTable("load")
		exec(t, conn, d.Dialect().CreateStage(staged, columns))
		cut := fmt.Errorf("connection lost: %w", io.ErrUnexpectedEOF)
		if _, err := d.Load(newContext(t), conn, staged, columns, func([]value.Value) error { return cut }); err != cut { //nolint:errorlint // as it is
			t.Errorf("the error is not the source's: %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		db := h.open(t)
		db.needSQL(t)
		d := db.destination(t)
		conn := connect(t, d)
		columns := []sqlgen.Column{h.textColumn("code"), h.textColumn("label")}
		staged := d.Dialect().StageTable("load")
		exec(t, conn, d.Dialect().CreateStage(staged, columns))
		ctx, cancel := context.WithCancel(newContext(t))
		defer cancel()
		n := 0
		_, err := d.Load(ctx, conn, staged, columns, func(row []value.Value) error {
			// Endless: only the cancellation can end it.
			if n++; n == 500 {
				cancel()
			}
			if n > 1_000_000 {
				return errors.New("a cancelled load goes on")
			}
			row[0], row[1] = value.OfText(fmt.Sprint(n)), value.OfText("x")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("the error is not the context's: %v", err)
		}
		// The connection may be lost with it; the rows must be.
		var left int
		if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM "+staged).Scan(&left); err == nil && left != 0 {
			t.Errorf("%d rows are left", left)
		}
	})
}

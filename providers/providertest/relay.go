package providertest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// relayTimeout bounds a relay, of some thousand rows at most, together with what it is compared with.
const relayTimeout = 30 * time.Second

// Relayed stages what a query yields twice, by relay and by decoding, and fails the test
// unless both stages show the same. Each of columns takes the result's column of its index.
// It reports whether the rows could be relayed, and how many records decoding rejects.
func Relayed(t testing.TB, d providers.Destination, from providers.Snapshot, query providers.Query, columns []sqlgen.Column) (relayed bool, rejected int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), relayTimeout)
	defer cancel()
	conn, err := d.Conn(ctx)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer conn.Close()
	dialect := d.Dialect()
	byRelay, byDecoding := dialect.StageTable("relayed"), dialect.StageTable("decoded")
	for _, name := range []string{byRelay, byDecoding} {
		if _, err := conn.ExecContext(ctx, dialect.CreateStage(name, columns)); err != nil {
			t.Fatalf("create the stage: %v", err)
		}
	}
	defer func() {
		for _, name := range []string{byRelay, byDecoding} {
			if _, err := conn.ExecContext(context.WithoutCancel(ctx), dialect.DropStage(name)); err != nil {
				t.Errorf("drop the stage: %v", err)
			}
		}
	}()
	rows, err := relay(ctx, t, d, conn, byRelay, from, query, columns)
	if err != nil && !errors.Is(err, providers.ErrNoRelay) {
		t.Fatalf("relay: %v", err)
	}
	relayed = err == nil
	all, fitted := decode(ctx, t, from, query, columns)
	rejected = len(all) - len(fitted)
	if relayed && (rejected > 0 || rows != int64(len(all))) {
		t.Fatalf("%d rows relayed of %d, %d of which do not fit", rows, len(all), rejected)
	}
	load := func(into string) error {
		loaded, err := d.Load(ctx, conn, into, columns, feed(fitted))
		if err == nil && loaded != int64(len(fitted)) {
			t.Fatalf("loaded %d rows of %d into %s", loaded, len(fitted), into)
		}
		return err
	}
	if err := load(byDecoding); err != nil {
		if relayed {
			t.Fatalf("relayed, but decoding: %v", err)
		}
		return false, rejected // only the engine could tell
	}
	if !relayed {
		if err := load(byRelay); err != nil { // which must have been left empty
			t.Fatalf("load: %v", err)
		}
	}
	shown := func(stage string) []string {
		list := make([]string, len(columns))
		for i, c := range columns {
			list[i] = dialect.Canonical("s."+dialect.Quote(c.Name), c)
		}
		return lines(ctx, t, conn, "SELECT "+strings.Join(list, ", ")+" FROM "+stage+" s")
	}
	if got, want := shown(byRelay), shown(byDecoding); !slices.Equal(got, want) {
		t.Fatalf("relayed: %v\n%.5000q\n%.5000q", relayed, got, want)
	}
	if !relayed {
		// A NULL is let in again, whatever was tried.
		nulls := make([]value.Value, len(columns))
		if _, err := d.Load(ctx, conn, byRelay, columns, feed([][]value.Value{nulls})); err != nil {
			t.Fatalf("load NULLs after a relay that failed: %v", err)
		}
	}
	return relayed, rejected
}

func relay(ctx context.Context, t testing.TB, d providers.Destination, conn *sql.Conn, stage string, from providers.Snapshot, query providers.Query, columns []sqlgen.Column) (rows int64, err error) {
	t.Helper()
	prepared, err := d.(providers.Relayer).PrepareRelay(ctx, from, query)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err := prepared.Close(); err != nil {
			t.Errorf("close the relay: %v", err)
		}
	}()
	into := make([]providers.RelayColumn, len(columns))
	for i, c := range columns {
		into[i] = providers.RelayColumn{Column: c, From: i}
	}
	return prepared.Run(ctx, conn, stage, into, func(int64) {})
}

// decode reads all rows, and those that fit the columns.
func decode(ctx context.Context, t testing.TB, from providers.Snapshot, query providers.Query, columns []sqlgen.Column) (all, fitted [][]value.Value) {
	t.Helper()
	rows, err := from.Read(ctx, query)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Errorf("close rows: %v", err)
		}
	}()
	for {
		row := make([]value.Value, len(rows.Columns()))
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return all, fitted
		} else if err != nil {
			t.Fatalf("read: %v", err)
		}
		all = append(all, row)
		out, fits := make([]value.Value, len(columns)), true
		for i, c := range columns {
			var err error
			out[i], err = c.Type.Fit(row[i], time.UTC)
			fits = fits && err == nil && !(c.NotNull && out[i].IsNull())
		}
		if fits {
			fitted = append(fitted, out)
		}
	}
}

// lines returns a query's rows, sorted, each in one text.
func lines(ctx context.Context, t testing.TB, conn *sql.Conn, query string) []string {
	t.Helper()
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		t.Fatalf("%v\n%s", err, abridge(query))
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for rows.Next() {
		cells, targets := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		var line strings.Builder
		for _, cell := range cells {
			if cell.Valid {
				fmt.Fprintf(&line, "%q", cell.String)
			}
			line.WriteString("|")
		}
		all = append(all, line.String())
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// exerciseRelay: what is relayed is what decoding would have staged.
func (h *Harness) exerciseRelay(t *testing.T) {
	db := h.open(t)
	d := db.destination(t)
	if _, relays := d.(providers.Relayer); relays != h.Capabilities.Relays {
		t.Fatalf("the destination is a Relayer: %v, but declared is %v", relays, h.Capabilities.Relays)
	}
	if !h.Capabilities.Relays {
		return
	}
	db.needSQL(t)
	code, label := h.textColumn("code"), h.textColumn("label")
	rows := numbered(1000)
	for i, text := range oddTexts {
		rows = append(rows, []value.Value{value.OfText(fmt.Sprint("odd", i)), value.OfText(text)})
	}
	db.seed(t, "room", []string{"code", "label"}, rows)
	room := providers.Query{Table: "room"}
	t.Run("texts", func(t *testing.T) {
		if relayed, rejected := Relayed(t, d, db.snapshot(t), room, []sqlgen.Column{code, label}); !relayed || rejected > 0 {
			t.Errorf("relayed: %v, %d records rejected", relayed, rejected)
		}
	})
	t.Run("oddly named", func(t *testing.T) {
		var columns []sqlgen.Column
		row := make([]value.Value, len(h.oddNames()))
		for i, name := range h.oddNames() {
			columns, row[i] = append(columns, h.textColumn(name)), value.OfText(name)
		}
		db.seed(t, `odd "table`, h.oddNames(), [][]value.Value{row})
		if relayed, _ := Relayed(t, d, db.snapshot(t), providers.Query{Table: `odd "table`}, columns); !relayed {
			t.Error("not relayed")
		}
	})
	t.Run("NULL", func(t *testing.T) {
		db.seed(t, "lacking", []string{"code"}, [][]value.Value{{value.OfText("a")}, {value.Value{}}})
		strict := code
		strict.NotNull = true
		for _, column := range []sqlgen.Column{code, strict} {
			if relayed, _ := Relayed(t, d, db.snapshot(t), providers.Query{Table: "lacking"}, []sqlgen.Column{column}); relayed == column.NotNull {
				t.Errorf("NotNull: %v, relayed: %v", column.NotNull, relayed)
			}
		}
	})
	t.Run("snapshot", func(t *testing.T) {
		snapshot := db.snapshot(t)
		db.Exec(t, fmt.Sprintf("DELETE FROM %s WHERE code = 'odd0'", db.quote(t, "room")))
		Relayed(t, d, snapshot, room, []sqlgen.Column{code, label})
		// Nothing has been written since this one.
		if relayed, _ := Relayed(t, d, db.snapshot(t), room, []sqlgen.Column{code, label}); !relayed {
			t.Error("not relayed")
		}
	})
	t.Run("nothing to relay", func(t *testing.T) {
		snapshot := db.snapshot(t)
		for _, query := range []providers.Query{{Table: "nowhere"}, {SQL: "SELECT nothing FROM nowhere"}, {SQL: "DELETE FROM room"}} {
			if prepared, err := d.(providers.Relayer).PrepareRelay(newContext(t), snapshot, query); err == nil {
				t.Errorf("%+v: prepared with %v", query, prepared.Columns())
			}
			if _, all := read(t, snapshot, room); len(all) == 0 {
				t.Errorf("the snapshot yields no rows after %+v", query)
			}
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		snapshot, conn := db.snapshot(t), connect(t, d)
		staged := d.Dialect().StageTable("cancelled")
		exec(t, conn, d.Dialect().CreateStage(staged, []sqlgen.Column{code, label}))
		prepared, err := d.(providers.Relayer).PrepareRelay(newContext(t), snapshot, room)
		if err != nil {
			t.Fatal(err)
		}
		defer prepared.Close()
		ctx, cancel := context.WithCancel(newContext(t))
		cancel()
		columns := []providers.RelayColumn{{Column: code}, {Column: label, From: 1}}
		if _, err := prepared.Run(ctx, conn, staged, columns, func(int64) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is not the context's: %v", err)
		}
	})
	t.Run("types", func(t *testing.T) { h.exerciseRelayedTypes(t, db, d) })
}

// exerciseRelayedTypes relays values of each type into a column of the same type, and of
// random others.
func (h *Harness) exerciseRelayedTypes(t *testing.T, db *database, d providers.Destination) {
	random := rand.New(rand.NewPCG(3, 1416))
	conn := connect(t, d)
	columns := make([]sqlgen.Column, len(h.Types))
	for i, fixture := range h.Types {
		name := fmt.Sprintf("relayed_%d", i)
		db.Exec(t, fmt.Sprintf("CREATE TABLE %s (v %s)", name, fixture.DDL))
		columns[i] = describe(t, d, name).Columns[0]
		rows := [][]value.Value{{value.Value{}}}
		for _, v := range fixture.Values {
			fitted, err := columns[i].Type.Fit(v, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, []value.Value{fitted})
		}
		if _, err := d.Load(newContext(t), conn, name, columns[i:i+1], feed(rows)); err != nil {
			t.Fatal(err)
		}
	}
	snapshot := db.snapshot(t)
	for i, fixture := range h.Types {
		from := providers.Query{Table: fmt.Sprintf("relayed_%d", i)}
		same := 0
		for _, j := range append(random.Perm(len(columns))[:4], i) {
			// Some types take what others do not; some have no texts for what is not theirs.
			if into := columns[j]; into.Type.Kind == value.Other && j != i {
				continue
			}
			if relayed, _ := Relayed(t, d, snapshot, from, columns[j:j+1]); relayed && j == i {
				same++
			}
		}
		if want := !slices.Contains(h.Unrelayed, fixture.DDL); want != (same > 0) {
			t.Errorf("%s: relayed into its own type: %v", fixture.DDL, same > 0)
		}
	}
}

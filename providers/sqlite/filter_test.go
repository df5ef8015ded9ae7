package sqlite

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// What is written in another form is compared by what it means, and what is no time stays.
func TestFilter(t *testing.T) {
	dir := t.TempDir()
	db, err := open(t.Context(), filepath.Join(dir, "source.db"), settings{mode: "rwc"})
	if err != nil {
		t.Fatal(err)
	}
	exec := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TABLE a (id TEXT, at TIMESTAMPTZ, wall TIMESTAMP, day DATE, n INTEGER, d DECIMAL(12,2), twice INTEGER)")
	for id, at := range map[string]string{
		"equal": "'2026-08-15 09:00:00Z'", "later": "'2026-08-15 09:00:00.001Z'", "earlier": "'2026-08-15 08:59:59.998Z'",
		"T": "'2026-08-15T09:00:00Z'", "T earlier": "'2026-08-15T08:59:59Z'",
		"east": "'2026-08-15 11:00:00+02:00'", "east earlier": "'2026-08-15 10:59:59+02:00'",
		"west": "'2026-08-15 04:00:00-05:00'", "west earlier": "'2026-08-15 03:59:59-05:00'",
		"no zone": "'2026-08-15 01:00:00'", "null": "NULL", "words": "'yesterday'", "now": "'now'", "clock": "'08:00'", "epoch": "17", "julian": "2400000.5", "day number": "'2400000.5'", "empty": "''", "bytes": "x'00'",
	} {
		exec(fmt.Sprintf("INSERT INTO a (id, at) VALUES ('%s', %s)", id, at))
	}
	for id, n := range map[string]string{"9": "9", "10": "10", "11": "11", "none": "NULL", "word": "'x'"} {
		exec(fmt.Sprintf("INSERT INTO a (id, at, n, d, wall, day) VALUES ('%s', '2000-01-01 00:00:00Z', %s, %s, '2026-08-' || substr('0' || '%s', -2) || ' 00:00', '2026-08-' || substr('0' || '%s', -2))", id, n, n, id, id))
	}
	exec("INSERT INTO a (id, at, wall) VALUES ('zoned', '2000-01-01 00:00:00Z', '2026-08-01 00:00:00+02:00')")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	opened, err := New().OpenSource(t.Context(), providers.Attributes{"path": "source.db"}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	snapshot, err := opened.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	read := func(query providers.Query) ([]string, error) {
		rows, err := snapshot.Read(t.Context(), query)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var ids []string
		row := make([]value.Value, len(rows.Columns()))
		for {
			if err := rows.Next(row); errors.Is(err, io.EOF) {
				slices.Sort(ids)
				return ids, nil
			} else if err != nil {
				return nil, err
			}
			ids = append(ids, row[0].Text())
		}
	}
	parsed := func(v value.Value, err error) value.Value {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	numbers := []string{"10", "11", "none", "word"}
	more := append(slices.Clone(numbers), "zoned")
	for name, test := range map[string]struct {
		query string // "": the table
		from  providers.LowerBound
		want  []string
	}{
		"instants": {
			"SELECT * FROM a WHERE at IS NOT '2000-01-01 00:00:00Z'",
			providers.LowerBound{Column: "AT", Value: parsed(value.ParseInstant("2026-08-15 09:00:00Z", nil))},
			[]string{"T", "bytes", "clock", "day number", "east", "empty", "epoch", "equal", "julian", "later", "no zone", "now", "null", "west", "words"},
		},
		"timestamps": {"SELECT id, wall FROM a WHERE wall IS NOT NULL", providers.LowerBound{Column: "wall", Value: parsed(value.ParseDateTime("2026-08-10 00:00:00"))}, more},
		"dates":      {"SELECT id, day FROM a WHERE day IS NOT NULL; -- all", providers.LowerBound{Column: "day", Value: parsed(value.ParseDate("2026-08-10"))}, numbers},
		"integers":   {"SELECT id, n FROM a WHERE wall IS NOT NULL", providers.LowerBound{Column: "n", Exact: true, Value: value.OfInt(10)}, more},
		"decimals":   {"SELECT id, d FROM a WHERE wall IS NOT NULL", providers.LowerBound{Column: "d", Value: parsed(value.ParseDecimal("9.50"))}, more},
	} {
		got, err := read(providers.Query{SQL: test.query, From: &test.from})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got, err := read(providers.Query{Table: "a", From: &providers.LowerBound{Column: "n", Value: value.OfInt(11)}}); err != nil || !slices.Contains(got, "11") || slices.Contains(got, "10") {
		t.Errorf("of the table %q, %v", got, err)
	}
	for _, from := range []providers.LowerBound{
		{Column: "never", Value: value.OfInt(1)}, {Column: "N", Exact: true, Value: value.OfInt(1)}, {Column: "at", Value: value.OfInt(1)},
	} {
		if _, err := read(providers.Query{Table: "a", From: &from}); !errors.Is(err, providers.ErrNotComparable) {
			t.Errorf("%+v: %v", from, err)
		}
	}
}

package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// changes has values of each kind, NULLs, what is beyond the calendar and names that need quotes.
const changes = `SELECT id, w AS "We""r", t, d, n, x, 1 AS one, 2 AS one FROM (VALUES
	(1, '2026-08-15 09:00:00Z'::timestamptz, '2026-08-15 09:00'::timestamp, '2026-08-15'::date, 9::bigint, 9.50::numeric),
	(2, '2026-08-15 11:00:00.000001+02', '2026-08-15 09:00:00.000001', '2026-08-16', 10, 'NaN'),
	(3, '2026-08-15 08:59:59.999999Z', '2026-08-15 08:59:59.999999', '2026-08-14', -1, 9.4999),
	(4, 'infinity', '-infinity', 'infinity', NULL, 1e30),
	(5, NULL, NULL, NULL, 11, NULL)) AS v (id, w, t, d, n, x) WHERE id <> :but -- not that`

func TestFilter(t *testing.T) {
	snapshot := sharedSnapshot(t)
	at := time.Date(2026, 8, 15, 9, 0, 0, 0, time.UTC)
	query := providers.Query{SQL: changes, Params: []providers.Param{{Name: "but", Value: value.OfInt(0)}}}
	for _, test := range []struct {
		from     providers.LowerBound
		upTo     time.Time
		want     []int64
		greatest value.Value
	}{
		{providers.LowerBound{Column: `WE"R`, Value: value.OfInstant(at)}, at.Add(time.Hour), []int64{1, 2, 4, 5}, value.OfInstant(at.Add(time.Microsecond))},
		{providers.LowerBound{Column: "t", Exact: true, Value: value.OfDateTime(at)}, at, []int64{1, 2, 5}, value.OfDateTime(at)},
		{providers.LowerBound{Column: "D", Value: value.OfDate(at)}, at, []int64{1, 2, 4, 5}, value.OfDate(at)},
		{providers.LowerBound{Column: "n", Value: value.OfInt(10)}, at, []int64{2, 4, 5}, value.OfInt(11)},
		{providers.LowerBound{Column: "x", Value: decimal(t, "9.50")}, at, []int64{1, 2, 4, 5}, value.Value{}},
	} {
		query.From = &test.from
		_, rows := readAll(t, snapshot, query)
		var got []int64
		for _, row := range rows {
			got = append(got, row[0].Int())
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.from.Column, diff)
		}
		query.From = nil
		greatest, kind, err := snapshot.(providers.Ranker).Greatest(t.Context(), query, test.from.Column, test.from.Exact, test.upTo)
		if test.greatest.IsNull() {
			if !errors.Is(err, providers.ErrNotComparable) {
				t.Errorf("the greatest %s is %s, %v", test.from.Column, greatest.Text(), err)
			}
		} else if err != nil || !greatest.Equal(test.greatest) || kind != test.greatest.Kind() {
			t.Errorf("the greatest %s is %s (%s), %v; want %s", test.from.Column, greatest.Text(), kind, err, test.greatest.Text())
		}
	}
	for _, from := range []providers.LowerBound{
		{Column: "never", Value: value.OfInt(1)},
		{Column: "N", Exact: true, Value: value.OfInt(1)},
		{Column: "d", Value: value.OfInt(1)},
		{Column: "one", Value: value.OfInt(1)},
	} {
		query.From = &from
		if _, err := snapshot.Read(t.Context(), query); !errors.Is(err, providers.ErrNotComparable) {
			t.Errorf("%+v: %v", from, err)
		}
	}
	// What is no query by itself is none within brackets.
	for _, text := range []string{"SELECT 1) AS q, (SELECT 2 AS n", "SELECT 1 AS n FROM never"} {
		if rows, err := snapshot.Read(t.Context(), providers.Query{SQL: text, From: &providers.LowerBound{Column: "n", Value: value.OfInt(1)}}); err == nil {
			t.Errorf("%s was run: %v", text, rows.Close())
		}
	}
	if _, rows := readAll(t, snapshot, providers.Query{SQL: "SELECT 1"}); len(rows) != 1 {
		t.Error("the snapshot cannot be read any longer")
	}
}

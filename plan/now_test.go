package plan

import (
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// now() is cut to the column's precision: rounded up, a row just archived would lie in
// the future and count as alive.
func TestNowText(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	for _, test := range []struct {
		kind     value.Kind
		fraction int
		loc      *time.Location
		want     string
	}{
		{value.Instant, 0, paris, "2026-12-31 23:59:59Z"},
		{value.Instant, 3, paris, "2026-12-31 23:59:59.999Z"},
		{value.Instant, 9, paris, "2026-12-31 23:59:59.999999Z"},
		{value.DateTime, 0, time.UTC, "2026-12-31 23:59:59"},
		{value.DateTime, 0, paris, "2027-01-01 00:59:59"},
		{value.Date, 0, time.UTC, "2026-12-31"},
		{value.Date, 0, paris, "2027-01-01"},
	} {
		column := sqlgen.Column{Type: value.Type{Kind: test.kind, Fraction: test.fraction}}
		if got := NowText(column, now, test.loc); got != test.want {
			t.Errorf("NowText(%s(%d), %s) = %q, want %q", test.kind, test.fraction, test.loc, got, test.want)
		}
	}
}

func TestSetAsOf(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2026-10-24T23:59:00Z": "2026-10-25 01:59:00",
		"2026-10-25T00:59:00Z": "2026-10-25 02:59:00", // summer time
		"2026-10-25T01:10:00Z": "2026-10-25 03:10:00", // 02:10 for the second time
		"2026-10-25T02:00:00Z": "2026-10-25 03:00:00",
		"2026-03-29T01:10:00Z": "2026-03-29 03:10:00", // clocks were put forward
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		target := &sqlgen.Target{Archived: &sqlgen.Column{Type: value.Type{Kind: value.DateTime}}}
		SetAsOf(target, now, paris)
		if target.AsOf != want {
			t.Errorf("as of %s: %q, want %q", at, target.AsOf, want)
		}
	}
}

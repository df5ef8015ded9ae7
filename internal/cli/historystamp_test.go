package cli

import (
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/plan"
)

// What an apply wrote for its instant is told as the column holds it: the day and the hour of where people are.
func TestStampAsTheColumnHoldsIt(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	table := &sqlgen.Table{Columns: []sqlgen.Column{
		{Name: "day", Type: value.Type{Kind: value.Date}},
		{Name: "clock", Type: value.Type{Kind: value.DateTime}},
		{Name: "instant", Type: value.Type{Kind: value.Instant, Fraction: 6}},
	}}
	executed := time.Date(2026, 9, 1, 22, 30, 5, 250_000_000, time.UTC)
	for column, want := range map[string]string{
		"day": "2026-09-02", "clock": "2026-09-02 00:30:05", "instant": "2026-09-01 22:30:05.25Z", "gone": "2026-09-01 22:30:05.25Z",
	} {
		c := plan.Change{Columns: []plan.ColumnChange{{Column: column, After: &plan.Cell{Now: true}}}}
		stamp(&c, executed, table, paris)
		if after := c.Columns[0].After; after.Now || after.Text != want {
			t.Errorf("%s: %q, want %q", column, after.Text, want)
		}
	}
	c := plan.Change{Columns: []plan.ColumnChange{{Column: "day", After: &plan.Cell{Now: true}}}}
	if stamp(&c, executed, nil, paris); c.Columns[0].After.Text != "2026-09-01 22:30:05.25Z" {
		t.Errorf("of a table that is no more: %q", c.Columns[0].After.Text)
	}
}

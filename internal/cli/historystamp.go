package cli

import (
	"context"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/plan"
)

// tableOf describes a table that operations are about, each once; nil where it is no more, or cannot be described.
func (h *historian) tableOf(ctx context.Context, at *openedRegister, name string) *sqlgen.Table {
	key := [2]string{at.into.Address, name}
	table, ok := h.tables[key]
	if !ok {
		table, _ = at.Table(ctx, at.Conn, name) // what is gone has a history all the same
		if h.tables == nil {
			h.tables = map[[2]string]*sqlgen.Table{}
		}
		h.tables[key] = table
	}
	return table
}

// stamp puts what an apply wrote for its instant where it was not known before: as the column holds it, if there is one.
func stamp(c *plan.Change, executed time.Time, table *sqlgen.Table, zone *time.Location) {
	for i := range c.Columns {
		after := c.Columns[i].After
		if after == nil || !after.Now {
			continue
		}
		after.Now, after.Text = false, value.OfInstant(executed).Text()
		if table == nil {
			continue
		}
		if column, ok := table.Column(c.Columns[i].Column); ok {
			after.Text = plan.NowText(column, executed, zone)
		}
	}
}

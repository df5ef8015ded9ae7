package export

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// Load refuses what the files could not hold before anything is compared, and loads the rest as it would
// be read back.
func (d *destination) Load(ctx context.Context, conn *sql.Conn, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (int64, error) {
	dialect := d.Dialect()
	own := map[string]bool{sqlgen.SkipColumn(dialect).Name: true, sqlgen.WarningColumn(dialect).Name: true, sqlgen.TaskColumn(dialect).Name: true}
	var record int64
	return d.Destination.Load(ctx, conn, stage, columns, func(row []value.Value) error {
		if err := next(row); err != nil {
			return err
		}
		record++
		for i, c := range columns {
			if own[c.Name] || row[i].IsNull() {
				continue
			}
			v := row[i]
			if kindOf(c.Type) == value.Text {
				v = d.format.Guard(v)
			}
			v, err := d.fit(kindOf(c.Type), v)
			if err != nil {
				return fmt.Errorf("column %q of record %d: its value %w: a file in directory %q cannot hold it", c.Name, record, err, d.directory.Shown)
			}
			row[i] = v
		}
		return nil
	})
}

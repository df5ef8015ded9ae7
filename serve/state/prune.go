package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

func (d *database) Prune(ctx context.Context, before time.Time) error {
	err := d.write(ctx, func(tx *sql.Tx) error {
		for _, statement := range []string{
			// One that never ended was left behind by a process that died.
			"DELETE FROM run WHERE coalesce(ended_on, started_on) < $1",
			`DELETE FROM slot WHERE status IN ('done', 'missed') AND ended_on < $1
	AND slot_on < (SELECT max(latest.slot_on) FROM slot latest WHERE latest.schedule = slot.schedule)`,
			"DELETE FROM replica WHERE seen_on < $1",
		} {
			if _, err := tx.ExecContext(ctx, statement, instant(before)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("prune the service's state: %w", err)
	}
	return nil
}

package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

// Beat tells that the process lives that runs the run of that ID. It is to be called again and again, in a transaction of
// its own each time: that of an apply may take long, and nobody sees it before its end.
func (r Register) Beat(ctx context.Context, q providers.Querier, id string) error {
	args := arguments{d: r.d}
	changed, err := r.affected(ctx, q, fmt.Sprintf("UPDATE %s SET beats = beats + 1 WHERE id = %s", r.d.RegisterTable("run_beat"), args.of(id)), args.values...)
	if err == nil && changed == 0 {
		args = arguments{d: r.d}
		err = r.exec(ctx, q, fmt.Sprintf("INSERT INTO %s (id, beats) VALUES (%s, 1)", r.d.RegisterTable("run_beat"), args.of(id)), args.values...)
	}
	if err != nil {
		return fmt.Errorf("record that a run goes on: %w", err)
	}
	return nil
}

// Beats counts the beats of a run. Two counts that differ say that whoever runs it lived in between; no clock is asked.
func (r Register) Beats(ctx context.Context, q providers.Querier, id string) (int64, error) {
	args := arguments{d: r.d}
	var beats int64
	err := q.QueryRowContext(ctx, fmt.Sprintf("SELECT b.beats FROM %s b WHERE b.id = %s", r.d.RegisterTable("run_beat"), args.of(id)), args.values...).Scan(&beats)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read whether a run goes on: %w", err)
	}
	return beats, nil
}

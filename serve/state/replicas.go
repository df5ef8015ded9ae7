package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

func (d *database) Beat(ctx context.Context, r Replica) error {
	if _, err := d.exec(ctx, `INSERT INTO replica (id, host, version, config_digest, seen_on) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET host = excluded.host, version = excluded.version, config_digest = excluded.config_digest, seen_on = excluded.seen_on`,
		r.ID, r.Host, r.Version, r.ConfigDigest, instant(r.SeenOn)); err != nil {
		return fmt.Errorf("record that this replica lives: %w", err)
	}
	return nil
}

func (d *database) Leave(ctx context.Context, id string) error {
	if _, err := d.exec(ctx, "DELETE FROM replica WHERE id = $1", id); err != nil {
		return fmt.Errorf("record that this replica ends: %w", err)
	}
	return nil
}

func (d *database) Replicas(ctx context.Context, since time.Time) ([]Replica, error) {
	replicas, err := read(ctx, d, func(row *sql.Rows, r *Replica) error {
		var seen instant
		if err := row.Scan(&r.ID, &r.Host, &r.Version, &r.ConfigDigest, &seen); err != nil {
			return err
		}
		r.SeenOn = time.Time(seen)
		return nil
	}, "SELECT id, host, version, config_digest, seen_on FROM replica WHERE seen_on >= $1 ORDER BY host, id", instant(since))
	if err != nil {
		return nil, fmt.Errorf("read the replicas: %w", err)
	}
	return replicas, nil
}

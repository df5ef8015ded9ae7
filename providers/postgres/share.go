package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.SnapshotSharer = (*snapshot)(nil)

// whatIsSeen tells two snapshots of one server apart, and two servers behind one name, whose
// exported snapshots may be called the same.
const whatIsSeen = "pg_catalog.pg_postmaster_start_time()::text || ' ' || pg_catalog.txid_current_snapshot()::text"

// Share exports the transaction's snapshot. A server that refuses, as one that is no PostgreSQL
// may, has ended the transaction by that: it is begun again.
func (s *snapshot) Share(ctx context.Context) (func(context.Context) (providers.Snapshot, error), error) {
	var name, seen string
	err := s.conn.QueryRow(ctx, "SELECT pg_catalog.pg_export_snapshot(), "+whatIsSeen).Scan(&name, &seen)
	if err == nil {
		// This transaction may have to wait for the views.
		_, err = s.conn.Exec(ctx, "SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'")
	}
	if err != nil {
		err = fmt.Errorf("share the snapshot of %s: %w", s.source.settings.identity(), safeError(err))
		if _, failed := s.conn.Exec(ctx, "ROLLBACK"); failed != nil {
			return nil, errors.Join(err, safeError(failed))
		}
		return nil, errors.Join(err, safeError(s.begin(ctx, "")))
	}
	return func(ctx context.Context) (providers.Snapshot, error) { return s.source.view(ctx, name, seen) }, nil
}

// view opens a transaction on an exported snapshot.
func (s *source) view(ctx context.Context, name, seen string) (providers.Snapshot, error) {
	conn, err := pgx.ConnectConfig(ctx, s.config.Copy())
	if err != nil {
		return nil, s.settings.connectError(err)
	}
	opened := &snapshot{ctx: ctx, conn: conn, source: s}
	if err := opened.begin(ctx, name); err != nil {
		return nil, errors.Join(fmt.Errorf("open the snapshot of another connection to %s: %w", s.settings.identity(), safeError(err)), opened.Close())
	}
	var sees string
	err = conn.QueryRow(ctx, "SELECT "+whatIsSeen).Scan(&sees)
	if err == nil && sees != seen {
		err = errors.New("it is another server's")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the snapshot of another connection to %s: %w", s.settings.identity(), safeError(err)), opened.Close())
	}
	return opened, nil
}

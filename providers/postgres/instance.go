package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.InstanceTeller = (*destination)(nil)

// Instance goes by the cluster's identifier, which initdb makes up, its port, its timeline, which begins anew where a backup is
// restored and where a standby takes over, and the database within it. Rights are asked for beforehand: a function
// that may not be called fails, and the transaction with it, also where it would not be reached.
func (*destination) Instance(ctx context.Context, q providers.Querier) (string, error) {
	var may bool
	err := q.QueryRowContext(ctx, `SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
  AND pg_catalog.has_function_privilege('pg_catalog.pg_walfile_name(pg_lsn)', 'EXECUTE')
  AND pg_catalog.has_function_privilege('pg_catalog.pg_current_wal_insert_lsn()', 'EXECUTE')
  AND NOT pg_catalog.pg_is_in_recovery()`).Scan(&may)
	if err != nil || !may {
		return "", instanceError(err)
	}
	var cluster, timeline, port, database sql.NullString
	err = q.QueryRowContext(ctx, `SELECT (SELECT c.system_identifier FROM pg_catalog.pg_control_system() AS c)::text,
  left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 8), pg_catalog.current_setting('port'),
  (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())::text`).Scan(&cluster, &timeline, &port, &database)
	return providers.HashInstance(cluster.String, timeline.String, port.String, database.String), instanceError(err)
}

func instanceError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("ask which database this is: %w", safeError(err))
}

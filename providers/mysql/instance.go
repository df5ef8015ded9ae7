package mysql

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.InstanceTeller = (*destination)(nil)

// Instance goes by what every login may read: the server's host, port, folder of data and, of MySQL, the identifier
// that it made up for itself; and the database's name within it.
func (d *destination) Instance(ctx context.Context, q providers.Querier) (string, error) {
	id := "'none'"
	if d.dialect.mysql {
		id = "@@server_uuid"
	}
	var server, host, port, folder, database sql.NullString
	err := q.QueryRowContext(ctx, "SELECT "+id+", @@hostname, CAST(@@port AS CHAR), @@datadir, database()").Scan(&server, &host, &port, &folder, &database)
	if err != nil {
		return "", fmt.Errorf("ask which database this is: %w", d.SafeError(err))
	}
	return providers.HashInstance(server.String, host.String, port.String, folder.String, database.String), nil
}

package mssql

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.InstanceTeller = (*destination)(nil)

// instanceText asks for what every login may read of its own database.
const instanceText = `SELECT CAST(SERVERPROPERTY('ServerName') AS nvarchar(256)), d.name, CAST(d.database_id AS nvarchar(20)), CONVERT(nvarchar(30), d.create_date, 126) FROM sys.databases d WHERE d.database_id = DB_ID()`

// Instance goes by the server's name and the database's, and by when it was made there, which a restored one is
// later.
func (d *destination) Instance(ctx context.Context, q providers.Querier) (string, error) {
	var server, name, id, created sql.NullString
	if err := q.QueryRowContext(ctx, instanceText).Scan(&server, &name, &id, &created); err != nil {
		return "", fmt.Errorf("ask which database this is: %w", d.SafeError(err))
	}
	return providers.HashInstance(server.String, name.String, id.String, created.String), nil
}

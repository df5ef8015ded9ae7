package oracle

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.InstanceTeller = (*destination)(nil)

// instanceText asks for what every login may read. The host is not in it: those of a cluster are one database.
const instanceText = `SELECT SYS_CONTEXT('USERENV', 'DB_UNIQUE_NAME'), SYS_CONTEXT('USERENV', 'CON_NAME'), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'),
(SELECT TO_CHAR(u.CREATED, 'YYYY-MM-DD"T"HH24:MI:SS') FROM ALL_USERS u WHERE u.USERNAME = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) FROM DUAL`

// Instance goes by the database's unique name, the container, the schema, and when its user was made, which is
// later in a database that it was imported into.
func (d *destination) Instance(ctx context.Context, q providers.Querier) (string, error) {
	var database, container, schema, created sql.NullString
	if err := q.QueryRowContext(ctx, instanceText).Scan(&database, &container, &schema, &created); err != nil {
		return "", fmt.Errorf("ask which database this is: %w", d.SafeError(err))
	}
	return providers.HashInstance(database.String, container.String, schema.String, created.String), nil
}

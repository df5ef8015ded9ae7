package oracle

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

// Grants returns GRANT statements for two users besides the register's owner, and the synonyms by which they find the
// register. The planning one may look everywhere, write into the register what is new there, and make its staging
// tables in its own schema, for which it needs a quota; only the applying one may change the tables and say that it did.
func (d *destination) Grants(ctx context.Context, q providers.Querier, planRole, applyRole string, written, read []string) ([]string, error) {
	var statements []string
	users := func(roles ...string) []string {
		var others []string
		for _, role := range roles {
			if stored(role) != d.schema && !slices.Contains(others, stored(role)) {
				others = append(others, stored(role)) // nobody grants something to himself
			}
		}
		return others
	}
	grant := func(what string, roles ...string) {
		var names []string
		for _, user := range users(roles...) {
			names = append(names, quote(user))
		}
		if statement := "GRANT " + what + " TO " + strings.Join(names, ", "); len(names) > 0 && !slices.Contains(statements, statement) {
			statements = append(statements, statement)
		}
	}
	register := func(name string) string { return relation{d.schema, stored(registerPrefix + name)}.sql() }
	grant("CREATE SESSION, CREATE TABLE", planRole, applyRole)
	if d.lock == lockByPackage {
		grant("EXECUTE ON SYS.DBMS_LOCK", planRole, applyRole)
	}
	for _, name := range []string{"meta", "plan", "operation", "finding", "execution", "override", "run", "run_beat", "pause"} {
		switch name {
		case "plan", "operation", "finding":
			grant("SELECT, INSERT ON "+register(name), planRole, applyRole)
		default:
			grant("SELECT ON "+register(name), planRole, applyRole)
		}
		switch name {
		case "execution", "override":
			grant("INSERT ON "+register(name), applyRole)
		case "run", "run_beat", "pause":
			grant("INSERT, UPDATE ON "+register(name), applyRole)
		case "operation":
			grant(`UPDATE ("RESULT") ON `+register(name), applyRole)
		}
		if name != "meta" {
			grant("DELETE ON "+register(name), applyRole)
		}
	}
	if d.lock == lockByRow {
		grant("SELECT, INSERT, UPDATE, DELETE ON "+relation{d.schema, lockRows}.sql(), planRole, applyRole)
	}
	for _, user := range users(planRole, applyRole) {
		names := []string{"meta", "plan", "operation", "finding", "execution", "override", "run", "run_beat", "pause"}
		if d.lock == lockByRow {
			names = append(names, "lock")
		}
		for _, name := range names {
			statements = append(statements, "CREATE OR REPLACE SYNONYM "+relation{user, stored(registerPrefix + name)}.sql()+" FOR "+register(name))
		}
	}
	for _, name := range read {
		found, err := d.table(ctx, q, name)
		if err != nil {
			return nil, err
		}
		grant("SELECT ON "+found.sql(), planRole, applyRole)
	}
	for _, name := range written {
		table, err := d.Table(ctx, q, name)
		if err != nil {
			return nil, fmt.Errorf("grant rights on table %s: %w", name, err)
		}
		grant("SELECT ON "+table.Name, planRole, applyRole)
		grant("INSERT, UPDATE, DELETE ON "+table.Name, applyRole)
		// A plan counts the rows that refer to those it deletes or re-keys, in whatever table.
		for _, key := range table.References {
			grant("SELECT ON "+key.Table, planRole, applyRole)
		}
	}
	return statements, nil
}

package oracle

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.SourceGranter = (*Provider)(nil)

// registerTables are those that roles are granted rights on.
func registerTables() []string {
	return []string{"meta", "plan", "operation", "finding", "execution", "override", "run", "run_beat", "pause", "author", "approval", "disclosure", "redaction"}
}

// Grants returns GRANT statements for users besides the register's owner, and the synonyms by which they find the
// register. The planning one may look everywhere, write into the register what is new there, and make its staging
// tables in its own schema, for which it needs a quota; only the applying one may change the tables and say that it did; the approving one reads the register and approves. Nobody
// writes who the database takes him for.
func (d *destination) Grants(ctx context.Context, q providers.Querier, roles providers.Roles, objects providers.Objects) ([]string, error) {
	planRole, applyRole := roles.Plan, roles.Apply
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
	insert := func(table string, roles ...string) {
		var columns []string
		for _, name := range providers.UserTableColumns(table) {
			columns = append(columns, dialect{}.Quote(name))
		}
		grant("INSERT ("+strings.Join(columns, ", ")+") ON "+register(table), roles...)
	}
	for _, name := range registerTables() {
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
		case "operation", "finding":
			var columns []string
			for _, column := range providers.RedactedColumns(name) {
				columns = append(columns, dialect{}.Quote(column))
			}
			grant("UPDATE ("+strings.Join(columns, ", ")+") ON "+register(name), applyRole)
		case "author":
			insert(name, planRole, applyRole)
		case "disclosure", "redaction":
			insert(name, applyRole)
		}
		if name != "meta" && name != "redaction" {
			grant("DELETE ON "+register(name), applyRole)
		}
	}
	if d.lock == lockByRow {
		grant("SELECT, INSERT, UPDATE, DELETE ON "+relation{d.schema, lockRows}.sql(), planRole, applyRole)
	}
	all := []string{planRole, applyRole}
	if approve := roles.Approve; approve != "" {
		all = append(all, approve)
		grant("CREATE SESSION", approve)
		for _, name := range registerTables() {
			grant("SELECT ON "+register(name), approve)
		}
		insert("approval", approve)
		insert("disclosure", approve)
	}
	for _, user := range users(all...) {
		names := registerTables()
		if d.lock == lockByRow {
			names = append(names, "lock")
		}
		for _, name := range names {
			statements = append(statements, "CREATE OR REPLACE SYNONYM "+relation{user, stored(registerPrefix + name)}.sql()+" FOR "+register(name))
		}
	}
	for _, name := range objects.Read {
		found, err := d.table(ctx, q, name)
		if err != nil {
			return nil, err
		}
		grant("SELECT ON "+found.sql(), planRole, applyRole)
	}
	for _, name := range objects.Written {
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
	for _, name := range objects.Sequences {
		found, err := d.sequence(ctx, q, name)
		if err != nil {
			return nil, err
		}
		grant("SELECT ON "+found.sql(), planRole, applyRole) // who plans must see that it is there
	}
	return statements, nil
}

// SourceGrants takes a table without an owner for one of the source's user, who needs no right on it.
func (*Provider) SourceGrants(attributes providers.Attributes, roles, tables []string) []string {
	var statements []string
	for _, table := range tables {
		wanted := relation{stored(attributes.String("user")), stored(table)}
		if owner, name, ok := strings.Cut(table, "."); ok {
			wanted = relation{stored(owner), stored(name)}
		}
		var users []string
		for _, role := range roles {
			if stored(role) != wanted.owner {
				users = append(users, quote(stored(role)))
			}
		}
		if len(users) > 0 {
			statements = append(statements, "GRANT SELECT ON "+wanted.sql()+" TO "+strings.Join(users, ", "))
		}
	}
	return statements
}

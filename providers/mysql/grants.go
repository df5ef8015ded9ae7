package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.SourceGranter = (*Provider)(nil)

// Grants returns GRANT statements. A role is an account, name or name@host, or a role of the server's.
//
// The planning role has all rights on the database of the staging tables, and on the destination's own those that it needs, table
// by table. In MariaDB nobody writes who the database takes him for; MySQL cannot fill that in by itself.
func (d *destination) Grants(ctx context.Context, q providers.Querier, roles providers.Roles, objects providers.Objects) ([]string, error) {
	plan, apply := account(roles.Plan), account(roles.Apply)
	own := d.settings.database
	var statements []string
	grant := func(statement string) {
		if !slices.Contains(statements, statement) {
			statements = append(statements, statement)
		}
	}
	add := func(privileges string, r relation, to ...string) {
		for _, role := range to {
			grant("GRANT " + privileges + " ON " + r.sql() + " TO " + role)
		}
	}
	register := func(to, privileges string, names ...string) {
		for _, name := range names {
			add(privileges, relation{own, registerPrefix + name}, to)
		}
	}
	insert := func(to, table string) {
		privileges := "INSERT"
		if d.dialect.DefaultSessionUser(table, "database_user") != "" {
			privileges += " (" + quoted(providers.UserTableColumns(table)) + ")"
		}
		register(to, privileges, table)
	}
	// What % and _ stand for elsewhere, they do not behind a backslash.
	stages := quote(strings.NewReplacer("_", `\_`, "%", `\%`).Replace(stageDatabase(own)))
	grant("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX ON " + stages + ".* TO " + plan)
	register(plan, "SELECT, INSERT", "plan", "operation", "finding")
	register(plan, "SELECT", "meta", "execution", "override", "run", "run_beat", "pause", "author", "approval", "disclosure", "redaction")
	insert(plan, "author")
	register(apply, "SELECT, INSERT, DELETE", "plan", "execution", "override")
	for _, table := range []string{"operation", "finding"} {
		register(apply, "SELECT, INSERT, DELETE, UPDATE ("+quoted(providers.RedactedColumns(table))+")", table)
	}
	register(apply, "SELECT, INSERT, UPDATE, DELETE", "run", "run_beat", "pause")
	register(apply, "SELECT, DELETE", "author", "approval", "disclosure")
	register(apply, "SELECT", "redaction")
	insert(apply, "author")
	insert(apply, "disclosure")
	insert(apply, "redaction")
	register(apply, "SELECT", "meta", "import_reg")
	if roles.Approve != "" {
		approve := account(roles.Approve)
		register(approve, "SELECT", "meta", "plan", "operation", "finding", "execution", "override", "run", "run_beat", "pause", "author", "approval", "disclosure", "redaction")
		insert(approve, "approval")
		insert(approve, "disclosure")
	}
	for _, name := range objects.Read {
		found, err := d.table(ctx, q, name)
		if err != nil {
			return nil, err
		}
		add("SELECT", found, plan, apply)
	}
	for _, name := range objects.Written {
		found, err := d.table(ctx, q, name)
		if err != nil {
			return nil, err
		}
		add("SELECT, INSERT, UPDATE, DELETE", found, apply)
		add("SELECT", found, plan)
		// A plan counts the rows that refer to those it deletes or re-keys, in whatever table. Of a foreign key the
		// server tells those only who have other rights on the columns, and on the table: REFERENCES lets them read nothing.
		table, err := d.describe(ctx, q, found)
		if err != nil {
			return nil, fmt.Errorf("describe table %s: %w", name, d.SafeError(err))
		}
		for _, key := range table.References {
			if parts, ok := unquote(key.Table); ok && len(parts) == 2 {
				list := "(" + quoted(key.Columns) + ")"
				add("SELECT "+list+", REFERENCES "+list+", REFERENCES", relation{parts[0], parts[1]}, plan, apply)
			}
		}
	}
	for _, name := range objects.Sequences {
		found, err := d.sequence(ctx, q, name)
		if err != nil {
			return nil, err
		}
		add("SELECT", found, plan) // to see that it is there
		add("SELECT, INSERT", found, apply)
	}
	return statements, nil
}

// SourceGrants takes a table without a database for one of the source's.
func (*Provider) SourceGrants(attributes providers.Attributes, roles, tables []string) []string {
	var statements []string
	for _, table := range tables {
		meant := candidates(attributes.String("database"), table)
		for _, role := range roles {
			statements = append(statements, "GRANT SELECT ON "+meant[min(1, len(meant)-1)].sql()+" TO "+account(role))
		}
	}
	return statements
}

func quoted(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = quote(name)
	}
	return strings.Join(list, ", ")
}

// account quotes a role: what stands behind its last @ is the host.
func account(role string) string {
	if at := strings.LastIndexByte(role, '@'); at >= 0 {
		return quote(role[:at]) + "@" + quote(role[at+1:])
	}
	return quote(role)
}

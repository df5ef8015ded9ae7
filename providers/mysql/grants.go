package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

// Grants returns GRANT statements. A role is an account, name or name@host, or a role of the server's.
//
// The planning role makes and drops staging tables, whose names no grant of MariaDB's or MySQL's can be limited to: it
// is given the rights on all tables of the database. Only the applying role is kept to the tables that it writes.
func (d *destination) Grants(ctx context.Context, q providers.Querier, planRole, applyRole string, written, read []string) ([]string, error) {
	plan, apply := account(planRole), account(applyRole)
	own := d.settings.database
	statements := []string{fmt.Sprintf("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX ON %s.* TO %s", quote(strings.NewReplacer("_", `\_`, "%", `\%`).Replace(own)), plan)}
	add := func(privileges string, r relation, to string) {
		statement := "GRANT " + privileges + " ON " + r.sql() + " TO " + to
		if !slices.Contains(statements, statement) {
			statements = append(statements, statement)
		}
	}
	register := func(privileges string, names ...string) {
		for _, name := range names {
			add(privileges, relation{own, registerPrefix + name}, apply)
		}
	}
	register("SELECT, INSERT, DELETE", "plan", "finding", "execution", "override")
	register("SELECT, INSERT, DELETE, UPDATE (result)", "operation")
	register("SELECT, INSERT, UPDATE, DELETE", "run", "run_beat", "pause")
	register("SELECT", "meta", "import_reg")
	look := func(privileges string, r relation) {
		add(privileges, r, apply)
		if r.database != own {
			add(privileges, r, plan)
		}
	}
	for _, name := range read {
		found, err := d.table(ctx, q, name)
		if err != nil {
			return nil, err
		}
		look("SELECT", found)
	}
	for _, name := range written {
		found, err := d.table(ctx, q, name)
		if err != nil {
			return nil, err
		}
		add("SELECT, INSERT, UPDATE, DELETE", found, apply)
		if found.database != own {
			add("SELECT", found, plan)
		}
		// A plan counts the rows that refer to those it deletes or re-keys, in whatever table. Of a foreign key the
		// server tells those only who have other rights on the columns, and on the table: REFERENCES lets them read nothing.
		table, err := d.describe(ctx, q, found)
		if err != nil {
			return nil, fmt.Errorf("describe table %s: %w", name, d.SafeError(err))
		}
		for _, key := range table.References {
			if parts, ok := unquote(key.Table); ok && len(parts) == 2 {
				columns := make([]string, len(key.Columns))
				for i, column := range key.Columns {
					columns[i] = quote(column)
				}
				list := "(" + strings.Join(columns, ", ") + ")"
				look("SELECT "+list+", REFERENCES "+list+", REFERENCES", relation{parts[0], parts[1]})
			}
		}
	}
	return statements, nil
}

// account quotes a role: what stands behind its last @ is the host.
func account(role string) string {
	if at := strings.LastIndexByte(role, '@'); at >= 0 {
		return quote(role[:at]) + "@" + quote(role[at+1:])
	}
	return quote(role)
}

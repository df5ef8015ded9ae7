package mssql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.SourceGranter = (*Provider)(nil)

// Grants implements providers.Granter. The planning role may look everywhere, write into the register what is
// new there, and make its staging tables; only the applying role may change the tables and say
// that it did. Triggers and constraints are seen by those who may view definitions. Of tables that refer to
// these, both may read the columns that do. The approving role reads the register and approves; that it writes who it is itself,
// no right of SQL Server's keeps it from.
func (*destination) Grants(ctx context.Context, q providers.Querier, roles providers.Roles, objects providers.Objects) ([]string, error) {
	written, read := objects.Written, objects.Read
	apply := quote(roles.Apply)
	both := quote(roles.Plan) + ", " + apply
	var statements []string
	grant := func(rights, on, to string) {
		statement := "GRANT " + rights
		if on != "" {
			statement += " ON " + on
		}
		if statement += " TO " + to; !slices.Contains(statements, statement) {
			statements = append(statements, statement)
		}
	}
	register := func(rights, to string, names ...string) {
		for _, name := range names {
			grant(rights, "OBJECT::"+dialect{}.RegisterTable(name), to)
		}
	}
	grant("CREATE TABLE", "", both)
	grant("ALTER, SELECT, INSERT, UPDATE, DELETE", "SCHEMA::"+quote(stagingSchema), both)
	register("SELECT, INSERT", both, "plan", "operation", "finding", "author")
	register("SELECT", both, "meta", "execution", "override", "run", "run_beat", "pause", "approval", "disclosure", "redaction")
	register("INSERT", apply, "execution", "override", "disclosure", "redaction")
	register("INSERT, UPDATE", apply, "run", "run_beat", "pause")
	for _, table := range []string{"operation", "finding"} {
		columns := providers.RedactedColumns(table)
		for i, column := range columns {
			columns[i] = quote(column)
		}
		grant("UPDATE", "OBJECT::"+dialect{}.RegisterTable(table)+" ("+strings.Join(columns, ", ")+")", apply)
	}
	register("DELETE", apply, "plan", "operation", "finding", "execution", "override", "run", "run_beat", "pause", "author", "approval", "disclosure")
	if roles.Approve != "" {
		register("SELECT", quote(roles.Approve), "meta", "plan", "operation", "finding", "execution", "override", "run", "run_beat", "pause", "author", "redaction")
		register("SELECT, INSERT", quote(roles.Approve), "approval", "disclosure")
	}

	var granted []*table
	for _, name := range written {
		found, err := find(ctx, q, name)
		if err != nil {
			return nil, err
		}
		granted = append(granted, found)
		grant("SELECT, VIEW DEFINITION", "OBJECT::"+found.sql(), both)
		grant("INSERT, UPDATE, DELETE", "OBJECT::"+found.sql(), apply)
	}
	for _, name := range read {
		found, err := find(ctx, q, name)
		if err != nil {
			return nil, err
		}
		grant("SELECT, VIEW DEFINITION", "OBJECT::"+found.sql(), both)
	}
	for i, found := range granted {
		sequences, err := defaultSequences(ctx, q, found)
		if err != nil {
			return nil, fmt.Errorf("find the sequences of table %s: %w", written[i], safeError(err))
		}
		for _, sequence := range sequences {
			grant("UPDATE", "OBJECT::"+sequence.sql(), apply)
		}
		described, err := describe(ctx, q, found)
		if err != nil {
			return nil, fmt.Errorf("describe table %s: %w", written[i], safeError(err))
		}
		// A plan counts the rows that refer to those it deletes or re-keys, in whatever table.
		for _, key := range described.References {
			if slices.ContainsFunc(granted, func(t *table) bool { return t.sql() == key.Table }) {
				continue
			}
			columns := make([]string, len(key.Columns))
			for i, name := range key.Columns {
				columns[i] = quote(name)
			}
			grant("SELECT", "OBJECT::"+key.Table+" ("+strings.Join(columns, ", ")+")", both)
		}
	}
	for _, name := range objects.Sequences {
		sequence, err := findSequence(ctx, q, name)
		if err != nil {
			return nil, err
		}
		grant("VIEW DEFINITION", "OBJECT::"+sequence.sql(), both) // to see that it is there
		grant("UPDATE", "OBJECT::"+sequence.sql(), apply)
	}
	return statements, nil
}

// SourceGrants implements providers.SourceGranter.
func (*Provider) SourceGrants(_ providers.Attributes, roles, tables []string) []string {
	users := make([]string, len(roles))
	for i, role := range roles {
		users[i] = quote(role)
	}
	statements := make([]string, len(tables))
	for i, table := range tables {
		statements[i] = "GRANT SELECT ON OBJECT::" + spellings(table)[0].sql() + " TO " + strings.Join(users, ", ")
	}
	return statements
}

const defaultSequencesText = `SELECT DISTINCT s.name, q.name FROM sys.default_constraints f JOIN sys.sql_expression_dependencies d ON d.referencing_id = f.object_id
JOIN sys.sequences q ON q.object_id = d.referenced_id JOIN sys.schemas s ON s.schema_id = q.schema_id WHERE f.parent_object_id = @p1 ORDER BY s.name, q.name`

// defaultSequences lists the sequences that a table's defaults draw from.
func defaultSequences(ctx context.Context, q providers.Querier, found *table) ([]object, error) {
	var all []object
	err := each(ctx, q, func(scan func(...any) error) error {
		var o object
		err := scan(&o.schema, &o.name)
		all = append(all, o)
		return err
	}, defaultSequencesText, found.id)
	return all, err
}

package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.SourceGranter = (*Provider)(nil)

// Grants returns GRANT statements. The planning role may look everywhere, write into
// the register what is new there, and create its staging tables; only the applying
// role may change the tables and say that it did; the approving one reads the register and
// approves. Nobody writes who the database takes him for. Of tables that refer to those kept in step, planning
// and applying may read the columns that do.
func (d *destination) Grants(ctx context.Context, q providers.Querier, roles providers.Roles, objects providers.Objects) ([]string, error) {
	written, read := objects.Written, objects.Read
	register := func(names ...string) string {
		for i, name := range names {
			names[i] = Dialect{}.RegisterTable(name)
		}
		return strings.Join(names, ", ")
	}
	insert := func(table string) string {
		return "GRANT INSERT (" + strings.Join(providers.UserTableColumns(table), ", ") + ") ON " + register(table) + " TO "
	}
	apply := quote(roles.Apply)
	both := quote(roles.Plan) + ", " + apply
	statements := []string{
		"GRANT USAGE, CREATE ON SCHEMA " + quote(schema) + " TO " + both,
		"GRANT SELECT, INSERT ON " + register("plan", "operation", "finding") + " TO " + both,
		"GRANT SELECT ON " + register("meta", "execution", "override", "run", "run_beat", "pause", "author", "approval", "disclosure", "redaction") + " TO " + both,
		insert("author") + both,
		"GRANT INSERT ON " + register("execution", "override") + " TO " + apply,
		"GRANT INSERT, UPDATE ON " + register("run", "run_beat", "pause") + " TO " + apply,
		// Besides what an apply writes, what is redacted.
		"GRANT UPDATE (" + strings.Join(providers.RedactedColumns("operation"), ", ") + ") ON " + register("operation") + " TO " + apply,
		"GRANT UPDATE (" + strings.Join(providers.RedactedColumns("finding"), ", ") + ") ON " + register("finding") + " TO " + apply,
		insert("disclosure") + apply,
		insert("redaction") + apply,
		"GRANT DELETE ON " + register("plan", "operation", "finding", "execution", "override", "run", "run_beat", "pause", "author", "approval", "disclosure") + " TO " + apply,
	}
	if roles.Approve != "" {
		approve := quote(roles.Approve)
		statements = append(statements,
			"GRANT USAGE ON SCHEMA "+quote(schema)+" TO "+approve,
			"GRANT SELECT ON "+register("meta", "plan", "operation", "finding", "execution", "override", "run", "run_beat", "pause", "author", "approval", "disclosure", "redaction")+" TO "+approve,
			insert("approval")+approve,
			insert("disclosure")+approve)
	}
	var granted []*relation
	for _, name := range written {
		found, err := d.table(ctx, q, name)
		if err != nil {
			return nil, err
		}
		granted = append(granted, found)
	}
	schemas := []string{}
	use := func(schema string) {
		if !slices.Contains(schemas, schema) {
			schemas = append(schemas, schema)
			statements = append(statements, "GRANT USAGE ON SCHEMA "+quote(schema)+" TO "+both)
		}
	}
	for _, name := range read {
		found, err := d.table(ctx, q, name)
		if err != nil {
			return nil, err
		}
		use(found.schema)
		statements = append(statements, "GRANT SELECT ON "+found.sql()+" TO "+both)
	}
	var referring []string
	for i, found := range granted {
		use(found.schema)
		statements = append(statements,
			"GRANT SELECT ON "+found.sql()+" TO "+both,
			"GRANT INSERT, UPDATE, DELETE ON "+found.sql()+" TO "+apply)
		sequences, err := defaultSequences(ctx, sqlCatalog(q), found)
		if err != nil {
			return nil, fmt.Errorf("find the sequences of table %s: %w", written[i], safeError(err))
		}
		for _, sequence := range sequences {
			statements = append(statements, "GRANT USAGE ON SEQUENCE "+sequence+" TO "+apply)
		}
		// A plan counts the rows that refer to those it deletes or re-keys, in whatever table.
		table, err := describeTable(ctx, sqlCatalog(q), found)
		if err != nil {
			return nil, fmt.Errorf("describe table %s: %w", written[i], safeError(err))
		}
		for _, key := range table.References {
			statement := "GRANT SELECT (" + joinQuoted(key.Columns) + ") ON " + key.Table + " TO " + both
			if slices.ContainsFunc(granted, func(r *relation) bool { return r.sql() == key.Table }) || slices.Contains(referring, statement) {
				continue
			}
			referring = append(referring, statement)
			if parts, ok := splitName(key.Table); ok {
				use(parts[0].text)
			}
			statements = append(statements, statement)
		}
	}
	for _, name := range objects.Sequences {
		sequence, err := findSequence(ctx, q, name)
		if err != nil {
			return nil, err
		}
		use(sequence.schema)
		if statement := "GRANT USAGE ON SEQUENCE " + sequence.sql() + " TO " + apply; !slices.Contains(statements, statement) {
			statements = append(statements, statement)
		}
	}
	return statements, nil
}

// SourceGrants takes a table without a schema for one that the search path finds.
func (*Provider) SourceGrants(_ providers.Attributes, roles, tables []string) []string {
	to := " TO " + joinQuoted(roles)
	var statements []string
	for _, table := range tables {
		name := quote(table)
		if parts, ok := splitName(table); ok && len(parts) == 2 && parts[0].text != "" {
			use := "GRANT USAGE ON SCHEMA " + quote(parts[0].text) + to
			if !slices.Contains(statements, use) {
				statements = append(statements, use)
			}
			name = quote(parts[0].text) + "." + quote(parts[1].text)
		} else if ok && len(parts) == 1 {
			name = quote(parts[0].text)
		}
		statements = append(statements, "GRANT SELECT ON "+name+to)
	}
	return statements
}

func joinQuoted(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = quote(name)
	}
	return strings.Join(list, ", ")
}

// defaultSequences lists the sequences that a table's defaults draw from. Identity
// columns need no right on theirs.
func defaultSequences(ctx context.Context, q catalog, table *relation) ([]string, error) {
	var names []string
	err := q(ctx, func(scan func(...any) error) error {
		var found relation
		if err := scan(&found.schema, &found.name); err != nil {
			return err
		}
		names = append(names, found.sql())
		return nil
	}, `SELECT DISTINCT n.nspname::text, s.relname::text
FROM pg_catalog.pg_attrdef AS f
JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
JOIN pg_catalog.pg_class AS s ON s.oid = d.refobjid AND s.relkind = 'S'
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
WHERE f.adrelid = $1::oid ORDER BY 1, 2`, table.oid)
	return names, err
}

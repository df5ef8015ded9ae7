package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/providers"
)

var (
	_ providers.PrivilegeExaminer = (*source)(nil)
	_ providers.PrivilegeExaminer = (*destination)(nil)
)

// Privileges implements providers.PrivilegeExaminer. What a role can do beyond reading is looked for
// in all tables of the database.
func (s *source) Privileges(ctx context.Context, needed providers.Needs) (_ []providers.Finding, err error) {
	conn, err := pgx.ConnectConfig(ctx, s.config.Copy())
	if err != nil {
		return nil, s.settings.connectError(err)
	}
	defer func() { err = errors.Join(err, leave(ctx, conn)) }()
	found, err := s.settings.examinePrivileges(ctx, pgxCatalog(conn), needed, false, (*privileges).writable)
	return found, privilegesError(err)
}

// Privileges implements providers.PrivilegeExaminer. The statements are those of Grants.
func (d *destination) Privileges(ctx context.Context, needed providers.Needs) (_ []providers.Finding, err error) {
	conn, err := d.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	found, err := d.settings.examinePrivileges(ctx, sqlCatalog(conn), needed, true, func(*privileges) error { return nil })
	return found, privilegesError(err)
}

func privilegesError(err error) error {
	if err != nil {
		return fmt.Errorf("ask the server for privileges: %w", safeError(err))
	}
	return nil
}

// privileges examines those of one role.
type privileges struct {
	ctx      context.Context
	q        catalog
	role     string // as statements are to name it
	facts    *facts
	whole    bool     // plan refuses tables of which row security may hide rows
	schemas  []string // seen already
	findings []providers.Finding
}

// grantee is how statements name the connection's role, which is part of a secret where it came in
// a url.
func (s *settings) grantee(role string) string {
	if s.fromURL {
		return "<role>"
	}
	return quote(role)
}

func (s *settings) examinePrivileges(ctx context.Context, q catalog, needed providers.Needs, whole bool, excess func(*privileges) error) ([]providers.Finding, error) {
	known, err := readFacts(ctx, q)
	if err != nil {
		return nil, err
	}
	p := &privileges{ctx: ctx, q: q, role: s.grantee(known.role), facts: known, whole: whole}
	if needed.Register {
		if err := p.register(needed.Apply); err != nil {
			return nil, err
		}
	}
	for _, table := range needed.Tables {
		if err := p.table(table); err != nil {
			return nil, err
		}
	}
	if !slices.ContainsFunc(p.findings, func(f providers.Finding) bool { return f.State == providers.FindingProblem }) {
		p.report(providers.FindingOK, sufficient(needed), "")
	}
	return p.findings, excess(p)
}

func sufficient(needed providers.Needs) string {
	tables := fmt.Sprintf("%d tables", len(needed.Tables))
	if len(needed.Tables) == 1 {
		tables = "1 table"
	}
	switch {
	case needed.Register:
		return "the register and " + tables + " may be used as the configuration does"
	case len(needed.Tables) == 0:
		return "the configuration names no table"
	default:
		return tables + " may be used as the configuration does"
	}
}

func (p *privileges) report(state providers.FindingState, found, remedy string) {
	p.findings = append(p.findings, providers.Finding{Subject: "privileges", State: state, Found: found, Remedy: remedy})
}

func (p *privileges) problem(found, remedy string) { p.report(providers.FindingProblem, found, remedy) }

// registerRight is a line of Grants for the register.
type registerRight struct {
	privileges []string
	columns    []string // none: the whole table
	tables     []string
	applying   bool
}

func registerRights() []registerRight {
	return []registerRight{
		{privileges: []string{"SELECT", "INSERT"}, tables: []string{"plan", "operation", "finding"}},
		{privileges: []string{"SELECT"}, tables: []string{"meta", "execution", "override", "run", "run_beat", "pause", "author", "approval", "disclosure", "redaction"}},
		{privileges: []string{"INSERT"}, columns: providers.UserTableColumns("author"), tables: []string{"author"}},
		{privileges: []string{"INSERT"}, tables: []string{"execution", "override"}, applying: true},
		{privileges: []string{"INSERT", "UPDATE"}, tables: []string{"run", "run_beat", "pause"}, applying: true},
		{privileges: []string{"UPDATE"}, columns: providers.RedactedColumns("operation"), tables: []string{"operation"}, applying: true},
		{privileges: []string{"UPDATE"}, columns: providers.RedactedColumns("finding"), tables: []string{"finding"}, applying: true},
		{privileges: []string{"INSERT"}, columns: providers.UserTableColumns("redaction"), tables: []string{"redaction"}, applying: true},
		{privileges: []string{"INSERT"}, columns: providers.UserTableColumns("disclosure"), tables: []string{"disclosure"}, applying: true},
		{privileges: []string{"DELETE"}, tables: []string{"plan", "operation", "finding", "execution", "override", "run", "run_beat", "pause", "author", "approval", "disclosure"}, applying: true},
	}
}

func (p *privileges) register(applying bool) error {
	lacking, err := p.schemaRights(schema, "USAGE", "CREATE")
	if err != nil {
		return err
	}
	if len(lacking) > 0 {
		p.problem("no "+strings.Join(lacking, ", ")+" on schema "+schema, "GRANT USAGE, CREATE ON SCHEMA "+quote(schema)+" TO "+p.role+";")
	}
	for _, right := range registerRights() {
		if right.applying && !applying {
			continue
		}
		var missing []string
		err := p.q(p.ctx, func(scan func(...any) error) error {
			var name string
			if err := scan(&name); err != nil {
				return err
			}
			missing = append(missing, name)
			return nil
		}, `SELECT w.name FROM unnest($1::text[]) WITH ORDINALITY AS w(name, n)
JOIN pg_catalog.pg_namespace AS s ON s.nspname = $2::text
JOIN pg_catalog.pg_class AS c ON c.relnamespace = s.oid AND c.relname = w.name AND c.relkind = 'r'
WHERE EXISTS (SELECT FROM unnest($3::text[]) AS p(name)
  WHERE NOT CASE WHEN $4::text[] = '{}' THEN pg_catalog.has_table_privilege(c.oid, p.name)
    ELSE (SELECT bool_and(pg_catalog.has_column_privilege(c.oid, f.name, p.name)) FROM unnest($4::text[]) AS f(name)) END) ORDER BY w.n`,
			right.tables, schema, right.privileges, append([]string{}, right.columns...))
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			continue
		}
		tables := make([]string, len(right.tables))
		for i, name := range right.tables {
			tables[i] = Dialect{}.RegisterTable(name)
		}
		what := strings.Join(right.privileges, ", ")
		column := ""
		if len(right.columns) > 0 {
			column = " (" + strings.Join(right.columns, ", ") + ")"
		}
		p.problem("no "+what+column+" on the register's "+strings.Join(missing, ", "), "GRANT "+what+column+" ON "+strings.Join(tables, ", ")+" TO "+p.role+";")
	}
	return nil
}

// schemaRights returns those that the role lacks.
func (p *privileges) schemaRights(name string, rights ...string) (lacking []string, err error) {
	for _, right := range rights {
		held := true // a schema that is not there is told elsewhere
		if err := p.q(p.ctx, func(scan func(...any) error) error { return scan(&held) },
			"SELECT pg_catalog.has_schema_privilege(oid, $2::text) FROM pg_catalog.pg_namespace WHERE nspname = $1::text", name, right); err != nil {
			return nil, err
		}
		if !held {
			lacking = append(lacking, right)
		}
	}
	return lacking, nil
}

// use reports a schema that the role may not look into, once.
func (p *privileges) use(name string) error {
	if slices.Contains(p.schemas, name) {
		return nil
	}
	p.schemas = append(p.schemas, name)
	lacking, err := p.schemaRights(name, "USAGE")
	if len(lacking) > 0 {
		p.problem("no USAGE on schema "+name, "GRANT USAGE ON SCHEMA "+quote(name)+" TO "+p.role+";")
	}
	return err
}

func (p *privileges) table(need providers.TableNeed) error {
	found, err := findRelation(p.ctx, p.q, need.Table)
	if err != nil {
		return err
	}
	if found == nil {
		names, err := relationNames(p.ctx, p.q, "rpvmf")
		if err != nil {
			return err
		}
		p.problem(fmt.Sprintf("no table %q%s", need.Table, alternatives(need.Table, names)), "correct its name, or create it; a table whose schema the role may not use is not seen either")
		return nil
	}
	if err := p.use(found.schema); err != nil {
		return err
	}
	if need.Select {
		if err := p.read(need.Table, found); err != nil {
			return err
		}
	}
	if err := p.write(need, found); err != nil {
		return err
	}
	if need.Referrers {
		return p.referrers(found)
	}
	return nil
}

func (p *privileges) read(name string, found *relation) error {
	var whole, some bool
	if err := p.q(p.ctx, func(scan func(...any) error) error { return scan(&whole, &some) },
		"SELECT pg_catalog.has_table_privilege($1::oid, 'SELECT'), pg_catalog.has_any_column_privilege($1::oid, 'SELECT')", found.oid); err != nil {
		return err
	}
	grant := "GRANT SELECT ON " + found.sql() + " TO " + p.role + ";"
	switch {
	case !some:
		p.problem("no SELECT on "+name, grant)
	case !whole:
		p.report(providers.FindingWarning, "SELECT on some columns of "+name+" only", grant)
	}
	const knowsRowSecurity = 90500
	if !some || p.facts.number < knowsRowSecurity {
		return nil
	}
	hides := false
	if err := p.q(p.ctx, func(scan func(...any) error) error { return scan(&hides) }, "SELECT pg_catalog.row_security_active($1::oid)", found.oid); err != nil {
		return err
	}
	bypass := "ALTER ROLE " + p.role + " BYPASSRLS;"
	switch {
	case hides && p.whole:
		// A policy that shows them all does not help: that it does is not to be proven.
		p.problem("row security may hide rows of "+name+" from the role, which plan refuses", bypass)
	case hides:
		p.report(providers.FindingWarning, "row security may hide rows of "+name+" from the role: they would count as missing", bypass+" or have a policy that shows them all")
	}
	return nil
}

func (p *privileges) write(need providers.TableNeed, found *relation) error {
	var insert, update, remove bool
	if !need.Writes() {
		return nil
	}
	if err := p.q(p.ctx, func(scan func(...any) error) error { return scan(&insert, &update, &remove) },
		"SELECT pg_catalog.has_table_privilege($1::oid, 'INSERT'), pg_catalog.has_table_privilege($1::oid, 'UPDATE'), pg_catalog.has_table_privilege($1::oid, 'DELETE')",
		found.oid); err != nil {
		return err
	}
	var lacking []string
	for _, one := range []struct {
		name         string
		needed, held bool
	}{{"INSERT", need.Insert, insert}, {"UPDATE", need.Update, update}, {"DELETE", need.Delete, remove}} {
		if one.needed && !one.held {
			lacking = append(lacking, one.name)
		}
	}
	if len(lacking) > 0 {
		what := strings.Join(lacking, ", ")
		p.problem("no "+what+" on "+need.Table, "GRANT "+what+" ON "+found.sql()+" TO "+p.role+";")
	}
	if !need.Insert {
		return nil
	}
	var sequences []relation
	if err := p.q(p.ctx, func(scan func(...any) error) error {
		var s relation
		err := scan(&s.schema, &s.name)
		sequences = append(sequences, s)
		return err
	}, `SELECT DISTINCT n.nspname::text, s.relname::text
FROM pg_catalog.pg_attrdef AS f
JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
JOIN pg_catalog.pg_class AS s ON s.oid = d.refobjid AND s.relkind = 'S'
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
WHERE f.adrelid = $1::oid AND CASE s.relkind WHEN 'S' THEN NOT pg_catalog.has_sequence_privilege(s.oid, 'USAGE') END ORDER BY 1, 2`, found.oid); err != nil {
		return err
	}
	for _, s := range sequences {
		p.problem("no USAGE on sequence "+s.name+" of "+need.Table, "GRANT USAGE ON SEQUENCE "+s.sql()+" TO "+p.role+";")
	}
	return nil
}

// referrers looks at the columns of other tables that refer to a table.
func (p *privileges) referrers(found *relation) error {
	table, err := describeTable(p.ctx, p.q, found)
	if err != nil {
		return err
	}
	for _, key := range table.References {
		referring, err := findRelation(p.ctx, p.q, key.Table)
		if err != nil {
			return err
		}
		if referring == nil {
			continue
		}
		if err := p.use(referring.schema); err != nil {
			return err
		}
		held := true
		if err := p.q(p.ctx, func(scan func(...any) error) error { return scan(&held) },
			"SELECT bool_and(pg_catalog.has_column_privilege($1::oid, c.name, 'SELECT')) FROM unnest($2::text[]) AS c(name)", referring.oid, key.Columns); err != nil {
			return err
		}
		remedy := "GRANT SELECT (" + joinQuoted(key.Columns) + ") ON " + key.Table + " TO " + p.role + ";"
		if !held && !slices.ContainsFunc(p.findings, func(f providers.Finding) bool { return f.Remedy == remedy }) {
			p.problem("no SELECT on the columns of "+key.Shown+" that refer to "+found.name, remedy)
		}
	}
	return nil
}

// listedTables is how many tables a statement names before it names their schemas instead.
const listedTables = 3

// writable reports what the role could write, by whom the right to it was given.
func (p *privileges) writable() error {
	var superuser, everywhere bool
	if err := p.q(p.ctx, func(scan func(...any) error) error { return scan(&superuser, &everywhere) },
		`SELECT r.rolsuper, EXISTS (SELECT FROM pg_catalog.pg_roles AS w WHERE w.rolname = 'pg_write_all_data' AND pg_catalog.pg_has_role(r.oid, w.oid, 'USAGE'))
FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user`); err != nil {
		return err
	}
	const own = "give the source a role of its own, which may only read: CREATE ROLE … LOGIN, then GRANT SELECT"
	switch {
	case superuser:
		p.report(providers.FindingWarning, "the role is a superuser: it may write, and reading is enough", own)
		return nil
	case everywhere:
		p.report(providers.FindingWarning, "the role may write to all tables, and reading is enough", "REVOKE pg_write_all_data FROM "+p.role+";")
		return nil
	case p.facts.number < 90200: // which knows no acldefault
		return nil
	}
	type giver struct {
		kind, name string // kind: owner, public, role or another
		tables     []relation
		shown      []string
	}
	var givers []*giver
	if err := p.q(p.ctx, func(scan func(...any) error) error {
		var kind, name string
		var one relation
		if err := scan(&kind, &name, &one.schema, &one.name); err != nil {
			return err
		}
		if len(givers) == 0 || givers[len(givers)-1].kind != kind || givers[len(givers)-1].name != name {
			givers = append(givers, &giver{kind: kind, name: name})
		}
		g := givers[len(givers)-1]
		g.tables, g.shown = append(g.tables, one), append(g.shown, spell(one.schema)+"."+spell(one.name))
		return nil
	}, `SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'public' WHEN a.grantee = c.relowner THEN 'owner' WHEN g.rolname = current_user THEN 'role' ELSE 'another' END,
  CASE WHEN a.grantee = c.relowner THEN '' ELSE coalesce(g.rolname, '')::text END, n.nspname::text, c.relname::text
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT x.grantee, x.privilege_type FROM pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS x
  UNION SELECT x.grantee, x.privilege_type FROM pg_catalog.pg_attribute AS f CROSS JOIN LATERAL pg_catalog.aclexplode(f.attacl) AS x
    WHERE f.attrelid = c.oid AND f.attnum > 0 AND NOT f.attisdropped) AS a
LEFT JOIN pg_catalog.pg_roles AS g ON g.oid = a.grantee
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
AND CASE a.grantee WHEN 0 THEN true ELSE pg_catalog.pg_has_role(a.grantee, 'USAGE') END
AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') ORDER BY 1, 2, 3, 4`); err != nil {
		return err
	}
	for _, g := range givers {
		tables := strings.Join(g.shown[:min(len(g.shown), listedTables)], ", ")
		if more := len(g.shown) - listedTables; more > 0 {
			tables += fmt.Sprintf(" and %d more", more)
		}
		on := tablesOrSchemas(g.tables)
		switch g.kind {
		case "owner":
			p.report(providers.FindingWarning, "the role owns "+tables+": it may write, and reading is enough", own)
		case "public":
			p.report(providers.FindingWarning, "every role may write to "+tables, "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "+on+" FROM PUBLIC;")
		case "role":
			p.report(providers.FindingWarning, "the role may write to "+tables+", and reading is enough", "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "+on+" FROM "+p.role+";")
		default:
			p.report(providers.FindingWarning, "the role is a member of "+g.name+", and may write to "+tables, "REVOKE "+quote(g.name)+" FROM "+p.role+";")
		}
	}
	return nil
}

// tablesOrSchemas is the object of a REVOKE on some tables.
func tablesOrSchemas(tables []relation) string {
	var names, schemas []string
	for i := range tables {
		names = append(names, tables[i].sql())
		if name := quote(tables[i].schema); !slices.Contains(schemas, name) {
			schemas = append(schemas, name)
		}
	}
	if len(names) > listedTables {
		return "ALL TABLES IN SCHEMA " + strings.Join(schemas, ", ")
	}
	return strings.Join(names, ", ")
}

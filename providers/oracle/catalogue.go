package oracle

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// relation is what can be read as a table. A public synonym has the owner PUBLIC.
type relation struct{ owner, name string }

const publicOwner = "PUBLIC"

func (r relation) sql() string {
	if r.owner == publicOwner {
		return quote(r.name)
	}
	return quote(r.owner) + "." + quote(r.name)
}

// TableName finds a table, view or synonym: SCHEMA.NAME, or a name of the session's own schema or else a public
// synonym. Names count as they are written, and if there is no such in upper case.
func (e *engine) TableName(ctx context.Context, conn *sql.Conn, name string) (string, error) {
	var schema string
	if err := conn.QueryRowContext(ctx, "SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM DUAL").Scan(&schema); err != nil {
		return "", fmt.Errorf("ask for the schema: %w", err)
	}
	wanted := spellings(schema, name)
	found, err := e.find(ctx, conn, wanted)
	if err != nil {
		return "", fmt.Errorf("look for table %s: %w", name, err)
	}
	for _, r := range wanted {
		if found[r] {
			return r.sql(), nil
		}
	}
	names, err := tableNames(ctx, conn, schema)
	if err != nil {
		return "", fmt.Errorf("list tables: %w", err)
	}
	return "", sqlsource.NoTable(name, names)
}

// spellings are what a name may mean, the likeliest first.
func spellings(schema, name string) []relation {
	upper := strings.ToUpper(name)
	wanted := []relation{{schema, name}, {schema, upper}}
	if owner, rest, ok := strings.Cut(name, "."); ok {
		for _, o := range []string{owner, strings.ToUpper(owner)} {
			wanted = append(wanted, relation{o, rest}, relation{o, strings.ToUpper(rest)})
		}
	}
	return append(wanted, relation{publicOwner, name}, relation{publicOwner, upper})
}

// find asks for all spellings in one query: the views of the catalogue are slow.
func (e *engine) find(ctx context.Context, conn *sql.Conn, wanted []relation) (map[relation]bool, error) {
	var owners, names []string
	for _, r := range wanted {
		owners, names = append(owners, r.owner), append(names, r.name)
		// Nothing in the database can have such a name.
		if e.charset.Load().checkText(r.owner+r.name) != nil {
			return nil, nil
		}
	}
	var args []any
	list := func(texts []string) string {
		marks := make([]string, len(texts))
		for i, t := range texts {
			args = append(args, t)
			marks[i] = fmt.Sprintf(":%d", len(args))
		}
		return strings.Join(marks, ", ")
	}
	var parts []string
	for _, view := range []struct{ view, column string }{{"ALL_TABLES", "TABLE_NAME"}, {"ALL_VIEWS", "VIEW_NAME"}, {"ALL_SYNONYMS", "SYNONYM_NAME"}} {
		parts = append(parts, fmt.Sprintf("SELECT OWNER, %s FROM %s WHERE OWNER IN (%s) AND %[1]s IN (%[4]s)", view.column, view.view, list(owners), list(names)))
	}
	rows, err := conn.QueryContext(ctx, strings.Join(parts, " UNION ALL "), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[relation]bool{}
	for rows.Next() {
		var r relation
		if err := rows.Scan(&r.owner, &r.name); err != nil {
			return nil, err
		}
		found[r] = true
	}
	return found, rows.Err()
}

// ownedByOracle are the schemas that come with the database; version 9 does not mark them.
const ownedByOracle = `'SYS', 'SYSTEM', 'XDB', 'MDSYS', 'CTXSYS', 'WMSYS', 'ORDSYS', 'ORDDATA', 'ORDPLUGINS', 'OLAPSYS', 'DBSNMP', 'OUTLN', 'EXFSYS',
'LBACSYS', 'DVSYS', 'DVF', 'GSMADMIN_INTERNAL', 'AUDSYS', 'OJVMSYS', 'APPQOSSYS', 'DBSFWUSER', 'SYSMAN', 'FLOWS_FILES', 'WKSYS', 'WK_TEST', 'SI_INFORMTN_SCHEMA'`

// tableNames lists what can be read as a table, those of the session's schema without it.
func tableNames(ctx context.Context, conn *sql.Conn, schema string) ([]string, error) {
	rows, err := conn.QueryContext(ctx, `SELECT OWNER, TABLE_NAME FROM ALL_TABLES WHERE OWNER NOT IN (`+ownedByOracle+`)
UNION SELECT OWNER, VIEW_NAME FROM ALL_VIEWS WHERE OWNER NOT IN (`+ownedByOracle+`)
UNION SELECT OWNER, SYNONYM_NAME FROM ALL_SYNONYMS WHERE OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') ORDER BY 1, 2`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var own, others []string
	for rows.Next() {
		var r relation
		if err := rows.Scan(&r.owner, &r.name); err != nil {
			return nil, err
		}
		if r.owner == schema {
			own = append(own, r.name)
		} else {
			others = append(others, r.owner+"."+r.name)
		}
	}
	return append(own, others...), rows.Err()
}

package oracle

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

// each runs a query of the catalogue and calls row for each row, to scan it.
func each(ctx context.Context, q providers.Querier, row func(scan func(into ...any) error) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Table finds a table by SCHEMA.NAME, or by a name of the session's schema, or of a synonym. Names count as they are
// written, and if there is no such in upper case.
func (d *destination) Table(ctx context.Context, q providers.Querier, name string) (*sqlgen.Table, error) {
	found, err := d.table(ctx, q, name)
	if err != nil {
		return nil, err
	}
	table := &sqlgen.Table{Name: found.sql()}
	for _, read := range []func(context.Context, providers.Querier, relation, *sqlgen.Table) error{
		d.readColumns, readUnique, readTriggers, d.readForeignKeys, d.readReferences,
	} {
		if err := read(ctx, q, found, table); err != nil {
			return nil, fmt.Errorf("describe table %s: %w", name, d.SafeError(err))
		}
	}
	return table, nil
}

// What can be found under a name.
const (
	kindTable   = "table"
	kindSynonym = "synonym"
)

// table finds a table that rows can be written to.
func (d *destination) table(ctx context.Context, q providers.Querier, name string) (relation, error) {
	for _, wanted := range spellings(d.schema, name) {
		// A synonym may lead to another.
		for range 8 {
			kind, leads, err := d.lookUp(ctx, q, wanted)
			switch {
			case err != nil:
				return relation{}, fmt.Errorf("look for table %s: %w", name, d.SafeError(err))
			case kind == kindTable:
				return wanted, nil
			case kind == kindSynonym:
				wanted = leads
				continue
			case kind != "":
				return relation{}, fmt.Errorf("%s is %s: only tables can be kept in step", name, kind)
			}
			break
		}
	}
	return relation{}, fmt.Errorf("%w %q", providers.ErrNoTable, name)
}

// lookUp says what there is under a name, "" for nothing, and where a synonym leads.
func (d *destination) lookUp(ctx context.Context, q providers.Querier, wanted relation) (kind string, leads relation, err error) {
	if _, _, lacking := d.charset.lacks(wanted.owner + wanted.name); lacking {
		return "", relation{}, nil // nothing in the database can have such a name
	}
	err = each(ctx, q, func(scan func(...any) error) error {
		var owner, name sql.NullString
		if err := scan(&kind, &owner, &name); err != nil {
			return err
		}
		leads = relation{owner.String, name.String}
		return nil
	}, `SELECT CASE WHEN m.MVIEW_NAME IS NOT NULL THEN 'a materialized view' WHEN t.TEMPORARY = 'Y' THEN 'a temporary table' WHEN t.EXTERNAL = 'YES' THEN 'an external table'
WHEN t.READ_ONLY = 'YES' THEN 'a read-only table' ELSE 'table' END, NULL, NULL
FROM ALL_TABLES t LEFT JOIN ALL_MVIEWS m ON m.OWNER = t.OWNER AND m.CONTAINER_NAME = t.TABLE_NAME
WHERE t.OWNER = :1 AND t.TABLE_NAME = :2 AND t.NESTED = 'NO' AND t.SECONDARY = 'N'
UNION ALL SELECT 'a view', NULL, NULL FROM ALL_VIEWS v WHERE v.OWNER = :3 AND v.VIEW_NAME = :4
UNION ALL SELECT CASE WHEN s.DB_LINK IS NOT NULL THEN 'a table of another database' ELSE 'synonym' END, s.TABLE_OWNER, s.TABLE_NAME
FROM ALL_SYNONYMS s WHERE s.OWNER = :5 AND s.SYNONYM_NAME = :6`,
		wanted.owner, wanted.name, wanted.owner, wanted.name, wanted.owner, wanted.name)
	return kind, leads, err
}

// TableNames lists the tables of the session's schema, then those of others, which come with their schemas.
func (d *destination) TableNames(ctx context.Context, q providers.Querier) ([]string, error) {
	var own, others []string
	err := each(ctx, q, func(scan func(...any) error) error {
		var r relation
		if err := scan(&r.owner, &r.name); err != nil {
			return err
		}
		switch {
		case r.owner != d.schema:
			others = append(others, shown(r.owner)+"."+shown(r.name))
		case !strings.HasPrefix(shown(r.name), registerPrefix):
			own = append(own, shown(r.name))
		}
		return nil
	}, `SELECT t.OWNER, t.TABLE_NAME FROM ALL_TABLES t WHERE t.NESTED = 'NO' AND t.SECONDARY = 'N' AND t.TEMPORARY = 'N' AND t.EXTERNAL = 'NO' AND t.READ_ONLY = 'NO'
AND NOT EXISTS (SELECT 1 FROM ALL_MVIEWS m WHERE m.OWNER = t.OWNER AND m.CONTAINER_NAME = t.TABLE_NAME)
AND t.OWNER IN (SELECT u.USERNAME FROM ALL_USERS u WHERE u.ORACLE_MAINTAINED = 'N') ORDER BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", d.SafeError(err))
	}
	return append(own, others...), nil
}

// readColumns leaves out columns of types that have no text: objects, files, LONG, JSON, vectors. Those that a trigger
// may fill may be left out of an insert.
func (d *destination) readColumns(ctx context.Context, q providers.Querier, found relation, table *sqlgen.Table) error {
	return each(ctx, q, func(scan func(...any) error) error {
		var c catalogueColumn
		var precision, scale sql.NullInt64
		var counts, collation sql.NullString
		var notNull, hasDefault, generated, identity int
		if err := scan(&c.name, &c.dataType, &c.length, &c.characters, &counts, &precision, &scale, &notNull, &hasDefault, &generated, &identity, &collation); err != nil {
			return err
		}
		c.inCharacters = counts.String == "C"
		c.precision, c.scale, c.hasScale = int(precision.Int64), int(scale.Int64), scale.Valid
		if plainName.MatchString(c.name) {
			return fmt.Errorf("its column %q is stored in lower case, which cannot be told from %s: rename it", c.name, strings.ToUpper(c.name))
		}
		typ, ok := c.valueType(d.charset)
		if !ok {
			return nil
		}
		column := sqlgen.Column{Name: shown(c.name), Type: typ, NotNull: notNull == 1, HasDefault: hasDefault == 1, Generated: generated == 1, Identity: identity == 1}
		if declared := collation.String; declared != "" && declared != "USING_NLS_COMP" && declared != "BINARY" {
			column.Collation = declared
		}
		table.Columns = append(table.Columns, column)
		return nil
	}, `SELECT c.COLUMN_NAME, c.DATA_TYPE, c.DATA_LENGTH, NVL(c.CHAR_LENGTH, 0), c.CHAR_USED, c.DATA_PRECISION, c.DATA_SCALE,
CASE c.NULLABLE WHEN 'N' THEN 1 ELSE 0 END,
CASE WHEN c.DEFAULT_LENGTH IS NOT NULL OR c.IDENTITY_COLUMN = 'YES' OR EXISTS (SELECT 1 FROM ALL_TRIGGERS g WHERE g.TABLE_OWNER = c.OWNER AND g.TABLE_NAME = c.TABLE_NAME
  AND g.STATUS = 'ENABLED' AND g.TRIGGER_TYPE IN ('BEFORE EACH ROW', 'COMPOUND') AND g.TRIGGERING_EVENT LIKE '%INSERT%') THEN 1 ELSE 0 END,
CASE WHEN c.VIRTUAL_COLUMN = 'YES' OR i.GENERATION_TYPE = 'ALWAYS' THEN 1 ELSE 0 END, CASE WHEN i.GENERATION_TYPE = 'ALWAYS' THEN 1 ELSE 0 END, c.COLLATION
FROM ALL_TAB_COLS c LEFT JOIN ALL_TAB_IDENTITY_COLS i ON i.OWNER = c.OWNER AND i.TABLE_NAME = c.TABLE_NAME AND i.COLUMN_NAME = c.COLUMN_NAME
WHERE c.OWNER = :1 AND c.TABLE_NAME = :2 AND (c.HIDDEN_COLUMN = 'NO' OR c.USER_GENERATED = 'YES') ORDER BY c.INTERNAL_COLUMN_ID`, found.owner, found.name)
}

// readUnique reads unique indexes of plain columns, and constraints that another index enforces. A deferrable
// constraint, or one that was not validated, forbids nothing for sure.
func readUnique(ctx context.Context, q providers.Querier, found relation, table *sqlgen.Table) error {
	last := ""
	var all [][]string
	err := each(ctx, q, func(scan func(...any) error) error {
		var index, column string
		if err := scan(&index, &column); err != nil {
			return err
		}
		if index != last {
			all, last = append(all, nil), index
		}
		all[len(all)-1] = append(all[len(all)-1], shown(column))
		return nil
	}, `SELECT x.KIND || x.NAME, x.COLUMN_NAME FROM (
SELECT 'i.' || i.OWNER || '.' AS KIND, i.INDEX_NAME AS NAME, k.COLUMN_NAME, k.COLUMN_POSITION AS POSITION FROM ALL_INDEXES i
JOIN ALL_IND_COLUMNS k ON k.INDEX_OWNER = i.OWNER AND k.INDEX_NAME = i.INDEX_NAME
WHERE i.TABLE_OWNER = :1 AND i.TABLE_NAME = :2 AND i.UNIQUENESS = 'UNIQUE' AND i.INDEX_TYPE IN ('NORMAL', 'NORMAL/REV', 'IOT - TOP') AND i.STATUS IN ('VALID', 'N/A')
UNION ALL SELECT 'c.', n.CONSTRAINT_NAME, k.COLUMN_NAME, k.POSITION FROM ALL_CONSTRAINTS n
JOIN ALL_CONS_COLUMNS k ON k.OWNER = n.OWNER AND k.CONSTRAINT_NAME = n.CONSTRAINT_NAME
WHERE n.OWNER = :3 AND n.TABLE_NAME = :4 AND n.CONSTRAINT_TYPE IN ('P', 'U') AND n.STATUS = 'ENABLED' AND n.VALIDATED = 'VALIDATED' AND n.DEFERRABLE = 'NOT DEFERRABLE') x
ORDER BY x.KIND || x.NAME, x.POSITION`, found.owner, found.name, found.owner, found.name)
	for _, columns := range all {
		known := !slices.ContainsFunc(columns, func(name string) bool {
			_, ok := table.Column(name)
			return !ok
		})
		if known && !slices.ContainsFunc(table.Unique, func(other []string) bool { return slices.Equal(other, columns) }) {
			table.Unique = append(table.Unique, columns)
		}
	}
	return err
}

// readTriggers also reads who may see which rows. The triggers of another's table are not shown to everybody: it is
// taken for one that has some.
func readTriggers(ctx context.Context, q providers.Querier, found relation, table *sqlgen.Table) error {
	return each(ctx, q, func(scan func(...any) error) error {
		var triggers, policies int
		if err := scan(&triggers, &policies); err != nil {
			return err
		}
		table.Triggers, table.RowSecurity = triggers > 0, policies > 0
		return nil
	}, `SELECT CASE WHEN :1 <> SYS_CONTEXT('USERENV', 'SESSION_USER') THEN 1 ELSE
(SELECT COUNT(*) FROM ALL_TRIGGERS g WHERE g.TABLE_OWNER = :2 AND g.TABLE_NAME = :3 AND g.STATUS = 'ENABLED' AND g.BASE_OBJECT_TYPE = 'TABLE') END,
(SELECT COUNT(*) FROM ALL_POLICIES p WHERE p.OBJECT_OWNER = :4 AND p.OBJECT_NAME = :5 AND p.ENABLE = 'YES' AND (p.SEL = 'YES' OR p.UPD = 'YES' OR p.DEL = 'YES')) FROM DUAL`,
		found.owner, found.owner, found.name, found.owner, found.name)
}

// foreignKeys selects the enabled foreign keys, by a condition on the referring constraint f and the referred p.
func foreignKeys(condition string) string {
	return `SELECT f.OWNER || '.' || f.CONSTRAINT_NAME, f.OWNER, f.TABLE_NAME, p.OWNER, p.TABLE_NAME, a.COLUMN_NAME, b.COLUMN_NAME,
CASE f.DELETE_RULE WHEN 'NO ACTION' THEN 0 ELSE 1 END, CASE f.DEFERRED WHEN 'DEFERRED' THEN 1 ELSE 0 END
FROM ALL_CONSTRAINTS f JOIN ALL_CONSTRAINTS p ON p.OWNER = f.R_OWNER AND p.CONSTRAINT_NAME = f.R_CONSTRAINT_NAME
JOIN ALL_CONS_COLUMNS a ON a.OWNER = f.OWNER AND a.CONSTRAINT_NAME = f.CONSTRAINT_NAME
JOIN ALL_CONS_COLUMNS b ON b.OWNER = p.OWNER AND b.CONSTRAINT_NAME = p.CONSTRAINT_NAME AND b.POSITION = a.POSITION
WHERE f.CONSTRAINT_TYPE = 'R' AND f.STATUS = 'ENABLED' AND ` + condition + ` ORDER BY 1, a.POSITION`
}

func (d *destination) readForeignKeys(ctx context.Context, q providers.Querier, found relation, table *sqlgen.Table) (err error) {
	table.ForeignKeys, err = d.selectForeignKeys(ctx, q, found, foreignKeys("f.OWNER = :1 AND f.TABLE_NAME = :2"))
	return err
}

// readReferences also tells the tables whose rows the database itself deletes or changes.
func (d *destination) readReferences(ctx context.Context, q providers.Querier, found relation, table *sqlgen.Table) (err error) {
	table.References, err = d.selectForeignKeys(ctx, q, found, foreignKeys("p.OWNER = :1 AND p.TABLE_NAME = :2"))
	for _, key := range table.References {
		if key.Acts && !slices.Contains(table.Cascades, key.Shown) {
			table.Cascades = append(table.Cascades, key.Shown)
		}
	}
	slices.Sort(table.Cascades)
	return err
}

func (d *destination) selectForeignKeys(ctx context.Context, q providers.Querier, found relation, query string) ([]sqlgen.ForeignKey, error) {
	var keys []sqlgen.ForeignKey
	last := ""
	err := each(ctx, q, func(scan func(...any) error) error {
		var constraint, column, parentColumn string
		var child, parent relation
		var acts, deferred int
		if err := scan(&constraint, &child.owner, &child.name, &parent.owner, &parent.name, &column, &parentColumn, &acts, &deferred); err != nil {
			return err
		}
		if constraint != last {
			last = constraint
			spelt := shown(child.name)
			if child.owner != d.schema {
				spelt = shown(child.owner) + "." + spelt
			}
			keys = append(keys, sqlgen.ForeignKey{Table: child.sql(), Parent: parent.sql(), Shown: spelt, Acts: acts == 1, Deferred: deferred == 1})
		}
		key := &keys[len(keys)-1]
		key.Columns, key.ParentColumns = append(key.Columns, shown(column)), append(key.ParentColumns, shown(parentColumn))
		return nil
	}, query, found.owner, found.name)
	return keys, err
}

// NextValue finds a sequence as Table does a table.
func (d *destination) NextValue(ctx context.Context, q providers.Querier, sequence string) (string, error) {
	found, err := d.sequence(ctx, q, sequence)
	if err != nil {
		return "", err
	}
	return found.sql() + ".NEXTVAL", nil
}

func (d *destination) sequence(ctx context.Context, q providers.Querier, sequence string) (relation, error) {
	for _, wanted := range spellings(d.schema, sequence) {
		if _, _, lacking := d.charset.lacks(wanted.owner + wanted.name); lacking {
			continue
		}
		there := 0
		err := each(ctx, q, func(scan func(...any) error) error { return scan(&there) },
			"SELECT COUNT(*) FROM ALL_SEQUENCES s WHERE s.SEQUENCE_OWNER = :1 AND s.SEQUENCE_NAME = :2", wanted.owner, wanted.name)
		if err != nil {
			return relation{}, fmt.Errorf("look for the sequence: %w", d.SafeError(err))
		}
		if there > 0 {
			return wanted, nil
		}
	}
	return relation{}, fmt.Errorf("%w %q", providers.ErrNoSequence, sequence)
}

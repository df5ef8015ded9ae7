package mssql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// table is a table that rows can be written to.
type table struct {
	object
	id int64
}

// relationsText lists tables and what is named like them, but for those of the register.
const relationsText = `SELECT o.object_id, o.type, s.name, o.name FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V', 'SN') AND o.is_ms_shipped = 0 AND s.name NOT IN (N'registrar', N'registrar_staging') ORDER BY s.name, o.name`

func relations(ctx context.Context, q providers.Querier) (all []table, kinds []string, err error) {
	err = each(ctx, q, func(scan func(...any) error) error {
		var t table
		var kind string
		err := scan(&t.id, &kind, &t.schema, &t.name)
		all, kinds = append(all, t), append(kinds, strings.TrimSpace(kind))
		return err
	}, relationsText)
	return all, kinds, err
}

// each calls row for each row of a query, to scan it.
func each(ctx context.Context, q providers.Querier, row func(scan func(into ...any) error) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// find returns the table that a name means.
func find(ctx context.Context, q providers.Querier, name string) (*table, error) {
	all, kinds, err := relations(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("look for table %s: %w", name, safeError(err))
	}
	objects := make([]object, len(all))
	for i, t := range all {
		objects[i] = t.object
	}
	meant := among(objects, name)
	if meant == nil {
		return nil, fmt.Errorf("%w %q", providers.ErrNoTable, name)
	}
	i := slices.Index(objects, *meant)
	switch kinds[i] {
	case "V":
		return nil, fmt.Errorf("%s is a view: only tables can be kept in step", name)
	case "SN":
		return nil, fmt.Errorf("%s is a synonym: name the table that it stands for", name)
	}
	return &all[i], nil
}

// among returns the object that a name means, or nil. Case counts only where names differ by nothing else.
func among(all []object, name string) *object {
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for _, wanted := range spellings(name) {
			for i, o := range all {
				if same(o.schema, wanted.schema) && same(o.name, wanted.name) {
					return &all[i]
				}
			}
		}
	}
	return nil
}

// Table implements providers.Destination.
func (*destination) Table(ctx context.Context, q providers.Querier, name string) (*sqlgen.Table, error) {
	found, err := find(ctx, q, name)
	if err != nil {
		return nil, err
	}
	described, err := describe(ctx, q, found)
	if err != nil {
		return nil, fmt.Errorf("describe table %s: %w", name, safeError(err))
	}
	return described, nil
}

// TableNames implements providers.Destination.
func (*destination) TableNames(ctx context.Context, q providers.Querier) ([]string, error) {
	all, kinds, err := relations(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", safeError(err))
	}
	var names []string
	for i, t := range all {
		if kinds[i] == "U" {
			names = append(names, t.shown())
		}
	}
	return names, nil
}

// factsOf says whether rows may change by more than what is written to them, or be hidden; and whether this
// user could see it.
const factsOf = `SELECT CASE WHEN EXISTS (SELECT 1 FROM sys.triggers g WHERE g.parent_id = t.object_id AND g.is_disabled = 0) THEN 1 ELSE 0 END,
CASE WHEN EXISTS (SELECT 1 FROM sys.security_predicates r JOIN sys.security_policies y ON y.object_id = r.object_id WHERE r.target_object_id = t.object_id AND y.is_enabled = 1) THEN 1 ELSE 0 END,
CAST(t.is_memory_optimized AS int), CAST(t.is_external AS int), ISNULL(HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME(t.schema_id)) + N'.' + QUOTENAME(t.name), 'OBJECT', 'VIEW DEFINITION'), 0)
FROM sys.tables t WHERE t.object_id = @p1`

// describe reads all that the planning needs to know of a table.
func describe(ctx context.Context, q providers.Querier, found *table) (*sqlgen.Table, error) {
	described := &sqlgen.Table{Name: found.sql()}
	var inMemory, external, visible bool
	if err := q.QueryRowContext(ctx, factsOf, found.id).Scan(&described.Triggers, &described.RowSecurity, &inMemory, &external, &visible); err != nil {
		return nil, err
	}
	switch {
	case inMemory:
		return nil, errors.New("it is memory-optimized: only tables on disk can be kept in step")
	case external:
		return nil, errors.New("it is external: only tables of the database itself can be kept in step")
	case !visible:
		return nil, fmt.Errorf("its triggers and constraints cannot be seen: GRANT VIEW DEFINITION ON OBJECT::%s to the user of the destination", found.sql())
	}
	if err := describeColumns(ctx, q, found, described); err != nil {
		return nil, err
	}
	if err := describeIndexes(ctx, q, found, described); err != nil {
		return nil, err
	}
	return described, describeForeignKeys(ctx, q, found, described)
}

// columnsOf: an alias type stands for the type that it is made of. Of a type that no system knows, such as
// those written for this server, the name is left.
const columnsOf = `SELECT c.name, COALESCE(b.name, u.name), CAST(c.max_length AS int), CAST(c.precision AS int), CAST(c.scale AS int), ISNULL(c.collation_name, N''),
ISNULL(CAST(COLLATIONPROPERTY(c.collation_name, 'CodePage') AS int), 0), CAST(c.is_nullable AS int), CASE WHEN c.default_object_id <> 0 OR c.is_identity = 1 THEN 1 ELSE 0 END,
CASE WHEN c.is_computed = 1 OR c.is_identity = 1 OR c.generated_always_type <> 0 OR c.is_column_set = 1 THEN 1 ELSE 0 END, CAST(c.is_identity AS int),
CASE WHEN c.encryption_type IS NULL THEN 0 ELSE 1 END, CASE WHEN c.is_masked = 1 AND ISNULL(HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'UNMASK'), 0) = 0 THEN 1 ELSE 0 END
FROM sys.columns c LEFT JOIN sys.types b ON b.user_type_id = c.system_type_id LEFT JOIN sys.types u ON u.user_type_id = c.user_type_id
WHERE c.object_id = @p1 ORDER BY c.column_id`

func describeColumns(ctx context.Context, q providers.Querier, found *table, described *sqlgen.Table) error {
	return each(ctx, q, func(scan func(...any) error) error {
		var c sqlgen.Column
		var d declared
		var nullable, encrypted, masked bool
		if err := scan(&c.Name, &d.name, &d.octets, &d.precision, &d.scale, &c.Collation, &d.codePage, &nullable, &c.HasDefault, &c.Generated, &c.Identity, &encrypted, &masked); err != nil {
			return err
		}
		switch {
		case encrypted:
			return fmt.Errorf("column %q is encrypted (Always Encrypted), and cannot be compared in the database", c.Name)
		case masked:
			return fmt.Errorf("column %q is masked for this user: GRANT UNMASK to the user of the destination", c.Name)
		}
		c.NotNull = !nullable
		c.Type = d.typed()
		if d.name == "timestamp" {
			c.Generated, c.HasDefault = true, true
		}
		if c.Type.Kind != value.Text {
			c.Collation = ""
		}
		described.Columns = append(described.Columns, c)
		return nil
	}, columnsOf, found.id)
}

// declared is a column's type as the catalogue has it.
type declared struct {
	name             string
	octets           int // -1: (max)
	precision, scale int
	codePage         int // of texts that are not Unicode
}

func (d declared) typed() value.Type {
	sized := func(perPlace int) (string, int) {
		if d.octets < 0 {
			return d.name + "(max)", 0
		}
		return fmt.Sprintf("%s(%d)", d.name, d.octets/perPlace), d.octets / perPlace
	}
	t := value.Type{SQL: d.name}
	switch d.name {
	case "bit":
		t.Kind = value.Bool
	case "tinyint":
		t.Kind, t.Size, t.Unsigned = value.Int, 8, true
	case "smallint", "int", "bigint":
		t.Kind, t.Size = value.Int, d.octets*8
	case "decimal", "numeric":
		t.Kind, t.Precision, t.Scale, t.Limits = value.Decimal, d.precision, d.scale, numberLimits{}
		t.SQL = fmt.Sprintf("decimal(%d,%d)", d.precision, d.scale)
	case "money", "smallmoney":
		t.Kind, t.Precision, t.Scale, t.Limits = value.Decimal, d.precision, d.scale, numberLimits{d.name}
	case "real", "float":
		t.Kind, t.Size, t.Limits = value.Float, d.octets*8, numberLimits{d.name}
	case "char", "varchar":
		t.Kind, t.Fixed = value.Text, d.name == "char"
		t.SQL, t.Size = sized(1)
		t.Limits = codePageLimits{d.codePage, t.Size}
	case "nchar", "nvarchar":
		t.Kind, t.Fixed = value.Text, d.name == "nchar"
		t.SQL, t.Size = sized(2)
		t.Limits = unicodeLimits{t.Size}
	case "text":
		t.Kind, t.Limits = value.Text, codePageLimits{d.codePage, 0}
	case "ntext":
		t.Kind = value.Text
	case "binary", "varbinary":
		t.Kind = value.Bytes
		t.SQL, t.Size = sized(1)
	case "image", "timestamp":
		t.Kind = value.Bytes
	case "date":
		t.Kind, t.Limits = value.Date, calendarLimits{d.name}
	case "time":
		t.Kind, t.Fraction, t.Limits = value.Time, d.scale, calendarLimits{d.name}
		t.SQL = fmt.Sprintf("time(%d)", d.scale)
	case "smalldatetime":
		t.Kind, t.Limits = value.DateTime, calendarLimits{d.name}
	case "datetime":
		t.Kind, t.Fraction, t.Limits = value.DateTime, 3, calendarLimits{d.name}
	case "datetime2", "datetimeoffset":
		t.Kind, t.Fraction, t.Limits = value.DateTime, d.scale, calendarLimits{d.name}
		if d.name == "datetimeoffset" {
			t.Kind = value.Instant
		}
		t.SQL = fmt.Sprintf("%s(%d)", d.name, d.scale)
	case "uniqueidentifier":
		t.Kind = value.UUID
	default:
		t.Kind = value.Other
	}
	return t
}

// indexesOf lists the columns of unique indexes, primary keys first.
const indexesOf = `SELECT i.index_id, c.name, CAST(i.has_filter AS int) FROM sys.indexes i
JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.is_included_column = 0 AND k.key_ordinal > 0
JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE i.object_id = @p1 AND i.is_unique = 1 AND i.is_disabled = 0 AND i.is_hypothetical = 0 ORDER BY i.is_primary_key DESC, i.index_id, k.key_ordinal`

func describeIndexes(ctx context.Context, q providers.Querier, found *table, described *sqlgen.Table) error {
	last := int64(-1)
	return each(ctx, q, func(scan func(...any) error) error {
		var index int64
		var column string
		var partial bool
		if err := scan(&index, &column, &partial); err != nil {
			return err
		}
		into := &described.Unique
		if partial {
			into = &described.Partial
		}
		if index != last {
			*into, last = append(*into, nil), index
		}
		at := len(*into) - 1
		(*into)[at] = append((*into)[at], column)
		return nil
	}, indexesOf, found.id)
}

// foreignKeysOf lists the keys of and to a table. Those that are not checked refuse nothing.
const foreignKeysOf = `SELECT f.object_id, cs.name, ct.name, cc.name, ps.name, pt.name, pc.name, CAST(f.delete_referential_action AS int), CAST(f.update_referential_action AS int)
FROM sys.foreign_keys f JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id
JOIN sys.tables ct ON ct.object_id = f.parent_object_id JOIN sys.schemas cs ON cs.schema_id = ct.schema_id
JOIN sys.columns cc ON cc.object_id = k.parent_object_id AND cc.column_id = k.parent_column_id
JOIN sys.tables pt ON pt.object_id = f.referenced_object_id JOIN sys.schemas ps ON ps.schema_id = pt.schema_id
JOIN sys.columns pc ON pc.object_id = k.referenced_object_id AND pc.column_id = k.referenced_column_id
WHERE f.is_disabled = 0 AND @p1 IN (f.parent_object_id, f.referenced_object_id) ORDER BY f.object_id, k.constraint_column_id`

func describeForeignKeys(ctx context.Context, q providers.Querier, found *table, described *sqlgen.Table) error {
	var keys []sqlgen.ForeignKey
	last := int64(-1)
	err := each(ctx, q, func(scan func(...any) error) error {
		var id int64
		var child, parent object
		var column, parentColumn string
		var onDelete, onUpdate int
		if err := scan(&id, &child.schema, &child.name, &column, &parent.schema, &parent.name, &parentColumn, &onDelete, &onUpdate); err != nil {
			return err
		}
		if id != last {
			last = id
			keys = append(keys, sqlgen.ForeignKey{Table: child.sql(), Parent: parent.sql(), Shown: child.shown(), Acts: onDelete != 0, ActsOnUpdate: onUpdate != 0})
		}
		key := &keys[len(keys)-1]
		key.Columns, key.ParentColumns = append(key.Columns, column), append(key.ParentColumns, parentColumn)
		return nil
	}, foreignKeysOf, found.id)
	for _, key := range keys {
		if key.Table == described.Name {
			described.ForeignKeys = append(described.ForeignKeys, key)
		}
		if key.Parent != described.Name {
			continue
		}
		described.References = append(described.References, key)
		if key.Acts && !slices.Contains(described.Cascades, key.Shown) {
			described.Cascades = append(described.Cascades, key.Shown)
		}
	}
	return err
}

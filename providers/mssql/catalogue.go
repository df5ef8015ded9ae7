package mssql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// defaultSchema is that of a name without one.
const defaultSchema = "dbo"

// object is what can be read like a table.
type object struct{ schema, name string }

func (o object) sql() string { return quote(o.schema) + "." + quote(o.name) }

// shown is the shortest name that a configuration can use.
func (o object) shown() string {
	if o.schema == defaultSchema && !strings.ContainsAny(o.name, `."[`) {
		return o.name
	}
	return o.schema + "." + o.name
}

// TableName implements sqlsource.Engine. Case counts only where names differ by nothing else.
func (engine) TableName(ctx context.Context, conn *sql.Conn, name string) (string, error) {
	found, all, err := findObject(ctx, conn, name)
	if err != nil {
		return "", fmt.Errorf("look for table %s: %w", name, err)
	}
	if found == nil {
		names := make([]string, len(all))
		for i, o := range all {
			names[i] = o.shown()
		}
		return "", sqlsource.NoTable(name, names)
	}
	return found.sql(), nil
}

// findObject returns what a name means, or nil; and all that there is.
func findObject(ctx context.Context, conn *sql.Conn, name string) (*object, []object, error) {
	rows, err := conn.QueryContext(ctx, `SELECT s.name, o.name FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V', 'SN') AND o.is_ms_shipped = 0 ORDER BY s.name, o.name`)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []object
	for rows.Next() {
		var o object
		if err := rows.Scan(&o.schema, &o.name); err != nil {
			return nil, nil, err
		}
		all = append(all, o)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	wanted := spellings(name)
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for _, w := range wanted {
			for _, o := range all {
				if same(o.schema, w.schema) && same(o.name, w.name) {
					return &o, all, nil
				}
			}
		}
	}
	return nil, all, nil
}

// spellings lists what a name may mean, the likeliest first: schema.table, table, or a table whose
// name holds points.
func spellings(name string) []object {
	whole := object{defaultSchema, name}
	parts, ok := splitName(name)
	switch {
	case !ok:
		return []object{whole}
	case len(parts) == 1:
		return []object{{defaultSchema, parts[0]}, whole}
	case len(parts) == 2 && parts[0] != "":
		return []object{{parts[0], parts[1]}, whole}
	default:
		return []object{whole}
	}
}

// splitName cuts a name into its parts, which points separate. A part in [ ] or " " may hold them.
func splitName(name string) (parts []string, ok bool) {
	for rest := name; ; rest = rest[1:] {
		part := ""
		if end := strings.IndexAny(rest[:min(1, len(rest))], `["`); end == 0 {
			closing := rest[:1]
			if closing == "[" {
				closing = "]"
			}
			for rest = rest[1:]; ; rest = rest[2:] {
				i := strings.Index(rest, closing)
				if i < 0 {
					return nil, false
				}
				part, rest = part+rest[:i], rest[i:]
				if !strings.HasPrefix(rest[1:], closing) {
					break
				}
				part += closing
			}
			rest = rest[1:]
		} else {
			end := strings.IndexByte(rest, '.')
			if end < 0 {
				end = len(rest)
			}
			part, rest = rest[:end], rest[end:]
		}
		parts = append(parts, part)
		if rest == "" {
			return parts, true
		}
		if rest[0] != '.' {
			return nil, false
		}
	}
}

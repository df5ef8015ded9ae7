package scaffold

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// lookup is a column that refers to a row by a number which the source does not have.
type lookup struct {
	column sqlgen.Column
	// table and parentColumn are what it refers to, as a configuration names them.
	table, parentColumn string
	parts               []part // by which the row is found
	doubts              []string
}

// part is a column of the parent's business key.
type part struct {
	column sqlgen.Column
	// scoped: it has the constant of the scope.
	scoped bool
	source int // the column of the source, -1 for none
	expr   expression
	score  float64
}

// findLookups makes lookups of the foreign keys that refer to surrogate keys.
func (d *draft) findLookups(ctx context.Context) error {
	for _, f := range d.table.ForeignKeys {
		if len(f.Columns) != 1 {
			continue
		}
		i := slices.IndexFunc(d.table.Columns, func(c sqlgen.Column) bool { return c.Name == f.Columns[0] })
		if i < 0 || d.roles[i] != plain {
			continue
		}
		name, parent, err := d.parentOf(ctx, f)
		if err != nil {
			return fmt.Errorf("%s: describe what %q of %q refers to: %w", d.Into, f.Columns[0], d.Table, providers.SafeError(d.Destination, err))
		}
		if parent == nil {
			continue
		}
		if l := d.lookupOf(d.table.Columns[i], name, parent, f.ParentColumns[0]); l != nil {
			d.roles[i] = looked
			d.lookups = append(d.lookups, l)
		}
	}
	return nil
}

// parentOf finds the table that a foreign key refers to by the name that a configuration gives it.
func (d *draft) parentOf(ctx context.Context, f sqlgen.ForeignKey) (string, *sqlgen.Table, error) {
	if f.Parent == d.table.Name {
		return d.Table, d.table, nil
	}
	names, err := d.Destination.TableNames(ctx, d.Conn)
	if err != nil {
		return "", nil, err
	}
	for _, name := range names {
		if !strings.HasSuffix(f.Parent, d.Destination.Dialect().Quote(name[strings.LastIndexByte(name, '.')+1:])) {
			continue
		}
		table, err := d.Destination.Table(ctx, d.Conn, name)
		if err != nil {
			return "", nil, err
		}
		if table.Name == f.Parent {
			return name, table, nil
		}
	}
	return "", nil, nil
}

// lookupOf returns nil where the column that is referred to is itself what people go by.
func (d *draft) lookupOf(c sqlgen.Column, name string, parent *sqlgen.Table, column string) *lookup {
	l := &lookup{column: c, table: name, parentColumn: column}
	var keys [][]string
	for _, unique := range parent.Unique {
		if !slices.Contains(unique, column) {
			keys = append(keys, unique)
		}
	}
	referred, ok := parent.Column(column)
	if !ok || referred.Type.Kind == value.Text || len(keys) == 0 && !referred.HasDefault {
		return nil
	}
	if len(keys) == 0 {
		l.doubts = append(l.doubts, fmt.Sprintf("table %q has no unique index but that on %q: by which columns is a row of it found?", name, column))
		return l
	}
	slices.SortStableFunc(keys, func(a, b []string) int { return len(a) - len(b) })
	if len(keys) > 1 {
		l.doubts = append(l.doubts, fmt.Sprintf("table %q has several unique indexes, %s: the first is taken", name, columnLists(keys)))
	}
	for _, key := range keys[0] {
		of, _ := parent.Column(key)
		l.parts = append(l.parts, part{column: of, source: -1, scoped: slices.Contains(roleNames[scoped], joined(key))})
	}
	return l
}

// nameOfPart is what a column of the source may be called that holds a part of a lookup's key: the department's code, whether by the
// name of the column (department_id) or by that of the table.
func (d *draft) namesOfPart(l *lookup, p *part) []name {
	parent := conceptsOf(l.table)
	var own []string
	for _, c := range conceptsOf(l.column.Name) {
		if c != "id" && c != "code" && c != "number" {
			own = append(own, c)
		}
	}
	if len(own) == 0 {
		own = parent
	}
	inside := nameIn(p.column.Name, parent).inside
	var names []name
	for _, of := range [][]string{own, parent} {
		concepts := settle(append(slices.Clone(of), inside...))
		// Nothing of it is lent by the destination's table: in one of students, COD_ETU is no department's code.
		names = append(names, name{joined: strings.Join(of, "") + joined(p.column.Name), concepts: concepts, inside: concepts})
	}
	// As the key itself is called where it says of what it is, or the column that refers to it.
	return append(names, name{joined: joined(l.column.Name)})
}

func columnLists(lists [][]string) string {
	texts := make([]string, len(lists))
	for i, list := range lists {
		texts[i] = "(" + strings.Join(list, ", ") + ")"
	}
	return strings.Join(texts, ", ")
}

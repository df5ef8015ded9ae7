package sqlgen

import (
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/internal/value"
)

// The columns of the references among new rows: a row's key as messages show it, and that of the
// row that it refers to.
const (
	edgeChild  = "child"
	edgeParent = "parent"
)

func edgeColumns(d Dialect) []Column {
	text := value.Type{Kind: value.Text, SQL: d.TypeName(value.Text)}
	return []Column{{Name: edgeChild, Type: text}, {Name: edgeParent, Type: text}}
}

// CreateEdges creates the table, named as by Dialect.StageTable, of references among rows that a
// plan inserts.
func CreateEdges(d Dialect, table string) Statement {
	return Statement{Defines: true, SQL: d.CreateStage(table, edgeColumns(d))}
}

// IndexEdges lets it be searched, where the engine needs an index.
func IndexEdges(d Dialect, table string) Statement { return indexStage(d, table, edgeColumns(d)[:1]) }

// IndexEdgeParents lets it be pruned by an engine that compares what it deletes from row by row.
func IndexEdgeParents(d Dialect, table string) Statement {
	indexer, ok := d.(ReferenceIndexer)
	if !ok {
		return Statement{}
	}
	return Statement{Defines: true, SQL: indexer.IndexReference(table, edgeColumns(d)[1])}
}

// FillEdges adds the references, by a lookup of child into its own table, to rows of parent that refer
// to new rows themselves. An empty statement where there can be none.
func FillEdges(d Dialect, table string, child *Target, l *Lookup, parent *Target) Statement {
	c := composer{d: d}
	var on, waiting []string
	for _, k := range l.By {
		wanted := c.of("s", k.Staged)
		set := slices.IndexFunc(parent.Scope, func(s Set) bool { return s.Column.Name == k.Column.Name && s.Text != nil })
		switch {
		case slices.ContainsFunc(parent.Mapped, func(m Column) bool { return m.Name == k.Column.Name }):
			on = append(on, c.of("q", k.Column)+" = "+wanted)
		case set >= 0:
			on = append(on, d.FromText(c.bind(parent.Scope[set].Text), k.Column)+" = "+wanted)
		default:
			return Statement{}
		}
	}
	for _, other := range parent.Lookups {
		if parent.Self(other) {
			waiting = append(waiting, c.pending(other, "q"))
		}
	}
	if len(waiting) == 0 {
		return Statement{}
	}
	return c.statement(`INSERT INTO %s (%s, %s) SELECT %s, %s FROM %s s JOIN %s q ON %s WHERE %s`, table, d.Quote(edgeChild), d.Quote(edgeParent),
		c.node(child, "s"), c.node(parent, "q"), child.Stage, parent.Stage, and(on...), and(c.pending(l, "s"), or(waiting...)))
}

// node is the key of a staged row as messages show it.
func (c *composer) node(t *Target, alias string) string {
	parts := []string{literal(t.Sync + ` "`)}
	for i, k := range t.stagedKey() {
		if i > 0 {
			parts = append(parts, `'", "'`)
		}
		parts = append(parts, c.text(alias, k))
	}
	return c.d.Concat(append(parts, `'"'`)...)
}

// PruneEdges removes the references to rows that refer to no new row. What remains when there is
// nothing more to remove leads into circles.
func PruneEdges(d Dialect, table string) Statement {
	c := composer{d: d}
	columns := edgeColumns(d)
	return c.remove(Delete{
		Table: table, Alias: "d", Where: "1 = 1", Key: []string{d.Quote(edgeParent)},
		Query: fmt.Sprintf("SELECT %s FROM %s e WHERE NOT EXISTS (SELECT 1 FROM %s f WHERE %s = %s)", c.of("e", columns[1]), table, table, c.of("f", columns[0]), c.of("e", columns[1])),
	})
}

// Edge selects what a row refers to; of the first row where from is "".
func Edge(d Dialect, table, from string) Statement {
	c := composer{d: d}
	columns := edgeColumns(d)
	condition := "1 = 1"
	if from != "" {
		condition = c.of("e", columns[0]) + " = " + c.bindText(from)
	}
	return c.first(1, `SELECT e.%s, e.%s FROM %s e WHERE %s ORDER BY 1, 2`, d.Quote(edgeChild), d.Quote(edgeParent), table, condition)
}

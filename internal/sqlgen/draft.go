package sqlgen

import "github.com/registrar-sync/registrar/internal/value"

// operations is the table that holds the target's operations.
func (t *Target) operations(d Dialect) string {
	if t.Draft != "" {
		return t.Draft
	}
	return d.RegisterTable("operation")
}

func draftColumns(d Dialect) []Column {
	columns := []Column{
		{Name: "plan_id"},
		{Name: "seq", Type: value.Type{Kind: value.Int}},
		{Name: "sync"},
		{Name: "table_name"},
		{Name: "operation"},
		{Name: "key", Type: value.Type{Kind: value.JSON}},
		{Name: "before", Type: value.Type{Kind: value.JSON}},
		{Name: "after", Type: value.Type{Kind: value.JSON}},
	}
	for i := range columns {
		if columns[i].Type.Kind == value.Null {
			columns[i].Type.Kind = value.Text
		}
		columns[i].Type.SQL = d.TypeName(columns[i].Type.Kind)
	}
	return columns
}

// CreateDraft creates the table t.Draft. A planning role may add to the register, and
// take nothing out of it.
func CreateDraft(d Dialect, t *Target) Statement {
	return Statement{Defines: true, SQL: d.CreateStage(t.Draft, draftColumns(d))}
}

// PublishDraft writes the operations of t.Draft into the register.
func PublishDraft(d Dialect, t *Target) Statement {
	c := composer{d: d}
	columns := draftColumns(d)
	return c.statement(`INSERT INTO %s (%s) SELECT %s FROM %s o`, d.RegisterTable("operation"),
		join(columns, ", ", func(column Column) string { return d.Quote(column.Name) }), c.columns("o", columns), t.Draft)
}

// CountPlanned counts the target's operations, by name.
func CountPlanned(d Dialect, p Planned) Statement {
	c := composer{d: d}
	return c.statement(`SELECT o.operation, count(*) FROM %s o WHERE o.plan_id = %s AND o.seq > %d AND o.seq <= %d GROUP BY o.operation`,
		p.Target.operations(d), c.bindText(p.PlanID), p.After, p.Last)
}

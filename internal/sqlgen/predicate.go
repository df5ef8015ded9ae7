package sqlgen

import "github.com/registrar-sync/registrar/internal/value"

// Predicate is a condition on a row; it is not fulfilled where it is unknown.
type Predicate struct {
	Op       string // and, or, not, =, <>, <, <=, >, >=, in, is null, is not null
	Operands []*Predicate
	Column   Column
	Texts    []string // canonical, each fits Column
}

// columns lists the columns that a predicate reads.
func (p *Predicate) columns() []Column {
	if p == nil {
		return nil
	}
	var columns []Column
	if len(p.Operands) == 0 {
		columns = append(columns, p.Column)
	}
	for _, operand := range p.Operands {
		columns = append(columns, operand.columns()...)
	}
	return columns
}

// holds is the condition that a row fulfils the predicate. It is never NULL.
func (c *composer) holds(p *Predicate, column func(Column) string) string {
	return "(CASE WHEN " + c.condition(p, column) + " THEN 1 ELSE 0 END = 1)"
}

func (c *composer) condition(p *Predicate, column func(Column) string) string {
	operand := func(o *Predicate) string { return c.condition(o, column) }
	exact := func(expr string) string {
		if p.Column.Type.Kind == value.Decimal || p.Column.Type.Kind == value.Float {
			return expr // 1.5 is 1.50, and 0 is -0
		}
		return c.d.Comparable(expr, p.Column)
	}
	switch p.Op {
	case "and":
		return "(" + join(p.Operands, " AND ", operand) + ")"
	case "or":
		return "(" + join(p.Operands, " OR ", operand) + ")"
	case "not":
		return "NOT (" + operand(p.Operands[0]) + ")"
	case "is null":
		return column(p.Column) + " IS NULL"
	case "is not null":
		return column(p.Column) + " IS NOT NULL"
	case "in":
		return exact(column(p.Column)) + " IN (" + join(p.Texts, ", ", func(text string) string {
			return exact(c.d.FromText(c.bindText(text), p.Column))
		}) + ")"
	case "=", "<>":
		return exact(column(p.Column)) + " " + p.Op + " " + exact(c.d.FromText(c.bindText(p.Texts[0]), p.Column))
	default:
		return column(p.Column) + " " + p.Op + " " + c.d.FromText(c.bindText(p.Texts[0]), p.Column)
	}
}

package sqlgen

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
		return c.d.Comparable(column(p.Column), p.Column) + " IN (" + join(p.Texts, ", ", func(text string) string {
			return c.d.Comparable(c.d.FromText(c.bindText(text), p.Column), p.Column)
		}) + ")"
	case "=", "<>":
		return c.d.Comparable(column(p.Column), p.Column) + " " + p.Op + " " +
			c.d.Comparable(c.d.FromText(c.bindText(p.Texts[0]), p.Column), p.Column)
	default:
		return column(p.Column) + " " + p.Op + " " + c.d.FromText(c.bindText(p.Texts[0]), p.Column)
	}
}

package config

import "github.com/registrar-sync/registrar/internal/value"

// Predicate is a condition on a row of the destination, with SQL's three truth
// values; a row for which it is unknown does not fulfil it.
type Predicate struct {
	Op PredicateOp
	// Operands are of And and Or (two or more) and Not (one).
	Operands []*Predicate
	// Column is of the comparisons, of In and of the NULL tests.
	Column string
	// Values are of the comparisons (one) and of In (one or more); none is NULL.
	Values []value.Value
	Range  Range
}

// PredicateOp is how a predicate is put together.
type PredicateOp string

// The operators. A comparison has the column on its left.
const (
	And            PredicateOp = "and"
	Or             PredicateOp = "or"
	Not            PredicateOp = "not"
	Equal          PredicateOp = "="
	NotEqual       PredicateOp = "<>"
	Less           PredicateOp = "<"
	LessOrEqual    PredicateOp = "<="
	Greater        PredicateOp = ">"
	GreaterOrEqual PredicateOp = ">="
	In             PredicateOp = "in"
	IsNull         PredicateOp = "is null"
	IsNotNull      PredicateOp = "is not null"
)

// Walk calls visit for the predicate and all its operands.
func (p *Predicate) Walk(visit func(*Predicate)) {
	if p == nil {
		return
	}
	visit(p)
	for _, operand := range p.Operands {
		operand.Walk(visit)
	}
}

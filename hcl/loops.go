package hcl

import (
	"fmt"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/hcl/rowexpr"
)

// What a value may take, and what the for expressions within one value may make, is bounded in octets: HCL's evaluator knows no
// bounds, and cannot be interrupted.
const (
	maxValue    = 16 << 20
	maxLoops    = 32 << 20 // about half a million elements
	maxExponent = 100_000  // of two, in a number: written out, it has a third as many digits
)

// bound reports numbers that could not be written out, and puts a meter into the for expressions of a syntax tree.
func bound(tree hclsyntax.Node) hcl.Diagnostics {
	w := &boundWalker{}
	return hclsyntax.Walk(tree, w)
}

type boundWalker struct {
	depth int    // for expressions around a node
	meter *meter // of the outermost of them
}

func (w *boundWalker) Enter(node hclsyntax.Node) hcl.Diagnostics {
	switch node := node.(type) {
	case *hclsyntax.LiteralValueExpr:
		if v := node.Val; v.Type() == cty.Number && v.IsKnown() && !v.IsNull() {
			if exponent := v.AsBigFloat().MantExp(nil); max(exponent, -exponent) > maxExponent {
				return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: invalidValue, Detail: "The number has too many digits.", Subject: node.SrcRange.Ptr()}}
			}
		}
	case *hclsyntax.ForExpr:
		over := collection
		if w.depth++; w.depth == 1 {
			w.meter, over = newMeter(node.SrcRange), beginning
		}
		node.CollExpr = w.meter.reads(node.CollExpr, over)
		node.ValExpr = w.meter.reads(node.ValExpr, body)
		if node.KeyExpr != nil {
			node.KeyExpr = w.meter.reads(node.KeyExpr, body)
		}
		if node.CondExpr != nil {
			node.CondExpr = w.meter.reads(node.CondExpr, body)
		}
	}
	return nil
}

func (w *boundWalker) Exit(node hclsyntax.Node) hcl.Diagnostics {
	if _, is := node.(*hclsyntax.ForExpr); is {
		w.depth--
	}
	return nil
}

// meter counts what a for expression and those within it make, in one evaluation of the outermost. It is only an
// estimate where several evaluate the same at a time, as the policies of plans do.
type meter struct {
	left      atomic.Int64
	exhausted hcl.Diagnostics
}

func newMeter(at hcl.Range) *meter {
	return &meter{exhausted: hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: expressionTooComplex, Subject: at.Ptr(),
		Detail: fmt.Sprintf("A for expression, with those within it, may make %d MiB, or about %d elements.", maxLoops>>20, maxLoops/rowexpr.ValueOctets),
	}}}
}

// reads makes expr count by m what it yields. Seen from without, it is an expression in parentheses.
func (m *meter) reads(expr hclsyntax.Expression, role role) hclsyntax.Expression {
	return &metered{Expression: &hclsyntax.ParenthesesExpr{Expression: expr, SrcRange: expr.Range()}, meter: m, role: role}
}

// role is what a metered expression is of a for expression.
type role int

const (
	body       role = iota // key, value or condition
	collection             // what is looped over
	beginning              // what the outermost loops over: with its evaluation begins that of all
)

// metered is a part of a for expression.
type metered struct {
	hclsyntax.Expression
	meter *meter
	role  role
}

func (e *metered) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if e.role == beginning {
		e.meter.left.Store(maxLoops)
	}
	// A collection that cannot be had ends its loop at once; the loops around it still come to their ends, which is soon.
	if e.meter.left.Load() < 0 {
		return cty.DynamicVal, e.meter.exhausted
	}
	v, diags := e.Expression.Value(ctx)
	made := rowexpr.ValueOctets
	if e.role == body {
		made = rowexpr.Size(v, maxLoops)
	}
	if e.meter.left.Add(-int64(made)) < 0 {
		return cty.DynamicVal, e.meter.exhausted
	}
	return v, diags
}

// largeValue returns a diagnostic for a value that is too large to go on with.
func largeValue(expr hclsyntax.Expression, v cty.Value) *hcl.Diagnostic {
	if rowexpr.Size(v, maxValue) <= maxValue {
		return nil
	}
	return tooLarge(expr)
}

func tooLarge(expr hclsyntax.Expression) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Value too large", Subject: expr.Range().Ptr(),
		Detail: fmt.Sprintf("A value may take %d MiB, its text and %d octets for each element together.", maxValue>>20, rowexpr.ValueOctets),
	}
}

// longText returns a diagnostic where the values that texts in expr are made of are too long together.
func longText(expr hclsyntax.Expression, ctx *hcl.EvalContext) *hcl.Diagnostic {
	var long *hclsyntax.TemplateExpr
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		template, ok := node.(*hclsyntax.TemplateExpr)
		if !ok || long != nil || ctx == nil || len(template.Parts) < 2 {
			return nil
		}
		octets := 0
		for _, part := range template.Parts {
			if reference, ok := part.(*hclsyntax.ScopeTraversalExpr); ok {
				v, _ := reference.Value(ctx) // unknown where it cannot be had
				octets += rowexpr.Size(v, maxValue) - rowexpr.ValueOctets
			}
		}
		if octets > maxValue {
			long = template
		}
		return nil
	})
	if long == nil {
		return nil
	}
	return tooLarge(long)
}

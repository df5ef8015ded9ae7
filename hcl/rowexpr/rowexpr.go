// Package rowexpr compiles the expressions that compute a destination's columns
// from a source row, and holds the function library of the whole language.
//
// An expression is parsed and type-checked once. What does not depend on the row
// is folded by HCL's own evaluator; the rest becomes closures over typed values,
// so that evaluating a row neither looks up names nor makes cty values (but
// for functions that take or return collections). HCL's evaluator is the reference for
// what an expression means, with these exceptions:
//
//   - NULL propagates through functions, operators and templates instead of being an
//     error. A comparison with a constant null tests for it; && and || know three
//     truth values; a NULL condition is false.
//   - Dates, timestamps and times are types of their own, compared within one
//     type only.
//   - Arithmetic is decimal and exact, quotients apart, which have 60 digits.
//     A decimal column keeps its scale where it becomes text. Text is a number
//     where it is a finite decimal one.
//   - && and || do not evaluate their right side, conditionals and coalesce the
//     operands, that cannot matter.
package rowexpr

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

// rowName is the variable that stands for the source row.
const rowName = "row"

// Compile compiles an expression whose only free variable is row. ctx holds
// everything else that is known: variables and, unless the library of this package
// is meant, functions. Values marked as sensitive are used without their marks.
func Compile(expr hcl.Expression, ctx *hcl.EvalContext) (config.Expr, hcl.Diagnostics) {
	return compileAs(expr, ctx, tAny)
}

// compileAs compiles an expression whose values are converted to type t.
func compileAs(expr hcl.Expression, ctx *hcl.EvalContext, t typ) (config.Expr, hcl.Diagnostics) {
	c := &compiler{ctx: withFunctions(ctx), refIndex: map[config.ColumnRef]int{}}
	out := config.Expr{Range: configRange(expr.Range())}
	native, ok := expr.(hclsyntax.Expression)
	if !ok {
		c.errorf(expr.Range(), unsupported, "A row expression is written in HCL's native syntax.")
		return out, c.diags
	}
	n := c.compile(native)
	if c.diags.HasErrors() {
		return out, c.diags
	}
	if n.typ == tCollection {
		c.errorf(expr.Range(), "Unsuitable value", "A single value is required here, not a collection. Take one of its elements, or turn it into text with join or jsonencode.")
		return out, c.diags
	}
	if t != tAny {
		if n = c.result(native, n, t); c.diags.HasErrors() {
			return out, c.diags
		}
	}
	out.Refs = c.refs
	out.Plain = n.column != nil
	out.Bind = func(index []int) config.Eval {
		if n.column != nil {
			i := index[n.column.ref]
			return func(row []value.Value) (value.Value, error) { return row[i], nil }
		}
		return config.Eval(n.one(index))
	}
	return out, c.diags
}

const unsupported = "Not supported in a row expression"

// eval computes a single value.
type eval func(row []value.Value) (value.Value, error)

// evalCty computes a value of any type, collections included.
type evalCty func(row []value.Value) (cty.Value, error)

// node is a compiled expression. Binding it to a source's columns yields a
// closure; at least one of bindOne and bindCty is set.
type node struct {
	typ     typ
	bindOne func(index []int) eval
	bindCty func(index []int) evalCty
	// constant is set where nothing depends on the row.
	constant *constant
	// column is set where the node is a reference to a source column, in
	// parentheses perhaps.
	column *column
}

type constant struct {
	one value.Value // NULL for a collection
	cty cty.Value   // unmarked and wholly known
}

type column struct{ ref int }

// one binds the node as an operand: text is in NFC.
func (n node) one(index []int) eval {
	if n.bindOne != nil {
		return n.bindOne(index)
	}
	f := n.bindCty(index)
	return func(row []value.Value) (value.Value, error) {
		v, err := f(row)
		if err != nil {
			return value.Value{}, err
		}
		return FromCty(v)
	}
}

// cty binds the node as an operand that may be a collection.
func (n node) cty(index []int) evalCty {
	if n.bindCty != nil {
		return n.bindCty(index)
	}
	f := n.bindOne(index)
	return func(row []value.Value) (cty.Value, error) {
		v, err := f(row)
		if err != nil {
			return cty.NilVal, err
		}
		return ToCty(v), nil
	}
}

// isNull reports whether the node is a constant null.
func (n node) isNull() bool { return n.constant != nil && n.constant.cty.IsNull() }

type compiler struct {
	ctx      *hcl.EvalContext
	refs     []config.ColumnRef
	refIndex map[config.ColumnRef]int // without ranges; names that ignore case are in lower case
	diags    hcl.Diagnostics
}

func (c *compiler) errorf(at hcl.Range, summary, format string, args ...any) node {
	c.diags = append(c.diags, &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &at,
	})
	return invalid
}

// invalid stands for an expression that has been complained about.
var invalid = node{
	typ: tDynamic,
	bindOne: func([]int) eval {
		return func([]value.Value) (value.Value, error) { return value.Value{}, errSingle }
	},
}

func (c *compiler) compile(expr hclsyntax.Expression) node {
	if refused := c.refusedCall(expr); refused {
		return invalid
	}
	if !dependsOnRow(expr) {
		return c.fold(expr)
	}
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return c.compile(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return c.compile(e.Wrapped)
	case *hclsyntax.ScopeTraversalExpr:
		return c.reference(e)
	case *hclsyntax.RelativeTraversalExpr:
		return c.relative(e)
	case *hclsyntax.IndexExpr:
		return c.index(e)
	case *hclsyntax.TemplateExpr:
		return c.template(e)
	case *hclsyntax.UnaryOpExpr:
		return c.unary(e)
	case *hclsyntax.BinaryOpExpr:
		return c.binary(e)
	case *hclsyntax.ConditionalExpr:
		return c.conditional(e)
	case *hclsyntax.FunctionCallExpr:
		return c.call(e)
	case *hclsyntax.TupleConsExpr:
		return c.tuple(e)
	case *hclsyntax.ObjectConsExpr:
		return c.object(e)
	case *hclsyntax.ForExpr:
		return c.errorf(e.Range(), unsupported, "A for expression cannot use the source row. Build the collection without it, and look the row's value up in it.")
	case *hclsyntax.TemplateJoinExpr:
		return c.errorf(e.Range(), unsupported, "A for directive cannot use the source row.")
	case *hclsyntax.SplatExpr:
		return c.errorf(e.Range(), unsupported, "A splat expression cannot use the source row.")
	default:
		return c.errorf(expr.Range(), unsupported, "This kind of expression cannot use the source row.")
	}
}

// refusedCall complains about functions that mean something only elsewhere.
func (c *compiler) refusedCall(expr hclsyntax.Expression) bool {
	call, ok := expr.(*hclsyntax.FunctionCallExpr)
	if !ok {
		return false
	}
	switch call.Name {
	case "now":
		c.errorf(call.Range(), "Not supported in this version", "now() cannot be part of a row expression: it is allowed in archive, restore and stamps.")
	case "lookup":
		c.errorf(call.Range(), unsupported, "lookup cannot be part of a row expression. To translate a value by a constant table, index it: { A = \"x\" }[row.code].")
	default:
		return false
	}
	return true
}

func dependsOnRow(expr hclsyntax.Expression) bool {
	for _, traversal := range expr.Variables() {
		if traversal.RootName() == rowName {
			return true
		}
	}
	return false
}

// fold evaluates an expression that is free of the row with HCL's evaluator.
func (c *compiler) fold(expr hclsyntax.Expression) node {
	hclsyntax.VisitAll(expr, func(inner hclsyntax.Node) hcl.Diagnostics {
		if e, ok := inner.(hclsyntax.Expression); ok && inner != expr {
			c.refusedCall(e)
		}
		return nil
	})
	if c.diags.HasErrors() {
		return invalid
	}
	v, diags := expr.Value(c.ctx)
	c.diags = append(c.diags, diags...)
	if diags.HasErrors() {
		return invalid
	}
	v, _ = v.UnmarkDeep()
	if !v.IsWhollyKnown() {
		return c.errorf(expr.Range(), "Value not known", "This part of the expression is not known while the configuration is read.")
	}
	n, err := constantNode(v)
	if err != nil {
		return c.errorf(expr.Range(), "Unsuitable value", "This cannot be used in a row expression: %s.", err)
	}
	return n
}

// constantNode returns a node for a value that is unmarked and wholly known.
func constantNode(v cty.Value) (node, error) {
	t := typeOfCty(v)
	known := &constant{cty: v}
	if t.single() {
		one, err := FromCty(v)
		if err != nil {
			return invalid, err
		}
		known.one = one
		if v.Type() == cty.Number && !v.IsNull() {
			v = ToCty(one)
			known.cty = v
		}
	} else if v.Type() == cty.Number {
		return invalid, errNotFinite
	}
	n := node{typ: t, constant: known, bindCty: func([]int) evalCty {
		return func([]value.Value) (cty.Value, error) { return v, nil }
	}}
	if t.single() {
		n.bindOne = func([]int) eval {
			return func([]value.Value) (value.Value, error) { return known.one, nil }
		}
	}
	return n, nil
}

// withFunctions adds the library where a context brings no functions.
func withFunctions(ctx *hcl.EvalContext) *hcl.EvalContext {
	for c := ctx; c != nil; c = c.Parent() {
		if c.Functions != nil {
			return ctx
		}
	}
	if ctx == nil {
		return &hcl.EvalContext{Functions: Functions()}
	}
	child := ctx.NewChild()
	child.Functions = Functions()
	return child
}

func configRange(r hcl.Range) config.Range {
	return config.Range{
		File:  r.Filename,
		Start: config.Pos{Line: r.Start.Line, Column: r.Start.Column, Byte: r.Start.Byte},
		End:   config.Pos{Line: r.End.Line, Column: r.End.Column, Byte: r.End.Byte},
	}
}

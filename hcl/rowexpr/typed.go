package rowexpr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

// CompileCondition is Compile for an expression that must yield true or false. Its
// values are Bools: NULL is false.
func CompileCondition(expr hcl.Expression, ctx *hcl.EvalContext) (config.Expr, hcl.Diagnostics) {
	out, diags := compileAs(expr, ctx, tBool)
	if diags.HasErrors() {
		return out, diags
	}
	bind := out.Bind
	out.Bind = func(index []int) config.Eval {
		f := bind(index)
		return func(row []value.Value) (value.Value, error) {
			v, err := f(row)
			if err == nil && v.IsNull() {
				v = value.OfBool(false)
			}
			return v, err
		}
	}
	return out, diags
}

// CompileText is Compile for an expression that must yield text. Its values are Texts
// or NULL.
func CompileText(expr hcl.Expression, ctx *hcl.EvalContext) (config.Expr, hcl.Diagnostics) {
	return compileAs(expr, ctx, tText)
}

// result converts an expression's value to type t, or complains where it never can be.
func (c *compiler) result(expr hclsyntax.Expression, n node, t typ) node {
	if !t.accepts(n.typ) {
		what := capital(withArticle(t))
		if t == tBool {
			what = "True or false"
		}
		return c.errorf(expr.Range(), "Unsuitable value", "%s is required here, not %s.", what, withArticle(n.typ))
	}
	if n.constant != nil && !n.isNull() {
		if _, err := t.convert(n.constant.one); err != nil {
			return c.errorf(expr.Range(), "Unsuitable value", "%s.", capital(err.Error()))
		}
	}
	return node{typ: t, bindOne: func(index []int) eval {
		f := n.one(index)
		return func(row []value.Value) (value.Value, error) {
			v, err := f(row)
			if err != nil || v.IsNull() {
				return value.Value{}, err
			}
			return t.convert(v)
		}
	}}
}

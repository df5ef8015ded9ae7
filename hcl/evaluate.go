package hcl

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/registrar-sync/registrar/config"
)

// mark is what a value that comes from a sensitive variable carries.
type mark struct {
	// variable is the name of one of the root; "" for a module's, whose value bears the marks of the
	// root's variables that it was made of.
	variable string
}

// An unknown value always stands for one whose mistake has been reported
// already: whatever depends on it is passed over in silence.

// eval checks and evaluates expr. The value may be marked; ok is false if it is
// not wholly known.
func (c *compiler) eval(expr hclsyntax.Expression, s scope) (v cty.Value, ok bool) {
	if !c.check(expr, s) {
		return cty.DynamicVal, false
	}
	ctx := s.ctx
	if s.now {
		ctx = withFunction(ctx, "now", nowFunction())
	}
	if !c.mayCompute(expr, ctx) {
		return cty.DynamicVal, false
	}
	if long := longText(expr, ctx); long != nil {
		c.report(hcl.Diagnostics{long}, false)
		return cty.DynamicVal, false
	}
	v, diags := expr.Value(ctx)
	c.report(slices.Compact(diags), secretIn(expr, ctx))
	if diags.HasErrors() {
		return cty.DynamicVal, false
	}
	if large := largeValue(expr, v); large != nil {
		c.report(hcl.Diagnostics{large}, false)
		return cty.DynamicVal, false
	}
	return v, v.IsWhollyKnown()
}

// withFunction returns a copy of ctx with one function more.
func withFunction(ctx *hcl.EvalContext, name string, f function.Function) *hcl.EvalContext {
	out := &hcl.EvalContext{Variables: ctx.Variables, Functions: maps.Clone(ctx.Functions)}
	out.Functions[name] = f
	return out
}

// withVariable returns a copy of ctx with one variable more.
func withVariable(ctx *hcl.EvalContext, name string, v cty.Value) *hcl.EvalContext {
	out := &hcl.EvalContext{Variables: maps.Clone(ctx.Variables), Functions: ctx.Functions}
	if out.Variables == nil {
		out.Variables = make(map[string]cty.Value)
	}
	out.Variables[name] = v
	return out
}

// unmarked returns a copy of ctx in which sensitive values look like any other.
func unmarked(ctx *hcl.EvalContext) *hcl.EvalContext {
	out := &hcl.EvalContext{Variables: make(map[string]cty.Value, len(ctx.Variables)), Functions: ctx.Functions}
	for name, v := range ctx.Variables {
		out.Variables[name], _ = v.UnmarkDeep()
	}
	return out
}

// referred returns the values that expr refers to, as far as ctx has them.
func referred(expr hcl.Expression, ctx *hcl.EvalContext) []cty.Value {
	if ctx == nil {
		return nil
	}
	var out []cty.Value
	for _, t := range expr.Variables() {
		// Where the last steps fail, what they start from still tells.
		for n := len(t); n > 0; n-- {
			if v, diags := t[:n].TraverseAbs(ctx); !diags.HasErrors() {
				out = append(out, v)
				break
			}
		}
	}
	return out
}

// secretIn reports whether expr refers to a sensitive value.
func secretIn(expr hcl.Expression, ctx *hcl.EvalContext) bool {
	for _, v := range referred(expr, ctx) {
		if v.ContainsMarked() {
			return true
		}
	}
	return false
}

// secrets returns the names of the sensitive variables of the root that expr refers to, sorted.
func secrets(expr hcl.Expression, ctx *hcl.EvalContext) []string {
	return variablesOf(referred(expr, ctx)...)
}

// variablesOf returns the names of the sensitive variables of the root that values come from, sorted; nil for none.
func variablesOf(values ...cty.Value) []string {
	var out []string
	for _, v := range values {
		_, marks := v.UnmarkDeep()
		for one := range marks {
			if m, ok := one.(mark); ok && m.variable != "" {
				out = append(out, m.variable)
			}
		}
	}
	return distinct(out)
}

// known reports whether all that expr refers to is known.
func known(expr hcl.Expression, ctx *hcl.EvalContext) bool {
	for _, v := range referred(expr, ctx) {
		if !v.IsWhollyKnown() {
			return false
		}
	}
	return true
}

// plain evaluates expr to a value that may be shown; sensitive ones are errors.
// It is false for null as well, which stands for an argument left out.
func (c *compiler) plain(expr hclsyntax.Expression, s scope, what string) (cty.Value, bool) {
	v, ok := c.eval(expr, s)
	if !ok {
		c.failures++
		return v, false
	}
	if v.ContainsMarked() {
		c.errorf(expr.Range(), sensitiveValue, "%s is shown in plans and in the register, so it cannot depend on a sensitive variable.", what)
		c.failures++
		return cty.DynamicVal, false
	}
	return v, !v.IsNull()
}

// converted turns v into type t, or reports what it is instead.
func (c *compiler) converted(v cty.Value, t cty.Type, at hcl.Range, what string) (cty.Value, bool) {
	out, err := convert.Convert(v, t)
	if err != nil {
		c.errorf(at, invalidValue, "%s must be %s, not %s.", what, typeName(t), typeName(v.Type()))
		c.failures++
		return cty.DynamicVal, false
	}
	return out, !out.IsNull()
}

// typeName names a type with its article, for messages.
func typeName(t cty.Type) string {
	name := t.FriendlyName()
	switch {
	case t == nowType:
		return "now()"
	case t == cty.Bool:
		return "true or false"
	case t.Equals(facultyType):
		return "a faculty"
	case t.IsObjectType():
		return "an object"
	case t.IsTupleType() || t.IsListType():
		return "a list"
	case strings.ContainsAny(name[:1], "aeiou"):
		return "an " + name
	default:
		return "a " + name
	}
}

// conversionText describes an error of convert. That may repeat the keys of a map,
// so it is left out where they are sensitive.
func conversionText(err error, t cty.Type, secret bool) string {
	if secret {
		return "expected " + typeText(t)
	}
	text := "expected " + typeText(t) + ": " + err.Error()
	var path cty.PathError
	if !errors.As(err, &path) || len(path.Path) == 0 {
		return text
	}
	var b strings.Builder
	for _, s := range path.Path {
		switch s := s.(type) {
		case cty.GetAttrStep:
			b.WriteString("." + s.Name)
		case cty.IndexStep:
			if s.Key.Type() == cty.String {
				b.WriteString(`["` + s.Key.AsString() + `"]`)
			} else if s.Key.Type() == cty.Number {
				b.WriteString("[" + s.Key.AsBigFloat().Text('f', -1) + "]")
			}
		}
	}
	return text + " (at " + b.String() + ")"
}

// goData turns a provider's attribute into plain Go data.
func goData(v cty.Value) any {
	if v.IsNull() || !v.IsKnown() {
		return nil
	}
	t := v.Type()
	switch {
	case t == cty.String:
		return v.AsString()
	case t == cty.Bool:
		return v.True()
	case t == cty.Number:
		f := v.AsBigFloat()
		if n, accuracy := f.Int64(); accuracy == 0 {
			return n
		}
		return f
	case t.IsListType() || t.IsSetType() || t.IsTupleType():
		out := make([]any, 0, v.LengthInt())
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			out = append(out, goData(element))
		}
		return out
	case t.IsMapType() || t.IsObjectType():
		out := make(map[string]any)
		for it := v.ElementIterator(); it.Next(); {
			key, element := it.Element()
			if data := goData(element); data != nil {
				out[key.AsString()] = data
			}
		}
		return out
	default:
		return nil
	}
}

// hclRange is the way back, for messages about what is already compiled.
func hclRange(r config.Range) hcl.Range {
	return hcl.Range{
		Filename: r.File,
		Start:    hcl.Pos{Line: r.Start.Line, Column: r.Start.Column, Byte: r.Start.Byte},
		End:      hcl.Pos{Line: r.End.Line, Column: r.End.Column, Byte: r.End.Byte},
	}
}

package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl/rowexpr"
)

// assignments evaluates { column = constant, … }, in the order written. Where the scope has
// dest, a value may be a text that is made of the row.
func (c *compiler) assignments(expr hclsyntax.Expression, s scope, what string) ([]config.Assignment, bool) {
	if !c.check(expr, s) {
		c.failures++
		return nil, false
	}
	object, written := expr.(*hclsyntax.ObjectConsExpr)
	if !written {
		if dependsOnDest(expr) {
			return nil, c.noTemplate(expr.Range(), what+" depends on the row where it is not written { column = value }.")
		}
		v, ok := c.plain(expr, s, what)
		if !ok {
			return nil, false
		}
		if t := v.Type(); !t.IsObjectType() && !t.IsMapType() {
			c.errorf(expr.Range(), invalidValue, "%s must be written { column = value }, not as %s.", what, typeName(t))
			c.failures++
			return nil, false
		}
		var out []config.Assignment
		fine := true
		for it := v.ElementIterator(); it.Next(); {
			key, element := it.Element()
			if a, ok := c.assignment(key.AsString(), element, expr.Range(), what); ok {
				out = append(out, a)
			} else {
				fine = false
			}
		}
		return out, fine
	}
	var out []config.Assignment
	fine := true
	for _, entry := range object.Items {
		if dependsOnDest(entry.KeyExpr) {
			fine = c.noTemplate(entry.KeyExpr.Range(), "The name of a column cannot depend on the row.")
			continue
		}
		key, ok := c.plain(entry.KeyExpr, s, what)
		if ok {
			key, ok = c.converted(key, cty.String, entry.KeyExpr.Range(), "A column's name")
		}
		if !ok {
			fine = false
			continue
		}
		name := key.AsString()
		at := hcl.RangeBetween(entry.KeyExpr.Range(), entry.ValueExpr.Range())
		if slices.ContainsFunc(out, func(a config.Assignment) bool { return strings.EqualFold(a.Column, name) }) {
			c.errorf(at, "Duplicate column", "%s sets the column %q twice.", what, name)
			c.failures++
			fine = false
			continue
		}
		if dependsOnDest(entry.ValueExpr) {
			a, named := c.assignment(name, cty.NullVal(cty.String), at, what)
			var ok bool
			if a.Template, ok = c.template(entry.ValueExpr, s); named && ok {
				out = append(out, a)
			} else {
				fine = false
			}
			continue
		}
		v, ok := c.plain(entry.ValueExpr, s, what)
		if !ok && !v.IsKnown() {
			fine = false
			continue
		}
		if a, ok := c.assignment(name, v, at, what); ok {
			out = append(out, a)
		} else {
			fine = false
		}
	}
	return out, fine
}

func (c *compiler) assignment(column string, v cty.Value, at hcl.Range, what string) (config.Assignment, bool) {
	out := config.Assignment{Column: column, Range: position(at)}
	if strings.TrimSpace(column) == "" {
		c.errorf(at, invalidName, "%s holds an empty column name.", what)
		c.failures++
		return out, false
	}
	if v.Type().Equals(nowType) {
		out.Now = true
		return out, true
	}
	one, err := rowexpr.FromCty(v)
	if err != nil {
		c.errorf(at, invalidValue, "The value of the column %q must be text, a number, true or false, a date or null, not %s.", column, typeName(v.Type()))
		c.failures++
		return out, false
	}
	out.Value = one
	return out, true
}

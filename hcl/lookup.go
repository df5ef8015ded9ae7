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

const (
	invalidLookup = "Invalid lookup"
	lookupForm    = `lookup("department", "id", { code = row.COD_CMP })`
)

var unresolved = []config.OnUnresolved{config.RejectUnresolved, config.NullUnresolved, config.StopUnresolved}

// callOf returns the call of a function that an expression is, be it in parentheses,
// or nil.
func callOf(expr hclsyntax.Expression, name string) *hclsyntax.FunctionCallExpr {
	for {
		switch e := expr.(type) {
		case *hclsyntax.ParenthesesExpr:
			expr = e.Expression
		case *hclsyntax.FunctionCallExpr:
			if e.Name == name {
				return e
			}
			return nil
		default:
			return nil
		}
	}
}

// writtenObject returns { … } as it is written, be it in parentheses, or nil.
func writtenObject(expr hclsyntax.Expression) *hclsyntax.ObjectConsExpr {
	for {
		switch e := expr.(type) {
		case *hclsyntax.ParenthesesExpr:
			expr = e.Expression
		case *hclsyntax.ObjectConsExpr:
			return e
		default:
			return nil
		}
	}
}

// checkLookup checks the form of a column's lookup and the names in it.
func (c *compiler) checkLookup(column *columnBlock, sc scope) {
	call, before := column.lookup, len(c.diags)
	inRow := sc
	inRow.row = true
	defer func() { c.checked[call] = !c.diags[before:].HasErrors() }()
	if len(call.Args) != 3 || call.ExpandFinal {
		c.errorf(call.Range(), invalidLookup, "lookup takes a table of the destination, a column of it, and the columns that identify its row, as in %s; here it is called with %s.", lookupForm, count(len(call.Args), "argument"))
		return
	}
	object := writtenObject(call.Args[2])
	if object == nil {
		c.errorf(call.Args[2].Range(), invalidLookup, `The columns that identify a lookup's row are written { column = value, … }, as in %s. To translate a value by a constant table, index the table: { A = "x" }[row.code].`, lookupForm)
		return
	}
	c.check(call.Args[0], sc)
	c.check(call.Args[1], sc)
	for _, entry := range object.Items {
		c.check(entry.KeyExpr, sc)
		c.check(entry.ValueExpr, inRow)
	}
}

// compileLookup evaluates a lookup that has been checked, and reports whether it
// depends on a sensitive value. It is never nil: a faulty one is counted in failures.
func (c *compiler) compileLookup(call *hclsyntax.FunctionCallExpr, s scope) (out *config.Lookup, secret bool) {
	out = &config.Lookup{OnUnresolved: config.RejectUnresolved, Range: position(call.Range())}
	if !c.checked[call] {
		c.failures++
		return out, false
	}
	out.Table, _ = c.callText(call.Args[0], s, "The table of a lookup")
	out.TableRange = position(call.Args[0].Range())
	out.Column, _ = c.callText(call.Args[1], s, "The column of a lookup")
	object := writtenObject(call.Args[2])
	for _, entry := range object.Items {
		name, ok := c.callText(entry.KeyExpr, s, "A column of a lookup")
		at := hcl.RangeBetween(entry.KeyExpr.Range(), entry.ValueExpr.Range())
		if ok && slices.ContainsFunc(out.By, func(k config.LookupKey) bool { return strings.EqualFold(k.Column, name) }) {
			c.errorf(at, "Duplicate column", "The lookup names the column %q twice.", name)
			c.failures++
		}
		expr, depends := c.rowExpression(entry.ValueExpr, s, rowexpr.Compile)
		secret = secret || depends
		out.By = append(out.By, config.LookupKey{Column: name, Expr: expr, Range: position(at)})
	}
	if len(out.By) == 0 {
		c.errorf(call.Args[2].Range(), invalidLookup, "No column is named that would identify a row of the table, as in %s.", lookupForm)
		c.failures++
	}
	return out, secret
}

// callText evaluates a part of a lookup or of in_parent that is text, and not empty.
func (c *compiler) callText(expr hclsyntax.Expression, s scope, what string) (string, bool) {
	v, ok := c.plain(expr, s, what)
	if ok {
		v, ok = c.converted(v, cty.String, expr.Range(), what)
	} else if v.IsKnown() && v.IsNull() {
		c.errorf(expr.Range(), invalidValue, "%s is null.", what)
		c.failures++
	}
	if !ok {
		return "", false
	}
	if strings.TrimSpace(v.AsString()) == "" {
		c.errorf(expr.Range(), invalidValue, "%s is empty.", what)
		c.failures++
		return "", false
	}
	return v.AsString(), true
}

// checkLookups reports lookups whose column cannot become NULL, and those whose business
// keys would have the name of another column in plans and in the register.
func (c *compiler) checkLookups(i *instance) {
	d := &i.sync.Destination
	for n, column := range i.sync.Columns {
		if column.Lookup == nil {
			continue
		}
		for _, k := range column.Lookup.By {
			name := column.Name + "." + k.Column
			if slices.ContainsFunc(i.mapped(), func(other string) bool { return strings.EqualFold(other, name) }) {
				c.errorf(hclRange(k.Range), "Conflicting column", "Plans show this key of the lookup as %q, which is the name of another mapped column.", name)
				c.failures++
			}
		}
		if column.Lookup.OnUnresolved != config.NullUnresolved {
			continue
		}
		b := i.block.columns[n].options
		switch {
		case slices.Contains(d.Key, column.Name):
			b.fail("on_unresolved", "Conflicting arguments", "The column %q is part of the key, which cannot be NULL.", column.Name)
		case slices.ContainsFunc(d.Parents, func(p config.InParent) bool { return p.Column == column.Name }):
			b.fail("on_unresolved", "Conflicting arguments", "The column %q is part of the scope: with NULL in it, the row would not be this sync's.", column.Name)
		}
	}
}

// lookupNeeds makes an instance run after those that write the tables of its lookups
// and of its scope's parents. What it looks up in its own table, the plan itself settles.
func (c *compiler) lookupNeeds(i *instance, all []*instance) {
	d := &i.sync.Destination
	for _, column := range i.sync.Columns {
		if l := column.Lookup; l != nil {
			used := []string{l.Column}
			for _, k := range l.By {
				used = append(used, k.Column)
			}
			i.needWriters(all, l.Table, used, hclRange(l.Range))
		}
	}
	for _, p := range d.Parents {
		used := []string{p.Ref}
		for _, a := range p.Where {
			used = append(used, a.Column)
		}
		i.needWriters(all, p.Table, used, hclRange(p.Range))
	}
}

// needWriters makes the instance run after all others that write a table. One that
// only updates other columns than those used decides nothing: so two tables can refer
// to each other.
func (i *instance) needWriters(all []*instance, table string, used []string, at hcl.Range) {
	own := &i.sync.Destination
	if own.Into == nil || strings.EqualFold(table, own.Table) {
		return
	}
	for _, other := range all {
		d := &other.sync.Destination
		if d.Into == nil || !strings.EqualFold(d.Table, table) || !sameDatabase(d.Into, own.Into) {
			continue
		}
		if onlyUpdates(other.sync) && !slices.ContainsFunc(used, func(column string) bool {
			return slices.ContainsFunc(written(other.sync), func(w string) bool { return strings.EqualFold(w, column) })
		}) {
			continue
		}
		i.need(other, at)
	}
}

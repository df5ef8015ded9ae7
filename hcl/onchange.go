package hcl

import (
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl/rowexpr"
)

var onChangeSchema = schema{arguments: map[string]bool{
	"sync": true, "column": true, "from": false, "to": false, "notify": true,
}}

// compileObservers compiles the on_change blocks; the syncs that they name are complete by then.
func (c *compiler) compileObservers() {
	for _, b := range c.blocks {
		if b.Type == "on_change" {
			c.compileObserver(b)
		}
	}
}

// end is what a column changes from, or to.
type end struct {
	text *string // nil for NULL, and where it is not written
	null bool
}

func (c *compiler) compileObserver(source *hclsyntax.Block) {
	s := scope{ctx: c.base, locals: true}
	failures, before := c.failures, len(c.diags)
	opened := c.open(source, "on_change block", onChangeSchema, s)
	// null is a value here, so that from and to are not taken for left out.
	target, fromWritten, toWritten := opened.take("sync"), opened.take("from"), opened.take("to")
	b := opened.in(s)
	out := &config.Observer{
		Address: c.prefix + "on_change." + source.Labels[0], Name: source.Labels[0], Range: position(source.DefRange()),
	}
	var observed []*instance
	if target != nil {
		observed = c.oneSync(target, s)
	}
	column, _ := b.text("column")
	for _, i := range observed {
		out.Syncs = append(out.Syncs, i.sync.Address)
	}
	if len(observed) > 0 && column != "" {
		// All instances are of one block.
		c.checkObserved(b, observed[0].sync, column)
	}
	out.Column = column
	from, fromOK := c.observedEnd(fromWritten, s)
	to, toOK := c.observedEnd(toWritten, s)
	switch {
	case fromWritten == nil && toWritten == nil:
		c.failures++
		c.errorf(b.header, missingArgument, `An on_change block needs "from", "to" or both: the value that the column had, and the one that it takes.`)
	case fromWritten != nil && toWritten != nil && fromOK && toOK && from.equal(to):
		c.failures++
		c.errorf(toWritten.Expr.Range(), invalidValue, `"from" and "to" are the same: a change is to another value.`)
	}
	out.From, out.FromNull, out.To, out.ToNull = from.text, from.null, to.text, to.null
	out.Notify = b.notify()
	if b.has("notify") && len(out.Notify) == 0 && c.failures == failures {
		b.fail("notify", invalidValue, `"notify" is empty: nobody would ever be told.`)
	}
	if c.failures > failures || c.diags[before:].HasErrors() {
		return
	}
	// A sync without instances has no rows that change.
	if len(out.Syncs) > 0 {
		c.config.Observers = append(c.config.Observers, out)
	}
}

// checkObserved checks that a sync writes the column, as a value that can be written down.
func (c *compiler) checkObserved(b *block, s *config.Sync, column string) {
	known := stagedNames(s)
	if !slices.Contains(known, column) {
		b.fail("column", "Unknown column", "The sync does not map the column %q.%s", column, didYouMean(column, known))
		return
	}
	for _, mapped := range s.Columns {
		if mapped.Name == column && mapped.Lookup != nil {
			b.fail("column", "Column is a lookup", "The column %q holds the ids of other rows, which differ from database to database. Name what they are looked up by: %s.", column, alternatives(columnNames(mapped)[1:]))
		}
	}
}

// observedEnd evaluates from or to; a is nil where it is not written.
func (c *compiler) observedEnd(a *hclsyntax.Attribute, s scope) (end, bool) {
	if a == nil {
		return end{}, true
	}
	v, ok := c.plain(a.Expr, s, quoted(a.Name))
	if !ok {
		// Unknown stands for a mistake that is reported.
		return end{null: true}, v.IsKnown()
	}
	one, err := rowexpr.FromCty(v)
	if err != nil {
		c.failures++
		c.errorf(a.Expr.Range(), invalidValue, "%q must be a value that a column can hold: text, a number, true or false, a date or null; not %s.", a.Name, typeName(v.Type()))
		return end{}, false
	}
	text := one.Text()
	return end{text: &text}, true
}

func (e end) equal(other end) bool {
	if e.text == nil || other.text == nil {
		return e.null && other.null
	}
	return *e.text == *other.text
}

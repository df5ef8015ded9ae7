package hcl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl/rowexpr"
	"github.com/registrar-sync/registrar/internal/value"
)

var movedSchema = schema{arguments: map[string]bool{"sync": true, "from": true, "to": true}}

// compileMoves adds what the moved blocks say to the instances that they mean;
// composeMoves, once all modules have done so, looks at them together.
func (c *compiler) compileMoves() {
	for _, b := range c.blocks {
		if b.Type == "moved" {
			c.compileMove(b)
		}
	}
}

func (c *compiler) compileMove(b *hclsyntax.Block) {
	s := scope{ctx: c.base, locals: true}
	opened := c.open(b, "moved block", movedSchema, s)
	target := opened.take("sync")
	in := opened.in(s)
	if target == nil {
		return
	}
	for _, i := range c.oneSync(target, s) {
		if column := lookedUp(i.sync); column != "" {
			c.errorf(target.Expr.Range(), "Key is a lookup", "The key column %q of the sync is a lookup, so its rows cannot be moved: they follow the rows that they refer to. Write the moved block for the sync of those.", column)
			continue
		}
		from, ok := c.movedKey(i, in, "from")
		to, alsoOK := c.movedKey(i, in, "to")
		if ok && alsoOK {
			i.sync.Moved = append(i.sync.Moved, config.Move{From: from, To: to, Range: position(b.DefRange())})
		}
	}
}

// oneSync returns the instances of a sync that an argument refers to, all of them or one.
func (c *compiler) oneSync(a *hclsyntax.Attribute, s scope) []*instance {
	found, ok := c.referredSyncs(a.Expr, s, a.Name)
	if !ok {
		return nil
	}
	for _, i := range found {
		if i.block.block != found[0].block.block {
			c.failures++
			c.errorf(a.Expr.Range(), "Invalid "+a.Name, "%q refers to one sync or an instance of it, as module.celcat.sync.rooms; this means several syncs.", a.Name)
			return nil
		}
	}
	return found
}

// lookedUp returns a key column that is a lookup, or "".
func lookedUp(s *config.Sync) string {
	for _, column := range s.Columns {
		if column.Lookup != nil && slices.Contains(s.Destination.Key, column.Name) {
			return column.Name
		}
	}
	return ""
}

// movedKey evaluates from or to: a value for a key of one column, or an object of the
// key's columns. What is wrong with the sync's own key has been reported.
func (c *compiler) movedKey(i *instance, b *block, name string) ([]value.Value, bool) {
	v, ok := b.value(name)
	key := i.sync.Destination.Key
	if !ok || len(key) == 0 {
		return nil, false
	}
	if t := v.Type(); t.IsObjectType() || t.IsMapType() {
		return c.movedColumns(key, b, name)
	}
	if len(key) > 1 {
		b.fail(name, invalidValue, "The key of the sync has %s: write %s = %s.", count(len(key), "column"), name, keyForm(key))
		return nil, false
	}
	one, err := rowexpr.FromCty(v)
	if err != nil {
		b.fail(name, invalidValue, "%q must be the value of the key column %q, not %s.", name, key[0], typeName(v.Type()))
		return nil, false
	}
	return []value.Value{one}, true
}

// movedColumns evaluates { column = value, … }.
func (c *compiler) movedColumns(key []string, b *block, name string) ([]value.Value, bool) {
	assigned, fine := c.assignments(b.arguments[name].Expr, b.scope, quoted(name))
	out := make([]value.Value, len(key))
	given := make([]bool, len(key))
	for _, a := range assigned {
		n := slices.Index(key, a.Column)
		switch {
		case n < 0:
			c.errorf(hclRange(a.Range), "Unknown column", "%q sets %q, which is no column of the sync's key.%s", name, a.Column, didYouMean(a.Column, key))
		case a.Value.IsNull():
			c.errorf(hclRange(a.Range), invalidValue, "%q sets the key column %q to null; a key is never null.", name, a.Column)
		default:
			out[n], given[n] = a.Value, true
			continue
		}
		c.failures++
		fine = false
	}
	if !fine {
		return nil, false
	}
	for n, column := range key {
		if !given[n] {
			b.fail(name, "Incomplete key", "%q lacks the key column %q: write %s = %s.", name, column, name, keyForm(key))
			return nil, false
		}
	}
	return out, true
}

// keyForm spells how a key of several columns is written.
func keyForm(key []string) string {
	out := make([]string, len(key))
	for i, column := range key {
		if !hclsyntax.ValidIdentifier(column) {
			column = strconv.Quote(column)
		}
		out[i] = column + " = …"
	}
	return "{ " + strings.Join(out, ", ") + " }"
}

// composeMoves composes the moves of every sync of the module and of those within it.
func (c *compiler) composeMoves() {
	for _, s := range c.allSyncs() {
		for _, i := range s.instances {
			c.composeChains(i.sync)
		}
	}
}

// composeChains reports moves of a sync that contradict one another, and leads each of a
// chain a → b → c to its end: a record may have missed the first of them.
func (c *compiler) composeChains(s *config.Sync) {
	from, to := make(map[string]int, len(s.Moved)), make(map[string]int, len(s.Moved))
	fine := true
	complain := func(n int, summary, format string, args ...any) {
		fine = false
		c.errorf(hclRange(s.Moved[n].Range), summary, format, args...)
	}
	// Messages name places: a key may be personal data.
	for n, m := range s.Moved {
		old, renamed := spelledKey(m.From), spelledKey(m.To)
		if old == renamed {
			complain(n, "Moved nowhere", "from and to are the same.")
			continue
		}
		if first, twice := from[old]; twice {
			complain(n, "Duplicate moved", "The moved block at %s has the same from; a record has one new key.", s.Moved[first].Range)
		} else {
			from[old] = n
		}
		if first, twice := to[renamed]; twice {
			complain(n, "Conflicting moved", "The moved block at %s has the same to; a key has one record.", s.Moved[first].Range)
		} else {
			to[renamed] = n
		}
	}
	if !fine {
		return
	}
	// follow returns a move and those after it, up to the last one or back to it.
	follow := func(n int) []int {
		for path := []int{n}; ; {
			next, more := from[spelledKey(s.Moved[path[len(path)-1]].To)]
			if !more || next == n {
				return path
			}
			path = append(path, next)
		}
	}
	settled := make([]bool, len(s.Moved))
	for n, m := range s.Moved {
		if _, later := to[spelledKey(m.From)]; later {
			continue
		}
		path := follow(n)
		end := s.Moved[path[len(path)-1]].To
		for _, step := range path {
			s.Moved[step].To, settled[step] = end, true
		}
	}
	// No from and no to is there twice: what has no beginning is a circle.
	for n := range s.Moved {
		if settled[n] {
			continue
		}
		var places []string
		for _, step := range append(follow(n), n) {
			settled[step] = true
			places = append(places, s.Moved[step].Range.String())
		}
		complain(n, "Cycle of moved blocks", "These moved blocks lead back to where they begin: %s. Leave out those that no longer hold.", strings.Join(places, " -> "))
	}
}

// spelledKey tells keys apart by their texts: what type the columns are is not known yet.
func spelledKey(key []value.Value) string {
	var b strings.Builder
	for _, v := range key {
		fmt.Fprintf(&b, "%q ", v.Text())
	}
	return b.String()
}

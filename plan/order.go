package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// unit is some syncs that are compared together: one, or all those of a table whose rows
// refer to each other.
type unit []*work

func (u unit) refersToItself() bool {
	return slices.ContainsFunc(u, func(w *work) bool { return w.target.RefersToItself() })
}

// order puts the destination's syncs behind those that write the rows which theirs refer
// to: by depends_on and lookups, and by the database's foreign keys as far as these leave
// a choice.
func (d *destination) order(m *maker) {
	units := d.group()
	of := map[*work]int{}
	for i, u := range units {
		for _, w := range u {
			of[w] = i
		}
	}
	hard, soft := make([]map[int]bool, len(units)), make([]map[int]bool, len(units))
	for i := range units {
		hard[i], soft[i] = map[int]bool{}, map[int]bool{}
	}
	for _, w := range d.works {
		for _, other := range d.works {
			declared, referred := slices.Contains(w.sync.DependsOn, other.sync.Address), refers(w.target, other.target)
			if other == w || !declared && !referred {
				continue
			}
			w.summary.Needs = append(w.summary.Needs, other.sync.Address)
			if of[w] == of[other] {
				continue
			}
			if declared {
				hard[of[w]][of[other]] = true
			} else {
				soft[of[w]][of[other]] = true
			}
		}
	}
	var done []int
	ready := func(i int, edges ...[]map[int]bool) bool {
		return !slices.Contains(done, i) && !slices.ContainsFunc(edges, func(e []map[int]bool) bool {
			for need := range e[i] {
				if !slices.Contains(done, need) {
					return true
				}
			}
			return false
		})
	}
	for len(done) < len(units) {
		next := slices.IndexFunc(units, func(u unit) bool { return ready(of[u[0]], hard, soft) })
		if next < 0 {
			// Foreign keys in a circle: some of them may be NULL, or checked at commit.
			next = slices.IndexFunc(units, func(u unit) bool { return ready(of[u[0]], hard) })
			if next < 0 {
				m.refuseCycle(units, hard, done)
				return
			}
			m.warnCycle(units, next, soft, done)
		}
		done = append(done, next)
	}
	d.units, d.works = nil, nil
	for _, i := range done {
		d.units = append(d.units, units[i])
		d.works = append(d.works, units[i]...)
	}
}

// group makes the units, in the order of the configuration.
func (d *destination) group() []unit {
	var units []unit
	joined := map[string]int{}
	for _, w := range d.works {
		table := w.target.Table.Name
		if at, ok := joined[table]; ok {
			units[at] = append(units[at], w)
			continue
		}
		together := slices.ContainsFunc(d.works, func(other *work) bool {
			return other.target.Table.Name == table && (other.target.RefersToItself() || len(other.target.Table.OwnForeignKeys()) > 0)
		})
		if together {
			joined[table] = len(units)
		}
		units = append(units, unit{w})
	}
	return units
}

// refers reports whether rows of one target refer, by the database's foreign keys or to be in its
// scope, to rows of another's table.
func refers(child, parent *sqlgen.Target) bool {
	if child.Table.Name == parent.Table.Name {
		return false
	}
	return slices.ContainsFunc(child.Table.ForeignKeys, func(key sqlgen.ForeignKey) bool { return key.Parent == parent.Table.Name }) ||
		slices.ContainsFunc(child.Parents, func(p sqlgen.InParent) bool { return p.Parent.Name == parent.Table.Name })
}

func (m *maker) warnCycle(units []unit, from int, soft []map[int]bool, done []int) {
	path := circleOf(from, soft, done)
	if path == nil {
		return
	}
	names := make([]string, len(path))
	for i, at := range path {
		names[i] = units[at][0].sync.Address
	}
	var diags config.Diagnostics
	diags.Warnf(units[path[0]][0].sync.Range, "Foreign keys in a circle", "The tables of these syncs refer to each other: %s. No order suits all of their foreign keys; say by depends_on which rows must be there first.", strings.Join(names, " -> "))
	m.report(diags)
}

// refuseCycle reports units that need each other although their syncs do not: those of a table whose rows
// refer to each other are compared, and applied, together.
func (m *maker) refuseCycle(units []unit, hard []map[int]bool, done []int) {
	from := 0
	for slices.Contains(done, from) {
		from++
	}
	path := circleOf(from, hard, done)
	names := make([]string, len(path))
	var tables []string
	for i, at := range path {
		u := units[at]
		addresses := make([]string, len(u))
		for j, w := range u {
			addresses[j] = w.sync.Address
		}
		names[i] = strings.Join(addresses, " with ")
		if table := fmt.Sprintf("%q", u[0].sync.Destination.Table); len(u) > 1 && !slices.Contains(tables, table) {
			tables = append(tables, table)
		}
	}
	var diags config.Diagnostics
	diags.Errorf(units[path[0]][0].sync.Range, "Syncs in a circle", "Each needs the next one first, by depends_on or a lookup: %s. Rows of table %s may refer to each other, so that its syncs go together: no sync can go between them. Take away one of these dependencies.",
		strings.Join(names, " -> "), strings.Join(tables, " and "))
	m.report(diags)
}

// circleOf follows the edges between what is not done until they come back; nil if they do not.
func circleOf(from int, edges []map[int]bool, done []int) []int {
	path := []int{from}
	for at := from; ; {
		next := -1
		for need := range edges[at] {
			if !slices.Contains(done, need) && (next < 0 || need < next) {
				next = need
			}
		}
		if next < 0 {
			return nil
		}
		seen := slices.Index(path, next)
		path = append(path, next)
		if seen >= 0 {
			return path[seen:]
		}
		at = next
	}
}

package hcl

import (
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

// checkOverlap reports syncs that may write the same rows of one table.
func (c *compiler) checkOverlap() {
	type table struct {
		into *config.Connection
		name string
		// instances have the folded constants of their scope.
		instances []*instance
		scopes    []map[string]string
	}
	var tables []*table
	reported := make(map[[2]*hclsyntax.Block]bool)
	for _, s := range c.allSyncs() {
		for _, i := range s.instances {
			d := &i.sync.Destination
			if i.failed || d.Into == nil || d.Table == "" {
				continue
			}
			at := slices.IndexFunc(tables, func(t *table) bool {
				return sameDatabase(t.into, d.Into) && strings.EqualFold(t.name, d.Table)
			})
			if at < 0 {
				at = len(tables)
				tables = append(tables, &table{into: d.Into, name: d.Table})
			}
			t, scope := tables[at], foldedScope(d)
			for n, other := range t.instances {
				pair := [2]*hclsyntax.Block{other.block.block, s.block}
				if reported[pair] || disjoint(t.scopes[n], scope) || complementary(other.sync, i.sync) {
					continue
				}
				reported[pair] = true
				c.reportOverlap(other, i)
			}
			t.instances, t.scopes = append(t.instances, i), append(t.scopes, scope)
		}
	}
}

func (c *compiler) reportOverlap(first, second *instance) {
	if first.block.block == second.block.block && first.block != second.block {
		c.errorf(second.scopeRange, "Overlapping syncs",
			"%s and %s (%s), of two modules made of one directory, write the table %q with scopes that are not provably disjoint: each would remove the other's rows. Let the scope depend on a variable of the module, and give each module its own value.",
			first.sync.Address, second.sync.Address, second.sync.Range, second.sync.Destination.Table)
		return
	}
	if first.block == second.block {
		c.errorf(second.scopeRange, "Overlapping syncs",
			"%s and %s (%s) write the table %q with scopes that are not provably disjoint: each would remove the other's rows. Let the scope depend on each.key or each.value, as in scope = { origin = each.key }.",
			first.sync.Address, second.sync.Address, second.sync.Range, second.sync.Destination.Table)
		return
	}
	if column := contested(first.sync, second.sync); column != "" && (onlyUpdates(first.sync) || onlyUpdates(second.sync)) {
		c.errorf(second.scopeRange, "Overlapping syncs",
			"%s (%s) and %s (%s) write the table %q, and their scopes are not provably disjoint. One of them only updates, but both use the column %q, and one writes it: leave it to one of them, in columns, archive, restore and stamps; or give them a common scope column with different constants.",
			first.sync.Address, first.sync.Range, second.sync.Address, second.sync.Range, second.sync.Destination.Table, column)
		return
	}
	if onlyUpdates(first.sync) || onlyUpdates(second.sync) {
		c.errorf(second.scopeRange, "Overlapping syncs",
			"%s (%s) and %s (%s) write the table %q, and their scopes are not provably disjoint. One of them only updates, but the other deletes, and a row cannot be both in one plan: archive what is missing, with on_missing = \"archive\", or keep it, and do without purge_after; or give them a common scope column with different constants.",
			first.sync.Address, first.sync.Range, second.sync.Address, second.sync.Range, second.sync.Destination.Table)
		return
	}
	c.errorf(second.scopeRange, "Overlapping syncs",
		"%s (%s) and %s (%s) write the table %q, and their scopes are not provably disjoint: give them a common scope column with different constants. Or let one of them only update, by operations = [\"update\"], and use columns that the other does not, but for the key; the other must not delete.",
		first.sync.Address, first.sync.Range, second.sync.Address, second.sync.Range, second.sync.Destination.Table)
}

// sameDatabase also sees through two blocks with equal arguments.
func sameDatabase(a, b *config.Connection) bool {
	return a == b || a.Provider == b.Provider && len(a.Attributes) > 0 && reflect.DeepEqual(a.Attributes, b.Attributes)
}

// foldedScope maps a scope's columns, and those of parents, to texts that differ only where
// every database takes the constants for different.
func foldedScope(d *config.SyncDestination) map[string]string {
	out := make(map[string]string, len(d.Scope))
	for _, a := range d.Scope {
		out[strings.ToLower(a.Column)] = folded(a.Value)
	}
	for _, p := range d.Parents {
		for _, a := range p.Where {
			// A row refers to one parent, which holds one value.
			path := strings.Join([]string{p.Column, p.Table, p.Ref, a.Column}, "\x00")
			out[strings.ToLower(path)] = folded(a.Value)
		}
	}
	return out
}

// folded undoes what a destination's collation or column type may ignore: case,
// accents, trailing blanks, leading zeros and trailing decimals.
func folded(v value.Value) string {
	text := strings.TrimRight(v.Text(), " ")
	switch text {
	case "true", "t":
		text = "1"
	case "false", "f":
		text = "0"
	}
	if d, err := value.ParseDecimal(text); err == nil {
		whole, fraction, _ := strings.Cut(d.Text(), ".")
		if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
			return whole + "." + fraction
		}
		return whole
	}
	plain, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), cases.Fold(), norm.NFKC), text)
	if err != nil {
		return strings.ToLower(text)
	}
	return plain
}

// disjoint reports whether no row can hold both scopes' constants.
func disjoint(a, b map[string]string) bool {
	for column, text := range a {
		if other, common := b[column]; common && other != text {
			return true
		}
	}
	return false
}

// complementary reports whether at most one of two syncs adds and removes rows,
// and neither writes a column that the other uses: what one writes would make the
// other's part of the same plan stale.
func complementary(a, b *config.Sync) bool {
	return (onlyUpdates(a) || onlyUpdates(b)) && contested(a, b) == "" && !deletes(a) && !deletes(b)
}

// deletes reports whether a sync deletes rows for good: another could not update them in
// the same plan.
func deletes(s *config.Sync) bool {
	l := &s.Lifecycle
	return l.OnMissing == config.DeleteMissing && l.Allows(config.Delete) || l.PurgeAfter > 0 && l.Allows(config.Purge)
}

func onlyUpdates(s *config.Sync) bool {
	return !slices.ContainsFunc(s.Lifecycle.Operations, func(o config.Operation) bool { return o != config.Update })
}

// contested is a column that one of the syncs writes and the other uses, or "".
func contested(a, b *config.Sync) string {
	for _, pair := range [][2]*config.Sync{{a, b}, {b, a}} {
		used := slices.Concat(written(pair[1]), consulted(pair[1]))
		for _, column := range written(pair[0]) {
			if slices.ContainsFunc(used, func(other string) bool { return strings.EqualFold(column, other) }) {
				return column
			}
		}
	}
	return ""
}

// written lists the columns that a sync changes in rows that are there. Those of
// archive and restore count even where no operation writes them: by them it tells
// archived rows, which it passes over.
func written(s *config.Sync) []string {
	var out []string
	for _, column := range s.Columns {
		if !slices.Contains(s.Destination.Key, column.Name) {
			out = append(out, column.Name)
		}
	}
	l := &s.Lifecycle
	for _, a := range slices.Concat(l.Archive, l.Restore) {
		out = append(out, a.Column)
	}
	for _, stamp := range l.Stamps {
		others := []config.Operation{config.Undelete, config.Rename, config.Adopt}
		if l.Allows(stamp.On) || stamp.On == config.Update && slices.ContainsFunc(others, l.Allows) {
			out = append(out, stamp.Column)
		}
	}
	return out
}

// consulted lists the columns by which a sync finds its rows, and tells what may be done
// with them.
func consulted(s *config.Sync) []string {
	out := slices.Clone(s.Destination.Key)
	for _, a := range s.Destination.Scope {
		out = append(out, a.Column)
	}
	for _, p := range s.Destination.Parents {
		out = append(out, p.Column)
	}
	l := &s.Lifecycle
	if l.ArchivedSince != "" {
		out = append(out, l.ArchivedSince)
	}
	for _, a := range l.Archive {
		for _, part := range a.Template {
			if part.Column != "" {
				out = append(out, part.Column)
			}
		}
	}
	for _, predicate := range []*config.Predicate{l.Archived, l.Protect} {
		predicate.Walk(func(p *config.Predicate) {
			if p.Column != "" {
				out = append(out, p.Column)
			}
		})
	}
	return out
}

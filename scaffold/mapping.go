package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
)

// mapping is a column of the destination that a column of the source fills.
type mapping struct {
	source int
	score  float64
	expr   expression
}

// target is what a column of the source can be for: a column, or a part of a lookup.
type target struct {
	column sqlgen.Column
	names  []name
	part   *part // nil for a column
}

func (d *draft) targets() []target {
	var all []target
	for i, c := range d.table.Columns {
		if d.roles[i] == plain {
			all = append(all, target{column: c, names: []name{nameIn(c.Name, d.context)}})
		}
	}
	for _, l := range d.lookups {
		for i := range l.parts {
			if p := &l.parts[i]; !p.scoped {
				all = append(all, target{column: p.column, names: d.namesOfPart(l, p), part: p})
			}
		}
	}
	return all
}

// match pairs the columns of both tables.
func (d *draft) match() {
	targets := d.targets()
	scores := make([][]float64, len(targets))
	for i, t := range targets {
		scores[i] = make([]float64, len(d.source))
		for j := range d.source {
			scores[i][j] = t.score(&d.source[j])
		}
	}
	pairs := assign(scores, len(d.source))
	for _, j := range pairs {
		if j >= 0 {
			d.used[j] = true
		}
	}
	d.mappings = map[string]*mapping{}
	for i, t := range targets {
		j := pairs[i]
		if j < 0 {
			continue
		}
		e := d.convert(&d.source[j], t.column)
		e.doubts = append(d.guesses(scores, targets, pairs, i), e.doubts...)
		if t.part != nil {
			t.part.source, t.part.expr, t.part.score = j, e, scores[i][j]
			continue
		}
		d.mappings[t.column.Name] = &mapping{source: j, score: scores[i][j], expr: e}
	}
}

// score is the likeness of the names, less where the values could never fit.
func (t *target) score(s *sourceColumn) float64 {
	best := 0.0
	for _, n := range t.names {
		best = max(best, likeness(n, s.name))
	}
	textual := s.Type.Kind == value.Text || s.Type.Kind == value.Other || s.Type.Kind == value.Null
	if !textual && t.column.Type.Kind != value.Text && !t.column.Type.Accepts(s.Type.Kind) {
		best *= 0.6
	}
	return best
}

// guesses says what is not certain about a pair's names.
func (d *draft) guesses(scores [][]float64, targets []target, pairs []int, i int) []string {
	var out []string
	j := pairs[i]
	var others []string
	for k := range d.source {
		if k != j && !d.used[k] && scores[i][k] >= likely && scores[i][k] >= scores[i][j]-tie {
			others = append(others, d.source[k].Name)
		}
	}
	switch {
	case len(others) > 0:
		out = append(out, fmt.Sprintf("it may be %s as well as %s", orList(others), d.source[j].Name))
	case scores[i][j] < sure:
		out = append(out, fmt.Sprintf("%s is a guess by its name", d.source[j].Name))
	}
	var rivals []string
	for k, t := range targets {
		if k != i && pairs[k] < 0 && scores[k][j] >= likely && scores[k][j] >= scores[i][j]-tie {
			rivals = append(rivals, t.column.Name)
		}
	}
	if len(rivals) > 0 {
		out = append(out, fmt.Sprintf("%s may be for %s as well", d.source[j].Name, orList(rivals)))
	}
	return out
}

func orList(names []string) string {
	return strings.ReplaceAll(suggest.List(names, len(names)), ", ", " or ")
}

// complete reports whether a lookup's key is mapped whole.
func (l *lookup) complete() bool {
	return len(l.parts) > 0 && !slices.ContainsFunc(l.parts, func(p part) bool { return p.source < 0 && !p.scoped })
}

// isMapped reports whether the sync will write a column of that name by its mapping.
func (d *draft) isMapped(column string) bool {
	if d.mappings[column] != nil {
		return true
	}
	return slices.ContainsFunc(d.lookups, func(l *lookup) bool { return l.column.Name == column && l.complete() })
}

// chooseKey takes the unique index that is mapped best.
func (d *draft) chooseKey() {
	var whole, partly [][]string
	for _, unique := range d.table.Unique {
		key, lacks := d.keyOf(unique)
		switch {
		case len(key) == 0:
		case len(lacks) == 0:
			whole = append(whole, key)
		default:
			partly = append(partly, unique)
		}
	}
	slices.SortStableFunc(whole, func(a, b []string) int {
		if n := len(a) - len(b); n != 0 {
			return n
		}
		return d.codes(b) - d.codes(a)
	})
	if len(whole) > 0 {
		d.key = whole[0]
		if len(whole) > 1 {
			d.keyDoubts = append(d.keyDoubts, fmt.Sprintf("the unique indexes on %s would do as well", columnLists(whole[1:])))
		}
		return
	}
	d.key = d.likelyKey()
	for _, unique := range partly {
		_, lacks := d.keyOf(unique)
		d.keyDoubts = append(d.keyDoubts, fmt.Sprintf("the unique index on %s would be the key, but nothing is found for %s: map it, and write the key so", columnLists([][]string{unique}), orList(lacks)))
	}
	if len(d.key) == 0 {
		d.keyDoubts = append(d.keyDoubts, "which mapped columns tell the rows apart?")
		return
	}
	d.keyDoubts = append(d.keyDoubts, fmt.Sprintf("no unique index of the table is mapped whole; if this key is right, its owner runs: %s", d.createIndex()))
}

// keyOf returns the columns of a unique index that would be the key, and those that nothing fills.
func (d *draft) keyOf(unique []string) (key, lacks []string) {
	for _, column := range unique {
		i := slices.IndexFunc(d.table.Columns, func(c sqlgen.Column) bool { return c.Name == column })
		switch {
		case i == d.scope && i >= 0:
		case d.isMapped(column):
			key = append(key, column)
		default:
			lacks = append(lacks, column)
		}
	}
	return key, lacks
}

// codes counts the columns that are codes or numbers by their names.
func (d *draft) codes(columns []string) int {
	n := 0
	for _, column := range columns {
		if isCode(nameIn(column, d.context)) {
			n++
		}
	}
	return n
}

func isCode(n name) bool {
	return slices.ContainsFunc(n.inside, func(c string) bool { return c == "code" || c == "id" || c == "number" || c == "ine" })
}

// likelyKey guesses a key where no index tells.
func (d *draft) likelyKey() []string {
	for _, c := range d.table.Columns {
		n := nameIn(c.Name, d.context)
		if d.mappings[c.Name] != nil && len(n.inside) == 1 && isCode(n) {
			return []string{c.Name}
		}
	}
	for _, c := range d.table.Columns {
		if d.mappings[c.Name] != nil && isCode(nameIn(c.Name, d.context)) {
			return []string{c.Name}
		}
	}
	return nil
}

// createIndex writes the statement that makes the key unique.
func (d *draft) createIndex() string {
	dialect := d.Destination.Dialect()
	quoted := func(names []string, between string) string {
		texts := make([]string, len(names))
		for i, name := range names {
			texts[i] = dialect.Quote(name)
		}
		return strings.Join(texts, between)
	}
	path := strings.Split(d.Table, ".")
	index := dialect.Quote(path[len(path)-1] + "_" + strings.Join(d.key, "_"))
	return fmt.Sprintf("CREATE UNIQUE INDEX %s ON %s (%s)", index, quoted(path, "."), quoted(d.key, ", "))
}

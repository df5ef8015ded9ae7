package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// binding is a sync's mapping, bound to the columns of one result.
type binding struct {
	columns []boundColumn // those of sqlgen.Target.Mapped
	asserts []boundAssert
}

// boundColumn is a mapped column: its one value, or those of its lookup's keys.
type boundColumn struct {
	name      string
	values    []boundValue
	isKey     bool
	notNull   bool
	sensitive bool
}

// boundValue is a staged value.
type boundValue struct {
	name string // as messages show it: building_id, or building_id.code
	typ  value.Type
	eval config.Eval // nil: NULL
}

type boundAssert struct {
	config.Assert
	condition, message config.Eval
}

// result is what a query yields, as bindings need it.
type result struct {
	// what names it in messages, at the beginning of a sentence: The source.
	what  string
	names []string
	types []value.Type
	// shown are the names that messages may list: those of a file's columns are read from it, as its rows are.
	shown *config.Shown
}

func resultOf(what string, rows providers.Rows) *result {
	r := &result{what: what}
	for _, c := range rows.Columns() {
		r.names, r.types = append(r.names, c.Name), append(r.types, c.Type)
	}
	return r
}

// bindSource binds a sync's mapping and asserts to a source's result. Rows to delete
// are bound by their keys alone.
func bindSource(sync *config.Sync, t *sqlgen.Target, from *result, keysOnly bool) (*binding, config.Diagnostics) {
	var diags config.Diagnostics
	from.shown = sync.Source.Shown
	b := &binding{columns: make([]boundColumn, len(sync.Columns))}
	for i := range sync.Columns {
		column := &sync.Columns[i]
		bound := boundColumn{
			name: column.Name, sensitive: column.Sensitive, notNull: t.Mapped[i].NotNull,
			isKey: slices.ContainsFunc(t.Key, func(k sqlgen.Column) bool { return k.Name == column.Name }),
		}
		add := func(name string, staged sqlgen.Column, expr *config.Expr) {
			one := boundValue{name: name, typ: staged.Type}
			if !keysOnly || bound.isKey {
				one.eval = from.bindTo(&diags, expr, name, sync.Destination.Table, staged.Type)
			}
			bound.values = append(bound.values, one)
		}
		if lookup := t.LookupOf(t.Mapped[i]); lookup == nil {
			add(column.Name, t.Mapped[i], &column.Expr)
		} else {
			bound.sensitive = bound.sensitive || lookup.Sensitive
			for j := range lookup.By {
				add(lookup.By[j].Staged.Name, lookup.By[j].Staged, &column.Lookup.By[j].Expr)
			}
		}
		b.columns[i] = bound
	}
	if keysOnly {
		return b, diags
	}
	secret := secretRefs(sync, t)
	for _, a := range sync.Asserts {
		a.Sensitive = a.Sensitive || readsAny(a.Message.Refs, secret)
		b.asserts = append(b.asserts, boundAssert{Assert: a, condition: from.bind(&diags, &a.Condition), message: from.bind(&diags, &a.Message)})
	}
	return b, diags
}

// bindTo binds the expression of a value that must fit a type.
func (r *result) bindTo(diags *config.Diagnostics, expr *config.Expr, column, table string, to value.Type) config.Eval {
	if expr.Plain {
		// A type that no value can fit is better told before a million of them do not.
		if i := r.find(diags, expr.Refs[0]); i < 0 {
			return nil
		} else if i < len(r.types) && !to.Accepts(r.types[i].Kind) {
			diags.Errorf(expr.Range, "Type does not fit its column", "Source column %q is of type %s, column %q of table %q of type %s: convert it in the mapping, with to_date, to_number or the like.",
				r.names[i], r.types[i], column, table, to)
			return nil
		}
	}
	return r.bind(diags, expr)
}

// bind binds an expression, or returns nil with a diagnostic for each column that is
// not there.
func (r *result) bind(diags *config.Diagnostics, expr *config.Expr) config.Eval {
	index := make([]int, len(expr.Refs))
	ok := true
	for i, ref := range expr.Refs {
		if index[i] = r.find(diags, ref); index[i] < 0 {
			ok = false
		}
	}
	if !ok {
		return nil
	}
	return expr.Bind(index)
}

// find returns the index of the column that ref means, or -1 with a diagnostic.
func (r *result) find(diags *config.Diagnostics, ref config.ColumnRef) int {
	found := -1
	for i, name := range r.names {
		if name != ref.Name && (ref.Exact || !strings.EqualFold(name, ref.Name)) {
			continue
		}
		if found >= 0 {
			how := fmt.Sprintf("write row[%q]", name)
			if name == r.names[found] {
				how = "give one of them another name in the query"
			}
			diags.Errorf(ref.Range, "Ambiguous source column", "%s has both %q and %q: %s.", r.what, r.names[found], name, how)
			return -1
		}
		found = i
	}
	if found < 0 {
		diags.Errorf(ref.Range, "Unknown source column", "%s has no column %q.%s", r.what, ref.Name, r.others(ref.Name))
	}
	return found
}

// others says which columns there are instead of one that there is not, to append to a message.
func (r *result) others(name string) string {
	var names []string
	for _, one := range r.names {
		if !r.shown.Hides(one) {
			names = append(names, one)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("%s It has: %s.", suggest.Question(name, names), strings.Join(names, ", "))
}

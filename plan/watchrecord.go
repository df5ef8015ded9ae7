package plan

import (
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

// maxWatched bounds the records of one key that are kept; two are a mistake already.
const maxWatched = 5

// WatchedValue is a value on its way: of a column of the source, or of the mapping.
type WatchedValue struct {
	Name string
	Text string
	Null bool
	// Err says why there is none, without repeating values.
	Err string
	// Sensitive values are not shown.
	Sensitive bool
}

// WatchedRecord is a record of the source under the watched key.
type WatchedRecord struct {
	// Task is the query that yielded it, "" where there is but one.
	Task   config.Operation
	Source []WatchedValue
	Mapped []WatchedColumn // in the order of the configuration
	// Asserts are in the order of the configuration.
	Asserts []WatchedAssert
	// Rejected says why the mapping or an assert rejects the record, and Warning what else is wrong with it; "" for nothing. Lookups
	// have not had their say.
	Rejected, Warning string
	// Key is the staged key, in the order of Watched.KeyNames.
	Key []string
}

// WatchedColumn is a mapped column: one value, or those of its lookup's keys.
type WatchedColumn struct {
	Name   string
	Values []WatchedValue
	// Refs are the source columns that it reads.
	Refs []string
	At   config.Range // the expression, or the lookup
}

// WatchedAssert is an assert and whether the record obeys it.
type WatchedAssert struct {
	Name      string
	OnFailure config.AssertFailure
	Obeyed    bool
	// Message is what the assert says of a record that does not obey; "" where it may not be shown.
	Message string
	// Secret is the message where it may not be shown.
	Secret string
}

// watch looks out for the records of one key. A nil one sees nothing.
type watch struct {
	sync string
	keys [][]string // texts of the staged key: as typed, and as the destination spells it
	// records are under one of keys, or under one that differs by case or blanks only.
	records []WatchedRecord
}

func sameText(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }

// see looks at the record that m has filled a staged row with; usable is false where its key is of no use.
func (w *watch) see(m *mapper, row []value.Value, usable bool) {
	if w == nil || !usable || len(w.records) >= maxWatched {
		return
	}
	// The key's parts stand in the row as in the binding.
	var key []string
	at := 0
	for i := range m.binding.columns {
		column := &m.binding.columns[i]
		for range column.values {
			if column.isKey {
				key = append(key, row[at].Text())
			}
			at++
		}
	}
	if slices.ContainsFunc(w.keys, func(known []string) bool { return slices.EqualFunc(known, key, sameText) }) {
		w.records = append(w.records, m.watched(key, row[at:]))
	}
}

// watched maps the record at hand once more, and keeps each step.
func (m *mapper) watched(key []string, own []value.Value) WatchedRecord {
	r := WatchedRecord{Task: m.task, Key: key, Rejected: own[0].Text()}
	if m.target.Warns {
		r.Warning = own[1].Text()
	}
	secret := secretSource(m.sync, m.binding)
	columns := m.rows.Columns()
	for i, v := range m.source {
		one := watchedValue(columns[i].Name, v)
		one.Sensitive = readsAny([]config.ColumnRef{{Name: one.Name}}, secret) || m.sync.Source.Shown.Hides(one.Name)
		r.Source = append(r.Source, one)
	}
	for i := range m.binding.columns {
		r.Mapped = append(r.Mapped, m.watchedColumn(i))
	}
	for i := range m.binding.asserts {
		r.Asserts = append(r.Asserts, m.watchedAssert(&m.binding.asserts[i]))
	}
	return r
}

func watchedValue(name string, v value.Value) WatchedValue {
	if v.IsNull() {
		return WatchedValue{Name: name, Null: true}
	}
	return WatchedValue{Name: name, Text: v.Text()}
}

func (m *mapper) watchedColumn(i int) WatchedColumn {
	bound, column := &m.binding.columns[i], &m.sync.Columns[i]
	c := WatchedColumn{Name: bound.name, At: column.Expr.Range}
	if column.Lookup != nil {
		c.At = column.Lookup.Range
	}
	for _, ref := range refs(column) {
		if !slices.Contains(c.Refs, ref.Name) {
			c.Refs = append(c.Refs, ref.Name)
		}
	}
	for j := range bound.values {
		one := &bound.values[j]
		if one.eval == nil { // of a record to delete
			continue
		}
		v, err := one.eval(m.source)
		if err == nil {
			v, err = one.typ.Fit(v, m.loc)
		}
		shown := watchedValue(one.name, v)
		switch {
		case err != nil:
			shown = WatchedValue{Name: one.name, Err: err.Error()}
		case v.IsNull() && bound.isKey:
			shown.Err = errNullKey.Error()
		case v.IsNull() && bound.notNull:
			shown.Err = errNotNull.Error()
		}
		shown.Sensitive = bound.sensitive
		c.Values = append(c.Values, shown)
	}
	return c
}

func (m *mapper) watchedAssert(a *boundAssert) WatchedAssert {
	out := WatchedAssert{Name: a.Name, OnFailure: a.OnFailure}
	obeyed, err := a.condition(m.source)
	if err == nil {
		obeyed, err = value.Type{Kind: value.Bool}.Fit(obeyed, m.loc)
	}
	if out.Obeyed = err == nil && obeyed.Bool(); out.Obeyed {
		return out
	}
	text := evaluateText(a.message, m.source)
	if err != nil {
		text = "cannot be evaluated: " + err.Error()
	}
	if a.Sensitive {
		out.Secret = plainText(text)
	} else {
		out.Message = plainText(text)
	}
	return out
}

// secretSource are the source columns that feed what is masked.
func secretSource(sync *config.Sync, b *binding) []config.ColumnRef {
	var all []config.ColumnRef
	for i := range b.columns {
		if b.columns[i].sensitive {
			all = append(all, refs(&sync.Columns[i])...)
		}
	}
	return all
}

// of is the watch, if it is kept over the sync.
func (w *watch) of(s *config.Sync) *watch {
	if w == nil || w.sync != s.Address {
		return nil
	}
	return w
}

package plan

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/register"
)

// shape is which members the documents of a sync's operations have, by the operation: those of one kind have the
// same ones, in the same order.
type shape map[config.Operation]layout

type layout struct{ key, before, after []string }

// shapeOf looks at one operation of each kind.
func shapeOf(ctx context.Context, w *work) (shape, error) {
	q := &query{Dialect: w.into.Dialect()}
	numbers, err := w.numbers(ctx, fmt.Sprintf("SELECT min(o.seq) FROM %s o WHERE %s GROUP BY o.operation", q.RegisterTable("operation"), q.of(w)), q.args)
	if err != nil {
		return nil, err
	}
	found := shape{}
	names := func(doc register.Document) []string {
		list := make([]string, len(doc))
		for i, f := range doc {
			list[i] = f.Column
		}
		return list
	}
	err = w.numbered(ctx, numbers, func(o *register.Operation) {
		found[o.Operation] = layout{names(o.Key), names(o.Before), names(o.After)}
	})
	return found, err
}

// fits reports whether documents of both shapes can be compared as they are.
func (s shape) fits(other shape) bool {
	for operation, one := range s {
		if two, ok := other[operation]; ok && (!slices.Equal(one.before, two.before) || !slices.Equal(one.after, two.after)) {
			return false
		}
	}
	return true
}

// written lists the members that operations of either shape write.
func (s shape) written(other shape) []string {
	var names []string
	for _, one := range []shape{s, other} {
		for _, l := range one {
			names = append(names, l.after...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// unpacking is the members of one document that are needed.
type unpacking struct {
	prefix  string
	members []sqlgen.DocMember
}

// column is that to which a member is unpacked.
func (u *unpacking) column(name string) string {
	at := slices.IndexFunc(u.members, func(m sqlgen.DocMember) bool { return m.Name == name })
	if at < 0 {
		at = len(u.members)
		u.members = append(u.members, sqlgen.DocMember{Name: name, As: u.prefix + strconv.Itoa(at)})
	}
	return "x." + u.members[at].As
}

// effects selects the operations of a plan for a sync, each with a hash of its row and of what it changes there; names are all that
// are written, by either plan. A column that is written as it was does not change, and so is as one that is not written at
// all. Each kind is read for itself: a join with the register would cost more than to take its documents apart.
func (q *query) effects(w *work, s shape, names []string, n int, place placing) string {
	table := q.RegisterTable("operation")
	var kinds []string
	for _, operation := range config.Operations {
		l, ok := s[operation]
		if !ok {
			continue
		}
		key, before, after := unpacking{prefix: "k"}, unpacking{prefix: "b"}, unpacking{prefix: "a"}
		identity, effect := make([]sqlgen.Member, len(l.key)), make([]sqlgen.Member, len(names))
		for i, name := range l.key {
			identity[i] = sqlgen.Member{Name: name, Text: key.column(name)}
		}
		for i, name := range names {
			effect[i] = sqlgen.Member{Name: name, Text: "NULL"} // no change
			if !slices.Contains(l.after, name) {
				continue
			}
			value := after.column(name)
			effect[i].Text = "coalesce(" + q.Concat("'='", value) + ", 'null')"
			if slices.Contains(l.before, name) {
				effect[i].Text = "CASE WHEN " + q.Same(q.ByteOrder(value), q.ByteOrder(before.column(name))) + " THEN NULL ELSE " + effect[i].Text + " END"
			}
		}
		docs := []sqlgen.Doc{{Column: "key", Members: key.members}, {Column: "before", Members: before.members}, {Column: "after", Members: after.members}}
		kind := "'" + string(operation) + "'"
		kinds = append(kinds, fmt.Sprintf("SELECT %s AS operation, x.seq AS seq, %s AS hash, %s AS place, %d AS n FROM (%s) x",
			kind, q.RowHash([]string{kind}, []string{q.Object(identity), q.Object(effect)}), place(q, q.Object(identity)), n, q.Unpack(table, docs, q.of(w)+" AND o.operation = "+kind)))
	}
	return strings.Join(kinds, " UNION ALL ")
}

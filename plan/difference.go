package plan

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/register"
)

// differences compares the plan with the baseline, sync by sync.
func (b *baseline) differences(ctx context.Context, plan *Plan, c *Comparison) error {
	for _, d := range b.pairs(plan) {
		found, err := d.find(ctx)
		if err != nil {
			w := d.either()
			return fmt.Errorf("%s: compare its plans: %w", w.sync.Address, w.into.safe(err))
		}
		if found != nil {
			found.Heirs = b.heirs(d)
			c.Syncs = append(c.Syncs, *found)
		}
		c.Besides = append(c.Besides, d.besides(found == nil)...)
	}
	c.Besides = append(c.Besides, b.rules()...)
	return nil
}

// pairs are the syncs of both, first those of the plan. One that has another address and writes to the same table in the same
// scope is the same one.
func (b *baseline) pairs(plan *Plan) []*difference {
	var all []*difference
	gone := slices.DeleteFunc(slices.Clone(b.works), func(w *work) bool { return b.head.planned(w.sync.Address) != nil })
	for _, is := range b.head.works {
		was := b.planned(is.sync.Address)
		if was == nil {
			if was = former(is, gone); was != nil {
				gone = slices.DeleteFunc(gone, func(w *work) bool { return w == was })
			}
		}
		all = append(all, &difference{plan: plan, was: was, is: is})
	}
	for _, was := range gone {
		all = append(all, &difference{plan: plan, was: was})
	}
	return all
}

// former is the one sync, of those that the change removes, that one which it adds stands for; nil where there is none,
// or nobody can tell which.
func former(is *work, gone []*work) *work {
	for _, fits := range []func(w *work) bool{
		func(w *work) bool { return true },
		func(w *work) bool { return w.summary.Source == is.summary.Source },
	} {
		found := slices.DeleteFunc(slices.Clone(gone), func(w *work) bool { return !sameRows(w, is) || !fits(w) })
		if len(found) == 1 {
			return found[0]
		}
	}
	return nil
}

func sameTable(one, other *work) bool {
	return one.into.database == other.into.database && one.target.Table.Name == other.target.Table.Name
}

// sameRows reports whether both syncs own the same rows.
func sameRows(one, other *work) bool {
	return sameTable(one, other) && maps.Equal(constants(one.target.Scope), constants(other.target.Scope)) &&
		slices.Equal(parents(one.target), parents(other.target))
}

// heirs are the plan's syncs that may own rows of one that the change removes.
func (b *baseline) heirs(d *difference) []string {
	if d.is != nil {
		return nil
	}
	var list []string
	scope := constants(d.was.target.Scope)
	for _, w := range b.head.works {
		apart := false
		for column, text := range constants(w.target.Scope) {
			other, both := scope[column]
			apart = apart || both && other != text
		}
		if sameTable(w, d.was) && !apart {
			list = append(list, w.sync.Address)
		}
	}
	return list
}

// constants are the values of a scope, by column.
func constants(scope []sqlgen.Set) map[string]string {
	values := map[string]string{}
	for _, set := range scope {
		values[set.Column.Name] = "null"
		if set.Text != nil {
			values[set.Column.Name] = "=" + *set.Text
		}
	}
	return values
}

// parents are what a scope asks of the rows that a table's rows refer to, as texts that are equal where that is.
func parents(t *sqlgen.Target) []string {
	var list []string
	for _, p := range t.Parents {
		where := constants(p.Where)
		parts := []string{p.Column.Name, p.Parent.Name, p.Ref.Name}
		for _, column := range slices.Sorted(maps.Keys(where)) {
			parts = append(parts, column, where[column])
		}
		list = append(list, fmt.Sprintf("%q", parts))
	}
	slices.Sort(list)
	return list
}

// difference is that of two plans for one sync: the baseline's and the plan's. One of them may be nil.
type difference struct {
	plan    *Plan
	was, is *work
	// shapes are those of documents whose members differ, names what is written of them; nil where none do.
	shapes map[*work]shape
	names  []string
}

func (d *difference) either() *work {
	if d.is != nil {
		return d.is
	}
	return d.was
}

// find returns how the plans differ; nil where they do not.
func (d *difference) find(ctx context.Context) (*SyncComparison, error) {
	w := d.either()
	c := &SyncComparison{Sync: w.sync.Address, Faculty: w.sync.Faculty, Presence: InBoth, Base: planned(d.was), Head: planned(d.is), Writes: d.is.written(), Wrote: d.was.written()}
	c.Was = d.former()
	switch {
	case d.was == nil:
		c.Presence = Added
	case d.is == nil:
		c.Presence = Removed
	default:
		c.Moved = !d.comparable()
	}
	var err error
	if d.comparable() {
		if err := d.look(ctx); err != nil {
			return nil, err
		}
		if c.Only, c.Gone, err = d.count(ctx); err != nil || len(c.Only)+len(c.Gone) == 0 {
			return nil, err
		}
	} else {
		c.Only, c.Gone = maps.Clone(c.Head), maps.Clone(c.Base)
	}
	if c.OnlyExcerpt, err = d.excerpt(ctx, d.is, c.Only); err != nil {
		return nil, err
	}
	if c.GoneExcerpt, err = d.excerpt(ctx, d.was, c.Gone); err != nil {
		return nil, err
	}
	return c, nil
}

// former is the address that the sync had before, where that is another one.
func (d *difference) former() string {
	if d.was == nil || d.is == nil || d.was.sync.Address == d.is.sync.Address {
		return ""
	}
	return d.was.sync.Address
}

// written is where a sync writes to; nil for a nil one.
func (w *work) written() *Written {
	if w == nil {
		return nil
	}
	return &Written{Destination: w.summary.Destination, Database: w.into.Identity(), Table: w.summary.Table}
}

// planned are the operations of a plan for a sync; none of a nil one.
func planned(w *work) map[config.Operation]int64 {
	counts := map[config.Operation]int64{}
	if w == nil {
		return counts
	}
	for operation, n := range w.summary.Counts {
		if n > 0 {
			counts[operation] = n
		}
	}
	return counts
}

// comparable reports whether both plan for the same table. Of another one all operations are others.
func (d *difference) comparable() bool {
	return d.was != nil && d.is != nil && sameTable(d.was, d.is)
}

// query is a statement over the register's operations being written.
type query struct {
	sqlgen.Dialect
	args []any
}

// bind returns what stands for a text. What it is bound for must follow in the order of the statement.
func (q *query) bind(text string) string {
	q.args = append(q.args, text)
	return q.Placeholder(len(q.args))
}

// of is the condition that an operation o is one of a plan for a sync.
func (q *query) of(w *work) string {
	return fmt.Sprintf("o.plan_id = %s AND o.seq > %d AND o.seq <= %d", q.bind(w.planID), w.summary.AfterSeq, w.summary.LastSeq)
}

// placing is an expression that orders operations, of their keys.
type placing func(q *query, key string) string

// anyhow leaves the order open.
func anyhow(*query, string) string { return "1" }

// pairs groups the operations of both plans by what they do: n is positive for those that the plan alone does, and
// seq is the number of one of them, if they are the given sync's; it is negative for those of the baseline alone. Both are
// computed on the same snapshot: what they write to a row tells whether they are equal.
func (d *difference) pairs(q *query, of *work, place placing) string {
	side := func(w *work, n int) string {
		if d.shapes != nil {
			return q.effects(w, d.shapes[w], d.names, n, place)
		}
		key := "o." + q.Quote("key")
		return fmt.Sprintf("SELECT o.operation AS operation, o.seq AS seq, %s AS hash, %s AS place, %d AS n FROM %s o WHERE %s",
			q.RowHash([]string{"o.operation"}, []string{key, "o." + q.Quote("before"), "o." + q.Quote("after")}), place(q, key), n, q.RegisterTable("operation"), q.of(w))
	}
	number := 1
	if of == d.was {
		number = -1
	}
	return fmt.Sprintf("SELECT x.operation AS operation, x.place AS place, max(CASE WHEN x.n = %d THEN x.seq END) AS seq, sum(x.n) AS n FROM (%s UNION ALL %s) x GROUP BY x.operation, x.hash, x.place",
		number, side(d.is, 1), side(d.was, -1))
}

// look finds out how operations are to be compared: documents as they are, where they have the same members, which spares
// the database to take them apart.
func (d *difference) look(ctx context.Context) error {
	was, err := shapeOf(ctx, d.was)
	if err != nil {
		return err
	}
	is, err := shapeOf(ctx, d.is)
	if err != nil {
		return err
	}
	if !was.fits(is) {
		d.shapes, d.names = map[*work]shape{d.was: was, d.is: is}, was.written(is)
	}
	return nil
}

// count counts the operations that one of the plans alone has. The rows never leave the database.
func (d *difference) count(ctx context.Context) (only, gone map[config.Operation]int64, err error) {
	q := &query{Dialect: d.is.into.Dialect()}
	text := fmt.Sprintf("SELECT g.operation, sum(CASE WHEN g.n > 0 THEN g.n ELSE 0 END), sum(CASE WHEN g.n < 0 THEN -g.n ELSE 0 END) FROM (%s) g WHERE g.n <> 0 GROUP BY g.operation",
		d.pairs(q, d.is, anyhow))
	rows, err := d.is.into.tx.QueryContext(ctx, text, q.args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	only, gone = map[config.Operation]int64{}, map[config.Operation]int64{}
	for rows.Next() {
		var operation config.Operation
		var more, less int64
		if err := rows.Scan(&operation, &more, &less); err != nil {
			return nil, nil, err
		}
		if more > 0 {
			only[operation] = more
		}
		if less > 0 {
			gone[operation] = less
		}
	}
	return only, gone, rows.Err()
}

// excerpt shows the first of the operations that a plan alone has for its sync, masked.
func (d *difference) excerpt(ctx context.Context, of *work, counts map[config.Operation]int64) ([]Change, error) {
	if len(counts) == 0 {
		return nil, nil
	}
	sensitive := d.sensitive(of)
	place := func(q *query, key string) string {
		if hidesKeys(of, sensitive) {
			// Where a row stands must not tell its key either.
			return q.RowHash([]string{fmt.Sprintf("'%x'", d.plan.orderSalt())}, []string{key})
		}
		return q.ByteOrder(q.Canonical(key, sqlgen.Column{Type: value.Type{Kind: value.JSON, SQL: q.TypeName(value.JSON)}}))
	}
	numbers, err := d.first(ctx, of, place)
	if err != nil {
		return nil, err
	}
	masking := d.plan.Masking(&of.summary)
	masking.Sensitive = sensitive
	changes := make([]Change, len(numbers))
	err = of.numbered(ctx, numbers, func(o *register.Operation) { changes[slices.Index(numbers, o.Seq)] = shorten(Mask(o, masking)) })
	sortMasked(changes, func(c Change) ([]Cell, config.Operation) { return c.Key, c.Operation })
	return changes, err
}

// first numbers the operations that an excerpt shows: removals come first. It joins nothing: the database's planner does
// not know how many operations there are.
func (d *difference) first(ctx context.Context, of *work, place placing) ([]int64, error) {
	q := &query{Dialect: of.into.Dialect()}
	var from string
	switch {
	case !d.comparable():
		from = fmt.Sprintf("SELECT o.operation AS operation, o.seq AS seq, %s AS place, 0 AS n FROM %s o WHERE %s", place(q, "o."+q.Quote("key")), q.RegisterTable("operation"), q.of(of))
		from = "(" + from + ") g WHERE g.n = 0"
	case of == d.was:
		from = "(" + d.pairs(q, of, place) + ") g WHERE g.n < 0"
	default:
		from = "(" + d.pairs(q, of, place) + ") g WHERE g.n > 0"
	}
	var removes []string
	for _, operation := range config.Operations {
		if operation.Removes() {
			removes = append(removes, "'"+string(operation)+"'")
		}
	}
	text := fmt.Sprintf("SELECT g.seq FROM %s ORDER BY CASE WHEN g.operation IN (%s) THEN 0 ELSE 1 END, g.operation, g.place", from, strings.Join(removes, ", "))
	return of.numbers(ctx, q.Limit(text, maxExcerpt), q.args)
}

// numbers runs a query of a few numbers of operations.
func (w *work) numbers(ctx context.Context, text string, args []any) (numbers []int64, err error) {
	rows, err := w.into.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, rows.Err()
}

// sensitive are the columns that either configuration masks in a sync's operations. Of those that the other one does
// not name it masks none: a column that the change adds is masked as the change says.
func (d *difference) sensitive(of *work) []string {
	list, other := slices.Clone(of.summary.Sensitive), d.was
	if of == d.was {
		other = d.is
	}
	if other == nil {
		return list
	}
	for _, name := range other.masked() {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// masked are the columns that a configuration masks in a sync's operations, but for those that it does not name.
func (w *work) masked() []string {
	named := w.named()
	return slices.DeleteFunc(slices.Clone(w.summary.Sensitive), func(name string) bool {
		_, isColumn := w.target.Table.Column(name)
		return isColumn && !named[name]
	})
}

// hidesKeys reports whether a part of a sync's keys is not shown.
func hidesKeys(w *work, sensitive []string) bool {
	return slices.ContainsFunc(sensitive, func(column string) bool {
		return slices.ContainsFunc(w.target.Key, func(k sqlgen.Column) bool { return column == k.Name || strings.HasPrefix(column, k.Name+".") })
	})
}

// numbered reads the sync's operations of these numbers, in any order.
func (w *work) numbered(ctx context.Context, numbers []int64, visit func(*register.Operation)) error {
	if len(numbers) == 0 {
		return nil
	}
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.FormatInt(n, 10)
	}
	q := &query{Dialect: w.into.Dialect()}
	rows, err := w.into.tx.QueryContext(ctx, fmt.Sprintf("SELECT o.seq, o.sync, o.table_name, o.operation, o.%s, o.%s, o.%s FROM %s o WHERE %s AND o.seq IN (%s)",
		q.Quote("key"), q.Quote("before"), q.Quote("after"), q.RegisterTable("operation"), q.of(w), strings.Join(texts, ", ")), q.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var o register.Operation
		var documents [3]sql.NullString
		if err := rows.Scan(&o.Seq, &o.Sync, &o.Table, &o.Operation, &documents[0], &documents[1], &documents[2]); err != nil {
			return err
		}
		for i, into := range []*register.Document{&o.Key, &o.Before, &o.After} {
			if !documents[i].Valid {
				continue
			}
			if *into, err = register.ParseDocument(documents[i].String); err != nil {
				return err
			}
		}
		visit(&o)
	}
	return rows.Err()
}

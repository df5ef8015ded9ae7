package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Side is a plan's operations for a sync: AfterSeq < seq <= LastSeq.
type Side struct {
	PlanID            string
	AfterSeq, LastSeq int64
}

// Deviation is how an operation of one plan stands to those of another.
type Deviation string

// The deviations, in the order in which they are told.
const (
	FirstOnly  Deviation = "first_only"  // the second plan has none of that kind for the key
	SecondOnly Deviation = "second_only" // the first one has none
	Different  Deviation = "different"   // both have it, with other values
)

// Deviations lists them in that order.
func Deviations() []Deviation { return []Deviation{FirstOnly, SecondOnly, Different} }

// Deviations counts how the operations of two plans differ: by sync, which the sides are of, key and kind. Nothing but
// numbers leaves the database. What was redacted is not compared.
func (r Register) Deviations(ctx context.Context, q providers.Querier, first, second Side) (map[Deviation]map[config.Operation]int64, error) {
	args := arguments{d: r.d}
	pairs, err := r.compared(ctx, q, &args, first, second)
	if err != nil {
		return nil, err
	}
	query := fmt.Sprintf("SELECT g.deviation, g.operation, count(*) FROM (%s) g GROUP BY g.deviation, g.operation", pairs)
	counts := map[Deviation]map[config.Operation]int64{}
	err = r.each(ctx, q, query, args.values, func(rows *sql.Rows) error {
		var deviation Deviation
		var operation config.Operation
		var n int64
		if err := rows.Scan(&deviation, &operation, &n); err != nil {
			return err
		}
		if counts[deviation] == nil {
			counts[deviation] = map[config.Operation]int64{}
		}
		counts[deviation][operation] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("compare the plans: %w", err)
	}
	return counts, nil
}

// Deviating calls visit for operations that two plans differ in, of one kind of deviation: for the first plan's, the second's,
// or both. They come as Operations does, at most limit of them; 0 for all. io.EOF from visit ends the reading without an error.
func (r Register) Deviating(ctx context.Context, q providers.Querier, first, second Side, kind Deviation, limit int, visit func(a, b *Operation) error) error {
	args := arguments{d: r.d}
	pairs, err := r.compared(ctx, q, &args, first, second)
	if err != nil {
		return err
	}
	key := "(CASE WHEN a.seq IS NULL THEN b." + r.d.Quote("key") + " ELSE a." + r.d.Quote("key") + " END)"
	place := r.d.ByteOrder(r.d.Canonical(key, registerColumn(r.d, value.JSON)))
	table := r.d.RegisterTable("operation")
	from := fmt.Sprintf("(%s) g LEFT JOIN %s a ON a.plan_id = %s AND a.seq = g.a LEFT JOIN %s b ON b.plan_id = %s AND b.seq = g.b", pairs, table, args.of(first.PlanID), table, args.of(second.PlanID))
	if r.salt != "" {
		from, place = r.shuffle(&args, from, key)
	}
	var columns []string
	for _, alias := range []string{"a", "b"} {
		for _, column := range []string{"seq", "sync", "table_name", "operation", "key", "before", "after"} {
			columns = append(columns, alias+"."+r.d.Quote(column))
		}
	}
	query := fmt.Sprintf("SELECT %s FROM %s WHERE g.deviation = %s ORDER BY CASE g.operation%s END, %s", strings.Join(columns, ", "), from, args.of(string(kind)), displayed(), place)
	if limit > 0 {
		query = r.d.Limit(query, limit)
	}
	err = r.each(ctx, q, query, args.values, func(rows *sql.Rows) error {
		var cells [14]sql.NullString
		into := make([]any, len(cells))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		a, err := side(cells[:7])
		if err != nil {
			return err
		}
		b, err := side(cells[7:])
		if err != nil {
			return err
		}
		return visit(a, b)
	})
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("compare the plans: %w", err)
	}
	return nil
}

// displayed is what orders operations as they are displayed, within a CASE.
func displayed() string {
	var order strings.Builder
	for i, operation := range displayOrder {
		fmt.Fprintf(&order, " WHEN '%s' THEN %d", operation, i)
	}
	return order.String()
}

// side is an operation that a join may not have found.
func side(cells []sql.NullString) (*Operation, error) {
	if !cells[0].Valid {
		return nil, nil //nolint:nilnil // "none" is an answer, not an error
	}
	o := &Operation{Sync: cells[1].String, Table: cells[2].String, Operation: config.Operation(cells[3].String)}
	for i, into := range []*Document{&o.Key, &o.Before, &o.After} {
		cell := cells[4+i]
		if !cell.Valid {
			continue
		}
		var err error
		if *into, err = ParseDocument(cell.String); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// compared is a query of the operations that differ: deviation, operation, and their numbers a and b in either plan.
func (r Register) compared(ctx context.Context, q providers.Querier, args *arguments, first, second Side) (string, error) {
	names, err := r.sharedKey(ctx, q, first, second)
	if err != nil {
		return "", err
	}
	key, before, after := "o."+r.d.Quote("key"), "o."+r.d.Quote("before"), "o."+r.d.Quote("after")
	place := key
	if names != nil {
		members := make([]sqlgen.Member, len(names))
		for i, name := range names {
			members[i] = sqlgen.Member{Name: name, Text: r.d.MemberText(key, name)}
		}
		place = r.d.Object(members)
	}
	one := func(n int, s Side) string {
		return fmt.Sprintf("SELECT %d AS side, o.operation AS operation, o.seq AS seq, %s AS place, %s AS hash FROM %s o WHERE o.plan_id = %s AND o.seq > %d AND o.seq <= %d AND %s AND %s AND %s",
			n, r.d.RowHash(nil, []string{place}), r.d.RowHash(nil, []string{before, after}), r.d.RegisterTable("operation"), args.of(s.PlanID), s.AfterSeq, s.LastSeq,
			r.unredacted(key), r.unredacted(before), r.unredacted(after))
	}
	grouped := fmt.Sprintf("SELECT x.operation AS operation, max(CASE x.side WHEN 1 THEN x.seq END) AS a, max(CASE x.side WHEN 2 THEN x.seq END) AS b, count(DISTINCT x.hash) AS hashes FROM (%s UNION ALL %s) x GROUP BY x.operation, x.place",
		one(1, first), one(2, second))
	return fmt.Sprintf("SELECT CASE WHEN h.b IS NULL THEN '%s' WHEN h.a IS NULL THEN '%s' ELSE '%s' END AS deviation, h.operation AS operation, h.a AS a, h.b AS b FROM (%s) h WHERE h.a IS NULL OR h.b IS NULL OR h.hashes > 1",
		FirstOnly, SecondOnly, Different, grouped), nil
}

// sharedKey returns what keys of both plans go by: where a part is looked up its business keys, since the id may have been unknown to one of
// them. It is nil where they go by different members.
func (r Register) sharedKey(ctx context.Context, q providers.Querier, first, second Side) ([]string, error) {
	var found [2][]string
	for i, s := range []Side{first, second} {
		args := arguments{d: r.d}
		query := r.d.Limit(fmt.Sprintf("SELECT %s FROM %s o WHERE o.plan_id = %s AND o.seq > %d AND o.seq <= %d AND %s ORDER BY o.seq", r.d.Canonical("o."+r.d.Quote("key"), registerColumn(r.d, value.JSON)),
			r.d.RegisterTable("operation"), args.of(s.PlanID), s.AfterSeq, s.LastSeq, r.unredacted("o."+r.d.Quote("key"))), 1)
		var text string
		err := q.QueryRowContext(ctx, query, args.values...).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("compare the plans: %w", err)
		}
		key, err := ParseDocument(text)
		if err != nil {
			return nil, err
		}
		found[i] = key.Leaves()
	}
	if strings.Join(found[0], "\x00") != strings.Join(found[1], "\x00") {
		return nil, nil
	}
	return found[0], nil
}

// Leaves names the members of a key, but for columns whose business keys follow.
func (d Document) Leaves() []string {
	var names []string
	for i, f := range d {
		if i+1 < len(d) && strings.HasPrefix(d[i+1].Column, f.Column+".") {
			continue
		}
		names = append(names, f.Column)
	}
	return names
}

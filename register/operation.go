package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Operation is one planned change of a row.
type Operation struct {
	Seq       int64
	Sync      string
	Table     string
	Operation config.Operation
	Key       Document
	Before    Document // nil for an insert
	After     Document // nil for a delete
}

// ErrResults says that operations of a plan have results, which only its apply writes.
var ErrResults = errors.New("operations of the plan have results")

// Counts counts all of a plan's operations, by the address of their sync and by name. The plan has not
// been applied: the error is ErrResults where some have results.
func (r Register) Counts(ctx context.Context, q providers.Querier, planID string) (map[string]map[config.Operation]int64, error) {
	args := arguments{d: r.d}
	rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT o.sync, o.operation, count(*), count(CASE WHEN o.result IS NOT NULL THEN 1 END) FROM %s o WHERE o.plan_id = %s GROUP BY o.sync, o.operation",
		r.d.RegisterTable("operation"), args.of(planID)), args.values...)
	if err != nil {
		return nil, fmt.Errorf("count operations: %w", err)
	}
	defer rows.Close()
	counts := map[string]map[config.Operation]int64{}
	for rows.Next() {
		var sync string
		var operation config.Operation
		var n, results int64
		if err := rows.Scan(&sync, &operation, &n, &results); err != nil {
			return nil, fmt.Errorf("count operations: %w", err)
		}
		if results > 0 {
			return nil, ErrResults
		}
		if counts[sync] == nil {
			counts[sync] = map[config.Operation]int64{}
		}
		counts[sync][operation] = n
	}
	return counts, rows.Err()
}

// CountOperations runs a query of operation names and numbers.
func CountOperations(ctx context.Context, q providers.Querier, query string, args ...any) (map[config.Operation]int64, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("count operations: %w", err)
	}
	defer rows.Close()
	counts := map[config.Operation]int64{}
	for rows.Next() {
		var operation config.Operation
		var n int64
		if err := rows.Scan(&operation, &n); err != nil {
			return nil, fmt.Errorf("count operations: %w", err)
		}
		counts[operation] = n
	}
	return counts, rows.Err()
}

// Operations calls visit for the operations of one sync, those that remove rows
// first, each kind in the order of its keys' texts, unless Shuffled; at most limit of them, 0 for all. io.EOF from visit ends the reading without an error.
func (r Register) Operations(ctx context.Context, q providers.Querier, planID string, after, last int64, limit int, visit func(*Operation) error) error {
	return r.OperationsThat(ctx, q, planID, after, last, &Narrow{Limit: limit}, visit)
}

// Narrow says which operations of a sync are wanted. Its zero value asks for all.
type Narrow struct {
	Matches    []Match            // one of them is about it; none: any
	Operations []config.Operation // its kind is one of them; none: any
	// Column may be one that it changes: of others some are left out, not all. "" is any.
	Column string
	Limit  int // 0 for all
}

// OperationsThat is Operations of some of them.
func (r Register) OperationsThat(ctx context.Context, q providers.Querier, planID string, after, last int64, n *Narrow, visit func(*Operation) error) error {
	args := arguments{d: r.d}
	key := r.d.ByteOrder(r.d.Canonical("o."+r.d.Quote("key"), registerColumn(r.d, value.JSON)))
	from := r.d.RegisterTable("operation") + " o"
	if r.salt != "" {
		from, key = r.shuffle(&args, from, "o."+r.d.Quote("key"), "o."+r.d.Quote("before"), "o."+r.d.Quote("after"))
	}
	where := fmt.Sprintf("o.plan_id = %s AND o.seq > %d AND o.seq <= %d", args.of(planID), after, last)
	where += r.narrowed(&args, n)
	query := fmt.Sprintf("SELECT o.seq, o.sync, o.table_name, o.operation, o.%s, o.%s, o.%s FROM %s WHERE %s ORDER BY CASE o.operation%s END, %s",
		r.d.Quote("key"), r.d.Quote("before"), r.d.Quote("after"), from, where, displayed(), key)
	if n.Limit > 0 {
		query = r.d.Limit(query, n.Limit)
	}
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return fmt.Errorf("read operations: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var o Operation
		var docs [3]sql.NullString
		if err := rows.Scan(&o.Seq, &o.Sync, &o.Table, &o.Operation, &docs[0], &docs[1], &docs[2]); err != nil {
			return fmt.Errorf("read operations: %w", err)
		}
		for i, into := range []*Document{&o.Key, &o.Before, &o.After} {
			if !docs[i].Valid {
				continue
			}
			if *into, err = ParseDocument(docs[i].String); err != nil {
				return err
			}
		}
		if err := visit(&o); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
	return rows.Err()
}

// Shuffled returns the register so that it lists operations and findings in the order of their hashes, which tells nothing of
// their keys. salt goes into the hashes, and must not be "".
func (r Register) Shuffled(salt string) Register {
	r.salt = salt
	return r
}

// shuffle returns what some rows are then read from, and what they are ordered by.
func (r Register) shuffle(args *arguments, from string, documents ...string) (shuffled, order string) {
	// As a column, since a dialect may name a text more than once.
	shuffled = fmt.Sprintf("%s CROSS JOIN (SELECT %s AS salt%s) x", from, args.of(r.salt), r.d.FromNothing())
	return shuffled, r.d.RowHash([]string{"x.salt"}, documents)
}

// DisplayOrder is the order in which Operations lists what is done with rows: first what a reader must not miss.
func DisplayOrder() []config.Operation { return slices.Clone(displayOrder) }

// displayOrder puts first what a reader must not miss.
var displayOrder = []config.Operation{
	config.Delete, config.Archive, config.Purge, config.Rename, config.Adopt, config.Undelete, config.Update, config.Insert,
}

// Keys runs a query of key documents.
func (r Register) Keys(ctx context.Context, q providers.Querier, query string, args ...any) ([]Document, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []Document
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		key, err := ParseDocument(text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

package register

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

// Findings calls visit for what a plan noticed of one sync or check, in the order of
// Seq, unless Shuffled: of one kind, or of all for ""; at most limit findings, 0 for all.
func (r Register) Findings(ctx context.Context, q providers.Querier, planID, sync string, kind FindingKind, limit int, visit func(*Finding) error) error {
	args := arguments{d: r.d}
	from, order := r.d.RegisterTable("finding")+" f", "f.seq"
	if r.salt != "" {
		from, order = r.shuffle(&args, from, "f."+r.d.Quote("key"), "f.detail")
	}
	query := fmt.Sprintf("SELECT f.seq, f.sync, f.kind, f.%s, f.message, f.detail FROM %s WHERE f.plan_id = %s AND f.sync = %s",
		r.d.Quote("key"), from, args.of(planID), args.of(sync))
	if kind != "" {
		query += " AND f.kind = " + args.of(string(kind))
	}
	query += " ORDER BY " + order
	if limit > 0 {
		query = r.d.Limit(query, limit)
	}
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return fmt.Errorf("read findings: %w", err)
	}
	defer rows.Close()
	return scanFindings(rows, visit)
}

func scanFindings(rows *sql.Rows, visit func(*Finding) error) error {
	for rows.Next() {
		var f Finding
		var key, message, detail sql.NullString
		if err := rows.Scan(&f.Seq, &f.Sync, &f.Kind, &key, &message, &detail); err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		f.Message = message.String
		for _, part := range []struct {
			text sql.NullString
			into *Document
		}{{key, &f.Key}, {detail, &f.Detail}} {
			if !part.text.Valid {
				continue
			}
			var err error
			if *part.into, err = ParseDocument(part.text.String); err != nil {
				return err
			}
		}
		if err := visit(&f); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read findings: %w", err)
	}
	return nil
}

// CountFindings counts what a plan noticed of a sync or check, by kind.
func (r Register) CountFindings(ctx context.Context, q providers.Querier, planID, sync string) (map[FindingKind]int64, error) {
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT f.kind, count(*) FROM %s f WHERE f.plan_id = %s AND f.sync = %s GROUP BY f.kind",
		r.d.RegisterTable("finding"), args.of(planID), args.of(sync))
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return nil, fmt.Errorf("count findings: %w", err)
	}
	defer rows.Close()
	counts := map[FindingKind]int64{}
	for rows.Next() {
		var kind FindingKind
		var n int64
		if err := rows.Scan(&kind, &n); err != nil {
			return nil, fmt.Errorf("count findings: %w", err)
		}
		counts[kind] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count findings: %w", err)
	}
	return counts, nil
}

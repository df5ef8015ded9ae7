package register

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

// FindingKind says what was noticed.
type FindingKind string

// Ignored: the key is held by another origin; its detail is that row's scope.
const Ignored FindingKind = "ignored"

// Finding is something that a plan noticed or did not do.
type Finding struct {
	Seq    int64
	Sync   string
	Kind   FindingKind
	Key    Document
	Detail Document
}

// Findings calls visit for a plan's findings; at most limit of them per call, 0
// for all.
func (r Register) Findings(ctx context.Context, q providers.Querier, planID, sync string, limit int, visit func(*Finding) error) error {
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT f.seq, f.sync, f.kind, f.%s, f.detail FROM %s AS f WHERE f.plan_id = %s AND f.sync = %s ORDER BY f.seq",
		r.d.Quote("key"), r.d.RegisterTable("finding"), args.of(planID), args.of(sync))
	if limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", limit)
	}
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return fmt.Errorf("read findings: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var f Finding
		var key, detail sql.NullString
		if err := rows.Scan(&f.Seq, &f.Sync, &f.Kind, &key, &detail); err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if key.Valid {
			if f.Key, err = parseDocument(key.String); err != nil {
				return err
			}
		}
		if detail.Valid {
			if f.Detail, err = parseDocument(detail.String); err != nil {
				return err
			}
		}
		if err := visit(&f); err != nil {
			return err
		}
	}
	return rows.Err()
}

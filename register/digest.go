package register

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

// Digest hashes a plan's operations alone with SHA-256, a part of Effects: it is that of their own hashes, sorted
// by their octets, and each of these is of an operation's sync, table, name, key, before and
// after. Plan id, sequence and times do not count, so that two plans of equal effect have
// equal digests.
//
// The database hashes and sorts, so that 32 octets are read for each operation, and none is kept.
func (r Register) Digest(ctx context.Context, q providers.Querier, planID string) (string, error) {
	args := arguments{d: r.d}
	hash := r.d.RowHash([]string{"o.sync", "o.table_name", "o.operation"}, []string{"o." + r.d.Quote("key"), "o." + r.d.Quote("before"), "o." + r.d.Quote("after")})
	query := fmt.Sprintf("SELECT x.hash FROM (SELECT %s AS hash FROM %s o WHERE o.plan_id = %s) x ORDER BY x.hash",
		hash, r.d.RegisterTable("operation"), args.of(planID))
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return "", fmt.Errorf("hash the plan's operations: %w", err)
	}
	defer rows.Close()
	sum := sha256.New()
	var one sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&one); err != nil {
			return "", fmt.Errorf("hash the plan's operations: %w", err)
		}
		if len(one) != sha256.Size {
			return "", fmt.Errorf("hash the plan's operations: the database's SHA-256 has %d octets", len(one))
		}
		sum.Write(one)
	}
	if err := rows.Err(); err != nil {
		return "", fmt.Errorf("hash the plan's operations: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

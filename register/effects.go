package register

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
)

// ErrUncounted says that the operations of a plan are not those that its summary tells of.
var ErrUncounted = errors.New("the operations in the register are not those that the plan tells of: the register or the file was changed; plan again")

// Effects hashes all that an apply of a plan does in this destination: its operations as the register holds them, the hooks
// that its syncs run, and what publishing changes besides rows. It is what Plan.Digest holds, what a file names and an
// approval is of; two plans of equal effect have equal ones.
//
// The error is ErrUncounted where the syncs say something else of their tables or counts.
func (r Register) Effects(ctx context.Context, q providers.Querier, planID string, syncs []SyncSummary, files []string) (string, error) {
	fit, err := r.summarizes(ctx, q, planID, syncs)
	switch {
	case err != nil:
		return "", err
	case !fit:
		return "", ErrUncounted
	}
	operations, err := r.Digest(ctx, q, planID)
	if err != nil {
		return "", err
	}
	return effects(operations, syncs, files), nil
}

// effects is the operations' digest where there is nothing else.
func effects(operations string, syncs []SyncSummary, files []string) string {
	hooks := 0
	for i := range syncs {
		hooks += len(syncs[i].Hooks)
	}
	if hooks == 0 && len(files) == 0 {
		return operations
	}
	sum := sha256.New()
	texts(sum, "registrar effects 1", operations)
	number(sum, hooks)
	for i := range syncs {
		for _, hook := range syncs[i].Hooks {
			texts(sum, syncs[i].Sync, hook.When, hook.SQL)
		}
	}
	number(sum, len(files))
	texts(sum, files...)
	return hex.EncodeToString(sum.Sum(nil))
}

// texts hashes each text behind its length.
func texts(sum hash.Hash, list ...string) {
	for _, text := range list {
		number(sum, len(text))
		sum.Write([]byte(text))
	}
}

// number hashes 8 octets.
func number(sum hash.Hash, n int) {
	sum.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

// summarizes reports whether the summaries, from which outputs tell what a plan does, are of its operations.
func (r Register) summarizes(ctx context.Context, q providers.Querier, planID string, syncs []SyncSummary) (bool, error) {
	type kind struct {
		sync, table string
		operation   config.Operation
	}
	said := map[kind]int64{}
	for i := range syncs {
		for operation, n := range syncs[i].Counts {
			if n != 0 {
				said[kind{syncs[i].Sync, syncs[i].Table, operation}] = n
			}
		}
	}
	args := arguments{d: r.d}
	rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT o.sync, o.table_name, o.operation, count(*) FROM %s o WHERE o.plan_id = %s GROUP BY o.sync, o.table_name, o.operation",
		r.d.RegisterTable("operation"), args.of(planID)), args.values...)
	if err != nil {
		return false, fmt.Errorf("count operations: %w", err)
	}
	defer rows.Close()
	fit := true
	for rows.Next() {
		var k kind
		var n int64
		if err := rows.Scan(&k.sync, &k.table, &k.operation, &n); err != nil {
			return false, fmt.Errorf("count operations: %w", err)
		}
		fit = fit && said[k] == n
		delete(said, k)
	}
	return fit && len(said) == 0, rows.Err()
}

package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// HasAll reports whether the document has each field of another one, with the same text.
func (d Document) HasAll(fields Document) bool {
	return len(fields) > 0 && !slices.ContainsFunc(fields, func(want Field) bool {
		got, ok := d.Field(want.Column)
		return !ok || got != want
	})
}

// KeyOperation is an operation about a key, and the plan that it is of.
type KeyOperation struct {
	Operation

	PlanID    string
	CreatedOn time.Time
	CreatedBy string
	ExpiresOn time.Time
	GitCommit string
	Held      bool // as the plan was made
	// ExecutedOn is zero, and ExecutedBy "", where the plan was not applied.
	ExecutedOn time.Time
	ExecutedBy string
}

// maxKeyOperations bounds the operations of one key that are returned.
const maxKeyOperations = 100

// PlannedOfKey returns what a plan would do about a key, which may be spelt in several ways: a field for each part, a part that
// is looked up by its business keys, as "column.key". A rename is about its old key and its new one.
func (r Register) PlannedOfKey(ctx context.Context, q providers.Querier, planID, sync string, after, last int64, keys []Document) ([]Operation, error) {
	args := arguments{d: r.d}
	where := fmt.Sprintf("o.plan_id = %s AND o.sync = %s AND o.seq > %d AND o.seq <= %d", args.of(planID), args.of(sync), after, last)
	var found []Operation
	err := r.ofKey(ctx, q, &args, where, "o.seq", keys, func(one *KeyOperation) { found = append(found, one.Operation) })
	return found, err
}

// AppliedOfKey returns what was done about a key of a sync, the last first. keys are as for PlannedOfKey.
func (r Register) AppliedOfKey(ctx context.Context, q providers.Querier, sync string, keys []Document) ([]KeyOperation, error) {
	args := arguments{d: r.d}
	var found []KeyOperation
	err := r.ofKey(ctx, q, &args, "e.plan_id IS NOT NULL AND o.sync = "+args.of(sync), "e.executed_on DESC, o.seq DESC", keys,
		func(one *KeyOperation) { found = append(found, *one) })
	return found, err
}

// WaitingOfKey returns what plans would do about a key that can still be applied: the last made first. A plan is left out where
// a later one of one of its syncs was applied, and where any was of this sync since it was made: it saw other rows.
func (r Register) WaitingOfKey(ctx context.Context, q providers.Querier, sync string, keys []Document, now time.Time) ([]KeyOperation, error) {
	args := arguments{d: r.d}
	where := fmt.Sprintf("e.plan_id IS NULL AND p.speculative = %s AND p.expires_on > %s AND o.sync = %s",
		args.typed(value.Bool, value.OfBool(false).Text()), args.instant(now), args.of(sync))
	var found []KeyOperation
	err := r.ofKey(ctx, q, &args, where, "p.created_on DESC, o.seq DESC", keys, func(one *KeyOperation) { found = append(found, *one) })
	if err != nil || len(found) == 0 {
		return nil, err
	}
	stale, err := r.stale(ctx, q, sync, found)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(one KeyOperation) bool { return stale[one.PlanID] }), nil
}

// stale tells which of the plans of operations are not to be applied any more, for what was applied since.
func (r Register) stale(ctx context.Context, q providers.Querier, sync string, waiting []KeyOperation) (map[string]bool, error) {
	oldest, syncs := waiting[0].CreatedOn, map[string][]string{}
	for i := range waiting {
		one := &waiting[i]
		if one.CreatedOn.Before(oldest) {
			oldest = one.CreatedOn
		}
		if _, known := syncs[one.PlanID]; known {
			continue
		}
		p, err := r.Plan(ctx, q, one.PlanID)
		if err != nil {
			return nil, err
		}
		for i := range p.Syncs {
			syncs[one.PlanID] = append(syncs[one.PlanID], p.Syncs[i].Sync)
		}
	}
	args := arguments{d: r.d}
	// By its index only the history's end is looked at.
	query := fmt.Sprintf("SELECT p.id, %s, %s, %s FROM %s e JOIN %s p ON p.id = e.plan_id WHERE e.executed_on > %s ORDER BY e.executed_on DESC, p.id DESC",
		r.instantText("p.created_on"), r.instantText("e.executed_on"), r.d.Canonical("p.summary", registerColumn(r.d, value.JSON)),
		r.d.RegisterTable("execution"), r.d.RegisterTable("plan"), args.instant(oldest.Add(-clocksApart)))
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return nil, fmt.Errorf("look for plans that were applied since: %w", err)
	}
	defer rows.Close()
	stale := map[string]bool{}
	for rows.Next() && len(stale) < len(syncs) {
		var done appliedPlan
		var created, executed sql.NullString
		if err := rows.Scan(&done.id, &created, &executed, &done.summary); err != nil {
			return nil, fmt.Errorf("look for plans that were applied since: %w", err)
		}
		createdOn, err := parseInstant(created)
		if err != nil {
			return nil, err
		}
		if done.executedOn, err = parseInstant(executed); err != nil {
			return nil, err
		}
		its, err := done.syncs()
		if err != nil {
			return nil, err
		}
		for i := range waiting {
			one := &waiting[i]
			shared := slices.ContainsFunc(its, func(s string) bool { return slices.Contains(syncs[one.PlanID], s) })
			if createdOn.After(one.CreatedOn) && shared || !one.CreatedOn.After(done.executedOn) && slices.Contains(its, sync) {
				stale[one.PlanID] = true
			}
		}
	}
	return stale, rows.Err()
}

// syncs are the addresses of the plan's syncs.
func (p *appliedPlan) syncs() ([]string, error) {
	var summary []struct {
		Sync string `json:"sync"`
	}
	if err := p.decode(&summary); err != nil {
		return nil, err
	}
	list := make([]string, len(summary))
	for i, s := range summary {
		list[i] = s.Sync
	}
	return list, nil
}

// ofKey visits at most maxKeyOperations operations about a key.
func (r Register) ofKey(ctx context.Context, q providers.Querier, args *arguments, where, order string, keys []Document, visit func(*KeyOperation)) error {
	document := func(column string) string {
		return r.d.Canonical("o."+r.d.Quote(column), registerColumn(r.d, value.JSON))
	}
	// Few rows pass the text's own look; each is then read as what it is.
	if likely := r.likely(args, keys, document("key"), document("after")); likely != "" {
		where += " AND " + likely
	}
	query := fmt.Sprintf("SELECT o.seq, o.sync, o.table_name, o.operation, o.%s, o.%s, o.%s, o.plan_id, %s, p.created_by, %s, p.git_commit, p.status, %s, e.executed_by FROM %s o LEFT JOIN %s p ON p.id = o.plan_id LEFT JOIN %s e ON e.plan_id = o.plan_id WHERE %s ORDER BY %s",
		r.d.Quote("key"), r.d.Quote("before"), r.d.Quote("after"), r.instantText("p.created_on"), r.instantText("p.expires_on"), r.instantText("e.executed_on"),
		r.d.RegisterTable("operation"), r.d.RegisterTable("plan"), r.d.RegisterTable("execution"), where, order)
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return fmt.Errorf("look for a key's operations: %w", withRemedy(err))
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		one, err := scanKeyOperation(rows)
		if err != nil {
			return fmt.Errorf("look for a key's operations: %w", err)
		}
		if !one.about(keys) {
			continue
		}
		visit(one)
		if n++; n == maxKeyOperations {
			return nil
		}
	}
	return rows.Err()
}

// likely is a condition that an operation about one of the keys fulfils, and few others do; "" for none that every engine reads alike.
func (r Register) likely(args *arguments, keys []Document, documents ...string) string {
	var all []string
	for _, key := range keys {
		longest := ""
		for _, field := range key {
			if len(field.Text) > len(longest) {
				longest = field.Text
			}
		}
		// What JSON writes in one way only, and LIKE takes for itself.
		if longest == "" || strings.ContainsFunc(longest, func(c rune) bool {
			return c > '~' || c < ' ' || strings.ContainsRune(`"\/%[]<>&'`, c)
		}) {
			return ""
		}
		for _, document := range documents {
			all = append(all, document+" LIKE "+args.of(`%"`+longest+`"%`))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "(" + strings.Join(all, " OR ") + ")"
}

func scanKeyOperation(rows *sql.Rows) (*KeyOperation, error) {
	var one KeyOperation
	var docs [3]sql.NullString
	var created, by, expires, commit, status, executed, executedBy sql.NullString
	if err := rows.Scan(&one.Seq, &one.Sync, &one.Table, &one.Operation.Operation, &docs[0], &docs[1], &docs[2], &one.PlanID, &created, &by, &expires, &commit, &status, &executed, &executedBy); err != nil {
		return nil, err
	}
	one.CreatedBy, one.GitCommit, one.Held, one.ExecutedBy = by.String, commit.String, Status(status.String) == Held, executedBy.String
	var failed error
	for i, into := range []*Document{&one.Key, &one.Before, &one.After} {
		if docs[i].Valid {
			var err error
			*into, err = ParseDocument(docs[i].String)
			failed = errors.Join(failed, err)
		}
	}
	for _, part := range []struct {
		text sql.NullString
		into *time.Time
	}{{created, &one.CreatedOn}, {expires, &one.ExpiresOn}, {executed, &one.ExecutedOn}} {
		var err error
		*part.into, err = parseInstant(part.text)
		failed = errors.Join(failed, err)
	}
	return &one, failed
}

// about reports whether the operation is about one of the keys.
func (o *KeyOperation) about(keys []Document) bool {
	return slices.ContainsFunc(keys, o.Key.HasAll) || o.gives(keys)
}

// gives reports whether the operation gives the row one of the keys.
func (o *KeyOperation) gives(keys []Document) bool {
	switch o.Operation.Operation {
	case config.Rename, config.Undelete:
		return slices.ContainsFunc(keys, o.After.HasAll)
	default:
		return false
	}
}

// Rekeys reports whether the operation gives its row another key: a rename does, and an undelete of a record whose key changed.
func (o *KeyOperation) Rekeys() bool {
	switch o.Operation.Operation {
	case config.Rename:
		return true
	case config.Undelete:
		return slices.ContainsFunc(o.Key, func(part Field) bool {
			got, written := o.After.Field(part.Column)
			return written && got != part
		})
	default:
		return false
	}
}

// Gives reports whether a rename, or an undelete under another key, gives the row one of the keys.
func (o *KeyOperation) Gives(keys []Document) bool {
	return o.gives(keys) && !slices.ContainsFunc(keys, o.Key.HasAll)
}

// CountRedactedOf counts the operations of a sync that were done and of which nobody knows any more about which key.
func (r Register) CountRedactedOf(ctx context.Context, q providers.Querier, sync string) (int64, error) {
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT count(*) FROM %s o JOIN %s e ON e.plan_id = o.plan_id WHERE o.sync = %s AND NOT %s",
		r.d.RegisterTable("operation"), r.d.RegisterTable("execution"), args.of(sync), r.unredacted("o."+r.d.Quote("key")))
	n, err := r.number(ctx, q, query, args.values)
	if err != nil {
		return 0, fmt.Errorf("count redacted operations: %w", withRemedy(err))
	}
	return n, nil
}

// OldestExecution returns when the oldest plan was applied that the register still holds; the zero time where it holds none.
func (r Register) OldestExecution(ctx context.Context, q providers.Querier) (time.Time, error) {
	var on sql.NullString
	query := fmt.Sprintf("SELECT %s FROM (SELECT min(executed_on) AS first FROM %s) e", r.instantText("e.first"), r.d.RegisterTable("execution"))
	if err := q.QueryRowContext(ctx, query).Scan(&on); err != nil {
		return time.Time{}, fmt.Errorf("read the oldest execution: %w", err)
	}
	return parseInstant(on)
}

// LastPlan is the plan of a sync that was applied last.
type LastPlan struct {
	PlanID     string
	ExecutedOn time.Time
}

// LastPlanOf returns the plan of a sync that was applied last; nil where none has it. beyond is how many of the latest plans
// were looked at where none of these has it, and older ones were not looked at; else 0.
func (r Register) LastPlanOf(ctx context.Context, q providers.Querier, sync string) (found *LastPlan, beyond int, err error) {
	n := 0
	for one, err := range r.appliedPlans(ctx, q) {
		if err != nil {
			return nil, 0, err
		}
		if n == historyDepth {
			return nil, n, nil
		}
		its, err := one.syncs()
		if err != nil {
			return nil, 0, err
		}
		if slices.Contains(its, sync) {
			return &LastPlan{one.id, one.executedOn}, 0, nil
		}
		n++
	}
	return nil, 0, nil
}

// FindingsOfPlan calls visit for the findings of a plan, whatever sync or check they are of; io.EOF from visit
// ends the reading without an error.
func (r Register) FindingsOfPlan(ctx context.Context, q providers.Querier, planID string, visit func(*Finding) error) error {
	args := arguments{d: r.d}
	rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT f.seq, f.sync, f.kind, f.%s, f.message, f.detail FROM %s f WHERE f.plan_id = %s ORDER BY f.seq",
		r.d.Quote("key"), r.d.RegisterTable("finding"), args.of(planID)), args.values...)
	if err != nil {
		return fmt.Errorf("read findings: %w", err)
	}
	defer rows.Close()
	if err := scanFindings(rows, visit); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

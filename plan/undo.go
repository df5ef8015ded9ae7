package plan

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// UndoError: what a plan did for a sync cannot be undone, none of it.
type UndoError struct {
	PlanID string
	Sync   string // "" for all of the plan
	Reason string
}

func (e *UndoError) Error() string {
	what := "plan " + e.PlanID
	if e.Sync != "" {
		what += ", " + e.Sync
	}
	return what + " cannot be undone: " + e.Reason
}

// Undone is what an applied plan did for a sync.
type Undone struct {
	PlanID     string
	Summary    register.SyncSummary
	ExecutedOn time.Time
	// Own is the sync's target, Whole the one by which the plan is undone: Own.Wholly().
	Own, Whole *sqlgen.Target
	Zone       *time.Location
	// Keys are of the only rows that are asked for; none: all.
	Keys []sqlgen.UndoKey
}

// Undoing is a sync as a revert of its plans is judged and applied: its guard without what is about the source, its
// removals not apart from the rest, and without hooks, which would write to rows that are to be as they were.
func Undoing(sync *config.Sync) *config.Sync {
	undoing := *sync
	undoing.Hooks = config.Hooks{}
	undoing.Guard.MinSourceRows, undoing.Guard.MinSourceRatio, undoing.Guard.MaxReject = 0, 0, nil
	undoing.Guard.OnBreach = config.Hold
	return &undoing
}

// Applied returns when a plan that is to be undone was applied in a register. The error is an *UndoError where it was
// not, or is not any more what it was then.
func Applied(ctx context.Context, r register.Register, q providers.Querier, stored *register.Plan) (time.Time, error) {
	execution, err := r.Execution(ctx, q, stored.ID)
	switch {
	case err != nil:
		return time.Time{}, err
	case stored.Transferred != "":
		return time.Time{}, &UndoError{PlanID: stored.ID, Reason: "it was applied on another server, from which its history was brought"}
	case execution == nil:
		return time.Time{}, &UndoError{PlanID: stored.ID, Reason: "it was not applied, so that there is nothing to undo"}
	}
	intact, err := r.Intact(ctx, q, stored)
	if err == nil && !intact {
		err = &UndoError{PlanID: stored.ID, Reason: "its operations in the register are not those that were applied: the register was changed"}
	}
	return execution.ExecutedOn, err
}

// Batches returns what there is to undo, a batch for each kind of operation and of documents. The error is an *UndoError
// where the table or the key are others than those of the plan.
func (u *Undone) Batches(ctx context.Context, q providers.Querier, d sqlgen.Dialect) ([]sqlgen.Undo, error) {
	var list []sqlgen.Undo
	if u.Summary.Table != u.Whole.TableName {
		return nil, u.refuse("it wrote to table %s, and the sync now writes to %s", u.Summary.Table, u.Whole.TableName)
	}
	for _, operation := range config.Operations {
		if u.Summary.Counts[operation] == 0 {
			continue
		}
		for _, results := range []bool{false, true} {
			batch := sqlgen.Undo{
				Whole: u.Whole, Own: u.Own, Results: results, Keys: u.Keys,
				Batch: sqlgen.Batch{PlanID: u.PlanID, Operation: string(operation), After: u.Summary.AfterSeq, Last: u.Summary.LastSeq},
				Now:   func(column sqlgen.Column) string { return NowText(column, u.ExecutedOn, u.Zone) },
			}
			there, err := describeUndo(ctx, q, d, &batch)
			if err != nil {
				return nil, err
			}
			if !there {
				continue
			}
			if err := u.check(d, &batch); err != nil {
				return nil, err
			}
			list = append(list, batch)
		}
	}
	return list, nil
}

func (u *Undone) refuse(format string, args ...any) error {
	return &UndoError{PlanID: u.PlanID, Sync: u.Whole.Sync, Reason: fmt.Sprintf(format, args...)}
}

// Operations are looked at, until one is found that was not redacted, in pages that grow.
const (
	undoPage   = 1
	undoGrowth = 100
	maxUndo    = 10_000
)

// describeUndo reads what members the batch's documents have, and reports whether it has any operation.
func describeUndo(ctx context.Context, q providers.Querier, d sqlgen.Dialect, u *sqlgen.Undo) (there bool, err error) {
	for skipped, page := 0, undoPage; ; skipped, page = skipped+page, min(page*undoGrowth, maxUndo) {
		n, found, err := sampleUndo(ctx, q, sqlgen.SampleUndo(d, u, skipped, page), u)
		if err != nil {
			return false, fmt.Errorf("read operations of plan %s: %w", u.Batch.PlanID, err)
		}
		there = there || n > 0
		if found || n < page {
			return there, nil
		}
	}
}

func sampleUndo(ctx context.Context, q providers.Querier, s sqlgen.Statement, u *sqlgen.Undo) (n int, found bool, err error) {
	rows, err := q.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return 0, false, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
		var texts [4]sql.NullString
		if err := rows.Scan(&texts[0], &texts[1], &texts[2], &texts[3]); err != nil {
			return n, false, err
		}
		var members [4][]sqlgen.UndoMember
		redacted := false
		for i, text := range texts {
			if !text.Valid {
				continue
			}
			doc, err := register.ParseDocument(text.String)
			if err != nil {
				return n, false, err
			}
			redacted = redacted || doc.Redacted()
			for _, f := range doc {
				members[i] = append(members[i], sqlgen.UndoMember{Name: f.Column, Now: f.Now})
			}
		}
		if !redacted && !found {
			u.Key, u.Before, u.After, u.Result, found = members[0], members[1], members[2], members[3], true
		}
	}
	return n, found, rows.Err()
}

// check compares the documents' members with the table as it is now.
func (u *Undone) check(d sqlgen.Dialect, batch *sqlgen.Undo) error {
	undo := sqlgen.Undoes(batch.Batch.Operation)
	if len(batch.Key) == 0 || undo == "" {
		return nil
	}
	table := u.Whole.Table
	key := columnsOf(table, batch.Key)
	sameKey := len(key) == len(u.Whole.Key) && !slices.ContainsFunc(u.Whole.Key, func(k sqlgen.Column) bool { return !slices.Contains(key, k.Name) })
	if !sameKey {
		return u.refuse("the key of the sync's rows is another now (%s)", names(u.Whole.Key))
	}
	for _, members := range [][]sqlgen.UndoMember{batch.Before, batch.After} {
		for _, m := range members {
			if _, ok := table.Column(m.Name); !ok && !isBusinessKey(members, m.Name) {
				return u.refuse("table %s has no column %q any more", u.Summary.Table, m.Name)
			}
		}
	}
	before := columnsOf(table, batch.Before)
	for _, column := range batch.Written() {
		if column.Generated && !column.Identity {
			return u.refuse("column %q of table %s is computed by the database now", column.Name, u.Summary.Table)
		}
		if undo != string(config.Delete) && !slices.Contains(before, column.Name) {
			return u.refuse("the register does not hold what column %q held before", column.Name)
		}
	}
	if undo != string(config.Insert) {
		return nil
	}
	for _, column := range table.Columns {
		if _, overrides := d.(sqlgen.IdentityOverrider); column.Identity && !overrides {
			return u.refuse("column %q of table %s is numbered by the database, which lets nobody give a deleted row its number back", column.Name, u.Summary.Table)
		}
		if !slices.Contains(before, column.Name) && !(column.Generated && !column.Identity) {
			return u.refuse("column %q of table %s was added since: what it would hold in rows that were deleted is not known", column.Name, u.Summary.Table)
		}
	}
	return nil
}

// columnsOf names the members that are columns of the table.
func columnsOf(table *sqlgen.Table, members []sqlgen.UndoMember) []string {
	var list []string
	for _, m := range members {
		if _, ok := table.Column(m.Name); ok {
			list = append(list, m.Name)
		}
	}
	return list
}

// isBusinessKey reports whether a member is one by which the lookup of another goes.
func isBusinessKey(members []sqlgen.UndoMember, name string) bool {
	return slices.ContainsFunc(members, func(m sqlgen.UndoMember) bool { return strings.HasPrefix(name, m.Name+".") })
}

func names(columns []sqlgen.Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return strings.Join(list, ", ")
}

package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Search says which plans of the history are wanted. Its zero value asks for all that were applied.
type Search struct {
	// Since and Until bound when a plan was applied, or made where it was not: Since <= t < Until; zero: not bounded.
	Since, Until time.Time
	// Author made the plan: user@host, the user alone, or who the database took them for; "": anybody.
	Author string
	// Commit is a git commit, or how it begins.
	Commit string
	PlanID string
	// Pending asks for plans, too, that were not applied.
	Pending bool
	// Syncs, Operations, Column and Matches ask for plans with an operation that fulfils them all: of one of the syncs or instances, of one
	// of the kinds, that may change the column, that one of the matches is about. None, and "": any, and plans without operations.
	Syncs      []string
	Operations []config.Operation
	Column     string
	Matches    []Match
	// After is one of the plans that were found: those that come after it are wanted; nil: from the first one.
	After *Found
	// Limit is how many are wanted at most; 0: all.
	Limit int
}

// Found is a plan of the history.
type Found struct {
	*Plan

	// Execution is nil where it was not applied.
	Execution *Execution
}

// On is when it was applied; when it was made where it was not.
func (f *Found) On() time.Time {
	if f.Execution == nil {
		return f.CreatedOn
	}
	return f.Execution.ExecutedOn
}

// maxSearchPage bounds how many plans History keeps at once.
const maxSearchPage = 512

// History yields the plans that are asked for, the latest first, and reads as many as are taken, or a few more. An error is the last that it yields.
func (r Register) History(ctx context.Context, q providers.Querier, s *Search) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		page, most := *s, maxSearchPage
		if s.Pending {
			most *= historyGrowth // no index has their order: each page looks at all plans
		}
		for size, taken := historyPage, 0; ; size = min(size*historyGrowth, most) {
			page.Limit = size
			if s.Limit > 0 {
				page.Limit = min(size, s.Limit-taken)
			}
			found, err := r.Search(ctx, q, &page)
			if err != nil {
				yield(Found{}, err)
				return
			}
			for _, one := range found {
				if !yield(one, nil) {
					return
				}
			}
			if taken += len(found); len(found) < page.Limit || taken == s.Limit {
				return
			}
			page.After = &found[len(found)-1]
		}
	}
}

// Search returns the plans that are asked for, the latest first.
func (r Register) Search(ctx context.Context, q providers.Querier, s *Search) ([]Found, error) {
	args := arguments{d: r.d}
	plan, execution := r.d.RegisterTable("plan"), r.d.RegisterTable("execution")
	// Applied ones are walked through by the index on their executions; SQLite takes the order of a CROSS JOIN for the one to read in.
	join, from := "JOIN", fmt.Sprintf("%s e CROSS JOIN %s p", execution, plan)
	conditions := []string{"p.id = e.plan_id"}
	if s.Pending {
		join, from, conditions = "LEFT JOIN", fmt.Sprintf("%s p LEFT JOIN %s e ON e.plan_id = p.id", plan, execution), nil
	}
	// The summaries of those that are wanted alone are read.
	wanted := "SELECT p.id FROM " + from
	if conditions = append(conditions, r.asked(&args, s)...); len(conditions) > 0 {
		wanted += " WHERE " + strings.Join(conditions, " AND ")
	}
	order := fmt.Sprintf(" ORDER BY %s DESC, p.created_on DESC, p.id DESC", s.on())
	if s.Limit > 0 {
		wanted = r.d.Limit(wanted+order, s.Limit)
	}
	query := fmt.Sprintf("SELECT %s, %s, e.executed_by FROM (%s) l JOIN %s p ON p.id = l.id %s %s e ON e.plan_id = p.id%s",
		r.planColumns(), r.instantText("e.executed_on"), wanted, plan, join, execution, order)
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return nil, fmt.Errorf("search the history: %w", withRemedy(err))
	}
	defer rows.Close()
	var found []Found
	for rows.Next() {
		var row planRow
		var executed, by sql.NullString
		if err := rows.Scan(append(row.into(), &executed, &by)...); err != nil {
			return nil, fmt.Errorf("search the history: %w", err)
		}
		var one Found
		if one.Plan, err = row.plan(); err != nil {
			return nil, err
		}
		if executed.Valid {
			one.Execution = &Execution{PlanID: one.ID, ExecutedBy: by.String}
			if one.Execution.ExecutedOn, err = parseInstant(executed); err != nil {
				return nil, err
			}
		}
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("search the history: %w", err)
	}
	return found, nil
}

// on is what the plans are ordered by. Of applied ones alone an index has it.
func (s *Search) on() string {
	if s.Pending {
		return "(CASE WHEN e.executed_on IS NULL THEN p.created_on ELSE e.executed_on END)"
	}
	return "e.executed_on"
}

// asked are the conditions on a plan p and its execution e.
func (r Register) asked(args *arguments, s *Search) []string {
	var conditions []string
	on, since := s.on(), s.Since
	if since.IsZero() && !s.Pending {
		since = time.Unix(0, 0) // older than all: given a bound, SQLite walks through the index
	}
	if !since.IsZero() {
		conditions = append(conditions, on+" >= "+args.instant(since))
	}
	if !s.Until.IsZero() {
		conditions = append(conditions, on+" < "+args.instant(s.Until))
	}
	if s.PlanID != "" {
		conditions = append(conditions, "p.id = "+args.of(s.PlanID))
	}
	if s.Commit != "" {
		conditions = append(conditions, r.begins(args, "p.git_commit", s.Commit))
	}
	if s.Author != "" {
		// MariaDB's accounts have a host, too.
		conditions = append(conditions, fmt.Sprintf("(p.created_by = %s OR %s OR EXISTS (SELECT 1 FROM %s w WHERE w.plan_id = p.id AND (w.database_user = %s OR %s)))",
			args.of(s.Author), r.begins(args, "p.created_by", s.Author+"@"), r.d.RegisterTable("author"), args.of(s.Author), r.begins(args, "w.database_user", s.Author+"@")))
	}
	if s.After != nil {
		last, created := s.After.On(), s.After.CreatedOn
		conditions = append(conditions, fmt.Sprintf("%s <= %s AND (%s < %s OR p.created_on < %s OR p.created_on = %s AND p.id < %s)",
			on, args.instant(last), on, args.instant(last), args.instant(created), args.instant(created), args.of(s.After.ID)))
	}
	// What costs most comes last.
	if len(s.Syncs)+len(s.Operations)+len(s.Matches) > 0 || s.Column != "" {
		of := r.ofSyncs(args, s.Syncs)
		conditions = append(conditions, fmt.Sprintf("EXISTS (SELECT 1 FROM %s o WHERE o.plan_id = p.id%s%s)", r.d.RegisterTable("operation"), of,
			r.narrowed(args, &Narrow{Matches: s.Matches, Operations: s.Operations, Column: s.Column})))
	}
	return conditions
}

// ofSyncs is a further condition on operations o, beginning with AND: they are of one of the syncs or instances; "" for all.
func (r Register) ofSyncs(args *arguments, syncs []string) string {
	var each []string
	for _, sync := range syncs {
		each = append(each, "o.sync = "+args.of(sync), r.begins(args, "o.sync", sync+"["), r.begins(args, "o.sync", sync+"."))
	}
	if len(each) == 0 {
		return ""
	}
	return " AND (" + strings.Join(each, " OR ") + ")"
}

// begins is the condition that a text begins with another one.
func (r Register) begins(args *arguments, text, with string) string {
	return r.d.Prefix(text, utf8.RuneCountInString(with)) + " = " + args.of(with)
}

// Summarized calls visit for the syncs of all plans, with the label of their faculty, "" for none. io.EOF from visit ends the reading without an error.
func (r Register) Summarized(ctx context.Context, q providers.Querier, visit func(sync, faculty string) error) error {
	rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s p", r.d.Canonical("p.summary", registerColumn(r.d, value.JSON)), r.d.RegisterTable("plan")))
	if err != nil {
		return fmt.Errorf("list the syncs of the plans: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			return fmt.Errorf("list the syncs of the plans: %w", err)
		}
		var summary []struct{ Sync, Faculty string }
		if err := json.Unmarshal(text, &summary); err != nil {
			return fmt.Errorf("list the syncs of the plans: %w", err)
		}
		for _, one := range summary {
			if err := visit(one.Sync, one.Faculty); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
	return rows.Err()
}

// PlanIDs returns the ids of all plans.
func (r Register) PlanIDs(ctx context.Context, q providers.Querier) ([]string, error) {
	return r.texts(ctx, q, "list the plans of the register", "SELECT p.id FROM "+r.d.RegisterTable("plan")+" p")
}

// Recorded returns the addresses of the syncs that the register has operations of.
func (r Register) Recorded(ctx context.Context, q providers.Querier) ([]string, error) {
	return r.texts(ctx, q, "list the syncs of the register", fmt.Sprintf("SELECT DISTINCT o.sync FROM %s o", r.d.RegisterTable("operation")))
}

// texts runs a query of texts.
func (r Register) texts(ctx context.Context, q providers.Querier, what, query string) ([]string, error) {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		all = append(all, text)
	}
	return all, rows.Err()
}

// KeyOf returns the key of one of a sync's operations, which tells of which members its keys are; nil where none is left.
func (r Register) KeyOf(ctx context.Context, q providers.Querier, sync string) (Document, error) {
	return r.keyOf(ctx, q, sync, "")
}

// keyOf is KeyOf of a plan alone; "" for all.
func (r Register) keyOf(ctx context.Context, q providers.Querier, sync, planID string) (Document, error) {
	args := arguments{d: r.d}
	key := "o." + r.d.Quote("key")
	where := "o.sync = " + args.of(sync)
	if planID != "" {
		where += " AND o.plan_id = " + args.of(planID)
	}
	query := r.d.Limit(fmt.Sprintf("SELECT %s FROM %s o WHERE %s AND %s ORDER BY o.plan_id, o.seq", r.d.Canonical(key, registerColumn(r.d, value.JSON)),
		r.d.RegisterTable("operation"), where, r.unredacted(key)), 1)
	var text string
	err := q.QueryRowContext(ctx, query, args.values...).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // "none" is an answer, not an error
	}
	if err != nil {
		return nil, fmt.Errorf("read a key of %s: %w", sync, err)
	}
	return ParseDocument(text)
}

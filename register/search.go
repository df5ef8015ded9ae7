package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

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
	// Matches ask for plans with an operation that one of them is about; none: for all plans.
	Matches []Match
}

// Found is a plan of the history.
type Found struct {
	PlanID string
	// On is when it was applied; when it was made where it was not.
	On      time.Time
	Applied bool
}

// Search returns the plans that are asked for, the latest first. What it keeps grows with the number of plans, not with that
// of operations.
func (r Register) Search(ctx context.Context, q providers.Querier, s *Search) ([]Found, error) {
	args := arguments{d: r.d}
	conditions := r.asked(&args, s)
	where := ""
	if len(conditions) > 0 {
		where = " WHERE " + strings.Join(conditions, " AND ")
	}
	join := "JOIN"
	if s.Pending {
		join = "LEFT JOIN"
	}
	query := fmt.Sprintf("SELECT p.id, %s, %s FROM %s p %s %s e ON e.plan_id = p.id%s ORDER BY CASE WHEN e.executed_on IS NULL THEN p.created_on ELSE e.executed_on END DESC, p.created_on DESC, p.id DESC",
		r.instantText("p.created_on"), r.instantText("e.executed_on"), r.d.RegisterTable("plan"), join, r.d.RegisterTable("execution"), where)
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return nil, fmt.Errorf("search the history: %w", withRemedy(err))
	}
	defer rows.Close()
	var found []Found
	for rows.Next() {
		var one Found
		var created, executed sql.NullString
		if err := rows.Scan(&one.PlanID, &created, &executed); err != nil {
			return nil, fmt.Errorf("search the history: %w", err)
		}
		if one.Applied = executed.Valid; !one.Applied {
			executed = created
		}
		if one.On, err = parseInstant(executed); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("search the history: %w", err)
	}
	return found, nil
}

// asked are the conditions on a plan p and its execution e.
func (r Register) asked(args *arguments, s *Search) []string {
	var conditions []string
	on := "e.executed_on"
	if s.Pending {
		on = "(CASE WHEN e.executed_on IS NULL THEN p.created_on ELSE e.executed_on END)"
	}
	if !s.Since.IsZero() {
		conditions = append(conditions, on+" >= "+args.instant(s.Since))
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
	if len(s.Matches) > 0 {
		conditions = append(conditions, fmt.Sprintf("EXISTS (SELECT 1 FROM %s o WHERE o.plan_id = p.id AND %s)", r.d.RegisterTable("operation"), r.matched(args, s.Matches)))
	}
	return conditions
}

// begins is the condition that a text begins with another one.
func (r Register) begins(args *arguments, text, with string) string {
	return r.d.Prefix(text, utf8.RuneCountInString(with)) + " = " + args.of(with)
}

// Recorded returns the addresses of the syncs that the register has operations of.
func (r Register) Recorded(ctx context.Context, q providers.Querier) ([]string, error) {
	rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT DISTINCT o.sync FROM %s o", r.d.RegisterTable("operation")))
	if err != nil {
		return nil, fmt.Errorf("list the syncs of the register: %w", err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var sync string
		if err := rows.Scan(&sync); err != nil {
			return nil, fmt.Errorf("list the syncs of the register: %w", err)
		}
		all = append(all, sync)
	}
	return all, rows.Err()
}

// KeyOf returns the key of one of a sync's operations, which tells of which members its keys are; nil where none is left.
func (r Register) KeyOf(ctx context.Context, q providers.Querier, sync string) (Document, error) {
	args := arguments{d: r.d}
	key := "o." + r.d.Quote("key")
	query := r.d.Limit(fmt.Sprintf("SELECT %s FROM %s o WHERE o.sync = %s AND %s ORDER BY o.plan_id, o.seq", r.d.Canonical(key, registerColumn(r.d, value.JSON)),
		r.d.RegisterTable("operation"), args.of(sync), r.unredacted(key)), 1)
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

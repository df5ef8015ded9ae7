package register

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Reverting are operations of a plan that undoes another one: those on rows to which the other did what Matches are about. Their
// documents are of whole rows, as the table has them, and need not say what a row is referred to by.
type Reverting struct {
	PlanID, Of, Sync string
	// Keys are lists of the members that identify a row, as for Purged.
	Keys    [][]string
	Matches []Match
}

// keepsKey reports whether a redaction leaves the keys of what it is about.
func (m *Match) keepsKey() bool {
	switch {
	case m.Reverting != nil:
		return m.Reverting.Matches[0].keepsKey()
	case m.At != nil:
		return m.At.KeepKeys
	default:
		return len(m.Key) == 0
	}
}

// reverting is matched for one of those.
func (r Register) reverting(args *arguments, alias string, m *Reverting) string {
	undone := alias + "u"
	condition := fmt.Sprintf("%s.plan_id = %s AND %s.sync = %s", alias, args.of(m.PlanID), alias, args.of(m.Sync))
	// The key that the operation names, and the one that it gave the row.
	selected := func(document string, names []string) string {
		columns := make([]string, len(names))
		for i, name := range names {
			columns[i] = fmt.Sprintf("%s AS k%d", r.d.MemberText(undone+"."+r.d.Quote(document), name), i)
		}
		// DISTINCT keeps an engine from merging it into an UPDATE of the table that it reads.
		query := fmt.Sprintf("SELECT DISTINCT %[1]s FROM %[2]s %[3]s WHERE %[3]s.plan_id = %[4]s AND %[3]s.sync = %[5]s", strings.Join(columns, ", "),
			r.d.RegisterTable("operation"), undone, args.of(m.Of), args.of(m.Sync))
		if document == "after" {
			query += fmt.Sprintf(" AND %s.operation IN ('%s', '%s')", undone, config.Rename, config.Undelete)
		}
		return query + " AND " + r.matchedAs(args, undone, m.Matches)
	}
	var keys []string
	for _, names := range m.Keys {
		for _, document := range []string{"key", "after"} {
			row, columns := make([]string, len(names)), make([]string, len(names))
			for i, name := range names {
				row[i], columns[i] = r.d.MemberText(alias+"."+r.d.Quote("key"), name), fmt.Sprintf("%sk.k%d", alias, i)
			}
			keys = append(keys, r.d.Among(row, columns, "("+selected(document, names)+") "+alias+"k", alias+"k.k0 IS NOT NULL"))
		}
	}
	return "(" + condition + " AND (" + strings.Join(keys, " OR ") + "))"
}

// Reverted adds to matches what plans did, or would do, to undo what these are about, and to undo that.
func (r Register) Reverted(ctx context.Context, q providers.Querier, matches []Match) ([]Match, error) {
	reverts, err := r.reverts(ctx, q)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(matches)
	for i := range reverts {
		revert := &reverts[i]
		for _, s := range revert.Syncs {
			if s.Total() == 0 {
				continue
			}
			keys, err := r.identifying(ctx, q, revert.Purpose.Of, s.Sync)
			if err != nil {
				return nil, err
			}
			if len(keys) == 0 {
				continue
			}
			var byKey, byValue []Match
			for _, m := range all {
				of := m.Reverting == nil && (len(m.Syncs) == 0 || slices.Contains(m.Syncs, s.Sync)) ||
					m.Reverting != nil && m.Reverting.Sync == s.Sync && m.Reverting.PlanID == revert.Purpose.Of
				switch {
				case !of:
				case m.keepsKey():
					byValue = append(byValue, m)
				default:
					byKey = append(byKey, m)
				}
			}
			// Redact goes backward: of an operation that is about both the key goes, too.
			for _, undone := range [][]Match{byValue, byKey} {
				if len(undone) == 0 {
					continue
				}
				one := Match{Reverting: &Reverting{PlanID: revert.ID, Of: revert.Purpose.Of, Sync: s.Sync, Keys: keys, Matches: undone}}
				args := arguments{d: r.d}
				n, err := r.number(ctx, q, fmt.Sprintf("SELECT count(*) FROM %s o WHERE %s", r.d.RegisterTable("operation"), r.matched(&args, []Match{one})), args.values)
				if err != nil {
					return nil, fmt.Errorf("look for what was undone: %w", err)
				}
				if n > 0 {
					all = append(all, one)
				}
			}
		}
	}
	return all, nil
}

// reverts are the plans that undo others, applied or not, the first one first: no more of them than what they are of and for.
func (r Register) reverts(ctx context.Context, q providers.Querier) ([]Plan, error) {
	args := arguments{d: r.d}
	summary := r.d.Canonical("p.summary", registerColumn(r.d, value.JSON))
	query := fmt.Sprintf("SELECT p.id, %s FROM %s p WHERE %s LIKE %s ORDER BY p.created_on, p.id", summary, r.d.RegisterTable("plan"), summary, args.of(`%"`+string(Revert)+`"%`))
	var found []Plan
	err := r.each(ctx, q, query, args.values, func(rows *sql.Rows) error {
		var one Plan
		var text string
		if err := rows.Scan(&one.ID, &text); err != nil {
			return err
		}
		if err := one.decodeSummary(text); err != nil {
			return fmt.Errorf("decode the summary of plan %s: %w", one.ID, err)
		}
		if one.Purpose != nil && one.Purpose.Kind == Revert {
			found = append(found, one)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for plans that undo others: %w", withRemedy(err))
	}
	return found, nil
}

// identifying lists the members that identify the rows of a plan's sync: columns, and what these are looked up by.
func (r Register) identifying(ctx context.Context, q providers.Querier, planID, sync string) ([][]string, error) {
	key, err := r.keyOf(ctx, q, sync, planID)
	if err != nil || len(key) == 0 {
		return nil, err
	}
	var columns []string
	for _, f := range key {
		if !slices.ContainsFunc(columns, func(column string) bool { return strings.HasPrefix(f.Column, column+".") }) {
			columns = append(columns, f.Column)
		}
	}
	lists := [][]string{columns}
	if leaves := key.Leaves(); !slices.Equal(leaves, columns) {
		lists = append(lists, leaves)
	}
	return lists, nil
}

package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/register"
)

// guard holds what the guards, the checks and the rows that refer to others do not let
// pass, and records the checks' findings.
func (d *destination) guard(ctx context.Context, checks []checkResult) error {
	r := register.New(d.Dialect())
	back := map[*work]string{}
	for _, w := range d.works {
		w.putBack()
		if w.holdsRemovals() {
			back[w] = w.verdict.Reason
		} else {
			w.summary.Held = w.verdict.Reason
		}
	}
	if err := d.holdBack(ctx, back); err != nil {
		return fmt.Errorf("%s: %w", d.connection.Address, d.safe(err))
	}
	for _, w := range d.works {
		if err := d.publish(ctx, w); err != nil {
			return d.failed(w, err)
		}
	}
	if err := d.recordChecks(ctx, r, checks); err != nil {
		return fmt.Errorf("%s: record what the checks found: %w", d.connection.Address, d.safe(err))
	}
	for _, w := range d.works {
		w.listHooks()
		if err := d.blockDependents(ctx, w); err != nil {
			return d.failed(w, fmt.Errorf("count the rows that refer to others: %w", err))
		}
		if err := d.blockTakers(ctx, w); err != nil {
			return d.failed(w, fmt.Errorf("count the rows that take what others have: %w", err))
		}
		if err := d.blockRekeyed(ctx, w); err != nil {
			return d.failed(w, fmt.Errorf("count the rows that refer to what changes: %w", err))
		}
	}
	return nil
}

// listHooks says what an apply will run besides.
func (w *work) listHooks() {
	if w.summary.Total() == 0 {
		return
	}
	w.summary.Hooks = Hooks(w.sync)
}

func (w *work) planned() sqlgen.Planned {
	return sqlgen.Planned{Target: w.target, PlanID: w.planID, After: w.summary.AfterSeq, Last: w.summary.LastSeq}
}

// batch names the sync's operations of one kind.
func (w *work) batch(operation config.Operation) sqlgen.Batch {
	return sqlgen.Batch{PlanID: w.planID, Operation: string(operation), After: w.summary.AfterSeq, Last: w.summary.LastSeq}
}

// blockDependents holds a sync that deletes rows which others, that the plan leaves alone,
// refer to: the database would refuse it.
func (d *destination) blockDependents(ctx context.Context, w *work) error {
	for _, operation := range []config.Operation{config.Delete, config.Purge} {
		if w.summary.Counts[operation] == 0 {
			continue
		}
		for _, key := range w.target.Table.References {
			if key.Acts {
				continue // refused when the sync was bound to its table
			}
			rows, parents, err := d.countDependents(ctx, w, operation, key)
			if err != nil {
				return err
			}
			if rows == 0 {
				continue
			}
			reason := fmt.Sprintf("%d rows of table %s refer to %d of the rows that would be touched by %s, and this plan leaves them", rows, key.Shown, parents, operation)
			if d.removesLater(key, w) {
				reason += " or deletes them later, since the tables refer to each other: depends_on says of which table rows are deleted last"
			}
			w.summary.Blocked = joinReasons(w.summary.Blocked, reason)
			w.summary.Held = joinReasons(w.summary.Held, reason)
		}
	}
	return nil
}

// countDependents counts the rows that refer to those which a sync deletes, and the rows that they
// refer to.
func (d *destination) countDependents(ctx context.Context, w *work, operation config.Operation, key sqlgen.ForeignKey) (rows, parents int64, err error) {
	dialect := d.Dialect()
	gone := sqlgen.Gone{Table: w.stage(dialect, fmt.Sprintf("gone%d", len(w.stages))), Key: key}
	err = d.build(ctx, gone.Table, sqlgen.CreateGone(dialect, gone, w.target.Table), sqlgen.FillGone(dialect, gone, w.planned(), string(operation)),
		sqlgen.IndexGone(dialect, gone, w.target.Table))
	if err != nil {
		return 0, 0, err
	}
	var leaving []sqlgen.Leaving
	for _, child := range d.works {
		if child.target.Table.Name != key.Table || child.apart(w) {
			continue
		}
		one := sqlgen.Leaving{Table: child.stage(dialect, fmt.Sprintf("leaving%d", len(child.stages))), Target: child.target}
		statements := []sqlgen.Statement{sqlgen.CreateLeaving(dialect, one)}
		for _, operation := range config.Operations {
			if gone := operation == config.Delete || operation == config.Purge; gone && !key.Deferred && d.removedAfter(child, w) {
				continue // still there when they should not be
			}
			if child.summary.Counts[operation] > 0 && operation != config.Insert {
				statements = append(statements, sqlgen.FillLeaving(dialect, one, child.planned(), string(operation), key))
			}
		}
		if err := d.build(ctx, one.Table, append(statements, sqlgen.IndexLeaving(dialect, one))...); err != nil {
			return 0, 0, err
		}
		leaving = append(leaving, one)
	}
	s := sqlgen.CountDependents(dialect, gone, leaving)
	err = d.tx.QueryRowContext(ctx, s.SQL, s.Args...).Scan(&rows, &parents)
	return rows, parents, err
}

// removesLater reports whether a sync deletes rows that refer by the key to those of another
// after these.
func (d *destination) removesLater(key sqlgen.ForeignKey, parent *work) bool {
	return !key.Deferred && slices.ContainsFunc(d.works, func(child *work) bool {
		return child.target.Table.Name == key.Table && !child.apart(parent) && child.summary.Counts[config.Delete]+child.summary.Counts[config.Purge] > 0 && d.removedAfter(child, parent)
	})
}

// removedAfter reports whether an apply deletes the rows of one sync after those of another: the order
// is the opposite of that of inserts, but for rows that others need, which all come last.
func (d *destination) removedAfter(w, other *work) bool {
	at := func(w *work) (last bool, index int) {
		index = slices.IndexFunc(d.units, func(u unit) bool { return slices.Contains(u, w) })
		return d.removedLast(d.units[index]), index
	}
	last, index := at(w)
	otherLast, otherIndex := at(other)
	if last != otherLast {
		return last
	}
	return index < otherIndex
}

// removedLast reports whether an apply deletes rows of a unit only when all others are written.
func (d *destination) removedLast(u unit) bool {
	return len(u[0].target.Table.OwnForeignKeys()) > 0 || d.needed(u)
}

// needed reports whether other units' rows need those of this one.
func (d *destination) needed(u unit) bool {
	return slices.ContainsFunc(u, func(w *work) bool {
		return slices.ContainsFunc(d.works, func(other *work) bool {
			return !slices.Contains(u, other) && slices.Contains(other.summary.Needs, w.sync.Address)
		})
	})
}

func joinReasons(reasons ...string) string {
	return strings.Join(slices.DeleteFunc(reasons, func(reason string) bool { return reason == "" }), "; ")
}

// recordChecks writes the findings of the destination's checks and holds the syncs that errors
// block.
func (d *destination) recordChecks(ctx context.Context, r register.Register, checks []checkResult) error {
	for _, result := range checks {
		check := result.check
		if check.Severity == config.CheckError && result.count > 0 {
			for _, w := range d.works {
				if slices.Contains(check.Blocks, w.sync.Address) {
					w.summary.Held = joinReasons(w.summary.Held, fmt.Sprintf("%s found %d", check.Address, result.count))
				}
			}
		}
		if result.into != d {
			continue
		}
		summary := CheckSummary{Check: check.Address, Severity: check.Severity, Code: check.Code, Findings: result.count}
		if check.Severity == config.CheckError {
			summary.Blocks = check.Blocks
		}
		for i, finding := range result.findings {
			if i < maxNotices {
				summary.Notices = append(summary.Notices, MaskFinding(&finding, Masking{}).shorten())
			}
			if err := r.InsertFinding(ctx, d.tx, d.works[0].planID, finding); err != nil {
				return err
			}
		}
		d.checks = append(d.checks, summary)
	}
	return nil
}

// maxRenameHints bounds the likely renames of a sync that are shown, and maxRenameCandidates the
// operations among which they are looked for.
const (
	maxRenameHints      = 10
	maxRenameCandidates = 200_000
)

// hintRenames looks for records that vanish under one key and appear under another.
func (d *destination) hintRenames(ctx context.Context, w *work) error {
	t, counts := w.target, w.summary.Counts
	gone := counts[config.Operation(t.Missing)]
	if gone == 0 || counts[config.Insert] == 0 || max(gone, counts[config.Insert]) > maxRenameCandidates || keyLooksUp(t) {
		return nil
	}
	var compared []sqlgen.Column
	for i, column := range t.Mapped {
		if c := w.sync.Columns[i]; c.Lookup == nil && len(c.Expr.Refs) > 0 && !slices.Contains(w.sync.Destination.Key, c.Name) {
			compared = append(compared, column)
		}
	}
	s := sqlgen.LikelyRenames(d.Dialect(), w.planned(), compared, maxRenameHints)
	if s.SQL == "" {
		return nil
	}
	rows, err := d.tx.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var found []register.Finding
	for rows.Next() {
		var from, to string
		if err := rows.Scan(&from, &to); err != nil {
			return err
		}
		finding, err := w.renameHint(from, to)
		if err != nil {
			return err
		}
		found = append(found, finding)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	r := register.New(d.Dialect())
	for _, finding := range found {
		w.findings++
		finding.Seq = w.findings
		if err := r.InsertFinding(ctx, d.tx, w.planID, finding); err != nil {
			return err
		}
	}
	w.summary.LikelyRenames = int64(len(found))
	return nil
}

// quoted spells a text as the language does.
func quoted(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for i, r := range text {
		switch {
		case r == '\\' || r == '"':
			out.WriteByte('\\')
		case (r == '$' || r == '%') && strings.HasPrefix(text[i+1:], "{"):
			out.WriteRune(r)
		}
		switch {
		case unicode.IsPrint(r):
			out.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&out, `\U%08x`, r)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// keyLooksUp reports whether a key has a lookup, of which no moved block can be written.
func keyLooksUp(t *sqlgen.Target) bool {
	return slices.ContainsFunc(t.Key, func(k sqlgen.Column) bool { return t.LookupOf(k) != nil })
}

// renameHint is a finding whose message is the moved block to write.
func (w *work) renameHint(from, to string) (register.Finding, error) {
	old, err := register.ParseDocument(from)
	if err != nil {
		return register.Finding{}, err
	}
	added, err := register.ParseDocument(to)
	if err != nil {
		return register.Finding{}, err
	}
	value := func(doc register.Document) string {
		parts := make([]string, len(doc))
		for i, f := range doc {
			text := quoted(f.Text)
			if slices.Contains(w.summary.Sensitive, f.Column) {
				text = `"(sensitive)"`
			}
			if len(doc) == 1 {
				return text
			}
			parts[i] = f.Column + " = " + text
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return register.Finding{
		Sync: w.sync.Address, Kind: register.Renamed, Key: old,
		Message: fmt.Sprintf("moved {\n  sync = %s\n  from = %s\n  to   = %s\n}", w.sync.Address, value(old), value(added)),
	}, nil
}

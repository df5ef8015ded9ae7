package plan

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/register"
)

// begin starts the transaction that sees one snapshot of the destination.
func (d *destination) begin(ctx context.Context, m *maker) (err error) {
	if d.tx, err = d.Begin(ctx, d.conn, m.opts.LockTimeout); err != nil {
		return fmt.Errorf("%s: begin: %w", d.connection.Address, d.safe(err))
	}
	last, err := register.New(d.Dialect()).LastExecution(ctx, d.tx)
	if err != nil {
		return fmt.Errorf("%s: %w", d.connection.Address, d.safe(err))
	}
	// Another machine's clock may be ahead: what it archived is archived.
	d.now = m.created
	if last.After(d.now) {
		d.now = last
	}
	return nil
}

// diff checks the keys, computes the operations of one sync, and lets the guard
// look at them.
func (d *destination) diff(ctx context.Context, m *maker, w *work) error {
	if m.opts.Progress != nil {
		m.opts.Progress(Progress{Phase: Comparing, Sync: w.sync.Address, Rows: w.summary.SourceRows})
	}
	usable, err := d.checkKeys(ctx, m, w)
	if err != nil || !usable {
		return err
	}
	dialect, t := d.Dialect(), w.target
	if t.ReachesOthers() {
		record := sqlgen.RecordForeignKeys(dialect, t, w.planID, w.summary.AfterSeq)
		if w.summary.Ignored, err = d.exec(ctx, record); err != nil {
			return err
		}
		if w.summary.Ignored > 0 {
			if _, err := d.exec(ctx, sqlgen.DropForeignKeys(dialect, t)); err != nil {
				return err
			}
		}
	}
	SetAsOf(t, d.now, m.cfg.Settings.Timezone)
	written, err := d.exec(ctx, sqlgen.Diff(dialect, t, w.planID, w.summary.AfterSeq))
	if err != nil {
		return err
	}
	w.summary.LastSeq = w.summary.AfterSeq + written
	w.summary.Counts, err = register.New(dialect).Counts(ctx, d.tx, w.planID, w.summary.AfterSeq, w.summary.LastSeq)
	if err != nil {
		return err
	}
	if w.summary.Total() != written {
		return fmt.Errorf("the register holds %d operations, %d were planned", w.summary.Total(), written)
	}
	if len(t.Withheld) > 0 {
		withheld := sqlgen.CountWithheld(dialect, t)
		if w.summary.Withheld, err = register.CountOperations(ctx, d.tx, withheld.SQL, withheld.Args...); err != nil {
			return err
		}
	}
	live := sqlgen.CountLive(dialect, t)
	if err := d.tx.QueryRowContext(ctx, live.SQL, live.Args...).Scan(&w.summary.LiveRows); err != nil {
		return fmt.Errorf("count the rows: %w", err)
	}
	w.summary.Held = hold(&w.sync.Guard, &w.summary)
	return nil
}

func (d *destination) exec(ctx context.Context, s sqlgen.Statement) (int64, error) {
	result, err := d.tx.ExecContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// maxBadKeys bounds the keys that an error names.
const maxBadKeys = 10

// checkKeys reports keys that do not identify one record or row.
func (d *destination) checkKeys(ctx context.Context, m *maker, w *work) (usable bool, err error) {
	duplicates := sqlgen.DuplicateStagedKeys(d.Dialect(), w.target, maxBadKeys)
	bad, err := d.badKeys(ctx, w, duplicates)
	if err != nil {
		return false, err
	}
	if len(bad) > 0 {
		m.diags.Errorf(w.sync.Destination.KeyRange, "Duplicate keys in the source", "%s: several records of %s have one key, as table %q compares keys:\n  %s\nMake the query return each key once.",
			w.sync.Address, w.sync.Source.From.Address, w.sync.Destination.Table, strings.Join(bad, "\n  "))
	}
	var stored []string
	nullable := slices.ContainsFunc(w.target.Key, func(k sqlgen.Column) bool { return !k.NotNull })
	enforced := !w.sync.Destination.UnenforcedKey
	if nullable || !enforced {
		if stored, err = d.badKeys(ctx, w, sqlgen.BadDestinationKeys(d.Dialect(), w.target, enforced, maxBadKeys)); err != nil {
			return false, err
		}
	}
	if len(stored) > 0 {
		m.diags.Errorf(w.sync.Destination.KeyRange, "Bad keys in the destination", "%s: rows of table %q in this sync's scope have a NULL or duplicate key:\n  %s\nCorrect them in the destination first.",
			w.sync.Address, w.sync.Destination.Table, strings.Join(stored, "\n  "))
	}
	return len(bad) == 0 && len(stored) == 0, nil
}

// badKeys runs a query of numbers of rows and key texts and renders each row.
func (d *destination) badKeys(ctx context.Context, w *work, s sqlgen.Statement) ([]string, error) {
	rows, err := d.tx.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return nil, fmt.Errorf("check the keys: %w", err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var n int64
		texts := make([]sql.NullString, len(w.target.Key))
		into := []any{&n}
		for i := range texts {
			into = append(into, &texts[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("check the keys: %w", err)
		}
		parts := make([]string, len(texts))
		for i, text := range texts {
			parts[i] = w.target.Key[i].Name + " = " + w.showKeyPart(w.target.Key[i].Name, text)
		}
		found = append(found, fmt.Sprintf("%s (%d times)", strings.Join(parts, ", "), n))
	}
	return found, rows.Err()
}

func (w *work) showKeyPart(column string, text sql.NullString) string {
	if slices.Contains(w.summary.Sensitive, column) {
		return "(sensitive)"
	}
	if !text.Valid {
		return "null"
	}
	return fmt.Sprintf("%q", cut(text.String, 60))
}

// checkSharedInserts finds keys that several syncs would insert where the unique
// index takes them for one: the second insert would fail.
func (d *destination) checkSharedInserts(ctx context.Context, m *maker) error {
	together := map[string][]*work{}
	var places []string
	for _, w := range d.works {
		for _, scope := range w.target.KeyScopes {
			parts := []string{w.sync.Destination.Table}
			for _, set := range scope {
				parts = append(parts, set.Column.Name, *set.Text)
			}
			place := strings.Join(parts, "\x00")
			if together[place] == nil {
				places = append(places, place)
			}
			together[place] = append(together[place], w)
		}
	}
	for _, place := range places {
		works := together[place]
		if len(works) == 1 {
			continue
		}
		if err := d.reportSharedInserts(ctx, m, works); err != nil {
			return fmt.Errorf("%s: look for keys inserted twice into %s: %w", d.connection.Address, works[0].sync.Destination.Table, d.safe(err))
		}
	}
	return nil
}

func (d *destination) reportSharedInserts(ctx context.Context, m *maker, works []*work) error {
	w := works[0]
	addresses := make([]string, len(works))
	for i, one := range works {
		addresses[i] = one.sync.Address
	}
	s := sqlgen.SharedInserts(d.Dialect(), w.planID, addresses, maxBadKeys)
	rows, err := d.tx.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, one, other string
		if err := rows.Scan(&key, &one, &other); err != nil {
			return err
		}
		if slices.ContainsFunc(w.target.Key, func(k sqlgen.Column) bool { return slices.Contains(w.summary.Sensitive, k.Name) }) {
			key = "(sensitive)"
		}
		m.diags.Errorf(w.sync.Destination.KeyRange, "Key inserted twice", "%s and %s would both insert %s into table %q. Make their sources disjoint, or the table's unique index include the scope.", one, other, key, w.sync.Destination.Table)
	}
	return rows.Err()
}

// record writes the plan's row and fills in the digest and the excerpt.
func (d *destination) record(ctx context.Context, p *Plan, part *Destination, status register.Status) (err error) {
	r := register.New(d.Dialect())
	if err := d.analyze(ctx, part.Syncs); err != nil {
		return err
	}
	if part.Digest, err = r.Digest(ctx, d.tx, p.ID); err != nil {
		return err
	}
	for i := range part.Syncs {
		if err := excerpt(ctx, r, d.tx, p.ID, &part.Syncs[i], part); err != nil {
			return err
		}
	}
	return r.InsertPlan(ctx, d.tx, &register.Plan{
		ID: p.ID, CreatedOn: p.CreatedOn, CreatedBy: p.CreatedBy, ConfigDigest: p.ConfigDigest, GitCommit: p.GitCommit, ExpiresOn: p.ExpiresOn,
		Speculative: p.Speculative, Status: status, Digest: part.Digest, Syncs: part.Syncs,
	})
}

// manyOperations is from when the database should know how many there are: its planner
// would else read the table once for each of them at apply.
const manyOperations = 1_000

func (d *destination) analyze(ctx context.Context, syncs []register.SyncSummary) error {
	analyzer, ok := d.Dialect().(sqlgen.Analyzer)
	var total int64
	for i := range syncs {
		total += syncs[i].Total()
	}
	if !ok || total < manyOperations {
		return nil
	}
	_, err := d.tx.ExecContext(ctx, analyzer.Analyze(d.Dialect().RegisterTable("operation")))
	return err
}

// hold returns why the guard holds the sync, or "".
func hold(guard *config.Guard, s *register.SyncSummary) string {
	if s.SourceRows < guard.MinSourceRows && s.LiveRows > 0 {
		return fmt.Sprintf("the source has %d rows, min_source_rows asks for %d", s.SourceRows, guard.MinSourceRows)
	}
	for _, limit := range []struct {
		name  string
		limit *config.Limit
		count int64
	}{
		{"delete", guard.MaxDelete, s.Removed()},
		{"update", guard.MaxUpdate, s.Counts[config.Update]},
		{"insert", guard.MaxInsert, s.Counts[config.Insert]},
	} {
		if limit.limit == nil {
			continue
		}
		if limit.limit.Percent > 0 {
			// There is no share of nothing: a first load is not held by one.
			if s.LiveRows > 0 && float64(limit.count)*100 > limit.limit.Percent*float64(s.LiveRows) {
				return fmt.Sprintf("%d of %d rows would be touched by %s, max_%s allows %g%%", limit.count, s.LiveRows, limit.name, limit.name, limit.limit.Percent)
			}
		} else if limit.count > limit.limit.Count {
			return fmt.Sprintf("%d rows would be touched by %s, max_%s allows %d", limit.count, limit.name, limit.name, limit.limit.Count)
		}
	}
	return ""
}

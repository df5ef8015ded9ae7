package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// plannedMove is a record whose key changed, as a sync's table spells its keys.
type plannedMove struct {
	sqlgen.Move
	at config.Range
}

// checkMoves finds out which moves are to be carried out: those whose row is still under the
// old key, and whose record has the new one. Contradictions are reported.
func (d *destination) checkMoves(ctx context.Context, m *maker, w *work) error {
	var moves []plannedMove
	for _, move := range w.sync.Moved {
		from, fromOK := w.keyTexts(m, move.From, move.Range)
		to, toOK := w.keyTexts(m, move.To, move.Range)
		if fromOK && toOK {
			moves = append(moves, plannedMove{sqlgen.Move{From: from, To: to}, move.Range})
		}
	}
	for chunk := range slices.Chunk(moves, sqlgen.MaxMoves) {
		if err := d.checkSomeMoves(ctx, m, w, chunk); err != nil {
			return fmt.Errorf("look at moved: %w", err)
		}
	}
	return nil
}

// keyTexts fits the values of a key to the table's columns, in the order of sqlgen.Target.Key.
func (w *work) keyTexts(m *maker, values []value.Value, at config.Range) ([]string, bool) {
	texts := make([]string, len(w.target.Key))
	for i, k := range w.target.Key {
		v, err := k.Type.Fit(values[slices.Index(w.sync.Destination.Key, k.Name)], m.cfg.Settings.Timezone)
		if err != nil {
			m.diags.Errorf(at, "Value does not fit its column", "The key of moved, column %q of table %q: the value %s.", k.Name, w.sync.Destination.Table, err)
			return nil, false
		}
		texts[i] = v.Text()
	}
	return texts, true
}

func (d *destination) checkSomeMoves(ctx context.Context, m *maker, w *work, moves []plannedMove) error {
	plain := make([]sqlgen.Move, len(moves))
	for i, move := range moves {
		plain[i] = move.Move
	}
	s := sqlgen.MoveStates(d.Dialect(), w.target, plain)
	rows, err := d.tx.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n, oldThere, newThere, oldStaged, newStaged int
		if err := rows.Scan(&n, &oldThere, &newThere, &oldStaged, &newStaged); err != nil {
			return err
		}
		move := moves[n]
		from, to := w.shownKey(move.From), w.shownKey(move.To)
		source, table := w.sync.Source.From.Address, w.sync.Destination.Table
		switch {
		case oldThere == 0: // carried out, or another instance's
		case newThere == 1:
			m.diags.Errorf(move.at, "Record moved to a key in use", "%s: table %q has a row %s already, besides the row %s that would become it. If it was created by mistake when the key changed, remove it; if the move was carried out long ago and the old key is used anew, remove this moved block.",
				w.sync.Address, table, to, from)
		case oldStaged == 1 && newStaged == 1:
			m.diags.Errorf(move.at, "Record moved, but still there", "%s: %s has both %s and %s: the record did not change its key. Remove this moved block.", w.sync.Address, source, from, to)
		case oldStaged == 1:
			m.diags.Warnf(move.at, "Record not moved yet", "%s: %s still has %s, and not %s: nothing is renamed until it does.", w.sync.Address, source, from, to)
		case newStaged == 1:
			w.moves = append(w.moves, move.Move)
		}
	}
	return rows.Err()
}

func (w *work) shownKey(texts []string) string {
	parts := make([]string, len(texts))
	for i, text := range texts {
		parts[i] = fmt.Sprintf("%q", text)
		if slices.Contains(w.summary.Sensitive, w.target.Key[i].Name) {
			parts[i] = "(sensitive)"
		}
	}
	return strings.Join(parts, ", ")
}

// rename plans the moves of a sync.
func (d *destination) rename(ctx context.Context, w *work, add func(sqlgen.Statement) error) error {
	for chunk := range slices.Chunk(w.moves, sqlgen.MaxMoves) {
		if err := add(sqlgen.Rename(d.Dialect(), w.target, chunk, w.planID, w.summary.LastSeq)); err != nil {
			return err
		}
		if len(w.target.Withheld) > 0 {
			if err := d.countWithheld(ctx, w, sqlgen.CountRenamesWithheld(d.Dialect(), w.target, chunk)); err != nil {
				return err
			}
		}
		if _, err := d.exec(ctx, sqlgen.SettleRenamed(d.Dialect(), w.target, chunk)); err != nil {
			return err
		}
	}
	return nil
}

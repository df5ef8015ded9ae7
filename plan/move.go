package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// plannedMove is a record whose key changed, as a sync's table spells its keys.
type plannedMove struct {
	sqlgen.Move
	at    config.Range
	state moveState
}

// moveState says where the keys of a move are found.
type moveState struct {
	oldThere  bool // in the table, within the scope
	newThere  bool // in the table, anywhere that it is in the way
	oldStaged bool
	newStaged bool
}

// checkMoves finds out which moves are to be carried out: those whose row is still under the
// old key, and whose record has the new one. Contradictions are reported.
func (d *destination) checkMoves(ctx context.Context, m *maker, w *work) error {
	var moves []plannedMove
	for _, move := range w.sync.Moved {
		from, fromOK := w.keyTexts(m, move.From, move.Range)
		to, toOK := w.keyTexts(m, move.To, move.Range)
		if fromOK && toOK {
			moves = append(moves, plannedMove{Move: sqlgen.Move{From: from, To: to}, at: move.Range})
		}
	}
	if err := d.moveStates(ctx, w, moves); err != nil {
		return err
	}
	// The moves that lead to one key are a chain: all of its keys are one record's.
	chains := map[string][]plannedMove{}
	var ends []string
	for _, move := range moves {
		end := strings.Join(move.To, "\x00")
		if chains[end] == nil {
			ends = append(ends, end)
		}
		chains[end] = append(chains[end], move)
	}
	var halfway []plannedMove
	for _, end := range ends {
		move, ok := w.decideMove(m, chains[end])
		switch {
		case !ok:
		case slices.Equal(move.To, chains[end][0].To):
			w.moves = append(w.moves, move.Move)
		default:
			halfway = append(halfway, move)
		}
	}
	if err := d.moveStates(ctx, w, halfway); err != nil {
		return err
	}
	for _, move := range halfway {
		if move.state.newThere {
			w.reportKeyInUse(m, &move)
			continue
		}
		w.moves = append(w.moves, move.Move)
	}
	return nil
}

// keyTexts fits the values of a key to the table's columns, in the order of sqlgen.Target.Key.
func (w *work) keyTexts(m *maker, values []value.Value, at config.Range) ([]string, bool) {
	texts, column, err := keyTexts(w.target, w.sync, values, m.cfg.Settings.Timezone)
	if err != nil {
		m.diags.Errorf(at, "Value does not fit its column", "The key of moved, column %q of table %q: the value %s.", column, w.sync.Destination.Table, err)
		return nil, false
	}
	return texts, true
}

// keyTexts fits the values of a key to a target's columns, in the order of its key; an
// error is about the column named.
func keyTexts(t *sqlgen.Target, sync *config.Sync, values []value.Value, loc *time.Location) (texts []string, column string, err error) {
	texts = make([]string, len(t.Key))
	for i, k := range t.Key {
		v, err := k.Type.Fit(values[slices.Index(sync.Destination.Key, k.Name)], loc)
		if err != nil {
			return nil, k.Name, err
		}
		texts[i] = v.Text()
	}
	return texts, "", nil
}

// moveStates looks for the keys of moves.
func (d *destination) moveStates(ctx context.Context, w *work, moves []plannedMove) error {
	for chunk := range slices.Chunk(moves, sqlgen.MaxMoves) {
		if err := moveStates(ctx, d.tx, d.Dialect(), w.target, chunk); err != nil {
			return fmt.Errorf("look at moved: %w", err)
		}
	}
	return nil
}

func moveStates(ctx context.Context, q providers.Querier, dialect sqlgen.Dialect, t *sqlgen.Target, moves []plannedMove) error {
	plain := make([]sqlgen.Move, len(moves))
	for i, move := range moves {
		plain[i] = move.Move
	}
	s := sqlgen.MoveStates(dialect, t, plain)
	rows, err := q.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		var found [4]int
		if err := rows.Scan(&n, &found[0], &found[1], &found[2], &found[3]); err != nil {
			return err
		}
		moves[n].state = moveState{oldThere: found[0] == 1, newThere: found[1] == 1, oldStaged: found[2] == 1, newStaged: found[3] == 1}
	}
	return rows.Err()
}

// checkCarriedOut reports moves that were carried out, and whose old key the source uses
// again: with the record's row there, too, every later plan would take the two for one.
func (w *work) checkCarriedOut(m *maker, chain []plannedMove) {
	for _, move := range chain {
		if !move.state.oldThere && move.state.newThere && move.state.oldStaged {
			m.diags.Errorf(move.at, "Record moved, and its old key in use again", "%s: table %q has %s, to which %s was moved, and %s has %s: it is another record now, or the record went back. Remove this moved block.",
				w.sync.Address, w.sync.Destination.Table, w.shownKey(move.To), w.shownKey(move.From), w.sync.Source.From.Address, w.shownKey(move.From))
			return
		}
	}
}

// decideMove says what is to become of a chain's row: the move to carry out, to the chain's end, or to
// one of the keys on the way to it if that is the one which the source has.
func (w *work) decideMove(m *maker, chain []plannedMove) (plannedMove, bool) {
	row := w.rowOf(m, chain)
	if row == nil {
		w.checkCarriedOut(m, chain)
		return plannedMove{}, false
	}
	var staged []*plannedMove
	for i := range chain {
		if chain[i].state.oldStaged {
			staged = append(staged, &chain[i])
		}
	}
	source := w.sync.Source.From.Address
	from, to := w.shownKey(row.From), w.shownKey(row.To)
	switch {
	case row.state.newThere:
		w.reportKeyInUse(m, row)
	case len(staged) > 0 && row.state.newStaged:
		m.diags.Errorf(staged[0].at, "Record moved, but still there", "%s: %s has both %s and %s: the record did not change its key. Remove this moved block.",
			w.sync.Address, source, w.shownKey(staged[0].From), to)
	case len(staged) > 1:
		m.diags.Errorf(staged[0].at, "Record moved, but still there", "%s: %s has both %s and %s, which moved blocks say are one record. Remove this moved block.",
			w.sync.Address, source, w.shownKey(staged[0].From), w.shownKey(staged[1].From))
	case len(staged) == 1 && staged[0] == row:
		m.diags.Warnf(row.at, "Record not moved yet", "%s: %s still has %s, and not %s: nothing is renamed until it does.", w.sync.Address, source, from, to)
	case len(staged) == 1:
		return plannedMove{Move: sqlgen.Move{From: row.From, To: staged[0].From}, at: row.at}, true
	case row.state.newStaged:
		return *row, true
	}
	return plannedMove{}, false
}

// rowOf returns the move of a chain whose old key the record's row has; nil where there is none: the
// move was carried out, or is another instance's.
func (w *work) rowOf(m *maker, chain []plannedMove) *plannedMove {
	var there []*plannedMove
	for i := range chain {
		if chain[i].state.oldThere {
			there = append(there, &chain[i])
		}
	}
	switch len(there) {
	case 0:
		return nil
	case 1:
		return there[0]
	default:
		m.diags.Errorf(there[1].at, "Two rows moved to one key", "%s: table %q has both %s and %s, and moved blocks would make either of them %s. If they are two records, remove one of these blocks; if they are one, remove the row that was created by mistake.",
			w.sync.Address, w.sync.Destination.Table, w.shownKey(there[0].From), w.shownKey(there[1].From), w.shownKey(there[0].To))
		return nil
	}
}

func (w *work) reportKeyInUse(m *maker, move *plannedMove) {
	m.diags.Errorf(move.at, "Record moved to a key in use", "%s: table %q has a row %s already, besides the row %s that would become it. If it was created by mistake when the key changed, remove it; if the move was carried out long ago and the old key is used anew, remove this moved block.",
		w.sync.Address, w.sync.Destination.Table, w.shownKey(move.To), w.shownKey(move.From))
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
func (d *destination) rename(ctx context.Context, w *work, add func(sqlgen.Statement) error, last bool) error {
	dialect, t := d.Dialect(), w.target
	for chunk := range slices.Chunk(w.moves, sqlgen.MaxMoves) {
		if err := add(sqlgen.Rename(dialect, t, chunk, w.planID, w.summary.LastSeq)); err != nil {
			return err
		}
		if last && len(t.Withheld) > 0 {
			if err := d.countWithheld(ctx, w, sqlgen.CountRenamesWithheld(dialect, t, chunk)); err != nil {
				return err
			}
		}
		if last && t.Protect != nil {
			if err := d.protect(ctx, w, sqlgen.RecordProtectedRenames(dialect, t, chunk, w.planID, w.findings)); err != nil {
				return err
			}
		}
		if _, err := d.exec(ctx, sqlgen.SettleRenamed(dialect, t, chunk)); err != nil {
			return err
		}
	}
	return nil
}

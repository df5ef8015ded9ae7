package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/run"
)

func (d *database) SaveRun(ctx context.Context, r *run.Result) error {
	document, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("record run %s: %w", r.ID, err)
	}
	err = d.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO run (id, schedule, slot_on, started_on, ended_on, document)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET schedule = excluded.schedule, slot_on = excluded.slot_on,
	started_on = excluded.started_on, ended_on = excluded.ended_on, document = excluded.document`,
			r.ID, r.Schedule, instant(r.Slot), instant(r.StartedOn), instant(r.EndedOn), string(document),
		); err != nil {
			return err
		}
		for i := range r.Units {
			if err := saveLast(ctx, tx, r, &r.Units[i]); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM last_unit WHERE NOT EXISTS (
	SELECT 1 FROM last_result WHERE last_result.run_id = last_unit.run_id AND last_result.unit = last_unit.unit)`)
		return err
	})
	if err != nil {
		return fmt.Errorf("record run %s: %w", r.ID, err)
	}
	return nil
}

// saveLast makes a unit the last one of those of its syncs that have no later one, unless another process runs it.
func saveLast(ctx context.Context, tx *sql.Tx, r *run.Result, u *run.UnitResult) error {
	at := asOf(r, u)
	if at.IsZero() || u.Outcome == run.Busy {
		return nil
	}
	document, err := json.Marshal(u)
	if err != nil {
		return err
	}
	known := "DO UPDATE SET document = excluded.document"
	if u.Outcome == run.Done {
		known = "DO NOTHING" // what it did stands there
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO last_unit (run_id, unit, document) VALUES ($1, $2, $3)
ON CONFLICT (run_id, unit) `+known, r.ID, u.Unit, string(document)); err != nil {
		return err
	}
	for _, s := range u.Syncs {
		if _, err := tx.ExecContext(ctx, `INSERT INTO last_result (sync, run_id, unit, as_of) VALUES ($1, $2, $3, $4)
ON CONFLICT (sync) DO UPDATE SET run_id = excluded.run_id, unit = excluded.unit, as_of = excluded.as_of
WHERE excluded.as_of >= last_result.as_of OR excluded.run_id = last_result.run_id`, s.Sync, r.ID, u.Unit, instant(at)); err != nil {
			return err
		}
	}
	return nil
}

// asOf is the time by which a unit's result is later than another's. One that says no more than that the slot
// had been run counts as of its slot: it does not hide the result of the run that did it.
func asOf(r *run.Result, u *run.UnitResult) time.Time {
	switch {
	case u.Outcome == run.Done && !r.Slot.IsZero():
		return r.Slot
	case !u.EndedOn.IsZero():
		return u.EndedOn
	case !u.StartedOn.IsZero():
		return u.StartedOn
	default:
		return r.StartedOn
	}
}

func (d *database) Runs(ctx context.Context, limit int) ([]run.Result, error) {
	runs, err := read(ctx, d, scanResult, "SELECT document FROM run ORDER BY started_on DESC, id LIMIT $1", limit)
	if err != nil {
		return nil, fmt.Errorf("read the runs: %w", err)
	}
	return runs, nil
}

func (d *database) Run(ctx context.Context, id string) (*run.Result, error) {
	runs, err := read(ctx, d, scanResult, "SELECT document FROM run WHERE id = $1", id)
	if err != nil {
		return nil, fmt.Errorf("read a run: %w", err)
	}
	if len(runs) == 0 {
		return nil, nil
	}
	return &runs[0], nil
}

func scanResult(row *sql.Rows, r *run.Result) error {
	var document []byte
	if err := row.Scan(&document); err != nil {
		return err
	}
	return json.Unmarshal(document, r)
}

func (d *database) LastResults(ctx context.Context) (map[string]LastResult, error) {
	type unit struct{ runID, name string }
	type line struct {
		unit
		sync     string // or
		document []byte
	}
	// One statement, so that it is one state; a unit that many syncs had last is read once.
	lines, err := read(ctx, d, func(row *sql.Rows, l *line) error { return row.Scan(&l.runID, &l.name, &l.sync, &l.document) },
		`SELECT run_id, unit, sync, NULL FROM last_result UNION ALL SELECT run_id, unit, '', document FROM last_unit`)
	if err != nil {
		return nil, fmt.Errorf("read the last results: %w", err)
	}
	units := map[unit]run.UnitResult{}
	for _, l := range lines {
		if l.sync != "" {
			continue
		}
		var u run.UnitResult
		if err := json.Unmarshal(l.document, &u); err != nil {
			return nil, fmt.Errorf("read the last results: %w", err)
		}
		units[l.unit] = u
	}
	results := map[string]LastResult{}
	for _, l := range lines {
		u := units[l.unit]
		if i := slices.IndexFunc(u.Syncs, func(s run.SyncResult) bool { return s.Sync == l.sync }); l.sync != "" && i >= 0 {
			results[l.sync] = LastResult{RunID: l.runID, Unit: u, Sync: u.Syncs[i]}
		}
	}
	return results, nil
}

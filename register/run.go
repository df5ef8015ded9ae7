package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/providers"
)

// RunStatus is how far a run of a unit has come in a destination.
type RunStatus string

// The statuses of runs. All but RunRunning are ends.
const (
	RunRunning   RunStatus = "running"
	RunApplied   RunStatus = "applied"
	RunUnchanged RunStatus = "unchanged"
	RunPartial   RunStatus = "partial" // applied, but for deletes that were held back
	RunHeld      RunStatus = "held"
	RunFailed    RunStatus = "failed"
)

// Run is a run of a unit, as far as it concerns this destination.
type Run struct {
	// ID is, for a slot, the same wherever it is computed (SlotID); otherwise a UUID.
	ID string
	// RunID is of the whole run, which may have several units.
	RunID string
	// Unit is the address of a sync's instance or of a faculty, or "all".
	Unit string
	// Schedule is an address and Slot when it was due; "" and zero for a run without.
	Schedule string
	Slot     time.Time
	// Attempt counts who began it, from 1: more than 1 where another process took it over.
	Attempt   int64
	Status    RunStatus
	StartedOn time.Time
	StartedBy string
	EndedOn   time.Time // zero while it runs
	PlanID    string    // "" where none was made
	Message   string    // for people, without values of rows
}

// ErrTakenOver: another process has taken the run over, or ended it.
var ErrTakenOver = errors.New("another process has taken this run over")

// ErrRunning: the run is recorded as running, under another attempt than was to be taken over.
var ErrRunning = errors.New("another process is recorded as running this")

// slots is the namespace of what SlotID returns.
var slots = uuid.MustParse("5f1d1c1e-4c0e-5b0a-9a55-0c7d4a2f6e31") //nolint:gochecknoglobals // a constant of the register: another one would run slots twice

// SlotID is the identity of the run of a unit at a slot: a UUID.
func SlotID(schedule, unit string, slot time.Time) string {
	return derived(slots, schedule, unit, slot.UTC().Format(time.RFC3339Nano)).String()
}

// derived is a UUID of the parts, each behind its length: no two lists are alike.
func derived(space uuid.UUID, parts ...string) uuid.UUID {
	var text []byte
	for _, part := range parts {
		text = fmt.Appendf(text, "%d:%s", len(part), part)
	}
	return uuid.NewSHA1(space, text)
}

// BeginRun records that a run begins, and returns it as recorded. Where one of that ID is recorded
// already as running, it is taken over if its attempt is run.Attempt: it is one more then. Under another attempt it is
// returned as it is, with ErrRunning; Beats tells whether who runs it lives. Where it has ended, it is returned as it
// ended, unchanged.
//
// Of two processes that begin it in the same moment one may get an error: it begins again, in another
// transaction, and then finds what the first one recorded.
func (r Register) BeginRun(ctx context.Context, q providers.Querier, run Run) (*Run, error) {
	there, err := r.Run(ctx, q, run.ID)
	switch {
	case err != nil:
		return nil, err
	case there == nil:
		return r.insertRun(ctx, q, run)
	case there.Status != RunRunning:
		return there, nil
	}
	if there.Attempt != run.Attempt {
		return there, ErrRunning
	}
	return r.takeOver(ctx, q, there, run)
}

func (r Register) insertRun(ctx context.Context, q providers.Querier, run Run) (*Run, error) {
	run.Attempt, run.Status = 1, RunRunning
	run.StartedOn, run.Slot = recorded(run.StartedOn), recorded(run.Slot)
	run.EndedOn, run.PlanID, run.Message = time.Time{}, "", ""
	args := arguments{d: r.d}
	statement := fmt.Sprintf("INSERT INTO %s (id, run_id, unit, schedule, slot, attempt, status, started_on, started_by) VALUES (%s, %s, %s, %s, %s, 1, %s, %s, %s)",
		r.d.RegisterTable("run"), args.of(run.ID), args.of(run.RunID), args.of(run.Unit), args.optional(run.Schedule), args.optionalInstant(run.Slot),
		args.of(string(run.Status)), args.instant(run.StartedOn), args.of(run.StartedBy))
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return nil, fmt.Errorf("record that a run begins: %w", err)
	}
	return &run, nil
}

// takeOver makes a run that is recorded as running the caller's.
func (r Register) takeOver(ctx context.Context, q providers.Querier, there *Run, run Run) (*Run, error) {
	args := arguments{d: r.d}
	statement := fmt.Sprintf("UPDATE %s SET attempt = %d, run_id = %s, started_on = %s, started_by = %s WHERE id = %s AND attempt = %d AND status = %s",
		r.d.RegisterTable("run"), there.Attempt+1, args.of(run.RunID), args.instant(run.StartedOn), args.of(run.StartedBy),
		args.of(run.ID), there.Attempt, args.of(string(RunRunning)))
	changed, err := r.affected(ctx, q, statement, args.values...)
	if err != nil {
		return nil, fmt.Errorf("take a run over: %w", err)
	}
	if changed == 0 {
		// By another one, just now.
		there, err = r.Run(ctx, q, run.ID)
		switch {
		case err != nil:
			return nil, err
		case there == nil:
			return nil, fmt.Errorf("take a run over: %w just now", ErrTakenOver)
		case there.Status != RunRunning:
			return there, nil
		}
		return there, ErrRunning
	}
	taken := *there
	taken.Attempt, taken.RunID, taken.StartedOn, taken.StartedBy = there.Attempt+1, run.RunID, recorded(run.StartedOn), run.StartedBy
	return &taken, nil
}

// EndRun records how a run ended: Status, EndedOn, PlanID and Message of run. It is ErrTakenOver where the run
// is not running any more under run.Attempt. Within the transaction of an apply it makes the slot's effect
// and its record one. A transaction that cannot see what another one did meanwhile fails by the engine's own error.
func (r Register) EndRun(ctx context.Context, q providers.Querier, run Run) error {
	if run.Status == RunRunning || run.Status == "" || run.EndedOn.IsZero() {
		return fmt.Errorf("record that a run ended: status %q, ended on %s", run.Status, run.EndedOn)
	}
	args := arguments{d: r.d}
	statement := fmt.Sprintf("UPDATE %s SET status = %s, ended_on = %s, plan_id = %s, message = %s WHERE id = %s AND attempt = %d AND status = %s",
		r.d.RegisterTable("run"), args.of(string(run.Status)), args.instant(run.EndedOn), args.optional(run.PlanID), args.optional(shortened(storable(run.Message))),
		args.of(run.ID), run.Attempt, args.of(string(RunRunning)))
	changed, err := r.affected(ctx, q, statement, args.values...)
	if err != nil {
		return fmt.Errorf("record that a run ended: %w", err)
	}
	if changed == 0 {
		return ErrTakenOver
	}
	return nil
}

// maxMessage bounds a message, in octets: some engine's texts are no longer.
const maxMessage = 4000

// shortened cuts a text that is too long between two characters.
func shortened(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	const mark = "…"
	end := maxMessage - len(mark)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}

func (r Register) affected(ctx context.Context, q providers.Querier, statement string, args ...any) (int64, error) {
	result, err := q.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Run reads a run; nil where there is none of that ID.
func (r Register) Run(ctx context.Context, q providers.Querier, id string) (found *Run, err error) {
	args := arguments{d: r.d}
	err = r.readRuns(ctx, q, r.selectRuns()+" WHERE r.id = "+args.of(id), args.values, func(one *Run) error {
		found = one
		return nil
	})
	return found, err
}

// Runs visits the runs that began at since or later, latest first, at most limit; 0: all.
func (r Register) Runs(ctx context.Context, q providers.Querier, since time.Time, limit int, visit func(*Run) error) error {
	args := arguments{d: r.d}
	query := r.selectRuns()
	if !since.IsZero() {
		query += " WHERE r.started_on >= " + args.instant(since)
	}
	query += " ORDER BY r.started_on DESC, r.id"
	if limit > 0 {
		query = r.d.Limit(query, limit)
	}
	return r.readRuns(ctx, q, query, args.values, visit)
}

func (r Register) selectRuns() string {
	return fmt.Sprintf("SELECT r.id, r.run_id, r.unit, r.schedule, %s, r.attempt, r.status, %s, r.started_by, %s, r.plan_id, r.message FROM %s r",
		r.instantText("r.slot"), r.instantText("r.started_on"), r.instantText("r.ended_on"), r.d.RegisterTable("run"))
}

func (r Register) readRuns(ctx context.Context, q providers.Querier, query string, args []any, visit func(*Run) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read runs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one Run
		var schedule, slot, started, ended, plan, message sql.NullString
		if err := rows.Scan(&one.ID, &one.RunID, &one.Unit, &schedule, &slot, &one.Attempt, &one.Status, &started, &one.StartedBy, &ended, &plan, &message); err != nil {
			return fmt.Errorf("read runs: %w", err)
		}
		one.Schedule, one.PlanID, one.Message = schedule.String, plan.String, message.String
		for _, part := range []struct {
			text sql.NullString
			into *time.Time
		}{{slot, &one.Slot}, {started, &one.StartedOn}, {ended, &one.EndedOn}} {
			if *part.into, err = parseInstant(part.text); err != nil {
				return err
			}
		}
		if err := visit(&one); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read runs: %w", err)
	}
	return nil
}

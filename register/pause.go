package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/providers"
)

// Pause keeps a sync from being run until somebody resumes it.
type Pause struct {
	Sync     string // the address of an instance
	PausedOn time.Time
	PausedBy string
	Reason   string
}

// ErrPaused and ErrNotPaused: the sync is, or is not, paused already.
var (
	ErrPaused    = errors.New("the sync is paused already")
	ErrNotPaused = errors.New("the sync is not paused")
)

// pausesInForce is the namespace of the ids of pauses in force.
var pausesInForce = uuid.MustParse("0b9f2a52-7d36-5c6f-8b7e-3f1f5e1b8a44") //nolint:gochecknoglobals // a constant of the register: another one would pause a sync twice

// pauseID is of a sync's pause in force: the primary key then keeps it the only one. One that has ended has an id of its own.
func pauseID(sync string) string { return derived(pausesInForce, sync).String() }

// Pause pauses a sync, or returns ErrPaused.
func (r Register) Pause(ctx context.Context, q providers.Querier, p Pause) error {
	if p.Reason == "" {
		return errors.New("a pause needs a reason")
	}
	there, err := r.pauses(ctx, q, p.Sync)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		return ErrPaused
	}
	args := arguments{d: r.d}
	statement := fmt.Sprintf("INSERT INTO %s (id, sync, paused_on, paused_by, reason) VALUES (%s, %s, %s, %s, %s)", r.d.RegisterTable("pause"),
		args.of(pauseID(p.Sync)), args.of(p.Sync), args.instant(p.PausedOn), args.of(p.PausedBy), args.of(shortened(storable(p.Reason))))
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return fmt.Errorf("record the pause: %w", err)
	}
	return nil
}

// Resume ends a pause, or returns ErrNotPaused. Who paused and resumed it and when stays recorded.
func (r Register) Resume(ctx context.Context, q providers.Querier, sync string, on time.Time, by string) error {
	args := arguments{d: r.d}
	statement := fmt.Sprintf("UPDATE %s SET id = %s, resumed_on = %s, resumed_by = %s WHERE id = %s", r.d.RegisterTable("pause"),
		args.of(uuid.NewString()), args.instant(on), args.of(by), args.of(pauseID(sync)))
	changed, err := r.affected(ctx, q, statement, args.values...)
	if err != nil {
		return fmt.Errorf("end the pause: %w", err)
	}
	if changed == 0 {
		return ErrNotPaused
	}
	return nil
}

// Pauses returns the pauses in force, by sync.
func (r Register) Pauses(ctx context.Context, q providers.Querier) (map[string]Pause, error) {
	return r.pauses(ctx, q, "")
}

// pauses returns the pauses in force, of one sync or, for "", of all.
func (r Register) pauses(ctx context.Context, q providers.Querier, sync string) (map[string]Pause, error) {
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT p.sync, %s, p.paused_by, p.reason FROM %s p WHERE p.resumed_on IS NULL", r.instantText("p.paused_on"), r.d.RegisterTable("pause"))
	if sync != "" {
		query += " AND p.id = " + args.of(pauseID(sync))
	}
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return nil, fmt.Errorf("read pauses: %w", withRemedy(err))
	}
	defer rows.Close()
	found := map[string]Pause{}
	for rows.Next() {
		var p Pause
		var on sql.NullString
		if err := rows.Scan(&p.Sync, &on, &p.PausedBy, &p.Reason); err != nil {
			return nil, fmt.Errorf("read pauses: %w", err)
		}
		if p.PausedOn, err = parseInstant(on); err != nil {
			return nil, err
		}
		found[p.Sync] = p
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read pauses: %w", err)
	}
	return found, nil
}

// withRemedy says what to do where a role lacks rights on a table of the register: grants made for an older version know
// nothing of the later tables.
func withRemedy(err error) error {
	return remedied(err, "this role lacks rights that the register of this version needs; its owner runs what registrar init --print-grants prints")
}

// remedied says what to do where a role lacks rights. It stands before the error, which is made safe later.
func remedied(err error, remedy string) error {
	if !isDenied(err) {
		return err
	}
	return fmt.Errorf("%s: %w", remedy, err)
}

// Remedy says what to do where a server refused something for want of rights, in whatever table; "" for other errors, and
// for those that say it themselves.
func Remedy(err error) string {
	denied := false
	for e := err; e != nil && !denied; e = errors.Unwrap(e) {
		denied = isDenied(e)
	}
	if !denied || strings.Contains(err.Error(), "this role ") {
		return ""
	}
	return "The database refuses this role something. A table that is new in the configuration needs grants: its owner runs what registrar init --print-grants prints. Else it is another role's to do: planning, applying and approving have one each."
}

// isDenied reports whether a server refused a statement for want of rights.
func isDenied(err error) bool {
	state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	if ok {
		return state.SQLState() == "42501"
	}
	number, ok := errors.AsType[interface {
		error
		SQLErrorNumber() int32
	}](err)
	if ok {
		return number.SQLErrorNumber() == 229 // SQL Server's
	}
	text := err.Error()
	// MySQL's and Oracle's, which hides a table that may not be read.
	return strings.HasPrefix(text, "Error 1142 ") || strings.HasPrefix(text, "ORA-00942") || strings.HasPrefix(text, "ORA-01031")
}

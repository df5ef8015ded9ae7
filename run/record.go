package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// place is a destination of a unit, and what its register says of the run.
type place struct {
	connection *config.Connection
	// id is of the record where the run is not of a slot.
	id string
	// register is known once it was opened.
	register register.Register
	// record is the run's in the register there; nil as long as it has not begun.
	record *register.Run
	// status is how it ended here by this run; "" before.
	status register.RunStatus
	// before: another run had ended the slot here.
	before bool
}

// ended reports whether nothing is left to do here.
func (p *place) ended() bool { return p.status != "" || p.before }

func (w *work) place(address string) *place {
	for _, p := range w.places {
		if p.connection.Address == address {
			return p
		}
	}
	return nil
}

// session is an open destination.
type session struct {
	providers.Destination
	conn     *sql.Conn
	register register.Register
	wait     time.Duration
}

func (r *runner) open(ctx context.Context, c *config.Connection) (*session, error) {
	opened, err := plan.OpenDestination(ctx, r.opts.Providers, c, r.cfg.Dir)
	if err != nil {
		return nil, err
	}
	s := &session{Destination: opened, register: register.New(opened.Dialect()), wait: r.opts.LockTimeout}
	if s.conn, err = opened.Conn(ctx); err != nil {
		s.close()
		return nil, fmt.Errorf("connect to %s: %w", c.Address, s.safe(err))
	}
	if _, err := s.register.Meta(ctx, s.conn); err != nil {
		s.close()
		return nil, fmt.Errorf("%s: %w", c.Address, s.safe(err))
	}
	return s, nil
}

func (s *session) safe(err error) error { return providers.SafeError(s.Destination, err) }

// close ignores what goes wrong: what was committed is committed.
func (s *session) close() {
	if s.conn != nil {
		_ = s.conn.Close()
	}
	_ = s.Close()
}

// write does something to the register in a transaction of its own.
func (s *session) write(ctx context.Context, work func(tx *sql.Tx) error) error {
	tx, err := s.Begin(ctx, s.conn, s.wait)
	if err != nil {
		return fmt.Errorf("begin: %w", s.safe(err))
	}
	if err := work(tx); err != nil {
		if undone := tx.Rollback(); undone != nil && !errors.Is(undone, sql.ErrTxDone) {
			err = errors.Join(err, fmt.Errorf("roll back: %w", undone))
		}
		return s.safe(err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", s.safe(err))
	}
	return nil
}

// recordTries is how often a run is begun where another process begins the same one just then.
const recordTries = 3

// enter begins the run in a destination, or looks what has become of it since the last attempt. It returns the syncs to be run
// there.
func (w *work) enter(ctx context.Context, p *place) ([]string, error) {
	s, err := w.open(ctx, p.connection)
	if err != nil {
		return nil, err
	}
	defer s.close()
	p.register = s.register
	pauses, err := s.register.Pauses(ctx, s.conn)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.connection.Address, s.safe(err))
	}
	targets := w.leavePaused(p, pauses)
	if len(targets) == 0 {
		return nil, nil
	}
	if p.record == nil {
		err = w.beginRecord(ctx, s, p)
	} else {
		err = w.followRecord(ctx, s, p)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.connection.Address, err)
	}
	if !p.ended() {
		return targets, nil
	}
	// Whoever committed it may have been killed before what follows a commit.
	if publisher, ok := s.Destination.(providers.Publisher); ok {
		if err := publisher.Publish(ctx, s.conn); err != nil {
			return nil, fmt.Errorf("%s: publish: %w", p.connection.Address, s.safe(err))
		}
	}
	return nil, nil
}

// leavePaused notes which of the unit's syncs are paused in a destination, and returns the others.
func (w *work) leavePaused(p *place, pauses map[string]register.Pause) []string {
	var others []string
	for i := range w.out.Syncs {
		sync := &w.out.Syncs[i]
		if sync.Destination != p.connection.Address {
			continue
		}
		sync.Paused = ""
		pause, paused := pauses[sync.Sync]
		if !paused {
			others = append(others, sync.Sync)
			continue
		}
		sync.Paused = fmt.Sprintf("paused by %s since %s: %s", pause.PausedBy, pause.PausedOn.UTC().Format("2006-01-02 15:04 UTC"), pause.Reason)
	}
	return others
}

func (w *work) beginRecord(ctx context.Context, s *session, p *place) error {
	run := register.Run{
		ID: p.id, RunID: w.request.ID, Unit: w.address, Attempt: 1, Status: register.RunRunning, StartedOn: w.now(), StartedBy: w.opts.StartedBy,
	}
	if w.scheduled() {
		run.ID = register.SlotID(w.request.Schedule, w.address, w.request.Slot)
		run.Schedule, run.Slot = w.request.Schedule, w.request.Slot
	}
	for try := 1; ; try++ {
		err := s.write(ctx, func(tx *sql.Tx) (err error) {
			p.record, err = s.register.BeginRun(ctx, tx, run)
			return err
		})
		if err == nil {
			break
		}
		p.record = nil
		if ctx.Err() != nil || try == recordTries {
			return err
		}
	}
	p.before = p.record.Status != register.RunRunning
	return nil
}

// clockSkew is by how much the clock of a process that takes a run over may be behind.
const clockSkew = 24 * time.Hour

// followRecord looks whether the run is still this process's. A commit of which nothing was heard may have
// ended it.
func (w *work) followRecord(ctx context.Context, s *session, p *place) error {
	var now *register.Run
	err := s.register.Runs(ctx, s.conn, p.record.StartedOn.Add(-clockSkew), 0, func(run *register.Run) error {
		if run.ID == p.record.ID {
			now = run
		}
		return nil
	})
	switch {
	case err != nil:
		return s.safe(err)
	case now == nil || now.Attempt != p.record.Attempt:
		return register.ErrTakenOver
	case now.Status != register.RunRunning:
		p.status = now.Status
		w.out.PlanID = now.PlanID
	}
	return nil
}

// end ends the record of a run, within a transaction.
func (w *work) end(ctx context.Context, reg register.Register, q providers.Querier, p *place, status register.RunStatus, text string) error {
	run := *p.record
	run.Status, run.EndedOn, run.PlanID, run.Message = status, w.now(), w.out.PlanID, text
	return reg.EndRun(ctx, q, run)
}

// endAlone ends the record of a run that writes nothing else.
func (w *work) endAlone(ctx context.Context, p *place, status register.RunStatus, text string) error {
	s, err := w.open(ctx, p.connection)
	if err != nil {
		return err
	}
	defer s.close()
	err = s.write(ctx, func(tx *sql.Tx) error { return w.end(ctx, s.register, tx, p, status, text) })
	if err != nil {
		return fmt.Errorf("%s: record how the run ended: %w", p.connection.Address, err)
	}
	p.status = status
	return nil
}

// recordTimeout bounds what is recorded of a run whose own time is over.
const recordTimeout = 20 * time.Second

// fail ends a unit that is not tried again.
func (w *work) fail(ctx context.Context, cause error) {
	interrupted := ctx.Err() != nil
	if interrupted {
		cause = &interruptedError{cause: ctx.Err()}
	}
	w.out.Outcome, w.out.Message = Failed, message(cause)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	w.log.WarnContext(ctx, "unit failed", "unit", w.address, "attempt", w.out.Attempts, "plan", w.out.PlanID, "error", brief(cause))
	if interrupted && w.opts.Resumed && w.scheduled() {
		return
	}
	for _, p := range w.places {
		if p.record == nil || p.ended() {
			continue
		}
		switch err := w.endFailed(ctx, p, brief(cause)); {
		case err == nil:
		case !errors.Is(err, register.ErrTakenOver):
			w.log.WarnContext(ctx, "the run stays recorded as running", "unit", w.address, "error", brief(err))
		case w.lost(ctx, p):
			// Then that is why it failed, whatever the database said.
			w.out.Message = register.ErrTakenOver.Error()
		}
	}
}

// endFailed tries for as long as ctx lasts: the connection may be lost again, and nobody else ends the record.
func (w *work) endFailed(ctx context.Context, p *place, text string) error {
	for {
		err := w.endAlone(ctx, p, register.RunFailed, text)
		if err == nil || !providers.Transient(w.opts.Providers, err) || sleep(ctx, time.Second) != nil {
			return err
		}
	}
}

// lost reports whether another process has the run. Its record may have ended by a commit of this one, too, of
// which nothing was heard.
func (w *work) lost(ctx context.Context, p *place) bool {
	s, err := w.open(ctx, p.connection)
	if err != nil {
		return false
	}
	defer s.close()
	return errors.Is(w.followRecord(ctx, s, p), register.ErrTakenOver)
}

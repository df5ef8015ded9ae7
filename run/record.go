package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
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
	// unpublished: it has ended here, and what follows the commit failed.
	unpublished bool
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
	if p.ended() {
		return nil, w.publish(ctx, s, p)
	}
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
	return nil, w.publish(ctx, s, p)
}

// publish does what follows a commit: whoever committed may have been killed before.
func (w *work) publish(ctx context.Context, s *session, p *place) error {
	publisher, ok := s.Destination.(providers.Publisher)
	if !ok {
		return nil
	}
	p.unpublished = true
	if err := publisher.Publish(ctx, s.conn); err != nil {
		return fmt.Errorf("%s: publish: %w", p.connection.Address, s.safe(err))
	}
	p.unpublished = false
	return nil
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
		ID: p.id, RunID: w.request.ID, Unit: w.address, StartedOn: w.now(), StartedBy: w.opts.StartedBy,
	}
	if w.scheduled() {
		run.ID = register.SlotID(w.request.Schedule, w.address, w.request.Slot)
		run.Schedule, run.Slot = w.request.Schedule, w.request.Slot
	}
	// Without a transaction, for which it would have to wait where the one who runs it is writing.
	there, err := s.register.Run(ctx, s.conn, run.ID)
	if err != nil {
		return s.safe(err)
	}
	if there != nil && there.Status == register.RunRunning {
		if err := w.claim(ctx, s, there, 0); err != nil {
			return err
		}
		run.Attempt = there.Attempt
	}
	for try := 1; ; try++ {
		err := s.write(ctx, func(tx *sql.Tx) (err error) {
			there, err = s.register.BeginRun(ctx, tx, run)
			return err
		})
		if err == nil {
			p.record = there
			break
		}
		if errors.Is(err, register.ErrRunning) && ctx.Err() == nil {
			if err = w.claim(ctx, s, there, run.Attempt); err != nil {
				return err
			}
			run.Attempt = there.Attempt
			continue
		}
		if ctx.Err() != nil || try == recordTries {
			return err
		}
	}
	switch {
	case p.record.Status == register.RunRunning:
		w.holdLease(ctx, p)
	case p.record.RunID == w.request.ID && p.record.Status != register.RunFailed:
		// This very run had ended it, in a process that died before it told.
		p.status, w.out.PlanID = p.record.Status, p.record.PlanID
	default:
		p.before = true
	}
	return nil
}

// followRecord looks whether the run is still this process's. A commit of which nothing was heard may have
// ended it.
func (w *work) followRecord(ctx context.Context, s *session, p *place) error {
	now, err := s.register.Run(ctx, s.conn, p.record.ID)
	switch {
	case err != nil:
		return s.safe(err)
	case now == nil || now.Attempt != p.record.Attempt:
		return register.ErrTakenOver
	case now.Status != register.RunRunning:
		p.status, p.record = now.Status, now
		w.out.PlanID = now.PlanID
	}
	return nil
}

// ended is the record of a run as it is to end.
func (w *work) ended(p *place, status register.RunStatus, text string) *register.Run {
	run := *p.record
	run.Status, run.EndedOn, run.PlanID, run.Message = status, w.now(), w.out.PlanID, text
	return &run
}

// endAlone ends the record of a run that writes nothing else.
func (w *work) endAlone(ctx context.Context, p *place, status register.RunStatus, text string) error {
	s, err := w.open(ctx, p.connection)
	if err != nil {
		return err
	}
	defer s.close()
	ended := w.ended(p, status, text)
	if err = s.write(ctx, func(tx *sql.Tx) error { return s.register.EndRun(ctx, tx, *ended) }); err != nil {
		return fmt.Errorf("%s: record how the run ended: %w", p.connection.Address, err)
	}
	p.status, p.record = status, ended
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
	w.out.Outcome, w.out.Message, w.out.Detail = Failed, brief(cause), ""
	if detail := message(cause); detail != w.out.Message {
		w.out.Detail = detail
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	// Whoever has lost one record leaves the others to who took it over.
	silent := interrupted && w.opts.Resumed && w.scheduled() || errors.Is(cause, register.ErrTakenOver)
	for _, p := range w.places {
		if p.record == nil || p.ended() {
			continue
		}
		var err error
		if !silent {
			err = w.endFailed(ctx, p, brief(cause))
		}
		switch {
		case !silent && err == nil:
		case !silent && !errors.Is(err, register.ErrTakenOver):
			w.log.WarnContext(ctx, "the run stays recorded as running", "unit", w.address, "error", brief(err))
		case w.lost(ctx, p):
			// Then that is why it failed, whatever the database said.
			silent = true
			w.out.Message, w.out.Detail = register.ErrTakenOver.Error(), ""
		}
	}
	text := "unit failed"
	if w.committed() {
		text, w.out.Detail = "nothing was heard of a commit that went through", ""
		w.conclude()
	} else {
		w.out.Applied = w.applied()
	}
	w.log.WarnContext(ctx, text, "unit", w.address, "attempt", w.out.Attempts, "plan", w.out.PlanID, "error", brief(cause))
}

// applied lists the destinations in which this run wrote something that stays.
func (w *work) applied() []string {
	var addresses []string
	for _, p := range w.places {
		if p.status == register.RunApplied || p.status == register.RunPartial {
			addresses = append(addresses, p.connection.Address)
		}
	}
	return addresses
}

// committed reports whether the unit has ended wherever it is to be run, and not by failing.
func (w *work) committed() bool {
	one := false
	for _, p := range w.places {
		switch {
		case p.unpublished || p.status == register.RunFailed:
			return false
		case p.ended():
			one = true
		case p.record != nil || w.runsAt(p):
			return false
		}
	}
	return one
}

// runsAt reports whether a sync of the unit is to be run in a destination: one that is not paused.
func (w *work) runsAt(p *place) bool {
	return slices.ContainsFunc(w.out.Syncs, func(s SyncResult) bool { return s.Destination == p.connection.Address && s.Paused == "" })
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
	if err := w.followRecord(ctx, s, p); err != nil {
		return errors.Is(err, register.ErrTakenOver)
	}
	if p.ended() {
		if err := w.publish(ctx, s, p); err != nil {
			w.log.WarnContext(ctx, "committed, and not published", "unit", w.address, "error", brief(err))
		}
	}
	return false
}

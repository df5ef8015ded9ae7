// Package state keeps what the service must remember beside the registers: which slots were handed
// out, what became of runs, who has been told of what, and which replicas live. It is an SQLite file for one
// process, or a PostgreSQL database that several replicas share.
package state

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/run"
)

// Job is a slot to be run.
type Job struct {
	// RunID is a UUID, of the run that it will be.
	RunID    string
	Schedule string
	Slot     time.Time
	// Start is when it may begin: as long after it was claimed as Start is after Claim's now, by the clock
	// of the database. Zero, or not after now: at once.
	Start        time.Time
	Trigger      run.Trigger
	ConfigDigest string // of the replica that handed it out

	// Begun: a process that died, or was to end, had begun it. Silence is how long nobody had told that he works
	// on it when it was handed to Handle, by the clock of the database. Claim ignores both.
	Begun   bool
	Silence time.Duration
}

// WorkOptions are how jobs are worked on.
type WorkOptions struct {
	// Jobs at a time in this process, at least 1.
	Jobs int
	// Takeover is how long a replica that died keeps its job before another takes it over; 1 min where
	// it is 0. A replica that lives tells so six times as often, so that jobs may take longer than that.
	// Nobody takes over from the one process of an SQLite state.
	Takeover time.Duration
	// Replica is the ID under which this process beats; "": none.
	Replica string
	// Grace is how long jobs that have started may go on after the context ended; then their context ends, too.
	Grace time.Duration
	// Handle runs a job to its end. ErrNotMine gives it back for another replica, and of *MissedError its reason is
	// recorded. Any other error is recorded, and the job is done. But where the context ended first, because the
	// service stops, an error means that the job must be run again. The context's cause says why it ended:
	// ErrStopping or ErrTakenOver.
	//
	// Of a schedule one job is handled at a time.
	Handle func(ctx context.Context, job Job) error
	// Working is told, with nil, that jobs are taken, and with what prevents it that they are not; nil: nobody is.
	Working func(err error)
	Log     *slog.Logger // nil: none
}

// ErrNotMine: this replica should not run the job now; another, or this one, may soon.
var ErrNotMine = errors.New("the job is another replica's")

// Why the context of a job ended.
var (
	// ErrStopping: the context of Work ended, and so did the time of grace.
	ErrStopping = errors.New("the service is stopping")
	// ErrTakenOver: for too long nobody heard of this replica, and another has the job now.
	ErrTakenOver = errors.New("another replica has taken the job over")
)

// MissedError is what Handle returns of a slot that is not to be run any more: it is recorded as missed.
type MissedError struct{ Why string }

func (m *MissedError) Error() string { return "the slot is not run: " + m.Why }

// Alert is what a notifier has said of a subject.
type Alert struct {
	Notifier, Subject string // Subject is a unit
	State             string // failed, held or ok
	Since             time.Time
	SentOn            time.Time
	Suppressed        int64 // messages not sent since SentOn
}

// Replica is a process that serves.
type Replica struct {
	ID, Host, Version, ConfigDigest string
	SeenOn                          time.Time
}

// Slot is a slot as it was handed out.
type Slot struct {
	Job
	Status    string // pending, running, done, missed
	ClaimedOn time.Time
	EndedOn   time.Time // zero until then
	// Why it was missed, or how its handler failed; "" otherwise.
	Why string
}

// The statuses of slots.
const (
	pending = "pending"
	running = "running"
	done    = "done"
	missed  = "missed"
)

// Store is the service's state. It is safe for several goroutines.
type Store interface {
	// Claim records a slot and queues its job, in one transaction; false where it is recorded already.
	Claim(ctx context.Context, job Job, now time.Time) (bool, error)
	// Miss records a slot that is not run; false where it is recorded already.
	Miss(ctx context.Context, schedule string, slot time.Time, why string, now time.Time) (bool, error)
	// LastSlot is the latest slot recorded of a schedule; zero where there is none.
	LastSlot(ctx context.Context, schedule string) (time.Time, error)
	// Slots returns the latest slots of all schedules, latest first.
	Slots(ctx context.Context, limit int) ([]Slot, error)
	// Work takes jobs and handles them until ctx ends, then waits for those that have started and
	// returns nil. A database that is down for a while does not end it. It is an error at once where another
	// process works on the same SQLite file.
	Work(ctx context.Context, o WorkOptions) error
	// Acquire waits until fewer than limit, which is at least 1, hold a destination, over all replicas. What
	// a process holds that dies is free again; release may be called more than once.
	Acquire(ctx context.Context, destination string, limit int) (release func(), err error)

	// SaveRun records a run, or replaces what is recorded of it. For LastResults a unit that was done before hides no
	// other outcome that it had in the same run.
	SaveRun(ctx context.Context, r *run.Result) error
	// Runs returns runs, latest first.
	Runs(ctx context.Context, limit int) ([]run.Result, error)
	// History visits the runs behind a place, latest first, until visit returns false or there is none.
	History(ctx context.Context, behind Place, visit func(*run.Result) bool) error
	// Run returns one, nil where there is none of that id.
	Run(ctx context.Context, id string) (*run.Result, error)
	// LastResults returns, by the address of a sync, the latest unit that had it with its run.
	LastResults(ctx context.Context) (map[string]LastResult, error)

	// Alert returns what a notifier last said of a subject; the zero State where it never did.
	Alert(ctx context.Context, notifier, subject string) (Alert, error)
	SaveAlert(ctx context.Context, a Alert) error

	// Beat tells that a replica lives, Leave that it ends in order; Replicas returns those seen since. Who works on an
	// SQLite file is the only one there.
	Beat(ctx context.Context, r Replica) error
	Leave(ctx context.Context, id string) error
	Replicas(ctx context.Context, since time.Time) ([]Replica, error)

	// Prune forgets runs, slots and replicas that ended before; of each schedule its latest slot stays,
	// and so does what LastResults returns.
	Prune(ctx context.Context, before time.Time) error
	// Close is for when Work has returned and nothing is held any more.
	Close() error
}

// LastResult is the latest that became of a sync.
type LastResult struct {
	RunID string
	Unit  run.UnitResult
	Sync  run.SyncResult
}

// Open opens a state, and makes its tables where there are none. location is the path of an SQLite file or
// the URL of a PostgreSQL database, which may hold a password: errors do not repeat it.
func Open(ctx context.Context, location string) (Store, error) {
	scheme, _, isURL := strings.Cut(location, "://")
	switch {
	case location == "":
		return nil, errors.New("the service's state needs the path of a file, or the URL of a PostgreSQL database")
	case !isURL:
		return openEmbedded(ctx, location)
	case strings.EqualFold(scheme, "postgres"), strings.EqualFold(scheme, "postgresql"):
		return openShared(ctx, location)
	default:
		return nil, fmt.Errorf("the service's state is a file or a PostgreSQL database (postgres://user:password@host:port/database), not %s://", scheme)
	}
}

package providers

import (
	"context"
	"time"
)

// Examiner is a Source or Destination that can say how well it is set up.
type Examiner interface {
	// Examine asks the server; it returns findings in a fixed order, and changes nothing.
	// An error means that nothing could be asked.
	Examine(ctx context.Context) ([]Finding, error)
}

// PrivilegeExaminer is a Source or Destination that can say whether it may do what a configuration
// asks of it.
type PrivilegeExaminer interface {
	// Privileges compares what may be done with what is needed: a finding for each thing that is
	// missing, whose Remedy is the statement that grants it, or, where nothing is, one that is
	// FindingOK. A role of a source that could write, which it need not, is a warning. No rows
	// are read. An error means that nothing could be asked.
	Privileges(ctx context.Context, needed Needs) ([]Finding, error)
}

// ClockReader is a Source or Destination whose server has a clock of its own.
type ClockReader interface {
	// ServerTime is the present time of the server's clock.
	ServerTime(ctx context.Context) (time.Time, error)
}

// Adviser is a Provider that knows what helps where a connection cannot be opened or examined.
type Adviser interface {
	// Advice says what to do about an error of its OpenSource, OpenDestination or Examine; "" where
	// the error says it itself. It repeats nothing that may be secret.
	Advice(err error) string
}

// Needs is what a configuration does with a connection.
type Needs struct {
	// Tables are in the order of the configuration, each once. Those of a destination exist; one
	// that a source lacks is a FindingProblem.
	Tables []TableNeed
	// Register: it holds one, which is used. False for sources.
	Register bool
	// Apply: plans are applied, too, not only made. False for sources.
	Apply bool
}

// TableNeed says what a configuration does with a table. On a source only Select is ever true.
type TableNeed struct {
	Table  string // as named in the configuration
	Select bool
	Insert bool
	Update bool
	Delete bool
	// Referrers: the rows of other tables that refer to rows of this one are counted.
	Referrers bool
}

// Writes reports whether the table is written.
func (n TableNeed) Writes() bool { return n.Insert || n.Update || n.Delete }

// Finding is one thing found out about a connection.
type Finding struct {
	Subject string // "version", "tls", "charset", "time zone", "privileges", "snapshot", …: one or two words
	State   FindingState
	Found   string // what is: "19.21", "TLS 1.3, certificate verified"; one line, never a secret
	Remedy  string // what to do; "" where State is FindingOK
}

// FindingState says how bad a Finding is; the value is what outputs spell.
type FindingState string

// The states, from good to bad.
const (
	FindingOK      FindingState = "ok"
	FindingWarning FindingState = "warning" // works, but not as it should
	FindingProblem FindingState = "problem" // a plan or an apply would fail
)

package config

// Check looks for what is wrong, in a source, in a destination as it is before the plan, or
// in the rows that a sync of the plan staged. What it finds is shown with the plan
// and recorded.
type Check struct {
	Address  string // check.remote_status
	Name     string // remote_status
	Severity CheckSeverity
	Code     string // "" unless set
	// From is the source or destination that Query is run on, read-only; each row it
	// returns is a finding. Nil where Staged is set.
	From   *Connection
	Query  string
	Params []Param
	// Staged are the addresses of the instances whose staged rows are looked at; Where is
	// true for a row that is a finding. Rows are named by the destination's columns.
	Staged []string
	Where  Expr
	// Message is text. Its references, and those of Where, are to the columns of the query
	// or of the staged rows.
	Message Expr
	// Key are columns of the query that identify what is found, for outputs; may be
	// empty. For staged rows it is the sync's key.
	Key []string
	// Sensitive are columns that are not shown; the message then reads
	// "(sensitive)" in their place.
	Sensitive []string
	// AllSensitive: no column is shown, whatever Sensitive lists.
	AllSensitive bool
	// Shown are the columns of the query that a policy lets outputs show, and messages name.
	Shown *Shown
	// Blocks are the addresses of the instances that an error holds.
	Blocks []string
	Range  Range // the block's header
	// QueryRange is the query or the condition.
	QueryRange Range
}

// CheckSeverity is how bad a finding is.
type CheckSeverity string

// The severities. Errors hold the syncs that the check blocks.
const (
	CheckInfo    CheckSeverity = "info"
	CheckWarning CheckSeverity = "warning"
	CheckError   CheckSeverity = "error"
)

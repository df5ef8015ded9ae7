package config

// Assert is a rule that rows of the source must obey.
type Assert struct {
	Name string
	// Condition is true for rows that obey; NULL counts as false.
	Condition Expr
	Message   Expr // text
	OnFailure AssertFailure
	// Sensitive: the message reads what a sensitive column reads, and is not shown.
	Sensitive bool
	Range     Range
}

// AssertFailure is what happens to a row that does not obey an assert.
type AssertFailure string

// The values of on_failure.
const (
	WarnFailure   AssertFailure = "warn"   // the row is written, and a finding says so
	RejectFailure AssertFailure = "reject" // the row in the destination stays as it is; the default
	StopFailure   AssertFailure = "stop"   // the plan fails
)

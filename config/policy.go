package config

import "time"

// Policy is a policy block: a rule that what a plan would do must obey.
type Policy struct {
	Address string // policy.september, or policy.september["hss"]
	Name    string
	// Syncs are the addresses of the instances whose operations it looks at, at least one. Where a
	// plan has none of them, it is not asked.
	Syncs     []string
	OnFailure PolicyFailure
	// Judge reports whether a plan obeys; message, which is made of numbers and times only, says why it
	// does not. An error, on which OnFailure is what happens, too, has its place. It is safe for concurrent use.
	Judge func(PlanFacts) (obeys bool, message string, err error)
	Range Range // the block's header
}

// PolicyFailure is what happens to a plan that does not obey a policy.
type PolicyFailure string

// The values of on_failure of a policy.
const (
	HoldPlan PolicyFailure = "hold" // as a guard does; the default
	WarnPlan PolicyFailure = "warn" // it is shown and recorded
	StopPlan PolicyFailure = "stop" // the plan fails
)

// PlanFacts is what a policy knows of a plan.
type PlanFacts struct {
	// Now is when the plan was made, in the settings' time zone.
	Now         time.Time
	Speculative bool
	// Syncs are those of the policy that the plan has, in its order.
	Syncs []SyncFacts
}

// SyncFacts is what a policy knows of one sync of a plan.
type SyncFacts struct {
	Sync, Faculty string
	// Counts are the operations planned.
	Counts                                       map[Operation]int64
	SourceRows, LiveRows, ArchivedRows, Rejected int64
}

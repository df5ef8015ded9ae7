package config

import "time"

// DefaultFullEvery is how often an incremental sync's whole source is compared unless
// full_every says so: deletions are then seen a day late at most.
const DefaultFullEvery = 24 * time.Hour

// Incremental lets most plans of a sync read only the records that changed.
type Incremental struct {
	// Watermark is the source's column that grows with each insert and each update. Whether
	// its type does is left to package plan.
	Watermark ColumnRef
	// FullEvery is how old the last applied full comparison may be, a minute or more.
	FullEvery time.Duration
	// Overlap is how far a plan reads back before the last watermark, for transactions that
	// commit late; nil: as the column's type asks for.
	Overlap *time.Duration
	Range   Range // the block's header
}

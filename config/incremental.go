package config

import "time"

// DefaultFullEvery is how often an incremental sync's whole source is compared unless
// full_every says so: deletions are then seen a day late at most.
const DefaultFullEvery = 24 * time.Hour

// The least and the greatest value of Incremental.Fingerprints.
const (
	MinFingerprints = 2
	MaxFingerprints = 1 << 16
)

// Incremental lets plans of a sync read only the records that changed.
type Incremental struct {
	// Fingerprints is the number of buckets of which both databases compute fingerprints, from
	// MinFingerprints to MaxFingerprints. 0: Watermark and what follows says what changed.
	Fingerprints int
	// Watermark is the source's column that grows with each insert and each update. Whether
	// its type does is left to package plan.
	Watermark ColumnRef
	// FullEvery is how old the last applied full comparison may be, a minute or more.
	FullEvery time.Duration
	// Overlap is how far a plan reads back before the last watermark, for transactions that
	// commit late; nil: as the column's type asks for.
	Overlap *time.Duration
	// Sensitive: a policy does not let outputs show the watermark.
	Sensitive bool
	Range     Range // the block's header
}

// ByWatermark reports whether the sync has a watermark.
func (i *Incremental) ByWatermark() bool { return i != nil && i.Fingerprints == 0 }

package config

// Guard holds a sync that would do too much.
type Guard struct {
	// MinSourceRows is 1 unless set, and 0 for a sync of queries. A source with fewer rows
	// holds the sync where the scope has rows that it could remove.
	MinSourceRows int64
	// MinSourceRatio is the least number of source rows as a percentage of those of the
	// last applied plan; 0: none.
	MinSourceRatio float64
	// A nil limit is none.
	MaxInsert, MaxUpdate *Limit
	MaxDelete            *Limit // archives count
	MaxUndelete          *Limit
	MaxPurge             *Limit // a share is of the archived rows
	MaxReject            *Limit // a share is of the source's rows
	OnBreach             OnBreach
	Range                Range
}

// OnBreach is what a guard does.
type OnBreach string

// The values of on_breach.
const (
	Hold        OnBreach = "hold"         // the plan is held; the default
	HoldDeletes OnBreach = "hold_deletes" // a breach of max_delete, max_purge or the source's size withholds removals only
)

// Limit is a count of rows, or a share of the scope's live rows.
type Limit struct {
	Count   int64   // used where Percent is 0
	Percent float64 // above 0, up to 100
	// Least is the number of rows below which the share is not asked for.
	Least int64
	Range Range
}

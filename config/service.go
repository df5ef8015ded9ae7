package config

import "time"

// Atomic is how many syncs one transaction of a run spans in each destination.
type Atomic string

// The units of a run.
const (
	AtomicSync    Atomic = "sync"
	AtomicFaculty Atomic = "faculty" // the syncs of a faculty; one without a faculty is by itself
	AtomicAll     Atomic = "all"
)

// Retry is how a run tries again where a source or a destination is down.
type Retry struct {
	// Attempts in all, 1 to 100; 4 unless set.
	Attempts int
	// Wait is before the second attempt and doubles from one to the next, up to MaxWait; 30 s and 10 min
	// unless set.
	Wait, MaxWait time.Duration
}

// Service says when the service may start runs, whatever their schedules say (a run that has
// started ends), and how many at a time.
type Service struct {
	Timezone *time.Location
	Active   []Period
	Windows  []Window
	Except   []Exception
	// RunsPerDestination at a time, over all replicas; at least 1, which it is unless set.
	RunsPerDestination int
	// Range is empty where there is no service block.
	Range Range
}

package config

import "time"

// Schedule says when the syncs that name it run. Exactly one of Every, At and
// Cron is set.
type Schedule struct {
	Address  string // schedule.working_hours
	Name     string
	Timezone *time.Location
	// Every is whole minutes, divides 24 h and is anchored at local midnight.
	Every time.Duration
	// At are times of day, from midnight, sorted.
	At []time.Duration
	// Cron is a five-field expression.
	Cron   string
	Jitter time.Duration
	// CatchUp is catch_up = "last": of slots that could not start at their time the last one does, as soon as it may.
	CatchUp bool
	Active  []Period
	Windows []Window
	Except  []Exception
	Range   Range
}

// Period is a span of local days, both included; a zero time is open. The days are
// midnights in UTC, of which only the date counts.
type Period struct {
	From, Until time.Time
	Range       Range
}

// Window is when runs may start.
type Window struct {
	Days  []time.Weekday // empty: every day
	Hours Hours
	Range Range
}

// Hours is a span of local times from midnight, both ends inclusive to the
// minute. Where From is after Until it runs past midnight. The zero Hours is the
// whole day.
type Hours struct {
	From, Until time.Duration
}

// Exception is when runs may not start, though a window is open: on days of which all holds that is set.
type Exception struct {
	Name string
	Days []time.Weekday
	// Dates are midnights in UTC, of which only the date counts.
	Dates  []time.Time
	Period Period
	Hours  Hours
	Range  Range
}

package config

import (
	"slices"
	"time"
)

// OnMissing is what happens to a row of ours that the source no longer has.
type OnMissing string

// The values of on_missing.
const (
	KeepMissing    OnMissing = "keep"
	ArchiveMissing OnMissing = "archive"
	DeleteMissing  OnMissing = "delete"
)

// Lifecycle is a sync's lifecycle block.
type Lifecycle struct {
	OnMissing OnMissing // keep unless set
	// Archive is what archiving sets.
	Archive []Assignment
	// Restore is what undeleting sets, and inserting too.
	Restore []Assignment
	// Archived says which rows are archived. Where it is nil, ArchivedColumn does: a row is
	// archived when that column is not NULL and not after the plan's time.
	Archived *Predicate
	// ArchivedColumn is the one that Archive sets to now(); "" where Archived is
	// set, or where nothing is ever archived.
	ArchivedColumn string
	// ArchivedSince is the column that PurgeAfter counts from; "" where PurgeAfter is 0.
	ArchivedSince string
	// PurgeAfter is how long a row stays archived before it is deleted for good; 0: for ever.
	PurgeAfter time.Duration
	// Protect says which rows are neither updated nor removed; nil: none.
	Protect *Predicate
	// Stamps are set to now() by the operations they name.
	Stamps []Stamp
	// IgnoreChanges are mapped columns written by inserts only.
	IgnoreChanges []string
	// Operations are those that may be done; others are counted and reported.
	Operations []Operation
	Range      Range
}

// Allows reports whether the operation may be done.
func (l *Lifecycle) Allows(o Operation) bool {
	return slices.Contains(l.Operations, o)
}

// Archives reports whether rows can be archived, by this sync or by others.
func (l *Lifecycle) Archives() bool { return l.Archived != nil || l.ArchivedColumn != "" }

// Stamp sets a column to the apply's instant. On "update" it is set by updates,
// undeletes, renames and adoptions.
type Stamp struct {
	Column string
	On     Operation // Insert, Update, Archive or Undelete
	Range  Range
}

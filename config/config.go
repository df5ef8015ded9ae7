// Package config holds what a configuration compiles to: plain data, free of
// the language it was written in. Package hcl produces it; plan, apply and the
// commands read it.
//
// Everything here has been validated as far as the files alone allow; only what
// needs a database (do the tables exist, do the types fit) is left to package plan.
package config

import (
	"slices"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
)

// Config is one compiled configuration directory.
type Config struct {
	// Dir is the configuration's root; relative paths in providers' blocks start here.
	Dir string
	// Files maps the path of each file read, relative to Dir and with forward
	// slashes, to its content: for snippets in diagnostics.
	Files map[string][]byte
	// Digest is the lower-case hexadecimal SHA-256 of the configuration: every
	// file it read and the values of variables that are not sensitive. Two
	// configurations of equal digest plan alike.
	Digest   string
	Settings Settings

	Sources      []*Connection
	Destinations []*Connection
	Faculties    []*Faculty
	Schedules    []*Schedule
	Notifiers    []*Notifier
	// Syncs are the instances, those of for_each expanded, in the order in which
	// depends_on allows them to run; otherwise as written, instances by key.
	Syncs []*Sync
}

// Settings is the registrar block.
type Settings struct {
	// PlanTTL is how long a saved plan may be applied; 72 h unless set.
	PlanTTL time.Duration
	// Timezone is where wall clocks are when a value without a zone meets a
	// column with one, and what now() writes into a column without one; UTC
	// unless set.
	Timezone *time.Location
}

// Connection is a source or destination block: how to reach a database or a
// folder of files.
type Connection struct {
	Address  string // source.csv.rooms
	Provider string // csv
	Name     string // rooms
	// Attributes are the block's arguments as the provider's spec declares them:
	// string, bool, int64, *big.Float, []any, map[string]any or nil. They may be
	// secret: never print them.
	Attributes map[string]any
	Range      Range
}

// Faculty is a faculty block.
type Faculty struct {
	Address  string // faculty.hss
	Label    string // hss
	Name     string
	Code     string
	Schedule *Schedule
	Notify   []*Notifier
	Range    Range
}

// Sync keeps one table of a destination in step with one source query.
type Sync struct {
	Address string // sync.rooms["hss"]
	Name    string // rooms
	// Faculty is the label of the faculty it runs for, "" for none.
	Faculty     string
	Source      SyncSource
	Destination SyncDestination
	// Columns are the mapped columns, in the order written. The key's columns
	// are among them.
	Columns   []Column
	Lifecycle Lifecycle
	Guard     Guard
	// DependsOn are the addresses of the instances that must run first.
	DependsOn []string
	Schedule  *Schedule
	Notify    []*Notifier
	Range     Range // the block's header
}

// SyncSource says which rows are read. Exactly one of Table and Query is set.
type SyncSource struct {
	From   *Connection
	Table  string
	Query  string
	Params []Param
	Range  Range // the table or query attribute
}

// Param is a value bound to :name in a query.
type Param struct {
	Name  string
	Value value.Value
	Range Range
}

// SyncDestination says which rows of which table are kept in step.
type SyncDestination struct {
	Into  *Connection
	Table string
	// Key identifies a row; one column or several, all of them mapped.
	Key []string
	// Scope holds the constants that mark a row as this sync's; empty exactly
	// when OwnsTable. Scope columns are never mapped: inserts set them.
	Scope         []Assignment
	OwnsTable     bool
	UnenforcedKey bool // the key may lack a unique index; the table is locked instead
	TableRange    Range
	KeyRange      Range
	Range         Range // the destination block's header
}

// Column is one mapped column.
type Column struct {
	Name      string
	Expr      Expr
	Sensitive bool // masked in every output
	Range     Range
}

// Expr computes a column's value from a source row.
type Expr struct {
	// Refs are the source columns it reads, in the order in which Bind takes
	// their indexes.
	Refs []ColumnRef
	// Plain is set where the whole expression is a reference to Refs[0].
	Plain bool
	// Bind returns the compiled expression for a source whose column Refs[i]
	// is row[index[i]]. The result is safe for concurrent use.
	Bind  func(index []int) Eval
	Range Range
}

// Eval computes a value from a source row. It keeps no reference to row. Its
// errors never repeat a row's values.
type Eval func(row []value.Value) (value.Value, error)

// ColumnRef is a reference to a source column.
type ColumnRef struct {
	Name string
	// Exact: written row["x"], so that case counts; row.x ignores it.
	Exact bool
	Range Range
}

// Assignment sets a destination column to a constant, or to the apply's instant.
type Assignment struct {
	Column string
	Value  value.Value
	Now    bool // now(): Value is NULL
	Range  Range
}

// Operation is what a plan does to a row; the value is what the register,
// the digest and the outputs spell.
type Operation string

// The operations.
const (
	Insert   Operation = "insert"
	Update   Operation = "update"
	Archive  Operation = "archive"
	Delete   Operation = "delete"
	Undelete Operation = "undelete"
)

// Operations lists every operation in the order in which summaries name them.
var Operations = []Operation{Insert, Update, Archive, Delete, Undelete}

// Removes reports whether the operation takes a row away from the readers of the
// destination, so that it is a deletion in summaries and guards.
func (o Operation) Removes() bool { return o == Archive || o == Delete }

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
	// Archive is what archiving sets. The column that it sets to now() is the one
	// that says whether a row is archived: ArchivedColumn.
	Archive []Assignment
	// Restore is what undeleting sets, and inserting too.
	Restore []Assignment
	// ArchivedColumn marks a row as archived when it is not NULL and not after
	// the plan's time; "" where nothing is ever archived.
	ArchivedColumn string
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

// Stamp sets a column to the apply's instant. On "update" it is set by updates
// and undeletes.
type Stamp struct {
	Column string
	On     Operation // Insert, Update, Archive or Undelete
	Range  Range
}

// Guard holds a sync that would do too much.
type Guard struct {
	// MinSourceRows is 1 unless set. A source with fewer rows holds the sync
	// where the scope has rows that it could remove.
	MinSourceRows int64
	MaxInsert     *Limit
	MaxUpdate     *Limit
	MaxDelete     *Limit // archives count
	Range         Range
}

// Limit is a count of rows, or a share of the scope's live rows.
type Limit struct {
	Count   int64   // used where Percent is 0
	Percent float64 // above 0, up to 100
	Range   Range
}

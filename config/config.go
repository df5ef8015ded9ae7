// Package config holds what a configuration compiles to: plain data, free of
// the language it was written in. Package hcl produces it; plan, apply and the
// commands read it.
//
// Everything here has been validated as far as the files alone allow; only what
// needs a database (do the tables exist, do the types fit) is left to package plan.
package config

import (
	"crypto/ed25519"
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
	Observers    []*Observer
	// Syncs are the instances, those of for_each expanded, in the order in which
	// depends_on and lookups allow them to run; otherwise as written, instances by key.
	Syncs    []*Sync
	Checks   []*Check
	Policies []*Policy
}

// Settings is the registrar block.
type Settings struct {
	// PlanTTL is how long a saved plan may be applied; 72 h unless set.
	PlanTTL time.Duration
	// Timezone is where wall clocks are when a value without a zone meets a
	// column with one, and what now() writes into a column without one; UTC
	// unless set.
	Timezone *time.Location
	// Atomic is AtomicSync unless set.
	Atomic  Atomic
	Retry   Retry
	Service Service
	// TrustedKeys are those whose signatures count, of plans and of approvals. Where there are any, a saved
	// plan is applied only with a signature, or an approval, of one of them.
	TrustedKeys []ed25519.PublicKey
	// RequireApproval is how many others than its author must have approved of a saved plan's operations
	// before it is applied; 0: none.
	RequireApproval int
	Limits          Limits
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
	// Secrets are the names of the sensitive variables of the root that Attributes depend on, sorted.
	Secrets []string
	// SecretAttributes are the names of the attributes that do, sorted.
	SecretAttributes []string
	// Withheld: why it cannot be opened is not shown, since that may repeat what Attributes hold.
	Withheld bool
	Range    Range
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
	Asserts   []Assert
	Lifecycle Lifecycle
	// Guard is complete: what the block leaves out is its faculty's, the registrar
	// block's, or the default.
	Guard Guard
	// Moved are the records whose keys changed at the source, in the order written;
	// no two have one From, and only the steps of one chain have one To.
	Moved []Move
	Hooks Hooks
	// Incremental is nil for a sync whose source is always read whole, and for one of Queries.
	Incremental *Incremental
	// DependsOn are the addresses of the instances that must run first: those
	// written in depends_on, and those that write the tables of lookups. Instances
	// that write this sync's own table are not among them but where written.
	DependsOn []string
	Schedule  *Schedule
	Notify    []*Notifier
	// Shown are the destination table's columns that a policy lets outputs show; those that are not mapped, too.
	Shown *Shown
	Range Range // the block's header
}

// SyncSource says which rows are read. Exactly one of Table, Query and Queries is set.
type SyncSource struct {
	From    *Connection
	Table   string
	Query   string
	Queries []TaskQuery // in the order insert, update, delete; each at most once
	Params  []Param     // each used by Query, or by one of Queries at least
	// Shown are the columns that a policy lets outputs show, and messages name.
	Shown *Shown
	Range Range // the table, query or queries attribute
}

// TaskQuery is one of the queries of a sync that has one per task: its rows are
// inserted where absent (Insert), change rows that are present (Update), or name by
// their key rows to remove where present (Delete).
type TaskQuery struct {
	Task Operation // Insert, Update or Delete
	SQL  string
	// Table is read instead of a query: where the configuration is made of another one, and the source runs no queries.
	Table string
	Range Range
}

// Param is a value bound to :name in a query.
type Param struct {
	Name  string
	Value value.Value
	// Sensitive: whatever the query returns may hold the value, and is not shown.
	Sensitive bool
	// Secrets are the names of the sensitive variables of the root that the value depends on, sorted.
	Secrets []string
	Range   Range
}

// SyncDestination says which rows of which table are kept in step.
type SyncDestination struct {
	Into  *Connection
	Table string
	// Key identifies a row; one column or several, all of them mapped.
	Key []string
	// Scope holds the constants that mark a row as this sync's. Scope columns are
	// never mapped: inserts set them. It and Parents are empty exactly when OwnsTable.
	Scope []Assignment
	// Parents are the parts of the scope that a parent's row decides.
	Parents   []InParent
	OwnsTable bool
	// Adopt takes over rows that another origin holds under a key of ours.
	Adopt bool
	// Generated are columns that inserts take from a sequence; they are neither mapped nor in the
	// scope.
	Generated     []Generated
	UnenforcedKey bool // the key may lack a unique index; the table is locked instead
	TableRange    Range
	KeyRange      Range
	Range         Range // the destination block's header
}

// InParent is a part of a scope: a row is ours where its Column refers to a row of
// the parent table that holds the constants. The column is mapped.
type InParent struct {
	Column string // of the sync's table
	Table  string // the parent, in the same destination
	Ref    string // the parent's column that Column refers to
	Where  []Assignment
	Range  Range
}

// Generated is a column whose value in a new row is the next number of a sequence of the database.
type Generated struct {
	Column   string
	Sequence string // as the engine names it, with its schema where needed
	Range    Range
}

// Assignment sets a destination column to a constant, to the apply's instant, or to a
// text that is made of the row.
type Assignment struct {
	Column string
	Value  value.Value
	Now    bool // now(): Value is NULL
	// Template is the text's parts, one column at least among them; nil for the others. Value is
	// NULL then. Only archive has such.
	Template []TemplatePart
	Range    Range
}

// TemplatePart is a part of a text: one of its own, or what a column of the row holds, in
// its canonical text. A column that is NULL adds nothing.
type TemplatePart struct {
	Text   string // where Column is ""
	Column string
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
	Rename   Operation = "rename" // the key changes in place
	Adopt    Operation = "adopt"  // another origin's row becomes ours
	Purge    Operation = "purge"  // archived for long: deleted for good
)

// Operations lists every operation in the order in which summaries name them.
var Operations = []Operation{Insert, Update, Archive, Delete, Undelete, Rename, Adopt, Purge}

// Removes reports whether the operation takes a row away from the readers of the
// destination, so that it is a deletion in summaries and guards.
func (o Operation) Removes() bool { return o == Archive || o == Delete || o == Purge }

// Package bundle reads and writes bundles, which carry faculties from one server to another, and offers them as sources.
//
// A bundle is two files side by side: NAME.csv, the manifest, a line per faculty, of which people may fill in Id_Import; and
// NAME.zip, the data: bundle.json, which describes them; a CSV file per sync, of canonical texts; and the
// register's history as lines of JSON. What Open returns was verified whole.
package bundle

import (
	"time"

	"github.com/registrar-sync/registrar/internal/value"
)

// FormatVersion is of the bundles that this program writes; it reads no other.
const FormatVersion = 1

// Bundle is an open bundle.
type Bundle struct {
	// File is the name of the ZIP, which is beside the manifest.
	File string
	// Digest is the SHA-256 of NAME.zip, in lower-case hexadecimal. The manifest names it.
	Digest    string
	CreatedOn time.Time
	CreatedBy string
	// Faculties are in the manifest's order.
	Faculties []Faculty

	archive *archive
}

// Faculty is a line of the manifest, and what the ZIP holds of it.
type Faculty struct {
	// Line is its number in the manifest, the header's being 1.
	Line int
	// IDExport is the faculty's code at the origin. IDImport is the one that it is to have; "" for the same.
	IDExport, IDImport string
	Label, Name        string // the label of its block, and its name, at the origin
	Contact            string // addresses of those to tell, separated by semicolons; "" for none
	// Origin is the identity of the register that the rows were exported from, and Destination its address: those of the first sync.
	Origin, Destination string
	Syncs               []Sync // parents before those that refer to them
	// History says what Plans, Operations and Findings visit; nil for an export without it.
	History *History

	number int // in the ZIP, from 1
}

// History says what is known of a faculty's past.
type History struct {
	Plans, Operations, Findings int64
	// From and To are when its plans were applied, the first and the last; zero where there are none.
	From, To time.Time
}

// TargetID is the code that the faculty is to have.
func (f *Faculty) TargetID() string {
	if f.IDImport != "" {
		return f.IDImport
	}
	return f.IDExport
}

// Sync is the rows of one instance of a sync.
type Sync struct {
	Address string // at the origin: sync.rooms["hss"]
	Name    string // rooms; with the modules that hold it, module.parts.rooms
	Table   string // as the configuration writes it
	// Columns are in the order of the CSV file.
	Columns []Column
	Key     []string
	// Scope is what marks the rows as this sync's, and Parents the parts of it that other rows decide; with neither, the whole table is.
	Scope   []ScopeValue
	Parents []ScopeParent
	// Origin is the identity of the register beside the table, and Destination its address.
	Origin, Destination string
	// Without are columns of the table that were left out on demand.
	Without []string
	// Schema is the SHA-256 of the names and types of the columns.
	Schema string
	// Rows counts all rows, Archived those of them that were archived when they were exported.
	Rows, Archived int64
	// Digest is the SHA-256 of the CSV file, whose rows are in the order of the octets of their keys: two exports of equal rows are equal.
	Digest string
}

// Column is a column of a table, or a business key that one of them is looked up by.
type Column struct {
	Name string     `json:"name"` // department_id, or department_id.code
	Kind value.Kind `json:"kind"`
	SQL  string     `json:"sql"` // the type as the origin's database writes it
	// Generated: the database makes it, be it a number that counts the rows; an import leaves it out.
	Generated bool `json:"generated,omitempty"`
	// Lookup is the column whose business key it is; "" for a column of the table.
	Lookup string `json:"lookup,omitempty"`
}

// ScopeValue is a column of the scope and the canonical text that it holds.
type ScopeValue struct {
	Column string  `json:"column"`
	Text   *string `json:"text"` // nil for NULL
}

// ScopeParent is a column that refers to rows of another table, which make this sync's those that refer to them.
type ScopeParent struct {
	Column string       `json:"column"`
	Table  string       `json:"table"` // of the rows referred to
	Ref    string       `json:"ref"`   // their column
	Where  []ScopeValue `json:"where"`
}

// HistoryPlan is an applied plan, cut to the syncs that are in the bundle.
type HistoryPlan struct {
	ID           string    `json:"id"`
	CreatedOn    time.Time `json:"created_on"`
	CreatedBy    string    `json:"created_by"`
	ConfigDigest string    `json:"config_digest"`
	GitCommit    string    `json:"git_commit,omitempty"`
	ExpiresOn    time.Time `json:"expires_on"`
	Status       string    `json:"status"`
	// Summaries are the elements of its summary of the syncs that are in the bundle, as the register has them. Of what stands there of
	// the plan as a whole its purpose alone is left, with the first of them.
	Summaries  []string  `json:"summaries"`
	ExecutedOn time.Time `json:"executed_on"`
	ExecutedBy string    `json:"executed_by"`
	// Destination is the address of the register, at the origin, that has it. A plan of several destinations is there once for each.
	Destination string `json:"destination"`
}

// HistoryOperation is a row of the register's table of operations. The documents are as the register has them.
type HistoryOperation struct {
	PlanID    string  `json:"plan_id"`
	Seq       int64   `json:"seq"`
	Sync      string  `json:"sync"`
	Table     string  `json:"table_name"`
	Operation string  `json:"operation"`
	Key       string  `json:"key"`
	Before    *string `json:"before"`
	After     *string `json:"after"`
	Result    *string `json:"result"`
	// Destination is that of its plan.
	Destination string `json:"destination"`
}

// HistoryFinding is a row of the register's table of findings.
type HistoryFinding struct {
	PlanID  string  `json:"plan_id"`
	Seq     int64   `json:"seq"`
	Sync    string  `json:"sync"`
	Kind    string  `json:"kind"`
	Key     *string `json:"key"`
	Message *string `json:"message"`
	Detail  *string `json:"detail"`
	// Destination is that of its plan.
	Destination string `json:"destination"`
}

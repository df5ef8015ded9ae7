// Package sqlgen writes the set-based SQL of staging, comparing and applying. It
// is pure text: nothing here opens a connection. What differs between engines is
// behind Dialect, a small stateless type in each provider's folder.
//
// Two rules hold for every statement: names are quoted by the dialect, and values
// are bound, never interpolated.
package sqlgen

import "github.com/registrar-sync/registrar/internal/value"

// Table is a destination's table as its catalogue describes it.
type Table struct {
	// Name is the quoted and, where needed, qualified name, ready for a statement.
	Name string
	// Columns are in the table's own order.
	Columns []Column
	// Unique lists the columns of each index that forbids duplicates among all
	// rows: no partial, expression or invalid index, and none whose collation
	// differs from its column's. Column names are spelt as in Columns.
	Unique [][]string
	// Partial lists the columns of each index that forbids duplicates among some rows
	// only, such as those that are not archived.
	Partial [][]string
	// Triggers says that writing a row may change more than what was written.
	Triggers bool
	// RowSecurity says that rows may be hidden from this session.
	RowSecurity bool
	// Cascades names, as messages show them, the tables whose rows the database
	// itself deletes or changes when a row of this one is deleted: those that
	// reference it with ON DELETE CASCADE, SET NULL or SET DEFAULT, itself included.
	Cascades []string
	// ForeignKeys are this table's; References are those that point to it, its own
	// included.
	ForeignKeys, References []ForeignKey
}

// ForeignKey says that rows of one table refer to rows of another.
type ForeignKey struct {
	Table         string   // that refers, as in Table.Name
	Columns       []string // of it, not quoted
	Parent        string   // that is referred to, as in Table.Name
	ParentColumns []string // of it, in the order of Columns
	// Shown is the referring table as messages show it.
	Shown string
	// Acts: deleting a parent's row deletes or changes those that refer to it, instead of
	// being refused.
	Acts bool
	// ActsOnUpdate: changing what is referred to changes the rows that refer to it, instead of
	// being refused.
	ActsOnUpdate bool
	// Deferred: it may be that the database checks it only when a transaction ends.
	Deferred bool
}

// Column returns the column of that exact name.
func (t *Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Column is a column of a destination's table.
type Column struct {
	Name string // not quoted
	Type value.Type
	// NotNull: an insert must give it, unless HasDefault.
	NotNull    bool
	HasDefault bool // a default, or an identity that may be left out
	Generated  bool // computed by the database: it cannot be written
	// Identity: it is Generated, and a number that the database gives each row inserted.
	Identity bool
	// Collation is what the column compares by, as the dialect writes it behind
	// COLLATE; "" for the engine's default.
	Collation string
}

// Member is one member of a JSON object that a statement builds.
type Member struct {
	Name string
	// Text is an SQL expression of type text; NULL becomes JSON's null. It is
	// not used where Now is set.
	Text string
	// Now: the member is NowMarker, which stands for the instant of the apply.
	Now bool
}

// NowMarker stands in the register for the instant of the apply. It is a JSON
// object, so that no text can be mistaken for it.
const NowMarker = `{"$":"now()"}`

// Doc is a JSON document column of the register's table of operations, and the
// members to unpack from it.
type Doc struct {
	Column  string      // key, before, after or result
	Members []DocMember // of different names; there may be none
	// As is a column for the document itself, not quoted; "" for none. A member of it that is missing, or no text, is
	// then no error, and never taken for NULL or a text that it is not, once a document is built of them.
	As string
}

// DocMember is a member of a Doc, and the column that it becomes.
type DocMember struct {
	Name string
	As   string // not quoted
	// Type is the type whose values' canonical texts it holds.
	Type value.Type
	// Now: it is NowMarker.
	Now bool
}

// Dialect is what differs between engines. Implementations hold no state.
type Dialect interface {
	Syntax
	// Quote quotes an identifier; quotes inside it are doubled.
	Quote(name string) string
	// Placeholder is the n-th parameter, from 1, as an expression of type text.
	// Each parameter is used once, in order.
	Placeholder(n int) string
	// RegisterTable is the quoted, qualified name of a table or view of the
	// register: operation, plan, …
	RegisterTable(name string) string
	// StageTable is the quoted, qualified name of a staging table.
	StageTable(name string) string
	// RegisterExists is a SELECT of one number, 0 where the register's table meta
	// does not exist.
	RegisterExists() string
	// CreateRegisterSchema creates what the register's tables live in, if it is
	// missing; "" where they need nothing.
	CreateRegisterSchema() string
	// TypeName is the type of a register table's column that holds such values:
	// Text, Int, Bool, Instant (UTC) and JSON are asked for.
	TypeName(k value.Kind) string
	// CreateStage creates an empty staging table (name from StageTable) whose columns
	// have the types and collations of the given ones, all of them nullable.
	CreateStage(stage string, columns []Column) string
	// Canonical is the canonical text (value.Value.Text) of expr, which has the
	// column's type; NULL stays NULL.
	Canonical(expr string, c Column) string
	// Comparable is an expression for which IS NOT DISTINCT FROM holds exactly
	// when the canonical texts are equal byte for byte. It is expr itself where the
	// type's own equality already is that.
	Comparable(expr string, c Column) string
	// LowerCase is the lower case of a text expression, of every script's letters.
	LowerCase(text string) string
	// Rounded is a number, rounded to digits behind the point; two equal ones are
	// not distinct.
	Rounded(expr string, digits int, c Column) string
	// Day is the day of a date or a time; of an instant the one that a calendar in the zone
	// shows, an expression of type text that is an IANA name. It compares by itself.
	Day(expr, zone string, c Column) string
	// ByteOrder is a text expression that ORDER BY sorts by its bytes, whatever the
	// database's collation.
	ByteOrder(text string) string
	// RowHash is the SHA-256, as octets, of a row of the register: of texts, and of JSON
	// documents. It is NULL where one of the texts is; a document may be. No two rows are hashed
	// alike, whatever stands in them, as long as one of them holds valid documents.
	RowHash(texts, documents []string) string
	// FromText turns a canonical text into a value for the column. A comparison
	// of the column with it can use the column's index.
	FromText(text string, c Column) string
	// Object builds a JSON object, its members in the order given. There may be
	// some hundreds of them.
	Object(members []Member) string
	// MemberText is what a member of a JSON document of the register holds, as an expression of type text: NULL where it is
	// missing, null or no text.
	MemberText(document, name string) string
	// Unpack is a SELECT over a table of operations, the register's or one like it, named o in
	// where, that yields seq and the documents' members as columns of type text.
	Unpack(table string, docs []Doc, where string) string
	// NoDocument is NULL as a document.
	NoDocument() string
	// ImportView is the SELECT behind the view import_reg: operation, source_code,
	// table_name, field_name, from_value, to_value, sql, created_on, executed_on,
	// import_hash; one row per changed column of an update, one per other operation.
	ImportView() string
}

// TableLocker is a Dialect that can lock a table against other writers until the
// transaction ends. Where a dialect is not one, its transactions exclude other
// writers anyway.
type TableLocker interface {
	LockTable(table string) string
}

// WriteLocker is a TableLocker one of whose statements could overwrite what others wrote while it ran: an
// apply locks every table that it writes.
type WriteLocker interface {
	TableLocker
	LocksWrites()
}

// NoRecursion is a Dialect whose recursive queries drop no duplicates, and so may never end.
type NoRecursion interface {
	NoRecursion()
}

// NoTableLock is a Dialect whose engine can neither lock a table until the transaction ends nor
// exclude other writers by itself.
type NoTableLock interface {
	NoTableLock()
}

// CommittingDefinitions is a Dialect whose engine commits a transaction when a table or an index is made
// in it. Another connection makes them, and they are seen at once. Steps of the register
// are repeated where they were interrupted: CreateTable and CreateIndex, and a view's
// replacement, leave alone what is there.
type CommittingDefinitions interface {
	CommittingDefinitions()
}

// Analyzer is a Dialect whose planner needs to be told that many rows were written.
// Where the role may not, the statement does nothing.
type Analyzer interface {
	// Analyze looks at some of the columns, or at all where none are given.
	Analyze(table string, columns ...Column) string
}

// StageIndexer is a Dialect whose engine compares each row with each where the
// staging table has no index on its key.
type StageIndexer interface {
	IndexStage(stage string, key []Column) string
}

// ReferenceIndexer is a Dialect whose planner cannot know how many operations a plan holds, and
// would compare each of them with each row of a staging table that has no index on the column.
type ReferenceIndexer interface {
	IndexReference(stage string, column Column) string
}

// TextGrouper is a Dialect whose engine cannot group by the texts of all columns.
type TextGrouper interface {
	// GroupText is what is grouped by instead of a text made of a column's canonical text; it may be
	// one that some long texts share.
	GroupText(text string, c Column) string
}

// KeyHasher is a Dialect whose engine counts distinct numbers faster than it groups keys.
type KeyHasher interface {
	// HashKey is a 64-bit number that is the same for keys which are equal as their columns
	// compare; "" where it knows none for a column's type. There is an expression for each column.
	HashKey(exprs []string, columns []Column) string
}

// ConflictAborter is a Dialect in which a table can say that a row whose key is taken
// replaces the other or is dropped. OrAbort stands behind INSERT and UPDATE and makes
// it an error all the same.
type ConflictAborter interface {
	OrAbort() string
}

// DocumentMatcher is a Dialect whose engine compares two documents octet for octet faster than it hashes them.
type DocumentMatcher interface {
	// SameDocument is never NULL, and NULL is like NULL only.
	SameDocument(a, b string) string
}

// Collater is a Dialect whose FromText compares as the column does only beside the column.
type Collater interface {
	// Collate lets a value of FromText compare as the column does, whatever it is compared with.
	Collate(expr string, c Column) string
}

// Eraser is a Dialect whose engine leaves what a row held in its file until other rows need the place, unless it is told otherwise.
type Eraser interface {
	// Overwrite has the connection overwrite what it changes or removes from now on.
	Overwrite() string
}

// SessionTeller is a Dialect whose engine has users.
type SessionTeller interface {
	// SessionUser is who logged in, as an expression of type text; a role that a session takes on is not.
	SessionUser() string
}

// SessionDefaulter is a SessionTeller whose columns can be filled in with SessionUser, for roles that may
// write the other columns only.
type SessionDefaulter interface {
	SessionTeller
	// DefaultSessionUser makes SessionUser what a column of a register's table holds where an INSERT does not name
	// it; it can be repeated. "" where the server knows no such default.
	DefaultSessionUser(table, column string) string
}

// NoFullJoin is a Dialect whose engine has no FULL OUTER JOIN, or answers it by
// comparing each row with each: two left joins are written instead.
type NoFullJoin interface {
	NoFullJoin()
}

// Package providers says what an engine or a file format must offer to be a
// source or a destination. Each lives in a folder of its own; package
// providertest is the suite that all of them pass.
//
// The interfaces are small on purpose: the SQL of staging, comparing and applying
// is generic (package sqlgen) and a provider adds its dialect, its catalogue and
// its fastest way to move rows. What only some can do is an interface of one
// method, found by type assertion.
package providers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// Provider is one engine or file format. It is a SourceProvider, a
// DestinationProvider, or both.
type Provider interface {
	// Name is the first label of its blocks: source "csv" "rooms".
	Name() string
}

// SourceProvider reads rows.
type SourceProvider interface {
	Provider
	// SourceSpec declares the attributes of its source blocks. Checks that need
	// only an attribute's value belong into the spec (hcldec.ValidateSpec), so
	// that their diagnostics carry the attribute's range.
	SourceSpec() hcldec.Spec
	// OpenSource prepares to read; it may connect. Relative paths start at dir.
	OpenSource(ctx context.Context, attributes Attributes, dir string) (Source, error)
}

// DestinationProvider keeps tables in step.
type DestinationProvider interface {
	Provider
	// DestinationSpec declares the attributes of its destination blocks.
	DestinationSpec() hcldec.Spec
	// OpenDestination connects. Relative paths start at dir.
	OpenDestination(ctx context.Context, attributes Attributes, dir string) (Destination, error)
}

// Source is an open source. It is safe for use by one goroutine at a time.
type Source interface {
	// Snapshot opens a read-only view in which every Read sees the same state of
	// the data, as far as the engine can: a file has only what is in it.
	Snapshot(ctx context.Context) (Snapshot, error)
	Close() error
}

// Snapshot is a read-only view of a source. At most one Rows may be open.
type Snapshot interface {
	// Read starts reading. Errors name what is missing and what there is instead;
	// for a faulty query they carry the engine's own text.
	Read(ctx context.Context, query Query) (Rows, error)
	Close() error
}

// Query says which rows to read. Exactly one of Table and SQL is set.
type Query struct {
	Table string // all columns of all its rows
	SQL   string // one SELECT; :name stands for a parameter
	// Params are bound, never interpolated.
	Params []Param
	// From leaves out rows; nil: none. Only sources of a Filterer honour it.
	From *LowerBound
	// Within leaves out rows; nil: none. Only sources of FingerprintRelays honour it.
	Within *Within
	// Most is the number of rows behind which more than one more are of no use to the caller; 0: there is none. What cannot be
	// stopped on its way should end there, all else need not honour it.
	Most int64
}

// LowerBound leaves out the rows whose column holds less than Value. Rows whose column is NULL, or
// holds what cannot be compared with Value, stay.
type LowerBound struct {
	Column string
	// Exact: case counts, where a column is named so; otherwise it never does.
	Exact bool
	// Value is bound, never interpolated.
	Value value.Value
}

// Find returns the index of the bound's column, and an error that is ErrNotComparable where there
// is none, or several, or where its values are of another kind than Value, unless that is NULL.
func (b *LowerBound) Find(columns []Column) (int, error) {
	found := -1
	for i, c := range columns {
		if c.Name != b.Column && (b.Exact || !strings.EqualFold(c.Name, b.Column)) {
			continue
		}
		if found >= 0 {
			return -1, fmt.Errorf("%w: there are several columns %q", ErrNotComparable, b.Column)
		}
		found = i
	}
	if found < 0 {
		return -1, fmt.Errorf("%w: there is no column %q", ErrNotComparable, b.Column)
	}
	if b.Value.IsNull() {
		return found, nil
	}
	if c := columns[found]; c.Type.Kind != b.Value.Kind() {
		return -1, fmt.Errorf("%w: column %q is of type %s, and is to be compared with a value of type %s", ErrNotComparable, c.Name, c.Type, b.Value.Kind())
	}
	return found, nil
}

// Param is a value bound to :name.
type Param struct {
	Name  string
	Value value.Value
}

// Rows streams the rows of a query.
type Rows interface {
	// Columns are the result's columns, in order.
	Columns() []Column
	// Next fills row, which has as many elements as there are columns. It returns
	// io.EOF after the last row, and only when the source said that there are no
	// more: a connection lost half-way is any other error.
	Next(row []value.Value) error
	Close() error
}

// Column is a column of a source's result.
type Column struct {
	Name string
	Type value.Type
}

// Destination is an open destination: a database that holds the tables to keep
// in step, and the register. It is safe for concurrent use.
type Destination interface {
	// Dialect writes its SQL.
	Dialect() sqlgen.Dialect
	// Conn returns a connection with the session settings on which the dialect's
	// canonical texts rely.
	Conn(ctx context.Context) (*sql.Conn, error)
	// Begin starts a transaction that reads one snapshot and may write.
	// wait bounds the time spent waiting for a lock on the database, where
	// the engine has such a thing; 0 does not wait.
	Begin(ctx context.Context, conn *sql.Conn, wait time.Duration) (*sql.Tx, error)
	// Table describes a table as named in the configuration, or returns
	// ErrNoTable.
	Table(ctx context.Context, q Querier, name string) (*sqlgen.Table, error)
	// TableNames lists the tables that a configuration can name, to suggest one.
	TableNames(ctx context.Context, q Querier) ([]string, error)
	// Load streams rows into an existing staging table over conn. next fills a
	// row in the order of columns and returns io.EOF after the last; any other
	// error ends the load and is returned as it is. The values fit the columns.
	Load(ctx context.Context, conn *sql.Conn, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (rows int64, err error)
	// Identity names the database within its server, for plan files: no
	// credentials, host names allowed.
	Identity() string
	Close() error
}

// Querier runs statements: *sql.Conn, *sql.Tx and *sql.DB are some.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// QueryRunner is a SourceProvider whose sources run queries. Where a provider is not
// one, its sources read tables only.
type QueryRunner interface {
	// QueryLexis says how the engine reads a query's text. Read checks the query
	// with it again, and sends the engine no comments (sqlgen.BindNamed).
	QueryLexis() sqlgen.Lexis
}

// QueryChecker is a QueryRunner that refuses more than sqlgen.CheckSelect does: what its engine's
// read-only transactions let pass, or what a Lexis cannot express. Read refuses it again.
type QueryChecker interface {
	// CheckQuery returns what is wrong, for the person who wrote the query.
	CheckQuery(text string) error
}

// StrangerQueryChecker is a QueryRunner that refuses more than a QueryChecker does in queries of a configuration under
// review: what is of use to those who are trusted.
type StrangerQueryChecker interface {
	// CheckStrangersQuery returns what is wrong, for the person who wrote the query.
	CheckStrangersQuery(text string) error
}

// Filterer is a SourceProvider whose sources honour Query.From: Read returns an error that is
// ErrNotComparable where they cannot for that column. Where a provider is not one, its sources
// are always read whole.
type Filterer interface {
	// FilterKinds lists the kinds of columns that Query.From can be about.
	FilterKinds() []value.Kind
}

// GrowingKinds returns the kinds whose values can grow with each change: what a database can filter by.
func GrowingKinds() []value.Kind {
	return []value.Kind{value.Date, value.DateTime, value.Instant, value.Int, value.Decimal}
}

// Ranker is a Snapshot that finds a column's greatest value without its rows being read.
type Ranker interface {
	// Greatest returns the greatest value of a column of a query's result, and the kind of the
	// column; NULL where there is none. Times after upTo do not count. exact: as in
	// LowerBound. The error is ErrNotComparable where there is no such column, or where its greatest value
	// is not to be had this way.
	Greatest(ctx context.Context, query Query, column string, exact bool, upTo time.Time) (value.Value, value.Kind, error)
}

// SharedStaging is a Destination whose staging tables are seen by every connection
// and outlive a killed process. Where a destination is not one, they belong to the
// connection that created them and vanish with it. It must be a Locker, too: plan
// holds a lock as long as its staging tables are in use.
type SharedStaging interface {
	// StageTables lists the staging tables that this role may drop, whose names (as
	// given to Dialect.StageTable) begin with prefix.
	StageTables(ctx context.Context, q Querier, prefix string) ([]string, error)
}

// Locker is a Destination with locks that belong to a connection, and end with it at
// the latest. Apply holds one per destination, taken before the transaction's snapshot.
// Where a destination is not a Locker, Begin must already keep two applies apart.
type Locker interface {
	// TryLock takes the named lock for conn; false if another connection holds it.
	TryLock(ctx context.Context, conn *sql.Conn, name string) (bool, error)
	// Unlock gives it back.
	Unlock(ctx context.Context, conn *sql.Conn, name string) error
}

// ErrorScrubber is a Source or Destination whose engine quotes rows in its errors.
type ErrorScrubber interface {
	// SafeError returns err without anything that may quote a row's values or a
	// credential. What callers wrapped around the engine's error stays, as does
	// any other error; nil stays nil.
	SafeError(err error) error
}

// Compacter is a Destination whose engine leaves copies of what rows held in its file, where nothing overwrites them.
type Compacter interface {
	// Compact writes the file anew, without them. The connection is in no transaction; other connections may keep it from being done.
	Compact(ctx context.Context, conn *sql.Conn) error
}

// Compact does so where the destination is a Compacter.
func Compact(ctx context.Context, d Destination, conn *sql.Conn) error {
	if c, ok := d.(Compacter); ok {
		return c.Compact(ctx, conn)
	}
	return nil
}

// Definer is a Destination in whose transactions not every table or index can be made.
type Definer interface {
	// BeginDefining starts a transaction as Destination.Begin does, in which any can be.
	BeginDefining(ctx context.Context, conn *sql.Conn, wait time.Duration) (*sql.Tx, error)
}

// Publisher is a Destination whose tables are copies of what others read, such as files. Plan and
// apply bring the copies up to date before they look at them, each in a transaction that
// Destination.Begin started; apply publishes them.
type Publisher interface {
	// Refresh makes a table where it is missing, gives it the columns of its shape, and fills it with
	// what others read now. The sentences that it returns say what else a publication will change.
	Refresh(ctx context.Context, q Querier, shape TableShape) (changes []string, err error)
	// Prepare makes ready what the tables' next readers will see, and records that it is to be
	// published when q's transaction commits. Nobody sees it until then.
	Prepare(ctx context.Context, q Querier, shapes []TableShape) error
	// Publish shows what Prepare made ready, also for a process that was killed between its commit and
	// this. An error says what stays to be done; the next Refresh tries again.
	Publish(ctx context.Context, conn *sql.Conn) error
}

// TableShape is a table as the configuration's syncs need it.
type TableShape struct {
	Name    string // as the configuration writes it
	Columns []ShapeColumn
	// Keys each need a unique index.
	Keys [][]string
}

// ShapeColumn is a column that a sync writes.
type ShapeColumn struct {
	Name string
	// Instant: the time of the apply is written into it.
	Instant bool
}

// Sequencer is a Destination whose engine has sequences.
type Sequencer interface {
	// NextValue returns the expression that is the next number of a sequence, as named in the
	// configuration, in each row that a SELECT yields; or an error that is ErrNoSequence.
	NextValue(ctx context.Context, q Querier, sequence string) (string, error)
}

// ErrNoSequence is returned by Sequencer.NextValue.
var ErrNoSequence = errors.New("no such sequence")

// ErrNoTable is returned by Destination.Table.
var ErrNoTable = errors.New("no such table")

// ErrNotComparable is returned where a column of a query's result cannot be compared as asked: by
// Snapshot.Read for a Query.From that does not fit the result, by Ranker.Greatest, and by
// FingerprintRelay.Fingerprints.
var ErrNotComparable = errors.New("the rows cannot be filtered")

// ErrLocked is returned by Destination.Begin.
var ErrLocked = errors.New("locked by another process")

// Attributes are a block's arguments as its spec declares them. They may be
// secret: never print them.
type Attributes map[string]any

// String returns a string attribute, "" where it is not set.
func (a Attributes) String(name string) string {
	s, _ := a[name].(string)
	return s
}

// StringOr returns a string attribute, or fallback where it is not set.
func (a Attributes) StringOr(name, fallback string) string {
	if s, ok := a[name].(string); ok {
		return s
	}
	return fallback
}

// Bool returns a bool attribute, or fallback where it is not set.
func (a Attributes) Bool(name string, fallback bool) bool {
	if b, ok := a[name].(bool); ok {
		return b
	}
	return fallback
}

// Int returns a whole-number attribute, or fallback where it is not set.
func (a Attributes) Int(name string, fallback int64) int64 {
	if n, ok := a[name].(int64); ok {
		return n
	}
	return fallback
}

// Strings returns a map attribute of strings; nil where it is not set.
func (a Attributes) Strings(name string) map[string]string {
	m, ok := a[name].(map[string]any)
	if !ok {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		if s, ok := v.(string); ok {
			out[k] = s
		}
	}
	return out
}

// SafeError returns err without the values of rows that the driver of a Source or
// Destination may have quoted.
func SafeError(of any, err error) error {
	if scrubber, ok := of.(ErrorScrubber); ok && err != nil {
		return scrubber.SafeError(err)
	}
	return err
}

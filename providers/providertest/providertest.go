// Package providertest is the conformance suite: every provider passes Exercise,
// on a real database or on real files.
//
// There is one file per concern. What a provider cannot do is declared in its
// Capabilities, as data; the suite never asks for a provider's name. Comparing,
// applying, stale plans and killed processes need packages plan and apply, and
// are exercised there, on the same harnesses.
package providertest

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Harness describes a provider to Exercise.
type Harness struct {
	// Provider is a providers.SourceProvider, a providers.DestinationProvider or
	// both; what it is decides which concerns are exercised.
	Provider     providers.Provider
	Capabilities Capabilities
	// New makes a fresh, empty database or folder that ends with the test.
	New func(t *testing.T) Database
	// SQL is how the engine spells what the suite needs; of it, only FailsMidway is
	// used where New gives no Exec.
	SQL SQL
	// Types are the column types to exercise; unused where New gives no Exec.
	Types []TypeFixture
	// Unrelayed are the DDL of those among Types whose fixtures no relay takes, where
	// destinations relay.
	Unrelayed []string
	// UsesIndex reports whether the engine would answer the query from an index;
	// nil where that cannot be told.
	UsesIndex func(t *testing.T, q providers.Querier, query string, args ...any) bool
}

// Database is one database or folder, reached by the provider through its
// attributes and by the suite around it.
type Database struct {
	// Source and Destination are the attributes of blocks that reach it.
	Source, Destination providers.Attributes
	Dir                 string
	// Exec runs one SQL statement on a connection that is not the provider's; it
	// fails the test on an error. nil for what has no SQL.
	Exec func(t testing.TB, statement string)
	// Write makes a table of text columns, for what has no SQL. A row's values are
	// Text or NULL.
	Write func(t testing.TB, table string, columns []string, rows [][]value.Value)
}

// Capabilities say what a provider can do where engines differ.
type Capabilities struct {
	// EmptyText: the empty text and NULL are two things.
	EmptyText bool
	// Queries: sources read SQL with parameters, not only tables.
	Queries bool
	// Snapshot: what others commit after Snapshot is invisible in it.
	Snapshot bool
	// StagingWithoutLock: others may write to the destination while rows are
	// loaded into a staging table.
	StagingWithoutLock bool
	// Relays: destinations are providers.Relayers, which relay from the provider's own sources.
	Relays bool
	// BasicNames: names of columns and tables have no characters beyond the Basic Multilingual Plane.
	BasicNames bool
	// QuotelessNames: names of columns and tables hold no double quote.
	QuotelessNames bool
	// KeyOrder: a foreign key names the columns that it refers to in the order of their index.
	KeyOrder bool
	// MaxMembers is the number of members to try in one JSON object; 300 unless set.
	MaxMembers int
}

// SQL is how an engine spells what the suite needs. Statements that would depend
// on more than a word are fields; empty ones are not exercised.
type SQL struct {
	Text, Int string // types of a key or a value
	CastText  string // what CAST calls a text; Text unless set
	// Quote quotes a name for a provider that has no dialect to ask; nil: as the standard.
	Quote func(name string) string
	// IgnoringCase is a type of text for which a and A are equal.
	IgnoringCase string
	// Generated is the clause of a generated column, over the column "a".
	Generated string
	// PartialIndex makes a unique index of table over some rows only, ExpressionIndex
	// one over an expression; both on the column "a" of the table "indexed".
	PartialIndex, ExpressionIndex string
	// Trigger makes the table "watched", which has a column "a", change what is
	// written to it.
	Trigger []string
	// FailsMidway is a query of the table "room", with the text columns "code" and
	// "label", that fails at the row whose code is k000900, and not before.
	FailsMidway string
	// Statements are the types text, integer, numeric(10,2) and timestamptz, as GoldenSQL takes them.
	Statements [4]string
	// IdentityColumn is a type with all its clauses, of a column that numbers itself.
	IdentityColumn string
}

// TypeFixture is a type of column, and values that must survive the way through
// staging, the canonical text, and back.
type TypeFixture struct {
	// DDL is the type as CREATE TABLE spells it: numeric(10,2).
	DDL  string
	Kind value.Kind // as the catalogue must report it
	// Values must survive. They are fitted first, as a plan does.
	Values []value.Value
	// Stored says what is read back for a value, by the canonical text of the fitted
	// one, where the engine is known to rewrite it: -0 as 0.
	Stored map[string]string
	// Misfits must be refused by Type.Fit: the engine would not keep them.
	Misfits []value.Value
	// Unordered: the type has no equality, so that no key can be made of it.
	Unordered bool
}

// timeout bounds each concern: a lock that is never given must fail a test, not
// hang it.
const timeout = 2 * time.Minute

// Exercise holds a provider to the contract of package providers.
func Exercise(t *testing.T, h Harness) {
	t.Helper()
	if h.Capabilities.MaxMembers == 0 {
		h.Capabilities.MaxMembers = 300
	}
	ignore := goleak.IgnoreCurrent()
	t.Run("suite", func(t *testing.T) {
		if locator, ok := h.Provider.(providers.Locator); ok {
			t.Run("locate", func(t *testing.T) { h.exerciseLocate(t, locator) })
		}
		if _, ok := h.Provider.(providers.SourceProvider); ok {
			t.Run("rows", h.exerciseRows)
			t.Run("read interrupted", h.exerciseReadInterrupted)
			t.Run("snapshot", h.exerciseSnapshot)
			t.Run("share", h.exerciseShare)
		}
		if _, ok := h.Provider.(providers.DestinationProvider); ok {
			t.Run("types", h.exerciseTypes)
			t.Run("load", h.exerciseLoad)
			t.Run("load interrupted", h.exerciseLoadInterrupted)
			if _, ok := h.Provider.(providers.SourceProvider); ok {
				t.Run("relay", h.exerciseRelay)
			}
			t.Run("catalogue", h.exerciseCatalogue)
			t.Run("foreign keys", h.exerciseForeignKeys)
			t.Run("dialect", h.exerciseDialect)
			t.Run("comparison", h.exerciseComparison)
			t.Run("statements", h.exerciseStatements)
			t.Run("register", h.exerciseRegister)
			t.Run("lock", h.exerciseLock)
		}
	})
	goleak.VerifyNone(t, ignore)
}

// database is a fresh database, opened through the provider.
type database struct {
	Database
	h       *Harness
	dialect sqlgen.Dialect // once quote has asked for it
}

func (h *Harness) open(t *testing.T) *database {
	t.Helper()
	return &database{Database: h.New(t), h: h}
}

func newContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	return ctx
}

func (db *database) source(t *testing.T) providers.Source {
	t.Helper()
	p := db.h.Provider.(providers.SourceProvider)
	source, err := p.OpenSource(newContext(t), db.Source, db.Dir)
	if err != nil {
		t.Fatalf("open source: %v", err)
	}
	t.Cleanup(func() {
		if err := source.Close(); err != nil {
			t.Errorf("close source: %v", err)
		}
	})
	return source
}

func (db *database) snapshot(t *testing.T) providers.Snapshot {
	t.Helper()
	snapshot, err := db.source(t).Snapshot(newContext(t))
	if err != nil {
		t.Fatalf("snapshot: %v", err)
	}
	t.Cleanup(func() {
		if err := snapshot.Close(); err != nil {
			t.Errorf("close snapshot: %v", err)
		}
	})
	return snapshot
}

func (db *database) destination(t *testing.T) providers.Destination {
	t.Helper()
	p := db.h.Provider.(providers.DestinationProvider)
	destination, err := p.OpenDestination(newContext(t), db.Destination, db.Dir)
	if err != nil {
		t.Fatalf("open destination: %v", err)
	}
	t.Cleanup(func() {
		if err := destination.Close(); err != nil {
			t.Errorf("close destination: %v", err)
		}
	})
	return destination
}

// needSQL skips what cannot be set up without SQL statements.
func (db *database) needSQL(t *testing.T) {
	t.Helper()
	if db.Exec == nil {
		t.Skip("the provider has no SQL")
	}
}

// quote quotes a name for Exec: as the dialect does, or else as the standard.
func (db *database) quote(t *testing.T, name string) string {
	t.Helper()
	p, ok := db.h.Provider.(providers.DestinationProvider)
	if !ok && db.h.SQL.Quote != nil {
		return db.h.SQL.Quote(name)
	}
	if !ok {
		return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	if db.dialect == nil {
		d, err := p.OpenDestination(newContext(t), db.Destination, db.Dir)
		if err != nil {
			t.Fatalf("open destination: %v", err)
		}
		db.dialect = d.Dialect()
		if err := d.Close(); err != nil {
			t.Fatalf("close destination: %v", err)
		}
	}
	return db.dialect.Quote(name)
}

// describe fails the test unless the table can be described.
func describe(t *testing.T, d providers.Destination, name string) *sqlgen.Table {
	t.Helper()
	ctx := newContext(t)
	conn := connect(t, d)
	table, err := d.Table(ctx, conn, name)
	if err != nil {
		t.Fatalf("describe %s: %v", name, err)
	}
	return table
}

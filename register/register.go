// Package register keeps, in each destination, what was planned and what became
// of it: plans, their operations, findings and executions. Personal data thus never
// leaves the database that holds it anyway.
//
// The tables are created by Init and carry a version. Statements are generic over
// a dialect; callers pass the connection or transaction they run in, so that one
// transaction can span the register and the tables it is about.
package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Register reads and writes the register of one destination. It holds no
// connection.
type Register struct {
	d    sqlgen.Dialect
	salt string // of the order, where Shuffled; else ""
}

// New returns the register of a destination with that dialect.
func New(d sqlgen.Dialect) Register { return Register{d: d} }

// ErrMissing: the destination has no register.
var ErrMissing = errors.New("the destination has no register: run registrar init")

// ErrNoPlan: the register does not hold that plan.
var ErrNoPlan = errors.New("the register holds no such plan")

// VersionError: the register is of another version than this program writes.
type VersionError struct {
	Have, Want int64
}

func (e *VersionError) Error() string {
	if e.Have > e.Want {
		return fmt.Sprintf("the register is of version %d, this registrar knows versions up to %d: use a newer registrar", e.Have, e.Want)
	}
	return fmt.Sprintf("the register is of version %d, this registrar needs %d: run registrar init --upgrade", e.Have, e.Want)
}

// Meta identifies a register.
type Meta struct {
	Version int64
	// Identity is a UUID written once by Init. A plan is bound to it.
	Identity string
}

// Meta returns what identifies the register, or ErrMissing or a *VersionError.
func (r Register) Meta(ctx context.Context, q providers.Querier) (Meta, error) {
	meta, err := r.meta(ctx, q)
	if err == nil && meta.Version != Version {
		return meta, &VersionError{Have: meta.Version, Want: Version}
	}
	return meta, err
}

func (r Register) meta(ctx context.Context, q providers.Querier) (Meta, error) {
	var found int64
	if err := q.QueryRowContext(ctx, r.d.RegisterExists()).Scan(&found); err != nil {
		return Meta{}, fmt.Errorf("look for the register: %w", err)
	}
	if found == 0 {
		return Meta{}, ErrMissing
	}
	var m Meta
	row := q.QueryRowContext(ctx, "SELECT version, "+r.d.Quote("identity")+" FROM "+r.d.RegisterTable("meta"))
	err := row.Scan(&m.Version, &m.Identity)
	if _, commits := r.d.(sqlgen.CommittingDefinitions); commits && errors.Is(err, sql.ErrNoRows) {
		return Meta{}, ErrMissing // its making was interrupted
	}
	if err != nil {
		return Meta{}, fmt.Errorf("read the register's version: %w", err)
	}
	return m, nil
}

// arguments collects the values of one statement.
type arguments struct {
	d      sqlgen.Dialect
	values []any
}

// text binds a text; nil binds NULL.
func (a *arguments) text(s *string) string {
	if s == nil {
		return "NULL"
	}
	a.values = append(a.values, *s)
	return a.d.Placeholder(len(a.values))
}

func (a *arguments) of(s string) string { return a.text(&s) }

// optional binds NULL for "", which some engines take for it anyway.
func (a *arguments) optional(s string) string {
	if s == "" {
		return "NULL"
	}
	return a.of(s)
}

func (a *arguments) typed(k value.Kind, s string) string {
	return a.d.FromText(a.of(s), registerColumn(a.d, k))
}

func (a *arguments) instant(t time.Time) string {
	return a.typed(value.Instant, value.OfInstant(recorded(t)).Text())
}

// recorded is a time as the register keeps it.
func recorded(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// optionalInstant binds NULL for the zero time.
func (a *arguments) optionalInstant(t time.Time) string {
	if t.IsZero() {
		return "NULL"
	}
	return a.instant(t)
}

// registerColumn describes a column of the register's own tables to the dialect.
func registerColumn(d sqlgen.Dialect, k value.Kind) sqlgen.Column {
	return sqlgen.Column{Type: value.Type{Kind: k, SQL: d.TypeName(k), Fraction: 6}}
}

func (r Register) instantText(expr string) string {
	return r.d.Canonical(expr, registerColumn(r.d, value.Instant))
}

func parseInstant(text sql.NullString) (time.Time, error) {
	if !text.Valid {
		return time.Time{}, nil
	}
	v, err := value.ParseInstant(text.String, time.UTC)
	if err != nil {
		return time.Time{}, fmt.Errorf("read a time of the register: %w", err)
	}
	return v.Time(), nil
}

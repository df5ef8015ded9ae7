package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Version is the register's version that this program writes. Each step of
// steps leads to the next version.
const Version int64 = 7

// steps are the statements that lead from one version to the next: steps[0]
// creates version 1. A released step is never edited.
func steps(d sqlgen.Dialect) [][]string {
	return [][]string{
		{
			d.CreateRegisterSchema(),
			createTable(d, "meta", "", column{"version", value.Int, true, 0}, column{"identity", value.Text, true, 0}, column{"created_on", value.Instant, true, 0}),
			createTable(
				d, "plan", "id",
				identifier("id"),
				column{"created_on", value.Instant, true, 0},
				column{"created_by", value.Text, true, 0},
				column{"config_digest", value.Text, true, 0},
				column{"git_commit", value.Text, false, 0},
				column{"expires_on", value.Instant, true, 0},
				column{"speculative", value.Bool, true, 0},
				column{"status", value.Text, true, 0},
				column{"digest", value.Text, true, 0},
				column{"summary", value.JSON, true, 0},
			),
			// No foreign key to plan: a plan's row is written last, when its digest is
			// known, and in the same transaction.
			createTable(
				d, "operation", "plan_id, seq",
				identifier("plan_id"),
				column{"seq", value.Int, true, 0},
				column{"sync", value.Text, true, 0},
				column{"table_name", value.Text, true, 0},
				column{"operation", value.Text, true, 0},
				column{"key", value.JSON, true, 0},
				column{"before", value.JSON, false, 0},
				column{"after", value.JSON, false, 0},
				column{"result", value.JSON, false, 0},
			),
			createTable(
				d, "finding", "plan_id, seq",
				identifier("plan_id"),
				column{"seq", value.Int, true, 0},
				column{"sync", value.Text, true, addressLength},
				column{"kind", value.Text, true, kindLength},
				column{"key", value.JSON, false, 0},
				column{"message", value.Text, false, 0},
				column{"detail", value.JSON, false, 0},
			),
			// The primary key is what makes a plan single-use.
			createTable(
				d, "execution", "plan_id",
				identifier("plan_id"),
				column{"executed_on", value.Instant, true, 0},
				column{"executed_by", value.Text, true, 0},
			),
		},
		createView(d, "import_reg", d.ImportView()),
		append(
			replaceView(d, "import_reg", d.ImportView()),
			// The primary key is what makes an override one for its plan.
			createTable(
				d, "override", "plan_id",
				identifier("plan_id"),
				column{"overridden_on", value.Instant, true, 0},
				column{"overridden_by", value.Text, true, 0},
				column{"reason", value.Text, true, 0},
			),
		),
		{
			// Each plan asks for the latest executions: without it the cost grows with the history.
			d.CreateIndex("registrar_execution_executed_on", d.RegisterTable("execution"), "executed_on"),
			// Findings are asked for by sync and kind, in a plan of perhaps hundreds of syncs.
			d.CreateIndex("registrar_finding_kind", d.RegisterTable("finding"), "plan_id", "sync", "kind", "seq"),
		},
		{
			// The primary key is what makes a slot's run one, whoever begins it.
			createTable(
				d, "run", "id",
				identifier("id"),
				identifier("run_id"),
				column{"unit", value.Text, true, addressLength},
				column{"schedule", value.Text, false, addressLength},
				column{"slot", value.Instant, false, 0},
				column{"attempt", value.Int, true, 0},
				column{"status", value.Text, true, kindLength},
				column{"started_on", value.Instant, true, 0},
				column{"started_by", value.Text, true, 0},
				column{"ended_on", value.Instant, false, 0},
				column{"plan_id", value.Text, false, identifierLength},
				column{"message", value.Text, false, 0},
			),
			// The history is read from its end.
			d.CreateIndex("registrar_run_started_on", d.RegisterTable("run"), "started_on"),
			// Beside run: a process tells that it lives while its apply writes how the run ends.
			createTable(d, "run_beat", "id", identifier("id"), column{"beats", value.Int, true, 0}),
			// The primary key is what makes a pause in force the only one of its sync.
			createTable(
				d, "pause", "id",
				identifier("id"),
				column{"sync", value.Text, true, addressLength},
				column{"paused_on", value.Instant, true, 0},
				column{"paused_by", value.Text, true, 0},
				column{"reason", value.Text, true, 0},
				column{"resumed_on", value.Instant, false, 0},
				column{"resumed_by", value.Text, false, 0},
			),
		},
		{
			createStageSchema(d),
			// Beside plan: who plans may write that table, and not who he is.
			createTable(d, "author", "plan_id", identifier("plan_id"), sessionUser()),
			defaultSessionUser(d, "author"),
			createTable(
				d, "approval", "id",
				identifier("id"),
				column{"digest", value.Text, true, digestLength},
				identifier("plan_id"),
				column{"approved_on", value.Instant, true, 0},
				column{"expires_on", value.Instant, true, 0},
				column{"approved_by", value.Text, true, 0},
				sessionUser(),
				column{"comment", value.Text, false, 0},
				column{"key", value.Text, false, 0},
				column{"signature", value.Text, false, 0},
			),
			defaultSessionUser(d, "approval"),
			d.CreateIndex("registrar_approval_digest", d.RegisterTable("approval"), "digest"),
			createTable(
				d, "disclosure", "id",
				identifier("id"),
				identifier("plan_id"),
				column{"shown_on", value.Instant, true, 0},
				column{"shown_by", value.Text, true, 0},
				sessionUser(),
			),
			defaultSessionUser(d, "disclosure"),
			d.CreateIndex("registrar_disclosure_plan_id", d.RegisterTable("disclosure"), "plan_id"),
			// Expired ones are swept after each apply, whose cost must not grow with the history.
			d.CreateIndex("registrar_plan_speculative", d.RegisterTable("plan"), "speculative", "expires_on"),
		},
		{
			// It tells that something was redacted, and not of whom.
			createTable(
				d, "redaction", "id",
				identifier("id"),
				column{"redacted_on", value.Instant, true, 0},
				column{"redacted_by", value.Text, true, 0},
				sessionUser(),
				column{"reason", value.Text, true, 0},
				column{"operations", value.Int, true, 0},
				column{"findings", value.Int, true, 0},
			),
			defaultSessionUser(d, "redaction"),
		},
	}
}

const databaseUser = "database_user"

// sessionUser is who the database took the session for; NULL where it has no users.
func sessionUser() column { return column{databaseUser, value.Text, false, addressLength} }

// defaultSessionUser returns "" where a column cannot be filled in by the database.
func defaultSessionUser(d sqlgen.Dialect, table string) string {
	if defaulter, ok := d.(sqlgen.SessionDefaulter); ok {
		return defaulter.DefaultSessionUser(d.RegisterTable(table), d.Quote(databaseUser))
	}
	return ""
}

// stageSchemaMaker is a dialect whose staging tables are not beside the register's.
type stageSchemaMaker interface {
	// CreateStageSchema creates what staging tables live in, if it is missing.
	CreateStageSchema() string
}

func createStageSchema(d sqlgen.Dialect) string {
	if maker, ok := d.(stageSchemaMaker); ok {
		return maker.CreateStageSchema()
	}
	return ""
}

// viewReplacer is a dialect that can give a view another text without dropping it,
// and with it the rights that were granted on it.
type viewReplacer interface {
	ReplaceView(name, query string) string
}

// createView leaves a view alone that an interrupted step made.
func createView(d sqlgen.Dialect, name, query string) []string {
	if _, commits := d.(sqlgen.CommittingDefinitions); commits {
		return replaceView(d, name, query)
	}
	return []string{"CREATE VIEW " + d.RegisterTable(name) + " AS " + query}
}

func replaceView(d sqlgen.Dialect, name, query string) []string {
	view := d.RegisterTable(name)
	if r, ok := d.(viewReplacer); ok {
		return []string{r.ReplaceView(view, query)}
	}
	return []string{"DROP VIEW " + view, "CREATE VIEW " + view + " AS " + query}
}

type column struct {
	name    string
	kind    value.Kind
	notNull bool
	length  int // that an index can rely on, in characters; 0: any
}

// The lengths of texts that are looked for by an index.
const (
	identifierLength = 36
	digestLength     = 64
	addressLength    = 400
	kindLength       = 32
)

func identifier(name string) column { return column{name, value.Text, true, identifierLength} }

func createTable(d sqlgen.Dialect, name, primaryKey string, columns ...column) string {
	parts := make([]string, 0, len(columns)+1)
	for _, c := range columns {
		spelt := d.TypeName(c.kind)
		if c.length > 0 {
			spelt = d.TextType(c.length)
		}
		part := d.Quote(c.name) + " " + spelt
		if c.notNull {
			part += " NOT NULL"
		}
		parts = append(parts, part)
	}
	if primaryKey != "" {
		parts = append(parts, "PRIMARY KEY ("+primaryKey+")")
	}
	return d.CreateTable(d.RegisterTable(name), parts)
}

// Outcome says what Init did.
type Outcome string

// The outcomes of Init.
const (
	Created  Outcome = "created"
	Upgraded Outcome = "upgraded"
	Present  Outcome = "present"
)

// Init creates the register in tx, or, if upgrade is set, brings an older one to this
// program's version. An older register without upgrade, and a newer one, are a
// *VersionError.
func (r Register) Init(ctx context.Context, tx *sql.Tx, now time.Time, upgrade bool) (Meta, Outcome, error) {
	meta, err := r.Meta(ctx, tx)
	var version *VersionError
	switch {
	case err == nil:
		return meta, Present, nil
	case errors.Is(err, ErrMissing):
		meta = Meta{Identity: uuid.NewString()}
	case errors.As(err, &version) && version.Have < version.Want && upgrade:
	default:
		return meta, "", err
	}
	from := meta.Version
	if err := r.upgrade(ctx, tx, from, Version); err != nil {
		return meta, "", err
	}
	meta.Version = Version
	if from > 0 {
		return meta, Upgraded, r.exec(ctx, tx, fmt.Sprintf("UPDATE %s SET version = %d", r.d.RegisterTable("meta"), Version))
	}
	args := arguments{d: r.d}
	insert := fmt.Sprintf("INSERT INTO %s (version, %s, created_on) VALUES (%d, %s, %s)", r.d.RegisterTable("meta"), r.d.Quote("identity"),
		Version, args.of(meta.Identity), args.instant(now))
	return meta, Created, r.exec(ctx, tx, insert, args.values...)
}

func (r Register) upgrade(ctx context.Context, q providers.Querier, from, to int64) error {
	for version := from; version < to; version++ {
		for _, statement := range steps(r.d)[version] {
			if statement == "" {
				continue
			}
			err := r.exec(ctx, q, statement)
			if err != nil && statement == createStageSchema(r.d) {
				// It stands before the error, which is made safe later.
				err = fmt.Errorf("where this role may not, an administrator runs %s, and grants it all rights on that; then registrar init is repeated: %w", statement, err)
			}
			if err != nil {
				return fmt.Errorf("bring the register to version %d: %w", version+1, err)
			}
		}
	}
	return nil
}

func (r Register) exec(ctx context.Context, q providers.Querier, statement string, args ...any) error {
	_, err := q.ExecContext(ctx, statement, args...)
	return err
}

package register

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Status is what may become of a plan.
type Status string

// The statuses.
const (
	Ready Status = "ready" // may be applied
	Held  Status = "held"  // a guard holds it
)

// Plan is a plan's row in one destination's register.
type Plan struct {
	ID           string
	CreatedOn    time.Time
	CreatedBy    string
	ConfigDigest string
	GitCommit    string // "" outside a git checkout
	ExpiresOn    time.Time
	Speculative  bool // never appliable
	Status       Status
	Digest       string // of what it does here: Register.Effects, lower-case hexadecimal SHA-256
	Syncs        []SyncSummary
	// Destinations are the addresses of all that the plan writes to, this one too, in the plan's order; none where
	// a registrar wrote it whose registers were of version 4.
	Destinations []string
	// Files says what publishing its tables changes here besides their rows.
	Files    []string
	Checks   []CheckSummary
	Policies []PolicySummary
	// DatabaseUser is who the database took the planner for; "" where it has no users, or an older registrar wrote
	// the plan. It is not for writing: the database tells.
	DatabaseUser string
	// PseudonymKey makes the pseudonyms of this plan's masked keys; it is in every register of the plan and
	// never leaves them.
	PseudonymKey []byte
	// Instance told the database from its copies when the plan was made; "" where that could not be told.
	Instance string
	// Purpose is nil for a plan that brings syncs in step with their sources.
	Purpose *Purpose
	// Transferred is the digest of the bundle that brought the plan from another server, where it was applied; "" for a plan
	// of this register. It can be neither applied nor reverted here.
	Transferred string
}

// PurposeKind is what a plan is for.
type PurposeKind string

// The purposes of plans that do not bring syncs in step with their sources.
const (
	Revert PurposeKind = "revert" // undoes a plan that was applied, or a part of it
	Import PurposeKind = "import" // brings the rows of a bundle
	Retire PurposeKind = "retire" // removes the rows that a bundle took elsewhere
)

// Purpose says what a plan is for where that is not to bring syncs in step with their sources.
type Purpose struct {
	Kind PurposeKind `json:"kind"`
	// Of is the id of the plan that is undone; of a bundle its digest.
	Of string `json:"of"`
	// AppliedOn is when the plan that is undone was applied; else the zero time.
	AppliedOn time.Time `json:"applied_on,omitzero"`
}

// Equal reports whether two purposes are the same; either may be nil.
func (p *Purpose) Equal(other *Purpose) bool {
	if p == nil || other == nil {
		return p == other
	}
	return p.Kind == other.Kind && p.Of == other.Of && p.AppliedOn.Equal(other.AppliedOn)
}

// PolicySummary is a policy that the plan does not obey.
type PolicySummary struct {
	Policy    string               `json:"policy"` // its address
	OnFailure config.PolicyFailure `json:"on_failure"`
	Message   string               `json:"message"`
	Syncs     []string             `json:"syncs"` // those of the plan that it looked at
}

// CheckSummary is what a check found that looked at this destination, or at the syncs that write it.
type CheckSummary struct {
	Check    string               `json:"check"` // its address
	Severity config.CheckSeverity `json:"severity"`
	Code     string               `json:"code,omitempty"`
	Findings int64                `json:"findings"`         // all of them, of which some are in the register
	Blocks   []string             `json:"blocks,omitempty"` // the instances that a finding holds
}

// summarized is an element of the summary's document: a sync's, and with the first one what is the plan's.
type summarized struct {
	SyncSummary
	Plan *planSummary `json:"plan,omitempty"`
}

type planSummary struct {
	Destinations []string        `json:"destinations"`
	Files        []string        `json:"files,omitempty"`
	Checks       []CheckSummary  `json:"checks,omitempty"`
	Policies     []PolicySummary `json:"policies,omitempty"`
	PseudonymKey []byte          `json:"pseudonym_key,omitempty"`
	Instance     string          `json:"instance,omitempty"`
	Purpose      *Purpose        `json:"purpose,omitempty"`
	Transferred  string          `json:"transferred,omitempty"`
}

func encodeSummary(p *Plan) ([]byte, error) {
	list := make([]summarized, len(p.Syncs))
	for i, s := range p.Syncs {
		list[i].SyncSummary = s
	}
	if len(list) > 0 && len(p.Destinations) > 0 {
		list[0].Plan = &planSummary{
			Destinations: p.Destinations, Files: p.Files, Checks: p.Checks, Policies: p.Policies, PseudonymKey: p.PseudonymKey, Instance: p.Instance,
			Purpose: p.Purpose, Transferred: p.Transferred,
		}
	}
	return json.Marshal(list)
}

func (p *Plan) decodeSummary(text string) error {
	var list []summarized
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return err
	}
	for _, one := range list {
		p.Syncs = append(p.Syncs, one.SyncSummary)
		if one.Plan != nil {
			p.Destinations, p.Files, p.Checks = one.Plan.Destinations, one.Plan.Files, one.Plan.Checks
			p.Policies, p.PseudonymKey, p.Instance = one.Plan.Policies, one.Plan.PseudonymKey, one.Plan.Instance
			p.Purpose, p.Transferred = one.Plan.Purpose, one.Plan.Transferred
		}
	}
	return nil
}

// SyncSummary is what a plan would do for one sync.
type SyncSummary struct {
	Sync        string `json:"sync"`
	Faculty     string `json:"faculty,omitempty"`
	Source      string `json:"source"`
	Destination string `json:"destination"`
	Table       string `json:"table"`
	// AfterSeq and LastSeq bound its operations: AfterSeq < seq <= LastSeq.
	AfterSeq int64 `json:"after_seq"`
	LastSeq  int64 `json:"last_seq"`
	// Needs are the syncs of the plan whose rows must be there first.
	Needs []string `json:"needs,omitempty"`
	// SourceRows were read, of a Partial plan those that changed, or compared by their fingerprints; LiveRows and ArchivedRows are the scope's rows, before
	// the plan.
	SourceRows   int64 `json:"source_rows"`
	LiveRows     int64 `json:"live_rows"`
	ArchivedRows int64 `json:"archived_rows,omitempty"`
	// Counts are the operations planned, Withheld those that the lifecycle's
	// operations do not allow, Ignored the keys held by another origin.
	Counts   map[config.Operation]int64 `json:"counts"`
	Withheld map[config.Operation]int64 `json:"withheld,omitempty"`
	Ignored  int64                      `json:"ignored,omitempty"`
	// Rejected records are left as they are in the destination, Warned ones are written all the same,
	// Unresolved ones with NULL for a lookup; Protected rows are left as lifecycle.protect says.
	Rejected   int64 `json:"rejected,omitempty"`
	Warned     int64 `json:"warned,omitempty"`
	Unresolved int64 `json:"unresolved,omitempty"`
	Protected  int64 `json:"protected,omitempty"`
	// Changed are operations of a plan to revert that are left as they are: their rows have changed since.
	Changed int64 `json:"changed,omitempty"`
	// LikelyRenames are pairs of an operation that removes a row and an insert of one alike but
	// for the key.
	LikelyRenames int64 `json:"likely_renames,omitempty"`
	// Hooks are the statements that an apply runs besides, in order; only where there are
	// operations.
	Hooks []Hook `json:"hooks,omitempty"`
	// Held says why a guard or a check holds the sync; "" where none does.
	Held string `json:"held,omitempty"`
	// Blocked says why the sync cannot be applied even with an override; "" where it can.
	Blocked string `json:"blocked,omitempty"`
	// HeldBack are operations withheld by on_breach = "hold_deletes", BackReason says why.
	HeldBack   map[config.Operation]int64 `json:"held_back,omitempty"`
	BackReason string                     `json:"back_reason,omitempty"`
	// Incremental says how much of the source was read; nil: all of it, as always.
	Incremental *Incremental `json:"incremental,omitempty"`
	// Fingerprints says how much of the source was read where fingerprints tell; nil: all of it, as always.
	Fingerprints *Fingerprints `json:"fingerprints,omitempty"`
	// Sensitive are the columns to mask in every output.
	Sensitive []string `json:"sensitive,omitempty"`
}

// Hook is a statement that an apply runs besides the operations.
type Hook struct {
	When string `json:"when"` // before_apply or after_apply
	SQL  string `json:"sql"`
}

// Total is the number of operations planned.
func (s *SyncSummary) Total() int64 {
	var n int64
	for _, count := range s.Counts {
		n += count
	}
	return n
}

// Removed is the number of rows archived, deleted or purged.
func (s *SyncSummary) Removed() int64 {
	var n int64
	for operation, count := range s.Counts {
		if operation.Removes() {
			n += count
		}
	}
	return n
}

// InsertPlan writes the plan's row, and who made it; its operations and findings are there already.
func (r Register) InsertPlan(ctx context.Context, q providers.Querier, p *Plan) error {
	if err := r.insertPlanRow(ctx, q, p); err != nil {
		return err
	}
	return r.insertAuthor(ctx, q, p.ID)
}

func (r Register) insertPlanRow(ctx context.Context, q providers.Querier, p *Plan) error {
	summary, err := encodeSummary(p)
	if err != nil {
		return fmt.Errorf("encode the plan's summary: %w", err)
	}
	var commit *string
	if p.GitCommit != "" {
		commit = &p.GitCommit
	}
	args := arguments{d: r.d}
	statement := fmt.Sprintf("INSERT INTO %s (id, created_on, created_by, config_digest, git_commit, expires_on, speculative, status, digest, summary) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
		r.d.RegisterTable("plan"), args.of(p.ID), args.instant(p.CreatedOn), args.of(p.CreatedBy), args.of(p.ConfigDigest), args.text(commit),
		args.instant(p.ExpiresOn), args.typed(value.Bool, value.OfBool(p.Speculative).Text()), args.of(string(p.Status)), args.of(p.Digest),
		args.typed(value.JSON, string(summary)))
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return fmt.Errorf("write the plan into the register: %w", err)
	}
	return nil
}

// insertAuthor records who the database takes the planner for, where it has users.
func (r Register) insertAuthor(ctx context.Context, q providers.Querier, planID string) error {
	if _, ok := r.d.(sqlgen.SessionTeller); !ok {
		return nil
	}
	args := arguments{d: r.d}
	column, user := r.tellUser()
	statement := fmt.Sprintf("INSERT INTO %s (plan_id%s) VALUES (%s%s)", r.d.RegisterTable("author"), column, args.of(planID), user)
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return fmt.Errorf("write the plan's author into the register: %w", withRemedy(err))
	}
	return nil
}

// planColumns are what planRow reads of a plan p.
func (r Register) planColumns() string {
	return fmt.Sprintf("p.id, %s, p.created_by, p.config_digest, p.git_commit, %s, %s, p.status, p.digest, %s, (SELECT w.database_user FROM %s w WHERE w.plan_id = p.id)",
		r.instantText("p.created_on"), r.instantText("p.expires_on"), r.d.Canonical("p.speculative", registerColumn(r.d, value.Bool)),
		r.d.Canonical("p.summary", registerColumn(r.d, value.JSON)), r.d.RegisterTable("author"))
}

// planRow is a plan's row as it is read.
type planRow struct {
	p                              Plan
	created, expires, commit, user sql.NullString
	speculative, summary           string
}

// into are what planColumns are scanned into.
func (row *planRow) into() []any {
	p := &row.p
	return []any{&p.ID, &row.created, &p.CreatedBy, &p.ConfigDigest, &row.commit, &row.expires, &row.speculative, &p.Status, &p.Digest, &row.summary, &row.user}
}

func (row *planRow) plan() (*Plan, error) {
	p := &row.p
	var err error
	if p.CreatedOn, err = parseInstant(row.created); err != nil {
		return nil, err
	}
	if p.ExpiresOn, err = parseInstant(row.expires); err != nil {
		return nil, err
	}
	p.GitCommit, p.DatabaseUser, p.Speculative = row.commit.String, row.user.String, row.speculative == "true"
	if err := p.decodeSummary(row.summary); err != nil {
		return nil, fmt.Errorf("read the plan's summary: %w", err)
	}
	return p, nil
}

// Plan reads a plan's row, or returns ErrNoPlan.
func (r Register) Plan(ctx context.Context, q providers.Querier, id string) (*Plan, error) {
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT %s FROM %s p WHERE p.id = %s", r.planColumns(), r.d.RegisterTable("plan"), args.of(id))
	var row planRow
	err := q.QueryRowContext(ctx, query, args.values...).Scan(row.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoPlan
	}
	if err != nil {
		return nil, fmt.Errorf("read the plan from the register: %w", withRemedy(err))
	}
	return row.plan()
}

// Execution is the application of a plan.
type Execution struct {
	PlanID     string
	ExecutedOn time.Time
	ExecutedBy string
}

// InsertExecution records that the plan was applied. The row's primary key makes
// a second one fail.
func (r Register) InsertExecution(ctx context.Context, q providers.Querier, e Execution) error {
	args := arguments{d: r.d}
	statement := fmt.Sprintf("INSERT INTO %s (plan_id, executed_on, executed_by) VALUES (%s, %s, %s)", r.d.RegisterTable("execution"),
		args.of(e.PlanID), args.instant(e.ExecutedOn), args.of(e.ExecutedBy))
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return fmt.Errorf("record the execution: %w", err)
	}
	return nil
}

// Execution returns the application of a plan, or nil where it was not applied.
func (r Register) Execution(ctx context.Context, q providers.Querier, planID string) (*Execution, error) {
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT %s, e.executed_by FROM %s e WHERE e.plan_id = %s", r.instantText("e.executed_on"), r.d.RegisterTable("execution"), args.of(planID))
	e := Execution{PlanID: planID}
	var on sql.NullString
	err := q.QueryRowContext(ctx, query, args.values...).Scan(&on, &e.ExecutedBy)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // "not applied" is an answer, not an error
	}
	if err != nil {
		return nil, fmt.Errorf("read the plan's execution: %w", err)
	}
	e.ExecutedOn, err = parseInstant(on)
	return &e, err
}

// LastExecution returns when a plan was last applied; the zero time for never.
func (r Register) LastExecution(ctx context.Context, q providers.Querier) (time.Time, error) {
	var on sql.NullString
	query := fmt.Sprintf("SELECT %s FROM (SELECT max(executed_on) AS last FROM %s) e", r.instantText("e.last"), r.d.RegisterTable("execution"))
	if err := q.QueryRowContext(ctx, query).Scan(&on); err != nil {
		return time.Time{}, fmt.Errorf("read the last execution: %w", err)
	}
	return parseInstant(on)
}

package register

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

// Approval is that somebody approves of operations, whichever plan holds them.
type Approval struct {
	ID string
	// Digest is of what is done, as Register.Effects returns it.
	Digest string
	// PlanID is of the plan that was looked at.
	PlanID     string
	ApprovedOn time.Time
	ExpiresOn  time.Time
	ApprovedBy string // as the program tells: user@host
	// DatabaseUser is who the database took the approver for; "" where it has no users. It is not for
	// writing: the database tells.
	DatabaseUser string
	Comment      string
	// Key is the public key of a signed approval, as signature.PublicText writes it; "" for one without.
	Key       string
	Signature []byte
}

// tellUser returns what an INSERT adds to its columns, and to their values, for the database to record whose session it
// is: nothing where it does so by itself, or has no users.
func (r Register) tellUser() (column, expression string) {
	teller, ok := r.d.(sqlgen.SessionTeller)
	if !ok || defaultSessionUser(r.d, "approval") != "" {
		return "", ""
	}
	return ", " + databaseUser, ", " + teller.SessionUser()
}

// InsertApproval records an approval.
func (r Register) InsertApproval(ctx context.Context, q providers.Querier, a Approval) error {
	if a.Digest == "" || !a.ExpiresOn.After(a.ApprovedOn) {
		return errors.New("record the approval: it needs a digest, and must expire after it is given")
	}
	args := arguments{d: r.d}
	column, user := r.tellUser()
	statement := fmt.Sprintf("INSERT INTO %s (id, digest, plan_id, approved_on, expires_on, approved_by, %s, %s, signature%s) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s%s)",
		r.d.RegisterTable("approval"), r.d.Quote("comment"), r.d.Quote("key"), column,
		args.of(a.ID), args.of(a.Digest), args.of(a.PlanID), args.instant(a.ApprovedOn), args.instant(a.ExpiresOn), args.of(shortened(storable(a.ApprovedBy))),
		args.optional(shortened(storable(a.Comment))), args.optional(a.Key), args.optional(base64.StdEncoding.EncodeToString(a.Signature)), user)
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		// What the planning and the applying role lack, no grants give them.
		return fmt.Errorf("record the approval: %w", remedied(err, "this role may not approve: approve as a member of the approving role, which is another than those that plan and apply"))
	}
	return nil
}

// Approvals returns the approvals of operations that count at that time, the first one first: those that have been
// given and have not expired, and that no execution of a plan with these operations has used up.
func (r Register) Approvals(ctx context.Context, q providers.Querier, digest string, now time.Time) ([]Approval, error) {
	return r.approvals(ctx, q, digest, now, nil)
}

// ApprovalsOf returns the approvals that counted when a plan was applied, or, where it has not been, those that count for
// it now; none for a plan that the register does not hold.
func (r Register) ApprovalsOf(ctx context.Context, q providers.Querier, planID string, now time.Time) ([]Approval, error) {
	p, err := r.Plan(ctx, q, planID)
	if errors.Is(err, ErrNoPlan) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e, err := r.Execution(ctx, q, planID)
	if err != nil {
		return nil, err
	}
	if e == nil {
		return r.Approvals(ctx, q, p.Digest, now)
	}
	return r.approvals(ctx, q, p.Digest, e.ExecutedOn, e)
}

// approvals are those that count at that time; within an execution, nil for none, those that it then used up.
func (r Register) approvals(ctx context.Context, q providers.Querier, digest string, now time.Time, within *Execution) ([]Approval, error) {
	given, err := r.givenApprovals(ctx, q, digest, now)
	if err != nil || len(given) == 0 {
		return nil, err
	}
	used, err := r.lastUse(ctx, q, digest, given[0].ApprovedOn, within)
	if err != nil {
		return nil, err
	}
	// An execution in the same instant counts as later: an approval that is given after it is given once more, and none
	// is used twice.
	return slices.DeleteFunc(given, func(a Approval) bool { return !a.ApprovedOn.After(used) }), nil
}

// lastUse returns when a plan with these operations was last applied, since then; the zero time for never. Within an execution
// only those before it count.
func (r Register) lastUse(ctx context.Context, q providers.Querier, digest string, since time.Time, within *Execution) (time.Time, error) {
	args := arguments{d: r.d}
	// By their index, of which that is the end. Their plans are found by their ids, which a join would not make sure of.
	query := fmt.Sprintf("SELECT max(e.executed_on) AS last FROM %s e WHERE e.executed_on >= %s AND (SELECT p.digest FROM %s p WHERE p.id = e.plan_id) = %s",
		r.d.RegisterTable("execution"), args.instant(since), r.d.RegisterTable("plan"), args.of(digest))
	if within != nil {
		query += fmt.Sprintf(" AND e.executed_on <= %s AND e.plan_id <> %s", args.instant(within.ExecutedOn), args.of(within.PlanID))
	}
	var on sql.NullString
	if err := q.QueryRowContext(ctx, fmt.Sprintf("SELECT %s FROM (%s) u", r.instantText("u.last"), query), args.values...).Scan(&on); err != nil {
		return time.Time{}, fmt.Errorf("read what used approvals up: %w", err)
	}
	return parseInstant(on)
}

// LapsedApproval is one that does not count any more.
type LapsedApproval struct {
	Approval
	// UsedOn is of the last execution that it was used up by then; zero for one that expired.
	UsedOn time.Time
}

// maxLooked bounds the approvals that are looked at for those that do not count.
const maxLooked = 20

// LapsedApprovals returns the last approvals of operations that counted before that time and do not any more, the last one
// first, at most limit of them.
func (r Register) LapsedApprovals(ctx context.Context, q providers.Querier, digest string, now time.Time, limit int) ([]LapsedApproval, error) {
	args := arguments{d: r.d}
	where := fmt.Sprintf("a.digest = %s AND a.approved_on <= %s ORDER BY a.approved_on DESC, a.id", args.of(digest), args.instant(now))
	given, err := r.readApprovals(ctx, q, args, where, maxLooked)
	if err != nil || len(given) == 0 {
		return nil, err
	}
	used, err := r.lastUse(ctx, q, digest, given[len(given)-1].ApprovedOn, nil)
	if err != nil {
		return nil, err
	}
	var lapsed []LapsedApproval
	for _, a := range given {
		switch {
		case len(lapsed) == limit:
		case !a.ApprovedOn.After(used):
			lapsed = append(lapsed, LapsedApproval{Approval: a, UsedOn: used})
		case !a.ExpiresOn.After(now):
			lapsed = append(lapsed, LapsedApproval{Approval: a})
		}
	}
	return lapsed, nil
}

// OtherApprovals returns the last approvals that have not expired or been used up, of other operations than those, of a plan with one
// of the syncs; the last one first, at most limit of them. Whether a plan that was swept had one, nobody knows: it is left out.
func (r Register) OtherApprovals(ctx context.Context, q providers.Querier, digest string, syncs []string, now time.Time, limit int) ([]Approval, error) {
	args := arguments{d: r.d}
	where := fmt.Sprintf("a.digest <> %s AND a.approved_on <= %s AND a.expires_on > %s ORDER BY a.approved_on DESC, a.id", args.of(digest), args.instant(now), args.instant(now))
	given, err := r.readApprovals(ctx, q, args, where, maxLooked)
	if err != nil {
		return nil, err
	}
	var others []Approval
	for _, a := range given {
		if len(others) == limit {
			break
		}
		p, err := r.Plan(ctx, q, a.PlanID)
		if errors.Is(err, ErrNoPlan) {
			continue
		}
		if err != nil {
			return nil, err
		}
		used, err := r.lastUse(ctx, q, a.Digest, a.ApprovedOn, nil)
		if err != nil {
			return nil, err
		}
		if used.IsZero() && slices.ContainsFunc(p.Syncs, func(s SyncSummary) bool { return slices.Contains(syncs, s.Sync) }) {
			others = append(others, a)
		}
	}
	return others, nil
}

// givenApprovals are those that have been given and have not expired, used up or not, the first one first.
func (r Register) givenApprovals(ctx context.Context, q providers.Querier, digest string, now time.Time) ([]Approval, error) {
	args := arguments{d: r.d}
	where := fmt.Sprintf("a.digest = %s AND a.approved_on <= %s AND a.expires_on > %s ORDER BY a.approved_on, a.id", args.of(digest), args.instant(now), args.instant(now))
	return r.readApprovals(ctx, q, args, where, 0)
}

// readApprovals reads those of a condition in an order, at most limit of them, 0 for all.
func (r Register) readApprovals(ctx context.Context, q providers.Querier, args arguments, where string, limit int) ([]Approval, error) {
	query := fmt.Sprintf("SELECT a.id, a.digest, a.plan_id, %s, %s, a.approved_by, a.database_user, a.%s, a.%s, a.signature FROM %s a WHERE %s",
		r.instantText("a.approved_on"), r.instantText("a.expires_on"), r.d.Quote("comment"), r.d.Quote("key"), r.d.RegisterTable("approval"), where)
	if limit > 0 {
		query = r.d.Limit(query, limit)
	}
	rows, err := q.QueryContext(ctx, query, args.values...)
	if err != nil {
		return nil, fmt.Errorf("read approvals: %w", withRemedy(err))
	}
	defer rows.Close()
	var found []Approval
	for rows.Next() {
		var a Approval
		var approved, expires, user, comment, key, signature sql.NullString
		if err := rows.Scan(&a.ID, &a.Digest, &a.PlanID, &approved, &expires, &a.ApprovedBy, &user, &comment, &key, &signature); err != nil {
			return nil, fmt.Errorf("read approvals: %w", err)
		}
		a.DatabaseUser, a.Comment, a.Key = user.String, comment.String, key.String
		if a.ApprovedOn, err = parseInstant(approved); err != nil {
			return nil, err
		}
		if a.ExpiresOn, err = parseInstant(expires); err != nil {
			return nil, err
		}
		if signature.Valid {
			if a.Signature, err = base64.StdEncoding.DecodeString(signature.String); err != nil {
				return nil, fmt.Errorf("read approvals: the signature of %s: %w", a.ID, err)
			}
		}
		found = append(found, a)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read approvals: %w", err)
	}
	return found, nil
}

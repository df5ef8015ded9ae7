package apply

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/signature"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// ApproveOptions are what a command adds to the configuration.
type ApproveOptions struct {
	Providers []providers.Provider
	// ApprovedBy is who approves, as the program tells: user@host.
	ApprovedBy string
	Comment    string
	// SignKey signs the approval, and tells by that who approves; nil: the database's user does.
	SignKey ed25519.PrivateKey
	// Now and NewID are the clock and the source of approval ids.
	Now   func() time.Time
	NewID func() string
	// LockTimeout bounds the wait for a database that another process holds.
	LockTimeout time.Duration
	// Approved is told of each destination in which the approval was recorded; nil: nobody.
	Approved func(Approved)
}

// Approved is what became of an approval in a destination.
type Approved struct {
	Destination string // its address
	// User is who the database takes the approver for; "" where it has no users.
	User string
	// Again: an approval by the same user or, of signed ones, the same key counts already, so that this one adds none.
	Again bool
}

// Approve records, in all its destinations, that somebody else than its author approves of what a plan does. It holds for
// every plan of the same operations, until plan_ttl has passed or such a plan has been applied; also where
// the plan that was looked at is speculative. A plan that cannot be approved of is an *UnapprovableError, and
// nothing is recorded; any other error says where it was.
func Approve(ctx context.Context, cfg *config.Config, p *plan.Plan, o ApproveOptions) error {
	if err := approvable(cfg, p, o); err != nil {
		return err
	}
	var open []*approving
	defer func() {
		for _, a := range open {
			a.close()
		}
	}()
	for i := range p.Destinations {
		d, err := connect(ctx, cfg, &p.Destinations[i], o.Providers)
		if err != nil {
			return err
		}
		a := &approving{destination: d}
		open = append(open, a)
		reason, err := d.copied(ctx)
		if err != nil {
			return err
		}
		if reason != "" {
			return &UnapprovableError{p.ID, reason}
		}
		if a.tx, err = d.Begin(ctx, d.conn, o.LockTimeout); err != nil {
			return fmt.Errorf("%s: begin: %w", d.part.Address, d.safe(err))
		}
		if err := a.approve(ctx, cfg, p, o); err != nil {
			return fmt.Errorf("%s: %w", d.part.Address, err)
		}
	}
	var done []string
	for _, a := range open {
		if err := a.tx.Commit(); err != nil {
			err = fmt.Errorf("%s: commit: %w", a.part.Address, a.safe(err))
			if len(done) > 0 {
				err = fmt.Errorf("%w (approved of before, and kept: %s; approve of it again for the rest)", err, strings.Join(done, ", "))
			}
			return err
		}
		done = append(done, a.part.Address)
		if o.Approved != nil {
			o.Approved(a.approved)
		}
	}
	return nil
}

// approvable checks what the plan and the configuration alone can tell.
func approvable(cfg *config.Config, p *plan.Plan, o ApproveOptions) error {
	if o.Now().After(p.ExpiresOn) {
		return &UnapprovableError{p.ID, fmt.Sprintf("it expired on %s: plan again", p.ExpiresOn.Format(time.RFC3339))}
	}
	if o.SignKey == nil {
		return nil
	}
	switch key := public(o.SignKey); {
	case !trusted(cfg.Settings.TrustedKeys, key):
		return &UnapprovableError{p.ID, fmt.Sprintf("the approval would be signed with %s, which is none of the keys that are trusted (trusted_keys), and would not count", signature.PublicText(key))}
	case p.Signer != nil && p.Signer.Equal(key):
		return &UnapprovableError{p.ID, "the plan is signed with the same key: somebody else than its author approves of it, with a key of their own"}
	default:
		return nil
	}
}

func public(key ed25519.PrivateKey) ed25519.PublicKey {
	return key.Public().(ed25519.PublicKey) //nolint:forcetypeassert // as it is documented
}

// approving is a destination in which an approval is recorded.
type approving struct {
	*destination
	tx       *sql.Tx
	approved Approved
}

func (a *approving) close() {
	if a.tx != nil {
		_ = a.tx.Rollback()
	}
	a.destination.close()
}

func (a *approving) approve(ctx context.Context, cfg *config.Config, p *plan.Plan, o ApproveOptions) error {
	r := register.New(a.Dialect())
	stored, err := a.stored(ctx, r, p, o.Now())
	if err != nil {
		return err
	}
	now, err := a.clock(ctx, a.tx, o.Now)
	if err != nil {
		return err
	}
	approval := register.Approval{
		ID: o.NewID(), Digest: stored.Digest, PlanID: p.ID, ApprovedOn: now, ExpiresOn: now.Add(cfg.Settings.PlanTTL).Truncate(time.Microsecond), ApprovedBy: o.ApprovedBy, Comment: o.Comment,
	}
	if o.SignKey != nil {
		approval.Key = signature.PublicText(public(o.SignKey))
		approval.Signature = signature.Sign(o.SignKey, signature.Approval, ApprovalMessage(a.part.Identity, approval.Digest, approval.ApprovedOn, approval.ExpiresOn))
	}
	if err := r.InsertApproval(ctx, a.tx, approval); err != nil {
		return a.safe(err)
	}
	// Who approves, the database tells.
	all, err := r.Approvals(ctx, a.tx, approval.Digest, now)
	if err != nil {
		return a.safe(err)
	}
	i := slices.IndexFunc(all, func(one register.Approval) bool { return one.ID == approval.ID })
	if i < 0 {
		return fmt.Errorf("the register does not give approval %s back", approval.ID)
	}
	mine := all[i]
	a.approved = Approved{Destination: a.part.Address, User: mine.DatabaseUser}
	a.approved.Again = slices.ContainsFunc(all, func(one register.Approval) bool {
		return one.ID != mine.ID && one.Key == mine.Key && (mine.Key != "" || one.DatabaseUser == mine.DatabaseUser)
	})
	if mine.Key != "" {
		return nil
	}
	return unlikeAuthor(p, stored, mine.DatabaseUser)
}

// stored returns the plan as the register has it, if it can be approved of.
func (a *approving) stored(ctx context.Context, r register.Register, p *plan.Plan, now time.Time) (*register.Plan, error) {
	stored, err := r.Plan(ctx, a.tx, p.ID)
	if errors.Is(err, register.ErrNoPlan) {
		return nil, &UnapprovableError{p.ID, "the register does not hold it: it was pruned, or the database restored; plan again"}
	}
	if err != nil {
		return nil, a.safe(err)
	}
	execution, err := r.Execution(ctx, a.tx, p.ID)
	if err != nil {
		return nil, a.safe(err)
	}
	digest, err := r.Effects(ctx, a.tx, p.ID, a.part.Syncs, a.part.Files)
	switch {
	case errors.Is(err, register.ErrUncounted):
		return nil, a.unplanned(ctx, r, p)
	case err != nil:
		return nil, a.safe(err)
	case execution != nil:
		return nil, &UnapprovableError{p.ID, "it was applied already"}
	case now.After(stored.ExpiresOn):
		return nil, &UnapprovableError{p.ID, fmt.Sprintf("it expired on %s: plan again", stored.ExpiresOn.Format(time.RFC3339))}
	case stored.Digest != a.part.Digest || digest != a.part.Digest:
		return nil, a.unplanned(ctx, r, p)
	default:
		return stored, nil
	}
}

// unplanned refuses a plan whose operations are others than those that were planned.
func (a *approving) unplanned(ctx context.Context, r register.Register, p *plan.Plan) error {
	reason, err := unplanned(ctx, r, a.tx, p.ID, "the register or the file was changed")
	if err != nil {
		return a.safe(err)
	}
	return &UnapprovableError{p.ID, reason}
}

// unlikeAuthor refuses an approval that nobody signed and that would not count.
func unlikeAuthor(p *plan.Plan, stored *register.Plan, user string) error {
	const sign = "sign the approval with a trusted key (--sign-key KEY)"
	switch {
	case user == "":
		return &UnapprovableError{p.ID, "the database has no users that could tell who approves: " + sign}
	case stored.DatabaseUser == "":
		return &UnapprovableError{p.ID, "the register does not tell which user of the database made it: " + sign}
	case user == stored.DatabaseUser:
		return &UnapprovableError{p.ID, fmt.Sprintf("the database takes you for %s, who made it: approve of it as another user, or %s", user, sign)}
	default:
		return nil
	}
}

package apply

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/registrar-sync/registrar/internal/signature"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// ApprovalMessage is what a signed approval is of: a register's operations, by their digest, from a time until another, to
// the microsecond. The time from which it counts keeps one that was used up from being given again as a later one.
func ApprovalMessage(identity, digest string, approved, expires time.Time) []byte {
	instant := func(t time.Time) string { return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano) }
	return fmt.Appendf(nil, "1\nregistrar approval\n%s\n%s\n%s\n%s\n", identity, digest, instant(approved), instant(expires))
}

// verifyApproval checks that those approve who must. Operations that there are none of need nobody's approval, but a plan
// without them is not believed either where keys are trusted and none signed it.
func (t *transaction) verifyApproval(ctx context.Context, q providers.Querier, p *plan.Plan, stored *register.Plan) error {
	unsigned := p.Signer == nil && len(t.opts.TrustedKeys) > 0
	needed := t.opts.RequireApproval
	if nothing := sha256.Sum256(nil); stored.Digest == hex.EncodeToString(nothing[:]) && len(stored.Files) == 0 {
		needed = 0
	}
	if !unsigned && needed <= 0 {
		return nil
	}
	now, err := t.clock(ctx, q, t.opts.Now)
	if err != nil {
		return err
	}
	approvals, err := t.register.Approvals(ctx, q, stored.Digest, now)
	if err != nil {
		return t.safe(err)
	}
	tally := jury{keys: t.opts.TrustedKeys, signer: p.Signer, author: stored.DatabaseUser, identity: t.part.Identity}.count(approvals)
	if tally.others >= needed && (!unsigned || tally.signed) {
		return nil
	}
	lapsed, err := t.lapsed(ctx, q, stored, now)
	if err != nil {
		return t.safe(err)
	}
	return &ApprovalError{
		PlanID: p.ID, File: t.opts.File, Needed: needed, Counted: tally.others, Unsigned: unsigned && !tally.signed,
		KeysOnly: stored.DatabaseUser == "", Ignored: append(tally.ignored, lapsed...),
	}
}

// maxLapsed bounds the approvals of either kind that an error names.
const maxLapsed = 3

// lapsed says of the last approvals why they do not count any more: they expired or were used up, or they are of other
// operations of the plan's syncs.
func (t *transaction) lapsed(ctx context.Context, q providers.Querier, stored *register.Plan, now time.Time) ([]string, error) {
	past, err := t.register.LapsedApprovals(ctx, q, stored.Digest, now, maxLapsed)
	if err != nil {
		return nil, err
	}
	var said []string
	for _, a := range past {
		why := fmt.Sprintf("it expired on %s", a.ExpiresOn.Format(time.RFC3339))
		if !a.UsedOn.IsZero() {
			why = fmt.Sprintf("the apply of %s used it up", a.UsedOn.Format(time.RFC3339))
		}
		said = append(said, ignored(&a.Approval, why))
	}
	syncs := make([]string, len(stored.Syncs))
	for i, s := range stored.Syncs {
		syncs[i] = s.Sync
	}
	others, err := t.register.OtherApprovals(ctx, q, stored.Digest, syncs, now, maxLapsed)
	for i := range others {
		said = append(said, ignored(&others[i], fmt.Sprintf("it is of other effects, those of plan %s", others[i].PlanID)))
	}
	return said, err
}

// ignored says why an approval does not count.
func ignored(a *register.Approval, why string) string {
	who := a.ApprovedBy
	if a.DatabaseUser != "" {
		who += " (database user " + a.DatabaseUser + ")"
	}
	return fmt.Sprintf("the approval by %s of %s: %s", who, a.ApprovedOn.Format(time.RFC3339), why)
}

// jury says whose approvals count.
type jury struct {
	keys     []ed25519.PublicKey // trusted ones
	signer   ed25519.PublicKey   // of the plan; nil where nobody is known
	author   string              // whom the database took for the planner; "" where it does not tell
	identity string              // the register's
}

type tally struct {
	signed  bool // one is signed with a trusted key
	others  int  // than the author
	ignored []string
}

// count tells approvers apart: by their keys and, of those who did not sign, by the database's users. Who did both
// counts once.
func (j jury) count(approvals []register.Approval) tally {
	var t tally
	keys := map[string]bool{} // by the key: the database knows that it is not the author's
	users := map[string]bool{}
	for _, a := range approvals {
		another := a.DatabaseUser != "" && j.author != "" && a.DatabaseUser != j.author
		reason := ""
		switch key, err := signature.ParsePublic(a.Key); {
		case a.Key == "":
			reason = j.unlike(a, another)
			users[a.DatabaseUser] = reason == "" || users[a.DatabaseUser]
		case err != nil || !signature.Verify(key, signature.Approval, ApprovalMessage(j.identity, a.Digest, a.ApprovedOn, a.ExpiresOn), a.Signature):
			reason = "its signature does not fit what it says: it was changed"
		case !trusted(j.keys, key):
			reason = fmt.Sprintf("it is signed with %s, which is none of the keys that are trusted (trusted_keys)", a.Key)
		case j.signer != nil && j.signer.Equal(key):
			t.signed = true
			reason = "it is signed with the key that the plan is signed with"
		default:
			t.signed = true
			keys[a.Key] = another || keys[a.Key]
		}
		if reason != "" {
			t.ignored = append(t.ignored, ignored(&a, reason))
		}
	}
	for _, a := range approvals {
		if _, counted := keys[a.Key]; a.Key != "" && counted {
			delete(users, a.DatabaseUser)
		}
	}
	perhaps := 0 // keys that may be the author's, where nobody knows with which one the plan would be signed
	for _, another := range keys {
		if another || j.signer != nil {
			t.others++
		} else {
			perhaps++
		}
	}
	if t.others += max(perhaps-1, 0); perhaps > 0 && t.others == 0 {
		t.ignored = append(t.ignored, "a signed approval that may be its author's: it stands for the signature that the plan itself does not have")
	}
	for _, counts := range users {
		if counts {
			t.others++
		}
	}
	return t
}

// unlike says why an approval that nobody signed is not somebody else's; "" where it is.
func (j jury) unlike(a register.Approval, another bool) string {
	switch {
	case a.DatabaseUser == "":
		return "it is not signed, and the database has no users that could tell whose it is"
	case j.author == "":
		return "it is not signed, and the register does not tell which user made the plan"
	case !another:
		return fmt.Sprintf("the database took its approver for %s, and the plan's author as well", a.DatabaseUser)
	default:
		return ""
	}
}

func trusted(keys []ed25519.PublicKey, key ed25519.PublicKey) bool {
	return slices.ContainsFunc(keys, func(one ed25519.PublicKey) bool { return one.Equal(key) })
}

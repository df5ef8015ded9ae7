package enginetest

import (
	"crypto/ed25519"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/signature"
	"github.com/registrar-sync/registrar/plan"
)

// signKey returns a private key; its public one is what is trusted.
func (w *world) signKey() ed25519.PrivateKey {
	w.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	w.must(err)
	return private
}

func publics(keys ...ed25519.PrivateKey) []ed25519.PublicKey {
	list := make([]ed25519.PublicKey, len(keys))
	for i, key := range keys {
		list[i] = key.Public().(ed25519.PublicKey) //nolint:forcetypeassert // as it is documented
	}
	return list
}

// file is where a plan was saved.
func (w *world) file(p *plan.Plan, key ed25519.PrivateKey) string {
	w.Helper()
	path := filepath.Join(w.TempDir(), "plan.json")
	w.must(p.Save(path, plan.SaveOptions{SignKey: key}))
	return path
}

func (w *world) open(path string) *plan.Plan {
	w.Helper()
	p, err := plan.Open(path, plan.OpenOptions{})
	w.must(err)
	return p
}

// saved returns a plan as its file has it.
func (w *world) saved(p *plan.Plan, key ed25519.PrivateKey) *plan.Plan {
	w.Helper()
	return w.open(w.file(p, key))
}

// applyTrusting applies a plan where keys are trusted, and so many must approve.
func (w *world) applyTrusting(p *plan.Plan, approvals int, keys ...ed25519.PublicKey) error {
	w.Helper()
	opts := w.applyOptions()
	opts.TrustedKeys, opts.RequireApproval = keys, approvals
	_, err := apply.Apply(w.Context(), w.load(), p, opts)
	if err == nil {
		w.now = w.now.Add(time.Minute)
	}
	return err
}

// approver is who approves: by a signature, or, where that is nil, as a user of the database, "" for the tests' own.
type approver struct {
	key           ed25519.PrivateKey
	trusted       []ed25519.PublicKey
	user, comment string
}

func (w *world) approve(p *plan.Plan, by approver) error {
	w.Helper()
	cfg := w.load()
	cfg.Settings.TrustedKeys = by.trusted
	if by.user != "" {
		w.login(cfg, by.user)
	}
	now := w.now
	err := apply.Approve(w.Context(), cfg, p, apply.ApproveOptions{
		Providers: known(), ApprovedBy: "ada@office", Comment: by.comment, SignKey: by.key, LockTimeout: 20 * time.Second,
		Now:   func() time.Time { return now },
		NewID: func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", planIDs.Add(1)) },
	})
	if err == nil {
		w.now = w.now.Add(time.Minute)
	}
	return err
}

const password = "not a secret"

// addUser makes a user of the database who may do everything.
func (w *world) addUser() (name string) {
	w.Helper()
	name = fmt.Sprintf("approver_%d", time.Now().UnixNano())
	switch w.engine.name {
	case "postgres":
		w.exec(w.dest, fmt.Sprintf("CREATE ROLE %s LOGIN SUPERUSER PASSWORD '%s'", name, password))
		w.Cleanup(func() { _, _ = w.dest.Exec("DROP ROLE " + name) })
	case "mysql":
		w.exec(w.dest, fmt.Sprintf("CREATE USER %s IDENTIFIED BY '%s'", name, password))
		w.exec(w.dest, fmt.Sprintf("GRANT ALL ON *.* TO %s", name))
		w.Cleanup(func() { _, _ = w.dest.Exec("DROP USER " + name) })
	default:
		w.Fatalf("%s has no users", w.engine.name)
	}
	return name
}

// login has a configuration open its destinations as another user.
func (w *world) login(cfg *config.Config, user string) {
	w.Helper()
	for _, d := range cfg.Destinations {
		if w.engine.name == "mysql" {
			d.Attributes["user"], d.Attributes["password"] = user, password
			continue
		}
		u, err := url.Parse(d.Attributes["url"].(string)) //nolint:forcetypeassert // as the tests write it
		w.must(err)
		u.User = url.UserPassword(user, password)
		d.Attributes["url"] = u.String()
	}
}

func (w *world) hasUsers() bool { return w.engine.name != "sqlite" }

// wantRefused asserts that a plan was refused for a reason, and that nothing was written.
func wantRefused[T error](w *world, err error, reason string) {
	w.Helper()
	if !errorIs[T](err) || !strings.Contains(err.Error(), reason) {
		w.Fatalf("apply = %v, want %q", err, reason)
	}
	if n := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("execution"))[0]; n != "0" {
		w.Fatalf("there are %s executions", n)
	}
	w.wantRooms()
}

// twoPlanned is rooms with two rows to insert, planned.
func twoPlanned(t *testing.T, e engine) (*world, *plan.Plan) {
	t.Helper()
	w := rooms(t, e, archiving)
	w.room("R1", "One", 1)
	w.room("R2", "Two", 2)
	return w, w.plan()
}

func TestSignedPlanIsApplied(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		key, another := w.signKey(), w.signKey()
		w.must(w.applyTrusting(w.saved(p, key), 0, publics(another, key)...))
		w.settled()
	})
}

func TestUnsignedPlanIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		key := w.signKey()
		err := w.applyTrusting(w.saved(p, nil), 0, publics(key)...)
		wantRefused[*apply.ApprovalError](w, err, "nobody signed it")
		if !strings.Contains(err.Error(), "registrar approve "+p.ID+" --sign-key KEY") {
			t.Errorf("it does not say what to do: %v", err)
		}
		// Where no key is trusted, none is needed.
		w.must(w.applyTrusting(w.saved(p, nil), 0))
	})
}

func TestRemovedSignatureIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		key := w.signKey()
		path := w.file(p, key)
		w.editFile(path, func(file map[string]json.RawMessage) { delete(file, "signature") })
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(w.open(path), 0, publics(key)...), "nobody signed it")
	})
}

// editFile changes a plan's file, whose members are then in the order in which they are written.
func (w *world) editFile(path string, change func(map[string]json.RawMessage)) {
	w.Helper()
	text, err := os.ReadFile(path)
	w.must(err)
	file := map[string]json.RawMessage{}
	w.must(json.Unmarshal(text, &file))
	change(file)
	var parts []string
	for _, name := range []string{"format_version", "checksum", "signature", "plan"} {
		if part, ok := file[name]; ok {
			parts = append(parts, fmt.Sprintf("%q: %s", name, part))
		}
	}
	w.must(os.WriteFile(path, []byte("{"+strings.Join(parts, ",")+"}"), 0o600))
}

func TestUntrustedSignatureIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		key, stranger := w.signKey(), w.signKey()
		err := w.applyTrusting(w.saved(p, stranger), 0, publics(key)...)
		wantRefused[*apply.RefusedError](w, err, "it is signed with "+signature.PublicText(publics(stranger)[0])+", which is none of the keys that are trusted")
	})
}

// A plan that is named by its id has no signature: one of its operations' approval stands for it.
func TestRecalledPlanNeedsASignedApproval(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		key := w.signKey()
		keys := publics(key)
		recalled, err := w.recall(p.ID)
		w.must(err)
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(recalled, 0, keys...), "nobody signed it")
		if w.hasUsers() { // who the database knows is no key
			w.must(w.approve(recalled, approver{user: w.addUser()}))
			wantRefused[*apply.ApprovalError](w, w.applyTrusting(recalled, 0, keys...), "nobody signed it")
		}
		w.must(w.approve(recalled, approver{key: key, trusted: keys}))
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(recalled, 0, publics(w.signKey())...), "none of the keys that are trusted")
		w.must(w.applyTrusting(recalled, 0, keys...))
		w.settled()
	})
}

// Nobody knows with which key a plan named by its id would be signed: one approval may be its author's own.
func TestRecalledPlanIsNotApprovedOfByItsAuthor(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		one, two := w.signKey(), w.signKey()
		keys := publics(one, two)
		recalled, err := w.recall(p.ID)
		w.must(err)
		w.must(w.approve(recalled, approver{key: one, trusted: keys}))
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(recalled, 1, keys...), "may be its author's")
		w.must(w.approve(recalled, approver{key: two, trusted: keys}))
		w.must(w.applyTrusting(recalled, 1, keys...))
	})
}

func TestApprovalByAnotherUser(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		p = w.saved(p, nil)
		err := w.applyTrusting(p, 1)
		wantRefused[*apply.ApprovalError](w, err, "somebody else than its author must approve")
		if !w.hasUsers() {
			if !strings.Contains(err.Error(), "the database cannot tell users apart") {
				t.Errorf("it does not say what counts: %v", err)
			}
			if err := w.approve(p, approver{}); !errorIs[*apply.UnapprovableError](err) || !strings.Contains(err.Error(), "has no users") {
				t.Errorf("approved of by nobody: %v", err)
			}
			return
		}
		if err := w.approve(p, approver{}); !errorIs[*apply.UnapprovableError](err) || !strings.Contains(err.Error(), "who made it") {
			t.Errorf("approved of by its author: %v", err)
		}
		// Nothing of it is there.
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(p, 1), "somebody else than its author must approve")
		user := w.addUser()
		w.must(w.approve(p, approver{user: user, comment: "as agreed"}))
		// Once more by the same user is one approval.
		w.must(w.approve(p, approver{user: user}))
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(p, 2), "2 others than its author must approve of what it does, 1 have")
		w.must(w.approve(p, approver{user: w.addUser()}))
		w.must(w.applyTrusting(p, 2))
		w.settled()
	})
}

// An author's approval does not count either where it came to be in the register without our help.
func TestAuthorsApprovalDoesNotCount(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		if !e.oneDatabase {
			return // it has no users
		}
		w, p := twoPlanned(t, e)
		w.must(w.approve(p, approver{user: w.addUser()}))
		mine := w.rows(w.dest, "SELECT a.database_user FROM "+w.registerTable("author")+" a WHERE a.plan_id = '"+p.ID+"'")[0]
		w.exec(w.dest, fmt.Sprintf("UPDATE %s SET database_user = '%s'", w.registerTable("approval"), mine))
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(p, 1), "and the plan's author as well")
	})
}

func TestApprovalBySignature(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		author, other, stranger := w.signKey(), w.signKey(), w.signKey()
		keys := publics(author, other)
		p = w.saved(p, author)
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(p, 1, keys...), "somebody else than its author must approve")
		for name, by := range map[string]approver{
			"the plan is signed with the same key":     {key: author, trusted: keys},
			"which is none of the keys that are trust": {key: stranger, trusted: keys},
		} {
			if err := w.approve(p, by); !errorIs[*apply.UnapprovableError](err) || !strings.Contains(err.Error(), name) {
				t.Errorf("approve = %v, want %q", err, name)
			}
		}
		// The author's key, by which the plan was not named when it was approved of.
		recalled, err := w.recall(p.ID)
		w.must(err)
		w.must(w.approve(recalled, approver{key: author, trusted: keys}))
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(p, 1, keys...), "it is signed with the key that the plan is signed with")
		w.must(w.approve(p, approver{key: other, trusted: keys}))
		w.must(w.approve(p, approver{key: other, trusted: keys}))
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(p, 2, keys...), "1 have")
		w.must(w.applyTrusting(p, 1, keys...))
	})
}

// approvable is a plan that its author signed, and another trusted key.
func approvable(t *testing.T, e engine) (w *world, p *plan.Plan, author ed25519.PrivateKey, by approver) {
	t.Helper()
	w, p = twoPlanned(t, e)
	author = w.signKey()
	by.key = w.signKey()
	by.trusted = publics(author, by.key)
	return w, w.saved(p, author), author, by
}

// After the merge it is planned again: what was approved of counts exactly if the effects are equal.
func TestApprovalIsOfEffects(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p, author, by := approvable(t, e)
		opts := w.options()
		opts.Speculative = true
		speculative, err := plan.Make(w.Context(), w.load(), opts)
		w.must(err)
		w.must(w.approve(w.saved(speculative, author), by))

		w.room("R3", "Three", 3)
		more := w.saved(w.plan(), author)
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(more, 1, by.trusted...), "must approve")
		w.exec(w.source, "DELETE FROM src WHERE code = 'R3'")
		w.exec(w.source, "UPDATE src SET seats = 99 WHERE code = 'R2'")
		other := w.saved(w.plan(), author)
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(other, 1, by.trusted...), "must approve")
		w.exec(w.source, "UPDATE src SET seats = 2 WHERE code = 'R2'")
		same := w.saved(w.plan(), author)
		if same.Destinations[0].Digest != p.Destinations[0].Digest {
			t.Fatal("equal effects have different digests")
		}
		w.must(w.applyTrusting(same, 1, by.trusted...))
		w.wantRooms("R1|One|1|A|c|-|-", "R2|Two|2|A|c|-|-")
	})
}

func TestApprovalIsUsedUp(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p, author, by := approvable(t, e)
		w.must(w.approve(p, by))
		w.must(w.applyTrusting(p, 1, by.trusted...))
		// Somebody empties the table: the same is to be done again.
		w.exec(w.dest, "DELETE FROM room")
		again := w.saved(w.plan(), author)
		if again.Destinations[0].Digest != p.Destinations[0].Digest {
			t.Fatal("equal effects have different digests")
		}
		if err := w.applyTrusting(again, 1, by.trusted...); !errorIs[*apply.ApprovalError](err) {
			t.Errorf("an approval was used twice: %v", err)
		}
		w.wantRooms()
		w.must(w.approve(again, by))
		w.must(w.applyTrusting(again, 1, by.trusted...))
	})
}

func TestApprovalExpires(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p, author, by := approvable(t, e)
		w.must(w.approve(p, by))
		ttl := w.load().Settings.PlanTTL
		if ttl < time.Hour {
			t.Fatal("plans do not live long enough")
		}
		w.now = w.now.Add(ttl - 10*time.Minute)
		later := w.saved(w.plan(), author)
		w.now = w.now.Add(20 * time.Minute)
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(later, 1, by.trusted...), "must approve")
		// It would be of the same operations otherwise.
		w.must(w.approve(later, by))
		w.must(w.applyTrusting(later, 1, by.trusted...))
	})
}

// Who may write into the table of approvals cannot make one that is signed say something else.
func TestTamperedApprovalIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p, author, by := approvable(t, e)
		w.must(w.approve(p, by))
		approval := w.registerTable("approval")
		w.room("R3", "Three", 3)
		other := w.saved(w.plan(), author)
		w.exec(w.dest, fmt.Sprintf("UPDATE %s SET digest = '%s'", approval, other.Destinations[0].Digest))
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(other, 1, by.trusted...), "its signature does not fit what it says")
		w.exec(w.dest, fmt.Sprintf("UPDATE %s SET digest = '%s'", approval, p.Destinations[0].Digest))
		longer := map[string]string{
			"postgres": "expires_on + interval '1 day'", "mysql": "expires_on + INTERVAL 1 DAY", "sqlite": "strftime('%Y-%m-%d %H:%M:%fZ', expires_on, '+1 day')",
		}[e.name]
		w.exec(w.dest, fmt.Sprintf("UPDATE %s SET expires_on = %s", approval, longer))
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(p, 1, by.trusted...), "its signature does not fit what it says")
		// A signature of a plan is none of an approval.
		forged, err := json.Marshal(signature.Sign(by.key, signature.Plan, []byte("anything")))
		w.must(err)
		w.exec(w.dest, fmt.Sprintf("UPDATE %s SET signature = '%s'", approval, strings.Trim(string(forged), `"`)))
		wantRefused[*apply.ApprovalError](w, w.applyTrusting(p, 1, by.trusted...), "its signature does not fit what it says")
	})
}

// What is missing in the last destination is missed before anything is written to the first.
func TestApprovalInEveryDestination(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, second := twoRooms(t, e)
		w.room("R1", "One", 1)
		author, key := w.signKey(), w.signKey()
		by := approver{key: key, trusted: publics(author, key)}
		p := w.saved(w.plan(), author)
		w.must(w.approve(p, by))
		approvals := func(db *sql.DB) string {
			return w.rows(db, "SELECT count(*) FROM "+w.registerTable("approval"))[0]
		}
		if approvals(w.dest) != "1" || approvals(second) != "1" {
			t.Fatal("it is not approved of in both destinations")
		}
		w.exec(second, "DELETE FROM "+w.registerTable("approval"))
		err := w.applyTrusting(p, 1, by.trusted...)
		wantRefused[*apply.ApprovalError](w, err, p.Destinations[1].Address)
		if errorIs[*apply.PartialError](err) {
			t.Errorf("something was done: %v", err)
		}
		w.must(w.approve(p, by))
		w.must(w.applyTrusting(p, 1, by.trusted...))
	})
}

// An approval that one destination refuses is in none.
func TestApprovedOfEverywhereOrNowhere(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, second := twoRooms(t, e)
		w.room("R1", "One", 1)
		key := w.signKey()
		p := w.plan()
		w.exec(second, "DELETE FROM "+w.registerTable("operation"))
		err := w.approve(p, approver{key: key, trusted: publics(key)})
		if !errorIs[*apply.UnapprovableError](err) || !strings.Contains(err.Error(), "not those that were planned") {
			t.Errorf("approve = %v", err)
		}
		if n := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("approval"))[0]; n != "0" {
			t.Errorf("the first destination has %s approvals", n)
		}
	})
}

func TestWhatCannotBeApprovedOf(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p, _, by := approvable(t, e)
		now := w.now
		w.now = p.ExpiresOn.Add(time.Second)
		refused := func(reason string) {
			t.Helper()
			if err := w.approve(p, by); !errorIs[*apply.UnapprovableError](err) || !strings.Contains(err.Error(), reason) {
				t.Errorf("approve = %v, want %q", err, reason)
			}
		}
		refused("it expired on")
		w.now = now
		good := p.Destinations[0].Digest
		p.Destinations[0].Digest = strings.Repeat("0", 64)
		refused("the register or the file was changed")
		p.Destinations[0].Digest = good
		w.apply(p)
		refused("it was applied already")
	})
}

// Where there is nothing to do, there is nothing to approve of.
func TestNothingToApproveOf(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		w.apply(p)
		key := w.signKey()
		nothing := w.plan()
		w.wantCounts(nothing, "nothing")
		recalled, err := w.recall(nothing.ID)
		w.must(err)
		if err := w.applyTrusting(recalled, 1, publics(key)...); !errorIs[*apply.ApprovalError](err) {
			t.Errorf("a plan that nobody signed was believed: %v", err)
		}
		w.must(w.applyTrusting(w.saved(nothing, key), 1, publics(key)...))
	})
}

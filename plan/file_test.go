package plan_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/signature"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// saved is a plan with something of everything that a file holds.
func saved() *plan.Plan {
	created := time.Date(2026, 9, 1, 2, 30, 0, 123456000, time.UTC)
	return &plan.Plan{
		ID: "00000000-0000-4000-8000-000000000001", CreatedOn: created, CreatedBy: "ci@runner <&>", ExpiresOn: created.Add(24 * time.Hour),
		ConfigDigest: "abc", GitCommit: "cc2c180",
		Destinations: []plan.Destination{{
			Address: "destination.sqlite.main", Identity: "register", Provider: "sqlite", Database: "sqlite:main.db", Instance: "0123", Digest: "def",
			Syncs: []register.SyncSummary{{
				Sync: "sync.rooms", Source: "source.sqlite.main", Destination: "destination.sqlite.main", Table: "room", LastSeq: 1 << 36,
				Counts: map[config.Operation]int64{config.Insert: 2, config.Delete: 1}, Sensitive: []string{"name"},
			}},
			Excerpt: []plan.Change{{
				Sync: "sync.rooms", Operation: config.Insert, Key: []plan.Cell{{Column: "code", Text: "R\u20281 é \xff"}},
				Columns: []plan.ColumnChange{{Column: "name", After: &plan.Cell{Sensitive: true}}},
			}},
		}},
		Places:       map[string]plan.Place{"sync.rooms": {File: "main.hcl", Line: 3}, "sync.Rooms": {File: "main.hcl", Line: 9}},
		PseudonymKey: []byte("a key that never leaves a register"),
	}
}

func signKey(t testing.TB) (ed25519.PublicKey, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return public, private
}

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// save returns the text of a plan's file.
func save(t testing.TB, p *plan.Plan, o plan.SaveOptions) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan")
	if err := p.Save(path, o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func open(t testing.TB, text []byte, identities ...age.Identity) (*plan.Plan, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return plan.Open(path, plan.OpenOptions{Identities: identities})
}

// wantRefused asserts that a text is no plan, and that the error says why.
func wantRefused(t *testing.T, name string, text []byte, reason string) {
	t.Helper()
	p, err := open(t, text)
	if p != nil || !errors.As(err, new(*plan.FileError)) || !strings.Contains(err.Error(), reason) {
		t.Errorf("%s: read %v, %v; want %q", name, p, err, reason)
	}
}

func document(t *testing.T, p *plan.Plan) string {
	t.Helper()
	text, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFile(t *testing.T) {
	public, private := signKey(t)
	reader := identity(t)
	for name, o := range map[string]plan.SaveOptions{
		"plain":                {},
		"signed":               {SignKey: private},
		"encrypted":            {Recipients: []age.Recipient{identity(t).Recipient(), reader.Recipient()}},
		"signed and encrypted": {SignKey: private, Recipients: []age.Recipient{reader.Recipient()}},
	} {
		t.Run(name, func(t *testing.T) {
			p := saved()
			text := save(t, p, o)
			for form, secret := range map[string]string{
				"in clear": string(p.PseudonymKey), "in base64": base64.StdEncoding.EncodeToString(p.PseudonymKey), "in hex": hex.EncodeToString(p.PseudonymKey),
				"the private key": base64.StdEncoding.EncodeToString(private.Seed()),
			} {
				if bytes.Contains(text, []byte(secret)) {
					t.Errorf("the file has a secret %s", form)
				}
			}
			if o.Recipients != nil && (!bytes.HasPrefix(text, []byte("-----BEGIN AGE ENCRYPTED FILE-----\n")) || bytes.Contains(text, []byte("sync.rooms"))) {
				t.Errorf("the file is not encrypted and armored:\n%s", text)
			}
			again, err := open(t, text, identity(t), reader)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(document(t, p), `\ufffd`, "\ufffd")
			if diff := cmp.Diff(want, document(t, again)); diff != "" {
				t.Errorf("read again (-saved +read):\n%s", diff)
			}
			if signed := o.SignKey != nil; signed != again.Signer.Equal(public) || !signed && again.Signer != nil {
				t.Errorf("it is signed by %v", again.Signer)
			}
			if again.PseudonymKey != nil {
				t.Error("the key of pseudonyms was in the file")
			}
		})
	}
}

func TestFileIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // it has other permissions
	}
	path := filepath.Join(t.TempDir(), "plan")
	if err := saved().Save(path, plan.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
}

func TestReplaceable(t *testing.T) {
	text := save(t, saved(), plan.SaveOptions{})
	sealed := save(t, saved(), plan.SaveOptions{Recipients: []age.Recipient{identity(t).Recipient()}})
	for name, one := range map[string]struct {
		text []byte
		want bool
	}{
		"a plan": {text, true}, "an encrypted plan": {sealed, true}, "half a plan": {text[:40], true}, "half an encrypted plan": {sealed[:60], true}, "nothing": {nil, true},
		"a key":           {[]byte("-----BEGIN PRIVATE KEY-----\n"), false},
		"another age":     {[]byte("-----BEGIN AGE"), false},
		"a configuration": {[]byte("sync \"a\" {}\n"), false},
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, one.text, 0o600); err != nil {
			t.Fatal(err)
		}
		err := saved().Save(path, plan.SaveOptions{})
		if one.want != (err == nil) {
			t.Errorf("%s is replaced: %v", name, err)
		}
		if left, readErr := os.ReadFile(path); err != nil && (readErr != nil || !bytes.Equal(left, one.text)) {
			t.Errorf("%s was changed: %v", name, readErr)
		}
	}
}

// Whichever octet is changed: what is read is what was signed, or nothing.
func TestSignedFileEveryOctet(t *testing.T) {
	public, private := signKey(t)
	text := save(t, saved(), plan.SaveOptions{SignKey: private})
	read, err := open(t, text)
	if err != nil {
		t.Fatal(err)
	}
	want := document(t, read)
	path := filepath.Join(t.TempDir(), "plan")
	for i := range text {
		for _, flip := range []byte{1, 0x20, 0x80} {
			changed := bytes.Clone(text)
			changed[i] ^= flip
			if err := os.WriteFile(path, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := plan.Open(path, plan.OpenOptions{})
			if err != nil {
				continue
			}
			if document(t, p) != want || !p.Signer.Equal(public) {
				t.Fatalf("octet %d: %q for %q is read as another plan", i, changed[i], text[i])
			}
		}
	}
}

// parts is a file taken apart, to be put together otherwise.
type parts struct {
	FormatVersion int             `json:"format_version"`
	Checksum      string          `json:"checksum"`
	Signature     json.RawMessage `json:"signature,omitempty"`
	Plan          json.RawMessage `json:"plan"`
}

func apart(t *testing.T, text []byte) (p parts) {
	t.Helper()
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	if err := json.Compact(&body, p.Plan); err != nil {
		t.Fatal(err)
	}
	p.Plan = body.Bytes()
	return p
}

// with has another body, and the checksum that fits it: anybody can compute that.
func (p parts) with(body string) parts {
	sum := sha256.Sum256([]byte(body))
	p.Checksum, p.Plan = hex.EncodeToString(sum[:]), json.RawMessage(body)
	return p
}

// text does not encode: what is wrong stays so.
func (p parts) text() []byte {
	signed := ""
	if p.Signature != nil {
		signed = `,"signature":` + string(p.Signature)
	}
	return fmt.Appendf(nil, `{"format_version":%d,"checksum":%q%s,"plan":%s}`, p.FormatVersion, p.Checksum, signed, p.Plan)
}

func TestSignatureIsOfAllOfIt(t *testing.T) {
	public, private := signKey(t)
	_, another := signKey(t)
	text := save(t, saved(), plan.SaveOptions{SignKey: private})
	good := apart(t, text)
	if p, err := open(t, good.text()); err != nil || !p.Signer.Equal(public) {
		t.Fatalf("put together again: %v", err) // or the test below shows nothing
	}
	const broken = "its signature does not fit what it holds"
	body := string(good.Plan)

	wantRefused(t, "another plan", good.with(strings.Replace(body, `"insert":2`, `"insert":3`, 1)).text(), broken)
	speculative := saved()
	speculative.Speculative = true
	wantRefused(t, "a speculative plan made another", good.with(string(apart(t, save(t, speculative, plan.SaveOptions{})).Plan)).text(), broken)

	of := apart(t, save(t, saved(), plan.SaveOptions{SignKey: another}))
	exchanged := good
	exchanged.Signature = json.RawMessage(strings.Replace(string(of.Signature), signature.PublicText(another.Public().(ed25519.PublicKey)), signature.PublicText(public), 1))
	wantRefused(t, "the key exchanged", exchanged.text(), broken)

	for name, message := range map[string][]byte{
		"the body alone":  good.Plan,
		"another version": append([]byte("5\nregistrar plan file\n"), good.Plan...),
		"another domain":  append([]byte("4\nregistrar another file\n"), good.Plan...),
	} {
		signed := good
		signed.Signature = sign(t, private, signature.Plan, message)
		wantRefused(t, "a signature of "+name, signed.text(), broken)
	}
	message := append([]byte("4\nregistrar plan file\n"), good.Plan...)
	approval := good
	approval.Signature = sign(t, private, signature.Approval, message)
	wantRefused(t, "a signature of an approval", approval.text(), broken)
	for name, block := range map[string]string{
		"no key": `{"key":"","signature":"AAAA"}`, "no signature": `{"key":"` + signature.PublicText(public) + `","signature":""}`,
	} {
		empty := good
		empty.Signature = json.RawMessage(block)
		wantRefused(t, name, empty.text(), broken)
	}

	removed := good
	removed.Signature = nil
	if p, err := open(t, removed.text()); err != nil || p.Signer != nil {
		t.Errorf("without the signature the plan is %v, %v; want one that nobody signed", p, err)
	}
	signed := good
	signed.Signature = sign(t, another, signature.Plan, message)
	if p, err := open(t, signed.text()); err != nil || p.Signer.Equal(public) {
		t.Errorf("signed by another one the plan is %v, %v; want its signer", p, err)
	}
}

func sign(t *testing.T, key ed25519.PrivateKey, purpose signature.Purpose, message []byte) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(map[string]any{"key": signature.PublicText(key.Public().(ed25519.PublicKey)), "signature": signature.Sign(key, purpose, message)})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// What is in a file and not read could mean something to whoever reviews it.
func TestFileIsReadWholeOrNotAtAll(t *testing.T) {
	good := apart(t, save(t, saved(), plan.SaveOptions{}))
	body := string(good.Plan)
	const (
		changed = "it was changed after it was written"
		foreign = "it holds what this registrar does not know"
		none    = "it is cut, or not a plan file"
	)
	text := string(good.text())
	for name, one := range map[string]struct{ text, reason string }{
		"an older version":              {strings.Replace(text, `n":4`, `n":3`, 1), "it is of format version 3, written by an older registrar; this one reads 4"},
		"a newer version":               {strings.Replace(text, `n":4`, `n":5`, 1), "use the registrar that wrote it"},
		"two versions":                  {strings.Replace(text, `{`, `{"format_version":3,`, 1), changed},
		"two plans":                     {strings.TrimSuffix(text, "}") + `,"plan":` + body + `}`, changed},
		"two plans in another case":     {strings.TrimSuffix(text, "}") + `,"PLAN":` + body + `}`, changed},
		"a member too many":             {strings.Replace(text, `{`, `{"note":"reviewed",`, 1), changed},
		"no signature":                  {strings.Replace(text, `"plan":`, `"signature":null,"plan":`, 1), changed},
		"another plan":                  {strings.Replace(text, `"insert":2`, `"insert":3`, 1), changed},
		"an escape":                     {strings.Replace(text, `ci@runner`, `c\u0069@runner`, 1), changed},
		"trailing data":                 {text + "{}", none},
		"trailing words":                {text + " x", none},
		"cut":                           {text[:len(text)/2], none},
		"nothing":                       {"", none},
		"null":                          {"null", none},
		"no plan":                       {`{"format_version":4,"checksum":""}`, none},
		"a version of another type":     {strings.Replace(text, `n":4`, `n":"4"`, 1), none},
		"a huge version":                {strings.Replace(text, `n":4`, `n":4e999`, 1), none},
		"a version below 0":             {strings.Replace(text, `n":4`, `n":-4`, 1), none},
		"deep nesting":                  {strings.Replace(text, `{`, `{"a":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`,`, 1), none},
		"a member twice":                {string(good.with(strings.Replace(body, `"speculative":false`, `"speculative":true,"speculative":false`, 1)).text()), foreign},
		"a member in another case":      {string(good.with(strings.Replace(body, `"speculative":false`, `"speculative":false,"Speculative":true`, 1)).text()), foreign},
		"a member that nobody knows":    {string(good.with(strings.Replace(body, `"speculative":false`, `"speculative":false,"approved":true`, 1)).text()), foreign},
		"a member that is not there":    {string(good.with(strings.Replace(body, `"speculative":false,`, ``, 1)).text()), foreign},
		"another order":                 {string(good.with(strings.Replace(body, `"delete":1,"insert":2`, `"insert":2,"delete":1`, 1)).text()), foreign},
		"a number spelt otherwise":      {string(good.with(strings.Replace(body, `"insert":2`, `"insert":2e0`, 1)).text()), none},
		"a number that is too large":    {string(good.with(strings.Replace(body, `"insert":2`, `"insert":99999999999999999999`, 1)).text()), none},
		"a text for a number":           {string(good.with(strings.Replace(body, `"insert":2`, `"insert":"2"`, 1)).text()), none},
		"a list for a plan":             {string(good.with(`[]`).text()), none},
		"no plan at all":                {string(good.with(`null`).text()), foreign},
		"a plan that is deeply nested":  {string(good.with(`{"plan_id":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `}`).text()), none},
		"a time that is none":           {string(good.with(strings.Replace(body, `2026-09-01`, `2026-99-01`, 1)).text()), none},
		"a time with digits to no end":  {string(good.with(strings.Replace(body, `.123456Z`, `.1234560000Z`, 1)).text()), foreign},
		"an address that is not a text": {string(good.with(strings.Replace(body, `"destination.sqlite.main"`, `{}`, 1)).text()), none},
	} {
		if one.text == text {
			t.Errorf("%s: nothing was changed", name)
		}
		wantRefused(t, name, []byte(one.text), one.reason)
	}
	// Blanks mean nothing.
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, good.text(), "\t", "      "); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, pretty.Bytes()); err != nil {
		t.Errorf("with other blanks: %v", err)
	}
}

func TestFileTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plan")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Truncate(256<<20 + 1); err != nil { // with a hole
		t.Fatal(err)
	}
	if _, err := plan.Open(path, plan.OpenOptions{}); err == nil || !strings.Contains(err.Error(), "larger than 256 MiB") {
		t.Errorf("open: %v", err)
	}
}

func TestEncryptedFile(t *testing.T) {
	reader := identity(t)
	_, private := signKey(t)
	text := save(t, saved(), plan.SaveOptions{SignKey: private, Recipients: []age.Recipient{reader.Recipient()}})
	wantRefused(t, "without an identity", text, "--identity FILE")
	if _, err := open(t, text, identity(t)); err == nil || !strings.Contains(err.Error(), "none of the identities") {
		t.Errorf("with another identity: %v", err)
	}
	for name, changed := range map[string][]byte{
		"cut":                  text[:len(text)-80],
		"a letter exchanged":   bytes.Replace(text, text[300:301], []byte{text[300] ^ 1}, 1),
		"something at its end": append(bytes.Clone(text), "more"...),
		"another text":         []byte("-----BEGIN AGE ENCRYPTED FILE-----\n"),
	} {
		if p, err := open(t, changed, reader); p != nil || !errors.As(err, new(*plan.FileError)) {
			t.Errorf("%s: read %v, %v", name, p, err)
		}
	}
}

// A file says something, or what is wrong with it: never half of it, and no panic.
func FuzzOpen(f *testing.F) {
	_, private := signKey(f)
	reader, err := age.ParseX25519Identity("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX")
	if err != nil {
		f.Fatal(err)
	}
	for _, o := range []plan.SaveOptions{{}, {SignKey: private}, {Recipients: []age.Recipient{reader.Recipient()}}, {SignKey: private, Recipients: []age.Recipient{reader.Recipient()}}} {
		f.Add(save(f, saved(), o))
	}
	f.Add([]byte(`{"format_version":3,"checksum":"","plan":{}}`))
	f.Add([]byte(`{"format_version":4,"checksum":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","plan":{}}`))
	path := filepath.Join(f.TempDir(), "plan")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := plan.Open(path, plan.OpenOptions{Identities: []age.Identity{reader}})
		if err != nil {
			if p != nil || !errors.As(err, new(*plan.FileError)) {
				t.Fatalf("%v, %v", p, err)
			}
			return
		}
		// What was read is all that is there.
		if again, err := json.Marshal(p); err != nil || !bytes.HasPrefix(text, []byte("-----BEGIN")) && !contains(text, again) {
			t.Fatalf("%s is read as %s, %v", text, again, err)
		}
	})
}

func contains(text, compact []byte) bool {
	var all bytes.Buffer
	return json.Compact(&all, text) == nil && bytes.Contains(all.Bytes(), compact)
}

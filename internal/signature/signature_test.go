package signature_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/signature"
)

func octets(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// RFC 8032, section 7.2: the same message and key with the contexts "foo" and "bar".
func TestStandard(t *testing.T) {
	key := ed25519.NewKeyFromSeed(octets(t, "0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6"))
	message := octets(t, "f726936d19c800494e3fdaff20b276a8")
	for purpose, want := range map[signature.Purpose]string{
		"foo": "55a4cc2f70a54e04288c5f4cd1e45a7bb520b36292911876cada7323198dd87a8b36950b95130022907a7fb7c4e9b2d5f6cca685a587b4b21f4b888e4e7edb0d",
		"bar": "fc60d5872fc46b3aa69f8b5b4351d5808f92bcc044606db097abab6dbcb1aee3216c48e8b3b66431b5b186d1d28f8ee15a5ca2df6668346291c2043d4eb3e90d",
	} {
		if got := hex.EncodeToString(signature.Sign(key, purpose, message)); got != want {
			t.Errorf("%s: signature %s, want %s", purpose, got, want)
		}
	}
}

func TestVerify(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("what is done")
	signed := signature.Sign(private, signature.Plan, message)
	if !signature.Verify(public, signature.Plan, message, signed) {
		t.Fatal("a good signature is refused")
	}
	changed := bytes.Clone(signed)
	changed[5] ^= 1
	plain := ed25519.Sign(private, message) // of no purpose
	for name, ok := range map[string]bool{
		"another purpose":        signature.Verify(public, signature.Approval, message, signed),
		"another message":        signature.Verify(public, signature.Plan, []byte("what is dont"), signed),
		"another key":            signature.Verify(other, signature.Plan, message, signed),
		"a changed signature":    signature.Verify(public, signature.Plan, message, changed),
		"a signature of nothing": signature.Verify(public, signature.Plan, message, plain),
		"no signature":           signature.Verify(public, signature.Plan, message, nil),
		"a short signature":      signature.Verify(public, signature.Plan, message, signed[:63]),
		"a long signature":       signature.Verify(public, signature.Plan, message, append(bytes.Clone(signed), 0)),
		"no key":                 signature.Verify(nil, signature.Plan, message, signed),
		"a short key":            signature.Verify(public[:31], signature.Plan, message, signed),
	} {
		if ok {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestPublicText(t *testing.T) {
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	text := signature.PublicText(public)
	if len(text) != len("ed25519:")+43 {
		t.Errorf("%q is of another length", text)
	}
	read, err := signature.ParsePublic(text)
	if err != nil || !read.Equal(public) {
		t.Errorf("read %v, %v", read, err)
	}
	for _, written := range []string{text, text + "="} {
		if read, err := signature.ParseWritten(written); err != nil || !read.Equal(public) {
			t.Errorf("%q, as people write it, is read as %v, %v", written, read, err)
		}
	}
	if read, err := signature.ParseWritten(text + "=="); err == nil {
		t.Errorf("%q== is read as %v", text, read)
	}
	last := text[:len(text)-1] + "B" // bits that no octet has
	for _, junk := range []string{
		"", "ed25519:", strings.TrimPrefix(text, "ed25519:"), "ED25519:" + text[8:], "ssh-ed25519 " + text[8:], text + "=", text + "A", text[:40], text + "\n", " " + text,
		text[:20] + "\n" + text[20:], last, "ed25519:" + strings.Repeat("*", 43), "ed25519:" + base64.StdEncoding.EncodeToString(public),
	} {
		if read, err := signature.ParsePublic(junk); err == nil {
			t.Errorf("%q is read as %v", junk, read)
		} else if !strings.Contains(err.Error(), "43 characters of base64") {
			t.Errorf("%q: %v", junk, err)
		}
	}
}

// What openssl genpkey -algorithm ed25519 wrote, and openssl pkey -pubout makes of it.
const (
	opensslPrivate = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEILIII5AQ9Lrs7Y8yfgQ5MuR0D87WmKe+rwBDFrYokOJf
-----END PRIVATE KEY-----
`
	opensslPublic = "ed25519:XfUfoPorgugGldwEpGd3+sIL36IBEh3thwLDNOsywUI"
	opensslSecret = "MC4CAQAwBQYDK2VwBCIEILIII5AQ9Lrs7Y8yfgQ5MuR0D87WmKe+rwBDFrYokOJf"
)

func TestPrivate(t *testing.T) {
	key, err := signature.ParsePrivate([]byte(opensslPrivate))
	if err != nil {
		t.Fatal(err)
	}
	if public := signature.PublicText(key.Public().(ed25519.PublicKey)); public != opensslPublic {
		t.Errorf("its public key is %s, want %s", public, opensslPublic)
	}
	if text, err := signature.MarshalPrivate(key); err != nil || string(text) != opensslPrivate {
		t.Errorf("written as %s, %v", text, err)
	}
	if text, err := signature.MarshalPrivate(key[:32]); err == nil {
		t.Errorf("half a key is written as %s", text)
	}
	const rsa = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg" + // cut
		"\n-----END PRIVATE KEY-----\n"
	for name, junk := range map[string]string{
		"an ed25519 private key in PEM": opensslSecret,
		"protected by a passphrase":     strings.ReplaceAll(opensslPrivate, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
		"of another type":               strings.ReplaceAll(opensslPrivate, "PRIVATE KEY", "PUBLIC KEY"),
		"more than one PEM block":       opensslPrivate + opensslPrivate,
		"genpkey":                       rsa,
		"expected":                      strings.Replace(opensslPrivate, "OJf", "O", 1),
	} {
		key, err := signature.ParsePrivate([]byte(junk))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, %v", name, key, err)
		} else if strings.Contains(err.Error(), "MC4CAQAw") || strings.Contains(err.Error(), "LIII5AQ") {
			t.Errorf("the error has the key: %v", err)
		}
	}
}

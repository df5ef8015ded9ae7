package plan

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/registrar-sync/registrar/internal/atomicfile"
	"github.com/registrar-sync/registrar/internal/signature"
)

// formatVersion of the plan file. A file of another version is refused. Version 4 can be signed, and is encoded in
// one way only.
const formatVersion = 4

// maxFile is how many octets are read of a file, encrypted or not.
const maxFile = 256 << 20

// envelope is the plan file: the plan, a checksum of its compact JSON, and perhaps a signature.
type envelope struct {
	FormatVersion int             `json:"format_version"`
	Checksum      string          `json:"checksum"`
	Signature     *fileSignature  `json:"signature,omitempty"`
	Plan          json.RawMessage `json:"plan"`
}

// fileSignature is of signedMessage.
type fileSignature struct {
	Key       string `json:"key"` // as signature.PublicText writes it
	Signature []byte `json:"signature"`
}

// signedMessage is what a file's signature is of: the version of the format, a domain, and the plan's compact JSON.
func signedMessage(body []byte) []byte {
	return append(fmt.Appendf(nil, "%d\nregistrar plan file\n", formatVersion), body...)
}

// FileError says why a plan file cannot be used.
type FileError struct {
	Path   string
	Reason string
}

func (e *FileError) Error() string {
	return fmt.Sprintf("plan file %s: %s", e.Path, e.Reason)
}

// SaveOptions say how a plan file is protected.
type SaveOptions struct {
	// SignKey signs it; nil: it is not signed.
	SignKey ed25519.PrivateKey
	// Recipients are who can read it; none: everybody who has the file.
	Recipients []age.Recipient
}

// OpenOptions say how a protected plan file is read.
type OpenOptions struct {
	// Identities are tried on an encrypted file.
	Identities []age.Identity
}

// Save writes the plan file: whole or not at all, readable by its owner only. It replaces
// nothing but another plan file. It is signed first, then encrypted: who cannot read it does not learn
// either who signed it.
func (p *Plan) Save(path string, o SaveOptions) error {
	if err := Replaceable(path); err != nil {
		return err
	}
	text, err := p.encode(o)
	if err != nil {
		return fmt.Errorf("encode the plan: %w", err)
	}
	if err := atomicfile.Write(path, text, 0o600); err != nil {
		return fmt.Errorf("write the plan file: %w", err)
	}
	return nil
}

func (p *Plan) encode(o SaveOptions) ([]byte, error) {
	body, err := p.body()
	if err != nil {
		return nil, err
	}
	e := envelope{FormatVersion: formatVersion, Checksum: checksum(body), Plan: body}
	if o.SignKey != nil {
		public, ok := o.SignKey.Public().(ed25519.PublicKey)
		if !ok || len(o.SignKey) != ed25519.PrivateKeySize {
			return nil, fmt.Errorf("the key that signs has %d octets, not %d", len(o.SignKey), ed25519.PrivateKeySize)
		}
		e.Signature = &fileSignature{Key: signature.PublicText(public), Signature: signature.Sign(o.SignKey, signature.Plan, signedMessage(body))}
	}
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, err
	}
	text = append(text, '\n')
	if len(o.Recipients) > 0 {
		text, err = encrypt(text, o.Recipients)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("it would take %d octets, more than the %d that are read again", len(text), maxFile)
	}
	return text, err
}

// body is the plan's compact JSON, as it is encoded again once it was read: octets that are no text are not the same
// then.
func (p *Plan) body() ([]byte, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	var read Plan
	if err := json.Unmarshal(text, &read); err != nil {
		return nil, err
	}
	return json.Marshal(&read)
}

func encrypt(text []byte, recipients []age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	armored := armor.NewWriter(&out)
	in, err := age.Encrypt(armored, recipients...)
	if err != nil {
		return nil, fmt.Errorf("encrypt it: %w", err)
	}
	if _, err := in.Write(text); err != nil {
		return nil, fmt.Errorf("encrypt it: %w", err)
	}
	if err := errors.Join(in.Close(), armored.Close()); err != nil {
		return nil, fmt.Errorf("encrypt it: %w", err)
	}
	return out.Bytes(), nil
}

// Replaceable returns an error where path is something that Save does not replace: a
// device, or a file that is no plan.
func Replaceable(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write the plan file: %w", err)
	}
	refused := &FileError{path, "it exists and is no plan file: name another one, or remove it"}
	if !info.Mode().IsRegular() {
		return refused
	}
	start, err := readFile(path, 100)
	if err != nil {
		return fmt.Errorf("write the plan file: %w", err)
	}
	// A plan that was cut still begins as one.
	if len(start) == 0 || encrypted(start) || bytes.HasPrefix(bytes.Join(bytes.Fields(start), nil), []byte(`{"format_version":`)) {
		return nil
	}
	return refused
}

// readFile reads the first octets of a file.
func readFile(path string, octets int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, octets))
}

func encrypted(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte(armor.Header))
}

// Open reads a plan file, or returns a *FileError that says what is wrong with it. A signature that does not fit is
// an error; Plan.Signer says whose a fitting one is.
func Open(path string, o OpenOptions) (*Plan, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxFile {
		return nil, &FileError{path, tooLarge} // without reading it
	}
	text, err := readFile(path, maxFile+1)
	if err != nil {
		return nil, fmt.Errorf("read the plan file: %w", err)
	}
	p, reason := decode(text, o)
	if reason != "" {
		return nil, &FileError{path, reason}
	}
	return p, nil
}

// What can be wrong with a file.
const (
	tooLarge  = "it is larger than 256 MiB, and no plan file"
	noPlan    = "it is cut, or not a plan file: plan again"
	changed   = "it was changed after it was written: plan again"
	misSigned = "its signature does not fit what it holds: it was changed after it was signed; plan again"
	locked    = "it is encrypted: give the file of an identity that it was encrypted for, by --identity FILE"
	misLocked = "it is encrypted, for none of the identities that were given: give another one by --identity FILE"
	foreign   = "it holds what this registrar does not know, or lacks what it needs: use the registrar that wrote it, or plan again"
)

// decode reads a file's text, or returns what is wrong with it.
func decode(text []byte, o OpenOptions) (_ *Plan, reason string) {
	if len(text) > maxFile {
		return nil, tooLarge
	}
	if encrypted(text) {
		if text, reason = decrypt(text, o.Identities); reason != "" {
			return nil, reason
		}
	}
	var version struct {
		FormatVersion int `json:"format_version"`
	}
	if err := json.Unmarshal(text, &version); err != nil || version.FormatVersion <= 0 {
		return nil, noPlan
	}
	if version.FormatVersion < formatVersion {
		return nil, fmt.Sprintf("it is of format version %d, written by an older registrar; this one reads %d: plan again", version.FormatVersion, formatVersion)
	}
	if version.FormatVersion > formatVersion {
		return nil, fmt.Sprintf("it is of format version %d, this registrar reads %d: use the registrar that wrote it", version.FormatVersion, formatVersion)
	}
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil || e.Plan == nil {
		return nil, noPlan
	}
	if !exactly(text, &e) {
		return nil, changed
	}
	var body bytes.Buffer
	if err := json.Compact(&body, e.Plan); err != nil || checksum(body.Bytes()) != e.Checksum {
		return nil, changed
	}
	var signer ed25519.PublicKey
	if e.Signature != nil {
		var err error
		if signer, err = signature.ParsePublic(e.Signature.Key); err != nil || !signature.Verify(signer, signature.Plan, signedMessage(body.Bytes()), e.Signature.Signature) {
			return nil, misSigned
		}
	}
	var p Plan
	if err := json.Unmarshal(body.Bytes(), &p); err != nil {
		return nil, noPlan
	}
	if !exactly(body.Bytes(), &p) {
		return nil, foreign
	}
	p.Signer = signer
	return &p, ""
}

// exactly reports whether a text holds what was read of it and nothing else, but for blanks. Of members that are there
// twice, or whose names differ in case, one is read; others are not read at all: what is verified would else not be
// what is used.
func exactly(text []byte, read any) bool {
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return false
	}
	again, err := json.Marshal(read)
	return err == nil && bytes.Equal(compact.Bytes(), again)
}

func decrypt(text []byte, identities []age.Identity) (_ []byte, reason string) {
	if len(identities) == 0 {
		return nil, locked
	}
	plain, err := age.Decrypt(armor.NewReader(bytes.NewReader(text)), identities...)
	if _, none := errors.AsType[*age.NoIdentityMatchError](err); none {
		return nil, misLocked
	}
	if err != nil {
		return nil, changed
	}
	if text, err = io.ReadAll(plain); err != nil { // no more than there was
		return nil, changed
	}
	return text, ""
}

func checksum(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

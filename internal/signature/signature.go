// Package signature signs with ed25519 and verifies. What is signed says what for, as the context of
// Ed25519ctx (RFC 8032, section 5.1): a signature of a plan never passes for one of an approval.
package signature

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// Purpose is what a signature is for: from 1 to 255 octets.
type Purpose string

// The purposes.
const (
	Plan     Purpose = "registrar plan"
	Approval Purpose = "registrar approval"
)

// Sign signs a message for a purpose. It panics for a key or a purpose of a wrong length.
func Sign(key ed25519.PrivateKey, purpose Purpose, message []byte) []byte {
	signature, err := key.Sign(nil, message, &ed25519.Options{Hash: crypto.Hash(0), Context: must(purpose)})
	if err != nil {
		panic("signature: " + err.Error())
	}
	return signature
}

// Verify reports whether a signature is of the message and the purpose. A key or a signature of a
// wrong length is none.
func Verify(key ed25519.PublicKey, purpose Purpose, message, signature []byte) bool {
	if len(key) != ed25519.PublicKeySize {
		return false
	}
	return ed25519.VerifyWithOptions(key, message, signature, &ed25519.Options{Hash: crypto.Hash(0), Context: must(purpose)}) == nil
}

// must keeps out the purpose that would be none: without a context it is another algorithm.
func must(purpose Purpose) string {
	if purpose == "" || len(purpose) > 255 {
		panic("signature: a purpose has from 1 to 255 octets")
	}
	return string(purpose)
}

const algorithm = "ed25519:"

// encoding of public keys: without padding, and of each key one text.
func encoding() *base64.Encoding { return base64.RawStdEncoding.Strict() }

// PublicText returns a public key as configurations spell it: "ed25519:" and 43 characters of base64.
func PublicText(key ed25519.PublicKey) string {
	return algorithm + encoding().EncodeToString(key)
}

// ParsePublic reads what PublicText wrote. Its error says what was expected.
func ParsePublic(text string) (ed25519.PublicKey, error) {
	expected := errors.New(`it is no public key: expected "ed25519:" and 43 characters of base64`)
	encoded, ok := strings.CutPrefix(text, algorithm)
	if !ok || strings.ContainsAny(encoded, "\r\n") {
		return nil, expected
	}
	key, err := encoding().DecodeString(encoded)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, expected
	}
	return ed25519.PublicKey(key), nil
}

// ParseWritten is ParsePublic for keys that people wrote, perhaps with what other programs print: their base64 is padded.
func ParseWritten(text string) (ed25519.PublicKey, error) {
	return ParsePublic(strings.TrimSuffix(text, "="))
}

const pemType = "PRIVATE KEY"

// ParsePrivate reads a private key in PEM (PKCS #8), as openssl genpkey -algorithm ed25519 writes it. Its errors
// repeat nothing of the text.
func ParsePrivate(text []byte) (ed25519.PrivateKey, error) {
	const expected = "expected an ed25519 private key in PEM, as openssl genpkey -algorithm ed25519 writes it"
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return nil, errors.New(expected)
	case block.Type == "ENCRYPTED PRIVATE KEY":
		return nil, errors.New("the private key is protected by a passphrase, which cannot be given here: " + expected)
	case block.Type != pemType:
		return nil, errors.New("the PEM block is of another type: " + expected)
	case len(bytes.TrimSpace(rest)) > 0:
		return nil, errors.New("there is more than one PEM block: " + expected)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New(expected)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("the private key is of another algorithm: " + expected)
	}
	return key, nil
}

// MarshalPrivate returns a private key as ParsePrivate reads it.
func MarshalPrivate(key ed25519.PrivateKey) ([]byte, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("a private key has %d octets, not %d", ed25519.PrivateKeySize, len(key))
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}), nil
}

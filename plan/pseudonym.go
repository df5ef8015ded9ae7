package plan

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"io"
)

const (
	// pseudonymKeySize is the length of a plan's key, in octets.
	pseudonymKeySize = 32
	// pseudonymSize octets of a hash name a key: 40 bits, so that among the rows that a person looks at no two share one.
	pseudonymSize = 5
	// pseudonymLetters are those that are not taken for one another.
	pseudonymLetters = "abcdefghijkmnpqrstuvwxyz23456789"
	// nullText stands for NULL: that a part of a key is NULL is not told either.
	nullText = "\x00"
)

// newPseudonymKey draws a key; nil where masked keys are not to be told apart.
func (o *Options) newPseudonymKey() []byte {
	if o.NoPseudonyms {
		return nil
	}
	key := make([]byte, pseudonymKeySize)
	_, _ = rand.Read(key) // which never fails
	return key
}

// pseudonyms returns what names the keys of one source; nil without a key. Who does not have the key cannot
// find out which text a name stands for, not even by trying all texts.
func pseudonyms(key []byte, source string) func(text string) string {
	if len(key) == 0 {
		return nil
	}
	letters := base32.NewEncoding(pseudonymLetters).WithPadding(base32.NoPadding)
	return func(text string) string {
		return letters.EncodeToString(keyed(key, "key", source, text)[:pseudonymSize])
	}
}

// orderSalt makes the order of a plan's rows one that tells nothing of their keys.
func (p *Plan) orderSalt() string {
	if len(p.PseudonymKey) == 0 {
		return p.ID
	}
	return hex.EncodeToString(keyed(p.PseudonymKey, "order"))
}

// keyed is the HMAC-SHA256 of some texts.
func keyed(key []byte, texts ...string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, text := range texts {
		fmt.Fprintf(mac, "%d:", len(text))
		_, _ = io.WriteString(mac, text)
	}
	return mac.Sum(nil)
}

package hcl

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// digest returns the SHA-256 of the files read and of the variables' final values.
// Sensitive values are left out: a digest is published, and a short secret could
// be guessed from it.
func (c *compiler) digest() string {
	h := sha256.New()
	write(h, "files")
	for _, name := range names(c.config.Files) {
		write(h, name)
		write(h, string(c.config.Files[name]))
	}
	write(h, "variables")
	for _, name := range names(c.variables) {
		v := c.variables[name]
		if v.sensitive || !v.value.IsWhollyKnown() {
			continue
		}
		text, err := ctyjson.Marshal(v.value, v.value.Type())
		if err != nil {
			continue
		}
		write(h, name)
		write(h, string(text))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// write adds a text behind its length, so that no two lists of texts look alike.
func write(h hash.Hash, text string) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(text)))
	h.Write(length[:])
	h.Write([]byte(text))
}

package providers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// InstanceTeller is a Destination that can tell its database from a copy of it.
type InstanceTeller interface {
	// Instance returns a text that stays the same as long as the database stays where it is, and that a
	// copy, or one restored from a backup beside it, does not share; "" where the role may not know. It names
	// no host in clear. Every role that may know gets the same text.
	Instance(ctx context.Context, q Querier) (string, error)
}

// Instance asks a destination that is an InstanceTeller; others have "".
func Instance(ctx context.Context, d Destination, q Querier) (string, error) {
	teller, ok := d.(InstanceTeller)
	if !ok {
		return "", nil
	}
	instance, err := teller.Instance(ctx, q)
	return instance, SafeError(d, err)
}

// HashInstance makes what InstanceTeller.Instance returns of all that tells a database from its copies, 32
// hexadecimal digits. Where one of the parts is not known, "", nothing is: another role might know it.
func HashInstance(parts ...string) string {
	var text strings.Builder
	for _, part := range parts {
		if part == "" {
			return ""
		}
		text.WriteString(part)
		text.WriteByte(0)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:16])
}

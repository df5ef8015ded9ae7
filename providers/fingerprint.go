package providers

import (
	"context"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// Fingerprinter is a SourceProvider whose snapshots and some destinations compute the same
// fingerprint of the same rows.
type Fingerprinter interface {
	// FingerprintsInto reports whether the Relays of the provider's snapshots into that destination are
	// FingerprintRelays. Its dialect then is an sqlgen.Fingerprinter.
	FingerprintsInto(d Destination) bool
}

// FingerprintRelay is a Relay of whose rows the source itself computes fingerprints, and which it copies
// in part. So does, decoding, the Snapshot.Read of the snapshot that it is of.
type FingerprintRelay interface {
	Relay
	// Fingerprints returns the fingerprint of each bucket that has rows, by its number. The error wraps
	// ErrNotComparable where values of a column's type cannot be fingerprinted as those of the
	// destination's, and ErrNoRelay where the rows, or the server, do not let it: after that
	// one the relay is of no further use.
	Fingerprints(ctx context.Context, of Fingerprinted) (map[int]Fingerprint, error)
	// Narrow lets Run copy the rows of some buckets only.
	Narrow(within *Within)
}

// Fingerprinted says of what fingerprints are made.
type Fingerprinted struct {
	// Key are the columns by which a row has its bucket, Row those whose difference counts, the key among
	// them. NotNull does not matter.
	Key, Row []RelayColumn
	// Buckets is how many there are.
	Buckets int
	// Text is what is hashed of a value of the column; of the key's it is the canonical text.
	Text func(expr string, c sqlgen.Column) string
}

// Fingerprint is what the rows of a bucket come to. Buckets of one fingerprint hold the same
// rows, but for collisions of 64-bit hashes.
type Fingerprint struct {
	Rows int64
	Sum  string // of the rows' hashes, a decimal number
}

// Within leaves out the rows that are not in some buckets.
type Within struct {
	Key     []RelayColumn // as in Fingerprinted
	Buckets *sqlgen.Buckets
}

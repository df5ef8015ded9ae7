package sqlgen

import (
	"encoding/hex"
	"slices"
)

// Fingerprinter is a Dialect that hashes rows alike on every server of its engine, whatever its version,
// encoding and collations.
type Fingerprinter interface {
	// HashTexts is a 64-bit number of the texts of a row: expressions, NULL for no value, that belong to
	// one column each. No two rows have one for any other reason than a collision.
	HashTexts(texts []string, columns []Column) string
	// Bucket is the number, from 0, of the bucket that a hash falls into.
	Bucket(hash string, buckets int) string
	// InBuckets is the condition that a bucket is in a set: an expression of type text, as Buckets.Set
	// returns it.
	InBuckets(bucket, set string) string
	// EqualByText reports whether the column takes for equal only values of one canonical text.
	EqualByText(c Column) bool
	// Qualified is the same dialect, whose expressions for FingerprintText mean the same whatever schemas a
	// connection looks into first: on the source that is not for this program to say.
	Qualified() Dialect
}

// Buckets are some of the buckets into which rows fall by their keys.
type Buckets struct {
	// Count is how many there are in all, at least 1.
	Count int
	bits  []byte
}

// NewBuckets returns none of count buckets.
func NewBuckets(count int) *Buckets {
	return &Buckets{Count: count, bits: make([]byte, (count+7)/8)}
}

// Add adds a bucket, by its number from 0.
func (b *Buckets) Add(bucket int) { b.bits[bucket/8] |= 1 << (bucket % 8) }

// Set returns a bit for each bucket as hexadecimal digits, the lowest bits of an octet being the first ones.
func (b *Buckets) Set() string { return hex.EncodeToString(b.bits) }

// FingerprintText is what of a column's value is fingerprinted: two have it in common where their difference
// does not count. Modes that depend on a server's own tables, CompareFolded and CompareDate, are none to
// fingerprint.
func FingerprintText(d Dialect, t *Target, expr string, column Column) string {
	if f, ok := d.(Fingerprinter); ok {
		d = f.Qualified()
	}
	compare, ok := t.Compare[column.Name]
	if !ok || compare.Mode == CompareFolded || compare.Mode == CompareDate {
		return d.Canonical(expr, column)
	}
	c := composer{d: d}
	return d.AsText(c.relaxed(t, expr, column))
}

// ComparedByServer names the columns whose mode of comparison is not one to fingerprint.
func ComparedByServer(t *Target) []string {
	var names []string
	for _, column := range t.Mapped {
		if mode := t.Compare[column.Name].Mode; mode == CompareFolded || mode == CompareDate {
			names = append(names, column.Name)
		}
	}
	return names
}

// Fingerprinted lists the columns whose differences make a row another: the key's, then those compared.
func (t *Target) Fingerprinted(d Dialect) []Column {
	columns := slices.Clone(t.Key)
	for _, column := range t.Compared(d) {
		if !slices.ContainsFunc(t.Key, func(k Column) bool { return k.Name == column.Name }) {
			columns = append(columns, column)
		}
	}
	return columns
}

// Fingerprints selects for each bucket of the scope its number, how many live rows it has, the sum of
// their hashes as a text, and how many of its archived rows are to be purged. Clocks are
// the target's. An empty statement where the engine has none.
func Fingerprints(d Dialect, t *Target, buckets int) Statement {
	f, ok := d.(Fingerprinter)
	if !ok {
		return Statement{}
	}
	c := composer{d: d}
	row := t.Fingerprinted(d)
	texts := make([]string, len(row))
	for i, column := range row {
		texts[i] = FingerprintText(d, t, c.of("t", column), column)
	}
	archived := c.archived(t, "t")
	expired := c.expired(t, "t")
	hash := f.HashTexts(texts, row)
	if t.archives() {
		hash = "CASE WHEN NOT " + archived + " THEN " + hash + " END"
	}
	return c.statement(`SELECT r.bucket, count(r.hash), %s, sum(r.expired) FROM (SELECT %s AS bucket, %s AS hash, CASE WHEN %s THEN 1 ELSE 0 END AS expired FROM %s t WHERE %s) r GROUP BY r.bucket`,
		d.AsText("coalesce(sum(r.hash), 0)"), f.Bucket(c.keyHash(f, t, "t"), buckets), hash, expired, t.Table.Name, c.ours(t, "t"))
}

func (c *composer) keyHash(f Fingerprinter, t *Target, alias string) string {
	texts := make([]string, len(t.Key))
	for i, k := range t.Key {
		texts[i] = c.text(alias, k)
	}
	return f.HashTexts(texts, t.Key)
}

// inBuckets adds to a condition that a row is in one of the target's buckets.
func (c *composer) inBuckets(t *Target, alias, condition string) string {
	f, ok := c.d.(Fingerprinter)
	if !ok || t.Buckets == nil {
		return condition
	}
	return and(condition, f.InBuckets(f.Bucket(c.keyHash(f, t, alias), t.Buckets.Count), c.bindText(t.Buckets.Set())))
}

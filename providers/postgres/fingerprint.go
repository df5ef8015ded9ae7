package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

var (
	_ providers.Fingerprinter    = (*Provider)(nil)
	_ providers.FingerprintRelay = (*relay)(nil)
	_ sqlgen.Fingerprinter       = Dialect{}
)

// HashTexts takes 64 bits of the SHA-256 of the texts in UTF-8. hashtextextended would be ten times as fast,
// but what it yields is promised for one server only (it changes with versions, the order of octets, and the
// encoding); md5 is as slow, and refused by servers that obey FIPS 140.
func (Dialect) HashTexts(texts []string, columns []sqlgen.Column) string {
	parts := make([]string, len(texts))
	for i, text := range texts {
		switch columns[i].Type.Kind {
		case value.Bool, value.Int, value.Decimal, value.Float, value.Date, value.Time, value.DateTime, value.Instant, value.UUID, value.Bytes:
			// Such a text is never empty, and has no comma.
			parts[i] = "coalesce(" + text + ", '')" + concatenate + "','"
		default:
			parts[i] = "coalesce(pg_catalog.length(" + text + ")" + concatenate + "':'" + concatenate + text + ", '-')"
		}
	}
	// x and sixteen digits, which is how a bit string is written.
	return "CAST(CAST('x'" + concatenate + "pg_catalog.encode(pg_catalog.substr(pg_catalog.sha256(pg_catalog.convert_to(" + strings.Join(parts, concatenate) +
		", 'UTF8')), 1, 8), 'hex') AS bit(64)) AS bigint)"
}

// Bucket is the remainder; not of the sign, which would make some numbers negative.
func (Dialect) Bucket(hash string, buckets int) string {
	return "CAST((" + hash + " OPERATOR(pg_catalog.&) 9223372036854775807) OPERATOR(pg_catalog.%) " + strconv.Itoa(buckets) + " AS integer)"
}

// InBuckets decodes the set once: a subquery of its own.
func (Dialect) InBuckets(bucket, set string) string {
	return "pg_catalog.get_bit((SELECT pg_catalog.decode(" + set + ", 'hex')), " + bucket + ")" + equal + "1"
}

// Qualified is for the source, too.
func (Dialect) Qualified() sqlgen.Dialect { return qualified{} }

// EqualByText knows those collations besides the default one that are deterministic everywhere.
func (d Dialect) EqualByText(c sqlgen.Column) bool {
	switch c.Collation {
	case quote("pg_catalog") + "." + quote("C"), quote("pg_catalog") + "." + quote("POSIX"), quote("pg_catalog") + "." + quote("ucs_basic"):
		c.Collation = ""
	}
	return d.Comparable("x", c) == "x"
}

// FingerprintsInto is for destinations of this package.
func (*Provider) FingerprintsInto(d providers.Destination) bool {
	_, ok := d.(*destination)
	return ok
}

// fingerprinted is expr, of the source's type, as a value of a column of the destination: what the stage
// would hold, or, for what is none to relay, an error or what the column never holds.
func fingerprinted(expr string, from, to value.Type) (string, bool) {
	cast, ok := converted(expr, from, to)
	switch {
	case !ok:
		return "", false
	case to.Kind == value.Decimal && to.Precision > 0:
		return fmt.Sprintf("pg_catalog.round(%s, %d)", cast, to.Scale), true // as many digits as the column shows
	case to.Kind == value.Text && to.Fixed:
		return "(" + cast + ")::pg_catalog.bpchar", true // without its blanks
	}
	return cast, true
}

// hashed is HashTexts of columns of a result, which is named s and has the given column names.
func hashed(columns []providers.RelayColumn, result []providers.Column, names []string, textOf func(string, sqlgen.Column) string) (string, error) {
	texts, into := make([]string, len(columns)), make([]sqlgen.Column, len(columns))
	for i, c := range columns {
		from := result[c.From]
		expr, ok := fingerprinted("s."+names[c.From], from.Type, c.Type)
		if !ok {
			return "", fmt.Errorf("%w: source column %q is of type %s, column %q of type %s", providers.ErrNotComparable, from.Name, from.Type, c.Name, c.Type)
		}
		texts[i], into[i] = textOf(expr, c.Column), c.Column
	}
	return Dialect{}.HashTexts(texts, into), nil
}

// within is the condition that a row of a result, named s, is in some buckets.
func within(w *providers.Within, result []providers.Column, names []string) (string, error) {
	key, err := hashed(w.Key, result, names, qualified{}.Canonical)
	if err != nil {
		return "", err
	}
	return Dialect{}.InBuckets(Dialect{}.Bucket(key, w.Buckets.Count), literal(w.Buckets.Set())), nil
}

// aliases name the columns of the result.
func (r *relay) aliases() []string {
	names := make([]string, len(r.columns))
	for i := range names {
		names[i] = alias(i)
	}
	return names
}

// Fingerprints groups the rows in the source.
func (r *relay) Fingerprints(ctx context.Context, of providers.Fingerprinted) (map[int]providers.Fingerprint, error) {
	names := r.aliases()
	key, err := hashed(of.Key, r.columns, names, qualified{}.Canonical)
	if err != nil {
		return nil, err
	}
	row, err := hashed(of.Row, r.columns, names, of.Text)
	if err != nil {
		return nil, err
	}
	text, err := r.bind(ctx)
	if err != nil {
		return nil, err
	}
	source := r.snapshot.conn.PgConn()
	// Tens of thousands of groups would spill into files; it lasts as long as the savepoint.
	set := source.ExecParams(ctx, "SET LOCAL work_mem = '64MB'", nil, nil, nil, nil)
	if _, err := set.Close(); err != nil {
		return nil, sourceRefused(ctx, source, err, 0)
	}
	reader := source.ExecParams(ctx, "SELECT r.bucket, pg_catalog.count(*), pg_catalog.sum(r.hash) FROM (SELECT "+Dialect{}.Bucket(key, of.Buckets)+" AS bucket, "+row+" AS hash FROM ("+text+
		") AS s ("+strings.Join(names, ", ")+")) AS r GROUP BY r.bucket", nil, nil, nil, nil)
	found := map[int]providers.Fingerprint{}
	var faulty error
	for reader.NextRow() {
		values := reader.Values()
		bucket, err := strconv.Atoi(string(values[0]))
		if err != nil {
			faulty = err
		}
		rows, err := strconv.ParseInt(string(values[1]), 10, 64)
		if err != nil {
			faulty = err
		}
		found[bucket] = providers.Fingerprint{Rows: rows, Sum: string(values[2])}
	}
	if _, err := reader.Close(); err != nil {
		return nil, sourceRefused(ctx, source, err, 0)
	}
	if faulty != nil {
		return nil, fmt.Errorf("read the source's fingerprints: %w", faulty)
	}
	return found, nil
}

// Narrow adds a condition to the COPY.
func (r *relay) Narrow(within *providers.Within) { r.query.Within = within }

// narrowed leaves out rows of a text that was checked, as filter does.
func (s *snapshot) narrowed(ctx context.Context, text string, w *providers.Within) (string, error) {
	statement, err := s.conn.PgConn().Prepare(ctx, "", text, nil)
	if err != nil {
		return "", err
	}
	columns, err := s.describe(ctx, statement.Fields)
	if err != nil {
		return "", err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c.Name)
	}
	condition, err := within(w, columns, names)
	if err != nil {
		return "", err
	}
	return "SELECT * FROM (" + text + ") AS s WHERE " + condition, nil
}

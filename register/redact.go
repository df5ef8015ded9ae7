package register

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

const (
	// redactedMember and redactedText are what a redacted document holds: no column is called so.
	redactedMember, redactedText = "$", "redacted"
	// RedactedMessage stands for a message that quoted what was redacted.
	RedactedMessage = "(redacted)"
)

// RedactedDocument is what a document is replaced by.
func RedactedDocument() Document { return Document{{Column: redactedMember, Text: redactedText}} }

// Redacted reports whether the document was replaced.
func (d Document) Redacted() bool {
	return len(d) == 1 && d[0] == Field{Column: redactedMember, Text: redactedText}
}

// Redacted reports whether a document of the operation was replaced: then nobody knows any more what it was.
func (o *Operation) Redacted() bool {
	return o.Key.Redacted() || o.Before.Redacted() || o.After.Redacted()
}

// unredacted is the condition that a document was not replaced, or is NULL.
func (r Register) unredacted(document string) string {
	member := r.d.MemberText(document, redactedMember)
	return "(" + member + " IS NULL OR " + member + " <> '" + redactedText + "')"
}

// CountRedacted counts the operations of a plan of which a document was replaced.
func (r Register) CountRedacted(ctx context.Context, q providers.Querier, planID string) (n int64, err error) {
	args := arguments{d: r.d}
	plan := args.of(planID)
	var intact []string
	for _, column := range []string{"key", "before", "after"} {
		intact = append(intact, r.unredacted("o."+r.d.Quote(column)))
	}
	query := fmt.Sprintf("SELECT count(*) FROM %s o WHERE o.plan_id = %s AND NOT (%s)", r.d.RegisterTable("operation"), plan, strings.Join(intact, " AND "))
	if n, err = r.number(ctx, q, query, args.values); err != nil {
		return 0, fmt.Errorf("count redacted operations: %w", err)
	}
	return n, nil
}

// Redaction is that values were redacted. It does not tell whose.
type Redaction struct {
	ID         string
	RedactedOn time.Time
	RedactedBy string // user@host, as the program tells
	// DatabaseUser is who the database took them for; "" where it has no users. It is not for writing.
	DatabaseUser string
	Reason       string
	Operations   int64
	Findings     int64
}

// InsertRedaction records a redaction.
func (r Register) InsertRedaction(ctx context.Context, q providers.Querier, d Redaction) error {
	args := arguments{d: r.d}
	column, user := r.tellUser()
	statement := fmt.Sprintf("INSERT INTO %s (id, redacted_on, redacted_by, reason, operations, findings%s) VALUES (%s, %s, %s, %s, %d, %d%s)", r.d.RegisterTable("redaction"), column,
		args.of(d.ID), args.instant(d.RedactedOn), args.of(shortened(storable(d.RedactedBy))), args.of(storable(d.Reason)), d.Operations, d.Findings, user)
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return fmt.Errorf("record the redaction: %w", withRemedy(err))
	}
	return nil
}

// Redactions returns what was redacted, the first time first.
func (r Register) Redactions(ctx context.Context, q providers.Querier) ([]Redaction, error) {
	rows, err := q.QueryContext(ctx, fmt.Sprintf("SELECT d.id, %s, d.redacted_by, d.database_user, d.reason, d.operations, d.findings FROM %s d ORDER BY d.redacted_on, d.id",
		r.instantText("d.redacted_on"), r.d.RegisterTable("redaction")))
	if err != nil {
		return nil, fmt.Errorf("read redactions: %w", withRemedy(err))
	}
	defer rows.Close()
	var found []Redaction
	for rows.Next() {
		var d Redaction
		var on, user sql.NullString
		if err := rows.Scan(&d.ID, &on, &d.RedactedBy, &user, &d.Reason, &d.Operations, &d.Findings); err != nil {
			return nil, fmt.Errorf("read redactions: %w", err)
		}
		if d.RedactedOn, err = parseInstant(on); err != nil {
			return nil, err
		}
		d.DatabaseUser = user.String
		found = append(found, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read redactions: %w", err)
	}
	return found, nil
}

// replaced gives each of the documents the redacted one instead, where it is not NULL.
func (r Register) replaced(args *arguments, alias string, documents ...string) []sqlgen.Assignment {
	var sets []sqlgen.Assignment
	for _, column := range documents {
		quoted := r.d.Quote(column)
		sets = append(sets, sqlgen.Assignment{Column: quoted, Value: fmt.Sprintf("CASE WHEN %s.%s IS NULL THEN %s ELSE %s END",
			alias, quoted, r.d.NoDocument(), args.typed(value.JSON, encodeDocument(RedactedDocument())))})
	}
	return sets
}

// redactFindings replaces what the findings f hold that a condition names.
func (r Register) redactFindings(ctx context.Context, q providers.Querier, where func(args *arguments) string) (int64, error) {
	args := arguments{d: r.d}
	sets := r.replaced(&args, "f", "key", "detail")
	sets = append(sets, sqlgen.Assignment{Column: r.d.Quote("message"), Value: fmt.Sprintf("CASE WHEN f.message IS NULL THEN NULL ELSE '%s' END", RedactedMessage)})
	statement := r.d.Update(sqlgen.Update{Table: r.d.RegisterTable("finding"), Alias: "f", Sets: sets, Where: where(&args)})
	n, err := r.affected(ctx, q, statement, args.values...)
	if err != nil {
		return 0, fmt.Errorf("redact findings: %w", withRemedy(err))
	}
	return n, nil
}

// redactOperations replaces the documents of the operations o that a condition names.
func (r Register) redactOperations(ctx context.Context, q providers.Querier, documents []string, where func(args *arguments) string) (int64, error) {
	args := arguments{d: r.d}
	sets := r.replaced(&args, "o", documents...)
	statement := r.d.Update(sqlgen.Update{Table: r.d.RegisterTable("operation"), Alias: "o", Sets: sets, Where: where(&args)})
	n, err := r.affected(ctx, q, statement, args.values...)
	if err != nil {
		return 0, fmt.Errorf("redact operations: %w", withRemedy(err))
	}
	return n, nil
}

// allDocuments are those of an operation, valueDocuments the same without its key.
func allDocuments() []string   { return []string{"key", "before", "after", "result"} }
func valueDocuments() []string { return allDocuments()[1:] }

// erase prepares a transaction to redact: where the engine would leave what a row held in its file, it is told to overwrite it.
func (r Register) erase(ctx context.Context, q providers.Querier) error {
	eraser, ok := r.d.(sqlgen.Eraser)
	if !ok {
		return nil
	}
	if err := r.exec(ctx, q, eraser.Overwrite()); err != nil {
		return fmt.Errorf("have the database overwrite what is redacted: %w", err)
	}
	return nil
}

// Redact replaces what the operations and findings hold that one of the matches is about. An operation that it is about by a
// value alone keeps its key.
func (r Register) Redact(ctx context.Context, q providers.Querier, matches []Match) (operations, findings int64, err error) {
	if len(matches) == 0 {
		return 0, 0, nil
	}
	if err := r.erase(ctx, q); err != nil {
		return 0, 0, err
	}
	// What undoes another plan first, the last one before: it is told by the operations that it undoes.
	for _, m := range slices.Backward(matches) {
		if m.Reverting == nil {
			continue
		}
		documents := allDocuments()
		if m.keepsKey() {
			documents = valueDocuments()
		}
		n, err := r.redactOperations(ctx, q, documents, func(args *arguments) string { return r.matched(args, []Match{m}) })
		if err != nil {
			return 0, 0, err
		}
		operations += n
	}
	var byKey, byValue []Match
	for _, m := range matches {
		switch {
		case m.Reverting != nil:
		case m.keepsKey():
			byValue = append(byValue, m)
		default:
			byKey = append(byKey, m)
		}
	}
	if len(byKey) > 0 {
		if findings, err = r.redactFindings(ctx, q, func(args *arguments) string { return r.noticed(args, byKey) }); err != nil {
			return 0, 0, err
		}
		n, err := r.redactOperations(ctx, q, allDocuments(), func(args *arguments) string { return r.matched(args, byKey) })
		if err != nil {
			return 0, 0, err
		}
		operations += n
	}
	if len(byValue) == 0 {
		return operations, findings, nil
	}
	n, err := r.redactOperations(ctx, q, valueDocuments(), func(args *arguments) string { return r.matched(args, byValue) })
	return operations + n, findings, err
}

// Purged are the purges of a plan for a sync.
type Purged struct {
	PlanID, Sync string
	// After and Last bound the operations: After < seq <= Last.
	After, Last int64
	// Keys are lists of the members that identify a row in its key: by its columns, and by what these are looked up by.
	Keys [][]string
}

// RedactPurged replaces what the register holds of rows that a plan purges: in its own operations, and in all operations and
// findings of their sync that are about these rows, under the keys that they had then. Another row that has such a key before or
// afterwards is not touched. No row's values but keys leave the database.
func (r Register) RedactPurged(ctx context.Context, q providers.Querier, p *Purged) (operations, findings int64, err error) {
	if err := r.erase(ctx, q); err != nil {
		return 0, 0, err
	}
	generations, err := r.generations(ctx, q, p)
	if err != nil {
		return 0, 0, err
	}
	among := func(alias string) func(args *arguments) string {
		return func(args *arguments) string {
			of := alias + ".sync = " + args.of(p.Sync)
			var keys []string
			for i, names := range p.Keys {
				row, columns := make([]string, len(names)), make([]string, len(names))
				for j, name := range names {
					row[j], columns[j] = r.d.MemberText(alias+"."+r.d.Quote("key"), name), fmt.Sprintf("k.k%d", j)
				}
				keys = append(keys, r.d.Among(row, columns, "("+r.keysOf(args, p, names, generations[i])+") k", "k.k0 IS NOT NULL"))
			}
			return of + " AND (" + strings.Join(keys, " OR ") + ")"
		}
	}
	c, err := r.chronicle(ctx, q, &followed{lists: p.Keys, last: p.PlanID, operations: among("o"), findings: among("f")})
	if err != nil {
		return 0, 0, err
	}
	done, noticed := places(c.that(func(l *life) bool {
		return slices.ContainsFunc(l.events, func(e *event) bool {
			return !e.finding && e.PlanID == p.PlanID && e.operation == config.Purge && e.Seq > p.After && e.Seq <= p.Last
		})
	}))
	return r.redactPlaces(ctx, q, done, noticed)
}

// keysOf selects the keys of purges, k0 and so on, and those that as many generations of renames began with.
func (r Register) keysOf(args *arguments, p *Purged, names []string, generations int) string {
	all := make([]string, generations+1)
	for i := range all {
		all[i] = r.generation(args, p, names, i)
	}
	return strings.Join(all, " UNION ")
}

// generation selects the keys of purges, or, of the n-th generation, those that renames to keys of the one before began with:
// of any row, at any time.
func (r Register) generation(args *arguments, p *Purged, names []string, n int) string {
	operation := r.d.RegisterTable("operation")
	alias := fmt.Sprintf("g%d", n)
	columns := make([]string, len(names))
	for i, name := range names {
		columns[i] = fmt.Sprintf("%s AS k%d", r.d.MemberText(alias+"."+r.d.Quote("key"), name), i)
	}
	// DISTINCT keeps an engine from merging it into an UPDATE of the table that it reads.
	query := "SELECT DISTINCT " + strings.Join(columns, ", ") + " FROM " + operation + " " + alias + " WHERE "
	if n == 0 {
		return query + fmt.Sprintf("%[1]s.plan_id = %[2]s AND %[1]s.seq > %[3]d AND %[1]s.seq <= %[4]d AND %[1]s.operation = '%[5]s'", alias, args.of(p.PlanID), p.After, p.Last, config.Purge)
	}
	query += fmt.Sprintf("%[1]s.sync = %[2]s AND %[1]s.operation IN ('%[3]s', '%[4]s') AND ", alias, args.of(p.Sync), config.Rename, config.Undelete)
	row, values := make([]string, len(names)), make([]string, len(names))
	for i, name := range names {
		row[i], values[i] = r.d.MemberText(alias+"."+r.d.Quote("after"), name), fmt.Sprintf("h%d.k%d", n, i)
	}
	return query + r.d.Among(row, values, fmt.Sprintf("(%s) h%d", r.generation(args, p, names, n-1), n), fmt.Sprintf("h%d.k0 IS NOT NULL", n))
}

// generations returns, for each list of members, how many generations of renames lead to new keys.
func (r Register) generations(ctx context.Context, q providers.Querier, p *Purged) ([]int, error) {
	found := make([]int, len(p.Keys))
	args := arguments{d: r.d}
	renames, err := r.number(ctx, q, fmt.Sprintf("SELECT count(*) FROM %s o WHERE o.sync = %s AND o.operation IN ('%s', '%s')", r.d.RegisterTable("operation"), args.of(p.Sync), config.Rename, config.Undelete), args.values)
	if err != nil {
		return nil, fmt.Errorf("look for renames of what is purged: %w", err)
	}
	if renames == 0 {
		return found, nil
	}
	for i, names := range p.Keys {
		known := int64(-1)
		for n := 0; ; n++ {
			args := arguments{d: r.d}
			query := "SELECT count(*) FROM (" + r.keysOf(&args, p, names, n) + ") k"
			keys, err := r.number(ctx, q, query, args.values)
			if err != nil {
				return nil, fmt.Errorf("look for renames of what is purged: %w", err)
			}
			if n > 0 && keys == known {
				found[i] = n - 1
				break
			}
			known = keys
		}
	}
	return found, nil
}

// number runs a query of one number.
func (r Register) number(ctx context.Context, q providers.Querier, query string, args []any) (n int64, err error) {
	err = r.each(ctx, q, query, args, func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n, err
}

package register

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Touched is what a redaction would replace of a sync, or a check, in one table.
type Touched struct {
	Sync  string
	Table string // as the configuration writes it; "" of findings alone
	Plans int64  // that have such operations
	// Operations are those of which a document would be replaced, Findings those that would be.
	Operations, Findings int64
}

// Touches counts what Redact would replace, by sync and table.
func (r Register) Touches(ctx context.Context, q providers.Querier, matches []Match) ([]Touched, error) {
	if len(matches) == 0 {
		return nil, nil
	}
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT o.sync, o.table_name, count(DISTINCT o.plan_id), count(*) FROM %s o WHERE %s GROUP BY o.sync, o.table_name ORDER BY o.sync, o.table_name",
		r.d.RegisterTable("operation"), r.matched(&args, matches))
	var all []Touched
	err := r.each(ctx, q, query, args.values, func(rows *sql.Rows) error {
		var one Touched
		if err := rows.Scan(&one.Sync, &one.Table, &one.Plans, &one.Operations); err != nil {
			return err
		}
		all = append(all, one)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count what would be redacted: %w", err)
	}
	args = arguments{d: r.d}
	where := r.noticed(&args, matches)
	if where == "" {
		return all, nil
	}
	query = fmt.Sprintf("SELECT f.sync, count(*) FROM %s f WHERE %s GROUP BY f.sync ORDER BY f.sync", r.d.RegisterTable("finding"), where)
	err = r.each(ctx, q, query, args.values, func(rows *sql.Rows) error {
		one := Touched{}
		if err := rows.Scan(&one.Sync, &one.Findings); err != nil {
			return err
		}
		for i := range all {
			if all[i].Sync == one.Sync {
				all[i].Findings = one.Findings
				return nil
			}
		}
		all = append(all, one)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count what would be redacted: %w", err)
	}
	return all, nil
}

// each calls visit for the rows of a query.
func (Register) each(ctx context.Context, q providers.Querier, query string, args []any, visit func(rows *sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := visit(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Spoilt returns the ids of the plans that could still be applied, and could not any more once the matches are redacted.
func (r Register) Spoilt(ctx context.Context, q providers.Querier, matches []Match, now time.Time) ([]string, error) {
	if len(matches) == 0 {
		return nil, nil
	}
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT p.id FROM %s p LEFT JOIN %s e ON e.plan_id = p.id WHERE e.plan_id IS NULL AND p.speculative = %s AND p.expires_on > %s AND EXISTS (SELECT 1 FROM %s o WHERE o.plan_id = p.id AND %s) ORDER BY p.created_on, p.id",
		r.d.RegisterTable("plan"), r.d.RegisterTable("execution"), args.typed(value.Bool, value.OfBool(false).Text()), args.instant(now), r.d.RegisterTable("operation"), r.matched(&args, matches))
	var ids []string
	err := r.each(ctx, q, query, args.values, func(rows *sql.Rows) error {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for plans that could not be applied any more: %w", err)
	}
	return ids, nil
}

// Rekeyed are the two keys of a row, before and after an operation that gave it another one: of each the members that were asked for.
type Rekeyed struct {
	Sync     string
	From, To Document
}

// RekeyedOf returns the operations that gave a row one of the keys that the matches name, or took it from it, as far as they
// were applied. The matches are of one list of members.
func (r Register) RekeyedOf(ctx context.Context, q providers.Querier, matches []Match) ([]Rekeyed, error) {
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT o.sync, o.%s, o.%s FROM %s o JOIN %s e ON e.plan_id = o.plan_id WHERE o.operation IN ('%s', '%s') AND %s",
		r.d.Quote("key"), r.d.Quote("after"), r.d.RegisterTable("operation"), r.d.RegisterTable("execution"), config.Rename, config.Undelete, r.matched(&args, matches))
	var all []Rekeyed
	err := r.each(ctx, q, query, args.values, func(rows *sql.Rows) error {
		var one Rekeyed
		var key, after sql.NullString
		if err := rows.Scan(&one.Sync, &key, &after); err != nil {
			return err
		}
		old, err := ParseDocument(key.String)
		if err != nil {
			return err
		}
		given, err := ParseDocument(after.String)
		if err != nil {
			return err
		}
		for _, m := range matches[0].Key {
			from, isOld := old.Field(m.Column)
			to, isGiven := given.Field(m.Column)
			if !isOld || !isGiven || from.Null || to.Null {
				return nil
			}
			one.From, one.To = append(one.From, from), append(one.To, to)
		}
		all = append(all, one)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for other keys of the row: %w", err)
	}
	return all, nil
}

// Spelt returns how the keys are spelt that a match of one member takes for its own, those that operations gave rows included.
func (r Register) Spelt(ctx context.Context, q providers.Querier, m Match) ([]string, error) {
	args := arguments{d: r.d}
	var queries []string
	for _, document := range []string{"key", "after"} {
		text := r.d.ByteOrder(r.d.MemberText("o."+r.d.Quote(document), m.Key[0].Column))
		queries = append(queries, fmt.Sprintf("SELECT %s AS spelt FROM %s o WHERE %s", text, r.d.RegisterTable("operation"), r.matched(&args, []Match{m})))
	}
	var all []string
	err := r.each(ctx, q, strings.Join(queries, " UNION "), args.values, func(rows *sql.Rows) error {
		var one sql.NullString
		if err := rows.Scan(&one); err != nil {
			return err
		}
		if one.Valid {
			all = append(all, one.String)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for other spellings of the key: %w", err)
	}
	return all, nil
}

// RedactMessages replaces the messages of runs, and those of findings of the given syncs, that name one of the values: in
// quotes, or as a word unless it is a number or shorter than three characters. It returns how many of each.
func (r Register) RedactMessages(ctx context.Context, q providers.Querier, syncs, values []string) (findings, runs int64, err error) {
	if len(syncs) > 0 {
		args := arguments{d: r.d}
		of := (&Match{Syncs: syncs}).of(&args, "m")
		query := fmt.Sprintf("SELECT m.plan_id, m.seq, m.message FROM %s m WHERE %sm.message IS NOT NULL%s", r.d.RegisterTable("finding"), of, r.mayName(&args, values))
		if findings, err = r.redactNamed(ctx, q, "finding", query, args.values, values); err != nil {
			return 0, 0, err
		}
	}
	args := arguments{d: r.d}
	query := fmt.Sprintf("SELECT m.id, 0, m.message FROM %s m WHERE m.message IS NOT NULL%s", r.d.RegisterTable("run"), r.mayName(&args, values))
	runs, err = r.redactNamed(ctx, q, "run", query, args.values, values)
	return findings, runs, err
}

// CountMessages counts what RedactMessages would replace.
func (r Register) CountMessages(ctx context.Context, q providers.Querier, syncs, values []string) (findings, runs int64, err error) {
	count := func(n *int64, query string, args []any) error {
		return r.each(ctx, q, query, args, func(rows *sql.Rows) error {
			var message string
			if err := rows.Scan(&message); err != nil {
				return err
			}
			if Names(message, values) {
				*n++
			}
			return nil
		})
	}
	if len(syncs) > 0 {
		args := arguments{d: r.d}
		of := (&Match{Syncs: syncs}).of(&args, "m")
		query := fmt.Sprintf("SELECT m.message FROM %s m WHERE %sm.message IS NOT NULL%s", r.d.RegisterTable("finding"), of, r.mayName(&args, values))
		err = count(&findings, query, args.values)
	}
	if err == nil {
		args := arguments{d: r.d}
		err = count(&runs, fmt.Sprintf("SELECT m.message FROM %s m WHERE m.message IS NOT NULL%s", r.d.RegisterTable("run"), r.mayName(&args, values)), args.values)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("look for messages that name what is redacted: %w", err)
	}
	return findings, runs, nil
}

// mayName is a condition that messages which name one of the values fulfil, beginning with AND; "" where every engine would not read it alike.
func (r Register) mayName(args *arguments, values []string) string {
	var conditions []string
	for _, text := range values {
		if !plainText(text) {
			return ""
		}
	}
	for _, text := range values {
		conditions = append(conditions, "m.message LIKE "+args.of("%"+text+"%"))
	}
	if len(conditions) == 0 {
		return " AND 1 = 0"
	}
	return " AND (" + strings.Join(conditions, " OR ") + ")"
}

// plainText reports whether a text stands in messages, and in a pattern of LIKE, as it is.
func plainText(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool {
		return c > '~' || c < ' ' || strings.ContainsRune(`"\/%[]<>&'`, c)
	})
}

// redactNamed replaces messages that a query finds, each by its primary key.
func (r Register) redactNamed(ctx context.Context, q providers.Querier, table, query string, args []any, values []string) (int64, error) {
	type place struct {
		id  string
		seq int64
	}
	var found []place
	err := r.each(ctx, q, query, args, func(rows *sql.Rows) error {
		var one place
		var message string
		if err := rows.Scan(&one.id, &one.seq, &message); err != nil {
			return err
		}
		if Names(message, values) {
			found = append(found, one)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("look for messages that name what is redacted: %w", err)
	}
	for _, one := range found {
		args := arguments{d: r.d}
		set := []sqlgen.Assignment{{Column: r.d.Quote("message"), Value: args.of(RedactedMessage)}}
		where := "m.id = " + args.of(one.id)
		if table == "finding" {
			where = strings.Replace(where, "m.id", "m.plan_id", 1) + " AND m.seq = " + strconv.FormatInt(one.seq, 10)
		}
		statement := r.d.Update(sqlgen.Update{Table: r.d.RegisterTable(table), Alias: "m", Sets: set, Where: where})
		if err := r.exec(ctx, q, statement, args.values...); err != nil {
			return 0, fmt.Errorf("redact messages: %w", withRemedy(err))
		}
	}
	return int64(len(found)), nil
}

// Names reports whether a message names one of the values: in quotes, or as a word unless it is a number or shorter than three characters.
func Names(message string, values []string) bool {
	for _, text := range values {
		if text == "" {
			continue
		}
		if strings.Contains(message, `"`+text+`"`) || strings.Contains(message, strconv.Quote(text)) {
			return true
		}
		number := !strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsDigit(c) })
		if number || utf8.RuneCountInString(text) < 3 {
			continue
		}
		for from := 0; ; {
			i := strings.Index(message[from:], text)
			if i < 0 {
				break
			}
			before, _ := utf8.DecodeLastRuneInString(message[:from+i])
			after, _ := utf8.DecodeRuneInString(message[from+i+len(text):])
			if !wordRune(before) && !wordRune(after) {
				return true
			}
			from += i + len(text)
		}
	}
	return false
}

func wordRune(c rune) bool {
	return c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsDigit(c))
}

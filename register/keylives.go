package register

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/providers"
)

// KeyLives are the rows that had a key, one after the other.
type KeyLives struct {
	// Lives are in the order in which they began; of a key that plans were made about, and none was applied, there are none.
	Lives []Life
	// Others are other keys that these rows had.
	Others []OtherKey
	// At is all that is known of the lives.
	At Places
	// Unplaced are operations of which nobody can tell which row's they are: plans of one instant contradict each other.
	Unplaced int64
}

// Life is the life of a row, as far as the register tells.
type Life struct {
	Operations int64
	// From is when its first operation was done, Until when its row was deleted, or purged; zero: not yet.
	From, Until time.Time
}

// OtherKey is a key that a row had besides the one that was asked for.
type OtherKey struct {
	Key Document
	// Alone: no other row had it.
	Alone bool
	stays []stay
	// others are those of the rows that had it before or after.
	others []stay
}

// LivesOf follows the rows that had a key. key matches it, and all whatever other key renames lead to from there, or come from;
// each is of one list of members.
func (r Register) LivesOf(ctx context.Context, q providers.Querier, key *Match, all []Match) (*KeyLives, error) {
	f := &followed{
		lists:      make([][]string, 1),
		operations: func(args *arguments) string { return r.matched(args, all) },
		findings:   func(args *arguments) string { return r.noticed(args, all) },
		spelt: func(member, text string) string {
			if _, spelt := key.As[member]; spelt {
				return strings.ToLower(text)
			}
			return text
		},
	}
	for _, part := range key.Key {
		f.lists[0] = append(f.lists[0], part.Column)
	}
	c, err := r.chronicle(ctx, q, f)
	if err != nil {
		return nil, err
	}
	had := func(l *life, name string) []stay {
		var found []stay
		for _, s := range l.stays {
			if s.key == name {
				found = append(found, *s)
			}
		}
		return found
	}
	asked := f.name(key.Key)
	lives := c.that(func(l *life) bool { return len(had(l, asked)) > 0 })
	found := &KeyLives{}
	found.At.Operations, found.At.Findings = places(lives)
	for _, e := range c.unplaced {
		if !e.finding && !slices.Contains(named(e.key), asked) && !slices.Contains(named(e.given), asked) {
			found.Unplaced++
		}
	}
	for _, l := range lives {
		found.Lives = append(found.Lives, l.told())
	}
	slices.SortStableFunc(found.Lives, func(a, b Life) int { return a.From.Compare(b.From) })
	for i := range all {
		name := f.name(all[i].Key)
		other := OtherKey{Key: all[i].Key}
		for _, l := range c.that(func(l *life) bool { return len(had(l, name)) > 0 }) {
			if slices.Contains(lives, l) {
				other.stays = append(other.stays, had(l, name)...)
			} else {
				other.others = append(other.others, had(l, name)...)
			}
		}
		unclear := slices.ContainsFunc(c.unplaced, func(e *event) bool {
			return slices.Contains(named(e.key), name) || slices.Contains(named(e.given), name)
		})
		if other.Alone = len(other.others) == 0 && !unclear; name != asked && len(other.stays) > 0 {
			found.Others = append(found.Others, other)
		}
	}
	return found, nil
}

// name is a key as stays have it.
func (f *followed) name(key Document) string {
	texts, known := make([]string, len(key)), make([]bool, len(key))
	for i, part := range key {
		texts[i], known[i] = f.text(part.Column, sql.NullString{String: part.Text, Valid: !part.Null})
	}
	return named([]string{tuple(texts, known)})[0]
}

// told is what is told of a life.
func (l *life) told() Life {
	var one Life
	for _, e := range l.events {
		if !e.finding {
			one.Operations++
		}
		if e.applied && (one.From.IsZero() || e.on.Before(one.From)) {
			one.From = e.on
		}
	}
	if slices.ContainsFunc(l.stays, func(s *stay) bool { return !s.ended }) {
		return one
	}
	for _, s := range l.stays {
		if s.until.After(one.Until) {
			one.Until = s.until
		}
	}
	return one
}

// During finds what a match, of a key that rows refer to, is about while the key was that of the rows that are followed; ok: there
// is some. What was done in the instant in which the key went from one row to another is nobody's.
func (r Register) During(ctx context.Context, q providers.Querier, m *Match, key *OtherKey) (found Match, ok bool, err error) {
	at := &Places{KeepKeys: m.keepsKey()}
	find := func(table, alias, where string, args []any, into *[]Place) error {
		query := fmt.Sprintf("SELECT %[1]s.plan_id, %[1]s.seq, %[2]s, %[3]s FROM %[4]s %[1]s LEFT JOIN %[5]s p ON p.id = %[1]s.plan_id LEFT JOIN %[6]s e ON e.plan_id = %[1]s.plan_id WHERE %[7]s",
			alias, r.instantText("p.created_on"), r.instantText("e.executed_on"), r.d.RegisterTable(table), r.d.RegisterTable("plan"), r.d.RegisterTable("execution"), where)
		err := r.each(ctx, q, query, args, func(rows *sql.Rows) error {
			var one Place
			var made, done sql.NullString
			if err := rows.Scan(&one.PlanID, &one.Seq, &made, &done); err != nil {
				return err
			}
			on, err := parseInstant(cmp.Or(done, made))
			if err == nil && key.at(on) {
				*into = append(*into, one)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("look for what refers to a key: %w", withRemedy(err))
		}
		return nil
	}
	args := arguments{d: r.d}
	if err := find("operation", "o", r.matched(&args, []Match{*m}), args.values, &at.Operations); err != nil {
		return Match{}, false, err
	}
	args = arguments{d: r.d}
	if where := r.noticed(&args, []Match{*m}); where != "" {
		if err := find("finding", "f", where, args.values, &at.Findings); err != nil {
			return Match{}, false, err
		}
	}
	return Match{Syncs: m.Syncs, At: at}, len(at.Operations)+len(at.Findings) > 0, nil
}

// at reports whether the key was that of the rows that are followed, and of no other.
func (k *OtherKey) at(on time.Time) bool {
	within := func(s stay) bool { return !on.Before(s.from) && (!s.ended || !on.After(s.until)) }
	return slices.ContainsFunc(k.stays, within) && !slices.ContainsFunc(k.others, within)
}

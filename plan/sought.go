package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/register"
)

// Sought is a key, as a person typed it, that is looked for in the registers of a configuration.
type Sought struct {
	Config *config.Config
	// Syncs are addresses of syncs or instances, which need not be in the configuration any more; none: all.
	Syncs []string
	Key   string
}

// Wants reports whether the instance is among those that were asked for.
func (s *Sought) Wants(address string) bool {
	return len(s.Syncs) == 0 || slices.ContainsFunc(s.Syncs, func(asked string) bool {
		return asked == address || strings.HasPrefix(address, asked+"[") || strings.HasPrefix(address, asked+".")
	})
}

// identity is a key of a sync's row: members, and their canonical texts.
type identity struct {
	sync *config.Sync // nil where the configuration has it no more
	of   string       // the sync's address
	key  register.Document
	as   map[string]sqlgen.Column // as in register.Match
}

func (i *identity) match() register.Match {
	return register.Match{Syncs: []string{i.of}, Key: i.key, As: i.as}
}

func (i *identity) String() string { return fmt.Sprintf("%s %v", i.of, i.key) }

// is reports whether a key is the same one, perhaps spelt in another case.
func (i *identity) is(key register.Document) bool {
	return slices.EqualFunc(i.key, key, func(a, b register.Field) bool {
		_, spelt := i.as[a.Column]
		return a == b || spelt && a.Column == b.Column && strings.EqualFold(a.Text, b.Text)
	})
}

// texts are those of the key.
func (i *identity) texts() []string {
	var all []string
	for _, field := range i.key {
		all = append(all, field.Text)
	}
	return all
}

// seeker looks for a key in one destination.
type seeker struct {
	*Sought
	o       *Opened
	into    *config.Connection
	catalog *Catalog
}

func (s *Sought) seeker(o *Opened, into *config.Connection) *seeker {
	return &seeker{s, o, into, NewCatalog(o.Destination, o.Conn)}
}

// syncs are those of the configuration that write to the destination.
func (s *seeker) syncs() []*config.Sync {
	return slices.DeleteFunc(slices.Clone(s.Config.Syncs), func(sync *config.Sync) bool { return sync.Destination.Into != s.into })
}

// Matches returns what matches the operations about the key in a destination's register; none where no sync has such a key.
func (s *Sought) Matches(ctx context.Context, o *Opened, into *config.Connection) ([]register.Match, error) {
	all, err := s.seeker(o, into).identities(ctx)
	if err != nil {
		return nil, err
	}
	return matchesOf(all), nil
}

// matchesOf puts the identities of one key together, so that few conditions are asked.
func matchesOf(all []identity) []register.Match {
	var matches []register.Match
	for _, one := range all {
		i := slices.IndexFunc(matches, func(m register.Match) bool {
			return slices.Equal(m.Key, one.key) && maps.EqualFunc(m.As, one.as, comparesAlike)
		})
		if i < 0 {
			matches = append(matches, one.match())
		} else if !slices.Contains(matches[i].Syncs, one.of) {
			matches[i].Syncs = append(matches[i].Syncs, one.of)
		}
	}
	return matches
}

// comparesAlike reports whether two columns of texts take the same ones for equal.
func comparesAlike(a, b sqlgen.Column) bool {
	return a.Collation == b.Collation && a.Type.SQL == b.Type.SQL
}

// identities are the keys of syncs that are wanted: those of the configuration, and those of the register that it has no more.
func (s *seeker) identities(ctx context.Context) ([]identity, error) {
	var all []identity
	own := s.syncs()
	for _, sync := range own {
		if s.Wants(sync.Address) {
			all = append(all, s.spellings(ctx, sync)...)
		}
	}
	recorded, err := s.o.Register.Recorded(ctx, s.o.Conn)
	if err != nil {
		return nil, err
	}
	for _, address := range recorded {
		if !s.Wants(address) || slices.ContainsFunc(own, func(sync *config.Sync) bool { return sync.Address == address }) {
			continue
		}
		key, err := s.o.Register.KeyOf(ctx, s.o.Conn, address)
		if err != nil {
			return nil, err
		}
		if typed, err := ParseKey(&config.Sync{Address: address, Destination: config.SyncDestination{Key: key.Leaves()}}, s.Key); err == nil && len(key) > 0 {
			all = append(all, identity{of: address, key: typed})
		}
	}
	return all, nil
}

// spellings are the ways in which a key may be meant: by the columns' values, and by what these are looked up by.
func (s *seeker) spellings(ctx context.Context, sync *config.Sync) []identity {
	var all []identity
	for _, parse := range []func(*config.Sync, string) (register.Document, error){ParseRowKey, ParseKey} {
		typed, err := parse(sync, s.Key)
		if err != nil {
			continue
		}
		one := identity{sync: sync, of: sync.Address, key: make(register.Document, len(typed))}
		for i, field := range typed {
			one.key[i] = register.Field{Column: field.Column, Text: s.fit(ctx, sync, field.Column, field.Text)}
		}
		one.as = s.as(ctx, sync, one.key)
		if !slices.ContainsFunc(all, func(other identity) bool { return slices.Equal(other.key, one.key) }) {
			all = append(all, one)
		}
	}
	return all
}

// fit is the canonical text of what was typed for a member of a sync's key, as far as its column is known and it fits; else it stays as it is.
func (s *seeker) fit(ctx context.Context, sync *config.Sync, name, text string) string {
	c, ok := s.column(ctx, sync, name)
	if !ok {
		return text
	}
	if v, err := c.Type.Fit(value.OfText(text), s.Config.Settings.Timezone); err == nil && !v.IsNull() {
		return v.Text()
	}
	return text
}

// column is the column of a sync's table, or of one that it looks up, that a member of a document is of.
func (s *seeker) column(ctx context.Context, sync *config.Sync, name string) (sqlgen.Column, bool) {
	table, column := sync.Destination.Table, name
	if of, key, ok := strings.Cut(name, "."); ok {
		if c := columnOf(sync, of); c != nil && c.Lookup != nil {
			table, column = c.Lookup.Table, key
		}
	}
	described, err := s.catalog.Table(ctx, table)
	if err != nil {
		return sqlgen.Column{}, false
	}
	return described.Column(column)
}

// as are the columns of members that take texts for equal which are not, such as those that differ in upper and lower case alone.
func (s *seeker) as(ctx context.Context, sync *config.Sync, members register.Document) map[string]sqlgen.Column {
	var as map[string]sqlgen.Column
	for _, m := range members {
		c, ok := s.column(ctx, sync, m.Column)
		if !ok || c.Type.Kind != value.Text || s.o.Dialect().Comparable("x", c) == "x" {
			continue
		}
		if as == nil {
			as = map[string]sqlgen.Column{}
		}
		as[m.Column] = c
	}
	return as
}

// Person is what a register holds of somebody, or something, that goes by a key.
type Person struct {
	Matches []register.Match
	// Syncs are those that the matches are of, Values the texts that the key is made of: messages may name them.
	Syncs, Values []string
	// Others is how many other keys renames gave the row.
	Others int
	// Lives are those of the rows that had the very key, of each sync the first one first.
	Lives []Life
	// Unplaced are operations under other keys of which nobody can tell whether they are about the row.
	Unplaced int64
}

// Everywhere returns what a destination's register holds about a key: under it, under those that renames took from its rows or gave them, while
// these had them, and in the rows that refer to it by a lookup or a foreign key. COLUMN=VALUE means every key that has such a member, and every lookup by it.
func (s *Sought) Everywhere(ctx context.Context, o *Opened, into *config.Connection) (*Person, error) {
	k := s.seeker(o, into)
	found, err := k.identities(ctx)
	if err != nil {
		return nil, err
	}
	p := &Person{}
	if column, text, ok := k.byColumn(); ok {
		p.Matches = k.members(ctx, column, text)
		p.Values = append(p.Values, text)
		// The other syncs have no key of that name.
		found = slices.DeleteFunc(found, func(one identity) bool {
			return len(one.key) != 1 || one.key[0].Column != column && !strings.HasSuffix(one.key[0].Column, "."+column) || strings.Contains(one.key[0].Text, "=") && !strings.Contains(text, "=")
		})
	}
	asked := len(found)
	for i := 0; i < len(found); i++ { // it grows
		one := &found[i]
		p.Matches = append(p.Matches, one.match())
		referring, err := k.referring(ctx, one)
		if err != nil {
			return nil, err
		}
		p.Matches = append(p.Matches, referring...)
		if i >= asked {
			continue
		}
		others, err := k.follow(ctx, p, one)
		if err != nil {
			return nil, err
		}
		for _, other := range others {
			if !slices.ContainsFunc(found, func(known identity) bool { return known.String() == other.String() }) {
				found = append(found, other)
				p.Others++
			}
		}
	}
	if p.Matches, err = o.Register.Reverted(ctx, o.Conn, p.Matches); err != nil {
		return nil, err
	}
	for i := range p.Matches {
		for _, sync := range p.Matches[i].Syncs {
			if !slices.Contains(p.Syncs, sync) {
				p.Syncs = append(p.Syncs, sync)
			}
		}
	}
	for i := range found {
		// Of a key of several parts each may be many others'.
		if len(found[i].key) > 1 {
			continue
		}
		texts := found[i].texts()
		if found[i].as != nil {
			spelt, err := o.Register.Spelt(ctx, o.Conn, found[i].match())
			if err != nil {
				return nil, err
			}
			texts = append(texts, spelt...)
		}
		for _, text := range texts {
			if !slices.Contains(p.Values, text) {
				p.Values = append(p.Values, text)
			}
		}
	}
	return p, nil
}

// byColumn splits COLUMN=VALUE, where a sync's key or a lookup has such a member.
func (s *seeker) byColumn() (column, text string, ok bool) {
	column, text, ok = strings.Cut(s.Key, "=")
	if !ok {
		return "", "", false
	}
	known := slices.ContainsFunc(s.Config.Syncs, func(sync *config.Sync) bool {
		return s.Wants(sync.Address) && (slices.Contains(sync.Destination.Key, column) || slices.ContainsFunc(sync.Columns, func(c config.Column) bool {
			return c.Lookup != nil && slices.ContainsFunc(c.Lookup.By, func(by config.LookupKey) bool { return column == by.Column || column == c.Name+"."+by.Column })
		}))
	})
	// A key of several parts may begin so, too.
	several := slices.ContainsFunc(s.Config.Syncs, func(sync *config.Sync) bool {
		typed, err := ParseRowKey(sync, s.Key)
		return err == nil && len(typed) > 1 && s.Wants(sync.Address)
	})
	return column, text, known && !several
}

// members matches keys with a member, and lookups by it.
func (s *seeker) members(ctx context.Context, column, text string) []register.Match {
	var matches []register.Match
	add := func(m register.Match) { matches = append(matches, m) }
	for _, sync := range s.syncs() {
		if !s.Wants(sync.Address) {
			continue
		}
		of := []string{sync.Address}
		if slices.Contains(sync.Destination.Key, column) {
			member := register.Document{{Column: column, Text: s.fit(ctx, sync, column, text)}}
			add(register.Match{Syncs: of, Key: member, As: s.as(ctx, sync, member)})
		}
		for _, c := range sync.Columns {
			if c.Lookup == nil {
				continue
			}
			for _, by := range c.Lookup.By {
				name := c.Name + "." + by.Column
				if column != by.Column && column != name {
					continue
				}
				member := register.Document{{Column: name, Text: s.fit(ctx, sync, name, text)}}
				if slices.Contains(sync.Destination.Key, c.Name) {
					add(register.Match{Syncs: of, Key: member, As: s.as(ctx, sync, member)})
				} else {
					add(register.Match{Syncs: of, Values: member, As: s.as(ctx, sync, member)})
				}
			}
		}
	}
	if len(s.Syncs) == 0 {
		// Syncs that the configuration has no more, and checks.
		add(register.Match{Key: register.Document{{Column: column, Text: text}}})
	} else {
		add(register.Match{Syncs: s.Syncs, Key: register.Document{{Column: column, Text: text}}})
	}
	return matches
}

// referring matches what the register holds of rows that refer to one by its key.
func (s *seeker) referring(ctx context.Context, to *identity) ([]register.Match, error) {
	if to.sync == nil {
		return nil, nil
	}
	var matches []register.Match
	add := func(sync *config.Sync, members register.Document, isKey bool) {
		m := register.Match{Syncs: []string{sync.Address}, Values: members, As: s.as(ctx, sync, members)}
		if isKey {
			m.Key, m.Values = members, nil
		}
		matches = append(matches, m)
	}
	for _, sync := range s.syncs() {
		for _, c := range sync.Columns {
			if c.Lookup == nil || c.Lookup.Table != to.sync.Destination.Table {
				continue
			}
			if members := lookedUp(&c, to.key); members != nil {
				add(sync, members, slices.Contains(sync.Destination.Key, c.Name))
			}
		}
		if err := s.foreign(ctx, sync, to, add); err != nil {
			return nil, err
		}
	}
	return matches, nil
}

// lookedUp are the members of a column's lookup that goes by a key; nil where it goes by something else.
func lookedUp(c *config.Column, key register.Document) register.Document {
	var members register.Document
	for _, field := range key {
		if !slices.ContainsFunc(c.Lookup.By, func(by config.LookupKey) bool { return by.Column == field.Column }) {
			return nil
		}
		members = append(members, register.Field{Column: c.Name + "." + field.Column, Text: field.Text})
	}
	return members
}

// foreign adds what refers to a row by a foreign key on its key.
func (s *seeker) foreign(ctx context.Context, sync *config.Sync, to *identity, add func(*config.Sync, register.Document, bool)) error {
	parent, err := s.catalog.Table(ctx, to.sync.Destination.Table)
	if err != nil {
		return s.catalog.failed
	}
	table, err := s.catalog.Table(ctx, sync.Destination.Table)
	if err != nil {
		return s.catalog.failed
	}
	for i := range table.ForeignKeys {
		if members := pointing(&table.ForeignKeys[i], parent, to.key); members != nil {
			isKey := !slices.ContainsFunc(members, func(f register.Field) bool { return !slices.Contains(sync.Destination.Key, f.Column) })
			add(sync, members, isKey)
		}
	}
	return nil
}

// pointing are the columns of a foreign key that point to a key of the parent; nil where it points to something else.
func pointing(foreign *sqlgen.ForeignKey, parent *sqlgen.Table, key register.Document) register.Document {
	if foreign.Parent != parent.Name || len(foreign.ParentColumns) != len(key) {
		return nil
	}
	var members register.Document
	for i, column := range foreign.ParentColumns {
		field, ok := key.Field(column)
		if !ok {
			return nil
		}
		members = append(members, register.Field{Column: foreign.Columns[i], Text: field.Text})
	}
	return members
}

// renamed returns the other keys that the row had, or got.
func (s *seeker) renamed(ctx context.Context, of *identity) ([]identity, error) {
	pairs, err := s.o.Register.RekeyedOf(ctx, s.o.Conn, []register.Match{of.match()})
	if err != nil {
		return nil, err
	}
	var others []identity
	for _, pair := range pairs {
		for _, key := range []register.Document{pair.From, pair.To} {
			if !of.is(key) {
				others = append(others, identity{of.sync, of.of, key, of.as})
			}
		}
	}
	return others, nil
}

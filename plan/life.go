package plan

import (
	"context"
	"slices"

	"github.com/registrar-sync/registrar/register"
)

// Life is the life of a row of a sync that had the key which is looked for.
type Life struct {
	register.Life

	Sync string // its address
}

// follow adds what is known of the rows that had a key, under other keys and in the rows that refer to these: of a key that others
// had, too, no more than what was done while it was that row's. It returns the keys that nobody else had.
func (s *seeker) follow(ctx context.Context, p *Person, of *identity) ([]identity, error) {
	all := []identity{*of}
	for i := 0; i < len(all); i++ { // it grows
		more, err := s.renamed(ctx, &all[i])
		if err != nil {
			return nil, err
		}
		for _, other := range more {
			if !slices.ContainsFunc(all, func(known identity) bool { return known.is(other.key) }) {
				all = append(all, other)
			}
		}
	}
	matches := make([]register.Match, len(all))
	for i := range all {
		matches[i] = all[i].match()
	}
	lives, err := s.o.Register.LivesOf(ctx, s.o.Conn, &matches[0], matches)
	if err != nil {
		return nil, err
	}
	for _, one := range lives.Lives {
		p.Lives = append(p.Lives, Life{one, of.of})
	}
	p.Unplaced += lives.Unplaced
	var own []identity
	shared := false
	for i := range lives.Others {
		other := &lives.Others[i]
		one := identity{of.sync, of.of, other.Key, of.as}
		if other.Alone {
			own = append(own, one)
			continue
		}
		shared = true
		p.Others++
		referring, err := s.referring(ctx, &one)
		if err != nil {
			return nil, err
		}
		for j := range referring {
			match, ok, err := s.o.Register.During(ctx, s.o.Conn, &referring[j], other)
			if err != nil {
				return nil, err
			}
			if ok {
				p.Matches = append(p.Matches, match)
			}
		}
	}
	if shared {
		p.Matches = append(p.Matches, register.Match{Syncs: []string{of.of}, At: &lives.At})
	}
	return own, nil
}

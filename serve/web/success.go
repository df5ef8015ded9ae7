package web

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/registrar-sync/registrar/serve/state"
)

// successRuns is how many of the latest runs are looked through for the last success of syncs that fail now.
const successRuns = 1000

// successes remembers when each sync last went through. The state knows the latest result of each; of those
// that have failed since, its history tells.
type successes struct {
	mu   sync.Mutex
	runs map[string]string    // by sync, the latest run that was looked at
	at   map[string]time.Time // by sync
}

// of returns when each sync last went through, by address; those that never did are not in it.
func (s *successes) of(ctx context.Context, store state.Store, last map[string]state.LastResult) (map[string]time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		s.runs, s.at = map[string]string{}, map[string]time.Time{}
	}
	search := false
	for sync, result := range last {
		switch {
		case wrote(result.Unit.Outcome):
			s.at[sync] = result.Unit.EndedOn
		case s.runs[sync] != result.RunID:
			search = true // it may have gone through, and failed again, since
		}
	}
	if search {
		if err := s.search(ctx, store); err != nil {
			return nil, err
		}
	}
	for sync, result := range last {
		s.runs[sync] = result.RunID
	}
	return maps.Clone(s.at), nil
}

func (s *successes) search(ctx context.Context, store state.Store) error {
	runs, err := store.Runs(ctx, successRuns)
	if err != nil {
		return fmt.Errorf("read the runs: %w", err)
	}
	for i := range runs {
		for j := range runs[i].Units {
			unit := &runs[i].Units[j]
			if !wrote(unit.Outcome) {
				continue
			}
			for k := range unit.Syncs {
				if sync := unit.Syncs[k].Sync; unit.EndedOn.After(s.at[sync]) {
					s.at[sync] = unit.EndedOn
				}
			}
		}
	}
	return nil
}

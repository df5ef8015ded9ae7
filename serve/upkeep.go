package serve

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/serve/state"
)

const (
	// remembered is how long the state keeps runs and slots.
	remembered    = 90 * 24 * time.Hour
	pruneInterval = 24 * time.Hour
)

// beat tells the others that this replica lives.
func (s *service) beat(ctx context.Context) error {
	return s.Store.Beat(ctx, state.Replica{
		ID: s.id, Host: s.Host, Version: s.Version, ConfigDigest: s.configs.current().cfg.Digest, SeenOn: s.Run.Now(),
	})
}

// keepBeating beats until ctx ends, and says when replicas with other versions of the configuration come and go.
func (s *service) keepBeating(ctx context.Context) {
	said, failing := "", false
	for sleep(ctx, s.Takeover/3) == nil {
		err := s.beat(ctx)
		var replicas []state.Replica
		if err == nil {
			replicas, err = s.Store.Replicas(ctx, s.Run.Now().Add(-s.Takeover))
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			if !failing {
				s.Log.Warn("the other replicas cannot be told that this one lives", "error", err)
			}
			failing = true
			continue
		}
		failing = false
		if others := s.others(replicas); others != said {
			said = others
			if others == "" {
				s.Log.Info("all replicas have the same configuration")
			} else {
				s.Log.Warn("replicas have another version of the configuration", "config", short(s.configs.current().cfg.Digest), "others", others)
			}
		}
	}
}

// others lists the replicas that have another configuration.
func (s *service) others(replicas []state.Replica) string {
	digest := s.configs.current().cfg.Digest
	var others []string
	for _, r := range replicas {
		if r.ID != s.id && r.ConfigDigest != digest {
			others = append(others, r.Host+" "+short(r.ConfigDigest))
		}
	}
	slices.Sort(others)
	return strings.Join(slices.Compact(others), ", ")
}

// leave tells the others that this replica has ended, so that none waits for it.
func (s *service) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	if err := s.Store.Leave(ctx, s.id); err != nil {
		s.Log.Warn("the other replicas could not be told that this one ends", "error", err)
	}
}

// keepPruning lets the state forget what is old.
func (s *service) keepPruning(ctx context.Context) {
	for {
		if err := s.Store.Prune(ctx, s.Run.Now().Add(-remembered)); err != nil && ctx.Err() == nil {
			s.Log.Warn("old runs could not be forgotten", "error", err)
		}
		if sleep(ctx, pruneInterval) != nil {
			return
		}
	}
}

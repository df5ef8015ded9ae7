package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers/bundle"
)

// derived is a configuration whose syncs of some faculties read a bundle instead of their sources.
type derived struct {
	*config.Config
	// targets are the instances that read the bundle.
	targets []string
}

// derive replaces syncs of a configuration. The others stay: what they mask, and which rows they own, counts for these, too.
//
// Checks are left out: they ask what the next ordinary plan asks again. Policies stay.
func derive(cfg *config.Config, digest string, sources []*config.Connection, replaced map[*config.Sync]*config.Sync) *derived {
	out := *cfg
	out.Digest = digest
	out.Sources = slices.Concat(cfg.Sources, sources)
	out.Syncs = slices.Clone(cfg.Syncs)
	out.Checks, out.Observers = nil, nil
	d := &derived{Config: &out}
	for i, s := range out.Syncs {
		if other := replaced[s]; other != nil {
			out.Syncs[i] = other
			d.targets = append(d.targets, other.Address)
		}
	}
	return d
}

// digestOf is of all that a derived configuration depends on, so that a plan saved with one fits no other.
func digestOf(what string, cfg *config.Config, b *bundle.Bundle, pairs []pair) string {
	sum := sha256.New()
	add := func(texts ...string) {
		for _, text := range texts {
			fmt.Fprintf(sum, "%d:%s", len(text), text)
		}
	}
	add(what, cfg.Digest, b.Digest)
	for i := range pairs {
		add(pairs[i].from.IDExport, pairs[i].to.Address)
		for _, s := range pairs[i].syncs {
			add(s.from.Address, s.to.Address)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// source is the block that would read a faculty's part of a bundle.
func source(manifest string, f *bundle.Faculty) *config.Connection {
	return &config.Connection{
		Address: "source.bundle." + f.Label, Provider: bundle.New().Name(), Name: f.Label,
		Attributes: map[string]any{"manifest": manifest, "faculty": f.IDExport},
		Range:      lineOf(manifest, f),
	}
}

// bare is a sync without all that changes, refuses or reports rows by rules of its own, of which every row counts as alive. What
// its lifecycle writes is still named, so that it is masked, or not, as ever.
func bare(s *config.Sync, from *config.Connection, only config.Operation) *config.Sync {
	out := *s
	out.Source = config.SyncSource{From: from, Shown: s.Shown, Range: s.Source.Range}
	out.Asserts, out.Moved, out.Incremental = nil, nil, nil
	out.Guard = config.Guard{OnBreach: config.Hold, Range: s.Guard.Range}
	out.Destination.Adopt = false
	l := &out.Lifecycle
	l.OnMissing, l.Operations = config.KeepMissing, []config.Operation{only}
	l.Archived, l.ArchivedColumn, l.ArchivedSince, l.PurgeAfter = nil, "", "", 0
	l.Protect, l.IgnoreChanges = nil, nil
	return &out
}

// Package plan computes what an apply would do: it stages each sync's source rows in
// its destination, lets that database compare them with its table, and leaves the
// operations in the register there. Nothing but the register is written.
//
// A plan is made by Make and travels as a small file (Save, Open) that names the
// plan in the registers; the operations themselves never leave the databases, but
// for a bounded, masked excerpt.
package plan

import (
	"crypto/ed25519"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// Plan is a plan over all its destinations.
type Plan struct {
	ID           string    `json:"plan_id"`
	CreatedOn    time.Time `json:"created_on"`
	CreatedBy    string    `json:"created_by"`
	ExpiresOn    time.Time `json:"expires_on"`
	ConfigDigest string    `json:"config_digest"`
	GitCommit    string    `json:"git_commit,omitempty"`
	Speculative  bool      `json:"speculative"`
	// Purpose is nil for a plan that brings syncs in step with their sources.
	Purpose      *register.Purpose `json:"purpose,omitempty"`
	Destinations []Destination     `json:"destinations"`
	// Policies are those that the plan does not obey.
	Policies []register.PolicySummary `json:"policies,omitempty"`
	// Comparison is what the change of the configuration alone does; nil where nobody asked.
	Comparison *Comparison `json:"comparison,omitempty"`
	// Places says where the syncs, guards, checks and policies are written, by their addresses; a sync's guard is
	// "ADDRESS guard".
	Places map[string]Place `json:"places,omitempty"`
	// Signer is the key that signed the file which Open read; nil for a plan without a signature. It says
	// nothing of whether the key is trusted.
	Signer ed25519.PublicKey `json:"-"`
	// PseudonymKey makes the pseudonyms of masked keys; nil: masked keys have none. It never leaves the registers.
	PseudonymKey []byte `json:"-"`
}

// Place is where something is written.
type Place struct {
	File string `json:"file"` // relative to the configuration's root, with forward slashes
	Line int    `json:"line"` // from 1
}

// Destination is a plan's part in one destination.
type Destination struct {
	Address string `json:"address"`
	// Identity is the UUID that init wrote into the register.
	Identity string `json:"identity"`
	Provider string `json:"provider"`
	// Database names the database within its server, without credentials.
	Database string `json:"database"`
	// Instance tells the database from its copies; "" where that cannot be told.
	Instance string `json:"instance,omitempty"`
	// Digest is of all that the plan does there: register.Register.Effects.
	Digest string                 `json:"digest"`
	Syncs  []register.SyncSummary `json:"syncs"`
	// Excerpt shows some operations of each sync, masked.
	Excerpt []Change `json:"excerpt"`
	// Notices are some of the findings of each sync, masked.
	Notices []Notice `json:"notices,omitempty"`
	// Files says what publishing a providers.Publisher's tables changes besides their rows.
	Files []string `json:"files,omitempty"`
	// Checks are those that looked at this destination, or at the syncs that write it.
	Checks []CheckSummary `json:"checks,omitempty"`
}

// Syncs lists the summaries of all destinations.
func (p *Plan) Syncs() []register.SyncSummary {
	var all []register.SyncSummary
	for i := range p.Destinations {
		all = append(all, p.Destinations[i].Syncs...)
	}
	return all
}

// Changes reports whether the plan would do anything.
func (p *Plan) Changes() bool {
	for _, s := range p.Syncs() {
		if s.Total() > 0 {
			return true
		}
	}
	return false
}

// Incremental reports whether the plan, once applied, may let the next one read less.
func (p *Plan) Incremental() bool {
	return slices.ContainsFunc(p.Syncs(), func(s register.SyncSummary) bool { return s.Incremental != nil })
}

// Held reports whether a guard, a check or a policy holds the plan.
func (p *Plan) Held() bool {
	return slices.ContainsFunc(p.Syncs(), func(s register.SyncSummary) bool { return s.Held != "" || s.Blocked != "" })
}

// Blocked reports whether the plan cannot be applied even with an override.
func (p *Plan) Blocked() bool {
	return slices.ContainsFunc(p.Syncs(), func(s register.SyncSummary) bool { return s.Blocked != "" })
}

// Liftable returns the reasons for which a sync is held and that an override lifts; "" where there is
// none. Held may repeat those of Blocked at its end.
func Liftable(s *register.SyncSummary) string {
	return strings.TrimSuffix(strings.TrimSuffix(s.Held, s.Blocked), "; ")
}

// HeldBack reports whether operations were withheld by on_breach = "hold_deletes"; the
// others may be applied.
func (p *Plan) HeldBack() bool {
	return slices.ContainsFunc(p.Syncs(), func(s register.SyncSummary) bool { return len(s.HeldBack) > 0 })
}

// Options are what a command adds to the configuration.
type Options struct {
	Providers []providers.Provider
	// Targets are addresses of syncs or of instances; empty: all of them.
	Targets []string
	// Full reads every source whole, those of incremental syncs too.
	Full bool
	// Parallelism bounds the syncs staged at a time, over all sources; at least 1.
	Parallelism int
	// LockTimeout bounds the wait for a database that another process holds.
	LockTimeout time.Duration
	// Speculative plans are never applied.
	Speculative bool
	// CompareWith is the configuration that this one would replace; nil: none.
	CompareWith *Base
	// Purpose is what the plan is for; nil: to bring the syncs in step with their sources.
	Purpose *register.Purpose
	// Limits bound the plan beside those of the configuration; the tighter ones count.
	Limits config.Limits
	// NoPseudonyms: keys that are masked are not even told apart.
	NoPseudonyms bool
	CreatedBy    string
	GitCommit    string
	// Now and NewID are the clock and the source of plan ids.
	Now   func() time.Time
	NewID func() string
	// Progress is told what goes on; nil: nobody. It is called from several
	// goroutines.
	Progress func(Progress)
	// Warn is told of diagnostics that do not prevent the plan.
	Warn func(config.Diagnostics)
}

// Progress says how far a plan has come.
type Progress struct {
	Phase Phase
	Sync  string
	Rows  int64 // staged so far, of this sync
}

// Phase is a part of planning.
type Phase string

// The phases.
const (
	Staging   Phase = "staging"
	Staged    Phase = "staged"
	Comparing Phase = "comparing"
)

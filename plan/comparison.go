package plan

import "github.com/registrar-sync/registrar/config"

// Base is the configuration that a change would replace, such as that of the branch which a
// merge request is for.
type Base struct {
	Config *config.Config
	// Ref is its name in git, Commit its commit.
	Ref, Commit string
}

// Comparison is what the change from one configuration to another does to a plan, both
// planned on the same data: what is in the plan because of last night's data alone is not in it.
type Comparison struct {
	Ref          string `json:"ref"`
	Commit       string `json:"commit"`
	ConfigDigest string `json:"config_digest"`
	// PlanID is of the plan that the other configuration makes, which is speculative; "" where that has no sync to
	// plan, or is Unavailable.
	PlanID string `json:"plan_id"`
	// Unavailable says why the other configuration cannot be planned, so that what the change does is not known, in one
	// line and without values of rows; "" where it can.
	Unavailable string           `json:"unavailable,omitempty"`
	Syncs       []SyncComparison `json:"syncs"` // those of which the plans differ, and those of one configuration only
	// Besides is what else differs, as far as both plans tell it.
	Besides []Difference `json:"besides,omitempty"`
}

// Difference is what differs between the configurations, or their plans, and is no operation.
type Difference struct {
	Address string `json:"address"` // of the sync, policy or check
	What    Aspect `json:"what"`
	// Base and Head say what it is in the other configuration and in this one, in one line and without values of
	// rows; "" for nothing.
	Base string `json:"base"`
	Head string `json:"head"`
}

// Aspect is what a Difference is about. Of numbers of findings it is their register.FindingKind.
type Aspect string

// The other aspects.
const (
	Former     Aspect = "former"   // Base is the sync's address before, under which its operations are the same
	HeldState  Aspect = "held"     // why its guard holds it
	BlockState Aspect = "blocked"  // why no override helps
	Withholds  Aspect = "withheld" // operations that its lifecycle does not allow
	Limits     Aspect = "guard"    // the arguments of its guard that differ
	Masked     Aspect = "masking"  // columns that one configuration alone masks
	Runs       Aspect = "hooks"    // the statements that an apply runs besides
	Judges     Aspect = "policy"   // a policy block, and whether the plan obeys it
	Looks      Aspect = "check"    // a check block, which is not run for the other configuration
)

// SyncComparison is how the plans for one sync differ.
type SyncComparison struct {
	Sync     string   `json:"sync"`
	Faculty  string   `json:"faculty,omitempty"`
	Presence Presence `json:"presence"`
	// Was is the sync's address in the other configuration, where that is another one: both write to the same
	// table, in the same scope.
	Was string `json:"was,omitempty"`
	// Heirs are the syncs of this configuration that write to the table of one that the change removes, in a scope
	// which may hold some of its rows.
	Heirs []string `json:"heirs,omitempty"`
	// Writes and Wrote are where this and the other configuration write to; nil where one has no such sync.
	Writes *Written `json:"writes,omitempty"`
	Wrote  *Written `json:"wrote,omitempty"`
	// Moved: these are not the same table, whatever they are called.
	Moved bool `json:"moved,omitempty"`
	// Base and Head are the operations that the other and this configuration plan.
	Base map[config.Operation]int64 `json:"base"`
	Head map[config.Operation]int64 `json:"head"`
	// Only counts operations that this configuration alone plans, Gone those that the other alone
	// does. One that both plan for a row, with other values, is in both.
	Only map[config.Operation]int64 `json:"only"`
	Gone map[config.Operation]int64 `json:"gone"`
	// OnlyExcerpt and GoneExcerpt show some of them, masked as either configuration says.
	OnlyExcerpt []Change `json:"only_excerpt,omitempty"`
	GoneExcerpt []Change `json:"gone_excerpt,omitempty"`
}

// Written is a table that a sync writes to.
type Written struct {
	Destination string `json:"destination"` // its address
	Database    string `json:"database"`    // as Destination.Database
	Table       string `json:"table"`
}

// Presence says which of the configurations has a sync.
type Presence string

// The presences.
const (
	InBoth  Presence = "both"
	Added   Presence = "added"   // the change adds it
	Removed Presence = "removed" // the change removes it: its rows stay, and are nobody's but for the Heirs'
)

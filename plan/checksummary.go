package plan

import "github.com/registrar-sync/registrar/config"

// CheckSummary is what a check found.
type CheckSummary struct {
	Check    string               `json:"check"` // its address
	Severity config.CheckSeverity `json:"severity"`
	Code     string               `json:"code,omitempty"`
	Findings int64                `json:"findings"` // all of them
	// Blocks are the addresses of the instances that a finding holds; only of an error.
	Blocks []string `json:"blocks,omitempty"`
	// Notices are the first findings, at most maxNotices, masked.
	Notices []Notice `json:"notices,omitempty"`
}

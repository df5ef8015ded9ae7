package hcl

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// The parts of the language that this version does not have. They are told apart
// from misspellings, so that nobody looks for a mistake that is not theirs.
var (
	unsupportedBlocks = []string{"module", "moved", "check", "assert", "queries"}

	unsupportedArguments = []string{
		"archived", "archived_since", "purge_after", "protect", "adopt", "compare", "generated", "queries",
		"before_apply", "after_apply", "max_undelete", "max_purge", "max_reject", "min_source_ratio", "atomic",
	}

	unsupportedFunctions  = []string{"lookup", "in_parent"}
	unsupportedRoots      = []string{"module", "dest", "check"}
	unsupportedBreaches   = []string{"hold_deletes"}
	unsupportedOperations = []string{"rename", "adopt", "purge"}
)

// isUnsupportedItem reports whether an argument or a block of that name is part
// of the language: which of the two it is does not matter to its author.
func isUnsupportedItem(name string) bool {
	return slices.Contains(unsupportedBlocks, name) || slices.Contains(unsupportedArguments, name)
}

func (c *compiler) unsupported(at hcl.Range, what string) {
	c.errorf(at, notSupported, "%s is part of the language, but this version of registrar cannot do it yet.", what)
}

package hcl

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// The parts of the language that this version does not have. They are told apart
// from misspellings, so that nobody looks for a mistake that is not theirs.
var (
	unsupportedArguments = []string{"generated", "atomic"}

	unsupportedRoots = []string{"check"}
)

// isUnsupportedItem reports whether an argument or a block of that name is part
// of the language: which of the two it is does not matter to its author.
func isUnsupportedItem(name string) bool {
	return slices.Contains(unsupportedArguments, name)
}

func (c *compiler) unsupported(at hcl.Range, what string) {
	c.errorf(at, notSupported, "%s is part of the language, but this version of registrar cannot do it yet.", what)
}

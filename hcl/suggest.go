package hcl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// listed is how many names a message lists in full when none is close.
const listed = 8

// closest returns the candidate that name may be a misspelling of, or "".
func closest(name string, candidates []string) string {
	best, distance := "", 1+allowedDistance(name)
	for _, candidate := range slices.Sorted(slices.Values(candidates)) {
		d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(candidate), nil)
		if candidate != name && d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

// allowedDistance keeps short names from being "corrected" into unrelated ones.
func allowedDistance(name string) int {
	switch n := len(name); {
	case n <= 1:
		return 0
	case n <= 2:
		return 1
	case n <= 5:
		return 2
	default:
		return 3
	}
}

// didYouMean returns a sentence to append to a message about an unknown name: a
// suggestion, or else the names that there are.
func didYouMean(name string, candidates []string) string {
	if best := closest(name, candidates); best != "" {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	if len(candidates) == 0 || len(candidates) > listed {
		return ""
	}
	return fmt.Sprintf(" There is: %s.", strings.Join(slices.Sorted(slices.Values(candidates)), ", "))
}

// names returns a map's keys, sorted.
func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

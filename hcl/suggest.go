package hcl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/internal/suggest"
)

// listed is how many names a message lists in full when none is close.
const listed = 8

// didYouMean returns a sentence to append to a message about an unknown name: a
// suggestion, or else the names that there are.
func didYouMean(name string, candidates []string) string {
	if best := suggest.Closest(name, candidates); best != "" {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	if len(candidates) == 0 || len(candidates) > listed {
		return ""
	}
	return fmt.Sprintf(" There is: %s.", strings.Join(slices.Sorted(slices.Values(candidates)), ", "))
}

// names returns a map's keys, sorted.
func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

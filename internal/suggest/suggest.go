// Package suggest finds what a misspelt name was meant to be, and lists names in
// messages.
package suggest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Similar returns the candidates that name may be a misspelling of, the closest
// first: another case, or a few letters, fewer in a short name.
func Similar(name string, candidates []string) []string {
	distance := func(candidate string) int {
		// Another case alone is closer than any other letter.
		d := 2 * levenshtein.Distance(strings.ToLower(name), strings.ToLower(candidate), nil)
		if d == 0 && candidate != name {
			d = 1
		}
		return d
	}
	var found []string
	for _, candidate := range slices.Sorted(slices.Values(candidates)) {
		if candidate != name && distance(candidate) <= max(1, 2*allowed(name)) {
			found = append(found, candidate)
		}
	}
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(distance(a), distance(b)) })
	return found
}

// allowed is how many letters may differ: short names must not be "corrected"
// into unrelated ones.
func allowed(name string) int {
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

// Closest returns the first of Similar, or "".
func Closest(name string, candidates []string) string {
	if found := Similar(name, candidates); len(found) > 0 {
		return found[0]
	}
	return ""
}

// Question returns ` Did you mean "…"?`, to append to a message about an unknown
// name, or "".
func Question(name string, candidates []string) string {
	if best := Closest(name, candidates); best != "" {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	return ""
}

// List joins names in quotes, at most limit of them, and says how many more there are.
func List(names []string, limit int) string {
	quoted := make([]string, 0, limit)
	for _, name := range names[:min(limit, len(names))] {
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	text := strings.Join(quoted, ", ")
	if more := len(names) - len(quoted); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

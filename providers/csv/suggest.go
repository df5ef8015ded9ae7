package csv

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// similar returns those of known that could be meant by given, the closest
// first: another case, or a letter in three mistyped.
func similar(given string, known []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	given = strings.ToLower(given)
	var found []candidate
	for _, name := range known {
		distance := levenshtein.Distance(given, strings.ToLower(name), nil)
		if distance <= max(1, len(given)/3) {
			found = append(found, candidate{name, distance})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	names := make([]string, len(found))
	for i, c := range found {
		names[i] = c.name
	}
	return names
}

// didYouMean returns a question to append to a message, or "".
func didYouMean(given string, known []string) string {
	if names := similar(given, known); len(names) > 0 {
		return fmt.Sprintf(" Did you mean %q?", names[0])
	}
	return ""
}

// enumerate joins quoted names, no more than limit of them.
func enumerate(names []string, limit int) string {
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

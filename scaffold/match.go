package scaffold

import (
	"math"
	"slices"

	"github.com/agext/levenshtein"
)

const (
	// likely is the least likeness of two names that are taken for one.
	likely = 0.55
	// sure is the least likeness that is no doubt.
	sure = 0.8
	// tie is how much better a match must be than the next one.
	tie = 0.06
)

// likeness compares two names, from 0 to 1.
func likeness(a, b name) float64 {
	if a.joined == b.joined {
		return 1
	}
	best := 0.97 * overlap(a.concepts, b.concepts)
	best = max(best, 0.95*overlap(a.inside, b.inside))
	// One of the two tables may lend the other its name: COD_ETU, and code in a table of students.
	best = max(best, 0.93*overlap(a.inside, b.concepts), 0.93*overlap(a.concepts, b.inside))
	best = max(best, bareNoun(a, b), bareNoun(b, a))
	if len(a.joined) > 4 && len(b.joined) > 4 && levenshtein.Similarity(a.joined, b.joined, nil) >= 0.85 {
		best = max(best, 0.75)
	}
	return best
}

// bareNoun is the likeness of a name such as building to the code, or less likely the label, of one.
func bareNoun(noun, described name) float64 {
	for _, kind := range []struct {
		concept string
		score   float64
	}{{"code", 0.65}, {"label", 0.6}} {
		for _, concepts := range [][]string{described.concepts, described.inside} {
			rest := slices.DeleteFunc(slices.Clone(concepts), func(c string) bool { return c == kind.concept })
			if len(rest) == len(concepts)-1 && len(rest) > 0 && overlap(noun.inside, rest) == 1 {
				return kind.score
			}
		}
	}
	return 0
}

// overlap is the share of the concepts that two names have in common, by weight.
func overlap(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	total, common := 0.0, 0.0
	for _, c := range b {
		total += weightOf(c)
	}
	used := make([]bool, len(b))
	for _, c := range a {
		total += weightOf(c)
		best, at := 0.0, -1
		for i, d := range b {
			if alike := kinship(c, d); !used[i] && alike > best {
				best, at = alike, i
			}
		}
		if at >= 0 {
			used[at] = true
			common += best * (weightOf(c) + weightOf(b[at])) / 2
			total -= (weightOf(c) + weightOf(b[at])) / 2
		}
	}
	return common / total
}

func kinship(a, b string) float64 {
	if a == b {
		return 1
	}
	return max(kin[[2]string{a, b}], kin[[2]string{b, a}])
}

func weightOf(concept string) float64 {
	if w, ok := weights[concept]; ok {
		return w
	}
	return 1
}

// assign pairs rows with columns of a table of scores so that the sum of the scores is greatest, each at most once; pairs below likely
// are none. It returns the column of each row, -1 for none.
func assign(scores [][]float64, columns int) []int {
	rows := len(scores)
	n := max(rows, columns)
	cost := func(i, j int) float64 {
		if i < rows && j < columns && scores[i][j] >= likely {
			return -scores[i][j]
		}
		return 0
	}
	// The Hungarian method with potentials, rows and columns counted from 1; 0 is nobody's.
	byRow, byColumn := make([]float64, n+1), make([]float64, n+1)
	rowOf := make([]int, n+1)
	for i := 1; i <= n; i++ {
		augment(i, n, cost, byRow, byColumn, rowOf)
	}
	out := make([]int, rows)
	for i := range out {
		out[i] = -1
	}
	for j := 1; j <= columns; j++ {
		if i := rowOf[j] - 1; i < rows && scores[i][j-1] >= likely {
			out[i] = j - 1
		}
	}
	return out
}

// augment finds a column for row i, and others for those that it drives out.
func augment(i, n int, cost func(i, j int) float64, byRow, byColumn []float64, rowOf []int) {
	rowOf[0] = i
	least, way, done := make([]float64, n+1), make([]int, n+1), make([]bool, n+1)
	for j := range least {
		least[j] = math.Inf(1)
	}
	j0 := 0
	for rowOf[j0] != 0 {
		done[j0] = true
		at, delta, next := rowOf[j0], math.Inf(1), 0
		for j := 1; j <= n; j++ {
			if done[j] {
				continue
			}
			if reduced := cost(at-1, j-1) - byRow[at] - byColumn[j]; reduced < least[j] {
				least[j], way[j] = reduced, j0
			}
			if least[j] < delta {
				delta, next = least[j], j
			}
		}
		for j := 0; j <= n; j++ {
			if done[j] {
				byRow[rowOf[j]] += delta
				byColumn[j] -= delta
			} else {
				least[j] -= delta
			}
		}
		j0 = next
	}
	for j0 != 0 {
		rowOf[j0] = rowOf[way[j0]]
		j0 = way[j0]
	}
}

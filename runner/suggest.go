package runner

import "strings"

// Suggest gives the candidate that name was most likely meant to be, empty if none is near enough: about one letter in
// three may be wrong, missing, extra or swapped with its neighbour. Case does not count. Of equally near candidates the
// first one in alphabetical order is taken, so that a message does not depend on the order of a map.
func Suggest(name string, candidates []string) string {
	wanted := []rune(strings.ToLower(name))
	best, bestDistance := "", -1
	for _, c := range candidates {
		candidate := []rune(strings.ToLower(c))
		longer := max(len(wanted), len(candidate))
		if c == name || longer < 2 {
			continue
		}
		limit := max(1, longer/3)
		d := editDistance(wanted, candidate, limit)
		if d <= limit && (best == "" || d < bestDistance || d == bestDistance && c < best) {
			best, bestDistance = c, d
		}
	}
	return best
}

// DidYouMean is Suggest as a hint: `did you mean "x"?`, or empty.
func DidYouMean(name string, candidates []string) string {
	if s := Suggest(name, candidates); s != "" {
		return `did you mean "` + s + `"?`
	}
	return ""
}

// editDistance is the optimal string alignment distance of a and b (Levenshtein with swaps of neighbours), or anything
// above limit if it is above limit.
func editDistance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	older, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], older[j-2]+1)
			}
		}
		older, previous, current = previous, current, older
	}
	return previous[len(b)]
}

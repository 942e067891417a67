package jinja

// didYouMean gives a hint with the closest name, or "" when none is close.
func didYouMean(name string, names []string) string {
	best, bestDist := "", 1+len(name)/3
	for _, n := range names {
		if n == name || len(n)-len(name) > bestDist || len(name)-len(n) > bestDist {
			continue
		}
		if d := distance(name, n); d < bestDist || d == bestDist && best == "" {
			best, bestDist = n, d
		}
	}
	if best == "" || len(name) > 64 {
		return ""
	}
	return "did you mean '" + best + "'?"
}

// distance is the number of insertions, deletions, replacements and swaps of neighbours between a and b.
func distance(a, b string) int {
	prev2, prev, cur := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, make([]int, len(b)+1)
	}
	return prev[len(b)]
}

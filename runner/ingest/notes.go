package ingest

import (
	"fmt"
	"maps"
	"slices"

	"elt/runner"
)

// notes count what was noticed about values, by column. The zero value is ready.
type notes map[int]*noted

type noted struct{ count, first int64 } // first: the line

func (n *notes) add(column int, line int64) {
	if *n == nil {
		*n = notes{}
	}
	if (*n)[column] == nil {
		(*n)[column] = &noted{first: line}
	}
	(*n)[column].count++
}

// list tells of each column how often it was, and where first.
func (n *notes) list(source *runner.Source) []string {
	var texts []string
	for _, i := range slices.Sorted(maps.Keys(*n)) {
		text := fmt.Sprintf("%s, once, on line %d", source.Columns[i].Name, (*n)[i].first)
		if count := (*n)[i].count; count > 1 {
			text = fmt.Sprintf("%s, %d times, first on line %d", source.Columns[i].Name, count, (*n)[i].first)
		}
		texts = append(texts, text)
	}
	return texts
}

package compile

import (
	"fmt"
	"slices"
	"strings"

	"elt/runner"
)

// sameErrors gathers errors, each once: one in a macro meets every file that calls it.
type sameErrors struct {
	errors runner.Errors
	files  map[string][]string // by the error's line: what it was met in
}

func (s *sameErrors) add(file string, errs runner.Errors) {
	for _, e := range errs {
		line := e.Error()
		if s.files[line] == nil {
			s.errors = append(s.errors, e)
		}
		if !slices.Contains(s.files[line], file) {
			s.files[line] = append(s.files[line], file)
		}
	}
}

// all are the errors, the first of each kind telling in what else it was met.
func (s *sameErrors) all() runner.Errors {
	for _, e := range s.errors {
		files := s.files[e.Error()][1:]
		if len(files) == 0 {
			continue
		}
		more := ""
		if n := len(files) - 5; n > 0 {
			files, more = files[:5], fmt.Sprintf(" and %d more", n)
		}
		e.Excerpt += "\n  the same in " + strings.Join(files, ", ") + more
	}
	return s.errors
}

package catalog

import (
	"errors"

	"elt/runner"
)

// Problem is an error as people see it.
type Problem struct {
	Message string `json:"message" doc:"What went wrong, on one line, without the place"`
	File    string `json:"file,omitempty" doc:"Where, relative to the project directory"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Excerpt string `json:"excerpt,omitempty" doc:"The line concerned, with a caret below the column"`
	Hint    string `json:"hint,omitempty" doc:"What to do about it"`
}

// Place is file:line:col, as far as known.
func (p Problem) Place() string {
	return runner.Position{File: p.File, Line: p.Line, Col: p.Column}.String()
}

// ProblemsOf are the problems that an error is made of; none for nil.
func ProblemsOf(err error) []Problem {
	if err == nil {
		return nil
	}
	var several runner.Errors
	var one *runner.Error
	switch {
	case errors.As(err, &several):
		problems := make([]Problem, len(several))
		for i, e := range several {
			problems[i] = problemOf(e)
		}
		return problems
	case errors.As(err, &one):
		return []Problem{problemOf(one)}
	default:
		return []Problem{{Message: err.Error()}}
	}
}

// problemOf takes the place out of the message, which has a place of its own.
func problemOf(e *runner.Error) Problem {
	bare := *e
	bare.Pos = runner.Position{}
	return Problem{
		Message: bare.Error(), File: e.Pos.File, Line: e.Pos.Line, Column: e.Pos.Col, Excerpt: e.Excerpt, Hint: e.Hint,
	}
}

package runner

import "errors"

// Problem is an error as it is kept in files and sent to browsers.
type Problem struct {
	Code    Code   `json:"code,omitempty"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Col     int    `json:"col,omitempty"`
	Msg     string `json:"msg"`
	Excerpt string `json:"excerpt,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// ProblemOf is err as a Problem; nil for nil.
func ProblemOf(err error) *Problem {
	if err == nil {
		return nil
	}
	p := &Problem{Msg: err.Error()}
	var known *Error
	if !errors.As(err, &known) {
		return p
	}
	p.Code, p.Excerpt, p.Hint = known.Code, known.Excerpt, known.Hint
	if known.Error() == err.Error() { // nothing wrapped around it: the position is not part of the message
		p.File, p.Line, p.Col = known.Pos.File, known.Pos.Line, known.Pos.Col
		bare := *known
		bare.Pos = Position{}
		p.Msg = bare.Error()
	}
	return p
}

// Err is the problem as an *Error with the same Error() text; nil for nil.
func (p *Problem) Err() error {
	if p == nil {
		return nil
	}
	return &Error{
		Code: p.Code, Pos: Position{File: p.File, Line: p.Line, Col: p.Col}, Msg: p.Msg, Excerpt: p.Excerpt, Hint: p.Hint,
	}
}

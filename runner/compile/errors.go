package compile

import (
	"errors"
	"fmt"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

func position(p jinja.Position) runner.Position {
	return runner.Position{File: p.File, Line: p.Line, Col: p.Col}
}

// templateError makes a user's error of the template engine's.
func templateError(err error) *runner.Error {
	var e *jinja.Error
	if !errors.As(err, &e) {
		return &runner.Error{Code: runner.CodeCompile, Err: err}
	}
	out := &runner.Error{Code: runner.CodeCompile, Pos: position(e.Pos), Msg: e.Message, Hint: e.Hint}
	var inner *runner.Error
	if errors.As(e.Cause, &inner) {
		out.Msg, out.Hint, out.Err = inner.Msg, inner.Hint, inner.Err
	}
	out.Excerpt = excerptOf(e.Source, e.Pos) + calls(e.Stack)
	return out
}

func excerptOf(line string, pos jinja.Position) string {
	return runner.Excerpt(strings.Repeat("\n", max(pos.Line-1, 0))+line, pos.Line, pos.Col)
}

// calls tells by which macro calls a place was reached.
func calls(stack []jinja.Frame) string {
	var b strings.Builder
	for _, frame := range stack {
		fmt.Fprintf(&b, "\n  in macro %s, called at %s", frame.Name, frame.Pos)
	}
	return b.String()
}

// Explain makes an error of what an engine said about the character at line and column of s (line 0: it did not say
// where). It points at the analyst's own line, and shows the compiled one where the two differ.
func (s SQL) Explain(msg string, line, col int) *runner.Error {
	out := &runner.Error{Code: runner.CodeModel, Msg: msg}
	if line < 1 {
		return out
	}
	pos, stack, ok := s.Origin(line, col)
	if !ok {
		out.Excerpt = runner.Excerpt(s.Text, line, col)
		return out
	}
	out.Pos = pos
	source := s.text(pos.File)
	out.Excerpt = runner.Excerpt(source, pos.Line, pos.Col) + calls(stack)
	if compiled, written := nthLine(s.Text, line), nthLine(source, pos.Line); compiled != written {
		out.Excerpt += fmt.Sprintf("\n  compiled, line %d: %s", line, strings.TrimSpace(compiled))
	}
	return out
}

func nthLine(text string, n int) string {
	lines := strings.Split(text, "\n")
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}

// fileText is the text of a model, test or macro file.
func (c *Compiler) fileText(file string) string {
	for _, m := range c.project.Macros {
		if m.Path == file {
			return m.Text
		}
	}
	for _, n := range c.nodes {
		if n.template != nil && n.declared.Path == file {
			return n.text
		}
	}
	return ""
}

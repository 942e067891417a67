package compile

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

func position(p jinja.Position) runner.Position {
	return runner.Position{File: p.File, Line: p.Line, Col: p.Col}
}

// ofUser goes from a place in one of dbt's own macros to where the user's files called it.
func ofUser(pos jinja.Position, stack []jinja.Frame) (jinja.Position, []jinja.Frame) {
	for isBuiltin(pos.File) && len(stack) > 0 {
		pos, stack = stack[0].Pos, stack[1:]
	}
	return pos, stack
}

// templateError makes a user's error of the template engine's.
func (c *Compiler) templateError(err error) *runner.Error {
	var e *jinja.Error
	if !errors.As(err, &e) {
		var own *runner.Error
		if errors.As(err, &own) {
			return own
		}
		return &runner.Error{Code: runner.CodeCompile, Err: err}
	}
	pos, stack := ofUser(e.Pos, e.Stack)
	out := &runner.Error{Code: runner.CodeCompile, Pos: position(pos), Msg: e.Message, Hint: e.Hint}
	var inner *runner.Error
	if errors.As(e.Cause, &inner) {
		out.Code, out.Msg, out.Hint, out.Err = inner.Code, inner.Msg, inner.Hint, inner.Err
		if inner.Pos.Line > 0 {
			out.Pos = inner.Pos
			out.Excerpt = inner.Excerpt
			return out
		}
	}
	source := e.Source
	if pos != e.Pos {
		source = nthLine(c.fileText(pos.File), pos.Line)
	}
	if out.Hint == "" {
		out.Hint = c.packageHint(e, source)
	}
	out.Excerpt = excerptOf(source, pos) + calls(stack)
	return out
}

// undefinedName is the message about a name that does not exist.
var undefinedName = regexp.MustCompile(`^'(\w+)' is undefined$`)

// packageHint says where a macro is that was called without its package, or that a package is missing.
func (c *Compiler) packageHint(e *jinja.Error, source string) string {
	found := undefinedName.FindStringSubmatch(e.Message)
	if found == nil {
		return ""
	}
	name := found[1]
	for _, pkg := range keysOf(c.packages) {
		if c.packages[pkg].files[name] != nil {
			return fmt.Sprintf("the macro is in package %s: write %s.%s", pkg, pkg, name)
		}
	}
	if strings.Contains(source, name+".") {
		return fmt.Sprintf("if %s is a package, put it into dbt_packages/%s; it is not there", name, name)
	}
	return ""
}

func excerptOf(line string, pos jinja.Position) string {
	return runner.Excerpt(strings.Repeat("\n", max(pos.Line-1, 0))+line, pos.Line, pos.Col)
}

// calls tells by which macro calls a place was reached.
func calls(stack []jinja.Frame) string {
	var b strings.Builder
	for _, frame := range stack {
		if !isBuiltin(frame.Pos.File) {
			fmt.Fprintf(&b, "\n  in macro %s, called at %s", frame.Name, frame.Pos)
		}
	}
	return b.String()
}

// fileText is the text of a model, snapshot, test or macro file.
func (c *Compiler) fileText(file string) string {
	if text, ok := c.macroText(file); ok {
		return text
	}
	for _, n := range c.nodes {
		if n.template != nil && n.declared.Path == file {
			return n.text
		}
	}
	return ""
}

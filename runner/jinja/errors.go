package jinja

import (
	"errors"
	"fmt"
	"strings"
)

// Kinds of errors, named as Jinja2 and Python name them.
const (
	KindSyntax    = "TemplateSyntaxError"
	KindAssertion = "TemplateAssertionError"
	KindRuntime   = "TemplateRuntimeError"
	KindNotFound  = "TemplateNotFound"
	KindUndefined = "UndefinedError"
	KindType      = "TypeError"
	KindValue     = "ValueError"
	KindKey       = "KeyError"
	KindIndex     = "IndexError"
	KindZeroDiv   = "ZeroDivisionError"
	KindOverflow  = "OverflowError"
	KindRecursion = "RecursionError"
	kindAttribute = "AttributeError"
	// kindPython is what Python refuses in the code that Jinja2 makes of a template.
	kindPython = "SyntaxError"
	// KindLimit is an exceeded bound on output, iterations or memory.
	KindLimit = "LimitError"
	// KindHost is an error that a host function returned.
	KindHost = "HostError"
	// KindCanceled is a render that its context ended.
	KindCanceled = "Canceled"
)

// Position is a place in a template. Line and Col start at 1; Col counts runes. The zero Position is unknown.
type Position struct {
	File string
	Line int
	Col  int
}

// String gives file:line:col.
func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// Frame is one call on the way to a piece of output or an error: what was called, and where the call stands.
type Frame struct {
	Name string
	Pos  Position
}

// Error is any failure to parse or render a template.
type Error struct {
	Kind    string   // one of the Kind constants, or what a host gave to Errorf
	Message string   // one line, without position
	Pos     Position // where it happened
	Stack   []Frame  // macro call sites that led there, innermost first
	Source  string   // the template's line at Pos, without line end
	Hint    string   // what to do about it, or ""
	Cause   error    // the host's error, when a host function failed

	own     bool // made by the engine for this one failure, so it may still be changed
	located bool
}

// Errorf makes an error of the given kind without position, for host functions: the engine adds the call's position.
func Errorf(kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// fail makes an error of the engine, still without position.
func fail(kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), own: true}
}

// Error gives file:line:col: message, or the message alone while the position is unknown.
func (e *Error) Error() string {
	if e.Pos.Line == 0 {
		return e.Message
	}
	return e.Pos.String() + ": " + e.Message
}

// Unwrap gives the host's error.
func (e *Error) Unwrap() error { return e.Cause }

// Render gives the error on several lines: the message, the source line with a caret under the column, the macro call
// sites and the hint. It ends with a line feed.
func (e *Error) Render() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n", e.Error(), e.Kind)
	if e.Pos.Line > 0 {
		gutter := fmt.Sprintf("%5d | ", e.Pos.Line)
		fmt.Fprintf(&b, "%s%s\n", gutter, e.Source)
		fmt.Fprintf(&b, "%s| %s^\n", strings.Repeat(" ", len(gutter)-2), caretPad(e.Source, e.Pos.Col-1))
	}
	for _, f := range e.Stack {
		fmt.Fprintf(&b, "  in %s called at %s\n", f.Name, f.Pos)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "  hint: %s\n", e.Hint)
	}
	return b.String()
}

// caretPad gives white space as wide as the first n runes of line; tabs stay tabs, so that the caret lines up.
func caretPad(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n <= 0 {
			break
		}
		n--
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String() + strings.Repeat(" ", max(n, 0))
}

// asError gives err as an *Error that may be changed, wrapping what a host function returned.
func asError(err error) *Error {
	if je, ok := any(err).(*Error); ok && (je.own || je.located) {
		return je
	}
	e := &Error{Kind: KindHost, Message: err.Error(), Cause: err, own: true}
	var je *Error
	if errors.As(err, &je) {
		e.Kind, e.Hint = je.Kind, je.Hint
	}
	return e
}

func typeError(format string, args ...any) error  { return fail(KindType, format, args...) }
func valueError(format string, args ...any) error { return fail(KindValue, format, args...) }

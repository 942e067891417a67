package runner

import (
	"errors"
	"fmt"
	"strings"
)

// Position is a place in a file of the user's. Line and Col count from 1; 0 means unknown.
type Position struct {
	File string // relative to the project directory where it lies inside it
	Line int
	Col  int
}

// String is file:line:col, as far as known.
func (p Position) String() string {
	switch {
	case p.File == "" || p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
	}
}

// Code sorts errors by what the user has to look at. It decides the exit status.
type Code string

const (
	CodeUsage       Code = "usage"       // the command line is wrong
	CodeConfig      Code = "config"      // project.yaml or a .yml file is wrong
	CodeCompile     Code = "compile"     // a template, a ref or the graph is wrong
	CodeLoad        Code = "load"        // a raw file cannot be loaded
	CodeModel       Code = "model"       // the engine refused a model or a seed
	CodeTest        Code = "test"        // a data test of severity error failed
	CodePublish     Code = "publish"     // results could not be written
	CodeState       Code = "state"       // the state store or the warehouse file cannot be used
	CodeLocked      Code = "locked"      // another process is writing
	CodeInterrupted Code = "interrupted" // the user or the system asked to stop
)

// Exit statuses of the program.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitInterrupted = 130
)

// ExitStatus is the status a process ends with on an error of this code.
func (c Code) ExitStatus() int {
	switch c {
	case CodeUsage, CodeConfig, CodeCompile:
		return ExitUsage
	case CodeInterrupted:
		return ExitInterrupted
	default:
		return ExitFailed
	}
}

// Error is what a user sees: what was attempted, where, and what to do about it.
type Error struct {
	Code    Code
	Pos     Position
	Msg     string // lower case: what was attempted and what went wrong
	Excerpt string // the lines of the file concerned with a caret below; may be empty
	Hint    string // what to do next, lower case; may be empty
	Err     error  // the cause; may be nil

	Passing bool // it may be gone when the same is tried again: the network, a file in use, a timeout
}

// Error is one line: position, message, cause.
func (e *Error) Error() string {
	var b strings.Builder
	if pos := e.Pos.String(); pos != "" {
		b.WriteString(pos + ": ")
	}
	b.WriteString(e.Msg)
	if e.Err != nil {
		if e.Msg != "" {
			b.WriteString(": ")
		}
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Detail is the whole message over several lines: the line of Error, the excerpt, the hint.
func (e *Error) Detail() string {
	text := e.Error()
	if e.Excerpt != "" {
		text += "\n" + strings.TrimRight(e.Excerpt, "\n")
	}
	if e.Hint != "" {
		text += "\n  hint: " + e.Hint
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errors are several errors of one kind found in one pass, so that the user mends them all at once.
type Errors []*Error

// Error is the errors, a line each.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.Is and errors.As look at each error.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// AsError gives es as an error, nil if there is none.
func (es Errors) AsError() error {
	if len(es) == 0 {
		return nil
	}
	return es
}

// ExitStatus is the status for any error: that of the first *Error found in it, else ExitFailed; ExitOK for nil.
func ExitStatus(err error) int {
	var e *Error
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &e):
		return e.Code.ExitStatus()
	default:
		return ExitFailed
	}
}

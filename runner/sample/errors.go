package sample

import (
	"context"
	"errors"
	"fmt"

	"elt/runner"
)

// usage is an error in Options.
func usage(hint, format string, args ...any) error {
	return &runner.Error{Code: runner.CodeUsage, Msg: "generate sample data: " + fmt.Sprintf(format, args...), Hint: hint}
}

// foreign says that an existing file is not one this package could have written. line is 0 for the file as a whole.
func foreign(path string, line int, format string, args ...any) error {
	return &runner.Error{
		Code: runner.CodeLoad,
		Pos:  runner.Position{File: path, Line: line},
		Msg:  "append sample data: " + fmt.Sprintf(format, args...),
		Hint: "data is appended only to files that were generated: restore this one, or move the raw files away, " +
			"or generate into another folder",
	}
}

// unreadable is an existing file that cannot be read.
func unreadable(err error) error {
	return &runner.Error{Code: runner.CodeLoad, Msg: "read the sample data there is", Err: err}
}

func locked(dir string) error {
	return &runner.Error{
		Code: runner.CodeLocked,
		Msg:  "generate sample data: another run is writing to " + dir,
		Hint: "wait for it to end",
	}
}

// failure is what went wrong on the way to disk, or the end of ctx. An err that is for the user already stays as it is.
func failure(attempt string, err error) error {
	var known *runner.Error
	if errors.As(err, &known) {
		return err
	}
	code := runner.CodePublish
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		code = runner.CodeInterrupted
	}
	return &runner.Error{Code: code, Msg: attempt, Err: err}
}

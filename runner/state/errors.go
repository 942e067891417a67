package state

import (
	"context"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"elt/runner"
)

// failed is the error for something that could not be done with the state file. A cancelled context stays recognisable.
func failed(ctx context.Context, path, what string, err error) error {
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("cannot %s: %w", what, cause)
	}
	var known *runner.Error
	if errors.As(err, &known) {
		return err
	}
	return &runner.Error{
		Code: runner.CodeState,
		Msg:  fmt.Sprintf("cannot %s (%s)", what, path),
		Hint: hint(path, err),
		Err:  err,
	}
}

func hint(path string, err error) string {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Code {
	case sqlite3.ErrNotADB, sqlite3.ErrCorrupt, sqlite3.ErrFormat:
		return fmt.Sprintf("the file is damaged or no state store; move %s (and %s-wal) away and run again: "+
			"everything is rebuilt once, published results stay", path, path)
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return "another process keeps the state store busy; try again when it is done"
	case sqlite3.ErrCantOpen, sqlite3.ErrPerm, sqlite3.ErrReadonly, sqlite3.ErrAuth:
		return "check that the file is no folder and that you may write it and the folder it lies in"
	case sqlite3.ErrFull:
		return "the disk is full; make room and run again"
	case sqlite3.ErrIoErr:
		return "the disk or network folder failed; a state store needs a local disk"
	default:
		return ""
	}
}

package pipeline

import (
	"errors"

	"elt/runner"
)

// asErrors gives the user's errors in err, or err as one.
func asErrors(err error) runner.Errors {
	var several runner.Errors
	if errors.As(err, &several) {
		return several
	}
	var one *runner.Error
	if errors.As(err, &one) {
		return runner.Errors{one}
	}
	return runner.Errors{{Code: runner.CodeConfig, Err: err}}
}

// at places an error that has no position yet.
func at(err error, pos runner.Position) error {
	var e *runner.Error
	if !errors.As(err, &e) || e.Pos.File != "" {
		return err
	}
	placed := *e
	placed.Pos = pos
	return &placed
}

func selectorError(err error) error {
	var e *runner.Error
	if errors.As(err, &e) {
		return err
	}
	return &runner.Error{
		Code: runner.CodeUsage, Msg: "read the selector", Err: err,
		Hint: "selectors look like stg_clients, +report_a, tag:report, path:models/reports, a+,tag:daily",
	}
}

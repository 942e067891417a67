// Package kind sorts errors for those who answer requests, without a word added to what the user reads.
package kind

import "elt/runner"

// Of gives e as an error that errors.Is finds to be kind, too.
func Of(kind error, e *runner.Error) error { return &sorted{told: e, kind: kind} }

type sorted struct {
	told *runner.Error
	kind error
}

// Error is what the user reads.
func (s *sorted) Error() string { return s.told.Error() }

// Unwrap gives both.
func (s *sorted) Unwrap() []error { return []error{s.told, s.kind} }

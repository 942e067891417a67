// Package console runs one SELECT of a stranger's on the published snapshot, under limits. It knows no HTTP.
package console

import (
	"errors"

	"elt/runner/web/table"
)

// What can be wrong with a query apart from its SQL. The errors that wrap these are *runner.Error with a hint.
var (
	ErrRefused = errors.New("refused")       // not one statement that only reads
	ErrBusy    = errors.New("too many")      // as many queries run as may
	ErrTimeout = errors.New("took too long") // the time limit
)

// MaxRows is how many rows a Result can have.
const MaxRows = 1000

// Console runs queries. It is safe for concurrent use.
type Console struct{}

// Result is the answer to a query.
type Result struct {
	table.Table
	Truncated bool  `json:"truncated" doc:"there are more rows than the limit"`
	ElapsedMS int64 `json:"elapsed_ms"`
}

// Package reports lists the reports of a project, reads them from the published snapshot and finds their files. It knows
// no HTTP.
package reports

import (
	"errors"

	"elt/runner/web/cache"
	"elt/runner/web/snapshot"
	"elt/runner/web/table"
	"elt/runner/web/workspace"
)

// ErrNotFound says that there is no such report. The error that wraps it is a *runner.Error with a hint.
var ErrNotFound = errors.New("no such report")

// Service gives reports. It is safe for concurrent use.
type Service struct {
	workspace *workspace.Cache
	snapshots *snapshot.Pool
	cache     *cache.Cache
}

// New makes a Service that keeps its answers in cache.
func New(w *workspace.Cache, snapshots *snapshot.Pool, cache *cache.Cache) *Service {
	return &Service{workspace: w, snapshots: snapshots, cache: cache}
}

// Report is one report of the list.
type Report struct {
	Name        string `json:"name"`
	Title       string `json:"title" doc:"the name for people: Daily client spend"`
	Description string `json:"description"`
	Rows        int64  `json:"rows" doc:"-1 where unknown"`
	Files       []File `json:"files"`
}

// File is a published file of a report.
type File struct {
	Format string `json:"format" enum:"csv,parquet"`
	URL    string `json:"url"`
	Bytes  int64  `json:"bytes"`
}

// Window says which rows of a report are wanted. The zero Window has none.
type Window struct {
	Sort   string // a column; empty: the order of the file
	Desc   bool
	Limit  int
	Offset int
}

// Page is a part of the rows of a report.
type Page struct {
	Report
	RunID string      `json:"run_id"`
	Table table.Table `json:"table"`
	Total int64       `json:"total" doc:"rows of the whole report"`
}

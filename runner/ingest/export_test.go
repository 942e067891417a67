package ingest

import (
	"context"

	"elt/runner/engine"
)

// Attempt loads plain files by the engine alone: failed is the file it refused, -1 if none.
func Attempt(ctx context.Context, e engine.Engine, c Config, job Job) (r Result, failed int, err error) {
	l := &load{engine: e, config: c, job: &job, cleaned: make([]*cleaned, len(job.Manifest.Files))}
	return l.attempt(ctx)
}

// Clean reads one file with care.
func Clean(ctx context.Context, c Config, job Job, dir string) (rows int64, err error) {
	out, err := clean(ctx, c, &job, &job.Manifest.Files[0], dir)
	return out.rows, err
}

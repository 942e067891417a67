package pipeline

import (
	"context"

	"elt/runner"
)

// FailingRows is the query of a data test over what is published: it gives the rows that fail.
func (w *Workspace) FailingRows(ctx context.Context, t *runner.Test) (string, error) {
	c, err := w.check(ctx, t, w.Compiler.Public, nil, w.options.Clock())
	return c.ShowQuery, err
}

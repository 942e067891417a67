package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"time"

	"elt/runner"
	"elt/runner/artifact"
	"elt/runner/engine"
)

// Freshness looks how old the newest row of each chosen source is, over what is published, and writes sources.json. Only
// sources with a freshness rule and a loaded_at_field are looked at. The error tells that one is too old.
func Freshness(ctx context.Context, o Options) ([]artifact.FreshnessResult, error) {
	w, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	selection, err := w.Select()
	if err != nil {
		return nil, err
	}
	w.warnUnmatched(selection)
	snapshot, err := w.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	started := o.Clock()
	var results []artifact.FreshnessResult
	stale := 0
	for _, s := range w.Project.Sources {
		if s.Freshness == nil || s.LoadedAt == "" || !selection.Has(s.ID) {
			continue
		}
		r := w.freshness(ctx, snapshot, s)
		if r.Status != "pass" && r.Status != "warn" {
			stale++
		}
		results = append(results, r)
	}
	if err := errors.Join(ctx.Err(), snapshot.Close()); err != nil {
		return results, interrupted(ctx, err)
	}
	err = artifact.WriteFile(filepath.Join(w.files.target, "sources.json"), func(out io.Writer) error {
		return artifact.WriteSources(out, results, o.Clock().Sub(started), w.invocation())
	})
	if err == nil && stale > 0 {
		err = &runner.Error{Code: runner.CodeTest, Msg: fmt.Sprintf("%d of %d sources are too old or cannot be read", stale, len(results))}
	}
	return results, err
}

// wholeQuery is what loaded_at_query gives, and no expression over a row.
var wholeQuery = regexp.MustCompile(`(?i)^\(\s*(select|with|from)\b`)

func (w *Workspace) freshness(ctx context.Context, e engine.Session, s *runner.Source) artifact.FreshnessResult {
	r := artifact.FreshnessResult{ID: s.ID, Status: "pass", Checked: w.options.Clock().UTC(), Freshness: *s.Freshness}
	loaded, err := w.Compiler.LoadedAt(ctx, s.ID, s.LoadedAt)
	if err != nil {
		r.Status, r.Err = "runtime error", err
		return r
	}
	query := fmt.Sprintf("select max(cast(%s as timestamp)) from %s", loaded.Text, w.Compiler.Public(s.ID))
	switch {
	case wholeQuery.MatchString(loaded.Text):
		query = fmt.Sprintf("select cast(%s as timestamp)", loaded.Text)
	case s.Freshness.Filter != "":
		query += " where " + s.Freshness.Filter
	}
	row, err := engine.One(ctx, e, query)
	r.Elapsed = w.options.Clock().Sub(r.Checked)
	if err != nil {
		r.Status, r.Err = "runtime error", err
		return r
	}
	newest, ok := row[0].(time.Time)
	if !ok {
		r.Status, r.Err = "runtime error", errors.New("the source has no rows with a time")
		return r
	}
	r.Newest = newest
	switch age := r.Checked.Sub(newest); {
	case s.Freshness.ErrorAfter > 0 && age > s.Freshness.ErrorAfter:
		r.Status = "error"
	case s.Freshness.WarnAfter > 0 && age > s.Freshness.WarnAfter:
		r.Status = "warn"
	}
	return r
}

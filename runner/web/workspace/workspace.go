// Package workspace keeps the project that a server shows: compiled once, and again when its files change.
package workspace

import (
	"context"
	"fmt"
	"hash/fnv"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"elt/runner/pipeline"
)

// lookAgain is how long the files of a project are trusted not to have changed.
const lookAgain = time.Second

// Cache holds one project. It is safe for concurrent use; the Workspaces it gives are shared, so read them only.
type Cache struct {
	options pipeline.Options
	changed func(problem error)

	mu      sync.Mutex // guards what follows
	current *pipeline.Workspace
	outline pipeline.Outline // of current, or of what does not load
	problem error            // why the files as they stand now do not load
	stamp   uint64
	looked  time.Time
}

// Broken is the error of a project whose files have not loaded since the Cache was made.
type Broken struct{ Err error }

// Error is that of the project.
func (b *Broken) Error() string { return b.Err.Error() }

// Unwrap gives it.
func (b *Broken) Unwrap() error { return b.Err }

// New makes a Cache for the project of o. A project that does not load is no error; one that is none is. changed is called
// with what Problem gives whenever that has become something else; it must not call the Cache.
func New(ctx context.Context, o pipeline.Options, changed func(problem error)) (*Cache, error) {
	c := &Cache{options: o, changed: changed}
	var err error
	if c.outline, err = pipeline.OutlineOf(o); err != nil {
		return nil, err
	}
	return c, c.refresh(ctx)
}

// Get gives the project as its files stand. While they do not load (someone is editing), it gives the one before; Problem
// tells. Where there is none before, the error is Broken.
func (c *Cache) Get(ctx context.Context) (*pipeline.Workspace, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refresh(ctx); err != nil {
		return nil, err
	}
	if c.current == nil {
		return nil, &Broken{c.problem}
	}
	return c.current, nil
}

// Outline tells where the project keeps its things, also if it does not load.
func (c *Cache) Outline(ctx context.Context) pipeline.Outline {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.refresh(ctx) // it is as it was then
	return c.outline
}

// Find calls find and, where that finds nothing, calls it again with the files looked at anew: what it is after may have been
// written a moment ago.
func (c *Cache) Find(find func() (found bool, err error)) (found bool, err error) {
	if found, err = find(); found || err != nil {
		return found, err
	}
	c.mu.Lock()
	c.looked = time.Time{}
	c.mu.Unlock()
	return find()
}

// refresh looks at the files, unless they were looked at just now. c.mu is held.
func (c *Cache) refresh(ctx context.Context) error {
	now := c.options.Clock()
	if !c.looked.IsZero() && now.Sub(c.looked) < lookAgain {
		return nil
	}
	if err := c.look(ctx); err != nil {
		return err
	}
	c.looked = now
	return nil
}

// Problem tells why the files do not load as they stand now; nil if they do.
func (c *Cache) Problem() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.problem
}

func (c *Cache) look(ctx context.Context) error {
	stamp, err := c.stampOf()
	if err != nil {
		return fmt.Errorf("look at the project's files: %w", err)
	}
	if stamp == c.stamp && (c.current != nil || c.problem != nil) {
		return nil
	}
	// What one request asks for serves the others, too: its leaving must not fail them.
	opened, err := pipeline.Open(context.WithoutCancel(ctx), c.options)
	before := c.problem
	c.problem, c.stamp = err, stamp
	if err == nil {
		c.current, c.outline = opened, opened.Outline()
	}
	c.tell(before)
	if c.current == nil {
		if outline, err := pipeline.OutlineOf(c.options); err == nil { // else there is no project for a moment
			c.outline = outline
		}
	}
	return nil
}

// tell says how the files load, where that is not as it was before. c.mu is held.
func (c *Cache) tell(before error) {
	switch {
	case c.problem == nil && before == nil, c.problem != nil && before != nil && c.problem.Error() == before.Error():
		return
	case c.problem == nil:
		c.options.Log.Info().Msg("the project loads again")
	default:
		c.options.Log.Warn().Msg("the project does not load: " + c.problem.Error())
	}
	c.changed(c.problem)
}

// stampOf sums up names, sizes and times of all files that a project may be read from.
func (c *Cache) stampOf() (uint64, error) {
	sum := fnv.New64a()
	skip := map[string]bool{filepath.Join(c.options.Dir, "data"): true, filepath.Join(c.options.Dir, "target"): true}
	skip[c.outline.At.Data], skip[c.outline.At.Output], skip[c.outline.At.Target] = true, true, true
	delete(skip, c.options.Dir) // a project whose data lies beside its models
	err := filepath.WalkDir(c.options.Dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // a file that went away meanwhile is a change like any other
		case d.IsDir() && path != c.options.Dir && (skip[path] || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || !declares(path):
			return nil
		}
		if info, err := d.Info(); err == nil {
			fmt.Fprintln(sum, path, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return sum.Sum64(), err
}

// declares tells whether a project may be read from a file of this name.
func declares(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".sql", ".yml", ".yaml", ".csv", ".md", ".py", ".jinja":
		return true
	}
	return false
}

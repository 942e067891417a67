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

	mu      sync.Mutex // guards what follows
	current *pipeline.Workspace
	problem error // why the files as they stand now do not load
	stamp   uint64
	looked  time.Time
}

// New makes a Cache for the project of o. Nothing is loaded yet.
func New(o pipeline.Options) *Cache { return &Cache{options: o} }

// Get gives the project as its files stand. While they do not load (someone is editing), it gives the one before; Problem
// tells. The error is that of a project which never loaded.
func (c *Cache) Get(ctx context.Context) (*pipeline.Workspace, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.options.Clock()
	if c.looked.IsZero() || now.Sub(c.looked) >= lookAgain {
		if err := c.look(ctx); err != nil {
			return nil, err
		}
		c.looked = now
	}
	if c.current == nil {
		return nil, c.problem
	}
	return c.current, nil
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
	c.problem, c.stamp = err, stamp
	if err == nil {
		c.current = opened
	}
	return nil
}

// stampOf sums up names, sizes and times of all files that a project may be read from.
func (c *Cache) stampOf() (uint64, error) {
	sum := fnv.New64a()
	skip := map[string]bool{filepath.Join(c.options.Dir, "data"): true, filepath.Join(c.options.Dir, "target"): true}
	if c.current != nil {
		places := c.current.Places()
		skip[places.Data], skip[places.Output], skip[places.Target] = true, true, true
	}
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

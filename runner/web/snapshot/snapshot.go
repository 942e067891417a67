// Package snapshot keeps the published snapshot open for many readers and follows the publishes: each reader gets the one
// that was current when it asked and keeps it until it is done.
package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/export"
	"elt/runner/pipeline"
	"elt/runner/web/kind"
)

// ErrNone says that there is no snapshot to read. The error that wraps it is a *runner.Error with the command that makes one.
var ErrNone = errors.New("no snapshot")

// lookAgain is how long it is trusted that nothing new is published.
const lookAgain = 250 * time.Millisecond

// Info says which snapshot is meant.
type Info struct {
	RunID       string    `json:"run_id" doc:"the run that made the snapshot"`
	PublishedAt time.Time `json:"published_at"`
	Path        string    `json:"-"` // the file behind the link
}

// Database is an open snapshot. It is safe for concurrent use.
type Database interface {
	engine.Querier
	Close() error
}

// Opener opens the snapshot at path.
type Opener func(ctx context.Context, path string) (Database, error)

// Places tells where a project's files are.
type Places func(context.Context) (pipeline.Places, error)

// Pool gives the current snapshot to readers. It is safe for concurrent use.
type Pool struct {
	places Places
	open   Opener
	notify func(Info) // told of each snapshot that takes the place of another, or of none; may be nil

	mu      sync.Mutex // guards what follows
	current *shared    // nil: none yet
	looked  time.Time
	closed  bool
}

// shared is one open snapshot. It is closed when it is no longer the current one and its last reader is done.
type shared struct {
	info    Info
	db      Database
	readers int // guarded by Pool.mu; the pool counts as one while it is current
}

// New makes a Pool for the project that has its files in places. Nothing is opened yet.
func New(places Places, open Opener, notify func(Info)) *Pool {
	return &Pool{places: places, open: open, notify: notify}
}

// Trusted opens a snapshot for our own SQL. memory is what all queries together may take: "1GB".
func Trusted(memory string) Opener {
	return func(ctx context.Context, path string) (Database, error) {
		return duckdb.Open(ctx, duckdb.Config{Path: path, ReadOnly: true, Apart: true, MemoryLimit: memory, TempDir: tempDir()})
	}
}

// Untrusted opens a snapshot for SQL that anyone may have typed; see duckdb.Reader. Limits without a TempDir spill to the
// system's folder for temporary files.
func Untrusted(limits duckdb.Limits) Opener {
	return func(ctx context.Context, path string) (Database, error) {
		if limits.TempDir == "" {
			limits.TempDir = tempDir()
		}
		return duckdb.OpenReader(ctx, path, limits)
	}
}

func tempDir() string { return filepath.Join(os.TempDir(), "elt-serve") }

// Reader is a snapshot in the hands of one reader, who closes it. All its queries see the same rows.
type Reader struct {
	Info
	Database Database
	done     func()
}

// Query implements engine.Querier.
func (r *Reader) Query(ctx context.Context, sql string) (engine.Rows, error) {
	return r.Database.Query(ctx, sql)
}

// Close gives the snapshot back. It may be called more than once.
func (r *Reader) Close() { r.done() }

// Acquire gives the current snapshot. Where there is none, the error is ErrNone.
func (p *Pool) Acquire(ctx context.Context) (*Reader, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.follow(ctx); err != nil {
		return nil, err
	}
	held := p.current
	held.readers++
	return &Reader{Info: held.info, Database: held.db, done: sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		held.release()
	})}, nil
}

// Current tells which snapshot is current, without keeping it. Where there is none, the error is ErrNone.
func (p *Pool) Current(ctx context.Context) (Info, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.follow(ctx); err != nil {
		return Info{}, err
	}
	return p.current.info, nil
}

// Follow looks for new snapshots until ctx is done, so that notify is called though nobody reads.
func (p *Pool) Follow(ctx context.Context) {
	for ctx.Err() == nil {
		_, _ = p.Current(ctx) // a reader will be told what is wrong
		select {
		case <-ctx.Done():
		case <-time.After(4 * lookAgain):
		}
	}
}

// Close lets go of the current snapshot; readers that have it may finish. Acquire fails afterwards.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.current != nil {
		p.current.release()
		p.current = nil
	}
}

func (s *shared) release() {
	if s.readers--; s.readers == 0 {
		_ = s.db.Close() // opened for reading only: nothing can be lost
	}
}

// follow makes the newest snapshot the current one. p.mu is held.
func (p *Pool) follow(ctx context.Context) error {
	if p.closed {
		return errors.New("the server is stopping")
	}
	if p.current != nil && time.Since(p.looked) < lookAgain {
		return nil
	}
	// The work is for all readers: that one of them leaves must not undo it.
	ctx = context.WithoutCancel(ctx)
	places, err := p.places(ctx)
	if err != nil {
		return err
	}
	info, err := find(places)
	switch {
	case err != nil && p.current != nil && !errors.Is(err, ErrNone):
		return nil // what is open stays readable, whatever happened to the link
	case err != nil:
		return err
	case p.current != nil && p.current.info.Path == info.Path:
		p.looked = time.Now()
		return nil
	}
	db, err := p.open(ctx, info.Path)
	if err != nil {
		return err
	}
	old := p.current
	p.current, p.looked = &shared{info: info, db: db, readers: 1}, time.Now()
	if old != nil {
		old.release()
	}
	if p.notify != nil {
		p.notify(info)
	}
	return nil
}

// find resolves the link to the snapshot. Its name has the run that made it.
func find(places pipeline.Places) (Info, error) {
	if places.Snapshot == "" {
		return Info{}, kind.Of(ErrNone, &runner.Error{
			Code: runner.CodeState, Msg: "this project publishes no snapshot that could be read",
			Hint: "add `- {format: duckdb, path: processed/analytics.duckdb}` below exports: in project.yaml and run `elt run`",
		})
	}
	path, err := filepath.EvalSymlinks(places.Snapshot)
	if errors.Is(err, fs.ErrNotExist) {
		return Info{}, kind.Of(ErrNone, &runner.Error{
			Code: runner.CodeState, Msg: "nothing is published yet", Hint: "`elt run` builds and publishes it",
		})
	}
	if err != nil {
		return Info{}, fmt.Errorf("find the snapshot: %w", err)
	}
	stat, err := os.Stat(path)
	if err != nil {
		return Info{}, fmt.Errorf("find the snapshot: %w", err)
	}
	info := Info{Path: path, PublishedAt: stat.ModTime().UTC(), RunID: runOf(path, places.Snapshot)}
	if published, err := export.ReadPublished(places.Published); err == nil && published.RunID == info.RunID {
		info.PublishedAt = published.PublishedAt
	}
	return info, nil
}

// runOf takes apart what export.Versioned has put together.
func runOf(path, link string) string {
	ext := filepath.Ext(link)
	prefix := strings.TrimSuffix(filepath.Base(link), ext) + "-"
	return strings.TrimPrefix(strings.TrimSuffix(filepath.Base(path), ext), prefix)
}

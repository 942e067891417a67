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

// ErrGone is an ErrNone, too: something was published, but its snapshot was taken away.
var ErrGone = fmt.Errorf("%w any more", ErrNone)

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
type Places func(context.Context) pipeline.Places

// Hooks are what a Pool calls when a new snapshot takes the place of another, or of none. Either may be nil.
type Hooks struct {
	Prepare func(context.Context, *Reader) // before: readers have the old one until it returns
	Notify  func(Info)                     // after
}

// Pool gives the current snapshot to readers. It is safe for concurrent use.
type Pool struct {
	places Places
	open   Opener
	hooks  Hooks

	refreshing sync.Mutex // held while a new snapshot is looked for; taken before mu

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

	keeping sync.Mutex // guards kept
	kept    map[string]any
}

// New makes a Pool for the project that has its files in places. Nothing is opened yet.
func New(places Places, open Opener, hooks Hooks) *Pool {
	return &Pool{places: places, open: open, hooks: hooks}
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
	held     *shared
	done     func()
}

// Query implements engine.Querier.
func (r *Reader) Query(ctx context.Context, sql string) (engine.Rows, error) {
	return r.Database.Query(ctx, sql)
}

// Keep gives what compute said when it was first called for the key and this snapshot. It is let go of with the snapshot.
// Errors are not kept.
func (r *Reader) Keep(key string, compute func() (any, error)) (any, error) {
	r.held.keeping.Lock()
	defer r.held.keeping.Unlock()
	if value, ok := r.held.kept[key]; ok {
		return value, nil
	}
	value, err := compute()
	if err == nil {
		r.held.kept[key] = value
	}
	return value, err
}

// Close gives the snapshot back. It may be called more than once.
func (r *Reader) Close() { r.done() }

// Acquire gives the current snapshot. Where there is none, the error is ErrNone. A new one is looked for behind the back
// of its readers: they never wait for it, and have it a moment later.
func (p *Pool) Acquire(ctx context.Context) (*Reader, error) {
	if r := p.take(); r != nil {
		return r, nil
	}
	if err := p.Refresh(ctx); err != nil {
		return nil, err
	}
	if r := p.take(); r != nil {
		return r, nil
	}
	return nil, errStopping
}

var errStopping = errors.New("the server is stopping")

// take gives the current snapshot; nil where there is none.
func (p *Pool) take() *Reader {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current == nil {
		return nil
	}
	if now := time.Now(); now.Sub(p.looked) >= lookAgain {
		p.looked = now
		go func() { _ = p.Refresh(context.Background()) }() // what is wrong is told where nothing is open
	}
	p.current.readers++
	return p.reader(p.current)
}

// reader gives one of the readers of held a hand on it.
func (p *Pool) reader(held *shared) *Reader {
	return &Reader{Info: held.info, Database: held.db, held: held, done: sync.OnceFunc(func() { p.release(held) })}
}

func (p *Pool) release(s *shared) {
	p.mu.Lock()
	s.readers--
	last := s.readers == 0
	p.mu.Unlock()
	if last {
		_ = s.db.Close() // opened for reading only: nothing can be lost
	}
}

// Current tells which snapshot is current, without keeping it. Where there is none, the error is ErrNone.
func (p *Pool) Current(ctx context.Context) (Info, error) {
	r, err := p.Acquire(ctx)
	if err != nil {
		return Info{}, err
	}
	r.Close()
	return r.Info, nil
}

// Follow looks for new snapshots until ctx is done, so that pages hear of them though nobody reads.
func (p *Pool) Follow(ctx context.Context) {
	for ctx.Err() == nil {
		_ = p.Refresh(ctx) // a reader will be told what is wrong
		select {
		case <-ctx.Done():
		case <-time.After(2 * lookAgain):
		}
	}
}

// Close lets go of the current snapshot; readers that have it may finish. Acquire fails afterwards.
func (p *Pool) Close() {
	p.mu.Lock()
	old := p.current
	p.current, p.closed = nil, true
	p.mu.Unlock()
	if old != nil {
		p.release(old)
	}
}

// Refresh makes the newest snapshot the current one. Where what is current is gone, and nothing new is there, it lets go
// of it.
func (p *Pool) Refresh(ctx context.Context) error {
	p.refreshing.Lock()
	defer p.refreshing.Unlock()
	ctx = context.WithoutCancel(ctx) // the work is for all readers: that one of them leaves must not undo it
	info, err := find(p.places(ctx))
	switch {
	case errors.Is(err, ErrNone):
		p.swap(nil)
		return err
	case err != nil || p.has(info):
		return err
	}
	db, err := p.open(ctx, info.Path)
	if err != nil {
		return err
	}
	fresh := &shared{info: info, db: db, readers: 1, kept: map[string]any{}}
	if p.hooks.Prepare != nil {
		p.hooks.Prepare(ctx, &Reader{Info: info, Database: db, held: fresh, done: func() {}})
	}
	if !p.swap(fresh) {
		return errors.Join(errStopping, db.Close())
	}
	if p.hooks.Notify != nil {
		p.hooks.Notify(info)
	}
	return nil
}

func (p *Pool) has(info Info) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looked = time.Now()
	return p.current != nil && p.current.info.Path == info.Path
}

// swap makes another snapshot the current one, unless the pool is closed.
func (p *Pool) swap(fresh *shared) bool {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return false
	}
	old := p.current
	p.current, p.looked = fresh, time.Now()
	p.mu.Unlock()
	if old != nil {
		p.release(old)
	}
	return true
}

// find resolves the link to the snapshot. Its name has the run that made it.
func find(places pipeline.Places) (Info, error) {
	if places.Snapshot == "" && places.DBT {
		return Info{}, kind.Of(ErrNone, &runner.Error{
			Code: runner.CodeState, Msg: "the variable elt_snapshot has runs of this project publish no snapshot that could be read",
			Hint: "take `elt_snapshot: false` out of vars: and run `elt run`; `elt query` asks the warehouse between runs",
		})
	}
	if places.Snapshot == "" {
		return Info{}, kind.Of(ErrNone, &runner.Error{
			Code: runner.CodeState, Msg: "this project publishes no snapshot that could be read",
			Hint: "add `- {format: duckdb, path: processed/analytics.duckdb}` below exports: in project.yaml and run `elt run`",
		})
	}
	path, err := filepath.EvalSymlinks(places.Snapshot)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(places.Published); err == nil {
			return Info{}, kind.Of(ErrGone, &runner.Error{
				Code: runner.CodeState, Msg: "the published snapshot is not there any more", Hint: "`elt run` publishes it again",
			})
		}
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

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner/engine"
)

// endless keeps two threads busy for hours.
const endless = "create table t as select count(*) as n from range(10000000) as a (x) join range(10000000) as b (y) on (a.x * b.y) % 7 = 3"

// dying is a context that is cancelled as it is asked for the nth time whether it is, a while after the last time.
type dying struct {
	context.Context
	mu   sync.Mutex
	left int
	done chan struct{}
}

func (d *dying) Done() <-chan struct{} { return d.done }

func (d *dying) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left--; d.left > 0 {
		return nil
	}
	if d.left == 0 {
		time.Sleep(20 * time.Millisecond) // the engine's threads get to work
		close(d.done)
	}
	return context.Canceled
}

// Whenever a context ends, what runs in its name ends, and the connection and the database can be used and closed.
func TestCancelledAtAnyMoment(t *testing.T) {
	for n := 1; n <= 12; n++ {
		for name, run := range map[string]func(context.Context, *DB) error{
			"statement": func(ctx context.Context, db *DB) error { return db.Exec(ctx, endless) },
			"transaction": func(ctx context.Context, db *DB) error {
				return db.InTx(ctx, func(s engine.Session) error { return s.Exec(ctx, endless) })
			},
		} {
			ended := make(chan error, 1)
			go func() { ended <- cancelled(t.Context(), n, run) }()
			select {
			case err := <-ended:
				require.NoError(t, err)
			case <-time.After(30 * time.Second):
				require.FailNow(t, "still running", "%s, cancelled at question %d", name, n)
			}
		}
	}
}

// cancelled runs something in a new database until its context dies, then uses the database and closes it.
func cancelled(ctx context.Context, n int, run func(context.Context, *DB) error) error {
	db, err := Open(ctx, Config{Threads: 2})
	if err != nil {
		return err
	}
	mortal := &dying{Context: ctx, left: n, done: make(chan struct{})}
	go func() { // for those who wait for its end, and ask no more
		for time.Sleep(500 * time.Millisecond); mortal.Err() == nil; {
		}
	}()
	if err := run(mortal, db); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("want %w, got %w", context.Canceled, err)
	}
	return errors.Join(db.Exec(ctx, "create table t as select 1 as n"), db.Close())
}

// Package console runs one SELECT of a stranger's on the published snapshot, under limits. It knows no HTTP.
package console

import (
	"context"
	"errors"
	"fmt"
	"time"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/web/kind"
	"elt/runner/web/snapshot"
	"elt/runner/web/table"
)

// What can be wrong with a query apart from its SQL. The errors that are these are *runner.Error with a hint, too.
var (
	ErrRefused = errors.New("refused")       // not one statement that only reads
	ErrBusy    = errors.New("too many")      // as many queries run as may
	ErrTimeout = errors.New("took too long") // the time limit
)

const (
	MaxRows     = 1000    // rows of a Result
	maxBytes    = 8 << 20 // of a Result, about
	atOnce      = 2       // queries that run
	maxSQLBytes = 100_000
)

// Limits are what queries may take of the machine, all together. They leave a core and most of the memory to the pages.
var Limits = duckdb.Limits{Threads: 1, Memory: "512MB", Temp: "1GB", Depth: 250}

// Times say how long things may take.
type Times struct {
	Wait  time.Duration // for others to end, before a query is refused
	Query time.Duration // until the first row
	CSV   time.Duration // until the last row of a stream
}

// DefaultTimes are those of a server.
var DefaultTimes = Times{Wait: 3 * time.Second, Query: 30 * time.Second, CSV: 5 * time.Minute}

// Console runs queries. It is safe for concurrent use.
type Console struct {
	snapshots *snapshot.Pool // opened by snapshot.Untrusted
	times     Times
	slots     chan struct{} // one for each query that may run
}

// New makes a Console that reads what snapshots has, which must be opened by snapshot.Untrusted. No times are
// DefaultTimes.
func New(snapshots *snapshot.Pool, times Times) *Console {
	if times == (Times{}) {
		times = DefaultTimes
	}
	return &Console{snapshots: snapshots, times: times, slots: make(chan struct{}, atOnce)}
}

// Result is the answer to a query.
type Result struct {
	table.Table
	RunID     string `json:"run_id" doc:"the run whose results were read"`
	Truncated bool   `json:"truncated" doc:"there are more rows than the limit, or more than fit in 8 MB"`
	ElapsedMS int64  `json:"elapsed_ms"`
}

// Run runs one statement that reads and gives at most limit of its rows; more than MaxRows, or none, is MaxRows. It ends
// when ctx does.
func (c *Console) Run(ctx context.Context, sql string, limit int) (Result, error) {
	if limit <= 0 || limit > MaxRows {
		limit = MaxRows
	}
	result := Result{Table: table.Table{Rows: [][]any{}}}
	err := c.run(ctx, c.times.Query, sql, limit+1, func(ctx context.Context, r *snapshot.Reader, rows engine.Rows) error {
		result.RunID, result.Columns = r.RunID, table.Columns(rows.Columns())
		size, types := 0, rows.Columns()
		return engine.Each(rows, func(row []any) error {
			size += sizeOf(row)
			if result.Truncated = len(result.Rows) == limit || size > maxBytes; result.Truncated {
				return errEnough
			}
			result.Rows = append(result.Rows, table.Row(row, types))
			return ctx.Err()
		})
	}, &result.ElapsedMS)
	return result, err
}

// errEnough ends the reading of rows; no caller sees it.
var errEnough = errors.New("enough rows")

// sizeOf is about how many bytes a row takes as JSON.
func sizeOf(row []any) int {
	size := 0
	for _, v := range row {
		switch v := v.(type) {
		case string:
			size += len(v)
		case []byte:
			size += 2 * len(v)
		case []any, map[string]any:
			size += len(fmt.Sprint(v))
		default:
			size += 20
		}
	}
	return size
}

// first is what the engine's readers can do beyond Querier.
type first interface {
	First(ctx context.Context, query string, rows int) (engine.Rows, error)
}

// run waits for its turn, runs a query and hands over its rows, which use closes. Rows beyond rows are not wanted; 0 wants
// all.
func (c *Console) run(
	ctx context.Context, patience time.Duration, sql string, rows int,
	use func(context.Context, *snapshot.Reader, engine.Rows) error, elapsed *int64,
) error {
	if len(sql) > maxSQLBytes {
		return kind.Of(ErrRefused, &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("the query is longer than %d bytes", maxSQLBytes)})
	}
	if err := c.take(ctx); err != nil {
		return err
	}
	reader, err := c.snapshots.Acquire(ctx)
	if err != nil {
		<-c.slots
		return err
	}
	t := &turn{reader: reader, end: func() { reader.Close(); <-c.slots }}
	ctx, stop := context.WithTimeoutCause(ctx, patience, ErrTimeout)
	defer stop()
	started := time.Now()
	found, err := t.ask(ctx, sql, rows)
	if err == nil {
		err = use(ctx, reader, found)
	}
	if !t.abandoned {
		t.end()
	}
	if elapsed != nil {
		*elapsed = time.Since(started).Milliseconds()
	}
	if errors.Is(err, errEnough) {
		return nil
	}
	return c.explain(ctx, patience, err)
}

// turn is a query with the place that it takes.
type turn struct {
	reader    *snapshot.Reader
	end       func() // gives the place back
	abandoned bool   // the query goes on without us, and gives the place back itself
}

// stubborn is how long a query may take to end after it was told to. Planning, above all, hears nothing.
const stubborn = time.Second

// ask runs a query. One that does not end with ctx is left to itself: it keeps its place until it ends.
func (t *turn) ask(ctx context.Context, sql string, rows int) (engine.Rows, error) {
	type answer struct {
		rows engine.Rows
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		found, err := ask(ctx, t.reader.Database, sql, rows)
		answered <- answer{found, err}
	}()
	select {
	case a := <-answered:
		return a.rows, a.err
	case <-ctx.Done():
	}
	select {
	case a := <-answered:
		return a.rows, a.err
	case <-time.After(stubborn):
	}
	t.abandoned = true
	go func() {
		if a := <-answered; a.err == nil {
			_ = a.rows.Close() // nobody reads them
		}
		t.end()
	}()
	return nil, ctx.Err()
}

func ask(ctx context.Context, db snapshot.Database, sql string, rows int) (engine.Rows, error) {
	if reader, ok := db.(first); ok && rows > 0 {
		return reader.First(ctx, sql, rows)
	}
	return db.Query(ctx, sql)
}

// take waits for one of the slots.
func (c *Console) take(ctx context.Context) error {
	select {
	case c.slots <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(c.times.Wait)
	defer timer.Stop()
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return kind.Of(ErrBusy, &runner.Error{
			Code: runner.CodeUsage, Msg: fmt.Sprintf("%d queries are running, and no more may", atOnce), Hint: "try again when one has ended, or cancel one",
		})
	}
}

// explain says what went wrong to those who typed the query.
func (c *Console) explain(ctx context.Context, patience time.Duration, err error) error {
	var refused *engine.SQLError
	switch {
	case err == nil:
		return nil
	case errors.Is(context.Cause(ctx), ErrTimeout):
		return kind.Of(ErrTimeout, &runner.Error{
			Code: runner.CodeModel, Msg: fmt.Sprintf("the query took longer than %s and was stopped", patience),
			Hint: "ask for fewer days or clients, or use `elt query`, which has no such limit",
		})
	case errors.Is(err, engine.ErrRefused) && errors.As(err, &refused):
		return kind.Of(ErrRefused, &runner.Error{
			Code: runner.CodeUsage, Msg: refused.Msg, Hint: "one SELECT, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN of what is published",
		})
	default:
		return err
	}
}

//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/export"
)

// watching reads what is published, again and again, as dashboards do.
type watching struct {
	dir, scratch string
	stop         chan struct{}
	done         sync.WaitGroup

	// What follows belongs to the reading goroutine until it is done.
	whole    map[string]bool // by sha256: files that were found whole
	looks    []look
	problems []string
}

// look is what one reading found.
type look struct {
	published export.Published
	steady    bool              // published.json was the same before and after
	sums      map[string]string // sha256 by path; "missing" where there was no file
}

func watch(t *testing.T, dir string) *watching {
	w := &watching{dir: dir, scratch: t.TempDir(), stop: make(chan struct{}), whole: map[string]bool{}}
	w.done.Go(func() {
		for {
			select {
			case <-w.stop:
				return
			case <-time.After(time.Millisecond): // leaves the processor to the runs
				w.look(context.Background())
			}
		}
	})
	return w
}

func (w *watching) end() {
	close(w.stop)
	w.done.Wait()
}

func (w *watching) problem(format string, args ...any) {
	w.problems = append(w.problems, fmt.Sprintf(format, args...))
}

func (w *watching) look(ctx context.Context) {
	before, err := os.ReadFile(filepath.Join(w.dir, "published.json"))
	if err != nil {
		w.problem("published.json: %v", err)
		return
	}
	l := look{sums: map[string]string{}}
	if err := json.Unmarshal(before, &l.published); err != nil {
		w.problem("published.json: %v", err)
		return
	}
	for _, f := range l.published.Files {
		l.sums[f.Path] = w.read(ctx, f)
	}
	w.openSnapshot(ctx)
	after, err := os.ReadFile(filepath.Join(w.dir, "published.json"))
	l.steady = err == nil && bytes.Equal(before, after)
	w.looks = append(w.looks, l)
}

// read reads one file, checks that it is whole, and gives its checksum.
func (w *watching) read(ctx context.Context, f export.PublishedFile) string {
	text, err := os.ReadFile(filepath.Join(w.dir, f.Path))
	if err != nil {
		return "missing"
	}
	digest := sha256.Sum256(text)
	sum := hex.EncodeToString(digest[:])
	if w.whole[sum] || f.Format == "duckdb" {
		return sum
	}
	copied := filepath.Join(w.scratch, "copy-"+filepath.Base(f.Path))
	if err := os.WriteFile(copied, text, 0o644); err != nil {
		w.problem("%v", err)
		return sum
	}
	var rows int64
	switch f.Format {
	case "csv":
		records, e := csv.NewReader(bytes.NewReader(text)).ReadAll()
		rows, err = int64(len(records)-1), e
	case "parquet":
		rows, err = count(ctx, duckdb.Config{Threads: 1}, "select count(*) from read_parquet("+runner.Literal(copied)+")")
	case "sqlite":
		rows, err = w.readSQLite(copied)
	}
	switch {
	case err != nil:
		w.problem("%s is not whole: %v", f.Path, err)
	case sum == f.SHA256 && rows != f.Rows:
		w.problem("%s has %d rows, published with %d", f.Path, rows, f.Rows)
	default:
		w.whole[sum] = true
	}
	return sum
}

func (w *watching) readSQLite(path string) (rows int64, err error) {
	found, err := querySQLite(path, "pragma integrity_check")
	if err != nil || found[0][0] != "ok" {
		return 0, fmt.Errorf("integrity check: %v %w", found, err)
	}
	tables, err := querySQLite(path, "select name from sqlite_master where type = 'table'")
	if err != nil {
		return 0, err
	}
	for _, table := range tables {
		var n int64
		found, err := querySQLite(path, "select count(*) from "+runner.Quote(table[0]))
		if err != nil {
			return 0, err
		}
		if _, err := fmt.Sscan(found[0][0], &n); err != nil {
			return 0, err
		}
		rows += n
	}
	return rows, nil
}

// openSnapshot opens the snapshot behind the link, as `elt query` does, and asks each of its views.
func (w *watching) openSnapshot(ctx context.Context) {
	target, err := filepath.EvalSymlinks(filepath.Join(w.dir, "processed", "shop.duckdb"))
	if err != nil {
		w.problem("snapshot: %v", err)
		return
	}
	if w.whole[target] {
		return
	}
	err = askEveryView(ctx, target)
	if again, e := filepath.EvalSymlinks(filepath.Join(w.dir, "processed", "shop.duckdb")); err != nil && (e != nil || again == target) {
		w.problem("snapshot %s: %v", filepath.Base(target), err)
		return
	}
	w.whole[target] = err == nil
}

func askEveryView(ctx context.Context, path string) error {
	db, err := duckdb.Open(ctx, duckdb.Config{Path: path, ReadOnly: true, Threads: 1})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it was only read
	for _, name := range []string{"raw.orders", "raw._rejects", "staging.stg_orders", "marts.sales_by_country", "marts.sales_by_customer"} {
		if _, err := engine.One(ctx, db, "select count(*) from "+name); err != nil {
			return err
		}
	}
	return nil
}

func count(ctx context.Context, c duckdb.Config, query string) (int64, error) {
	db, err := duckdb.Open(ctx, c)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }() // it was only read
	row, err := engine.One(ctx, db, query)
	if err != nil {
		return 0, err
	}
	n, _ := row[0].(int64)
	return n, nil
}

// check holds every look against the releases that there were: while published.json stands, each file it names is its own
// or already that of the next release, and none is missing.
func (w *watching) check(t *testing.T, releases []export.Published) {
	t.Helper()
	require.Empty(t, w.problems)
	next := map[string]map[string]string{} // by run: the files of the release after it
	for i, r := range releases[:len(releases)-1] {
		next[r.RunID] = map[string]string{}
		for _, f := range releases[i+1].Files {
			next[r.RunID][f.Path] = f.SHA256
		}
	}
	steady, mixed := 0, 0
	for _, l := range w.looks {
		if !l.steady {
			continue
		}
		steady++
		other := 0
		for _, f := range l.published.Files {
			if sum := l.sums[f.Path]; sum != f.SHA256 {
				other++
				require.Equal(t, next[l.published.RunID][f.Path], sum, "%s is neither of run %s nor of the one after it", f.Path, l.published.RunID)
			}
		}
		if other > 0 {
			mixed++
		}
	}
	t.Logf("%d looks, %d of them without a publish in between, %d of these at files of two releases", len(w.looks), steady, mixed)
	require.NotZero(t, steady)
}

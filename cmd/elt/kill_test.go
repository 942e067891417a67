//go:build linux

package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/export"
)

// TestKill kills runs at random moments, while a reader looks at what is published all the time. Whatever is killed
// whenever, each published file is whole and of the release before or the one after, and the next run ends as if nothing
// had happened. ELT_KILLS says how many runs are killed, ELT_SEED which moments and inputs are drawn.
func TestKill(t *testing.T) {
	t.Parallel()
	k := &killing{
		t: t, dir: newShop(t), calm: newShop(t), seed: number(t, "ELT_SEED", uint64(time.Now().UnixNano())),
	}
	t.Logf("ELT_SEED=%d", k.seed)
	k.rng = rand.New(rand.NewPCG(k.seed, 1))
	var releases []export.Published
	k.change(0)
	k.toEnd(k.dir, "run")
	took := k.toEnd(k.calm, "run")
	releases = append(releases, k.published(k.dir))

	watching := watch(t, filepath.Join(k.dir, "data"))
	var when []string
	for i := range number(t, "ELT_KILLS", 8) {
		k.change(int(i) + 1)
		when = append(when, k.runAndKill(i, took))
		if k.rng.IntN(3) == 0 { // whoever completes what was cut off may be cut off, too
			when = append(when, k.runAndKill(uint64(k.rng.IntN(4)), took))
		}
		k.toEnd(k.dir, "load")
		k.whole() // whichever command comes next completes what was cut off
		k.toEnd(k.dir, "run")
		took = k.toEnd(k.calm, "run")
		releases = append(releases, k.check())
	}
	t.Logf("killed: %s", strings.Join(when, ", "))
	watching.end()
	watching.check(t, releases)
}

// TestInterrupt stops runs at random moments by Ctrl-C and SIGTERM. What has not been published by then is not, and nothing
// is left behind; once the publish has begun, it goes through to its end.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	k := &killing{t: t, dir: newShop(t), calm: newShop(t), seed: number(t, "ELT_SEED", uint64(time.Now().UnixNano()))}
	t.Logf("ELT_SEED=%d", k.seed)
	k.rng = rand.New(rand.NewPCG(k.seed, 3))
	k.change(0)
	k.toEnd(k.dir, "run")
	took := k.toEnd(k.calm, "run")
	ended := map[string]int{}
	for i := range number(t, "ELT_KILLS", 8) {
		k.change(int(i) + 1)
		before := k.published(k.dir)
		how, told := k.runAndInterrupt(i, took)
		ended[how]++
		after := k.whole()
		if how != "not listening" {
			require.Equal(t, how == "done", before.RunID != after.RunID, "%s\n%s", how, told)
		}
	}
	t.Log(ended)
	k.toEnd(k.dir, "run")
	k.toEnd(k.calm, "run")
	k.check()
}

// number is a number from the environment.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err)
	return n
}

func newShop(t *testing.T) string {
	dir := t.TempDir()
	require.NoError(t, copyTree("testdata/shop", dir))
	return dir
}

// killing is a project whose runs are killed, beside one with the same input whose runs are not.
type killing struct {
	t         *testing.T
	dir, calm string
	seed      uint64
	rng       *rand.Rand
}

// change gives both projects other input: other orders, and a model that comes and goes.
func (k *killing) change(i int) {
	var orders, customers strings.Builder
	orders.WriteString("id,customer_id,country,amount\n")
	customers.WriteString("id,name\n")
	for n := range 500 + k.rng.IntN(500) {
		fmt.Fprintf(&orders, "%d,C%d,%s,%d.%02d\n", n, k.rng.IntN(200), []string{"DE", "FR"}[k.rng.IntN(2)], k.rng.IntN(1000), k.rng.IntN(100))
	}
	for n := range 200 + k.rng.IntN(10) {
		fmt.Fprintf(&customers, "C%d,Customer %d of input %d\n", n, n, i)
	}
	for _, dir := range []string{k.dir, k.calm} {
		k.write(dir, "data/raw/orders.csv", orders.String())
		k.write(dir, "data/raw/customers.csv", customers.String())
		extra := filepath.Join(dir, "models/marts/extra.sql")
		if i%3 == 1 {
			require.NoError(k.t, os.WriteFile(extra, []byte("select id, amount from {{ ref('stg_orders') }}"), 0o644))
		} else {
			require.NoError(k.t, os.RemoveAll(extra))
		}
	}
}

func (k *killing) write(dir, name, text string) {
	require.NoError(k.t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
}

func (k *killing) command(dir, name string, out *bytes.Buffer) *exec.Cmd {
	c := exec.Command("elt", name)
	c.Dir, c.Stdout, c.Stderr = dir, out, out
	return c
}

func (k *killing) toEnd(dir, name string) time.Duration {
	var out bytes.Buffer
	began := time.Now()
	require.NoError(k.t, k.command(dir, name, &out).Run(), "%s", &out)
	return time.Since(began)
}

// moment draws when to stop a run.
func (k *killing) moment(i uint64, took time.Duration) *moment {
	n := 1 + k.rng.IntN(7)
	switch i % 4 {
	case 1:
		return &moment{name: fmt.Sprintf("%d files written", n), temporary: n}
	case 3:
		return &moment{name: fmt.Sprintf("%d files renamed", n), renamed: n}
	default:
		after := time.Duration(k.rng.Int64N(int64(took)))
		return &moment{name: after.Round(time.Millisecond).String(), after: after}
	}
}

// runAndKill starts a run and kills it: at any time of its length, or as soon as some files of the publish were written
// under their temporary names, or renamed. It tells when.
func (k *killing) runAndKill(i uint64, took time.Duration) string {
	var out bytes.Buffer
	c := k.command(k.dir, "run", &out)
	moment := k.moment(i, took)
	seen, stop := moment.prepare(k.t, filepath.Join(k.dir, "data"))
	defer stop()
	require.NoError(k.t, c.Start())
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err := <-ended: // it was faster
		require.NoError(k.t, err, "%s", &out)
		return moment.name + " (over before)"
	case <-seen:
		_ = c.Process.Kill() // it may have ended by now
		if err := <-ended; err == nil {
			return moment.name + " (over before)"
		}
		return moment.name
	}
}

// runAndInterrupt starts a run and interrupts it as runAndKill does. It gives how the run ended and
// what it said.
func (k *killing) runAndInterrupt(i uint64, took time.Duration) (how, told string) {
	var out bytes.Buffer
	c := k.command(k.dir, "run", &out)
	moment := k.moment(i, took)
	seen, stop := moment.prepare(k.t, filepath.Join(k.dir, "data"))
	defer stop()
	require.NoError(k.t, c.Start())
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-seen:
		_ = c.Process.Signal([]os.Signal{os.Interrupt, syscall.SIGTERM}[k.rng.IntN(2)]) // it may have ended by now
		err = <-ended
	}
	switch c.ProcessState.ExitCode() {
	case 0:
		return "done", out.String()
	case 130:
		require.Contains(k.t, out.String(), "interrupted")
		return "stopped", out.String()
	case -1: // the signal came before the program listened for it, or when it was about to end
		return "not listening", out.String()
	}
	require.NoError(k.t, err, "%s", &out)
	return "", ""
}

// check holds what stands after a killed run and one that was not against the project where none was killed.
func (k *killing) check() export.Published {
	k.t.Helper()
	got := k.whole()
	require.Equal(k.t, contents(k.published(k.calm)), contents(got))
	return got
}

// whole checks that what stands is one release, all of it, with nothing left over.
func (k *killing) whole() export.Published {
	k.t.Helper()
	p := k.published(k.dir)
	mismatches, err := export.Verify(k.t.Context(), filepath.Join(k.dir, "data"), p)
	require.NoError(k.t, err)
	require.Empty(k.t, mismatches)
	k.noLeftovers()
	k.viewsAnswer(p)
	return p
}

// contents are the files of a release that have the same bytes whoever writes them: all but snapshots.
func contents(p export.Published) map[string]export.PublishedFile {
	files := map[string]export.PublishedFile{}
	for _, f := range p.Files {
		if f.Format != "duckdb" {
			files[f.Path] = f
		}
	}
	return files
}

func (k *killing) published(dir string) export.Published {
	p, err := export.ReadPublished(filepath.Join(dir, "data", "published.json"))
	require.NoError(k.t, err)
	return p
}

// noLeftovers checks that there is nothing but what is published, the input and what elt keeps.
func (k *killing) noLeftovers() {
	lines, err := describeOutputs(filepath.Join(k.dir, "data"))
	require.NoError(k.t, err)
	for _, line := range lines {
		require.NotContains(k.t, line, "tmp", "a temporary file is left")
	}
	require.NoDirExists(k.t, filepath.Join(k.dir, "data", ".tmp"))
}

// viewsAnswer checks that the public views of the warehouse show what was exported.
func (k *killing) viewsAnswer(p export.Published) {
	ctx := k.t.Context()
	db, err := duckdb.Open(ctx, duckdb.Config{Path: filepath.Join(k.dir, "data/warehouse.duckdb"), ReadOnly: true, Threads: 1})
	require.NoError(k.t, err)
	defer func() { require.NoError(k.t, db.Close()) }()
	for _, f := range p.Files {
		if f.Format != "csv" {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(f.Path), ".csv")
		row, err := engine.One(ctx, db, "select count(*) from marts."+name)
		require.NoError(k.t, err)
		require.Equal(k.t, f.Rows, row[0], name)
	}
	extra, err := engine.One(ctx, db, "select count(*) from duckdb_views() where view_name = 'extra'")
	require.NoError(k.t, err)
	require.Equal(k.t, strings.Contains(fmt.Sprint(p.Files), "extra.csv"), extra[0] == int64(1), "the view of a model that comes and goes")
}

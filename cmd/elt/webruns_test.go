package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/journal"
	"elt/runner/web/runs"
)

// house is a small project with a manager of its runs, which are processes of this very binary.
type house struct {
	*runs.Manager
	t      *testing.T
	dir    string
	told   *notes
	config runs.Config
}

// slowModel takes longer than any test waits.
const slowModel = `select count(*) as n
from range(10000000) as a (x)
cross join range(10000000) as b (y)
where (a.x * b.y) % 7 = 3
`

func newHouse(t *testing.T) *house {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, copyTree("testdata/shop", dir))
	program, err := exec.LookPath("elt")
	require.NoError(t, err)
	h := &house{t: t, dir: dir, told: &notes{}}
	home := runs.Home{Project: "shop", Target: "dev", State: filepath.Join(dir, "data/state.db"), Journals: filepath.Join(dir, "data/runs")}
	h.config = runs.Config{
		Program: program, Dir: dir, Home: func() runs.Home { return home }, Version: "test", Grace: 3 * time.Second, Live: h.told, Clock: time.Now, Log: zerolog.Nop(),
	}
	h.Manager = runs.New(h.config)
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	require.NoError(t, os.MkdirAll(h.config.Home().Journals, 0o755))
	wait.Go(func() { _ = h.Feed(ctx, nil) })
	t.Cleanup(func() {
		stop, done := context.WithCancel(context.Background())
		done()
		h.Close(stop)
		cancel()
		wait.Wait()
	})
	return h
}

func (h *house) write(path, text string) {
	h.t.Helper()
	require.NoError(h.t, os.WriteFile(filepath.Join(h.dir, path), []byte(text), 0o644))
}

func (h *house) start(r runs.Request) string {
	h.t.Helper()
	id, err := h.Start(r)
	require.NoError(h.t, err)
	return id
}

func (h *house) ended(id string) runs.Detail {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	require.NoError(h.t, h.Wait(ctx, id))
	d, err := h.Get(h.t.Context(), id)
	require.NoError(h.t, err)
	return d
}

// until waits for a run to come to a point.
func (h *house) until(id string, there func(runs.Detail) bool) runs.Detail {
	h.t.Helper()
	var d runs.Detail
	require.Eventually(h.t, func() bool {
		var err error
		d, err = h.Get(h.t.Context(), id)
		return err == nil && there(d)
	}, patience, 5*time.Millisecond)
	return d
}

func building(d runs.Detail) bool {
	return slices.ContainsFunc(d.Nodes, func(n runs.Node) bool { return n.ID == "model.shop.slow" && n.Status == runs.NodeRunning })
}

func nodeOf(d runs.Detail, id string) runs.Node {
	i := slices.IndexFunc(d.Nodes, func(n runs.Node) bool { return n.ID == id })
	if i < 0 {
		return runs.Node{}
	}
	return d.Nodes[i]
}

// notes are what a Feed tells.
type notes struct {
	mu  sync.Mutex // guards all
	all []string
}

func (n *notes) Publish(kind, run string, data any) {
	text, err := json.Marshal(data)
	if err != nil {
		text = []byte(err.Error())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, fmt.Sprintf("%s %s %s", kind, run, text))
}

func (n *notes) has(parts ...string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.all, func(note string) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(note, part) })
	})
}

func TestARunOfTheServerIsAProcessThatLeavesEverything(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.start(runs.Request{Trigger: "web", Select: []string{"+sales_by_country"}})
	d := h.ended(id)
	require.Equal(t, journal.Success, d.Status)
	require.Equal(t, []string{"web", "elt run", "dev"}, []string{d.Trigger, d.Command, d.Target})
	require.True(t, d.Published)
	require.Contains(t, d.Changed, "data/reports/sales_by_country.csv")
	n := nodeOf(d, "model.shop.sales_by_country")
	require.Equal(t, runner.StatusSuccess, n.Status)
	require.EqualValues(t, 2, *n.Rows)
	require.Contains(t, n.SQL, `from "staging"."stg_orders" as orders`)
	require.Equal(t, []string{"model.shop.stg_orders", "seed.shop.countries"}, n.Upstream)
	require.Equal(t, runner.StatusPass, nodeOf(d, "test.shop.not_null_stg_orders_id").Status)
	require.NotEmpty(t, d.CriticalPath)
	require.Empty(t, nodeOf(d, "model.shop.sales_by_customer").ID)

	log, err := h.Log(id, runs.LogFilter{Text: "SALES_BY_COUNTRY", Limit: 100})
	require.NoError(t, err)
	require.Contains(t, log.Lines[0].Text, "success marts.sales_by_country: 2 rows")
	require.True(t, log.Ended)
	log, err = h.Log(id, runs.LogFilter{After: log.Last - 1, Limit: 100})
	require.NoError(t, err)
	require.Len(t, log.Lines, 1)
	require.Contains(t, log.Lines[0].Text, "end: success")
	log, err = h.Log(id, runs.LogFilter{Level: "debug", After: 1, Limit: 2})
	require.NoError(t, err)
	require.Equal(t, []any{2, 3, false}, []any{len(log.Lines), log.Last, log.Ended})
	log, err = h.Log(id, runs.LogFilter{Level: "debug", Limit: 2})
	require.NoError(t, err)
	require.True(t, log.Ended)
	require.Contains(t, log.Lines[1].Text, "end: success")

	require.Eventually(t, func() bool { return h.told.has("run "+id, `"status":"success"`, `"published":true`) }, patience, 5*time.Millisecond)
	require.True(t, h.told.has("node "+id, `"id":"model.shop.sales_by_country"`, `"status":"running"`))
	require.True(t, h.told.has("node "+id, `"id":"model.shop.sales_by_country"`, `"status":"success"`, `"rows":2`))
	require.True(t, h.told.has("log "+id, "success marts.sales_by_country"))
	require.Eventually(t, func() bool { return !h.Busy() }, patience, 5*time.Millisecond)

	again, err := h.Retry(t.Context(), id, "all")
	require.NoError(t, err)
	d = h.ended(again)
	require.Equal(t, []any{journal.Success, "retry:" + id, false}, []any{d.Status, d.Trigger, d.Published})
	require.Contains(t, d.Args, "--select=+sales_by_country")
	list, err := h.List(t.Context(), "", 10)
	require.NoError(t, err)
	require.Equal(t, []string{again, id}, []string{list[0].ID, list[1].ID})
	list, err = h.List(t.Context(), again, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	_, err = h.Get(t.Context(), "20240101T000000Z-000000")
	require.ErrorIs(t, err, runs.ErrNotFound)
	_, err = h.Get(t.Context(), "../../project")
	require.ErrorIs(t, err, runs.ErrNotFound)
}

func TestRunsWaitForEachOtherAndAreCancelled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write("models/marts/slow.sql", slowModel)
	first := h.start(runs.Request{Trigger: "web"})
	second := h.start(runs.Request{Trigger: "schedule:nightly"})
	third := h.start(runs.Request{Trigger: "web"})
	require.True(t, h.Busy())
	require.True(t, h.Waits("schedule:nightly"))
	require.Equal(t, runs.Queued, h.until(second, func(runs.Detail) bool { return true }).Status)
	list, err := h.List(t.Context(), "", 10)
	require.NoError(t, err)
	require.Equal(t, []string{third, second, first}, []string{list[0].ID, list[1].ID, list[2].ID})
	require.True(t, h.told.has("run "+second, `"status":"queued"`))

	require.NoError(t, h.Cancel(second)) // it never began
	require.Equal(t, journal.Interrupted, h.ended(second).Status)
	require.False(t, h.Waits("schedule:nightly"))

	h.until(first, building)
	require.NoError(t, h.Cancel(first))
	require.NoError(t, h.Cancel(first), "asking twice does no harm")
	d := h.ended(first)
	require.Equal(t, journal.Interrupted, d.Status)
	require.Equal(t, runner.StatusError, nodeOf(d, "model.shop.slow").Status)
	require.ErrorIs(t, h.Cancel(first), runs.ErrOver)

	// The next one began by itself. It does not listen, so it is killed.
	h.until(third, building)
	events, err := journal.Read(h.config.Home().Journals, third)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(events[0].Run.PID, syscall.SIGSTOP))
	require.NoError(t, h.Cancel(third))
	d = h.ended(third)
	require.Equal(t, journal.Interrupted, d.Status)
	require.Contains(t, d.Error.Msg, "stopped before it came to its end")
	require.ErrorIs(t, h.Cancel("20240101T000000Z-000000"), runs.ErrNotFound)
}

func TestARunThatIsKilledIsACrash(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write("models/marts/slow.sql", slowModel)
	id := h.start(runs.Request{Trigger: "web"})
	h.until(id, building)
	events, err := journal.Read(h.config.Home().Journals, id)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(events[0].Run.PID, syscall.SIGKILL))
	d := h.ended(id)
	require.Equal(t, journal.Crashed, d.Status)
	require.Equal(t, runner.StatusError, nodeOf(d, "model.shop.slow").Status)
	require.Eventually(t, func() bool { return h.told.has("run "+id, `"status":"crashed"`) }, patience, 5*time.Millisecond)

	// So is one of the command line, which nobody waits for.
	cmd := exec.Command("elt", "run", "--project-dir", h.dir, "--run-id", "20990101T000000Z-000001", "-q")
	require.NoError(t, cmd.Start())
	h.until("20990101T000000Z-000001", building)
	require.Eventually(t, h.Busy, patience, 5*time.Millisecond)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // killed
	d, err = h.Get(t.Context(), "20990101T000000Z-000001")
	require.NoError(t, err)
	require.Equal(t, []any{journal.Crashed, "cli"}, []any{d.Status, d.Trigger})
	require.Eventually(t, func() bool { return !h.Busy() }, patience, 5*time.Millisecond)
}

func TestARunOfTheCommandLineIsSeenAndStopped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write("models/marts/slow.sql", slowModel)
	id := "20990101T000000Z-000001"
	cmd := exec.Command("elt", "run", "--project-dir", h.dir, "--run-id", id, "-q")
	require.NoError(t, cmd.Start())
	h.until(id, building)
	waiting := h.start(runs.Request{Trigger: "web", Select: []string{"stg_orders"}})
	require.Eventually(t, func() bool { return h.told.has("log "+waiting, "another run is writing") }, patience, 5*time.Millisecond)
	require.NoError(t, h.Cancel(id))
	require.Error(t, cmd.Wait())
	require.Equal(t, 130, cmd.ProcessState.ExitCode())
	require.Equal(t, journal.Success, h.ended(waiting).Status)
}

func TestAProjectThatDoesNotLoadIsARunThatFailed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write("project.yaml", "name: shop\nmodells: {}\n")
	d := h.ended(h.start(runs.Request{Trigger: "web"}))
	require.Equal(t, journal.Failed, d.Status)
	require.Contains(t, d.Error.Msg, `project.yaml:2:1: project.yaml has no key "modells"`)
	require.Contains(t, d.Error.Hint, `did you mean "models"?`)
	list, err := h.List(t.Context(), "", 10)
	require.NoError(t, err)
	require.Equal(t, journal.Failed, list[0].Status)
}

func TestWhatFailedIsRunAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write("models/marts/broken.sql", "select nothing from {{ ref('sales_by_country') }}\n")
	h.write("models/marts/below.sql", "select * from {{ ref('broken') }}\n")
	id := h.start(runs.Request{Trigger: "web"})
	d := h.ended(id)
	require.Equal(t, journal.Failed, d.Status)
	require.Equal(t, "model.shop.broken", d.FirstFailure)
	require.True(t, d.CanRetry)
	n := nodeOf(d, "model.shop.broken")
	require.Equal(t, []any{"models/marts/broken.sql", 1, 8}, []any{n.Error.File, n.Error.Line, n.Error.Col})
	require.Contains(t, n.Error.Excerpt, "select nothing from")
	require.Equal(t, runner.StatusSkipped, nodeOf(d, "model.shop.below").Status)

	h.write("models/marts/broken.sql", "select country from {{ ref('sales_by_country') }}\n")
	again, err := h.Retry(t.Context(), id, "failed")
	require.NoError(t, err)
	d = h.ended(again)
	require.Equal(t, journal.Success, d.Status)
	require.Equal(t, []any{"elt retry", "retry:" + id}, []any{d.Command, d.Trigger})
	require.Equal(t, runner.StatusSuccess, nodeOf(d, "model.shop.below").Status)
	_, err = h.Retry(t.Context(), id, "failed")
	require.ErrorIs(t, err, runs.ErrNotLast)
	_, err = h.Retry(t.Context(), again, "failed")
	require.ErrorIs(t, err, runs.ErrNoRetry)
}

func TestAServerThatStopsLetsItsRunEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.start(runs.Request{Trigger: "web"})
	waiting := h.start(runs.Request{Trigger: "web"})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	h.Close(ctx)
	require.Equal(t, journal.Success, h.ended(id).Status)
	require.Equal(t, journal.Interrupted, h.ended(waiting).Status)
	_, err := h.Start(runs.Request{})
	require.ErrorIs(t, err, runs.ErrClosed)

	h = newHouse(t)
	h.write("models/marts/slow.sql", slowModel)
	id = h.start(runs.Request{Trigger: "web"})
	h.until(id, building)
	ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	h.Close(ctx)
	require.Equal(t, journal.Interrupted, h.ended(id).Status)
}

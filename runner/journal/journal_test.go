package journal_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/journal"
)

func noon() time.Time { return time.Date(2024, 12, 1, 12, 0, 0, 0, time.UTC) }

func TestARunIsReadAsItWasTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs")
	w := journal.New(noon)
	log := zerolog.New(os.Stderr).Level(zerolog.InfoLevel).Hook(w.Hook())
	w.Observe(runner.Event{Stage: "load project"}, nil, nil) // before there is a file
	_, err := journal.Read(dir, "r1")
	require.ErrorIs(t, err, fs.ErrNotExist)

	w.Open(dir, journal.Run{ID: "r1", Command: "elt run", Started: noon()})
	public := runner.Relation{Schema: "marts", Name: "sales"}
	d := runner.Decision{ID: "model.shop.sales", Kind: runner.KindModel, Name: "sales", Action: runner.ActionBuild, Public: public}
	w.Observe(runner.Event{Planned: &runner.Plan{Decisions: []runner.Decision{d}}}, nil, nil)
	w.Observe(runner.Event{Started: &d}, func(id string) string { return "select '" + id + "'" }, nil)
	w.Observe(runner.Event{Finished: &runner.NodeResult{
		ID: d.ID, Kind: d.Kind, Name: "marts.sales", Status: runner.StatusError, Rows: -1, Started: noon(), Elapsed: 1500 * time.Millisecond,
		Err: &runner.Error{Code: runner.CodeModel, Pos: runner.Position{File: "models/sales.sql", Line: 3, Col: 7}, Msg: "build: no", Hint: "do"},
	}}, nil, nil)
	log.Warn().Msg("mind this")
	log.Debug().Msg("not this")
	w.Add(journal.Event{Ended: &journal.End{Status: journal.Failed, Seconds: 2}})
	require.NoError(t, w.Close())
	w.Add(journal.Event{Stage: "after the end"})

	events, err := journal.Read(dir, "r1")
	require.NoError(t, err)
	at := noon()
	require.Equal(t, []journal.Event{
		{At: at, Run: &journal.Run{ID: "r1", Command: "elt run", Started: at}},
		{At: at, Stage: "load project"},
		{At: at, Planned: []journal.Planned{{ID: d.ID, Kind: d.Kind, Name: "marts.sales", Action: runner.ActionBuild}}},
		{At: at, Started: &journal.Started{ID: d.ID, Kind: d.Kind, Name: "marts.sales", SQL: "select 'model.shop.sales'"}},
		{At: at, Finished: &journal.Node{
			ID: d.ID, Kind: d.Kind, Name: "marts.sales", Status: runner.StatusError, Rows: -1, Started: at, Seconds: 1.5,
			Error: &runner.Problem{Code: runner.CodeModel, File: "models/sales.sql", Line: 3, Col: 7, Msg: "build: no", Hint: "do"},
		}},
		{At: at, Log: &journal.Log{Level: "warn", Message: "mind this"}},
		{At: at, Ended: &journal.End{Status: journal.Failed, Seconds: 2}},
	}, events)
}

func TestAJournalIsReadUpToItsLastWholeLine(t *testing.T) {
	dir := t.TempDir()
	whole := `{"at":"2024-12-01T12:00:00Z","run":{"id":"r1","started":"2024-12-01T12:00:00Z"}}` + "\n" +
		`{"at":"2024-12-01T12:00:03Z","stage":"build"}` + "\n"
	next := `{"at":"2024-12-01T12:00:09Z","stage":"publish"}`
	for cut := range len(next) + 1 {
		require.NoError(t, os.WriteFile(journal.Path(dir, "r1"), []byte(whole+next[:cut]), 0o644))
		events, err := journal.Read(dir, "r1")
		require.NoError(t, err)
		require.Len(t, events, 3)
		require.Equal(t, "build", events[1].Stage)
		// Nobody holds its lock: the process that wrote it is gone.
		require.Equal(t, &journal.End{Status: journal.Crashed, Seconds: 3}, events[2].Ended)
	}
}

func TestATailGoesOnWhereItStopped(t *testing.T) {
	dir := t.TempDir()
	w := journal.New(noon)
	w.Open(dir, journal.Run{ID: "r1"})
	tail := journal.NewTail(dir, "r1")
	events, err := tail.Next()
	require.NoError(t, err)
	require.Len(t, events, 1)
	w.Add(journal.Event{Stage: "a"})
	w.Add(journal.Event{Stage: "b"})
	events, err = tail.Next()
	require.NoError(t, err)
	require.Len(t, events, 2)
	require.Equal(t, 3, tail.Lines)
	events, err = tail.Next()
	require.NoError(t, err)
	require.Empty(t, events)
	events, err = journal.Read(dir, "r1")
	require.NoError(t, err)
	require.Len(t, events, 3, "a run that goes on has no end")
	require.NoError(t, w.Close())
}

func TestIDsAreNamesOfFilesOnly(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret.jsonl"), []byte("{}\n"), 0o644))
	for _, id := range []string{"", ".", "..", "../secret", "a/../secret", `..\secret`, "/etc/passwd"} {
		_, err := journal.Read(filepath.Join(dir, "runs"), id)
		require.ErrorIs(t, err, fs.ErrNotExist, id)
	}
}

func TestAWriterThatCannotWriteTellsSoAtItsEnd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs")
	require.NoError(t, os.WriteFile(dir, nil, 0o644))
	w := journal.New(noon)
	w.Add(journal.Event{Stage: "a"})
	w.Open(dir, journal.Run{ID: "r1"})
	w.Add(journal.Event{Stage: "b"})
	require.ErrorContains(t, w.Close(), "write the journal of the run")
	require.NoError(t, w.Close())
}

func TestPruneKeepsTheNewestAndThoseThatGoOn(t *testing.T) {
	dir := t.TempDir()
	open := journal.New(noon)
	open.Open(dir, journal.Run{ID: "1"})
	for _, id := range []string{"2", "3", "4"} {
		require.NoError(t, os.WriteFile(journal.Path(dir, id), []byte("{}\n"), 0o644))
	}
	require.NoError(t, journal.Prune(dir, 2))
	ids, err := journal.IDs(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"4", "3", "1"}, ids)
	require.NoError(t, open.Close())
	require.NoError(t, journal.Prune(dir, 2))
	ids, err = journal.IDs(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"4", "3"}, ids)
}

func TestFollowTellsOfEveryRunFromNowOn(t *testing.T) {
	dir := t.TempDir()
	old := journal.New(noon)
	old.Open(dir, journal.Run{ID: "old"})
	old.Add(journal.Event{Ended: &journal.End{Status: journal.Success}})
	require.NoError(t, old.Close())
	open := journal.New(noon)
	open.Open(dir, journal.Run{ID: "open"})

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	entries := make(chan journal.Entry, 100)
	done := make(chan error, 1)
	go func() { done <- journal.Follow(ctx, dir, func(e journal.Entry) { entries <- e }) }()
	next := func() string {
		select {
		case e := <-entries:
			text := e.RunID + " " + string(rune('0'+e.Line)) + " " + e.Stage
			if e.Ended != nil {
				text += string(e.Ended.Status)
			}
			return strings.TrimSpace(text)
		case <-ctx.Done():
			return "nothing came"
		}
	}
	time.Sleep(50 * time.Millisecond) // for it to see what is there
	open.Add(journal.Event{Stage: "build"})
	require.Equal(t, "open 2 build", next())
	w := journal.New(noon)
	w.Open(dir, journal.Run{ID: "new"})
	require.Equal(t, "new 1", next())
	w.Add(journal.Event{Stage: "a"})
	require.Equal(t, "new 2 a", next())
	w.Add(journal.Event{Ended: &journal.End{Status: journal.Success}})
	require.NoError(t, w.Close())
	require.Equal(t, "new 3 success", next())
	require.NoError(t, open.Close()) // as the end of its process would
	require.Equal(t, "open 3 crashed", next())
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.Empty(t, entries)
}

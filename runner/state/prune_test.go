package state_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/state"
)

func TestPruneKeepsWhatDecidesLaterRuns(t *testing.T) {
	ctx := t.Context()
	now := noon()
	s, err := state.Open(ctx, filepath.Join(t.TempDir(), "state.db"), func() time.Time { return now })
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close()) }()
	dev, prod := s.In("dev"), s.In("prod")

	_, err = s.BeginRun(ctx, state.Run{ID: "prod1", Target: "prod"})
	require.NoError(t, err)
	_, err = prod.BeginPublish(ctx, "prod0", json.RawMessage(`{}`)) // pending, of a run long forgotten
	require.NoError(t, err)
	for i := range 5 {
		now = now.Add(time.Hour)
		id, version := fmt.Sprint("r", i), fmt.Sprint("v", i)
		_, err := s.BeginRun(ctx, state.Run{ID: id, Target: "dev"})
		require.NoError(t, err)
		require.NoError(t, s.SaveResults(ctx, id, []state.NodeRecord{{NodeResult: runner.NodeResult{ID: "a"}}}))
		require.NoError(t, dev.SaveVerdicts(ctx, state.Verdict{VerdictKey: state.VerdictKey{TestID: "t", Fingerprint: version}, RunID: id}))
		require.NoError(t, dev.SaveLoads(ctx, state.LoadFile{SourceID: "s", Fingerprint: version, Path: "a.csv", RunID: id}))
		require.NoError(t, s.SaveForms(ctx, state.Form{Key: version}))
		intent, err := dev.BeginPublish(ctx, id, json.RawMessage(`{}`))
		require.NoError(t, err)
		_, err = dev.FinishPublish(ctx, intent.ID, state.Publish{RunID: id, Nodes: []state.PublishedNode{node("a", version)}}, nil)
		require.NoError(t, err)
		require.NoError(t, s.FinishRun(ctx, id, state.RunEnd{Status: state.RunSuccess}))
	}
	require.NoError(t, dev.SaveVerdicts(ctx, state.Verdict{VerdictKey: state.VerdictKey{TestID: "old", Fingerprint: "v0"}, RunID: "r0"}))
	require.NoError(t, dev.SaveRelations(ctx, relation("s", "v0")))

	forgotten, err := s.Prune(ctx, 2)
	require.NoError(t, err)
	assert.Equal(t, int64(3), forgotten)

	runs, err := s.Runs(ctx, 10)
	require.NoError(t, err)
	var ids []string
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	assert.Equal(t, []string{"r4", "r3", "prod1"}, ids)
	for id, want := range map[string]int{"r2": 0, "r3": 1} {
		results, err := s.Results(ctx, id)
		require.NoError(t, err)
		assert.Len(t, results, want)
	}
	publishes, err := dev.Publishes(ctx, 10)
	require.NoError(t, err)
	assert.Len(t, publishes, 2)
	assert.Equal(t, "r4", publishes[0].RunID)
	_, pending, err := prod.PendingPublish(ctx)
	require.NoError(t, err)
	assert.True(t, pending)
	verdicts, err := dev.Verdicts(ctx, state.VerdictKey{TestID: "t", Fingerprint: "v2"},
		state.VerdictKey{TestID: "t", Fingerprint: "v3"}, state.VerdictKey{TestID: "old", Fingerprint: "v0"})
	require.NoError(t, err)
	assert.Len(t, verdicts, 2, "of an old run only the last verdict of a test")
	loads, err := dev.Loads(ctx, "v0", "v1", "v2", "v3", "v4")
	require.NoError(t, err)
	assert.Len(t, loads, 3, "of old runs only what a relation still holds")
	assert.Contains(t, loads, "v0")

	now = now.Add(89 * 24 * time.Hour)
	_, err = s.Prune(ctx, 0)
	require.NoError(t, err)
	forms, err := s.Forms(ctx, "v0", "v4")
	require.NoError(t, err)
	assert.Len(t, forms, 2)
	now = now.Add(24*time.Hour + 30*time.Minute)
	_, err = s.Prune(ctx, 0)
	require.NoError(t, err)
	forms, err = s.Forms(ctx, "v0", "v4")
	require.NoError(t, err)
	assert.Empty(t, forms)
}

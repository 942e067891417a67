package state_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/state"
)

func node(id, fingerprint string) state.PublishedNode {
	return state.PublishedNode{
		NodeID: id, Relation: runner.Relation{Schema: "_elt", Name: id + "__" + fingerprint},
		Public: runner.Relation{Schema: "reports", Name: id}, Fingerprint: fingerprint,
	}
}

func TestPublishIsPendingUntilItEnds(t *testing.T) {
	s := fresh(t).In("dev")
	other := s.In("prod")
	ctx := t.Context()
	_, pending, err := s.PendingPublish(ctx)
	require.NoError(t, err)
	require.False(t, pending)

	intent, err := s.BeginPublish(ctx, "r1", json.RawMessage(`{"files": ["a"]}`))
	require.NoError(t, err)
	_, err = s.BeginPublish(ctx, "r2", json.RawMessage(`{}`))
	require.ErrorIs(t, err, state.ErrPublishPending)
	_, err = other.BeginPublish(ctx, "r3", json.RawMessage(`{}`))
	require.NoError(t, err, "another target has its own")
	_, err = other.BeginPublish(ctx, "r3", json.RawMessage(`{"half`))
	_ = stateError(t, err)

	got, pending, err := s.PendingPublish(ctx)
	require.NoError(t, err)
	require.True(t, pending)
	require.Equal(t, intent, got)
	require.Equal(t, noon(), got.Created)

	_, err = other.FinishPublish(ctx, intent.ID, state.Publish{RunID: "r1"}, nil)
	_ = stateError(t, err) // not its intent
	_, err = s.FinishPublish(ctx, intent.ID, state.Publish{RunID: "r1"}, nil)
	require.NoError(t, err)
	_, err = s.FinishPublish(ctx, intent.ID, state.Publish{RunID: "r1"}, nil)
	_ = stateError(t, err) // only once
	_ = stateError(t, s.AbandonPublish(ctx, intent.ID))

	intent, err = s.BeginPublish(ctx, "r2", json.RawMessage(`null`))
	require.NoError(t, err)
	require.NoError(t, s.AbandonPublish(ctx, intent.ID))
	_, pending, err = s.PendingPublish(ctx)
	require.NoError(t, err)
	require.False(t, pending)
	publishes, err := s.Publishes(ctx, 9)
	require.NoError(t, err)
	require.Len(t, publishes, 1, "an abandoned publish is none")
	require.Empty(t, publishes[0].Nodes)
}

func TestPublishesAndTheirFiles(t *testing.T) {
	s := fresh(t).In("dev")
	ctx := t.Context()
	publish := func(run string, at time.Time, nodes []state.PublishedNode, files ...state.ExportFile) state.Publish {
		intent, err := s.BeginPublish(ctx, run, json.RawMessage(`{}`))
		require.NoError(t, err)
		p := state.Publish{RunID: run, Published: at, Nodes: nodes}
		p.ID, err = s.FinishPublish(ctx, intent.ID, p, files)
		require.NoError(t, err)
		return p
	}
	a := state.ExportFile{Path: "reports/a.csv", Fingerprint: "fa", Rows: 3, SHA256: "aa", Size: 10, MTimeNS: 1733054462123456789, RunID: "r1"}
	b := state.ExportFile{Path: "reports/b.csv", Fingerprint: "fb", RunID: "r1"}
	first := publish("r1", noon(), []state.PublishedNode{node("a", "1"), node("b", "1")}, a, b)
	a.Fingerprint, a.RunID = "fa2", "r2"
	second := publish("r2", noon().Add(time.Hour), []state.PublishedNode{node("a", "2")}, a)

	got, err := s.Publishes(ctx, 5)
	require.NoError(t, err)
	require.Equal(t, []state.Publish{second, first}, got)
	got, err = s.Publishes(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, []state.Publish{second}, got)
	files, err := s.ExportFiles(ctx)
	require.NoError(t, err)
	require.Equal(t, map[string]state.ExportFile{a.Path: a}, files, "b.csv is published no more")

	for _, empty := range []*state.Store{s.In("prod"), s.In("")} {
		none, err := empty.Publishes(ctx, 5)
		require.NoError(t, err)
		assert.Empty(t, none)
		files, err := empty.ExportFiles(ctx)
		require.NoError(t, err)
		assert.Empty(t, files)
	}
}

// What fails in the middle leaves the intent pending and nothing else changed.
func TestFinishPublishIsAllOrNothing(t *testing.T) {
	s := fresh(t)
	ctx := t.Context()
	intent, err := s.BeginPublish(ctx, "r1", json.RawMessage(`{}`))
	require.NoError(t, err)
	twice := state.ExportFile{Path: "same"}
	_, err = s.FinishPublish(ctx, intent.ID, state.Publish{RunID: "r1", Nodes: []state.PublishedNode{node("a", "1")}},
		[]state.ExportFile{twice, twice})
	_ = stateError(t, err)
	_, pending, err := s.PendingPublish(ctx)
	require.NoError(t, err)
	assert.True(t, pending)
	publishes, err := s.Publishes(ctx, 5)
	require.NoError(t, err)
	assert.Empty(t, publishes)
}

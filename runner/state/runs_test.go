package state_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/state"
)

func TestRunFromBeginToEnd(t *testing.T) {
	s := fresh(t)
	ctx := t.Context()
	run := state.Run{
		ID: "20241201T120000Z-1", Target: "dev", Command: "run", Args: []string{"--select", "a b"}, Project: "shop",
		Version: "1.0.0", PID: 123, Host: "box", Trigger: "web", Started: noon().Add(-time.Minute),
	}
	crashed, err := s.BeginRun(ctx, run)
	require.NoError(t, err)
	require.Empty(t, crashed)

	got, ok, err := s.Run(ctx, run.ID)
	require.NoError(t, err)
	require.True(t, ok)
	run.Status, run.Counts = state.RunRunning, map[runner.Status]int{}
	require.Equal(t, run, got)

	cause := &runner.Error{
		Code: runner.CodeModel, Pos: runner.Position{File: "models/m.sql", Line: 3, Col: 8}, Msg: "cannot build m",
		Excerpt: "select x\n       ^", Hint: "is it y?", Err: errors.New("no column x"),
	}
	require.NoError(t, s.FinishRun(ctx, run.ID, state.RunEnd{
		Status: state.RunError, Published: true, Counts: map[runner.Status]int{runner.StatusError: 1}, Err: cause,
	}))
	got, _, err = s.Run(ctx, run.ID)
	require.NoError(t, err)
	run.Status, run.Finished, run.Published = state.RunError, noon(), true
	run.Counts = map[runner.Status]int{runner.StatusError: 1}
	run.Err = &runner.Error{
		Code: cause.Code, Pos: cause.Pos, Msg: "cannot build m: no column x", Excerpt: cause.Excerpt, Hint: cause.Hint,
	}
	require.Equal(t, run, got)
	require.Equal(t, cause.Error(), got.Err.Error())

	_, ok, err = s.Run(ctx, "other")
	require.NoError(t, err)
	require.False(t, ok)
	_ = stateError(t, s.FinishRun(ctx, "other", state.RunEnd{Status: state.RunSuccess}))
	_, err = s.BeginRun(ctx, run)
	_ = stateError(t, err) // the same ID twice
}

func TestNextWriterClosesWhatCrashed(t *testing.T) {
	s := fresh(t)
	ctx := t.Context()
	for i, target := range []string{"dev", "prod", "dev", "dev"} {
		crashed, err := s.BeginRun(ctx, state.Run{ID: fmt.Sprint("r", i), Target: target})
		require.NoError(t, err)
		switch i {
		case 2:
			require.Equal(t, []string{"r0"}, crashed, "prod has a lock of its own and may be alive")
			require.NoError(t, s.FinishRun(ctx, "r2", state.RunEnd{Status: state.RunInterrupted}))
		default:
			require.Empty(t, crashed)
		}
	}
	runs, err := s.Runs(ctx, 3)
	require.NoError(t, err)
	status := map[string]state.RunStatus{}
	for _, r := range runs {
		status[r.ID] = r.Status
	}
	assert.Equal(t, map[string]state.RunStatus{
		"r3": state.RunRunning, "r2": state.RunInterrupted, "r1": state.RunRunning,
	}, status, "the newest three")
	r0, _, err := s.Run(ctx, "r0")
	require.NoError(t, err)
	assert.Equal(t, state.RunCrashed, r0.Status)
	assert.Equal(t, noon(), r0.Finished)
}

func TestResults(t *testing.T) {
	s := fresh(t)
	ctx := t.Context()
	result := func(id string, status runner.Status) state.NodeRecord {
		return state.NodeRecord{NodeResult: runner.NodeResult{ID: id, Kind: runner.KindModel, Name: id, Status: status}}
	}
	_ = stateError(t, s.SaveResults(ctx, "r1", []state.NodeRecord{result("a", runner.StatusSuccess)})) // no such run
	_, err := s.BeginRun(ctx, state.Run{ID: "r1"})
	require.NoError(t, err)
	require.NoError(t, s.SaveResults(ctx, "r1", nil))

	z := state.NodeRecord{
		NodeResult: runner.NodeResult{
			ID: "test.shop.z", Kind: runner.KindTest, Name: "z", Status: runner.StatusFail, Rows: 2, Rejected: 1,
			Started: noon(), Elapsed: 1500 * time.Microsecond, Message: "2 rows fail", Reason: "m changed", Cause: "c",
			Err: errors.Join(errors.New("one"), &runner.Error{Code: runner.CodeTest, Pos: runner.Position{File: "f"}, Msg: "two"}),
			Failure: &runner.Failure{
				Count: 2, Total: -1, Columns: []string{"a", "b"}, Sample: [][]string{{"1", "x\ny"}, {"", "ü\x00"}},
				Query: "select 1", Stored: runner.Relation{Schema: "audit", Name: "z"},
			},
		},
		Fingerprint: "f0",
	}
	require.NoError(t, s.SaveResults(ctx, "r1", []state.NodeRecord{z, result("a", runner.StatusError)}))
	require.NoError(t, s.SaveResults(ctx, "r1", []state.NodeRecord{result("a", runner.StatusSuccess)}))
	got, err := s.Results(ctx, "r1")
	require.NoError(t, err)
	text := z.Err.Error()
	z.Err = &runner.Error{Code: runner.CodeTest, Msg: text}
	require.Equal(t, []state.NodeRecord{z, result("a", runner.StatusSuccess)}, got)
	require.Equal(t, text, got[0].Err.Error())
}

// A run that needed no right to write does not end those that have it.
func TestRecordRunLeavesOthersAlone(t *testing.T) {
	s := fresh(t)
	ctx := t.Context()
	writing := state.Run{ID: "20241201T120000Z-1", Target: "dev", Started: noon().Add(-time.Minute)}
	_, err := s.BeginRun(ctx, writing)
	require.NoError(t, err)
	tested := state.Run{ID: "20241201T120001Z-2", Target: "dev", Command: "elt test", Args: []string{"test"}, Started: noon()}
	results := []state.NodeRecord{{NodeResult: runner.NodeResult{
		ID: "test.shop.a", Kind: runner.KindTest, Name: "a", Status: runner.StatusFail, Rows: 1,
		Failure: &runner.Failure{Count: 1, Total: 2, Columns: []string{"x"}, Sample: [][]string{{"1"}}, Query: "select 1"},
	}}}
	require.NoError(t, s.RecordRun(ctx, tested, state.RunEnd{Status: state.RunError, Counts: map[runner.Status]int{runner.StatusFail: 1}}, results))
	runs, err := s.Runs(ctx, 10)
	require.NoError(t, err)
	require.Equal(t, []state.RunStatus{state.RunError, state.RunRunning}, []state.RunStatus{runs[0].Status, runs[1].Status})
	require.Equal(t, noon(), runs[0].Finished)
	got, err := s.Results(ctx, tested.ID)
	require.NoError(t, err)
	require.Equal(t, results, got)
	_ = stateError(t, s.RecordRun(ctx, tested, state.RunEnd{Status: state.RunSuccess}, nil)) // the same ID twice
}

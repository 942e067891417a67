package state_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/state"
)

// recordRun records a run of a target with the rows that each node had in it.
func recordRun(t *testing.T, s *state.Store, target, id string, began time.Time, rows map[string]int64) {
	t.Helper()
	_, err := s.BeginRun(t.Context(), state.Run{ID: id, Target: target, Command: "run", Started: began})
	require.NoError(t, err)
	var records []state.NodeRecord
	for node, n := range rows {
		records = append(records, state.NodeRecord{NodeResult: runner.NodeResult{ID: node, Kind: runner.KindModel, Rows: n}})
	}
	require.NoError(t, s.SaveResults(t.Context(), id, records))
	require.NoError(t, s.FinishRun(t.Context(), id, state.RunEnd{Status: state.RunSuccess}))
}

func TestHistoryOfNodes(t *testing.T) {
	s := fresh(t).In("dev")
	for i := range 5 {
		rows := map[string]int64{"model.a": int64(i)}
		if i == 2 {
			rows["model.b"] = 20
		}
		recordRun(t, s, "dev", fmt.Sprintf("run-%d", i), noon().Add(time.Duration(i)*time.Minute), rows)
	}
	recordRun(t, s, "prod", "other", noon().Add(time.Hour), map[string]int64{"model.a": 99, "model.b": 99})

	history, err := s.NodeHistory(t.Context(), "model.a", 3)
	require.NoError(t, err)
	var told []string
	for _, r := range history {
		told = append(told, fmt.Sprintf("%s %s %d", r.RunID, r.Began.Format(time.TimeOnly), r.Rows))
	}
	require.Equal(t, []string{"run-4 12:04:00 4", "run-3 12:03:00 3", "run-2 12:02:00 2"}, told)

	latest, err := s.LatestResults(t.Context(), "model.a", "model.b", "model.unknown")
	require.NoError(t, err)
	require.Len(t, latest, 2)
	require.Equal(t, "run-4", latest["model.a"].RunID)
	require.Equal(t, int64(20), latest["model.b"].Rows, "a run that had nothing to do with it does not count")
}

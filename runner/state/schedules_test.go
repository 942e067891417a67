package state_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner/state"
)

func TestSchedulesOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := state.Open(t.Context(), path, time.Now)
	require.NoError(t, err)
	fired := time.Date(2024, 12, 1, 6, 0, 0, 0, time.UTC)
	require.NoError(t, s.SaveSchedule(t.Context(), state.Schedule{Name: "nightly", Fired: fired, RunID: "r1"}))
	require.NoError(t, s.SaveSchedule(t.Context(), state.Schedule{Name: "nightly", Paused: true, Fired: fired, RunID: "r2"}))
	require.NoError(t, s.SaveSchedule(t.Context(), state.Schedule{Name: "watch"}))
	require.NoError(t, s.Close())

	s, err = state.Open(t.Context(), path, time.Now)
	require.NoError(t, err)
	all, err := s.Schedules(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]state.Schedule{
		"nightly": {Name: "nightly", Paused: true, Fired: fired, RunID: "r2"},
		"watch":   {Name: "watch"},
	}, all)
	require.NoError(t, s.Close())
}

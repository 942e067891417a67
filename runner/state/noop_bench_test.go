package state_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/state"
)

// What the store costs a run of 150 nodes in which nothing changed.
func BenchmarkRunWithoutChanges(b *testing.B) {
	path := filepath.Join(b.TempDir(), "state.db")
	ctx := b.Context()
	var results []state.NodeRecord
	var verdicts []state.VerdictKey
	var known []state.Verdict
	var relations []state.RelationVersion
	var forms []string
	for i := range 150 {
		name := fmt.Sprint("node_number_", i)
		results = append(results, state.NodeRecord{NodeResult: runner.NodeResult{ID: name, Message: "unchanged"}})
		verdicts = append(verdicts, state.VerdictKey{TestID: name, Fingerprint: "f"})
		known = append(known, state.Verdict{VerdictKey: verdicts[i]})
		relations = append(relations, relation(name, "1"))
		forms = append(forms, name)
	}
	s, err := state.Open(ctx, path, noon)
	require.NoError(b, err)
	require.NoError(b, s.SaveVerdicts(ctx, known...))
	require.NoError(b, s.SaveRelations(ctx, relations...))
	require.NoError(b, s.Close())
	run := 0
	for b.Loop() {
		run++
		id := fmt.Sprint(run)
		s, err := state.Open(ctx, path, noon)
		require.NoError(b, err)
		_, err = s.BeginRun(ctx, state.Run{ID: id})
		require.NoError(b, err)
		for _, read := range []func() error{
			func() error { _, _, err := s.PendingPublish(ctx); return err },
			func() error { _, err := s.Relations(ctx); return err },
			func() error { _, err := s.Publishes(ctx, 2); return err },
			func() error { _, err := s.LatestLoads(ctx); return err },
			func() error { _, err := s.FileScans(ctx, forms...); return err },
			func() error { _, err := s.Forms(ctx, forms...); return err },
			func() error { _, err := s.Verdicts(ctx, verdicts...); return err },
			func() error { _, err := s.ExportFiles(ctx); return err },
			func() error { return s.SaveResults(ctx, id, results) },
			func() error { return s.FinishRun(ctx, id, state.RunEnd{Status: state.RunSuccess}) },
			func() error { _, err := s.Prune(ctx, 20); return err },
			s.Close,
		} {
			require.NoError(b, read())
		}
	}
}

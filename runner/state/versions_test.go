package state_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/state"
)

func relation(name, fingerprint string) state.RelationVersion {
	return state.RelationVersion{
		Relation: runner.Relation{Schema: "_elt", Name: name + "__" + fingerprint}, NodeID: "model.shop." + name,
		Fingerprint: fingerprint, Content: "c" + fingerprint, Upstream: []string{"z__1"}, Rows: 5, Rejected: 1, Elapsed: 30 * time.Millisecond, RunID: "r1", Created: noon(),
	}
}

func TestRelations(t *testing.T) {
	s := fresh(t).In("dev")
	ctx := t.Context()
	a, b := relation("a", "1"), relation("b", "1")
	require.NoError(t, s.SaveRelations(ctx))
	require.NoError(t, s.SaveRelations(ctx, a, b))
	a.Rows = 6
	require.NoError(t, s.SaveRelations(ctx, a))
	got, err := s.Relations(ctx)
	require.NoError(t, err)
	require.Equal(t, map[string]state.RelationVersion{"_elt.a__1": a, "_elt.b__1": b}, got)

	prod, err := s.In("prod").Relations(ctx)
	require.NoError(t, err)
	require.Empty(t, prod)
	require.NoError(t, s.In("prod").ForgetRelations(ctx, a.Relation))
	require.NoError(t, s.ForgetRelations(ctx, b.Relation, runner.Relation{Name: "unknown"}))
	got, err = s.Relations(ctx)
	require.NoError(t, err)
	require.Equal(t, map[string]state.RelationVersion{"_elt.a__1": a}, got)
}

func TestVerdicts(t *testing.T) {
	s := fresh(t).In("dev")
	ctx := t.Context()
	pass := state.Verdict{
		VerdictKey: state.VerdictKey{TestID: "test.shop.a", Fingerprint: "1"}, Status: runner.StatusPass, Total: 9,
		Message: "ok", Elapsed: time.Millisecond, RunID: "r1", Checked: noon(),
	}
	fail := state.Verdict{
		VerdictKey: state.VerdictKey{TestID: "test.shop.a", Fingerprint: "2"}, Status: runner.StatusFail, Failing: 2,
		Total: -1, Failure: &runner.Failure{Count: 2, Total: -1, Query: "select"}, RunID: "r2", Checked: noon(),
	}
	require.NoError(t, s.SaveVerdicts(ctx, pass, fail))
	unknown := state.VerdictKey{TestID: "test.shop.b", Fingerprint: "1"}
	got, err := s.Verdicts(ctx, pass.VerdictKey, unknown, fail.VerdictKey)
	require.NoError(t, err)
	require.Equal(t, map[state.VerdictKey]state.Verdict{pass.VerdictKey: pass, fail.VerdictKey: fail}, got)

	got, err = s.In("prod").Verdicts(ctx, pass.VerdictKey)
	require.NoError(t, err)
	require.Empty(t, got, "what is true of one warehouse need not be of another")
	got, err = s.Verdicts(ctx)
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestLoads(t *testing.T) {
	s := fresh(t).In("dev")
	ctx := t.Context()
	load := func(source, fingerprint, path, run string, at time.Time) state.LoadFile {
		return state.LoadFile{
			SourceID: source, Fingerprint: fingerprint, Path: path, RunID: run, Hash: "h", Size: 9, MTimeNS: 7, Loaded: 5,
			Rejected: 1, Warnings: []string{"column x is not declared"}, LoadedAt: at,
		}
	}
	old := load("ads", "v1", "a.csv", "r1", noon())
	newA, newB := load("ads", "v2", "a.csv", "r2", noon().Add(time.Hour)), load("ads", "v2", "b.csv", "r2", noon().Add(time.Hour))
	web := load("web", "w1", "w.csv", "r1", noon())
	require.NoError(t, s.SaveLoads(ctx, newB, newA, web, old))

	got, err := s.Loads(ctx, "v1", "v2", "v3")
	require.NoError(t, err)
	require.Equal(t, map[string][]state.LoadFile{"v1": {old}, "v2": {newA, newB}}, got)
	got, err = s.LatestLoads(ctx)
	require.NoError(t, err)
	require.Equal(t, map[string][]state.LoadFile{"ads": {newA, newB}, "web": {web}}, got)
	of, err := s.RunLoads(ctx, "r1")
	require.NoError(t, err)
	require.Equal(t, []state.LoadFile{old, web}, of)
	got, err = s.In("prod").LatestLoads(ctx)
	require.NoError(t, err)
	require.Empty(t, got)
	got, err = s.In("prod").Loads(ctx, "v1")
	require.NoError(t, err)
	require.Empty(t, got)
}

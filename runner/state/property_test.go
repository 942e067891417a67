package state_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elt/runner"
	"elt/runner/state"
)

var (
	moment = rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(-1<<50, 1<<52).Draw(t, "µs")).UTC()
	})
	elapsed = rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "µs")) * time.Microsecond
	})
	failure = rapid.Custom(func(t *rapid.T) *runner.Failure {
		return &runner.Failure{
			Count: rapid.Int64().Draw(t, "count"), Total: rapid.Int64().Draw(t, "total"),
			Columns: rapid.SliceOf(rapid.String()).Draw(t, "columns"),
			Sample:  rapid.SliceOf(rapid.SliceOf(rapid.String())).Draw(t, "sample"),
			Query:   rapid.String().Draw(t, "query"),
			Stored:  runner.Relation{Schema: rapid.String().Draw(t, "schema"), Name: rapid.String().Draw(t, "name")},
		}
	})
	record = rapid.Custom(func(t *rapid.T) state.NodeRecord {
		r := state.NodeRecord{
			NodeResult: runner.NodeResult{
				ID: rapid.String().Draw(t, "id"), Kind: runner.Kind(rapid.String().Draw(t, "kind")),
				Name: rapid.String().Draw(t, "name"), Status: runner.Status(rapid.String().Draw(t, "status")),
				Rows: rapid.Int64().Draw(t, "rows"), Rejected: rapid.Int64().Draw(t, "rejected"),
				Elapsed: elapsed.Draw(t, "elapsed"), Message: rapid.String().Draw(t, "message"),
				Reason: rapid.String().Draw(t, "reason"), Cause: rapid.String().Draw(t, "cause"),
			},
			Fingerprint: rapid.String().Draw(t, "fingerprint"),
		}
		if rapid.Bool().Draw(t, "started") {
			r.Started = moment.Draw(t, "at")
		}
		if rapid.Bool().Draw(t, "failed") {
			r.Failure = failure.Draw(t, "failure")
			r.Err = &runner.Error{
				Code: runner.Code(rapid.String().Draw(t, "code")), Msg: rapid.String().Draw(t, "msg"),
				Pos:     runner.Position{File: rapid.String().Draw(t, "file"), Line: rapid.Int().Draw(t, "line"), Col: rapid.Int().Draw(t, "col")},
				Excerpt: rapid.String().Draw(t, "excerpt"), Hint: rapid.String().Draw(t, "hint"),
			}
		}
		return r
	})
)

// Whatever a result holds comes back the same.
func TestResultsComeBackTheSame(t *testing.T) {
	s := fresh(t)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		id := fmt.Sprint(run)
		_, err := s.BeginRun(t.Context(), state.Run{ID: id})
		require.NoError(rt, err)
		records := rapid.SliceOfNDistinct(record, 1, 5, func(r state.NodeRecord) string { return r.ID }).Draw(rt, "records")
		require.NoError(rt, s.SaveResults(t.Context(), id, records))
		got, err := s.Results(t.Context(), id)
		require.NoError(rt, err)
		require.Equal(rt, records, got)
	})
}

// Against a map: saving and forgetting relations in any order leaves what the map holds.
func TestRelationsAreAMap(t *testing.T) {
	s := fresh(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := s.In(rapid.StringMatching("[a-z]{12}").Draw(rt, "target"))
		want, err := s.Relations(t.Context())
		require.NoError(rt, err)
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			v := relation(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "name"), "1")
			if rapid.Bool().Draw(rt, "save") {
				v.Rows, v.Created, v.Elapsed = rapid.Int64().Draw(rt, "rows"), moment.Draw(rt, "created"), elapsed.Draw(rt, "elapsed")
				require.NoError(rt, s.SaveRelations(t.Context(), v))
				want[v.Relation.Bare()] = v
			} else {
				require.NoError(rt, s.ForgetRelations(t.Context(), v.Relation))
				delete(want, v.Relation.Bare())
			}
			got, err := s.Relations(t.Context())
			require.NoError(rt, err)
			require.Equal(rt, want, got)
		}
	})
}

// Two stores of one file, many goroutines each, reading and writing at once: nothing is lost and nobody is refused.
func TestConcurrentUse(t *testing.T) {
	path := t.TempDir() + "/state.db"
	stores := []*state.Store{open(t, path), open(t, path)}
	var all sync.WaitGroup
	for worker := range 8 {
		s := stores[worker%len(stores)]
		all.Go(func() {
			for i := range 10 {
				saved := s.SaveRelations(t.Context(), relation(fmt.Sprint(worker), fmt.Sprint(i)))
				assert.NoError(t, saved) //nolint:testifylint // require must not end a goroutine that is not the test's own
				if i%5 == 0 {
					intent, err := s.In(fmt.Sprint(worker)).BeginPublish(t.Context(), "r", []byte(`{}`))
					assert.NoError(t, err)
					assert.NoError(t, s.In(fmt.Sprint(worker)).AbandonPublish(t.Context(), intent.ID))
				}
				_, err := s.Relations(t.Context())
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	relations, err := stores[0].Relations(t.Context())
	require.NoError(t, err)
	require.Len(t, relations, 80)
}

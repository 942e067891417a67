package runs

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/journal"
)

// ran is a node that ran from one second of the run to another.
func ran(id string, from, to float64, upstream ...string) Node {
	n := Node{ID: id, Kind: runner.KindModel, Upstream: upstream}
	if strings.HasPrefix(id, "test") {
		n.Kind = runner.KindTest
	}
	n.timed(at(from), to-from)
	return n
}

func at(second float64) time.Time {
	return time.Date(2024, 12, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(second * float64(time.Second)))
}

func TestCriticalPath(t *testing.T) {
	ephemeral := Node{ID: "inlined", Kind: runner.KindModel, Upstream: []string{"a"}}
	for name, c := range map[string]struct {
		nodes   []Node
		want    string
		seconds float64
	}{
		"nothing ran":                   {[]Node{{ID: "a", Status: runner.StatusReused}}, "", 0},
		"one node":                      {[]Node{ran("a", 0, 2)}, "a", 2},
		"the slower parent":             {[]Node{ran("a", 0, 1), ran("b", 0, 3), ran("c", 3, 4, "a", "b")}, "b c", 4},
		"not what ended before":         {[]Node{ran("a", 0, 9), ran("b", 0, 1), ran("c", 1, 2, "b")}, "a", 9},
		"the test of a parent":          {[]Node{ran("a", 0, 1), ran("test a", 1, 3, "a"), ran("b", 3, 4, "a")}, "a test a b", 4},
		"tests do not wait for tests":   {[]Node{ran("a", 0, 1), ran("test 1", 1, 2, "a"), ran("test 2", 2, 3, "a")}, "a test 2", 2},
		"not a test that ended later":   {[]Node{ran("a", 0, 1), ran("test a", 1, 5, "a", "x"), ran("b", 1, 6, "a")}, "a b", 6},
		"through what takes no time":    {[]Node{ran("a", 0, 1), ephemeral, ran("b", 1, 2, "inlined")}, "a b", 2},
		"a parent that was not planned": {[]Node{ran("b", 1, 2, "gone")}, "b", 1},
		"a circle, of a broken journal": {[]Node{ran("a", 0, 1, "b"), ran("b", 0, 1, "a")}, "a", 1},
	} {
		t.Run(name, func(t *testing.T) {
			path, seconds := critical(c.nodes)
			require.Equal(t, c.want, strings.Join(path, " "))
			require.InDelta(t, c.seconds, seconds, 1e-9)
		})
	}
}

func TestAJournalMakesADetail(t *testing.T) {
	problem := &runner.Problem{Code: runner.CodeModel, File: "models/b.sql", Line: 3, Msg: "no"}
	events := []journal.Event{
		{At: at(0), Run: &journal.Run{ID: "r", Command: "elt run", Target: "dev", Started: at(0)}},
		{At: at(0), Stage: "build"},
		{At: at(0), Planned: []journal.Planned{
			{ID: "a", Kind: runner.KindModel, Name: "s.a", Action: runner.ActionBuild, Reason: "new"},
			{ID: "b", Kind: runner.KindModel, Name: "s.b", Action: runner.ActionBuild, Upstream: []string{"a"}},
			{ID: "c", Kind: runner.KindModel, Name: "s.c", Action: runner.ActionBuild, Upstream: []string{"b"}},
			{ID: "d", Kind: runner.KindModel, Name: "s.d", Action: runner.ActionReuse, Reason: "unchanged"},
			{ID: "e", Kind: runner.KindModel, Name: "s.e", Action: runner.ActionSkip},
		}},
		{At: at(1), Started: &journal.Started{ID: "a", SQL: "select 1"}},
		{At: at(2), Finished: &journal.Node{ID: "a", Status: runner.StatusSuccess, Rows: 7, Started: at(1), Seconds: 1}},
		{At: at(2), Started: &journal.Started{ID: "b"}},
	}
	tell := newTelling()
	for _, e := range events {
		tell.add(e)
	}
	tell.arrange()
	status := func() (all []string) {
		for _, n := range tell.Nodes {
			all = append(all, n.ID+" "+string(n.Status))
		}
		return all
	}
	require.Equal(t, []string{"a success", "b running", "c waiting", "d reused"}, status())
	require.Equal(t, []any{3, 1, "build", journal.Running}, []any{tell.Total, tell.Done, tell.Stage, tell.Status})
	require.Equal(t, "select 1", tell.Nodes[0].SQL)
	require.EqualValues(t, 7, *tell.Nodes[0].Rows)

	tell.add(journal.Event{At: at(3), Finished: &journal.Node{ID: "b", Status: runner.StatusError, Rows: -1, Started: at(2), Seconds: 1, Error: problem}})
	tell.add(journal.Event{At: at(3), Finished: &journal.Node{ID: "c", Status: runner.StatusSkipped, Rows: -1, Cause: "b"}})
	tell.add(journal.Event{At: at(4), Ended: &journal.End{Status: journal.Failed, Seconds: 4}})
	tell.arrange()
	require.Equal(t, []string{"a success", "b error", "c skipped", "d reused"}, status())
	require.Equal(t, "b", tell.FirstFailure)
	require.Equal(t, []string{"a", "b"}, tell.CriticalPath)
	require.Equal(t, problem, tell.Nodes[1].Error)
	require.Nil(t, tell.Nodes[2].Started)
	require.Equal(t, journal.Failed, tell.Status)
}

func TestARunThatIsCutOffHasNoNodeThatGoesOn(t *testing.T) {
	tell := newTelling()
	tell.add(journal.Event{At: at(0), Planned: []journal.Planned{{ID: "a", Action: runner.ActionBuild}, {ID: "b", Action: runner.ActionBuild}}})
	tell.add(journal.Event{At: at(1), Started: &journal.Started{ID: "a"}})
	tell.add(journal.Event{At: at(3), Ended: &journal.End{Status: journal.Crashed}})
	require.Equal(t, runner.StatusError, tell.Nodes[0].Status)
	require.InDelta(t, 2, *tell.Nodes[0].Seconds, 1e-9)
	require.Equal(t, NodeNotStarted, tell.Nodes[1].Status)
}

func TestFlagsOfAnEarlierRun(t *testing.T) {
	for given, want := range map[string]string{
		"run": "",
		"run --select a --select=b -s c -t prod --force":                                       "--select=a --select=b --select=c --target=prod --force",
		"run --project-dir /x --run-id y --trigger=web --wait=24h0m0s --log-format json -q":    "",
		"run --junit out.xml --vars {a:1} --full-refresh --output-dir /tmp --exclude tag:slow": "--vars={a:1} --full-refresh --exclude=tag:slow",
		"run -select a": "--select=a",
	} {
		require.Equal(t, want, strings.Join(again(strings.Fields(given)), " "), given)
	}
	require.Equal(t, []string{"--target=x"}, only([]string{"--select=a", "--target=x"}, "--target"))
}

func TestEveryEventIsALineOfTheLog(t *testing.T) {
	for want, e := range map[string]journal.Event{
		"info build": {Stage: "build"},
		"info plan: 1 to build, 0 to reuse, 0 left out": {Planned: []journal.Planned{{Action: runner.ActionBuild}}},
		"debug begin s.a":                          {Started: &journal.Started{Name: "s.a"}},
		"info success s.a: 7 rows, 1.50s":          {Finished: &journal.Node{Name: "s.a", Status: runner.StatusSuccess, Rows: 7, Seconds: 1.5}},
		"error fail t: 2 rows are bad":             {Finished: &journal.Node{Name: "t", Kind: runner.KindTest, Status: runner.StatusFail, Rows: 2, Message: "2 rows are bad"}},
		"warn skipped s.b: because of s.a":         {Finished: &journal.Node{Name: "s.b", Status: runner.StatusSkipped, Rows: -1, Message: "because of s.a"}},
		"error error s.b\nm.sql:3: no\n  hint: do": {Finished: &journal.Node{Name: "s.b", Status: runner.StatusError, Rows: -1, Error: &runner.Problem{File: "m.sql", Line: 3, Msg: "no", Hint: "do"}}},
		"warn mind":                  {Log: &journal.Log{Level: "warn", Message: "mind"}},
		"info end: success in 2.00s": {Ended: &journal.End{Status: journal.Success, Seconds: 2}},
	} {
		l, ok := lineOf(journal.Entry{Event: e})
		require.True(t, ok)
		require.Equal(t, want, l.Level+" "+l.Text)
	}
	_, ok := lineOf(journal.Entry{})
	require.False(t, ok, "what could not be read is no line")
}

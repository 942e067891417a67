package build_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/build"
)

// shop is raw → clean → report, with a seed beside and an ephemeral model between clean and report.
func shop() []build.Node {
	return []build.Node{
		{ID: "source.raw", Kind: runner.KindSource, Name: "raw", Content: "files-1", Change: "raw.csv has other content"},
		{ID: "seed.map", Kind: runner.KindSeed, Name: "map", Materialized: runner.SeedTable, Content: "seed-1", Change: "map.csv changed"},
		{ID: "model.clean", Kind: runner.KindModel, Name: "clean", Materialized: runner.Table, Content: "sql-1", Upstream: []string{"source.raw"}},
		{ID: "model.inner", Kind: runner.KindModel, Name: "inner", Materialized: runner.Ephemeral, Content: "sql-2", Upstream: []string{"model.clean", "seed.map"}},
		{ID: "model.report", Kind: runner.KindModel, Name: "report", Materialized: runner.Table, Content: "sql-3", Upstream: []string{"model.inner"}},
	}
}

// after gives the inputs as they are once a plan has been carried out and published.
func after(plan runner.Plan, nodes []build.Node) build.Inputs {
	in := build.Inputs{RunID: "later", Nodes: nodes, Have: map[string]build.Version{}, Published: map[string]build.Version{}}
	for i, d := range plan.Decisions {
		if d.Relation.IsZero() {
			continue
		}
		v := build.Version{Fingerprint: d.Fingerprint, Content: nodes[i].Content, Relation: d.Relation}
		in.Have[d.Fingerprint] = v
		in.Published[d.ID] = v
	}
	return in
}

func built() build.Inputs {
	return after(build.Plan(build.Inputs{RunID: "first", Nodes: shop()}), shop())
}

// told is a plan as text, a decision a line.
func told(plan runner.Plan) string {
	var lines []string
	for _, d := range plan.Decisions {
		lines = append(lines, string(d.Action)+" "+d.Name+": "+d.Reason)
	}
	return strings.Join(lines, "\n")
}

func TestPlan(t *testing.T) {
	change := func(i int, do func(*build.Node)) func(*build.Inputs) {
		return func(in *build.Inputs) {
			in.Nodes = shop()
			do(&in.Nodes[i])
		}
	}
	ephemeral := "reuse inner: ephemeral: part of the models that read it"
	for name, c := range map[string]struct {
		change func(*build.Inputs)
		want   []string
	}{
		"nothing changed": {
			func(*build.Inputs) {},
			[]string{"reuse raw: unchanged", "reuse map: unchanged", "reuse clean: unchanged", ephemeral, "reuse report: unchanged"},
		},
		"a file changed": {
			change(0, func(n *build.Node) { n.Content = "files-2" }),
			[]string{
				"build raw: raw.csv has other content", "reuse map: unchanged", "build clean: raw changed: raw.csv has other content",
				ephemeral, "build report: raw changed: raw.csv has other content",
			},
		},
		"an ephemeral model changed": {
			change(3, func(n *build.Node) { n.Content = "sql-9" }),
			[]string{
				"reuse raw: unchanged", "reuse map: unchanged", "reuse clean: unchanged", ephemeral,
				"build report: an ephemeral model it reads changed",
			},
		},
		"another materialization": {
			change(4, func(n *build.Node) { n.Materialized, n.Content = runner.View, "sql-3v" }),
			[]string{
				"reuse raw: unchanged", "reuse map: unchanged", "reuse clean: unchanged", ephemeral,
				"build report: its SQL or configuration changed",
			},
		},
		"volatile": {
			change(2, func(n *build.Node) { n.Volatile = true }),
			[]string{
				"reuse raw: unchanged", "reuse map: unchanged", "build clean: its SQL depends on the clock, on chance or on files",
				ephemeral, "build report: clean changed: its SQL depends on the clock, on chance or on files",
			},
		},
		"a table was lost": {
			func(in *build.Inputs) { forget(in, "model.clean") },
			[]string{
				"reuse raw: unchanged", "reuse map: unchanged", "build clean: new", ephemeral, "reuse report: unchanged",
			},
		},
		"selected, with what it needs": {
			func(in *build.Inputs) {
				in.Have, in.Published = nil, nil
				in.Selected = map[string]bool{"model.clean": true}
			},
			[]string{
				"build raw: not selected, but needed and never built", "skip map: not selected", "build clean: new",
				"skip inner: not selected", "skip report: not selected",
			},
		},
		"not selected stays as published": {
			func(in *build.Inputs) {
				in.Nodes = shop()
				in.Nodes[0].Content = "files-2"
				in.Selected = map[string]bool{"model.report": true}
			},
			[]string{
				"reuse raw: not selected; stays as published", "reuse map: not selected; stays as published",
				"reuse clean: not selected; stays as published", ephemeral, "reuse report: unchanged",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := built()
			c.change(&in)
			require.Equal(t, strings.Join(c.want, "\n"), told(build.Plan(in)))
		})
	}
}

func forget(in *build.Inputs, id string) {
	delete(in.Have, in.Published[id].Fingerprint)
	delete(in.Published, id)
}

func TestForceBuildsUnderNewNames(t *testing.T) {
	in := built()
	in.Force = true
	plan := build.Plan(in)
	for _, d := range plan.Decisions {
		if d.ID == "model.inner" {
			continue
		}
		require.Equal(t, runner.ActionBuild, d.Action, d.ID)
		require.NotEqual(t, in.Published[d.ID].Relation, d.Relation, "people may be reading the published one")
	}
	require.Equal(t, "forced", plan.Decisions[0].Reason)

	again := build.Plan(after(plan, shop()))
	for _, d := range again.Decisions {
		require.Equal(t, runner.ActionReuse, d.Action, "the forced versions are known: %s", d.ID)
	}
}

func TestStatefulGrowsOutOfWhatIsPublished(t *testing.T) {
	nodes := shop()
	nodes[2].Materialized = runner.Incremental
	first := build.Plan(build.Inputs{RunID: "first", Nodes: nodes})
	require.True(t, first.Decisions[2].Previous.IsZero(), "there is nothing to go on from")

	in := after(first, nodes)
	require.Equal(t, runner.ActionReuse, build.Plan(in).Decisions[2].Action)

	in.Nodes = append([]build.Node{}, nodes...)
	in.Nodes[0].Content = "files-2"
	second := build.Plan(in).Decisions[2]
	require.Equal(t, runner.ActionBuild, second.Action)
	require.Equal(t, first.Decisions[2].Relation, second.Previous)

	in.Nodes[2].Fresh = true
	require.True(t, build.Plan(in).Decisions[2].Previous.IsZero(), "a full refresh starts from nothing")
}

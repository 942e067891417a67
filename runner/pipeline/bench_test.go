package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/pipeline"
)

// largeModels is the number of models of the project that is measured; each has three data tests.
const largeModels = 1000

// large writes a project of many models, each of which reads one or two before it.
func large(tb testing.TB) pipeline.Options {
	dir := tb.TempDir()
	write := func(path, text string) {
		path = filepath.Join(dir, filepath.FromSlash(path))
		require.NoError(tb, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(tb, os.WriteFile(path, []byte(text), 0o644))
	}
	write("project.yaml", "name: large\ntargets:\n  dev: {path: data/w.duckdb, schema: main}\nvars: {days: 30}\nmodels:\n  +materialized: table\n")
	write("data/raw/orders.csv", "id,amount\n1,10\n2,20\n")
	write("macros/cents.sql", "{% macro cents(column) %}cast({{ column }} * 100 as bigint){% endmacro %}\n")
	write("models/sources.yml", `version: 2
sources:
  - name: raw
    tables:
      - name: orders
        load: {files: data/raw/orders.csv}
        columns:
          - {name: id, data_type: bigint}
          - {name: amount, data_type: bigint}
`)
	for i := range largeModels {
		from, also := "{{ source('raw', 'orders') }}", ""
		if i > 0 {
			from = fmt.Sprintf("{{ ref('m%04d') }}", (i-1)/2)
			also = fmt.Sprintf("left join {{ ref('m%04d') }} as other on other.id = base.id", i*7/8)
		}
		folder := fmt.Sprintf("models/part%02d/", i%20)
		write(fmt.Sprintf("%sm%04d.sql", folder, i), fmt.Sprintf(`-- Model %d.
{%% set names = ['a', 'b', 'c', 'd'] %%}
select
    base.id,
    base.amount
    {%%- for name in names %%},
    {{ cents('base.amount') }} as amount_{{ name }}_{{ var('days') }}
    {%%- endfor %%}
from %s as base
%s
`, i, from, also))
		write(fmt.Sprintf("%sm%04d.yml", folder, i), fmt.Sprintf(`version: 2
models:
  - name: m%04d
    description: A model.
    columns:
      - {name: id, description: Its key., data_tests: [unique, not_null]}
      - {name: amount, description: Its amount., data_tests: [not_null]}
`, i))
	}
	return pipeline.Options{
		Dir: dir, Clock: time.Now, Log: zerolog.Nop(), LookupEnv: func(string) (string, bool) { return "", false }, Command: "bench",
	}
}

func BenchmarkOpen(b *testing.B) {
	o := large(b)
	for b.Loop() {
		w, err := pipeline.Open(b.Context(), o)
		require.NoError(b, err)
		require.Len(b, w.Project.Models, largeModels)
	}
}

// BenchmarkPlan opens and plans a project that nothing is known of, so that every model's SQL is parsed by the engine.
func BenchmarkPlan(b *testing.B) {
	o := large(b)
	for b.Loop() {
		_, planned, err := pipeline.Plan(b.Context(), o)
		require.NoError(b, err)
		require.Len(b, planned.Decisions, largeModels+1)
	}
}

func TestLargeProject(t *testing.T) {
	_, planned, err := pipeline.Plan(t.Context(), large(t))
	require.NoError(t, err)
	require.Len(t, planned.Decisions, largeModels+1)
	require.Equal(t, runner.ActionBuild, planned.Decisions[largeModels].Action)
}

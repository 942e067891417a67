package compile_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/compile"
)

// manyModels is a project of n models that each read two others and call macros, their own and dbt's.
func manyModels(n int) *runner.Project {
	p := &runner.Project{Name: "big", DBT: true, Target: runner.Target{Schema: "main"}, Vars: map[string]any{"since": "2024-01-01"}}
	p.Macros = []runner.MacroFile{
		{Path: "macros/m.sql", Text: "{% macro cents(c) %}cast({{ c }} * 100 as {{ dbt.type_bigint() }}){% endmacro %}"},
		{Path: "packages/u/m.sql", Package: "u", Text: "{% macro key(cs) %}{{ dbt.hash(dbt.concat(cs)) }}{% endmacro %}"},
	}
	for i := range n {
		name := fmt.Sprintf("m%d", i)
		sql := "{{ config(materialized='table', tags=['t']) }}\nselect\n"
		for k := range 10 {
			sql += fmt.Sprintf("    c%d,\n", k)
		}
		sql += "    {{ cents('amount') }} as cents,\n    {{ u.key(['a', 'b']) }} as key,\n    {{ dbt.dateadd('day', 1, 'd') }} as d\n"
		if i > 1 {
			sql += fmt.Sprintf("from {{ ref('m%d') }} join {{ ref('m%d') }} using (a)\n", i/2, i-1)
		}
		sql += "where d >= '{{ var('since') }}'{% if is_incremental() %} and d > (select max(d) from {{ this }}){% endif %}"
		p.Models = append(p.Models, &runner.Model{Node: node(runner.KindModel, "big", "", name, "models/"+name+".sql", nil), SQL: sql})
	}
	return p
}

func BenchmarkNewThousandModels(b *testing.B) {
	p := manyModels(1000)
	for b.Loop() {
		if _, err := compile.New(b.Context(), p, compile.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkContentOfThousandModels(b *testing.B) {
	p := manyModels(1000)
	c, err := compile.New(b.Context(), p, compile.Options{})
	require.NoError(b, err)
	for b.Loop() {
		for _, m := range p.Models {
			if c.Content(m.ID) == "" {
				b.Fatal("no content")
			}
		}
	}
}

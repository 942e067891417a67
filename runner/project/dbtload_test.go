package project

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/dag"
)

// archived makes a folder of one of the archives of testdata/dbt.
func archived(t testing.TB, name string) string {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/dbt/" + name + ".txtar")
	require.NoError(t, err)
	dir := t.TempDir()
	write(t, dir, archive.Files)
	return dir
}

func graphOfAll(p *runner.Project) *dag.Graph {
	g := graphOf(p)
	for _, s := range p.Snapshots {
		g.Add(s.ID)
	}
	for _, u := range p.UnitTests {
		g.Add(u.ID)
		g.Depend(u.ID, u.Model)
	}
	for _, x := range p.Exposures {
		g.Add(x.ID)
		for _, up := range x.DependsOn {
			g.Depend(x.ID, up)
		}
	}
	return g
}

func TestMatcherOfDBT(t *testing.T) {
	tests := []struct{ archive, expr, want string }{
		{"features", "resource_type:snapshot", "snapshot.clients_history snapshot.orders_history snapshot.visits_history"},
		{"features", "files", "snapshot.clients_history snapshot.orders_history"},
		{"features", "shop.files.orders_history", "snapshot.orders_history"},
		{"features", "weekly", ""},
		{"features", "exposure:weekly", "exposure.weekly"},
		{"features", "exposure:shop.week*", "exposure.weekly"},
		{"features", "+exposure:weekly", "exposure.weekly model.orders seed.codes source.raw.clients"},
		{"features", "unit_test:adds_up", "unit_test.orders.adds_up"},
		{"features", "adds_up", "unit_test.orders.adds_up"},
		{"features", "test_type:unit", "unit_test.orders.adds_up"},
		{"features", "marts,resource_type:model", "model.orders"},
		{"features", "group:fin*", "model.orders"},
		{"features", "access:private", "model.orders"},
		{"features", "access:protected", "model.stg_orders"},
		{"features", "package:this,resource_type:model", "model.orders model.stg_orders"},
		{"features", "package:nobody", ""},
		{"features", "config.unique_key:day", "model.orders"},
		{"features", "config.contract.enforced:true", "model.orders"},
		{"features", "config.persist_docs:relation", "model.orders model.stg_orders"},
		{"features", "config.custom_key:two", "model.orders"},
		{"features", "config.group:finance", "model.orders"},
		{"features", "config.target_schema:history,tag:slow", "snapshot.orders_history"},
		{"features", "source:shop.raw", "source.raw.clients source.raw.orders source.raw.visits"},
		{"features", "own_name", "test.own_name.6b99927dcd"},
		{"features", "unit.yaml", "unit_test.orders.adds_up"},
		{"versions", "clients,resource_type:model", "model.clients.v1 model.clients.v2 model.clients.v3"},
		{"versions", "clients.v2", "model.clients.v2"},
		{"versions", "clients_v2", "model.clients.v2"},
		{"versions", "shop.clients.v3", "model.clients.v3"},
		{"versions", "version:latest", "model.clients.v2 model.labels.vold"},
		{"versions", "version:old", "model.clients.v1 model.labels.vnew"},
		{"versions", "version:prerelease", "model.clients.v3"},
		{"versions", "version:none", ""},
		{"versions", "holds", "unit_test.clients.holds_v1 unit_test.clients.holds_v2 unit_test.clients.holds_v3"},
		{"packages", "same_name", "model.money.same_name model.same_name"},
		{"packages", "money.same_name", "model.money.same_name"},
		{"packages", "package:money,resource_type:model", "model.money.rates model.money.same_name"},
		{"packages", "test_name:money.is_even", "test.money_is_even_orders_cents.15a6abe3bc"},
		{"packages", "test_name:is_even", "test.money.is_even_rates_rate.b8963e6f1e test.money_is_even_orders_cents.15a6abe3bc"},
		{"packages", "path:dbt_packages/money,resource_type:snapshot", "snapshot.money.rates_history"},
		{"jaffle", "accepted_values_orders_status__placed__shipped__completed__return_pending__returned", "test.accepted_values_orders_status__placed__shipped__completed__return_pending__returned.be6b5b5ec3"},
		{"jaffle", "accepted_values_orders_1ce6ab157c285f7cd2ac656013faf758", "test.accepted_values_orders_status__placed__shipped__completed__return_pending__returned.be6b5b5ec3"},
	}
	projects := map[string]*runner.Project{}
	for _, tt := range tests {
		t.Run(tt.archive+" "+tt.expr, func(t *testing.T) {
			if projects[tt.archive] == nil {
				projects[tt.archive] = load(t, archived(t, tt.archive))
			}
			p := projects[tt.archive]
			s, err := dag.Parse(tt.expr)
			require.NoError(t, err)
			got, _, err := s.Select(graphOfAll(p), Matcher(p))
			require.NoError(t, err)
			require.Equal(t, tt.want, strings.ReplaceAll(strings.Join(got.Sorted(), " "), "."+p.Name+".", "."))
		})
	}
}

func TestMatcherTakesMethodsOfItsCaller(t *testing.T) {
	p := load(t, archived(t, "jaffle"))
	match := Matcher(p, map[string]func(value, id string) (bool, error){
		"state": func(value, id string) (bool, error) {
			return value == "modified" && strings.HasSuffix(id, ".orders"), nil
		},
	})
	s, err := dag.Parse("state:modified tag:none")
	require.NoError(t, err)
	got, _, err := s.Select(graphOf(p), match)
	require.NoError(t, err)
	require.Equal(t, []string{"model.jaffle_shop.orders"}, got.Sorted())
	_, err = match("sate", "x", "")
	require.ErrorContains(t, err, `did you mean "state"?`)
}

func TestFindOfDBT(t *testing.T) {
	dir := project(t, "-- dbt_project.yml --\nname: m\n-- models/deep/a.sql --\nselect 1\n-- inner/project.yaml --\nname: n\n-- inner/dbt_project.yml --\nname: o\n")
	got, err := Find(filepath.Join(dir, "models", "deep"))
	require.NoError(t, err)
	require.Equal(t, dir, got)
	got, err = Find(filepath.Join(dir, "inner"))
	require.NoError(t, err)
	p := load(t, got)
	require.Equal(t, "n", p.Name, "project.yaml goes before dbt_project.yml")
	require.False(t, p.DBT)
}

func TestTargetsOfDBT(t *testing.T) {
	dir := project(t, "-- dbt_project.yml --\nname: m\n")
	p, err := Load(context.Background(), Options{Dir: dir, Target: "prod"})
	require.NoError(t, err)
	require.Equal(t, runner.Target{Name: "prod", Path: "prod.duckdb", Schema: "main"}, p.Target)
}

func TestRenderIn(t *testing.T) {
	dir := project(t, `
-- dbt_project.yml --
name: m
vars: {a: 1}
models: {m: {+schema: "{{ target }}"}}
-- models/a.sql --
select 1
-- models/a.yml --
models: [{name: a, config: {meta: {all: "{{ all }}"}, post_hook: "{{ kept }}"}}]
`)
	var mine []Scope
	p, err := Load(context.Background(), Options{Dir: dir, Vars: map[string]any{"b": 2}, RenderIn: func(text string, in Scope, _ runner.Position) (string, error) {
		mine = append(mine, in)
		return in.Target.Name + "!", nil
	}})
	require.NoError(t, err)
	require.Equal(t, "dev!", p.Models[0].Config.Schema)
	require.Equal(t, map[string]any{"all": "dev!"}, p.Models[0].Config.Meta)
	require.Equal(t, []string{"{{ kept }}"}, p.Models[0].Config.PostHooks)
	require.Equal(t, map[string]any{"b": 2}, mine[0].Vars, "dbt_project.yml sees the vars of the command line only")
	require.Equal(t, Scope{Project: "m", Vars: map[string]any{"a": 1, "b": 2}, Target: p.Target}, mine[len(mine)-1])
}

func TestPackagesThatDBTLinks(t *testing.T) {
	dir := project(t, "-- dbt_project.yml --\nname: m\n-- packages.yml --\npackages: [{local: shared/some-folder}]\n-- shared/some-folder/dbt_project.yml --\nname: common\n-- shared/some-folder/macros/a.sql --\n{% macro a() %}{% endmacro %}\n")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "dbt_packages"), 0o755))
	require.NoError(t, os.Symlink("../shared/some-folder", filepath.Join(dir, "dbt_packages", "common")))
	p := load(t, dir)
	require.Equal(t, []runner.MacroFile{{
		Path: "dbt_packages/common/macros/a.sql", Text: "{% macro a() %}{% endmacro %}\n", Package: "common",
	}}, p.Macros)
}

// TestHashes compares what goes into unique ids with what Python makes of the same values.
func TestHashes(t *testing.T) {
	var b strings.Builder
	writeHashable(&b, map[string]any{
		"z": []any{1, 1.5, true, nil, "it's", `say "x"`, `both ' and "`, "line\nbreak \\"}, "a": map[string]any{"k": "v"}, "é": "ü",
	})
	require.Equal(t, `{'a': {'k': 'v'}, 'z': ['1', '1.5', 'True', 'None', "it's", 'say "x"', 'both \' and "', 'line\nbreak \\'], 'é': 'ü'}`, b.String())
}

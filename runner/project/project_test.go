package project

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
)

// shop is a project that uses most of what there is.
const shop = `
-- project.yaml --
name: marketing
target: dev
targets:
  dev: {path: data/dev.duckdb, schema: "dev_{{ var('suffix') }}", threads: "{{ var('lookback_days') }}", memory_limit: 4GB}
  prod: {}
vars: {lookback_days: 30, suffix: x, note: "{{ var('given') }}"}
models:
  +tags: all
  +meta: {owner: me, level: 1}
  marketing:
    +order_by: [id]
  cleaning:
    +materialized: view
    +schema: cleaning
    +tags: [staging]
    +meta: {level: 2}
    google:
      +materialized: ephemeral
    stg_off: {+enabled: false}
seeds: {+schema: seeds}
sources: {cleaning: {raw: {+tags: [landing]}}}
tests:
  +severity: warn
  assertions: {+severity: error, +tags: money}
exports:
  - {format: csv, select: "path:models/reports tag:x+", path: "reports/{name}_report.csv"}
  - {format: duckdb, path: processed/analytics.duckdb}
-- models/cleaning/stg_clients.sql --
select 1
-- models/cleaning/google/stg_google_ads.sql --
select 1
-- models/cleaning/stg_off.sql --
select 1
-- models/reports/spend.sql --
select 1
-- models/assertions/money_is_kept.sql --
select 1
-- models/.hidden/ignored.sql --
-- models/docs.md --
{% docs spend %}
Money spent.
{% enddocs %}
-- models/cleaning/_sources.yml --
version: 2
sources:
  - name: raw
    description: What platforms deliver
    config: {tags: [daily]}
    load: {files: "data/raw/{name}.csv", on_error: fail, max_rejected: 5%, null_values: ["--", 0, null], date_formats: "%d/%m/%Y"}
    tables:
      - name: google_ads
        load: {max_rejected: 100, decimal: ",", delimiter: '\t'}
        columns:
          - {name: clicks, data_type: bigint, not_null: true, optional: true, aliases: [Clicks, klicks], tests: [not_null]}
      - name: clients
        description: A row is a client
        load: {files: [a.csv, b.json], format: JSON, allow_empty: true}
        config: {enabled: true, tags: daily, meta: {pii: true}}
      - {name: off, config: {enabled: false}, data_tests: [unique]}
  - name: warehouse
    tables: [{name: ready}]
-- models/reports/_reports.yml --
models:
  - name: spend
    description: "{{ doc('spend') }} Yes."
    config: {materialized: TABLE, alias: "spend_{{ var('suffix') }}", tags: [report, all], order_by: date desc}
    data_tests:
      - expression_is_true: {expression: "{{ anything }} > 0", name: spend_is_positive, description: why, tags: core}
      - unique: {column_name: other, enabled: false}
    columns:
      - name: client_id
        description: Who
        data_type: varchar
        data_tests:
          - not_null:
          - accepted_values: {values: [true, 1, 1.0, a b, null], quote: false, config: {severity: error, where: "x > 1"}, warn_if: "> 5%", limit: 5, store_failures: true}
          - relationships: {arguments: {to: ref('stg_clients'), field: client_id_that_makes_the_name_long_indeed}}
          - test_name: unique
            severity: ERROR
  - name: stg_off
    data_tests: [unique]
-- macros/deep/cents.sql --
{% macro cents(x) %}{% endmacro %}
-- seeds/channels.csv --
a;b
-- seeds/channels.yml --
seeds:
  - name: channels
    config: {delimiter: ";", schema: reference}
    columns: [{name: a, data_type: int, data_tests: [unique]}]
`

func TestLoad(t *testing.T) {
	dir := project(t, shop)
	p, err := Load(context.Background(), Options{
		Dir: dir, TestArgs: kinds(), Render: fakeRender, Vars: map[string]any{"suffix": "y", "given": "z"},
	})
	require.NoError(t, err)

	require.Equal(t, dir, p.Dir)
	require.Equal(t, map[string]any{"lookback_days": 30, "suffix": "y", "given": "z", "note": "z"}, p.Vars)
	require.Equal(t, runner.Target{Name: "dev", Path: "data/dev.duckdb", Schema: "dev_y", Threads: 30, MemoryLimit: "4GB"}, p.Target)
	require.Equal(t, defaultPaths(), p.Paths)
	require.Equal(t, []runner.MacroFile{{Path: "macros/deep/cents.sql", Text: "{% macro cents(x) %}{% endmacro %}\n"}}, p.Macros)
	require.Len(t, p.Exports, 2)
	require.Equal(t, runner.Export{
		Format: "csv", Select: "path:models/reports tag:x+", Path: "reports/{name}_report.csv",
		Pos: runner.Position{File: "project.yaml", Line: 26, Col: 6},
	}, p.Exports[0])

	models := map[string]*runner.Model{}
	for _, m := range p.Models {
		models[m.Name] = m
	}
	require.Equal(t, runner.Config{
		Enabled: true, Materialized: runner.Ephemeral, Schema: "cleaning", Tags: []string{"all", "staging"},
		OrderBy: []string{"id"}, Meta: map[string]any{"owner": "me", "level": 2},
		All: map[string]any{
			"materialized": "ephemeral", "schema": "cleaning", "tags": []any{"all", "staging"}, "order_by": []any{"id"},
			"meta": map[string]any{"owner": "me", "level": 2},
		},
		Given: map[string]any{
			"materialized": "ephemeral", "schema": "cleaning", "tags": []any{"staging"}, "order_by": []any{"id"},
			"meta": map[string]any{"level": 2},
		},
	}, models["stg_google_ads"].Config)
	require.Equal(t, runner.Config{
		Enabled: true, Materialized: runner.Table, Alias: "spend_y", Tags: []string{"all", "report"},
		OrderBy: []string{"date desc"}, Meta: map[string]any{"owner": "me", "level": 1},
		All: map[string]any{
			"materialized": "TABLE", "alias": "spend_y", "tags": []any{"all", "report"}, "order_by": "date desc",
			"meta": map[string]any{"owner": "me", "level": 1},
		},
		Given: map[string]any{
			"materialized": "TABLE", "alias": "spend_y", "tags": []any{"report", "all"}, "order_by": "date desc",
			"meta": map[string]any{"owner": "me", "level": 1},
		},
	}, models["spend"].Config)
	require.Equal(t, "Money spent. Yes.", models["spend"].Description)
	require.Equal(t, "model.marketing.spend", models["spend"].ID)
	require.Equal(t, []runner.Column{{
		Name: "client_id", Description: "Who", DataType: "varchar",
		Pos: runner.Position{File: "models/reports/_reports.yml", Line: 9, Col: 9},
	}}, models["spend"].Columns)
	require.Len(t, models, 3)

	require.Equal(t, map[string]runner.Position{
		"model.marketing.stg_off":           {File: "project.yaml", Line: 19, Col: 25},
		"source.marketing.raw.off":          {File: "models/cleaning/_sources.yml", Line: 16, Col: 39},
		"test.marketing.unique_spend_other": {File: "models/reports/_reports.yml", Line: 7, Col: 47},
	}, p.Disabled)

	require.Len(t, p.Seeds, 1)
	require.Equal(t, ";", p.Seeds[0].Delimiter)
	require.Equal(t, runner.SeedTable, p.Seeds[0].Config.Materialized)
	require.Equal(t, "reference", p.Seeds[0].Config.Schema)
}

func TestLoadSources(t *testing.T) {
	p := load(t, project(t, strings.ReplaceAll(shop, `note: "{{ var('given') }}"`, "note: 1")))
	require.Len(t, p.Sources, 3)
	ads, clients, ready := p.Sources[0], p.Sources[1], p.Sources[2]
	require.Equal(t, "source.marketing.raw.google_ads", ads.ID)
	require.Equal(t, "What platforms deliver", ads.Description)
	require.Equal(t, []string{"landing", "daily"}, ads.Config.Tags)
	require.Equal(t, &runner.Load{
		Files: []string{"data/raw/google_ads.csv"}, OnError: runner.Fail, MaxRejected: runner.Threshold{Set: true, Value: 100},
		Delimiter: "\t", Decimal: ",", DateFormats: []string{"%d/%m/%Y"}, NullValues: []string{"--", "0", "null"},
		Pos: runner.Position{File: "models/cleaning/_sources.yml", Line: 9, Col: 16},
	}, ads.Load)
	require.Equal(t, []runner.Column{{
		Name: "clicks", DataType: "bigint", NotNull: true, Optional: true,
		Aliases: []string{"Clicks", "klicks"}, Pos: runner.Position{File: "models/cleaning/_sources.yml", Line: 11, Col: 14},
	}}, ads.Columns)
	require.Equal(t, []string{"a.csv", "b.json"}, clients.Load.Files)
	require.Equal(t, "json", clients.Load.Format)
	require.Equal(t, runner.Threshold{Set: true, Value: 5, Percent: true}, clients.Load.MaxRejected)
	require.Equal(t, map[string]any{"pii": true}, clients.Config.Meta)
	require.Equal(t, "raw", clients.Config.Schema)
	require.Nil(t, ready.Load)
}

func TestLoadTests(t *testing.T) {
	p := load(t, project(t, strings.ReplaceAll(shop, `note: "{{ var('given') }}"`, "note: 1")))
	tests := map[string]*runner.Test{}
	var names []string
	for _, test := range p.Tests {
		tests[test.Name] = test
		names = append(names, test.Name)
	}
	require.Equal(t, []string{
		"spend_is_positive",
		"not_null_spend_client_id",
		"accepted_values_spend_client_id__False__True__1__1_0__a_b__None",
		"relationships_spend_0a8214218000298e55c3d2820aaefcbd",
		"unique_spend_client_id",
		"money_is_kept",
		"unique_channels_a",
		"source_not_null_raw_google_ads_clicks",
	}, names)
	require.Equal(t, "{{ anything }} > 0", tests["spend_is_positive"].Args["expression"])
	require.Equal(t, []string{"core"}, tests["spend_is_positive"].Config.Tags)
	require.Equal(t, runner.SeverityWarn, tests["spend_is_positive"].Severity)
	accepted := tests[names[2]]
	require.Equal(t, "client_id", accepted.Column)
	require.Equal(t, "model.marketing.spend", accepted.On)
	require.Equal(t, map[string]any{"values": []any{true, 1, 1.0, "a b", nil}, "quote": false}, accepted.Args)
	require.Equal(t, runner.SeverityError, accepted.Severity)
	require.Equal(t, "x > 1", accepted.Where)
	require.Equal(t, ">5%", accepted.WarnIf)
	require.Equal(t, 5, accepted.Limit)
	require.True(t, accepted.StoreFailures)
	singular := tests["money_is_kept"]
	require.Equal(t, "singular", singular.Type)
	require.Equal(t, runner.SeverityError, singular.Severity)
	require.Equal(t, []string{"money"}, singular.Config.Tags)
	require.Empty(t, singular.On)
}

func TestLoadWithDefaults(t *testing.T) {
	p := load(t, project(t, "-- project.yaml --\n\ufeffname: tiny\r\n"))
	require.Equal(t, runner.Target{Name: "dev", Path: "data/warehouse.duckdb", Schema: "main"}, p.Target)
	require.Equal(t, defaultPaths(), p.Paths)
	require.Empty(t, p.Models)
}

func TestLoadChoosesTarget(t *testing.T) {
	for yaml, want := range map[string]string{
		"targets: {prod: {}}":                     "prod",
		"targets: {prod: {}, dev: {}}":            "dev",
		"target: prod\ntargets: {prod:, dev: {}}": "prod",
	} {
		require.Equal(t, want, load(t, project(t, "-- project.yaml --\nname: m\n"+yaml+"\n")).Target.Name)
	}
	dir := project(t, "-- project.yaml --\nname: m\ntargets: {prod: {}, dev: {}}\n")
	p, err := Load(context.Background(), Options{Dir: dir, Target: "prod"})
	require.NoError(t, err)
	require.Equal(t, "prod", p.Target.Name)
	_, err = Load(context.Background(), Options{Dir: dir, Target: "live"})
	require.EqualError(t, err, `there is no target "live"`)
}

func TestLoadAcceptsAnyTestWithoutKinds(t *testing.T) {
	dir := project(t, "-- project.yaml --\nname: m\n-- models/a.sql --\nselect 1\n-- models/a.yml --\nmodels: [{name: a, data_tests: [{odd: {x: 1}}]}]\n")
	p, err := Load(context.Background(), Options{Dir: dir})
	require.NoError(t, err)
	require.Equal(t, "odd_a_1", p.Tests[0].Name)
}

func TestLoadFollowsLinksButNotInCircles(t *testing.T) {
	dir := project(t, "-- project.yaml --\nname: m\n-- shared/a.sql --\nselect 1\n-- models/b.sql --\nselect 1\n")
	require.NoError(t, os.Symlink("../shared", filepath.Join(dir, "models", "linked")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "models", "note.txt")))
	p := load(t, dir)
	require.Len(t, p.Models, 2)
	require.Equal(t, "models/linked/a.sql", p.Models[1].Path)

	require.NoError(t, os.Symlink("..", filepath.Join(dir, "shared", "up")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "models", "gone.sql")))
	_, err := Load(context.Background(), Options{Dir: dir})
	require.ErrorContains(t, err, "models/gone.sql: cannot be read: no such file or directory")
	require.ErrorContains(t, err, "is a link that leads back to a folder above it")
}

func TestLoadRefusesStrangeFiles(t *testing.T) {
	dir := project(t, "-- project.yaml --\nname: m\n")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "models"), 0o755))
	file := func(name string, data string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "models", name), []byte(data), 0o644))
	}
	file("big.sql", strings.Repeat("-", mostText+1))
	file("big.yml", strings.Repeat("#\n", 3<<20))
	file("wide.yml", "\xff\xfem\x00")
	file("zero.yml", "models:\n  \x00")
	file("deep.yml", "models: "+strings.Repeat("[", 100_000))
	file("dashes.yml", strings.Repeat("- ", 100_000))
	file("bomb.yml", "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"+bomb())
	_, err := Load(context.Background(), Options{Dir: dir})
	require.Equal(t, []string{
		"models/big.sql: is too large for a file of a project",
		"models/big.yml: 6 MB are too much for a YAML file",
		"models/bomb.yml:1:1: the file holds too many values once its aliases are followed",
		"models/dashes.yml:1:121: values are nested more than 60 deep",
		"models/deep.yml:1:69: values are nested more than 60 deep",
		"models/wide.yml: the file is UTF-16, not UTF-8",
		"models/zero.yml:2: a zero byte cannot stand in a YAML file",
	}, strings.Split(err.Error(), "\n"))
}

// bomb is a billion values by way of aliases.
func bomb() string {
	var b strings.Builder
	for c := 'b'; c <= 'i'; c++ {
		b.WriteString(string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 9) + "*" + string(c-1) + "]\n")
	}
	return b.String()
}

func TestLoadStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Load(ctx, Options{Dir: project(t, "-- project.yaml --\nname: m\n-- models/a.sql --\nselect 1\n")})
	require.ErrorIs(t, err, context.Canceled)
}

func TestFind(t *testing.T) {
	dir := project(t, "-- project.yaml --\nname: m\n-- models/deep/a.sql --\nselect 1\n")
	got, err := Find(filepath.Join(dir, "models", "deep"))
	require.NoError(t, err)
	require.Equal(t, dir, got)
	outside := t.TempDir()
	_, err = Find(outside)
	require.EqualError(t, err, "no project.yaml in "+outside+" or any folder above it")
	require.Equal(t, runner.ExitUsage, runner.ExitStatus(err))
}

func TestTestNames(t *testing.T) {
	tests := []struct {
		kind, on, column string
		args             map[string]any
		want             string
	}{
		{"not_null", "orders", "id", nil, "not_null_orders_id"},
		{"accepted_values", "orders", "status", map[string]any{"values": []any{"placed", "in transit"}}, "accepted_values_orders_status__placed__in_transit"},
		{"relationships", "orders", "customer_id", map[string]any{"to": "ref('customers')", "field": "id"}, "relationships_orders_customer_id__id__ref_customers_"},
		{"row_count_between", "orders", "", map[string]any{"min": 1, "max": 2.5}, "row_count_between_orders_2_5__1"},
		{"x", "m", "", map[string]any{"meta": map[string]any{"b": false, "a": nil}}, "x_m_None__False"},
		{
			"accepted_values", "a_model_with_a_long_name", "column",
			map[string]any{"values": []any{"one", "two", "three"}},
			"accepted_values_a_model_with_a_f497cbd6fcf361bef00bfc16b909298d",
		},
	}
	for _, tt := range tests {
		_, short := testNames(tt.kind, tested{on: tt.on}, tt.column, tt.args)
		require.Equal(t, tt.want, short)
	}
}

package project

import (
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"elt/runner"
)

const automated = `
-- project.yaml --
name: shop
schedules:
  - name: nightly
    cron: "30 2 * * mon-fri"
    time_zone: Europe/Berlin
    select: [tag:daily, +report]
    misfire: skip
    overlap: queue
  - name: drops
    watch: "inbox/**/*.csv"
    exclude: tag:slow
    enabled: false
  - name: often
    cron: "@hourly"
on_failure:
  - webhook: "https://hooks.example.com/{{ var('channel') }}"
    secret_env: HOOK_SECRET
    timeout: 1m30s
    retries: 0
  - {command: [./tell.sh, now]}
on_success: {command: ./done.sh}
openlineage: {file: data/lineage.jsonl}
vars: {channel: data}
-- models/sources.yml --
sources:
  - name: raw
    tables:
      - {name: a, load: {files: "data/raw/a*.csv"}, columns: [{name: x, data_type: bigint}]}
      - {name: b, load: {files: ["data/raw/b.csv", "data/raw/a*.csv"]}, columns: [{name: x, data_type: bigint}]}
      - {name: c}
`

func TestAutomation(t *testing.T) {
	p := load(t, project(t, automated))
	for _, s := range p.Schedules {
		s.Pos = runner.Position{}
	}
	require.Equal(t, []*runner.Schedule{
		{Name: "nightly", Cron: "30 2 * * mon-fri", TimeZone: "Europe/Berlin", Select: []string{"tag:daily", "+report"}, Misfire: "skip", Overlap: "queue", Enabled: true},
		{Name: "drops", Watch: []string{"inbox/**/*.csv"}, TimeZone: "UTC", Exclude: []string{"tag:slow"}, Misfire: "run_once", Overlap: "queue"},
		{Name: "often", Cron: "@hourly", TimeZone: "UTC", Misfire: "run_once", Overlap: "skip", Enabled: true},
		{Name: "sources", Watch: []string{"data/raw/a*.csv", "data/raw/b.csv"}, TimeZone: "UTC", Misfire: "run_once", Overlap: "queue", Enabled: true},
	}, p.Schedules)
	require.Len(t, p.OnFailure, 2)
	hook := p.OnFailure[0]
	hook.Pos = runner.Position{}
	require.Equal(t, runner.Hook{URL: "https://hooks.example.com/data", SecretEnv: "HOOK_SECRET", Timeout: 90 * time.Second}, hook)
	require.Equal(t, []string{"./tell.sh", "now"}, p.OnFailure[1].Command)
	require.Equal(t, []any{[]string{"./done.sh"}, 10 * time.Second, 3}, []any{p.OnSuccess[0].Command, p.OnSuccess[0].Timeout, p.OnSuccess[0].Retries})
	require.Equal(t, []string{"data/lineage.jsonl", "shop"}, []string{p.Lineage.File, p.Lineage.Namespace})

	data, err := ProjectSchema()
	require.NoError(t, fitsSchema(t, resolve(t, data, err), string(txtar.Parse([]byte(automated)).Files[0].Data)))
}

func TestSourcesAreWatchedUnlessAProjectSaysOtherwise(t *testing.T) {
	const sources = `
-- models/sources.yml --
sources: [{name: raw, tables: [{name: a, load: {files: a.csv}, columns: [{name: x, data_type: bigint}]}]}]
`
	for config, want := range map[string][]string{
		"":                     {"a.csv"},
		"watch_sources: true":  {"a.csv"},
		"watch_sources: false": nil,
		"schedules: [{name: sources, overlap: skip}]":    {"a.csv"},
		"schedules: [{name: sources, watch: other.csv}]": {"other.csv"},
	} {
		p := load(t, project(t, "-- project.yaml --\nname: shop\n"+config+"\n"+sources))
		var got []string
		for _, s := range p.Schedules {
			got = append(got, s.Watch...)
		}
		require.Equal(t, want, got, config)
	}
	p := load(t, project(t, "-- project.yaml --\nname: shop\n"))
	require.Empty(t, p.Schedules, "there is nothing to watch")
}

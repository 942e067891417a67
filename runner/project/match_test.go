package project

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/dag"
)

func graphOf(p *runner.Project) *dag.Graph {
	g := &dag.Graph{}
	for _, s := range p.Sources {
		g.Add(s.ID)
	}
	for _, s := range p.Seeds {
		g.Add(s.ID)
	}
	for _, m := range p.Models {
		g.Add(m.ID)
	}
	for _, t := range p.Tests {
		g.Add(t.ID)
		if t.On != "" {
			g.Depend(t.ID, t.On)
		}
	}
	return g
}

func TestMatcher(t *testing.T) {
	p := load(t, project(t, strings.ReplaceAll(shop, `note: "{{ var('given') }}"`, "note: 1")))
	g, match := graphOf(p), Matcher(p)
	const (
		clients = "model.stg_clients"
		ads     = "model.stg_google_ads"
		spend   = "model.spend"
		onSpend = "test.accepted_values_spend_client_id__False__True__1__1_0__a_b__None test.not_null_spend_client_id " +
			"test.relationships_spend_0a8214218000298e55c3d2820aaefcbd test.spend_is_positive test.unique_spend_client_id"
	)
	tests := []struct{ expr, want string }{
		{"spend", spend},
		{"stg_*", clients + " " + ads},
		{"cleaning", clients + " " + ads + " test.source_not_null_raw_google_ads_clicks"},
		{"cleaning.google", ads},
		{"cleaning.google.*", ads},
		{"marketing.cleaning.stg_clients", clients},
		{"raw.google_ads", "source.raw.google_ads"},
		{"raw", "source.raw.clients source.raw.google_ads"},
		{"clients", ""},
		{"source:raw", "source.raw.clients source.raw.google_ads"},
		{"source:*.ready source:marketing.raw.clients", "source.raw.clients source.warehouse.ready"},
		{"path:models/cleaning,resource_type:model", clients + " " + ads},
		{"./models/cleaning/google/", ads},
		{"models/**/stg_*.sql", clients + " " + ads},
		{"path:models/cleaning/stg_clients.sql", clients},
		{"stg_clients.sql", clients},
		{"file:stg_clients", clients},
		{"channels.csv", "seed.channels"},
		{"tag:report", spend},
		{"tag:a*,resource_type:model", spend + " " + clients + " " + ads},
		{"tag:landing,tag:daily", "source.raw.clients source.raw.google_ads"},
		{"config.materialized:ephemeral", ads},
		{"config.schema:cleaning", clients + " " + ads},
		{"config.meta.level:1", spend},
		{"config.meta.pii:true", "source.raw.clients"},
		{"config.severity:error,test_type:generic", "test.accepted_values_spend_client_id__False__True__1__1_0__a_b__None test.unique_spend_client_id"},
		{"config.store_failures:true", "test.accepted_values_spend_client_id__False__True__1__1_0__a_b__None"},
		{"test_type:singular", "test.money_is_kept"},
		{"test_name:unique", "test.unique_channels_a test.unique_spend_client_id"},
		{"spend+1,test_type:data", onSpend},
		{"resource_type:seed", "seed.channels"},
		{"fqn:reports.spend", spend},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			s, err := dag.Parse(tt.expr)
			require.NoError(t, err)
			got, _, err := s.Select(g, match)
			require.NoError(t, err)
			require.Equal(t, tt.want, strings.ReplaceAll(strings.Join(got.Sorted(), " "), ".marketing.", "."))
		})
	}
}

func TestMatcherErrors(t *testing.T) {
	match := Matcher(&runner.Project{})
	tests := []struct{ method, value, want string }{
		{"tags", "x", `there is no selector method "tags"; did you mean "tag"?`},
		{"state", "x", `there is no selector method "state"; there are access, exposure, file, fqn, group, package, path, resource_type, source, tag, test_name, test_type, unit_test, version, config.materialized`},
		{"resource_type", "models", `there is no resource type "models"; did you mean "model"?`},
		{"test_type", "model", `there is no test type "model"; there are data, generic, singular, unit`},
		{"config.materialised", "view", `there is no configuration key "materialised"; did you mean "materialized"?`},
		{"tag", "[a", `"[a" is no pattern: a [ is not closed`},
	}
	for _, tt := range tests {
		_, err := match(tt.method, tt.value, "model.m.a")
		require.EqualError(t, err, tt.want)
	}
	found, err := match("", "a", "model.m.a")
	require.NoError(t, err)
	require.False(t, found, "an id that the project lacks")
}

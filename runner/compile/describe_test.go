package compile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/compile"
)

// What packages that look at the whole project read of it, as they read it.
func TestTheGraphTellsRulesOfSourcesAndOwnersOfExposures(t *testing.T) {
	p, _ := projectOf(t, txtar.Parse([]byte(`
-- setup.yaml --
name: shop
dbt: true
sources: {raw.a: "", raw.b: "", raw.c: ""}
exposures: {board: [], sheet: []}
-- models/asks.sql --
{% for s in graph.sources.values() | sort(attribute='name') %}{{ s.freshness | tojson }}
{% endfor %}
{%- set e = graph.exposures['exposure.shop.board'] %}{{ [e.type, e.maturity, e.url, e.owner.name, e.owner.email] }}
{{ graph.exposures['exposure.shop.sheet'].owner }}
`)))
	for _, source := range p.Sources {
		switch source.Name {
		case "a":
			source.Freshness = &runner.Freshness{WarnAfter: 90 * time.Minute, ErrorAfter: 48 * time.Hour, Filter: "x > 1"}
		case "b":
			source.Config.Given = map[string]any{"freshness": nil}
		}
	}
	*p.Exposures[0] = runner.Exposure{Node: p.Exposures[0].Node, Type: "dashboard", Maturity: "high", Owner: "Ann", OwnerEmail: "ann@example.com"}
	p.Exposures[1].Owner, p.Exposures[1].OwnerEmail = "ben@example.com", "ben@example.com" // as project reads an owner without a name
	c, err := compile.New(t.Context(), p, compile.Options{})
	require.NoError(t, err)
	sql, err := c.SQL(t.Context(), "model.shop.asks", compile.Render{DB: database(t, "")})
	require.NoError(t, err)
	require.Equal(t, []string{
		`{"error_after": {"count": 2, "period": "day"}, "filter": "x \u003e 1", "warn_after": {"count": 90, "period": "minute"}}`,
		`null`,
		`{"error_after": {"count": null, "period": null}, "filter": null, "warn_after": {"count": null, "period": null}}`,
		`['dashboard', 'high', None, 'Ann', 'ann@example.com']`,
		`{'email': 'ben@example.com', 'name': None}`,
	}, strings.Split(sql.Text, "\n"))
}

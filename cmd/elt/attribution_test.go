package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAttributionConservesMoney holds, on data as odd as it gets, that every model in both scopes gives away all revenue or says
// what it left over, to the cent: by client and day, by campaign, and in the table that dashboards read.
func TestAttributionConservesMoney(t *testing.T) {
	t.Parallel()
	models := []string{"first", "last", "last_non_direct", "linear", "position", "w_shaped", "time_decay"}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 7))
			dir := t.TempDir()
			require.NoError(t, copyProject(dir))
			writeOddData(t, filepath.Join(dir, "data/raw"), rng)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "models/assertions/both_ways.sql"), []byte(bothWays), 0o644))
			vars := fmt.Sprintf("{lookback_days: %d, half_life_days: %g, attribution_model: %s}",
				[]int{0, 1, 7, 30}[rng.IntN(4)], []float64{0.5, 7, 90}[rng.IntN(3)], models[rng.IntN(len(models))])
			elt(t, dir, "run", "--vars", vars)

			require.Empty(t, rowsOf(t, dir, "select * from attribution_reconciliation where difference_usd <> 0"), vars)
			require.Equal(t, [][]string{{"8", "1"}}, rowsOf(t, dir,
				`select count(*), count(distinct revenue_usd) from (
					select model, sum(attributed_usd + unattributed_usd) as revenue_usd from attribution_reconciliation group by model)`), vars)
			require.Equal(t, [][]string{{"8", "0"}}, rowsOf(t, dir,
				`select count(*), sum(abs(cents - (select sum(cast(revenue_usd * 100 as bigint)) from stg_revenue))) from (
					select model, sum(attributed_cents + unattributed_cents) as cents from attribution_credits group by model)`), vars)
			require.Empty(t, rowsOf(t, dir,
				`select * from (
					select scope, model, touch_channel, sum(attributed_revenue) as credits from attribution_credits
					where touch_channel is not null group by scope, model, touch_channel) as credits
				join attribution_comparison as compared
					on compared.model = credits.model and compared.channel = credits.touch_channel
				where compared.attributed_revenue <> credits.credits`), vars)
			require.Equal(t, [][]string{{"0.00", "0.00"}}, rowsOf(t, dir,
				`select
					(select sum(revenue_usd) from stg_revenue) - sum(attributed_revenue_from_source_usd)
						- coalesce((select sum(revenue_usd) from unattributed_revenue where attribution = 'from_source'), 0),
					(select sum(revenue_usd) from stg_revenue) - sum(attributed_revenue_model_usd)
						- coalesce((select sum(revenue_usd) from unattributed_revenue where attribution = 'model'), 0)
				from marketing_analytics`), vars)
		})
	}
}

// bothWays holds that what the models of whole days leave out to save work changes nothing, down to the cent that is left over: also
// with weights that are odd, and with a milestone at any place. It returns what differs.
const bothWays = `
{%- set settings = [
    ([40, 20, 40], [30, 30, 30, 10]), ([0, 1, 0], [7, 0, 5, 3]), ([0.4, 0.2, 0.4], [0, 0, 0, 1]),
] %}
{%- set models = ['first', 'last', 'last_non_direct', 'position', 'w_shaped'] %}
with days as (
    select *, mod(touchpoints, 3) as kind_of_day
    from {{ ref('client_days') }}
    where touchpoints > 0
),

revenue as (
    select client_id, date, revenue_cents as cents
    from {{ ref('client_days') }}
    where revenue_cents <> 0
)
{%- for position_weights, w_shaped_weights in settings %}
{%- for milestone in [none, 'kind_of_day = 1'] %}
{{ 'union all' if not (loop.first and position_weights[0] == 40) }}
select client_id
from (
    {%- for at_a_time in [true, false] %}
    {{ 'union all' if not loop.first }}
    select
        client_id, converted_at, touched_at, {{ at_a_time }} as at_a_time
        {%- for model in models %}, {{ model }}_cents{% endfor %}
    from ({{ attribute_journeys_by_models(
        touches='(select client_id, date as touched_at, touchpoints, non_direct_touchpoints, kind_of_day from days)',
        conversions='(select client_id, date as converted_at, cents from revenue)',
        models=models, lookback_days=lookback_days(), half_life_days=half_life_days(), journey='client_id',
        channel=none, campaign=none, weight='touchpoints', non_direct_weight='non_direct_touchpoints', value_cents='cents',
        position_weights=position_weights, w_shaped_weights=w_shaped_weights, milestone=milestone, one_at_a_time=at_a_time,
    ) }}) as credits
    {%- endfor %}
) as both_ways
group by
    client_id, converted_at, touched_at
    {%- for model in models %}, {{ model }}_cents{% endfor %}
having count(*) <> 2
{%- endfor %}
{%- endfor %}
`

// writeOddData writes raw files with refunds, single cents and fortunes, days and clients without touchpoints or without revenue,
// clients and channels nobody knows, numbers that are missing, zero or negative, and rows that come twice.
func writeOddData(t *testing.T, dir string, rng *rand.Rand) {
	pick := func(options ...string) string { return options[rng.IntN(len(options))] }
	client := func() string { return pick("C1", "C2", "C3", "C4", "C9") }
	date := func() string { return fmt.Sprintf("2025-03-%02d", 1+rng.IntN(20)) }
	number := func() string { return pick("", "0", "0", "1", "2", "7", "1000000", "-3") }
	amount := func() string {
		return pick("0", "0.01", "0.02", "-0.01", "0.05", "19.99", "-19.99", "1234.56", "-250.00", "99999999.99")
	}
	rate := func() string { return pick("", "0", "0.000001", "0.25", "1") }
	rows := func(header string, count int, row func() string) string {
		lines := []string{header}
		for range count {
			line := row()
			lines = append(lines, line)
			if rng.IntN(5) == 0 {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, "\n") + "\n"
	}
	list := func(cells ...string) string { return strings.Join(cells, ",") }

	objects := make([]string, 40)
	for i := range objects {
		objects[i] = fmt.Sprintf(`{"fb_campaign_id":%q,"client":%q,"date":%q,"clicks":%d,"reach":%d,"spend":%s,"platform":"instagram","geo":"DE"}`,
			pick("FB1", "FB2", ""), client(), date(), rng.IntN(3), rng.IntN(3), amount())
	}
	for name, text := range map[string]string{
		"google_ads.csv": rows("campaign_id,client_id,date,clicks,impressions,cost_usd,device_type,geo", 60, func() string {
			return list(pick("G1", "G2", ""), client(), date(), number(), number(), amount(), "mobile", "DE")
		}),
		"facebook_ads.json": "[" + strings.Join(objects, ",\n") + "]\n",
		"email_campaigns.csv": rows("email_id,client_id,date,emails_sent,open_rate,click_rate,subject_line", 20, func() string {
			return list("E1", client(), date(), number(), rate(), rate(), "hello")
		}),
		"web_traffic.csv": rows("client_id,date,pageviews,sessions,bounce_rate,avg_session_duration", 20, func() string {
			return list(client(), date(), number(), number(), rate(), "00:01:00")
		}),
		"clients.csv": "client_id,name,industry,account_manager,signup_date\nC1,One,Retail,Ann,2024-01-01\nC2,Two,,,\nC3,Three,Retail,Ben,2025-03-10\n",
		"revenue.csv": rows("client_id,date,channel,attributed_revenue", 120, func() string {
			return list(pick("C1", "C2", "C3", "C4", "C8", "C9"), date(),
				pick("google_ads", "facebook", "email", "organic", "television", ""), amount())
		}),
	} {
		require.NoError(t, os.MkdirAll(dir, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
}

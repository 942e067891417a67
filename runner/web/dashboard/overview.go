package dashboard

import (
	"maps"
	"slices"
	"time"

	"elt/runner/web/table"
)

// kpis are the six figures, in their order.
var kpis = []struct {
	key, label, unit string
	of               func(cell) int64 // cents for usd
}{
	{"spend", "Spend", "usd", func(c cell) int64 { return c.spend }},
	{"clicks", "Clicks", "count", func(c cell) int64 { return c.clicks }},
	{"impressions", "Impressions", "count", func(c cell) int64 { return c.impressions }},
	{"sessions", "Sessions", "count", func(c cell) int64 { return c.sessions }},
	{"emails_sent", "Emails sent", "count", func(c cell) int64 { return c.emails }},
	{"attributed_revenue", "Attributed revenue", "usd", func(c cell) int64 { return c.revenue }},
}

// figure is a KPI's number as it is shown: dollars for cents.
func figure(unit string, n int64) float64 {
	if unit == "usd" {
		return float64(n) / 100
	}
	return float64(n)
}

func (p plan) kpis(c cube) []KPI {
	all := total(c.platform)
	out := make([]KPI, len(kpis))
	for i, k := range kpis {
		kpi := KPI{Key: k.key, Label: k.label, Unit: k.unit, Value: figure(k.unit, k.of(all)), Spark: []*float64{}}
		if !p.before.IsZero() {
			before := figure(k.unit, k.of(c.before))
			kpi.Previous = &before
			kpi.DeltaPercent = percent(k.of(all)-k.of(c.before), k.of(c.before))
		}
		for _, t := range p.periods() {
			v := figure(k.unit, k.of(total(c.now[t])))
			kpi.Spark = append(kpi.Spark, &v)
		}
		out[i] = kpi
	}
	return out
}

// percent is part of whole in percent; nil where whole is not above zero, for then there is no such thing.
func percent(part, whole int64) *float64 {
	if whole <= 0 {
		return nil
	}
	v := float64(part) / float64(whole) * 100
	return &v
}

func (p plan) overview(runID string, c cube, channels map[string]string) Overview {
	o := Overview{RunID: runID, Range: Range{iso(p.from), iso(p.to)}, Grain: p.grain, KPIs: p.kpis(c), Charts: p.charts(c, channels)}
	if !p.before.IsZero() {
		o.Previous = &Range{iso(p.before), iso(p.from.AddDate(0, 0, -1))}
	}
	return o
}

func iso(t time.Time) string { return t.Format(time.DateOnly) }

var (
	dateColumn     = table.Column{Name: "date", Type: "DATE", Description: "first day of the period"}
	platformColumn = table.Column{Name: "platform", Type: "VARCHAR"}
)

func whole(name string) table.Column { return table.Column{Name: name, Type: "BIGINT"} }

func money(name string) table.Column { return table.Column{Name: name, Type: "DECIMAL(18,2)"} }

func rate(name string) table.Column {
	return table.Column{Name: name, Type: "DOUBLE", Description: "percent; null without impressions"}
}

func (p plan) charts(c cube, channels map[string]string) Charts {
	platforms := slices.Sorted(maps.Keys(c.platform))
	charts := Charts{
		SpendByPlatform:   table.Table{Columns: []table.Column{platformColumn, money("spend_usd")}},
		ClicksOverTime:    table.Table{Columns: []table.Column{dateColumn, platformColumn, whole("clicks")}},
		CTRByPlatform:     table.Table{Columns: []table.Column{platformColumn, whole("clicks"), whole("impressions"), rate("ctr")}},
		SessionsPageviews: table.Table{Columns: []table.Column{dateColumn, whole("sessions"), whole("pageviews")}},
		RevenueByChannel:  table.Table{Columns: []table.Column{dateColumn, {Name: "channel", Type: "VARCHAR"}, money("attributed_revenue_usd")}},
		CTRTrends:         table.Table{Columns: []table.Column{dateColumn, whole("total_clicks"), whole("total_impressions"), rate("ctr")}},
	}
	for _, t := range []*table.Table{
		&charts.SpendByPlatform, &charts.ClicksOverTime, &charts.CTRByPlatform, &charts.SessionsPageviews, &charts.RevenueByChannel, &charts.CTRTrends,
	} {
		t.Rows = [][]any{} // not null where there is no data
	}
	for _, name := range platforms {
		d := c.platform[name]
		charts.SpendByPlatform.Rows = append(charts.SpendByPlatform.Rows, []any{name, figure("usd", d.spend)})
		charts.CTRByPlatform.Rows = append(charts.CTRByPlatform.Rows, []any{name, d.clicks, d.impressions, percent(d.clicks, d.impressions)})
	}
	for _, t := range p.periods() {
		date, now := iso(t), c.now[t]
		all, ads := total(now), cell{}
		revenue := map[string]int64{}
		for _, name := range platforms {
			d := now[name]
			charts.ClicksOverTime.Rows = append(charts.ClicksOverTime.Rows, []any{date, name, d.clicks})
			revenue[channelOf(name, channels)] += d.revenue
			if c.platform[name].impressions > 0 { // one that shows nothing has no click-through rate
				ads.add(d)
			}
		}
		charts.SessionsPageviews.Rows = append(charts.SessionsPageviews.Rows, []any{date, all.sessions, all.pageviews})
		for _, channel := range slices.Sorted(maps.Keys(revenue)) {
			charts.RevenueByChannel.Rows = append(charts.RevenueByChannel.Rows, []any{date, channel, figure("usd", revenue[channel])})
		}
		charts.CTRTrends.Rows = append(charts.CTRTrends.Rows, []any{date, ads.clicks, ads.impressions, percent(ads.clicks, ads.impressions)})
	}
	return charts
}

// channelOf is the revenue channel of a platform; where the project does not say, they have the same name.
func channelOf(platform string, channels map[string]string) string {
	if channel, ok := channels[platform]; ok {
		return channel
	}
	return platform
}

// Package dashboard answers the questions of the overview: what a filter means, and the figures, charts and rows below it.
// It reads the published snapshot and knows no HTTP.
package dashboard

import (
	"errors"

	"elt/runner/web/cache"
	"elt/runner/web/snapshot"
	"elt/runner/web/table"
)

// ErrNoModel says that the project does not publish the model that was asked for. ErrFilter says that a filter makes no
// sense. The errors that wrap them are *runner.Error with a hint.
var (
	ErrNoModel = errors.New("no such model")
	ErrFilter  = errors.New("bad filter")
)

// Service answers questions. It is safe for concurrent use.
type Service struct {
	snapshots *snapshot.Pool
	cache     *cache.Cache
}

// New makes a Service that keeps its answers in cache.
func New(snapshots *snapshot.Pool, cache *cache.Cache) *Service {
	return &Service{snapshots: snapshots, cache: cache}
}

// Filter is what the URL of the overview says. The zero Filter is the last 30 days of all clients and platforms, by day,
// compared with the 30 days before.
type Filter struct {
	Clients   []string // IDs; empty: all
	Platforms []string // empty: all
	From, To  string   // ISO dates, both included; empty: see above
	Grain     string   // day, week (from Monday) or month; empty: day
	Compare   string   // previous or none; empty: previous
}

// Range is a stretch of days, both included.
type Range struct {
	From string `json:"from" doc:"ISO date"`
	To   string `json:"to" doc:"ISO date, included"`
}

// Overview is everything on the overview that depends on the filter.
type Overview struct {
	RunID    string `json:"run_id"`
	Range    Range  `json:"range"`
	Previous *Range `json:"previous" doc:"as many days before; null where nothing is compared"`
	Grain    string `json:"grain"`
	KPIs     []KPI  `json:"kpis"`
	Charts   Charts `json:"charts"`
}

// KPI is one figure.
type KPI struct {
	Key          string     `json:"key" doc:"spend, clicks, impressions, sessions, emails_sent, attributed_revenue"`
	Label        string     `json:"label"`
	Unit         string     `json:"unit" enum:"usd,count,percent"`
	Value        float64    `json:"value"`
	Previous     *float64   `json:"previous" doc:"in the previous range; null where nothing is compared"`
	DeltaPercent *float64   `json:"delta_percent" doc:"null where there is nothing to compare with"`
	Spark        []*float64 `json:"spark" doc:"a value a period of the range"`
}

// Charts are the series of the charts, long: a row for each period and platform or channel. Periods without data are
// there with zeros, rates without a denominator are null.
type Charts struct {
	SpendByPlatform   table.Table `json:"spend_by_platform" doc:"platform, spend_usd"`
	ClicksOverTime    table.Table `json:"clicks_over_time" doc:"date, platform, clicks"`
	CTRByPlatform     table.Table `json:"ctr_by_platform" doc:"platform, clicks, impressions, ctr (percent)"`
	SessionsPageviews table.Table `json:"sessions_pageviews" doc:"date, sessions, pageviews"`
	RevenueByChannel  table.Table `json:"revenue_by_channel" doc:"date, channel, attributed_revenue_usd"`
	CTRTrends         table.Table `json:"ctr_trends" doc:"date, total_clicks, total_impressions, ctr (percent; Google and Facebook together)"`
}

// Choices are what the filter can be set to.
type Choices struct {
	Clients   []Client `json:"clients"`
	Platforms []string `json:"platforms"`
	MinDate   string   `json:"min_date" doc:"first day with data; empty without data"`
	MaxDate   string   `json:"max_date"`
}

// Client is one to choose.
type Client struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Attribution is what the attribution models say, of all data.
type Attribution struct {
	RunID      string      `json:"run_id"`
	Comparison table.Table `json:"comparison" doc:"a row for each channel and model: channel, scope, model, attributed_revenue, share_percent, spend, roas, …"`
	Lift       table.Table `json:"lift" doc:"a row for each channel, outcome and method, with confidence intervals"`
}

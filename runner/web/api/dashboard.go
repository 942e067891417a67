package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"elt/runner/web/dashboard"
	"elt/runner/web/table"
)

// filterInput is a dashboard.Filter in a query string; the page / has the same one.
type filterInput struct {
	Client   []string `query:"client,explode" maxItems:"500" doc:"IDs of clients; none: all"`
	Platform []string `query:"platform,explode" maxItems:"50" doc:"none: all"`
	From     string   `query:"from" doc:"ISO date; none: the last 30 days with data"`
	To       string   `query:"to" doc:"ISO date, included"`
	Grain    string   `query:"grain" enum:"day,week,month" default:"day"`
	Compare  string   `query:"compare" enum:"previous,none" default:"previous"`
}

func (in *filterInput) filter() dashboard.Filter {
	return dashboard.Filter{
		Clients: in.Client, Platforms: in.Platform, From: in.From, To: in.To, Grain: in.Grain, Compare: in.Compare,
	}
}

func registerDashboard(a huma.API, s Services) {
	huma.Register(a, describedAs[dashboard.Overview](a, operation("dashboard", "/dashboard", "Figures and charts for a filter", "dashboard")),
		func(ctx context.Context, in *filterInput) (*encoded, error) {
			return answer(s.Dashboard.Overview(ctx, in.filter()))
		})
	huma.Register(a, describedAs[table.Table](a, operation("preview", "/dashboard/preview", "50 rows of what a filter leaves, the latest first", "dashboard")),
		func(ctx context.Context, in *filterInput) (*encoded, error) {
			return answer(s.Dashboard.Preview(ctx, in.filter()))
		})
	huma.Register(a, describedAs[dashboard.Attribution](a, operation("attribution", "/attribution", "The attribution models side by side, and lift", "dashboard")),
		func(ctx context.Context, _ *struct{}) (*encoded, error) { return answer(s.Dashboard.Attribution(ctx)) })
}

package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"elt/runner/web/reports"
)

type reportInput struct {
	Name   string `path:"name" maxLength:"200"`
	Sort   string `query:"sort" maxLength:"200" doc:"a column; none: the order of the file"`
	Desc   bool   `query:"desc" doc:"the largest first"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Offset int    `query:"offset" minimum:"0" default:"0"`
}

func registerReports(a huma.API, s Services) {
	huma.Register(a, operation("reports", "/reports", "The reports of the project", "reports"),
		func(ctx context.Context, _ *struct{}) (*body[[]reports.Report], error) {
			list, err := s.Reports.List(ctx)
			if err != nil {
				return nil, problemOf(err)
			}
			return &body[[]reports.Report]{Body: list}, nil
		})
	huma.Register(a, describedAs[reports.Page](a, operation("report", "/reports/{name}", "Rows of a report", "reports")),
		func(ctx context.Context, in *reportInput) (*encoded, error) {
			return answer(s.Reports.Rows(ctx, in.Name, reports.Window{Sort: in.Sort, Desc: in.Desc, Limit: in.Limit, Offset: in.Offset}))
		})
}

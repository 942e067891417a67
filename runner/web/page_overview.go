package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"elt/runner/web/api"
	"elt/runner/web/catalog"
	"elt/runner/web/dashboard"
	"elt/runner/web/workspace"
)

// overviewData is what pages/overview.html gets. The JSON is what the API says about the same filter, so that the first
// paint needs no second question.
type overviewData struct {
	Overview    []byte // JSON of dashboard.Overview; nil where Empty says why there is none
	Preview     []byte // JSON of table.Table
	Attribution []byte // JSON of dashboard.Attribution
	Still       still
	Empty       *api.Problem
	Tables      []catalog.Listed // what is published all the same, where Empty says that no model is there to draw charts of
}

func (s *Server) registerOverview(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		p := page{Title: "Overview", Area: "overview", Events: s.services.Live.Last()}
		data, err := s.overview(r)
		if err != nil {
			s.renderError(w, r, p, err)
			return
		}
		p.Data = data
		s.render(w, r, http.StatusOK, "overview", p)
	})
}

func (s *Server) overview(r *http.Request) (overviewData, error) {
	var d overviewData
	filter := dashboard.FilterOf(r.URL.Query())
	parts := []struct {
		into *[]byte
		ask  func() ([]byte, error)
	}{
		{&d.Overview, func() ([]byte, error) { return s.services.Dashboard.Overview(r.Context(), filter) }},
		{&d.Preview, func() ([]byte, error) { return s.services.Dashboard.Preview(r.Context(), filter) }},
		{&d.Attribution, func() ([]byte, error) { return s.services.Dashboard.Attribution(r.Context()) }},
	}
	for _, part := range parts {
		text, err := part.ask()
		if missing := emptyState(err); missing != nil {
			d = overviewData{Empty: missing}
			if !errors.Is(err, dashboard.ErrNoModel) {
				return d, nil
			}
			var broken *workspace.Broken
			if d.Tables, err = s.tables(r.Context()); errors.As(err, &broken) {
				err = nil // the page says it above what Empty says
			}
			return d, err
		}
		if err != nil {
			return d, err
		}
		*part.into = text
	}
	var err error
	d.Still, err = stillOf(d.Overview, d.Attribution)
	return d, err
}

// tables are the nodes that have rows, each after what it reads.
func (s *Server) tables(ctx context.Context) ([]catalog.Listed, error) {
	p, err := s.services.Catalog.Project(ctx)
	if err != nil {
		return nil, err
	}
	nodes, err := p.Models(ctx)
	return slices.DeleteFunc(nodes, func(n catalog.Listed) bool { return n.Relation == "" }), err
}

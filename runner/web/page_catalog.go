package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"elt/runner"
	"elt/runner/web/api"
	"elt/runner/web/catalog"
	"elt/runner/web/table"
)

// lineageData is what pages/lineage.html gets.
type lineageData struct {
	Focus      catalog.Node // the zero value where the whole graph is shown
	Lineage    []byte       // JSON of catalog.Lineage; nil where it has more nodes than can be drawn
	Upstream   []catalog.Link
	Downstream []catalog.Link
	Nodes      []catalog.Listed
	Problems   []runner.Problem
}

// modelData is what pages/model.html gets.
type modelData struct {
	catalog.Detail
	Lineage  []byte // JSON of catalog.Lineage, one step up and down
	Bars     bars
	Preview  *table.Table
	OnDemand bool         // a view is worked out when it is asked, which may take long: its rows are shown for ?rows= only
	Missing  *api.Problem // why there is no preview
	Problems []runner.Problem
}

// mostDrawn is how many nodes a graph may have whose places a browser is to work out in a second or two.
const mostDrawn = 200

func (s *Server) registerCatalog(mux *http.ServeMux) {
	mux.HandleFunc("GET /lineage", func(w http.ResponseWriter, r *http.Request) {
		p := page{Title: "Lineage", Area: "lineage", Events: s.services.Live.Last()}
		d, err := s.lineage(r)
		if err != nil {
			s.renderError(w, r, p, err)
			return
		}
		if d.Focus.Name != "" {
			p.Title = d.Focus.Name + " · Lineage"
		}
		p.Data = d
		s.render(w, r, http.StatusOK, "lineage", p)
	})
	mux.Handle("GET /models", http.RedirectHandler("/lineage", http.StatusSeeOther))
	mux.HandleFunc("GET /models/{name}", func(w http.ResponseWriter, r *http.Request) {
		p := page{Title: r.PathValue("name"), Area: "lineage", Events: s.services.Live.Last()}
		d, err := s.model(r)
		if err != nil {
			s.renderError(w, r, p, err)
			return
		}
		p.Title, p.Data = d.Name, d
		s.render(w, r, http.StatusOK, "model", p)
	})
}

// lineage is the graph around ?node=, or around the node that most others are next to; with ?all= it is all of it.
func (s *Server) lineage(r *http.Request) (lineageData, error) {
	ctx, q := r.Context(), r.URL.Query()
	d := lineageData{Problems: s.services.Catalog.Problems()}
	p, err := s.services.Catalog.Project(ctx)
	depth := 1
	switch {
	case err != nil:
	case q.Has("all"):
		depth = catalog.WholeGraph
	case q.Get("node") != "":
		p, d.Focus, err = api.NodeOf(ctx, s.services, q.Get("node"))
	default:
		d.Focus, _ = p.Centre()
	}
	if err != nil {
		return d, err
	}
	if d.Nodes, err = p.Models(ctx); err != nil {
		return d, err
	}
	d.Upstream, d.Downstream = p.Upstream(d.Focus.ID), p.Downstream(d.Focus.ID)
	graph, err := p.Lineage(ctx, d.Focus.ID, depth)
	if err == nil && len(graph.Nodes) <= mostDrawn {
		d.Lineage, err = json.Marshal(graph)
	}
	return d, err
}

func (s *Server) model(r *http.Request) (modelData, error) {
	ctx, name := r.Context(), r.PathValue("name")
	detail, err := api.ModelOf(ctx, s.services, name)
	if err != nil {
		return modelData{}, err
	}
	d := modelData{Detail: detail, Bars: rowBars(detail.History), Problems: s.services.Catalog.Problems()}
	p, err := s.services.Catalog.Project(ctx)
	if err != nil {
		return d, err
	}
	graph, err := p.Lineage(ctx, detail.ID, 1)
	if err == nil {
		d.Lineage, err = json.Marshal(graph)
	}
	if err != nil {
		return d, err
	}
	if d.OnDemand = detail.Published && detail.Materialized == runner.View && !r.URL.Query().Has("rows"); d.OnDemand {
		return d, nil
	}
	rows, err := api.PreviewOf(ctx, s.services, detail.ID)
	if missing := (*api.Problem)(nil); errors.As(err, &missing) {
		d.Missing = missing
		return d, nil
	}
	if d.Missing = emptyState(err); d.Missing != nil {
		return d, nil
	}
	d.Preview = &rows
	return d, err
}

// bars draw how many rows a node had in each run, the latest at the right.
type bars struct {
	Width, Height int
	Bars          []bar
	Most, Latest  int64
}

type bar struct {
	X, Y, Width, Height float64
	Status              runner.Status
	Title, URL          string
}

// rowBars makes bars of a history, whose latest outcome comes first.
func rowBars(history []catalog.Outcome) bars {
	const width, height, gap = 600, 96, 2.0
	b := bars{Width: width, Height: height}
	var known []catalog.Outcome
	for _, o := range history {
		if o.Rows != nil {
			known = append(known, o)
			b.Most = max(b.Most, *o.Rows)
		}
	}
	if len(known) == 0 {
		return b
	}
	b.Latest = *known[0].Rows
	each := min(float64(width)/float64(len(known)), 40)
	for i, o := range known {
		tall := float64(height)
		if b.Most > 0 {
			tall = max(float64(*o.Rows)/float64(b.Most)*height, 1)
		}
		b.Bars = append(b.Bars, bar{
			X: width - float64(i+1)*each, Y: height - tall, Width: each - gap, Height: tall, Status: o.Status, URL: "/runs/" + o.RunID,
			Title: fmt.Sprintf("%s: %s rows, %s", o.Began.UTC().Format("2006-01-02 15:04"), count(*o.Rows), o.Status),
		})
	}
	return b
}

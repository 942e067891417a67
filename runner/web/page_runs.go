package web

import (
	"net/http"

	"elt/runner/web/runs"
)

// runsData is what pages/runs.html gets.
type runsData struct {
	Runs   []runs.Summary
	Names  []string // of nodes, for selectors
	Before string   // the run that all of Runs are older than; empty: they are the newest
	Older  string   // the last of Runs, where there are older ones
}

// runsShown is how many runs a page lists.
const runsShown = 50

func (s *Server) registerRuns(mux *http.ServeMux) {
	mux.HandleFunc("GET /runs", func(w http.ResponseWriter, r *http.Request) {
		p := page{Title: "Runs", Area: "runs", Events: s.services.Live.Last()}
		d, err := s.runs(r)
		if err != nil {
			s.renderError(w, r, p, err)
			return
		}
		p.Data = d
		s.render(w, r, http.StatusOK, "runs", p)
	})
	mux.HandleFunc("GET /runs/{id}", func(w http.ResponseWriter, r *http.Request) {
		p := page{Title: "Run", Area: "runs", Events: s.services.Live.Last()}
		d, err := s.services.Runs.Get(r.Context(), r.PathValue("id"))
		if err != nil {
			s.renderError(w, r, p, err)
			return
		}
		p.Title, p.Data = "Run "+d.ID, d
		s.render(w, r, http.StatusOK, "run", p)
	})
}

func (s *Server) runs(r *http.Request) (runsData, error) {
	d := runsData{Before: r.URL.Query().Get("before")}
	list, err := s.services.Runs.List(r.Context(), d.Before, runsShown+1)
	if err != nil {
		return d, err
	}
	d.Runs = list
	if len(list) > runsShown {
		d.Runs = list[:runsShown]
		d.Older = list[runsShown-1].ID
	}
	if project, err := s.services.Catalog.Project(r.Context()); err == nil {
		d.Names = project.Names()
	}
	return d, nil
}

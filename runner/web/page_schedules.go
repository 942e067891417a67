package web

import (
	"net/http"

	"elt/runner"
	"elt/runner/schedule"
	"elt/runner/web/runs"
)

// schedulesData is what pages/schedules.html gets.
type schedulesData struct {
	Schedules []schedule.Status
	Fired     map[string][]runs.Summary // the last runs that a schedule started, by its name
	Problems  []runner.Problem
}

// How many runs are looked through for those of schedules, and how many of each are shown.
const (
	runsLookedAt = 200
	firesShown   = 5
)

func (s *Server) registerSchedules(mux *http.ServeMux) {
	mux.HandleFunc("GET /schedules", func(w http.ResponseWriter, r *http.Request) {
		p := page{Title: "Schedules", Area: "schedules", Events: s.services.Live.Last()}
		d := schedulesData{
			Schedules: s.services.Schedules.List(r.Context()), Fired: map[string][]runs.Summary{}, Problems: s.services.Catalog.Problems(),
		}
		latest, err := s.services.Runs.List(r.Context(), "", runsLookedAt)
		if err != nil {
			s.renderError(w, r, p, err)
			return
		}
		for _, run := range latest {
			t := triggerOf(run.Trigger)
			if (t.Kind == "schedule" || t.Kind == "watch") && len(d.Fired[t.Name]) < firesShown {
				d.Fired[t.Name] = append(d.Fired[t.Name], run)
			}
		}
		p.Data = d
		s.render(w, r, http.StatusOK, "schedules", p)
	})
}

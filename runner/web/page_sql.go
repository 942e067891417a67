package web

import (
	"net/http"

	"elt/runner/web/api"
)

// sqlData is what pages/sql.html gets.
type sqlData struct {
	Island sqlIsland
	Empty  *api.Problem // nothing is published that could be asked
}

// sqlIsland is what the editor begins with.
type sqlIsland struct {
	Query string `json:"q"`
}

func (s *Server) registerSQL(mux *http.ServeMux) {
	mux.HandleFunc("GET /sql", func(w http.ResponseWriter, r *http.Request) {
		d := sqlData{Island: sqlIsland{Query: r.URL.Query().Get("q")}}
		_, err := s.services.Snapshot.Current(r.Context())
		d.Empty = emptyState(err)
		s.render(w, r, http.StatusOK, "sql", page{Title: "SQL", Area: "sql", Data: d})
	})
}

package web

import (
	"encoding/json"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"elt/runner/web/api"
	"elt/runner/web/chart"
	"elt/runner/web/dashboard"
	"elt/runner/web/reports"
	"elt/runner/web/snapshot"
)

// reportsData is what pages/reports.html gets.
type reportsData struct {
	Reports []reports.Report
	DBT     bool // the project cannot export any
}

// reportData is what pages/report.html gets.
type reportData struct {
	Report reports.Report
	Window reports.Window
	Page   *reports.Page // nil where Empty says why there is none
	Chart  *chart.Chart  // nil where there is nothing to draw
	Empty  *api.Problem
}

// reportRows is how many rows of a report a page shows.
const reportRows = 200

// emptyState tells that there is nothing to show yet, and the command that changes it; nil for any other error.
func emptyState(err error) *api.Problem {
	if errors.Is(err, snapshot.ErrNone) || errors.Is(err, dashboard.ErrNoModel) || errors.Is(err, reports.ErrNotFound) {
		return api.ProblemOf(err)
	}
	return nil
}

func (s *Server) registerReports(mux *http.ServeMux) {
	mux.HandleFunc("GET /reports", func(w http.ResponseWriter, r *http.Request) {
		p := page{Title: "Reports", Area: "reports", Events: s.services.Live.Last()}
		list, err := s.services.Reports.List(r.Context())
		if err != nil {
			s.renderError(w, r, p, err)
			return
		}
		p.Data = reportsData{Reports: list, DBT: s.places(r.Context()).DBT}
		s.render(w, r, http.StatusOK, "reports", p)
	})
	mux.HandleFunc("GET /reports/{name}", func(w http.ResponseWriter, r *http.Request) {
		if name := r.PathValue("name"); strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".parquet") {
			s.download(w, r, name)
			return
		}
		s.report(w, r)
	})
}

func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	name, q := r.PathValue("name"), r.URL.Query()
	p := page{Title: "Report", Area: "reports", Events: s.services.Live.Last()}
	offset, _ := strconv.Atoi(q.Get("offset")) // anything else is the first page
	d := reportData{Window: reports.Window{Sort: q.Get("sort"), Desc: q.Get("desc") == "true", Limit: reportRows, Offset: max(0, offset)}}
	var err error
	if d.Report, err = s.services.Reports.One(r.Context(), name); err != nil {
		s.renderError(w, r, p, err)
		return
	}
	p.Title = d.Report.Title
	text, err := s.services.Reports.Rows(r.Context(), name, d.Window)
	if d.Empty = emptyState(err); d.Empty == nil {
		if err == nil {
			err = json.Unmarshal(text, &d.Page)
		}
		if err != nil {
			s.renderError(w, r, p, err)
			return
		}
	}
	if d.Empty == nil {
		if d.Chart, err = s.services.Reports.Chart(r.Context(), name); err != nil {
			s.renderError(w, r, p, err)
			return
		}
	}
	p.Data = d
	s.render(w, r, http.StatusOK, "report", p)
}

// download sends a published file. The root keeps every path below the project's output folder, links included.
func (s *Server) download(w http.ResponseWriter, r *http.Request, name string) {
	p := page{Title: "Report", Area: "reports"}
	folder, relative, err := s.services.Reports.File(r.Context(), name)
	if err != nil {
		s.renderError(w, r, p, err)
		return
	}
	file, err := openBelow(folder, relative)
	if errors.Is(err, fs.ErrNotExist) {
		err = api.NotFound(name+" is not there", "`elt run` publishes it")
	}
	if err != nil {
		s.renderError(w, r, p, err)
		return
	}
	defer func() { _ = file.Close() }() // read only
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		s.renderError(w, r, p, api.NotFound(name+" is no file", ""))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	if filepath.Ext(name) == ".parquet" {
		h.Set("Content-Type", "application/vnd.apache.parquet")
	}
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": filepath.Base(relative)}))
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", info.ModTime(), file)
}

func openBelow(folder, relative string) (*os.File, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	file, err := root.Open(filepath.FromSlash(relative))
	return file, errors.Join(err, root.Close())
}

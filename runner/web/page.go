package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"elt/runner"
	"elt/runner/web/api"
	"elt/runner/web/workspace"
)

//go:embed pages/*.html pages/parts/*.html
var pageFiles embed.FS

// page is what a template gets.
type page struct {
	Title   string // of the page; the window's is made of it and the project
	Area    string // of the navigation: overview, reports, runs, lineage, tests, sql, schedules
	Meta    api.Meta
	Events  uint64 // the last event before Data was read: islands ask for what came after
	Nonce   string // of the content security policy, for inline scripts and styles
	Path    string // of the request
	Problem *api.Problem
	Broken  []runner.Problem // instead of Problem: why the project has not loaded yet
	Data    any              // the page's own
}

// layoutFile is the frame of all pages, partFiles what several of them have.
const (
	layoutFile = "pages/layout.html"
	partFiles  = "pages/parts/*.html"
)

// pages are the templates by name: overview for pages/overview.html.
type pages map[string]*template.Template

func parsePages(a *assets) (pages, error) {
	functions := template.FuncMap{
		"asset": a.url,
		// raw puts JSON of encoding/json, which has no < or >, into a script element.
		"raw": func(text []byte) template.JS { return template.JS(text) },
	}
	layout, err := template.New(path.Base(layoutFile)).Funcs(functions).Funcs(pageFuncs(a)).Funcs(catalogFuncs()).ParseFS(pageFiles, layoutFile, partFiles)
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		return nil, err
	}
	out := pages{}
	for _, file := range files {
		if file == layoutFile {
			continue
		}
		t, err := layout.Clone()
		if err == nil {
			t, err = t.ParseFS(pageFiles, file)
		}
		if err != nil {
			return nil, err
		}
		out[strings.TrimSuffix(path.Base(file), ".html")] = t
	}
	return out, nil
}

// render writes a page. Meta and Events are filled in here, Nonce and Path by write.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	if p.Events == 0 {
		p.Events = s.services.Live.Last()
	}
	meta, err := api.MetaOf(r.Context(), s.services)
	if err != nil && p.Problem == nil {
		s.renderError(w, r, p, err)
		return
	}
	p.Meta = meta
	s.write(w, r, status, name, p)
}

// write writes a page with what it knows.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.Nonce, p.Path = nonceOf(r), r.URL.Path
	t, ok := s.pages[name]
	if !ok {
		s.log.Error().Str("page", name).Msg("there is no such template")
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	var text bytes.Buffer
	if err := t.ExecuteTemplate(&text, path.Base(layoutFile), p); err != nil {
		s.log.Error().Err(err).Str("page", name).Msg("render a page")
		http.Error(w, "internal error: the page could not be rendered; the log of the server says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(text.Bytes()) // who has left needs no page
	}
}

// renderError writes the page of an error: what went wrong and the command that helps.
func (s *Server) renderError(w http.ResponseWriter, r *http.Request, p page, err error) {
	p.Problem = api.ProblemOf(err)
	var broken *workspace.Broken
	if errors.As(err, &broken) { // the log has it once
		p.Broken = s.services.Catalog.Problems()
	} else if p.Problem.Status >= http.StatusInternalServerError {
		s.log.Error().Err(err).Str("path", r.URL.Path).Msg("answer a request")
	}
	if p.Title == "" {
		p.Title = "Error"
	}
	s.render(w, r, p.Problem.Status, "error", p)
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.renderError(w, r, page{Title: "Not found"}, api.NotFound(fmt.Sprintf("there is no page %.100q", r.URL.Path), "the pages are in the navigation"))
}

package web

import (
	"cmp"
	"net/http"
	"slices"

	"elt/runner"
	"elt/runner/web/api"
	"elt/runner/web/catalog"
)

// testsData is what pages/tests.html gets.
type testsData struct {
	Tests    []catalog.Test // those in State
	States   []testState
	State    string
	Problems []runner.Problem
}

// testState is a group of tests by their last results.
type testState struct {
	Key, Label string
	Count      int
	has        func(catalog.Test) bool
}

func testStates() []testState {
	is := func(statuses ...runner.Status) func(catalog.Test) bool {
		return func(t catalog.Test) bool { return t.Last != nil && slices.Contains(statuses, t.Last.Status) }
	}
	return []testState{
		{Label: "All", has: func(catalog.Test) bool { return true }},
		{Key: "failed", Label: "Failed", has: is(runner.StatusFail, runner.StatusError)},
		{Key: "warn", Label: "Warning", has: is(runner.StatusWarn)},
		{Key: "passed", Label: "Passed", has: is(runner.StatusPass)},
		{Key: "none", Label: "No result", has: func(t catalog.Test) bool { return t.Last == nil || t.Last.Status == runner.StatusSkipped }},
	}
}

// urgency puts what has to be looked at first.
func urgency(t catalog.Test) int {
	if t.Last == nil {
		return 2
	}
	switch t.Last.Status {
	case runner.StatusFail, runner.StatusError:
		return 0
	case runner.StatusWarn:
		return 1
	case runner.StatusPass:
		return 3
	default:
		return 2
	}
}

func (s *Server) registerTests(mux *http.ServeMux) {
	mux.HandleFunc("GET /tests", func(w http.ResponseWriter, r *http.Request) {
		p := page{Title: "Tests", Area: "tests", Events: s.services.Live.Last()}
		d, err := s.tests(r)
		if err != nil {
			s.renderError(w, r, p, err)
			return
		}
		p.Data = d
		s.render(w, r, http.StatusOK, "tests", p)
	})
	mux.HandleFunc("GET /tests/{id}", func(w http.ResponseWriter, r *http.Request) {
		p := page{Title: "Test", Area: "tests", Events: s.services.Live.Last()}
		d, err := api.TestOf(r.Context(), s.services, r.PathValue("id"))
		if err != nil {
			s.renderError(w, r, p, err)
			return
		}
		p.Title, p.Data = d.Name, d
		s.render(w, r, http.StatusOK, "test", p)
	})
}

func (s *Server) tests(r *http.Request) (testsData, error) {
	d := testsData{States: testStates(), State: r.URL.Query().Get("state"), Problems: s.services.Catalog.Problems()}
	project, err := s.services.Catalog.Project(r.Context())
	if err != nil {
		return d, err
	}
	all, err := project.WithResults(r.Context())
	if err != nil {
		return d, err
	}
	for i := range d.States {
		state := &d.States[i]
		for _, t := range all {
			if state.has(t) {
				state.Count++
			}
		}
		if state.Key == d.State {
			d.Tests = slices.DeleteFunc(slices.Clone(all), func(t catalog.Test) bool { return !state.has(t) })
		}
	}
	slices.SortStableFunc(d.Tests, func(a, b catalog.Test) int { return cmp.Compare(urgency(a), urgency(b)) })
	return d, nil
}

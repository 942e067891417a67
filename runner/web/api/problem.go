package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/schedule"
	"elt/runner/web/console"
	"elt/runner/web/dashboard"
	"elt/runner/web/reports"
	"elt/runner/web/runs"
	"elt/runner/web/snapshot"
	"elt/runner/web/workspace"
)

// Problem is an error as the API tells it: RFC 9457 with what our errors have beyond that.
type Problem struct {
	Type     string `json:"type" doc:"always about:blank"`
	Title    string `json:"title" doc:"the HTTP status in words"`
	Status   int    `json:"status"`
	Detail   string `json:"detail" doc:"what was attempted and what went wrong"`
	Code     string `json:"code,omitempty" doc:"sorts errors by what has to be looked at: usage, config, model, state, …"`
	Hint     string `json:"hint,omitempty" doc:"what to do next"`
	Position string `json:"position,omitempty" doc:"file:line:col"`
	Excerpt  string `json:"excerpt,omitempty" doc:"the lines concerned with a caret below"`
	Line     int    `json:"line,omitempty" doc:"place in the SQL that was sent, from 1"`
	Column   int    `json:"column,omitempty"`
}

var (
	_ huma.StatusError  = (*Problem)(nil)
	_ huma.HeadersError = (*Problem)(nil)
)

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.Status == http.StatusTooManyRequests {
		h.Set("Retry-After", "5")
	}
	return h
}

// NotFound says that there is no such thing. The hint may be empty.
func NotFound(detail, hint string) *Problem {
	return NewProblem(http.StatusNotFound, detail, hint)
}

// NewProblem is what went wrong, under a status of HTTP. The hint may be empty.
func NewProblem(status int, detail, hint string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Hint: hint}
}

// problemOf makes the answer of any error. The result is nil for nil.
func problemOf(err error) error {
	if err == nil {
		return nil
	}
	return ProblemOf(err)
}

// ProblemOf tells an error as the API does, for pages that show it, too.
func ProblemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	p = NewProblem(statusOf(err), err.Error(), "")
	var known *runner.Error
	if errors.As(err, &known) {
		p.Code, p.Hint, p.Excerpt, p.Position = string(known.Code), known.Hint, known.Excerpt, known.Pos.String()
		p.Detail = known.Error()
	}
	var refused *engine.SQLError
	if errors.As(err, &refused) {
		p.Line, p.Column = refused.Line, refused.Col
		if known == nil {
			p.Code, p.Detail = "sql", strings.ToLower(refused.Kind)+" error: "+refused.Msg
		}
		if p.Hint == "" {
			p.Hint = refused.Hint()
		}
	}
	return p
}

func statusOf(err error) int {
	var known *runner.Error
	var refused *engine.SQLError
	var broken *workspace.Broken
	switch {
	case errors.As(err, &broken):
		return http.StatusServiceUnavailable
	case errors.Is(err, snapshot.ErrNone), errors.Is(err, dashboard.ErrNoModel), errors.Is(err, reports.ErrNotFound),
		errors.Is(err, runs.ErrNotFound), errors.Is(err, schedule.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, runs.ErrOver), errors.Is(err, runs.ErrNotLast), errors.Is(err, runs.ErrNoRetry):
		return http.StatusConflict
	case errors.Is(err, runs.ErrClosed):
		return http.StatusServiceUnavailable
	case errors.Is(err, console.ErrBusy), errors.Is(err, runs.ErrFull):
		return http.StatusTooManyRequests
	case errors.Is(err, console.ErrTimeout):
		return http.StatusUnprocessableEntity // not one of those that browsers ask again after
	case errors.Is(err, context.Canceled):
		return 499 // nobody is there to read it; the log is
	case errors.Is(err, console.ErrRefused), errors.Is(err, dashboard.ErrFilter):
		return http.StatusBadRequest
	case errors.As(err, &refused):
		return http.StatusUnprocessableEntity
	case errors.As(err, &known) && known.Code == runner.CodeUsage:
		return http.StatusBadRequest
	case errors.As(err, &known) && known.Code == runner.CodeLocked:
		return http.StatusConflict
	default:
		return http.StatusInternalServerError
	}
}

// WriteProblem answers a request with a problem, where no operation does.
func WriteProblem(w http.ResponseWriter, p *Problem) {
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // who has left needs no answer
}

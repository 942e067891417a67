package duckdb

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"elt/runner/engine"
)

// report is DuckDB's error under errors_as_json.
type report struct {
	Type       string `json:"exception_type"`
	Message    string `json:"exception_message"`
	Position   string `json:"position"` // byte offset in the statement
	Name       string `json:"name"`
	Candidates string `json:"candidates"` // comma separated, the nearest first
}

// passing tells whether an error of a kind may be gone when the same is tried again.
func passing(kind string) bool {
	switch kind {
	case "IO", "HTTP", "Network", "Connection", "TransactionContext", "Out of Memory":
		return true
	}
	return false
}

// queryError makes an *engine.SQLError of what the driver says, or gives the context's error if the query was
// cancelled.
func queryError(ctx context.Context, query string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	out := &engine.SQLError{SQL: query, Kind: "SQL", Msg: err.Error(), Err: err}
	text := err.Error()
	start := strings.Index(text, "{")
	if start < 0 {
		return out
	}
	var r report
	if json.NewDecoder(strings.NewReader(text[start:])).Decode(&r) != nil || r.Message == "" {
		return out
	}
	out.Kind, out.Msg, out.Name = r.Type, r.Message, r.Name
	out.Passing = passing(r.Type)
	out.Like, _, _ = strings.Cut(r.Candidates, ",")
	if offset, err := strconv.Atoi(r.Position); err == nil && offset >= 0 && offset <= len(query) {
		before := query[:offset]
		out.Line = strings.Count(before, "\n") + 1
		out.Col = utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	}
	return out
}

package state

import (
	"database/sql"
	"encoding/json"
	"errors"

	"elt/runner"
)

// storedError is an error as JSON. It comes back as a *runner.Error with the same Error() text.
type storedError struct {
	Code    runner.Code `json:"code,omitempty"`
	File    string      `json:"file,omitempty"`
	Line    int         `json:"line,omitempty"`
	Col     int         `json:"col,omitempty"`
	Msg     string      `json:"msg"`
	Excerpt string      `json:"excerpt,omitempty"`
	Hint    string      `json:"hint,omitempty"`
}

func encodeError(err error) (sql.NullString, error) {
	if err == nil {
		return sql.NullString{}, nil
	}
	stored := storedError{Msg: err.Error()}
	var known *runner.Error
	if errors.As(err, &known) {
		stored.Code, stored.Excerpt, stored.Hint = known.Code, known.Excerpt, known.Hint
		if known.Error() == err.Error() { // nothing wrapped around it: the position is not part of the message
			stored.File, stored.Line, stored.Col = known.Pos.File, known.Pos.Line, known.Pos.Col
			bare := *known
			bare.Pos = runner.Position{}
			stored.Msg = bare.Error()
		}
	}
	raw, err := json.Marshal(stored)
	return text(raw), err
}

func decodeError(raw sql.NullString) (error, error) {
	if !raw.Valid {
		return nil, nil
	}
	var e storedError
	if err := json.Unmarshal([]byte(raw.String), &e); err != nil {
		return nil, err
	}
	return &runner.Error{
		Code:    e.Code,
		Pos:     runner.Position{File: e.File, Line: e.Line, Col: e.Col},
		Msg:     e.Msg,
		Excerpt: e.Excerpt,
		Hint:    e.Hint,
	}, nil
}

// storedFailure is a runner.Failure as JSON, with names that do not follow the Go ones.
type storedFailure struct {
	Count        int64      `json:"count"`
	Total        int64      `json:"total"`
	Columns      []string   `json:"columns"`
	Sample       [][]string `json:"sample"`
	Query        string     `json:"query"`
	StoredSchema string     `json:"stored_schema,omitempty"`
	StoredName   string     `json:"stored_name,omitempty"`
}

func encodeFailure(f *runner.Failure) (sql.NullString, error) {
	if f == nil {
		return sql.NullString{}, nil
	}
	raw, err := json.Marshal(storedFailure{
		Count: f.Count, Total: f.Total, Columns: f.Columns, Sample: f.Sample, Query: f.Query,
		StoredSchema: f.Stored.Schema, StoredName: f.Stored.Name,
	})
	return text(raw), err
}

func decodeFailure(raw sql.NullString) (*runner.Failure, error) {
	if !raw.Valid {
		return nil, nil
	}
	var f storedFailure
	if err := json.Unmarshal([]byte(raw.String), &f); err != nil {
		return nil, err
	}
	return &runner.Failure{
		Count: f.Count, Total: f.Total, Columns: f.Columns, Sample: f.Sample, Query: f.Query,
		Stored: runner.Relation{Schema: f.StoredSchema, Name: f.StoredName},
	}, nil
}

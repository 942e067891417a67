package state

import (
	"database/sql"
	"encoding/json"

	"elt/runner"
)

func encodeError(err error) (sql.NullString, error) {
	if err == nil {
		return sql.NullString{}, nil
	}
	raw, err := json.Marshal(runner.ProblemOf(err))
	return text(raw), err
}

// decodeError gives a *runner.Error with the text of the one that was kept.
func decodeError(raw sql.NullString) (error, error) {
	if !raw.Valid {
		return nil, nil
	}
	var p runner.Problem
	if err := json.Unmarshal([]byte(raw.String), &p); err != nil {
		return nil, err
	}
	return p.Err(), nil
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

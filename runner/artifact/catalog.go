package artifact

import (
	"io"
	"slices"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/compile"
)

const (
	catalogSchema = "https://schemas.getdbt.com/dbt/catalog/v1.json"
	sourcesSchema = "https://schemas.getdbt.com/dbt/sources/v3.json"
)

// CatalogEntry is one relation as the warehouse has it.
type CatalogEntry struct {
	ID       string // of the node
	Kind     runner.Kind
	Relation runner.Relation
	View     bool
	Columns  []CatalogColumn
	Comment  string // the node's description
	Rows     int64  // -1 where unknown
}

// CatalogColumn is a column in the order of the relation.
type CatalogColumn struct {
	Name    string
	Type    string
	Comment string
}

type (
	catalog struct {
		Metadata metadata                `json:"metadata"`
		Nodes    map[string]catalogTable `json:"nodes"`
		Sources  map[string]catalogTable `json:"sources"`
		Errors   []string                `json:"errors"`
	}
	catalogTable struct {
		Metadata catalogMeta                 `json:"metadata"`
		Columns  map[string]catalogField     `json:"columns"`
		Stats    map[string]catalogStatistic `json:"stats"`
		UniqueID string                      `json:"unique_id"`
	}
	catalogMeta struct {
		Type     string  `json:"type"`
		Schema   string  `json:"schema"`
		Name     string  `json:"name"`
		Database *string `json:"database"`
		Comment  *string `json:"comment"`
		Owner    *string `json:"owner"`
	}
	catalogField struct {
		Type    string  `json:"type"`
		Index   int     `json:"index"`
		Name    string  `json:"name"`
		Comment *string `json:"comment"`
	}
	catalogStatistic struct {
		ID          string `json:"id"`
		Label       string `json:"label"`
		Value       any    `json:"value"`
		Include     bool   `json:"include"`
		Description string `json:"description"`
	}
)

// WriteCatalog writes dbt's catalog.json, version 1.
func WriteCatalog(w io.Writer, entries []CatalogEntry, call Invocation) error {
	out := catalog{
		Metadata: metadataOf(catalogSchema, call), Nodes: map[string]catalogTable{}, Sources: map[string]catalogTable{},
	}
	for _, e := range entries {
		into := out.Nodes
		if e.Kind == runner.KindSource {
			into = out.Sources
		}
		into[e.ID] = catalogTableOf(e)
	}
	return writeJSON(w, out)
}

func catalogTableOf(e CatalogEntry) catalogTable {
	t := catalogTable{
		Metadata: catalogMeta{Type: "BASE TABLE", Schema: e.Relation.Schema, Name: e.Relation.Name, Comment: orNull(e.Comment)},
		Columns:  map[string]catalogField{}, Stats: map[string]catalogStatistic{}, UniqueID: e.ID,
	}
	if e.View {
		t.Metadata.Type = "VIEW"
	}
	for i, c := range e.Columns {
		t.Columns[c.Name] = catalogField{Type: c.Type, Index: i + 1, Name: c.Name, Comment: orNull(c.Comment)}
	}
	t.Stats["has_stats"] = catalogStatistic{
		ID: "has_stats", Label: "Has Stats?", Value: e.Rows >= 0, Description: "Indicates whether there are statistics for this table",
	}
	if e.Rows >= 0 {
		t.Stats["num_rows"] = catalogStatistic{
			ID: "num_rows", Label: "Rows", Value: e.Rows, Include: true, Description: "Number of rows in the table",
		}
	}
	return t
}

// FreshnessResult is how fresh a source was found.
type FreshnessResult struct {
	ID        string
	Status    string // pass, warn, error, or "runtime error"
	Newest    time.Time
	Checked   time.Time
	Elapsed   time.Duration
	Freshness runner.Freshness
	Err       error
}

type (
	sources struct {
		Metadata metadata       `json:"metadata"`
		Results  []sourceResult `json:"results"`
		Elapsed  float64        `json:"elapsed_time"`
	}
	sourceResult struct {
		UniqueID      string         `json:"unique_id"`
		Error         *string        `json:"error,omitempty"`
		MaxLoadedAt   string         `json:"max_loaded_at,omitempty"`
		SnapshottedAt string         `json:"snapshotted_at,omitempty"`
		Ago           float64        `json:"max_loaded_at_time_ago_in_s"`
		Status        string         `json:"status"`
		Criteria      map[string]any `json:"criteria"`
		Adapter       map[string]any `json:"adapter_response"`
		Timing        []timing       `json:"timing"`
		ThreadID      string         `json:"thread_id"`
		Execution     float64        `json:"execution_time"`
	}
)

// WriteSources writes dbt's sources.json, version 3.
func WriteSources(w io.Writer, results []FreshnessResult, elapsed time.Duration, call Invocation) error {
	out := sources{Metadata: metadataOf(sourcesSchema, call), Results: []sourceResult{}, Elapsed: elapsed.Seconds()}
	ordered := slices.Clone(results)
	slices.SortFunc(ordered, func(a, b FreshnessResult) int { return strings.Compare(a.ID, b.ID) })
	for _, r := range ordered {
		s := sourceResult{
			UniqueID: r.ID, Status: r.Status, Adapter: map[string]any{}, Timing: []timing{}, ThreadID: "main", Execution: r.Elapsed.Seconds(),
			Criteria: compile.Criteria(r.Freshness),
		}
		if r.Err != nil {
			s.Error = orNull(r.Err.Error())
		} else {
			s.MaxLoadedAt, s.SnapshottedAt = stamp(r.Newest), stamp(r.Checked)
			s.Ago = r.Checked.Sub(r.Newest).Seconds()
		}
		out.Results = append(out.Results, s)
	}
	return writeJSON(w, out)
}

package artifact

import (
	"encoding/json"
	"io"
	"time"

	"elt/runner"
	"elt/runner/compile"
)

// Schemas of dbt that the artifacts follow.
const (
	runResultsSchema = "https://schemas.getdbt.com/dbt/run-results/v6.json"
	manifestSchema   = "https://schemas.getdbt.com/dbt/manifest/v12.json"
)

// Invocation is what the artifacts tell of a command beside its results.
type Invocation struct {
	ID        string                       // run ID
	Version   string                       // of elt
	Engine    string                       // "duckdb"; dbt's adapter type
	Generated time.Time                    // when the artifact was made
	Args      map[string]any               // of the command; may be nil
	Compiled  map[string]string            // compiled SQL by node ID; a node without an entry was not compiled
	Checksums map[string]map[string]string // of the files of seeds by node ID: name of the method and checksum
	Relations map[string]runner.Relation   // public relations by node ID; nodes without a relation have no entry
	Macros    []compile.Macro              // of the project and its packages
	Uses      map[string][]string          // IDs of the macros that a node calls itself, by node ID
}

type (
	metadata struct {
		Schema       string            `json:"dbt_schema_version"`
		Version      string            `json:"dbt_version"`
		Generated    string            `json:"generated_at"`
		InvocationID string            `json:"invocation_id"`
		Env          map[string]string `json:"env"`
		ProjectName  string            `json:"project_name,omitempty"`
		AdapterType  string            `json:"adapter_type,omitempty"`
	}
	runResults struct {
		Metadata metadata       `json:"metadata"`
		Results  []result       `json:"results"`
		Elapsed  float64        `json:"elapsed_time"`
		Args     map[string]any `json:"args"`
	}
	result struct {
		Status          string         `json:"status"`
		Timing          []timing       `json:"timing"`
		ThreadID        string         `json:"thread_id"`
		ExecutionTime   float64        `json:"execution_time"`
		AdapterResponse map[string]any `json:"adapter_response"`
		Message         *string        `json:"message"`
		Failures        *int64         `json:"failures"`
		UniqueID        string         `json:"unique_id"`
		Compiled        bool           `json:"compiled"`
		CompiledCode    *string        `json:"compiled_code"`
		RelationName    *string        `json:"relation_name"`
	}
	timing struct {
		Name      string `json:"name"`
		Started   string `json:"started_at"`
		Completed string `json:"completed_at"`
	}
)

// WriteRunResults writes a run as dbt's run_results.json, version 6. Results stand in the order of their IDs.
//
// dbt has no status for a node that was unchanged: it is "success" (a test: "pass") here, and its adapter_response has
// "code": "REUSED". Sources that were loaded are results too, as dbt's source freshness has them.
func WriteRunResults(w io.Writer, run runner.RunResult, call Invocation) error {
	out := runResults{
		Metadata: metadataOf(runResultsSchema, call),
		Results:  []result{},
		Elapsed:  run.Elapsed.Seconds(),
		Args:     orEmpty(call.Args),
	}
	for _, node := range sorted(run.Nodes) {
		out.Results = append(out.Results, resultOf(node, call))
	}
	return writeJSON(w, out)
}

func metadataOf(schema string, call Invocation) metadata {
	return metadata{
		Schema:       schema,
		Version:      call.Version,
		Generated:    stamp(call.Generated),
		InvocationID: call.ID,
		Env:          map[string]string{},
	}
}

func resultOf(node runner.NodeResult, call Invocation) result {
	r := result{
		Status:          dbtStatus(node),
		Timing:          []timing{},
		ThreadID:        "main",
		ExecutionTime:   node.Elapsed.Seconds(),
		AdapterResponse: map[string]any{},
		UniqueID:        node.ID,
	}
	if !node.Started.IsZero() {
		r.Timing = append(r.Timing, timing{"execute", stamp(node.Started), stamp(node.Started.Add(node.Elapsed))})
	}
	if node.Status == runner.StatusReused {
		r.AdapterResponse["code"] = "REUSED"
	}
	switch {
	case node.Kind == runner.KindTest:
		r.Failures = failures(node)
	case node.Rows >= 0 && !node.Status.Bad():
		r.AdapterResponse["rows_affected"] = node.Rows
	}
	if node.Rejected > 0 {
		r.AdapterResponse["rows_rejected"] = node.Rejected
	}
	message := node.Message
	if message == "" && node.Err != nil {
		message = node.Err.Error()
	}
	if message != "" {
		r.Message = &message
	}
	if code, ok := call.Compiled[node.ID]; ok {
		r.Compiled, r.CompiledCode = true, &code
	}
	r.RelationName = relationName(call, node.ID)
	return r
}

// failures is the number of failing rows of a test; nil where it was not run.
func failures(node runner.NodeResult) *int64 {
	switch {
	case node.Status == runner.StatusSkipped || node.Status == runner.StatusError:
		return nil
	case node.Failure != nil:
		return &node.Failure.Count
	default:
		n := max(node.Rows, 0)
		return &n
	}
}

func dbtStatus(node runner.NodeResult) string {
	switch {
	case node.Status != runner.StatusReused:
		return string(node.Status)
	case node.Kind == runner.KindTest:
		return string(runner.StatusPass)
	default:
		return string(runner.StatusSuccess)
	}
}

func relationName(call Invocation, id string) *string {
	relation, ok := call.Relations[id]
	if !ok || relation.IsZero() {
		return nil
	}
	name := relation.String()
	return &name
}

// stamp is a time as dbt writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// writeJSON writes value for people and programs: indented, keys of maps in order, SQL without \u003c.
func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func orEmpty[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}

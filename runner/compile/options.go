package compile

import (
	"context"
	"fmt"
	"time"

	"elt/runner"
)

// Options are what templates may ask about the outside.
type Options struct {
	LookupEnv    func(name string) (string, bool) // for env_var; nil: nothing is set
	Log          func(text string)                // where log(…, info=true), print and warnings go; nil: nowhere
	Print        func(text string)                // where print goes instead; nil: to Log
	Started      time.Time                        // run_started_at, and what datetime.now() tells
	InvocationID string
	Command      string         // flags.WHICH; empty: "run"
	Args         map[string]any // invocation_args_dict, and more flags by their names in upper case
	Version      string         // dbt_version; empty: the dbt whose behaviour this is
}

// dbtVersion is the version of dbt whose behaviour templates meet here.
const dbtVersion = "1.10.0"

// Names says which relation stands for a node in compiled SQL. It is not asked about ephemeral models.
type Names func(id string) runner.Relation

// Render is what one rendering is made with. The zero value gives SQL over public names without looking at any data.
type Render struct {
	Names Names    // nil: public names
	DB    Database // nil: as while parsing; execute is false and nothing is asked of the warehouse

	Qualified bool // public names begin with the database, as dbt prints them

	Incremental bool            // is_incremental(); only an incremental model with an earlier version is
	FullRefresh bool            // flags.FULL_REFRESH
	Batch       *Batch          // of a microbatch model: what it reads is cut to this time, where it has an event_time
	Standing    map[string]bool // IDs of ephemeral models that Names knows, too: read as relations
	This        runner.Relation // the earlier version, for this; zero: what Names says

	Vars   map[string]any    // instead of the project's, for unit tests
	Env    map[string]string // the same for env_var
	Macros map[string]any    // what macros give instead of being called, by name or package.name

	Selected []string            // IDs, for selected_resources
	Results  []runner.NodeResult // of on-run-end
}

// Batch is a piece of time, in UTC: from Start up to, but not including, End.
type Batch struct {
	ID         string
	Start, End time.Time
}

// Condition is true for rows whose time, a column or expression, belongs to the batch.
func (b Batch) Condition(eventTime string) string {
	moment := func(t time.Time) string { return "timestamp '" + t.UTC().Format("2006-01-02 15:04:05") + "'" }
	return fmt.Sprintf("%s >= %s and %s < %s", eventTime, moment(b.Start), eventTime, moment(b.End))
}

// plain tells whether the render is the one that parsing has done already.
func (r Render) plain() bool {
	return !r.Qualified && r.Batch == nil && r.Names == nil && r.DB == nil && r.Vars == nil && r.Env == nil && r.Macros == nil && r.This.IsZero() && !r.FullRefresh
}

// Database is what templates may ask of the warehouse while they are rendered. It is safe for concurrent use.
type Database interface {
	// Query runs one statement and gives all its rows.
	Query(ctx context.Context, sql string) (Result, error)
	// Columns gives the columns of a relation in order, with the engine's types; none if there is no such relation.
	Columns(ctx context.Context, relation runner.Relation) ([]Column, error)
	// Relations lists the tables and views of a schema; none for a schema that does not exist.
	Relations(ctx context.Context, schema string) ([]Entry, error)
}

// Result is what a statement gave. The values are nil, bool, int64, float64, string, []byte, time.Time and, for decimals
// and large integers, json.Number; lists and structs are []any and map[string]any.
type Result struct {
	Columns []Column
	Rows    [][]any
}

// Column is a column of a relation or a result.
type Column struct {
	Name string
	Type string
}

// Entry is a table or view that exists.
type Entry struct {
	Relation runner.Relation
	View     bool
}

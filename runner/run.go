package runner

import "time"

// Action is what a plan does with a node.
type Action string

const (
	ActionBuild Action = "build"
	ActionReuse Action = "reuse"
	ActionSkip  Action = "skip" // not selected, and no earlier version exists that could stand in
)

// Decision is what a plan does with one node and why.
type Decision struct {
	ID          string
	Kind        Kind
	Name        string
	Action      Action
	Reason      string   // one clause an analyst understands: "google_ads.csv is new"
	Fingerprint string   // hex; identifies content: equal fingerprints mean equal rows
	Relation    Relation // the private, versioned relation; zero for ephemeral models and tests
	Public      Relation // what people call it; zero for ephemeral models and tests
	Previous    Relation // stateful nodes and seeds: the published version to go on from; zero: from nothing
	Upstream    []string // IDs it reads
}

// Plan is what a run will do, in an order in which everything a node reads stands before it.
type Plan struct {
	Decisions []Decision
}

// Status is how a node ended. The values are dbt's where dbt has one.
type Status string

const (
	StatusSuccess Status = "success" // built or loaded
	StatusReused  Status = "reused"  // unchanged, taken from an earlier run
	StatusPass    Status = "pass"    // a test that passed
	StatusWarn    Status = "warn"    // a test that failed with severity warn, or a load with rejected rows
	StatusFail    Status = "fail"    // a test that failed with severity error
	StatusError   Status = "error"   // could not be done
	StatusSkipped Status = "skipped" // not tried, because of another node
)

// Bad tells whether the status keeps a run from publishing.
func (s Status) Bad() bool { return s == StatusFail || s == StatusError || s == StatusSkipped }

// NodeResult is how one node went.
type NodeResult struct {
	ID       string
	Kind     Kind
	Name     string
	Status   Status
	Rows     int64 // rows of the relation; failing rows of a test; -1 where unknown
	Rejected int64 // sources: rows set aside
	Started  time.Time
	Elapsed  time.Duration
	Attempts int      // how often it was tried; 0 and 1 mean once
	Message  string   // one line: what happened
	Reason   string   // why it was built or reused
	Cause    string   // ID of the node because of which this one was skipped
	Err      error    // nil unless Status is error or fail
	Failure  *Failure // tests that failed or warned
}

// Failure shows what a data test found.
type Failure struct {
	Count   int64
	Total   int64 // rows tested, where the test counts them; else -1
	Columns []string
	Sample  [][]string // the first twenty failing rows at most, as text cut after 500 characters
	Query   string     // shows them all, against the published names
	Stored  Relation   // where store_failures kept them; zero if not
}

// ShownRows is how many rows of a Sample messages and reports show.
const ShownRows = 5

// Shown is the beginning of the sample, for messages and reports.
func (f *Failure) Shown() [][]string { return f.Sample[:min(len(f.Sample), ShownRows)] }

// RunResult is how a whole run went.
type RunResult struct {
	RunID     string
	Command   string
	Started   time.Time
	Elapsed   time.Duration
	Status    Status // success, error (something failed, nothing was published)
	Nodes     []NodeResult
	Published bool     // new results stand
	Changed   []string // files written by the publish, relative to the project directory
}

// Event tells an observer how a run goes on. Exactly one of the pointers below is set.
type Event struct {
	Planned  *Plan
	Started  *Decision
	Finished *NodeResult
	Retrying *Retry
	Written  *WrittenFile
	Stage    string // "load project", "build", "publish", …: what begins now
}

// Retry tells that a node failed and will be tried again.
type Retry struct {
	ID, Name string
	Attempt  int // that failed, from 1
	Of       int // how many there may be
	Delay    time.Duration
	Err      error
}

// WrittenFile is a file that a publish has made, before it takes the place of an earlier one.
type WrittenFile struct {
	Path    string // absolute, final
	Rows    int64
	Bytes   int64
	Elapsed time.Duration
}

// Observer is called for each event, one at a time, from the goroutine that runs the job. It must not block.
type Observer func(Event)

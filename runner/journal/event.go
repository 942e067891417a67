// Package journal keeps what happens in each run, as it happens, in a file of its own: one JSON object a line. Whoever
// wants to see a run, live or later, reads the file; the run knows nothing of its readers and never waits for them.
//
// The file is complete up to its last whole line at every moment, also where the process was killed. While the run goes
// on its process holds a lock on the file, so that a reader can tell a run that is slow from one that is gone.
package journal

import (
	"time"

	"elt/runner"
)

// Event is one line. Exactly one of the fields behind At is set.
type Event struct {
	At       time.Time `json:"at"`
	Run      *Run      `json:"run,omitempty"` // the first line
	Stage    string    `json:"stage,omitempty"`
	Planned  []Planned `json:"planned,omitempty"` // replaces what was planned before
	Started  *Started  `json:"started,omitempty"`
	Retrying *Retry    `json:"retrying,omitempty"`
	Finished *Node     `json:"finished,omitempty"`
	Written  *File     `json:"written,omitempty"`
	Log      *Log      `json:"log,omitempty"`
	Ended    *End      `json:"ended,omitempty"` // the last line
}

// Run is what is known of a run when it begins.
type Run struct {
	ID      string    `json:"id"`
	Command string    `json:"command"`
	Args    []string  `json:"args,omitempty"`
	Trigger string    `json:"trigger"` // empty: the command line
	Project string    `json:"project"`
	Target  string    `json:"target"`
	Version string    `json:"version"`
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
}

// Planned is what a run is to do with one node.
type Planned struct {
	ID       string        `json:"id"`
	Kind     runner.Kind   `json:"kind"`
	Name     string        `json:"name"`
	Action   runner.Action `json:"action"`
	Reason   string        `json:"reason,omitempty"`
	Upstream []string      `json:"upstream,omitempty"`
}

// Started tells that a node is being built.
type Started struct {
	ID   string      `json:"id"`
	Kind runner.Kind `json:"kind"`
	Name string      `json:"name"`
	SQL  string      `json:"sql,omitempty"` // over public names, as it is now; empty for what has none
}

// Retry tells that a node failed and will be tried again.
type Retry struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Attempt int             `json:"attempt"` // that failed, from 1
	Of      int             `json:"of"`
	Delay   float64         `json:"delay"` // seconds
	Error   *runner.Problem `json:"error"`
}

// Node is how a node or a test ended.
type Node struct {
	ID       string          `json:"id"`
	Kind     runner.Kind     `json:"kind"`
	Name     string          `json:"name"`
	Status   runner.Status   `json:"status"`
	Rows     int64           `json:"rows"` // -1 where unknown
	Rejected int64           `json:"rejected,omitempty"`
	Started  time.Time       `json:"started,omitzero"`
	Seconds  float64         `json:"seconds"`
	Attempts int             `json:"attempts,omitempty"` // more than one only
	Message  string          `json:"message,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Cause    string          `json:"cause,omitempty"`
	Upstream []string        `json:"upstream,omitempty"` // of tests, which are not planned: what they read
	Error    *runner.Problem `json:"error,omitempty"`
}

// File is a file that a publish has written.
type File struct {
	Path    string  `json:"path"`
	Rows    int64   `json:"rows"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
}

// Log is a message.
type Log struct {
	Level   string `json:"level"` // debug, info, warn, error
	Message string `json:"message"`
}

// Status is how a run ended.
type Status string

const (
	Running     Status = "running"
	Success     Status = "success"
	Failed      Status = "error"
	Interrupted Status = "interrupted"
	Crashed     Status = "crashed" // its process went away without a word
)

// End is how a run ended.
type End struct {
	Status    Status                `json:"status"`
	Seconds   float64               `json:"seconds"`
	Published bool                  `json:"published"`
	Changed   []string              `json:"changed,omitempty"` // files written by the publish
	Counts    map[runner.Status]int `json:"counts,omitempty"`
	Error     *runner.Problem       `json:"error,omitempty"`
}

// Seconds is a duration in seconds, to the microsecond.
func Seconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e6 }

// NodeOf is the result of a node as the journal tells it.
func NodeOf(r runner.NodeResult) *Node {
	attempts := r.Attempts
	if attempts == 1 {
		attempts = 0
	}
	return &Node{
		Attempts: attempts, ID: r.ID, Kind: r.Kind, Name: r.Name, Status: r.Status, Rows: r.Rows, Rejected: r.Rejected, Started: r.Started,
		Seconds: Seconds(r.Elapsed), Message: r.Message, Reason: r.Reason, Cause: r.Cause, Error: runner.ProblemOf(r.Err),
	}
}

package runs

import (
	"fmt"
	"time"

	"elt/runner"
	"elt/runner/journal"
	"elt/runner/state"
)

// Status is how a run stands. The values beside Queued are those of the journal.
type Status = journal.Status

// Queued is the status of a run that waits for another one to end.
const Queued Status = "queued"

// The statuses of nodes beside those of results.
const (
	NodeWaiting    runner.Status = "waiting"     // planned
	NodeRunning    runner.Status = "running"     // being built
	NodeNotStarted runner.Status = "not_started" // planned, and the run ended before
)

// Summary is a run in one line.
type Summary struct {
	ID        string                `json:"id"`
	Status    Status                `json:"status" doc:"queued, running, success, error, interrupted or crashed"`
	Command   string                `json:"command"`
	Trigger   string                `json:"trigger" doc:"cli, web, schedule:NAME, watch:NAME or retry:RUN"`
	Target    string                `json:"target"`
	Started   time.Time             `json:"started"`
	Finished  *time.Time            `json:"finished" doc:"null while it goes on"`
	Seconds   *float64              `json:"seconds" doc:"null while it goes on"`
	Published bool                  `json:"published"`
	Counts    map[runner.Status]int `json:"counts" doc:"how many nodes and tests ended how"`
	Stage     string                `json:"stage,omitempty" doc:"what it is doing now"`
	Total     int                   `json:"total,omitempty" doc:"while it goes on: nodes to build"`
	Done      int                   `json:"done,omitempty" doc:"while it goes on: nodes built"`
	Error     *runner.Problem       `json:"error,omitempty"`
}

// Detail is all about one run.
type Detail struct {
	Summary
	Args            []string  `json:"args"`
	Version         string    `json:"version" doc:"of elt"`
	Nodes           []Node    `json:"nodes" doc:"in the order they began, then those that did not"`
	CriticalPath    []string  `json:"critical_path" doc:"IDs of the nodes that the end of the run waited for, in order"`
	CriticalSeconds float64   `json:"critical_seconds"`
	FirstFailure    string    `json:"first_failure,omitempty" doc:"ID of the node or test that failed first"`
	Changed         []string  `json:"changed" doc:"files that the publish wrote, relative to the project"`
	Files           []File    `json:"files"`
	Stages          []Stage   `json:"stages"`
	HasJournal      bool      `json:"has_journal" doc:"false: only results are known, no log, no SQL, no upstream"`
	CanRetry        bool      `json:"can_retry" doc:"it failed and is the last run of its target"`
	Now             time.Time `json:"now" doc:"the server's time, to draw what goes on"`
}

// Node is a node or test of a run.
type Node struct {
	ID       string          `json:"id"`
	Kind     runner.Kind     `json:"kind"`
	Name     string          `json:"name"`
	Status   runner.Status   `json:"status" doc:"waiting, running, not_started, success, reused, pass, warn, fail, error or skipped"`
	Action   runner.Action   `json:"action,omitempty" doc:"of planned nodes: build, reuse or skip"`
	Reason   string          `json:"reason,omitempty"`
	Message  string          `json:"message,omitempty"`
	Cause    string          `json:"cause,omitempty" doc:"ID of the node because of which it was skipped"`
	Upstream []string        `json:"upstream"`
	Started  *time.Time      `json:"started"`
	Finished *time.Time      `json:"finished"`
	Seconds  *float64        `json:"seconds"`
	Rows     *int64          `json:"rows" doc:"of a test: failing rows; null where unknown"`
	Rejected int64           `json:"rejected,omitempty"`
	Attempts int             `json:"attempts,omitempty" doc:"how often it was tried, if more than once"`
	Critical bool            `json:"critical,omitempty"`
	SQL      string          `json:"sql,omitempty" doc:"compiled, over public names, as it was in this run"`
	Error    *runner.Problem `json:"error,omitempty"`
	Failure  *Failure        `json:"failure,omitempty"`
}

// Failure is what a test found.
type Failure struct {
	Count   int64      `json:"count"`
	Columns []string   `json:"columns"`
	Sample  [][]string `json:"sample"`
	Query   string     `json:"query" doc:"shows all of them, over public names"`
}

// File is a file that a publish has written.
type File struct {
	Path    string  `json:"path"`
	Rows    int64   `json:"rows"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
}

// Stage is a part of a run.
type Stage struct {
	Name    string    `json:"name"`
	Started time.Time `json:"started"`
}

// telling collects what a journal tells of a run.
type telling struct {
	Detail
	place map[string]int // of each node in Nodes
}

func newTelling() *telling {
	return &telling{Detail: Detail{
		Summary: Summary{Status: journal.Running, Counts: map[runner.Status]int{}},
		Args:    []string{}, Nodes: []Node{}, CriticalPath: []string{}, Changed: []string{}, Files: []File{}, Stages: []Stage{},
	}, place: map[string]int{}}
}

// add takes in the next event.
func (t *telling) add(e journal.Event) {
	switch {
	case e.Run != nil:
		t.begin(*e.Run)
	case e.Stage != "":
		t.Stage = e.Stage
		t.Stages = append(t.Stages, Stage{e.Stage, e.At})
	case e.Planned != nil:
		t.plan(e.Planned)
	case e.Started != nil:
		n := t.node(e.Started.ID, e.Started.Kind, e.Started.Name)
		n.Status, n.Started, n.SQL = NodeRunning, &e.At, e.Started.SQL
	case e.Finished != nil:
		t.finish(*e.Finished)
	case e.Retrying != nil:
		n := t.node(e.Retrying.ID, runner.KindTest, e.Retrying.Name) // others are known from the plan
		n.Status, n.Attempts, n.Message = NodeRunning, e.Retrying.Attempt+1, fmt.Sprintf("attempt %d of %d", e.Retrying.Attempt+1, e.Retrying.Of)
	case e.Written != nil:
		t.Files = append(t.Files, File(*e.Written))
	case e.Ended != nil:
		t.end(e.At, *e.Ended)
	}
}

func (t *telling) begin(r journal.Run) {
	t.ID, t.Command, t.Trigger, t.Target, t.Version, t.Started = r.ID, r.Command, triggerOf(r.Trigger), r.Target, r.Version, r.Started
	if r.Args != nil {
		t.Args = r.Args
	}
}

// triggerOf names the command line, too.
func triggerOf(trigger string) string {
	if trigger == "" {
		return "cli"
	}
	return trigger
}

// plan takes over what a plan says. A second plan, after a file changed, replaces the first.
func (t *telling) plan(planned []journal.Planned) {
	t.Nodes, t.place, t.Total, t.Done = t.Nodes[:0], map[string]int{}, 0, 0
	t.Counts, t.FirstFailure = map[runner.Status]int{}, ""
	for _, p := range planned {
		if p.Action == runner.ActionSkip {
			continue
		}
		n := t.node(p.ID, p.Kind, p.Name)
		n.Action, n.Reason = p.Action, p.Reason
		if p.Upstream != nil {
			n.Upstream = p.Upstream
		}
		if p.Action == runner.ActionReuse {
			n.Status = runner.StatusReused
			continue
		}
		t.Total++
	}
}

// node gives the place of a node, made where there is none.
func (t *telling) node(id string, kind runner.Kind, name string) *Node {
	i, known := t.place[id]
	if !known {
		i = len(t.Nodes)
		t.place[id] = i
		t.Nodes = append(t.Nodes, Node{ID: id, Kind: kind, Name: name, Status: NodeWaiting, Upstream: []string{}})
	}
	return &t.Nodes[i]
}

func (t *telling) finish(f journal.Node) {
	n := t.node(f.ID, f.Kind, f.Name)
	n.Kind, n.Name = f.Kind, f.Name // one that was tried again was not known in full
	n.Status, n.Rejected, n.Message, n.Cause, n.Error, n.Attempts = f.Status, f.Rejected, f.Message, f.Cause, f.Error, f.Attempts
	if f.Reason != "" {
		n.Reason = f.Reason
	}
	if f.Upstream != nil {
		n.Upstream = f.Upstream
	}
	if f.Rows >= 0 {
		n.Rows = &f.Rows
	}
	if !f.Started.IsZero() && f.Status != runner.StatusSkipped {
		n.timed(f.Started, f.Seconds)
	}
	if n.Action == runner.ActionBuild {
		t.Done++
	}
	if f.Status.Bad() && f.Status != runner.StatusSkipped && t.FirstFailure == "" {
		t.FirstFailure = f.ID
	}
	t.Counts[f.Status]++
}

func (n *Node) timed(started time.Time, seconds float64) {
	finished := started.Add(time.Duration(seconds * float64(time.Second)))
	n.Started, n.Finished, n.Seconds = &started, &finished, &seconds
}

func (t *telling) end(at time.Time, e journal.End) {
	t.Status, t.Published, t.Error, t.Stage, t.Total, t.Done = e.Status, e.Published, e.Error, "", 0, 0
	t.Finished, t.Seconds = &at, &e.Seconds
	if e.Counts != nil {
		t.Counts = e.Counts
	}
	if e.Changed != nil {
		t.Changed = e.Changed
	}
	for i := range t.Nodes {
		if n := &t.Nodes[i]; n.Status == NodeWaiting || n.Status == NodeRunning {
			n.Status = NodeNotStarted
			if n.Started != nil {
				n.Status = runner.StatusError // cut off in the middle
				n.timed(*n.Started, journal.Seconds(at.Sub(*n.Started)))
			}
		}
	}
}

// record takes in what the state store knows of the run: results as they were recorded, also of what a journal does not tell.
func (t *telling) record(run state.Run, results []state.NodeRecord) {
	if !t.HasJournal {
		s := SummaryOf(run)
		t.Summary, t.Version = s, run.Version
		if run.Args != nil {
			t.Args = run.Args
		}
	}
	for _, r := range results {
		n := t.node(r.ID, r.Kind, r.Name)
		n.Status, n.Message, n.Cause, n.Rejected, n.Error = r.Status, r.Message, r.Cause, r.Rejected, runner.ProblemOf(r.Err)
		if r.Reason != "" {
			n.Reason = r.Reason
		}
		if r.Rows >= 0 {
			n.Rows = &r.Rows
		}
		if n.Started == nil && !r.Started.IsZero() && r.Status != runner.StatusSkipped {
			n.timed(r.Started, journal.Seconds(r.Elapsed))
		}
		if f := r.Failure; f != nil {
			n.Failure = &Failure{Count: f.Count, Columns: f.Columns, Sample: f.Sample, Query: f.Query}
		}
	}
}

// SummaryOf is a run as the state store has it.
func SummaryOf(r state.Run) Summary {
	s := Summary{
		ID: r.ID, Status: Status(r.Status), Command: r.Command, Trigger: triggerOf(r.Trigger), Target: r.Target, Started: r.Started,
		Published: r.Published, Counts: r.Counts, Error: runner.ProblemOf(r.Err),
	}
	if s.Counts == nil {
		s.Counts = map[runner.Status]int{}
	}
	if !r.Finished.IsZero() {
		finished, seconds := r.Finished, journal.Seconds(r.Finished.Sub(r.Started))
		s.Finished, s.Seconds = &finished, &seconds
	}
	return s
}

func (j *job) summary(c Config, status Status) Summary {
	return Summary{
		ID: j.id, Status: status, Command: "elt " + j.request.command(), Trigger: triggerOf(j.request.Trigger), Target: c.Home().Target,
		Started: j.queued, Counts: map[runner.Status]int{},
	}
}

package catalog

import (
	"context"
	"time"

	"elt/runner"
	"elt/runner/pipeline"
	"elt/runner/state"
)

// Test is a data test or a unit test.
type Test struct {
	ID          string      `json:"id"`
	Kind        runner.Kind `json:"kind" doc:"test or unit_test"`
	Name        string      `json:"name"`
	Type        string      `json:"type" doc:"not_null, unique, …; singular for a query of its own; unit for a unit test"`
	On          *Link       `json:"on" doc:"The node tested; null for a singular test"`
	Column      string      `json:"column,omitempty"`
	Reads       []Link      `json:"reads" doc:"All nodes it reads"`
	Severity    string      `json:"severity" doc:"error stops the publish, warn does not"`
	Description string      `json:"description"`
	File        string      `json:"file,omitempty" doc:"Where it is declared, relative to the project directory"`
	Line        int         `json:"line,omitempty"`
	Tags        []string    `json:"tags"`
	Last        *Outcome    `json:"last" doc:"Its last result; null if no remembered run had to do with it"`

	test *runner.Test
}

// Place is where the test is declared, file:line.
func (t Test) Place() string { return runner.Position{File: t.File, Line: t.Line}.String() }

// Outcome is how a node or a test went in one run.
type Outcome struct {
	RunID    string          `json:"run_id"`
	Began    time.Time       `json:"began" doc:"When the run began"`
	Status   runner.Status   `json:"status"`
	Rows     *int64          `json:"rows" doc:"Rows of the relation, failing rows of a test; null where unknown"`
	Rejected int64           `json:"rejected,omitempty" doc:"Rows of a source that were set aside"`
	Seconds  float64         `json:"seconds"`
	Reused   bool            `json:"reused" doc:"Nothing had changed, so the result of an earlier run held"`
	Message  string          `json:"message,omitempty"`
	Reason   string          `json:"reason,omitempty" doc:"Why it was built or reused"`
	Problem  *runner.Problem `json:"problem,omitempty"`
}

// TestDetail is all that is known of a test.
type TestDetail struct {
	Test
	Query   string    `json:"query,omitempty" doc:"The SQL that gives the failing rows, over what is published"`
	SQL     string    `json:"sql,omitempty" doc:"A singular test as written"`
	History []Outcome `json:"history" doc:"The newest first"`
	Failure *Failure  `json:"failure" doc:"What it found when it last failed or warned, if that is its last result; else null"`
}

// Failure is what a data test found.
type Failure struct {
	Count   int64      `json:"count"`
	Total   *int64     `json:"total" doc:"Rows tested; null where the test does not count them"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows" doc:"Some of the failing rows, as text"`
	Stored  string     `json:"stored,omitempty" doc:"The table in which store_failures kept all of them"`
}

func (p *Project) addTests(w *pipeline.Workspace) {
	for _, t := range w.Project.Tests {
		one := Test{
			ID: t.ID, Kind: runner.KindTest, Name: t.Name, Type: t.Type, Column: t.Column, Severity: string(t.Severity),
			Description: t.Description, File: t.Pos.File, Line: t.Pos.Line, Tags: t.Config.Tags, test: t,
		}
		if one.File == "" {
			one.File = t.Path
		}
		p.addTest(one, t.On, w.Graph.Parents(t.ID))
	}
	for _, t := range w.Project.UnitTests {
		if !w.Graph.Has(t.Model) {
			continue // its model is disabled
		}
		p.addTest(Test{
			ID: t.ID, Kind: runner.KindUnitTest, Name: t.Name, Type: "unit", Description: t.Description, File: t.Pos.File,
			Line: t.Pos.Line, Tags: t.Config.Tags,
		}, t.Model, []string{t.Model})
	}
}

func (p *Project) addTest(t Test, on string, reads []string) {
	if t.Severity == "" {
		t.Severity = string(runner.SeverityError)
	}
	if t.Tags == nil {
		t.Tags = []string{}
	}
	if i, known := p.places[on]; known {
		link := p.Nodes[i].Link()
		t.On = &link
		p.Nodes[i].Tests++
	}
	t.Reads = p.links(reads)
	place := len(p.Tests)
	p.Tests = append(p.Tests, t)
	p.tests[t.ID] = place
	if _, taken := p.tests[t.Name]; !taken {
		p.tests[t.Name] = place
	}
	if t.On != nil {
		p.testsOf[on] = append(p.testsOf[on], place)
	}
}

// WithResults gives all tests with their last results.
func (p *Project) WithResults(ctx context.Context) ([]Test, error) {
	return p.withLast(ctx, p.Tests)
}

func (p *Project) withLast(ctx context.Context, tests []Test) ([]Test, error) {
	ids := make([]string, len(tests))
	for i, t := range tests {
		ids[i] = t.ID
	}
	latest, err := p.latest(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Test, len(tests))
	for i, t := range tests {
		if r, ok := latest[t.ID]; ok {
			last := outcomeOf(r)
			t.Last = &last
		}
		out[i] = t
	}
	return out, nil
}

func (p *Project) latest(ctx context.Context, ids []string) (latest map[string]state.NodeRun, err error) {
	err = p.look(ctx, func(s *state.Store) error {
		latest, err = s.LatestResults(ctx, ids...)
		return err
	})
	return latest, err
}

// historySize is how many runs the history of a node or test shows.
const historySize = 60

func (p *Project) history(ctx context.Context, id string) (runs []state.NodeRun, err error) {
	err = p.look(ctx, func(s *state.Store) error {
		runs, err = s.NodeHistory(ctx, id, historySize)
		return err
	})
	return runs, err
}

// Test gives all that is known of a test, by its ID or name; false where there is none.
func (p *Project) Test(ctx context.Context, name string) (TestDetail, bool, error) {
	i, known := p.tests[name]
	if !known {
		return TestDetail{}, false, nil
	}
	d := TestDetail{Test: p.Tests[i], History: []Outcome{}}
	runs, err := p.history(ctx, d.ID)
	if err != nil {
		return d, true, err
	}
	for _, r := range runs {
		d.History = append(d.History, outcomeOf(r))
	}
	if len(runs) > 0 {
		d.Last = &d.History[0]
		d.Failure = failureOf(runs[0].Failure)
	}
	if d.test == nil {
		return d, true, nil
	}
	d.SQL = d.test.SQL
	if d.Query, err = p.workspace.FailingRows(ctx, d.test); err != nil { // a macro that asks the warehouse, for one
		d.Query = ""
		if runs != nil && runs[0].Failure != nil {
			d.Query = runs[0].Failure.Query
		}
	}
	return d, true, ctx.Err()
}

func failureOf(f *runner.Failure) *Failure {
	if f == nil {
		return nil
	}
	out := &Failure{Count: f.Count, Total: known(f.Total), Columns: f.Columns, Rows: f.Sample}
	if !f.Stored.IsZero() {
		out.Stored = f.Stored.Bare()
	}
	return out
}

func outcomeOf(r state.NodeRun) Outcome {
	out := Outcome{
		RunID: r.RunID, Began: r.Began, Status: r.Status, Rows: known(r.Rows), Rejected: r.Rejected, Seconds: r.Elapsed.Seconds(),
		Message: r.Message, Reason: r.Reason, Reused: r.Status == runner.StatusReused || r.Reason == "unchanged",
		Problem: runner.ProblemOf(r.Err),
	}
	return out
}

// known is a count, nil for one that is not known.
func known(n int64) *int64 {
	if n < 0 {
		return nil
	}
	return &n
}

package expect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"elt/runner"
	"elt/runner/engine"
)

// Options say how Run goes about it.
type Options struct {
	WarnError bool         // what would be a warning is a failure
	Clock     runner.Clock // for Started and Elapsed; must not be nil
}

// sampleSize is how many failing rows a result keeps; messages speak of the first few.
const sampleSize = 20

// verdict is what was counted for one check.
type verdict struct {
	started      time.Time
	elapsed      time.Duration
	count, total int64
	partial      bool // something fails, but count is not yet the number
	err          error
}

// Run takes the verdict of every check: one result each, in order. Checks of one relation that can are counted in a
// single scan; only those that find something run another query, for a sample. A check whose SQL the engine refuses
// gets StatusError and does not touch the others. The error is that of ctx; everything else is in the results.
//
// Results do not depend on the order in which the engine finds rows.
func Run(ctx context.Context, s engine.Session, checks []Check, o Options) ([]runner.NodeResult, error) {
	verdicts := make([]verdict, len(checks))
	checks, unsettled := settled(ctx, checks)
	for _, group := range scans(checks) {
		count(ctx, s, o.Clock, checks, group, verdicts)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	results := make([]runner.NodeResult, len(checks))
	for i, c := range checks {
		started := o.Clock()
		if unsettled[i] != nil {
			verdicts[i] = verdict{started: started, err: unsettled[i]}
		}
		results[i] = c.result(ctx, s, o, verdicts[i])
		results[i].Elapsed += o.Clock().Sub(started)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// settled are the checks with those that had to wait as they are now; by its place, why one cannot be had.
func settled(ctx context.Context, checks []Check) ([]Check, map[int]error) {
	out, failed := slices.Clone(checks), map[int]error{}
	for i, c := range checks {
		if c.settle == nil {
			continue
		}
		if now, err := c.settle(ctx); err != nil {
			failed[i] = err
		} else {
			out[i] = now
		}
	}
	return out, failed
}

// scans groups the checks that one query can count, as places in checks. A check that cannot share stands alone.
func scans(checks []Check) [][]int {
	var groups [][]int
	of := map[runner.Relation]int{}
	for i, c := range checks {
		if c.form.fold == "" {
			groups = append(groups, []int{i})
			continue
		}
		at, known := of[c.On]
		if !known {
			at = len(groups)
			of[c.On] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], i)
	}
	return groups
}

// count fills the verdicts of one group, each check by itself if the shared query is refused: then only the one at
// fault keeps its error, which is in terms of its own query.
func count(ctx context.Context, s engine.Session, clock runner.Clock, checks []Check, group []int, verdicts []verdict) {
	started := clock()
	shared := checks[group[0]].form.fold != "" && fold(ctx, s, checks, group, verdicts) == nil
	for _, i := range group {
		if !shared {
			started = clock()
			verdicts[i] = checks[i].alone(ctx, s)
		}
		verdicts[i].started, verdicts[i].elapsed = started, clock().Sub(started)
	}
}

// fold counts a group in one scan.
func fold(ctx context.Context, s engine.Session, checks []Check, group []int, verdicts []verdict) error {
	query, columns := foldQuery(checks, group)
	row, err := engine.One(ctx, s, query)
	if err != nil {
		return err
	}
	for n, i := range group {
		f := checks[i].form
		v := verdict{total: -1}
		if v.count, err = whole(row[columns[n].failures]); err != nil {
			return err
		}
		if f.counted {
			if v.total, err = whole(row[columns[n].total]); err != nil {
				return err
			}
		}
		v.partial = !f.exact && v.count != 0
		verdicts[i] = v
	}
	return nil
}

// places are the columns of a shared query that belong to one check.
type places struct{ failures, total int }

// foldQuery makes the shared query. Equal expressions, such as the totals of tests without a filter, are asked once.
func foldQuery(checks []Check, group []int) (query string, columns []places) {
	var list []string
	of := map[string]int{}
	place := func(expression string) int {
		at, known := of[expression]
		if !known {
			at = len(list)
			of[expression] = at
			list = append(list, expression)
		}
		return at
	}
	for _, i := range group {
		f := checks[i].form
		p := places{failures: place(f.fold)}
		if f.counted {
			p.total = place(f.foldTotal)
		}
		columns = append(columns, p)
	}
	return "select\n  " + strings.Join(list, ",\n  ") + "\nfrom " + checks[group[0]].On.String(), columns
}

// alone counts the rows of the check's own query.
func (c Check) alone(ctx context.Context, s engine.Session) verdict {
	aggregate := c.form.count
	if aggregate == "" {
		aggregate = "count(*)"
	}
	row, err := engine.One(ctx, s, fmt.Sprintf("select\n  %s,\n  %s\nfrom (\n%s\n) as failing", aggregate, c.form.total, c.Query))
	if err != nil {
		return verdict{err: err}
	}
	var v verdict
	v.count, err = whole(row[0])
	if err == nil {
		v.total, err = whole(row[1])
	}
	v.err = err
	return v
}

// result turns a verdict into what is reported.
func (c Check) result(ctx context.Context, s engine.Session, o Options, v verdict) runner.NodeResult {
	if v.err == nil && v.partial {
		started, elapsed := v.started, v.elapsed
		v = c.alone(ctx, s)
		v.started, v.elapsed = started, elapsed
	}
	out := runner.NodeResult{
		ID: c.Test.ID, Kind: runner.KindTest, Name: c.Test.Name, Rows: v.count, Started: v.started, Elapsed: v.elapsed,
	}
	if v.err != nil {
		return c.broken(out, v.err)
	}
	var met Condition
	out.Status, met = c.status(v)
	if o.WarnError && out.Status == runner.StatusWarn {
		out.Status = runner.StatusFail
	}
	if out.Status == runner.StatusPass {
		out.Message = passMessage(v)
		if _, err := c.store(ctx, s); err != nil {
			out.Message += "; the rows could not be kept: " + err.Error()
		}
		return out
	}
	failure := &runner.Failure{Count: v.count, Total: v.total, Query: c.ShowQuery}
	out.Failure = failure
	trouble := c.show(ctx, s, failure)
	out.Message = c.message(found{count: v.count, total: v.total, sample: failure.Sample}, met) + trouble
	if about := strings.Join(strings.Fields(c.Test.Description), " "); about != "" { // as its author wants it to be taken
		out.Message += ". " + about
	}
	if out.Status == runner.StatusFail {
		out.Err = &runner.Error{Code: runner.CodeTest, Pos: c.Test.Pos, Msg: "test " + c.Test.Name + ": " + out.Message}
	}
	return out
}

// show samples and keeps the failing rows. What goes wrong there does not change the verdict; it gives the end of the
// message.
func (c Check) show(ctx context.Context, s engine.Session, failure *runner.Failure) (trouble string) {
	var err error
	if failure.Columns, failure.Sample, err = c.sample(ctx, s); err != nil {
		return "; the rows could not be shown: " + err.Error()
	}
	if failure.Stored, err = c.store(ctx, s); err != nil {
		return "; the rows could not be kept: " + err.Error()
	}
	return ""
}

// broken is the result of a test that the engine could not run.
func (c Check) broken(out runner.NodeResult, err error) runner.NodeResult {
	e := &runner.Error{Code: runner.CodeTest, Pos: c.Test.Pos, Msg: "test " + c.Test.Name + " cannot run", Err: err}
	var refused *engine.SQLError
	if errors.As(err, &refused) {
		e.Hint = refused.Hint()
	}
	var told *runner.Error
	if c.explain != nil && errors.As(c.explain(err), &told) {
		told.Code = runner.CodeTest
		e = told
	}
	out.Status, out.Rows, out.Message, out.Err = runner.StatusError, -1, err.Error(), e
	return out
}

// status follows dbt: error_if first where the severity is error, then warn_if, of at most limit failures. It gives the
// condition that was met.
func (c Check) status(v verdict) (runner.Status, Condition) {
	count := v.count
	if c.Test.Limit > 0 {
		count = min(count, int64(c.Test.Limit))
	}
	switch {
	case c.severity() == runner.SeverityError && c.errorIf.Holds(count, v.total):
		return runner.StatusFail, c.errorIf
	case c.warnIf.Holds(count, v.total):
		return runner.StatusWarn, c.warnIf
	default:
		return runner.StatusPass, Condition{}
	}
}

func (c Check) message(f found, met Condition) string {
	text := "nothing found"
	if f.count > 0 {
		text = c.form.say(f)
	}
	if met.isDefault() {
		return text
	}
	return fmt.Sprintf("%s (limit: %s)", text, met)
}

func passMessage(v verdict) string {
	switch {
	case v.count > 0:
		return plural(v.count, "failure", "failures") + ", within the limits"
	case v.total >= 0:
		return plural(v.total, "row", "rows") + " tested"
	default:
		return ""
	}
}

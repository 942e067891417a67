package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/compile"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/expect"
	"elt/runner/ingest"
	"elt/runner/state"
)

// lab runs unit tests: an engine of its own in memory, in which the relations of the project exist without rows, as far
// as their columns can be known. It is safe for concurrent use.
type lab struct {
	w  *Workspace
	db *duckdb.DB

	mu    sync.Mutex // guards made, and lets one test at a time have the engine
	made  map[string]bool
	seeds map[string]*runner.Seed
}

func (w *Workspace) openLab(ctx context.Context) (*lab, error) {
	db, err := duckdb.Open(ctx, duckdb.Config{Threads: 1})
	if err != nil {
		return nil, err
	}
	l := &lab{w: w, db: db, made: map[string]bool{}, seeds: map[string]*runner.Seed{}}
	for _, s := range w.Project.Seeds {
		l.seeds[s.ID] = s
	}
	return l, nil
}

func (l *lab) close() error { return l.db.Close() }

// errUndo ends the transaction of a test without keeping anything.
var errUndo = errors.New("undo")

// run takes the verdict of one unit test.
func (l *lab) run(ctx context.Context, t *runner.UnitTest) (result runner.NodeResult, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	unit, err := l.prepare(ctx, t)
	if err != nil {
		if ctx.Err() != nil {
			return result, ctx.Err()
		}
		return runner.NodeResult{
			ID: t.ID, Kind: runner.KindUnitTest, Name: t.Name, Status: runner.StatusError, Started: l.w.options.Clock(), Err: err,
		}, nil
	}
	err = l.db.InTx(ctx, func(s engine.Session) error {
		if result, err = expect.RunUnit(ctx, s, unit, l.w.options.Clock); err != nil {
			return err
		}
		return errUndo
	})
	if errors.Is(err, errUndo) {
		err = nil
	}
	return result, err
}

// prepare compiles the model over relations that stand for the given rows. What is not given has no rows.
func (l *lab) prepare(ctx context.Context, t *runner.UnitTest) (expect.Unit, error) {
	unit := expect.Unit{Test: t}
	given, standing := map[string]runner.Relation{}, map[string]bool{}
	var this runner.Relation
	for i := range t.Given {
		f := &t.Given[i]
		id := t.Model
		if f.Input != "this" {
			ref, err := expect.ParseRef(f.Input)
			if err == nil {
				id, err = l.w.idOf(ref)
			}
			if err != nil {
				return unit, at(&runner.Error{Code: runner.CodeConfig, Pos: f.Pos, Msg: "unit test " + t.Name, Err: err}, t.Pos)
			}
		}
		r := runner.Relation{Name: fmt.Sprintf("__given_%d__", i)}
		if f.Input == "this" {
			this = r
		} else {
			given[id], standing[id] = r, true
		}
		unit.Inputs = append(unit.Inputs, expect.UnitInput{Relation: r, Columns: l.columns(ctx, id), Fixture: f})
	}
	l.leaveEmpty(ctx, t.Model, given, &unit)
	sql, err := l.w.Compiler.SQL(ctx, t.Model, compile.Render{
		Names: func(id string) runner.Relation { return given[id] }, Standing: standing, DB: build.Introspect(l.db), This: this,
		Incremental: t.Overrides.Macros["is_incremental"] == true,
		Vars:        t.Overrides.Vars, Env: t.Overrides.Env, Macros: t.Overrides.Macros,
	})
	if err != nil {
		return unit, err
	}
	unit.SQL = sql.Text
	unit.Explain = func(err error) error { return build.Explain("unit test "+t.Name, sql, 1, err) }
	return unit, nil
}

// leaveEmpty adds what a node reads and the test does not give, without rows; of ephemeral models, what those read.
func (l *lab) leaveEmpty(ctx context.Context, id string, given map[string]runner.Relation, unit *expect.Unit) {
	for _, up := range l.w.Compiler.Node(id).Reads {
		if _, ok := given[up]; ok {
			continue
		}
		n := l.w.Compiler.Node(up)
		if n.Config.Materialized == runner.Ephemeral {
			l.leaveEmpty(ctx, up, given, unit)
			continue
		}
		r := runner.Relation{Name: fmt.Sprintf("__empty_%d__", len(unit.Inputs))}
		given[up] = r
		unit.Inputs = append(unit.Inputs, expect.UnitInput{
			Relation: r, Columns: l.columns(ctx, up), Fixture: &runner.Fixture{Input: n.Name, Format: "dict"},
		})
	}
}

// columns are those that a node's relation has or will have; nil if that cannot be known without data.
func (l *lab) columns(ctx context.Context, id string) []engine.Column {
	query := "select * from " + l.w.Compiler.Public(id).String()
	if sql, err := l.w.Compiler.Logical(ctx, id); err == nil {
		query = sql.Text
		for _, up := range l.w.Compiler.Node(id).Reads {
			l.make(ctx, up)
		}
	} else {
		l.make(ctx, id)
	}
	columns, err := l.db.Describe(ctx, query)
	if err != nil {
		return nil
	}
	return columns
}

// make creates the relation of a node without rows, after those it reads. What cannot be made is left out: then the
// columns of what reads it are not known either, and the rows given have to name them.
func (l *lab) make(ctx context.Context, id string) {
	if l.made[id] {
		return
	}
	l.made[id] = true
	n := l.w.Compiler.Node(id)
	for _, up := range n.Reads {
		l.make(ctx, up)
	}
	statement := ""
	switch n.Kind {
	case runner.KindSource:
		statement = l.source(id)
	case runner.KindSeed:
		columns, err := build.SeedColumns(l.w.Project, l.seeds[id])
		if err != nil {
			return
		}
		statement = emptyTable(n.Public, columns)
	default:
		sql, err := l.w.Compiler.Logical(ctx, id)
		if err != nil || n.Public.IsZero() {
			return
		}
		statement = fmt.Sprintf("create view %s as\n%s", n.Public, sql.Text)
	}
	if statement != "" {
		_ = l.db.Exec(ctx, "create schema if not exists "+runner.Quote(n.Public.Schema), statement) // see above
	}
}

func (l *lab) source(id string) string {
	for _, s := range l.w.Project.Sources {
		if s.ID != id {
			continue
		}
		var columns []engine.Column
		for _, c := range s.Columns {
			if c.DataType == "" {
				return ""
			}
			typeName := c.DataType
			if t, err := ingest.ParseType(c.DataType); err == nil && s.Load != nil {
				typeName = t.SQL()
			}
			columns = append(columns, engine.Column{Name: c.Name, Type: typeName})
		}
		if len(columns) > 0 {
			return emptyTable(l.w.Compiler.Public(id), columns)
		}
	}
	return ""
}

func emptyTable(r runner.Relation, columns []engine.Column) string {
	text := "create table " + r.String() + " ("
	for i, c := range columns {
		if i > 0 {
			text += ", "
		}
		text += runner.Quote(c.Name) + " " + c.Type
	}
	return text + ")"
}

// unitTests gives the function that takes the verdicts of a model's unit tests, and closes the lab. Those whose verdict
// is known from an earlier run come as results at once.
func (w *Workspace) unitTests(
	ctx context.Context, store *state.Store, selection Selection, contents map[string]string, force bool,
) (run func(context.Context, string) ([]runner.NodeResult, error), known []runner.NodeResult, done func() error, err error) {
	open := map[string][]*runner.UnitTest{}
	fingerprints := map[string]string{}
	for _, t := range w.Project.UnitTests {
		if selection.Has(t.ID) && w.Compiler.Node(t.Model) != nil {
			fingerprints[t.ID] = w.unitFingerprint(t, contents[t.Model])
			open[t.Model] = append(open[t.Model], t)
		}
	}
	if len(open) == 0 {
		return nil, nil, func() error { return nil }, nil
	}
	if !force {
		if open, known, err = knownUnits(ctx, store, open, fingerprints); err != nil {
			return nil, nil, nil, err
		}
	}
	if len(open) == 0 {
		return nil, known, func() error { return nil }, nil
	}
	l, err := w.openLab(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	run = func(ctx context.Context, model string) ([]runner.NodeResult, error) {
		var results []runner.NodeResult
		var verdicts []state.Verdict
		for _, t := range open[model] {
			r, err := l.run(ctx, t)
			if err != nil {
				return results, err
			}
			results = append(results, r)
			if r.Status == runner.StatusPass {
				key := state.VerdictKey{TestID: t.ID, Fingerprint: fingerprints[t.ID]}
				verdicts = append(verdicts, state.Verdict{VerdictKey: key, Status: r.Status, Total: -1, Elapsed: r.Elapsed, RunID: w.RunID})
			}
		}
		if store.ReadOnly() {
			return results, nil
		}
		return results, store.SaveVerdicts(ctx, verdicts...)
	}
	return run, known, l.close, nil
}

func noUnitTests(
	context.Context, *state.Store, Selection, map[string]string, bool,
) (func(context.Context, string) ([]runner.NodeResult, error), []runner.NodeResult, func() error, error) {
	return nil, nil, func() error { return nil }, nil
}

// unitFingerprint is everything a unit test's verdict depends on.
func (w *Workspace) unitFingerprint(t *runner.UnitTest, content string) string {
	told, err := json.Marshal([]any{t.Given, t.Expect, t.Overrides})
	if err != nil {
		return "" // rows that JSON cannot hold: no verdict is kept
	}
	return hashOf("unit-1", content, string(told))
}

func knownUnits(
	ctx context.Context, store *state.Store, open map[string][]*runner.UnitTest, fingerprints map[string]string,
) (map[string][]*runner.UnitTest, []runner.NodeResult, error) {
	var keys []state.VerdictKey
	for id, fingerprint := range fingerprints {
		keys = append(keys, state.VerdictKey{TestID: id, Fingerprint: fingerprint})
	}
	verdicts, err := store.Verdicts(ctx, keys...)
	if err != nil {
		return nil, nil, err
	}
	rest := map[string][]*runner.UnitTest{}
	var known []runner.NodeResult
	for _, model := range slices.Sorted(maps.Keys(open)) {
		for _, t := range open[model] {
			v, ok := verdicts[state.VerdictKey{TestID: t.ID, Fingerprint: fingerprints[t.ID]}]
			if !ok || fingerprints[t.ID] == "" {
				rest[model] = append(rest[model], t)
				continue
			}
			known = append(known, runner.NodeResult{
				ID: t.ID, Kind: runner.KindUnitTest, Name: t.Name, Status: v.Status, Message: v.Message, Reason: "unchanged",
			})
		}
	}
	return rest, known, nil
}

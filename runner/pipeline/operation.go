package pipeline

import (
	"context"
	"strings"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/compile"
	"elt/runner/journal"
)

// RunOperation calls a macro with the right to write. What it asks of the warehouse is done at once, on the warehouse itself;
// nothing is built or published. Names are those that people use.
func RunOperation(ctx context.Context, o Options, macro string, args map[string]any) (runner.RunResult, error) {
	w, err := Open(ctx, o.tap(journal.New(o.Clock)))
	if err != nil {
		return runner.RunResult{}, err
	}
	return w.work(ctx, func(ctx context.Context, wr *writer, result *runner.RunResult) error {
		pkg, name, named := strings.Cut(w.Compiler.MacroPlace(macro), ".")
		if !named {
			pkg, name = w.Project.Name, macro
		}
		done := runner.NodeResult{
			ID: "macro." + pkg + "." + name, Kind: runner.KindMacro, Name: macro, Status: runner.StatusSuccess, Rows: -1, Started: o.Clock(),
		}
		_, err := w.Compiler.Operation(ctx, macro, args, compile.Render{DB: build.Introspect(wr.warehouse)})
		done.Elapsed = o.Clock().Sub(done.Started)
		if err != nil {
			done.Status, done.Err = runner.StatusError, err
		}
		result.Nodes = append(result.Nodes, done)
		return err
	})
}

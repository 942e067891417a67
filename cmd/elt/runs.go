package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/journal"
	"elt/runner/pipeline"
	"elt/runner/state"
)

func runsCommand() *cli.Command {
	return &cli.Command{
		Name: "runs", Usage: "list earlier runs, or explain one",
		Flags: projectFlags(outputFlag, &cli.IntFlag{Name: "limit", Value: 20, Usage: "how many"}),
		Action: withStore(func(c *cli.Context, screen *console, store *state.Store) error {
			runs, err := store.Runs(c.Context, c.Int("limit"))
			if err != nil {
				return err
			}
			for i := range runs {
				runs[i].Status = standing(store, runs[i])
			}
			return screen.listRuns(runs, c.String("output"))
		}),
		Subcommands: []*cli.Command{{
			Name: "show", Usage: "explain one run", ArgsUsage: "RUN", Description: "RUN is an ID of `elt runs`, or the start of one; without it the last run is shown.",
			Flags: projectFlags(outputFlag, &cli.BoolFlag{Name: "all", Usage: "list what was unchanged or passed, too"},
				&cli.BoolFlag{Name: "failures", Usage: "show rows that its tests found, and the SQL that finds them all"}),
			Action: withStore(func(c *cli.Context, screen *console, store *state.Store) error {
				run, err := findRun(c, store)
				if err != nil {
					return err
				}
				run.Status = standing(store, run)
				nodes, err := store.Results(c.Context, run.ID)
				if err != nil {
					return err
				}
				if c.Bool("failures") {
					return screen.showFailures(nodes, c.String("output"))
				}
				return screen.showRun(run, nodes, c.String("output"), c.Bool("all"))
			}),
		}},
	}
}

// withStore makes an action of what looks into the state store.
func withStore(do func(*cli.Context, *console, *state.Store) error) cli.ActionFunc {
	return func(c *cli.Context) error {
		o, screen, err := options(c)
		if err != nil {
			return err
		}
		path, err := pipeline.StatePath(c.Context, o)
		if err != nil {
			return err
		}
		store, err := state.OpenReadOnly(c.Context, path)
		if errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintln(screen.out, "no runs yet; `elt run` makes the first one")
			return nil
		}
		if err != nil {
			return err
		}
		return errors.Join(do(c, screen, store), store.Close())
	}
}

func (c *console) listRuns(runs []state.Run, format string) error {
	columns := []engine.Column{
		{Name: "run"},
		{Name: "command"},
		{Name: "trigger"},
		{Name: "started"},
		{Name: "seconds", Type: "DOUBLE"},
		{Name: "status"},
		{Name: "published"},
		{Name: "nodes"},
	}
	w, err := newListWriter(format, c.out, columns)
	if err != nil {
		return err
	}
	for _, r := range runs {
		elapsed := any(nil)
		if !r.Finished.IsZero() {
			elapsed = hundredths(r.Finished.Sub(r.Started))
		}
		published := "no"
		if r.Published {
			published = "yes"
		}
		started := r.Started.Local().Format("2006-01-02 15:04:05")
		if err := w.row([]any{r.ID, r.Command, triggerText(r), started, elapsed, string(r.Status), published, countsText(r)}); err != nil {
			return err
		}
	}
	return w.end()
}

// standing is the status of a run; of one that is recorded as going on, what its journal knows.
func standing(store *state.Store, r state.Run) state.RunStatus {
	if r.Status == state.RunRunning && journal.Gone(filepath.Join(filepath.Dir(store.Path()), "runs"), r.ID) {
		return state.RunCrashed
	}
	return r.Status
}

// triggerText says what started a run.
func triggerText(r state.Run) string { return cmp.Or(r.Trigger, "cli") }

func countsText(r state.Run) string {
	var parts []string
	for _, s := range []runner.Status{
		runner.StatusError, runner.StatusFail, runner.StatusSkipped, runner.StatusWarn, runner.StatusSuccess, runner.StatusReused, runner.StatusPass,
	} {
		if r.Counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", r.Counts[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

func findRun(c *cli.Context, store *state.Store) (state.Run, error) {
	runs, err := store.Runs(c.Context, 10_000)
	if err != nil {
		return state.Run{}, err
	}
	for _, r := range runs {
		if strings.HasPrefix(r.ID, c.Args().First()) {
			return r, nil
		}
	}
	return state.Run{}, &runner.Error{
		Code: runner.CodeUsage, Msg: fmt.Sprintf("there is no run %q", c.Args().First()), Hint: "`elt runs` lists them",
	}
}

func (c *console) showRun(run state.Run, nodes []state.NodeRecord, format string, all bool) error {
	if format == "table" {
		fmt.Fprintf(c.out, "run       %s\ncommand   %s\ntrigger   %s\nstarted   %s\nstatus    %s\n", run.ID, run.Command, triggerText(run),
			run.Started.Local().Format("2006-01-02 15:04:05"), run.Status)
		if !run.Finished.IsZero() {
			fmt.Fprintf(c.out, "took      %s\n", seconds(run.Finished.Sub(run.Started)))
		}
		fmt.Fprintf(c.out, "nodes     %s\n", countsText(run))
		if run.Err != nil {
			fmt.Fprintf(c.out, "error     %s\n", run.Err)
		}
		fmt.Fprintln(c.out)
	}
	columns := []engine.Column{
		{Name: "status"}, {Name: "node"}, {Name: "rows", Type: "BIGINT"}, {Name: "seconds", Type: "DOUBLE"}, {Name: "why or what"},
	}
	w, err := newListWriter(format, c.out, columns)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if quiet := n.Status == runner.StatusReused || n.Status == runner.StatusPass; quiet && !all {
			continue
		}
		if err := w.row(runRow(n)); err != nil {
			return err
		}
	}
	return w.end()
}

func runRow(n state.NodeRecord) []any {
	rows := any(nil)
	if n.Rows >= 0 {
		rows = n.Rows
	}
	var told []string
	for _, text := range []string{n.Reason, n.Message} {
		if text != "" && n.Err == nil {
			told = append(told, strings.ReplaceAll(text, "\n", " "))
		}
	}
	if n.Err != nil {
		told = []string{n.Err.Error()}
	}
	return []any{string(n.Status), n.Name, rows, hundredths(n.Elapsed), strings.Join(told, "; ")}
}

// hundredths is a number of seconds with two decimals, in every format.
func hundredths(d time.Duration) any { return json.Number(fmt.Sprintf("%.2f", d.Seconds())) }

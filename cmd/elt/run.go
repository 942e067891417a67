package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/artifact"
	"elt/runner/build"
	"elt/runner/pipeline"
)

var waitFlag = &cli.DurationFlag{Name: "wait", Usage: "wait up to this long for another run to end, as in 5m", DefaultText: "not at all"}

var storeFailuresFlag = &cli.BoolFlag{Name: "store-failures", Usage: "keep all rows that tests find in tables of the warehouse"}

func writeFlags(more ...cli.Flag) []cli.Flag {
	return nodeFlags(append([]cli.Flag{
		storeFailuresFlag,
		&cli.BoolFlag{Name: "force", Usage: "do it even where nothing changed"},
		&cli.BoolFlag{Name: "full-refresh", Usage: "build incremental models from nothing"},
		&cli.StringFlag{Name: "event-time-start", Usage: "make microbatches from this `TIME` on, as in 2024-12-31 or 2024-12-31T18:00:00, in UTC"},
		&cli.StringFlag{Name: "event-time-end", Usage: "make microbatches up to this `TIME`"},
		&cli.IntFlag{Name: "threads", Usage: "how many nodes to build at once", DefaultText: "the target's, else one a core"},
		waitFlag,
		// For who starts runs on behalf of others: the ID is known before the run is, and the records tell whose it was.
		&cli.StringFlag{Name: "run-id", Hidden: true},
		&cli.StringFlag{Name: "trigger", Hidden: true},
	}, more...)...)
}

func runCommand() *cli.Command {
	return &cli.Command{
		Name: "run", Usage: "load changed files, build, test and publish what depends on them",
		Description: "Everything is tested before anything is published. Exit status: 0 all well, 1 something failed and nothing\n" +
			"was published, 2 the project or the command line is wrong, 130 interrupted.",
		Flags: writeFlags(
			&cli.StringFlag{Name: "output-dir", Usage: "write exports below this `FOLDER` instead of the project's data folder"},
			&cli.StringFlag{Name: "junit", Usage: "write the results of nodes and tests to `FILE` as JUnit XML"},
		),
		Action: func(c *cli.Context) error {
			o, screen, err := writeOptions(c)
			if err != nil {
				return err
			}
			return runAndSum(c, o, screen)
		},
	}
}

func runAndSum(c *cli.Context, o pipeline.Options, screen *console) error {
	stop := screen.start()
	result, err := pipeline.Run(c.Context, o)
	stop()
	return errors.Join(screen.summary(result, err), writeJUnit(c.String("junit"), result))
}

func loadCommand() *cli.Command {
	return &cli.Command{
		Name: "load", Usage: "load changed files into staging and test them, without building or publishing",
		Flags: writeFlags(),
		Action: func(c *cli.Context) error {
			o, screen, err := writeOptions(c)
			if err != nil {
				return err
			}
			stop := screen.start()
			result, err := pipeline.Load(c.Context, o)
			stop()
			return screen.summary(result, err)
		},
	}
}

func testCommand() *cli.Command {
	return &cli.Command{
		Name: "test", Usage: "run the data tests against what is published",
		Description: "What store_failures keeps goes to the warehouse, for which no other run may be writing; without it, tests run\n" +
			"beside a run.",
		Flags: nodeFlags(storeFailuresFlag, waitFlag, &cli.StringFlag{Name: "junit", Usage: "write the results to `FILE` as JUnit XML"}),
		Action: func(c *cli.Context) error {
			o, screen, err := options(c)
			if err != nil {
				return err
			}
			o.Wait = c.Duration("wait")
			stop := screen.start()
			result, err := pipeline.Test(c.Context, o)
			stop()
			return errors.Join(screen.summary(result, err), writeJUnit(c.String("junit"), result))
		},
	}
}

func writeOptions(c *cli.Context) (pipeline.Options, *console, error) {
	o, screen, err := options(c)
	o.FullRefresh = c.Bool("full-refresh")
	o.Force, o.Threads, o.Wait, o.OutputDir = c.Bool("force"), c.Int("threads"), c.Duration("wait"), c.String("output-dir")
	if err == nil && o.Threads < 0 {
		err = &runner.Error{Code: runner.CodeUsage, Msg: "--threads must be 1 or more"}
	}
	if err == nil && o.RunID != "" && !pipeline.IsRunID(o.RunID) {
		err = &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("--run-id cannot be %q", o.RunID), Hint: "as in 20241201T120102Z-1a2b3c"}
	}
	if err == nil {
		o.Window, err = window(c.String("event-time-start"), c.String("event-time-end"))
	}
	if err == nil && o.OutputDir != "" {
		o.OutputDir, err = absolute(o.OutputDir)
	}
	return o, screen, err
}

// window reads the time that microbatches are to cover.
func window(start, end string) (build.Window, error) {
	var w build.Window
	if start == "" && end == "" {
		return w, nil
	}
	usage := func(format string, args ...any) error {
		return &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf(format, args...)}
	}
	if start == "" || end == "" {
		return w, usage("--event-time-start and --event-time-end go together")
	}
	var err error
	if w.Start, err = build.ParseEventTime(start); err != nil {
		return w, usage("--event-time-start: %v", err)
	}
	if w.End, err = build.ParseEventTime(end); err != nil {
		return w, usage("--event-time-end: %v", err)
	}
	if !w.Start.Before(w.End) {
		return w, usage("--event-time-start has to lie before --event-time-end")
	}
	return w, nil
}

func writeJUnit(path string, result runner.RunResult) error {
	if path == "" {
		return nil
	}
	return artifact.WriteFile(path, func(w io.Writer) error { return artifact.WriteJUnit(w, result) })
}

// summary closes a run on the screen: what happened in one line, and where the results are. The error it returns is
// shown already if its nodes were.
func (c *console) summary(result runner.RunResult, err error) error {
	var e *runner.Error
	if len(result.Nodes) == 0 && err != nil {
		return err
	}
	line := tally(result) + " in " + seconds(result.Elapsed)
	switch {
	case c.json:
		return c.logSummary(result, err)
	case errors.As(err, &e):
		word := "failed"
		if e.Code == runner.CodeInterrupted {
			word = "stopped"
		}
		c.line("\n%s  %s", c.paint(red, word), line)
		c.line("        %s", strings.ReplaceAll(e.Detail(), "\n", "\n        "))
		return &shown{err}
	case err != nil || c.quiet:
		return err
	}
	fmt.Fprintf(c.out, "\n%s    %s\n", c.paint(green, "done"), line)
	c.results(result)
	return nil
}

// logSummary is summary as a JSON line.
func (c *console) logSummary(result runner.RunResult, err error) error {
	log := c.logger()
	if err != nil {
		logErrors(log, err)
		err = &shown{err}
	}
	log.Info().Str("run", result.RunID).Str("status", string(result.Status)).Dur("elapsed", result.Elapsed).
		Bool("published", result.Published).Strs("changed", result.Changed).Msg(tally(result))
	return err
}

func (c *console) results(result runner.RunResult) {
	var rejected int64
	for _, r := range result.Nodes {
		rejected += r.Rejected
		if r.Kind == runner.KindSource && r.Status == runner.StatusWarn && r.Message != "" {
			fmt.Fprintf(c.out, "\n%s: %s\n", r.Name, strings.ReplaceAll(r.Message, "\n", "\n  "))
		}
	}
	switch {
	case rejected > 0 && strings.HasSuffix(result.Command, " load"):
		fmt.Fprintf(c.out, "\n%s rejected; once `elt run` has published, raw._rejects shows them with file, line and reason\n", plural(rejected, "row"))
	case rejected > 0:
		fmt.Fprintf(c.out, "\n%s rejected; see them with  elt query \"select * from raw._rejects\"\n", plural(rejected, "row"))
	}
	files := groupFiles(result.Changed)
	switch {
	case len(files) > 0:
		fmt.Fprintf(c.out, "\npublished as run %s:\n", result.RunID)
		for _, line := range files {
			fmt.Fprintf(c.out, "  %s\n", line)
		}
		fmt.Fprint(c.out, "\nlook at them:  elt serve, or  elt query \"show tables\"\n")
	case result.Published:
		fmt.Fprintf(c.out, "\npublished as run %s; no file had to change\n", result.RunID)
	case strings.HasSuffix(result.Command, " run") && len(result.Nodes) > 0:
		fmt.Fprint(c.out, "\nnothing changed; what is published is up to date\n")
	}
}

// groupFiles lists files, those of one folder and kind in one line. What stands behind a link, and the list of all files,
// are not what people open.
func groupFiles(paths []string) []string {
	groups := map[string][]string{}
	var order []string
	for _, path := range paths {
		if filepath.Base(path) == "published.json" || filepath.Ext(path) == ".duckdb" && slices.ContainsFunc(paths, func(link string) bool {
			return link != path && strings.HasPrefix(path, strings.TrimSuffix(link, ".duckdb")+"-")
		}) {
			continue
		}
		key := filepath.Dir(path) + "/*" + filepath.Ext(path)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], path)
	}
	lines := make([]string, len(order))
	for i, key := range order {
		lines[i] = groups[key][0]
		if n := len(groups[key]); n > 1 {
			lines[i] = fmt.Sprintf("%-34s %d files", key, n)
		}
	}
	return lines
}

// tally counts how the nodes of a run went.
func tally(result runner.RunResult) string {
	counts := map[string]int64{}
	for _, r := range result.Nodes {
		counts[tallyOf(r)]++
	}
	var parts []string
	for _, key := range []string{"loaded", "built", "unchanged", "passed", "warning", "tests failed", "failed", "skipped"} {
		n := counts[key]
		switch {
		case n == 0:
		case key == "passed":
			parts = append(parts, plural(n, "test")+" passed")
		case key == "tests failed":
			parts = append(parts, plural(n, "test")+" failed")
		case key == "warning":
			parts = append(parts, plural(n, key))
		default:
			parts = append(parts, thousands(n)+" "+key)
		}
	}
	if len(parts) == 0 {
		return "nothing to do"
	}
	return strings.Join(parts, ", ")
}

func tallyOf(r runner.NodeResult) string {
	test := r.Kind == runner.KindTest
	switch r.Status {
	case runner.StatusPass:
		return "passed"
	case runner.StatusReused:
		return "unchanged"
	case runner.StatusFail:
		return "tests failed"
	case runner.StatusSkipped:
		return "skipped"
	case runner.StatusError:
		return "failed"
	case runner.StatusWarn:
		if test {
			return "warning"
		}
	}
	if r.Kind == runner.KindSource && r.Rows >= 0 {
		return "loaded"
	}
	return "built"
}

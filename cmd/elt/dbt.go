package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/pipeline"
	"elt/runner/state"
)

// Commands that dbt's users type. A run does all that they do; they narrow it down.

func buildCommand() *cli.Command {
	c := runCommand()
	c.Name, c.Usage = "build", "the same as run"
	return c
}

func seedCommand() *cli.Command {
	return onlyCommand("seed", "load seeds, test and publish them", "resource_type:seed")
}

func snapshotCommand() *cli.Command {
	return onlyCommand("snapshot", "take snapshots, test and publish them", "resource_type:snapshot")
}

// onlyCommand is run, narrowed to one kind of node.
func onlyCommand(name, usage, kind string) *cli.Command {
	c := runCommand()
	c.Name, c.Usage = name, usage
	c.Action = func(c *cli.Context) error {
		o, screen, err := writeOptions(c)
		if err != nil {
			return err
		}
		o.Select = narrowed(o.Select, kind)
		return runAndSum(c, o, screen)
	}
	return c
}

// narrowed intersects every part of a selection with one more condition.
func narrowed(selectors []string, condition string) []string {
	var out []string
	for _, s := range selectors {
		for _, part := range strings.Fields(s) {
			out = append(out, part+","+condition)
		}
	}
	if len(out) == 0 {
		return []string{condition}
	}
	return out
}

func parseCommand() *cli.Command {
	return &cli.Command{
		Name: "parse", Usage: "check the project and write target/manifest.json, without compiled SQL",
		Flags: projectFlags(),
		Action: func(c *cli.Context) error {
			o, screen, err := options(c)
			if err != nil {
				return err
			}
			path, err := pipeline.Parse(c.Context, o)
			if err == nil && !screen.quiet {
				fmt.Fprintln(screen.out, "the project is in order; wrote "+path)
			}
			return err
		},
	}
}

func retryCommand() *cli.Command {
	c := runCommand()
	c.Name, c.Usage = "retry", "run again what failed or was skipped in the last run"
	c.Description = "A plain run does that too, since it reuses what succeeded; retry leaves everything else out."
	c.Action = func(c *cli.Context) error {
		o, screen, err := writeOptions(c)
		if err != nil {
			return err
		}
		last, err := lastFailures(c, o)
		if err != nil {
			return err
		}
		if len(last) == 0 {
			fmt.Fprintln(screen.out, "nothing to retry: the last run had no failures")
			return nil
		}
		o.Select = last
		return runAndSum(c, o, screen)
	}
	return c
}

// lastFailures gives selectors for the nodes that failed or were skipped in the last run that is over.
func lastFailures(c *cli.Context, o pipeline.Options) ([]string, error) {
	path, err := pipeline.StatePath(c.Context, o)
	if err != nil {
		return nil, err
	}
	store, err := state.OpenReadOnly(c.Context, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	runs, err := store.Runs(c.Context, 1)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	nodes, err := store.Results(c.Context, runs[0].ID)
	if err != nil {
		return nil, err
	}
	var selectors []string
	for _, n := range nodes {
		if !n.Status.Bad() {
			continue
		}
		parts := strings.Split(n.ID, ".")
		selector := parts[len(parts)-1]
		if n.Kind == runner.KindSource {
			selector = "source:" + strings.Join(parts[2:], ".")
		}
		if !slices.Contains(selectors, selector) {
			selectors = append(selectors, selector)
		}
	}
	return selectors, nil
}

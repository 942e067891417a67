package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"elt/runner/pipeline"
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
	c.Description = "A plain run does that too, since it reuses what succeeded; retry leaves everything else out, and publishes what\n" +
		"succeeded beside it. The --vars of the last run hold again unless others are given."
	c.Action = func(c *cli.Context) error {
		o, screen, err := writeOptions(c)
		if err != nil {
			return err
		}
		o.Retry = true
		before, err := pipeline.LastArgs(c.Context, o)
		if err != nil {
			return err
		}
		if !c.IsSet("vars") { // they may have named what failed
			if o.Vars, err = parseVars(argument(before, "--vars")); err != nil {
				return err
			}
		}
		err = runAndSum(c, o, screen)
		if errors.Is(err, pipeline.ErrNothingToRetry) {
			_, err = fmt.Fprintln(screen.out, pipeline.ErrNothingToRetry)
		}
		return err
	}
	return c
}

// argument finds the value of a flag among the arguments of an earlier command.
func argument(args []string, flag string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, flag+"="); ok {
			return value
		}
		if arg == flag && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

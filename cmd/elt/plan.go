package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/pipeline"
)

func planCommand() *cli.Command {
	return &cli.Command{
		Name: "plan", Usage: "tell what a run would do and why, without doing it",
		Flags: nodeFlags(
			&cli.BoolFlag{Name: "force", Usage: "as for run --force"},
			&cli.BoolFlag{Name: "all", Usage: "list what stays as it is, too"},
			outputFlag,
		),
		Action: func(c *cli.Context) error {
			o, screen, err := options(c)
			if err != nil {
				return err
			}
			o.Force = c.Bool("force")
			_, planned, err := pipeline.Plan(c.Context, o)
			if err != nil {
				return err
			}
			return screen.showPlan(planned.Plan, c.String("output"), c.Bool("all"))
		},
	}
}

func (c *console) showPlan(plan runner.Plan, format string, all bool) error {
	columns := []engine.Column{{Name: "action"}, {Name: "node"}, {Name: "why"}}
	w, err := newListWriter(format, c.out, columns)
	if err != nil {
		return err
	}
	counts := map[runner.Action]int{}
	for _, d := range plan.Decisions {
		if d.Public.IsZero() {
			continue
		}
		counts[d.Action]++
		if d.Action == runner.ActionBuild || all {
			if err := w.row([]any{planWord(d), d.Public.Bare(), d.Reason}); err != nil {
				return err
			}
		}
	}
	if counts[runner.ActionBuild] > 0 || all || format != "table" {
		if err := w.end(); err != nil {
			return err
		}
	}
	if format != "table" {
		return nil
	}
	if counts[runner.ActionBuild] == 0 {
		fmt.Fprintf(c.out, "nothing to build: all %s are up to date\n", plural(int64(counts[runner.ActionReuse]), "node"))
		return nil
	}
	fmt.Fprintf(c.out, "%d to do, %d unchanged; `elt run` does it\n", counts[runner.ActionBuild], counts[runner.ActionReuse])
	return nil
}

func planWord(d runner.Decision) string {
	if d.Action == runner.ActionBuild && d.Kind == runner.KindSource {
		return "load"
	}
	return string(d.Action)
}

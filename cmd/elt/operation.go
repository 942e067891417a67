package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/pipeline"
)

func operationCommand() *cli.Command {
	return &cli.Command{
		Name: "run-operation", Usage: "call a macro, which may change the warehouse", ArgsUsage: "MACRO",
		Description: "What the macro asks with run_query or statement is done on the warehouse at once; nothing is built or published.",
		Flags:       projectFlags(waitFlag, &cli.StringFlag{Name: "args", Usage: "the arguments of the macro as `YAML`: '{days: 7}'"}),
		Action: func(c *cli.Context) error {
			o, screen, err := options(c)
			if err != nil {
				return err
			}
			o.Wait = c.Duration("wait")
			if c.NArg() != 1 {
				return &runner.Error{Code: runner.CodeUsage, Msg: "run-operation needs the name of one macro", Hint: "elt run-operation clear_log --args '{days: 7}'"}
			}
			var args map[string]any
			if text := c.String("args"); text != "" {
				if args, err = compile.ParseVars(text); err != nil {
					return &runner.Error{Code: runner.CodeUsage, Msg: "read --args", Err: err, Hint: "write a YAML mapping: --args '{days: 7}'"}
				}
			}
			o.Print = func(text string) { fmt.Fprintln(screen.out, text) } // for others to read, as codegen's YAML
			result, err := pipeline.RunOperation(c.Context, o, c.Args().First(), args)
			if err == nil && !screen.quiet {
				fmt.Fprintf(screen.out, "done    %s in %s\n", c.Args().First(), seconds(result.Elapsed))
			}
			return err
		},
	}
}

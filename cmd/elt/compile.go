package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/pipeline"
)

func compileCommand() *cli.Command {
	return &cli.Command{
		Name: "compile", Usage: "write the SQL that models become to target/compiled, without running it",
		ArgsUsage: "[MODEL]", Description: "With the name of a model its SQL is printed, too.",
		Flags: nodeFlags(&cli.StringFlag{Name: "inline", Usage: "print what this `TEMPLATE` becomes, and nothing else"}),
		Action: func(c *cli.Context) error {
			o, screen, err := options(c)
			if err != nil {
				return err
			}
			if template := c.String("inline"); template != "" {
				text, err := pipeline.Inline(c.Context, o, template)
				if err == nil {
					fmt.Fprintln(screen.out, text)
				}
				return err
			}
			name := c.Args().First()
			if name != "" {
				o.Select = append(o.Select, name)
			}
			compiled, err := pipeline.Compile(c.Context, o)
			if err != nil {
				return err
			}
			for _, m := range compiled {
				if m.Name == name {
					fmt.Fprintln(screen.out, m.SQL)
					return nil
				}
			}
			if name != "" { // a warning tells which name comes near
				return &runner.Error{
					Code: runner.CodeUsage, Msg: fmt.Sprintf("there is no model %q", name), Hint: "`elt ls` lists all of them",
				}
			}
			if !screen.quiet {
				fmt.Fprintf(screen.out, "compiled %s to target/compiled\n", plural(int64(len(compiled)), "model"))
			}
			return nil
		},
	}
}

package main

import (
	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/engine/duckdb"
	"elt/runner/pipeline"
)

func showCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "preview a model as its SQL stands now, over what is published", ArgsUsage: "MODEL",
		Flags: projectFlags(formatFlag, &cli.IntFlag{Name: "limit", Value: 10, Usage: "how many rows; 0 for all"}),
		Action: func(c *cli.Context) error {
			o, _, err := options(c)
			if err != nil {
				return err
			}
			if c.NArg() != 1 {
				return &runner.Error{Code: runner.CodeUsage, Msg: "show needs the name of one model", Hint: "elt show marketing_analytics --limit 5"}
			}
			w, err := pipeline.Open(c.Context, o)
			if err != nil {
				return err
			}
			sql, err := w.Preview(c.Context, c.Args().First(), c.Int("limit"))
			if err != nil {
				return err
			}
			return onSnapshot(c.Context, w, func(db *duckdb.DB) error {
				if err := w.Readable(c.Context, db, c.Args().First()); err != nil {
					return err
				}
				err := printQuery(c.Context, db, sql.Text, c.String("format"), c.App.Writer)
				return build.Explain("show "+c.Args().First(), sql, 0, err)
			})
		},
	}
}

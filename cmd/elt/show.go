package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/build"
	"elt/runner/compile"
	"elt/runner/engine/duckdb"
	"elt/runner/pipeline"
)

func showCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "preview a model as its SQL stands now, over what is published", ArgsUsage: "[MODEL]",
		Flags: nodeFlags(
			&cli.StringFlag{Name: "format", Aliases: []string{"f", "output", "o"}, Value: "table", Usage: "table, csv, json or markdown"},
			&cli.IntFlag{Name: "limit", Value: 10, Usage: "how many rows; 0 or less for all"},
			&cli.StringFlag{Name: "inline", Usage: "preview this `TEMPLATE` instead of a model"},
		),
		Action: func(c *cli.Context) error {
			o, _, err := options(c)
			if err != nil {
				return err
			}
			if c.NArg() == 1 {
				o.Select = append(o.Select, c.Args().First())
			}
			inline := c.String("inline")
			if c.NArg() > 1 || inline == "" && len(o.Select) == 0 && o.Selector == "" {
				return &runner.Error{Code: runner.CodeUsage, Msg: "show needs the name of one model", Hint: "elt show marketing_analytics --limit 5"}
			}
			w, err := pipeline.Open(c.Context, o)
			if err != nil {
				return err
			}
			if inline != "" {
				return showInline(c, w, inline)
			}
			names, err := w.Previewed(c.Args().First())
			if err != nil {
				return err
			}
			return onSnapshot(c.Context, w, func(db *duckdb.DB) error {
				for _, name := range names {
					if err := showModel(c, w, db, name); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func showModel(c *cli.Context, w *pipeline.Workspace, db *duckdb.DB, name string) error {
	sql, err := w.Preview(c.Context, name, c.Int("limit"))
	if err != nil {
		return err
	}
	if err := w.Readable(c.Context, db, name); err != nil {
		return err
	}
	return showSQL(c.Context, c, db, "show "+name, sql)
}

func showInline(c *cli.Context, w *pipeline.Workspace, template string) error {
	return onSnapshot(c.Context, w, func(db *duckdb.DB) error {
		sql, err := w.PreviewInline(c.Context, db, template, c.Int("limit"))
		if err != nil {
			return err
		}
		return showSQL(c.Context, c, db, "show --inline", sql)
	})
}

func showSQL(ctx context.Context, c *cli.Context, db *duckdb.DB, what string, sql compile.SQL) error {
	return build.Explain(what, sql, 0, printQuery(ctx, db, sql.Text, c.String("format"), c.App.Writer))
}

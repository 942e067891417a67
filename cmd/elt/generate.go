package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/sample"
)

func generateCommand() *cli.Command {
	return &cli.Command{
		Name: "generate", Usage: "append sample data to data/raw, as a business would produce it",
		Description: "The first time 10 clients and 90 days are made; each later time the next 30 days and 2 new clients.\n" +
			"The same seed on the same files gives the same bytes.",
		Flags: projectFlags(
			&cli.Uint64Flag{Name: "seed", Value: sample.DefaultSeed, Usage: "number that decides all that is drawn"},
			&cli.IntFlag{Name: "clients", Usage: "how many clients to add", DefaultText: "10, later 2"},
			&cli.IntFlag{Name: "days", Usage: "how many days to add", DefaultText: "90, later 30"},
			&cli.StringFlag{Name: "start", Usage: "first `DATE` to make (default: 2024-12-01, or the day after the last)"},
			&cli.StringFlag{Name: "dir", Usage: "write to this `FOLDER` instead of the project's data/raw"},
		),
		Action: func(c *cli.Context) error {
			o := sample.Options{Seed: c.Uint64("seed"), Dir: c.String("dir")}
			if o.Dir == "" {
				dir, err := projectDir(c.String("project-dir"))
				if err != nil {
					return err
				}
				o.Dir = filepath.Join(dir, "data", "raw")
			}
			if c.IsSet("clients") {
				o.Clients = new(c.Int("clients"))
			}
			if c.IsSet("days") {
				o.Days = new(c.Int("days"))
			}
			if text := c.String("start"); text != "" {
				start, err := time.Parse(time.DateOnly, text)
				if err != nil {
					return &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("--start %q is no date", text), Hint: "write it as 2024-12-01"}
				}
				o.Start = start
			}
			done, err := sample.Generate(c.Context, o)
			if err != nil {
				return err
			}
			if !c.Bool("quiet") {
				printGenerated(c, done)
			}
			return nil
		},
	}
}

func printGenerated(c *cli.Context, s sample.Summary) {
	w := c.App.Writer
	for _, f := range s.Files {
		fmt.Fprintf(w, "%-22s %12s added %14s in all\n", f.Name, thousands(f.RowsAdded), plural(f.RowsTotal, "row"))
	}
	fmt.Fprintf(w, "%s to %s, %s, %s of them new\n", s.From.Format(time.DateOnly), s.To.Format(time.DateOnly),
		plural(int64(s.ClientsTotal), "client"), thousands(int64(s.ClientsAdded)))
}

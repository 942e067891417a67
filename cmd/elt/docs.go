package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"elt/runner/artifact"
	"elt/runner/engine"
	"elt/runner/pipeline"
)

func docsCommand() *cli.Command {
	return &cli.Command{
		Name: "docs", Usage: "write manifest.json and catalog.json, for tools that read dbt's",
		Subcommands: []*cli.Command{{
			Name: "generate", Usage: "write target/manifest.json and target/catalog.json",
			Flags: nodeFlags(),
			Action: func(c *cli.Context) error {
				o, screen, err := options(c)
				if err != nil {
					return err
				}
				paths, err := pipeline.GenerateDocs(c.Context, o)
				for _, path := range paths {
					if !screen.quiet {
						fmt.Fprintln(screen.out, path)
					}
				}
				return err
			},
		}},
	}
}

func sourceCommand() *cli.Command {
	return &cli.Command{
		Name: "source", Usage: "look at sources",
		Subcommands: []*cli.Command{{
			Name: "freshness", Usage: "tell how old the newest row of each source is, and write target/sources.json",
			Flags: nodeFlags(outputFlag),
			Action: func(c *cli.Context) error {
				o, screen, err := options(c)
				if err != nil {
					return err
				}
				results, err := pipeline.Freshness(c.Context, o)
				return errors.Join(screen.showFreshness(results, c.String("output")), err)
			},
		}},
	}
}

func (c *console) showFreshness(results []artifact.FreshnessResult, format string) error {
	if len(results) == 0 && format == "table" {
		fmt.Fprintln(c.out, "no source has a freshness rule and a loaded_at_field")
		return nil
	}
	columns := []engine.Column{{Name: "status"}, {Name: "source"}, {Name: "newest row"}, {Name: "age"}}
	w, err := newRowWriter(format, c.out, columns)
	if err != nil {
		return err
	}
	for _, r := range results {
		newest, age := "", ""
		if r.Err != nil {
			newest = r.Err.Error()
		} else {
			newest, age = r.Newest.Format(time.DateTime), r.Checked.Sub(r.Newest).Round(time.Minute).String()
		}
		if err := w.row([]any{r.Status, r.ID, newest, age}); err != nil {
			return err
		}
	}
	return w.end()
}

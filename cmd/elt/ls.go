package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/pipeline"
)

func lsCommand() *cli.Command {
	return &cli.Command{
		Name: "ls", Aliases: []string{"list"}, Usage: "list sources, seeds, models and tests",
		Flags: nodeFlags(
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "list", Usage: "list, name (as dbt lists them), table, csv, json or markdown"},
			&cli.StringFlag{Name: "resource-type", Usage: "only source, seed, model or test"},
		),
		Action: func(c *cli.Context) error {
			o, screen, err := options(c)
			if err != nil {
				return err
			}
			kind, err := kindOf(c.String("resource-type"))
			if err != nil {
				return err
			}
			w, err := pipeline.Open(c.Context, o)
			if err != nil {
				return err
			}
			nodes, err := w.List()
			if err != nil {
				return err
			}
			return screen.list(nodes, kind, c.String("output"))
		},
	}
}

// kindOf reads --resource-type; empty for every kind.
func kindOf(text string) (runner.Kind, error) {
	kinds := []string{
		string(runner.KindSource), string(runner.KindSeed), string(runner.KindModel), string(runner.KindSnapshot),
		string(runner.KindTest), string(runner.KindUnitTest), string(runner.KindExposure),
	}
	if text == "" || slices.Contains(kinds, text) {
		return runner.Kind(text), nil
	}
	hint := runner.DidYouMean(text, kinds)
	if hint == "" {
		hint = "resource types: " + strings.Join(kinds, ", ")
	}
	return "", &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("no resource type %q", text), Hint: hint}
}

func (c *console) list(nodes []pipeline.Listed, kind runner.Kind, format string) error {
	var w rowWriter
	if format != "list" && format != "name" {
		var err error
		columns := []engine.Column{{Name: "kind"}, {Name: "name"}, {Name: "materialized"}, {Name: "tags"}, {Name: "path"}, {Name: "description"}}
		w, err = newListWriter(format, c.out, columns)
		var unknown *runner.Error
		if errors.As(err, &unknown) {
			unknown.Hint = "formats: list, name, " + strings.Join(formats, ", ")
		}
		if err != nil {
			return err
		}
	}
	for _, n := range nodes {
		if kind != "" && n.Kind != kind {
			continue
		}
		switch format {
		case "name":
			fmt.Fprintln(c.out, n.Plain)
			continue
		case "list":
			fmt.Fprintf(c.out, "%-7s %s\n", n.Kind, n.Name)
			continue
		}
		row := []any{string(n.Kind), n.Name, string(n.Materialized), strings.Join(n.Tags, ", "), n.Path, n.Description}
		if err := w.row(row); err != nil {
			return err
		}
	}
	if w == nil {
		return nil
	}
	return w.end()
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/pipeline"
)

// lineFormats are the formats of ls that print a line a node; those but list are dbt's.
var lineFormats = []string{"list", "name", "path", "selector", "json"}

func lsCommand() *cli.Command {
	return &cli.Command{
		Name: "ls", Aliases: []string{"list"}, Usage: "list sources, seeds, models and tests",
		Flags: nodeFlags(
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "list", Usage: "list; name, path, selector or json as dbt lists them; table, csv or markdown"},
			&cli.StringSliceFlag{Name: "output-keys", Usage: "`KEYS` of json: those of manifest.json, config.materialized too", DefaultText: "dbt's"},
		),
		Action: func(c *cli.Context) error {
			o, screen, err := options(c)
			if err != nil {
				return err
			}
			format := c.String("output")
			if c.IsSet("output-keys") {
				format = "json"
			}
			if c.IsSet("models") { // dbt's older word for models alone
				o.Kinds = []runner.Kind{runner.KindModel}
			}
			w, err := pipeline.Open(c.Context, o)
			if err != nil {
				return err
			}
			nodes, err := w.List()
			switch {
			case err != nil:
				return err
			case format == "json":
				return screen.listJSON(w, nodes, c.StringSlice("output-keys"))
			case slices.Contains(lineFormats, format):
				return screen.listLines(nodes, format)
			default:
				return screen.listRows(nodes, format)
			}
		},
	}
}

func (c *console) listLines(nodes []pipeline.Listed, format string) error {
	for _, n := range nodes {
		var err error
		switch format {
		case "name":
			_, err = fmt.Fprintln(c.out, n.Plain)
		case "path":
			_, err = fmt.Fprintln(c.out, n.Path)
		case "selector":
			_, err = fmt.Fprintln(c.out, n.Selector)
		default:
			_, err = fmt.Fprintf(c.out, "%-7s %s\n", n.Kind, n.Name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// listJSON prints a JSON object a node, with keys of its entry in manifest.json; a key with dots looks inside.
func (c *console) listJSON(w *pipeline.Workspace, nodes []pipeline.Listed, keys []string) error {
	entries, err := w.Entries()
	if err != nil {
		return err
	}
	usual := len(keys) == 0
	if usual {
		keys = []string{
			"alias", "name", "package_name", "depends_on", "tags", "config", "resource_type", "source_name", "original_file_path", "unique_id",
		}
	}
	for _, n := range nodes {
		out := map[string]any{}
		for _, key := range keys {
			if v, ok := inside(entries[n.ID], key); ok {
				out[key] = v
			}
		}
		text, err := json.Marshal(out)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(c.out, string(text)); err != nil {
			return err
		}
	}
	return nil
}

func inside(entry map[string]any, key string) (any, bool) {
	first, rest, deeper := strings.Cut(key, ".")
	v, ok := entry[first]
	if !deeper || !ok {
		return v, ok
	}
	below, _ := v.(map[string]any)
	return inside(below, rest)
}

func (c *console) listRows(nodes []pipeline.Listed, format string) error {
	columns := []engine.Column{{Name: "kind"}, {Name: "name"}, {Name: "materialized"}, {Name: "tags"}, {Name: "path"}, {Name: "description"}}
	w, err := newListWriter(format, c.out, columns)
	var unknown *runner.Error
	if errors.As(err, &unknown) {
		unknown.Hint = "formats: " + strings.Join(append(slices.Clone(lineFormats), "table", "csv", "markdown"), ", ")
	}
	if err != nil {
		return err
	}
	for _, n := range nodes {
		row := []any{string(n.Kind), n.Name, string(n.Materialized), strings.Join(n.Tags, ", "), n.Path, n.Description}
		if err := w.row(row); err != nil {
			return err
		}
	}
	return w.end()
}

// kindsOf reads --resource-type and --exclude-resource-type; nil for every kind.
func kindsOf(texts []string) ([]runner.Kind, error) {
	known := []string{
		string(runner.KindSource), string(runner.KindSeed), string(runner.KindModel), string(runner.KindSnapshot),
		string(runner.KindTest), string(runner.KindUnitTest), string(runner.KindExposure),
	}
	// What dbt has beside that, no project has here.
	foreign := []string{"analysis", "metric", "semantic_model", "saved_query", "function"}
	kinds := make([]runner.Kind, 0, len(texts))
	for _, text := range texts {
		switch {
		case text == "all" || text == "default":
			return nil, nil
		case slices.Contains(known, text) || slices.Contains(foreign, text):
			kinds = append(kinds, runner.Kind(text))
			continue
		}
		hint := runner.DidYouMean(text, known)
		if hint == "" {
			hint = "resource types: " + strings.Join(known, ", ")
		}
		return nil, &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("no resource type %q", text), Hint: hint}
	}
	return kinds, nil
}

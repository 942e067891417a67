package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/pipeline"
)

var formatFlag = &cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "table", Usage: "table, csv, json or markdown"}

func queryCommand() *cli.Command {
	return &cli.Command{
		Name: "query", Usage: "run SQL on what is published; works while a run is writing",
		ArgsUsage: `"SELECT …"`,
		Description: "One statement that reads: SELECT, FROM, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN.\n" +
			"Every model, seed and source goes by its bare name or by schema.name; rejected rows are in raw._rejects.\n" +
			"Without an argument the SQL is read from standard input. `elt query \"show tables\"` lists what there is,\n" +
			"\"show all tables\" with schemas and columns.",
		Flags: projectFlags(formatFlag, &cli.BoolFlag{
			Name: "warehouse", Usage: "ask the warehouse itself, which has what store_failures keeps, too; not while a run is writing",
		}),
		Action: func(c *cli.Context) error {
			o, _, err := options(c)
			if err != nil {
				return err
			}
			sql, err := queryText(c)
			if err != nil {
				return err
			}
			w, err := pipeline.Open(c.Context, o)
			if err != nil {
				return err
			}
			open := w.Reader
			if c.Bool("warehouse") {
				open = w.WarehouseReader
			}
			reader, err := open(c.Context, duckdb.Limits{})
			if err != nil {
				return err
			}
			err = queryError(sql, printQuery(c.Context, reader, sql, c.String("format"), c.App.Writer))
			return errors.Join(err, reader.Close())
		},
	}
}

func queryText(c *cli.Context) (string, error) {
	sql := strings.Join(c.Args().Slice(), " ")
	if sql == "" || sql == "-" {
		if file, ok := c.App.Reader.(*os.File); ok && isTerminal(file) {
			return "", &runner.Error{Code: runner.CodeUsage, Msg: "query needs SQL", Hint: `elt query "select * from cross_channel_lift"`}
		}
		text, err := io.ReadAll(c.App.Reader)
		if err != nil {
			return "", err
		}
		sql = string(text)
	}
	if sql = strings.TrimRight(strings.TrimSpace(sql), "; \n"); sql == "" {
		return "", &runner.Error{Code: runner.CodeUsage, Msg: "query needs SQL", Hint: `elt query "select * from cross_channel_lift"`}
	}
	return sql, nil
}

// onSnapshot does something with the published snapshot open.
func onSnapshot(ctx context.Context, w *pipeline.Workspace, do func(*duckdb.DB) error) error {
	db, err := w.Snapshot(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

func printQuery(ctx context.Context, s engine.Querier, sql, format string, out io.Writer) error {
	rows, err := s.Query(ctx, sql)
	if err != nil {
		return err
	}
	w, err := newRowWriter(format, out, rows.Columns())
	if err != nil {
		return errors.Join(err, rows.Close())
	}
	if err := engine.Each(rows, w.row); err != nil {
		return err
	}
	return w.end()
}

// queryError points at the place in the query as typed.
func queryError(sql string, err error) error {
	var e *engine.SQLError
	if !errors.As(err, &e) {
		return err
	}
	out := &runner.Error{Code: runner.CodeModel, Msg: "query: " + strings.SplitN(e.Msg, "\n", 2)[0]}
	if e.Line > 0 && e.SQL == sql {
		out.Excerpt = runner.Excerpt(sql, e.Line, e.Col)
	}
	out.Hint = e.Hint()
	switch {
	case errors.Is(err, engine.ErrRefused) && strings.HasPrefix(e.Msg, "only one statement"):
		out.Hint = "ask one after the other"
	case errors.Is(err, engine.ErrRefused):
		out.Hint = "the published snapshot cannot be changed; edit the models and run `elt run`"
	case e.Kind == "Permission":
		out.Hint = "queries read what is published; declare the file as a source to load it"
	}
	return out
}

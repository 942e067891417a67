package main

import (
	"fmt"
	"strings"

	"elt/runner/engine"
	"elt/runner/state"
)

// showFailures shows what the tests of a run found that failed or warned: for people a table and a query each, for programs
// one long table with a row for each value.
func (c *console) showFailures(nodes []state.NodeRecord, format string) error {
	var found []state.NodeRecord
	for _, n := range nodes {
		if n.Failure != nil {
			found = append(found, n)
		}
	}
	if format != "table" {
		return c.listFailures(found, format)
	}
	if len(found) == 0 {
		fmt.Fprintln(c.out, "no test of this run found anything")
	}
	for i, n := range found {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		fmt.Fprintln(c.out, failureText(n))
	}
	return nil
}

func failureText(n state.NodeRecord) string {
	f := n.Failure
	lines := []string{fmt.Sprintf("%s  %s: %s", strings.ToUpper(string(n.Status)), n.Name, n.Message)}
	if len(f.Sample) > 0 {
		lines = append(lines, alignRows(f.Columns, f.Sample))
	}
	if more := f.Count - int64(len(f.Sample)); len(f.Sample) > 0 && more > 0 {
		lines = append(lines, fmt.Sprintf("the first %d; all of them:", len(f.Sample)))
	}
	if f.Query != "" {
		lines = append(lines, f.Query)
	}
	if !f.Stored.IsZero() {
		lines = append(lines, fmt.Sprintf("kept in %s: elt query --warehouse \"select * from %[1]s\"", f.Stored.Bare()))
	}
	return strings.Join(lines, "\n")
}

func (c *console) listFailures(found []state.NodeRecord, format string) error {
	columns := []engine.Column{
		{Name: "test"}, {Name: "status"}, {Name: "failures", Type: "BIGINT"}, {Name: "row", Type: "BIGINT"}, {Name: "column"}, {Name: "value"},
	}
	w, err := newListWriter(format, c.out, columns)
	if err != nil {
		return err
	}
	for _, n := range found {
		for i, row := range n.Failure.Sample {
			for j, value := range row {
				if err := w.row([]any{n.Name, string(n.Status), n.Failure.Count, int64(i + 1), n.Failure.Columns[j], value}); err != nil {
					return err
				}
			}
		}
	}
	return w.end()
}

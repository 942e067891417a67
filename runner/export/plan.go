package export

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"elt/runner"
)

// Selected is an export of the project with the tables that its selector chose.
type Selected struct {
	Export runner.Export
	Tables []Table
}

// placeholder in a path stands for the model's name.
const placeholder = "{name}"

// Expand works out the files: one for each table where the path has {name}, else one for all. root is the absolute
// folder that paths are relative to. A snapshot gets a name of its own for each run, and a link under the given name.
// An export that selects nothing makes no file. Errors are *runner.Error of CodeConfig at the export.
func Expand(root, runID string, exports []Selected) ([]Item, error) {
	var items []Item
	owner := map[string]runner.Export{}
	for _, s := range exports {
		made, err := expand(root, runID, s)
		if err != nil {
			return nil, err
		}
		for _, item := range made {
			path := item.Path
			if item.Link != "" {
				path = item.Link
			}
			if other, taken := owner[strings.ToLower(path)]; taken {
				return nil, exportError(s.Export, fmt.Sprintf("%s is written by the export at %s too", path, other.Pos),
					"give each export a path of its own")
			}
			owner[strings.ToLower(path)] = s.Export
		}
		items = append(items, made...)
	}
	return items, nil
}

func expand(root, runID string, s Selected) ([]Item, error) {
	x := s.Export
	known := []string{"csv", "duckdb", "parquet", "sqlite"}
	many := x.Format == "sqlite" || x.Format == "duckdb"
	perTable := strings.Contains(x.Path, placeholder)
	switch {
	case !slices.Contains(known, x.Format):
		hint := runner.DidYouMean(x.Format, known)
		if hint == "" {
			hint = "known formats are " + strings.Join(known, ", ")
		}
		return nil, exportError(x, fmt.Sprintf("unknown format %q", x.Format), hint)
	case !filepath.IsLocal(x.Path):
		return nil, exportError(x, fmt.Sprintf("path %q leads out of the output folder", x.Path), "write a path below it")
	case !many && !perTable && len(s.Tables) > 1:
		return nil, exportError(x, fmt.Sprintf("%d models cannot share the %s file %s", len(s.Tables), x.Format, x.Path),
			"put {name} into the path, or select one model")
	case len(s.Tables) == 0:
		return nil, nil
	}
	groups := [][]Table{s.Tables}
	if perTable {
		groups = nil
		for _, t := range s.Tables {
			groups = append(groups, []Table{t})
		}
	}
	var items []Item
	for _, tables := range groups {
		path := filepath.Join(root, strings.ReplaceAll(x.Path, placeholder, tables[0].Name))
		item := Item{Format: x.Format, Path: path, Tables: tables}
		if x.Format == "duckdb" {
			item.Path, item.Link = Versioned(path, runID), path
		}
		if err := unambiguous(x, tables); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// unambiguous checks that no two tables of a file have the same name.
func unambiguous(x runner.Export, tables []Table) error {
	seen := map[string]bool{}
	for _, t := range tables {
		name := strings.ToLower(t.Name)
		if x.Format == "duckdb" {
			name = strings.ToLower(t.Public.Bare())
		}
		if seen[name] {
			return exportError(x, fmt.Sprintf("two tables of %s are called %s", x.Path, name), "select one of them, or give one an alias")
		}
		seen[name] = true
	}
	return nil
}

func exportError(x runner.Export, msg, hint string) *runner.Error {
	return &runner.Error{Code: runner.CodeConfig, Pos: x.Pos, Msg: "export: " + msg, Hint: hint}
}

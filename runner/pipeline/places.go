package pipeline

import (
	"path/filepath"
	"slices"
	"strings"

	"elt/runner"
)

// Places are where a project keeps what outlives a command. All paths are absolute.
type Places struct {
	Warehouse string // the file that runs write; nobody else opens it
	State     string // runs, results, verdicts: SQLite
	Runs      string // folder of the journals of runs
	Data      string // folder of raw files, warehouse and state
	Output    string // folder that export paths begin in
	Published string // published.json
	Target    string // compiled SQL and artifacts
	Snapshot  string // the link to the published snapshot; empty for a project that exports none
	DBT       bool   // it is a project of dbt's
}

// Places tells where the project's files are.
func (w *Workspace) Places() Places {
	p := Places{
		Warehouse: w.files.warehouse, State: w.files.state, Runs: w.files.runs, Data: filepath.Dir(w.files.state), Output: w.files.output,
		Published: w.files.published, Target: w.files.target, DBT: w.Project.DBT,
	}
	i := slices.IndexFunc(w.Project.Exports, func(x runner.Export) bool { return x.Format == "duckdb" })
	if i >= 0 {
		p.Snapshot = filepath.Join(w.files.output, filepath.FromSlash(w.Project.Exports[i].Path))
	}
	return p
}

// MadeByRuns are the files and folders that runs make, absolute. Changes of these are no news.
func (w *Workspace) MadeByRuns() []string {
	return append(madeByRuns(w.Project, w.files), w.files.lock)
}

// ExportedModel is a model that an export writes to a file of its own.
type ExportedModel struct {
	Model *runner.Model
	Path  string // of the file, below Places.Output, with slashes
}

// ExportedModels are the models that exports of a format write, a file each, in the project's order.
func (w *Workspace) ExportedModels(format string) ([]ExportedModel, error) {
	var out []ExportedModel
	for _, x := range w.Project.Exports {
		if x.Format != format {
			continue
		}
		var include []string
		if x.Select != "" {
			include = []string{x.Select}
		}
		selection, err := w.choose(include, nil)
		if err != nil {
			return nil, at(err, x.Pos)
		}
		for _, m := range w.Project.Models {
			if selection.Has(m.ID) && m.Config.Materialized != runner.Ephemeral {
				out = append(out, ExportedModel{Model: m, Path: strings.ReplaceAll(x.Path, "{name}", m.Name)})
			}
		}
	}
	return out, nil
}

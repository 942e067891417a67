package pipeline

import (
	"path/filepath"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/export"
	"elt/runner/project"
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
func (w *Workspace) Places() Places { return locate(w.Project, w.files) }

func locate(p *runner.Project, f files) Places {
	at := Places{
		Warehouse: f.warehouse, State: f.state, Runs: f.runs, Data: filepath.Dir(f.state), Output: f.output,
		Published: f.published, Target: f.target, DBT: p.DBT,
	}
	i := slices.IndexFunc(p.Exports, func(x runner.Export) bool { return x.Format == "duckdb" })
	if i >= 0 {
		at.Snapshot = filepath.Join(f.output, filepath.FromSlash(p.Exports[i].Path))
	}
	return at
}

// Outline is what can be told of a project that does not load.
type Outline struct {
	Name   string // empty where the project file cannot be read: then At are the usual places
	Target string
	At     Places
}

// Outline is that of a project which does load.
func (w *Workspace) Outline() Outline {
	return Outline{Name: w.Project.Name, Target: w.Project.Target.Name, At: w.Places()}
}

// OutlineOf reads the project file alone. The error is for what no change of its text mends: see project.Outline.
func OutlineOf(o Options) (Outline, error) {
	p, err := project.Outline(loading(o))
	if err != nil {
		return Outline{}, err
	}
	f := placesOf(p)
	out := Outline{Name: p.Name, Target: p.Target.Name, At: locate(p, f)}
	if published, err := export.ReadPublished(f.published); err == nil && out.At.Snapshot == "" && out.Name == "" {
		for _, file := range published.Files {
			if file.Format == "duckdb" {
				out.At.Snapshot = filepath.Join(f.output, export.Unversioned(filepath.FromSlash(file.Path), published.RunID))
			}
		}
	}
	return out, nil
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

package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/state"
)

// earlier is what a manifest.json, of another time or of now, tells of a project.
type earlier struct {
	nodes  map[string]earlierNode
	macros map[string]earlierMacro
}

// earlierNode is what of a node is compared.
type earlierNode struct {
	Kind        string         `json:"resource_type"`
	FQN         []string       `json:"fqn"`
	RawCode     string         `json:"raw_code"`
	Description string         `json:"description"`
	Unrendered  map[string]any `json:"unrendered_config"`
	Checksum    any            `json:"checksum"`
	Schema      string         `json:"schema"`
	Alias       string         `json:"alias"`
	Identifier  string         `json:"identifier"`
	Columns     map[string]struct {
		Description string `json:"description"`
		DataType    string `json:"data_type"`
		Constraints any    `json:"constraints"`
	} `json:"columns"`
	Config struct {
		Materialized string          `json:"materialized"`
		PersistDocs  map[string]bool `json:"persist_docs"`
	} `json:"config"`
	Contract struct {
		Enforced bool `json:"enforced"`
	} `json:"contract"`
	DependsOn struct {
		Nodes  []string `json:"nodes"`
		Macros []string `json:"macros"`
	} `json:"depends_on"`

	// of models
	Access        string `json:"access"`
	LatestVersion any    `json:"latest_version"`
	Deprecated    string `json:"deprecation_date"`
	Constraints   any    `json:"constraints"`
	// of sources
	LoadedAt  string `json:"loaded_at_field"`
	Freshness any    `json:"freshness"`
	// of exposures
	Type     string `json:"type"`
	Label    string `json:"label"`
	Maturity string `json:"maturity"`
	URL      string `json:"url"`
	Owner    any    `json:"owner"`
	// of unit tests
	Model     string `json:"model"`
	Given     any    `json:"given"`
	Expect    any    `json:"expect"`
	Overrides any    `json:"overrides"`
}

type earlierMacro struct {
	SQL       string `json:"macro_sql"`
	DependsOn struct {
		Macros []string `json:"macros"`
	} `json:"depends_on"`
}

// readEarlier reads a manifest.json.
func readEarlier(text []byte) (*earlier, error) {
	var manifest struct {
		Nodes     map[string]earlierNode  `json:"nodes"`
		Sources   map[string]earlierNode  `json:"sources"`
		Exposures map[string]earlierNode  `json:"exposures"`
		UnitTests map[string]earlierNode  `json:"unit_tests"`
		Macros    map[string]earlierMacro `json:"macros"`
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, err
	}
	e := &earlier{nodes: map[string]earlierNode{}, macros: manifest.Macros}
	for _, nodes := range []map[string]earlierNode{manifest.Nodes, manifest.Sources, manifest.Exposures, manifest.UnitTests} {
		maps.Copy(e.nodes, nodes)
	}
	return e, nil
}

// loadEarlier reads the manifest in the folder of --state.
func (w *Workspace) loadEarlier() (*earlier, error) {
	if w.earlier != nil {
		return w.earlier, nil
	}
	if w.options.StateDir == "" {
		return nil, &runner.Error{
			Code: runner.CodeUsage, Msg: "nothing to compare with", Hint: "say with --state FOLDER where an earlier manifest.json is",
		}
	}
	path := filepath.Join(w.options.StateDir, "manifest.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &runner.Error{Code: runner.CodeUsage, Msg: "read the manifest to compare with", Err: err}
	}
	w.earlier, err = readEarlier(text)
	if err != nil {
		return nil, &runner.Error{Code: runner.CodeUsage, Pos: runner.Position{File: path}, Msg: "read the manifest to compare with", Err: err}
	}
	return w.earlier, nil
}

// present is the project as it is, told as its manifest would tell it.
func (w *Workspace) present() (*earlier, error) {
	if w.now != nil {
		return w.now, nil
	}
	var text bytes.Buffer
	err := w.manifest(&text, nil)
	if err == nil {
		w.now, err = readEarlier(text.Bytes())
	}
	return w.now, err
}

// matchState implements the selector method state.
func (w *Workspace) matchState(value, id string) (bool, error) {
	before, err := w.loadEarlier()
	if err != nil {
		return false, err
	}
	check, ok := stateChecks()[value]
	if !ok {
		return false, fmt.Errorf("state:%s is not known; known are %s", value, strings.Join(slices.Sorted(maps.Keys(stateChecks())), ", "))
	}
	now, err := w.present()
	if err != nil {
		return false, err
	}
	node, declared := now.nodes[id]
	if !declared {
		return false, nil
	}
	c := comparison{earlierNode: node, before: before, now: now}
	if was, known := before.nodes[id]; known {
		return check(c, &was), nil
	}
	return check(c, nil), nil
}

// matchResult implements the selector method result: how a node ended in the run that --state tells of, or else in the
// last one.
func (w *Workspace) matchResult(value, id string) (bool, error) {
	if w.results == nil {
		var err error
		if w.results, err = w.earlierResults(); err != nil {
			return false, err
		}
	}
	return w.results[id] == value, nil
}

func (w *Workspace) earlierResults() (map[string]string, error) {
	out := map[string]string{}
	if w.options.StateDir == "" {
		store, err := state.OpenReadOnly(context.Background(), w.files.state)
		if errors.Is(err, fs.ErrNotExist) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		defer func() { _ = store.Close() }() // it was only read
		nodes, err := lastResults(context.Background(), store, w.Project.Target.Name)
		for _, n := range nodes {
			out[n.ID] = string(n.Status)
		}
		return out, err
	}
	path := filepath.Join(w.options.StateDir, "run_results.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &runner.Error{Code: runner.CodeUsage, Msg: "read the results of an earlier run", Err: err}
	}
	var artifact struct {
		Results []struct {
			ID     string `json:"unique_id"`
			Status string `json:"status"`
		} `json:"results"`
	}
	if err := json.Unmarshal(text, &artifact); err != nil {
		return nil, &runner.Error{Code: runner.CodeUsage, Pos: runner.Position{File: path}, Msg: "read the results of an earlier run", Err: err}
	}
	for _, r := range artifact.Results {
		out[r.ID] = r.Status
	}
	return out, nil
}

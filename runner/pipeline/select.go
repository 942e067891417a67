package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	"elt/runner/dag"
	"elt/runner/project"
	"elt/runner/state"
)

// Selection is what --select, --exclude and --selector choose.
type Selection struct {
	Nodes     map[string]bool // nil: everything
	Unmatched []dag.Unmatched // parts that chose nothing
}

// Has tells whether a node is chosen.
func (s Selection) Has(id string) bool { return s.Nodes == nil || s.Nodes[id] }

// Select evaluates the selectors of the options. A test is chosen, and excluded, with any node it reads.
func (w *Workspace) Select() (Selection, error) {
	o := w.options
	if o.Selector == "" && len(o.Select) == 0 && len(o.Exclude) == 0 {
		for name, s := range w.Project.Selectors {
			if s.Default {
				o.Selector = name
			}
		}
	}
	if o.Selector != "" {
		return w.named(o.Selector)
	}
	return w.choose(o.Select, o.Exclude)
}

// named evaluates a selector of selectors.yml.
func (w *Workspace) named(name string) (Selection, error) {
	s, ok := w.Project.Selectors[name]
	if !ok {
		known := slices.Sorted(maps.Keys(w.Project.Selectors))
		e := &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("there is no selector %q", name), Hint: runner.DidYouMean(name, known)}
		if e.Hint == "" {
			e.Hint = "selectors.yml defines: " + strings.Join(known, ", ")
		}
		return Selection{}, e
	}
	all := Selection{Nodes: map[string]bool{}}
	for _, term := range s.Terms {
		var include []string
		if len(term.All) > 0 {
			include = []string{strings.Join(term.All, ",")}
		}
		part, err := w.choose(include, term.Not)
		if err != nil {
			return Selection{}, err
		}
		if part.Nodes == nil {
			return part, nil
		}
		maps.Copy(all.Nodes, part.Nodes)
		all.Unmatched = append(all.Unmatched, part.Unmatched...)
	}
	return all, nil
}

func (w *Workspace) choose(include, exclude []string) (Selection, error) {
	if len(include) == 0 && len(exclude) == 0 {
		return Selection{}, nil
	}
	in, err := dag.Parse(include...)
	if err != nil {
		return Selection{}, selectorError(err)
	}
	out, err := dag.Parse(exclude...)
	if err != nil {
		return Selection{}, selectorError(err)
	}
	match := project.Matcher(w.Project, map[string]func(value, id string) (bool, error){"state": w.matchState, "result": w.matchResult})
	chosen, unmatched, err := dag.Choose(w.Graph, in, out, match)
	if err != nil {
		return Selection{}, selectorError(err)
	}
	excluded := dag.Set{}
	if len(exclude) > 0 {
		if excluded, _, err = out.Select(w.Graph, match); err != nil {
			return Selection{}, selectorError(err)
		}
	}
	return Selection{Nodes: w.withTests(chosen, excluded), Unmatched: unmatched}, nil
}

// withTests adds the tests of chosen nodes and takes away those of excluded ones.
func (w *Workspace) withTests(chosen, excluded dag.Set) map[string]bool {
	nodes := maps.Clone(map[string]bool(chosen))
	for _, id := range w.testIDs() {
		parents := w.Graph.Parents(id)
		switch {
		case excluded[id] || slices.ContainsFunc(parents, func(up string) bool { return excluded[up] }):
			delete(nodes, id)
		case slices.ContainsFunc(parents, func(up string) bool { return chosen[up] }):
			nodes[id] = true
		}
	}
	return nodes
}

// testIDs are all data tests and unit tests.
func (w *Workspace) testIDs() []string {
	ids := make([]string, 0, len(w.tests)+len(w.Project.UnitTests))
	for _, t := range w.tests {
		ids = append(ids, t.ID)
	}
	for _, t := range w.Project.UnitTests {
		ids = append(ids, t.ID)
	}
	return ids
}

// earlier is what a manifest.json of another time tells of a node.
type earlier struct {
	Checksum struct {
		Checksum string `json:"checksum"`
	} `json:"checksum"`
	Relation string `json:"relation_name"`
	Config   struct {
		Materialized string `json:"materialized"`
	} `json:"config"`
	Schema string `json:"schema"`
	Alias  string `json:"alias"`
}

// loadEarlier reads the manifest in the folder of --state, and gives its nodes by ID.
func (w *Workspace) loadEarlier() (map[string]earlier, error) {
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
	var manifest struct {
		Nodes map[string]earlier `json:"nodes"`
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, &runner.Error{Code: runner.CodeUsage, Pos: runner.Position{File: path}, Msg: "read the manifest to compare with", Err: err}
	}
	w.earlier = manifest.Nodes
	return w.earlier, nil
}

// matchState implements the selector method state: new, old, modified, unmodified.
func (w *Workspace) matchState(value, id string) (bool, error) {
	nodes, err := w.loadEarlier()
	if err != nil {
		return false, err
	}
	kinds := []string{"new", "old", "modified", "unmodified"}
	kind, _, _ := strings.Cut(value, ".")
	if !slices.Contains(kinds, kind) {
		return false, fmt.Errorf("state:%s is not known; known are %s", value, strings.Join(kinds, ", "))
	}
	if n := w.Compiler.Node(id); n == nil || n.Kind == runner.KindSource || n.Kind == runner.KindExposure {
		return false, nil
	}
	before, known := nodes[id]
	modified := known && w.differs(id, before)
	switch kind {
	case "new":
		return !known, nil
	case "old":
		return known, nil
	case "unmodified":
		return known && !modified, nil
	default:
		return !known || modified, nil
	}
}

// differs tells whether a node's text, name or materialization is not what it was.
func (w *Workspace) differs(id string, before earlier) bool {
	n := w.Compiler.Node(id)
	if before.Checksum.Checksum != w.checksum(id) {
		return true
	}
	r := n.Public
	return !r.IsZero() && (before.Schema != r.Schema || before.Alias != r.Name || before.Config.Materialized != string(n.Config.Materialized))
}

// matchResult implements the selector method result: how a node ended in the last run.
func (w *Workspace) matchResult(value, id string) (bool, error) {
	if w.results == nil {
		w.results = map[string]runner.Status{}
		store, err := state.OpenReadOnly(context.Background(), w.files.state)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		defer func() { _ = store.Close() }() // it was only read
		runs, err := store.Runs(context.Background(), 1)
		if err != nil || len(runs) == 0 {
			return false, err
		}
		nodes, err := store.Results(context.Background(), runs[0].ID)
		if err != nil {
			return false, err
		}
		for _, n := range nodes {
			w.results[n.ID] = n.Status
		}
	}
	return string(w.results[id]) == value, nil
}

// warnUnmatched tells of selectors that chose nothing, which is nearly always a typing error.
func (w *Workspace) warnUnmatched(s Selection) {
	names := make([]string, 0, len(w.Project.Models))
	for _, m := range w.Project.Models {
		names = append(names, m.Name)
	}
	for _, u := range s.Unmatched {
		message := "no node matches " + u.Text
		if hint := runner.DidYouMean(u.Text, names); hint != "" {
			message += "; " + hint
		}
		w.options.Log.Warn().Msg(message)
	}
}

// checksum is that of a node's text, as in manifest.json.
func (w *Workspace) checksum(id string) string {
	text := ""
	for _, m := range w.Project.Models {
		if m.ID == id {
			text = m.SQL
		}
	}
	for _, s := range w.Project.Snapshots {
		if s.ID == id {
			text = s.SQL
		}
	}
	for _, t := range w.tests {
		if t.ID == id {
			text = t.SQL
		}
	}
	for _, s := range w.Project.Seeds {
		if s.ID == id {
			raw, err := os.ReadFile(filepath.Join(w.Project.Dir, s.Path))
			if err != nil {
				return ""
			}
			text = string(raw)
		}
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

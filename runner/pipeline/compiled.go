package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"elt/runner"
	"elt/runner/artifact"
	"elt/runner/build"
	"elt/runner/compile"
)

// Compiled is one node's SQL over public names, and the file it was written to.
type Compiled struct {
	ID   string
	Name string
	SQL  string
	Path string // relative to the project directory
}

// Compile writes the compiled SQL of the chosen models and singular tests to the target folder, and manifest.json.
func Compile(ctx context.Context, o Options) ([]Compiled, error) {
	w, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	selection, err := w.Select()
	if err != nil {
		return nil, err
	}
	w.warnUnmatched(selection)
	out, err := w.compile(ctx, selection)
	if err != nil {
		return nil, err
	}
	return out, errors.Join(w.writeManifest(out), w.writeRunResults(w.seen(selection), out))
}

// seen is the result of a command that only looks at what is chosen.
func (w *Workspace) seen(selection Selection) runner.RunResult {
	result := runner.RunResult{RunID: w.RunID, Command: w.options.Command, Started: w.options.Clock(), Status: runner.StatusSuccess}
	for _, n := range w.Declared() {
		counts := n.Kind != runner.KindSource && n.Kind != runner.KindExposure && n.Kind != runner.KindUnitTest // for dbt
		if counts && n.Config.Materialized != runner.Ephemeral && selection.Has(n.ID) {
			result.Nodes = append(result.Nodes, runner.NodeResult{ID: n.ID, Kind: n.Kind, Name: n.Name, Status: runner.StatusSuccess, Rows: -1})
		}
	}
	return result
}

// compile writes the SQL of the chosen models, snapshots and singular tests.
func (w *Workspace) compile(ctx context.Context, selection Selection) ([]Compiled, error) {
	var out []Compiled
	with, done := w.asking(ctx)
	defer done()
	order, err := w.Compiler.Graph().Order()
	if err != nil {
		return nil, err
	}
	paths := map[string]string{}
	for _, m := range w.Project.Models {
		paths[m.ID] = m.Path
	}
	for _, t := range w.Project.Tests {
		if t.SQL != "" {
			paths[t.ID] = t.Path
		}
	}
	for _, id := range order {
		if paths[id] == "" || !selection.Has(id) {
			continue
		}
		sql, err := w.Compiler.SQL(ctx, id, with)
		if err != nil && with.DB != nil {
			sql, err = w.Compiler.Logical(ctx, id) // it asks about what is not published yet
		}
		if err != nil {
			return nil, err
		}
		path := filepath.Join(w.files.target, "compiled", filepath.FromSlash(paths[id]))
		if err := writeText(path, sql.Text+"\n"); err != nil {
			return nil, err
		}
		out = append(out, Compiled{
			ID: id, Name: w.Compiler.Node(id).Name, SQL: sql.Text, Path: relative(w.Project.Dir, path),
		})
	}
	return out, nil
}

// Inline renders a template that stands in no file, over public names. Where something is published it may ask about it.
func Inline(ctx context.Context, o Options, template string) (string, error) {
	w, err := Open(ctx, o)
	if err != nil {
		return "", err
	}
	with, done := w.asking(ctx)
	defer done()
	with.Qualified = true
	sql, err := w.Compiler.Inline(ctx, template, with)
	return sql.Text, err
}

// asking lets templates ask about what is published, if anything is. done is to be called when they are rendered.
func (w *Workspace) asking(ctx context.Context) (with compile.Render, done func()) {
	snapshot, err := w.Snapshot(ctx)
	if err != nil {
		return compile.Render{}, func() {}
	}
	return compile.Render{DB: build.Introspect(snapshot)}, func() { _ = snapshot.Close() } // it was only read
}

// writeArtifacts leaves run_results.json in the target folder, and manifest.json where it would tell something new.
func (w *Workspace) writeArtifacts(result runner.RunResult) error {
	if err := w.writeRunResults(result, nil); err != nil {
		return err
	}
	_, missing := os.Stat(filepath.Join(w.files.target, "manifest.json"))
	if missing == nil && !result.Published && result.Status == runner.StatusSuccess {
		return nil
	}
	return w.writeManifest(nil)
}

func (w *Workspace) writeRunResults(result runner.RunResult, compiled []Compiled) error {
	call := w.invocation()
	for _, c := range compiled {
		call.Compiled[c.ID] = c.SQL
	}
	for _, id := range w.Graph.IDs() {
		if r := w.Compiler.Public(id); !r.IsZero() {
			call.Relations[id] = r
		}
	}
	path := filepath.Join(w.files.target, "run_results.json")
	return artifact.WriteFile(path, func(out io.Writer) error { return artifact.WriteRunResults(out, result, call) })
}

// Parse checks the project and writes manifest.json without compiled SQL. It returns its path, relative to the project.
func Parse(ctx context.Context, o Options) (string, error) {
	w, err := Open(ctx, o)
	if err != nil {
		return "", err
	}
	return relative(w.Project.Dir, filepath.Join(w.files.target, "manifest.json")), w.writeManifest(nil)
}

func (w *Workspace) writeManifest(compiled []Compiled) error {
	return artifact.WriteFile(filepath.Join(w.files.target, "manifest.json"), func(out io.Writer) error {
		return w.manifest(out, compiled)
	})
}

// manifest writes manifest.json.
func (w *Workspace) manifest(out io.Writer, compiled []Compiled) error {
	call := w.invocation()
	for _, c := range compiled {
		call.Compiled[c.ID] = c.SQL
	}
	for _, s := range w.Project.Seeds {
		sum, err := seedChecksum(w.Project.Dir, s.Path)
		if err != nil {
			return fmt.Errorf("read seed %s: %w", s.Name, err)
		}
		call.Checksums[s.ID] = sum
	}
	parents := map[string][]string{}
	for _, id := range w.Graph.IDs() {
		parents[id] = w.Graph.Parents(id)
		if r := w.Compiler.Public(id); !r.IsZero() {
			call.Relations[id] = r
		}
		call.Uses[id] = w.Compiler.MacrosOf(id)
	}
	call.Macros = w.Compiler.Macros()
	return artifact.WriteManifest(out, w.Project, parents, call)
}

// invocationID is the run's ID in the form that dbt gives to it: a UUID.
func (w *Workspace) invocationID() string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(w.RunID)).String()
}

func (w *Workspace) invocation() artifact.Invocation {
	return artifact.Invocation{
		ID: w.invocationID(), Version: w.options.Version, Engine: "duckdb", Generated: w.options.Clock(),
		Compiled: map[string]string{}, Relations: map[string]runner.Relation{}, Checksums: map[string]map[string]string{},
		Uses: map[string][]string{},
	}
}

// writeText writes a file unless it has this text already, so that editors and file watchers are not disturbed.
func writeText(path, text string) error {
	if old, err := os.ReadFile(path); err == nil && string(old) == text {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write compiled SQL: %w", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write compiled SQL: %w", err)
	}
	return nil
}

// maxSeedSize is the size in bytes up to which dbt hashes a seed; of a larger one it remembers the path alone.
const maxSeedSize = 1 << 20

// seedChecksum is dbt's checksum of a seed: over its text without white space around it, with the line ends that Python
// makes of all others.
func seedChecksum(dir, path string) (map[string]string, error) {
	raw, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxSeedSize {
		return map[string]string{"name": "path", "checksum": path}, nil
	}
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(raw))
	sum := sha256.Sum256([]byte(strings.TrimSpace(text)))
	return map[string]string{"name": "sha256", "checksum": hex.EncodeToString(sum[:])}, nil
}

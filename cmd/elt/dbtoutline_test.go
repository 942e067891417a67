package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The outlines of artifacts are those of .ci/conformance/runs.py, line by line.

// artifacts reads those that a command may write.
func (c *dbtCase) artifacts() map[string][]byte {
	all := map[string][]byte{}
	for _, name := range []string{"run_results", "sources", "catalog"} {
		if text, err := os.ReadFile(filepath.Join(c.home, "target", name+".json")); err == nil {
			all[name] = text
		}
	}
	return all
}

func outline(t *testing.T, name string, text []byte) []string {
	t.Helper()
	if text == nil {
		return nil
	}
	if name == "catalog" {
		return catalogOutline(t, text)
	}
	var artifact struct {
		Results []struct {
			ID     string `json:"unique_id"`
			Status string `json:"status"`
		} `json:"results"`
	}
	require.NoError(t, json.Unmarshal(text, &artifact))
	lines := []string{}
	for _, r := range artifact.Results {
		switch kind, _, _ := strings.Cut(r.ID, "."); {
		case kind == "operation", kind == "exposure": // hooks succeed with their command; exposures do nothing
		case kind == "source" && name == "run_results": // elt loads sources, too
		default:
			lines = append(lines, plainID(r.ID)+" "+r.Status)
		}
	}
	slices.Sort(lines)
	return lines
}

// plainID is a node's ID without the hash that ends those of generic tests.
func plainID(id string) string {
	if parts := strings.Split(id, "."); parts[0] == "test" && len(parts) > 3 {
		return strings.Join(parts[:len(parts)-1], ".")
	}
	return id
}

func catalogOutline(t *testing.T, text []byte) []string {
	t.Helper()
	type column struct {
		Name, Type string
		Index      int
	}
	type node struct{ Columns map[string]column }
	var catalog struct{ Nodes, Sources map[string]node }
	require.NoError(t, json.Unmarshal(text, &catalog))
	var lines []string
	for _, nodes := range []map[string]node{catalog.Nodes, catalog.Sources} {
		for id, n := range nodes {
			columns := make([]column, 0, len(n.Columns))
			for _, c := range n.Columns {
				columns = append(columns, c)
			}
			slices.SortFunc(columns, func(a, b column) int { return a.Index - b.Index })
			var names []string
			for _, c := range columns {
				names = append(names, c.Name+" "+c.Type)
			}
			lines = append(lines, id+" "+strings.Join(names, ", "))
		}
	}
	slices.Sort(lines)
	return lines
}

// manifestNode is what of a node of manifest.json is compared.
type manifestNode struct {
	Kind       string   `json:"resource_type"`
	Package    string   `json:"package_name"`
	Schema     string   `json:"schema"`
	Alias      string   `json:"alias"`
	Identifier string   `json:"identifier"`
	FQN        []string `json:"fqn"`
	Group      any      `json:"group"`
	Access     any      `json:"access"`
	Version    any      `json:"version"`
	Tags       []string `json:"tags"`
	Meta       map[string]any
	Config     struct {
		Materialized string `json:"materialized"`
		Severity     string `json:"severity"`
	} `json:"config"`
	DependsOn struct {
		Nodes []string `json:"nodes"`
	} `json:"depends_on"`
}

// manifest gives target/manifest.json in outline; nil without that file.
func (c *dbtCase) manifest() []string {
	text, err := os.ReadFile(filepath.Join(c.home, "target/manifest.json"))
	if err != nil {
		return nil
	}
	var manifest struct {
		Nodes     map[string]manifestNode `json:"nodes"`
		Sources   map[string]manifestNode `json:"sources"`
		Exposures map[string]manifestNode `json:"exposures"`
		UnitTests map[string]manifestNode `json:"unit_tests"`
		Disabled  map[string]any          `json:"disabled"`
	}
	require.NoError(c, json.Unmarshal(text, &manifest))
	var lines []string
	for _, nodes := range []map[string]manifestNode{manifest.Nodes, manifest.Sources, manifest.Exposures, manifest.UnitTests} {
		for id, n := range nodes {
			if n.Package != "dbt" && !strings.HasPrefix(id, "operation.") && !strings.HasPrefix(id, "analysis.") {
				lines = append(lines, strings.TrimSpace(n.line(c.T, id)))
			}
		}
	}
	for id := range manifest.Disabled {
		lines = append(lines, "disabled "+plainID(id))
	}
	slices.Sort(lines)
	return lines
}

func (n manifestNode) line(t *testing.T, id string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(plainID(id))
	switch n.Kind {
	case "model", "seed", "snapshot":
		relation := ""
		if n.Config.Materialized != "ephemeral" {
			relation = n.Schema + "." + n.Alias
		}
		fmt.Fprintf(&b, " %s %s fqn=%s", n.Config.Materialized, relation, strings.Join(n.FQN, "."))
		for _, pair := range [][2]any{{"group", n.Group}, {"access", n.Access}, {"version", n.Version}} {
			if value := fmt.Sprint(pair[1]); pair[1] != nil && value != "" {
				fmt.Fprintf(&b, " %s=%s", pair[0], value)
			}
		}
	case "source":
		fmt.Fprintf(&b, " %s.%s", n.Schema, n.Identifier)
	case "test":
		b.WriteString(" " + strings.ToLower(n.Config.Severity))
	}
	if len(n.Tags) > 0 {
		b.WriteString(" tags=" + strings.Join(sortedSet(n.Tags), ","))
	}
	if len(n.Meta) > 0 {
		meta, err := json.Marshal(n.Meta)
		require.NoError(t, err)
		b.WriteString(" meta=" + string(meta))
	}
	if n.Kind != "source" {
		parents := make([]string, len(n.DependsOn.Nodes))
		for i, parent := range n.DependsOn.Nodes {
			parents[i] = plainID(parent)
		}
		b.WriteString(" <- " + strings.Join(sortedSet(parents), " "))
	}
	return b.String()
}

func sortedSet(all []string) []string {
	sorted := slices.Clone(all)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// withoutExtra leaves out what went well beside what was asked for: elt tests what it builds and builds what that needs,
// whatever the command.
func withoutExtra(command string, want, got []string) []string {
	if word, _, _ := strings.Cut(command, " "); word != "run" && word != "seed" && word != "snapshot" {
		return got
	}
	return slices.DeleteFunc(slices.Clone(got), func(line string) bool {
		_, status, _ := strings.Cut(line, " ")
		return !slices.Contains(want, line) && slices.Contains([]string{"success", "pass", "warn"}, status)
	})
}

// lineDiff tells which lines only dbt gave (-) and which only elt (+).
func lineDiff(want, got []string) string {
	var b strings.Builder
	left := slices.Clone(got)
	for _, line := range want {
		if i := slices.Index(left, line); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			fmt.Fprintf(&b, "  dbt - %s\n", line)
		}
	}
	for _, line := range left {
		fmt.Fprintf(&b, "  elt + %s\n", line)
	}
	return b.String()
}

// words splits a command line as a shell does, without anything but quotes.
func words(line string) []string {
	var all []string
	var word strings.Builder
	var quote rune
	inside := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inside = r, true
		case quote == 0 && r == ' ':
			if inside {
				all = append(all, word.String())
			}
			word.Reset()
			inside = false
		default:
			word.WriteRune(r)
			inside = true
		}
	}
	if inside {
		all = append(all, word.String())
	}
	return all
}

// lastWords gives the last word of each line, sorted.
func lastWords(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 0 {
			all = append(all, fields[len(fields)-1])
		}
	}
	slices.Sort(all)
	return all
}

func nonEmpty(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == "" })
}

func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

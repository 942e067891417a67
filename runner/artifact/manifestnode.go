package artifact

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"elt/runner"
)

// The parts of a manifest. Fields are dbt's.
type (
	// commonNode is what nodes and sources share.
	commonNode struct {
		Database     string                    `json:"database"`
		Schema       string                    `json:"schema"`
		Name         string                    `json:"name"`
		ResourceType string                    `json:"resource_type"`
		PackageName  string                    `json:"package_name"`
		Path         string                    `json:"path"`
		OriginalPath string                    `json:"original_file_path"`
		UniqueID     string                    `json:"unique_id"`
		FQN          []string                  `json:"fqn"`
		Description  string                    `json:"description"`
		Columns      map[string]manifestColumn `json:"columns"`
		Meta         map[string]any            `json:"meta"`
		Tags         []string                  `json:"tags"`
		Config       map[string]any            `json:"config"`
		RelationName *string                   `json:"relation_name"`
	}
	manifestSeed struct {
		commonNode
		Alias     string            `json:"alias"`
		Checksum  map[string]string `json:"checksum"`
		RawCode   string            `json:"raw_code"`
		DependsOn macroDeps         `json:"depends_on"`
	}
	manifestNode struct {
		commonNode
		Alias        string            `json:"alias"`
		Checksum     map[string]string `json:"checksum"`
		Language     string            `json:"language"`
		RawCode      string            `json:"raw_code"`
		Compiled     bool              `json:"compiled"`
		CompiledCode *string           `json:"compiled_code"`
		Refs         []manifestRef     `json:"refs"`
		Sources      [][]string        `json:"sources"`
		DependsOn    dependsOn         `json:"depends_on"`

		ColumnName   *string       `json:"column_name,omitempty"`   // tests
		AttachedNode *string       `json:"attached_node,omitempty"` // tests
		TestMetadata *testMetadata `json:"test_metadata,omitempty"` // generic tests
	}
	manifestSource struct {
		commonNode
		SourceName string `json:"source_name"`
		About      string `json:"source_description"`
		Identifier string `json:"identifier"`
		Loader     string `json:"loader"`
	}
	manifestColumn struct {
		Name        string         `json:"name"`
		Description string         `json:"description"`
		DataType    *string        `json:"data_type"`
		Meta        map[string]any `json:"meta"`
		Tags        []string       `json:"tags"`
	}
	manifestRef struct {
		Name    string  `json:"name"`
		Package *string `json:"package"`
		Version *string `json:"version"`
	}
	dependsOn struct {
		Macros []string `json:"macros"`
		Nodes  []string `json:"nodes"`
	}
	macroDeps struct {
		Macros []string `json:"macros"`
	}
	testMetadata struct {
		Name      string         `json:"name"`
		Kwargs    map[string]any `json:"kwargs"`
		Namespace *string        `json:"namespace"`
	}
	manifestMacro struct {
		Name         string    `json:"name"`
		ResourceType string    `json:"resource_type"`
		PackageName  string    `json:"package_name"`
		Path         string    `json:"path"`
		OriginalPath string    `json:"original_file_path"`
		UniqueID     string    `json:"unique_id"`
		MacroSQL     string    `json:"macro_sql"`
		DependsOn    macroDeps `json:"depends_on"`
		Description  string    `json:"description"`
	}
	manifestDoc struct {
		Name         string `json:"name"`
		ResourceType string `json:"resource_type"`
		PackageName  string `json:"package_name"`
		Path         string `json:"path"`
		OriginalPath string `json:"original_file_path"`
		UniqueID     string `json:"unique_id"`
		Contents     string `json:"block_contents"`
	}
)

// nodeMaker turns nodes of a project into those of its manifest.
type nodeMaker struct {
	project *runner.Project
	parents map[string][]string
	call    Invocation
}

func (m nodeMaker) common(n *runner.Node, folders []string) commonNode {
	inside := n.Path
	for _, folder := range folders {
		if rest, ok := strings.CutPrefix(n.Path, strings.TrimSuffix(folder, "/")+"/"); ok {
			inside = rest
		}
	}
	schema := cmp.Or(n.Config.Schema, m.project.Target.Schema)
	if public := m.call.Relations[n.ID]; public.Schema != "" {
		schema = public.Schema
	}
	fqn := []string{m.project.Name}
	if dir := path.Dir(inside); dir != "." {
		fqn = append(fqn, strings.Split(dir, "/")...)
	}
	return commonNode{
		Database: database(m.project.Target.Path), Schema: schema, Name: n.Name,
		ResourceType: string(n.Kind), PackageName: m.project.Name,
		Path: inside, OriginalPath: n.Path, UniqueID: n.ID, FQN: append(fqn, n.Name),
		Description: n.Description, Columns: columnsOf(n.Columns), Meta: orEmpty(n.Config.Meta),
		Tags: append([]string{}, n.Config.Tags...),
		Config: map[string]any{
			"enabled": n.Config.Enabled, "materialized": configured(n), "schema": orNull(n.Config.Schema),
			"alias": orNull(n.Config.Alias), "tags": append([]string{}, n.Config.Tags...), "meta": orEmpty(n.Config.Meta),
		},
		RelationName: relationName(m.call, n.ID),
	}
}

// database is the warehouse file as a database: its name without the ending.
func database(file string) string {
	base := path.Base(filepath.ToSlash(file))
	return strings.TrimSuffix(base, path.Ext(base))
}

func configured(n *runner.Node) any {
	switch n.Kind {
	case runner.KindTest:
		return "test"
	case runner.KindSeed:
		return string(runner.SeedTable)
	case runner.KindSource:
		return nil
	default:
		return string(n.Config.Materialized)
	}
}

func columnsOf(columns []runner.Column) map[string]manifestColumn {
	out := map[string]manifestColumn{}
	for _, c := range columns {
		out[c.Name] = manifestColumn{
			Name: c.Name, Description: c.Description, DataType: orNull(c.DataType), Meta: map[string]any{}, Tags: []string{},
		}
	}
	return out
}

func (m nodeMaker) node(n *runner.Node, folders []string, raw string) manifestNode {
	out := manifestNode{
		commonNode: m.common(n, folders),
		Alias:      cmp.Or(n.Config.Alias, n.Name),
		Checksum:   checksum(raw),
		Language:   "sql",
		RawCode:    raw,
		Refs:       []manifestRef{},
		Sources:    [][]string{},
		DependsOn:  dependsOn{Macros: []string{}, Nodes: m.parents[n.ID]},
	}
	if code, ok := m.call.Compiled[n.ID]; ok {
		out.Compiled, out.CompiledCode = true, &code
	}
	for _, id := range out.DependsOn.Nodes {
		parts := strings.SplitN(id, ".", 4)
		switch {
		case parts[0] == string(runner.KindSource) && len(parts) == 4:
			out.Sources = append(out.Sources, parts[2:])
		case len(parts) >= 3:
			out.Refs = append(out.Refs, manifestRef{Name: strings.Join(parts[2:], ".")})
		}
	}
	return out
}

func (m nodeMaker) snapshot(s *runner.Snapshot) manifestNode {
	return m.node(&s.Node, nil, s.SQL)
}

func (m nodeMaker) model(model *runner.Model) manifestNode {
	return m.node(&model.Node, m.project.Paths.Models, model.SQL)
}

// seed has no code; its checksum is that of its file.
func (m nodeMaker) seed(seed *runner.Seed) manifestSeed {
	return manifestSeed{
		commonNode: m.common(&seed.Node, m.project.Paths.Seeds),
		Alias:      cmp.Or(seed.Config.Alias, seed.Name),
		Checksum:   map[string]string{"name": "sha256", "checksum": cmp.Or(m.call.Checksums[seed.ID], checksum("")["checksum"])},
		DependsOn:  macroDeps{Macros: []string{}},
	}
}

func checksum(text string) map[string]string {
	sum := sha256.Sum256([]byte(text))
	return map[string]string{"name": "sha256", "checksum": hex.EncodeToString(sum[:])}
}

func (m nodeMaker) test(test *runner.Test) manifestNode {
	out := m.node(&test.Node, m.project.Paths.Models, test.SQL)
	out.Config["severity"] = string(test.Severity)
	out.Config["warn_if"] = cmp.Or(test.WarnIf, "!= 0")
	out.Config["error_if"] = cmp.Or(test.ErrorIf, "!= 0")
	out.Config["where"] = orNull(test.Where)
	out.Config["store_failures"] = test.StoreFailures
	out.Config["limit"] = nil
	if test.Limit > 0 {
		out.Config["limit"] = test.Limit
	}
	out.ColumnName, out.AttachedNode = orNull(test.Column), orNull(test.On)
	if test.On == "" {
		return out
	}
	kwargs := map[string]any{}
	for name, value := range test.Args {
		kwargs[name] = value
	}
	if test.Column != "" {
		kwargs["column_name"] = test.Column
	}
	kind, namespace := test.Type, (*string)(nil)
	if before, after, ok := strings.Cut(test.Type, "."); ok { // dbt_utils.accepted_range
		kind, namespace = after, &before
	}
	out.TestMetadata = &testMetadata{Name: kind, Kwargs: kwargs, Namespace: namespace}
	return out
}

func (m nodeMaker) source(source *runner.Source) manifestSource {
	out := manifestSource{
		commonNode: m.common(&source.Node, m.project.Paths.Models),
		SourceName: source.Source,
		Identifier: cmp.Or(source.Config.Alias, source.Name),
	}
	if source.Config.Schema == "" && m.call.Relations[source.ID].IsZero() {
		out.Schema = source.Source
	}
	if source.Load != nil {
		out.Loader = "elt"
	}
	return out
}

// macrosOf finds the macros of each file by their opening tags.
func macrosOf(project *runner.Project) map[string]manifestMacro {
	opening := regexp.MustCompile(`\{%-?\s*(macro|test)\s+([A-Za-z_]\w*)\s*\(`)
	out := map[string]manifestMacro{}
	for _, file := range project.Macros {
		for _, found := range opening.FindAllStringSubmatch(file.Text, -1) {
			name := found[2]
			if found[1] == "test" {
				name = "test_" + name
			}
			id := "macro." + project.Name + "." + name
			out[id] = manifestMacro{
				Name: name, ResourceType: "macro", PackageName: project.Name, Path: file.Path, OriginalPath: file.Path,
				UniqueID: id, MacroSQL: file.Text, DependsOn: macroDeps{Macros: []string{}},
			}
		}
	}
	return out
}

func docsOf(project *runner.Project) map[string]manifestDoc {
	out := map[string]manifestDoc{}
	for name, text := range project.Docs {
		id := "doc." + project.Name + "." + name
		out[id] = manifestDoc{
			Name: name, ResourceType: "doc", PackageName: project.Name, UniqueID: id, Contents: text,
		}
	}
	return out
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

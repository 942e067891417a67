package artifact

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"elt/runner"
)

// nodeMaker turns nodes of a project into those of its manifest.
type nodeMaker struct {
	project *runner.Project
	parents map[string][]string
	call    Invocation
}

func (m nodeMaker) nodes() map[string]any {
	out := map[string]any{}
	add := func(n *runner.Node, make func() any) {
		if n.Config.Enabled {
			out[n.ID] = make()
		}
	}
	for _, s := range m.project.Seeds {
		add(&s.Node, func() any { return m.seed(s) })
	}
	for _, x := range m.project.Models {
		add(&x.Node, func() any { return m.model(x) })
	}
	for _, s := range m.project.Snapshots {
		add(&s.Node, func() any { return m.node(&s.Node, s.SQL) })
	}
	for _, t := range m.project.Tests {
		add(&t.Node, func() any { return m.test(t) })
	}
	return out
}

func (m nodeMaker) common(n *runner.Node) commonNode {
	public := m.call.Relations[n.ID]
	schema := cmp.Or(public.Schema, n.Config.Schema, m.project.Target.Schema)
	fqn := n.FQN
	if len(fqn) == 0 { // of a project that was not loaded from files
		fqn = []string{m.packageOf(n), n.Name}
	}
	return commonNode{
		Database: database(m.project.Target.Path), Schema: schema, Name: n.Name,
		ResourceType: string(n.Kind), PackageName: m.packageOf(n),
		Path: within(m.project.Paths, n.Path), OriginalPath: n.Path, UniqueID: n.ID, FQN: fqn,
		Description: n.Description, Columns: columnsOf(n.Columns), Meta: orEmpty(n.Config.Meta),
		Tags: append([]string{}, n.Config.Tags...), Config: configOf(n), Unrendered: encodable(given(n)),
		RelationName: m.relationName(n), PatchPath: nil, Docs: docsConfig(n), DocBlocks: []string{},
	}
}

// relationName is a relation as dbt writes it, with its database.
func (m nodeMaker) relationName(n *runner.Node) *string {
	r, ok := m.call.Relations[n.ID]
	if !ok || r.IsZero() {
		return nil
	}
	name := runner.Quote(database(m.project.Target.Path)) + "." + r.String()
	return &name
}

// within is a path below the folder of models, seeds or the like that it is in.
func within(paths runner.Paths, file string) string {
	for _, folder := range slices.Concat(paths.Models, paths.Seeds, paths.Snapshots, paths.Tests) {
		if rest, ok := strings.CutPrefix(file, strings.TrimSuffix(folder, "/")+"/"); ok {
			return rest
		}
	}
	return file
}

// database is the warehouse file as a database: its name without the ending.
func database(file string) string {
	base := path.Base(filepath.ToSlash(file))
	return strings.TrimSuffix(base, path.Ext(base))
}

func columnsOf(columns []runner.Column) map[string]manifestColumn {
	out := map[string]manifestColumn{}
	for _, c := range columns {
		column := manifestColumn{
			Name: c.Name, Description: c.Description, DataType: orNull(c.DataType), Meta: orEmpty(c.Meta), Tags: orEmptyList(c.Tags),
			Constraints: constraintsOf(c.Constraints),
		}
		if c.Quote {
			column.Quote = &c.Quote
		}
		out[c.Name] = column
	}
	return out
}

func constraintsOf(constraints []runner.Constraint) []map[string]any {
	out := make([]map[string]any, len(constraints))
	for i, c := range constraints {
		out[i] = map[string]any{
			"type": c.Type, "name": orNull(c.Name), "expression": orNull(c.Expression), "to": orNull(c.To),
			"to_columns": orEmptyList(c.ToColumns), "warn_unenforced": true, "warn_unsupported": true,
		}
		if c.Columns != nil {
			out[i]["columns"] = c.Columns
		}
	}
	return out
}

func (m nodeMaker) node(n *runner.Node, raw string) manifestNode {
	out := manifestNode{
		commonNode: m.common(n),
		Alias:      cmp.Or(m.call.Relations[n.ID].Name, n.Config.Alias, n.Name),
		Checksum:   checksum(strings.Join(strings.Fields(raw), " ")), // white space does not count
		Language:   "sql",
		RawCode:    raw,
		Group:      orNull(n.Config.Group),
		Refs:       []manifestRef{},
		Sources:    [][]string{},
		Metrics:    [][]string{},
		DependsOn:  dependsOn{Macros: orEmptyList(m.call.Uses[n.ID]), Nodes: orEmptyList(m.parents[n.ID])},
	}
	out.Contract.Enforced, out.Contract.AliasTypes = n.Config.Contract, true
	if code, ok := m.call.Compiled[n.ID]; ok {
		out.Compiled, out.CompiledCode = true, &code
	}
	out.Refs, out.Sources = references(m.project, out.DependsOn.Nodes)
	return out
}

// references tells what a node reads as ref and source name it.
func references(project *runner.Project, ids []string) (refs []manifestRef, sources [][]string) {
	refs, sources = []manifestRef{}, [][]string{}
	for _, id := range ids {
		parts := strings.SplitN(id, ".", 4)
		switch {
		case parts[0] == string(runner.KindSource) && len(parts) == 4:
			sources = append(sources, parts[2:])
		case len(parts) == 4 && strings.HasPrefix(parts[3], "v"): // model.shop.clients.v2
			refs = append(refs, manifestRef{Name: parts[2], Package: foreign(project, parts[1]), Version: versionNumber(parts[3][1:])})
		case len(parts) >= 3:
			refs = append(refs, manifestRef{Name: strings.Join(parts[2:], "."), Package: foreign(project, parts[1])})
		}
	}
	return refs, sources
}

func foreign(project *runner.Project, pack string) *string {
	if pack == project.Name {
		return nil
	}
	return &pack
}

// versionNumber is a model's version as dbt has it: a number where it is one.
func versionNumber(text string) any {
	var n json.Number
	if json.Unmarshal([]byte(text), &n) == nil {
		return n
	}
	return text
}

func (m nodeMaker) model(model *runner.Model) manifestModel {
	out := manifestModel{
		manifestNode: m.node(&model.Node, strings.TrimSpace(model.SQL)), Access: cmp.Or(model.Config.Access, "protected"),
		Constraints: constraintsOf(model.Constraints), Deprecated: moment(model.Deprecated), PrimaryKey: primaryKey(model),
	}
	out.Contract.Checksum = contractSum(model)
	if model.Version == "" {
		return out
	}
	out.Name, out.Version = cmp.Or(model.BaseName, model.Name), versionNumber(model.Version)
	for _, other := range m.project.Models {
		if other.BaseName == model.BaseName && other.Package == model.Package && other.Latest {
			out.LatestVersion = versionNumber(other.Version)
		}
	}
	return out
}

// moment is a date as a time, which is what dbt makes of it.
func moment(date string) *string {
	if len(date) == len(time.DateOnly) {
		date += "T00:00:00+00:00"
	}
	return orNull(date)
}

// primaryKey are the columns that a constraint says are the key.
func primaryKey(model *runner.Model) []string {
	for _, c := range model.Constraints {
		if c.Type == "primary_key" {
			return orEmptyList(c.Columns)
		}
	}
	key := []string{}
	for _, col := range model.Columns {
		if slices.ContainsFunc(col.Constraints, func(c runner.Constraint) bool { return c.Type == "primary_key" }) {
			key = append(key, col.Name)
		}
	}
	return key
}

// seed has no code; its checksum is that of its file.
func (m nodeMaker) seed(seed *runner.Seed) manifestSeed {
	out := manifestSeed{
		commonNode: m.common(&seed.Node), Alias: cmp.Or(m.call.Relations[seed.ID].Name, seed.Config.Alias, seed.Name),
		Checksum:  m.call.Checksums[seed.ID],
		RootPath:  orNull(m.project.Dir),
		DependsOn: macroDeps{Macros: []string{}},
		Group:     orNull(seed.Config.Group),
	}
	if out.Checksum == nil {
		out.Checksum = checksum("")
	}
	if _, set := out.Config["delimiter"]; !set {
		out.Config["delimiter"] = cmp.Or(seed.Delimiter, ",")
	}
	return out
}

func checksum(text string) map[string]string {
	sum := sha256.Sum256([]byte(text))
	return map[string]string{"name": "sha256", "checksum": hex.EncodeToString(sum[:])}
}

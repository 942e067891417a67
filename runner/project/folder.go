package project

import (
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
	"elt/runner/project/strict"
)

// folder is the configuration of a folder in the project file: its +keys, and what is said of folders and nodes below it.
type folder[C any] struct {
	patch strict.Patch[C]
	below map[string]*folder[C]
	order []string
	pos   runner.Position // of its name
	used  bool            // set by along
}

// folderShape reads a folder and all below it. Its schema refers to itself by the name of a definition.
func folderShape[C any](config *strict.Object[strict.Patch[C]], definition string) strict.Shape[*folder[C]] {
	shape := strict.Shape[*folder[C]]{Schema: &jsonschema.Schema{Ref: "#/$defs/" + definition}}
	shape.Read = func(r *strict.Reader, v *strict.Value) (*folder[C], bool) {
		if v.Kind != strict.Map {
			r.Expected(v, "+keys and names of folders")
			return nil, false
		}
		out := &folder[C]{below: map[string]*folder[C]{}}
		settings := &strict.Value{Kind: strict.Map, Pos: v.Pos}
		for _, f := range v.Fields {
			name, isSetting := plusKey(f.Key)
			switch {
			case isSetting, r.Lenient() && f.Value.Kind != strict.Map: // dbt takes any key with a plain value for configuration
				f.Key = name
				settings.Fields = append(settings.Fields, f)
			case f.Value.Kind == strict.Map:
				if child, ok := shape.Read(r, f.Value); ok {
					child.pos = f.Pos
					out.below[f.Key] = child
					out.order = append(out.order, f.Key)
				}
			case f.Value.Kind != strict.Null:
				hint := "keys that configure begin with +, all others name a folder"
				if config.Find(f.Key) != nil {
					hint = "write +" + f.Key
				}
				r.Fail(f.Pos, hint, "%q is no folder: it has a value", f.Key)
			}
		}
		config.Into(r, settings, &out.patch)
		return out, true
	}
	return shape
}

func plusKey(key string) (string, bool) {
	if len(key) > 1 && key[0] == '+' {
		return strings.TrimSpace(key[1:]), true
	}
	return key, false
}

// folderSchema is the definition that folderShape refers to.
func folderSchema[C any](config *strict.Object[strict.Patch[C]], definition string) *jsonschema.Schema {
	s := config.Schema("+")
	s.Description = "Configuration of everything in this folder. Keys without + are folders or nodes below it."
	s.AdditionalProperties = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Ref: "#/$defs/" + definition}, {Type: "null"}}}
	return s
}

// along applies what the folders on the way to a node say, the outermost first, and marks them as used. A first folder
// of the project's name stands for all folders, as in dbt.
func (f *folder[C]) along(project string, way []string, config *C) {
	if f == nil {
		return
	}
	f.used = true
	f.patch.Apply(config)
	if whole := f.below[project]; whole != nil && f.pos.Line == 0 && (len(way) == 0 || way[0] != project) {
		whole.along("", way, config)
	}
	if len(way) > 0 {
		f.below[way[0]].along("", way[1:], config)
	}
}

// unused are the names of folders and nodes that nothing was found for, the outermost ones.
func (f *folder[C]) unused(above []string, report func(name string, above []string, pos runner.Position)) {
	if f == nil {
		return
	}
	for _, name := range f.order {
		child := f.below[name]
		if !child.used {
			report(name, above, child.pos)
			continue
		}
		child.unused(append(slices.Clone(above), name), report)
	}
}

// configure applies what project files say about a node. For dbt that of the node's own package goes first and that of
// the project over it, both by the fully qualified name; our own project file may leave the project's name out.
func configure[C any](l *loader, p *pack, tree func(*projectFile) *folder[C], fqn []string, config *C) {
	root := l.packs[0]
	if !root.dbt {
		if p == root {
			tree(&root.file).along(root.name, fqn[1:], config)
			return
		}
		tree(&p.file).along("", fqn, config)
		tree(&root.file).along("", fqn, config)
		return
	}
	tree(&p.file).along("", fqn, config)
	if p != root {
		tree(&root.file).along("", fqn, config)
	}
}

package project

import (
	"maps"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/project/strict"
)

// readProjectFile reads project.yaml.
func (l *loader) readProjectFile(p *pack) {
	text, problem := readText(l.project.Dir, FileName)
	if problem != nil {
		l.errs = append(l.errs, problem)
		return
	}
	r := strict.NewReader(FileName, text, nil)
	l.readers[FileName] = r
	root := r.Parse()
	if root == nil {
		if l.errs = r.Errors(); len(l.errs) == 0 {
			e := fileError(FileName, "is empty")
			e.Hint = "begin with name: and the name of the project"
			l.errs = append(l.errs, e)
		}
		return
	}
	l.project.Vars = l.vars(r, root.Get("vars"))
	p.vars = l.project.Vars
	r.SetRender(l.render(l.project.Vars))
	p.file = projectFile{paths: defaultPaths()}
	projectKeys().Into(r, root, &p.file)
	l.errs = append(l.errs, r.Errors()...)
	l.useProjectFile(p, root)
}

// vars are those of project.yaml overlaid by those of the options.
func (l *loader) vars(r *strict.Reader, v *strict.Value) map[string]any {
	vars := map[string]any{}
	if v != nil && v.Kind != strict.Null {
		r.SetRender(l.render(l.opts.Vars))
		if declared, ok := strict.AnyMap(true).Read(r, v); ok {
			vars = declared
		}
	}
	known := slices.Sorted(maps.Keys(vars))
	for _, name := range slices.Sorted(maps.Keys(l.opts.Vars)) {
		// A variable need not be declared, but one that nearly is was misspelt.
		if near := runner.DidYouMean(name, known); near != "" && !slices.Contains(known, name) {
			l.warn(runner.Position{}, near, "no variable %q is declared below vars: in %s", name, FileName)
		}
	}
	maps.Copy(vars, l.opts.Vars)
	return vars
}

func (l *loader) useProjectFile(p *pack, root *strict.Value) {
	f := &p.file
	f.paths.Output = f.paths.Data
	f.explicit = map[string]runner.Position{}
	if paths := root.Get("paths"); paths != nil {
		for _, field := range paths.Fields {
			if field.Value.Kind != strict.Null {
				f.explicit[field.Key] = field.Pos
			}
		}
	}
	seen := map[string]int{}
	for _, e := range f.exports {
		key := e.Format + " " + e.Path
		if line, twice := seen[key]; twice && e.Path != "" {
			l.fail(e.Pos, "", "%s is written by the export in line %d already", e.Path, line)
		}
		seen[key] = e.Pos.Line
	}
	l.project.Name, l.project.Paths, l.project.Exports = f.name, f.paths, f.exports
	l.useAutomation(f)
	l.useRunKeys(p)
	l.chooseTarget(p)
}

// chooseTarget takes the target of the options, else that of project.yaml, else dev, else the only one.
func (l *loader) chooseTarget(p *pack) {
	f := &p.file
	names := make([]string, len(f.targets))
	for i, t := range f.targets {
		names[i] = t.Name
		if !validName.MatchString(t.Name) {
			l.fail(t.Pos, "", "%q cannot be the name of a target: use letters, digits, _ and -", t.Name)
		}
	}
	if len(names) == 0 {
		names = []string{"dev"}
		f.targets = []strict.Entry[runner.Target]{{Name: "dev", Value: defaultTarget("dev")}}
	}
	wanted, pos := l.opts.Target, runner.Position{}
	switch {
	case wanted != "":
	case f.target.V != "":
		wanted, pos = f.target.V, f.target.Pos
	case len(names) == 1:
		wanted = names[0]
	case slices.Contains(names, "dev"):
		wanted = "dev"
	default:
		l.fail(f.pos, "the targets are "+strings.Join(names, ", "), "%s needs the key \"target\", which chooses among several targets", FileName)
		return
	}
	i := slices.Index(names, wanted)
	if i >= 0 {
		l.project.Target = f.targets[i].Value
		l.project.Target.Name = wanted
		return
	}
	hint := runner.DidYouMean(wanted, names)
	if hint == "" {
		hint = "the targets are " + strings.Join(names, ", ")
	}
	l.fail(pos, hint, "there is no target %q", wanted)
}

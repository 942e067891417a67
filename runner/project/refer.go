package project

import (
	"fmt"
	"strings"

	"elt/runner"
	"elt/runner/jinja"
)

// refer gives the ID that ref('x') or source('a', 'b') means in a package. What is not there is noted, and what is
// disabled is told of.
func (l *loader) refer(p *pack, reference string, pos runner.Position) string {
	name, args, version, ok := parseReference(bare(reference))
	switch {
	case ok && name == "metric":
		l.failOrWarn(p, pos, "", "metrics are not supported; %s is passed over", bare(reference))
		return ""
	case ok && name == "source" && len(args) == 2:
		for _, s := range l.project.Sources {
			if s.Source == args[0] && s.Name == args[1] {
				return s.ID
			}
		}
		return l.noReference(p, "source", pos, strings.Join(args, "."))
	case ok && name == "ref" && (len(args) == 1 || len(args) == 2):
		in := ""
		if len(args) == 2 {
			in = args[0]
		}
		target := args[len(args)-1]
		if id := l.named(p, in, target, version); id != "" {
			return id
		}
		return l.noReference(p, "model, seed or snapshot", pos, target)
	}
	l.fail(pos, "write ref('model') or source('source', 'table')", "%q names no relation", reference)
	return ""
}

func parseReference(text string) (name string, args []string, version string, ok bool) {
	t, err := blockEnv.Parse("reference", "{{ "+text+" }}")
	if err != nil || len(t.Calls()) != 1 {
		return "", nil, "", false
	}
	call := t.Calls()[0]
	for _, a := range call.Args {
		if !a.Const {
			return "", nil, "", false
		}
		value := jinja.ToString(a.Value)
		switch a.Name {
		case "":
			args = append(args, value)
		case "v", "version":
			version = value
		default:
			return "", nil, "", false
		}
	}
	return call.Name, args, version, true
}

// named finds a model, seed or snapshot by its name: in the package in if one is given, else in p first and then in all.
func (l *loader) named(p *pack, in, name, version string) string {
	found := ""
	look := func(n *runner.Node) {
		switch {
		case in != "" && in != l.packageName(n):
		case found == "" || n.Package == p.label():
			found = n.ID
		}
	}
	for _, m := range l.project.Models {
		isIt := m.Name == name && version == ""
		if m.Version != "" {
			isIt = m.BaseName == name && (m.Version == version || version == "" && m.Latest)
		}
		if isIt {
			look(&m.Node)
		}
	}
	for _, s := range l.project.Seeds {
		if s.Name == name {
			look(&s.Node)
		}
	}
	for _, s := range l.project.Snapshots {
		if s.Name == name {
			look(&s.Node)
		}
	}
	return found
}

func (l *loader) packageName(n *runner.Node) string {
	if n.Package == "" {
		return l.project.Name
	}
	return n.Package
}

func (l *loader) noReference(p *pack, what string, pos runner.Position, name string) string {
	if l.isDisabled(p, name) {
		l.warn(pos, "", "%s is disabled", name)
		return ""
	}
	l.fail(pos, runner.DidYouMean(name, l.modelNames()), "there is no %s %s", what, name)
	return ""
}

// isDisabled tells whether a node of a name (source.table for a source) is left out by enabled: false.
func (l *loader) isDisabled(p *pack, name string) bool {
	for id := range l.project.Disabled {
		if strings.HasSuffix(id, "."+name) {
			return true
		}
	}
	return false
}

// modelsNamed are the models of a name, all versions of it.
func (l *loader) modelsNamed(p *pack, name string) []*runner.Model {
	var own, others []*runner.Model
	for _, m := range l.project.Models {
		if m.Name != name && (m.Version == "" || m.BaseName != name) {
			continue
		}
		if m.Package == p.label() {
			own = append(own, m)
		} else {
			others = append(others, m)
		}
	}
	if len(own) > 0 {
		return own
	}
	return others
}

func (l *loader) modelNames() []string {
	var names []string
	for _, m := range l.project.Models {
		names = append(names, m.Name)
	}
	for _, s := range l.project.Seeds {
		names = append(names, s.Name)
	}
	for _, s := range l.project.Sources {
		names = append(names, fmt.Sprintf("%s.%s", s.Source, s.Name))
	}
	return names
}

// checkGroups finds groups that are used but not declared.
func (l *loader) checkGroups() {
	var names []string
	for _, g := range l.project.Groups {
		names = append(names, g.Name)
	}
	declared := map[string]bool{}
	for _, name := range names {
		declared[name] = true
	}
	check := func(n *runner.Node) {
		if n.Config.Group != "" && !declared[n.Config.Group] {
			l.fail(n.Pos, first(runner.DidYouMean(n.Config.Group, names), "declare it below groups: in a .yml file"),
				"%s belongs to the group %s, which is not declared", n.Name, n.Config.Group)
		}
		if n.Config.Access == "private" && n.Config.Group == "" {
			l.fail(n.Pos, "give it a group", "%s is private but belongs to no group", n.Name)
		}
	}
	for _, m := range l.project.Models {
		check(&m.Node)
	}
	for _, s := range l.project.Seeds {
		check(&s.Node)
	}
	for _, s := range l.project.Snapshots {
		check(&s.Node)
	}
}

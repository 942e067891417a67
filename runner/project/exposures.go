package project

import (
	"strings"

	"elt/runner"
	"elt/runner/project/strict"
)

type owner struct {
	name  string
	email string
}

func (o owner) label() string {
	if o.name != "" {
		return o.name
	}
	return o.email
}

func ownerKeys() *strict.Object[owner] {
	return &strict.Object[owner]{
		What: "an owner",
		Keys: []strict.Key[owner]{
			strict.FieldOf("name", "Who it is.", strict.String(), func(o *owner) *string { return &o.name }),
			strict.FieldOf("email", "Where to write to.", strict.OneOrMore(strict.String()), func(*owner) *[]string { return new([]string) }),
		},
		Rest: func(*strict.Reader, strict.Field, *owner) {}, // dbt allows anything
	}
}

// emailKey joins several addresses.
func ownerShape() strict.Shape[owner] {
	keys := ownerKeys()
	emails := strict.OneOrMore(strict.String())
	keys.Keys[1].Read = func(r *strict.Reader, v *strict.Value, o *owner) {
		list, _ := emails.Read(r, v)
		o.email = strings.Join(list, ", ")
	}
	return keys.Shape()
}

type exposureEntry struct {
	pos         runner.Position
	name        string
	description text
	exposure    runner.Exposure
	owner       owner
	dependsOn   []text
	beside      nodePatch
	patch       nodePatch
}

func exposureKeys() *strict.Object[exposureEntry] {
	beside := func(key strict.Key[nodePatch]) strict.Key[exposureEntry] {
		return strict.Key[exposureEntry]{
			Name: key.Name, Doc: key.Doc, Schema: key.Schema,
			Read: func(r *strict.Reader, v *strict.Value, e *exposureEntry) { key.Read(r, v, &e.beside) },
		}
	}
	return &strict.Object[exposureEntry]{
		What: "an exposure",
		At:   func(e *exposureEntry, pos runner.Position) { e.pos = pos },
		Keys: []strict.Key[exposureEntry]{
			strict.FieldOf("name", "Its name: letters, digits and _.", nameShape(), func(e *exposureEntry) *string { return &e.name }).Needed(),
			strict.FieldOf("description", "What it shows, and to whom.", descriptionShape(), func(e *exposureEntry) *text { return &e.description }),
			strict.FieldOf("type", "dashboard, notebook, analysis, ml or application.",
				strict.Choice("dashboard", "notebook", "analysis", "ml", "application"), func(e *exposureEntry) *string { return &e.exposure.Type }).Needed(),
			strict.FieldOf("label", "Its name for people.", strict.String(), func(e *exposureEntry) *string { return &e.exposure.Label }),
			strict.FieldOf("url", "Where it is.", strict.String(), func(e *exposureEntry) *string { return &e.exposure.URL }),
			strict.FieldOf("maturity", "How far it can be relied on: high, medium or low.", strict.Choice("high", "medium", "low"),
				func(e *exposureEntry) *string { return &e.exposure.Maturity }),
			strict.FieldOf("owner", "Who to ask.", ownerShape(), func(e *exposureEntry) *owner { return &e.owner }).Needed(),
			strict.FieldOf("depends_on", "What it reads: ref('model') or source('source', 'table').", strict.ListOf(descriptionShape()),
				func(e *exposureEntry) *[]text { return &e.dependsOn }),
			strict.FieldOf("config", "Configuration.", useConfigKeys("an exposure").Shape(), func(e *exposureEntry) *nodePatch { return &e.patch }),
			beside(tagsKey()), beside(metaKey()), beside(enabledKey()),
		},
	}
}

type groupEntry struct {
	pos   runner.Position
	name  string
	owner owner
}

func groupKeys() *strict.Object[groupEntry] {
	return &strict.Object[groupEntry]{
		What: "a group",
		At:   func(g *groupEntry, pos runner.Position) { g.pos = pos },
		Keys: []strict.Key[groupEntry]{
			strict.FieldOf("name", "Name of the group.", nameShape(), func(g *groupEntry) *string { return &g.name }).Needed(),
			strict.FieldOf("owner", "Who to ask.", ownerShape(), func(g *groupEntry) *owner { return &g.owner }).Needed(),
			passedOverIn[groupEntry]("description"), passedOverIn[groupEntry]("config"),
		},
	}
}

func (l *loader) addGroups(p *pack) {
	first := map[string]runner.Position{}
	for _, parsed := range p.found.parsed {
		for _, g := range parsed.groups {
			if before, twice := first[g.name]; twice {
				l.fail(g.pos, "", "the group %s is declared in %s already", g.name, before)
				continue
			}
			first[g.name] = g.pos
			l.project.Groups = append(l.project.Groups, runner.Group{
				Name: g.name, Owner: g.owner.label(), OwnerEmail: g.owner.email, Package: p.label(),
			})
		}
	}
}

func (l *loader) addExposures(p *pack) {
	first := map[string]runner.Position{}
	for i, parsed := range p.found.parsed {
		for _, e := range parsed.exposures {
			if before, twice := first[e.name]; twice {
				l.fail(e.pos, "", "the exposure %s is declared in %s already", e.name, before)
				continue
			}
			first[e.name] = e.pos
			l.addExposure(p, p.found.properties[i], e)
		}
	}
}

func (l *loader) addExposure(p *pack, f file, e exposureEntry) {
	x := e.exposure
	x.Node = p.node(runner.KindExposure, f, e.name)
	x.Pos, x.Description = e.pos, l.describe(p, e.description)
	x.Owner, x.OwnerEmail = e.owner.label(), e.owner.email
	config := nodeConfig{Config: runner.Config{Enabled: true}}
	configure(l, p, func(f *projectFile) *folder[nodeConfig] { return f.exposures }, x.FQN, &config)
	e.beside.Apply(&config)
	e.patch.Apply(&config)
	if x.Config = config.Config; !x.Config.Enabled {
		l.project.Disabled[x.ID] = config.disabledAt
		return
	}
	for _, on := range e.dependsOn {
		if id := l.refer(p, on.V, on.Pos); id != "" {
			x.DependsOn = append(x.DependsOn, id)
		}
	}
	l.project.Exposures = append(l.project.Exposures, &x)
}

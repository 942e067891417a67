package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"elt/runner"
	"elt/runner/dag"
	"elt/runner/project"
)

// Selection is what --select, --exclude and --selector choose.
type Selection struct {
	Nodes     map[string]bool // nil: everything
	Unmatched []dag.Unmatched // parts that chose nothing

	// Carried were built by runs that failed, so that they are not published yet. A retry publishes them, too.
	Carried map[string]bool
}

// Has tells whether a node is chosen.
func (s Selection) Has(id string) bool { return s.Nodes == nil || s.Nodes[id] }

// Ways in which tests follow what they read: where any of it is chosen, where all is, where all is or is above what is,
// or never.
const (
	Eager     = "eager"
	Cautious  = "cautious"
	Buildable = "buildable"
	Empty     = "empty"
)

// IndirectWays lists them.
func IndirectWays() []string { return []string{Eager, Cautious, Buildable, Empty} }

// Select evaluates the selectors of the options. Tests follow what they read.
func (w *Workspace) Select() (Selection, error) {
	o := w.options
	if o.Retry {
		return w.failedBefore()
	}
	selection, err := w.chosen(o)
	if err != nil || len(o.Kinds)+len(o.NoKinds) == 0 {
		return selection, err
	}
	nodes := map[string]bool{}
	for id, n := range w.Declared() {
		ofKind := len(o.Kinds) == 0 || slices.Contains(o.Kinds, n.Kind)
		nodes[id] = ofKind && !slices.Contains(o.NoKinds, n.Kind) && selection.Has(id)
	}
	selection.Nodes = nodes
	return selection, nil
}

func (w *Workspace) chosen(o Options) (Selection, error) {
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
		switch {
		case e.Hint != "":
		case len(known) == 0:
			e.Hint = "there is no selectors.yml beside the project file"
		default:
			e.Hint = "selectors.yml defines: " + strings.Join(known, ", ")
		}
		return Selection{}, e
	}
	way := s.Indirect
	if way == "" {
		way = w.options.Indirect
	}
	chosen, unmatched, err := project.Choose(w.Graph, s, w.matcher(), w.followers(way))
	if err != nil {
		return Selection{}, selectorError(err)
	}
	return Selection{Nodes: chosen, Unmatched: unmatched}, nil
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
	chosen, unmatched, err := dag.Choose(w.Graph, in, out, w.matcher(), w.followers(w.options.Indirect))
	if err != nil {
		return Selection{}, selectorError(err)
	}
	return Selection{Nodes: chosen, Unmatched: unmatched}, nil
}

// matcher knows all methods: those of a project, and those that ask what was before or what selectors.yml says.
func (w *Workspace) matcher() dag.Match {
	named := map[string]Selection{}
	return project.Matcher(w.Project, map[string]func(value, id string) (bool, error){
		"state": w.matchState, "result": w.matchResult,
		"selector": func(name, id string) (bool, error) {
			s, evaluated := named[name]
			if !evaluated {
				var err error
				if s, err = w.named(name); err != nil {
					return false, err
				}
				named[name] = s
			}
			return s.Has(id), nil
		},
	})
}

// followers says how tests follow what they read.
func (w *Workspace) followers(way string) dag.Followers {
	tests := dag.Set{}
	for _, t := range w.tests {
		tests[t.ID] = true
	}
	for _, t := range w.Project.UnitTests {
		tests[t.ID] = true
	}
	within := func(id string, chosen dag.Set) bool {
		return !slices.ContainsFunc(w.Graph.Parents(id), func(up string) bool { return !chosen[up] })
	}
	// reach is what counts as chosen when it is asked whether all that a test reads is.
	reach := func(chosen dag.Set, sources bool) dag.Set {
		if way != Buildable {
			return chosen
		}
		out := maps.Clone(chosen)
		for id := range chosen {
			maps.Copy(out, w.Graph.Ancestors(id, dag.All))
		}
		for _, s := range w.Project.Sources {
			out[s.ID] = out[s.ID] || sources
		}
		return out
	}
	return dag.Followers{
		Expand: func(method string, chosen dag.Set) (certain, possible dag.Set) {
			certain, possible = maps.Clone(chosen), dag.Set{}
			if way == Empty || method == "selector" { // what a selector of selectors.yml chooses is settled
				return certain, possible
			}
			near := reach(chosen, true)
			for id := range chosen {
				for _, child := range w.Graph.Children(id) {
					switch {
					case !tests[child]:
					case way == "" || way == Eager || within(child, near):
						certain[child] = true
					default:
						possible[child] = true
					}
				}
			}
			return certain, possible
		},
		Settle: func(chosen, possible dag.Set) dag.Set {
			if way != Cautious && way != Buildable {
				return chosen
			}
			near, out := reach(chosen, false), maps.Clone(chosen)
			for id := range possible {
				if tests[id] && within(id, near) {
					out[id] = true
				}
			}
			return out
		},
	}
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

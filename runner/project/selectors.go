package project

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"elt/runner"
	"elt/runner/dag"
	"elt/runner/project/strict"
)

// SelectorsFileName is the name of the file of named selectors, beside the project file.
const SelectorsFileName = "selectors.yml"

// formula is a selection before it is brought to terms: a part of the selection grammar, or some put together.
type formula struct {
	part string // a leaf
	all  bool   // of parts: intersection instead of union
	of   []*formula
	not  *formula // what is taken away from it; nil: nothing
}

// selectorEntry is one entry of selectors.yml.
type selectorEntry struct {
	pos         runner.Position
	name        string
	description string
	isDefault   bool
	definition  *strict.Value
}

func selectorKeys() *strict.Object[selectorEntry] {
	return &strict.Object[selectorEntry]{
		What: "a selector",
		At:   func(s *selectorEntry, pos runner.Position) { s.pos = pos },
		Keys: []strict.Key[selectorEntry]{
			strict.FieldOf("name", "", nameShape(), func(s *selectorEntry) *string { return &s.name }).Needed(),
			strict.FieldOf("description", "", strict.Raw(), func(s *selectorEntry) *string { return &s.description }),
			strict.FieldOf("default", "", strict.Boolean(), func(s *selectorEntry) *bool { return &s.isDefault }),
			{Name: "definition", Required: true, Read: func(_ *strict.Reader, v *strict.Value, s *selectorEntry) { s.definition = v }},
		},
	}
}

// selectorReader reads definitions. A selector may use others by name, before or after itself.
type selectorReader struct {
	*strict.Reader
	entries map[string]*selectorEntry

	indirect string   // indirect_selection of the selector being read
	inside   []string // names of the selectors being read, to find circles
}

// readSelectors reads selectors.yml, if there is one.
func (l *loader) readSelectors() {
	if !l.has(SelectorsFileName) {
		return
	}
	text, problem := readText(l.project.Dir, SelectorsFileName)
	if problem != nil {
		l.errs = append(l.errs, problem)
		return
	}
	p := l.packs[0]
	r := l.reader(p, SelectorsFileName, text, l.project.Vars)
	l.readers[SelectorsFileName] = r
	file := strict.Object[[]selectorEntry]{
		What: SelectorsFileName,
		Keys: []strict.Key[[]selectorEntry]{
			strict.FieldOf("selectors", "", strict.ListOf(selectorKeys().Shape()), func(s *[]selectorEntry) *[]selectorEntry { return s }).Needed(),
			ignored[[]selectorEntry]("version", ""),
		},
	}
	var entries []selectorEntry
	if root := r.Parse(); root != nil {
		file.Into(r, root, &entries)
	}
	l.project.Selectors = readSelectorEntries(r, entries)
	l.errs = append(l.errs, r.Errors()...)
	l.warnings(p, r)
}

func readSelectorEntries(r *strict.Reader, entries []selectorEntry) map[string]runner.Selector {
	sr := &selectorReader{Reader: r, entries: map[string]*selectorEntry{}}
	byDefault := ""
	for i, e := range entries {
		if before := sr.entries[e.name]; before != nil {
			r.Fail(e.pos, "", "the selector %s is declared in line %d already", e.name, before.pos.Line)
			continue
		}
		sr.entries[e.name] = &entries[i]
		if e.isDefault && byDefault != "" {
			r.Fail(e.pos, "keep one of them", "%s is the default selector already", byDefault)
		} else if e.isDefault {
			byDefault = e.name
		}
	}
	out := map[string]runner.Selector{}
	for _, e := range entries {
		sr.inside, sr.indirect = []string{e.name}, ""
		f := sr.read(e.definition)
		if f == nil {
			continue
		}
		terms, err := f.terms()
		if err != nil {
			r.Fail(e.pos, "split it into several selectors", "the selector %s %v", e.name, err)
			continue
		}
		s := runner.Selector{Name: e.name, Description: e.description, Default: e.isDefault, Indirect: sr.indirect, Terms: terms}
		out[e.name] = s
	}
	return out
}

// read reads a definition in any of dbt's forms. It gives nil for one that is wrong, which is noted.
func (sr *selectorReader) read(v *strict.Value) *formula {
	switch {
	case v.Kind == strict.Text || v.Kind == strict.Number || v.Kind == strict.Bool:
		return sr.text(v)
	case v.Kind == strict.List && len(v.Items) == 1:
		return sr.read(v.Items[0])
	case v.Kind != strict.Map:
		sr.Expected(v, "a selector: a text, method and value, union or intersection")
		return nil
	}
	union, intersection, method := v.Get("union"), v.Get("intersection"), v.Get("method")
	switch {
	case (union != nil || intersection != nil) && len(v.Fields) > 1:
		sr.Fail(v.Fields[1].Pos, "put it into the list", "%q cannot stand beside %q", v.Fields[1].Key, v.Fields[0].Key)
	case union != nil:
		return sr.set(union, false)
	case intersection != nil:
		return sr.set(intersection, true)
	case method != nil:
		return sr.method(v)
	case len(v.Fields) == 1 && v.Fields[0].Key != "exclude":
		return sr.part(v.Fields[0].Pos, v.Fields[0].Key, v.Fields[0].Value, nil)
	default:
		sr.Fail(v.Pos, "write method: and value:, union: or intersection:", "this is no selector")
	}
	return nil
}

// text is a selection as the command line has it.
func (sr *selectorReader) text(v *strict.Value) *formula {
	given, ok := strict.String().Read(sr.Reader, v)
	if !ok {
		return nil
	}
	if _, err := dag.Parse(given); err != nil {
		sr.Fail(v.Pos, "", "%v", err)
		return nil
	}
	union := &formula{}
	for _, term := range strings.Fields(given) {
		each := &formula{all: true}
		for _, part := range strings.Split(term, ",") {
			each.of = append(each.of, sr.named(v.Pos, part))
		}
		union.of = append(union.of, each)
	}
	return union
}

// named is a part of a text, which may mean another selector.
func (sr *selectorReader) named(pos runner.Position, part string) *formula {
	if name, isSelector := strings.CutPrefix(part, "selector:"); isSelector {
		return sr.other(pos, name)
	}
	return &formula{part: part}
}

// set is a union or intersection. One of its items may be what is excluded.
func (sr *selectorReader) set(v *strict.Value, all bool) *formula {
	if v.Kind != strict.List {
		sr.Expected(v, "a list of selectors")
		return nil
	}
	out := &formula{all: all}
	for _, item := range v.Items {
		if exclude := item.Get("exclude"); exclude != nil && item.Get("method") == nil {
			if out.not != nil {
				sr.Fail(item.Pos, "join them", "there is one exclude already")
			}
			out.not = sr.exclusion(exclude)
			continue
		}
		if f := sr.read(item); f != nil {
			out.of = append(out.of, f)
		}
	}
	return out
}

func (sr *selectorReader) exclusion(v *strict.Value) *formula {
	if v.Kind != strict.List {
		return sr.read(v)
	}
	return sr.set(v, false)
}

// methodEntry is a definition in full.
type methodEntry struct {
	parents, children, around bool
	parentsDepth              int
	childrenDepth             int
	method                    string
	indirect                  string
	value                     *strict.Value
	exclude                   *strict.Value
}

func methodKeys() *strict.Object[methodEntry] {
	flag := func(name string, field func(*methodEntry) *bool) strict.Key[methodEntry] {
		return strict.FieldOf(name, "", strict.Boolean(), field)
	}
	return &strict.Object[methodEntry]{
		What: "a selector",
		Keys: []strict.Key[methodEntry]{
			strict.FieldOf("method", "", strict.String(), func(m *methodEntry) *string { return &m.method }).Needed(),
			{Name: "value", Required: true, Read: func(_ *strict.Reader, v *strict.Value, m *methodEntry) { m.value = v }},
			flag("parents", func(m *methodEntry) *bool { return &m.parents }),
			flag("children", func(m *methodEntry) *bool { return &m.children }),
			flag("childrens_parents", func(m *methodEntry) *bool { return &m.around }),
			strict.FieldOf("parents_depth", "", strict.Count(0), func(m *methodEntry) *int { return &m.parentsDepth }),
			strict.FieldOf("children_depth", "", strict.Count(0), func(m *methodEntry) *int { return &m.childrenDepth }),
			{Name: "exclude", Read: func(_ *strict.Reader, v *strict.Value, m *methodEntry) { m.exclude = v }},
			strict.FieldOf("indirect_selection", "", strict.Choice("eager", "cautious", "buildable", "empty"),
				func(m *methodEntry) *string { return &m.indirect }),
			ignored[methodEntry]("greedy", ""),
		},
	}
}

func (sr *selectorReader) method(v *strict.Value) *formula {
	var m methodEntry
	if !methodKeys().Into(sr.Reader, v, &m) {
		return nil
	}
	sr.indirect = first(m.indirect, sr.indirect)
	out := sr.part(v.Pos, m.method, m.value, &m)
	if out != nil && m.exclude != nil {
		return &formula{of: []*formula{out}, not: sr.exclusion(m.exclude)}
	}
	return out
}

// part is one method and value, with graph operators if m has them.
func (sr *selectorReader) part(pos runner.Position, method string, value *strict.Value, m *methodEntry) *formula {
	text, ok := strict.Literal().Read(sr.Reader, value)
	if !ok {
		return nil
	}
	if method == "selector" {
		return sr.other(pos, text)
	}
	part := method + ":" + text
	if m != nil {
		depth := func(on bool, n int) string {
			switch {
			case !on:
				return ""
			case n == 0:
				return "+"
			}
			return strconv.Itoa(n) + "+"
		}
		part = depth(m.parents, m.parentsDepth) + part
		if after := depth(m.children, m.childrenDepth); after != "" {
			part += "+" + strings.TrimSuffix(after, "+")
		}
		if m.around {
			part = "@" + part
		}
	}
	if strings.ContainsAny(text, " ,\t\n") {
		sr.Fail(value.Pos, "", "%q cannot be selected: it holds a space or a comma", text)
		return nil
	}
	if _, err := dag.Parse(part); err != nil {
		sr.Fail(pos, "", "%v", err)
		return nil
	}
	return &formula{part: part}
}

// other is another selector by its name.
func (sr *selectorReader) other(pos runner.Position, name string) *formula {
	e := sr.entries[name]
	switch {
	case e == nil:
		sr.Fail(pos, runner.DidYouMean(name, slices.Sorted(maps.Keys(sr.entries))), "there is no selector %q", name)
		return nil
	case slices.Contains(sr.inside, name):
		sr.Fail(pos, "", "selectors use each other in a circle: %s → %s", strings.Join(sr.inside, " → "), name)
		return nil
	}
	sr.inside = append(sr.inside, name)
	defer func() { sr.inside = sr.inside[:len(sr.inside)-1] }()
	return sr.read(e.definition)
}

// mostTerms bounds what a definition may grow to.
const mostTerms = 2000

var errTooManyTerms = errors.New("is too involved")

// terms brings a formula to a union of terms.
func (f *formula) terms() ([]runner.SelectorTerm, error) {
	if f == nil {
		return nil, nil
	}
	var out []runner.SelectorTerm
	switch {
	case f.part != "":
		out = []runner.SelectorTerm{{All: []string{f.part}}}
	case f.all && len(f.of) > 0:
		out = []runner.SelectorTerm{{}}
		for _, g := range f.of {
			terms, err := g.terms()
			if err != nil {
				return nil, err
			}
			if out, err = crossed(out, terms); err != nil {
				return nil, err
			}
		}
	default:
		for _, g := range f.of {
			terms, err := g.terms()
			if err != nil {
				return nil, err
			}
			out = append(out, terms...)
		}
	}
	without, err := f.not.negated()
	if err != nil || f.not == nil {
		return out, err
	}
	return crossed(out, without)
}

// negated is what a formula leaves out, as a union of terms: of each of its terms, some part does not hold.
func (f *formula) negated() ([]runner.SelectorTerm, error) {
	if f == nil {
		return nil, nil
	}
	terms, err := f.terms()
	if err != nil {
		return nil, err
	}
	out := []runner.SelectorTerm{{}}
	for _, t := range terms {
		var some []runner.SelectorTerm
		for _, part := range t.All {
			some = append(some, runner.SelectorTerm{Not: []string{part}})
		}
		for _, part := range t.Not {
			some = append(some, runner.SelectorTerm{All: []string{part}})
		}
		if out, err = crossed(out, some); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// crossed are the terms that hold where one of a and one of b does.
func crossed(a, b []runner.SelectorTerm) ([]runner.SelectorTerm, error) {
	if len(a)*len(b) > mostTerms {
		return nil, fmt.Errorf("%w: it means more than %d cases", errTooManyTerms, mostTerms)
	}
	var out []runner.SelectorTerm
	for _, x := range a {
		for _, y := range b {
			out = append(out, runner.SelectorTerm{All: addTags(x.All, y.All), Not: addTags(x.Not, y.Not)})
		}
	}
	return out, nil
}

// Choose gives what a selector of selectors.yml selects, and the parts of it that matched nothing.
func Choose(g *dag.Graph, s runner.Selector, match dag.Match, followers dag.Followers) (dag.Set, []dag.Unmatched, error) {
	out := dag.Set{}
	var unmatched []dag.Unmatched
	for _, t := range s.Terms {
		include, err := dag.Parse(strings.Join(t.All, ","))
		if err != nil {
			return nil, nil, err
		}
		exclude, err := dag.Parse(t.Not...)
		if err != nil {
			return nil, nil, err
		}
		ids, missed, err := dag.Choose(g, include, exclude, match, followers)
		if err != nil {
			return nil, nil, err
		}
		unmatched = append(unmatched, missed...)
		for id := range ids {
			out[id] = true
		}
	}
	return out, unmatched, nil
}

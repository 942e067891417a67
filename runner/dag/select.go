package dag

// Match tells whether id is meant by a method and its value; the method is empty for a value alone, such as a name. An
// error (an unknown method, say) ends the selection.
type Match func(method, value, id string) (bool, error)

// Unmatched is a part of a selector that selected nothing, so that a caller can say so.
type Unmatched struct {
	Text   string // the part as given: "tag:x", or "a,b" if each part of it matched but nothing is in both
	Method string // empty for an intersection
	Value  string // empty for an intersection
}

// Select gives the ids of g that s selects, and the parts of s that matched nothing, in order.
func (s Selector) Select(g *Graph, match Match) (Set, []Unmatched, error) {
	out := Set{}
	var unmatched []Unmatched
	for _, in := range s.union {
		ids, empty, err := in.eval(g, match)
		if err != nil {
			return nil, nil, err
		}
		unmatched = append(unmatched, empty...)
		for id := range ids {
			out[id] = true
		}
	}
	return out, unmatched, nil
}

// Choose gives what include selects, or all of g if include is zero, without what exclude selects; and the parts of
// both that matched nothing.
func Choose(g *Graph, include, exclude Selector, match Match) (Set, []Unmatched, error) {
	chosen, unmatched, err := include.Select(g, match)
	if err != nil {
		return nil, nil, err
	}
	if include.IsZero() {
		for _, id := range g.ids {
			chosen[id] = true
		}
	}
	without, empty, err := exclude.Select(g, match)
	if err != nil {
		return nil, nil, err
	}
	for id := range without {
		delete(chosen, id)
	}
	return chosen, append(unmatched, empty...), nil
}

func (in intersection) eval(g *Graph, match Match) (Set, []Unmatched, error) {
	var out Set
	var unmatched []Unmatched
	for i, p := range in.parts {
		ids, err := p.eval(g, match)
		if err != nil {
			return nil, nil, err
		}
		if len(ids) == 0 {
			unmatched = append(unmatched, Unmatched{Text: p.text, Method: p.method, Value: p.value})
		}
		if i == 0 {
			out = ids
			continue
		}
		for id := range out {
			if !ids[id] {
				delete(out, id)
			}
		}
	}
	if len(out) == 0 && len(unmatched) == 0 {
		unmatched = append(unmatched, Unmatched{Text: in.text})
	}
	return out, unmatched, nil
}

func (p part) eval(g *Graph, match Match) (Set, error) {
	out := Set{}
	var matched []string
	for _, id := range g.ids {
		yes, err := match(p.method, p.value, id)
		if err != nil {
			return nil, err
		}
		if yes {
			matched = append(matched, id)
			out[id] = true
		}
	}
	for _, id := range matched {
		out.join(g.Ancestors(id, p.parents))
		out.join(g.Descendants(id, p.children))
		if !p.around {
			continue
		}
		out.join(g.Descendants(id, All))
	}
	if p.around {
		for _, id := range out.Sorted() {
			out.join(g.Ancestors(id, All))
		}
	}
	return out, nil
}

func (s Set) join(other Set) {
	for id := range other {
		s[id] = true
	}
}

package dag

// Match tells whether id is meant by a method and its value; the method is empty for a value alone, such as a name. An
// error (an unknown method, say) ends the selection.
type Match func(method, value, id string) (bool, error)

// Followers says which ids are chosen because of others, though no selector names them: tests, because of what they read.
// The zero Followers adds nothing.
type Followers struct {
	// Expand gives what a part with this method selects: the ids it is given and those that follow for certain, and those
	// that follow if what they need beside is chosen by another part.
	Expand func(method string, chosen Set) (certain, possible Set)
	// Settle adds to chosen those of the possible that follow, now that several parts have come together.
	Settle func(chosen, possible Set) Set
}

// Unmatched is a part of a selector that selected nothing, so that a caller can say so.
type Unmatched struct {
	Text   string // the part as given: "tag:x", or "a,b" if each part of it matched but nothing is in both
	Method string // empty for an intersection
	Value  string // empty for an intersection
}

// selecting is a selection under way.
type selecting struct {
	graph     *Graph
	match     Match
	followers Followers
	unmatched []Unmatched
}

// picked is what a part, or several, select.
type picked struct{ certain, possible Set }

func (p picked) all() Set {
	out := Set{}
	out.join(p.certain)
	out.join(p.possible)
	return out
}

// Select gives the ids of g that s selects, and the parts of s that matched nothing, in order.
func (s Selector) Select(g *Graph, match Match) (Set, []Unmatched, error) {
	x := &selecting{graph: g, match: match}
	out, err := x.union(s)
	return out.certain, x.unmatched, err
}

// Choose gives what include selects, or all of g if include is zero, without what exclude selects; and the parts of
// both that matched nothing.
func Choose(g *Graph, include, exclude Selector, match Match, followers Followers) (Set, []Unmatched, error) {
	x := &selecting{graph: g, match: match, followers: followers}
	chosen, err := x.union(include)
	if err != nil {
		return nil, nil, err
	}
	if include.IsZero() {
		for _, id := range g.ids {
			chosen.certain[id] = true
		}
	}
	if exclude.IsZero() {
		return chosen.certain, x.unmatched, nil
	}
	without, err := x.union(exclude)
	if err != nil {
		return nil, nil, err
	}
	chosen = picked{chosen.certain.minus(without.certain), chosen.all().minus(without.all())}
	return x.settle(chosen).certain, x.unmatched, nil
}

func (x *selecting) union(s Selector) (picked, error) {
	out := picked{Set{}, Set{}}
	for _, in := range s.union {
		p, err := x.intersection(in)
		if err != nil {
			return picked{}, err
		}
		out.certain.join(p.certain)
		out.possible.join(p.possible)
	}
	return x.settle(out), nil
}

func (x *selecting) intersection(in intersection) (picked, error) {
	var out picked
	missed := false
	for i, p := range in.parts {
		ids, err := x.part(p)
		if err != nil {
			return picked{}, err
		}
		if len(ids.certain) == 0 {
			x.unmatched = append(x.unmatched, Unmatched{Text: p.text, Method: p.method, Value: p.value})
			missed = true
		}
		if i == 0 {
			out = ids
			continue
		}
		out = picked{out.certain.both(ids.certain), out.all().both(ids.all())}
	}
	out = x.settle(out)
	if len(out.certain) == 0 && !missed {
		x.unmatched = append(x.unmatched, Unmatched{Text: in.text})
	}
	return out, nil
}

func (x *selecting) settle(p picked) picked {
	if x.followers.Settle != nil && len(p.possible) > 0 {
		p.certain = x.followers.Settle(p.certain, p.possible)
	}
	return p
}

func (x *selecting) part(p part) (picked, error) {
	out := Set{}
	var matched []string
	for _, id := range x.graph.ids {
		yes, err := x.match(p.method, p.value, id)
		if err != nil {
			return picked{}, err
		}
		if yes {
			matched = append(matched, id)
			out[id] = true
		}
	}
	for _, id := range matched {
		out.join(x.graph.Ancestors(id, p.parents))
		out.join(x.graph.Descendants(id, p.children))
		if p.around {
			out.join(x.graph.Descendants(id, All))
		}
	}
	if p.around {
		for _, id := range out.Sorted() {
			out.join(x.graph.Ancestors(id, All))
		}
	}
	if x.followers.Expand == nil {
		return picked{out, Set{}}, nil
	}
	certain, possible := x.followers.Expand(p.method, out)
	return picked{certain, possible}, nil
}

func (s Set) join(other Set) {
	for id := range other {
		s[id] = true
	}
}

func (s Set) both(other Set) Set {
	out := Set{}
	for id := range s {
		if other[id] {
			out[id] = true
		}
	}
	return out
}

func (s Set) minus(other Set) Set {
	out := Set{}
	for id := range s {
		if !other[id] {
			out[id] = true
		}
	}
	return out
}

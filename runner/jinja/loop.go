package jinja

import "fmt"

// loopContext is the variable loop.
type loopContext struct {
	n      *forStmt
	t      *Template
	f      *frame // around the loop
	list   *List  // when set, iterated live: what the body appends is visited, too
	rng    *Range // when set, iterated without being listed
	items  []Value
	index0 int
	depth0 int
	last   []Value // arguments of the previous changed()
	called bool    // changed() was called
}

func (l *loopContext) len() int {
	switch {
	case l.list != nil:
		return len(l.list.Items)
	case l.rng != nil:
		return l.rng.len()
	}
	return len(l.items)
}

func (l *loopContext) item(i int) Value {
	switch {
	case l.list != nil:
		return l.list.Items[i]
	case l.rng != nil:
		return l.rng.at(i)
	}
	return l.items[i]
}

func (l *loopContext) String() string {
	return fmt.Sprintf("<LoopContext %d/%d>", l.index0+1, l.len())
}

func (n *forStmt) exec(s *state, f *frame) (signal, error) {
	v, err := s.eval(n.iter, f)
	if err != nil {
		return sigNone, err
	}
	return sigNone, s.loop(n, v, f, 0)
}

// loop runs a for statement over v.
func (s *state) loop(n *forStmt, v Value, f *frame, depth int) error {
	l := &loopContext{n: n, t: s.t, f: f, depth0: depth}
	list, isList := v.(*List)
	rng, isRange := v.(*Range)
	switch {
	case isList && n.test == nil:
		l.list = list
	case isRange && n.test == nil:
		l.rng = rng
	default:
		var err error
		if l.items, err = s.loopItems(n, v, f); err != nil {
			return err
		}
	}
	skipped := true
	for ; l.index0 < l.len(); l.index0++ {
		if err := s.tick(); err != nil {
			return err
		}
		in := &frame{up: f, vars: make([]binding, 1, 4)}
		in.vars[0] = binding{name: "loop", v: l}
		if err := s.assign(n.target, l.item(l.index0), in); err != nil {
			return s.locate(err, n.target.at())
		}
		sig, err := s.run(n.body, in)
		if err != nil {
			return err
		}
		if sig == sigBreak {
			break
		}
		// As in Jinja2, else also runs when every turn was cut short.
		skipped = skipped && sig == sigContinue
	}
	if skipped {
		_, err := s.run(n.orElse, f.inner())
		return err
	}
	return nil
}

// loopItems lists what a loop visits, with its filter applied.
func (s *state) loopItems(n *forStmt, v Value, f *frame) ([]Value, error) {
	if err := s.printable(v); err != nil {
		return nil, s.locate(err, nameAt(n.iter))
	}
	items, err := s.drain(v)
	if err != nil {
		return nil, s.locate(err, n.iter.at())
	}
	if n.test == nil {
		return items, nil
	}
	kept := make([]Value, 0, len(items))
	for _, x := range items {
		if err := s.tick(); err != nil {
			return nil, err
		}
		in := f.inner()
		if err := s.assign(n.target, x, in); err != nil {
			return nil, s.locate(err, n.target.at())
		}
		ok, err := s.eval(n.test, in)
		if err != nil {
			return nil, err
		}
		if Truth(ok) {
			kept = append(kept, x)
		}
	}
	return kept, nil
}

// attr finds loop.NAME.
func (l *loopContext) attr(name string) (Value, bool) {
	n := l.len()
	switch name {
	case "index":
		return l.index0 + 1, true
	case "index0":
		return l.index0, true
	case "revindex":
		return n - l.index0, true
	case "revindex0":
		return n - l.index0 - 1, true
	case "first":
		return l.index0 == 0, true
	case "last":
		return l.index0 == n-1, true
	case "length":
		return n, true
	case "depth":
		return l.depth0 + 1, true
	case "depth0":
		return l.depth0, true
	case "previtem":
		if l.index0 == 0 {
			return NewUndefined("previtem", "there is no previous item"), true
		}
		return l.item(l.index0 - 1), true
	case "nextitem":
		if l.index0+1 >= n {
			return NewUndefined("nextitem", "there is no next item"), true
		}
		return l.item(l.index0 + 1), true
	case "cycle":
		return &method{l, "cycle", loopCycle}, true
	case "changed":
		return &method{l, "changed", loopChanged}, true
	}
	return nil, false
}

func loopCycle(recv Value, c *Call) (Value, error) {
	if len(c.Args) == 0 {
		return nil, typeError("no items for cycling given")
	}
	return c.Args[recv.(*loopContext).index0%len(c.Args)], nil
}

func loopChanged(recv Value, c *Call) (Value, error) {
	l := recv.(*loopContext)
	if l.called && new(walker).equalItems(l.last, c.Args, 0) {
		return false, nil
	}
	l.called, l.last = true, c.Args
	return true, nil
}

// recurse is loop(items) in a recursive loop: the loop's output for other items.
func (l *loopContext) recurse(c *Call) (Value, error) {
	if !l.n.recursive {
		return nil, typeError("the loop must have the 'recursive' marker to be called recursively")
	}
	args, err := c.Bind(Required("iterable"))
	if err != nil {
		return nil, err
	}
	s := c.s
	leave, err := s.enter("loop", l.t, c.at)
	if err != nil {
		return nil, err
	}
	defer leave()
	out := s.out
	s.out = &buffer{}
	err = s.loop(l.n, args[0], l.f, l.depth0+1)
	t := s.out.text()
	s.out = out
	if err != nil {
		return nil, s.locate(err, l.n.at())
	}
	return t, nil
}

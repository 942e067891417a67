package jinja

import (
	"fmt"
	"math"
)

// loopContext is the variable loop.
type loopContext struct {
	s *state
	n *forStmt
	t *Template
	f *frame // around the loop
	// what it visits: a list is iterated live, so that what the body appends is visited, too; a range is not listed
	list  *List
	rng   *Range
	items []Value
	// the items that passed the loop's filter so far, how many were tried, and what failed
	kept  []Value
	tried int
	err   error

	index0 int
	depth0 int
	last   []Value // arguments of the previous changed()
	called bool    // changed() was called
}

func (l *loopContext) size() int {
	switch {
	case l.list != nil:
		return len(l.list.Items)
	case l.rng != nil:
		return l.rng.len()
	}
	return len(l.items)
}

func (l *loopContext) at(i int) Value {
	switch {
	case l.list != nil:
		return l.list.Items[i]
	case l.rng != nil:
		return l.rng.at(i)
	}
	return l.items[i]
}

// has tells whether there is an item i. As in Jinja2 the filter is applied only as far as that takes, so that it sees
// what the body did to the items before.
func (l *loopContext) has(i int) bool {
	if l.n.test == nil {
		return i < l.size()
	}
	for len(l.kept) <= i && l.tried < l.size() && l.err == nil {
		x := l.at(l.tried)
		l.tried++
		var ok bool
		if ok, l.err = l.filter(x); ok {
			l.kept = append(l.kept, x)
		}
	}
	return i < len(l.kept)
}

func (l *loopContext) item(i int) Value {
	if l.n.test == nil {
		return l.at(i)
	}
	return l.kept[i]
}

func (l *loopContext) len() int {
	if l.n.test == nil {
		return l.size()
	}
	l.has(math.MaxInt - 1)
	return len(l.kept)
}

// filter applies the loop's condition to an item.
func (l *loopContext) filter(x Value) (bool, error) {
	if err := l.s.tick(); err != nil {
		return false, err
	}
	from := l.s.t
	l.s.t = l.t
	defer func() { l.s.t = from }()
	in := l.f.inner()
	if err := l.s.assign(l.n.target, x, in); err != nil {
		return false, l.s.locate(err, l.n.target.at())
	}
	ok, err := l.s.eval(l.n.test, in)
	return Truth(ok), err
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
	l := &loopContext{s: s, n: n, t: s.t, f: f, depth0: depth}
	unchanged := func() error { return nil }
	switch x := v.(type) {
	case *List:
		l.list = x
	case *Range:
		l.rng = x
	case *Dict:
		unchanged = x.guard()
	case *dictView:
		unchanged = x.d.guard()
	}
	if l.list == nil && l.rng == nil {
		if err := s.printable(v); err != nil {
			return s.locate(err, nameAt(n.iter))
		}
		var err error
		if l.items, err = s.drain(v); err != nil {
			return s.locate(err, n.iter.at())
		}
	}
	skipped := true
	for ; l.has(l.index0); l.index0++ {
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
		if err := unchanged(); err != nil {
			return s.locate(err, n.iter.at())
		}
		// As in Jinja2, else also runs when every turn was cut short.
		skipped = skipped && sig == sigContinue
	}
	if l.err == nil && skipped {
		_, err := s.run(n.orElse, f.inner())
		return err
	}
	return l.err
}

// guard gives a function that fails once the dict has another size, which ends a loop over it.
func (d *Dict) guard() func() error {
	n := d.Len()
	return func() error {
		if d.Len() != n {
			return fail("RuntimeError", "dictionary changed size during iteration")
		}
		return nil
	}
}

// attr finds loop.NAME.
func (l *loopContext) attr(name string) (Value, bool) {
	switch name {
	case "index":
		return l.index0 + 1, true
	case "index0":
		return l.index0, true
	case "revindex":
		return l.len() - l.index0, true
	case "revindex0":
		return l.len() - l.index0 - 1, true
	case "first":
		return l.index0 == 0, true
	case "last":
		return !l.has(l.index0 + 1), true
	case "length":
		return l.len(), true
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
		if !l.has(l.index0 + 1) {
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

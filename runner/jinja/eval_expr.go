package jinja

import "strings"

func (n *constExpr) eval(*state, *frame) (Value, error) { return n.v, nil }

func (n *nameExpr) eval(s *state, f *frame) (Value, error) {
	if v, ok := f.lookup(n.name); ok {
		return v, nil
	}
	u := f.undefined(n.name)
	u.unbound = !s.t.stored[n.name]
	return u, nil
}

func (n *seqExpr) eval(s *state, f *frame) (Value, error) {
	items, err := s.evalAll(n.items, f)
	if err != nil {
		return nil, err
	}
	for i := range items {
		items[i] = plain(items[i])
	}
	if err := s.spendItems(len(items)); err != nil {
		return nil, err
	}
	if n.tuple {
		return NewTuple(items...), nil
	}
	return NewList(items...), nil
}

func (s *state) evalAll(xs []expr, f *frame) ([]Value, error) {
	if len(xs) == 0 {
		return nil, nil
	}
	out := make([]Value, len(xs))
	for i, x := range xs {
		var err error
		if out[i], err = s.eval(x, f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (n *dictExpr) eval(s *state, f *frame) (Value, error) {
	d := NewDict()
	for i := range n.keys {
		k, err := s.eval(n.keys[i], f)
		if err != nil {
			return nil, err
		}
		v, err := s.eval(n.vals[i], f)
		if err != nil {
			return nil, err
		}
		if err := d.put(k, plain(v)); err != nil {
			return nil, s.locate(err, n.keys[i].at())
		}
	}
	return d, s.spendItems(2 * len(n.keys))
}

func (n *condExpr) eval(s *state, f *frame) (Value, error) {
	test, err := s.eval(n.test, f)
	if err != nil {
		return nil, err
	}
	if Truth(test) {
		return s.eval(n.yes, f)
	}
	if n.no == nil {
		const msg = "the inline if-expression evaluated to false and no else section was defined"
		return NewUndefined("", msg), nil
	}
	return s.eval(n.no, f)
}

func (n *binExpr) eval(s *state, f *frame) (Value, error) {
	l, err := s.eval(n.l, f)
	if err != nil {
		return nil, err
	}
	r, err := s.eval(n.r, f)
	if err != nil {
		return nil, err
	}
	return s.binary(n.op, l, r)
}

func (n *unaryExpr) eval(s *state, f *frame) (Value, error) {
	x, err := s.eval(n.x, f)
	if err != nil {
		return nil, err
	}
	return unary(n.op, plain(x))
}

func (n *logicExpr) eval(s *state, f *frame) (Value, error) {
	l, err := s.eval(n.l, f)
	if err != nil || Truth(l) != n.and {
		return l, err
	}
	return s.eval(n.r, f)
}

func (n *notExpr) eval(s *state, f *frame) (Value, error) {
	x, err := s.eval(n.x, f)
	return !Truth(x), err
}

func (n *compareExpr) eval(s *state, f *frame) (Value, error) {
	l, err := s.eval(n.first, f)
	if err != nil {
		return nil, err
	}
	for i, op := range n.ops {
		r, err := s.eval(n.rest[i], f)
		if err != nil {
			return nil, err
		}
		ok, err := compareOp(op, l, r)
		if err != nil || !ok {
			return false, err
		}
		l = r
	}
	return true, nil
}

func (n *concatExpr) eval(s *state, f *frame) (Value, error) {
	items, err := s.evalAll(n.items, f)
	if err != nil {
		return nil, err
	}
	traced := false
	for i, v := range items {
		if err := s.printable(v); err != nil {
			return nil, s.locate(err, n.items[i].at())
		}
		if t, ok := v.(*text); ok && len(t.segs) > 0 {
			traced = true
		}
	}
	if traced {
		return s.concatTraced(n, items)
	}
	var b strings.Builder
	for _, v := range items {
		b.WriteString(ToString(v))
	}
	return b.String(), s.spend(b.Len())
}

// concatTraced joins strings of which some know where they come from.
func (s *state) concatTraced(n *concatExpr, items []Value) (Value, error) {
	var b buffer
	for i, v := range items {
		s.emit(&b, v, n.items[i].at())
	}
	return b.text(), s.spend(len(b.b))
}

// emit writes a value, whose origin is the expression at the given place unless it knows better.
func (s *state) emit(b *buffer, v Value, at int) {
	if t, ok := v.(*text); ok && len(t.segs) > 0 {
		b.writeText(t)
		return
	}
	b.write(ToString(v), segment{t: s.t, src: at, stack: s.stack})
}

// printable refuses names that nothing defines if the host wants that. Other undefined values, such as a parameter that
// was not given, come to nothing, as the template's author may rely on.
func (s *state) printable(v Value) error {
	if u, ok := v.(*Undefined); ok && s.env.strict && u.unbound {
		return u.err()
	}
	return nil
}

// within gives what an undefined value has inside or gives when called: nothing that could be used, unless the render
// is lenient. The error stands at the given place.
func (s *state) within(u *Undefined, at int) (Value, error) {
	if s.lenient && !u.unbound {
		s.guessed = true
		return u, nil
	}
	return nil, s.locate(u.err(), at)
}

func (n *attrExpr) eval(s *state, f *frame) (Value, error) {
	x, err := s.eval(n.x, f)
	if err != nil {
		return nil, err
	}
	if u, ok := x.(*Undefined); ok {
		return s.within(u, nameAt(n.x))
	}
	v, err := getAttr(x, n.name)
	if err != nil {
		return nil, s.locate(err, n.nameAt)
	}
	return v, nil
}

// nameAt is where an expression's last name stands.
func nameAt(x expr) int {
	if a, ok := x.(*attrExpr); ok {
		return a.nameAt
	}
	return x.at()
}

func (n *itemExpr) eval(s *state, f *frame) (Value, error) {
	x, err := s.eval(n.x, f)
	if err != nil {
		return nil, err
	}
	if sl, ok := n.key.(*sliceExpr); ok {
		if u, undef := x.(*Undefined); undef {
			return s.within(u, nameAt(n.x))
		}
		return s.slice(x, sl, f)
	}
	key, err := s.eval(n.key, f)
	if err != nil {
		return nil, err
	}
	if u, ok := x.(*Undefined); ok {
		return s.within(u, nameAt(n.x))
	}
	return getItem(plain(x), plain(key))
}

// eval is never reached: a slice stands only in a subscript, which handles it.
func (n *sliceExpr) eval(*state, *frame) (Value, error) {
	return nil, typeError("a slice is no value")
}

// arguments evaluates a call's arguments.
func (s *state) arguments(a *callArgs, f *frame) ([]Value, *Dict, error) {
	args, err := s.evalAll(a.pos, f)
	if err != nil {
		return nil, nil, err
	}
	var kwargs *Dict
	if len(a.kw) > 0 {
		kwargs = NewDict()
	}
	for _, k := range a.kw {
		v, err := s.eval(k.x, f)
		if err != nil {
			return nil, nil, err
		}
		kwargs.Set(k.name, v)
	}
	if a.star != nil {
		v, err := s.eval(a.star, f)
		if err != nil {
			return nil, nil, err
		}
		items, err := s.drain(v)
		if err != nil {
			return nil, nil, s.locate(err, a.star.at())
		}
		args = append(args, items...)
	}
	if a.dstar != nil {
		if kwargs, err = s.spreadKwargs(a.dstar, kwargs, f); err != nil {
			return nil, nil, s.locate(err, a.dstar.at())
		}
	}
	return args, kwargs, nil
}

func (s *state) spreadKwargs(x expr, kwargs *Dict, f *frame) (*Dict, error) {
	v, err := s.eval(x, f)
	if err != nil {
		return nil, err
	}
	if u, ok := v.(*Undefined); ok {
		return nil, u.err()
	}
	d, ok := v.(*Dict)
	if !ok {
		return nil, typeError("argument after ** must be a mapping, not %s", typeName(v))
	}
	if kwargs == nil {
		kwargs = NewDict()
	}
	for _, e := range d.entries {
		if _, ok := e.key.(string); !ok {
			return nil, typeError("keywords must be strings")
		}
		if _, dup := kwargs.Get(e.key); dup {
			return nil, typeError("got multiple values for keyword argument %s", Repr(e.key))
		}
		kwargs.Set(e.key, e.val)
	}
	return kwargs, nil
}

func (n *callExpr) eval(s *state, f *frame) (Value, error) { return n.invoke(s, f, nil) }

// invoke makes the call; caller is the body of a call block, or nil.
func (n *callExpr) invoke(s *state, f *frame, caller Value) (Value, error) {
	fn, err := s.eval(n.fn, f)
	if err != nil {
		return nil, err
	}
	c := &Call{Caller: caller, s: s, at: n.at(), fn: n.fn}
	if c.Args, c.Kwargs, err = s.arguments(&n.args, f); err != nil {
		return nil, err
	}
	if u, ok := fn.(*Undefined); ok {
		return s.within(u, nameAt(n.fn))
	}
	return s.call(fn, c)
}

func (n *filterExpr) eval(s *state, f *frame) (Value, error) {
	var x Value
	var err error
	if n.x == nil {
		x, _ = f.lookup(heldName)
	} else if x, err = s.eval(n.x, f); err != nil {
		return nil, err
	}
	if n.f == nil {
		return nil, s.locate(fail(KindRuntime, "no filter named '%s' found", n.name), n.nameAt)
	}
	args, kwargs, err := s.arguments(&n.args, f)
	if err != nil {
		return nil, err
	}
	c := &Call{Args: append([]Value{x}, args...), Kwargs: kwargs, s: s, at: n.nameAt, name: n.name}
	v, err := s.applyFilter(n.f, c)
	if err != nil {
		return nil, s.locate(err, n.nameAt)
	}
	return v, nil
}

// heldName is the variable in which filter and set blocks keep their text.
const heldName = "\x00held"

func (n *testExpr) eval(s *state, f *frame) (Value, error) {
	x, err := s.eval(n.x, f)
	if err != nil {
		return nil, err
	}
	if n.fn == nil {
		return nil, fail(KindRuntime, "no test named '%s' found", n.name)
	}
	args, kwargs, err := s.arguments(&n.args, f)
	if err != nil {
		return nil, err
	}
	c := &Call{Args: append([]Value{x}, args...), Kwargs: kwargs, s: s, at: n.at(), name: n.name}
	return s.applyTest(n.fn, c)
}

// eval is never reached: targets are assigned to.
func (n *nsTarget) eval(*state, *frame) (Value, error) {
	return nil, typeError("an assignment target is no value")
}

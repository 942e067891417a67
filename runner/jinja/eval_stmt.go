package jinja

func (n *textStmt) exec(s *state, _ *frame) (signal, error) {
	s.out.write(n.s, segment{t: s.t, src: n.at(), stack: s.stack, linear: true})
	return sigNone, s.spend(len(n.s))
}

func (n *printStmt) exec(s *state, f *frame) (signal, error) {
	v, err := s.eval(n.x, f)
	if err != nil {
		return sigNone, err
	}
	if err := s.printable(v); err != nil {
		return sigNone, s.locate(err, nameAt(n.x))
	}
	if u, ok := v.(*Undefined); ok {
		s.noteBlank(u, nameAt(n.x))
	}
	before := len(s.out.b)
	s.emit(s.out, v, n.x.at())
	return sigNone, s.spend(len(s.out.b) - before)
}

// maxBlanks is how many printed undefined values a render tells of.
const maxBlanks = 3

// noteBlank remembers that an undefined value was printed. An inline if without else is meant to come to nothing.
func (s *state) noteBlank(u *Undefined, at int) {
	if len(s.blanks) == maxBlanks || u.name == "" {
		return
	}
	if e := asError(s.locate(u.err(), at)); e != nil {
		s.blanks = append(s.blanks, e)
	}
}

func (n *ifStmt) exec(s *state, f *frame) (signal, error) {
	for i, test := range n.tests {
		v, err := s.eval(test, f)
		if err != nil {
			return sigNone, err
		}
		if Truth(v) {
			return s.run(n.bodies[i], f)
		}
	}
	return s.run(n.orElse, f)
}

func (n *setStmt) exec(s *state, f *frame) (signal, error) {
	if err := checkNamespaces(n.target, f); err != nil {
		return sigNone, err
	}
	v, err := s.eval(n.x, f)
	if err != nil {
		return sigNone, err
	}
	return sigNone, s.assign(n.target, v, f)
}

// assign stores v in a target, unpacking it into a tuple of targets.
func (s *state) assign(target expr, v Value, f *frame) error {
	switch t := target.(type) {
	case *nameExpr:
		f.set(t.name, v)
	case *nsTarget:
		ns, err := t.namespace(f)
		if err != nil {
			return err
		}
		ns.vars.Set(t.attr, v)
	case *seqExpr:
		items, err := s.drain(v)
		if err != nil {
			if _, undef := v.(*Undefined); undef {
				return err
			}
			return typeError("cannot unpack non-iterable %s object", typeName(v))
		}
		if len(items) < len(t.items) {
			return valueError("not enough values to unpack (expected %d, got %d)", len(t.items), len(items))
		}
		if len(items) > len(t.items) {
			return valueError("too many values to unpack (expected %d)", len(t.items))
		}
		for i, sub := range t.items {
			if err := s.assign(sub, items[i], f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *nsTarget) namespace(f *frame) (*namespace, error) {
	x, _ := f.lookup(t.name)
	ns, ok := x.(*namespace)
	if !ok {
		return nil, fail(KindRuntime, "cannot assign attribute on non-namespace object")
	}
	return ns, nil
}

// checkNamespaces makes sure that ns.attr can be assigned to before the value is known, as Jinja2 does.
func checkNamespaces(target expr, f *frame) error {
	switch t := target.(type) {
	case *nsTarget:
		_, err := t.namespace(f)
		return err
	case *seqExpr:
		for _, sub := range t.items {
			if err := checkNamespaces(sub, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *setBlockStmt) exec(s *state, f *frame) (signal, error) {
	v, sig, err := s.captureFiltered(n.body, n.filter, f)
	if err != nil || sig != sigNone {
		return sig, err
	}
	return sigNone, s.assign(n.target, v, f)
}

// captureFiltered runs body in a new scope and applies a chain of filters, which may be nil, to what it prints. When
// body breaks out of a loop, what it printed is lost.
func (s *state) captureFiltered(body []stmt, filter expr, f *frame) (Value, signal, error) {
	in := f.inner()
	t, sig, err := s.capture(body, in)
	if err != nil || sig != sigNone || filter == nil {
		return t, sig, err
	}
	in.set(heldName, t)
	v, err := s.eval(filter, in)
	return v, sigNone, err
}

func (n *filterStmt) exec(s *state, f *frame) (signal, error) {
	v, sig, err := s.captureFiltered(n.body, n.filter, f)
	if err != nil || sig != sigNone {
		return sig, err
	}
	if _, ok := Str(v); !ok {
		return sigNone, typeError("a filter block must result in a string, not %s", typeName(v))
	}
	s.emit(s.out, v, n.at())
	return sigNone, nil
}

func (n *withStmt) exec(s *state, f *frame) (signal, error) {
	values, err := s.evalAll(n.values, f)
	if err != nil {
		return sigNone, err
	}
	in := f.inner()
	for i, t := range n.targets {
		if err := s.assign(t, values[i], in); err != nil {
			return sigNone, s.locate(err, t.at())
		}
	}
	return s.run(n.body, in)
}

func (n *doStmt) exec(s *state, f *frame) (signal, error) {
	_, err := s.eval(n.x, f)
	return sigNone, err
}

func (n *loopControlStmt) exec(*state, *frame) (signal, error) { return n.sig, nil }

func (n *macroStmt) exec(s *state, f *frame) (signal, error) {
	f.set(n.def.name, &Macro{n.def, s.t, f})
	return sigNone, nil
}

// exec of a host's block only defines its macro, if it is one: the host runs the block itself.
func (n *customStmt) exec(s *state, f *frame) (signal, error) {
	if n.block.MacroName != "" {
		f.set(n.block.MacroName, &Macro{n.block.def, s.t, f})
	}
	return sigNone, nil
}

func (n *callStmt) exec(s *state, f *frame) (signal, error) {
	v, err := n.call.invoke(s, f, &Macro{n.def, s.t, f})
	if err != nil {
		return sigNone, s.locate(err, n.call.at())
	}
	if err := s.printable(v); err != nil {
		return sigNone, err
	}
	before := len(s.out.b)
	s.emit(s.out, v, n.call.at())
	return sigNone, s.spend(len(s.out.b) - before)
}

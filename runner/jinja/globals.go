package jinja

import "strconv"

func builtinGlobals() map[string]Value {
	return map[string]Value{
		"range":     Func(rangeFunc),
		"dict":      Func(dictFunc),
		"namespace": Func(namespaceFunc),
		"cycler":    Func(newCycler),
		"joiner":    Func(newJoiner),
		"lipsum": Func(func(*Call) (any, error) {
			return nil, fail(KindRuntime, "lipsum() is random text and not supported")
		}),
	}
}

// Range is Python's range: a sequence of integers that takes no memory.
type Range struct{ start, stop, step int }

func (r *Range) len() int {
	switch {
	case r.step > 0 && r.start < r.stop:
		return int((uint(r.stop-r.start)-1)/uint(r.step)) + 1
	case r.step < 0 && r.start > r.stop:
		return int((uint(r.start-r.stop)-1)/uint(-r.step)) + 1
	}
	return 0
}

func (r *Range) at(i int) int { return r.start + i*r.step }

func (r *Range) contains(n int) bool {
	if r.step > 0 && (n < r.start || n >= r.stop) || r.step < 0 && (n > r.start || n <= r.stop) {
		return false
	}
	return (n-r.start)%r.step == 0
}

func (r *Range) items() []Value {
	out := make([]Value, r.len())
	for i := range out {
		out[i] = r.at(i)
	}
	return out
}

// String prints the range as Python does.
func (r *Range) String() string {
	s := "range(" + strconv.Itoa(r.start) + ", " + strconv.Itoa(r.stop)
	if r.step != 1 {
		s += ", " + strconv.Itoa(r.step)
	}
	return s + ")"
}

func rangeMethodTable() map[string]methodFunc {
	return map[string]methodFunc{
		"count": methodOf(func(r *Range, a []Value, _ *Call) (Value, error) {
			n, ok := intOf(a[0])
			return boolInt(ok && r.contains(n)), nil
		}, Required("value")),
		"index": methodOf(func(r *Range, a []Value, _ *Call) (Value, error) {
			if n, ok := intOf(a[0]); ok && r.contains(n) {
				return (n - r.start) / r.step, nil
			}
			return nil, valueError("%s is not in range", Repr(a[0]))
		}, Required("value")),
	}
}

func rangeFunc(c *Call) (any, error) {
	if c.Kwargs.Len() > 0 {
		return nil, typeError("range() takes no keyword arguments")
	}
	if n := len(c.Args); n < 1 || n > 3 {
		return nil, typeError("range expected 1 to 3 arguments, got %d", n)
	}
	var n [3]int
	for i, a := range c.Args {
		v, err := needInt(a)
		if err != nil {
			return nil, err
		}
		if v > 1<<53 || v < -1<<53 {
			return nil, fail(KindLimit, "range bound %d is too large", v)
		}
		n[i] = v
	}
	switch len(c.Args) {
	case 1:
		return &Range{0, n[0], 1}, nil
	case 2:
		return &Range{n[0], n[1], 1}, nil
	}
	if n[2] == 0 {
		return nil, valueError("range() arg 3 must not be zero")
	}
	return &Range{n[0], n[1], n[2]}, nil
}

// dictFrom makes a dict as Python's dict() does: from a mapping or pairs, and keywords.
func dictFrom(c *Call) (*Dict, error) {
	d := NewDict()
	if len(c.Args) > 1 {
		return nil, typeError("%s expected at most 1 argument, got %d", c.Name(), len(c.Args))
	}
	if len(c.Args) == 1 {
		if err := d.update(c.s, c.Args[0]); err != nil {
			return nil, err
		}
	}
	return d, d.update(c.s, c.Kwargs)
}

// update adds the entries of a mapping or a sequence of pairs.
func (d *Dict) update(s *state, v Value) error {
	if m, ok := v.(*Dict); ok {
		if m == nil {
			return nil
		}
		for _, e := range m.copy().entries {
			if err := d.put(e.key, e.val); err != nil {
				return err
			}
		}
		return s.spendItems(2 * m.Len())
	}
	if u, ok := v.(*Undefined); ok {
		return u.err()
	}
	items, err := s.drain(v)
	if err != nil {
		return err
	}
	for i, it := range items {
		pair, err := s.drain(it)
		if err != nil {
			return typeError("cannot convert dictionary update sequence element #%d to a sequence", i)
		}
		if len(pair) != 2 {
			return valueError("dictionary update sequence element #%d has length %d; 2 is required", i, len(pair))
		}
		if err := d.put(pair[0], pair[1]); err != nil {
			return err
		}
	}
	return s.spendItems(2 * len(items))
}

func dictFunc(c *Call) (any, error) { return dictFrom(c) }

// namespace is an object whose attributes templates may set.
type namespace struct{ vars *Dict }

func namespaceFunc(c *Call) (any, error) {
	d, err := dictFrom(c)
	return &namespace{d}, err
}

// cycler steps through its items.
type cycler struct {
	items []Value
	i     int
}

func newCycler(c *Call) (any, error) {
	if len(c.Args) == 0 {
		return nil, fail(KindRuntime, "at least one item has to be provided")
	}
	return &cycler{items: c.Args}, nil
}

// Attr finds current, next and reset.
func (cy *cycler) Attr(name string) (Value, bool) {
	switch name {
	case "current":
		return cy.items[cy.i], true
	case "next":
		return &method{cy, name, func(Value, *Call) (Value, error) {
			v := cy.items[cy.i]
			cy.i = (cy.i + 1) % len(cy.items)
			return v, nil
		}}, true
	case "reset":
		return &method{cy, name, func(Value, *Call) (Value, error) {
			cy.i = 0
			return nil, nil
		}}, true
	}
	return nil, false
}

// joiner is "" when first called and its separator after that.
type joiner struct {
	sep  Value
	used bool
}

func newJoiner(c *Call) (any, error) {
	args, err := c.Bind(Optional("sep", ", "))
	if err != nil {
		return nil, err
	}
	return &joiner{sep: args[0]}, nil
}

// Attr finds nothing: a joiner can only be called.
func (*joiner) Attr(string) (Value, bool) { return nil, false }

// Call gives the separator to put before the next piece.
func (j *joiner) Call(*Call) (any, error) {
	if !j.used {
		j.used = true
		return "", nil
	}
	return j.sep, nil
}

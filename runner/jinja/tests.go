package jinja

import "math/big"

func (s *state) applyTest(fn Func, c *Call) (bool, error) {
	if t, ok := c.Args[0].(*text); ok {
		c.escaped = t.markup
	}
	c.plain()
	v, err := fn(c)
	return Truth(FromGo(v)), err
}

func builtinTests() map[string]Func {
	m := typeTests()
	for name, op := range map[string]string{
		"==": "==", "eq": "==", "equalto": "==", "!=": "!=", "ne": "!=", ">": ">", "gt": ">", "greaterthan": ">",
		">=": ">=", "ge": ">=", "<": "<", "lt": "<", "lessthan": "<", "<=": "<=", "le": "<=", "in": "in",
	} {
		m[name] = bindFilter(func(a []Value, _ *Call) (Value, error) { return compareOp(op, a[0], a[1]) }, Required("other"))
	}
	m["sameas"] = bindFilter(func(a []Value, _ *Call) (Value, error) { return sameAs(a[0], a[1]), nil }, Required("other"))
	m["filter"] = bindFilter(func(a []Value, c *Call) (Value, error) {
		_, ok := c.s.env.filters[ToString(a[0])]
		return ok, nil
	})
	m["test"] = bindFilter(func(a []Value, c *Call) (Value, error) {
		_, ok := c.s.env.tests[ToString(a[0])]
		return ok, nil
	})
	m["odd"] = remainderTest(1)
	m["even"] = remainderTest(0)
	m["divisibleby"] = bindFilter(func(a []Value, c *Call) (Value, error) {
		r, err := c.s.binary("%", a[0], a[1])
		return equal(r, 0), err
	}, Required("num"))
	m["lower"] = caseTest("islower")
	m["upper"] = caseTest("isupper")
	return m
}

func remainderTest(want int) Func {
	return bindFilter(func(a []Value, c *Call) (Value, error) {
		r, err := c.s.binary("%", a[0], 2)
		return equal(r, want), err
	})
}

func caseTest(method string) Func {
	return bindFilter(func(a []Value, _ *Call) (Value, error) { return strPredicates[method](ToString(a[0])), nil })
}

func isMapping(v Value) bool { return isA[*Dict](v) || isA[Mapping](v) }

func typeTests() map[string]Func {
	return map[string]Func{
		"defined":   is(func(v Value) bool { return !isUndefined(v) }),
		"undefined": is(isUndefined),
		"none":      is(func(v Value) bool { return v == nil }),
		"true":      is(func(v Value) bool { return v == true }),
		"false":     is(func(v Value) bool { return v == false }),
		"boolean":   is(func(v Value) bool { return v == true || v == false }),
		"string":    is(isA[string]),
		"number":    is(isNumber),
		"integer":   is(isInteger),
		"float":     is(isA[float64]),
		"mapping":   is(isMapping),
		"sequence":  is(isSequence),
		"iterable":  is(isIterable),
		"callable":  is(isCallable),
		"escaped":   bindFilter(func(_ []Value, c *Call) (Value, error) { return c.escaped, nil }),
	}
}

// is makes a test of a predicate.
func is(fn func(Value) bool) Func {
	return bindFilter(func(a []Value, _ *Call) (Value, error) { return fn(a[0]), nil })
}

// isA tells whether v is of the type T.
func isA[T any](v Value) bool {
	_, ok := v.(T)
	return ok
}

func isUndefined(v Value) bool { return isA[*Undefined](v) }

func isInteger(v Value) bool { return isA[int](v) || isA[*big.Int](v) }

func isSequence(v Value) bool {
	switch v.(type) {
	case string, *List, *Tuple, *Dict, *Range, *Undefined:
		return true
	case Iterable:
		_, ok := v.(Itemer)
		return ok
	}
	return false
}

func isIterable(v Value) bool {
	if isA[*Range](v) {
		return true // however long
	}
	_, err := Items(v)
	return err == nil
}

func isCallable(v Value) bool {
	switch v.(type) {
	case *Macro, Func, *method, *Undefined, Caller, *loopContext:
		return true
	}
	return false
}

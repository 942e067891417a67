package jinja

import (
	"math"
	"math/big"
	"strings"
	"unicode/utf8"

	"elt/runner"
)

// filterDef is a filter. With text it sees where strings come from and may keep it.
type filterDef struct {
	fn   Func
	text bool
}

func (s *state) applyFilter(d *filterDef, c *Call) (Value, error) {
	if !d.text {
		c.plain()
	}
	v, err := d.fn(c)
	if err != nil {
		return nil, err
	}
	return FromGo(v), nil
}

// filterByName applies a filter that an argument names, as map('upper') does.
func (s *state) filterByName(name Value, c *Call) (Value, error) {
	n, _ := Str(name)
	d, ok := s.env.filters[n]
	if u, undef := name.(*Undefined); undef {
		e := u.err()
		e.Kind, e.Message = KindRuntime, e.Message+"; a filter's name stands in quotes"
		return nil, e
	}
	if !ok {
		e := fail(KindRuntime, "no filter named %s", Repr(name))
		e.Hint = runner.DidYouMean(n, s.env.filterNames())
		return nil, e
	}
	c.name = n
	return s.applyFilter(d, c)
}

func builtinFilters() map[string]*filterDef {
	m := map[string]*filterDef{}
	for _, set := range []map[string]Func{sequenceFilters(), mappingFilters(), textFilters(), numberFilters()} {
		for name, fn := range set {
			m[name] = &filterDef{fn: fn}
		}
	}
	for name, fn := range tracedFilters() {
		m[name] = &filterDef{fn, true}
	}
	for alias, name := range map[string]string{"d": "default", "count": "length", "e": "escape"} {
		m[alias] = m[name]
	}
	return m
}

// bindFilter makes a filter of a function and its parameters, of which the value is the first.
func bindFilter(fn func(a []Value, c *Call) (Value, error), params ...ArgSpec) Func {
	params = append([]ArgSpec{Required("value")}, params...)
	return func(c *Call) (any, error) {
		a, err := c.Bind(params...)
		if err != nil {
			return nil, err
		}
		return fn(a, c)
	}
}

func numberFilters() map[string]Func {
	return map[string]Func{
		"abs":   bindFilter(absFilter),
		"int":   bindFilter(intFilter, Optional("default", 0), Optional("base", 10)),
		"float": bindFilter(floatFilter, Optional("default", 0.0)),
		"round": bindFilter(roundFilter, Optional("precision", 0), Optional("method", "common")),
		"random": func(*Call) (any, error) {
			return nil, fail(KindRuntime, "random would give a different result on every run and is not supported")
		},
		"filesizeformat": bindFilter(fileSizeFilter, Optional("binary", false)),
		"default":        bindFilter(defaultFilter, Optional("default_value", ""), Optional("boolean", false)),
	}
}

func defaultFilter(a []Value, _ *Call) (Value, error) {
	_, undef := a[0].(*Undefined)
	if undef || Truth(a[2]) && !Truth(a[0]) {
		return a[1], nil
	}
	return a[0], nil
}

func absFilter(a []Value, _ *Call) (Value, error) {
	switch x := a[0].(type) {
	case float64:
		return math.Abs(x), nil
	case *big.Int:
		return new(big.Int).Abs(x), nil
	case *Decimal:
		return unaryDecimal("abs", x)
	}
	n, ok := intOf(a[0])
	if !ok {
		return nil, wrongType(a[0], "bad operand type for abs(): '%s'", typeName(a[0]))
	}
	if n < 0 {
		return arith("-", 0, n)
	}
	return n, nil
}

func intFilter(a []Value, _ *Call) (Value, error) {
	switch x := a[0].(type) {
	case bool:
		return boolInt(x), nil
	case int, *big.Int:
		return x, nil
	case float64:
		if math.IsNaN(x) {
			return a[1], nil
		}
		return floatToInt(x)
	case *Decimal:
		if x.isNaN() {
			return a[1], nil
		}
		return x.integer()
	case *Undefined:
		return nil, x.err()
	case string:
		base, err := needInt(a[2])
		if err != nil {
			return nil, err
		}
		if n, ok := parseInt(x, base); ok {
			return n, nil
		}
		if f, ok := parseFloat(x); ok {
			if n, err := floatToInt(f); err == nil {
				return n, nil
			}
		}
	}
	return a[1], nil
}

func floatFilter(a []Value, _ *Call) (Value, error) {
	switch x := a[0].(type) {
	case *Undefined:
		return nil, x.err()
	case string:
		if f, ok := parseFloat(x); ok {
			return f, nil
		}
		return a[1], nil
	}
	if f, ok := floatOf(a[0]); ok {
		return f, nil
	}
	return a[1], nil
}

func roundFilter(a []Value, _ *Call) (Value, error) {
	prec, err := needInt(a[1])
	if err != nil {
		return nil, err
	}
	method, _ := Str(a[2])
	if method != "common" && method != "ceil" && method != "floor" {
		return nil, fail("FilterArgumentError", "method must be common, ceil or floor")
	}
	if u, undef := a[0].(*Undefined); undef && method != "common" {
		return nil, u.err()
	}
	if !isNumber(a[0]) {
		return nil, wrongType(a[0], "type %s doesn't define __round__ method", typeName(a[0]))
	}
	if d, ok := a[0].(*Decimal); ok && method == "common" {
		return d.round(prec)
	} else if ok {
		return d.roundUp(prec, method == "ceil")
	}
	f, isFloat := a[0].(float64)
	if method == "common" {
		if isFloat {
			return roundFloat(f, prec), nil
		}
		return roundInt(a[0], prec)
	}
	f, _ = floatOf(a[0])
	p := math.Pow10(prec)
	if method == "ceil" {
		return (math.Ceil(f*p) + 0) / p, nil // + 0: Python goes by way of an integer, which has no -0
	}
	return (math.Floor(f*p) + 0) / p, nil
}

// roundInt rounds an integer to tens, hundreds, … for a negative precision, ties to even.
func roundInt(v Value, prec int) (Value, error) {
	n, _ := bigOf(v)
	if prec >= 0 {
		return normBig(n), nil
	}
	if -prec > n.BitLen() {
		return 0, nil
	}
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-prec)), nil)
	q, r := new(big.Int).DivMod(n, p, new(big.Int))
	c := new(big.Int).Lsh(r, 1).Cmp(p)
	if c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	return normBig(q.Mul(q, p)), nil
}

func fileSizeFilter(a []Value, _ *Call) (Value, error) {
	v, err := floatFilter([]Value{a[0], nil}, nil)
	if err != nil {
		return nil, err
	}
	size, ok := v.(float64)
	if !ok {
		if _, ok := a[0].(string); !ok {
			return nil, typeError("float() argument must be a string or a real number, not '%s'", typeName(a[0]))
		}
		return nil, valueError("could not convert string to float: %s", Repr(a[0]))
	}
	base, suffix := 1000.0, "B"
	if Truth(a[1]) {
		base, suffix = 1024, "iB"
	}
	switch {
	case size == 1:
		return "1 Byte", nil
	case size < base:
		return formatFloat(math.Trunc(size)+0, 'f', 0, false) + " Bytes", nil
	}
	unit := base
	for i, p := range "kMGTPEZY" {
		unit = math.Pow(base, float64(i+2))
		if size < unit || p == 'Y' {
			prefix := string(p)
			if suffix == "iB" {
				prefix = strings.ToUpper(prefix)
			}
			return formatFloat(base*size/unit, 'f', 1, false) + " " + prefix + suffix, nil
		}
	}
	return nil, valueError("size %v is too large", unit)
}

// length counts the items of v.
func length(v Value) (int, error) {
	switch x := v.(type) {
	case string:
		return utf8.RuneCountInString(x), nil
	case *Dict:
		return x.Len(), nil
	case *Range:
		return x.len(), nil
	case *Undefined:
		return 0, nil
	case *loopContext:
		return x.len(), nil
	}
	if _, ok := v.(*namespace); ok {
		return 0, typeError("object of type 'Namespace' has no len()")
	}
	items, err := Items(v)
	if err != nil {
		return 0, typeError("object of type '%s' has no len()", typeName(v))
	}
	return len(items), nil
}

package jinja

import (
	"math/big"
	"slices"
	"strings"
)

// binary applies an arithmetic operator. Strings it builds are counted against the render's memory.
func (s *state) binary(op string, a, b Value) (Value, error) {
	a, b = plain(a), plain(b)
	if isNumber(a) && isNumber(b) {
		return arith(op, a, b)
	}
	if f, ok := a.(string); ok && op == "%" {
		return s.percentFormat(f, b)
	}
	for _, v := range []Value{a, b} {
		if u, ok := v.(*Undefined); ok {
			return nil, u.err()
		}
	}
	if v, ok := operate(op, a, b); ok {
		return v, nil
	}
	switch op {
	case "+":
		return s.add(a, b)
	case "*":
		return s.multiply(a, b)
	}
	return nil, unsupported(op, a, b)
}

func unsupported(op string, a, b Value) error {
	if op == "**" {
		op = "** or pow()"
	}
	return typeError("unsupported operand type(s) for %s: '%s' and '%s'", op, typeName(a), typeName(b))
}

func (s *state) add(a, b Value) (Value, error) {
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return x + y, s.spend(len(x) + len(y))
		}
		return nil, typeError(`can only concatenate str (not "%s") to str`, typeName(b))
	}
	x, ok := sequence(a)
	if !ok {
		return nil, unsupported("+", a, b)
	}
	if y, ok := sequence(b); ok && isA[*List](a) == isA[*List](b) {
		return sequenceLike(a, concat(x, y)), s.spendItems(len(x) + len(y))
	}
	return nil, typeError(`can only concatenate %[1]s (not "%[2]s") to %[1]s`, typeName(a), typeName(b))
}

// sequenceLike is a list of items or, if v is a tuple, a tuple.
func sequenceLike(v Value, items []Value) Value {
	if isA[*Tuple](v) {
		return NewTuple(items...)
	}
	return NewList(items...)
}

func concat(a, b []Value) []Value {
	out := make([]Value, 0, len(a)+len(b))
	return append(append(out, a...), b...)
}

// multiply repeats a sequence; numbers are done by then.
func (s *state) multiply(a, b Value) (Value, error) {
	n, ok := intOf(b)
	if !ok {
		if n, ok = intOf(a); !ok {
			return nil, unsupported("*", a, b)
		}
		a = b
	}
	n = max(n, 0)
	if x, ok := a.(string); ok {
		if err := s.spendTimes(len(x), n); err != nil {
			return nil, err
		}
		return strings.Repeat(x, n), nil
	}
	items, ok := sequence(a)
	if !ok {
		return nil, unsupported("*", a, b)
	}
	if err := s.spendTimes(len(items)*itemSize, n); err != nil {
		return nil, err
	}
	if len(items) == 0 {
		n = 0
	}
	return sequenceLike(a, slices.Repeat(items, n)), nil
}

// unary applies + or -.
func unary(op string, v Value) (Value, error) {
	switch x := v.(type) {
	case int, bool, *big.Int:
		if op == "+" {
			return arith("+", 0, x)
		}
		return arith("-", 0, x)
	case float64:
		if op == "-" {
			return -x, nil
		}
		return x, nil
	case *Decimal:
		return unaryDecimal(op, x)
	case *Undefined:
		return nil, x.err()
	case Operand:
		factor := 1
		if op == "-" {
			factor = -1
		}
		if v, ok := x.Operate("*", factor, false); ok {
			return FromGo(v), nil
		}
	}
	return nil, typeError("bad operand type for unary %s: '%s'", op, typeName(v))
}

// contains is Python's `item in seq`.
func contains(seq, item Value) (bool, error) {
	item = plain(item)
	switch c := plain(seq).(type) {
	case string:
		sub, ok := item.(string)
		if !ok {
			return false, typeError("'in <string>' requires string as left operand, not %s", typeName(item))
		}
		return strings.Contains(c, sub), nil
	case *Dict:
		if _, err := hashKey(item); err != nil {
			return false, err
		}
		_, ok := c.Get(item)
		return ok, nil
	case *Range:
		n, ok := wholeInt(item)
		return ok && c.contains(n), nil
	case *generator:
		for c.next < len(c.items) {
			x := c.items[c.next]
			c.next++
			if equal(x, item) {
				return true, nil
			}
		}
		return false, nil
	case nil, bool, int, float64, *big.Int, *Decimal, *Macro, Func, *method:
		return false, typeError("argument of type '%s' is not iterable", typeName(c))
	}
	items, err := Items(seq)
	if err != nil {
		return false, err
	}
	for _, x := range items {
		if equal(x, item) {
			return true, nil
		}
	}
	return false, nil
}

// wholeInt gives the int that a number is equal to.
func wholeInt(v Value) (int, bool) {
	switch x := v.(type) {
	case float64:
		return int(x), x == float64(int(x))
	case *Decimal:
		whole, err := x.integer()
		n, ok := whole.(int)
		return n, err == nil && ok && compareDecimal(x, n) == 0
	}
	return intOf(v)
}

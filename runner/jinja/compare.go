package jinja

import (
	"math/big"
	"reflect"
	"strings"
)

// walker compares and converts nested values and gives up on huge ones: a list that contains another twice, which contains another twice
// and so on, is small in memory but endless to walk.
type walker struct{ steps int }

// maxSteps bounds a single comparison.
const maxSteps = 1_000_000

// equal is Python's ==. What takes too long to compare is unequal.
func equal(a, b Value) bool { return new(walker).equal(plain(a), plain(b), 0) }

func (c *walker) equal(a, b Value, depth int) bool {
	c.steps++
	if depth > maxNesting || c.steps > maxSteps {
		return false
	}
	if isNumber(a) && isNumber(b) {
		return compareNumbers(a, b) == 0
	}
	switch x := a.(type) {
	case string:
		y, ok := b.(string)
		return ok && x == y
	case nil:
		return b == nil
	case *List:
		y, ok := b.(*List)
		return ok && (x == y || c.equalItems(x.Items, y.Items, depth))
	case *Tuple:
		y, ok := b.(*Tuple)
		return ok && (x == y || c.equalItems(x.Items, y.Items, depth))
	case *Dict:
		y, ok := b.(*Dict)
		return ok && (x == y || c.equalDicts(x, y, depth))
	case *Undefined:
		_, ok := b.(*Undefined)
		return ok
	case *Range:
		y, ok := b.(*Range)
		n := x.len()
		return ok && n == y.len() && (n == 0 || x.start == y.start && (n == 1 || x.step == y.step))
	case *dictView:
		y, ok := b.(*dictView)
		return ok && (x == y || x.kind != "dict_values" && sameSet(x.items(), y.items()))
	case Equaler:
		return x.Equal(b)
	}
	if y, ok := b.(Equaler); ok {
		return y.Equal(a)
	}
	return sameAs(a, b)
}

func sameSet(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if ok, _ := contains(NewList(b...), x); !ok {
			return false
		}
	}
	return true
}

// sameAs compares identity for what has one.
func sameAs(a, b Value) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	ta, tb := reflect.TypeOf(a), reflect.TypeOf(b)
	return ta == tb && ta.Comparable() && reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}

func (c *walker) equalItems(a, b []Value, depth int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !c.equal(plain(a[i]), plain(b[i]), depth+1) {
			return false
		}
	}
	return true
}

func (c *walker) equalDicts(a, b *Dict, depth int) bool {
	if a.Len() != b.Len() {
		return false
	}
	for _, e := range a.entries {
		i := b.find(e.hash)
		if i < 0 || !c.equal(plain(e.val), plain(b.entries[i].val), depth+1) {
			return false
		}
	}
	return true
}

// compareNumbers orders two numbers; with NaN it gives 2, which is neither less, equal nor greater.
func compareNumbers(a, b Value) int {
	x, ok1 := intOf(a)
	y, ok2 := intOf(b)
	switch {
	case ok1 && ok2 && x < y:
		return -1
	case ok1 && ok2 && x > y:
		return 1
	case ok1 && ok2:
		return 0
	}
	if isDecimal(a) || isDecimal(b) {
		return compareDecimal(a, b)
	}
	_, fa := a.(float64)
	_, fb := b.(float64)
	if !fa && !fb {
		m, _ := bigOf(a)
		n, _ := bigOf(b)
		return m.Cmp(n)
	}
	f, _ := floatOf(a)
	g, _ := floatOf(b)
	switch {
	case f < g:
		return -1
	case f > g:
		return 1
	case f == g:
		return exactCompare(a, b)
	}
	return 2
}

// exactCompare settles numbers whose floats are equal: a float cannot tell large neighbouring integers apart.
func exactCompare(a, b Value) int {
	x, y := exact(a), exact(b)
	if x == nil || y == nil {
		return 0
	}
	return x.Cmp(y)
}

func exact(v Value) *big.Float {
	if f, ok := v.(float64); ok {
		if f-f != 0 {
			return nil
		}
		return big.NewFloat(f)
	}
	n, _ := bigOf(v)
	return new(big.Float).SetInt(n)
}

// Compare orders two values as <, == and > do: -1, 0 or 1. The error is Python's TypeError for what has no order.
func Compare(a, b Value) (int, error) {
	n, err := order("<", a, b)
	if err == nil && n == 2 {
		return 0, fail(KindValue, "%s and %s have no order", Repr(a), Repr(b))
	}
	return n, err
}

// order compares for <, <=, > and >=; op is only for the message. The result is -1, 0, 1, or 2 for unordered.
func order(op string, a, b Value) (int, error) {
	return new(walker).order(op, plain(a), plain(b), 0)
}

func (c *walker) order(op string, a, b Value, depth int) (int, error) {
	if c.steps++; depth > maxNesting || c.steps > maxSteps {
		return 0, fail(KindRecursion, "maximum recursion depth exceeded in comparison")
	}
	if isNumber(a) && isNumber(b) {
		return compareNumbers(a, b), orderedNumbers(a, b)
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), nil
		}
	case *List:
		if y, ok := b.(*List); ok {
			return c.orderItems(op, x.Items, y.Items, depth)
		}
	case *Tuple:
		if y, ok := b.(*Tuple); ok {
			return c.orderItems(op, x.Items, y.Items, depth)
		}
	case *Undefined:
		return 0, x.err()
	}
	if u, ok := b.(*Undefined); ok {
		return 0, u.err()
	}
	if n, ok := compareHost(a, b); ok {
		return n, nil
	}
	return 0, typeError("'%s' not supported between instances of '%s' and '%s'", op, typeName(a), typeName(b))
}

func (c *walker) orderItems(op string, a, b []Value, depth int) (int, error) {
	for i := range min(len(a), len(b)) {
		x, y := plain(a[i]), plain(b[i])
		if !c.equal(x, y, depth+1) {
			return c.order(op, x, y, depth+1)
		}
	}
	return compareNumbers(len(a), len(b)), nil
}

// compareOp is one comparison of a chain.
func compareOp(op string, a, b Value) (bool, error) {
	switch op {
	case "==":
		return equal(a, b), nil
	case "!=":
		return !equal(a, b), nil
	case "in":
		return contains(b, a)
	case "not in":
		ok, err := contains(b, a)
		return !ok, err
	}
	c, err := order(op, a, b)
	if err != nil || c == 2 {
		return false, err
	}
	switch op {
	case "<":
		return c < 0, nil
	case "<=":
		return c <= 0, nil
	case ">":
		return c > 0, nil
	}
	return c >= 0, nil
}

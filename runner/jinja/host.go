package jinja

// What follows are more interfaces that an Object may implement, for values that behave as Python's own do: dates that
// can be subtracted and compared, relations that are equal.

// Operand is an Object that takes part in arithmetic. op is "+", "-", "*", "/", "//", "%" or "**"; reflected tells that
// the Object stands on the right. It returns false for what it cannot do.
type Operand interface {
	Operate(op string, other Value, reflected bool) (Value, bool)
}

// Comparable is an Object with an order: negative, 0 or positive as the Object is before, equal to or behind other. It
// returns false for what it cannot be compared with.
type Comparable interface {
	Compare(other Value) (int, bool)
}

// Equaler is an Object that may be equal to another one. Without it, an Object is equal only to itself.
type Equaler interface {
	Equal(other Value) bool
}

// Typed is an Object that has a name for its type, for messages.
type Typed interface {
	TypeName() string
}

// Representer is an Object that prints otherwise within a list than alone, as Python's dates do.
type Representer interface {
	Repr() string
}

// Complete marks an Object that is known in full: an attribute that it lacks is a mistake, as a name is that nothing
// defines.
type Complete interface {
	Complete() bool
}

// Mapping marks an Object that passes the test mapping.
type Mapping interface {
	Keys() []Value
}

// Hashable is an Object that can be a key of a dict: two of one type with the same hash are the same key.
type Hashable interface {
	Hash() string
}

// operate lets the host's objects do arithmetic.
func operate(op string, a, b Value) (Value, bool) {
	if x, ok := a.(Operand); ok {
		if v, ok := x.Operate(op, b, false); ok {
			return FromGo(v), true
		}
	}
	if y, ok := b.(Operand); ok {
		if v, ok := y.Operate(op, a, true); ok {
			return FromGo(v), true
		}
	}
	return nil, false
}

// compareHost orders values of which one is an object of the host.
func compareHost(a, b Value) (int, bool) {
	if x, ok := a.(Comparable); ok {
		if c, ok := x.Compare(b); ok {
			return sign(c), true
		}
	}
	if y, ok := b.(Comparable); ok {
		if c, ok := y.Compare(a); ok {
			return -sign(c), true
		}
	}
	return 0, false
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

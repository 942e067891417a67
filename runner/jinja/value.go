package jinja

import (
	"fmt"
	"math/big"
	"strings"
)

// Value is a template value. Its dynamic types and what they are in Python:
//
//	nil        None            *List       list
//	bool       bool            *Tuple      tuple
//	int        int             *Dict       dict
//	*big.Int   int, when it    *Undefined  jinja2.Undefined
//	           exceeds int     *Macro      macro, caller
//	float64    float           Func        function
//	*Decimal   decimal.Decimal Object      any object of the host
//	string     str
//
// A few more types are internal (range, generator, dict views, text that knows where it comes from); use Str, Items and
// ToGo to look into a Value without knowing them.
type Value = any

// Func is a host function, filter or test. A filter or test finds the value it is applied to in call.Args[0]. What it
// returns goes through FromGo. It may be called from several goroutines.
type Func func(call *Call) (any, error)

// Object is a host value with attributes. It may also implement the optional interfaces Itemer, Caller, Iterable,
// Truther and fmt.Stringer, and those of host.go.
type Object interface {
	Attr(name string) (Value, bool)
}

// Itemer is an Object with obj[key].
type Itemer interface {
	Item(key Value) (Value, bool)
}

// Caller is an Object that can be called.
type Caller interface {
	Call(call *Call) (any, error)
}

// Iterable is an Object that can be iterated and has a length.
type Iterable interface {
	Iterate() []Value
}

// Truther is an Object that can be false. Others are true.
type Truther interface {
	Truth() bool
}

// List is a mutable Python list.
type List struct{ Items []Value }

// NewList makes a list that owns items.
func NewList(items ...Value) *List { return &List{Items: items} }

// Tuple is an immutable Python tuple.
type Tuple struct {
	Items []Value
	names []string // attribute names, for the named tuples of groupby
}

// NewTuple makes a tuple that owns items.
func NewTuple(items ...Value) *Tuple { return &Tuple{Items: items} }

// Text is a string that remembers where its pieces stand in the templates.
type text struct {
	s      string
	segs   []segment
	markup bool // already escaped
}

// Undefined is the value of what does not exist. It prints as "" and fails on nearly everything else.
type Undefined struct {
	name string
	msg  string // overrides the message built from name
	hint func() string
	// unbound marks a name that nothing in the template sets and the host does not know: a mistake, most likely
	unbound bool
}

// NewUndefined makes the undefined value that fails with the given message when used.
func NewUndefined(name, message string) *Undefined { return &Undefined{name: name, msg: message} }

// Name is the missing variable or attribute.
func (u *Undefined) Name() string { return u.name }

func (u *Undefined) err() *Error {
	msg := u.msg
	if msg == "" {
		msg = reprStr(u.name) + " is undefined"
	}
	e := fail(KindUndefined, "%s", msg)
	if u.hint != nil {
		e.Hint = u.hint()
	}
	return e
}

// generator is an iterator that a filter returned: it can be walked once.
type generator struct {
	items []Value
	next  int
}

func (g *generator) rest() []Value { return g.items[g.next:] }

func newGenerator(items []Value) *generator { return &generator{items: items} }

// method is a method bound to its object.
type method struct {
	recv Value
	name string
	fn   methodFunc
}

// plain drops the origin of a text, so that only string remains to be handled.
func plain(v Value) Value {
	if t, ok := v.(*text); ok {
		return t.s
	}
	return v
}

// Str gives the string in v, if v is one.
func Str(v Value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case *text:
		return v.s, true
	}
	return "", false
}

// typeName is the Python name of v's type.
func typeName(v Value) string {
	switch v := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int, *big.Int:
		return "int"
	case float64:
		return "float"
	case *Decimal:
		return "decimal.Decimal"
	case string, *text:
		return "str"
	case *List:
		return "list"
	case *Tuple:
		return "tuple"
	case *Dict:
		return "dict"
	case *Undefined:
		return "Undefined"
	case *generator:
		return "generator"
	case *Range:
		return "range"
	case *dictView:
		return v.kind
	case *Macro:
		return "Macro"
	case *namespace:
		return "Namespace"
	case *Module:
		return "TemplateModule"
	case *loopContext:
		return "LoopContext"
	case *method:
		return "builtin_function_or_method"
	case Func:
		return "function"
	case Typed:
		return v.TypeName()
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", v), "*")
}

// Truth is Python's bool(v).
func Truth(v Value) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int:
		return v != 0
	case *big.Int:
		return v.Sign() != 0
	case float64:
		return v != 0
	case *Decimal:
		return v.truth()
	case string:
		return v != ""
	case *text:
		return v.s != ""
	case *List:
		return len(v.Items) > 0
	case *Tuple:
		return len(v.Items) > 0
	case *Dict:
		return v.Len() > 0
	case *Undefined:
		return false
	case *Range:
		return v.len() > 0
	case *dictView:
		return v.d.Len() > 0
	case Truther:
		return v.Truth()
	}
	return true
}

// FromGo turns a Go value into a Value: strings, booleans, all integers and floats, nil, []any, []string,
// map[string]any (sorted by key), and functions of Func's shape. Values pass unchanged, and so does anything unknown,
// which templates can then only print and hand on.
func FromGo(v any) Value {
	switch v := v.(type) {
	case nil, bool, int, float64, string, *List, *Tuple, *Dict, Func:
		return v
	case func(*Call) (any, error):
		return Func(v)
	case int64:
		return int(v)
	case int32:
		return int(v)
	case uint64:
		return normBig(new(big.Int).SetUint64(v))
	case uint:
		return normBig(new(big.Int).SetUint64(uint64(v)))
	case uint32:
		return int(v)
	case float32:
		return float64(v)
	case []any:
		items := make([]Value, len(v))
		for i, x := range v {
			items[i] = FromGo(x)
		}
		return NewList(items...)
	case []string:
		items := make([]Value, len(v))
		for i, x := range v {
			items[i] = x
		}
		return NewList(items...)
	case map[string]any:
		return dictFromMap(v)
	}
	return v
}

func dictFromMap(m map[string]any) *Dict {
	d := NewDict()
	for _, k := range sortedKeys(m) {
		d.Set(k, FromGo(m[k]))
	}
	return d
}

// ToGo turns a Value into plain Go: list, tuple, range and generator become []any, dict becomes map[string]any with
// keys printed, undefined becomes nil, decimal becomes float64, int and float stay; anything else is returned as it is.
// Containers that contain themselves are cut at a depth of 100, huge ones at a million values.
func ToGo(v Value) any { return new(walker).toGo(v, 0) }

// toGo walks at most maxSteps values.
func (c *walker) toGo(v Value, depth int) any {
	if c.steps++; depth > maxNesting || c.steps > maxSteps {
		return nil
	}
	switch v := v.(type) {
	case *text:
		return v.s
	case *Undefined:
		return nil
	case *Decimal:
		return v.float()
	case *List, *Tuple, *Range, *generator, *dictView:
		items, _ := Items(v)
		out := make([]any, len(items))
		for i, x := range items {
			out[i] = c.toGo(x, depth+1)
		}
		return out
	case *Dict:
		out := make(map[string]any, v.Len())
		for _, e := range v.entries {
			out[ToString(e.key)] = c.toGo(e.val, depth+1)
		}
		return out
	}
	return v
}

// maxNesting bounds how deep comparing, printing and converting follow containers.
const maxNesting = 100

// maxRange bounds how many items a range yields at once when no render's limit is at hand.
const maxRange = 10_000_000

// Items lists what iterating v yields; the error is Python's TypeError for what cannot be iterated. The result must not
// be changed. A generator is not consumed.
func Items(v Value) ([]Value, error) {
	switch v := v.(type) {
	case *List:
		return v.Items, nil
	case *Tuple:
		return v.Items, nil
	case *Dict:
		return v.Keys(), nil
	case *dictView:
		return v.items(), nil
	case string:
		return runeStrings(v), nil
	case *text:
		return runeStrings(v.s), nil
	case *Range:
		if v.len() > maxRange {
			return nil, fail(KindLimit, "range of %d items is too large", v.len())
		}
		return v.items(), nil
	case *generator:
		return v.rest(), nil
	case *Undefined:
		return nil, nil
	case *namespace:
		return nil, typeError("'Namespace' object is not iterable")
	case Iterable:
		return v.Iterate(), nil
	}
	return nil, typeError("'%s' object is not iterable", typeName(v))
}

func runeStrings(s string) []Value {
	out := make([]Value, 0, len(s))
	for i := 0; i < len(s); {
		n := runeLen(s[i:])
		out = append(out, s[i:i+n])
		i += n
	}
	return out
}

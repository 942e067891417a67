package jinja

import (
	"math"
	"math/big"

	"elt/runner"
)

// methodFunc is the code of a method of a built-in type.
type methodFunc func(recv Value, c *Call) (Value, error)

// methodOf makes a method of a function and its parameters.
func methodOf[T any](fn func(recv T, a []Value, c *Call) (Value, error), params ...ArgSpec) methodFunc {
	return func(recv Value, c *Call) (Value, error) {
		a, err := c.Bind(params...)
		if err != nil {
			return nil, err
		}
		return fn(recv.(T), a, c)
	}
}

// The methods of the built-in types; init fills them because methods that call back lead to them again.
var strMethods, listMethods, tupleMethods, dictMethods, rangeMethods map[string]methodFunc

func init() {
	strMethods, listMethods, dictMethods = stringMethodTable(), listMethodTable(), dictMethodTable()
	tupleMethods = map[string]methodFunc{"index": listMethods["index"], "count": listMethods["count"]}
	rangeMethods = rangeMethodTable()
}

// builtinAttr finds an attribute or method of a built-in value, not an item of it.
func builtinAttr(v Value, name string) (Value, bool) {
	var fn methodFunc
	switch x := v.(type) {
	case string:
		fn = strMethods[name]
	case *List:
		fn = listMethods[name]
	case *Tuple:
		for i, n := range x.names {
			if n == name {
				return x.Items[i], true
			}
		}
		fn = tupleMethods[name]
	case *Dict:
		fn = dictMethods[name]
	case int, bool, *big.Int, float64:
		return numberAttr(v, name)
	case *Decimal:
		return decimalAttr(x, name)
	case *Range:
		fn = rangeMethods[name]
	case *loopContext:
		return x.attr(name)
	case *namespace:
		return x.vars.Get(name)
	case *Macro:
		return x.attr(name)
	case Object:
		return x.Attr(name)
	}
	if fn == nil {
		return nil, false
	}
	return &method{v, name, fn}, true
}

// getAttr is v.name: an attribute, else an item, else undefined.
func getAttr(v Value, name string) (Value, error) {
	v = plain(v)
	if x, ok := builtinAttr(v, name); ok {
		return FromGo(x), nil
	}
	if x, ok := item(v, name); ok {
		return x, nil
	}
	return missing(v, name), nil
}

// getItem is v[key]: an item, else an attribute, else undefined.
func getItem(v, key Value) (Value, error) {
	if x, ok := item(v, key); ok {
		return x, nil
	}
	if name, ok := key.(string); ok {
		if x, ok := builtinAttr(v, name); ok {
			return FromGo(x), nil
		}
	}
	return missing(v, key), nil
}

// item finds v[key] for types that have items.
func item(v, key Value) (Value, bool) {
	switch x := v.(type) {
	case *Dict:
		return x.Get(key)
	case Itemer:
		r, ok := x.Item(key)
		return FromGo(r), ok
	case *Range:
		i, ok := index(key, x.len())
		if !ok {
			return nil, false
		}
		return x.at(i), true
	case string:
		r, ok := newRuneString(x), false
		i := 0
		if i, ok = index(key, r.len()); !ok {
			return nil, false
		}
		return r.slice(i, i+1), true
	}
	items, ok := sequence(v)
	if !ok {
		return nil, false
	}
	i, ok := index(key, len(items))
	if !ok {
		return nil, false
	}
	return items[i], true
}

// sequence gives the items of a list or tuple.
func sequence(v Value) ([]Value, bool) {
	switch x := v.(type) {
	case *List:
		return x.Items, true
	case *Tuple:
		return x.Items, true
	}
	return nil, false
}

// index turns a possibly negative subscript into one from 0 to n-1.
func index(key Value, n int) (int, bool) {
	i, ok := intOf(key)
	if i < 0 {
		i += n
	}
	return i, ok && i >= 0 && i < n
}

// missing is the undefined value of an attribute or item that v does not have.
func missing(v, key Value) *Undefined {
	what := objectName(v)
	name, ok := key.(string)
	if !ok {
		return NewUndefined("", what+" has no element "+Repr(key))
	}
	u := NewUndefined(name, reprStr(what)+" has no attribute "+reprStr(name))
	u.hint = func() string { return runner.DidYouMean(name, attrNames(v)) }
	if c, ok := v.(Complete); ok {
		u.unbound = c.Complete()
	}
	return u
}

// objectName describes v in messages, as Jinja2 does.
func objectName(v Value) string {
	switch v.(type) {
	case nil:
		return "None"
	case *namespace:
		return "jinja2.utils.Namespace object"
	case *Module:
		return "jinja2.environment.TemplateModule object"
	}
	return typeName(v) + " object"
}

// attrNames lists what could have been meant by a missing attribute.
func attrNames(v Value) []string {
	var d *Dict
	switch x := v.(type) {
	case *Dict:
		d = x
	case *namespace:
		d = x.vars
	case *Module:
		var names []string
		for _, b := range x.f.vars {
			names = append(names, b.name)
		}
		return names
	case Namer:
		return x.Names()
	default:
		return nil
	}
	names := make([]string, 0, d.Len())
	for _, k := range d.Keys() {
		names = append(names, ToString(k))
	}
	return names
}

func numberAttr(v Value, name string) (Value, bool) {
	f, isFloat := v.(float64)
	switch name {
	case "real", "numerator":
		if isFloat && name == "numerator" {
			return nil, false
		}
		n, _ := unary("+", v)
		return n, true
	case "imag":
		if isFloat {
			return 0.0, true
		}
		return 0, true
	case "denominator":
		return 1, !isFloat
	case "is_integer":
		if !isFloat {
			return nil, false
		}
		return &method{v, name, func(Value, *Call) (Value, error) { return f == math.Trunc(f), nil }}, true
	case "bit_length":
		if isFloat {
			return nil, false
		}
		return &method{v, name, func(Value, *Call) (Value, error) {
			n, _ := bigOf(v)
			return n.BitLen(), nil
		}}, true
	}
	return nil, false
}

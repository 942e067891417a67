package jinja

import (
	"sort"
	"strings"

	"elt/runner"
)

// mapFilter is map(attribute='x', default=y) and map('filter', args…).
func mapFilter(c *Call) (any, error) {
	if none(c.Args[0]) {
		return newGenerator(nil), nil
	}
	apply, err := mapper(c)
	if err != nil {
		return nil, err
	}
	items, err := c.s.drain(c.Args[0])
	if err != nil {
		return nil, err
	}
	out := make([]Value, len(items))
	for i, x := range items {
		if err := c.s.tick(); err != nil {
			return nil, err
		}
		if out[i], err = apply(x); err != nil {
			return nil, err
		}
	}
	return newGenerator(plainAll(out)), c.s.spendItems(len(out))
}

// none tells the false values, which map and select take for an empty sequence, as in Jinja2.
func none(v Value) bool { return !Truth(v) && !isUndefined(v) }

func mapper(c *Call) (func(Value) (Value, error), error) {
	if attr, ok := c.Kwargs.Get("attribute"); ok && len(c.Args) == 1 {
		dflt, _ := c.Kwargs.Get("default")
		for _, e := range c.Kwargs.entries {
			if e.key != "attribute" && e.key != "default" {
				return nil, fail("FilterArgumentError", "unexpected keyword argument %s", Repr(e.key))
			}
		}
		return newGetter(attr, false, true, dflt).get, nil
	}
	if len(c.Args) < 2 {
		return nil, fail("FilterArgumentError", "map requires a filter argument")
	}
	return func(x Value) (Value, error) {
		return c.s.filterByName(c.Args[1], c.again(x, c.Args[2:]))
	}, nil
}

// again is a call with the same keywords on another value.
func (c *Call) again(x Value, rest []Value) *Call {
	args := append(make([]Value, 0, len(rest)+1), x)
	return &Call{Args: append(args, rest...), Kwargs: c.Kwargs, s: c.s, at: c.at}
}

// selectFilter is select, reject, selectattr and rejectattr.
func selectFilter(want, byAttr bool) Func {
	return func(c *Call) (any, error) {
		if none(c.Args[0]) {
			return newGenerator(nil), nil
		}
		rest := c.Args[1:]
		read := func(x Value) (Value, error) { return x, nil }
		if byAttr {
			if len(rest) == 0 {
				return nil, fail("FilterArgumentError", "missing parameter for attribute name")
			}
			read = newGetter(rest[0], false, true, nil).get
			rest = rest[1:]
		}
		items, err := c.s.drain(c.Args[0])
		if err != nil {
			return nil, err
		}
		var out []Value
		for _, x := range items {
			if err := c.s.tick(); err != nil {
				return nil, err
			}
			v, err := read(x)
			if err != nil {
				return nil, err
			}
			ok, err := c.s.testByName(v, rest, c)
			if err != nil {
				return nil, err
			}
			if ok == want {
				out = append(out, x)
			}
		}
		return newGenerator(out), c.s.spendItems(len(out))
	}
}

// testByName applies the test that the first argument names, or truth.
func (s *state) testByName(v Value, args []Value, c *Call) (bool, error) {
	if len(args) == 0 {
		return Truth(v), nil
	}
	name, _ := Str(args[0])
	fn, ok := s.env.tests[name]
	if !ok {
		e := fail(KindRuntime, "no test named %s", Repr(args[0]))
		e.Hint = runner.DidYouMean(name, s.env.testNames())
		return false, e
	}
	call := c.again(v, args[1:])
	call.name = name
	return s.applyTest(fn, call)
}

func mappingFilters() map[string]Func {
	return map[string]Func{
		"items":    bindFilter(itemsFilter),
		"dictsort": bindFilter(dictSortFilter, Optional("case_sensitive", false), Optional("by", "key"), Optional("reverse", false)),
		"attr":     bindFilter(attrFilter, Required("name")),
		"xmlattr":  bindFilter(xmlAttrFilter, Optional("autospace", true)),
		"tojson":   bindFilter(toJSONFilter, Optional("indent", nil)),
	}
}

func itemsFilter(a []Value, _ *Call) (Value, error) {
	switch x := a[0].(type) {
	case *Undefined:
		return newGenerator(nil), nil
	case *Dict:
		return newGenerator((&dictView{x, "dict_items"}).items()), nil
	}
	return nil, typeError("can only get item pairs from a mapping")
}

func dictSortFilter(a []Value, _ *Call) (Value, error) {
	by, _ := Str(a[2])
	if by != "key" && by != "value" {
		return nil, fail("FilterArgumentError", `you can only sort by either "key" or "value"`)
	}
	d, ok := a[0].(*Dict)
	if !ok {
		return nil, notMapping(a[0], "dictsort")
	}
	pairs := (&dictView{d, "dict_items"}).items()
	keys := make([]Value, len(pairs))
	for i, p := range pairs {
		k := p.(*Tuple).Items[boolInt(by == "value")]
		if s, ok := k.(string); ok && !Truth(a[1]) {
			k = lower(s)
		}
		keys[i] = k
	}
	sorted, err := sortBy(pairs, keys, Truth(a[3]))
	return NewList(sorted...), err
}

func notMapping(v Value, filter string) error {
	if u, ok := v.(*Undefined); ok {
		return u.err()
	}
	return fail(kindAttribute, "%s needs a mapping, not %s", filter, typeName(v))
}

func attrFilter(a []Value, _ *Call) (Value, error) {
	name, err := needStr(a[1], "attribute name")
	if err != nil {
		return nil, err
	}
	if u, ok := a[0].(*Undefined); ok {
		return nil, u.err()
	}
	if v, ok := builtinAttr(a[0], name); ok {
		return FromGo(v), nil
	}
	return missing(a[0], name), nil
}

func xmlAttrFilter(a []Value, _ *Call) (Value, error) {
	d, ok := a[0].(*Dict)
	if !ok {
		return nil, notMapping(a[0], "xmlattr")
	}
	var parts []string
	for _, e := range d.entries {
		if _, undef := e.val.(*Undefined); undef || e.val == nil {
			continue
		}
		key := ToString(e.key)
		if strings.ContainsAny(key, " \t\n\f\r/>=") {
			return nil, valueError("invalid character in attribute name: %s", reprStr(key))
		}
		parts = append(parts, escape(key)+`="`+escape(ToString(e.val))+`"`)
	}
	out := strings.Join(parts, " ")
	if Truth(a[1]) && out != "" {
		out = " " + out
	}
	return &text{s: out, markup: true}, nil
}

func sortedEntries(d *Dict) ([]entry, error) {
	out := append([]entry(nil), d.entries...)
	var failed error
	sort.SliceStable(out, func(i, j int) bool {
		c, err := order("<", out[i].key, out[j].key)
		if err != nil {
			failed = err
		}
		return c == -1
	})
	return out, failed
}

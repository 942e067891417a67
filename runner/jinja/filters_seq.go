package jinja

import (
	"slices"
	"strings"
)

func sequenceFilters() map[string]Func {
	attribute := Optional("attribute", nil)
	cased := Optional("case_sensitive", false)
	return map[string]Func{
		"length":  bindFilter(func(a []Value, _ *Call) (Value, error) { return length(a[0]) }),
		"first":   bindFilter(firstFilter),
		"last":    bindFilter(lastFilter),
		"list":    seqFilter(func(items, _ []Value, _ *Call) (Value, error) { return NewList(concat(nil, items)...), nil }),
		"sort":    bindFilter(sortFilter, Optional("reverse", false), cased, attribute),
		"unique":  bindFilter(uniqueFilter, cased, attribute),
		"reverse": bindFilter(reverseFilter),
		"batch":   seqFilter(batchFilter, integer(Required("linecount")), Optional("fill_with", nil)),
		"slice":   seqFilter(sliceFilter, Required("slices"), Optional("fill_with", nil)),
		"sum":     seqFilter(sumFilter, attribute, Optional("start", 0)),
		"min":     bindFilter(extremeFilter("<"), cased, attribute),
		"max":     bindFilter(extremeFilter(">"), cased, attribute),
		"groupby": bindFilter(groupByFilter, Required("attribute"), Optional("default", nil), cased),
		"map":     mapFilter,
		"select":  selectFilter(true, false),
		"reject":  selectFilter(false, false),

		"selectattr": selectFilter(true, true),
		"rejectattr": selectFilter(false, true),
	}
}

// seqFilter makes a filter of a function that gets the items of the value, too.
func seqFilter(fn func(items, a []Value, c *Call) (Value, error), params ...ArgSpec) Func {
	return bindFilter(func(a []Value, c *Call) (Value, error) {
		items, err := c.s.drain(a[0])
		if err != nil {
			return nil, err
		}
		return fn(items, a, c)
	}, params...)
}

func firstFilter(a []Value, c *Call) (Value, error) {
	if g, ok := a[0].(*generator); ok && len(g.rest()) > 0 {
		g.next++
		return g.items[g.next-1], nil
	}
	items, err := c.s.drain(a[0])
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return NewUndefined("", "No first item, sequence was empty."), nil
	}
	return items[0], nil
}

func lastFilter(a []Value, c *Call) (Value, error) {
	if _, ok := a[0].(*generator); ok {
		return nil, typeError("'generator' object is not reversible")
	}
	items, err := c.s.drain(a[0])
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return NewUndefined("", "No last item, sequence was empty."), nil
	}
	return items[len(items)-1], nil
}

// getter reads an attribute path such as a.b.0 from an item, as the filters' attribute arguments do.
type getter struct {
	paths [][]Value // several for `a,b`; none: the item itself
	fold  bool      // lower strings, to compare without case
	dflt  Value     // what replaces undefined, if not nil
	multi bool
}

func newGetter(attribute Value, multi, caseSensitive bool, dflt Value) *getter {
	g := &getter{fold: !caseSensitive, dflt: dflt, multi: multi}
	if attribute == nil {
		return g
	}
	s, ok := Str(attribute)
	if !ok {
		g.paths = [][]Value{{attribute}}
		return g
	}
	parts := []string{s}
	if multi {
		parts = strings.Split(s, ",")
	}
	for _, p := range parts {
		var path []Value
		for _, name := range strings.Split(p, ".") {
			if n, ok := parseInt(name, 10); ok && isDigits(name) {
				path = append(path, n)
			} else {
				path = append(path, name)
			}
		}
		g.paths = append(g.paths, path)
	}
	return g
}

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDec(s[i]) {
			return false
		}
	}
	return s != ""
}

func (g *getter) get(item Value) (Value, error) {
	if len(g.paths) == 0 {
		return g.finish(item), nil
	}
	var keys []Value
	for _, p := range g.paths {
		v := item
		for _, name := range p {
			if u, ok := v.(*Undefined); ok {
				return nil, u.err()
			}
			var err error
			if v, err = getItem(plain(v), name); err != nil {
				return nil, err
			}
			if _, undef := v.(*Undefined); undef && g.dflt != nil {
				v = g.dflt
			}
		}
		keys = append(keys, g.finish(v))
	}
	if len(keys) == 1 && !g.multi {
		return keys[0], nil
	}
	return NewList(keys...), nil
}

func (g *getter) finish(v Value) Value {
	if s, ok := v.(string); ok && g.fold {
		return lower(s)
	}
	return v
}

// getAll reads the attribute of every item.
func (g *getter) getAll(c *Call, items []Value) ([]Value, error) {
	out := make([]Value, len(items))
	for i, x := range items {
		if err := c.s.tick(); err != nil {
			return nil, err
		}
		var err error
		if out[i], err = g.get(x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keyed drains v and reads the keys to compare its items by.
func keyed(c *Call, v Value, g *getter) (items, keys []Value, err error) {
	if items, err = c.s.drain(v); err != nil {
		return nil, nil, err
	}
	keys, err = g.getAll(c, items)
	return items, keys, err
}

func sortFilter(a []Value, c *Call) (Value, error) {
	items, keys, err := keyed(c, a[0], newGetter(a[3], true, Truth(a[2]), nil))
	if err != nil {
		return nil, err
	}
	sorted, err := sortBy(items, keys, Truth(a[1]))
	return NewList(sorted...), err
}

func uniqueFilter(a []Value, c *Call) (Value, error) {
	items, keys, err := keyed(c, a[0], newGetter(a[2], false, Truth(a[1]), nil))
	if err != nil {
		return nil, err
	}
	seen := NewDict()
	var out []Value
	for i, k := range keys {
		if _, ok := seen.Get(k); ok {
			continue
		}
		if err := seen.put(k, true); err != nil {
			return nil, err
		}
		out = append(out, items[i])
	}
	return newGenerator(out), nil
}

func reverseFilter(a []Value, c *Call) (Value, error) {
	if s, ok := a[0].(string); ok {
		r := []rune(s)
		for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
			r[i], r[j] = r[j], r[i]
		}
		return string(r), c.s.spend(len(s))
	}
	items, err := c.s.drain(a[0])
	if err != nil {
		return nil, fail("FilterArgumentError", "argument must be iterable")
	}
	if _, ok := a[0].(*generator); ok {
		return NewList(reversed(items)...), nil
	}
	return newGenerator(reversed(items)), nil
}

func batchFilter(items, a []Value, c *Call) (Value, error) {
	n := a[1].(int)
	if n < 1 { // Jinja2 closes a batch when its length equals n exactly, so that there is one
		n = len(items)
	}
	var out []Value
	for part := range slices.Chunk(items, max(n, 1)) {
		part = concat(nil, part)
		if a[2] != nil {
			if err := c.s.spendItems(max(a[1].(int)-len(part), 0)); err != nil {
				return nil, err
			}
			for len(part) < a[1].(int) {
				part = append(part, a[2])
			}
		}
		out = append(out, NewList(part...))
	}
	return newGenerator(out), nil
}

func sliceFilter(items, a []Value, c *Call) (Value, error) {
	n, err := needCount(a[1])
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fail(KindZeroDiv, "integer division or modulo by zero")
	}
	n = max(n, 0)
	if err := c.s.spendItems(n); err != nil {
		return nil, err
	}
	var out []Value
	for i := range n {
		per, extra := len(items)/n, len(items)%n
		part := concat(nil, items[i*per+min(i, extra):(i+1)*per+min(i+1, extra)])
		if a[2] != nil && i >= extra {
			part = append(part, a[2])
		}
		out = append(out, NewList(part...))
	}
	return newGenerator(out), nil
}

func sumFilter(items, a []Value, c *Call) (Value, error) {
	items, err := newGetter(a[1], false, true, nil).getAll(c, items)
	if err != nil {
		return nil, err
	}
	total := a[2]
	if _, ok := total.(string); ok {
		return nil, typeError("sum() can't sum strings [use ''.join(seq) instead]")
	}
	for _, x := range items {
		if total, err = c.s.binary("+", total, x); err != nil {
			return nil, err
		}
	}
	return total, nil
}

func extremeFilter(op string) func(a []Value, c *Call) (Value, error) {
	return func(a []Value, c *Call) (Value, error) {
		items, keys, err := keyed(c, a[0], newGetter(a[2], false, Truth(a[1]), nil))
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return NewUndefined("", "No aggregated item, sequence was empty."), nil
		}
		best := 0
		for i := 1; i < len(keys); i++ {
			better, err := compareOp(op, keys[i], keys[best])
			if err != nil {
				return nil, err
			}
			if better {
				best = i
			}
		}
		return items[best], nil
	}
}

func groupByFilter(a []Value, c *Call) (Value, error) {
	exact := newGetter(a[1], false, true, a[2])
	items, keys, err := keyed(c, a[0], newGetter(a[1], false, Truth(a[3]), a[2]))
	if err != nil {
		return nil, err
	}
	pairs := make([]Value, len(items))
	for i := range items {
		pairs[i] = NewTuple(keys[i], items[i])
	}
	if pairs, err = sortBy(pairs, keys, false); err != nil {
		return nil, err
	}
	var groups []Value
	var group *List
	var last Value
	for _, p := range pairs {
		key, item := p.(*Tuple).Items[0], p.(*Tuple).Items[1]
		if group == nil || !equal(key, last) {
			name, err := exact.get(item)
			if err != nil {
				return nil, err
			}
			group, last = NewList(), key
			groups = append(groups, &Tuple{[]Value{name, group}, []string{"grouper", "list"}})
		}
		group.Items = append(group.Items, item)
	}
	return NewList(groups...), nil
}

package jinja

import (
	"slices"
	"sort"
)

// drain lists what iterating v yields, consuming a generator and counting the items.
func (s *state) drain(v Value) ([]Value, error) {
	if err := s.printable(v); err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case *Range:
		if x.len() > s.env.limits.Iterations {
			return nil, fail(KindLimit, "range of %d items is too large", x.len())
		}
		if err := s.spendItems(x.len()); err != nil {
			return nil, err
		}
		return x.items(), nil
	case *generator:
		items := x.rest()
		x.next = len(x.items)
		return items, nil
	case string:
		if err := s.spendItems(len(x)); err != nil {
			return nil, err
		}
	}
	items, err := Items(v)
	if err != nil {
		return nil, err
	}
	return items, s.spendItems(len(items))
}

func listMethodTable() map[string]methodFunc {
	value := Required("value")
	return map[string]methodFunc{
		"append":  methodOf(listAppend, Required("object")),
		"extend":  methodOf(listExtend, Required("iterable")),
		"insert":  methodOf(listInsert, integer(Required("index")), Required("object")),
		"pop":     methodOf(listPop, integer(Optional("index", -1))),
		"remove":  methodOf(listRemove, value),
		"index":   methodOf(seqIndex, value, Optional("start", nil), Optional("stop", nil)),
		"count":   methodOf(seqCount, value),
		"sort":    methodOf(listSort, Optional("key", nil), Optional("reverse", false)),
		"reverse": methodOf(listReverse),
		"clear": methodOf(func(l *List, _ []Value, _ *Call) (Value, error) {
			l.Items = nil
			return nil, nil
		}),
		"copy": methodOf(func(l *List, _ []Value, c *Call) (Value, error) {
			return NewList(concat(nil, l.Items)...), c.s.spendItems(len(l.Items))
		}),
	}
}

func listAppend(l *List, a []Value, c *Call) (Value, error) {
	l.Items = append(l.Items, a[0])
	return nil, c.s.spendItems(1)
}

func listExtend(l *List, a []Value, c *Call) (Value, error) {
	items, err := c.s.drain(a[0])
	if err != nil {
		return nil, err
	}
	l.Items = append(l.Items, items...)
	return nil, c.s.spendItems(len(items))
}

func listInsert(l *List, a []Value, c *Call) (Value, error) {
	i := a[0].(int)
	if i < 0 {
		i += len(l.Items)
	}
	l.Items = slices.Insert(slices.Clip(l.Items), min(max(i, 0), len(l.Items)), a[1])
	return nil, c.s.spendItems(len(l.Items))
}

func listPop(l *List, a []Value, _ *Call) (Value, error) {
	if len(l.Items) == 0 {
		return nil, fail(KindIndex, "pop from empty list")
	}
	i, ok := index(a[0], len(l.Items))
	if !ok {
		return nil, fail(KindIndex, "pop index out of range")
	}
	v := l.Items[i]
	l.delete(i)
	return v, nil
}

func (l *List) delete(i int) {
	l.Items = append(l.Items[:i:i], l.Items[i+1:]...)
}

func find(items []Value, v Value) int {
	return slices.IndexFunc(items, func(x Value) bool { return equal(x, v) })
}

func listRemove(l *List, a []Value, _ *Call) (Value, error) {
	i := find(l.Items, a[0])
	if i < 0 {
		return nil, valueError("list.remove(x): x not in list")
	}
	l.delete(i)
	return nil, nil
}

func seqIndex(recv Value, a []Value, _ *Call) (Value, error) {
	items, _ := sequence(recv)
	from, to, _ := sliceBounds([]Value{a[1], a[2], nil}, len(items))
	if i := find(items[min(from, to):to], a[0]); i >= 0 {
		return from + i, nil
	}
	return nil, valueError("%s is not in %s", Repr(a[0]), typeName(recv))
}

func seqCount(recv Value, a []Value, _ *Call) (Value, error) {
	items, _ := sequence(recv)
	n := 0
	for _, x := range items {
		n += boolInt(equal(x, a[0]))
	}
	return n, nil
}

func listReverse(l *List, _ []Value, _ *Call) (Value, error) {
	l.Items = reversed(l.Items)
	return nil, nil
}

func reversed(items []Value) []Value {
	out := concat(nil, items)
	slices.Reverse(out)
	return out
}

func listSort(l *List, a []Value, c *Call) (Value, error) {
	if len(c.Args) > 0 {
		return nil, typeError("sort() takes no positional arguments")
	}
	keys := l.Items
	if a[0] != nil {
		keys = make([]Value, len(l.Items))
		for i, x := range l.Items {
			var err error
			if keys[i], err = c.Invoke(a[0], []Value{x}, nil); err != nil {
				return nil, err
			}
		}
	}
	sorted, err := sortBy(l.Items, keys, Truth(a[1]))
	if err == nil {
		l.Items = sorted
	}
	return nil, err
}

// sortBy sorts items stably by keys; equal ones keep their order also in reverse.
func sortBy(items, keys []Value, reverse bool) ([]Value, error) {
	idx := make([]int, len(items))
	for i := range idx {
		idx[i] = i
	}
	var failed error
	sort.SliceStable(idx, func(a, b int) bool {
		x, y := keys[idx[a]], keys[idx[b]]
		if reverse {
			x, y = y, x
		}
		c, err := order("<", x, y)
		if err != nil && failed == nil {
			failed = err
		}
		return err == nil && c == -1
	})
	out := make([]Value, len(items))
	for i, j := range idx {
		out[i] = items[j]
	}
	return out, failed
}

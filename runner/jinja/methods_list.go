package jinja

import "sort"

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

func listMethod(name string) methodFunc {
	switch name {
	case "append":
		return listAppend
	case "extend":
		return listExtend
	case "insert":
		return listInsert
	case "pop":
		return listPop
	case "remove":
		return listRemove
	case "index":
		return seqIndex
	case "count":
		return seqCount
	case "sort":
		return listSort
	case "reverse", "clear", "copy":
		return listSimple(name)
	}
	return nil
}

func tupleMethod(name string) methodFunc {
	switch name {
	case "index":
		return seqIndex
	case "count":
		return seqCount
	}
	return nil
}

func listAppend(recv Value, c *Call) (Value, error) {
	args, err := c.Bind(Required("object"))
	if err != nil {
		return nil, err
	}
	l := recv.(*List)
	l.Items = append(l.Items, args[0])
	return nil, c.s.spendItems(1)
}

func listExtend(recv Value, c *Call) (Value, error) {
	args, err := c.Bind(Required("iterable"))
	if err != nil {
		return nil, err
	}
	items, err := c.s.drain(args[0])
	if err != nil {
		return nil, err
	}
	l := recv.(*List)
	if err := c.s.spendItems(len(items)); err != nil {
		return nil, err
	}
	l.Items = append(l.Items, items...)
	return nil, nil
}

func listInsert(recv Value, c *Call) (Value, error) {
	args, err := c.Bind(Required("index"), Required("object"))
	if err != nil {
		return nil, err
	}
	i, ok := intOf(args[0])
	if !ok {
		return nil, typeError("'%s' object cannot be interpreted as an integer", typeName(args[0]))
	}
	l := recv.(*List)
	if i < 0 {
		i += len(l.Items)
	}
	i = min(max(i, 0), len(l.Items))
	items := make([]Value, 0, len(l.Items)+1)
	items = append(append(append(items, l.Items[:i]...), args[1]), l.Items[i:]...)
	l.Items = items
	return nil, c.s.spendItems(len(items))
}

func listPop(recv Value, c *Call) (Value, error) {
	args, err := c.Bind(Optional("index", -1))
	if err != nil {
		return nil, err
	}
	l := recv.(*List)
	if len(l.Items) == 0 {
		return nil, fail(KindIndex, "pop from empty list")
	}
	if _, ok := intOf(args[0]); !ok {
		return nil, typeError("'%s' object cannot be interpreted as an integer", typeName(args[0]))
	}
	i, ok := index(args[0], len(l.Items))
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
	for i, x := range items {
		if equal(x, v) {
			return i
		}
	}
	return -1
}

func listRemove(recv Value, c *Call) (Value, error) {
	args, err := c.Bind(Required("value"))
	if err != nil {
		return nil, err
	}
	l := recv.(*List)
	i := find(l.Items, args[0])
	if i < 0 {
		return nil, valueError("list.remove(x): x not in list")
	}
	l.delete(i)
	return nil, nil
}

func seqIndex(recv Value, c *Call) (Value, error) {
	items, _ := sequence(recv)
	args, err := c.Bind(Required("value"), Optional("start", 0), Optional("stop", len(items)))
	if err != nil {
		return nil, err
	}
	from, to, _ := sliceBounds([]Value{args[1], args[2], nil}, len(items))
	for i := from; i < to; i++ {
		if equal(items[i], args[0]) {
			return i, nil
		}
	}
	return nil, valueError("%s is not in %s", Repr(args[0]), typeName(recv))
}

func seqCount(recv Value, c *Call) (Value, error) {
	args, err := c.Bind(Required("value"))
	if err != nil {
		return nil, err
	}
	items, _ := sequence(recv)
	n := 0
	for _, x := range items {
		n += boolInt(equal(x, args[0]))
	}
	return n, nil
}

func listSimple(name string) methodFunc {
	return func(recv Value, c *Call) (Value, error) {
		if _, err := c.Bind(); err != nil {
			return nil, err
		}
		l := recv.(*List)
		switch name {
		case "clear":
			l.Items = nil
		case "copy":
			return NewList(append([]Value(nil), l.Items...)...), c.s.spendItems(len(l.Items))
		default:
			l.Items = reversed(l.Items)
		}
		return nil, nil
	}
}

func reversed(items []Value) []Value {
	out := make([]Value, len(items))
	for i, x := range items {
		out[len(items)-1-i] = x
	}
	return out
}

func listSort(recv Value, c *Call) (Value, error) {
	l := recv.(*List)
	if len(c.Args) > 0 {
		return nil, typeError("sort() takes no positional arguments")
	}
	args, err := c.Bind(Optional("key", nil), Optional("reverse", false))
	if err != nil {
		return nil, err
	}
	keys := append([]Value(nil), l.Items...)
	if args[0] != nil {
		for i, x := range keys {
			if keys[i], err = c.Invoke(args[0], []Value{x}, nil); err != nil {
				return nil, err
			}
		}
	}
	sorted, err := sortBy(l.Items, keys, Truth(args[1]))
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

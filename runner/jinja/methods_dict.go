package jinja

func dictMethodTable() map[string]methodFunc {
	key, dflt := Required("key"), Optional("default", nil)
	m := map[string]methodFunc{
		"get":        methodOf(dictGet, key, dflt),
		"pop":        methodOf(dictPop, key, dflt),
		"popitem":    methodOf(dictPopItem),
		"setdefault": methodOf(dictSetDefault, key, dflt),
		"fromkeys":   methodOf(dictFromKeys, Required("iterable"), Optional("value", nil)),
		"copy": methodOf(func(d *Dict, _ []Value, c *Call) (Value, error) {
			return d.copy(), c.s.spendItems(2 * d.Len())
		}),
		"clear": methodOf(func(d *Dict, _ []Value, _ *Call) (Value, error) {
			d.entries, d.index = nil, nil
			return nil, nil
		}),
		"update": func(recv Value, c *Call) (Value, error) {
			from, err := dictFrom(c)
			if err != nil {
				return nil, err
			}
			return nil, recv.(*Dict).update(c.s, from)
		},
	}
	for _, name := range []string{"keys", "values", "items"} {
		m[name] = methodOf(func(d *Dict, _ []Value, _ *Call) (Value, error) { return &dictView{d, "dict_" + name}, nil })
	}
	return m
}

// lookup finds a key; an unhashable one is a TypeError.
func (d *Dict) lookup(key Value) (Value, bool, error) {
	if _, err := hashKey(key); err != nil {
		return nil, false, err
	}
	v, ok := d.Get(key)
	return v, ok, nil
}

func dictGet(d *Dict, a []Value, _ *Call) (Value, error) {
	v, ok, err := d.lookup(a[0])
	if !ok {
		v = a[1]
	}
	return v, err
}

func dictPop(d *Dict, a []Value, c *Call) (Value, error) {
	v, ok, err := d.lookup(a[0])
	switch {
	case err != nil:
		return nil, err
	case ok:
		d.drop(a[0])
		return v, nil
	case len(c.Args) > 1:
		return a[1], nil
	}
	return nil, fail(KindKey, "%s", Repr(a[0]))
}

func dictPopItem(d *Dict, _ []Value, _ *Call) (Value, error) {
	last := d.Len() - 1
	if last < 0 {
		return nil, fail(KindKey, "'popitem(): dictionary is empty'")
	}
	e := d.entries[last]
	d.remove(last)
	return NewTuple(e.key, e.val), nil
}

func dictSetDefault(d *Dict, a []Value, _ *Call) (Value, error) {
	if v, ok, err := d.lookup(a[0]); ok || err != nil {
		return v, err
	}
	return a[1], d.put(a[0], a[1])
}

func dictFromKeys(_ *Dict, a []Value, c *Call) (Value, error) {
	keys, err := c.s.drain(a[0])
	if err != nil {
		return nil, err
	}
	d := NewDict()
	for _, k := range keys {
		if err := d.put(k, a[1]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

package jinja

func dictMethod(name string) methodFunc {
	switch name {
	case "keys", "values", "items":
		return func(recv Value, c *Call) (Value, error) {
			_, err := c.Bind()
			return &dictView{recv.(*Dict), "dict_" + name}, err
		}
	case "get":
		return dictGet
	case "pop":
		return dictPop
	case "popitem":
		return dictPopItem
	case "setdefault":
		return dictSetDefault
	case "update":
		return dictUpdate
	case "fromkeys":
		return dictFromKeys
	case "copy":
		return func(recv Value, c *Call) (Value, error) {
			if _, err := c.Bind(); err != nil {
				return nil, err
			}
			d := recv.(*Dict)
			return d.copy(), c.s.spendItems(2 * d.Len())
		}
	case "clear":
		return func(recv Value, c *Call) (Value, error) {
			_, err := c.Bind()
			d := recv.(*Dict)
			d.entries, d.index = nil, nil
			return nil, err
		}
	}
	return nil
}

// lookup finds a key; an unhashable one is a TypeError.
func (d *Dict) lookup(key Value) (Value, bool, error) {
	if _, err := hashKey(key); err != nil {
		return nil, false, err
	}
	v, ok := d.Get(key)
	return v, ok, nil
}

func dictGet(recv Value, c *Call) (Value, error) {
	args, err := c.Bind(Required("key"), Optional("default", nil))
	if err != nil {
		return nil, err
	}
	v, ok, err := recv.(*Dict).lookup(args[0])
	if !ok {
		v = args[1]
	}
	return v, err
}

func dictPop(recv Value, c *Call) (Value, error) {
	args, err := c.Bind(Required("key"), Optional("default", nil))
	if err != nil {
		return nil, err
	}
	d := recv.(*Dict)
	v, ok, err := d.lookup(args[0])
	if err != nil {
		return nil, err
	}
	if ok {
		d.drop(args[0])
		return v, nil
	}
	if len(c.Args) > 1 {
		return args[1], nil
	}
	return nil, fail(KindKey, "%s", Repr(args[0]))
}

func dictPopItem(recv Value, c *Call) (Value, error) {
	d := recv.(*Dict)
	if _, err := c.Bind(); err != nil {
		return nil, err
	}
	if d.Len() == 0 {
		return nil, fail(KindKey, "'popitem(): dictionary is empty'")
	}
	e := d.entries[d.Len()-1]
	d.remove(d.Len() - 1)
	return NewTuple(e.key, e.val), nil
}

func dictSetDefault(recv Value, c *Call) (Value, error) {
	args, err := c.Bind(Required("key"), Optional("default", nil))
	if err != nil {
		return nil, err
	}
	d := recv.(*Dict)
	if v, ok, err := d.lookup(args[0]); ok || err != nil {
		return v, err
	}
	return args[1], d.put(args[0], args[1])
}

func dictUpdate(recv Value, c *Call) (Value, error) {
	d := recv.(*Dict)
	from, err := dictFrom(c)
	if err != nil {
		return nil, err
	}
	return nil, d.update(c.s, from)
}

func dictFromKeys(_ Value, c *Call) (Value, error) {
	args, err := c.Bind(Required("iterable"), Optional("value", nil))
	if err != nil {
		return nil, err
	}
	keys, err := c.s.drain(args[0])
	if err != nil {
		return nil, err
	}
	d := NewDict()
	for _, k := range keys {
		if err := d.put(k, args[1]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

package jinja

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Dict is a mutable Python dict: insertion order, any hashable key, and 1, 1.0 and True are one key.
type Dict struct {
	entries []entry
	index   map[dictKey]int // nil while small
}

type entry struct {
	hash     dictKey
	key, val Value
}

// dictKey identifies a hashable value: equal values have equal keys.
type dictKey struct {
	kind byte // s string, i int, f float, n none, t tuple, b big, d decimal, o object
	s    string
	n    int
	o    any
}

// smallDict is the size up to which a linear search beats a map.
const smallDict = 8

// NewDict makes an empty dict.
func NewDict() *Dict { return &Dict{} }

// Len is the number of entries. A nil dict is empty.
func (d *Dict) Len() int {
	if d == nil {
		return 0
	}
	return len(d.entries)
}

// Keys lists the keys in order.
func (d *Dict) Keys() []Value {
	if d == nil {
		return nil
	}
	out := make([]Value, len(d.entries))
	for i, e := range d.entries {
		out[i] = e.key
	}
	return out
}

// Get finds the value of key; an unhashable key is absent.
func (d *Dict) Get(key Value) (Value, bool) {
	if d == nil {
		return nil, false
	}
	h, err := hashKey(key)
	if err != nil {
		return nil, false
	}
	if i := d.find(h); i >= 0 {
		return d.entries[i].val, true
	}
	return nil, false
}

// Set adds or replaces an entry, keeping the place and the spelling of an existing key. It ignores an unhashable key.
func (d *Dict) Set(key, val Value) { _ = d.put(key, val) }

func (d *Dict) put(key, val Value) error {
	h, err := hashKey(key)
	if err != nil {
		return err
	}
	if i := d.find(h); i >= 0 {
		d.entries[i].val = val
		return nil
	}
	d.entries = append(d.entries, entry{h, plain(key), val})
	if d.index != nil {
		d.index[h] = len(d.entries) - 1
	} else if len(d.entries) > smallDict {
		d.reindex()
	}
	return nil
}

func (d *Dict) find(h dictKey) int {
	if d.index != nil {
		if i, ok := d.index[h]; ok {
			return i
		}
		return -1
	}
	for i := range d.entries {
		if d.entries[i].hash == h {
			return i
		}
	}
	return -1
}

func (d *Dict) reindex() {
	d.index = nil
	if len(d.entries) <= smallDict {
		return
	}
	d.index = make(map[dictKey]int, len(d.entries))
	for i, e := range d.entries {
		d.index[e.hash] = i
	}
}

// remove drops the entry at i.
func (d *Dict) remove(i int) {
	d.entries = append(d.entries[:i:i], d.entries[i+1:]...)
	d.reindex()
}

// drop removes the entry of key, if there is one.
func (d *Dict) drop(key Value) {
	if h, err := hashKey(key); err == nil {
		if i := d.find(h); i >= 0 {
			d.remove(i)
		}
	}
}

func (d *Dict) copy() *Dict {
	if d == nil {
		return NewDict()
	}
	c := &Dict{entries: append([]entry(nil), d.entries...)}
	c.reindex()
	return c
}

// hashKey gives the identity of a hashable value.
func hashKey(v Value) (dictKey, error) {
	switch v := v.(type) {
	case string:
		return dictKey{kind: 's', s: v}, nil
	case *text:
		return dictKey{kind: 's', s: v.s}, nil
	case int:
		return dictKey{kind: 'i', n: v}, nil
	case bool:
		return dictKey{kind: 'i', n: boolInt(v)}, nil
	case nil:
		return dictKey{kind: 'n'}, nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<62 {
			return dictKey{kind: 'i', n: int(v)}, nil
		}
		return dictKey{kind: 'f', s: strconv.FormatFloat(v, 'g', -1, 64)}, nil
	case *Decimal:
		return v.hash()
	case *big.Int:
		return dictKey{kind: 'b', s: v.String()}, nil
	case *Tuple:
		return hashTuple(v, 0)
	case *List, *Dict, *dictView:
		return dictKey{}, typeError("unhashable type: '%s'", typeName(v))
	case *Undefined:
		return dictKey{kind: 'u', s: v.name}, nil
	case *Range:
		return dictKey{kind: 'r', s: v.String()}, nil
	case *Macro, *Module, *namespace, *loopContext, *method, *generator:
		return dictKey{kind: 'o', o: v}, nil
	case Hashable:
		return dictKey{kind: 'h', s: typeName(v) + "\x00" + v.Hash()}, nil
	}
	return dictKey{}, typeError("unhashable type: '%s'", typeName(v))
}

// maxHash bounds the identity of a tuple in bytes.
const maxHash = 1 << 20

func hashTuple(t *Tuple, depth int) (dictKey, error) {
	var b strings.Builder
	if depth > maxNesting {
		return dictKey{}, fail(KindRecursion, "maximum recursion depth exceeded")
	}
	for _, x := range t.Items {
		var k dictKey
		var err error
		if inner, ok := x.(*Tuple); ok {
			k, err = hashTuple(inner, depth+1)
		} else {
			k, err = hashKey(x)
		}
		if err != nil {
			return k, err
		}
		if b.Len()+len(k.s) > maxHash {
			return k, fail(KindLimit, "the key is too large")
		}
		b.WriteByte(k.kind)
		b.WriteString(strconv.Itoa(k.n))
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(len(k.s)))
		b.WriteByte(':')
		b.WriteString(k.s)
	}
	return dictKey{kind: 't', s: b.String()}, nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// dictView is what keys(), values() and items() return: it follows changes of the dict.
type dictView struct {
	d    *Dict
	kind string // dict_keys, dict_values, dict_items
}

func (v *dictView) items() []Value {
	if v.kind == "dict_keys" {
		return v.d.Keys()
	}
	out := make([]Value, len(v.d.entries))
	for i, e := range v.d.entries {
		if v.kind == "dict_values" {
			out[i] = e.val
		} else {
			out[i] = NewTuple(e.key, e.val)
		}
	}
	return out
}

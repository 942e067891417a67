package python

import (
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"sort"
	"strings"
	"unicode/utf16"

	"elt/runner/jinja"
)

// ToJSON writes a value as json.dumps does. The error tells what JSON has no form for.
func ToJSON(v jinja.Value, sortKeys bool) (string, error) {
	w := &jsonWriter{sortKeys: sortKeys}
	err := w.value(v, 0)
	return w.b.String(), err
}

type jsonWriter struct {
	b        strings.Builder
	sortKeys bool
}

func (w *jsonWriter) value(v jinja.Value, depth int) error {
	if depth > 100 {
		return valueError("circular reference detected")
	}
	if s, ok := jinja.Str(v); ok {
		w.text(s)
		return nil
	}
	switch x := v.(type) {
	case nil:
		w.b.WriteString("null")
	case bool:
		w.b.WriteString(map[bool]string{true: "true", false: "false"}[x])
	case int, *big.Int, float64:
		w.b.WriteString(strings.NewReplacer("inf", "Infinity", "nan", "NaN").Replace(jinja.ToString(x)))
	case *jinja.List:
		return w.list(x.Items, depth)
	case *jinja.Tuple:
		return w.list(x.Items, depth)
	case *jinja.Dict:
		return w.dict(x, depth)
	default:
		return typeError("%s is not JSON serializable", jinja.Repr(v))
	}
	return nil
}

func (w *jsonWriter) list(items []jinja.Value, depth int) error {
	w.b.WriteByte('[')
	for i, x := range items {
		if i > 0 {
			w.b.WriteString(", ")
		}
		if err := w.value(x, depth+1); err != nil {
			return err
		}
	}
	w.b.WriteByte(']')
	return nil
}

func (w *jsonWriter) dict(d *jinja.Dict, depth int) error {
	keys := d.Keys()
	if w.sortKeys {
		keys = append([]jinja.Value{}, keys...)
		sort.SliceStable(keys, func(i, j int) bool { return jinja.ToString(keys[i]) < jinja.ToString(keys[j]) })
	}
	w.b.WriteByte('{')
	for i, key := range keys {
		if i > 0 {
			w.b.WriteString(", ")
		}
		name := jinja.ToString(key)
		switch k := key.(type) {
		case nil:
			name = "null"
		case bool:
			name = map[bool]string{true: "true", false: "false"}[k]
		case *jinja.Tuple:
			return typeError("keys must be str, int, float, bool or None, not tuple")
		}
		w.text(name)
		w.b.WriteString(": ")
		value, _ := d.Get(key)
		if err := w.value(value, depth+1); err != nil {
			return err
		}
	}
	w.b.WriteByte('}')
	return nil
}

// text writes a string in ASCII.
func (w *jsonWriter) text(s string) {
	const hex = "0123456789abcdef"
	escape := func(u rune) {
		w.b.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			w.b.WriteByte(hex[u>>shift&15])
		}
	}
	w.b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.b.WriteString(`\` + string(r))
		case r == '\n':
			w.b.WriteString(`\n`)
		case r == '\r':
			w.b.WriteString(`\r`)
		case r == '\t':
			w.b.WriteString(`\t`)
		case r == '\b':
			w.b.WriteString(`\b`)
		case r == '\f':
			w.b.WriteString(`\f`)
		case r >= ' ' && r < 0x7f:
			w.b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			escape(high)
			escape(low)
		default:
			escape(r)
		}
	}
	w.b.WriteByte('"')
}

// FromJSON reads JSON; objects keep their order.
func FromJSON(text string) (jinja.Value, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := readJSON(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, valueError("JSON: extra data behind the value")
	}
	return v, nil
}

func readJSON(d *json.Decoder) (jinja.Value, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			list := jinja.NewList()
			for d.More() {
				v, err := readJSON(d)
				if err != nil {
					return nil, err
				}
				list.Items = append(list.Items, v)
			}
			_, err := d.Token()
			return list, err
		}
		dict := jinja.NewDict()
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := readJSON(d)
			if err != nil {
				return nil, err
			}
			dict.Set(key, v)
		}
		_, err := d.Token()
		return dict, err
	case json.Number:
		return Number(t.String()), nil
	}
	return token, nil
}

// Number is what Python reads a number as: an int, however large, or a float.
func Number(text string) jinja.Value {
	if n, ok := new(big.Int).SetString(text, 10); ok {
		if n.IsInt64() {
			return int(n.Int64())
		}
		return n
	}
	f, _ := json.Number(text).Float64()
	return f
}

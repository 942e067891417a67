package jinja

import (
	"fmt"
	"math/big"
	"strings"
	"unicode/utf16"
)

// toJSONFilter prints JSON as Jinja2's tojson: sorted keys, ASCII only, and safe inside HTML.
func toJSONFilter(a []Value, c *Call) (Value, error) {
	w := &jsonWriter{}
	switch x := a[1].(type) {
	case nil:
	case string:
		w.indent, w.pretty = x, true
	default:
		n, err := needInt(x)
		if err != nil {
			return nil, err
		}
		if n > 1000 {
			return nil, valueError("indent is too large")
		}
		w.indent, w.pretty = strings.Repeat(" ", max(n, 0)), true
	}
	if err := w.value(a[0], 0); err != nil {
		return nil, err
	}
	s := strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "'", `\u0027`).Replace(w.b.String())
	return &text{s: s, markup: true}, c.s.spend(len(s))
}

type jsonWriter struct {
	b      strings.Builder
	indent string
	pretty bool
}

func (w *jsonWriter) value(v Value, depth int) error {
	if depth > maxNesting || w.b.Len() > maxRepr {
		return valueError("circular reference detected")
	}
	switch x := plain(v).(type) {
	case nil:
		w.b.WriteString("null")
	case bool:
		fmt.Fprint(&w.b, x)
	case int, *big.Int:
		w.b.WriteString(ToString(x))
	case float64:
		w.b.WriteString(strings.NewReplacer("inf", "Infinity", "nan", "NaN").Replace(reprFloat(x)))
	case string:
		w.str(x)
	case *List:
		return w.list(x.Items, depth)
	case *Tuple:
		return w.list(x.Items, depth)
	case *Dict:
		return w.dict(x, depth)
	default:
		return typeError("object of type %s is not JSON serializable", typeName(v))
	}
	return nil
}

func (w *jsonWriter) newline(depth int) {
	if w.pretty {
		w.b.WriteByte('\n')
		for range depth {
			w.b.WriteString(w.indent)
		}
	}
}

func (w *jsonWriter) comma(i, depth int) {
	if i > 0 {
		w.b.WriteByte(',')
		if !w.pretty {
			w.b.WriteByte(' ')
		}
	}
	w.newline(depth)
}

func (w *jsonWriter) list(items []Value, depth int) error {
	w.b.WriteByte('[')
	for i, x := range items {
		w.comma(i, depth+1)
		if err := w.value(x, depth+1); err != nil {
			return err
		}
	}
	if len(items) > 0 {
		w.newline(depth)
	}
	w.b.WriteByte(']')
	return nil
}

func (w *jsonWriter) dict(d *Dict, depth int) error {
	entries, err := sortedEntries(d)
	if err != nil {
		return err
	}
	w.b.WriteByte('{')
	for i, e := range entries {
		w.comma(i, depth+1)
		switch k := e.key.(type) {
		case string:
			w.str(k)
		case *Tuple:
			return typeError("keys must be str, int, float, bool or None, not tuple")
		case nil:
			w.str("null")
		case bool:
			w.str(fmt.Sprint(k))
		default:
			w.str(ToString(k))
		}
		w.b.WriteString(": ")
		if err := w.value(e.val, depth+1); err != nil {
			return err
		}
	}
	if len(entries) > 0 {
		w.newline(depth)
	}
	w.b.WriteByte('}')
	return nil
}

func (w *jsonWriter) str(s string) {
	w.b.WriteByte('"')
	for _, r := range s {
		escape := strings.IndexRune("\"\\\n\r\t\b\f", r)
		switch {
		case escape >= 0:
			w.b.Write([]byte{'\\', `"\nrtbf`[escape]})
		case r < 0x20 || r > 0x7f && r < 0x10000:
			fmt.Fprintf(&w.b, `\u%04x`, r)
		case r >= 0x10000:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&w.b, `\u%04x\u%04x`, hi, lo)
		default:
			w.b.WriteRune(r)
		}
	}
	w.b.WriteByte('"')
}
